"""A generated CRM of any size: deals with weekly snapshots, written as Parquet in pieces."""

# ruff: noqa: S608 - all names and values of the SQL stand in this file

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from planlib.periods import Period

PERIOD = Period.parse("2026Q1")
AS_OF = date(2026, 3, 22)  # day of the last snapshot
FIRST = date(2026, 1, 11)  # day of the first one of this year, where the bridge begins
BEFORE = date(2025, 3, 22)  # the same day a year before
DATA_UNTIL = date(2026, 3, 31)
#: Eleven weeks, and the same day a year before.
SNAPSHOTS = (BEFORE, *(FIRST + timedelta(7 * week) for week in range(11)))
PIECE = 1_000_000  # deals in a file; what is held in memory does not grow with the number of deals
REPS = 500
DEALS_PER_ACCOUNT = 50

# Every draw is a hash of the deal's number, the seed and a number of its own, from 0 to below 1.
_DRAW = "(hash(i, {seed}, {at}) % 1000003 / 1000003.0)"
_LIFE = """
    select *, created_date + floor(days)::int as end_date,
        created_date + floor(days * {changed})::int as changed_date,
        round(amount * (0.6 + 0.8 * {early}), 2) as early_amount
    from (
        select i, 'O' || lpad(i::varchar, 9, '0') as opportunity_id,
            'A' || (hash(i, {seed}, 1) % {accounts}) as account_id,
            'R' || (hash(i, {seed}, 2) % {reps}) as owner_id,
            'R' || (hash(i, {seed}, if({moved} < 0.1, 3, 2)) % {reps}) as early_owner_id,
            'R' || (hash(i, {seed}, 4) % {reps}) as creator_id,
            'P' || (hash(i, {seed}, 5) % 20) as product_id,
            ['Web', 'Fair', 'Partner', 'Call', ''][1 + floor({source} * 5)::int] as source,
            ['AE', 'BDR', 'SDR', 'ECS', 'PS'][1 + floor({role} * 5)::int] as creator_role,
            ['new', 'expansion', 'renewal'][1 + floor({type} * 3)::int] as deal_type,
            if({blank} < 0.01, null, round(1000 * exp(6 * {size}), 2)) as amount,
            date '2024-01-01' + floor({created} * 821)::int as created_date,
            5 + 195 * {cycle} as days, {won} < 0.3 as wins, {call} as call,
            floor({push} * 120)::int - 40 as push
        from range({first}, {last}) deals(i)
    )
"""
_NAMES = ("changed", "early", "moved", "source", "role", "type", "blank", "size", "created",
          "cycle", "won", "call", "push")  # fmt: skip
_STATE = """
    if('{day}' < changed_date, early_owner_id, owner_id) as owner_id, account_id,
    if('{day}' < changed_date, early_amount, amount) as amount,
    if('{day}' < changed_date and '{day}' < end_date, end_date + push, end_date) as close_date,
    case when end_date <= '{day}' then if(wins, 1.0, 0.0)
        else [0.1, 0.25, 0.5, 0.75][1 + floor(call * 4)::int] end as probability,
    case when end_date <= '{day}' then if(wins, 'closed', 'omitted')
        else ['pipeline', 'best_case', 'most_likely', 'commit'][1 + floor(call * 4)::int]
        end as forecast_category,
    end_date <= '{day}' as is_closed, end_date <= '{day}' and wins as is_won, created_date
"""


def write_deals(folder: Path, count: int, *, seed: int = 7, piece: int = PIECE) -> None:
    """
    Write deals, their snapshots, accounts, reps, products and targets.

    A tenth of the deals change hands, and every deal is written with another amount and close date
    before a day of its life than after it. One deal in a hundred has no amount, and one source in
    five is blank. The same numbers give the same rows with one version of duckdb.

    Parameters
    ----------
    folder
        Gets ``opportunities/*.parquet``, ``opportunity_history/*.parquet`` and a file each for
        the other tables.
    count
        Deals.
    seed
        Of the draws.
    piece
        Deals that are written at a time; the rows do not depend on it.
    """
    accounts = max(count // DEALS_PER_ACCOUNT, 10)
    draws = {name: _DRAW.format(seed=seed, at=10 + at) for at, name in enumerate(_NAMES)}
    for name in ("opportunities", "opportunity_history"):
        (folder / name).mkdir(parents=True)
    with closing(duckdb.connect()) as connection:
        connection.execute("set threads = 2")
        connection.execute("set memory_limit = '1200MB'")
        for at, first in enumerate(range(0, count, piece)):
            life = _LIFE.format(seed=seed, accounts=accounts, reps=REPS, first=first,
                                last=min(first + piece, count), **draws)  # fmt: skip
            connection.execute(f"create or replace temp table life as {life}")
            _write(
                connection,
                "select opportunity_id, creator_id, product_id, null::varchar as campaign_id, "
                "source, creator_role, deal_type, coalesce(early_amount, 0) as created_amount, "
                f"{_STATE.format(day=DATA_UNTIL)} from life",
                folder / "opportunities" / f"{at:04}.parquet",
            )
            for day in SNAPSHOTS:
                _write(
                    connection,
                    f"select opportunity_id, date '{day}' as snapshot_date, 0 as sequence, "
                    f"'snapshot' as record, false as is_deleted, {_STATE.format(day=day)} "
                    f"from life where created_date <= '{day}'",
                    folder / "opportunity_history" / f"{day}-{at:04}.parquet",
                )
    for name, frame in _small_tables(accounts).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)


def _write(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    connection.execute(f"copy ({query}) to '{file}' (format parquet)")


def _small_tables(accounts: int) -> dict[str, pd.DataFrame]:
    numbers, reps = pd.Series(range(accounts)), pd.Series(range(REPS))
    left = pd.Series(pd.NaT, index=reps.index).mask(reps % 25 == 3, pd.Timestamp("2025-10-01"))
    regions = {"EMEA": 100_000, "APAC": 50_000, "Americas": 125_000}  # for each account
    kinds = {"new": 75_000, "expansion": 100_000, "renewal": 100_000}
    targets = [{"region": name, "target_amount": accounts * one} for name, one in regions.items()]
    targets += [{"deal_type": name, "target_amount": accounts * one} for name, one in kinds.items()]
    return {
        "accounts": pd.DataFrame({
            "account_id": "A" + numbers.astype("str"),
            "region": numbers.mod(7).map({0: "APAC", 1: "APAC", 2: "EMEA", 3: "EMEA", 4: None})
            .where(numbers.mod(7) < 5, "Americas"),
            "segment": numbers.mod(11).map(lambda at: ("S", "M", "L")[at % 3]),
            "owner_id": "R" + numbers.mod(REPS).astype("str"),
        }),
        "reps": pd.DataFrame({
            "rep_id": "R" + reps.astype("str"), "name": "Rep " + reps.astype("str"),
            "manager_id": "R" + reps.mod(40).astype("str"), "leave_date": left,
        }),
        "products": pd.DataFrame({
            "product_id": [f"P{at}" for at in range(20)],
            "family": [f"Family {at % 5}" for at in range(20)],
        }),
        "targets": pd.DataFrame(targets).assign(period=PERIOD.name, measure="acv"),
    }  # fmt: skip
