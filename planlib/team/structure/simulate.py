"""Futures of a structure by quarter: who leaves, who is hired, how they ramp, what that brings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.settings.team_structure import CHOSEN, TeamStructureSettings
from planlib.team.structure.problem import Problem
from planlib.team.structure.response import Floats, response

_QUARTER = 91.3125  # days


@dataclass(frozen=True, kw_only=True, eq=False)
class Futures:
    """
    Simulated quarters. D draws, Q quarters, K kinds.

    Parameters
    ----------
    planned
        (Q, K) posts.
    heads
        (D, Q, K) people in post.
    margin, cost
        (D, Q) of each quarter; cost with that of change, in the unit of cost.
    """

    planned: Floats = field(repr=False)
    heads: Floats = field(repr=False)
    margin: Floats = field(repr=False)
    cost: Floats = field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Staffing:
    """Leavers a year, and (K, R) posts that are open on the as-of date."""

    turnover_share: float
    vacant: Floats = field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Chances:
    """
    What differs from future to future, the same for every structure.

    Parameters
    ----------
    turnover_share
        Leavers a year.
    worth
        (D, P, C) factors on worth; gamma by the deals behind each cell, mean 1.
    inside
        (D,) factor on what inside heads bring.
    elasticity
        (D,) elasticity.
    vacant
        (K, R) posts that are open on the as-of date.
    seed
        Of the draws of leavers.
    """

    turnover_share: float
    worth: Floats = field(repr=False)
    inside: Floats = field(repr=False)
    elasticity: Floats = field(repr=False)
    vacant: Floats = field(repr=False)
    seed: int


def draw_chances(
    problem: Problem, cases: Floats, settings: TeamStructureSettings, staff: Staffing, seed: int
) -> Chances:
    """
    Draw what differs from future to future.

    Parameters
    ----------
    problem
        Its size and elasticity.
    cases
        (P, C) won deals behind the worth of each pool and cell.
    settings
        ``draws``, ``pool_cases`` and ``assumption_sd``; the latter spreads each cell's worth too.
    staff
        Leavers a year, and open posts.
    seed
        Seed of the plan.
    """
    rng = np.random.default_rng([seed, 71])
    shape = np.maximum(cases + settings.pool_cases, 1.0)
    sd, size = settings.assumption_sd, (settings.draws, *shape.shape)
    worth = rng.gamma(shape, 1 / shape, size=size) * np.exp(rng.normal(-sd * sd / 2, sd, size))
    inside = np.exp(rng.normal(-sd * sd / 2, sd, settings.draws)) if sd else np.ones(settings.draws)
    spread = rng.normal(0.0, sd, settings.draws)
    elasticity = np.clip(problem.elasticity * np.exp(spread - sd * sd / 2), 0.05, 0.9)
    return Chances(turnover_share=staff.turnover_share, worth=worth, inside=inside,
                   elasticity=elasticity, vacant=staff.vacant, seed=seed)  # fmt: skip


def simulate(
    problem: Problem, parts: np.ndarray, chances: Chances, settings: TeamStructureSettings
) -> Futures:
    """
    Follow a structure by quarter.

    Posts go from today's to the structure's over ``change_quarters``. A post that is not filled is
    filled ``fill_days`` after it opened, and the new head ramps in a straight line over
    ``ramp_days``; a post too many goes from the longest in service. Leavers are binomial, a quarter
    of the yearly chance. Margin is a quarter of the yearly response to the ramped hours.

    Parameters
    ----------
    problem, parts
        What hours bring; (K, C) parts of the structure.
    chances
        The same for all structures, so that differences are not noise.
    settings
        Section ``team_structure``.
    """
    quarters, draws = settings.path_quarters, len(chances.elasticity)
    start, goal = problem.by_region(problem.today), problem.by_region(parts)
    rng = np.random.default_rng([chances.seed, 72])
    fill = round(settings.fill_days / _QUARTER)
    ages = max(round(settings.ramp_days / _QUARTER), 0) + 1  # the last one: fully ramped
    level = (np.arange(ages) + 0.5) / max(ages - 1, 1)
    level[-1] = 1.0
    staff = np.zeros((draws, ages, *start.shape))
    staff[:, -1] = start - chances.vacant
    coming = np.zeros((draws, fill + 1, *start.shape))
    hazard = 1 - (1 - chances.turnover_share) ** 0.25
    found = _Empty(draws, quarters)
    before = 0.0
    for quarter in range(quarters):
        way = min((quarter + 1) / settings.change_quarters, 1.0)
        posts = start + np.sign(goal - start) * np.floor(np.abs(goal - start) * way + 0.5)
        staff = _age(staff, rng.binomial(staff.astype(np.int64), hazard))
        staff[:, 0] += coming[:, 0]
        coming = np.concatenate([coming[:, 1:], np.zeros_like(coming[:, :1])], axis=1)
        staff = _shrink(staff, posts)
        lacking = np.maximum(posts - staff.sum(axis=1) - coming.sum(axis=1), 0.0)
        if fill:
            coming[:, fill - 1] += lacking
        else:
            staff[:, 0] += lacking
        ready = np.tensordot(staff, level, axes=([1], [0]))
        mixed = problem.today + way * (parts - problem.today)
        found.margin[:, quarter] = _margin(problem, mixed, posts, ready, chances) / 4
        present = staff.sum(axis=1)
        paid = (present.sum(axis=2) @ problem.cost) / 4
        spent = problem.change_cost(parts) * way
        found.cost[:, quarter] = paid + spent - before
        before = spent
        found.heads[:, quarter] = present.sum(axis=2)
        found.planned[quarter] = posts.sum(axis=1)
    return Futures(planned=found.planned, heads=found.heads, margin=found.margin, cost=found.cost)


class _Empty:
    """Room for the results."""

    def __init__(self, draws: int, quarters: int) -> None:
        self.planned = np.zeros((quarters, len(CHOSEN)))
        self.heads = np.zeros((draws, quarters, len(CHOSEN)))
        self.margin = np.zeros((draws, quarters))
        self.cost = np.zeros((draws, quarters))


def _age(staff: Floats, left: np.ndarray) -> Floats:
    """Take leavers away, and let everyone grow a quarter older."""
    stayed = staff - left
    older: Floats = np.zeros_like(stayed)
    older[:, 1:] = stayed[:, :-1]
    older[:, -1] += stayed[:, -1]
    return older if staff.shape[1] > 1 else np.asarray(stayed, dtype=float)


def _shrink(staff: Floats, posts: Floats) -> Floats:
    """Take people beyond the posts away, the longest in service first."""
    excess = np.maximum(staff.sum(axis=1) - posts, 0.0)
    kept: Floats = staff.copy()
    for age in range(staff.shape[1] - 1, -1, -1):
        gone = np.minimum(kept[:, age], excess)
        kept[:, age] -= gone
        excess = excess - gone
    return kept


def _margin(
    problem: Problem, parts: Floats, posts: Floats, ready: Floats, chances: Chances
) -> Floats:
    """Give the yearly margin of each draw with the ramped heads where the posts are."""
    share = np.divide(ready, posts, out=np.zeros_like(ready), where=posts > 0)
    heads = parts / problem.parts * share[:, :, problem.region_of]
    place = CHOSEN.index("inside")
    heads[:, place] *= chances.inside[:, None]
    relative = problem.relative(heads)
    return np.asarray(
        (problem.worth * chances.worth * response(relative, chances.elasticity)).sum(axis=(1, 2))
        + problem.base_amount,
        dtype=float,
    )
