"""Ladders: who stands on which rung, moves between roles, and posts filled from inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.pipeline.movement.survival import cumulative_incidence
from planlib.settings.team_people import Ladder, TeamPeopleSettings
from planlib.team.grouping import ALL, window_start
from planlib.team.readiness import Readiness
from planlib.team.staff import Staff

_DAYS_A_MONTH = 365.25 / 12
_FEW_FILLS = 5


def grades(staff: Staff) -> pd.DataFrame:
    """
    Give the time of each person in each grade (role and level).

    Returns
    -------
    DataFrame
        ``rep_id``, ``role``, ``level``, ``start``, ``next_start``, ``next_role``, ``next_level``
        (blank: still there or left) and ``months`` until the next one.
    """
    rows = staff.spells.sort_values(["rep_id", "start"], ignore_index=True)
    by = rows.groupby("rep_id")
    same = (rows["role"] == by["role"].shift()) & (rows["level"] == by["level"].shift())
    rows = rows.loc[~same.astype(bool), ["rep_id", "role", "level", "start"]]
    by = rows.reset_index(drop=True).groupby("rep_id")
    found = rows.reset_index(drop=True).assign(
        next_start=by["start"].shift(-1), next_role=by["role"].shift(-1),
        next_level=by["level"].shift(-1),
    )  # fmt: skip
    days = (found["next_start"] - found["start"]).dt.days
    return found.assign(months=days / _DAYS_A_MONTH)


def stand_on_rungs(
    staff: Staff, readiness: Readiness, settings: TeamPeopleSettings
) -> pd.DataFrame:
    """
    Describe every rung of every ladder.

    Parameters
    ----------
    staff
        People and their grades.
    readiness
        From ``readiness.judge_readiness``.
    settings
        Ladders, window, smallest group: counts of ready and blocked people on a rung with fewer
        people are left blank.

    Returns
    -------
    DataFrame
        Rows of ``ladder_rungs``.
    """
    here = staff.here
    here = here.assign(months=(staff.as_of - here["grade_date"]).dt.days / _DAYS_A_MONTH)
    moves = grades(staff)
    moves = moves[moves["next_start"] >= window_start(staff.as_of, settings.fill_window_months)]
    found = []
    for ladder in settings.ladders:
        for order, rung in enumerate(ladder.rungs, start=1):
            role = rung.role or ladder.role
            on = here[(here["role"] == role) & (here["level"] == rung.level)]
            row: dict[str, Any] = {
                "ladder": ladder.role, "rung_order": order, "role": role, "level": rung.level,
                "headcount": len(on), "usual_months": rung.months, "note": "",
                "criteria": readiness.criteria.get((ladder.role, order), ""),
            }  # fmt: skip
            row |= _moved(moves, ladder, order)
            if len(on) >= settings.minimum_group:
                if staff.has_history:
                    row["grade_months"] = float(on["months"].median())
                usual = rung.months if staff.has_history else None
                row |= _ready(on, readiness, ladder.role, usual)
            else:
                row["note"] = f"fewer than {settings.minimum_group} people"
            if row.get("moved_count", 0) < settings.minimum_group:
                row["moved_months"] = np.nan
            found.append(row)
    return pd.DataFrame(found)


def count_moves(staff: Staff, settings: TeamPeopleSettings) -> pd.DataFrame:
    """
    Count moves between grades in all of the record.

    Returns
    -------
    DataFrame
        Rows of ``role_moves``, most frequent first. That somebody moved is known in the firm; the
        months of fewer people than ``minimum_group`` are not shown.
    """
    rows = grades(staff)
    rows = rows[rows["next_role"].notna()]
    if rows.empty:
        return pd.DataFrame()
    side = {(one.role, role) for one in settings.ladders for role in one.side_paths}
    keys = ["role", "level", "next_role", "next_level"]
    sums = rows.groupby(keys)["months"].agg(["size", "median"]).reset_index()
    pairs = list(zip(sums["role"], sums["next_role"], strict=True))
    few = sums["size"] < settings.minimum_group
    return pd.DataFrame({
        "from_role": sums["role"], "from_level": sums["level"], "to_role": sums["next_role"],
        "to_level": sums["next_level"], "moves_count": sums["size"],
        "kind": ["step" if a == b else "side path" if (a, b) in side else "role change"
                 for a, b in pairs],
        "median_months": sums["median"].mask(few),
    }).sort_values(["moves_count", "from_role", "from_level", "to_role", "to_level"],
                   ascending=[False, True, True, True, True], ignore_index=True)  # fmt: skip


def time_role_changes(staff: Staff, settings: TeamPeopleSettings) -> pd.DataFrame:
    """
    Estimate how many people of a role have moved into another one within the horizon.

    Cumulative incidence: leaving the firm, or another role first, competes with the move; people
    still in the role count for as long as they were watched.

    Returns
    -------
    DataFrame
        Rows of ``role_change_times`` for each change seen, where at least ``minimum_group``
        people started in the role.
    """
    rows = grades(staff)
    if rows.empty:
        return pd.DataFrame()
    first = rows.groupby(["rep_id", "role"])["start"].min().rename("begin").reset_index()
    changed = rows[rows["next_role"].notna() & (rows["next_role"] != rows["role"])]
    out = changed.drop_duplicates(["rep_id", "role"])[["rep_id", "role", "next_role", "next_start"]]
    facts = first.merge(out, on=["rep_id", "role"], how="left").merge(
        staff.people[["rep_id", "leave_date"]], on="rep_id"
    )
    end = facts["next_start"].fillna(facts["leave_date"]).fillna(staff.as_of)
    facts = facts.assign(
        days=(end - facts["begin"]).dt.days.astype(float), entry=0.0,
        cause=np.where(facts["next_role"].notna(), "moved to " + facts["next_role"].fillna(""),
                       np.where(facts["leave_date"].notna(), "left", "")),
    )  # fmt: skip
    horizon = settings.quick_move_months
    found = []
    for (old, new), moved in out.groupby(["role", "next_role"]):
        mine = facts[facts["role"] == old]
        if len(mine) < settings.minimum_group:
            continue
        causes = tuple(sorted(set(mine["cause"]) - {""}))
        curve = cumulative_incidence(
            mine["days"], mine["cause"], mine["entry"], np.array([horizon * _DAYS_A_MONTH]), causes
        )
        name = f"moved to {new}"
        months = mine.loc[mine["cause"] == name, "days"] / _DAYS_A_MONTH
        enough = len(moved) >= settings.minimum_group
        share, low, high = (curve[f"{name}{end}"].iloc[0] for end in ("", "_low", "_high"))
        if share == 0:  # nobody has moved so early: no event tells a width
            low = high = np.nan
        found.append({
            "from_role": old, "to_role": new, "people_count": len(mine), "moved_count": len(moved),
            "horizon_months": horizon, "moved_share": share, "low": low, "high": high,
            "median_months": float(months.median()) if enough else np.nan,
            "is_grey": not enough,
        })  # fmt: skip
    return pd.DataFrame(found)


def fill_posts(staff: Staff, settings: TeamPeopleSettings) -> pd.DataFrame:
    """
    Count posts of each role filled in the window, and how many from inside.

    A post is filled from outside by a first day in the firm in the role, and from inside by a
    change of role into it.

    Returns
    -------
    DataFrame
        Rows of ``internal_fills``, all roles together first.
    """
    if not staff.has_history:
        return pd.DataFrame()
    rows = grades(staff)
    before = rows.groupby("rep_id")["role"].shift()
    start = staff.people.set_index("rep_id")["start"]
    is_first = before.isna()
    day = rows["start"].where(~is_first, rows["rep_id"].map(start))
    filled = rows.assign(day=day, is_inside=~is_first)[is_first | (before != rows["role"])]
    first = window_start(staff.as_of, settings.fill_window_months)
    filled = filled[(filled["day"] >= first) & (filled["day"] <= staff.as_of)]
    if filled.empty:
        return pd.DataFrame()
    both = pd.concat([filled.assign(role=ALL, order=0), filled.assign(order=1)])
    sums = both.groupby(["order", "role"])["is_inside"].agg(["size", "sum"]).reset_index()
    low, high = wilson(sums["sum"].astype(float), sums["size"])
    return pd.DataFrame({
        "role": sums["role"], "window_from": first, "window_to": staff.as_of,
        "filled_count": sums["size"], "inside_count": sums["sum"].astype(int),
        "inside_share": sums["sum"] / sums["size"], "low": low, "high": high,
        "is_grey": sums["size"] < _FEW_FILLS,
    })  # fmt: skip


def _moved(moves: pd.DataFrame, ladder: Ladder, order: int) -> dict[str, object]:
    if order == len(ladder.rungs):
        return {}
    now, later = ladder.rungs[order - 1], ladder.rungs[order:]
    role = now.role or ladder.role
    onward = {(one.role or ladder.role, one.level) for one in later}
    other_roles = {name for name, _ in onward} - {role}
    left = moves[(moves["role"] == role) & (moves["level"] == now.level)]
    mine = left[[
        pair in onward or pair[0] in other_roles
        for pair in zip(left["next_role"], left["next_level"], strict=True)
    ]]  # fmt: skip
    return {
        "moved_count": len(mine),
        "moved_months": float(mine["months"].median()) if len(mine) else np.nan,
    }


def _ready(
    on: pd.DataFrame, readiness: Readiness, ladder: str, usual: float | None
) -> dict[str, object]:
    people = readiness.people[readiness.people["ladder"] == ladder]
    known = people[people["rep_id"].isin(on["rep_id"])]
    if known.empty:
        return {}
    ready = known[known["is_ready"]]
    months = ready["rep_id"].map(on.set_index("rep_id")["months"])
    blocked = None if usual is None else int((months > usual).sum())
    return {
        "ready_count": len(ready), "blocked_count": blocked,
        "false_ready": float((1 - ready["probability"]).sum()),
    }  # fmt: skip
