"""Definitions, cautions and headlines of the pipeline step, in words, computed from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.notes import note_rows, percent, percent_reached, rounded
from planlib.pipeline.cuts import TOTAL
from planlib.settings.pipeline import PipelineSettings

#: What each figure is; printed under every matrix.
DEFINITIONS: dict[str, str] = {
    "target": "ACV target of the period, in the cut it was set in. Spread over finer cells only by "
    "the rule of plan.yaml (pipeline.target_spread), and then marked derived.",
    "forecast": "Closed ACV plus weighted open pipeline. A CRM-probability sum, not a prediction "
    "tested against the past. On the last day of the period and later: closed ACV, because nothing "
    "can be won in it any more.",
    "closed_acv": "Won deals with their close date in the period, until the as-of date.",
    "open_in_period": "Deals open on the as-of date with their close date in the period, all "
    "stages.",
    "open_total": "Deals open on the as-of date, whatever their close date.",
    "weighted": "Open deals that close in the period, amount x the CRM's probability (0 to 1); "
    "none on the last day of the period and later.",
    "generated": "Deals created in the period until the as-of date at their amount at creation, "
    "whatever became of them since, so deals already closed count.",
    "coverage": "Open in the period / (target - closed ACV): all stages, remaining target. Target "
    "reached: 'met'. On the last day of the period and later: 'over', because nothing can be won "
    "in it any more.",
    "attainment": "Closed ACV / target.",
    "win_rate_count": "Won / (won + lost) deals closed in the period until the as-of date.",
    "win_rate_amount": "Won / (won + lost) amount of deals closed in the period until the as-of "
    "date.",
    "commit": "Closed ACV plus open deals of category commit that close in the period; on its last "
    "day and later closed ACV alone, as most likely and best case.",
    "most_likely": "Commit plus open deals of category most likely.",
    "best_case": "Most likely plus open deals of category best case.",
    "year before": "The same day of the same period a year before, as known then where snapshots "
    "or change records reach back; closed deals from today's table. As reported: with the owners, "
    "managers, regions and units of that day. Restated: with today's territories.",
    "grey": "Fewer deals than the minimum, or records that begin too late: the number stays, the "
    "colour goes; the colour of the parent (the total, or the cell of the first of two crossed "
    "cuts) counts.",
    "bridge": "Each deal has one reason, by rank: deleted, won, lost, pulled out, pushed out; new, "
    "reopened, pushed in, pulled in. Leaving counts the amount at the start, coming in "
    "the amount at the end, staying the difference.",
}

_SAID = {
    "new": "new",
    "reopened": "reopened",
    "pulled_in": "pulled in",
    "pushed_in": "pushed in",
    "increase": "increased",
    "decrease": "decreased",
    "won": "won",
    "lost": "lost",
    "pushed_out": "pushed out",
    "pulled_out": "pulled out",
    "deleted": "deleted",
}


def short_money(value: float, currency: str = "") -> str:
    """
    Give money in words of three digits.

    Examples
    --------
    >>> short_money(1_234_567, "USD"), short_money(11_950_000)
    ('1.23 M USD', '12.0 M')
    """
    size = abs(value)
    for limit, letter in ((999.5e6, "B"), (999.5e3, "M"), (999.5, "k")):
        if size >= limit:
            scaled = value / {"B": 1e9, "M": 1e6, "k": 1e3}[letter]
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{rounded(scaled, digits):.{digits}f} {letter} {currency}".strip()
    return f"{rounded(value, 0):.0f} {currency}".strip()


def total_figures(matrix: pd.DataFrame, period: str) -> dict[str, dict[str, Any]]:
    """Give the row of each figure of the whole, by figure."""
    mine = matrix[(matrix["cut"] == TOTAL) & (matrix["period"] == period)]
    return {str(row["measure"]): row for row in mine.to_dict("records")}  # type: ignore[misc]


def headlines(
    matrix: pd.DataFrame,
    period: str,
    bridge: pd.DataFrame,
    attention: pd.DataFrame,
    currency: str,
) -> list[str]:
    """
    Say what a leader should know first.

    Parameters
    ----------
    matrix, bridge, attention
        Tables of the step; ``bridge`` with the total of the span only.
    period
        The period measured.
    currency
        Currency of the plan.
    """
    total = total_figures(matrix, period)
    lines = [_closed_line(total, period, currency)]
    lines += _open_line(total, period, currency)
    lines += _bridge_line(bridge, period, currency)
    lines += _gap_line(total, attention, currency)
    late = attention[attention["issue"] == "past_close_date"]
    if len(late):
        money = short_money(float(late["amount"].sum()), currency)
        lines.append(
            f"{len(late)} open deals ({money}) are past their close date."
            if len(late) > 1
            else f"1 open deal ({money}) is past its close date."
        )
    return lines


def _closed_line(total: dict[str, dict[str, Any]], period: str, currency: str) -> str:
    closed = total["closed_acv"]
    day = f"{closed['as_of']:%Y-%m-%d}"
    if pd.isna(closed["value"]):
        return f"{period} on {day}: closed ACV cannot be computed, because {closed['note']}."
    text = f"{period} on {day}: closed ACV is {short_money(closed['value'], currency)}"
    share = total["attainment"]["value"]
    if pd.notna(share):
        target = short_money(total["target"]["value"], currency)
        text += f", {percent_reached(share)} of the target of {target}"
    if pd.notna(closed["change_share"]):
        way = "up" if closed["change"] >= 0 else "down"
        text += f", {way} {percent(abs(closed['change_share']))} on the same day a year before"
    return text + (f" ({closed['note']})." if closed["note"] else ".")


def _open_line(total: dict[str, dict[str, Any]], period: str, currency: str) -> list[str]:
    inside, cover = total["open_in_period"], total["coverage"]
    if pd.isna(inside["value"]):
        whole = total["open_total"]
        if pd.isna(whole["value"]):
            counted = "" if pd.isna(whole["count"]) else f" ({whole['count']} open deals)"
            return [f"Open pipeline cannot be given in money: {whole['note']}{counted}."]
        return [
            f"Open pipeline is {short_money(whole['value'], currency)} in {whole['count']} "
            f"deals; how much closes in {period} is not known: {inside['note']}."
        ]
    text = (
        f"Open pipeline that closes in {period} is {short_money(inside['value'], currency)} "
        f"in {inside['count']} deals"
    )
    if cover["status"] == "over":
        return [_over_line(total, period, currency)]
    if cover["status"] == "met":
        return [text + "; the target is met."]
    if pd.notna(cover["value"]):
        left = total["target"]["value"] - (
            total["closed_acv"]["value"] if pd.notna(total["closed_acv"]["value"]) else 0
        )
        text += f", {cover['value']:.1f} times the {short_money(left, currency)} still to win"
    return [text + "."]


def _over_line(total: dict[str, dict[str, Any]], period: str, currency: str) -> str:
    """Say how far a period that is over stays below its target, and what is still open in it."""
    closed = total["closed_acv"]["value"]
    short = short_money(
        total["target"]["value"] - (0 if pd.isna(closed) else closed), currency
    )  # fmt: skip
    inside = total["open_in_period"]
    if inside["count"] == 0:
        return f"{period} closed {short} short of its target."
    left = short_money(inside["value"], currency)
    count = "1 deal" if inside["count"] == 1 else f"{inside['count']} deals"
    return (
        f"{period} closed {short} short of its target; {left} still open in it ({count}) must be "
        "closed or moved to a later period."
    )


def _gap_line(
    total: dict[str, dict[str, Any]], attention: pd.DataFrame, currency: str
) -> list[str]:
    """Say how many of the largest open deals close the gap to target."""
    closing = attention[attention["issue"] == "closes_gap"]
    target, closed = total["target"]["value"], total["closed_acv"]["value"]
    if closing.empty or pd.isna(target):
        return []
    gap = short_money(target - (0 if pd.isna(closed) else closed), currency)
    said = str(closing["detail"].iloc[0]).split("; ")[-1]
    if "do not" in said:
        return [f"The gap to target is {gap}: {said}."]
    many = said.split(" ")[0]
    if many == "1":
        return [f"Winning the largest open deal closes the gap of {gap}."]
    return [f"Winning the {many} largest open deals closes the gap of {gap}."]


def _bridge_line(bridge: pd.DataFrame, period: str, currency: str) -> list[str]:
    if bridge.empty:
        return []
    first = bridge.iloc[0]
    what = f"Pipeline of {period}" if first["scope"] == "period" else "Open pipeline"
    steps = bridge.set_index("reason")
    in_money = bool(steps.loc[["start", "end"], "amount"].notna().all())
    size = steps["amount" if in_money else "count"].astype("float64")

    def said(value: float) -> str:
        return short_money(value, currency) if in_money else f"{value:.0f} deals"

    moves = size.drop(["start", "end"])
    moves = moves[moves.index.isin(list(_SAID)) & (moves != 0)].dropna()
    largest = moves.reindex(moves.abs().sort_values(ascending=False, kind="stable").index).head(3)
    causes = ", ".join(f"{_SAID[str(name)]} {said(value)}" for name, value in largest.items())
    return [
        f"{what} went from {said(size['start'])} on {first['from_date']:%Y-%m-%d} to "
        f"{said(size['end'])} on {first['to_date']:%Y-%m-%d}" + (f": {causes}." if causes else ".")
    ]


def notes_table(
    lines: list[str],
    cautions: Mapping[str, str],
    missing: Mapping[str, str],
    meanings: Mapping[str, str],
    settings: PipelineSettings,
) -> pd.DataFrame:
    """
    Give headlines, cautions, what is missing and definitions as table ``pipeline_notes``.

    Parameters
    ----------
    lines
        Headlines.
    cautions, missing
        Notes by topic: figures to be careful with, and what was not computed and why.
    meanings
        Where each cut comes from, by cut.
    settings
        For the rules behind the colours.
    """
    colours = {
        "colours": (
            f"Change: good above +{percent(settings.change_band)}, bad below "
            f"-{percent(settings.change_band)}. Coverage: bad below "
            f"{settings.coverage_floor:g}, good "
            f"from {settings.coverage_goal:g} on (a rule of thumb), between: watch; none once the "
            "period is over. Fewer than "
            f"{settings.minimum_deals} deals: grey."
        )
    }
    return note_rows({
        "headline": lines,
        "caution": cautions,
        "missing": missing,
        "definition": {**DEFINITIONS, **colours, **meanings},
    })  # fmt: skip
