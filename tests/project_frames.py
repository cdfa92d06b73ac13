"""Small made-up deals, projects, payments and decisions for the tests of projects."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from planlib.settings.projects import ProjectsSettings
from planlib.tables import table

AS_OF = date(2026, 3, 31)
STAGES = {"Idea": "initiation", "Bid": "tender", "Won bid": "award", "Signing": "contract"}
SETTINGS = ProjectsSettings(large_amount=1000.0, stages=STAGES, novelty_share=1.0)


def _rows(name: str, base: dict[str, Any], rows: tuple[dict[str, Any], ...]) -> pd.DataFrame:
    contract = table(name)
    if not rows:
        return contract.empty()
    return contract.coerce(pd.DataFrame([{**base, **row} for row in rows]))


def make_deals(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make open deals O1, O2 … in the tender; a row gives what differs."""
    base = {
        "account_id": "A1", "owner_id": "R1", "stage": "Bid", "probability": 0.5,
        "amount": 2000.0, "close_date": "2026-09-30", "is_closed": False, "is_won": False,
        "created_date": "2025-10-01", "deal_type": "new", "product_id": "P1",
    }  # fmt: skip
    named = tuple({"opportunity_id": f"O{at}", **row} for at, row in enumerate(rows, 1))
    return _rows("opportunities", base, named)


def make_closed(won: int, lost: int, **more: Any) -> list[dict[str, Any]]:
    """Make closed deals, as rows of ``make_deals``."""
    base = {"is_closed": True, "close_date": "2025-12-01", "created_date": "2025-01-01", **more}
    start = int(more.get("start", 100))
    base.pop("start", None)
    return [
        {**base, "opportunity_id": f"C{start + at}", "is_won": at < won}
        for at in range(won + lost)
    ]  # fmt: skip


def make_projects(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make open projects X1, X2 … of deals O1, O2 …; a row gives what differs."""
    named = tuple(
        {"project_id": f"X{at}", "opportunity_id": f"O{at}", "account_id": "A1",
         "name": f"Plant {at}", "stage": "Bid", "status": "open", **row}
        for at, row in enumerate(rows, 1)
    )  # fmt: skip
    return _rows("projects", {}, named)


def make_payments(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make payments of project X1; a row gives what differs."""
    base = {"project_id": "X1", "milestone": "advance", "due_date": "2026-01-31"}
    named = tuple({"payment_id": f"M{at}", **row} for at, row in enumerate(rows, 1))
    return _rows("payments", base, named)


def make_history(**stages: list[str]) -> pd.DataFrame:
    """Make monthly snapshots of open deals from their stages, such as ``C100=["Idea", "Bid"]``."""
    rows = [
        {"opportunity_id": deal, "snapshot_date": f"2025-{at:02d}-28", "sequence": 0,
         "record": "snapshot", "stage": stage, "is_closed": False, "is_won": False}
        for deal, course in stages.items()
        for at, stage in enumerate(course, 1)
    ]  # fmt: skip
    return table("opportunity_history").coerce(pd.DataFrame(rows))


def make_decisions(kind: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Make decisions about project X1; a row gives what differs."""
    base = {"who": "Mia", "when": "2026-03-01", "why": "review", "project_id": "X1"}
    named = tuple({"decision_id": f"D-{at:04d}", **row} for at, row in enumerate(rows, 1))
    return _rows(f"override_{kind}", base, named)


def make_seats(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make seats of account A1; a row gives what differs."""
    return _rows("stakeholders", {"account_id": "A1"}, rows)
