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

_NO_LIMIT = 1 << 40  # minutes


class Watch(NamedTuple):
    """
    What is known of reps at the minute of a lead.

    ``ready`` is the first minute at which a rep can take a lead, as found earlier (-1: not
    known); ``due`` tells that a rep is away, or was not yet considered on this day; ``settled``
    that a rep is not away, nor was the day before; ``day`` is the day of each shift.
    """

    ready: np.ndarray
    due: np.ndarray
    settled: np.ndarray
    day: np.ndarray


@compiled
def start_watch(
    hours: Hours,
) -> Watch:
    """Begin with nothing known."""
    reps = len(hours.pattern)
    return Watch(
        np.full(reps, NEVER, np.int64),
        np.ones(reps, np.bool_),
        np.zeros(reps, np.bool_),
        np.full(hours.local_day.shape[0], NEVER, np.int64),
    )


@compiled
def turn_days(
    minute: int,
    hours: Hours,
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
                before = hours.away[rep, max(0, day - 1)]
                watch.settled[rep] = hours.away[rep, day] < WHOLE and before < WHOLE
                watch.due[rep] = True


@compiled
def needs_level(
    rep: int,
    hours: Hours,
    load: Load,
    watch: Watch,
) -> bool:
    """Tell whether the turn of a rep is set level with the others: away now, or just back."""
    day = watch.day[hours.pattern[rep]]
    away = hours.away[rep, day] >= WHOLE
    watch.due[rep] = away
    return (away or day != load.last_day[rep]) and was_away(rep, day, hours, load)


@compiled
def least_turn(
    members: np.ndarray,
    low: int,
    high: int,
    load: Load,
    watch: Watch,
) -> float:
    """Give the lowest turn of the reps of a list who are not away, nor were the day before."""
    least = FAR
    for place in range(low, high):
        rep = members[place]
        if watch.settled[rep]:
            least = min(least, load.pointer[rep])
    return least


@compiled
def ready_from(
    rep: int,
    minute: int,
    limit: int,
    rule: int,
    grade: int,
    hours: Hours,
    caps: Caps,
    load: Load,
    watch: Watch,
) -> int:
    """Give what ``ready_time`` gives, from what is known where no cap of rule or grade counts."""
    if caps.rule_cap[rule] >= 0 or (grade >= 0 and caps.grade_cap[grade] >= 0):
        return ready_time(rep, minute, limit, rule, grade, hours, caps, load)
    if watch.ready[rep] < minute:
        found = ready_time(rep, minute, _NO_LIMIT, rule, grade, hours, caps, load)
        watch.ready[rep] = found if found >= 0 else _NO_LIMIT
    return int(watch.ready[rep]) if watch.ready[rep] <= limit else NEVER
