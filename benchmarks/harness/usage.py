"""Time and memory that a process has used; standard library only, so that every peer can ask."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

GIGA = 1024**3 if sys.platform == "darwin" else 1024**2  # ru_maxrss: bytes there, KiB elsewhere
STATUS = Path("/proc/self/status")


def cpu_seconds() -> float:
    """Give the time of this process and of those it started, on all cores."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_gigabytes() -> float:
    """
    Give the most memory this process has held so far.

    Where the system tells it, that of the program alone: what getrusage says begins with what the
    process that started it held.
    """
    if STATUS.is_file():
        for line in STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIGA
