"""Money put into the projects of key accounts, by the year in which they were decided."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import to_cents
from planlib.tables import table


def project_spend(
    projects: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> pd.DataFrame:
    """
    Give what was put in to win each project that was decided in a span.

    The input cost of a project has no day of its own, so it counts on the day of the decision: the
    contract, else the close of its opportunity. Lost projects count as won ones do; open ones do
    not count yet.

    Parameters
    ----------
    projects
        ``account_id``, ``opportunity_id``, ``contract_date``, ``status``, ``input_cost_amount``,
        or None.
    opportunities
        ``close_date`` and ``is_closed`` by ``opportunity_id``, or None.
    first, last
        Decided after the first day, until the last one.

    Returns
    -------
    DataFrame
        ``account_id``, ``cents`` (NA: no input cost is recorded) of each project.
    """
    rows = table("projects").empty() if projects is None else table("projects").coerce(projects)
    deals = table("opportunities").empty() if opportunities is None else opportunities
    over = deals[deals["is_closed"].fillna(False).astype(bool)]
    closed = over.drop_duplicates("opportunity_id").set_index("opportunity_id")["close_date"]
    is_open = rows["status"].fillna("").str.casefold().eq("open")
    decided = rows["contract_date"].fillna(look_up(rows["opportunity_id"], closed).mask(is_open))
    inside = (decided > first) & (decided <= last)
    rows = rows[inside.fillna(False) & rows["account_id"].notna()]
    return pd.DataFrame(
        {"account_id": rows["account_id"], "cents": to_cents(rows["input_cost_amount"])}
    ).reset_index(drop=True)
