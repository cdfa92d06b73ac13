"""What actions did: against untreated cells of the same colour, and how many recover anyway."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from planlib.council.cells import KEY
from planlib.council.log import later_row, start_row
from planlib.intervals import wilson
from planlib.pipeline.cuts import TOTAL
from planlib.settings.council import CouncilSettings

MEASURES = ("pace_gap", "coverage_ratio")
_COVERED = 0.8
_FEWEST = 3  # actions from which an interval means anything
_UNITS = {"pace_gap": "points of the target", "coverage_ratio": "% of the required coverage"}


def action_effects(
    actions: pd.DataFrame, history: pd.DataFrame, settings: CouncilSettings
) -> pd.DataFrame:
    """
    Estimate what actions did, and how many red cells recover without any.

    Parameters
    ----------
    actions
        Table ``council_actions``; dropped ones count as not done.
    history
        Colours of the past, from ``colour_history``.
    settings
        Weeks after which cells are compared, and cases below which a finding is grey.

    Returns
    -------
    DataFrame
        Table ``council_effects``. ``pace_gap`` is attained - usual share of the target,
        ``coverage_ratio`` is coverage / required coverage.

    Notes
    -----
    Difference in differences: for each action the change of its cell over ``effect_weeks`` minus
    the mean change of cells of the same period that had the same colour on the same day and no
    action until then; its mean over actions with an 80 % interval from Student's t. Cells of
    several cuts share deals, so the interval is rather too narrow. The total is never a
    comparison.
    """
    done = actions[actions["status"] != "dropped"]
    past = _with_measures(history)
    pairs = _pairs(done, past, settings)
    rows = []
    for action in ("all", *sorted(done["action"].unique())):
        mine = pairs if action == "all" else [one for one in pairs if one["action"] == action]
        costs = done if action == "all" else done[done["action"] == action]
        for measure in MEASURES:
            rows.append(_effect(action, measure, mine, costs, settings))
    rows += _recoveries(done, past, settings)
    return pd.DataFrame(rows)


def _with_measures(history: pd.DataFrame) -> pd.DataFrame:
    if history.empty:
        return history.assign(pace_gap=np.nan, coverage_ratio=np.nan)
    needed = history["required_coverage"].where(history["required_coverage"] > 0)
    return history.assign(
        pace_gap=history["attained_share"] - history["usual_share"],
        coverage_ratio=history["coverage"] / needed,
    )


def _pairs(
    actions: pd.DataFrame, history: pd.DataFrame, settings: CouncilSettings
) -> list[dict[str, Any]]:
    """Give for each action the change of its cell and of the untreated ones beside it."""
    past = {key: rows for key, rows in history.groupby(KEY, sort=False)} if len(history) else {}
    weeks = {key: _by_day(rows) for key, rows in past.items()}
    treated = {key: day for key, day in actions.groupby(KEY)["start_date"].min().items()}
    found = []
    for row in actions.to_dict("records"):
        key = (row["period"], row["cut"], row["cut_value"])
        rows = past.get(key)
        if rows is None or rows.empty:
            continue
        begin = start_row(rows, row["start_date"])
        later = later_row(rows, begin, settings.effect_weeks)
        colour = str(rows["colour"].iloc[begin])
        if later is None or colour not in ("red", "yellow"):
            continue
        days = rows["day_date"].iloc[begin], rows["day_date"].iloc[later]
        others = [
            one
            for other, one in weeks.items()
            if other[0] == key[0] and other[1] != TOTAL and other != key
            and not (other in treated and treated[other] <= days[1])
        ]  # fmt: skip
        changes = [_change(one, days, colour) for one in others]
        own = _change(weeks[key], days, colour)
        found.append(
            {
                "action": row["action"],
                **{
                    measure: (own[at], np.array([one[at] for one in changes if one[at] == one[at]]))
                    for at, measure in enumerate(MEASURES)
                },
            }
        )
    return found


Week = tuple[str, float, float]


def _by_day(rows: pd.DataFrame) -> dict[pd.Timestamp, Week]:
    """Give colour and both measures of a cell by day."""
    parts = (rows["day_date"], rows["colour"], *(rows[measure] for measure in MEASURES))
    return {day: (str(colour), float(pace), float(cover))
            for day, colour, pace, cover in zip(*parts, strict=True)}  # fmt: skip


def _change(
    weeks: dict[pd.Timestamp, Week], days: tuple[pd.Timestamp, pd.Timestamp], colour: str
) -> tuple[float, float]:
    """Give the change of both measures; NaN for a cell that had another colour, or a gap."""
    first, last = (weeks.get(day) for day in days)
    if first is None or last is None or first[0] != colour:
        return float("nan"), float("nan")
    return last[1] - first[1], last[2] - first[2]


def _effect(
    action: str,
    measure: str,
    pairs: list[dict[str, Any]],
    costs: pd.DataFrame,
    settings: CouncilSettings,
) -> dict[str, object]:
    usable = [
        one[measure] for one in pairs if not np.isnan(one[measure][0]) and len(one[measure][1])
    ]
    many = len(usable)
    mine = np.array([change for change, _ in usable])
    other = np.array([changes.mean() for _, changes in usable])
    value = float((mine - other).mean()) if many else float("nan")
    low = high = float("nan")
    if many >= _FEWEST:
        error = float((mine - other).std(ddof=1)) / np.sqrt(many)
        half = float(stdtrit(many - 1, 0.5 + _COVERED / 2)) * error
        low, high = value - half, value + half
    is_grey = many < settings.minimum_cases
    cost = costs["cost_amount"].sum(min_count=1)
    return {
        "topic": "effect",
        "action": action,
        "measure": measure,
        "treated_count": many,
        "untreated_count": int(sum(len(changes) for _, changes in usable)),
        "treated_change": float(mine.mean()) if many else float("nan"),
        "untreated_change": float(other.mean()) if many else float("nan"),
        "value": value,
        "low": low,
        "high": high,
        "cost_amount": cost,
        "is_grey": is_grey,
        "reason": _effect_words(measure, many, (value, low, high), len(costs), settings),
    }


def _effect_words(
    measure: str,
    many: int,
    numbers: tuple[float, float, float],
    logged: int,
    settings: CouncilSettings,
) -> str:
    if not many:
        return (
            f"None of {logged} actions can be compared yet: the colour of its cell "
            f"{settings.effect_weeks} weeks later, or an untreated cell of the same colour beside "
            "it, is not known."
        )
    value, low, high = (100 * one for one in numbers)
    text = (
        f"{many} of {logged} actions compared: after {settings.effect_weeks} weeks their cells "
        f"stood {value:+.1f} {_UNITS[measure]} against untreated cells of the same colour"
    )
    if many >= _FEWEST:
        text += f" (80 % interval {low:+.1f} to {high:+.1f})"
        if low <= 0 <= high:
            text += "; an effect is not shown"
    if many < settings.minimum_cases:
        text += f". Grey: fewer than {settings.minimum_cases} cases tell nothing"
    return text + "."


def _recoveries(
    actions: pd.DataFrame, history: pd.DataFrame, settings: CouncilSettings
) -> list[dict[str, object]]:
    """Count red cells that were green within the weeks, without any action and with one."""
    first = {key: day for key, day in actions.groupby(KEY)["start_date"].min().items()}
    alone: list[bool] = []
    treated: list[bool] = []
    groups = history.groupby(KEY, sort=False) if len(history) else ()
    for key, rows in groups:
        if key[1] == TOTAL:
            continue
        colours = rows["colour"].to_numpy()
        for at in np.flatnonzero(colours == "red"):
            if at > 0 and colours[at - 1] == "red":
                continue  # a spell of red counts once, from its first week on
            back = _came_back(rows, int(at), settings.effect_weeks)
            begun = rows["day_date"].iloc[at]
            until = begun + pd.Timedelta(weeks=settings.effect_weeks)
            acted = key in first and first[key] <= until
            if back is not None:
                (treated if acted else alone).append(back)
    return [
        _recovery("none", alone, settings),
        _recovery("all", treated, settings),
    ]


def _came_back(rows: pd.DataFrame, at: int, weeks: int) -> bool | None:
    """Tell whether a cell was green within some weeks; None when the period ends before."""
    days, colours = rows["day_date"].to_numpy(), rows["colour"].to_numpy()
    until = days[at] + np.timedelta64(7 * weeks, "D")
    inside = (days > days[at]) & (days <= until)
    return bool((colours[inside] == "green").any()) if days[-1] >= until else None


def _recovery(action: str, cases: list[bool], settings: CouncilSettings) -> dict[str, object]:
    many, back = len(cases), sum(cases)
    share = back / many if many else float("nan")
    low = high = float("nan")
    if many:
        low, high = wilson(float(back), float(many), _COVERED)
    who = "without any action" if action == "none" else "with an action begun in these weeks"
    text = f"No spell of red {who} can be followed for {settings.effect_weeks} weeks."
    if many:
        text = (
            f"{back} of {many} cells that turned red ({100 * share:.0f} %) were green within "
            f"{settings.effect_weeks} weeks {who}."
        )
        if action == "none":
            text += (
                " So much comes back by itself (regression to the mean): an action has to do "
                "better than that."
            )
    return {
        "topic": "recovery",
        "action": action,
        "measure": "came_back",
        "treated_count": many,
        "untreated_count": None,
        "treated_change": float("nan"),
        "untreated_change": float("nan"),
        "value": share,
        "low": low,
        "high": high,
        "cost_amount": float("nan"),
        "is_grey": many < settings.minimum_cases,
        "reason": text,
    }
