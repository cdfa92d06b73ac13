"""Rows and settings about people that cannot be right, each named."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planlib.settings.team_people import TeamPeopleSettings
from planlib.tables import table
from planlib.team.kpi_tree import HEADCOUNT
from planlib.team.measures import MEASURES

COLUMNS = ("finding", "table", "row_id", "detail")
_Found = tuple[str, str, str, str]
_PLAN = "plan.yaml"


def check_people(
    reps: pd.DataFrame,
    rep_history: pd.DataFrame | None,
    as_of: pd.Timestamp,
    *,
    onboarding: pd.DataFrame | None = None,
    one_on_ones: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Name the rows about people that contradict themselves or each other.

    Parameters
    ----------
    reps, rep_history, onboarding, one_on_ones
        Input tables; None where the workbook has none.
    as_of
        Last day that counts.

    Returns
    -------
    DataFrame
        Rows of ``people_findings`` with the key of each row and what was done about it.
    """
    people = table("reps").coerce(reps)
    found = [*_reps(people), *_cycles(people)]
    if rep_history is not None:
        found += _history(table("rep_history").coerce(rep_history), people)
    if onboarding is not None:
        found += _onboarding(table("onboarding").coerce(onboarding), people, as_of)
    if one_on_ones is not None:
        found += _talks(table("one_on_ones").coerce(one_on_ones), people, as_of)
    return _table(found)


def check_people_settings(
    settings: TeamPeopleSettings, reps: pd.DataFrame, rep_history: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Name ladders, trees and expectations of plan.yaml that do not fit the data or each other.

    Parameters
    ----------
    settings
        Section ``team_people``.
    reps, rep_history
        Where roles and levels are known from.

    Returns
    -------
    DataFrame
        Rows of ``people_findings``.
    """
    frames = [reps] if rep_history is None else [reps, rep_history]
    roles = {str(one) for frame in frames for one in frame["role"].dropna()}
    levels = {
        (str(role), str(level))
        for frame in frames
        for role, level in frame[["role", "level"]].dropna().itertuples(index=False)
    }
    found = [*_ladders(settings, roles, levels), *_trees(settings, roles)]
    for place, one in enumerate(settings.expectations):
        if one.role not in roles:
            found.append(("unknown role", _PLAN, f"team_people.expectations[{place}]",
                          f"nobody has role '{one.role}'; {_known(roles)}"))  # fmt: skip
    for role in settings.hiring_cost:
        if role not in roles | {"default"}:
            found.append(("unknown role", _PLAN, f"team_people.hiring_cost.{role}",
                          f"nobody has role '{role}'; {_known(roles)}"))  # fmt: skip
    return _table(found)


def _table(found: list[_Found]) -> pd.DataFrame:
    rows = pd.DataFrame(found, columns=list(COLUMNS), dtype="str").drop_duplicates(
        ["finding", "table", "row_id"]
    )
    return rows.sort_values(["finding", "table", "row_id"], ignore_index=True)


def _known(roles: set[str]) -> str:
    return "roles are " + ", ".join(sorted(roles))


def _day(value: object) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"  # type: ignore[arg-type]


def _reps(reps: pd.DataFrame) -> Iterator[_Found]:
    is_seat = reps["is_open_seat"].fillna(False).astype(bool)
    for row in reps[reps["leave_date"] < reps["hire_date"]].to_dict("records"):
        yield ("leave before hire", "reps", str(row["rep_id"]),
               f"leave_date {_day(row['leave_date'])} is before hire_date "
               f"{_day(row['hire_date'])}; the person is left out")  # fmt: skip
    for row in reps[~is_seat & reps["hire_date"].isna()].to_dict("records"):
        yield ("no first day", "reps", str(row["rep_id"]),
               "hire_date is blank; the person is left out of tenure and turnover")  # fmt: skip
    odd = reps["leave_reason"].notna() & reps["leave_date"].isna()
    for row in reps[odd].to_dict("records"):
        yield ("reason without leaving", "reps", str(row["rep_id"]),
               "leave_reason is filled but leave_date is blank; counts as still here")  # fmt: skip


def _cycles(reps: pd.DataFrame) -> Iterator[_Found]:
    """Name everybody who is, over others, their own manager."""
    above = dict(zip(reps["rep_id"], reps["manager_id"], strict=True))
    for start in sorted(above):
        path, at = [start], above[start]
        while isinstance(at, str) and at in above and at not in path:
            path.append(at)
            at = above[at]
        if at == start:
            yield ("cycle in the reporting line", "reps", str(start),
                   f"reports to itself: {' > '.join([*path, start])}; teams are taken as they "
                   "stand")  # fmt: skip


def _history(history: pd.DataFrame, reps: pd.DataFrame) -> Iterator[_Found]:
    rows = history.sort_values(["rep_id", "effective_from"], ignore_index=True)
    key = rows["rep_id"] + " " + rows["effective_from"].dt.strftime("%Y-%m-%d")
    last = rows["effective_to"].fillna(pd.Timestamp.max.floor("D"))
    following = rows.groupby("rep_id")["effective_from"].shift(-1)
    for at in np.flatnonzero((rows["effective_to"] < rows["effective_from"]).to_numpy()):
        yield ("ends before it begins", "rep_history", key[at],
               f"effective_to {_day(rows['effective_to'][at])}; the row is left out")  # fmt: skip
    overlap = (last >= following) & ~(rows["effective_to"] < rows["effective_from"])
    for at in np.flatnonzero(overlap.fillna(False).to_numpy()):
        yield ("overlapping history", "rep_history", key[at],
               f"runs into the row from {_day(following[at])}; the later row counts from its "
               "first day")  # fmt: skip
    known = reps.set_index("rep_id")
    for at in np.flatnonzero((~rows["rep_id"].isin(known.index)).to_numpy()):
        yield ("unknown person", "rep_history", key[at], "rep_id is not in reps; left out")
    hired, left = (rows["rep_id"].map(known[name]) for name in ("hire_date", "leave_date"))
    for at in np.flatnonzero((rows["effective_from"] < hired).to_numpy()):
        yield ("history before hire", "rep_history", key[at],
               f"begins before hire_date {_day(hired[at])}; only days there count")  # fmt: skip
    for at in np.flatnonzero((rows["effective_from"] > left).to_numpy()):
        yield ("history after leaving", "rep_history", key[at],
               f"begins after leave_date {_day(left[at])}; it counts for nothing")  # fmt: skip


def _onboarding(rows: pd.DataFrame, reps: pd.DataFrame, as_of: pd.Timestamp) -> Iterator[_Found]:
    hired = rows["rep_id"].map(reps.set_index("rep_id")["hire_date"])
    key = rows["rep_id"] + " / " + rows["item"]
    for mask, finding, detail in (
        (~rows["rep_id"].isin(reps["rep_id"]), "unknown person", "rep_id is not in reps; left out"),
        (rows["done_date"] < hired, "done before hire", "done_date is before hire_date; it counts"),
        (rows["done_date"] > as_of, "done in the future",
         f"done_date is after {as_of:%Y-%m-%d}; it counts as not done"),
    ):  # fmt: skip
        for at in np.flatnonzero(mask.to_numpy()):
            yield finding, "onboarding", str(key.iloc[at]), detail


def _talks(rows: pd.DataFrame, reps: pd.DataFrame, as_of: pd.Timestamp) -> Iterator[_Found]:
    key = rows["rep_id"] + " " + rows["meeting_date"].dt.strftime("%Y-%m-%d")
    for mask, finding, detail in (
        (~rows["rep_id"].isin(reps["rep_id"]), "unknown person", "rep_id is not in reps; left out"),
        (rows["rep_id"] == rows["manager_id"], "talk with oneself", "manager_id is the person"),
        (rows["meeting_date"] > as_of, "in the future",
         f"meeting_date is after {as_of:%Y-%m-%d}; it does not count yet"),
    ):  # fmt: skip
        for at in np.flatnonzero(mask.fillna(False).to_numpy()):
            yield finding, "one_on_ones", str(key.iloc[at]), detail


def _ladders(
    settings: TeamPeopleSettings, roles: set[str], levels: set[tuple[str, str]]
) -> Iterator[_Found]:
    for place, ladder in enumerate(settings.ladders):
        where = f"team_people.ladders[{place}]"
        if ladder.role not in roles:
            yield ("unknown role", _PLAN, where,
                   f"nobody has role '{ladder.role}'; {_known(roles)}")  # fmt: skip
        for step, rung in enumerate(ladder.rungs):
            role, at = rung.role or ladder.role, f"{where}.rungs[{step}]"
            if role not in roles and role != ladder.role:
                yield ("unknown role", _PLAN, at, f"nobody has role '{role}'; {_known(roles)}")
            elif role in roles and (role, rung.level) not in levels:
                names = ", ".join(sorted(level for one, level in levels if one == role))
                yield ("unknown level", _PLAN, at,
                       f"nobody is or was {role} '{rung.level}'; levels are {names}")  # fmt: skip
            for number, one in enumerate(rung.criteria):
                key = f"{at}.criteria[{number}]"
                if one.metric not in MEASURES:
                    yield ("unknown metric", _PLAN, key,
                           f"'{one.metric}' is no metric; {', '.join(MEASURES)} are")  # fmt: skip
                elif MEASURES[one.metric].family == "share" and one.minimum > 1:
                    yield ("share outside 0 to 1", _PLAN, key,
                           f"{one.metric} of {one.minimum:g} is never reached")  # fmt: skip


def _trees(settings: TeamPeopleSettings, roles: set[str]) -> Iterator[_Found]:
    known = (HEADCOUNT, *MEASURES)
    total = sum(one.target_share for one in settings.kpi_trees)
    if settings.kpi_trees and abs(total - 1) > 1e-9:
        parts = " + ".join(f"{one.role} {one.target_share:g}" for one in settings.kpi_trees)
        yield ("KPI trees do not sum up", _PLAN, "team_people.kpi_trees",
               f"{parts} = {total:g} of the company target, not 1; "
               + ("the rest is shown as carried by nobody" if total < 1
                  else "parts are scaled down to the target"))  # fmt: skip
    for place, tree in enumerate(settings.kpi_trees):
        where = f"team_people.kpi_trees[{place}]"
        names = [one.name for one in tree.drivers]
        if tree.role not in roles:
            yield ("unknown role", _PLAN, where,
                   f"nobody has role '{tree.role}'; {_known(roles)}")  # fmt: skip
        if tree.lever and tree.lever not in names:
            yield ("unknown driver", _PLAN, f"{where}.lever",
                   f"'{tree.lever}' is none of {', '.join(names)}: no gap is closed")  # fmt: skip
        if not tree.long_term:
            yield ("wins now only", _PLAN, where,
                   f"the tree of {tree.role} has no long-term metric; add one to long_term, such "
                   "as renewal_rate")  # fmt: skip
        for metric in tree.long_term:
            if metric not in MEASURES:
                yield ("unknown metric", _PLAN, f"{where}.long_term.{metric}",
                       f"'{metric}' is no metric; {', '.join(MEASURES)} are")  # fmt: skip
        for number, one in enumerate(tree.drivers):
            key = f"{where}.drivers[{number}]"
            if one.metric and one.metric not in known:
                yield ("unknown metric", _PLAN, key,
                       f"'{one.metric}' is no metric; {', '.join(known)} are")  # fmt: skip
            if not one.metric and one.value is None:
                yield ("driver without a value", _PLAN, key,
                       f"'{one.name}' needs a metric or a value")  # fmt: skip
            is_share = one.metric in MEASURES and MEASURES[one.metric].family == "share"
            if one.value is not None and one.value > 1 and (is_share or one.unit == "share"):
                yield ("share outside 0 to 1", _PLAN, key,
                       f"'{one.name}' is a share and cannot be {one.value:g}")  # fmt: skip
