"""Which accounts somebody works on, and why the others are not covered."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Codes, Flags, Numbers, column, days_before, sums
from planlib.settings.segmentation import SegmentationSettings

COVERED = "covered"
OWNER_UNKNOWN = "owner not known"
STATES = (
    COVERED,
    "no owner",
    "owner not among the reps",
    "owner has left",
    "owner is an open seat",
    "owner has not started",
    "no recent activity",
    OWNER_UNKNOWN,
)
NO_ACTIVE_OWNER = STATES[1:6]


@dataclass(frozen=True)
class Coverage:
    """
    Coverage state of each account.

    ``has_active_owner`` tells whether a person who is there today owns the account; ``tests``
    names the tests that the data allow (owner, reps, activity); ``activity_days`` are the days of
    silence from which an account is not covered.
    """

    state: Coded
    has_active_owner: Flags
    last_activity_days: Numbers
    tests: tuple[str, ...]
    activity_days: int


def cover_accounts(
    ids: pd.Series,
    owner: pd.Series,
    reps: pd.DataFrame | None,
    last_activity_days: Numbers,
    *,
    as_of: datetime.date,
    settings: SegmentationSettings,
) -> Coverage:
    """
    Find the coverage state of each account; the first of the states that holds is named.

    Parameters
    ----------
    ids, owner
        Account and owner of each row.
    reps
        People with leave date, hire date and open seats; None leaves these tests out.
    last_activity_days
        Days from the last activity to the as-of date; all NaN leaves the activity test out.
    as_of
        The day looked at.
    settings
        ``activity_days``.
    """
    state: Codes = np.zeros(len(ids), dtype=np.intp)
    blank = owner.isna().to_numpy()
    tests = []
    if blank.all():
        state[:] = STATES.index(OWNER_UNKNOWN)
    else:
        tests.append("owner")
        if reps is not None and len(reps):
            tests.append("reps")
            state = _owner_state(owner, reps, as_of)
        state[blank] = STATES.index("no owner")
    active = ~blank & (state == 0)
    if np.isfinite(last_activity_days).any():
        tests.append("activity")
        quiet = ~(last_activity_days <= settings.activity_days)
        state = np.where((state == 0) & quiet, STATES.index("no recent activity"), state)
    return Coverage(
        Coded(state, STATES), active, last_activity_days, tuple(tests), settings.activity_days
    )


def _owner_state(owner: pd.Series, reps: pd.DataFrame, as_of: datetime.date) -> Codes:
    """State of each account's owner, as one number per rep looked up by account."""
    day = pd.Timestamp(as_of)
    rep_ids = pd.Index(column(reps, "reps", "rep_id"))
    left = (column(reps, "reps", "leave_date") < day).to_numpy(dtype=bool)
    seat = column(reps, "reps", "is_open_seat").fillna(False).to_numpy(dtype=bool)
    later = (column(reps, "reps", "hire_date") > day).to_numpy(dtype=bool)
    by_rep = np.select(
        [left, seat, later],
        [
            STATES.index("owner has left"),
            STATES.index("owner is an open seat"),
            STATES.index("owner has not started"),
        ],
        default=0,
    )
    place = rep_ids.get_indexer(pd.Index(owner))
    lookup = np.append(by_rep, STATES.index("owner not among the reps"))
    state: Codes = lookup[place].astype(np.intp)
    return state


def last_activity(
    ids: pd.Series,
    accounts: pd.DataFrame,
    activities: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    as_of: datetime.date,
) -> Numbers:
    """
    Give the days from each account's last known activity to the as-of date; NaN without any.

    Looked for in the account itself, in logged activities that a person did, and in the last
    activity of its deals. What lies after the as-of date does not count.
    """
    index = pd.Index(ids)
    least = np.full(len(ids), np.inf)
    sources = [(np.arange(len(ids)), column(accounts, "accounts", "last_activity_date"))]
    if activities is not None:
        manual = ~column(activities, "activities", "is_automatic").fillna(False).to_numpy(
            dtype=bool
        )
        person = activities[manual]
        place = _places(index, column(person, "activities", "account_id"))
        sources.append((place, column(person, "activities", "activity_date")))
    if opportunities is not None:
        place = _places(index, column(opportunities, "opportunities", "account_id"))
        sources.append((place, column(opportunities, "opportunities", "last_activity_date")))
    for place, dates in sources:
        days = days_before(dates, as_of)
        usable = (days >= 0) & (place >= 0)
        np.minimum.at(least, place[usable], days[usable])
    return np.where(np.isinf(least), np.nan, least)


def _places(index: pd.Index, ids: pd.Series) -> Codes:
    place = index.get_indexer(pd.Index(ids))
    return np.where(ids.isna().to_numpy(), -1, place)


def coverage_table(segment: Coded, coverage: Coverage, potential: Numbers) -> pd.DataFrame:
    """
    Count accounts and potential by segment and coverage state.

    Returns
    -------
    DataFrame
        ``segment`` ("all" first), ``coverage`` (state), ``is_covered``, ``account_count``,
        ``account_share`` (of the segment's accounts), ``potential`` and ``potential_share`` (of
        the segment's known potential), ``activity_days`` (NA where activity is not tested). States
        without accounts are left out.
    """
    frames = [_counted("all", np.ones(len(segment), dtype=bool), coverage, potential)]
    frames += [
        _counted(name, segment.codes == place, coverage, potential)
        for place, name in enumerate(segment.values)
        if (segment.codes == place).any()
    ]
    days = coverage.activity_days if "activity" in coverage.tests else pd.NA
    table = pd.concat(frames, ignore_index=True)
    return table.assign(activity_days=pd.array([days] * len(table), dtype="Int64"))


def _counted(name: str, rows: Flags, coverage: Coverage, potential: Numbers) -> pd.DataFrame:
    state = coverage.state.codes[rows]
    counts = np.bincount(state, minlength=len(STATES))
    money = sums(state, potential[rows], len(STATES))
    total = np.nansum(money)
    full = counts > 0
    known = coverage.state.values
    return pd.DataFrame(
        {
            "segment": name,
            "coverage": [known[place] for place in np.flatnonzero(full)],
            "is_covered": pd.array(
                [_is_covered(known[place]) for place in np.flatnonzero(full)], dtype="boolean"
            ),
            "account_count": counts[full],
            "account_share": counts[full] / counts.sum(),
            "potential": money[full],
            "potential_share": money[full] / total if total > 0 else np.nan,
        }
    )


def _is_covered(state: str) -> bool | None:
    return None if state == OWNER_UNKNOWN else state == COVERED
