"""
Tables, key figures and problem lists as a person reads them, in notebook, terminal and report.

Everything that comes from data is escaped. The same frame gives the same text each time. Styles
add ease only: where a page strips them, a plain readable table stays.
"""

from __future__ import annotations

from planlib.displays.style import CSS
from planlib.displays.tables import TableView, table
from planlib.displays.values import DASH, Format, humanize, write, write_by_unit
from planlib.displays.views import Fact, Tone, View, facts, problem_list

__all__ = [
    "CSS",
    "DASH",
    "Fact",
    "Format",
    "TableView",
    "Tone",
    "View",
    "facts",
    "humanize",
    "problem_list",
    "table",
    "write",
    "write_by_unit",
]
