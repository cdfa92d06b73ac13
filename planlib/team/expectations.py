"""What is written down for each role, and where nothing is."""

from __future__ import annotations

import pandas as pd

from planlib.settings.team_people import TOPICS, TeamPeopleSettings
from planlib.team.staff import Staff


def list_expectations(staff: Staff, settings: TeamPeopleSettings) -> pd.DataFrame:
    """
    List what plan.yaml says of every role that somebody has, blanks as gaps.

    What the data show of a role stands in table ``role_profile``.

    Parameters
    ----------
    staff
        People.
    settings
        Expectations and KPI trees.

    Returns
    -------
    DataFrame
        Rows of ``role_expectations``.
    """
    written = {one.role: one for one in settings.expectations}
    trees = {one.role: one for one in settings.kpi_trees}
    rows = []
    for role in sorted(staff.here["role"].unique()):
        for topic in TOPICS:
            rows.append((role, topic, getattr(written[role], topic) if role in written else ""))
        tree = trees.get(role)
        rows.append((role, "kpis", " x ".join(one.name for one in tree.drivers) if tree else ""))
    found = pd.DataFrame(rows, columns=["role", "topic", "written"])
    return found.assign(is_gap=found["written"] == "")
