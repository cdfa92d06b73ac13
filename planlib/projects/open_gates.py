"""Open projects with the decision at their last gate, for the duties of who approves them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.projects.gates import NOT_NEEDED, read_gates
from planlib.projects.gather import gather_projects
from planlib.settings.projects import ProjectsSettings


def open_gates(
    opportunities: pd.DataFrame | None,
    projects: pd.DataFrame | None,
    decisions: pd.DataFrame | None,
    settings: ProjectsSettings,
    as_of: date,
) -> pd.DataFrame | None:
    """
    Give the open projects that have passed a gate, with the decision there.

    Parameters
    ----------
    opportunities, projects
        Input tables, or None.
    decisions
        Decisions of kind ``project_gates`` in force.
    settings
        Section ``projects`` of plan.yaml: lanes and their gates.
    as_of
        Later decisions are left out.

    Returns
    -------
    DataFrame or None
        ``project_id``, ``account_id``, ``gate`` (go, no_go, hold, missing), ``approver``. None
        where nobody keeps a record of gates, or there are no opportunities: then nothing is known.
    """
    if opportunities is None or decisions is None or decisions.empty:
        return None
    rows = gather_projects(opportunities, settings, as_of, projects=projects).open
    rows = rows.join(read_gates(rows, decisions, settings, as_of))
    rows = rows[rows["gate"] != NOT_NEEDED]
    return rows[["project_id", "account_id", "gate", "approver"]].reset_index(drop=True)
