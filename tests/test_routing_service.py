"""Follow-up by grade and exposure by rep, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.routing.service import exposure_line, lead_service, rep_exposure, service_line
from tests.routing_frames import AS_OF, make_leads, make_reps, run

REPS = pd.Series(["R-0", "R-1"])


def make_routing(**columns: object):
    """Four leads, two of them answered: after half an hour and after two hours."""
    leads = make_leads(4, **columns)
    leads.loc[:1, "first_response_at"] = leads.loc[:1, "created_at"] + pd.to_timedelta(
        [30, 120], unit="m"
    )
    return run(leads=leads)


def test_follow_up_is_counted_by_grade_of_all_leads_of_it():
    """Two of four answered, one of four within the hour; leads without a grade have their row."""
    found = lead_service(make_routing())
    assert found["grade"].tolist() == ["no grade"]
    row = found.iloc[0]
    assert row["lead_count"] == row["due_count"] == 4
    assert row["answered_share"] == 0.5
    assert row["in_time_share"] == 0.25
    assert row["answer_hours"] == 1.25
    assert row["assigned_share"] == row["replay_in_time_share"] == 1.0


def test_a_lead_whose_deadline_has_not_passed_is_not_late():
    """Of two leads, the one of the last half hour is not due; one from the future is left out."""
    late = pd.Timestamp(AS_OF) + pd.Timedelta(hours=23, minutes=30)
    times = [pd.Timestamp("2026-03-02 10:00"), late, late + pd.Timedelta(days=2)]
    row = lead_service(run(leads=make_leads(3, created_at=times))).iloc[0]
    assert (row["lead_count"], row["due_count"], row["in_time_share"]) == (2, 1, 0.0)


def test_grades_stand_from_best_to_last_and_the_line_names_both_ends():
    """The order is that of plan.yaml; the sentence compares the first with the last."""
    routing = make_routing()
    grades = pd.Series(["A", "D", "A", "D"], index=routing.leads.index)
    routing.leads["grade"] = grades
    found = lead_service(routing)
    assert found["grade"].tolist() == ["A", "D"]
    assert "50 % of the leads of grade A and 50 % of grade D" in service_line(found)[0]
    assert "within the deadline 50 % and 0 %" in service_line(found)[0]
    assert service_line(found.head(1)) == []


def make_deals(count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals of R-0, three quarters of them in the North; the last one is from the future."""
    accounts = pd.DataFrame({
        "account_id": ["A1", "A2"], "region": ["North", "South"], "industry": ["Retail", None],
    })  # fmt: skip
    deals = pd.DataFrame({
        "opportunity_id": [f"O-{at}" for at in range(count + 1)], "owner_id": "R-0",
        "account_id": [*np.where(np.arange(count) % 4 == 3, "A2", "A1"), "A2"],
        "created_date": [*[pd.Timestamp("2026-01-05")] * count, pd.Timestamp("2026-06-01")],
    })  # fmt: skip
    return deals, accounts


def test_exposure_is_the_largest_share_and_the_sum_of_squares():
    """12 deals: 75 % North, sum of squares 0.625; nine known industries are too few for a share."""
    deals, accounts = make_deals(12)
    found = rep_exposure(REPS, AS_OF, deals, accounts)
    assert rep_exposure(REPS, AS_OF, deals, None).empty
    row = found[(found["rep_id"] == "R-0") & (found["basis"] == "deals")].iloc[0]
    assert (row["case_count"], row["region_known_count"]) == (12, 12)
    assert (row["region"], row["region_share"]) == ("North", 0.75)
    assert row["region_concentration"] == pytest.approx(0.625)
    assert row["sector_known_count"] == 9
    assert pd.isna(row["sector_share"])


def test_exposure_of_the_replay_stands_beside_and_alone():
    """Leads of the replay count by territory and industry; without deals only these rows."""
    accounts = pd.DataFrame({"account_id": ["A1"], "country": ["United Kingdom"],
                             "region": ["North"], "name": ["Firm"]})  # fmt: skip
    routing = run(leads=make_leads(24, industry="Retail"), reps=make_reps(2, region="North"),
                  tables={"accounts": accounts})  # fmt: skip
    found = rep_exposure(REPS, AS_OF, None, None, routing)
    assert found["basis"].tolist() == ["replay", "replay"]
    assert found["region_share"].tolist() == [1.0, 1.0]
    assert found["sector"].tolist() == ["Retail", "Retail"]
    assert (
        "100 % of a rep's leads in the replay are of the largest region" in exposure_line(found)[0]
    )
    assert exposure_line(found.assign(region_share=np.nan)) == []
