"""Capacity and quotas on the samples: planned hires are placed, decisions of people are kept."""

from __future__ import annotations

from datetime import date

import pytest

from data_samples.generator.__main__ import folder_of
from planlib.plan import load_plan
from planlib.quotas import review_quotas
from planlib.store.decisions import read_decisions
from planlib.tables import table
from tests.quota_frames import YEAR
from tests.test_samples import table_of


@pytest.mark.parametrize("sample", ["software", "industrial", "tiny"])
def test_hires_are_placed_and_decisions_kept(sample: str) -> None:
    """Every hire has a manager and a quota; decisions hold or are named; the sums close."""
    plan = load_plan(folder_of(sample))
    names = ("reps", "hiring_plan", "bookings")
    tables = {name: table(name).coerce(table_of(sample, name)) for name in names}
    asked = read_decisions(folder_of(sample) / "overrides" / "quotas.csv", "quotas")
    capacity = plan.capacity.model_copy(update={"simulations": 100, "scenarios": ()})
    quotas = plan.quotas.model_copy(update={"simulations": 500})
    found = review_quotas(tables, capacity, quotas, date(2026, 3, 31), YEAR, decisions=asked,
                          seed=plan.seed)  # fmt: skip
    rows = found.tables["quotas"]
    hires = rows[rows["kind"] == "planned hire"]
    assert len(hires) == tables["hiring_plan"]["hires_count"].sum()
    assert hires[["manager_id", "quota_full_amount"]].notna().all(axis=None)
    decided = found.tables["quota_decisions"]
    kept = decided[decided["status"] == "applied"]
    assert len(kept) == (1 if sample == "tiny" else len(asked))  # tiny teams have no room
    assert len(found.tables["quota_findings"]) == len(asked) - len(kept)
    assert decided["reason"].notna().all()
    assert set(found.tables["quota_changes"]["change"]) >= {"starts", "decision"}
    changes = found.tables["quota_changes"].query("change != 'decision'")
    planned = changes["rep_id"].map(rows.set_index("rep_id")["quota_amount"])
    assert changes["year_amount"].tolist() == planned.tolist()  # one basis, that of table quotas
    street = found.tables["quota_street"].set_index("quota_set").loc["plan", "street_amount"]
    assert rows["quota_amount"].sum() == pytest.approx(street)
