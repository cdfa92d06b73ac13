"""Which requests for support were made before there was a deal."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.tables import table
from planlib.tables.inputs_support import EARLY, REQUEST_ORIGINS

BEFORE, SINCE, DEAL, PROJECT = REQUEST_ORIGINS


def request_origins(
    support_requests: pd.DataFrame,
    opportunities: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
) -> pd.Series:
    """
    Tell what asks for support: a project, a deal, or an account before there is a deal.

    Parameters
    ----------
    support_requests
        ``project_id``, ``opportunity_id``, ``requested_date``.
    opportunities
        ``created_date`` by ``opportunity_id``, or None: no deal is known to be younger than its
        request.
    projects
        ``opportunity_id`` by ``project_id``, or None.

    Returns
    -------
    Series
        In the order of the requests: "before a deal" names neither project nor deal; "deal opened
        since" names one whose deal was opened after the day of the request, and is presales as
        well; else "project" or "deal".
    """
    works = table("projects").or_empty(projects)
    deals = table("opportunities").or_empty(opportunities)
    grown = works.drop_duplicates("project_id").set_index("project_id")["opportunity_id"]
    opened = deals.drop_duplicates("opportunity_id").set_index("opportunity_id")["created_date"]
    deal = support_requests["opportunity_id"].fillna(
        look_up(support_requests["project_id"], grown)
    )  # fmt: skip
    younger = look_up(deal, opened) > pd.to_datetime(support_requests["requested_date"])
    origin = pd.Series(DEAL, index=support_requests.index, dtype="str")
    origin = origin.mask(support_requests["project_id"].notna(), PROJECT)
    origin = origin.mask(younger.fillna(False).astype(bool), SINCE)
    named = support_requests[["project_id", "opportunity_id"]].notna().any(axis=1)
    return origin.where(named, BEFORE)


def is_presales(origins: pd.Series) -> pd.Series:
    """Tell which requests were made before there was a deal, by their origins."""
    return origins.isin(EARLY)
