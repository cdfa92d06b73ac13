"""Speed and quality of planlib beside peers, measured in one run on one machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")
Times = tuple[float, float]  # on the clock, of the process; seconds


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


def timed(run: Callable[[], object], repeats: int) -> Times:
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
    spent = [measured(run)[1] for _ in range(repeats)]
    clock, process = zip(*spent, strict=True)
    return statistics.median(clock), statistics.median(process)


def measured(run: Callable[[], Result]) -> tuple[Result, Times]:
    """Call once: the result, and the time on the clock and of the process."""
    started, used = time.perf_counter(), time.process_time()
    result = run()
    return result, (time.perf_counter() - started, time.process_time() - used)


def row_of(work: str, size: str, who: str, spent: Times, own: Times, *, quality: str = "") -> Row:
    """
    Give a line of the results.

    Parameters
    ----------
    work, size, who, quality
        As in ``Row``.
    spent, own
        Times of this line, and of planlib for the same work and size.
    """
    return Row(work=work, size=size, who=who, seconds=spent[0], cpu_seconds=spent[1],
               ratio=spent[0] / own[0], quality=quality)  # fmt: skip
