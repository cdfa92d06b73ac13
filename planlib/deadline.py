"""What searches may know of the machine: time where a user sets a limit, and the cores."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable


def deadline(seconds: float | None) -> Callable[[], float]:
    """
    Give a function that tells how many seconds are left, infinite without a limit.

    Parameters
    ----------
    seconds
        From now; None: no limit.
    """
    if seconds is None:
        return lambda: float("inf")
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def has_time(left: Callable[[], float], is_halted: Callable[[], bool]) -> Callable[[], bool]:
    """
    Give the question before each round of some work: whether there is time for one more.

    Parameters
    ----------
    left
        Tells how many seconds are left; another round may take as long as the longest so far.
    is_halted
        Tells whether the work is to end anyway.
    """
    before, longest = left(), 0.0

    def go_on() -> bool:
        nonlocal before, longest
        now = left()
        if math.isfinite(now):
            before, longest = now, max(longest, before - now)
        return now > longest and not is_halted()

    return go_on


def cores() -> int:
    """Give the number of cores, at least 1; how many there are must not change any result."""
    return os.cpu_count() or 1
