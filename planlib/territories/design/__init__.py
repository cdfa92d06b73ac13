"""Contiguous, compact territories from areas on a map, each measure within its limits."""

from planlib.territories.design.core import partition
from planlib.territories.design.request import spherical
from planlib.territories.design.result import Partition, Progress, Violation
from planlib.territories.design.tables import Design, design

__all__ = [
    "Design",
    "Partition",
    "Progress",
    "Violation",
    "design",
    "partition",
    "spherical",
]
