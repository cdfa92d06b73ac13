"""The SQL of the bridge between two days."""

# ruff: noqa: S608 - names come from the list of cuts, values are dates; nothing is typed in

from __future__ import annotations

from collections.abc import Mapping

from planlib.periods import Period
from planlib.pipeline.cuts import Lookup
from planlib.pipeline.scale_sql import DEALS, StatePlan, attach_cuts, cents, quoted, state_sql


def bridge_sql(
    start: StatePlan, end: StatePlan, period: Period, lookups: Mapping[str, Lookup]
) -> str:
    """
    Sum up the bridge between two days by cut, cell before and after, and reason.

    Parameters
    ----------
    start, end
        Both states: as known then, or both rebuilt.
    period
        Whose pipeline.
    lookups
        Where each cut comes from.
    """
    first, last = quoted(period.start), quoted(period.end)
    by_dates = start.basis != "reconstructed"
    inside = f"status = 'open' AND close_date >= {first} AND close_date <= {last}"
    inside = inside if by_dates else "status = 'open'"
    sides = ", ".join(
        f"{name} AS NOT MATERIALIZED (SELECT s.*, CASE WHEN {inside} THEN 1 ELSE 0 END AS is_in "
        f"FROM ({state_sql(plan, only_open=False)}) s WHERE s.status <> 'unknown')"
        for name, plan in (("one", start), ("two", end))
    )
    parts = ["", ""]
    joins = ""
    for at, mark in enumerate(("_start", "_end")):
        columns, more = attach_cuts(lookups, ("a", "b")[at], deal="d", mark=mark)
        parts[at], joins = columns, joins + more
    ids = " UNION ".join(
        f"SELECT opportunity_id FROM ({state_sql(plan, only_open=True)}) o WHERE {inside}"
        for plan in (start, end)
    )
    pairs = (
        "SELECT COALESCE(a.is_in, 0) AS in_start, COALESCE(b.is_in, 0) AS in_end, "
        f"{cents('a.amount')} AS cents_start, {cents('b.amount')} AS cents_end, "
        f"{_reason(first)} AS reason{parts[0]}{parts[1]} "
        f"FROM ({ids}) i "
        "LEFT JOIN one a ON a.opportunity_id = i.opportunity_id "
        "LEFT JOIN two b ON b.opportunity_id = i.opportunity_id "
        f"LEFT JOIN deals d ON d.opportunity_id = i.opportunity_id{joins}"
    )
    change = "COALESCE(cents_end, 0) - COALESCE(cents_start, 0)"
    grouped = " UNION ALL ".join(
        f"SELECT '{cut}' AS cut, {before} AS before_value, {after} AS after_value, in_start, "
        f"in_end, reason, CASE WHEN {change} > 0 THEN 1 WHEN {change} < 0 THEN -1 ELSE 0 END "
        "AS way, COUNT(*) AS deal_count, SUM(COALESCE(cents_start, 0)) AS cents_start, "
        "SUM(COALESCE(cents_end, 0)) AS cents_end, COUNT(cents_start) AS valued_start, "
        "COUNT(cents_end) AS valued_end, COUNT(COALESCE(cents_start, cents_end)) AS valued "
        f"FROM pairs GROUP BY {keys}in_start, in_end, reason, way"
        for cut, before, after, keys in (
            ("total", "'all'", "'all'", ""),
            *((cut, f"{cut}_start", f"{cut}_end", f"{cut}_start, {cut}_end, ") for cut in lookups),
        )
    )
    return f"WITH {DEALS}, {sides}, pairs AS MATERIALIZED ({pairs}) {grouped}"


def _reason(first: str) -> str:
    """Give the one reason of a deal that came or left, by rank; blank for one that stays."""
    return (
        "CASE WHEN COALESCE(a.is_in, 0) = 1 AND COALESCE(b.is_in, 0) = 0 THEN CASE "
        "WHEN b.status IS NULL THEN 'deleted' WHEN b.status = 'won' THEN 'won' "
        "WHEN b.status = 'lost' THEN 'lost' "
        f"WHEN b.close_date < {first} THEN 'pulled_out' ELSE 'pushed_out' END "
        "WHEN COALESCE(a.is_in, 0) = 0 AND COALESCE(b.is_in, 0) = 1 THEN CASE "
        "WHEN a.status IS NULL THEN 'new' WHEN a.status IN ('won', 'lost') THEN 'reopened' "
        f"WHEN a.close_date < {first} THEN 'pushed_in' ELSE 'pulled_in' END ELSE '' END"
    )
