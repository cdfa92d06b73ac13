"""Part of the pipeline section: credit by role, marketing sources, who responds, steadiness."""

from __future__ import annotations

import pandas as pd

from planlib.charts import pipeline_sources as charts
from planlib.exchange.audience import AudienceView
from planlib.notes import notes_of
from planlib.pipeline.views import LABELS
from planlib.report.common import gaps_in
from planlib.report.parts import Block, Gap, Line, Listing, Notes, picture

_STEP = "06_pipeline"
_OPENED = (
    "Every figure of the matrix opens to its deals in sheet pipeline_deals of 06_pipeline.xlsx: "
    "filter period (the year before is there too), measure and the column of the cut. Forecast = "
    "closed_acv + weighted; win rate = closed_acv of closed_acv + lost. Credit by role opens in "
    "credit_deals, marketing in marketing_deals."
)


def decided(view: AudienceView) -> list[Line]:
    """Say what credit and sources show."""
    return [Line(text, step=_STEP) for text in notes_of(view.rows("marketing_notes"), "headline")]


def gaps(view: AudienceView) -> list[Gap]:
    """Say what could not be computed on credit and sources."""
    return gaps_in(view.rows("marketing_notes"), "Pipeline", _STEP)


def blocks(view: AudienceView) -> list[Block]:
    """Give pictures and tables on credit and sources; none when the step wrote none."""
    if view.rows("marketing_notes").empty:
        return []
    currency = view.plan.currency
    found: list[Block] = [Notes([_OPENED], "Deals behind the figures")]
    found += [block for block in (_behind(view),) if block is not None]
    creation = view.rows("creation_credit")
    if creation["amount_share"].notna().any():
        found.append(picture(charts.plot_creation(creation, currency)))
    found += _credit(view)
    found += _marketing(view)
    found += _teams(view)
    found.append(
        Notes(
            notes_of(view.rows("marketing_notes"), "caution"), "Credit and sources: read with care"
        )
    )
    found.append(
        Notes(
            notes_of(view.rows("marketing_notes"), "definition"), "Credit and sources: definitions"
        )
    )
    return found


def _behind(view: AudienceView) -> Listing | None:
    """Show the largest deals behind closed, open and generated amounts."""
    deals = view.rows("pipeline_deals")
    first = deals["period"].iloc[0] if len(deals) else ""
    shown = deals[deals["measure"].isin(["closed_acv", "open_in_period", "generated"])]
    shown = shown[shown["period"] == first]
    if shown.empty:
        return None
    ordered = shown.sort_values(
        ["measure", "amount", "opportunity_id"], ascending=[True, False, True]
    )
    names = [
        "measure",
        "opportunity_id",
        "name",
        "amount",
        "close_date",
        "region",
        "segment",
        "deal_type",
    ]
    largest = ordered.groupby("measure", sort=False, observed=True).head(5)
    frame = largest[[name for name in names if name in largest.columns]].reset_index(drop=True)
    return Listing(
        name="Deals behind the figures",
        frame=frame.assign(measure=frame["measure"].map(LABELS)),
        title="Largest deals behind closed, generated and open amounts",
        subtitle=f"five of each, {view.plan.currency}, as of {view.as_of}",
        labels={"measure": "Figure", "opportunity_id": "Deal id", "name": "Deal"},
        formats={"amount": "amount"},
        limit=None,
    )


def _credit(view: AudienceView) -> list[Block]:
    found: list[Block] = []
    handed = view.rows("handover_credit")
    if len(handed):
        columns = ["role", "created_count", "handed_count", "handed_share", "handover_days",
                   "judged_count", "kept_share", "low", "high"]  # fmt: skip
        found.append(
            Listing(
                name="Hand-over",
                frame=handed[columns],
                title="Hand-over by creating role",
                subtitle=f"deals created {handed['cohort_from'].iloc[0]:%Y-%m-%d} to "
                f"{handed['cohort_to'].iloc[0]:%Y-%m-%d}; kept: not lost within "
                f"{view.plan.marketing.handover_days} days; 95 % interval",
                labels={"handover_days": "Days, at most", "low": "from", "high": "to"},
                formats={"handed_share": "share", "kept_share": "share", "low": "share",
                         "high": "share", "handover_days": "number"},
                grey=handed["is_grey"],
            )
        )  # fmt: skip
    closing = view.rows("closing_credit")
    closing = closing[closing["credit_by"].isin(["all", "role"])].reset_index(drop=True)
    if len(closing):
        columns = ["credit_value", "deal_count", "counted_amount", "overlay_amount",
                   "credited_amount", "closed_acv", "difference_amount"]  # fmt: skip
        found.append(
            Listing(
                name="Closing credit",
                frame=closing[columns],
                title=f"Closing credit by role, {closing['period'].iloc[0]}",
                subtitle="counted credit adds up to closed ACV once; credited may exceed it",
                labels={"credit_value": "Role on the close date", "closed_acv": "Closed ACV",
                        "difference_amount": "Counted - closed ACV"},
                formats=dict.fromkeys(columns[2:], "amount"),
                missing={"closed_acv": "stands on the row of all",
                         "difference_amount": "stands on the row of all"},
            )
        )  # fmt: skip
    return found


def _marketing(view: AudienceView) -> list[Block]:
    currency, model = view.plan.currency, view.plan.marketing.credit
    sources, balance = view.rows("marketing_sources"), view.rows("marketing_balance")
    response = view.rows("marketing_response")
    found: list[Block] = []
    if len(sources):
        scope = str(sources["scope"].iloc[-1])
        found.append(picture(charts.plot_sources(sources, scope, model, currency)))
        found.append(source_listing(sources, scope, model, currency))
    if len(balance):
        scope = str(balance["scope"].iloc[-1])
        found.append(picture(charts.plot_marketing_balance(balance, scope, currency)))
    reached = view.rows("marketing_accounts")
    if len(reached):
        found.append(_reached(reached[reached["scope"] == reached["scope"].iloc[-1]], currency))
    if len(response):
        scope = str(response["scope"].iloc[-1])
        found.append(picture(charts.plot_response(response, scope, "level")))
    return found


def _reached(rows: pd.DataFrame, currency: str) -> Listing:
    """Show the accounts that account-based campaigns reached."""
    return Listing(
        name="Account-based accounts",
        frame=rows.drop(columns="scope").reset_index(drop=True),
        title="Accounts that account-based campaigns have reached",
        subtitle=f"{currency}, {rows['scope'].iloc[0]}; what came in these days, from the first "
        "touch on",
        labels={"first_touch_date": "First touch", "touch_count": "Touches",
                "engaged_count": "Came to us", "created_count": "Deals created",
                "pipeline_amount": "Pipeline", "pipeline_credited_amount": "of it credited",
                "won_count": "Won", "acv_amount": "Closed ACV",
                "acv_credited_amount": "Credited ACV"},
        formats=dict.fromkeys(("pipeline_amount", "pipeline_credited_amount", "acv_amount",
                               "acv_credited_amount"), "amount"),
        limit=5,
    )  # fmt: skip


def source_listing(sources: pd.DataFrame, scope: str, model: str, currency: str) -> Listing:
    """Give the table of sources of one scope and credit model, the unattributed part last."""
    rows = charts.source_rows(sources, scope, model)
    return Listing(
        name="Marketing sources",
        frame=rows.drop(columns="is_grey"),
        title="Marketing sources: pipeline, ACV and cost",
        subtitle=charts.source_basis(scope, model, currency),
        labels=charts.SOURCE_LABELS,
        formats=charts.SOURCE_FORMATS,
        grey=rows["is_grey"],
        missing=charts.SOURCE_MISSING,
        limit=None,
    )


def _teams(view: AudienceView) -> list[Block]:
    teams = view.rows("team_predictability")
    if len(teams) < 2:
        return []
    columns = ["team", "decided_count", "win_rate", "low", "high", "shrunk_rate", "quarter_low",
               "quarter_high", "is_stable", "acv_mean_amount", "acv_variation"]  # fmt: skip
    return [
        Listing(
            name="Predictability",
            frame=teams[columns],
            title="How steady each team is",
            subtitle=f"{int(teams['quarter_count'].iloc[0])} full quarters until "
            f"{teams['to_date'].iloc[0]:%Y-%m-%d}; won of decided deals, 95 % interval",
            labels={"shrunk_rate": "Drawn to all", "quarter_low": "Lowest quarter",
                    "quarter_high": "Highest quarter", "is_stable": "Steady",
                    "acv_mean_amount": "ACV a quarter", "acv_variation": "Deviation / mean"},
            formats={**dict.fromkeys(["win_rate", "low", "high", "shrunk_rate", "quarter_low",
                                      "quarter_high"], "share"), "acv_mean_amount": "amount",
                     "acv_variation": "number"},
            grey=teams["is_grey"],
        )
    ]  # fmt: skip
