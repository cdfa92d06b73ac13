"""Headlines, cautions and definitions of the forecast, computed from its tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.forecast.accuracy import Choice
from planlib.forecast.inputs import Inputs
from planlib.forecast.methods import method_name
from planlib.notes import note_rows, percent
from planlib.pipeline.words import short_money

DEFINITIONS: dict[str, str] = {
    "forecast": "What the period closes at: won so far + what is still to come, as known on the "
    "as-of date.",
    "P10, P50, P90": "In one of ten cases the period closes below P10, in five below P50, in nine "
    "below P90: open deals won or not by chance, deals not created yet, and a common shock on "
    "both.",
    "common shock": "One factor on the chance of all deals at once, because a bad quarter is bad "
    "for many deals; its size is fitted to the errors of past forecasts.",
    "interval of cells": "One more factor of each cell's own, fitted per cut to past errors: a "
    "method may be right in sum and wrong about its parts.",
    "cells": "Cells add up to the total. Methods that know only stage, category, age or pushes "
    "give each cell its share by what such cells brought in past periods.",
    "same week": "Past periods are read on the day by which the same share of their working days "
    "had passed, between two known weeks on a straight line.",
    "required coverage": "1 / (won in the period from this week on / open in the period at this "
    "week), pooled over past periods; never 1 / win rate. It counts deals that come later.",
    "coverage": "Open in the period / (target - won so far); 'met' once the target is reached.",
    "backtest": "At every past week the forecast is made again from what was known then; models "
    "learn from earlier periods only. A method must beat both baselines to be used.",
    "pipeline told": "Each past period by its open pipeline at the start x won / open of the other "
    "periods; beside it, by what the last period before the start had won. Errors without sign / "
    "won.",
    "deals to come": "Won deals of past periods that were created, or moved into the period, after "
    "the same week; average per period.",
    "chance of a deal": "By the method with the smallest Brier score (mean squared difference of "
    "chance and outcome) for single deals in the past; the forecast may be made by another one. "
    "Expected amount: amount x chance x amount factor.",
    "amount factor": "What past periods won / amount x chance of their open deals: discounts, "
    "deals that grow, and large deals that win less often.",
    "small cells": "A cell with few deals leans on its parent: own weight = deals / (deals + prior "
    "deals). Grey: too few deals or past periods.",
}


def headlines(inputs: Inputs, tables: Mapping[str, pd.DataFrame], choice: Choice) -> list[str]:
    """
    Say what a leader should know first.

    Parameters
    ----------
    inputs
        What the forecast rests on.
    tables
        Tables of the forecast by name.
    choice
        The method that is used.
    """
    lines = []
    forecast = tables["forecast"]
    total = forecast[(forecast["cut"] == "total") & forecast["is_chosen"].fillna(False)]
    if len(total):
        lines.append(_forecast_line(inputs, total.iloc[0]))
        lines.append(f"Method: {method_name(choice.method)}, {choice.reason}.")
    lines += _tested_line(choice)
    lines += _coverage_line(tables["required_coverage"])
    lines += _days_line(inputs, tables["working_days"])
    lines += _reliance_line(tables["pipeline_reliance"])
    return lines


def _forecast_line(inputs: Inputs, row: pd.Series) -> str:
    currency = inputs.currency
    text = f"{row['period']} is expected to close at {short_money(row['point_amount'], currency)}"
    if pd.notna(row["p10_amount"]):
        text += f" (P10 {short_money(row['p10_amount'])}, P90 {short_money(row['p90_amount'])})"
    if inputs.as_of < inputs.period.start:
        text += "; it has not begun"
    else:
        text += f", {short_money(row['won_amount'])} of it won by {inputs.as_of}"
    if pd.notna(row["target_chance"]):
        text += (
            f"; the target of {short_money(row['target_amount'], currency)} is reached in "
            f"{percent(row['target_chance'])} of the draws"
        )
    return text + "."


def _tested_line(choice: Choice) -> list[str]:
    tested = choice.summary[choice.summary["periods_count"].fillna(0) > 0]
    losers = tested[tested["beats_baselines"].eq(False).fillna(False)]
    mine = tested[tested["method"] == choice.method]
    lines = []
    if len(mine) and pd.notna(mine.iloc[0]["covered_share"]):
        row = mine.iloc[0]
        way = "high" if row["bias_share"] > 0 else "low"
        lines.append(
            f"In {row['forecasts_count']} past weeks it missed the close by "
            f"{percent(row['mae_share'], 1)} "
            f"on average, {percent(row['near_share'], 1)} near this week of the period, "
            f"{percent(abs(row['bias_share']), 1)} too {way} in the mean; the P10 to P90 "
            "interval held in "
            f"{percent(row['covered_share'])} of them (80 % are meant)."
        )
    if len(losers):
        names = ", ".join(losers["method"].map(method_name))
        lines.append(f"Not used, because they do not beat the baselines on this data: {names}.")
    return lines


def _coverage_line(coverage: pd.DataFrame) -> list[str]:
    if coverage.empty:
        return []
    now = coverage[coverage["is_current"] & (coverage["cut"] == "total")]
    if now.empty or pd.isna(now.iloc[0]["required_coverage"]):
        return []
    row = now.iloc[0]
    text = (
        f"At week {row['week_of_period']} of {row['period']} past periods needed "
        f"{row['required_coverage']:.1f} open for each 1 won from then on"
    )
    if row["status"] == "met":
        return [text + "; the target is met."]
    if pd.notna(row["coverage"]):
        text += f"; open pipeline covers {row['coverage']:.1f} times what is left to the target"
    short = coverage[coverage["is_current"] & coverage["status"].eq("short") & ~coverage["is_grey"]]
    names = [f"{r.cut_value}" for r in short[short["cut"] != "total"].itertuples()]
    if names:
        text += (
            "; short even at the upper end of the 80 % interval of past conversion: "
            f"{', '.join(names[:4])}"
        )
    return [text + "."]


def _days_line(inputs: Inputs, days: pd.DataFrame) -> list[str]:
    mine = days[(days["period"] == inputs.period.name)]
    if mine.empty:
        return []
    size = mine["shift_days"].abs().max()
    if size == 0:
        return []
    row = mine.iloc[int(mine["shift_days"].abs().to_numpy().argmax())]
    way = "more" if row["shift_days"] > 0 else "fewer"
    return [
        f"Working days: by {row['day_date']:%Y-%m-%d} {row['period']} has had "
        f"{abs(row['shift_days'])} {way} than {row['prior_period']} by "
        f"{row['prior_date']:%Y-%m-%d}; weeks are compared by share of working days."
    ]


def _reliance_line(reliance: pd.DataFrame) -> list[str]:
    mine = reliance[(reliance["cut"] == "total") & (reliance["lag_periods"] == 0)]
    if mine.empty or pd.isna(mine.iloc[0]["ratio"]):
        return []
    row = mine.iloc[0]
    text = (
        f"Over {row['periods_count']} periods {row['ratio']:.2f} was won for each 1 open at the "
        "start"
    )
    if pd.notna(row["ratio_low"]):
        text += f" ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
    if pd.notna(row["correlation"]):
        text += f"; correlation {row['correlation']:.2f}"
        if pd.notna(row["correlation_low"]):
            text += f" ({row['correlation_low']:.2f} to {row['correlation_high']:.2f})"
    lines = [text + "."]
    if pd.notna(row["error_share"]):
        better = row["error_share"] < row["baseline_error_share"]
        lines.append(
            f"Told by the pipeline at their start, past periods would have been off by "
            f"{percent(row['error_share'])}; told by the period before by "
            f"{percent(row['baseline_error_share'])}: pipeline "
            + ("says more." if better else "says no more than that.")
        )
    return lines


def cautions(inputs: Inputs, choice: Choice) -> dict[str, str]:
    """Say what the forecast rests on where that is weak."""
    notes: dict[str, str] = {}
    skipped = inputs.panel.skipped
    past = [p.name for p in inputs.periods[:-1]]
    partly = {name: count for name, count in skipped.items() if name in past}
    known = {point.period.name for point in inputs.panel.points}
    blank = [name for name in past if name not in known]
    if blank:
        notes["periods without a past"] = (
            f"{', '.join(blank)}: no snapshots or change records; not learnt from, not tested"
        )
    halves = [name for name in partly if name not in blank]
    if halves:
        notes["weeks without a past"] = (
            f"{sum(partly[name] for name in halves)} weeks of {', '.join(halves)} have no snapshot "
            "near enough; sums between known weeks are taken on a straight line"
        )
    if not inputs.panel.points:
        return notes
    span = inputs.panel.span(inputs.live)
    deals = inputs.panel.rows.iloc[span]
    blank_amounts = int((~deals["has_amount"]).sum())
    if blank_amounts:
        notes["open without amount"] = (
            f"{blank_amounts} of {len(deals)} open deals have no amount; what such deals brought "
            "in the past is part of the factor on the others"
        )
    if not inputs.calendar.holidays:
        notes["holidays"] = "no public holidays are known; working days are all but the weekend"
    if choice.doubts:
        notes["choice of the method"] = "; ".join(choice.doubts)
    if choice.method and len(choice.summary):
        row = choice.summary[choice.summary["method"] == choice.method].iloc[0]
        held = row["covered_share"]
        if pd.notna(held) and not 0.6 <= held <= 0.95:
            notes["interval"] = (
                f"the P10 to P90 interval of past forecasts held in {percent(held)} of the "
                "weeks, 80 % "
                "are meant"
            )
    return notes


def notes_table(
    lines: list[str],
    careful: Mapping[str, str],
    missing: Mapping[str, str],
    choice: Choice,
    inputs: Inputs,
) -> pd.DataFrame:
    """Give headlines, cautions, what is missing and definitions as table ``forecast_notes``."""
    meanings = {
        method_name(str(row["method"])): str(row["meaning"])
        for row in choice.summary.to_dict("records")
    }
    settings = inputs.settings
    shock = {
        "shock before any test": f"{percent(settings.shock)}, counts as {settings.shock_periods:g} "
        "past periods"
    }
    return note_rows({
        "headline": lines,
        "caution": careful,
        "missing": missing,
        "definition": {**DEFINITIONS, **shock},
        "method": meanings,
    })  # fmt: skip
