"""The colour of a cell: a stated rule of pace and coverage, with its numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from planlib.notes import percent_reached
from planlib.pipeline.words import short_money
from planlib.settings.council import CouncilSettings

#: How a gap was found (``gap_basis``).
BY_COVERAGE = "target - won - open / required coverage"
BY_PACE = "usual share x target - won"
BY_TARGET = "target - won"
#: Columns that the rule reads; unknown values are NA.
READ = (
    "target_amount", "won_amount", "workday_share", "usual_share", "low", "high", "past_is_grey",
    "open_amount", "coverage", "required_coverage", "required_low", "coverage_is_grey",
    "deals_count",
)  # fmt: skip
#: Colours by place of the pace, then by place of the coverage.
COLOURS: dict[str, dict[str, str]] = {
    "ahead": {"enough": "green", "between": "green", "short": "yellow", "": "green"},
    "within": {"enough": "green", "between": "yellow", "short": "red", "": "yellow"},
    "below": {"enough": "yellow", "between": "red", "short": "red", "": "red"},
    "before": {"enough": "green", "between": "yellow", "short": "red", "": "grey"},
}
_EPS = 1e-9
_MEANS = {"red": "act now", "yellow": "watch", "green": "on track", "grey": "no colour"}


def colour_cells(cells: pd.DataFrame, settings: CouncilSettings) -> pd.DataFrame:
    """
    Colour cells of the performance matrix: red act now, yellow watch, green on track, grey.

    Parameters
    ----------
    cells
        One row per cell (and day) with the columns of ``READ``: amounts in the plan's currency,
        shares of the target or of the period's working days, coverage as open / still to win.
        ``past_is_grey`` and ``coverage_is_grey``: too little past behind the figure.
    settings
        Section ``council`` of plan.yaml.

    Returns
    -------
    DataFrame
        ``cells`` with ``attained_share``, ``pace`` (attained / usual share), ``pace_place``
        (ahead, within, below, before), ``cover_place`` (enough, between, short, blank: not
        known), ``gap_amount`` (target that is not covered at the required coverage, or that is
        behind the usual pace), ``gap_basis``, ``colour``, ``rule`` and ``reason``; usual share and
        band are those that were used.

    Notes
    -----
    ``ahead``: at or above the usual share of this day; ``within``: below it, inside the band;
    ``below``: under the band. ``enough``: coverage at or above what past periods needed;
    ``short``: below it even at the best conversion of its interval. A cell exactly on its usual
    curve is ahead, so it is green on every day unless what is left is short of coverage.
    """
    found = cells.reset_index(drop=True)
    number = {name: found[name].astype("float64") for name in READ if "grey" not in name}
    goal = number["target_amount"]
    attained = number["won_amount"] / goal.where(goal > 0)
    passed = number["workday_share"]
    rule, usual, low, high = _curve(found, number, settings)
    pace = pd.Series("within", index=found.index, dtype="str")
    pace = pace.mask(attained >= usual - _EPS, "ahead").mask(attained < low - _EPS, "below")
    pace = pace.mask(passed <= 0, "before").mask(usual.isna() | attained.isna(), "")
    cover = _cover(found, number)
    colour = pd.Series("grey", index=found.index, dtype="str")
    for place, by_cover in COLOURS.items():
        for other, name in by_cover.items():
            colour = colour.mask((pace == place) & (cover == other), name)
    met = (goal > 0) & (attained >= 1 - _EPS)
    over = (passed >= 1) & ~met & attained.notna()
    rule = rule.mask(passed <= 0, "coverage alone").mask(over, "final").mask(met, "met")
    colour = colour.mask(over, "red").mask(over & (attained >= settings.final_share), "yellow")
    colour = colour.mask(met, "green")
    why = _why_grey(found, number, attained, settings, usual)
    why = why.mask((why == "") & (colour == "grey"), "no past tells the coverage that is needed")
    why = why.mask(met, "")
    colour, rule = colour.mask(why != "", "grey"), rule.mask(why != "", "")
    gap, basis = _gap(number, attained, usual, cover)
    found = found.assign(
        attained_share=attained,
        usual_share=usual,
        low=low,
        high=high,
        pace=attained / usual.where(usual > 0),
        pace_place=pace,
        cover_place=cover,
        gap_amount=gap.mask(goal.isna() | ~(goal > 0)),
        gap_basis=basis.mask(gap.isna(), ""),
        colour=colour,
        rule=rule,
    )
    return found.assign(
        reason=pd.Series(
            [_words(row, said) for row, said in zip(found.to_dict("records"), why, strict=True)],
            index=found.index,
            dtype="str",
        )
    )


def _curve(
    cells: pd.DataFrame, number: Mapping[str, pd.Series], settings: CouncilSettings
) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """Give rule, usual share and band; a straight line by working days where no past is known."""
    passed = number["workday_share"].clip(0, 1)
    usual = number["usual_share"]
    linear = usual.isna() & passed.notna()
    usual = usual.where(~linear, passed)
    bare = number["low"].isna() & usual.notna()
    low = number["low"].where(~bare, (usual - settings.linear_band).clip(lower=0))
    high = number["high"].where(~bare, (usual + settings.linear_band).clip(upper=1))
    rule = pd.Series("usual pace", index=cells.index, dtype="str")
    rule = rule.mask(bare, "usual pace, assumed band").mask(linear, "linear pace")
    return rule, usual, low, high


def _cover(cells: pd.DataFrame, number: Mapping[str, pd.Series]) -> pd.Series:
    cover, needed = number["coverage"], number["required_coverage"]
    best = number["required_low"].where(number["required_low"].notna(), needed)
    place = pd.Series("between", index=cells.index, dtype="str")
    place = place.mask(cover >= needed * (1 - _EPS), "enough")
    place = place.mask(cover < best * (1 - _EPS), "short")
    weak = cells["coverage_is_grey"].fillna(True).astype(bool)
    return place.mask(cover.isna() | needed.isna() | weak, "")


def _why_grey(
    cells: pd.DataFrame,
    number: Mapping[str, pd.Series],
    attained: pd.Series,
    settings: CouncilSettings,
    usual: pd.Series,
) -> pd.Series:
    """Say why a cell has no colour; the first reason counts, blank where it has one."""
    few = number["deals_count"] < settings.minimum_deals
    count = number["deals_count"].fillna(0).astype("int64").astype("str")
    learnt = number["usual_share"].notna() & number["low"].notna()
    weak = cells["past_is_grey"].fillna(True).astype(bool) & learnt
    why = pd.Series("", index=cells.index, dtype="str")
    why = why.mask(usual.isna(), "no past, and working days are not known")
    why = why.mask(weak, "too few deals in past periods to know the usual pace")
    why = why.mask(few, "only " + count + f" deals in the period, {settings.minimum_deals} needed")
    why = why.mask(attained.isna(), "the amount won is not known")
    return why.mask(number["target_amount"].isna() | ~(number["target_amount"] > 0), "no target")


def _gap(
    number: Mapping[str, pd.Series], attained: pd.Series, usual: pd.Series, cover: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Give the target that is not covered, or behind the usual pace, and how that was found."""
    goal, won, needed = number["target_amount"], number["won_amount"], number["required_coverage"]
    by_open = goal - won - number["open_amount"] / needed.where(needed > 0)
    by_pace = usual * goal - won
    rest = (goal - won).where(number["workday_share"] >= 1)
    known = (cover != "") & by_open.notna() & rest.isna()
    gap = rest.where(rest.notna(), by_open.where(known, by_pace))
    basis = pd.Series(BY_PACE, index=goal.index, dtype="str")
    basis = basis.mask(known, BY_COVERAGE).mask(rest.notna(), BY_TARGET)
    return gap.clip(lower=0).where(attained.notna()), basis


def gap_words(cell: Mapping[Any, Any], currency: str) -> str:
    """
    Say what the gap of a cell is, and where its forecast stands beside its target.

    Parameters
    ----------
    cell
        A coloured cell: ``gap_amount``, ``gap_basis`` and, where known, ``forecast_gap_amount``.
    currency
        Currency of the plan.

    Returns
    -------
    str
        Blank where there is no gap.
    """
    if pd.isna(cell["gap_amount"]) or cell["gap_amount"] <= 0:
        return ""
    money = short_money(cell["gap_amount"], currency)
    said = {
        BY_COVERAGE: f"{money} of the target not covered by open pipeline at the required coverage",
        BY_PACE: f"{money} behind the usual pace",
        BY_TARGET: f"{money} short of the target",
    }[str(cell["gap_basis"])]
    forecast = forecast_words(cell, currency)
    return f"{said}; {forecast}" if forecast else said


def forecast_words(cell: Mapping[Any, Any], currency: str) -> str:
    """Say how far the forecast of a cell is from its target; blank where there is none."""
    short = cell.get("forecast_gap_amount")
    if short is None or pd.isna(short):
        return ""
    money = short_money(abs(float(short)), currency)
    if short > 0:
        return f"forecast {money} below the target"
    return f"forecast {money} above the target"


def _words(row: Mapping[Any, Any], why_grey: str) -> str:
    if why_grey:
        return f"Grey: {why_grey}."
    colour, rule = str(row["colour"]), str(row["rule"])
    head = f"{colour.capitalize()} ({_MEANS[colour]}): "
    won = f"{_percent(row['attained_share'])} of the target is won"
    if rule in ("met", "final"):
        share = float(row["attained_share"])
        if rule == "met":
            return f"{head}the target is met, {percent_reached(share)} of the target is won."
        return f"{head}the period is over, {percent_reached(share, 1)} of the target is won."
    cover = _cover_words(row)
    if rule == "coverage alone":
        return f"{head}the period has not begun, so coverage alone tells. {cover}"
    usual = {
        "usual pace": "is usual on this day",
        "usual pace, assumed band": "is what the only past period had on this day",
        "linear pace": "would be a straight line by working days (no past to learn from)",
    }[rule]
    band = f"band {_percent(row['low'])} to {_percent(row['high'])}"
    band += "" if rule == "usual pace" else ", assumed"
    place = {
        "ahead": "on or above the path",
        "within": "behind the path, within the band",
        "below": "below the band",
    }[str(row["pace_place"])]
    return f"{head}{won}, {_percent(row['usual_share'])} {usual} ({band}): {place}. {cover}"


def _cover_words(row: Mapping[Any, Any]) -> str:
    place = str(row["cover_place"])
    if not place:
        return "What coverage is needed is not known, so pace alone tells."
    low = row["required_low"]
    needed = f"{row['required_coverage']:.1f}"
    if not np.isnan(float(low)):
        needed = f"{needed} ({low:.1f} at the low end of its 80 % interval)"
    meant = {"enough": "enough", "between": "between both", "short": "short"}[place]
    return (
        f"Open is {row['coverage']:.1f} times what is left to win, past periods needed "
        f"{needed}: {meant}."
    )


def _percent(share: object) -> str:
    return f"{100 * float(str(share)):.0f} %"


def describe_rule(settings: CouncilSettings) -> list[str]:
    """
    Give the rule of the colours in sentences, with the thresholds of plan.yaml.

    Parameters
    ----------
    settings
        Section ``council`` of plan.yaml.

    Returns
    -------
    list of str
        One sentence for each part of the rule.
    """
    return [
        "Pace: won / target against the share that past periods had won by the same share of "
        "working days (table pacing_curves). Ahead: at or above it; within: inside its 80 % band; "
        "below: under the band.",
        "Coverage: open / still to win against what past periods needed at this week (table "
        "required_coverage). Enough: at or above it; short: below it even at the best conversion "
        "of its 80 % interval; between: neither.",
        "Green: ahead and not short, within and enough, or target met. Red: below without enough "
        "coverage, or within and short. Yellow: all else, such as ahead but short, or below but "
        "covered. Before a period begins coverage alone tells. Once it is over only the target "
        f"does: from {_percent(settings.final_share)} of it a cell is yellow, below red.",
        f"Grey: no target, fewer than {settings.minimum_deals} deals won or open in the period, or "
        "no past. Without any past a straight line by working days stands in, with a band of "
        f"{_percent(settings.linear_band)} of the target; the reason says so.",
        "Gap: target - won - open / required coverage, the part of the target that open pipeline "
        "does not cover at the conversion of past periods; where coverage is not known: usual "
        "share x target - won, what is behind the usual pace. Gaps of cells do not add up to that "
        "of the total: each cell has its own required coverage, and what one has over fills no "
        "gap of another.",
        "Target - forecast: what the forecast of step 06 leaves below the target; below zero it is "
        "above. Gap and forecast are two estimates by different rules, so they may differ: the gap "
        "tells how much pipeline is missing, the forecast at what the cell closes.",
    ]
