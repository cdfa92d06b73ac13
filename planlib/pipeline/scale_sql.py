"""
The SQL of the pipeline over large history: states, sums of the matrix, steps of the bridge.

All SQL of the pipeline stands here. It keeps to what duckdb and SQLite both run: dates compare
with text such as '2026-03-31', flags with TRUE, money is whole cents rounded half to even.
"""

# ruff: noqa: S608 - names come from the list of cuts, values are dates; nothing is typed in

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from planlib.periods import Period
from planlib.pipeline.cuts import UNKNOWN, Lookup
from planlib.pipeline.scale_bases import BasisSql

_STATUS = (
    "CASE WHEN {0}is_won = TRUE THEN 'won' "
    "WHEN {0}is_closed = TRUE AND {0}is_won = FALSE THEN 'lost' "
    "WHEN {0}is_closed = FALSE THEN 'open' ELSE 'unknown' END"
)
_DEALS = f"deals AS (SELECT o.*, {_STATUS.format('o.')} AS status FROM opportunities o)"
_STATE = (
    "opportunity_id",
    "status",
    "amount",
    "close_date",
    "probability",
    "forecast_category",
    "owner_id",
    "account_id",
)


@dataclass(frozen=True, kw_only=True)
class StatePlan:
    """
    Where the state of a day comes from.

    Parameters
    ----------
    day
        The day.
    basis
        ``current``, ``snapshot`` or ``reconstructed``.
    seen
        Day of the snapshot.
    has_changes
        Whether change records, or several records of a deal, follow the snapshot until the day.
    has_lost_amounts
        Whether lost deals keep their amount; else a rebuilt state has none.
    """

    day: date
    basis: str
    seen: date | None = None
    has_changes: bool = False
    has_lost_amounts: bool = True


def cents(amount: str) -> str:
    """Give an amount as whole cents, half to even, missing where it is missing."""
    scaled = f"(({amount}) * 100)"
    return (
        f"CAST(CASE WHEN ABS({scaled} - ROUND({scaled})) = 0.5 THEN 2 * ROUND({scaled} / 2) "
        f"ELSE ROUND({scaled}) END AS BIGINT)"
    )


def facts_sql(columns: Sequence[str]) -> str:
    """Give first days, what is recorded at all, and a sample value of each column of the deals."""
    samples = "".join(f", MAX({name}) AS any_{name}" for name in columns)
    return (
        f"WITH {_DEALS} SELECT MIN(created_date) AS first_created, "
        "MIN(CASE WHEN status IN ('won', 'lost') THEN close_date END) AS first_close, "
        "SUM(CASE WHEN status <> 'unknown' THEN 1 ELSE 0 END) AS known_count, "
        "SUM(CASE WHEN status = 'lost' THEN 1 ELSE 0 END) AS lost_count, "
        "SUM(CASE WHEN status = 'lost' AND amount <> 0 THEN 1 ELSE 0 END) AS lost_valued_count"
        f"{samples} FROM deals"
    )


def cycles_sql() -> str:
    """Count closed deals by created and close date."""
    return (
        f"WITH {_DEALS} SELECT created_date, close_date, COUNT(*) AS deal_count FROM deals "
        "WHERE status IN ('won', 'lost') AND close_date >= created_date "
        "GROUP BY created_date, close_date"
    )


def snapshots_sql() -> str:
    """Give the days of full snapshots, and the days of change records, with their sequences."""
    return (
        "SELECT snapshot_date, record, MAX(sequence) AS last_sequence "
        "FROM opportunity_history GROUP BY snapshot_date, record"
    )


def state_sql(plan: StatePlan, *, only_open: bool) -> str:
    """
    Give the state of a day: one row per deal that was known then.

    Parameters
    ----------
    plan
        Where it comes from.
    only_open
        Leave out closed deals.
    """
    if plan.basis == "current":
        where = " WHERE status = 'open'" if only_open else ""
        return f"SELECT {', '.join(_STATE)} FROM deals{where}"
    if plan.basis == "reconstructed":
        return _rebuilt_sql(plan, only_open=only_open)
    day = _quoted(plan.day)
    closed = f"d.status IN ('won', 'lost') AND d.close_date <= {day}"
    status = (
        "CASE WHEN r.status = 'unknown' AND COALESCE(r.forecast_category, '') <> 'closed' "
        "AND COALESCE(d.status, 'open') <> 'unknown' THEN 'open' ELSE r.status END"
    )
    kept = "r.status IN ('open', 'unknown')" if only_open else "TRUE"
    seen = (
        f"SELECT r.opportunity_id AS opportunity_id, {status} AS status, r.amount AS amount, "
        "r.close_date AS close_date, r.probability AS probability, "
        "r.forecast_category AS forecast_category, "
        "COALESCE(r.owner_id, d.owner_id) AS owner_id, "
        "COALESCE(r.account_id, d.account_id) AS account_id "
        f"FROM ({_records_sql(plan)}) r LEFT JOIN deals d ON d.opportunity_id = r.opportunity_id "
        f"WHERE {kept} AND CASE WHEN {closed} THEN 1 ELSE 0 END = 0"
    )
    if only_open:
        return f"SELECT * FROM ({seen}) s WHERE s.status = 'open'"
    columns = ", ".join(f"d.{name}" for name in _STATE)
    return f"{seen} UNION ALL SELECT {columns} FROM deals d WHERE {closed}"


def _rebuilt_sql(plan: StatePlan, *, only_open: bool) -> str:
    day = _quoted(plan.day)
    was_open = f"status IN ('won', 'lost') AND (close_date IS NULL OR close_date > {day})"
    status = f"CASE WHEN {was_open} THEN 'open' ELSE status END"
    amount = "amount" if plan.has_lost_amounts else "CAST(NULL AS DOUBLE)"
    columns = ", ".join(
        {"status": f"{status} AS status", "amount": f"{amount} AS amount"}.get(name, name)
        for name in _STATE
    )
    rows = f"SELECT {columns} FROM deals WHERE created_date <= {day}"
    return f"SELECT * FROM ({rows}) s WHERE s.status = 'open'" if only_open else rows


def _records_sql(plan: StatePlan) -> str:
    """Give the last record of each deal from the snapshot until the day."""
    first = _quoted(plan.seen or plan.day)
    status = _STATUS.format("h.")
    columns = "h.opportunity_id, h.amount, h.close_date, h.probability, h.forecast_category, "
    columns += f"h.owner_id, h.account_id, h.is_deleted, {status} AS status"
    if not plan.has_changes:
        return (
            f"SELECT {columns} FROM opportunity_history h WHERE h.snapshot_date = {first} "
            "AND COALESCE(h.is_deleted, FALSE) = FALSE"
        )
    order = "h.snapshot_date DESC, h.sequence DESC, h.record DESC"
    return (
        f"SELECT * FROM (SELECT {columns}, ROW_NUMBER() OVER (PARTITION BY h.opportunity_id "
        f"ORDER BY {order}) AS place FROM opportunity_history h WHERE h.snapshot_date >= {first} "
        f"AND h.snapshot_date <= {_quoted(plan.day)}) n "
        "WHERE n.place = 1 AND COALESCE(n.is_deleted, FALSE) = FALSE"
    )


def sums_sql(
    plan: StatePlan, period: Period, lookups: Mapping[str, Lookup], basis: BasisSql | None = None
) -> str:
    """
    Sum up the deals of a period on a day by cut, part, close in period and category.

    The category of an open deal is that of the forecast. That of a deal created without an
    amount at creation holds the dates of creation and of its first record, whose amount stands
    under ``likely``: whether it is near enough to creation is decided on the sums.

    Parameters
    ----------
    plan
        State of the day.
    period
        Whose figures.
    lookups
        Where each cut comes from; the total is always there.
    basis
        Whose owners count; None: those of the state.
    """
    end = _quoted(min(period.end, plan.day))
    start, last = _quoted(period.start), _quoted(period.end)
    inside = f"s.close_date >= {start} AND s.close_date <= {last}"
    chance = cents("s.amount * s.probability")
    today = "d.amount" if plan.has_lost_amounts else "CAST(NULL AS DOUBLE)"
    created = f"d.created_date >= {start} AND d.created_date <= {end}"
    parts = [
        "SELECT d.status AS part, d.opportunity_id AS opportunity_id, d.owner_id AS owner_id, "
        f"d.account_id AS account_id, {cents('d.amount')} AS cents, "
        "CAST(NULL AS BIGINT) AS likely, 1 AS is_inside, '' AS category "
        "FROM deals d WHERE d.status IN ('won', 'lost') "
        f"AND d.close_date >= {start} AND d.close_date <= {end}",
        f"SELECT 'open', s.opportunity_id, s.owner_id, s.account_id, {cents('s.amount')}, "
        f"{chance}, CASE WHEN {inside} THEN 1 ELSE 0 END, COALESCE(s.forecast_category, '') "
        "FROM state s",
        "SELECT 'generated', d.opportunity_id, d.owner_id, d.account_id, "
        f"{cents(f'COALESCE(d.created_amount, {today})')}, {cents('f.amount')}, 1, "
        "CASE WHEN f.amount IS NULL THEN '' ELSE CAST(d.created_date AS VARCHAR) || '|' || "
        "CAST(f.snapshot_date AS VARCHAR) END FROM deals d LEFT JOIN first_records f "
        f"ON f.opportunity_id = d.opportunity_id WHERE {created}",
    ]
    first = (
        "SELECT opportunity_id, amount, snapshot_date FROM (SELECT h.opportunity_id, h.amount, "
        "h.snapshot_date, ROW_NUMBER() OVER (PARTITION BY h.opportunity_id "
        "ORDER BY h.snapshot_date, h.sequence, h.record) AS place FROM opportunity_history h "
        "JOIN deals d ON d.opportunity_id = h.opportunity_id "
        f"WHERE d.created_amount IS NULL AND {created}) n WHERE place = 1"
    )
    return (
        f"WITH {_DEALS}, state AS ({state_sql(plan, only_open=True)}), "
        f"first_records AS ({first}), "
        f"facts AS ({' UNION ALL '.join(parts)}), {_base(lookups, basis)} {_grouped(lookups)}"
    )


def _base(lookups: Mapping[str, Lookup], basis: BasisSql | None) -> str:
    """Give each fact the value of every cut."""
    columns, joins = _attached(lookups, "f", "", basis.reps if basis else "reps")
    before, facts = (f"{basis.parts}, ", "owned") if basis else ("", "facts")
    return (
        f"{before}base AS MATERIALIZED (SELECT f.part, f.is_inside, f.category, f.cents, "
        f"f.likely{columns} FROM {facts} f "
        f"LEFT JOIN deals d ON d.opportunity_id = f.opportunity_id{joins})"
    )


def _attached(
    lookups: Mapping[str, Lookup], row: str, mark: str, reps: str = "reps"
) -> tuple[str, str]:
    """
    Give columns and joins that attach cuts to rows.

    ``mark`` tells two sides apart, ``reps`` names what gives the attributes of owners.
    """
    columns, joins, joined = "", "", set()
    for cut, lookup in lookups.items():
        via = (
            f"{row}.{lookup.via}" if lookup.via in ("owner_id", "account_id") else f"d.{lookup.via}"
        )
        if lookup.via == lookup.column:
            value = via
        elif lookup.table == "opportunities":
            value = f"d.{lookup.column}"
        else:
            name = f"{lookup.table}_{lookup.via}{mark}"
            value = f"{name}.{lookup.column}"
            if name not in joined:
                joined.add(name)
                key = _KEYS[lookup.table]
                is_owner = (lookup.table, lookup.via) == ("reps", "owner_id")
                source = reps if is_owner else lookup.table
                joins += f" LEFT JOIN {source} {name} ON {name}.{key} = {via}"
        columns += f", COALESCE(NULLIF({value}, ''), '{UNKNOWN}') AS {cut}{mark}"
    return columns, joins


_KEYS = {
    "accounts": "account_id",
    "segments": "account_id",
    "reps": "rep_id",
    "products": "product_id",
    "campaigns": "campaign_id",
}


def _grouped(lookups: Mapping[str, Lookup]) -> str:
    measures = (
        "COUNT(*) AS deal_count, SUM(cents) AS cents, COUNT(cents) AS valued, "
        "SUM(CASE WHEN cents <> 0 THEN 1 ELSE 0 END) AS worth, SUM(likely) AS likely, "
        "COUNT(likely) AS likely_valued, "
        "SUM(CASE WHEN likely <> 0 THEN 1 ELSE 0 END) AS likely_worth"
    )
    keys = "part, is_inside, category"
    return " UNION ALL ".join(
        f"SELECT '{cut}' AS cut, {value} AS cut_value, {keys}, {measures} FROM base "
        f"GROUP BY {', '.join((['cut_value'] if cut != 'total' else []) + [keys])}"
        for cut, value in {"total": "'all'", **{cut: cut for cut in lookups}}.items()
    )


def open_sql(plan: StatePlan) -> str:
    """Say how many deals are open on a day, and which of their columns are filled at all."""
    columns = ("close_date", "probability", "forecast_category")
    samples = "".join(f", MAX({name}) AS any_{name}" for name in columns)
    return (
        f"WITH {_DEALS}, state AS ({state_sql(plan, only_open=True)}) "
        f"SELECT COUNT(*) AS open_count{samples} FROM state"
    )


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
    first, last = _quoted(period.start), _quoted(period.end)
    by_dates = start.basis != "reconstructed"
    inside = f"status = 'open' AND close_date >= {first} AND close_date <= {last}"
    inside = inside if by_dates else "status = 'open'"
    sides = ", ".join(
        f"{name} AS (SELECT s.*, CASE WHEN {inside} THEN 1 ELSE 0 END AS is_in "
        f"FROM ({state_sql(plan, only_open=False)}) s WHERE s.status <> 'unknown')"
        for name, plan in (("one", start), ("two", end))
    )
    parts = ["", ""]
    joins = ""
    for at, mark in enumerate(("_start", "_end")):
        columns, more = _attached(lookups, ("a", "b")[at], mark)
        parts[at], joins = columns, joins + more
    pairs = (
        "SELECT COALESCE(a.is_in, 0) AS in_start, COALESCE(b.is_in, 0) AS in_end, "
        f"{cents('a.amount')} AS cents_start, {cents('b.amount')} AS cents_end, "
        f"{_reason(first)} AS reason{parts[0]}{parts[1]} "
        "FROM (SELECT opportunity_id FROM one WHERE is_in = 1 UNION "
        "SELECT opportunity_id FROM two WHERE is_in = 1) i "
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
    return f"WITH {_DEALS}, {sides}, pairs AS MATERIALIZED ({pairs}) {grouped}"


def passed_sql(start: StatePlan, end: StatePlan) -> str:
    """Count deals closed on the last day that were not known on the first."""
    return (
        f"WITH {_DEALS}, one AS ({state_sql(start, only_open=False)}), "
        f"two AS ({state_sql(end, only_open=False)}) SELECT COUNT(*) AS passed FROM two "
        "WHERE two.status IN ('won', 'lost') AND NOT EXISTS (SELECT 1 FROM one "
        "WHERE one.opportunity_id = two.opportunity_id AND one.status <> 'unknown')"
    )


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


def _quoted(day: date) -> str:
    return f"'{day.isoformat()}'"
