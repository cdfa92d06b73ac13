"""Compiled sums of a plan: exact price of a move, worth of a territory, test of connection."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planlib.compiled import compiled
from planlib.territories.geography.arena import (
    AREAS,
    BEST_NODE,
    CENTRE,
    CHANCE,
    CHANGE,
    COUNT,
    CUT,
    FAR,
    FIRST,
    FLAG,
    FLAGGED,
    GIVEN_SQUARED,
    HALF,
    HAS_FAR,
    INERTIA,
    LOAD,
    MARGIN,
    MEASURES,
    MIDDLE,
    MODE,
    NEAR,
    NODE,
    PART,
    PENALTY,
    PLACE,
    PREVIOUS,
    QUEUE,
    RADIUS,
    S_CHANGED,
    S_LOAD,
    S_MOMENT,
    S_OBJECTIVE,
    S_SQUARES,
    S_WEIGHT,
    SLACK,
    STAMP,
    SUMS,
    TICK,
    VIOLATED,
    WEIGHT,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@compiled
def draw(z: Ints, below: int) -> int:
    """Draw an integer from 0 to below - 1 by xorshift64*."""
    return int(chance(z) * below)


@compiled
def chance(z: Ints) -> float:
    """Draw from [0, 1) by xorshift64*."""
    x = np.uint64(z[CHANCE])
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    z[CHANCE] = np.int64(x)
    return np.float64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def span(f: Floats, one: int, two: int) -> float:
    """Distance between two places in the reals: straight, or along the sphere."""
    x, y, z = f[one] - f[two], f[one + 1] - f[two + 1], f[one + 2] - f[two + 2]
    chord = np.sqrt(x * x + y * y + z * z)
    if f[RADIUS] > 0:
        return float(2 * f[RADIUS] * np.arcsin(min(1.0, chord / (2 * f[RADIUS]))))
    return float(chord)


@compiled
def apart(z: Ints, f: Floats, i: int, j: int) -> float:
    """Distance between two areas: given, or between their places."""
    if f[HAS_FAR] > 0:
        return float(f[z[FAR] + i * z[AREAS] + j])
    return span(f, z[PLACE] + 3 * i, z[PLACE] + 3 * j)


@compiled
def pull(z: Ints, f: Floats, i: int, j: int) -> float:
    """Weighted distance (or its square) of area i to the centre of territory j."""
    w = f[z[WEIGHT] + i]
    if z[MODE] == BEST_NODE:
        return float(w * apart(z, f, i, z[z[NODE] + j]))
    one, two = z[PLACE] + 3 * i, z[CENTRE] + 3 * j
    if z[MODE] == GIVEN_SQUARED:
        x, y, t = f[one] - f[two], f[one + 1] - f[two + 1], f[one + 2] - f[two + 2]
        return float(w * (x * x + y * y + t * t))
    return float(w * span(f, one, two))


@compiled
def add(z: Ints, f: Floats, i: int, j: int, sign: float) -> None:
    """Add area i to the sums of territory j, or take it out with sign -1; not for cut edges."""
    measures = z[MEASURES]
    row, load = z[SUMS] + j * (S_LOAD + measures), z[LOAD] + i * measures
    for k in range(measures):
        f[row + S_LOAD + k] += sign * f[load + k]
    w = sign * f[z[WEIGHT] + i]
    f[row + S_WEIGHT] += w
    before = z[z[PREVIOUS] + i]
    if before >= 0 and before != j:
        f[row + S_CHANGED] += sign * f[z[CHANGE] + i]
    if z[MODE] == INERTIA:
        place = z[PLACE] + 3 * i
        for axis in range(3):
            x = f[place + axis]
            f[row + S_MOMENT + axis] += w * x
            f[row + S_SQUARES] += w * x * x
    elif z[MODE] != CUT:
        f[row + S_OBJECTIVE] += sign * pull(z, f, i, j)


@compiled
def shift(z: Ints, f: Floats, i: int, a: int, b: int) -> None:
    """Move area i from territory a to b in labels and sums; the members stay as they were."""
    add(z, f, i, a, -1.0)
    add(z, f, i, b, 1.0)
    part = z[PART]
    z[part + i] = b
    if z[MODE] == CUT:
        width = S_LOAD + z[MEASURES]
        for at in range(z[NEAR] + z[z[FIRST] + i], z[NEAR] + z[z[FIRST] + i + 1]):
            other = z[part + z[at]]
            if other == a:
                f[z[SUMS] + a * width + S_OBJECTIVE] += 1.0
            elif other == b:
                f[z[SUMS] + b * width + S_OBJECTIVE] -= 1.0


@compiled
def spread(z: Ints, f: Floats, j: int) -> float:
    """Objective of a territory, price of changes included."""
    row = z[SUMS] + j * (S_LOAD + z[MEASURES])
    value = f[row + S_OBJECTIVE] + f[row + S_CHANGED]
    if z[MODE] == INERTIA and f[row + S_WEIGHT] > 0:
        x, y, t = f[row + S_MOMENT], f[row + S_MOMENT + 1], f[row + S_MOMENT + 2]
        value += f[row + S_SQUARES] - (x * x + y * y + t * t) / f[row + S_WEIGHT]
    return float(value)


@compiled
def worth(z: Ints, f: Floats, j: int) -> float:
    """Objective of a territory plus the penalty of loads away from their limits."""
    value = spread(z, f, j)
    measures = z[MEASURES]
    row, at = z[SUMS] + j * (S_LOAD + measures) + S_LOAD, j * measures
    for k in range(measures):
        excess = abs(f[row + k] - f[z[MIDDLE] + at + k]) - f[MARGIN] * f[z[HALF] + at + k]
        if excess > 0:
            value += f[z[PENALTY] + at + k] * excess
    return value


@compiled
def mark(z: Ints, f: Floats, j: int) -> None:
    """Put a territory on the list of violated ones, or take it off."""
    measures, bad = z[MEASURES], False
    row, limits = z[SUMS] + j * (S_LOAD + measures) + S_LOAD, j * measures
    for k in range(measures):
        away = abs(f[row + k] - f[z[MIDDLE] + limits + k])
        bad = bad or away > f[z[HALF] + limits + k] + SLACK
    flag, flagged = z[FLAG], z[FLAGGED]
    at = z[flag + j]
    if bad and at < 0:
        z[flag + j] = z[VIOLATED]
        z[flagged + z[VIOLATED]] = j
        z[VIOLATED] += 1
    elif not bad and at >= 0:
        z[VIOLATED] -= 1
        last = z[flagged + z[VIOLATED]]
        z[flagged + at] = last
        z[flag + last] = at
        z[flag + j] = -1


@compiled
def stays_whole(z: Ints, i: int, a: int) -> bool:
    """Whether territory a without area i is connected: search from one neighbour for the others."""
    part, first, near, stamp, queue = z[PART], z[FIRST], z[NEAR], z[STAMP], z[QUEUE]
    z[TICK] += 2
    wanted, seen = z[TICK], z[TICK] + 1
    missing, root = 0, -1
    for at in range(near + z[first + i], near + z[first + i + 1]):
        other = z[at]
        if z[part + other] == a and z[stamp + other] != wanted:
            z[stamp + other] = wanted
            missing += 1
            root = other
    if missing <= 1:
        return missing == 1
    z[stamp + root] = seen
    z[stamp + i] = seen
    z[queue] = root
    head, tail, missing = 0, 1, missing - 1
    while head < tail:
        here = z[queue + head]
        head += 1
        for at in range(near + z[first + here], near + z[first + here + 1]):
            other = z[at]
            if z[part + other] == a and z[stamp + other] != seen:
                if z[stamp + other] == wanted:
                    missing -= 1
                    if missing == 0:
                        return True
                z[stamp + other] = seen
                z[queue + tail] = other
                tail += 1
    return False


@compiled
def touches(z: Ints, i: int, b: int) -> bool:
    """Whether area i has a neighbour in territory b."""
    part, near = z[PART], z[NEAR]
    for at in range(near + z[z[FIRST] + i], near + z[z[FIRST] + i + 1]):
        if z[part + z[at]] == b:
            return True
    return False


@compiled
def cut_edges(z: Ints, i: int) -> int:
    """Count the neighbours of an area in other territories."""
    part, near, found = z[PART], z[NEAR], 0
    for at in range(near + z[z[FIRST] + i], near + z[z[FIRST] + i + 1]):
        if z[part + z[at]] != z[part + i]:
            found += 1
    return found


@compiled
def total(z: Ints, f: Floats) -> float:
    """Objective of the plan."""
    value = 0.0
    for j in range(z[COUNT]):
        value += spread(z, f, j)
    return value
