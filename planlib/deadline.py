"""The only clock of searches: it is looked at where a user sets a time limit, and nowhere else."""

from __future__ import annotations

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
