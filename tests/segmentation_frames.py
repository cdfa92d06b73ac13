"""Small tables for the tests of segmentation."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from planlib.plan import parse_plan
from planlib.segmentation import Segmentation, segment_accounts
from planlib.settings.segmentation import SegmentationSettings
from planlib.tables import table

AS_OF = datetime.date(2026, 3, 31)


def make_settings(text: str = "") -> SegmentationSettings:
    """Make settings from the lines below ``segmentation:`` in plan.yaml."""
    lines = "\n".join(f"  {line}" for line in text.strip().splitlines())
    return parse_plan(f"segmentation:\n{lines}\n" if lines else "").segmentation


def make_accounts(**columns: Any) -> pd.DataFrame:
    """Make accounts A1, A2 ... with some columns; three of them unless the columns say more."""
    rows = max((len(values) for values in columns.values()), default=3)
    data = {"account_id": [f"A{place + 1}" for place in range(rows)], **columns}
    known = table("accounts")
    return pd.DataFrame(
        {name: pd.Series(values, dtype=known.by_name[name].dtype) for name, values in data.items()}
    )


def make_market(count: int = 400, seed: int = 7) -> pd.DataFrame:
    """Make a market of accounts of all kinds with customers among them, some values missing."""
    draw = np.random.default_rng(seed)
    employees = np.exp(draw.normal(5.5, 1.6, count)).round() + 1
    customer = draw.random(count) < 0.4
    acv = np.exp(6 + 0.5 * np.log(employees) + draw.normal(0, 0.8, count)).round(2)
    blank = draw.random(count) < 0.1
    owners = draw.choice(["R1", "R2", "R3", "R9"], count).astype(object)
    owners[draw.random(count) < 0.05] = None
    return make_accounts(
        account_id=[f"A{place:04d}" for place in range(count)],
        country=draw.choice(["United States", "Germany", "India"], count),
        employees=pd.Series(employees).mask(blank),
        revenue=(employees * draw.uniform(1e5, 3e5, count)).round(),
        industry=draw.choice(["Banking", "Retail", "Software", "Government", "Qwerty"], count),
        is_customer=customer,
        acv=np.where(customer, acv, np.nan),
        owner_id=owners,
        business_line_count=np.clip((employees**0.3 + draw.normal(0, 1, count)).round(), 1, None),
    )


def make_reps() -> pd.DataFrame:
    """Make three reps: R1 is here, R2 has left, R3 starts later."""
    return pd.DataFrame(
        {
            "rep_id": ["R1", "R2", "R3"],
            "leave_date": pd.to_datetime([None, "2026-01-31", None]),
            "hire_date": pd.to_datetime(["2020-01-01", "2019-01-01", "2026-06-01"]),
        }
    )


def make_deals(**columns: Any) -> pd.DataFrame:
    """Make won deals D1, D2 ... of the accounts, dates and amounts given."""
    rows = max(len(values) for values in columns.values())
    data = {
        "opportunity_id": [f"D{place + 1}" for place in range(rows)],
        "is_won": [True] * rows,
        **columns,
    }
    known = table("opportunities")
    return pd.DataFrame(
        {name: pd.Series(values, dtype=known.by_name[name].dtype) for name, values in data.items()}
    )


def run(
    accounts: pd.DataFrame, settings: SegmentationSettings | str = "", **tables: Any
) -> Segmentation:
    """Segment accounts under settings or lines of plan.yaml."""
    chosen = make_settings(settings) if isinstance(settings, str) else settings
    return segment_accounts(accounts, chosen, as_of=AS_OF, **tables)


def check(result: Segmentation) -> None:
    """Check that every table of a result keeps its contract."""
    for name, frame in result.tables().items():
        table(name).check(frame)


def by_id(result: Segmentation, name: str) -> dict[str, Any]:
    """Give one column of the segments by account."""
    return dict(zip(result.segments["account_id"], result.segments[name], strict=True))


def findings(result: Segmentation, topic: str) -> list[str]:
    """Give the findings about a topic as subject and text."""
    rows = result.segment_findings[result.segment_findings["topic"] == topic]
    return [f"{row.subject}: {row.finding}" for row in rows.itertuples()]
