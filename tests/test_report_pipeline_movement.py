"""The report's part on movement: what it shows, asks, and says is missing."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.pipeline.movement import MovementReview
from planlib.plan import Plan
from planlib.report.parts import Listing, Notes, Picture
from planlib.report.pipeline_movement import (
    movement_asks,
    movement_blocks,
    movement_gaps,
    restated,
)
from planlib.tables import table
from tests.test_pipeline_movement import AS_OF, make_world, measure


@dataclass
class View:
    """The tables of a cycle as the report reads them."""

    tables: dict[str, pd.DataFrame]
    plan: Plan = Plan()
    as_of: date = AS_OF

    def rows(self, name: str) -> pd.DataFrame:
        """Give a table, or its columns."""
        return self.tables.get(name, table(name).empty())


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def found() -> MovementReview:
    """Movement of a made-up world."""
    return measure(make_world())


def test_movement_shows_headlines_pictures_tables_and_definitions(found):
    """Five pictures, every table with rows, and the definitions, in this order."""
    blocks = movement_blocks(View(found.tables))
    kinds = [type(block) for block in blocks]
    assert kinds[0] is Notes
    assert kinds.count(Picture) == 5
    assert kinds[-2:] == [Notes, Notes]
    titles = [block.title for block in blocks if isinstance(block, Listing)]
    assert "Slip rate by period" in titles
    assert "Lost, by cause" in titles
    page = "".join(block.__html__() for block in blocks)
    plain = html.unescape(page)
    assert all(line in plain for line in found.notes("headline"))


def test_what_needs_a_decision_carries_its_money(found):
    """Old deals and overdue payments are asked about, with the amounts of the tables."""
    asks = {line.text: line.amount for line in movement_asks(View(found.tables))}
    late = found.tables["project_line"]["overdue_amount"]
    text = next(text for text in asks if "overdue payments" in text)
    assert asks[text] == late[late > 0].sum()
    assert any("times as long in the stage as won deals" in text for text in asks)


def test_what_is_missing_is_a_gap():
    """Without history and projects each missing part is named."""
    world = make_world()
    found = measure({"opportunities": world["opportunities"]})
    whats = [gap.what for gap in movement_gaps(View(found.tables))]
    assert "Movement: project line" in whats
    assert "Movement: event bridge" in whats


def test_a_cycle_without_movement_adds_nothing():
    """Tables of an older cycle do not hold movement; the report leaves no hole."""
    assert movement_blocks(View({})) == []
    assert movement_asks(View({})) == []


def test_restatements_say_what_who_and_when():
    """One list for first page and section: effect, editor and day, since the day compared with."""
    row = {"opportunity_id": "D1", "name": "<b>Deal</b>", "owner": "Ann", "period": "2025Q4",
           "kind": "amount", "amount_then": 100.0, "amount_now": 80.0, "effect_amount": -20.0,
           "from_date": "2025-12-31", "seen_date": "2026-01-14", "changed_by": "Bo"}  # fmt: skip
    rows = table("pipeline_restatements").coerce(pd.DataFrame([row]))
    (shown,) = restated(View({"pipeline_restatements": rows}), limit=5)
    assert shown.title == "Changed in ended periods since 2025-12-31"
    page = shown.__html__()
    assert all(text in page for text in ("2026-01-14", "Bo", "&lt;b&gt;Deal", "Changed by"))
    assert restated(View({}), limit=5) == []
