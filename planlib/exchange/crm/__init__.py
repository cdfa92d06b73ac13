"""CRM load files: what brings a CRM to the published plan, checked, and how to undo it."""

from __future__ import annotations

from planlib.exchange.crm.check import check_files
from planlib.exchange.crm.exports import Export, read_export
from planlib.exchange.crm.problems import Problems
from planlib.exchange.crm.run import Result, export_queries, make_load, system_of, write_crm_files
from planlib.exchange.crm.undo import undo_loads
from planlib.exchange.crm.wanted import Wanted, read_wanted

__all__ = [
    "Export",
    "Problems",
    "Result",
    "Wanted",
    "check_files",
    "export_queries",
    "make_load",
    "read_export",
    "read_wanted",
    "system_of",
    "undo_loads",
    "write_crm_files",
]
