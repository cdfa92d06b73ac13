"""What searches may know of the machine: time where a user sets a limit, and the cores."""

from __future__ import annotations

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


def cores() -> int:
    """Give the number of cores, at least 1; how many there are must not change any result."""
    return os.cpu_count() or 1
