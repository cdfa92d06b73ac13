"""Tests of what the report says about the council."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.exchange.audience import AudienceView
from planlib.report import council as report
from planlib.report.parts import Listing
from planlib.tables import table
from tests.report_workbook import make_workbook

CELL = {"period": "2026Q2", "cut": "region", "cut_value": "EMEA"}
CARE = "few deals stand behind the cause: ask before acting"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def listings(folder: Path) -> dict[str, Listing]:
    """Give the tables of the section of a council with one red cell."""
    wb = make_workbook(folder / "acme", "as_of: 2026-03-31\n")
    cell = {**CELL, "colour": "red", "is_live": True, "rule": "coverage alone", "reason": "Red",
            "gap_amount": 5.0, "workday_share": 0.0}  # fmt: skip
    deal = {**CELL, "topic": "thin_start", "opportunity_id": "O-1", "name": "Deal", "amount": 9.0}
    offers = [
        {**CELL, "action": key, "title": key, "cause": "low_conversion", "units_count": 1.0,
         "cost_amount": 1.0, "effect": "won", "effect_amount": 2.0, "close_amount": 2.0,
         "reason": "Works on it", "caution": care}
        for key, care in (("spiff", CARE), ("training", ""))
    ]  # fmt: skip
    rows = {
        "council_cells": [cell],
        "council_deals": [deal, {**deal, "topic": "not_reviewed"}],
        "council_suggestions": offers,
    }
    for name, found in rows.items():
        wb.write(name, table(name).coerce(pd.DataFrame(found)))
    section = report.section(AudienceView(wb))
    assert section is not None
    return {block.name: block for block in section.blocks if isinstance(block, Listing)}


def test_causes_read_as_words_and_deals_name_their_period(tmp_path: Path) -> None:
    """Keys of causes stay inside; open deals are those that close in the period."""
    found = listings(tmp_path)
    assert found["Council deals"].frame["topic"].tolist() == ["thin start"]
    assert found["Council cells"].subtitle.endswith("has not begun: coverage alone tells")
    for name in ("Council deals", "Council reviews"):
        assert found[name].subtitle.endswith("2026Q2")


def test_suggestions_say_where_care_is_needed(tmp_path: Path) -> None:
    """A cause of few deals is named as such; actions for one cause are no sum."""
    shown = listings(tmp_path)["Council suggestions"]
    assert shown.frame["caution"].fillna("").tolist() == [CARE, ""]
    assert shown.labels["caution"] == "With care"
    assert "do not add up" in shown.subtitle
