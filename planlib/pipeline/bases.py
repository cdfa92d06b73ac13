"""
The year before on two bases: as reported then, and restated to today's territories.

As reported: the owner of a deal on that day, and the manager, region and unit that this rep had
on that day. Restated: deals on accounts that changed hands since, and deals of reps who left,
count for the account's owner of today. Attributes of the account itself are today's on both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.cuts import UNKNOWN, CutTables
from planlib.pipeline.lookup import look_up
from planlib.pipeline.measures import Measured

#: How each basis is named in headers.
BASES: dict[str, str] = {
    "reported": "as reported then",
    "restated": "restated to today's territories",
}
_DATED = ("manager_id", "region", "unit", "role")


@dataclass(frozen=True, kw_only=True)
class Dated:
    """
    Tables that tell how the organisation stood on a day; each may be None.

    Parameters
    ----------
    history
        Table ``opportunity_history``, for the owner of a deal on a day.
    rep_history
        Manager, region and unit of each rep by date.
    territories
        Owner of each account today, and since when.
    """

    history: pd.DataFrame | None = None
    rep_history: pd.DataFrame | None = None
    territories: pd.DataFrame | None = None

    def notes(self) -> dict[str, str]:
        """Say what each basis rests on, by topic."""
        reps = (
            "from rep_history" if _has(self.rep_history) else "today's, as there is no rep_history"
        )
        owners = (
            "from the last record until that day"
            if _has(self.history)
            else "today's, as there is no opportunity_history"
        )
        moved = (
            "accounts whose since_date in territories is later count for today's owner, with "
            "deals of reps who left"
            if _has(self.territories)
            else "deals of reps who left count for the account's owner; there are no territories "
            "that say since when"
        )
        return {
            "a year before, as reported": f"owner {owners}; manager, region and unit of the rep "
            f"{reps}; attributes of accounts (region, segment, industry) are today's, as they are "
            "not dated",
            "a year before, restated": f"{moved}; all attributes are today's",
        }


def as_reported(measured: Measured, dated: Dated, tables: CutTables, cuts: list[str]) -> Measured:
    """
    Give figures of a past day by the organisation of that day.

    Parameters
    ----------
    measured
        The deals behind the figures, of the year before.
    dated
        Who owned what, and who stood where, by date.
    tables, cuts
        Where the cuts come from, and which ones are attached.
    """
    rows = measured.rows
    if dated.history is not None and len(dated.history):
        owner = look_up(rows["opportunity_id"], owners_on(dated.history, measured.as_of))
        rows = rows.assign(owner_id=owner.where(owner.notna(), rows["owner_id"]).astype("str"))
    rows = tables.attach(rows, cuts)
    if dated.rep_history is None or dated.rep_history.empty:
        return replace(measured, rows=rows)
    reps = reps_on(dated.rep_history, measured.as_of)
    for cut in cuts:
        lookup, _ = tables.resolve(cut)
        if lookup is None or (lookup.table, lookup.via) != ("reps", "owner_id"):
            continue
        if lookup.column in reps:
            then = look_up(rows["owner_id"], reps[lookup.column])
            then = tables.rep_label(then).where(then.notna()) if lookup.is_rep else then
            rows = rows.assign(**{cut: then.where(then.notna(), rows[cut]).astype("str")})
    return replace(measured, rows=rows)


def restated(
    measured: Measured, dated: Dated, tables: CutTables, cuts: list[str], today: date
) -> Measured:
    """
    Give figures of a past day as if today's owners had owned the accounts then.

    Parameters
    ----------
    measured
        The deals behind the figures, of the year before.
    dated
        For who owns each account today, and since when.
    tables, cuts
        Where the cuts come from, and which ones are attached.
    today
        Day whose organisation counts.
    """
    rows = measured.rows
    owner, since = account_owners(dated.territories, tables)
    now = pd.Series(owner.reindex(rows["account_id"]).to_numpy(), index=rows.index, dtype="str")
    changed = since.reindex(rows["account_id"]).to_numpy() > pd.Timestamp(measured.as_of)
    gone = ~rows["owner_id"].isin(present_reps(tables, today))
    moved = (changed | gone) & now.notna()
    rows = rows.assign(owner_id=rows["owner_id"].mask(moved, now).astype("str"))
    return replace(measured, rows=tables.attach(rows, cuts))


def owners_on(history: pd.DataFrame, day: date) -> pd.Series:
    """Give the owner of each deal in its last record until a day, by ``opportunity_id``."""
    until = history[(history["snapshot_date"] <= pd.Timestamp(day)) & history["owner_id"].notna()]
    order = [name for name in ("snapshot_date", "sequence", "owner_id") if name in until]
    last = until.sort_values(order).drop_duplicates("opportunity_id", keep="last")
    return last.set_index("opportunity_id")["owner_id"]


def reps_on(rep_history: pd.DataFrame, day: date) -> pd.DataFrame:
    """Give manager, region, unit and role of each rep on a day, by ``rep_id``."""
    at = pd.Timestamp(day)
    begun = rep_history[rep_history["effective_from"] <= at]
    if "effective_to" in begun:
        begun = begun[begun["effective_to"].isna() | (begun["effective_to"] >= at)]
    last = begun.sort_values(["effective_from", "rep_id"]).drop_duplicates("rep_id", keep="last")
    kept = [name for name in _DATED if name in last]
    return last.set_index("rep_id")[kept]


def account_owners(
    territories: pd.DataFrame | None, tables: CutTables
) -> tuple[pd.Series, pd.Series]:
    """
    Give today's owner of each account, and since when, by ``account_id``.

    The layer of table ``territories`` that holds most accounts is the one that owns; without the
    table it is ``accounts.owner_id`` and no date is known.
    """
    if territories is None or territories.empty:
        accounts = tables.accounts().set_index("account_id")
        owner = accounts.get("owner_id", pd.Series(index=accounts.index, dtype="str"))
        return owner, pd.Series(np.datetime64("NaT"), index=owner.index, dtype="datetime64[us]")
    rows = territories
    if "role_layer" in rows and rows["role_layer"].notna().any():
        sizes = rows["role_layer"].fillna(UNKNOWN).value_counts()
        largest = sorted(sizes.index[sizes == sizes.max()])[0]
        rows = rows[rows["role_layer"].fillna(UNKNOWN) == largest]
    rows = rows.sort_values(["account_id", "rep_id"]).drop_duplicates("account_id", keep="last")
    rows = rows.set_index("account_id")
    blank = pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[us]")
    return rows["rep_id"], rows.get("since_date", blank)


def present_reps(tables: CutTables, day: date) -> set[str]:
    """Give the reps who have not left by a day."""
    reps = tables.reps()
    if reps.empty:
        return set()
    if "leave_date" not in reps:
        return set(reps["rep_id"])
    return set(reps.loc[~(reps["leave_date"] <= pd.Timestamp(day)), "rep_id"])


def _has(frame: pd.DataFrame | None) -> bool:
    return frame is not None and not frame.empty
