"""
Compiled helpers of the router: chance by key, caps, working time, turns after days away.

Times are minutes since a common midnight (UTC), days are days of the rep's own calendar.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.routing.arrays import Caps, Hours, Load

SLOT = 15  # minutes
WHOLE = 100  # percent of a day away
NEVER = -1
FAR = 1e300
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)


@compiled
def draw(
    key: np.uint64,
    other: np.uint64,
) -> float:
    """Give a number from 0 to 1 that depends on two keys alone (splitmix64)."""
    z = key + (other + np.uint64(1)) * _STEP
    z = (z ^ (z >> np.uint64(30))) * _MIX1
    z = (z ^ (z >> np.uint64(27))) * _MIX2
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def capped_day(
    rep: int,
    day: int,
    rule: int,
    grade: int,
    hours: Hours,
    caps: Caps,
    load: Load,
) -> int:
    """Tell which cap is reached on a day: 0 none, 1 rep, 2 rule, 3 grade."""
    count = load.counts
    if caps.day_cap[rep] >= 0:
        here = WHOLE - int(hours.away[rep, day])
        if count[rep, day, 0] >= (caps.day_cap[rep] * here + WHOLE - 1) // WHOLE:
            return 1
    if caps.rule_cap[rule] >= 0 and count[rep, day, 1 + rule] >= caps.rule_cap[rule]:
        return 2
    place = 1 + len(caps.rule_cap) + grade
    if (
        grade >= 0
        and caps.grade_cap[grade] >= 0
        and count[rep, day, place] >= caps.grade_cap[grade]
    ):
        return 3
    return 0


@compiled
def in_meeting(
    rep: int,
    minute: int,
    hours: Hours,
) -> int:
    """Give the end of the meeting that a rep is in, or -1."""
    low, high = hours.meet_first[rep], hours.meet_first[rep + 1]
    begin = low
    while low < high:
        middle = (low + high) // 2
        if hours.meet_start[middle] <= minute:
            low = middle + 1
        else:
            high = middle
    if low > begin and hours.meet_end[low - 1] > minute:
        return int(hours.meet_end[low - 1])
    return NEVER


@compiled
def ready_time(
    rep: int,
    minute: int,
    limit: int,
    rule: int,
    grade: int,
    hours: Hours,
    caps: Caps,
    load: Load,
) -> int:
    """Give the first minute from ``minute`` to ``limit`` at which a rep can take a lead, or -1."""
    kind = hours.pattern[rep]
    start = max(minute, load.free_at[rep])
    while start <= limit:
        slot = start // SLOT
        if slot >= hours.next_open.shape[1]:
            return NEVER
        opens = hours.next_open[kind, slot]
        if opens < 0:
            return NEVER
        if opens > slot:
            start = opens * SLOT
            slot = opens
            if start > limit:
                return NEVER
        day = hours.local_day[kind, slot]
        if hours.away[rep, day] >= WHOLE or capped_day(rep, day, rule, grade, hours, caps, load):
            start = hours.next_day[kind, slot] * SLOT
            continue
        busy = in_meeting(rep, start, hours)
        if busy < 0:
            return int(start)
        start = busy
    return NEVER


@compiled
def was_away(
    rep: int,
    day: int,
    hours: Hours,
    load: Load,
) -> bool:
    """Tell whether a rep is away on a day, or was since the day last considered."""
    if hours.away[rep, day] >= WHOLE:
        return True
    before = max(0, load.last_day[rep])
    load.last_day[rep] = day
    gone = False
    for past in range(before, day):
        gone |= hours.away[rep, past] >= WHOLE
    return gone


@compiled
def contact_times(
    reps: np.ndarray,
    ready: np.ndarray,
    zone: np.ndarray,
    customer_open: np.ndarray,
    limit: int,
    hours: Hours,
    caps: Caps,
    load: Load,
) -> np.ndarray:
    """Give for each lead the first minute at which its rep works and the customer may be called."""
    found = np.full(len(reps), NEVER, dtype=np.int64)
    for i in range(len(reps)):
        if reps[i] < 0 or ready[i] < 0:
            continue
        minute, end = ready[i], ready[i] + limit
        while minute <= end:
            slot = minute // SLOT
            if slot >= customer_open.shape[1] or customer_open[zone[i], slot] < 0:
                break
            opens = customer_open[zone[i], slot]
            minute = minute if opens == slot else opens * SLOT
            works = ready_time(reps[i], minute, end, 3, NEVER, hours, caps, load)
            if works < 0:
                break
            if works == minute:
                found[i] = minute
                break
            minute = works
    return found
