"""The ranking on the samples: readable talks, and a ranking that says what it rests on."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from data_samples.generator.__main__ import folder_of
from planlib.plan import load_plan
from planlib.ranking import METRICS, RankingInputs, RankingReview, rank_reps
from planlib.store.decisions import in_force, read_decisions
from tests.test_samples import opportunities, table_of

AS_OF = date(2026, 3, 31)
SAMPLES = ("software", "industrial", "tiny")


def talks(sample: str) -> pd.DataFrame:
    """Read the talks of a sample that hold on its last day."""
    file = folder_of(sample) / "overrides" / "ranking_reviews.csv"
    return in_force(read_decisions(file, "ranking_reviews"), AS_OF)


def rank_sample(sample: str) -> RankingReview:
    """Rank a sample on the last review alone."""
    plan = load_plan(folder_of(sample))
    settings = plan.ranking.model_copy(update={"history_months": 1, "draws": 500})
    deals = opportunities(sample).drop_duplicates("opportunity_id")
    inputs = RankingInputs(
        opportunities=deals.assign(discount_share=pd.to_numeric(deals["discount_share"])),
        leads=table_of(sample, "leads") if sample == "software" else None,
        reps=table_of(sample, "reps"), availability=table_of(sample, "availability"),
        reviews=talks(sample),
    )  # fmt: skip
    return rank_reps(inputs, settings, AS_OF, seed=plan.seed)


@pytest.mark.parametrize("sample", SAMPLES)
def test_talks_are_with_reps_who_are_here_about_known_metrics(sample: str) -> None:
    """Each talk names a rep of the sample, a step, and a metric or the whole score."""
    rows, reps = talks(sample), table_of(sample, "reps")
    here = reps.loc[(reps["role"] == "AE") & reps["leave_date"].isna(), "rep_id"]
    assert set(rows["rep_id"]) <= set(here)
    assert set(rows["metric"].dropna()) <= set(METRICS)
    assert rows["agreed_step"].notna().all()
    assert rows["helper"].notna().any()
    assert rows["tier"].notna().sum() == 1


@pytest.mark.parametrize(
    ("sample", "least", "why"),
    [("software", 15, "leads are handed over"), ("industrial", 15, "table leads is missing")],
)
def test_a_sample_is_ranked_and_its_basis_is_named(sample: str, least: int, why: str) -> None:
    """Deals stand in for leads in both, for different reasons; luck keeps its level."""
    found = rank_sample(sample)
    assert (found.scores["status"] == "ranked").sum() >= least
    assert found.basis == "deals"
    assert why in " ".join(found.notes("missing"))
    noise = found.tables["ranking_noise"]
    alike = noise[(noise["true_ratio"] == 1) & (noise["rule"] == "guarded")]
    assert (alike["move_share"] <= alike["limit_share"]).all()
    assert len(found.tables["ranking_reviews"]) == len(talks(sample))
