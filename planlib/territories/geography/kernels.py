"""Compiled boundary search: moves, swaps and chains of up to three areas between territories."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planlib.compiled import compiled
from planlib.territories.geography.arena import (
    ACCEPTED,
    ACTIVE,
    AREAS,
    BEST,
    BEST_NODE,
    BEST_VALUE,
    CAPACITY,
    CHAIN,
    COUNT,
    CUT,
    FIRST,
    FLAG,
    FLAGGED,
    KEEP,
    MEASURES,
    MEMBER,
    MODE,
    MOVABLE,
    MOVES,
    NEAR,
    NODE,
    PART,
    POOL,
    POOLED,
    REACH,
    ROWS,
    S_LOAD,
    S_OBJECTIVE,
    SCALE,
    SIZE,
    SLOT,
    SUMS,
    TOUCHED,
    VIOLATED,
    WEIGHT,
)
from planlib.territories.geography.sums import (
    add,
    apart,
    chance,
    cut_edges,
    draw,
    mark,
    shift,
    stays_whole,
    total,
    touches,
    worth,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BATCH = 64  # proposals at one temperature
GO_ON = 0.6  # chance that a proposal that does not pay yet moves one more area


@compiled
def other_side(z: Ints, i: int, home: int) -> int:
    """Give a neighbour of area i in an active territory other than home, drawn; or -1."""
    first = z[NEAR] + z[z[FIRST] + i]
    last = z[NEAR] + z[z[FIRST] + i + 1]
    if first == last:
        return -1
    part, active = z[PART], z[ACTIVE]
    at = first + draw(z, last - first)
    for _ in range(last - first):
        j = z[part + z[at]]
        if j != home and z[active + j] > 0:
            return int(z[at])
        at += 1
        if at == last:
            at = first
    return -1


@compiled
def first_move(z: Ints) -> int:
    """Draw an area and where it goes, into the moves; half of the time mend a violated one."""
    part, moves, j = z[PART], z[MOVES], -1
    if z[VIOLATED] > 0 and chance(z) < 0.5:
        j = z[z[FLAGGED] + draw(z, z[VIOLATED])]
    if j >= 0 and z[z[ACTIVE] + j] > 0:
        i = z[z[MEMBER] + j * z[CAPACITY] + draw(z, z[z[SIZE] + j])]
        other = other_side(z, i, j)
        if other >= 0 and chance(z) < 0.5:
            i, other = other, i
    else:
        i = z[z[POOL] + draw(z, z[POOLED])]
        other = other_side(z, i, z[part + i])
    if other < 0 or z[z[MOVABLE] + i] == 0:
        return 0
    a = z[part + i]
    if z[z[SIZE] + a] == 1:
        return 0
    z[moves], z[moves + 1], z[moves + 2] = i, a, z[part + other]
    return 1


@compiled
def next_move(z: Ints, steps: int) -> int:
    """Add a move out of the territory that received the last; into the first one if it can."""
    part, moves = z[PART], z[MOVES]
    b, origin = z[moves + 3 * steps - 1], z[moves + 1]
    if z[z[SIZE] + b] == 1:
        return 0
    for _ in range(8):
        i = z[z[MEMBER] + b * z[CAPACITY] + draw(z, z[z[SIZE] + b])]
        if z[z[MOVABLE] + i] == 0 or z[part + i] != b:
            continue
        other = other_side(z, i, b)
        if other >= 0:
            to = origin if b != origin and touches(z, i, origin) else z[part + other]
            at = moves + 3 * steps
            z[at], z[at + 1], z[at + 2] = i, b, to
            return 1
    return 0


@compiled
def take_back(z: Ints, steps: int) -> None:
    """Put the labels back to what they were before the moves."""
    for s in range(steps - 1, -1, -1):
        at = z[MOVES] + 3 * s
        z[z[PART] + z[at]] = z[at + 1]


@compiled
def in_sequence(z: Ints, steps: int) -> bool:
    """Replay the moves one by one; False, with nothing moved, where one would cut a territory."""
    take_back(z, steps)
    for s in range(steps):
        at = z[MOVES] + 3 * s
        i = z[at]
        if not (touches(z, i, z[at + 2]) and stays_whole(z, i, z[at + 1])):
            take_back(z, s)
            return False
        z[z[PART] + i] = z[at + 2]
    return True


@compiled
def resettle(z: Ints, f: Floats, i: int, a: int, b: int) -> None:
    """Move area i from the members of a to those of b, distances to best nodes included."""
    size, slot, capacity = z[SIZE], z[SLOT], z[CAPACITY]
    ours, theirs = z[MEMBER] + a * capacity, z[MEMBER] + b * capacity
    z[size + a] -= 1
    last = z[ours + z[size + a]]
    z[ours + z[slot + i]] = last
    z[slot + last] = z[slot + i]
    if z[MODE] == BEST_NODE:
        reach, weight, own = z[REACH], z[WEIGHT], 0.0
        for at in range(ours, ours + z[size + a]):
            f[reach + z[at]] -= f[weight + i] * apart(z, f, i, z[at])
        for at in range(theirs, theirs + z[size + b]):
            gap = apart(z, f, i, z[at])
            f[reach + z[at]] += f[weight + i] * gap
            own += f[weight + z[at]] * gap
        f[reach + i] = own
    z[theirs + z[size + b]] = i
    z[slot + i] = z[size + b]
    z[size + b] += 1


@compiled
def centre_again(z: Ints, f: Floats, j: int) -> None:
    """Take the best node of a territory as its centre; of equal ones the first."""
    best, node = np.inf, np.int64(-1)
    start = z[MEMBER] + j * z[CAPACITY]
    for at in range(start, start + z[z[SIZE] + j]):
        v = z[at]
        value = f[z[REACH] + v]
        if value < best or (value == best and v < node):
            best, node = value, v
    z[z[NODE] + j] = node
    f[z[SUMS] + j * (S_LOAD + z[MEASURES]) + S_OBJECTIVE] = best


@compiled
def settle(z: Ints, f: Floats, steps: int, forward: bool) -> float:
    """Enter moves into members and centres, or take them out again; give the exact worth."""
    moves, value = z[MOVES], 0.0
    for step in range(steps):
        s = moves + 3 * (step if forward else steps - 1 - step)
        if forward:
            resettle(z, f, z[s], z[s + 1], z[s + 2])
        else:
            resettle(z, f, z[s], z[s + 2], z[s + 1])
    for t in range(CHAIN + 1):
        j = z[z[TOUCHED] + t]
        if j >= 0:
            if z[MODE] == BEST_NODE:
                centre_again(z, f, j)
            value += worth(z, f, j)
    return value


@compiled
def touch(z: Ints, f: Floats, j: int) -> float:
    """Keep the sums of a territory before its first change; give its worth if it was new."""
    width = S_LOAD + z[MEASURES]
    for t in range(CHAIN + 1):
        known = z[z[TOUCHED] + t]
        if known == j:
            return 0.0
        if known < 0:
            z[z[TOUCHED] + t] = j
            for c in range(width):
                f[z[ROWS] + t * width + c] = f[z[SUMS] + j * width + c]
            return worth(z, f, j)
    return 0.0


@compiled
def propose(z: Ints, f: Floats, heat: float) -> int:
    """Try one chain of moves; 1 if the plan has changed."""
    if first_move(z) == 0:
        return 0
    moves, touched, width = z[MOVES], z[TOUCHED], S_LOAD + z[MEASURES]
    scale = f[z[SCALE] + z[moves + 1]] + f[z[SCALE] + z[moves + 2]]
    limit = -0.5 * heat * scale * np.log(1.0 - chance(z))
    for t in range(CHAIN + 1):
        z[touched + t] = -1
    before, steps, paid = 0.0, 0, False
    while True:
        i, a, b = z[moves + 3 * steps], z[moves + 3 * steps + 1], z[moves + 3 * steps + 2]
        before += touch(z, f, a)
        before += touch(z, f, b)
        shift(z, f, i, a, b)
        steps += 1
        after = 0.0
        for t in range(CHAIN + 1):
            if z[touched + t] >= 0:
                after += worth(z, f, z[touched + t])
        paid = after - before <= limit
        if paid or steps == CHAIN or chance(z) >= GO_ON or next_move(z, steps) == 0:
            break
    if paid and in_sequence(z, steps):
        if settle(z, f, steps, True) - before <= limit:
            for t in range(CHAIN + 1):
                if z[touched + t] >= 0:
                    mark(z, f, z[touched + t])
            return 1
        settle(z, f, steps, False)
    take_back(z, steps)
    for t in range(CHAIN + 1):
        j = z[touched + t]
        if j >= 0:
            for c in range(width):
                f[z[SUMS] + j * width + c] = f[z[ROWS] + t * width + c]
    return 0


@compiled
def refresh(z: Ints, f: Floats) -> float:
    """Compute every sum from the labels; give the objective."""
    width, capacity = S_LOAD + z[MEASURES], z[CAPACITY]
    z[VIOLATED] = 0
    for j in range(z[COUNT]):
        z[z[SIZE] + j], z[z[FLAG] + j] = 0, -1
        for c in range(width):
            f[z[SUMS] + j * width + c] = 0.0
    for i in range(z[AREAS]):
        j = z[z[PART] + i]
        z[z[MEMBER] + j * capacity + z[z[SIZE] + j]] = i
        z[z[SLOT] + i] = z[z[SIZE] + j]
        z[z[SIZE] + j] += 1
        if z[MODE] == BEST_NODE:
            z[z[NODE] + j] = i
        add(z, f, i, j, 1.0)
        if z[MODE] == CUT:
            f[z[SUMS] + j * width + S_OBJECTIVE] += 0.5 * cut_edges(z, i)
    for j in range(z[COUNT]):
        if z[MODE] == BEST_NODE:
            start = z[MEMBER] + j * capacity
            for one in range(start, start + z[z[SIZE] + j]):
                f[z[REACH] + z[one]] = 0.0
                for two in range(start, start + z[z[SIZE] + j]):
                    gap = apart(z, f, z[two], z[one])
                    f[z[REACH] + z[one]] += f[z[WEIGHT] + z[two]] * gap
            centre_again(z, f, j)
        mark(z, f, j)
    return total(z, f)


@compiled
def remember(z: Ints, f: Floats) -> None:
    """Keep the plan if every load is within its limits and the objective is the best so far."""
    if z[VIOLATED] == 0:
        value = total(z, f)
        if value < f[BEST_VALUE] - 1e-9 * abs(value):
            f[BEST_VALUE] = value
            for i in range(z[AREAS]):
                z[z[BEST] + i] = z[z[PART] + i]


@compiled
def anneal(z: Ints, f: Floats, first: float, last: float, proposals: int) -> float:
    """
    Make proposals at a temperature that falls from first to last; give the resulting objective.

    Temperatures are in units of a territory's objective for one unit of weight. With ``KEEP`` set
    every improvement within the limits is remembered, else only the last plan.
    """
    refresh(z, f)
    heat = first
    fall = (last / first) ** (1.0 / max(1, proposals // BATCH))
    for turn in range(proposals):
        if turn % BATCH == BATCH - 1:
            heat *= fall
            most = 0
            for j in range(z[COUNT]):
                most = max(most, z[z[SIZE] + j])
            if most > z[CAPACITY] - 2 * BATCH:
                break
        if propose(z, f, heat) > 0:
            z[ACCEPTED] += 1
            if z[KEEP] > 0:
                remember(z, f)
    value = refresh(z, f)
    remember(z, f)
    return value
