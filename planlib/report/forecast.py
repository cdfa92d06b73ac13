"""Part of the pipeline section: what the period closes at, how sure that is, what must be open."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from planlib.charts import forecast as charts
from planlib.charts.base import money
from planlib.displays import Fact, Tone
from planlib.exchange.audience import AudienceView
from planlib.forecast import deals_basis, method_name, with_method_names
from planlib.forecast.over_time import errors_over_time
from planlib.notes import notes_of, percent
from planlib.report.common import filled, gaps_in
from planlib.report.parts import Block, Line, Listing, Notes, Section, picture

STEP = "06_pipeline"
_DEALS = 10
_TOTAL = "total"
_SURE, _DOUBTFUL = 0.6, 0.4  # chance to reach the target from which it is good, below which bad


def extend(section: Section, view: AudienceView) -> Section:
    """
    Add the forecast to the pipeline section; unchanged when the step wrote none.

    Parameters
    ----------
    section
        The pipeline section.
    view
        Tables as the audience may see them.
    """
    notes = view.rows("forecast_notes")
    if notes.empty:
        return section
    lines = [Line(text, step=STEP) for text in notes_of(notes, "headline")[:2]]
    return replace(
        section,
        decided=[*section.decided, *lines],
        asks=[*section.asks, *_asks(view)],
        gaps=[*section.gaps, *gaps_in(notes, "Forecast", STEP)],
        facts=[*section.facts, *_facts(view)],
        blocks=[*section.blocks, *_blocks(view, notes)],
    )


def _chosen(view: AudienceView) -> pd.DataFrame:
    forecast = view.rows("forecast")
    return forecast[forecast["is_chosen"].fillna(False).astype(bool)]


def _facts(view: AudienceView) -> list[Fact]:
    chosen = _chosen(view)
    total = chosen[chosen["cut"] == _TOTAL]
    if total.empty:
        return []
    row = total.iloc[0]
    note, tone = f"method {method_name(row['method'])}", ""
    if pd.notna(row["p10_amount"]):
        note = f"P10 {money(row['p10_amount'])}, P90 {money(row['p90_amount'])}"
    if pd.notna(row["target_chance"]):
        note += f"; reaches the target in {percent(row['target_chance'])} of draws"
        high, low = row["target_chance"] >= _SURE, row["target_chance"] < _DOUBTFUL
        tone = "good" if high else "bad" if low else "watch"
    shown: Tone = tone  # type: ignore[assignment]
    label = f"Forecast {row['period']}, {view.plan.currency}"
    return [Fact(label, money(row["point_amount"]), note, shown)]


def _asks(view: AudienceView) -> list[Line]:
    """
    Name cells that are short of the coverage that past periods needed, with what is missing.

    Red cells of the council are left out: it asks for them, with their cause.
    """
    coverage, agenda = view.rows("required_coverage"), view.rows("council_agenda")
    keys = ["period", "cut", "cut_value"]
    asked = set(agenda.loc[agenda["kind"] == "red_cell", keys].itertuples(index=False, name=None))
    coverage = coverage.assign(
        short_amount=coverage["to_go_amount"]
        - coverage["open_amount"] / coverage["required_coverage"]
    )
    known = pd.Series(
        [one in asked for one in coverage[keys].itertuples(index=False, name=None)],
        index=coverage.index, dtype="bool",
    )  # fmt: skip
    now = coverage[
        coverage["is_current"].fillna(False).astype(bool)
        & coverage["status"].eq("short")
        & ~known
        & ~coverage["is_grey"].fillna(False).astype(bool)
        & coverage["cut"].ne(_TOTAL)
    ]
    lines = []
    for row in now.sort_values("short_amount", ascending=False).head(3).to_dict("records"):
        lines.append(
            Line(
                f"{row['cut_value']}: {row['coverage']:.1f} times what is left to the target is "
                f"open, past periods needed {row['required_coverage']:.1f}: create pipeline or "
                "correct the forecast",
                float(row["short_amount"]),
                STEP,
            )
        )
    return lines


def _blocks(view: AudienceView, notes: pd.DataFrame) -> list[Block]:
    currency = view.plan.currency
    forecast, backtest = view.rows("forecast"), view.rows("forecast_backtest")
    methods, coverage = view.rows("forecast_methods"), view.rows("required_coverage")
    found: list[Block] = []
    if len(forecast):
        found.append(picture(charts.plot_fan(forecast, backtest, currency)))
        found.append(_cells(view, _chosen(view)))
    if len(backtest):
        found.append(picture(charts.plot_errors(backtest, methods)))
    if len(methods):
        found.append(_methods(methods))
        found += _over_time(backtest, methods)
    if coverage["required_coverage"].notna().any():
        found.append(picture(charts.plot_required(coverage, _cut(coverage))))
    curves = view.rows("pacing_curves")
    if curves["usual_share"].notna().any():
        first = str(curves["period"].iloc[0])
        found.append(picture(charts.plot_usual_pace(curves, first)))
    found += [*_calls(view), *_deals(view), *_reliance(view)]
    if len(view.rows("forecast_calibration")):
        found.append(picture(charts.plot_calibration(view.rows("forecast_calibration"))))
    found.append(Notes(notes_of(notes, "headline"), "What the forecast says"))
    found.append(Notes(notes_of(notes, "caution"), "Forecast: read with care"))
    found.append(Notes(notes_of(notes, "definition"), "Forecast: definitions"))
    found.append(Notes(notes_of(notes, "method"), "Forecast: methods"))
    return found


def _cut(coverage: pd.DataFrame) -> str:
    """Give the cut whose cells have targets, else the first one."""
    cells = coverage[coverage["cut"] != _TOTAL]
    with_target = cells[cells["target_amount"].notna()]
    rows = with_target if len(with_target) else cells
    return str(rows["cut"].iloc[0]) if len(rows) else _TOTAL


def _cells(view: AudienceView, chosen: pd.DataFrame) -> Listing:
    columns = ["cut", "cut_value", "won_amount", "to_come_amount", "point_amount", "p10_amount",
               "p90_amount", "target_amount", "target_chance"]  # fmt: skip
    rows = chosen.reset_index(drop=True)
    frame = filled(rows[columns].assign(cut=rows["cut"].str.replace("_", " ")))
    row = chosen.iloc[0]
    return Listing(
        name="Forecast",
        frame=frame,
        title=f"What {row['period']} closes at, by cell",
        subtitle=f"{view.plan.currency}, as of {row['as_of']:%Y-%m-%d}, method "
        f"{method_name(row['method'])}; P10 and P90 of cells do not add up",
        labels={"cut": "Cut", "cut_value": "", "won_amount": "Won", "to_come_amount": "To come",
                "point_amount": "Forecast", "p10_amount": "P10", "p90_amount": "P90",
                "target_amount": "Target", "target_chance": "Reaches target"},
        formats={"target_chance": "share"},
        grey=rows["is_grey"].fillna(False).astype(bool),
        limit=view.plan.report.rows,
    )  # fmt: skip


def _methods(methods: pd.DataFrame) -> Listing:
    columns = ["method", "kind", "periods_count", "mae_share", "near_share", "bias_share",
               "wape_share", "brier_score", "covered_share", "beats_baselines", "note"]  # fmt: skip
    frame = with_method_names(methods[columns])
    beats = methods["beats_baselines"].map({True: "yes", False: "no"}, na_action="ignore")
    used = methods["is_chosen"].fillna(False).astype(bool)
    tones = pd.DataFrame({"method": pd.Series("", index=frame.index).mask(used, "accent")})
    shares = ("mae_share", "near_share", "bias_share", "wape_share", "covered_share")
    return Listing(
        name="Forecast methods",
        frame=frame.assign(beats_baselines=beats.astype("str").fillna("")),
        title="How every method did in the past",
        subtitle="errors of the period's total as shares of the final amount; coloured: used",
        labels={"mae_share": "Mean error", "near_share": "Near this week", "bias_share": "Bias",
                "wape_share": "Error over cells", "brier_score": "Brier", "periods_count":
                "Periods", "covered_share": "P10 to P90 held", "beats_baselines":
                "Beats baselines"},
        formats={**dict.fromkeys(shares, "share"), "brier_score": "number"},
        colors=tones.reset_index(drop=True),
        limit=None,
    )  # fmt: skip


def _over_time(backtest: pd.DataFrame, methods: pd.DataFrame) -> list[Block]:
    """Show whether forecasts got better from period to period."""
    rows = errors_over_time(backtest, methods)
    if rows.empty:
        return []
    return [
        Listing(
            name="Forecast error by period",
            frame=with_method_names(rows),
            title="How far off forecasts were, period by period",
            subtitle="of the total, as shares of the final amount; mean over the weeks of the "
            "period; the method in use first; bias above zero: too high",
            labels={"weeks_count": "Weeks", "mae_share": "Mean error", "bias_share": "Bias"},
            formats=dict.fromkeys(("mae_share", "bias_share"), "share"),
            limit=None,
            in_page=False,
        )
    ]  # fmt: skip


def _calls(view: AudienceView) -> list[Block]:
    review = view.rows("forecast_call_review")
    if review.empty:
        return []
    first = review["category"].mode().iloc[0]
    kept = "most_likely" if (review["category"] == "most_likely").any() else first
    rows = review[review["category"] == kept]
    last = rows[rows["day_date"] == rows["day_date"].max()]
    columns = ["manager", "call_amount", "p10_amount", "p50_amount", "p90_amount", "gap_amount",
               "final_amount", "past_ratio", "past_low", "past_high", "periods_count"]  # fmt: skip
    return [
        picture(charts.plot_calls(review, view.plan.currency)),
        Listing(
            name="Calls",
            frame=filled(last[columns].reset_index(drop=True)),
            title=f"Managers' calls of {last['period'].iloc[0]} beside the model",
            subtitle=f"{kept.replace('_', ' ')}, {view.plan.currency}, "
            f"{last['day_date'].iloc[0]:%Y-%m-%d}; past ratio: median of final / call at this "
            "week of earlier periods, with an interval of at least 80 %",
            labels={"call_amount": "Call", "p10_amount": "P10", "p50_amount": "P50",
                    "p90_amount": "P90", "gap_amount": "Call - P50", "final_amount": "Closed at",
                    "past_ratio": "Past ratio", "past_low": "from", "past_high": "to",
                    "periods_count": "Periods"},
            formats=dict.fromkeys(("past_ratio", "past_low", "past_high"), "number"),
            limit=view.plan.report.rows,
        ),
    ]  # fmt: skip


def _reliance(view: AudienceView) -> list[Block]:
    """Show how well pipeline told what was won later, by cell."""
    rows = view.rows("pipeline_reliance")
    rows = rows[rows["ratio"].notna() & rows["cut_value"].ne("(unknown)")].reset_index(drop=True)
    if rows.empty:
        return []
    columns = ["lag_periods", "cut", "cut_value", "periods_count", "ratio", "ratio_low",
               "ratio_high", "correlation", "error_share", "baseline_error_share"]  # fmt: skip
    shares = ("error_share", "baseline_error_share")
    return [
        Listing(
            name="Pipeline and later ACV",
            frame=rows[columns].assign(cut=rows["cut"].str.replace("_", " ")),
            title="How well the pipeline at the start told what was won later",
            subtitle="lag 0: open with a close date in the period, against what was won in it; lag "
            "2: all that was open, against two periods later; errors: see definitions",
            labels={"lag_periods": "Lag", "cut": "Cut", "cut_value": "", "periods_count": "Periods",
                    "ratio": "Won for each 1 open", "ratio_low": "from", "ratio_high": "to",
                    "error_share": "Error by pipeline",
                    "baseline_error_share": "Error by the period before"},
            formats={**dict.fromkeys(("ratio", "ratio_low", "ratio_high", "correlation"), "number"),
                     **dict.fromkeys(shares, "share")},
            grey=rows["is_grey"].fillna(False).astype(bool),
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _which(deals: pd.DataFrame, most: int) -> str:
    """Say which open deals are listed: all, or those with the largest expected amount."""
    if len(deals) < most:
        return "all open deals, largest expected amount first"
    return f"the {len(deals)} open deals with the largest expected amount"


def _deals(view: AudienceView) -> list[Block]:
    deals = view.rows("forecast_deals")
    if deals.empty:
        return []
    columns = ["opportunity_id", "name", "owner", "amount", "close_date", "win_share",
               "crm_probability", "amount_factor", "expected_amount", "reasons"]  # fmt: skip
    shown = deals[[name for name in columns if name in deals.columns]]
    return [
        Listing(
            name="Forecast deals",
            frame=filled(shown).reset_index(drop=True),
            title=f"Chance of open deals to be won in {deals['period'].iloc[0]}",
            subtitle=f"{view.plan.currency}, {_which(deals, view.plan.forecast.deals)}; "
            f"{deals_basis(deals, view.rows('forecast'))}",
            labels={"opportunity_id": "Deal id", "name": "Deal", "win_share": "Chance",
                    "crm_probability": "CRM", "amount_factor": "Amount factor",
                    "expected_amount": "Expected"},
            formats={"win_share": "share", "crm_probability": "share", "amount_factor": "number"},
            limit=_DEALS,
        )
    ]  # fmt: skip
