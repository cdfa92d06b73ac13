"""The inner loop of costs that are computed while they are needed."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def block_of_costs(
    block: np.ndarray,
    points: tuple[np.ndarray, np.ndarray],
    items: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    fit: np.ndarray,
    travel: float,
) -> None:
    """Fill ``block`` with the cost of each item (a row) for each rep, as ``Blocks`` states it."""
    place, reps = points
    work, kind, owner, leave = items
    for i in range(block.shape[0]):
        x, y, size, row = place[i, 0], place[i, 1], work[i], fit[kind[i]]
        line = block[i]
        for j in range(block.shape[1]):
            away = np.sqrt((x - reps[0, j]) ** 2 + (y - reps[1, j]) ** 2)
            line[j] = size * (travel * away / 300 + row[j])
        if owner[i] >= 0:
            kept = line[owner[i]]
            for j in range(block.shape[1]):
                line[j] += leave[i]
            line[owner[i]] = kept
