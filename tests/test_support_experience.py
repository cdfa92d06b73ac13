"""Tests of what closed projects teach about support, and of requests brought into shape."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.settings.support import SupportSettings
from planlib.support import Experience, gather_requests, learn_support, plan_support
from planlib.tables import table

AS_OF = date(2026, 3, 31)
SETTINGS = SupportSettings()
LEARNT = Experience(table=table("support_experience").empty(), odds_ratio=2.0, basis="history")


def make_past(cells: dict[tuple[str, bool, bool], int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make requests and closed projects from counts by lane, served, won."""
    asked, closed = [], []
    for (lane, served, won), count in cells.items():
        for _ in range(count):
            name = f"X{len(asked)}"
            asked.append({"request_id": f"S{len(asked)}", "project_id": name,
                          "status": "served" if served else "refused",
                          "requested_date": "2025-01-06",
                          "answered_date": "2025-01-08" if served else "2025-02-06"})  # fmt: skip
            closed.append({"project_id": name, "is_won": won, "lane": lane,
                           "loss_cause": None if won else "support"})  # fmt: skip
    return table("support_requests").coerce(pd.DataFrame(asked)), pd.DataFrame(closed)


def test_win_rates_and_the_odds_ratio_are_those_of_the_counts() -> None:
    """12 of 20 with, 6 of 20 without: odds (12.5 x 14.5) / (8.5 x 6.5), with its interval."""
    cells = {("large", True, True): 12, ("large", True, False): 8, ("large", False, True): 6,
             ("large", False, False): 14}  # fmt: skip
    requests, closed = make_past(cells)
    found = learn_support(requests, closed, SETTINGS, AS_OF)
    row = found.table.set_index(["topic", "item"]).loc[("support", "large")]
    assert (row["with_share"], row["without_share"]) == (0.6, 0.3)
    ratio = 12.5 * 14.5 / (8.5 * 6.5)
    assert row["odds_ratio"] == pytest.approx(ratio)
    spread = np.sqrt(1 / 12.5 + 1 / 8.5 + 1 / 6.5 + 1 / 14.5)
    assert row["low"] == pytest.approx(ratio * np.exp(-1.96 * spread), rel=1e-3)
    assert not row["is_grey"]
    assert found.odds_ratio == pytest.approx(ratio)
    assert "a hypothesis" in found.basis
    assert "not sent by lot" in row["note"]


def test_a_mix_of_lanes_is_not_taken_for_an_effect() -> None:
    """Within each lane support changes nothing; served more where more is won, all looks better."""
    cells = {("large", True, True): 24, ("large", True, False): 6, ("large", False, True): 8,
             ("large", False, False): 2, ("fast", True, True): 2, ("fast", True, False): 8,
             ("fast", False, True): 6, ("fast", False, False): 24}  # fmt: skip
    found = learn_support(*make_past(cells), SETTINGS, AS_OF)
    row = found.table.set_index(["topic", "item"]).loc[("support", "all")]
    assert row["with_share"] > row["without_share"] + 0.2
    assert row["odds_ratio"] == pytest.approx(1, abs=0.25)
    assert row["low"] < 1 < row["high"]


@pytest.mark.parametrize("count", [0, 1])
def test_few_cases_leave_the_assumption(count: int) -> None:
    """With too few projects of a kind the odds of plan.yaml stand, and the basis says so."""
    requests, closed = make_past({("large", True, True): count + 1, ("large", False, True): count})
    found = learn_support(requests, closed, SETTINGS, AS_OF)
    assert found.odds_ratio == SETTINGS.odds_ratio
    assert found.basis.startswith("assumption of plan.yaml (odds x 1.5)")
    assert found.table["is_grey"].all()
    none = learn_support(None, closed, SETTINGS, AS_OF)
    assert none.table.empty
    assert "no request of a closed project" in none.basis


def test_support_never_counts_as_harm_in_the_plan() -> None:
    """Where those with support won less, the odds ratio of the plan is 1, and the table tells."""
    cells = {("large", True, True): 6, ("large", True, False): 14, ("large", False, True): 12,
             ("large", False, False): 8}  # fmt: skip
    found = learn_support(*make_past(cells), SETTINGS, AS_OF)
    assert found.odds_ratio == 1
    assert found.table["odds_ratio"].iloc[0] < 1


def test_answers_in_time_and_causes_of_losses_are_compared() -> None:
    """Served ones were answered in two days, refused ones in a month; losses are counted."""
    cells = {("large", True, True): 12, ("large", True, False): 8, ("large", False, True): 6,
             ("large", False, False): 14}  # fmt: skip
    found = learn_support(*make_past(cells), SETTINGS, AS_OF).table.set_index("topic")
    assert found.loc["answer", ["with_count", "without_count"]].tolist() == [20, 20]
    assert found.loc["loss", ["with_count", "without_count"]].tolist() == [8, 14]
    assert found.loc["loss", "item"] == "lost: support"


REVIEWS = table("project_reviews").coerce(pd.DataFrame({
    "project_id": ["X1", "O2"], "opportunity_id": ["O1", "O2"], "account_id": ["A1", "A2"],
    "name": ["Plant", "Mill"], "origin": ["projects", "open deal"], "lane": "large",
    "lane_reason": "amount", "gate": "go", "position": "level", "done_count": 0, "work_count": 6,
    "margin_amount": [500.0, 200.0], "win_probability": [0.5, 0.25], "probability_basis": "x",
}))  # fmt: skip


def requests_of(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make open requests; a row gives what there is."""
    named = [{"request_id": f"S{at}", "skill": "x", "hours": 5.0, "needed_from": "2026-04-06",
              "needed_to": "2026-05-06", **row} for at, row in enumerate(rows, 1)]  # fmt: skip
    return table("support_requests").coerce(pd.DataFrame(named))


def test_what_a_request_leaves_blank_comes_from_its_project() -> None:
    """Odds of 0.5 doubled give 2/3, of 0.25 give 0.4; what is given stays as it is."""
    asked = requests_of({"project_id": "X1"}, {"opportunity_id": "O2"},
                        {"project_id": "X1", "p_without": 0.1, "p_with": 0.9, "margin_amount": 7.0,
                         "strategic_factor": 3.0})  # fmt: skip
    rows, findings = gather_requests(asked, None, REVIEWS, SETTINGS, LEARNT)
    assert rows["p_with"].tolist() == pytest.approx([2 / 3, 0.4, 0.9])
    assert rows["p_without"].tolist() == [0.5, 0.25, 0.1]
    assert rows["margin_amount"].tolist() == [500, 200, 7]
    assert rows["strategic_factor"].tolist() == [1, 1, 3]
    assert rows["account_id"].tolist() == ["A1", "A2", "A1"]
    assert rows["probability_basis"].iloc[2] == "given with the request"
    assert findings == []


def test_closed_requests_are_history() -> None:
    """Only what is open or running is planned."""
    asked = requests_of({"status": "served"}, {"status": "withdrawn"}, {"status": "running"}, {})
    rows, _ = gather_requests(asked, None, REVIEWS, SETTINGS, LEARNT)
    assert rows["request_id"].tolist() == ["S3", "S4"]


def test_wrong_requests_are_named_and_kept() -> None:
    """Unknown project, window that ends first, harm, and no hours: each a finding with its row."""
    asked = requests_of({"project_id": "X9"}, {"project_id": "X1", "needed_to": "2026-04-01"},
                        {"project_id": "X1", "p_without": 0.5, "p_with": 0.4},
                        {"project_id": "X1", "hours": 0.0})  # fmt: skip
    rows, findings = gather_requests(asked, None, REVIEWS, SETTINGS, LEARNT)
    assert [(one["row_id"], one["column"]) for one in findings] == [
        ("S1", "project_id"), ("S2", "needed_to"), ("S3", "p_with"), ("S4", "hours")
    ]  # fmt: skip
    assert len(rows) == 4
    assert pd.isna(rows["margin_amount"].iloc[0])


def test_leave_of_reps_who_are_experts_counts() -> None:
    """A row of availability whose rep is an expert takes the hours, beside the experts' own."""
    asked = requests_of({"project_id": "X1", "hours": 20.0, "needed_to": "2026-04-12"})
    experts = pd.DataFrame({"expert_id": ["R1"], "skills": ["x"], "hours_per_week": [24.0]})
    away = pd.DataFrame({"rep_id": ["R1"], "start_date": pd.to_datetime(["2026-04-06"]),
                         "end_date": pd.to_datetime(["2026-04-10"]), "away_share": [None],
                         "kind": ["leave"]})  # fmt: skip
    own = pd.DataFrame({"expert_id": ["R1"], "start_date": pd.to_datetime(["2026-05-04"]),
                        "end_date": pd.to_datetime(["2026-05-01"])})  # fmt: skip
    closed = pd.DataFrame({"project_id": [], "is_won": [], "lane": [], "loss_cause": []})
    found = plan_support(REVIEWS, SETTINGS, AS_OF, closed=closed, support_requests=asked,
                         experts=experts, availability=away, expert_leave=own)  # fmt: skip
    assert found.plan["reason_kind"].tolist() == ["no hours in window"]
    assert any("ends before it starts" in str(one["finding"]) for one in found.findings)
    assert "key accounts" in found.missing


def test_the_figures_say_what_became_of_every_request() -> None:
    """Served, running, refused and not rated add up to the requests."""
    asked = requests_of(
        {"project_id": "X1", "hours": 8.0, "needed_to": "2026-04-26"},
        {"project_id": "X1", "hours": 8.0, "needed_to": "2026-04-26", "status": "running",
         "expert_id": "R1"},
        {"project_id": "X1", "hours": 4000.0, "needed_to": "2026-04-26"},
        {"project_id": "nowhere", "hours": 8.0, "needed_to": "2026-04-26"},
    )  # fmt: skip
    experts = pd.DataFrame({"expert_id": ["R1"], "skills": ["x"], "hours_per_week": [40.0]})
    closed = pd.DataFrame({"project_id": [], "is_won": [], "lane": [], "loss_cause": []})
    found = plan_support(REVIEWS, SETTINGS, AS_OF, closed=closed, support_requests=asked,
                         experts=experts)  # fmt: skip
    figures = found.tables["support_figures"].set_index("figure")["value"]
    parts = figures[["served", "running", "refused", "not rated"]]
    assert parts.tolist() == [1.0, 1.0, 1.0, 1.0]
    assert figures["requests"] == parts.sum()
