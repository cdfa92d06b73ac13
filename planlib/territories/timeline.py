"""
Changes in the middle of a period: who owns an account on which days, and what that is worth.

Replayed from the plan and the file of decisions alone: the same file always gives the same days.
A decision holds from ``effective_from`` (blank: the day it was made) to ``effective_to``, until a
decision that names it in ``supersedes`` begins; where two hold on a day the later one counts.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.notes import count_of
from planlib.tables import require_columns, table
from planlib.territories.columns import (
    day,
    flag,
    known_sum,
    named,
    names_of,
    number,
    stamp,
    text,
)

_ONE_DAY = pd.Timedelta(days=1)
_YEAR = 365.25


@dataclass(frozen=True)
class _Spell:
    """One decision on the line of days: both days included."""

    account: str
    rep: str
    rule: str
    first: pd.Timestamp
    last: pd.Timestamp
    made: pd.Timestamp
    ident: str


@dataclass(frozen=True, kw_only=True)
class ProRata:
    """
    Owners by day of a period.

    ``stretches`` is territory_pro_rata, one row per account and owner in turn; ``notes`` say which
    decisions could not be replayed, and why, and what open seats hold.
    """

    stretches: pd.DataFrame
    notes: tuple[str, ...] = ()

    def by_rep(self) -> pd.DataFrame:
        """
        Give what each rep holds in the period: ``rep_id``, ``rep_name``, ``account_count``.

        Beside them ``account_days``, ``acv``, ``potential`` and ``quota``, in shares of days.
        """
        known = self.stretches[self.stretches["rep_id"].notna()]
        grouped = known.groupby(["rep_id", "rep_name"], sort=True)
        sums = grouped[["acv", "potential", "quota"]].agg(known_sum)
        sums.insert(0, "account_days", grouped["day_count"].sum())
        sums.insert(0, "account_count", grouped["account_id"].nunique())
        return sums.reset_index()


def pro_rata(
    plan: pd.DataFrame,
    decisions: pd.DataFrame | None,
    *,
    start: datetime.date,
    end: datetime.date,
    effective: datetime.date | None = None,
    reps: pd.DataFrame | None = None,
    account_quotas: Mapping[str, float] | None = None,
) -> ProRata:
    """
    Give the owners of a period by day, and ACV, potential and quota by share of days.

    Parameters
    ----------
    plan
        ``account_id`` and ``rep_id``; where there ``previous_rep_id``, ``acv``, ``potential``.
    decisions
        Decisions of kind territories, all of them, not only those in force today.
    start, end
        First and last day of the period.
    effective
        Day on which the plan begins; before it the owners of ``previous_rep_id`` hold. None: the
        plan holds from the start.
    reps
        Names, last days (nobody owns an account after its owner's last day until a decision gives
        it to another rep), open seats, and yearly quotas.
    account_quotas
        Quota of each account for the period. None: the owner's yearly quota, by days of the
        period, spread over the accounts of the plan by potential, else ACV, else evenly.

    Returns
    -------
    ProRata
        Each account's stretches cover the period without gap or overlap, so shares of days add up
        to 1 and its ACV and quota are handed out in full.

    Raises
    ------
    ParameterError
        If the period ends before it starts.
    TableError
        If a column is missing.
    """
    first, last = stamp(start), stamp(end)
    if last < first:
        raise ParameterError("period", [f"ends on {end} before it starts on {start}"])
    require_columns("territory_plan", plan, ["account_id", "rep_id"])
    book = plan.drop_duplicates("account_id").sort_values("account_id", kind="stable")
    notes: list[str] = []
    spells = _spells(decisions, set(book["account_id"].astype("str")), notes)
    begins = first if effective is None else max(stamp(effective), first)
    leaves = _last_days(reps)
    rows: list[dict[str, object]] = []
    before = text(book, "previous_rep_id") if "previous_rep_id" in book else text(book, "rep_id")
    for account, old, new in zip(book["account_id"], before, text(book, "rep_id"), strict=True):
        own = spells.get(str(account), [])
        rows += _stretches(str(account), (old, new, begins), own, (first, last), leaves)
    stretches = pd.DataFrame(rows)
    days = (last - first).days + 1
    if not stretches.empty:
        quota = _quotas(book, reps, account_quotas, days)
        stretches = _valued(stretches, book, quota, days)
        stretches["rep_name"] = named(stretches["rep_id"], names_of(reps, "rep_id"))
        notes += _held_by_seats(stretches, reps)
    return ProRata(stretches=table("territory_pro_rata").conform(stretches), notes=tuple(notes))


def _spells(
    decisions: pd.DataFrame | None, known: set[str], notes: list[str]
) -> dict[str, list[_Spell]]:
    """Give the decisions of each account as spells, the weakest claim first."""
    if decisions is None or decisions.empty:
        return {}
    require_columns("override_territories", decisions, ["account_id", "rep_id", "rule"])
    made = day(decisions, "when")
    begins = day(decisions, "effective_from").fillna(made).fillna(pd.Timestamp.min.ceil("D"))
    ends = day(decisions, "effective_to").fillna(pd.Timestamp.max.floor("D"))
    ids = text(decisions, "decision_id").fillna("")
    replaced = text(decisions, "supersedes")
    for ident, begin in sorted(zip(replaced, begins, strict=True), key=lambda pair: pair[1]):
        if pd.notna(ident):
            same = ids.eq(ident)
            ends = ends.mask(same & (ends >= begin), begin - _ONE_DAY)
    found: dict[str, list[_Spell]] = {}
    made = made.fillna(begins)
    columns = (decisions["account_id"].astype("str"), decisions["rep_id"].astype("str"),
               decisions["rule"], begins, ends, made, ids)  # fmt: skip
    for row in zip(*columns, strict=True):
        spell = _Spell(*row)
        if spell.account not in known:
            notes.append(f"decision {spell.ident}: account {spell.account} is not in the plan")
        elif spell.first <= spell.last:
            found.setdefault(spell.account, []).append(spell)
    return {
        account: sorted(own, key=lambda one: (one.made, one.ident, one.rep))
        for account, own in found.items()
    }


def _held_by_seats(stretches: pd.DataFrame, reps: pd.DataFrame | None) -> list[str]:
    """Say how many accounts go to open seats: these have days, but nobody who works them yet."""
    if reps is None:
        return []
    seats = set(reps.loc[flag(reps, "is_open_seat"), "rep_id"].astype("str"))
    held = stretches[stretches["rep_id"].isin(seats)]
    if held.empty:
        return []
    seat = count_of(held["rep_id"].nunique(), "open seat")
    account = count_of(held["account_id"].nunique(), "account")
    return [f"{account} with {seat}: nobody works them until the seat is filled"]


def _last_days(reps: pd.DataFrame | None) -> dict[str, pd.Timestamp]:
    if reps is None or "leave_date" not in reps:
        return {}
    last = day(reps, "leave_date")
    return {
        str(rep): when for rep, when in zip(reps["rep_id"], last, strict=True) if pd.notna(when)
    }


def _stretches(
    account: str,
    base: tuple[object, object, pd.Timestamp],
    spells: list[_Spell],
    period: tuple[pd.Timestamp, pd.Timestamp],
    leaves: Mapping[str, pd.Timestamp],
) -> list[dict[str, object]]:
    """Cut the period where the owner may change, and name the owner of each piece."""
    first, last = period
    cuts = {first, base[2]}
    for spell in spells:
        cuts |= {spell.first, spell.last + _ONE_DAY} if spell.last < last else {spell.first}
    cuts |= {
        leaves[str(rep)] + _ONE_DAY
        for rep in (base[0], base[1], *(spell.rep for spell in spells))
        if str(rep) in leaves
    }
    edges = sorted(cut for cut in cuts if first <= cut <= last)
    rows: list[dict[str, object]] = []
    for place, begin in enumerate(edges):
        end = edges[place + 1] - _ONE_DAY if place + 1 < len(edges) else last
        rep, cause = _owner(begin, base, spells, leaves)
        if rows and rows[-1]["rep_id"] == rep and rows[-1]["cause"] == cause:
            rows[-1]["to_date"] = end
            continue
        rows.append({"account_id": account, "from_date": begin, "to_date": end, "rep_id": rep,
                     "cause": cause})  # fmt: skip
    return rows


def _owner(
    when: pd.Timestamp,
    base: tuple[object, object, pd.Timestamp],
    spells: list[_Spell],
    leaves: Mapping[str, pd.Timestamp],
) -> tuple[str | None, str]:
    """Give the owner on a day and why; a later decision wins over an earlier one."""
    old, new, begins = base
    owner, cause = (new, "plan") if when >= begins else (old, "owner before the plan")
    if pd.isna(owner):  # type: ignore[call-overload]
        owner = None
    for spell in spells:
        if not spell.first <= when <= spell.last:
            continue
        if spell.rule == "must":
            owner, cause = spell.rep, f"decision {spell.ident}"
        elif owner == spell.rep:
            cause = f"decision {spell.ident} bars {spell.rep}; nobody else is named yet"
    if owner is not None and when > leaves.get(str(owner), when):
        return None, f"last day of {owner} is over"
    return None if owner is None else str(owner), cause


def _quotas(
    book: pd.DataFrame,
    reps: pd.DataFrame | None,
    given: Mapping[str, float] | None,
    days: int,
) -> pd.Series:
    """Give the quota of each account for the period; NaN where it cannot be known."""
    ids = book["account_id"].astype("str")
    if given is not None:
        return ids.map(dict(given)).astype("float64")
    if reps is None or "quota" not in reps:
        return pd.Series(np.nan, index=book.index)
    owner = text(book, "rep_id")
    yearly = dict(zip(reps["rep_id"].astype("str"), number(reps, "quota"), strict=True))
    weight = pd.Series(1.0, index=book.index)
    for name in ("potential", "acv"):
        if number(book, name).sum() > 0:
            weight = number(book, name).fillna(0.0)
            break
    total = weight.groupby(owner).transform("sum")
    count = weight.groupby(owner).transform("size")
    part = (weight / total.where(total > 0)).fillna(1.0 / count)
    return owner.map(yearly).astype("float64") * min(days / _YEAR, 1.0) * part


def _valued(
    stretches: pd.DataFrame, book: pd.DataFrame, quota: pd.Series, days: int
) -> pd.DataFrame:
    count = (stretches["to_date"] - stretches["from_date"]).dt.days + 1
    stretches = stretches.assign(day_count=count, day_share=count / days)
    at = stretches["account_id"].map(
        pd.Series(range(len(book)), index=book["account_id"].astype("str"))
    )
    for name, values in (
        ("acv", number(book, "acv")),
        ("potential", number(book, "potential")),
        ("quota", quota),
    ):
        stretches[name] = values.to_numpy()[at.to_numpy()] * stretches["day_share"]
    return stretches
