"""
What the loop remembers between leads, so that most reps cost one look at one number.

A rep who was found to be busy until a minute need not be asked again before that minute: leads
come in the order of time, and nothing but a lead of the own makes a rep free later than that.
Whether reps are away changes at their midnight only. So both are kept, and forgotten when
something changes them: the answers are those of asking everybody every time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planlib.compiled import compiled
from planlib.routing.arrays import Caps, Hours, Load
from planlib.routing.kernel import FAR, NEVER, SLOT, WHOLE, ready_time, was_away

SEEN, NEW_DAY, AWAY = range(3)
NO_LIMIT = 1 << 40  # minutes


class Watch(NamedTuple):
    """
    What is known of reps at the minute of a lead.

    ``ready`` is the first minute at which a rep can take a lead, as found earlier (-1: not
    known); ``due`` tells whether a rep is away today, or was not yet considered; ``settled``
    that a rep is not away, nor was since the last look or is level again; ``day`` is the day of
    each shift; ``level`` is what is added to the open leads of a rep who was away, so that they
    count as many as the fewest of the peers who were there.
    """

    ready: np.ndarray
    due: np.ndarray
    settled: np.ndarray
    day: np.ndarray
    level: np.ndarray


@compiled
def start_watch(
    hours: Hours,
) -> Watch:
    """Begin with nothing known."""
    reps = len(hours.pattern)
    return Watch(
        np.full(reps, NEVER, np.int64),
        np.full(reps, NEW_DAY, np.int8),
        np.zeros(reps, np.bool_),
        np.full(hours.local_day.shape[0], NEVER, np.int64),
        np.zeros(len(hours.pattern), np.int64),
    )


@compiled
def turn_days(
    minute: int,
    hours: Hours,
    load: Load,
    watch: Watch,
) -> None:
    """Look anew at the reps of the shifts for which a day has begun."""
    slot = minute // SLOT
    for kind in range(len(watch.day)):
        day = hours.local_day[kind, slot]
        if day == watch.day[kind]:
            continue
        watch.day[kind] = day
        for rep in range(len(hours.pattern)):
            if hours.pattern[rep] == kind:
                away = hours.away[rep, day] >= WHOLE
                gone = away
                for past in range(max(0, load.last_day[rep]), day):
                    gone |= hours.away[rep, past] >= WHOLE
                watch.settled[rep] = not gone
                watch.due[rep] = AWAY if away else NEW_DAY


@compiled
def was_back(
    rep: int,
    hours: Hours,
    load: Load,
    watch: Watch,
) -> bool:
    """Tell on the first look of a day whether a rep was away since the look before."""
    day = watch.day[hours.pattern[rep]]
    watch.due[rep] = SEEN
    return day != load.last_day[rep] and was_away(rep, day, hours, load)


@compiled
def least_turn(
    members: np.ndarray,
    low: int,
    high: int,
    load: Load,
    watch: Watch,
) -> float:
    """Give the lowest turn of the reps of a list who are not away, nor just back."""
    least, settled, pointer = FAR, watch.settled, load.pointer
    for place in range(low, high):
        rep = members[place]
        if settled[rep]:
            least = min(least, pointer[rep])
    return least


@compiled
def level_load(
    rep: int,
    members: np.ndarray,
    low: int,
    high: int,
    load: Load,
    watch: Watch,
) -> None:
    """Let the open leads of a rep who is back count as many as the fewest of the peers there."""
    least, opened = NO_LIMIT, load.opened
    for place in range(low, high):
        one = members[place]
        if watch.settled[one]:
            least = min(least, opened[one] + watch.level[one])
    if opened[rep] + watch.level[rep] < least < NO_LIMIT:
        watch.level[rep] = least - opened[rep]


@compiled
def is_capped(
    rule: int,
    grade: int,
    caps: Caps,
) -> bool:
    """Tell whether a cap of the rule or the grade counts: then no answer holds for other leads."""
    return caps.rule_cap[rule] >= 0 or (grade >= 0 and caps.grade_cap[grade] >= 0)


@compiled
def find_ready(
    rep: int,
    minute: int,
    capped: bool,
    rule: int,
    grade: int,
    hours: Hours,
    caps: Caps,
    load: Load,
    watch: Watch,
) -> int:
    """Give the first minute at which a rep can take a lead, far off for none; keep what holds."""
    found = ready_time(rep, minute, NO_LIMIT, rule, grade, hours, caps, load)
    found = found if found >= 0 else NO_LIMIT
    if not capped:
        watch.ready[rep] = found
    return found
