"""
The work of the pipeline benchmark, each in a process: ``python -m benchmarks.peers.pipeline``.

Reads an order as JSON from standard input (``work``, ``folder`` with the tables, ``made`` without
ending) and writes ``<made>.json`` with times and memory and ``<made>.parquet`` with the rows.
"""

# ruff: noqa: S608 - names and dates of the SQL stand in the benchmark

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.harness.usage import cpu_seconds, peak_gigabytes
from benchmarks.instances.deals import (
    AS_OF,
    BEFORE,
    DATA_UNTIL,
    FIRST,
    PERIOD,
    write_deals,
)
from planlib.pipeline import (
    CutTables,
    PipelineHistory,
    build_bridge,
    build_matrix,
    measure_deals,
    prior_day,
)
from planlib.pipeline.bases import Dated, as_reported, restated
from planlib.pipeline.bridge import bridge_table
from planlib.pipeline.scale import ScaledPipeline
from planlib.pipeline.targets import read_targets
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table

SETTINGS = PipelineSettings(periods_ahead=0)
SMALL = ("accounts", "reps", "products")
LARGE = ("opportunities", "opportunity_history")
THREADS = 2
MEMORY = "1200MB"  # what duckdb may hold; the rest goes to disk
#: Columns that the matrix needs, those with numbers first.
COLUMNS = {
    "opportunities": (
        ("amount", "created_amount"),
        ("opportunity_id", "account_id", "owner_id", "creator_id", "product_id", "campaign_id",
         "source", "creator_role", "deal_type", "created_date", "close_date", "is_closed",
         "is_won"),
    ),
    "opportunity_history": (
        ("amount", "probability", "sequence"),
        ("opportunity_id", "account_id", "owner_id", "snapshot_date", "record", "close_date",
         "forecast_category", "is_closed", "is_won", "is_deleted"),
    ),
}  # fmt: skip


@contextmanager
def connected(folder: Path, *, unpriced: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database over the files of the tables, with little memory."""
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {THREADS}")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"set temp_directory = '{folder / 'spilled'}'")
        connection.execute("set preserve_insertion_order = false")
        for name in (*LARGE, *SMALL):
            files = folder / name / "*.parquet" if name in LARGE else folder / f"{name}.parquet"
            blank = unpriced and name == "opportunities"
            columns = "* replace (null::double as created_amount)" if blank else "*"
            connection.execute(f"create view {name} as select {columns} from '{files}'")
        yield connection


def scan(folder: Path) -> None:
    """Read every column that the matrix needs once, in all snapshots."""
    _scan(folder, "")


def scan_two(folder: Path) -> None:
    """Read the same columns of the deals and of the two snapshots that the matrix is made of."""
    _scan(folder, f" where snapshot_date in ('{AS_OF}', '{BEFORE}')")


def _scan(folder: Path, where: str) -> None:
    with connected(folder) as connection:
        for name, (numbers, others) in COLUMNS.items():
            read = [f"sum({one})" for one in numbers] + [f"min({one})" for one in others]
            limit = where if name == "opportunity_history" else ""
            connection.execute(f"select {', '.join(read)} from {name}{limit}").fetchall()


def matrix(folder: Path) -> pd.DataFrame:
    """Compute the whole matrix in the database."""
    with connected(folder) as connection:
        return _matrix(folder, connection)


def matrix_unpriced(folder: Path) -> pd.DataFrame:
    """Compute it where amounts at creation have to come from the first snapshot of each deal."""
    with connected(folder, unpriced=True) as connection:
        return _matrix(folder, connection)


def _matrix(folder: Path, connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    found = _scaled(folder, connection).matrix(PERIOD, AS_OF, _read(folder, "targets"))
    return table("performance_matrix").coerce(found)


def bridge(folder: Path) -> pd.DataFrame:
    """Compute the bridge over ten weeks in the database."""
    with connected(folder) as connection:
        found = _scaled(folder, connection).bridge(PERIOD, FIRST, AS_OF)
        return table("pipeline_bridge").coerce(found)


def _scaled(folder: Path, connection: duckdb.DuckDBPyConnection) -> ScaledPipeline:
    return ScaledPipeline(
        lambda query: connection.execute(query).df(), SETTINGS, DATA_UNTIL,
        {name: _read(folder, name) for name in SMALL},
    )  # fmt: skip


def frames_matrix(folder: Path) -> pd.DataFrame:
    """Compute the whole matrix on frames."""
    return _frames_matrix(folder, unpriced=False)


def frames_unpriced(folder: Path) -> pd.DataFrame:
    """Compute it on frames without amounts at creation."""
    return _frames_matrix(folder, unpriced=True)


def _frames_matrix(folder: Path, *, unpriced: bool) -> pd.DataFrame:
    history, cuts, names, records = _frames(folder, unpriced=unpriced)
    now = measure_deals(history, PERIOD, AS_OF, cuts, names)
    before = measure_deals(history, PERIOD.prior_year(), prior_day(PERIOD, AS_OF), cuts, names)
    dated = Dated(history=records)
    shown, targets = ("total", *names), _read(folder, "targets")
    goals, set_then = (
        {cut: read_targets(targets, period, cut, cuts) for cut in shown}
        for period in (PERIOD, PERIOD.prior_year())
    )
    found = build_matrix(
        now, as_reported(before, dated, cuts, names), shown, goals, SETTINGS,
        restated=restated(before, dated, cuts, names, AS_OF), prior_targets=set_then,
    )  # fmt: skip
    return table("performance_matrix").coerce(found)


def frames_bridge(folder: Path) -> pd.DataFrame:
    """Compute the bridge on frames."""
    history, cuts, names, _ = _frames(folder)
    found = build_bridge(history.at(FIRST), history.at(AS_OF), PERIOD, cuts, names)
    return table("pipeline_bridge").coerce(bridge_table(found, "span", PERIOD, (FIRST, AS_OF)))


def _frames(
    folder: Path, *, unpriced: bool = False
) -> tuple[PipelineHistory, CutTables, list[str], pd.DataFrame]:
    deals, records = (table(name).coerce(pd.read_parquet(folder / name)) for name in LARGE)
    if unpriced:
        deals["created_amount"] = float("nan")
    history = PipelineHistory(deals, records, data_until=DATA_UNTIL)
    small = {name: _read(folder, name) for name in SMALL}
    cuts = CutTables({**small, "opportunities": history.deals})
    return history, cuts, [cut for cut in SETTINGS.cuts if cuts.resolve(cut)[0]], records


def _read(folder: Path, name: str) -> pd.DataFrame:
    return table(name).coerce(pd.read_parquet(folder / f"{name}.parquet"))


def totals(folder: Path) -> pd.DataFrame:
    """Add up a few totals by plain SQL of its own, for comparison: ``figure``, ``amount``."""
    open_then = "from opportunity_history where not is_closed and snapshot_date = "
    parts = []
    for side, period, day in (("", PERIOD, AS_OF), ("_before", PERIOD.prior_year(), BEFORE)):
        until = f"between '{period.start}' and '{day}'"
        whole = f"between '{period.start}' and '{period.end}'"
        parts += [
            (f"closed_acv{side}", f"from opportunities where is_won and close_date {until}"),
            (f"open_total{side}", f"{open_then}'{day}'"),
            (f"open_in_period{side}", f"{open_then}'{day}' and close_date {whole}"),
        ]
    whole = f"between '{PERIOD.start}' and '{PERIOD.end}'"
    parts += [(name, f"{open_then}'{day}' and close_date {whole}")
              for name, day in (("start", FIRST), ("end", AS_OF))]  # fmt: skip
    query = " union all ".join(
        f"select '{name}' as figure, sum(amount::decimal(18, 2))::double as amount {rest}"
        for name, rest in parts
    )
    with connected(folder) as connection:
        return connection.execute(query).df()


WORKS: dict[str, Callable[[Path], pd.DataFrame | None]] = {
    work.__name__: work
    for work in (scan, scan_two, matrix, matrix_unpriced, bridge, frames_matrix, frames_unpriced,
                 frames_bridge, totals)
}  # fmt: skip


def main() -> None:
    """Do the work of the order and write what came out."""
    order = json.load(sys.stdin)
    folder, made = Path(order["folder"]), Path(order["made"])
    started, used = time.perf_counter(), cpu_seconds()
    if order["work"] == "write":
        write_deals(folder, order["count"])
        rows = None
    else:
        rows = WORKS[order["work"]](folder)
    outcome = {"wall": time.perf_counter() - started, "cpu": cpu_seconds() - used,
               "gigabytes": peak_gigabytes()}  # fmt: skip
    if rows is not None:
        rows.to_parquet(made.with_suffix(".parquet"), index=False)
    made.with_suffix(".json").write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
