"""Part of the key-account section: roll-forward of needs, white space, capability, proposals."""

from __future__ import annotations

import pandas as pd

from planlib.charts import key_account_needs as charts
from planlib.exchange.audience import AudienceView
from planlib.key_accounts import penetration
from planlib.notes import count_of
from planlib.report.common import account_names, amount_of, filled, named
from planlib.report.parts import Block, Gap, Line, Listing, picture

_STEP = "05_key_accounts"


def asks(view: AudienceView) -> list[Line]:
    """Ask people to confirm proposals."""
    proposals = view.rows("need_proposals")
    waiting = proposals[proposals["status"] == "proposed"]
    if waiting.empty:
        return []
    text = (
        f"{count_of(len(waiting), 'proposed need')} of key accounts wait: confirm or reject in "
        "overrides/need_proposals.csv"
    )
    return [Line(text, amount_of(waiting["value"]), _STEP)]


def problems(view: AudienceView) -> list[Line]:
    """Name needs that are overdue and skill hours that nobody can give."""
    lines = []
    needs = view.rows("key_account_needs")
    late = needs[needs["is_overdue"].fillna(False).astype(bool)]
    if len(late):
        text = f"{count_of(len(late), 'open need')} past the horizon of the record"
        lines.append(Line(text, amount_of(late["value"]), _STEP))
    capability = view.rows("capability_gaps")
    whole = capability[capability["skill"] == "all"]
    hours = float(whole["unmet_hours"].sum())
    if hours > 0:
        months = count_of(int((whole["unmet_hours"] > 0).sum()), "month")
        text = f"needs ask for {hours:,.0f} skill hours that nobody can give, in {months}"
        lines.append(Line(text, step=_STEP))
    return lines


def gaps(view: AudienceView) -> list[Gap]:
    """Say what could not be computed on needs."""
    found = []
    if not view.has("products"):
        found.append(
            Gap(
                "White space by buying centre and offering",
                "there are no products",
                "table products",
                _STEP,
                frozenset({"products"}),
            )
        )
    if view.rows("capability_gaps").empty:
        found.append(
            Gap(
                "Skill hours of needs against those of experts",
                "no open need asks for hours of a skill",
                "needs.skill, needs.skill_hours and table experts",
                _STEP,
                frozenset({"needs.skill", "needs.skill_hours", "experts"}),
            )
        )
    elif not view.has("experts"):
        found.append(Gap("Hours of experts", "there are no experts", "table experts", _STEP,
                         frozenset({"experts"})))  # fmt: skip
    return found


def blocks(view: AudienceView) -> list[Block]:
    """Give pictures and tables on needs."""
    currency, names = view.plan.currency, account_names(view)
    found: list[Block] = []
    flow = view.rows("key_account_need_flow")
    if "opening" in set(flow["part"]):
        found += [picture(charts.plot_need_flow(flow, currency, view.as_of)), _flow(flow, currency)]
    cells = view.rows("key_account_white_space")
    if len(cells):
        found += _space(view, cells, names)
    capability = view.rows("capability_gaps")
    if len(capability):
        found.append(picture(charts.plot_capability(capability, view.as_of)))
    found += [*_offerings(view), *_short(view, names)]
    proposals = view.rows("need_proposals")
    waiting = proposals[proposals["status"] == "proposed"]
    if len(waiting):
        found.append(_proposals(view, waiting, names))
    return found


def _offerings(view: AudienceView) -> list[Block]:
    """Give needs by kind of offering and horizon, with the part that our offer covers."""
    rows = view.rows("key_account_offerings")
    if rows.empty:
        return []
    return [
        Listing(
            name="Needs by offering",
            frame=rows,
            title="What key accounts need, by kind of offering and horizon",
            subtitle=f"{view.plan.currency}; fit: part of value x likelihood that our offer covers",
            formats={
                "value": "amount",
                "expected_value": "amount",
                "gap_value": "amount",
                "fit_share": "share",
            },
            labels={"kind": "Kind", "fit_share": "Fit"},
            missing={"fit_share": "value, likelihood or fit not known"},
            limit=view.plan.report.rows,
        )
    ]


def _short(view: AudienceView, names: pd.Series) -> list[Block]:
    """Give the needs whose skill hours are not there when they are needed."""
    rows = view.rows("key_account_need_gaps")
    rows = rows[rows["state"].isin(["short", "no expert"])]
    if rows.empty:
        return []
    rows = rows.assign(account=named(rows["account_id"], names)).reset_index(drop=True)
    return [
        Listing(
            name="Needs short of experts",
            frame=rows[["need_id", "account", "need", "skill", "skill_hours", "short_hours",
                        "gap_value", "reason"]],
            title="Needs whose skill hours are not there when they are needed",
            subtitle="needs of one skill and month share the lack by the hours that they ask for",
            formats={"gap_value": "amount"},
            units={"gap_value": view.plan.currency},
            missing={"gap_value": "likelihood or fit not known"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _flow(flow: pd.DataFrame, currency: str) -> Listing:
    wide = flow.pivot(index="part", columns="horizon", values="value")
    order = flow.sort_values("place")["part"].drop_duplicates()
    return Listing(
        name="Roll-forward of needs",
        frame=wide.reindex(order)[flow["horizon"].drop_duplicates()].reset_index(),
        title="Roll-forward of the needs register",
        subtitle=f"{currency}, accounts that are not key included; the parts add up to the closing "
        "value in each horizon",
        formats=dict.fromkeys(wide.columns, "amount"),
        limit=None,
    )


def _space(view: AudienceView, cells: pd.DataFrame, names: pd.Series) -> list[Block]:
    products = view.get("products")
    titles: pd.Series = pd.Series(dtype="str")
    if products is not None:
        titles = products.drop_duplicates("product_id").set_index("product_id")["name"]
    spaces = penetration(cells)
    rows = spaces.assign(account=named(spaces["account_id"], names)).drop(columns="account_id")
    rows.insert(0, "account", rows.pop("account"))
    first = spaces["account_id"].iloc[0]
    currency = view.plan.currency
    one = charts.plot_white_space(
        cells,
        titles,
        currency,
        account_id=first,
        account_name=str(names.get(first, first)),
        as_of=view.as_of,
    )
    return [
        picture(charts.plot_white_space(cells, titles, currency, as_of=view.as_of)),
        picture(one),
        Listing(
            name="White space",
            frame=rows,
            title="Key accounts with the largest white space",
            subtitle="share owned = owned / cells of buying centre x offering that fit the account"
            "; worth of a gap: value of the need in the register, else what buyers of the industry "
            "spend on the offering in a year (median, shared by the centres that may buy it), "
            "within the potential left",
            labels={
                "eligible_count": "Cells that fit",
                "owned_count": "Owned",
                "pipeline_count": "In the pipeline",
                "gap_count": "Gaps",
                "penetration_share": "Share owned",
                "gap_amount": "Worth of the gaps",
                "register_amount": "Of it needs in the register",
            },
            formats={
                "gap_amount": "amount",
                "register_amount": "amount",
                "penetration_share": "share",
            },
            units={"gap_amount": currency, "register_amount": currency},
            missing={"gap_amount": "not known", "register_amount": "none in a gap"},
            limit=view.plan.report.rows,
        ),
    ]


def _proposals(view: AudienceView, waiting: pd.DataFrame, names: pd.Series) -> Listing:
    ordered = waiting.sort_values(["value", "proposal_id"], ascending=[False, True])
    rows = ordered.assign(account=named(ordered["account_id"], names)).reset_index(drop=True)
    kept = ["account", "need", "horizon", "value", "likelihood", "reason", "proposal_id"]
    return Listing(
        name="Proposed needs",
        frame=filled(rows[kept]),
        title="Needs that the data propose and the register does not hold",
        subtitle="they join the register when a person confirms them",
        units={"value": view.plan.currency},
        formats={"value": "amount", "likelihood": "share"},
        missing={"likelihood": "a person's judgement", "value": "not known"},
        limit=view.plan.report.rows,
    )
