"""Tests of decided deals of the large lane that stand in for projects without a record."""

from __future__ import annotations

import pandas as pd

from planlib.key_accounts.closeness.trend import closeness_of_projects
from planlib.projects import review_projects, with_large_deals
from planlib.settings.closeness import ClosenessSettings
from tests.key_account_frames import make
from tests.project_frames import (
    AS_OF,
    SETTINGS,
    make_closed,
    make_deals,
    make_decisions,
    make_projects,
)

LARGE = make_closed(1, 1, amount=5000.0)  # C100 won, C101 lost
SMALL = make_closed(1, 1, amount=10.0, start=200)
RENEWAL = {**make_closed(1, 0, amount=5000.0, start=300)[0], "deal_type": "renewal"}
DEALS = make_deals({}, *LARGE, *SMALL, RENEWAL)
TREND = make(
    "closeness_trend",
    *[{"account_id": "A1", "month_date": day, "automatic_score": score}
      for day, score in (("2024-12-31", 20.0), ("2025-11-30", 70.0), ("2026-03-31", 80.0))],
)  # fmt: skip


def test_large_decided_deals_without_a_project_stand_in() -> None:
    """Small deals, renewals and deals of a project do not; the contract is the close of a win."""
    found = with_large_deals(None, DEALS, SETTINGS, AS_OF)
    assert found is not None
    assert found["project_id"].tolist() == ["C100", "C101"]
    assert found["status"].tolist() == ["won", "lost"]
    assert found["contract_date"].isna().tolist() == [False, True]
    projects = make_projects({"opportunity_id": "C100", "status": "won"})
    both = with_large_deals(projects, DEALS, SETTINGS, AS_OF)
    assert both is not None
    assert both["project_id"].tolist() == ["X1", "C101"]
    assert with_large_deals(None, None, SETTINGS, AS_OF) is None
    assert with_large_deals(None, make_deals({}), SETTINGS, AS_OF) is None
    only = with_large_deals(projects, None, SETTINGS, AS_OF)
    assert only is not None
    assert only["project_id"].tolist() == ["X1"]


def test_closeness_is_compared_before_and_after_them() -> None:
    """The month end before the opening, and the first one after the decision, of won and lost."""
    rows = with_large_deals(None, DEALS, SETTINGS, AS_OF)
    found = closeness_of_projects(TREND, rows, DEALS, ClosenessSettings(project_days=60), AS_OF)
    assert found["outcome"].tolist() == ["won", "lost"]
    assert (
        found[["before_score", "after_score", "change_score"]].to_numpy().tolist()
        == [[20.0, 80.0, 60.0]] * 2
    )


def test_won_and_lost_by_closeness_without_a_table_of_projects() -> None:
    """Two large deals are decided at a counted closeness of 70; small ones are no projects."""
    found = review_projects(DEALS, SETTINGS, AS_OF, closeness={"closeness_trend": TREND})
    bands = found.tables["project_closeness_results"].set_index(["measure", "band"])
    row = bands.loc[("counted at the decision", "high")]
    assert row[["won_count", "lost_count", "coded_count"]].tolist() == [1, 1, 0]
    assert set(found.tables["project_closeness"]["project_id"]) == {"O1", "C100", "C101"}


def test_reasons_of_the_crm_give_causes_and_a_project_knows_better() -> None:
    """Lost for want of a champion: the relation was missing, unless the project says support."""
    deals = DEALS.assign(loss_reason="No Champion ")
    given = {"closeness": {"closeness_trend": TREND}, "loss_causes": {"no champion": "relation"}}
    row = ("counted at the decision", "high")
    said = [{"opportunity_id": "C101", "status": "lost", "loss_cause": "support"},
            {"opportunity_id": "C101", "status": "lost"}]  # fmt: skip
    for projects, expected in ((None, [1, 0, 1]), (make_projects(said[0]), [0, 1, 1]),
                               (make_projects(said[1]), [1, 0, 1])):  # fmt: skip
        found = review_projects(deals, SETTINGS, AS_OF, projects=projects, **given)
        bands = found.tables["project_closeness_results"].set_index(["measure", "band"])
        counts = bands.loc[row, ["relation_count", "support_count", "coded_count"]]
        assert counts.tolist() == expected


def test_what_was_said_of_a_large_deal_holds_when_it_is_closed() -> None:
    """No finding on a decided deal; it is among what was learnt only where a lesson is kept."""
    said = {"project_gates": make_decisions("project_gates", {
        "project_id": "C100", "phase": "tender", "gate": "go"})}  # fmt: skip
    found = review_projects(DEALS, SETTINGS, AS_OF, decisions=said)
    assert found.findings == []
    assert found.tables["project_learning"].empty
    said["project_lessons"] = make_decisions("project_lessons", {
        "project_id": "C101", "lesson": "ask for the plan of three years"})  # fmt: skip
    taught = review_projects(DEALS, SETTINGS, AS_OF, decisions=said).tables["project_learning"]
    assert taught[["project_id", "state"]].to_numpy().tolist() == [["C101", "lesson"]]
    small = {"project_gates": said["project_gates"].assign(project_id="C200")}
    named = review_projects(DEALS, SETTINGS, AS_OF, decisions=small).findings
    assert [row["value"] for row in named] == ["C200"]


def test_assessments_of_a_decided_deal_are_evidence() -> None:
    """A deal judged ahead before its end is counted in that place."""
    answers = make_decisions("project_assessments", *[
        {"project_id": "C100", "party": party, "question": "win", "rating": rating,
         "when": "2025-11-01"} for party, rating in (("us", 9.0), ("Rival", 2.0))
    ])  # fmt: skip
    history = pd.DataFrame({
        "opportunity_id": ["C100"], "snapshot_date": [pd.Timestamp("2025-06-30")],
        "sequence": [0], "record": ["snapshot"], "stage": ["Bid"], "is_closed": [False],
    })  # fmt: skip
    found = review_projects(DEALS, SETTINGS, AS_OF, opportunity_history=history,
                            decisions={"project_assessments": answers})  # fmt: skip
    assert "ahead" in set(found.tables["project_win_rates"]["position"])
