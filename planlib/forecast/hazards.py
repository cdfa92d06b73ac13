"""
Discrete-time competing risks: each week an open deal is won, lost, or stays open.

Chances per week come from all open deals of the past, weeks without an end included, so deals
that are still open count for what they are: not closed yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.forecast.panel import Bools, Floats, Ints

#: Upper limits of the age bands in days; the last band is open, and deals without a created date
#: have one of their own.
AGE_LIMITS = (30, 60, 90, 180, 365)
#: Upper limits of the bands of how often the close date was pushed.
PUSH_LIMITS = (0, 2)
_AGES = len(AGE_LIMITS) + 2
_PUSHES = len(PUSH_LIMITS) + 1
_WEEK = 7.0


@dataclass(frozen=True, kw_only=True)
class HazardModel:
    """
    Chances per week.

    Parameters
    ----------
    won, lost
        Chance per week of an open deal to be won, and lost: stage x age band x push band.
    moves
        Chance of an open deal that stays open to be in each stage a week later: stage x stage.
    """

    won: Floats = field(repr=False)
    lost: Floats = field(repr=False)
    moves: Floats = field(repr=False)

    def chance(self, stage: Ints, age_days: Floats, pushes: Ints, days: Floats) -> Floats:
        """
        Give the chance to be won within a number of days, given that the deal is open today.

        Parameters
        ----------
        stage
            Number of the stage.
        age_days
            Days since creation, NaN where unknown; the deal ages on while it is open.
        pushes
            How often the close date was moved to a later day; taken as it is today.
        days
            Days until the end; a part of a week counts in proportion.
        """
        weeks = np.maximum(days, 0.0) / _WEEK
        aged = np.where(np.isnan(age_days), -1.0, np.floor(age_days / _WEEK))
        aged = np.minimum(aged, AGE_LIMITS[-1] / _WEEK + 1)
        push = np.searchsorted(PUSH_LIMITS, pushes)
        keys = np.column_stack([stage, aged, push, np.round(weeks * _WEEK)]).astype("int64")
        unique, back = np.unique(keys, axis=0, return_inverse=True)
        return self._of_unique(unique)[back.reshape(-1)]

    def _of_unique(self, keys: Ints) -> Floats:
        stage, aged, push = keys[:, 0], keys[:, 1].astype("float64"), keys[:, 2]
        weeks = keys[:, 3] / _WEEK
        open_in = np.zeros((len(keys), len(self.moves)))
        open_in[np.arange(len(keys)), stage] = 1.0
        chance = np.zeros(len(keys))
        for step in range(int(np.ceil(weeks.max(initial=0.0)))):
            part = np.clip(weeks - step, 0.0, 1.0)[:, None]
            ages = np.where(aged < 0, np.nan, (aged + step) * _WEEK)
            band = age_band(ages)
            won = self.won[:, band, push].T * part
            lost = self.lost[:, band, push].T * part
            chance += (open_in * won).sum(axis=1)
            stays = open_in * (1.0 - won - lost)
            open_in = stays @ self.moves
        return chance


def age_band(age_days: Floats) -> Ints:
    """Give the band of an age in days; unknown ages have the last band."""
    band = np.searchsorted(AGE_LIMITS, age_days, side="left")
    return np.where(np.isnan(age_days), _AGES - 1, band).astype("int64")


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """
    Open deals of past days, each watched until the next day that is known.

    Parameters
    ----------
    stage, age_days, pushes
        What was known of the deal on the day.
    gap_days
        Days it was watched.
    end_in_days
        Days until it was closed, infinite when it was not.
    ends_won
        Whether it was won then.
    next_stage
        Its stage on the next known day, -1 when it was not open any more.
    """

    stage: Ints
    age_days: Floats
    pushes: Ints
    gap_days: Floats
    end_in_days: Floats
    ends_won: Bools
    next_stage: Ints


def fit_hazards(seen: Exposure, stages: int, prior_deals: float) -> HazardModel | None:
    """
    Estimate chances per week from what happened to open deals.

    Parameters
    ----------
    seen
        Open deals and what happened next.
    stages
        Number of stages.
    prior_deals
        Weeks of open deals at which a stratum counts as much as its stage, and a stage as much
        as all deals.

    Returns
    -------
    HazardModel or None
        None when no deal was won and none lost: then nothing can be said, which is not the same
        as a chance of zero.

    Notes
    -----
    Chance per week = ends of that kind / weeks at risk (occurrence / exposure), where a deal that
    ends within a week was at risk for that week. Between days further apart than a week, stage
    moves are taken as spread evenly over the weeks.
    """
    ended = seen.end_in_days <= seen.gap_days
    if not ended.any():
        return None
    at_risk = np.where(ended, np.ceil(seen.end_in_days / _WEEK), seen.gap_days / _WEEK)
    band, push = age_band(seen.age_days), np.searchsorted(PUSH_LIMITS, seen.pushes)
    place = (seen.stage * _AGES + band) * _PUSHES + push
    shape = (stages, _AGES, _PUSHES)
    size = int(np.prod(shape))
    weeks = np.bincount(place, weights=at_risk, minlength=size).reshape(shape).astype("float64")
    chances = []
    for wins in (True, False):
        hit = ended & (seen.ends_won == wins)
        ends = np.bincount(place[hit], minlength=size).reshape(shape).astype("float64")
        chances.append(_shrunk(ends, weeks, prior_deals))
    total = np.maximum(chances[0] + chances[1], 1.0)
    return HazardModel(
        won=chances[0] / total, lost=chances[1] / total, moves=_stage_moves(seen, stages)
    )


def _shrunk(ends: Floats, weeks: Floats, prior: float) -> Floats:
    """Let strata lean on their stage, and stages on all deals."""
    overall = ends.sum() / weeks.sum()
    stage_ends, stage_weeks = ends.sum(axis=(1, 2)), weeks.sum(axis=(1, 2))
    lean = max(prior, 1e-9)
    by_stage = (stage_ends + lean * overall) / (stage_weeks + lean)
    return np.asarray((ends + lean * by_stage[:, None, None]) / (weeks + lean))


def _stage_moves(seen: Exposure, stages: int) -> Floats:
    stays = seen.next_stage >= 0
    weeks = np.maximum(seen.gap_days[stays] / _WEEK, 1.0)
    moved = seen.stage[stays] != seen.next_stage[stays]
    place = seen.stage[stays] * stages + seen.next_stage[stays]
    counts = np.bincount(place, weights=np.where(moved, 1.0 / weeks, 0.0), minlength=stages**2)
    going = counts.reshape(stages, stages)
    seen_from = np.bincount(seen.stage[stays], minlength=stages).astype("float64")
    moves = going / np.maximum(seen_from, 1.0)[:, None]
    np.fill_diagonal(moves, 1.0 - moves.sum(axis=1))
    return np.asarray(moves)


def closed_form(won: float, lost: float, weeks: float) -> float:
    """
    Give the chance to be won within whole weeks when chances per week never change.

    ``won / (won + lost) x (1 - (1 - won - lost)^weeks)``, the sum of a geometric series.

    Parameters
    ----------
    won, lost
        Chance per week to be won and to be lost; together at most 1.
    weeks
        Whole weeks, at least 0.

    Returns
    -------
    float
        Chance to be won; 0 where both chances are 0.

    Examples
    --------
    >>> round(closed_form(0.1, 0.1, 1), 3), round(closed_form(0.1, 0.1, 2), 3)
    (0.1, 0.18)
    """
    both = won + lost
    return won / both * (1.0 - (1.0 - both) ** weeks) if both > 0 else 0.0
