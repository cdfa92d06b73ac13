"""From the book to the matrices of one block."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.settings.territories import TerritoriesSettings
from planlib.territories.block import (
    COUNT,
    NAMED,
    Block,
    budget_limits,
    tolerances_of,
    weights_of,
)
from planlib.territories.costs import Costs
from planlib.territories.findings import Problems
from planlib.territories.fit import misfit_classes
from planlib.territories.frames import some
from planlib.territories.measures import block_targets
from planlib.territories.travel import block_hours

_FLOOR = 0.5  # part of a change's cost that does not depend on money
_FULL_TENURE = 2.0  # years of ownership from which a relation counts in full
_LUMPY = 1.25  # of the target of every rep: such an account is left where it is
_ROOM = 1e-9  # for sums in another order


@dataclass(frozen=True, kw_only=True)
class Frames:
    """What all blocks share: settings, given travel times and targets, and the findings."""

    settings: TerritoriesSettings
    hours: pd.DataFrame | None
    targets: pd.DataFrame
    problems: Problems


def make_block(name: str, book: pd.DataFrame, sellers: pd.DataFrame, frames: Frames) -> Block:
    """
    Give the matrices of one block.

    Parameters
    ----------
    name
        Name of the block.
    book
        The whole book with ``block``, ``kept``, ``barred`` and ``held``.
    sellers
        All sellers with ``block`` and ``skill``.
    frames
        Settings, travel times, targets; findings go there.
    """
    settings = frames.settings
    rows = np.flatnonzero(book["block"].eq(name))
    reps = np.flatnonzero(sellers["block"].eq(name))
    accounts, people = book.iloc[rows], sellers.iloc[reps]
    column = {rep: j for j, rep in enumerate(people["rep_id"])}
    owner, held, fixed = (_columns(accounts[key], column) for key in ("owner", "held", "kept"))
    allowed = _allowed(accounts, column)
    item = _items(accounts, (fixed, allowed), frames.problems)
    costs = _costs(accounts, people, owner, frames)
    measures, load, target = _loads(accounts, people, frames)
    fixed = _lumpy(accounts, (load, target, fixed, item, owner), costs, frames, allowed)
    pinned = _pinned(load, fixed, len(reps))
    names, stake, totals = _stakes(accounts, owner, allowed)
    forced = _forced(stake, owner, (item, fixed, allowed), len(reps))
    floor, ceiling = _counts(measures, load, pinned, people, frames)
    sizes = np.bincount(item, minlength=1)
    return Block(
        name=name, rows=rows, reps=reps, item=item,
        groups=np.where(sizes[item] > 1, item, -1), owner=owner, held=held, fixed=fixed,
        allowed=allowed, measures=measures, load=load, target=target, floor=floor,
        ceiling=ceiling, pinned=pinned, tolerance=tolerances_of(measures, settings), costs=costs,
        budgets=names, stake=stake, totals=totals, forced=forced,
        budget=budget_limits(names, totals, forced, settings),
        change_cost=settings.change_weight,
    )  # fmt: skip


def _columns(reps: pd.Series, column: dict[str, int]) -> np.ndarray:
    return np.asarray(reps.map(column).fillna(-1).to_numpy(dtype=np.int64))


def _allowed(accounts: pd.DataFrame, column: dict[str, int]) -> np.ndarray | None:
    """Give which rep may own which account; None where no account is barred from any."""
    barred = accounts["barred"].map(len).to_numpy() > 0
    if not barred.any():
        return None
    allowed = np.ones((len(accounts), len(column)), dtype=bool)
    for row in np.flatnonzero(barred):
        columns = [column[rep] for rep in accounts["barred"].iloc[row] if rep in column]
        if len(columns) < len(column):
            allowed[row, columns] = False
    return allowed


def _items(
    accounts: pd.DataFrame, limits: tuple[np.ndarray, np.ndarray | None], problems: Problems
) -> np.ndarray:
    """Give each account its family as a number; locked members leave a family they would tear."""
    fixed, allowed = limits
    family = accounts["family"].to_numpy(dtype=object).copy()
    ids = accounts["account_id"].to_numpy(dtype=object)
    bound = fixed >= 0 if allowed is None else (fixed >= 0) | ~allowed.all(axis=1)
    codes, _ = pd.factorize(family)
    members = np.bincount(codes)
    bound_members = np.bincount(codes, weights=bound)
    for code in np.flatnonzero((members > 1) & (bound_members > 0)):
        rows = np.flatnonzero(codes == code)
        held = set(fixed[rows]) - {-1}
        if len(held) <= 1 and _common(allowed, rows, held):
            continue
        top, alone = str(family[rows[0]]), rows[bound[rows]]
        problems.add("family_split", f"locks or protected deals of {some(ids[alone])} pull the "
                     "family apart; these go their own way",
                     account_id=top.split("\x00")[0])  # fmt: skip
        family[alone] = [f"{one}\x00alone" for one in ids[alone]]
    return np.asarray(pd.factorize(family, sort=True)[0])


def _common(allowed: np.ndarray | None, rows: np.ndarray, held: set[int]) -> bool:
    """Tell whether some rep, the one who keeps a member where there is one, may have all."""
    if allowed is None:
        return True
    free = np.asarray(allowed[rows].all(axis=0))
    return bool(free[list(held)].all() if held else free.any())


def _costs(
    accounts: pd.DataFrame, people: pd.DataFrame, owner: np.ndarray, frames: Frames
) -> Costs:
    settings = frames.settings
    at, rep_at = _points(accounts), _points(people)
    fit = misfit_classes(accounts, people)
    complexity, skill = accounts["complexity"].to_numpy(float), people["skill"].to_numpy(float)
    levels = bool(np.isfinite(complexity).any() and np.isfinite(skill).all() and len(skill))
    costs = Costs(
        size=_relative(accounts), at=at, rep_at=rep_at, hours=None,
        travel_scale=settings.travel_km,
        fit_class=None if fit is None else fit[0], fit_table=None if fit is None else fit[1],
        complexity=complexity if levels else None, skill=skill if levels else None,
        relation=_relation(accounts), owner=owner, names=(), weights=weights_of(settings),
    )  # fmt: skip
    placed = bool(np.isfinite(at).any() and np.isfinite(rep_at).any())
    km = costs._km(np.arange(len(at))[:, None], np.arange(len(rep_at))[None, :]) if (
        placed and frames.hours is not None
    ) else None  # fmt: skip
    hours = block_hours(frames.hours, accounts, people, km, frames.problems)
    known = {
        "travel": placed or hours is not None,
        "misfit": fit is not None,
        "complexity": levels,
        "disruption": bool((owner >= 0).any()),
    }
    names = tuple(part for part, is_known in known.items() if is_known)
    scale = settings.travel_km if hours is None else settings.travel_hours
    return replace(costs, hours=hours, names=names, travel_scale=scale)


def _points(frame: pd.DataFrame) -> np.ndarray:
    north = np.deg2rad(frame["latitude"].to_numpy(float))
    east = np.deg2rad(frame["longitude"].to_numpy(float))
    flat = np.cos(north)
    return np.column_stack([flat * np.cos(east), flat * np.sin(east), np.sin(north)])


def _relative(accounts: pd.DataFrame) -> np.ndarray:
    """Give the workload over its mean; 1 for all where it is not balanced or all are 0."""
    if "load_workload_hours" not in accounts:
        return np.ones(len(accounts))
    values = accounts["load_workload_hours"].to_numpy(float)
    return values / values.mean() if values.sum() > 0 else np.ones(len(accounts))


def _relation(accounts: pd.DataFrame) -> np.ndarray:
    """Give what losing the owner costs: a floor, plus money at stake, times tenure."""
    money = (accounts["acv"].fillna(0.0) + accounts["open_amount"].fillna(0.0)).to_numpy(float)
    share = money / money.mean() if money.sum() > 0 else np.ones(len(accounts))
    tenure = (accounts["years"] / _FULL_TENURE).clip(upper=1.0).fillna(1.0).to_numpy(float)
    return np.asarray((_FLOOR + (1 - _FLOOR) * share) * (0.5 + 0.5 * tenure))


def _loads(
    accounts: pd.DataFrame, people: pd.DataFrame, frames: Frames
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Give the names of the rows, loads (K, n) and targets (K, m); limits have no target."""
    settings = frames.settings
    targets = block_targets(accounts, people, settings, frames.targets, frames.problems)
    used = [one for one in settings.measures if targets[one].sum() > 0]
    names: list[str] = list(used)
    load = [accounts[f"load_{one}"].to_numpy(float) for one in used]
    target = [targets[one] for one in used]
    if settings.min_accounts is not None or settings.max_accounts is not None or not used:
        names.append(COUNT)
        load.append(np.ones(len(accounts)))
    if settings.max_named is not None and accounts["is_named"].any():
        names.append(NAMED)
        load.append(accounts["is_named"].to_numpy(float))
    blank = np.full(len(people), np.nan)
    target += [blank] * (len(names) - len(target))
    return tuple(names), np.stack(load), np.stack(target)


def _pinned(load: np.ndarray, fixed: np.ndarray, size: int) -> np.ndarray:
    mine = fixed >= 0
    return np.stack([np.bincount(fixed[mine], one[mine], size) for one in load])


def _lumpy(
    accounts: pd.DataFrame,
    block: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    costs: Costs,
    frames: Frames,
    allowed: np.ndarray | None,
) -> np.ndarray:
    """
    Leave accounts that are far larger than any territory where they are, and name them.

    Only where the tolerance is not given: it would be that of the largest account for everyone.
    """
    load, target, fixed, item, owner = block
    settings = frames.settings
    count = int(item.max()) + 1 if len(item) else 0
    result = fixed.copy()
    for k, measure in enumerate(settings.measures[: len(load)]):
        if settings.tolerance_of(measure) is not None or not np.isfinite(target[k]).all():
            continue
        size = np.bincount(item, load[k], count)
        for one in np.flatnonzero(size > _LUMPY * target[k].max()):
            mine = np.flatnonzero(item == one)
            if (result[mine] >= 0).any() or len(target[k]) < 2:
                continue
            open_to = np.array([_common(allowed, mine, {j}) for j in range(len(target[k]))])
            largest = int(mine[load[k][mine].argmax()])
            cost = sum(costs.rows(int(i), int(i) + 1)[0] for i in mine)
            best = int(np.where(open_to, cost, np.inf).argmin())
            stays = owner[largest]
            result[mine] = stays if stays >= 0 and open_to[stays] else best
            name = accounts["account_id"].iloc[largest]
            what = "the account" if len(mine) == 1 else f"the family of {len(mine)} accounts"
            frames.problems.add(
                "lumpy_account", f"{measure}: {what} alone is "
                                 f"{percent(size[one] / target[k].max())} of "
                "the largest target of a territory; it is left with one rep and the tolerance is "
                "that of the others", account_id=name)  # fmt: skip
    return result


def _stakes(
    accounts: pd.DataFrame, owner: np.ndarray, allowed: np.ndarray | None
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Give what counts against each budget when the owner changes; locks and bars do not."""
    counted = (owner >= 0) & ~accounts["must"].notna().to_numpy()
    if allowed is not None:
        counted &= allowed[np.arange(len(owner)), np.maximum(owner, 0)]
    acv, pipeline = (accounts[name].fillna(0.0).to_numpy(float) for name in ("acv", "open_amount"))
    values = {"acv": acv, "accounts": np.ones(len(owner)), "open_amount": np.maximum(pipeline, 0)}
    names = tuple(name for name in values if name == "accounts" or values[name].sum() > 0)
    stake = np.stack([np.where(counted, values[name], 0.0) for name in names])
    return names, stake, np.array([values[name].sum() for name in names])


def _forced(
    stake: np.ndarray,
    owner: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray, np.ndarray | None],
    size: int,
) -> np.ndarray:
    """Give what locks, freezes and families with several owners take from each budget anyway."""
    item, fixed, allowed = limits
    count = int(item.max()) + 1 if len(item) else 0
    must = np.full(count, -1)
    must[item[fixed >= 0]] = fixed[fixed >= 0]
    mine = np.flatnonzero((owner >= 0) & ((must[item] < 0) | (must[item] == owner)))
    pair = item[mine] * size + owner[mine]
    pairs, at = np.unique(pair, return_inverse=True)
    usable = np.ones(len(pairs), dtype=bool)
    if allowed is not None:
        closed = np.zeros((count, size), dtype=bool)
        np.logical_or.at(closed, item, ~allowed)
        usable = ~closed[pairs // size, pairs % size]
    forced = []
    for one in stake:
        kept, best = np.bincount(at, one[mine], len(pairs)) * usable, np.zeros(count)
        np.maximum.at(best, pairs // size, kept)
        least = float((np.bincount(item, one, count) - best).clip(min=0.0).sum())
        forced.append(least * (1 + _ROOM))
    return np.array(forced)


def _counts(
    measures: tuple[str, ...],
    load: np.ndarray,
    pinned: np.ndarray,
    people: pd.DataFrame,
    frames: Frames,
) -> tuple[np.ndarray, np.ndarray]:
    """Give least and most beside the tolerance; what cannot be kept is widened and named."""
    settings, problems = frames.settings, frames.problems
    floor, ceiling = np.full(pinned.shape, -np.inf), np.full(pinned.shape, np.inf)
    for k, name in enumerate(measures):
        what = "named accounts" if name == NAMED else "accounts"
        least = settings.min_accounts if name == COUNT else None
        most = {COUNT: settings.max_accounts, NAMED: settings.max_named}.get(name)
        total, size = float(load[k].sum()), len(people)
        if least is not None and least * size > total:
            problems.add("count_limit", f"{size} reps with at least {least} accounts each need "
                         f"{least * size:,}; the block has {total:,.0f}")  # fmt: skip
            least = int(total // size)
        if most is not None and most * size < total:
            kind = "named_limit" if name == NAMED else "count_limit"
            needed = int(-(-total // size))
            problems.add(
                kind,
                f"{size} reps with at most {most} {what} each hold "
                f"{most * size:,}; the block has {total:,.0f}; {needed} each are allowed",
            )
            most = needed
        if least is not None:
            floor[k] = least
        if most is not None:
            ceiling[k] = np.maximum(most, pinned[k])
            kind = "named_limit" if name == NAMED else "count_limit"
            for j in np.flatnonzero(pinned[k] > most):
                detail = f"keeps {pinned[k, j]:.0f} {what} by locks and protection, more than the "
                rep = people["rep_id"].iloc[j]
                problems.add(kind, f"{detail}limit of {most}", rep_id=rep)
    return floor, ceiling
