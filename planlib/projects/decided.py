"""Projects with the large deals that no project names, for what follows decided projects."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.projects.gather import gather_projects
from planlib.settings.projects import ProjectsSettings
from planlib.tables import table


def with_large_deals(
    projects: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    settings: ProjectsSettings,
    as_of: date,
    *,
    products: pd.DataFrame | None = None,
) -> pd.DataFrame | None:
    """
    Add decided deals of the large lane without a project, so that closeness can be compared.

    Parameters
    ----------
    projects, opportunities, products
        Input tables, or None.
    settings
        Section ``projects`` of plan.yaml: what puts a deal into the large lane.
    as_of
        Later decisions are left out.

    Returns
    -------
    DataFrame or None
        Shape of table ``projects``; a deal goes by the id of its opportunity, is won or lost, and
        its contract is signed on the day it closed. None: no projects and no such deals.
    """
    contract = table("projects")
    rows = None if projects is None else contract.coerce(projects)
    if opportunities is None:
        return rows
    base = gather_projects(opportunities, settings, as_of, projects=projects, products=products)
    alone = base.closed[(base.closed["origin"] != "projects") & base.closed["project_id"].notna()]
    if alone.empty:
        return rows
    won = alone["is_won"].astype(bool)
    deals = contract.coerce(
        alone[["project_id", "opportunity_id", "account_id", "name"]].assign(
            status=won.map({True: "won", False: "lost"}),
            contract_date=alone["close_date"].where(won),
        )
    )
    return deals if rows is None else pd.concat([rows, deals], ignore_index=True)
