"""Small tables for the tests of the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from planlib.periods import Period
from planlib.pipeline import PipelineReview, measure_pipeline
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table

Q1 = Period.parse("2026Q1")
AS_OF = date(2026, 2, 16)  # a Monday, day 47 of the quarter

_STATE = {"open": (False, False), "won": (True, True), "lost": (True, False)}


def deal(
    key: str,
    status: str = "open",
    amount: float | None = 100.0,
    close: str | None = "2026-03-15",
    created: str | None = "2025-12-01",
    **more: object,
) -> dict[str, object]:
    """Make one row of table opportunities."""
    is_closed, is_won = _STATE.get(status, (None, None))
    return {
        "opportunity_id": key,
        "is_closed": is_closed,
        "is_won": is_won,
        "amount": amount,
        "close_date": close,
        "created_date": created,
        "owner_id": "R1",
        "account_id": "A1",
        **more,
    }


def make_deals(*rows: dict[str, object]) -> pd.DataFrame:
    """Make table opportunities."""
    frame = pd.DataFrame(list(rows))
    return table("opportunities").coerce(frame)


def seen(
    day: str,
    key: str,
    status: str = "open",
    amount: float | None = 100.0,
    close: str | None = "2026-03-15",
    record: str = "snapshot",
    **more: object,
) -> dict[str, object]:
    """Make one row of table opportunity_history."""
    row = deal(key, status, amount, close, **more)
    return {"sequence": 0} | row | {"snapshot_date": day, "record": record}


def make_history(*rows: dict[str, object]) -> pd.DataFrame:
    """Make table opportunity_history."""
    return table("opportunity_history").coerce(pd.DataFrame(list(rows)))


def make_targets(*rows: dict[str, object]) -> pd.DataFrame:
    """Make table targets; a row gives target_amount and the columns it is set for."""
    base = {"period": "2026Q1", "measure": "acv"}
    return table("targets").coerce(pd.DataFrame([{**base, **row} for row in rows]))


def make_accounts() -> pd.DataFrame:
    """Make two accounts in two regions, and one without a region."""
    return table("accounts").coerce(
        pd.DataFrame(
            {
                "account_id": ["A1", "A2", "A3"],
                "region": ["EMEA", "APAC", None],
                "segment": ["Core", "Mid", "Mid"],
                "owner_id": ["R2", "R1", "R1"],
            }
        )
    )


def make_reps() -> pd.DataFrame:
    """Make two reps of two managers."""
    return table("reps").coerce(
        pd.DataFrame(
            {
                "rep_id": ["R1", "R2", "M1", "M2"],
                "name": ["Ann", "Bo", "Mia", "Max"],
                "manager_id": ["M1", "M2", None, None],
                "role": ["AE", "BDR", "manager", "manager"],
            }
        )
    )


def review(
    *rows: dict[str, object], settings: PipelineSettings | None = None, **tables: object
) -> PipelineReview:
    """Measure 2026Q1 as of the middle of February."""
    options: dict[str, object] = {"period": Q1, "as_of": AS_OF} | tables
    settings = settings or PipelineSettings(periods_ahead=0, weeks=1)
    return measure_pipeline(make_deals(*rows), settings, **options)  # type: ignore[arg-type]


def figure(found: PipelineReview, measure: str, cut: str = "total", cell: str = "all") -> pd.Series:
    """Give the row of one figure of the measured period."""
    matrix = found.matrix
    rows = matrix[
        (matrix["period"] == found.period.name)
        & (matrix["cut"] == cut)
        & (matrix["cut_value"] == cell)
        & (matrix["measure"] == measure)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def steps(found: PipelineReview, cut: str = "total", cell: str = "all") -> dict[str, float]:
    """Give the amounts of the bridge of the whole span, without the empty steps."""
    bridge = found.bridge
    rows = bridge[
        (bridge["series"] == "span") & (bridge["cut"] == cut) & (bridge["cut_value"] == cell)
    ]
    return {str(row.reason): float(row.amount) for row in rows.itertuples() if row.count}


def cells(found: PipelineReview, cut: str) -> Iterable[str]:
    """Give the cells of a cut."""
    matrix = found.matrix
    return matrix.loc[matrix["cut"] == cut, "cut_value"].unique()
