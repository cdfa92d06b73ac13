"""
Territories as contiguous areas on the map, beside the plan by account: what contiguity costs.

Areas are the provinces of accounts (the country where no province is known), city by city where a
province is too heavy for half a territory. Each territory belongs to one rep and has that rep's
target; where all reps have a place, it is drawn about it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planlib.notes import count_of, percent
from planlib.territories.figures import MOVED_NOTE, figures_of
from planlib.territories.geography import Design, design
from planlib.territories.solving import Answer
from planlib.territories.statement import Statement

_HEAVY = 0.5  # of an average territory: such a province is taken city by city
_DRAWN_WITHIN = (0.01, 0.99)  # narrowest and widest tolerance of areas
_KEPT = ("block", "previous_rep_id", "rep_id", "is_moved", "acv", "potential", "latitude",
         "longitude")  # fmt: skip
_COMPARED = (
    "plan", "status", "tolerance_reached", "travel_km", "misfit", "moved_count",
    "moved_acv_share",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DrawnPlan:
    """
    Contiguous territories of one part of the market.

    Parameters
    ----------
    areas
        ``area_id``, ``latitude``, ``longitude``, ``account_count``, the balanced measures and
        ``rep_id``, whose territory the area is in.
    comparison
        ``plan`` (today, by account, by area), ``status``, ``tolerance_reached`` (largest deviation
        from a target), ``travel_km``, ``misfit``, ``moved_count``, ``moved_acv_share``.
    plan
        The accounts with the rep of their area: ``account_id``, ``block``, ``previous_rep_id``,
        ``rep_id``, ``is_moved``, ``acv``, ``potential``, ``latitude``, ``longitude``; for maps, and
        to compare with another plan.
    design
        What the search found, with bound and violations; None where nothing was drawn.
    notes
        What the planner should know.
    """

    areas: pd.DataFrame
    comparison: pd.DataFrame
    plan: pd.DataFrame
    design: Design | None
    notes: tuple[str, ...] = ()

    def reps(self, reps: pd.DataFrame) -> pd.DataFrame:
        """Give the reps of an alignment with the number of accounts that they have here."""
        counts = reps["rep_id"].map(self.plan["rep_id"].value_counts())
        return reps.assign(after_count=counts.fillna(0).astype("Int64"))


def draw_areas(
    statement: Statement,
    answers: Collection[Answer],
    block: str,
    *,
    tolerance: float | None = None,
    **search: Any,
) -> DrawnPlan:
    """
    Draw contiguous territories for one part of the market and compare them with the plan.

    Parameters
    ----------
    statement, answers
        The alignment; targets are its targets.
    block
        Part of the market; blank: nothing is drawn.
    tolerance
        Allowed deviation from each target; None: that of the plan, at least 1% and at most 99%,
        beyond which nothing would be balanced. A note says where the plan's own is another.
    search
        ``seed``, ``effort``, ``time_limit``, ``workers``, as for ``design``.

    Returns
    -------
    DrawnPlan
        Accounts without a place keep the rep of the plan. Locks and protected deals do not hold
        here; ``notes`` count the accounts that would leave a rep who keeps them.
    """
    answer = next((one for one in answers if one.block.name == block), None)
    if answer is None:
        return _nothing(() if not block else (f"'{block}' is no part of the market",))
    accounts = statement.book.iloc[answer.block.rows].reset_index(drop=True)
    size = answer.block.shape[1]
    labels = _labels(answer, accounts)
    areas = _areas(answer, accounts, labels)
    measures = [one for one in _measures(answer) if areas[one].sum() > 0]
    if len(areas) < size or size < 2 or not measures:
        why = f"{count_of(len(areas), 'area')} for {count_of(size, 'rep')}: nothing to draw"
        return _nothing((why if measures or areas.empty else "no measure to balance by area",))
    people = statement.sellers.iloc[answer.block.reps]
    own = float(np.nanmax(answer.tolerance))
    limit = float(np.clip(own, *_DRAWN_WITHIN)) if tolerance is None else tolerance
    found = design(areas, None, size, measures, limit, **_request(answer, people, measures),
                   **search)  # fmt: skip
    areas["rep_id"] = areas["area_id"].map(found.plan.set_index("area_id")["territory"])
    column = {rep: j for j, rep in enumerate(people["rep_id"])}
    rep_of = dict(zip(areas["area_id"], areas["rep_id"].map(column), strict=True))
    drawn = labels.map(rep_of).fillna(pd.Series(answer.rep)).to_numpy(dtype=np.int64)
    return DrawnPlan(
        areas=areas, comparison=_compared(statement, answer, drawn, found.status),
        plan=_plan(accounts, people["rep_id"].to_numpy(object)[drawn]), design=found,
        notes=(*_notes(answer, labels, drawn, found),
               *_other_tolerance(own, limit if tolerance is None else own), MOVED_NOTE),
    )  # fmt: skip


def _other_tolerance(own: float, limit: float) -> tuple[str, ...]:
    if own == limit:
        return ()
    return (
        f"areas are drawn within {percent(limit)} of each target; the plan reaches {percent(own)}",
    )


def _nothing(notes: tuple[str, ...]) -> DrawnPlan:
    empty = pd.DataFrame(columns=["area_id", "latitude", "longitude", "account_count", "rep_id"])
    return DrawnPlan(areas=empty, comparison=pd.DataFrame(columns=list(_COMPARED)),
                     plan=pd.DataFrame(columns=["account_id", *_KEPT]), design=None,
                     notes=notes)  # fmt: skip


def _plan(accounts: pd.DataFrame, rep: np.ndarray) -> pd.DataFrame:
    """Give the accounts with their rep, as maps and comparisons read a plan."""
    plan = accounts.assign(previous_rep_id=accounts["owner"], rep_id=pd.Series(rep, dtype="str"))
    plan["is_moved"] = ~plan["rep_id"].eq(plan["owner"]).fillna(value=False).astype(bool)
    return plan[["account_id", *_KEPT]]


def _measures(answer: Answer) -> list[str]:
    known = answer.block.is_balanced
    return [name for name, one in zip(answer.block.measures, known, strict=True) if one]


def _labels(answer: Answer, accounts: pd.DataFrame) -> pd.Series:
    """Name the area of each account; missing where its place is not known."""
    placed = accounts["latitude"].notna()
    parts = [accounts[name].fillna("").str.strip() for name in ("country", "province")]
    province = (parts[0] + " / " + parts[1]).str.strip(" /").where(placed)
    north, east = (accounts[name].round(1).astype(str) for name in ("latitude", "longitude"))
    heavy = pd.Series(False, index=accounts.index)
    for load, is_balanced in zip(answer.block.load, answer.block.is_balanced, strict=True):
        if is_balanced and load.sum() > 0:
            weight = pd.Series(load).groupby(province).transform("sum")
            heavy |= weight > _HEAVY * load.sum() / answer.block.shape[1]
    several = province.nunique() < answer.block.shape[1]
    return province.mask(placed & (heavy | several), province + " / " + north + ", " + east)


def _areas(answer: Answer, accounts: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Sum accounts up by area; the place of an area is the mean of theirs."""
    rows = pd.DataFrame({
        "area_id": labels, "latitude": accounts["latitude"], "longitude": accounts["longitude"],
        "account_count": 1,
    })  # fmt: skip
    for name, load in zip(answer.block.measures, answer.block.load, strict=True):
        if name in _measures(answer):
            rows[name] = load
    how = {name: "sum" for name in rows if name not in ("area_id", "latitude", "longitude")}
    grouped = rows.groupby("area_id", sort=True)
    return grouped.agg({"latitude": "mean", "longitude": "mean", **how}).reset_index()


def _request(answer: Answer, people: pd.DataFrame, measures: list[str]) -> dict[str, Any]:
    """Give targets by rep, and the reps' places as centres where all of them have one."""
    block = answer.block
    targets = pd.DataFrame({"territory": people["rep_id"].to_numpy()})
    for name in measures:
        target = block.target[block.measures.index(name)]
        targets[name] = target / target.sum()
    given: dict[str, Any] = {"targets": targets, "weight": measures[0]}
    if people["latitude"].notna().all():
        given["centres"] = pd.DataFrame({
            "territory": people["rep_id"].to_numpy(), "latitude": people["latitude"].to_numpy(),
            "longitude": people["longitude"].to_numpy(),
        })  # fmt: skip
        given["objective"] = "distance"
    return given


def _compared(statement: Statement, answer: Answer, drawn: np.ndarray, status: str) -> pd.DataFrame:
    """Put today, the plan and the areas side by side in natural units."""
    plans = (("today", "", answer.block.owner), ("by account", answer.status, answer.rep),
             ("by area", status, drawn))  # fmt: skip
    rows = []
    for name, word, rep in plans:
        one = figures_of(answer.block, rep, statement.book)
        rows.append((name, word, one.tolerance_reached, one.travel_km, one.misfit,
                     one.moved_count, one.moved_acv_share))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COMPARED))


def _notes(answer: Answer, labels: pd.Series, drawn: np.ndarray, found: Design) -> tuple[str, ...]:
    notes = list(found.findings)
    lost = int(labels.isna().sum())
    if lost:
        notes.append(f"{lost:,} accounts without a place keep the rep of the plan")
    kept = (answer.block.fixed >= 0) & (answer.block.fixed != drawn)
    if kept.any():
        notes.append(f"{int(kept.sum()):,} locked or protected accounts would go to another rep")
    if len(found.violations):
        notes.append(f"{len(found.violations):,} limits of territories are not met, first: "
                     f"{found.violations['cause'].iloc[0]}")  # fmt: skip
    return tuple(notes)
