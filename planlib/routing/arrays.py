"""What the compiled loop is given, in groups; arrays of one kind each, so that it compiles once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Leads(NamedTuple):
    """
    Leads in the order of time, and the lists of reps that they point to.

    ``at`` is when each is decided, ``fixed`` the rep of the same person's lead of an earlier run,
    the owner and the rep of a named account (or -1), ``same`` an earlier lead of the same person,
    ``pool`` the lists of the territory and of the policy, ``exclude`` a rep who must not get it,
    ``policy`` that of its business unit (-1: that of the rules); at ``credit_at`` the rep of lead
    ``credit_of`` gets the turn back. List ``i`` is ``members`` from ``pool_first[i]`` to
    ``pool_first[i + 1]``.
    """

    at: np.ndarray
    fixed: np.ndarray
    same: np.ndarray
    pool: np.ndarray
    grade: np.ndarray
    quality_rank: np.ndarray
    lead_key: np.ndarray
    blocked: np.ndarray
    exclude: np.ndarray
    policy: np.ndarray
    credit_at: np.ndarray
    credit_of: np.ndarray
    pool_first: np.ndarray
    members: np.ndarray


class Rules(NamedTuple):
    """Number of the policy, share by turn, longest waits and work on a lead in minutes."""

    policy: int
    floor_share: float
    wait: int
    owner_wait: int
    work: int


class Hours(NamedTuple):
    """Working time of reps: shifts, percent away by day, meetings by rep in order of time."""

    pattern: np.ndarray
    next_open: np.ndarray
    local_day: np.ndarray
    next_day: np.ndarray
    away: np.ndarray
    meet_first: np.ndarray
    meet_start: np.ndarray
    meet_end: np.ndarray


class Caps(NamedTuple):
    """
    Caps of reps, rules, grades (-1: none).

    Grades below ``low_grade`` are not for a rep before the minute ``ramp_end``.
    """

    day_cap: np.ndarray
    open_cap: np.ndarray
    rule_cap: np.ndarray
    grade_cap: np.ndarray
    ramp_end: np.ndarray
    low_grade: int


class Ranks(NamedTuple):
    """Score of each rep with its spread, rank (0 best, 1 last) and weight; table of the normal."""

    score: np.ndarray
    sd: np.ndarray
    rank: np.ndarray
    weight: np.ndarray
    normal: np.ndarray


class Load(NamedTuple):
    """What a decision changes: turn, open leads, day last considered, counts, end of the work."""

    pointer: np.ndarray
    opened: np.ndarray
    last_day: np.ndarray
    counts: np.ndarray
    free_at: np.ndarray


class Game(NamedTuple):
    """How simulated leads are won, and how ranks are learnt; ``review`` 0: nothing is simulated."""

    learning: int
    review: int
    base: float
    outcome: int
    lasting: float
    half_life: float
    pick_delay: int
    quality: np.ndarray
    skill: np.ndarray
    luck: np.ndarray
    won: np.ndarray
    expected: np.ndarray


class Out(NamedTuple):
    """Decisions; ``tried`` tells for each rule: 0 does not apply, 1 found nobody, 2 decided."""

    rep: np.ndarray
    rule: np.ndarray
    ready: np.ndarray
    second: np.ndarray
    won: np.ndarray
    tried: np.ndarray


def own(values: object, kind: type[np.generic]) -> np.ndarray:
    """Give an array of a kind that may be written to; the same one where it is so already."""
    return np.require(values, dtype=kind, requirements=["C", "W"])


def no_caps(reps: int) -> Caps:
    """Give caps that stop nobody."""
    none = np.full(reps, -1, np.int64)
    return Caps(
        day_cap=none, open_cap=none.copy(), rule_cap=np.full(4, -1, np.int64),
        grade_cap=np.zeros(0, np.int64), ramp_end=np.zeros(reps, np.int64), low_grade=0,
    )  # fmt: skip


def no_game() -> Game:
    """Give the group of a router: leads are assigned, and nothing is won."""
    none = np.zeros(0)
    return Game(
        learning=0, review=0, base=0.5, outcome=0, lasting=1.0, half_life=1.0, pick_delay=0,
        quality=none, skill=none, luck=none, won=none, expected=none,
    )  # fmt: skip


def empty_load(reps: int, days: int, grades: int) -> Load:
    """Give the load before any lead."""
    return Load(
        pointer=np.zeros(reps), opened=np.zeros(reps, np.int64),
        last_day=np.full(reps, -1, np.int64), free_at=np.zeros(reps, np.int64),
        counts=np.zeros((reps, days, 5 + grades), np.int32),
    )  # fmt: skip


def empty_out(leads: int, *, simulated: bool) -> Out:
    """Give room for the decisions."""
    return Out(
        rep=np.empty(leads, np.int32), rule=np.empty(leads, np.int8),
        ready=np.empty(leads, np.int64), second=np.empty(leads, np.int32),
        won=np.zeros(leads if simulated else 0, np.bool_), tried=np.zeros((leads, 5), np.int8),
    )  # fmt: skip
