"""What an account plan says in sentences, and how it writes what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.charts.base import money
from planlib.exchange.audience import AudienceView
from planlib.notes import count_of, percent

HORIZON_NAMES = {"0-3m": "0 to 3 months", "3-12m": "3 to 12 months", "1-3y": "1 to 3 years"}


def first_row(frame: pd.DataFrame) -> dict[Any, Any]:
    """Give the first row as a dict; no row gives an empty one."""
    return {} if frame.empty else frame.to_dict("records")[0]


def is_known(value: object) -> bool:
    """Tell whether a value is there."""
    return value is not None and not bool(pd.isna(value))  # type: ignore[call-overload]


def whole(value: Any) -> str:
    """Write a number without decimals."""
    return f"{value:.0f}" if is_known(value) else "not known"


def short(value: Any) -> str:
    """Write an amount of money in short."""
    return money(float(value)) if is_known(value) else "–"


def share(value: Any) -> str:
    """Write a share in percent."""
    return percent(float(value)) if is_known(value) else "–"


def number(value: Any) -> float | None:
    """Give a number, or None."""
    return float(value) if is_known(value) else None


def insight_text(rows: pd.DataFrame) -> str:
    """Say of how many seats the factors are on record, since when and how surely."""
    one = first_row(rows)
    if not one or not is_known(one["seats_count"]):
        return "What moves the people who decide is not on record: no seat is recorded."
    text = (
        f"Visible factors are on record in {one['visible_count']} of {one['seats_count']} seats, "
        f"hidden ones in {one['hidden_count']}, both in {one['both_count']} "
        f"({share(one['both_power_share'])} of the power)."
    )
    if is_known(one["last_date"]):
        text += (
            f" Last record {one['last_date']:%Y-%m-%d}; mean confidence "
            f"{share(one['confidence'])}; {one['fresh_count']} fresh."
        )
    return text


def proposals_text(proposals: pd.DataFrame, currency: str) -> str:
    """Say what the data propose beside the needs shown, by horizon; blank where nothing waits."""
    waiting = proposals[proposals["status"] == "proposed"]
    if waiting.empty:
        return ""
    sums = waiting.groupby("horizon")["value"].sum(min_count=1).dropna()
    parts = [
        f"{HORIZON_NAMES[name]}: {currency} {short(sums[name])}"
        for name in HORIZON_NAMES
        if name in sums.index
    ]
    count = count_of(len(waiting), "need")
    return (
        f"Not confirmed yet: {count} that open deals, what was bought and white space propose "
        f"({'; '.join(parts) or 'value not known'})."
    )


def work_text(rows: pd.DataFrame, view: AudienceView) -> str:
    """Say what the work on the account took, and what margin followed."""
    one, currency = first_row(rows), view.plan.currency
    if not one or not is_known(one["hours"]):
        return "Hours of work on the account are not known."
    said = [
        f"Work of a year, until {view.plan.evaluation.lag_months} months ago: "
        f"{one['hours']:,.0f} hours, {currency} {short(one['hours_cost_amount'])}."
    ]
    if is_known(one["account_spend_amount"]):
        said.append(
            f"Spent on the account in the same months: {currency} "
            f"{short(one['account_spend_amount'])}."
        )
    if is_known(one["spend_amount"]):
        said.append(
            f"Put into {one['projects_count']} projects decided in the last year: {currency} "
            f"{short(one['spend_amount'])}."
        )
    if is_known(one["margin_amount"]):
        said.append(
            "Margin won in the last year, renewals included: "
            f"{currency} {short(one['margin_amount'])}."
        )
    return " ".join(said)


def closeness_title(close: Mapping[Any, Any]) -> str:
    """Say how close we are and which part says so, as a heading."""
    value = whole(close.get("closeness"))
    return {
        "automatic": f"Closeness: {value}, counted from records",
        "rated": f"Closeness: {value}, rated by people",
    }.get(str(close.get("carried_by")), "Closeness: not known")


def closeness_text(close: Mapping[Any, Any]) -> str:
    """Say what was counted and what was rated, and how far threads reach."""
    if not close:
        return "Closeness was not measured."
    parts = [f"Counted {whole(close['automatic_score'])}"]
    if close["automatic_reason"]:
        parts[0] += f" ({close['automatic_reason']})"
    rated = f"rated {whole(close['rated_score'])}"
    if is_known(close["rated_date"]):
        rated += (
            f" on {close['rated_date']:%Y-%m-%d}, confidence {share(close['rated_confidence'])}"
        )
    parts.append(rated)
    if is_known(close["authority_share"]):
        parts.append(f"threads reach {share(close['authority_share'])} of the power")
    return "; ".join(parts) + "."


def strategy_texts(versions: pd.DataFrame) -> dict[str, str] | None:
    """Give goal, way, next steps and version of the strategy in force; None: there is none."""
    current = first_row(versions[versions["is_current"].fillna(False).astype(bool)])
    if not current:
        return None
    until = f" (by {current['goal_date']:%Y-%m-%d})" if is_known(current["goal_date"]) else ""
    lead = f"{current['direction']}: " if is_known(current["direction"]) else ""
    return {
        "goal": f"{lead}{current['stage_goal']}{until}",
        "way": f"Strategy: {current['strategy']}" if is_known(current["strategy"]) else "",
        "tactics": f"Next: {current['tactics']}" if is_known(current["tactics"]) else "",
        "note": f"Version {current['version']} of {current['when']:%Y-%m-%d} by {current['who']}, "
        f"because: {current['why']}. Changed: {current['changed']}.",
    }
