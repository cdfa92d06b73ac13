"""Files for the CRM's own router: owners of leads, and the weekly list of tiers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planlib.store.atomic import write_text
from planlib.tables import table

if TYPE_CHECKING:
    from planlib.store import Workbook

OWNERS, TIERS = "lead_owners.csv", "rep_tiers_week.csv"
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def write_routing_files(workbook: Workbook) -> list[Path]:
    """
    Write lead owners and the tier list beside the Excel files, for the CRM and its router.

    They are complete, with tier, order and reason, whatever ``report.audience`` may see: a router
    without the tiers could not follow the ranking. Hand them to who runs the CRM.

    Parameters
    ----------
    workbook
        The cycle; files go into ``exchange/`` of the revision being built, or of the draft.

    Returns
    -------
    list of Path
        The files; none where step 08 routed nothing.
    """
    folder = workbook.target / "exchange"
    found = []
    routes, tiers = (
        table(name).or_empty(workbook.get(name)) for name in ("lead_routes", "routing_tiers")
    )
    if len(routes):
        write_text(folder / OWNERS, owner_csv(routes, workbook.plan.time_zone))
        found.append(folder / OWNERS)
    if len(tiers):
        write_text(folder / TIERS, _csv(tiers.sort_values("list_order")))
        found.append(folder / TIERS)
    return found


def owner_csv(lead_routes: pd.DataFrame, zone: str) -> str:
    """
    Give lead owners as a CRM loads them: lead, owner, deadline, rule, reason.

    Parameters
    ----------
    lead_routes
        Table ``lead_routes``. Leads of the catch-all have no owner, and stand at the end.
    zone
        Time zone of the plan: times name their offset, as a CRM may take those without for UTC.
    """
    rows = lead_routes.sort_values(["decided_at", "lead_id"])
    rows = rows.assign(respond_by=_with_offset(rows["respond_by"], zone),
                       contact_at=_with_offset(rows["contact_at"], zone))  # fmt: skip
    rows = pd.concat([rows[rows["rep_id"].notna()], rows[rows["rep_id"].isna()]])
    names = {
        "lead_id": "LeadId",
        "rep_id": "OwnerId",
        "respond_by": "RespondBy",
        "contact_at": "ContactAt",
        "grade": "Grade",
        "rule": "Rule",
        "reason": "Reason",
    }
    return _csv(rows[list(names)].rename(columns=names))


def _with_offset(times: pd.Series, zone: str) -> pd.Series:
    """Write local times of a zone with their offset, such as 2026-04-01T09:00-04:00."""
    local = times.dt.tz_localize(zone, ambiguous=np.zeros(len(times), bool),
                                 nonexistent="shift_forward")  # fmt: skip
    texts = [None if pd.isna(one) else one.isoformat(timespec="minutes") for one in local]
    return pd.Series(texts, index=times.index, dtype="str")


def _csv(rows: pd.DataFrame) -> str:
    """Write a table; text that a spreadsheet would run as a formula gets a quote before it."""
    safe = rows.copy()
    for name in safe.select_dtypes(["object", "string"]).columns:
        risky = safe[name].astype("str").str.startswith(_RISKY).fillna(False)
        safe[name] = safe[name].mask(risky.astype(bool), "'" + safe[name].astype("str"))
    return safe.to_csv(index=False, date_format="%Y-%m-%dT%H:%M", lineterminator="\n")
