"""
Compiled helpers of the router: chance by key, caps, working time, turns after days away.

Times are minutes since a common midnight (UTC), days are days of the rep's own calendar.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

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
    share_away: int,
    rule: int,
    grade: int,
    count: np.ndarray,
    day_cap: int,
    rule_cap: np.ndarray,
    grade_cap: np.ndarray,
) -> int:
    """Tell which cap is reached on a day: 0 none, 1 rep, 2 rule, 3 grade; -1 for no limit."""
    if day_cap >= 0:
        limit = (day_cap * (WHOLE - share_away) + WHOLE - 1) // WHOLE
        if count[rep, day, 0] >= limit:
            return 1
    if rule_cap[rule] >= 0 and count[rep, day, 1 + rule] >= rule_cap[rule]:
        return 2
    place = 1 + len(rule_cap) + grade
    if grade >= 0 and grade_cap[grade] >= 0 and count[rep, day, place] >= grade_cap[grade]:
        return 3
    return 0


@compiled
def in_meeting(
    rep: int,
    minute: int,
    meet_first: np.ndarray,
    meet_start: np.ndarray,
    meet_end: np.ndarray,
) -> int:
    """Give the end of the meeting that a rep is in, or -1."""
    low, high = meet_first[rep], meet_first[rep + 1]
    begin = low
    while low < high:
        middle = (low + high) // 2
        if meet_start[middle] <= minute:
            low = middle + 1
        else:
            high = middle
    if low > begin and meet_end[low - 1] > minute:
        return int(meet_end[low - 1])
    return NEVER


@compiled
def ready_time(
    rep: int,
    minute: int,
    limit: int,
    rule: int,
    grade: int,
    pattern: np.ndarray,
    next_open: np.ndarray,
    local_day: np.ndarray,
    next_day: np.ndarray,
    away: np.ndarray,
    free_at: np.ndarray,
    meet_first: np.ndarray,
    meet_start: np.ndarray,
    meet_end: np.ndarray,
    count: np.ndarray,
    day_cap: np.ndarray,
    rule_cap: np.ndarray,
    grade_cap: np.ndarray,
) -> int:
    """Give the first minute from ``minute`` to ``limit`` at which a rep can take a lead, or -1."""
    kind = pattern[rep]
    start = max(minute, free_at[rep])
    while start <= limit:
        slot = start // SLOT
        if slot >= next_open.shape[1]:
            return NEVER
        opens = next_open[kind, slot]
        if opens < 0:
            return NEVER
        if opens > slot:
            start = opens * SLOT
            slot = opens
            if start > limit:
                return NEVER
        day = local_day[kind, slot]
        gone = away[rep, day]
        if gone >= WHOLE or capped_day(
            rep, day, gone, rule, grade, count, day_cap[rep], rule_cap, grade_cap
        ):
            start = next_day[kind, slot] * SLOT
            continue
        busy = in_meeting(rep, start, meet_first, meet_start, meet_end)
        if busy < 0:
            return int(start)
        start = busy
    return NEVER


@compiled
def was_away(
    rep: int,
    day: int,
    last_day: np.ndarray,
    away: np.ndarray,
) -> bool:
    """Tell whether a rep is away on a day, or was since the day last considered."""
    if away[rep, day] >= WHOLE:
        return True
    before = max(0, last_day[rep])
    last_day[rep] = day
    gone = False
    for past in range(before, day):
        gone |= away[rep, past] >= WHOLE
    return gone


@compiled
def least_turn(
    minute: int,
    members: np.ndarray,
    low: int,
    high: int,
    pattern: np.ndarray,
    local_day: np.ndarray,
    away: np.ndarray,
    pointer: np.ndarray,
) -> float:
    """Give the lowest turn of the reps of a list who are not away, nor were the day before."""
    least = FAR
    slot = minute // SLOT
    for place in range(low, high):
        rep = members[place]
        day = local_day[pattern[rep], slot]
        if away[rep, day] < WHOLE and away[rep, max(0, day - 1)] < WHOLE:
            least = min(least, pointer[rep])
    return least


@compiled
def contact_times(
    reps: np.ndarray,
    ready: np.ndarray,
    zone: np.ndarray,
    customer_open: np.ndarray,
    limit: int,
    pattern: np.ndarray,
    next_open: np.ndarray,
    local_day: np.ndarray,
    next_day: np.ndarray,
    away: np.ndarray,
    meet_first: np.ndarray,
    meet_start: np.ndarray,
    meet_end: np.ndarray,
) -> np.ndarray:
    """Give for each lead the first minute at which its rep works and the customer may be called."""
    found = np.full(len(reps), NEVER, dtype=np.int64)
    free = np.zeros(len(pattern), dtype=np.int64)
    none = np.full(len(pattern), NEVER, dtype=np.int64)
    rules = np.full(4, NEVER, dtype=np.int64)
    count = np.zeros((1, 1, 1), dtype=np.int32)
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
            works = ready_time(
                reps[i], minute, end, 3, NEVER, pattern, next_open, local_day, next_day, away,
                free, meet_first, meet_start, meet_end, count, none, rules, none[:0],
            )  # fmt: skip
            if works < 0:
                break
            if works == minute:
                found[i] = minute
                break
            minute = works
    return found
