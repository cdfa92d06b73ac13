"""Tests of planlib.xorshift: the same numbers everywhere, spread evenly."""

from __future__ import annotations

import numpy as np

from planlib.xorshift import next_random, start_random

_ALL = (1 << 64) - 1


def plain(x: int) -> tuple[int, float]:
    """The same step in whole numbers."""
    x ^= (x << 13) & _ALL
    x ^= x >> 7
    x ^= (x << 17) & _ALL
    return x, (x >> 11) / 2**53


def test_numbers_are_those_of_the_generator() -> None:
    """Compiled and in plain whole numbers, the sequence is the same, and lies in [0, 1)."""
    state, x = np.array([88172645463325252], dtype=np.uint64), 88172645463325252
    for _ in range(1000):
        x, wanted = plain(x)
        assert next_random(state) == wanted
        assert 0 <= wanted < 1


def test_neighbouring_seeds_differ() -> None:
    """Seeds that follow each other give first numbers as far apart as any, and never state 0."""
    state = np.zeros(1, dtype=np.uint64)
    first = []
    for seed in range(2000):
        start_random(state, seed, 0)
        assert state[0] != 0
        first.append(next_random(state))
    counts, _ = np.histogram(first, bins=10, range=(0, 1))
    assert counts.min() > 140
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.08
