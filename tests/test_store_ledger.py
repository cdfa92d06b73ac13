"""Decisions on leads between cycles: in the order of their as-of dates, and known to the cycle."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from planlib.store import open_workbook
from planlib.store.ledger import (
    after_published,
    batch_files,
    batch_hashes,
    read_ledger,
    route_batch,
)
from tests.routing_frames import AS_OF, make_leads, make_reps, run

DAY = datetime.date


def batch(*leads: str, turn: float = 1.0, rep: str = "R-0"):
    """Decisions on some leads and a state that can be told apart."""
    found = run(leads=make_leads(len(leads)).assign(lead_id=list(leads)))
    return found.decisions.assign(rep_id=rep), found.state.assign(turn=turn)


def keep(root: Path, day: datetime.date, *leads: str, turn: float = 1.0, rep: str = "R-0") -> None:
    """Keep one batch that was decided as of a day."""
    route_batch(root, lambda _: batch(*leads, turn=turn, rep=rep), day)


def test_batches_of_later_days_are_left_out(tmp_path):
    """A run as of March does not see what was decided in May; without a day all count."""
    keep(tmp_path, DAY(2026, 3, 10), "L-1")
    keep(tmp_path, DAY(2026, 5, 10), "L-2")
    known = read_ledger(tmp_path, DAY(2026, 3, 31))
    assert known[0]["lead_id"].tolist() == ["L-1"]
    assert read_ledger(tmp_path)[0]["lead_id"].tolist() == ["L-1", "L-2"]
    assert read_ledger(tmp_path, DAY(2026, 1, 1)) is None
    assert len(batch_hashes(tmp_path, DAY(2026, 3, 31))) == 1


def test_a_batch_without_a_day_has_that_of_its_last_decision(tmp_path):
    """Files of an earlier version name no day."""
    route_batch(tmp_path, lambda _: batch("L-1"))
    assert batch_files(tmp_path, DAY(2026, 3, 1)) == []
    assert len(batch_files(tmp_path, DAY(2026, 3, 2))) == 1


@pytest.mark.parametrize(("day", "rep", "turn"), [
    (DAY(2026, 3, 31), "published", 9.0), (DAY(2026, 2, 1), "ledger", 2.0), (None, "ledger", 2.0),
], ids=["published later", "published earlier", "not known when"])  # fmt: skip
def test_the_latest_decision_counts_wherever_it_stands(tmp_path, day, rep, turn):
    """Published after a batch, the revision wins; before it, the batch does; nothing is lost."""
    keep(tmp_path, DAY(2026, 3, 10), "L-1", "L-2", turn=2.0, rep="ledger")
    published = batch("L-1", "L-3", turn=9.0, rep="published")
    rows, state = after_published(tmp_path, DAY(2026, 4, 1), published, day)
    assert rows.set_index("lead_id")["rep_id"].to_dict() == {
        "L-1": rep, "L-2": "ledger", "L-3": "published",
    }  # fmt: skip
    assert state["turn"].eq(turn).all()


def test_nothing_decided_is_none_and_published_alone_is_as_it_is(tmp_path):
    """Neither ledger nor revision gives None; without a ledger the revision counts."""
    assert after_published(tmp_path, AS_OF, None, None) == (None, None)
    published = batch("L-1", rep="published")
    rows, state = after_published(tmp_path, AS_OF, published, AS_OF)
    pd.testing.assert_frame_equal(rows, published[0])
    assert state is published[1]


def test_the_cycle_goes_on_from_what_the_command_decided(tmp_path):
    """A lead that planlib route gave away keeps its rep in the notebook, at no second turn."""
    root = tmp_path / "wb"
    root.mkdir()
    (root / "plan.yaml").write_text("time_zone: UTC\n", encoding="utf-8")
    wb = open_workbook(root, "2026Q1")
    leads = make_leads(2)
    wb.write_inputs({"reps": make_reps(), "leads": leads}, as_of=AS_OF)
    assert wb.routed() == (None, None)
    decided = run(leads=leads)
    route_batch(root, lambda _: (decided.decisions.assign(rep_id="R-2"), decided.state), AS_OF)
    earlier, state = open_workbook(root, "2026Q1").routed()
    answered = leads.assign(first_response_at=leads["created_at"])
    again = run(leads=answered, earlier=earlier, state=state)
    assert again.decisions["rep_id"].tolist() == ["R-2", "R-2"]
    assert again.state["turn"].sum() == decided.state["turn"].sum()
