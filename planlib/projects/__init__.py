"""
Projects: from opportunity to contract to cash, and what it takes to win them.

``review_projects`` does all of it from the tables of the workbook and the decisions of people.
``step_tables`` puts it beside the plan of support.
"""

from planlib.projects.cash import age_classes, cash_by_milestone, cash_totals, check_payments
from planlib.projects.decided import with_large_deals
from planlib.projects.gates import gate_log, read_gates
from planlib.projects.gather import Projects, gather_projects, phase_of
from planlib.projects.lessons import read_lessons
from planlib.projects.open_gates import open_gates
from planlib.projects.probability import evidence, win_rates
from planlib.projects.process import read_process
from planlib.projects.review import KINDS, ProjectReview, review_projects
from planlib.projects.words import (
    DEFINITIONS,
    RESULTS,
    finding_groups,
    missing_table,
    notes,
    notes_table,
    step_tables,
)
from planlib.projects.work import find_work, judge, questions, read_answers, read_chain, weigh_chain

__all__ = [
    "DEFINITIONS",
    "KINDS",
    "RESULTS",
    "ProjectReview",
    "Projects",
    "age_classes",
    "cash_by_milestone",
    "cash_totals",
    "check_payments",
    "evidence",
    "find_work",
    "gate_log",
    "gather_projects",
    "judge",
    "finding_groups",
    "missing_table",
    "notes",
    "notes_table",
    "open_gates",
    "phase_of",
    "questions",
    "read_answers",
    "read_chain",
    "read_gates",
    "read_lessons",
    "read_process",
    "review_projects",
    "step_tables",
    "weigh_chain",
    "win_rates",
    "with_large_deals",
]
