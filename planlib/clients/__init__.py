"""A client's workbook: made from a template, kept up to date, shown, compared."""

from planlib.clients.anonymise import anonymise
from planlib.clients.answers import PARTS, TEMPLATES, Answers, check_answers
from planlib.clients.compare import compare_cycles, comparison_lines, write_comparison
from planlib.clients.new import new_workbook
from planlib.clients.propose import proposal_name, propose_map, write_proposal
from planlib.clients.request import write_request
from planlib.clients.settings_sheet import read_settings_sheet, write_settings_sheet
from planlib.clients.update import Change, update_workbook

__all__ = [
    "PARTS",
    "TEMPLATES",
    "Answers",
    "Change",
    "anonymise",
    "check_answers",
    "compare_cycles",
    "comparison_lines",
    "new_workbook",
    "proposal_name",
    "propose_map",
    "read_settings_sheet",
    "update_workbook",
    "write_comparison",
    "write_proposal",
    "write_request",
    "write_settings_sheet",
]
