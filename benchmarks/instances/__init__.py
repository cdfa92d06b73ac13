"""
Frozen instances of the benchmarks: generators with a seed, and readers of published ones.

The generators give the same numbers for the same arguments for ever: results of different versions
can be compared only while the instances stay as they are. Published instances are read from a
folder beside the checkout (or the one that ``PLANLIB_INSTANCES`` names), and are skipped, by name,
where it is not there.
"""

from benchmarks.instances.accounts import SHAPES, accounts
from benchmarks.instances.areas import areas
from benchmarks.instances.problem import Areas, Blocks, Problem
from benchmarks.instances.published import (
    Missing,
    Seats,
    counties,
    cpmp,
    folder,
    gap,
    listed,
    tdp,
)

__all__ = [
    "SHAPES",
    "Areas",
    "Blocks",
    "Missing",
    "Problem",
    "Seats",
    "accounts",
    "areas",
    "counties",
    "cpmp",
    "folder",
    "gap",
    "listed",
    "tdp",
]
