"""Tests of what the industrial sample holds on projects: readable, and with what it promises."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from data_samples.generator.__main__ import folder_of
from planlib.plan import load_plan
from planlib.projects import KINDS
from planlib.settings.projects import PHASES
from planlib.store.decisions import in_force, read_decisions

AS_OF = date(2026, 3, 31)
INPUTS = folder_of("industrial") / "inputs"


@pytest.mark.parametrize("kind", [*KINDS, "support_locks"])
def test_the_decisions_can_be_read(kind: str) -> None:
    """Every kind of decision on projects is there, made by the last day of the sample."""
    file = folder_of("industrial") / "overrides" / f"{kind}.csv"
    rows = in_force(read_decisions(file, kind), AS_OF)
    assert len(rows)
    assert (rows["when"] <= pd.Timestamp(AS_OF)).all()


@pytest.mark.parametrize("sample", ["software", "industrial"])
def test_every_stage_of_a_sample_has_a_phase(sample: str) -> None:
    """Open deals and projects stand in a stage that plan.yaml maps."""
    stages = load_plan(folder_of(sample)).projects.stages
    deals = pd.read_csv(folder_of(sample) / "inputs" / "opportunities.csv", dtype=str)
    seen = set(deals.loc[deals["is_closed"] == "false", "stage"].dropna())
    assert seen <= set(stages)
    assert set(stages.values()) <= set(PHASES)


def test_the_requests_hold_history_running_work_and_faults() -> None:
    """Served, refused, running and open ones; one skill that nobody has, one turned window."""
    rows = pd.read_csv(INPUTS / "support_requests.csv", dtype=str)
    experts = pd.read_csv(INPUTS / "experts.csv", dtype=str)
    assert rows["status"].value_counts().index.isin(["served", "refused", "running", "open"]).all()
    opened = rows[rows["status"] == "open"]
    skills = set(experts["skills"].str.split(";").explode())
    assert (~opened["skill"].isin(skills)).sum() == 1
    assert (opened["needed_to"] < opened["needed_from"]).sum() == 1
    assert opened["hours"].isna().sum() == 1
    assert (opened["expert_count"] == "2").sum() == 1
    assert opened["also_skills"].isin(skills).sum() == 2
    length = pd.to_datetime(opened["needed_to"]) - pd.to_datetime(opened["needed_from"])
    assert (length.dt.days > 365).sum() == 3
