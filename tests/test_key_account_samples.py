"""The samples exercise every part of the care of key accounts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from planlib.settings.strategy import StrategySettings
from planlib.store.decisions import read_decisions
from planlib.tables import table

SAMPLES = Path(__file__).parent.parent / "data_samples"
NAMES = ("industrial", "software")


def decisions(sample: str, kind: str) -> pd.DataFrame:
    """Read decisions of a sample."""
    return read_decisions(SAMPLES / sample / "overrides" / f"{kind}.csv", kind)


@pytest.mark.parametrize("sample", NAMES)
def test_some_owners_rate_and_some_never_do(sample: str) -> None:
    """Closeness and needs are confirmed over a year, by fewer people than own accounts."""
    rows = decisions(sample, "account_ratings")
    assert set(rows["factor"]) == {"closeness", "needs"}
    assert rows["rating_date"].dt.to_period("M").nunique() == 12
    assert rows.loc[rows["factor"] == "needs", "rating"].isna().all()
    steps = decisions(sample, "account_steps")
    assert set(steps["owner_id"]) - set(rows["rater_id"])


@pytest.mark.parametrize("sample", NAMES)
def test_strategies_have_versions_and_one_step_does_not_exist(sample: str) -> None:
    """Versions of one account follow each other; a wrong key is there on purpose."""
    versions = decisions(sample, "account_strategies")
    assert versions["account_id"].value_counts().max() >= 3
    assert versions["when"].is_monotonic_increasing
    known = {step.key for step in StrategySettings().steps}
    assert set(decisions(sample, "account_steps")["step"]) - known == {"win_hearts"}


@pytest.mark.parametrize("sample", NAMES)
def test_tasks_end_and_partners_take_part_in_deals_that_exist(sample: str) -> None:
    """What is done stands in place of what was set; some tasks are late."""
    log = decisions(sample, "director_tasks")
    done = log[log["status"] == "done"]
    assert done["supersedes"].isin(log["decision_id"]).all()
    open_ones = log[~log["decision_id"].isin(log["supersedes"]) & (log["status"] == "open")]
    assert (open_ones["due_date"] < pd.Timestamp("2026-03-31")).any()
    inputs = SAMPLES / sample / "inputs"
    took = table("partner_deals").check(pd.read_csv(inputs / "partner_deals.csv", dtype="str"))
    deals = pd.read_csv(inputs / "opportunities.csv", dtype="str")["opportunity_id"]
    partners = pd.read_csv(inputs / "partners.csv", dtype="str")["partner_id"]
    assert took["opportunity_id"].isin(deals).all()
    assert took["partner_id"].isin(partners).all()
