"""Tests of planlib.key_accounts.insight: visible and hidden factors on record, by seat."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.intervals import wilson
from planlib.key_accounts.insight import seat_insight
from planlib.settings.closeness import ClosenessSettings
from tests.closeness_frames import AS_OF, KEYS, make_rows

SETTINGS = ClosenessSettings(factor_days=100)


def make_seats(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make seats of A1 with half the power, a known holder and a visible factor."""
    base = {"account_id": "A1", "basis": "seats", "contact_id": "C1", "decision_power": 0.5,
            "visible_factor": "price", "recorded_date": "2026-03-01",
            "confidence": 0.8}  # fmt: skip
    return make_rows("closeness_seats", *[{"seat": f"s{at}", **base, **row}
                                          for at, row in enumerate(rows)])  # fmt: skip


def insight(*rows: dict[str, Any], keys: pd.DataFrame = KEYS) -> pd.DataFrame:
    """Give the insight by account."""
    return seat_insight(make_seats(*rows), keys, SETTINGS, AS_OF).set_index("account_id")


def test_shares_are_of_the_recorded_seats_and_power_of_their_power() -> None:
    """Of four seats three have a visible, two a hidden factor, one has both."""
    found = insight(
        {"hidden_factor": "retires", "decision_power": 0.4},
        {"decision_power": 0.3},
        {"visible_factor": None, "hidden_factor": "old friend", "decision_power": 0.2},
        {"contact_id": None, "decision_power": 0.1},
    )
    for key in ("A1", "all"):
        row = found.loc[key]
        assert row[["seats_count", "holder_count"]].tolist() == [4, 3]
        assert row[["visible_share", "hidden_share", "both_share"]].tolist() == [0.75, 0.5, 0.25]
        assert row["both_power_share"] == pytest.approx(0.4)
        low, high = wilson(pd.Series([1.0]), pd.Series([4.0]))
        assert (row["low"], row["high"]) == (pytest.approx(low[0]), pytest.approx(high[0]))


def test_age_and_confidence_are_those_of_the_records() -> None:
    """One fresh, one old, one without a day; confidence is weighted by power."""
    row = insight(
        {"decision_power": 0.75, "confidence": 0.4},
        {"recorded_date": "2025-01-10", "decision_power": 0.25},
        {"recorded_date": None, "confidence": None},
        {"visible_factor": " ", "recorded_date": "2020-01-01"},
    ).loc["A1"]
    assert row[["visible_count", "dated_count", "fresh_count"]].tolist() == [3, 2, 1]
    assert row["confidence"] == pytest.approx(0.5)
    assert row["first_date"] == pd.Timestamp("2025-01-10")
    assert row["last_date"] == pd.Timestamp("2026-03-01")


def test_a_record_of_a_later_day_is_not_known_yet() -> None:
    """Recorded after the as-of date: the seat is there, its factor is not."""
    row = insight({"recorded_date": "2026-04-01"}).loc["A1"]
    assert row[["seats_count", "visible_count"]].tolist() == [1, 0]
    assert pd.isna(row["confidence"])


def test_an_account_without_recorded_seats_is_blank_with_the_reason() -> None:
    """Contacts that stand in for seats say nothing about who is missing: never zero."""
    found = insight({"basis": "contacts by level"})
    assert found["both_share"].isna().all()
    assert found["reason"].str.contains("no seat").all()
    assert insight({"account_id": "A9"}).loc["all", "seats_count"] is pd.NA
    with pytest.raises(TableError, match="hidden_factor"):
        seat_insight(make_seats({}).drop(columns="hidden_factor"), KEYS, SETTINGS, AS_OF)
