"""Quotas that people have set: applied with the rest re-spread, so that all sums still close."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.money import to_cents
from planlib.quotas.changes import days_of, prorate_quota
from planlib.quotas.exact import split_exact
from planlib.quotas.together import fit_sums
from planlib.quotas.tree import COMPANY, OWN, Tree

COLUMNS = ("decision_id", "who", "when", "why", "rep_id", "unit", "quota_amount",
           "year_amount", "before_amount", "status", "reason")  # fmt: skip
STATUSES = ("applied", "impossible", "unknown")


@dataclass(frozen=True, kw_only=True)
class Decided:
    """
    Quotas after the decisions of people.

    Parameters
    ----------
    cents
        Cents by leaf; the sum is what it was.
    decisions
        What became of each decision: columns ``COLUMNS``.
    changes
        Mid-year changes, as in ``presence_changes``.
    """

    cents: pd.Series = field(repr=False)
    decisions: pd.DataFrame = field(repr=False)
    changes: pd.DataFrame = field(repr=False)


def apply_decisions(
    tree: Tree, cents: pd.Series, units: pd.Series, decisions: pd.DataFrame | None, year: Period,
    *, holdover_days: int = 0,
) -> Decided:  # fmt: skip
    """
    Apply quotas that people have set; siblings below the same parent take up the difference.

    A decision on a unit sets the sum of its reps, and the other units take up the difference. One
    on a manager sets the team, one on a rep the rep. Where the latter would move quotas across
    units that are decided on, both are kept if any quotas have these sums: then the quotas of other
    teams change too, as little as they must. A decision that begins within the year counts
    pro rata by days, with the holdover. A decision that cannot be kept is named and left out, the
    latest first.

    Parameters
    ----------
    tree
        The hierarchy.
    cents
        Cents by leaf.
    units
        Unit by leaf.
    decisions
        Decisions of kind ``quotas`` of the year, from ``decisions_of_year``.
    year
        The year.
    holdover_days
        Days after a change in which the old quota counts on.
    """
    empty = pd.DataFrame(columns=["rep_id", "change", "effective_from", "old_amount", "new_amount",
                                  "days_before", "year_amount", "reason"])  # fmt: skip
    if decisions is None or decisions.empty:
        return Decided(cents=cents, decisions=pd.DataFrame(columns=list(COLUMNS)), changes=empty)
    order = decisions.sort_values(["when", "decision_id"], ignore_index=True)
    made = [
        _row(one, tree, cents, units, year, holdover_days=holdover_days)
        for one in order.to_dict("records")
    ]
    _last_word(made)
    while True:  # at most once more for each decision on a unit that cannot be kept
        rows = [row.copy() for row in made]
        found = _apply_nodes(tree, _apply_units(cents, units, rows), rows)
        moved = _moved_units(found, units, rows)
        if not moved:
            break
        both = _fit_units(tree, found, units, rows)
        if both is not None:
            found = both
            break
        at, reason = moved[-1]  # the latest first; without it, the others may be kept
        made[at].update(status="impossible", reason=reason, change=None)
    changes = [row["change"] for row in rows if row["status"] == "applied" and row["change"]]
    log = pd.DataFrame([{name: row[name] for name in COLUMNS} for row in rows])
    return Decided(
        cents=found, decisions=log,
        changes=pd.DataFrame(changes, columns=empty.columns) if changes else empty,
    )  # fmt: skip


def _row(
    one: dict, tree: Tree, cents: pd.Series, units: pd.Series, year: Period,  # type: ignore[type-arg]
    *, holdover_days: int,
) -> dict:  # type: ignore[type-arg]  # fmt: skip
    rep, unit = _text(one.get("rep_id")), _text(one.get("unit"))
    row = {"decision_id": one["decision_id"], "who": one["who"], "when": one["when"],
           "why": one["why"], "rep_id": rep, "unit": unit, "quota_amount": one["quota_amount"],
           "year_amount": np.nan, "before_amount": np.nan, "status": "applied", "reason": "",
           "node": None, "change": None}  # fmt: skip
    if (rep is None) == (unit is None):
        return row | {"status": "unknown", "reason": "name either a rep or a unit"}
    if rep is not None:
        nodes = tree.nodes[tree.nodes["rep_id"] == rep]
        if nodes.empty:
            return row | {"status": "unknown", "reason": "this rep carries no quota of the year"}
        node = str(nodes["node_id"].iloc[0])
        before = int(tree.totals(cents)[node])
    else:
        node = None
        mine = units == unit
        if not mine.any():
            return row | {"status": "unknown", "reason": "no rep with a quota is in this unit"}
        before = int(cents[mine.reindex(cents.index, fill_value=False)].sum())
    start, end = _day(one.get("effective_from")), _day(one.get("effective_to"))
    days = days_of(year, start, end, holdover_days)
    amount = prorate_quota(before / 100, float(one["quota_amount"]), days, year)
    text = "in force for the whole year"
    if days < year.days:
        begins = start is not None and start > pd.Timestamp(year.start)
        held = f", {holdover_days} of them holdover" if begins and holdover_days else ""
        text = f"the new quota counts for {days} days, the old one for {year.days - days}{held}"
        row["change"] = (rep or unit, "decision", start if begins else pd.Timestamp(year.start),
                         before / 100, float(one["quota_amount"]), year.days - days, amount,
                         text)  # fmt: skip
    return row | {"year_amount": amount, "before_amount": before / 100, "reason": text,
                  "node": node}  # fmt: skip


def decisions_of_year(
    decisions: pd.DataFrame | None, year: Period, as_of: pd.Timestamp
) -> pd.DataFrame | None:
    """
    Keep the decisions that are taken by a day and hold on some day of a year.

    Parameters
    ----------
    decisions
        All decisions of kind ``quotas``, those included that begin later in the year.
    year
        The year.
    as_of
        Decisions of later days count where they name a first day within the year: they are about
        this year, and a person who reviews it decides after the last day of its data. Those that
        another one supersedes do not count.
    """
    if decisions is None:
        return None
    first = decisions["effective_from"]
    about = (first >= pd.Timestamp(year.start)) & (first <= pd.Timestamp(year.end))
    taken = decisions[(decisions["when"] <= as_of) | about]
    ends, starts = taken["effective_to"], taken["effective_from"]
    holds = ends.isna() | (ends >= pd.Timestamp(year.start))
    holds &= starts.isna() | (starts <= pd.Timestamp(year.end))
    gone = taken["decision_id"].isin(taken["supersedes"].dropna())
    return taken[holds & ~gone].reset_index(drop=True)


def _last_word(rows: list[dict]) -> None:  # type: ignore[type-arg]
    """Of several decisions on the same rep or unit the latest counts."""
    seen: set[tuple[object, object]] = set()
    for row in reversed(rows):
        key = (row["rep_id"], row["unit"])
        if row["status"] != "applied":
            continue
        if key in seen:
            row.update(status="impossible", reason="a later decision sets another quota")
        seen.add(key)


def _apply_units(cents: pd.Series, units: pd.Series, rows: list[dict]) -> pd.Series:  # type: ignore[type-arg]
    mine = [row for row in rows if row["status"] == "applied" and row["unit"] is not None]
    place = units.reindex(cents.index)
    total = int(cents.sum())
    while mine:
        fixed = {row["unit"]: _cents(row) for row in mine}
        free = ~place.isin(list(fixed))
        rest = total - sum(fixed.values())
        if rest >= 0 and (free.any() or rest == 0):
            found = cents.copy()
            for unit, amount in fixed.items():
                inside = place == unit
                found[inside] = split_exact(amount, cents[inside].to_numpy(dtype="float64"))
            found[free] = split_exact(rest, cents[free].to_numpy(dtype="float64"))
            return found
        last = mine.pop()
        last.update(status="impossible", reason=(
            f"all quotas add up to {total / 100:,.0f}, the units decided on to "
            f"{sum(fixed.values()) / 100:,.0f}: the other units cannot take up the difference"
        ))  # fmt: skip
    return cents


def _apply_nodes(tree: Tree, cents: pd.Series, rows: list[dict]) -> pd.Series:  # type: ignore[type-arg]
    fixed = {row["node"]: row for row in rows if row["status"] == "applied" and row["node"]}
    if not fixed:
        return cents
    now, children = tree.totals(cents), tree.children()
    found = {COMPANY: int(cents.sum())}
    for node in tree.nodes["node_id"]:
        below = children.get(str(node), [])
        if below:
            found.update(_share(str(node), found[str(node)], below, now, fixed))
    return pd.Series({leaf: found[leaf] for leaf in cents.index}, dtype="int64")


def _share(
    node: str, amount: int, below: list[str], now: pd.Series, fixed: dict[str, dict]  # type: ignore[type-arg]
) -> dict[str, int]:  # fmt: skip
    """Give the children of a node their amounts, the fixed ones theirs as far as that closes."""
    mine = sorted((one for one in below if one in fixed),
                  key=lambda one: (fixed[one]["when"], fixed[one]["decision_id"]))  # fmt: skip
    while mine:
        claimed = sum(_cents(fixed[one]) for one in mine)
        free = [one for one in below if one not in mine]
        if claimed == amount or (claimed < amount and free):
            break
        last = fixed.pop(mine.pop())
        room = "nobody else is left to take up the difference" if not free else "that is too much"
        last.update(status="impossible", reason=(
            f"{node.removesuffix(OWN)} has {amount / 100:,.0f}, those decided on below it "
            f"{claimed / 100:,.0f}: {room}"
        ), change=None)  # fmt: skip
    found = {one: _cents(fixed[one]) for one in mine}
    free = [one for one in below if one not in found]
    weights = now[free].to_numpy(dtype="float64")
    parts = split_exact(amount - sum(found.values()), weights)  # none where nobody is free
    return found | {one: int(part) for one, part in zip(free, parts, strict=True)}


def _fit_units(
    tree: Tree, cents: pd.Series, units: pd.Series, rows: list[dict]  # type: ignore[type-arg]
) -> pd.Series | None:  # fmt: skip
    """Keep decisions on units and those on reps and managers at once; None: that cannot be."""
    place, below = units.reindex(cents.index), tree.above(cents.index)
    fixed = [(np.ones(len(cents), dtype=bool), int(cents.sum()))]
    for row in rows:
        if row["status"] != "applied":
            continue
        mask = (place == row["unit"]).fillna(False) if row["unit"] is not None else pd.Series(
            [row["node"] in above for above in below])  # fmt: skip
        fixed.append((mask.to_numpy(dtype=bool), _cents(row)))
    found = fit_sums(cents, fixed)
    if found is not None:
        for row in rows:
            if row["status"] == "applied" and row["unit"] is not None:
                row["reason"] += "; kept together with decisions across units"
    return found


def _moved_units(
    cents: pd.Series, units: pd.Series, rows: list[dict]  # type: ignore[type-arg]
) -> list[tuple[int, str]]:  # fmt: skip
    """Give the decisions on units that did not hold, by their place, and why."""
    place, found = units.reindex(cents.index), []
    for at, row in enumerate(rows):
        if row["status"] != "applied" or row["unit"] is None:
            continue
        now = int(cents[place == row["unit"]].sum())
        if now != _cents(row):
            found.append((at, (
                f"the unit would be at {now / 100:,.0f}: no quotas have this sum and those decided "
                "on for its reps or their managers"
            )))  # fmt: skip
    return found


def _cents(row: dict) -> int:  # type: ignore[type-arg]
    return int(to_cents(pd.Series([row["year_amount"]])).iloc[0])


def _day(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]
