"""Inner loops of the integrality bonus: the least each territory adds to the bound by itself."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.group_kernels import potential
from planlib.territories.engine.meet_kernels import COLUMNS, cells, narrow, within

_DEEPEN = 1.4
_FIRST = 0.02  # share of what the territory adds at most at which a threshold starts
_BEFORE = 1.15  # times the least found in the round before, at which a threshold starts
_LOWER, _LEAST = 0.9, 0.005  # thresholds where there are too many subsets, and the last one tried
_PAIRS = 40  # pairs of halves looked at for each subset that may be listed
DEPTH = 60  # changes of one territory that may be combined
_HARD = 1e12  # times what is outside a limit
_SLIP = 1e-9  # of a load: what rounding errors may hide
_IN_ROW = 64  # of the second half's subsets, at least
_SWEEPS, _HALVINGS, _REACH = 3, 20, 1.0  # over a territory's own prices; in mean changes


@compiled
def least_of_territories(
    span: tuple[int, int],
    first: np.ndarray,
    cost: np.ndarray,
    change: np.ndarray,
    base: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray, np.ndarray],
    ceiling: np.ndarray,
    most: int,
    least: np.ndarray,
    found: tuple[np.ndarray, np.ndarray],
) -> None:
    """
    Bound from below what each territory adds: its changes, and the distance from priced limits.

    The territory first gets prices of its own, at which parts of changes would cost most; changes
    that pay at these are made from the start. The rest is dealt out to two halves. The subsets of
    each half are listed up to a threshold of cost, and every pair of subsets that brings the loads
    near their priced limits is looked at (two lists met in the middle, after Horowitz and Sahni
    1974). The threshold grows until the cheapest pair lies below it: then no subset is cheaper.

    Parameters
    ----------
    span
        First territory, and the one behind the last.
    first
        (m + 1,) first change of each territory; changes are sorted by cost.
    cost, change
        (C,) cost of a change, and (C, K) what it does to the territory's load.
    base
        (m, K) loads without changes.
    limits
        ``lower``, ``upper``, ``price``, each (m, K).
    ceiling
        (m,) what the territory adds at most: changes that cost more are not in the list.
    most
        Subsets of a half that may be listed; where they do not suffice, the bound is weaker.
    least
        (m,) the bounds of an earlier call, to start near them, or 0; filled anew.
    found
        (m, DEPTH) changes of the cheapest subset found, and (m,) how many they are; -1 where none
        is below the ceiling. Both are filled.
    """
    lower, upper, price = limits
    chosen, count = found
    measures = base.shape[1]
    hard = np.full(lower.shape, _HARD)
    own, begun = price.copy(), base.copy()
    longest = 0
    for j in range(span[0], span[1]):
        longest = max(longest, first[j + 1] - first[j])
    value = np.empty((2, most))
    load = np.empty((2, most, measures))
    parent, last = np.empty((2, 2, most), dtype=np.int64)
    size = np.zeros(2, dtype=np.int64)
    rest, shift = np.empty(longest), np.empty((longest, measures))
    ranked = np.empty(longest, dtype=np.int64)
    is_made = np.empty(longest, dtype=np.bool_)
    for j in range(span[0], span[1]):
        here, changes = first[j], first[j + 1] - first[j]
        gained = _own_prices(
            j, cost[here : first[j + 1]], change[here : first[j + 1]], base[j], limits, ceiling[j],
            own[j], rest,
        )  # fmt: skip
        begun[j] = base[j]
        ranked[:changes] = np.argsort(np.abs(rest[:changes]))
        for at in range(changes):
            c = ranked[at]
            is_made[at] = rest[c] < 0
            for k in range(measures):
                shift[at, k] = -change[here + c, k] if is_made[at] else change[here + c, k]
                if is_made[at]:
                    begun[j, k] += change[here + c, k]
        rest[:changes] = np.abs(rest[:changes])[ranked[:changes]]
        best, count[j] = ceiling[j] - gained, -1
        alone = potential(j, begun[j], lower, upper, own, hard)
        if alone < best:
            best, count[j] = alone, 0
        threshold, proven, pairs = _FIRST * best, 0.0, 0
        if least[j] - gained > 0.0:
            threshold = max(threshold, _BEFORE * (least[j] - gained))
        while best > proven:
            roof = min(threshold, best)
            complete = True
            for half in range(2):
                size[half] = _list_subsets(
                    (half, changes), rest, shift, roof, value[half], load[half], parent[half],
                    last[half],
                )  # fmt: skip
                complete &= size[half] <= most
            if not complete:
                if proven > 0.0 or roof < _LEAST * best:
                    break
                threshold = _LOWER * roof
                continue
            best, looked = _meet(
                j, best, roof, size, value, load, parent, last, begun, (lower, upper, own),
                (chosen, count), _PAIRS * most - pairs,
            )  # fmt: skip
            pairs += looked
            if pairs >= _PAIRS * most:
                if proven > 0.0 or roof < _LEAST * best:
                    break
                threshold, pairs = _LOWER * roof, 0
                continue
            proven = min(threshold, best)
            threshold *= _DEEPEN
        least[j] = min(proven, best) + gained
        if count[j] >= 0:
            count[j] = _as_given(chosen[j], count[j], is_made[:changes], ranked, here)


@compiled
def _as_given(
    chosen: np.ndarray, count: int, is_made: np.ndarray, ranked: np.ndarray, first: int
) -> int:
    """
    Write down which changes are made in all: those from the start, but the chosen the other way.

    Gives their number, as far as there is room.
    """
    for at in range(count):
        is_made[chosen[at]] = not is_made[chosen[at]]
    made = 0
    for at in range(len(is_made)):
        if is_made[at] and made < len(chosen):
            chosen[made] = first + ranked[at]
            made += 1
    return made


@compiled
def _own_prices(
    j: int,
    cost: np.ndarray,
    change: np.ndarray,
    base: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray, np.ndarray],
    ceiling: float,
    own: np.ndarray,
    rest: np.ndarray,
) -> float:
    """
    Find prices at which one territory's changes, taken in parts, cost it most.

    ``own`` (K,) starts at the prices given and is changed; ``rest`` is filled with the cost of each
    change at the new ones. Gives what the territory then pays at least: the value of the Lagrangian
    dual of its limits, raised one price after the other by bisection of its slope.
    """
    lower, upper, price = limits
    count, measures = change.shape
    for c in range(count):
        rest[c] = cost[c]
    for _ in range(_SWEEPS):
        for k in range(measures):
            size = 0.0
            for c in range(count):
                size += abs(change[c, k])
            reach = _REACH * ceiling * count / max(size, 1e-300)
            before = own[k]
            low = before - reach if np.isfinite(lower[j, k]) else max(before - reach, 0.0)
            high = before + reach if np.isfinite(upper[j, k]) else min(before + reach, 0.0)
            if not low < high:
                continue
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                slope = base[k] - (upper[j, k] if middle > 0 else lower[j, k])
                for c in range(count):
                    if rest[c] + (middle - before) * change[c, k] < 0:
                        slope += change[c, k]
                if slope > 0:
                    low = middle
                else:
                    high = middle
            own[k] = (low + high) / 2
            for c in range(count):
                rest[c] += (own[k] - before) * change[c, k]
    gained = 0.0
    for k in range(measures):
        p, q = price[j, k], own[k]
        gained += p * (upper[j, k] if p > 0 else lower[j, k]) if p != 0 else 0.0
        gained -= q * (upper[j, k] if q > 0 else lower[j, k]) if q != 0 else 0.0
        gained += (q - p) * base[k]
    for c in range(count):
        gained += min(rest[c], 0.0)
    if gained > 0.0:
        return gained
    for k in range(measures):
        own[k] = price[j, k]
    for c in range(count):
        rest[c] = cost[c]
    return 0.0


@compiled
def _list_subsets(
    span: tuple[int, int], cost: np.ndarray, change: np.ndarray, roof: float, value: np.ndarray,
    load: np.ndarray, parent: np.ndarray, last: np.ndarray,
) -> int:  # fmt: skip
    """
    List the subsets of every other change of a span that cost less than a roof.

    Each subset is its parent and one more change. Gives their number; one more than there is room
    for where they do not fit.
    """
    most, measures = len(value), load.shape[1]
    value[0], parent[0], last[0] = 0.0, -1, span[0] - 2
    for k in range(measures):
        load[0, k] = 0.0
    size, at = 1, 0
    while at < size:
        change_at = last[at] + 2
        while change_at < span[1] and value[at] + cost[change_at] < roof:
            if size == most:
                return most + 1
            value[size] = value[at] + cost[change_at]
            for k in range(measures):
                load[size, k] = load[at, k] + change[change_at, k]
            parent[size], last[size] = at, change_at
            size += 1
            change_at += 2
        at += 1
    return size


@compiled
def _meet(
    j: int,
    best: float,
    roof: float,
    size: np.ndarray,
    value: np.ndarray,
    load: np.ndarray,
    parent: np.ndarray,
    last: np.ndarray,
    base: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray, np.ndarray],
    found: tuple[np.ndarray, np.ndarray],
    most: int,
) -> tuple[float, int]:
    """Find the cheapest pair of subsets, one of each half; give its cost, and the pairs tried."""
    lower, upper, price = limits[0][j], limits[1][j], limits[2][j]
    chosen, count = found
    measures = base.shape[1]
    low, high, limit = np.empty((3, measures))
    for k in range(measures):
        slip = _SLIP * (abs(base[j, k]) + 1e-12)
        low[k], high[k] = lower[k] - base[j, k], upper[k] - base[j, k]
        limit[k] = 0.0 if price[k] == 0.0 else high[k] if price[k] > 0.0 else low[k]
        low[k] -= slip + (_SLIP * abs(low[k]) if np.isfinite(low[k]) else 0.0)
        high[k] += slip + (_SLIP * abs(high[k]) if np.isfinite(high[k]) else 0.0)
    box = (low, high, price)
    one, two, least, span = narrow(load[1, : size[1]], box, min(roof, best))
    reach = high[one] - low[one]
    if price[one] != 0.0:
        reach = min(reach, min(roof, best) / abs(price[one]))
    widest = max(size[1] // _IN_ROW, 1)
    rows = int(min(max(2.0 * span[one] / max(reach, 1e-300), 1.0), widest))
    grid = (rows, span[one] * 1.000001 / rows, span[two] * 1.000001 / COLUMNS)
    begin, order = cells(load[1, : size[1]], (one, two), least, grid)
    looked = 0
    for at in range(size[0]):
        left = min(roof, best) - value[0, at]
        if left <= 0:
            continue
        low_1, high_1 = within(low[one], high[one], price[one], left, load[0, at, one])
        low_2, high_2 = within(low[two], high[two], price[two], left, load[0, at, two])
        row, end_row = (low_1 - least[one]) / grid[1], (high_1 - least[one]) / grid[1]
        column, end_column = (low_2 - least[two]) / grid[2], (high_2 - least[two]) / grid[2]
        if row >= rows or end_row < 0.0 or column >= COLUMNS or end_column < 0.0:
            continue
        first_cell, last_cell = int(max(column, 0.0)), int(min(end_column, COLUMNS - 1.0))
        for r in range(int(max(row, 0.0)), int(min(end_row, rows - 1.0)) + 1):
            start, end = begin[r * COLUMNS + first_cell], begin[r * COLUMNS + last_cell + 1]
            for place in range(start, end):
                other = order[place]
                looked += 1
                cost = value[0, at] + value[1, other]
                inside = True
                for k in range(measures):
                    x = load[0, at, k] + load[1, other, k]
                    if x < low[k] or x > high[k]:
                        inside = False
                        break
                    cost += price[k] * (limit[k] - x)
                if inside and cost < best:
                    best = cost
                    count[j] = _write_down(at, other, parent, last, chosen[j])
        if looked >= most:
            break
    return best, looked


@compiled
def _write_down(
    at: int, other: int, parent: np.ndarray, last: np.ndarray, chosen: np.ndarray
) -> int:
    """Write down the changes of a pair of subsets; give their number."""
    count = 0
    for half in range(2):
        here = at if half == 0 else other
        while parent[half, here] >= 0 and count < len(chosen):
            chosen[count] = last[half, here]
            count += 1
            here = parent[half, here]
    return count
