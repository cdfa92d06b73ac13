"""
The SQL of the pipeline over large history: states of a day and sums of the matrix.

All SQL of the pipeline stands here, in ``scale_bases`` and in ``scale_bridge``. It keeps to what
duckdb and SQLite both run: dates compare with text such as '2026-03-31', flags with TRUE, money is
whole cents rounded half to even.
"""

# ruff: noqa: S608 - names come from the list of cuts, values are dates; nothing is typed in

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from planlib.periods import Period
from planlib.pipeline.cuts import KEYS, UNKNOWN, Lookup
from planlib.pipeline.scale_bases import BasisSql

_STATUS = (
    "CASE WHEN {0}is_won = TRUE THEN 'won' "
    "WHEN {0}is_closed = TRUE AND {0}is_won = FALSE THEN 'lost' "
    "WHEN {0}is_closed = FALSE THEN 'open' ELSE 'unknown' END"
)
_ROOM = 2**54  # whole numbers that one day takes, for cents of either sign and none at all
_LARGEST = 9 * 10**13  # amount, in units of money, whose cents still fit
_MOST_DAYS = 500  # days that whole numbers of 64 bits hold
#: Category of a deal whose first record is near enough to creation to give the amount.
NEAR = "near"
#: Every deal with its status, under the name ``deals``.
DEALS = (
    f"deals AS NOT MATERIALIZED (SELECT o.*, {_STATUS.format('o.')} AS status FROM opportunities o)"
)
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
    is_priced
        Whether every deal has its amount at creation, so that no first record is needed.
    days
        All days of the history, where every record is a snapshot and each deal has one a day.
    age_days
        Days after creation until which a first record gives the amount at creation.
    """

    day: date
    basis: str
    seen: date | None = None
    has_changes: bool = False
    has_lost_amounts: bool = True
    is_priced: bool = False
    days: tuple[date, ...] = ()
    age_days: int = 0


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
        f"WITH {DEALS} SELECT MIN(created_date) AS first_created, "
        "MIN(CASE WHEN status IN ('won', 'lost') THEN close_date END) AS first_close, "
        "SUM(CASE WHEN status <> 'unknown' THEN 1 ELSE 0 END) AS known_count, "
        "SUM(CASE WHEN status = 'lost' THEN 1 ELSE 0 END) AS lost_count, "
        "SUM(CASE WHEN status = 'lost' AND amount <> 0 THEN 1 ELSE 0 END) AS lost_valued_count, "
        "SUM(CASE WHEN created_amount IS NULL THEN 1 ELSE 0 END) AS unpriced_count"
        f"{samples} FROM deals"
    )


def cycles_sql() -> str:
    """Count closed deals by created and close date."""
    return (
        f"WITH {DEALS} SELECT created_date, close_date, COUNT(*) AS deal_count FROM deals "
        "WHERE status IN ('won', 'lost') AND close_date >= created_date "
        "GROUP BY created_date, close_date"
    )


def snapshots_sql() -> str:
    """Give the days of full snapshots, and the days of change records, with their sequences."""
    return (
        "SELECT snapshot_date, record, MAX(sequence) AS last_sequence "
        "FROM opportunity_history GROUP BY snapshot_date, record"
    )


def state_sql(plan: StatePlan, *, only_open: bool, more: Sequence[str] = ()) -> str:
    """
    Give the state of a day: one row per deal that was known then.

    Parameters
    ----------
    plan
        Where it comes from.
    only_open
        Leave out closed deals.
    more
        Columns of the deals table that are given as well, as they are today.
    """
    if plan.basis == "current":
        where = " WHERE status = 'open'" if only_open else ""
        return f"SELECT {', '.join((*_STATE, *more))} FROM deals{where}"
    if plan.basis == "reconstructed":
        return _rebuilt_sql(plan, only_open=only_open, more=more)
    extra = "".join(f", d.{name} AS {name}" for name in more)
    day = quoted(plan.day)
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
        f"COALESCE(r.account_id, d.account_id) AS account_id{extra} "
        f"FROM ({_records_sql(plan)}) r LEFT JOIN deals d ON d.opportunity_id = r.opportunity_id "
        f"WHERE {kept} AND CASE WHEN {closed} THEN 1 ELSE 0 END = 0"
    )
    if only_open:
        return f"SELECT * FROM ({seen}) s WHERE s.status = 'open'"
    columns = ", ".join(f"d.{name}" for name in (*_STATE, *more))
    return f"{seen} UNION ALL SELECT {columns} FROM deals d WHERE {closed}"


def _rebuilt_sql(plan: StatePlan, *, only_open: bool, more: Sequence[str]) -> str:
    day = quoted(plan.day)
    was_open = f"status IN ('won', 'lost') AND (close_date IS NULL OR close_date > {day})"
    status = f"CASE WHEN {was_open} THEN 'open' ELSE status END"
    amount = "amount" if plan.has_lost_amounts else "CAST(NULL AS DOUBLE)"
    columns = ", ".join(
        {"status": f"{status} AS status", "amount": f"{amount} AS amount"}.get(name, name)
        for name in (*_STATE, *more)
    )
    rows = f"SELECT {columns} FROM deals WHERE created_date <= {day}"
    return f"SELECT * FROM ({rows}) s WHERE s.status = 'open'" if only_open else rows


def _records_sql(plan: StatePlan) -> str:
    """Give the last record of each deal from the snapshot until the day."""
    first = quoted(plan.seen or plan.day)
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
        f"AND h.snapshot_date <= {quoted(plan.day)}) n "
        "WHERE n.place = 1 AND COALESCE(n.is_deleted, FALSE) = FALSE"
    )


def sums_sql(
    plan: StatePlan, period: Period, lookups: Mapping[str, Lookup], basis: BasisSql | None = None
) -> str:
    """
    Sum up the deals of a period on a day by cut, part, close in period and category.

    The category of an open deal is that of the forecast. For a deal created without an amount at
    creation it says whether its first record, whose amount stands under ``likely``, is near enough
    to creation; or it holds both dates, and this is decided on the sums.

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
    end = quoted(min(period.end, plan.day))
    start = quoted(period.start)
    inside = f"s.close_date >= {start} AND s.close_date <= {quoted(period.end)}"
    last = min(period.end, plan.day)  # of the days on which deals of the period were created
    chance = cents("s.amount * s.probability")
    today = "d.amount" if plan.has_lost_amounts else "CAST(NULL AS DOUBLE)"
    created = f"d.created_date >= {start} AND d.created_date <= {end}"
    more = deal_columns(lookups)
    of_deal, of_state = ("".join(f", {row}.{name}" for name in more) for row in "ds")
    parts = [
        "SELECT d.status AS part, d.opportunity_id AS opportunity_id, d.owner_id AS owner_id, "
        f"d.account_id AS account_id, {cents('d.amount')} AS cents, "
        f"CAST(NULL AS BIGINT) AS likely, 1 AS is_inside, '' AS category{of_deal} "
        "FROM deals d WHERE d.status IN ('won', 'lost') "
        f"AND d.close_date >= {start} AND d.close_date <= {end}",
        f"SELECT 'open', s.opportunity_id, s.owner_id, s.account_id, {cents('s.amount')}, "
        f"{chance}, CASE WHEN {inside} THEN 1 ELSE 0 END, COALESCE(s.forecast_category, '')"
        f"{of_state} FROM state s",
        "SELECT 'generated', d.opportunity_id, d.owner_id, d.account_id, "
        f"{cents(f'COALESCE(d.created_amount, {today})')}, f.cents, 1, "
        f"{_nearness_sql(plan, last)}{of_deal} FROM deals d LEFT JOIN first_records f "
        f"ON f.opportunity_id = d.opportunity_id WHERE {created}",
    ]
    first = _first_records_sql(plan, created, last)
    return (
        f"WITH {DEALS}, state AS ({state_sql(plan, only_open=True, more=more)}), "
        f"first_records AS ({first}), "
        f"facts AS ({' UNION ALL '.join(parts)}), {_base(lookups, basis)} {_grouped(lookups)}"
    )


def _first_records_sql(plan: StatePlan, created: str, end: date) -> str:
    """
    Give the first record of each deal that a period created without an amount at creation.

    Records too late to give the amount of any of them are not read. Where each deal has one record
    a day, one pass finds the first one without sorting: the smallest whole number made of the
    place of the day and the cents. An amount beyond 90 trillion, which a number with fractions
    cannot hold to the cent, counts as unknown there.
    """
    if plan.is_priced:
        return (
            "SELECT opportunity_id, CAST(NULL AS BIGINT) AS cents, created_date AS snapshot_date, "
            "0 AS place FROM deals WHERE 1 = 0"
        )
    rows = (
        "FROM opportunity_history h JOIN deals d ON d.opportunity_id = h.opportunity_id "
        f"WHERE d.created_amount IS NULL AND {created} "
        f"AND h.snapshot_date <= {quoted(end + timedelta(plan.age_days))}"
    )
    days = _days(plan, end)
    if not days:
        return (
            f"SELECT opportunity_id, {cents('amount')} AS cents, snapshot_date, 0 AS place FROM "
            "(SELECT h.opportunity_id, h.amount, h.snapshot_date, ROW_NUMBER() OVER (PARTITION BY "
            f"h.opportunity_id ORDER BY h.snapshot_date, h.sequence, h.record) AS place {rows}) n "
            "WHERE place = 1"
        )
    places = " ".join(f"WHEN {quoted(day)} THEN {at * _ROOM}" for at, day in enumerate(days))
    code = (
        f"CASE h.snapshot_date {places} END + CASE WHEN ABS(h.amount) <= {_LARGEST} "
        f"THEN {cents('h.amount')} + {_ROOM // 2} ELSE {_ROOM - 1} END"
    )
    return (
        f"SELECT opportunity_id, CASE WHEN code % {_ROOM} < {_ROOM - 1} "
        f"THEN code % {_ROOM} - {_ROOM // 2} END AS cents, code - code % {_ROOM} AS place "
        f"FROM (SELECT h.opportunity_id, MIN({code}) AS code {rows} GROUP BY h.opportunity_id) n"
    )


def _nearness_sql(plan: StatePlan, end: date) -> str:
    """Tell whether a first record is near creation, or give both dates where only sums can tell."""
    days = _days(plan, end)
    if plan.is_priced or not days:
        both = "CAST(d.created_date AS VARCHAR) || '|' || CAST(f.snapshot_date AS VARCHAR)"
        return f"CASE WHEN f.cents IS NULL THEN '' ELSE {both} END"
    near = " ".join(
        f"WHEN {at * _ROOM} THEN CASE WHEN d.created_date >= "
        f"{quoted(day - timedelta(plan.age_days))} THEN '{NEAR}' ELSE '' END"
        for at, day in enumerate(days)
    )
    return f"CASE WHEN f.cents IS NULL THEN '' ELSE CASE f.place {near} END END"


def _days(plan: StatePlan, end: date) -> list[date]:
    """Give the days that whole numbers can stand for; none where sorting has to do."""
    last = end + timedelta(plan.age_days)
    days = [day for day in sorted(plan.days) if day <= last]
    return days if len(days) <= _MOST_DAYS else []


def _base(lookups: Mapping[str, Lookup], basis: BasisSql | None) -> str:
    """Give each fact the value of every cut."""
    reps = basis.reps if basis else "reps"
    columns, joins = attach_cuts(lookups, "f", deal="f", reps=reps)
    before, facts = (f"{basis.parts}, ", "owned") if basis else ("", "facts")
    return (
        f"{before}base AS MATERIALIZED (SELECT f.part, f.is_inside, f.category, f.cents, "
        f"f.likely{columns} FROM {facts} f{joins})"
    )


def attach_cuts(
    lookups: Mapping[str, Lookup], row: str, *, deal: str, mark: str = "", reps: str = "reps"
) -> tuple[str, str]:
    """
    Give columns and joins that attach cuts to rows.

    ``deal`` has the columns of today's deals, ``mark`` tells two sides apart, ``reps`` names what
    gives the attributes of owners.
    """
    columns, joins, joined = "", "", set()
    for cut, lookup in lookups.items():
        via = f"{row if lookup.via in ('owner_id', 'account_id') else deal}.{lookup.via}"
        if lookup.via == lookup.column:
            value = via
        elif lookup.table == "opportunities":
            value = f"{deal}.{lookup.column}"
        else:
            name = f"{lookup.table}_{lookup.via}{mark}"
            value = f"{name}.{lookup.column}"
            if name not in joined:
                joined.add(name)
                key = KEYS[lookup.table]
                is_owner = (lookup.table, lookup.via) == ("reps", "owner_id")
                source = reps if is_owner else lookup.table
                joins += f" LEFT JOIN {source} {name} ON {name}.{key} = {via}"
        columns += f", COALESCE(NULLIF({value}, ''), '{UNKNOWN}') AS {cut}{mark}"
    return columns, joins


def deal_columns(lookups: Mapping[str, Lookup]) -> tuple[str, ...]:
    """Give the columns of the deals table that cuts need beside those of a state."""
    wanted = [
        name
        for lookup in lookups.values()
        for name in (lookup.via, *((lookup.column,) if lookup.table == "opportunities" else ()))
    ]
    return tuple(name for name in dict.fromkeys(wanted) if name not in _STATE)


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
        f"WITH {DEALS}, state AS ({state_sql(plan, only_open=True)}) "
        f"SELECT COUNT(*) AS open_count{samples} FROM state"
    )


def quoted(day: date) -> str:
    """Write a day as text that compares with dates."""
    return f"'{day.isoformat()}'"
