"""Whether the process itself is cumbersome: days in a stage, hand-offs, work without a customer."""

from __future__ import annotations

import pandas as pd

#: By indicator, how it was computed, and its parts by person and month.
Parts = dict[str, tuple[str, pd.DataFrame]]

_NO_CONTACT = ("task", "other")
_ORDER = ["opportunity_id", "snapshot_date", "sequence"]


def process_parts(
    opportunities: pd.DataFrame | None, opportunity_history: pd.DataFrame | None,
    activities: pd.DataFrame | None, as_of: pd.Timestamp,
) -> Parts:  # fmt: skip
    """
    Give numerator and denominator of the indicators of a cumbersome process.

    Parameters
    ----------
    opportunities, opportunity_history, activities
        Input tables, None where the workbook has none.
    as_of
        Last day that counts.

    Returns
    -------
    dict
        Of ``stage_days``, ``handoffs`` and ``paperwork_share`` those that can be computed: what
        they rest on, and a frame ``rep_id``, ``month_date``, ``upper``, ``lower``.
    """
    found: Parts = {}
    if opportunity_history is not None and len(opportunity_history):
        records = opportunity_history[opportunity_history["snapshot_date"] <= as_of]
        records = records.sort_values(_ORDER, kind="stable", ignore_index=True)
        stays = stage_stays(records)
        if len(stays):
            found["stage_days"] = ("records of stages", _sums(stays))
        if opportunities is not None:
            decided = hand_offs(opportunities, records, as_of)
            if len(decided):
                found["handoffs"] = ("records of owners", _sums(decided))
    if activities is not None:
        logged = activities[
            ~activities["is_automatic"].astype("boolean").fillna(False).astype(bool)
            & (activities["direction"] != "in").fillna(True) & activities["rep_id"].notna()
            & activities["activity_type"].notna()
        ]  # fmt: skip
        without = logged["activity_type"].isin(_NO_CONTACT).astype("float64")
        if without.any():  # where nobody logs tasks, their share is not zero but unknown
            rows = logged.assign(day=logged["activity_date"], upper=without, lower=1.0)
            found["paperwork_share"] = ("entries by people, by count", _sums(rows))
    return found


def stage_stays(records: pd.DataFrame) -> pd.DataFrame:
    """
    Give how long deals stood in each open stage that they left, where entry and end were seen.

    Parameters
    ----------
    records
        Rows of ``opportunity_history`` in the order of deals, days and sequence.

    Returns
    -------
    DataFrame
        ``rep_id`` (owner at the end), ``day`` (of the end), ``upper`` (days), ``lower`` (1). The
        first stage counts from the day of creation, and only where that lies within the records.
    """
    rows = records[records["stage"].notna()].reset_index(drop=True)
    is_new = rows["opportunity_id"] != rows["opportunity_id"].shift()
    enters = is_new | (rows["stage"] != rows["stage"].shift())
    start = rows["snapshot_date"].where(~is_new, rows["created_date"])
    start = start.where(~is_new | (rows["created_date"] >= records["snapshot_date"].min()))
    stays = pd.DataFrame({
        "opportunity_id": rows["opportunity_id"], "start": start, "stay": enters.cumsum(),
        "rep_id": rows["owner_id"],
        "is_closed": rows["is_closed"].astype("boolean").fillna(False),
    })  # fmt: skip
    by = stays.groupby("stay", sort=True)
    stays = stays[enters].assign(rep_id=by["rep_id"].last().to_numpy()).reset_index(drop=True)
    day = rows.loc[enters, "snapshot_date"].reset_index(drop=True).shift(-1)
    goes_on = stays["opportunity_id"].eq(stays["opportunity_id"].shift(-1))
    found = stays.assign(
        day=day, upper=(day - stays["start"]).dt.days.astype("float64"), lower=1.0
    )[goes_on & ~stays["is_closed"].astype(bool) & stays["start"].notna()]  # fmt: skip
    found = found[found["rep_id"].notna() & (found["upper"] >= 0)]
    return found[["rep_id", "day", "upper", "lower"]].reset_index(drop=True)


def hand_offs(
    opportunities: pd.DataFrame, records: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """
    Give how often each decided deal changed hands.

    Parameters
    ----------
    opportunities
        Deals with owner, creator, day of creation and of the decision.
    records
        As for ``stage_stays``.
    as_of
        Last day that counts.

    Returns
    -------
    DataFrame
        ``rep_id`` (owner at the end), ``day`` (of the decision), ``upper`` (changes), ``lower``
        (1). Only deals that were created within the records count, for others may have changed
        hands before.
    """
    rows = records[records["owner_id"].notna()]
    same = rows["opportunity_id"] == rows["opportunity_id"].shift()
    moved = same & (rows["owner_id"] != rows["owner_id"].shift())
    changes = moved.astype("float64").groupby(rows["opportunity_id"]).sum()
    first = rows.drop_duplicates("opportunity_id").set_index("opportunity_id")["owner_id"]
    closed = opportunities["is_closed"].astype("boolean").fillna(False).astype(bool)
    seen = opportunities["created_date"] >= records["snapshot_date"].min()
    deals = opportunities[
        closed & seen.fillna(False) & (opportunities["close_date"] <= as_of).fillna(False)
        & opportunities["owner_id"].notna() & opportunities["opportunity_id"].isin(first.index)
    ]  # fmt: skip
    began = deals["opportunity_id"].map(first)
    handed = deals["creator_id"].notna() & (deals["creator_id"] != began)
    return pd.DataFrame({
        "rep_id": deals["owner_id"], "day": deals["close_date"],
        "upper": deals["opportunity_id"].map(changes).astype("float64") + handed, "lower": 1.0,
    }).reset_index(drop=True)  # fmt: skip


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    month = rows["day"].to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    by = rows.assign(month_date=month).groupby(["rep_id", "month_date"])[["upper", "lower"]]
    return by.sum().astype("float64").reset_index()
