"""
From the book to blocks: scope, locks, families, cost parts, loads and targets as matrices.

Cost unit: an account of average workload at ``travel_km`` from its rep, or wholly outside its
rep's skills, or one average change of owner; each part times its weight in the settings.
"""

from __future__ import annotations

import re
from collections import Counter
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

_FLOOR = 0.5  # part of a change's cost that does not depend on money
_FULL_TENURE = 2.0  # years of ownership from which a relation counts in full
_NOT_KNOWN = frozenset({"", "unmapped", "unknown", "unassigned"})
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


def separated_by(
    book: pd.DataFrame, sellers: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> list[str]:
    """
    Give the columns that really separate the market: those of ``settings.within`` in use.

    A column that half of the accounts or reps do not have, or in which none of the accounts'
    values is that of a rep, is left out, and the list of problems says so.
    """
    used = []
    for column in settings.within.split(" and ") if settings.within else []:
        ours, theirs = (table[column].str.strip().str.casefold() for table in (book, sellers))
        filled = min((ours.fillna("") != "").mean(), (theirs.fillna("") != "").mean())
        if len(book) and len(sellers) and (filled < 0.5 or not ours.isin(theirs.dropna()).any()):
            problems.add(
                "setting",
                f"{column} does not link accounts with reps (blank, or nothing "
                "in common); the market is not separated by it",
            )
        else:
            used.append(column)
    return used


def add_scope(
    book: pd.DataFrame,
    sellers: pd.DataFrame,
    columns: list[str],
    settings: TerritoriesSettings,
    problems: Problems,
) -> pd.DataFrame:
    """
    Add ``block`` (blank: out of scope) and ``out_reason``; give the book.

    An account whose own part of the market is blank or has no rep is planned in that of its
    owner, inside the same region where regions separate; each such case is counted.
    """
    book = book.copy()
    own = block_names(book, columns)
    of_rep = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    region_of = dict(zip(sellers["rep_id"], sellers["region"].str.casefold(), strict=True))
    theirs = book["owner"].map(of_rep).astype("str")
    staffed = own.isin(set(of_rep.values()))
    same = book["region"].isna() | (
        book["region"].str.strip().str.casefold() == book["owner"].map(region_of)
    )
    by_owner = ~staffed & theirs.notna() & (same.fillna(value=False) | ("region" not in columns))
    for name, count in sorted(Counter(own[by_owner]).items()):
        detail = f"there is no rep in {name}" if name else f"{' or '.join(columns)} is blank"
        problems.add("no_block", f"{detail}: {count} accounts are planned with the owner's block")
    block = own.mask(by_owner, theirs)
    reason = pd.Series("", index=book.index, dtype="str")
    reason = reason.mask(~staffed & ~by_owner, "no rep in " + own)
    reason = reason.mask(own.eq("") & ~by_owner, f"{' or '.join(columns)} is blank")
    if settings.units:
        wanted = {unit.casefold() for unit in settings.units}
        other = ~book["unit"].str.casefold().isin(wanted).fillna(value=False)
        reason = reason.mask(other, "unit " + book["unit"].fillna("unknown") + " is not aligned")
    for why in sorted(set(reason) - {""}):
        kind = "no_block"
        if why.endswith("is not aligned"):
            kind = "out_of_scope"
        elif why.startswith("no rep"):
            kind = "no_rep"
        problems.add_accounts(kind, f"{why}; keeps today's owner", book, reason.eq(why))
    return book.assign(block=block.mask(reason.ne(""), ""), out_reason=reason)


def block_names(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Give the block of each row; capitals do not matter, blank where a column is blank."""
    if not columns:
        return pd.Series(WHOLE_MARKET, index=frame.index, dtype="str")
    parts = [frame[column].fillna("").str.strip() for column in sorted(columns)]
    blank = pd.concat([part.eq("") for part in parts], axis=1).any(axis=1)
    name = parts[0]
    for part in parts[1:]:
        name = name + " / " + part
    return name.where(~blank, "").astype("str")


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
    Give how badly a rep suits an account, 0 to 1: the mean over skills and unit, where known.

    Skills suit when they name the industry group. A rep without skills or unit counts 0.5 there,
    an account without group or unit 0 for everyone, as does a block where no rep has any.
    """
    groups = [
        [fold(group), fold(industry)]
        for group, industry in zip(accounts["group"], accounts["industry"], strict=True)
    ]
    skills = [re.split("[;；]", text) if isinstance(text, str) else [] for text in people["skills"]]
    units = [[fold(unit)] for unit in accounts["unit"]]
    own = [
        [text] if isinstance(text, str) and fold(text) != "all" else [] for text in people["unit"]
    ]
    parts = [_mismatch(groups, skills), _mismatch(units, own)]
    known = [part for part in parts if part is not None]
    size = (len(accounts), len(people))
    return np.asarray(sum(known, np.zeros(size)) / max(len(known), 1))


def _mismatch(wanted: list[list[str]], offered: list[list[str]]) -> np.ndarray | None:
    """Give 1 where a rep offers nothing that is wanted; None where nothing is in common at all."""
    sets = [{fold(one) for one in some if fold(one)} for some in offered]
    asked = [set(some) - _NOT_KNOWN for some in wanted]
    if not set().union(*sets) & set().union(*asked):
        return None
    mismatch = np.array([[not (some & one) for one in sets] for some in asked], dtype=float)
    mismatch[:, [not one for one in sets]] = _UNKNOWN_FIT
    mismatch[[not some for some in asked], :] = 0.0
    return mismatch


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

    targets = block_targets(accounts, people, settings)
    used = [one for one in settings.measures if targets[one].sum() > 0]
    if used:
        load = summed(np.stack([accounts[f"load_{one}"].to_numpy(float) for one in used], axis=1))
        target = np.stack([targets[one] for one in used])
        tolerance = np.array([settings.tolerance_of(one) for one in used])
    else:  # nothing to balance: a tolerance that everything is within
        load, target = np.zeros((1, count)), np.ones((1, len(people)))
        tolerance = np.ones(1)
    items_stake, all_allowed = summed(stake).T, summed((~allowed).astype(float)).T == 0
    forced = np.where(all_allowed, items_stake, np.inf).min(axis=1).sum()
    total = float(accounts["acv"].fillna(0.0).sum()) or float(len(accounts))
    return Problem(
        cost=summed(cost).T,
        load=load,
        target=target,
        tolerance=tolerance,
        allowed=all_allowed,
        stake=items_stake,
        budget=max(settings.disruption_share * total, float(forced)),
    )


def block_targets(
    accounts: pd.DataFrame, people: pd.DataFrame, settings: TerritoriesSettings
) -> dict[str, np.ndarray]:
    """
    Give each rep's target by measure; the targets of a block sum to its accounts' load.

    By unit, the load of each unit that has reps is divided among these, and that of other units
    among all, in proportion to capacity where every capacity is known.
    """
    hours = np.ones(len(people))
    if settings.targets != "equal" and "capacity_hours" in people:
        given = pd.to_numeric(people["capacity_hours"], errors="coerce").to_numpy(float)
        hours = given if np.isfinite(given).all() and (given > 0).all() else hours
    ours, theirs = accounts["unit"].map(fold).to_numpy(), people["unit"].map(fold).to_numpy()
    targets: dict[str, np.ndarray] = {}
    for measure in settings.measures:
        load = accounts[f"load_{measure}"].to_numpy(float)
        target, rest = np.zeros(len(people)), np.ones(len(accounts), dtype=bool)
        if settings.targets == "unit capacity" and "" not in set(theirs):
            for unit in sorted(set(theirs)):
                mine = ours == unit
                target += (
                    load[mine].sum()
                    * np.where(theirs == unit, hours, 0.0)
                    / (hours[theirs == unit].sum())
                )
                rest &= ~mine
        target += load[rest].sum() * hours / hours.sum()
        targets[measure] = _positive(target)
    return targets


def _positive(target: np.ndarray) -> np.ndarray:
    """Let no target be 0 beside others that are not: a rep without any load of the own unit."""
    least = 0.01 * target.mean()
    lifted = np.maximum(target, least)
    return lifted * target.sum() / lifted.sum() if target.sum() > 0 else target
