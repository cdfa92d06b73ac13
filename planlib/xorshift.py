"""
Random numbers for compiled loops: a xorshift generator with its state in an array of one number.

Importing this module loads numba.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def next_random(state: np.ndarray) -> float:
    """Give the next number in [0, 1) of a xorshift generator (Marsaglia 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return float(x >> np.uint64(11)) / 9007199254740992.0


@compiled
def mixed(first: int, second: int) -> np.uint64:
    """Give 64 bits that look as if drawn, always the same for two numbers (splitmix64)."""
    x = np.uint64(first) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(second)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def start_random(state: np.ndarray, first: int, second: int) -> None:
    """Set a generator from two numbers, so that neighbours differ."""
    state[0] = mixed(first, second + 1) | np.uint64(1)


__all__ = ["mixed", "next_random", "start_random"]
