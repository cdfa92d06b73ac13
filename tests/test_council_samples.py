"""Tests of the councils in the samples: readable decisions about cells that exist."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from data_samples.generator.__main__ import folder_of
from data_samples.generator.councils import SOFTWARE, SOFTWARE_WORDS, hold_councils
from planlib.council import actions_log, meetings_log
from planlib.plan import load_plan
from planlib.settings.council import CAUSES
from planlib.store.decisions import in_force, read_decisions
from tests.council_frames import make_weeks

SAMPLES = ("software", "industrial", "tiny")
AS_OF = date(2026, 3, 31)


def decisions(sample: str, kind: str) -> pd.DataFrame:
    """Read the decisions of a sample that hold on its last day."""
    file = folder_of(sample) / "overrides" / f"{kind}.csv"
    return in_force(read_decisions(file, kind), AS_OF)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_log_of_a_sample_is_readable(sample: str) -> None:
    """Each action has a status, an action of the catalogue and a known cause."""
    settings = load_plan(folder_of(sample)).council
    log = actions_log(decisions(sample, "council_actions"), make_weeks({"x": "R"}), settings, AS_OF)
    assert {"open", "done"} <= set(log["status"])
    assert set(log["cause"]) <= set(CAUSES)
    assert set(log["action"]) <= {"paid_media", *(one.key for one in settings.actions)}
    assert log["owner"].notna().all()
    assert (log["due_date"] > log["start_date"]).all()


@pytest.mark.parametrize("sample", SAMPLES)
def test_marketing_was_away_from_the_last_council_only(sample: str) -> None:
    """Four councils, all functions present but for one."""
    settings = load_plan(folder_of(sample)).council
    found = meetings_log(decisions(sample, "council_meetings"), settings, AS_OF)
    away = found[~found["is_present"]]
    assert found["meeting_date"].nunique() == 4
    assert away["function"].tolist() == ["marketing"]
    assert away["meeting_date"].iloc[0] == found["meeting_date"].max()


def test_actions_for_cells_that_a_sample_lacks_are_left_out() -> None:
    """Two regions alone: actions of the other cells are not in the log."""
    reps = pd.DataFrame({
        "rep_id": ["R1", "R2"], "name": ["Ann", "Bo"], "manager_id": ["R2", None],
        "region": ["EMEA", "EMEA"], "leave_date": [None, None],
    })  # fmt: skip
    rows = hold_councils(SOFTWARE, {"region": ["Asia Pacific"]}, reps, SOFTWARE_WORDS)
    cells = {row[9] for row in rows["council_actions"][1:]}
    owners = {row[14] for row in rows["council_actions"][1:]}
    assert cells == {"Asia Pacific"}
    assert owners == {"Bo"}
