"""
Intake: from files to canonical, typed tables, with every bad row set aside and named.

``take_in(wb)`` reads a workbook's sources through their column maps; ``check_data`` runs the
checks of step 01; ``store_inputs`` keeps the tables for the steps that follow.
"""

from planlib.intake.check_lines import check_lines, where_found
from planlib.intake.checks import Checks, check_data, output_tables
from planlib.intake.maps import known_maps, load_map
from planlib.intake.matrix import missing_inputs
from planlib.intake.take import read_inputs
from planlib.intake.taken import Taken
from planlib.intake.tie import MEASURES, TieOut, tie_out, tolerance_text
from planlib.intake.workbooks import (
    check_workbook,
    snapshot_workbook,
    store_inputs,
    take_in,
)

__all__ = [
    "MEASURES",
    "Checks",
    "Taken",
    "TieOut",
    "check_data",
    "check_lines",
    "check_workbook",
    "known_maps",
    "load_map",
    "missing_inputs",
    "output_tables",
    "read_inputs",
    "snapshot_workbook",
    "store_inputs",
    "take_in",
    "tie_out",
    "tolerance_text",
    "where_found",
]
