"""The log of actions and meetings: what was decided, what became of the cell, who was there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from planlib.council.cells import KEY
from planlib.settings.council import CouncilSettings
from planlib.tables import table

_WEEK = 7
_SLACK = 10  # days by which a known week may be later than the one asked for


def actions_log(
    decisions: pd.DataFrame | None,
    history: pd.DataFrame,
    settings: CouncilSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Give every action of the log with the course of its cell.

    Parameters
    ----------
    decisions
        Decisions of kind ``council_actions`` in force: a row that supersedes another one stands
        for it, so that a change of status is a new row.
    history
        Colours of the past, from ``colour_history``.
    settings
        Section ``council`` of plan.yaml.
    as_of
        Day until which the data count; later actions are left out.

    Returns
    -------
    DataFrame
        Table ``council_actions``, oldest first. Colours are those of the period that the action
        is for; ``later_colour`` is the first known one ``effect_weeks`` after its start.
    """
    log = table("override_council_actions").coerce(decisions)
    start = log["start_date"].fillna(log["effective_from"]).fillna(log["when"])
    log = log.assign(start_date=start, status=log["status"].fillna("open"))
    log = log[log["start_date"] <= pd.Timestamp(as_of)]
    log = log.sort_values(["start_date", "decision_id"], ignore_index=True)
    overdue = (log["status"] == "open") & (log["due_date"] < pd.Timestamp(as_of))
    log = log.assign(
        first_id=log["supersedes"].fillna(log["decision_id"]),
        is_overdue=overdue.fillna(False).astype(bool),
        effect=log["action"].map({one.key: one.effect for one in settings.actions}),
    )
    past = {key: rows for key, rows in history.groupby(KEY, sort=False)} if len(history) else {}
    courses = [_course(row, past, settings) for row in log.to_dict("records")]
    return pd.concat([log, pd.DataFrame(courses, index=log.index)], axis=1)


def check_actions(log: pd.DataFrame, cells: pd.DataFrame, history: pd.DataFrame) -> list[str]:
    """Name actions whose cell is not in the matrix; nothing is dropped for it."""
    keys = pd.concat([cells[KEY], history[KEY]]) if len(history) else cells[KEY]
    known = pd.MultiIndex.from_frame(keys.drop_duplicates())
    places = pd.MultiIndex.from_frame(log[KEY])
    strange = log[~places.isin(known)]
    return [
        f"decision {row['decision_id']}: the matrix has no cell {row['cut']} = {row['cut_value']} "
        f"in {row['period']}, so its effect cannot be followed"
        for row in strange.to_dict("records")
    ]


def start_row(rows: pd.DataFrame, start: pd.Timestamp) -> int:
    """Give the place of the last known week until a day; the first one where none is earlier."""
    days = rows["day_date"].to_numpy()
    return max(0, int(np.searchsorted(days, start.to_datetime64(), side="right")) - 1)


def later_row(rows: pd.DataFrame, begin: int, weeks: int) -> int | None:
    """Give the place of the first known week so many weeks later, or None."""
    days = rows["day_date"].to_numpy()
    wanted = days[begin] + np.timedelta64(weeks * _WEEK, "D")
    at = int(np.searchsorted(days, wanted, side="left"))
    if at >= len(days) or days[at] - wanted > np.timedelta64(_SLACK, "D"):
        return None
    return at


def _weeks_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    """Give the weeks between two days, to the nearest one; a later day is at least one away."""
    days = (last - first).days
    return max(1, round(days / _WEEK)) if days > 0 else 0


def _course(
    row: Mapping[Any, Any], past: Mapping[Any, pd.DataFrame], settings: CouncilSettings
) -> dict[str, object]:
    rows = past.get((row["period"], row["cut"], row["cut_value"]))
    found: dict[str, object] = {"start_colour": "", "later_colour": "", "now_colour": "",
                                "weeks_to_green": None}  # fmt: skip
    if rows is None or rows.empty:
        return {**found, "course": "no colour of this cell is known for the period"}
    begin = start_row(rows, row["start_date"])
    later = later_row(rows, begin, settings.effect_weeks)
    colours = rows["colour"].to_list()
    days = rows["day_date"].to_list()
    green = next((at for at in range(begin, len(rows)) if colours[at] == "green"), None)
    weeks = None if green is None else _weeks_between(days[begin], days[green])
    words = f"{colours[begin].capitalize()} on {days[begin]:%Y-%m-%d}"
    if later is not None:
        words += f", {colours[later]} after {settings.effect_weeks} weeks"
    if weeks == 0:
        words += "; it was green when the action began"
    elif weeks is not None:
        words += f"; green after {weeks} week{'' if weeks == 1 else 's'}"
    else:
        left = (days[-1] - days[begin]).days
        passed = _weeks_between(days[begin], days[-1]) if left >= _WEEK else 0
        words += (
            f"; not green in {passed} week{'' if passed == 1 else 's'}, {colours[-1]} on "
            f"{days[-1]:%Y-%m-%d}"
            if passed
            else "; too early to tell"
        )
    return {
        "start_colour": colours[begin],
        "later_colour": "" if later is None else colours[later],
        "now_colour": colours[-1],
        "weeks_to_green": weeks,
        "course": words + ".",
    }


def meetings_log(
    decisions: pd.DataFrame | None, settings: CouncilSettings, as_of: date
) -> pd.DataFrame:
    """
    Give who was present at each council, by function.

    Parameters
    ----------
    decisions
        Decisions of kind ``council_meetings`` in force.
    settings
        Which functions must be present.
    as_of
        Later meetings are left out.

    Returns
    -------
    DataFrame
        Table ``council_meetings``: for each meeting a row per function that must be there and per
        function that was named, oldest first.
    """
    rows = table("override_council_meetings").coerce(decisions)
    rows = rows[rows["meeting_date"] <= pd.Timestamp(as_of)]
    function = rows["function"].fillna("").str.strip().str.casefold()
    rows = rows.assign(function=function).sort_values(["meeting_date", "decision_id"])
    found = []
    for day, mine in rows.groupby("meeting_date"):
        said = "; ".join(dict.fromkeys(mine["decision"].dropna()))
        named = sorted(set(mine["function"]) - {"", *map(str.casefold, settings.functions)})
        for one in (*settings.functions, *named):
            here = mine[(mine["function"] == one.casefold())]
            here = here[here["is_present"].fillna(False).astype(bool)]
            found.append(
                {
                    "meeting_date": day,
                    "function": one,
                    "people": ", ".join(dict.fromkeys(here["person_name"].dropna())),
                    "is_present": bool(len(here)),
                    "is_required": one in settings.functions,
                    "decisions": said,
                }
            )
    return pd.DataFrame(found) if found else table("council_meetings").empty()


def missed_reviews(meetings: pd.DataFrame, as_of: date) -> str:
    """Say since when no council was held; blank when one was held in the last ten days."""
    if meetings.empty:
        return "no council is in the log: overrides/council_meetings.csv has no row"
    last = meetings["meeting_date"].max()
    if pd.Timestamp(as_of) - last > timedelta(_SLACK):
        return f"the last council in the log is that of {last:%Y-%m-%d}"
    return ""
