"""The report of a cycle: one page for a leader, one section per step, one file without network."""

from __future__ import annotations

from planlib.report.build import build_report
from planlib.report.parts import Block, Gap, Line, Listing, Notes, Picture, Section, Text, picture

__all__ = [
    "Block",
    "Gap",
    "Line",
    "Listing",
    "Notes",
    "Picture",
    "Section",
    "Text",
    "build_report",
    "picture",
]
