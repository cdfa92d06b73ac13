"""Small made-up cells, weeks and decisions for the tests of the council."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from planlib.periods import Period
from planlib.tables import table

Q1 = Period.parse("2026Q1")
CELL: dict[str, object] = {
    "period": "2026Q1", "cut": "region", "cut_value": "EMEA", "is_live": True,
    "target_amount": 1000.0, "won_amount": 400.0, "workday_share": 0.5, "usual_share": 0.4,
    "low": 0.3, "high": 0.5, "past_is_grey": False, "open_amount": 1200.0, "coverage": 2.0,
    "required_coverage": 2.0, "required_low": 1.6, "required_high": 2.5, "coverage_is_grey": False,
    "deals_count": 20,
}  # fmt: skip


def make_cells(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make cells as ``gather_cells`` gives them; a row gives what differs."""
    return pd.DataFrame([{**CELL, **row} for row in rows or ({},)])


def make_weeks(
    courses: dict[str, str],
    *,
    attained: dict[str, list[float]] | None = None,
    coverage: dict[str, list[float]] | None = None,
    cut: str = "region",
) -> pd.DataFrame:
    """
    Make the weekly colours of 2026Q1 from letters, such as {"EMEA": "RRYG"}.

    The usual share is 0 and the required coverage 1, so that attained share and coverage are the
    measures themselves.
    """
    names = {"R": "red", "Y": "yellow", "G": "green", "-": "grey"}
    rows = []
    for value, letters in courses.items():
        for at, letter in enumerate(letters):
            rows.append(
                {
                    "period": "2026Q1", "cut": cut, "cut_value": value, "week_of_period": at,
                    "day_date": pd.Timestamp(Q1.start - timedelta(1) + timedelta(7 * at)),
                    "colour": names[letter], "rule": "usual pace", "usual_share": 0.0,
                    "attained_share": (attained or {}).get(value, [0.0] * len(letters))[at],
                    "coverage": (coverage or {}).get(value, [1.0] * len(letters))[at],
                    "required_coverage": 1.0, "gap_amount": 0.0, "is_current": False,
                }
            )  # fmt: skip
    return table("council_colours").coerce(pd.DataFrame(rows))


def make_actions(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make decisions of kind council_actions; a row gives what differs."""
    base = {
        "who": "Mia", "when": "2026-01-14", "why": "behind", "period": "2026Q1", "cut": "region",
        "cut_value": "EMEA", "action": "spiff", "cost_amount": 1000.0, "due_date": "2026-01-28",
    }  # fmt: skip
    given = [
        {**base, "decision_id": f"D-{at:04d}", **row} for at, row in enumerate(rows, start=1)
    ]  # fmt: skip
    contract = table("override_council_actions")
    return contract.coerce(pd.DataFrame(given)) if given else contract.empty()


def make_meetings(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make decisions of kind council_meetings; a row gives what differs."""
    base = {"who": "Mia", "when": "2026-02-04", "why": "weekly", "meeting_date": "2026-02-04"}
    given = [
        {**base, "decision_id": f"D-{at:04d}", **row} for at, row in enumerate(rows, start=1)
    ]  # fmt: skip
    contract = table("override_council_meetings")
    return contract.coerce(pd.DataFrame(given)) if given else contract.empty()


def make_matrix(
    cells: dict[tuple[str, str], dict[str, float]], period: Period = Q1, as_of: date = Q1.start
) -> pd.DataFrame:
    """Make table performance_matrix from figures by cell; 20 deals stand behind each."""
    rows = [
        {"period": period.name, "cut": cut, "cut_value": value, "measure": measure,
         "as_of": as_of, "value": figure, "count": 20}
        for (cut, value), figures in cells.items()
        for measure, figure in figures.items()
    ]  # fmt: skip
    return table("performance_matrix").coerce(pd.DataFrame(rows))
