"""Who was there when, in which role and under whom: reps and their history by calendar month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.tables import table

STATE = ("role", "level", "manager", "unit", "region")
_DAYS_A_MONTH = 365.25 / 12
_UNKNOWN = "(not known)"


@dataclass(frozen=True, kw_only=True)
class Staff:
    """
    People and their time in the organisation.

    Parameters
    ----------
    people
        One row per person with a usable first day: ``rep_id``, ``start``, ``leave_date``,
        ``leave_reason``, ``grade_date`` (since when in the present role and level), ``is_here``,
        ``time_zone``, ``calendar`` and the present ``role``, ``level``, ``manager``, ``unit`` and
        ``region``.
    spells
        Usable rows of ``rep_history``, one state of a person each: ``rep_id``, ``start``, ``end``
        (last day; blank: still so) and the state.
    months
        One row per person and calendar month with any day there until the as-of date: ``rep_id``,
        ``month_date``, ``years`` (days there / 365.25), ``tenure_months`` at the first of these
        days, ``is_exit`` and the state on that day.
    as_of
        Last day that counts.
    has_history
        Whether states of the past are known; else the present state stands for them.
    """

    people: pd.DataFrame = field(repr=False)
    spells: pd.DataFrame = field(repr=False)
    months: pd.DataFrame = field(repr=False)
    as_of: pd.Timestamp
    has_history: bool

    @property
    def here(self) -> pd.DataFrame:
        """People who are there on the as-of date."""
        return self.people[self.people["is_here"]].reset_index(drop=True)

    def since(self, first: pd.Timestamp) -> pd.DataFrame:
        """Give the person-months from a day on."""
        return self.months[self.months["month_date"] >= first].reset_index(drop=True)


def prepare_staff(reps: pd.DataFrame, rep_history: pd.DataFrame | None, as_of: date) -> Staff:
    """
    Lay out people by calendar month.

    Parameters
    ----------
    reps
        Table ``reps``; open seats, people without a first day, and people who left before they
        came are left out (``people_checks.check_people`` names them).
    rep_history
        Table ``rep_history``; of rows that overlap, the later one counts from its first day on.
    as_of
        Last day that counts: who comes later is not there yet, who leaves later has not left.
    """
    until = pd.Timestamp(as_of)
    people = _people(table("reps").coerce(reps), until)
    history = table("rep_history").or_empty(rep_history)
    spells = _spells(table("rep_history").coerce(history), people)
    people = people.merge(_grade_dates(people, spells), on="rep_id", how="left")
    people["grade_date"] = people["grade_date"].fillna(people["start"])
    return Staff(
        people=people,
        spells=spells,
        months=_months(people, spells, until),
        as_of=until,
        has_history=len(spells) > 0,
    )


def tenure_band(months: pd.Series, edges: tuple[int, ...]) -> pd.Series:
    """
    Give the tenure band of each number of months.

    Examples
    --------
    >>> tenure_band(pd.Series([0.0, 6.0, 70.0]), (6, 12)).tolist()
    ['0-6 months', '6-12 months', '12+ months']
    """
    names = np.array(band_names(edges))
    place = np.searchsorted(np.array(edges), months.to_numpy(dtype=float), side="right")
    return pd.Series(names[place], index=months.index, dtype="str")


def band_names(edges: tuple[int, ...]) -> list[str]:
    """Give the names of the tenure bands in order."""
    lower = (0, *edges)
    inner = [f"{a}-{b} months" for a, b in zip(lower[:-1], edges, strict=True)]
    return [*inner, f"{edges[-1]}+ months"]


def _people(reps: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    is_seat = reps["is_open_seat"].fillna(False).astype(bool)
    left = reps["leave_date"].where(reps["leave_date"] <= until)
    usable = ~is_seat & (reps["hire_date"] <= until)
    usable &= reps["leave_date"].isna() | (reps["leave_date"] >= reps["hire_date"])
    found = pd.DataFrame({
        "rep_id": reps["rep_id"], "start": reps["hire_date"], "leave_date": left,
        "leave_reason": reps["leave_reason"].where(left.notna()), "is_here": left.isna(),
        "time_zone": reps["time_zone"], "calendar": reps["calendar"], **_state(reps),
    })  # fmt: skip
    return found[usable].sort_values("rep_id", ignore_index=True)


def _state(rows: pd.DataFrame) -> dict[str, pd.Series]:
    named = {"manager": "manager_id"}
    return {
        name: rows[named.get(name, name)].astype("str").fillna(_UNKNOWN) for name in STATE
    }  # fmt: skip


def _spells(history: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Give the usable states in order; a state ends where the next one begins."""
    known = history[
        history["rep_id"].isin(people["rep_id"])
        & ~(history["effective_to"] < history["effective_from"])
    ].sort_values(["rep_id", "effective_from"], ignore_index=True)
    following = known.groupby("rep_id")["effective_from"].shift(-1) - pd.Timedelta(days=1)
    end = known["effective_to"].where(~(known["effective_to"] > following), following)
    end = end.fillna(following)
    return pd.DataFrame({
        "rep_id": known["rep_id"], "start": known["effective_from"], "end": end, **_state(known),
    })  # fmt: skip


def _grade_dates(people: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Give the day since when each person has the present role and level."""
    both = spells.merge(people[["rep_id", "role", "level"]], on="rep_id", suffixes=("", "_now"))
    same = (both["role"] == both["role_now"]) & (both["level"] == both["level_now"])
    changed = both[~same].groupby("rep_id")["start"].max().rename("last").reset_index()
    last = both[["rep_id"]].merge(changed, on="rep_id", how="left")["last"]
    after = last.isna() | (both["start"] > last)
    first = both[same & after].groupby("rep_id")["start"].min()
    return first.rename("grade_date").reset_index()


def _months(people: pd.DataFrame, spells: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    names = ["rep_id", "month_date", "years", "tenure_months", "is_exit", *STATE]
    if people.empty:
        return pd.DataFrame(columns=names)
    last = people["leave_date"].fillna(until)
    begin = people["start"].dt.year * 12 + people["start"].dt.month - 1
    end = last.dt.year * 12 + last.dt.month - 1
    count = (end - begin + 1).to_numpy(dtype=int)
    at = people.index.to_numpy().repeat(count)
    step = np.arange(count.sum()) - (count.cumsum() - count).repeat(count)
    number = begin.to_numpy(dtype=int)[at] + step
    month = pd.Series(pd.to_datetime(
        {"year": number // 12, "month": number % 12 + 1, "day": np.ones(len(number), dtype=int)}
    )).astype("datetime64[us]").reset_index(drop=True)  # fmt: skip
    rows = people.iloc[at].reset_index(drop=True)
    first = month.where(month > rows["start"], rows["start"])
    month_end = month + pd.offsets.MonthEnd(1)
    stop = rows["leave_date"].fillna(until)
    stop = stop.where(stop < month_end, month_end)
    rows = rows.assign(
        month_date=month,
        first=first,
        years=((stop - first).dt.days + 1) / 365.25,
        tenure_months=(first - rows["start"]).dt.days / _DAYS_A_MONTH,
        is_exit=rows["leave_date"].notna() & (rows["leave_date"] <= month_end),
    )
    if len(spells):
        rows = _with_states(rows, spells)
    return rows[names].sort_values(["rep_id", "month_date"], ignore_index=True)


def _with_states(rows: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Put the state of that time on each person-month; without one, the present state stays."""
    placed = pd.merge_asof(
        rows.sort_values(["first", "rep_id"]).drop(columns=list(STATE)).reset_index(drop=True),
        spells.sort_values(["start", "rep_id"]).rename(columns={"start": "state_from"}),
        left_on="first", right_on="state_from", by="rep_id",
    )  # fmt: skip
    present = rows.drop_duplicates("rep_id").set_index("rep_id")[list(STATE)]
    fits = placed["state_from"].notna() & ~(placed["end"] < placed["first"])
    for name in STATE:
        placed[name] = placed[name].where(fits, placed["rep_id"].map(present[name]))
    return placed
