"""Tests of pay and planning on the committed samples: read without a fault, and what they show."""

from __future__ import annotations

import pandas as pd
import pytest

from data_samples.generator.__main__ import folder_of
from data_samples.generator.planning import INDUSTRIAL, SOFTWARE, Planning, add_planning
from planlib.pay import (
    check_milestones,
    check_releases,
    planning_timeline,
    release_states,
    sound_plans,
)
from planlib.pay.terms import paid_deal_types, plan_in_force
from planlib.periods import FiscalYear
from planlib.store.decisions import in_force, read_decisions
from planlib.tables import table
from tests.pay_frames import AS_OF

SAMPLES = ["software", "industrial"]


def plans_of(sample: str) -> pd.DataFrame:
    """Read the pay plans of a sample."""
    return table("pay_plans").check(pd.read_csv(folder_of(sample) / "inputs" / "pay_plans.csv"))


def decisions_of(sample: str, kind: str) -> pd.DataFrame:
    """Read decisions of a sample in force on the as-of date."""
    return in_force(read_decisions(folder_of(sample) / "overrides" / f"{kind}.csv", kind), AS_OF)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_role_has_a_sound_pay_plan(sample: str) -> None:
    """No problem in the rows, a plan in force for each role of the reps."""
    plans, problems = sound_plans(plans_of(sample))
    assert problems.empty
    reps = pd.read_csv(folder_of(sample) / "inputs" / "reps.csv")
    now = plan_in_force(plans, AS_OF)
    assert set(reps["role"]) <= set(now["role"])
    assert (now["effective_from"] == pd.Timestamp("2026-01-01")).all()
    assert paid_deal_types(now)[1].empty


@pytest.mark.parametrize("sample", SAMPLES)
def test_milestones_and_releases_are_sound_and_one_milestone_is_late(sample: str) -> None:
    """One was moved, at least one is late, some are still to come."""
    milestones = decisions_of(sample, "planning_milestones")
    assert check_milestones(milestones, AS_OF).empty
    assert check_releases(decisions_of(sample, "releases"), AS_OF).empty
    states = planning_timeline(milestones, (), AS_OF, FiscalYear())["state"].value_counts()
    assert {"done", "late", "planned"} == set(states.index)


def test_software_waits_for_pay_and_industrial_is_released() -> None:
    """Territories and quotas of the software firm are released, its pay plans only agreed."""
    none = table("plan_contradictions").empty()
    states = {
        sample: release_states(decisions_of(sample, "releases"), none, AS_OF)["state"].tolist()
        for sample in SAMPLES
    }
    assert states == {"software": ["agreed"] * 3, "industrial": ["released"] * 3}


@pytest.mark.parametrize(("sample", "words"), [("software", SOFTWARE), ("industrial", INDUSTRIAL)])
def test_the_files_are_those_of_the_generator(sample: str, words: Planning, tmp_path) -> None:
    """Written again from the committed reps, the files are the same."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "reps.csv").write_bytes((folder_of(sample) / "inputs" / "reps.csv").read_bytes())
    add_planning(tmp_path, words)
    for file in sorted(tmp_path.rglob("*.csv")):
        kept = folder_of(sample) / file.relative_to(tmp_path)
        assert file.read_bytes() == kept.read_bytes(), file.name
