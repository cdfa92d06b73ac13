"""
From the book to blocks: scope, locks, families, cost parts, loads and targets as matrices.

Cost unit: an account of average workload at ``travel_km`` from its rep, or wholly outside its
rep's skills, or one average change of owner; each part times its weight in the settings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.book import Problems
from planlib.territories.gazetteer import fold
from planlib.territories.places import distances_km
from planlib.territories.solve import Problem

#: Name of the only block where accounts and reps are not separated.
WHOLE_MARKET = "whole market"

_FLOOR = 0.2  # part of a change's cost that does not depend on money
_FULL_TENURE = 2.0  # years of ownership from which a relation counts in full
_UNKNOWN_FIT = 0.5  # misfit of a rep whose skills are not known


@dataclass(frozen=True, kw_only=True)
class Block:
    """
    One part of the market that is planned by itself.

    ``rows`` are row numbers of the book, ``reps`` of the sellers; ``item`` gives the item (family)
    of each row; ``previous`` the column of today's owner or -1. The cost parts and ``km`` are per
    account and rep, ``problem`` per item.
    """

    name: str
    rows: np.ndarray
    reps: np.ndarray
    item: np.ndarray
    previous: np.ndarray
    travel: np.ndarray
    misfit: np.ndarray
    disruption: np.ndarray
    km: np.ndarray
    problem: Problem

    @property
    def cost(self) -> np.ndarray:
        """Cost per account and rep."""
        return np.asarray(self.travel + self.misfit + self.disruption)


def add_scope(
    book: pd.DataFrame, sellers: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> pd.DataFrame:
    """Add ``block`` (blank: out of scope) and ``out_reason``; give the book."""
    book = book.copy()
    own = block_names(book, settings)
    of_rep = dict(zip(sellers["rep_id"], block_names(sellers, settings), strict=True))
    by_owner = own.eq("") & book["owner"].isin(set(of_rep))
    block = own.mask(by_owner, book["owner"].map(of_rep))
    if by_owner.any():
        problems.add(
            "no_block",
            f"{settings.within} is blank for {int(by_owner.sum())} accounts; "
            "planned with today's owner's block",
        )
    reason = pd.Series("", index=book.index, dtype="str")
    reason = reason.mask(~block.isin(set(of_rep.values())), "no rep in " + block.astype("str"))
    reason = reason.mask(block.eq(""), f"{settings.within} is blank and so is the owner's")
    if settings.units:
        wanted = {unit.casefold() for unit in settings.units}
        other = ~book["unit"].str.casefold().isin(wanted).fillna(value=False)
        reason = reason.mask(other, "unit " + book["unit"].fillna("unknown") + " is not aligned")
    for detail, rows in book.groupby(reason, sort=True).groups.items():
        if detail:
            kind = (
                "out_of_scope"
                if "not aligned" in str(detail)
                else ("no_rep" if str(detail).startswith("no rep") else "no_block")
            )
            problems.add_accounts(
                kind, f"{detail}; keeps today's owner", book, book.index.isin(rows)
            )
    return book.assign(block=block.mask(reason.ne(""), ""), out_reason=reason)


def block_names(frame: pd.DataFrame, settings: TerritoriesSettings) -> pd.Series:
    """Name the block of each row; spelling and capitals of the columns do not matter."""
    if not settings.within:
        return pd.Series(WHOLE_MARKET, index=frame.index, dtype="str")
    parts = [frame[column].fillna("").str.strip() for column in settings.within.split(" and ")]
    blank = pd.concat([part.eq("") for part in parts], axis=1).any(axis=1)
    name = parts[0]
    for part in parts[1:]:
        name = name + " / " + part
    first: dict[str, str] = {}
    for one in sorted(set(name)):
        first.setdefault(one.casefold(), one)
    return name.str.casefold().map(first).mask(blank, "").astype("str")


def make_block(
    name: str,
    book: pd.DataFrame,
    sellers: pd.DataFrame,
    settings: TerritoriesSettings,
    problems: Problems,
) -> Block:
    """
    Give the matrices of one block.

    Parameters
    ----------
    name
        Name of the block.
    book
        The whole book with ``block``, ``must`` (rep or NA) and ``barred`` (tuple of reps).
    sellers
        All sellers with ``block``.
    settings
        Weights, measures, tolerance and budget.
    problems
        Where findings go.
    """
    rows = np.flatnonzero(book["block"].eq(name))
    reps = np.flatnonzero(sellers["block"].eq(name))
    accounts, people = book.iloc[rows], sellers.iloc[reps]
    column = {rep: j for j, rep in enumerate(people["rep_id"])}
    previous = accounts["owner"].map(column).fillna(-1).to_numpy(dtype=np.int64)
    size = _relative(accounts, "load_workload_hours")
    km = distances_km(
        *(
            frame[part].to_numpy(float)
            for frame in (accounts, people)
            for part in ("latitude", "longitude")
        )
    )
    travel = settings.weight_travel * size[:, None] * _known_km(km) / settings.travel_km
    misfit = settings.weight_misfit * size[:, None] * _misfit(accounts, people)
    moved = (previous >= 0)[:, None] & (previous[:, None] != np.arange(len(reps))[None, :])
    disruption = settings.weight_disruption * _relation(accounts)[:, None] * moved
    allowed, locked = _allowed(accounts, column, previous)
    item = _items(accounts, allowed, problems)
    stake = np.where(moved & ~locked[:, None], accounts["acv"].fillna(0.0).to_numpy()[:, None], 0.0)
    if accounts["acv"].fillna(0.0).sum() <= 0:  # no money known: accounts are counted
        stake = np.where(moved & ~locked[:, None], 1.0, 0.0)
    problem = _problem(
        accounts, people, settings, item, (travel + misfit + disruption, allowed, stake)
    )
    return Block(
        name=name,
        rows=rows,
        reps=reps,
        item=item,
        previous=previous,
        travel=travel,
        misfit=misfit,
        disruption=disruption,
        km=km,
        problem=problem,
    )


def _relative(accounts: pd.DataFrame, column: str) -> np.ndarray:
    """Give a load over its mean; 1 for all where the measure is not used or all are 0."""
    if column not in accounts:
        return np.ones(len(accounts))
    values = accounts[column].to_numpy(float)
    return values / values.mean() if values.sum() > 0 else np.ones(len(accounts))


def _known_km(km: np.ndarray) -> np.ndarray:
    """Fill unknown distances so that they favour nobody: the account's mean, else 0."""
    known = np.isfinite(km)
    count = known.sum(axis=1)
    mean = np.where(known, km, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(known, km, mean[:, None])


def _misfit(accounts: pd.DataFrame, people: pd.DataFrame) -> np.ndarray:
    """
    Give 0 where a rep's skills name the account's industry group, 1 where not.

    Reps without skills count 0.5; accounts without a group 0 for everyone, as does a block in
    which no rep has skills.
    """
    groups = accounts["group"].map(fold).to_numpy(dtype=object)
    skills = [
        {fold(skill) for skill in str(text).replace("；", ";").split(";") if fold(skill)}
        if isinstance(text, str)
        else set()
        for text in people["skills"]
    ]
    fits = np.array([[group in skill for skill in skills] for group in groups], dtype=float)
    misfit = 1.0 - fits.reshape(len(accounts), len(people))
    misfit[:, [not skill for skill in skills]] = _UNKNOWN_FIT
    if not any(skills):
        return np.zeros_like(misfit)
    misfit[[group in ("", "unmapped", "unknown") for group in groups], :] = 0.0
    return misfit


def _relation(accounts: pd.DataFrame) -> np.ndarray:
    """Give what losing the owner costs: a floor, plus money at stake, times tenure."""
    money = (accounts["acv"].fillna(0.0) + accounts["open_amount"].fillna(0.0)).to_numpy(float)
    share = money / money.mean() if money.sum() > 0 else np.ones(len(accounts))
    tenure = (accounts["years"] / _FULL_TENURE).clip(upper=1.0).fillna(1.0).to_numpy(float)
    return (_FLOOR + (1 - _FLOOR) * share) * (0.5 + 0.5 * tenure)


def _allowed(
    accounts: pd.DataFrame, column: dict[str, int], previous: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give which rep may own which account, and which accounts people have locked."""
    allowed = np.ones((len(accounts), len(column)), dtype=bool)
    for row, (must, barred, late) in enumerate(
        zip(accounts["must"], accounts["barred"], accounts["is_late"], strict=True)
    ):
        columns = [column[rep] for rep in barred if rep in column]
        if must in column:
            allowed[row] = False
            allowed[row, column[must]] = True
        elif late and previous[row] >= 0 and previous[row] not in columns:
            allowed[row] = False
            allowed[row, previous[row]] = True
        elif len(columns) < len(column):
            allowed[row, columns] = False
    return allowed, accounts["must"].isin(list(column)).to_numpy(dtype=bool)


def _items(accounts: pd.DataFrame, allowed: np.ndarray, problems: Problems) -> np.ndarray:
    """Give each account its family as a number; locked members leave a family they would tear."""
    family = accounts["family"].to_numpy(dtype=object).copy()
    table = pd.DataFrame(allowed).groupby(family).transform("min").to_numpy(dtype=bool)
    torn = ~table.any(axis=1)
    alone = torn & (allowed.sum(axis=1) < allowed.shape[1])
    ids = accounts["account_id"].to_numpy(dtype=object)
    for top in sorted(set(family[torn])):
        members = ", ".join(ids[alone & (family == top)][:4])
        problems.add(
            "family_split",
            f"locks or late-stage deals of {members} pull the family apart; these go their own way",
            account_id=top,
        )
    family[alone] = [f"{one}\x00" for one in ids[alone]]
    return np.asarray(pd.factorize(family, sort=True)[0])


def _problem(
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    settings: TerritoriesSettings,
    item: np.ndarray,
    per_account: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Problem:
    """Add accounts up to items, and set targets and budget."""
    count = int(item.max()) + 1
    cost, allowed, stake = per_account

    def summed(values: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(item, weights=part, minlength=count) for part in values.T])

    loads = np.stack([accounts[f"load_{one}"].to_numpy(float) for one in settings.measures], axis=1)
    used = loads.sum(axis=0) > 0
    load = summed(loads[:, used]) if used.any() else np.ones((1, count))
    items_stake = summed(stake).T
    all_allowed = summed((~allowed).astype(float)).T == 0
    tolerance = np.array([settings.tolerance_of(one) for one in settings.measures])
    forced = np.where(all_allowed, items_stake, np.inf).min(axis=1).sum()
    total = accounts["acv"].fillna(0.0).sum() or float(len(accounts))
    return Problem(
        cost=summed(cost).T,
        load=load,
        target=load.sum(axis=1)[:, None] * _shares(people, settings),
        tolerance=tolerance[used] if used.any() else np.array([settings.tolerance]),
        allowed=all_allowed,
        stake=items_stake,
        budget=max(settings.disruption_share * float(total), float(forced)),
    )


def _shares(people: pd.DataFrame, settings: TerritoriesSettings) -> np.ndarray:
    """Give each rep's share of the block: equal, or by capacity where all capacities are known."""
    equal = np.full(len(people), 1.0 / len(people))
    if settings.targets == "equal" or "capacity_hours" not in people:
        return equal
    hours = pd.to_numeric(people["capacity_hours"], errors="coerce").to_numpy(float)
    return hours / hours.sum() if np.isfinite(hours).all() and (hours > 0).all() else equal
