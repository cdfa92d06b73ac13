"""Tests of the pipeline in a database: same rows as on frames, in duckdb and in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.periods import Period
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
from planlib.pipeline.scale import Execute, ScaledPipeline
from planlib.pipeline.targets import read_targets
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table
from tests.pipeline_frames import (
    deal,
    make_accounts,
    make_deals,
    make_history,
    make_reps,
    make_targets,
    seen,
)
from tests.source_frames import make_table

DAY = date(2026, 2, 16)
Q1 = Period.parse("2026Q1")
SETTINGS = PipelineSettings(
    cuts=("region", "segment", "source", "creator_role", "deal_type", "manager", "owner"),
    periods_ahead=0,
    weeks=1,
)
TARGETS = make_targets(
    {"region": "EMEA", "target_amount": 4_000},
    {"region": "APAC", "target_amount": 9_000},
    {"period": "2025Q1", "region": "EMEA", "target_amount": 5_000},
)


def duckdb_engine(tables: dict[str, pd.DataFrame]) -> Iterator[Execute]:
    """Run SQL in duckdb over frames."""
    with closing(duckdb.connect(":memory:")) as connection:
        for name, frame in tables.items():
            connection.register(name, frame)
        yield lambda text: connection.execute(text).df()


def sqlite_engine(tables: dict[str, pd.DataFrame]) -> Iterator[Execute]:
    """Run SQL in SQLite, dates as text."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, frame in tables.items():
            plain = frame.copy()
            for column in plain:
                if pd.api.types.is_datetime64_any_dtype(plain[column].dtype):
                    text = plain[column].dt.strftime("%Y-%m-%d")
                    plain[column] = text.astype("object").where(plain[column].notna(), None)
                elif str(plain[column].dtype) == "boolean":
                    plain[column] = plain[column].astype("Int64")
            plain.to_sql(name, connection, index=False)
        yield lambda text: pd.read_sql_query(text, connection)


ENGINES = {"duckdb": duckdb_engine, "sqlite": sqlite_engine}


def make_world(seed: int) -> dict[str, pd.DataFrame]:
    """Random deals with weekly snapshots: moves, losses, blanks, deleted and unknown deals."""
    rng = np.random.default_rng(seed)
    rows, records = [], []
    categories = ["pipeline", "best_case", "most_likely", "commit", "omitted", None]
    for number in range(120):
        created = date(2024, 10, 1) + timedelta(int(rng.integers(0, 500)))
        status = str(rng.choice(["open", "won", "lost", "unknown"], p=[0.4, 0.3, 0.25, 0.05]))
        close = created + timedelta(int(rng.integers(-5, 300)))
        amount = None if rng.random() < 0.1 else round(float(rng.integers(1, 9999)) / 100, 2)
        common = {
            "owner_id": str(rng.choice(["R1", "R2", "R3"])),
            "account_id": str(rng.choice(["A1", "A2", "A3", "A9"])),
            "probability": float(rng.choice([0.05, 0.25, 0.5])),
            "forecast_category": categories[int(rng.integers(0, 6))],
        }
        if rng.random() < 0.95:
            rows.append(
                deal(
                    f"d{number:03}", status, amount, close.isoformat(), created.isoformat(),
                    source=str(rng.choice(["Web", "", "Fair"])), deal_type="new",
                    creator_role=str(rng.choice(["AE", "BDR"])),
                    created_amount=None if rng.random() < 0.5 else 10.5, **common,
                )
            )  # fmt: skip
        for week in ("2025-02-10", "2025-12-29", "2026-02-09"):
            if created.isoformat() <= week and rng.random() < 0.95:
                was = "open" if rng.random() < 0.7 else status
                moved = close + timedelta(int(rng.integers(-60, 60)))
                value = None if rng.random() < 0.1 else float(rng.integers(1, 900)) / 8
                records.append(seen(week, f"d{number:03}", was, value, moved.isoformat(), **common))
    extra = seen("2026-02-12", "d001", "open", 77.0, "2026-03-01", record="change")
    gone = seen("2026-02-13", "d002", "open", 5.0, record="change", is_deleted=True)
    return {
        "opportunities": make_deals(*rows),
        "opportunity_history": make_history(*records, extra, gone),
        "accounts": make_accounts(),
        "reps": make_reps().assign(leave_date=pd.to_datetime([None, "2025-10-01", None, None])),
        "rep_history": make_table(
            "rep_history",
            {"rep_id": "R1", "effective_from": "2024-01-01", "effective_to": "2025-06-30",
             "manager_id": "M2"},
            {"rep_id": "R3", "effective_from": "2024-01-01", "manager_id": "M1"},
        ),
        "territories": make_table(
            "territories",
            {"account_id": "A1", "role_layer": "AE", "rep_id": "R2", "since_date": "2025-09-01"},
            {"account_id": "A2", "role_layer": "AE", "rep_id": "R1", "since_date": "2020-01-01"},
            {"account_id": "A1", "role_layer": "PS", "rep_id": "R3", "since_date": "2025-09-01"},
        ),
    }  # fmt: skip


def on_frames(world: dict[str, pd.DataFrame]) -> tuple[PipelineHistory, CutTables, list[str]]:
    """Prepare the same world for the code on frames."""
    history = PipelineHistory(
        world["opportunities"], world["opportunity_history"], data_until=date(2026, 3, 31)
    )
    dims = {name: world[name] for name in ("accounts", "reps")}
    cuts = CutTables({**dims, "opportunities": history.deals})
    return history, cuts, [cut for cut in SETTINGS.cuts if cuts.resolve(cut)[0]]


@pytest.fixture(
    params=[(name, seed, kind) for name in ENGINES
            for seed, kind in ((1, "with changes"), (2, "with changes"), (4, "snapshots alone"))],
    ids=str,
)  # fmt: skip
def both(request) -> Iterator[tuple[ScaledPipeline, dict[str, pd.DataFrame]]]:
    """A world in a database, and its tables; first records are found in two ways."""
    name, seed, kind = request.param
    world = make_world(seed)
    if kind == "snapshots alone":
        history = world["opportunity_history"]
        plain = history[history["record"] == "snapshot"].reset_index(drop=True)
        world["opportunity_history"] = plain
    dims = {key: world[key] for key in ("accounts", "reps")}
    for execute in ENGINES[name](world):
        yield (
            ScaledPipeline(
                execute, SETTINGS, date(2026, 3, 31), dims,
                rep_history=world["rep_history"], has_territories=True,
            ),
            world,
        )  # fmt: skip


@pytest.mark.parametrize("day", [DAY, date(2026, 3, 31), date(2025, 11, 30), date(2026, 4, 2)])
def test_the_matrix_has_the_same_rows(both, day):
    """Every figure of every cell, count, basis, status and note, this year and the last."""
    scaled, world = both
    history, cuts, names = on_frames(world)
    now = measure_deals(history, Q1, day, cuts, names)
    raw = measure_deals(history, Q1.prior_year(), prior_day(Q1, day), cuts, names)
    dated = Dated(
        history=world["opportunity_history"],
        rep_history=world["rep_history"],
        territories=world["territories"],
    )
    prior = as_reported(raw, dated, cuts, names)
    again = restated(raw, dated, cuts, names, day)
    shown = ("total", *names)
    goals, set_then = (
        {cut: read_targets(TARGETS, period, cut, cuts) for cut in shown}
        for period in (Q1, Q1.prior_year())
    )
    wanted = table("performance_matrix").coerce(
        build_matrix(now, prior, shown, goals, SETTINGS, restated=again, prior_targets=set_then)
    )
    found = table("performance_matrix").coerce(scaled.matrix(Q1, day, TARGETS))
    assert len(found) > 200
    assert (found["prior_value"].fillna(0) != found["restated_value"].fillna(0)).any()
    pd.testing.assert_frame_equal(found, wanted)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 12, 31), DAY),
        (DAY, date(2026, 3, 31)),
        (date(2025, 6, 30), date(2026, 3, 31)),
    ],
)
def test_the_bridge_has_the_same_rows(both, first, last):
    """Every reason of every cell, also where the states are rebuilt."""
    scaled, world = both
    history, cuts, names = on_frames(world)
    states = [history.at(first), history.at(last)]
    if not all(state.knows_dates for state in states):
        states = [history.rebuilt(first), history.rebuilt(last)]
    bridge = build_bridge(states[0], states[1], Q1, cuts, names)
    wanted = bridge_table(bridge, "span", Q1, (first, last))
    found = scaled.bridge(Q1, first, last)
    contract = table("pipeline_bridge")
    pd.testing.assert_frame_equal(contract.coerce(found), contract.coerce(wanted))


def test_change_records_alone_are_refused_by_name():
    """A day that only change records tell of is not rebuilt in silence."""
    world = make_world(3)
    world["opportunity_history"] = make_history(
        seen("2025-02-10", "d001", record="change"), seen("2025-11-10", "d001", record="change")
    )
    for execute in duckdb_engine(world):
        scaled = ScaledPipeline(execute, SETTINGS, date(2026, 3, 31))
        with pytest.raises(ParameterError, match="only change records tell of 2026-02-16"):
            scaled.matrix(Q1, DAY)
