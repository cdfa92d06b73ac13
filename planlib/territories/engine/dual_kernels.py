"""Inner loops of the smoothed dual: its value, gradient and curvature over arcs."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

_COUPLED = 1e-2  # smaller shares of an item do not couple two reps in the curvature
_FAR = 30.0  # an arc dearer than the best by so many widths has no share


@compiled
def soften(
    span: tuple[int, int],
    start: np.ndarray,
    rep: np.ndarray,
    cost: np.ndarray,
    size: np.ndarray,
    price: np.ndarray,
    shared: np.ndarray,
    tau: np.ndarray,
    gradient: np.ndarray,
    shared_gradient: np.ndarray,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Add up the smoothed least priced cost of some items, ``-tau log sum exp(-r / tau)``.

    Parameters
    ----------
    size
        (K + G, A) what arcs take from their rep's limits, then from those that all share.
    price, gradient
        (m, K); the gradient is added to.
    shared, shared_gradient
        (G,).

    Returns
    -------
    tuple
        The sum; and for the items that several reps share: first arc of each, its ``tau``, and of
        these arcs the rep, size and share. They are all that the curvature needs.
    """
    measures, width = price.shape[1], size.shape[0]
    most, arcs, items = 0, 0, 0
    for i in range(span[0], span[1]):
        most = max(most, start[i + 1] - start[i])
    arcs = start[span[1]] - start[span[0]]
    items = span[1] - span[0]
    first = np.empty(items + 1, dtype=np.int64)
    heat = np.empty(items)
    reps = np.empty(arcs, dtype=np.int32)
    sizes = np.empty((arcs, width))
    shares = np.empty(arcs)
    share, place = np.empty(most), np.empty(most, dtype=np.int64)
    total = 0.0
    known, held = 0, 0
    first[0] = 0
    for i in range(span[0], span[1]):
        low, high = start[i], start[i + 1]
        if high == low:
            continue
        count = high - low
        for a in range(count):
            share[a] = cost[low + a]
        for k in range(measures):
            for a in range(count):
                share[a] += price[rep[low + a], k] * size[k, low + a]
        for g in range(measures, width):
            for a in range(count):
                share[a] += shared[g - measures] * size[g, low + a]
        least = np.inf
        for a in range(count):
            least = min(least, share[a])
        weight, near, close = 0.0, tau[i] * _FAR, 0
        for a in range(count):
            gap = share[a] - least
            if gap < near:
                share[close] = np.exp(-gap / tau[i])
                place[close] = low + a
                weight += share[close]
                close += 1
        total += least - tau[i] * np.log(weight)
        count, kept = 0, 0.0
        for c in range(close):
            q, a = share[c] / weight, place[c]
            j = rep[a]
            for k in range(measures):
                gradient[j, k] += q * size[k, a]
            for g in range(measures, width):
                shared_gradient[g - measures] += q * size[g, a]
            if q > _COUPLED:
                reps[held + count] = j
                shares[held + count] = q
                for k in range(width):
                    sizes[held + count, k] = size[k, a]
                count += 1
                kept += q
        if count < 2:
            continue
        for c in range(held, held + count):
            shares[c] /= kept
        heat[known] = tau[i]
        held += count
        known += 1
        first[known] = held
    return total, first[: known + 1], heat[:known], reps[:held], sizes[:held], shares[:held]


@compiled
def curve_times(
    first: np.ndarray,
    heat: np.ndarray,
    rep: np.ndarray,
    size: np.ndarray,
    share: np.ndarray,
    move: np.ndarray,
    shared: np.ndarray,
    out: np.ndarray,
    shared_out: np.ndarray,
) -> None:
    """Add the curvature of the softened items, times a move (m, K) and (G,), to ``out``."""
    measures, width = move.shape[1], size.shape[1]
    most = 0
    for i in range(len(heat)):
        most = max(most, first[i + 1] - first[i])
    change = np.empty(most)
    for i in range(len(heat)):
        low, high = first[i], first[i + 1]
        mean = 0.0
        for a in range(low, high):
            value = 0.0
            for k in range(measures):
                value += move[rep[a], k] * size[a, k]
            for g in range(measures, width):
                value += shared[g - measures] * size[a, g]
            change[a - low] = value
            mean += share[a] * value
        for a in range(low, high):
            factor = share[a] * (change[a - low] - mean) / heat[i]
            for k in range(measures):
                out[rep[a], k] += factor * size[a, k]
            for g in range(measures, width):
                shared_out[g - measures] += factor * size[a, g]


@compiled
def curve_corners(
    first: np.ndarray,
    heat: np.ndarray,
    rep: np.ndarray,
    size: np.ndarray,
    share: np.ndarray,
    corner: np.ndarray,
    shared: np.ndarray,
) -> None:
    """Add the curvature's blocks of each rep (m, K, K), and its diagonal of what all share."""
    measures, width = corner.shape[1], size.shape[1]
    for i in range(len(heat)):
        for a in range(first[i], first[i + 1]):
            factor = share[a] * (1.0 - share[a]) / heat[i]
            for k in range(measures):
                for v in range(measures):
                    corner[rep[a], k, v] += factor * size[a, k] * size[a, v]
        for g in range(measures, width):
            mean, square = 0.0, 0.0
            for a in range(first[i], first[i + 1]):
                mean += share[a] * size[a, g]
                square += share[a] * size[a, g] * size[a, g]
            shared[g - measures] += (square - mean * mean) / heat[i]


@compiled
def curve_matrix(
    first: np.ndarray,
    heat: np.ndarray,
    rep: np.ndarray,
    size: np.ndarray,
    share: np.ndarray,
    measures: int,
    matrix: np.ndarray,
) -> None:
    """Add the curvature to a matrix over (rep, measure), then what all share."""
    width = size.shape[1]
    top = matrix.shape[0] - (width - measures)
    most = 0
    for i in range(len(heat)):
        most = max(most, first[i + 1] - first[i])
    place = np.empty((most, width), dtype=np.int64)
    for i in range(len(heat)):
        low, high = first[i], first[i + 1]
        for a in range(low, high):
            for k in range(measures):
                place[a - low, k] = rep[a] * measures + k
            for g in range(measures, width):
                place[a - low, g] = top + g - measures
        for a in range(low, high):
            for b in range(low, high):
                both = -share[a] * share[b] / heat[i]
                if a == b:
                    both += share[a] / heat[i]
                for u in range(width):
                    for v in range(width):
                        matrix[place[a - low, u], place[b - low, v]] += (
                            both * size[a, u] * size[b, v]
                        )
