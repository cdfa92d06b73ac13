"""A small made-up past for the tests of the forecast: weekly snapshots with a known course."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.forecast import Inputs, PipelineForecast, forecast_pipeline, prepare_inputs
from planlib.periods import Period
from planlib.pipeline import PipelineHistory
from planlib.settings.forecast import ForecastSettings
from tests.pipeline_frames import deal, make_deals, make_history, seen

Q1 = Period.parse("2026Q1")
AS_OF = date(2026, 2, 8)  # five weeks of the quarter have passed
QUICK = ForecastSettings(
    cuts=("deal_type", "manager"), draws=400, test_draws=100, history_periods=4
)
STAGES = ("Discovery", "Proposal", "Contract")
CHANCES = (0.1, 0.5, 0.9)
CATEGORIES = ("pipeline", "best_case", "commit")


def make_past(
    quarters: int = 4, deals: int = 70, seed: int = 3, until: date = AS_OF
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Make deals and weekly snapshots from so many quarters before 2026Q1 until a day.

    Every deal moves through three stages in equal parts of its life, closes after 3 to 16 weeks,
    and four in ten are won. One in five is pushed by four weeks once.
    """
    rng = np.random.default_rng(seed)
    start = Q1.shift(-quarters).start - timedelta(70)
    weeks = (until - start).days // 7
    rows, records = [], []
    for at in range(deals * (quarters + 1)):
        created = start + timedelta(7 * int(rng.integers(0, weeks)))
        life = 7 * int(rng.integers(3, 17))
        closed = created + timedelta(life)
        status = "won" if rng.random() < 0.4 else "lost"
        pushed = rng.random() < 0.2
        more = {
            "deal_type": ("new", "expansion")[at % 2],
            "owner_id": ("R1", "R2")[at // 2 % 2],
            "account_id": ("A1", "A2", "A3")[at % 3],
            "created": created.isoformat(),
        }
        amount = float(rng.integers(20, 200) * 100)
        is_open = closed > until
        stage = min(2, 3 * (until - created).days // life) if is_open else 2
        said = closed - timedelta(28) if pushed and (until - created).days < life / 2 else closed
        rows.append(
            deal(f"d{at:04d}", "open" if is_open else status, amount,
                 (said if is_open else closed).isoformat(), **more, **_of_stage(stage))
        )  # fmt: skip
        day = start - timedelta(1)
        while day <= until:
            if created <= day < closed:
                passed = (day - created).days
                then = closed - timedelta(28) if pushed and passed < life / 2 else closed
                records.append(
                    seen(day.isoformat(), f"d{at:04d}", "open", amount, then.isoformat(), **more,
                         **_of_stage(min(2, 3 * passed // life)))
                )  # fmt: skip
            day += timedelta(7)
    keep = [name for name in records[0] if name not in ("deal_type",)]
    history = pd.DataFrame(records)[[*keep]].rename(columns={"created": "created_date"})
    frame = (
        pd.DataFrame(rows).drop(columns="created_date").rename(columns={"created": "created_date"})
    )
    return (
        make_deals(*frame.to_dict("records")),
        make_history(*history.loc[:, ~history.columns.duplicated(keep="last")].to_dict("records")),
    )


def _of_stage(stage: int) -> dict[str, object]:
    return {
        "stage": STAGES[stage],
        "probability": CHANCES[stage],
        "forecast_category": CATEGORIES[stage],
    }


def inputs(
    opportunities: pd.DataFrame,
    history: pd.DataFrame | None = None,
    settings: ForecastSettings = QUICK,
    as_of: date = AS_OF,
    **more: object,
) -> Inputs:
    """Prepare a forecast of 2026Q1."""
    attributes = more.pop("attributes", {})
    return prepare_inputs(
        PipelineHistory(opportunities, history, data_until=as_of), settings, Q1, as_of,
        attributes=attributes, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def forecast(
    opportunities: pd.DataFrame,
    history: pd.DataFrame | None = None,
    settings: ForecastSettings = QUICK,
    as_of: date = AS_OF,
    **more: object,
) -> PipelineForecast:
    """Forecast 2026Q1."""
    return forecast_pipeline(opportunities, settings, Q1, as_of, history=history, **more)  # type: ignore[arg-type]
