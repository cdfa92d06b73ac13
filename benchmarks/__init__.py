"""Speed and quality of planlib beside peers, measured in one run on one machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One line of the results.

    Parameters
    ----------
    work
        What is done.
    size
        How much of it.
    who
        ``planlib`` or the name of the peer.
    seconds, cpu_seconds
        Medians over the repeats: time on the clock, time of this process on all cores.
    ratio
        Time of this line over planlib's for the same work and size; 1 for planlib.
    quality
        How good the result is, where that can differ.
    """

    work: str
    size: str
    who: str
    seconds: float
    cpu_seconds: float
    ratio: float = 1.0
    quality: str = ""


def timed(run: Callable[[], object], repeats: int) -> tuple[float, float]:
    """
    Give the median time on the clock and of the process.

    Parameters
    ----------
    run
        What is measured; it is called once more, before, to warm up.
    repeats
        Measured calls.
    """
    run()
    clock, process = [], []
    for _ in range(repeats):
        started, used = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - started)
        process.append(time.process_time() - used)
    return statistics.median(clock), statistics.median(process)
