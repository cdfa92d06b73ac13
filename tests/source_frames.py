"""Small tables for the tests of credit and marketing sources."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.pipeline import SourceReview, measure_sources
from planlib.settings.marketing import MarketingSettings
from planlib.tables import table
from tests.pipeline_frames import AS_OF, Q1, make_deals

SETTINGS = MarketingSettings(minimum_count=1)


def make_table(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    """Make an input table from rows."""
    return table(name).coerce(pd.DataFrame(list(rows)))


def touch(key: str, day: str, campaign: str | None = "C1", **more: object) -> dict[str, object]:
    """Make one row of table marketing_touches."""
    return {"touch_id": key, "touch_date": day, "campaign_id": campaign, **more}


def make_campaigns() -> pd.DataFrame:
    """Two campaigns: one ran in January 2026, one half in the quarter."""
    return make_table(
        "campaigns",
        {"campaign_id": "C1", "name": "Fair", "source": "Events", "channel": "trade fair",
         "start_date": "2026-01-10", "end_date": "2026-01-19", "cost_amount": 100.0,
         "staff_count": 9.0, "staff_cost_amount": 50.0},
        {"campaign_id": "C2", "name": "Search", "source": "digital", "channel": "paid search",
         "start_date": "2025-12-22", "end_date": "2026-01-10", "cost_amount": 40.0,
         "staff_count": 1.0, "staff_cost_amount": None},
    )  # fmt: skip


def sources(*rows: dict[str, object], **tables: object) -> SourceReview:
    """Measure credit and sources of 2026Q1 as of the middle of February."""
    settings = tables.pop("settings", SETTINGS)
    as_of = tables.pop("as_of", AS_OF)
    assert isinstance(settings, MarketingSettings)
    assert isinstance(as_of, date)
    return measure_sources(make_deals(*rows), settings, Q1, as_of, **tables)  # type: ignore[arg-type]


def row(found: SourceReview, name: str, **keys: object) -> pd.Series:
    """Give the one row of a table with these values."""
    frame = found.tables[name]
    for column, value in keys.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]
