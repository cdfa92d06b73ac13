"""Contiguous, compact territories from areas on a map, each measure within its limits."""

from planlib.territories.geography.core import partition
from planlib.territories.geography.request import spherical
from planlib.territories.geography.result import Partition, Progress, Violation
from planlib.territories.geography.tables import Design, design

__all__ = [
    "Design",
    "Partition",
    "Progress",
    "Violation",
    "design",
    "partition",
    "spherical",
]
