"""Tests of releases, timeline and visibility: nothing alone, late by the as-of date, who sees."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from planlib.pay import (
    check_milestones,
    check_releases,
    plan_visibility,
    planning_timeline,
    release_states,
)
from planlib.periods import FiscalYear
from planlib.settings.general import AudienceSettings
from planlib.settings.pay import PlanCheckSettings
from planlib.tables import table
from tests.pay_frames import AS_OF, make_milestones, make_releases

ALL = {"territories": "released", "quotas": "released", "pay": "released"}
NONE = table("plan_contradictions").empty()


def found_rows(*severities: str) -> pd.DataFrame:
    """Make contradictions of a rule."""
    return pd.DataFrame({"rule": "owner_gone", "severity": list(severities)})


def states(releases: pd.DataFrame | None, found: pd.DataFrame = NONE) -> pd.DataFrame:
    """Give the states by part, checked against the contract."""
    made = release_states(releases, found, AS_OF)
    return table("plan_releases").check(made).set_index("part")


def test_all_three_released_without_a_block_are_released() -> None:
    """Warnings do not hold a release up."""
    found = states(make_releases(**ALL), found_rows("warns"))
    assert found["state"].tolist() == ["released"] * 3
    assert found["who"].tolist() == ["Ann"] * 3


def test_nothing_is_released_alone() -> None:
    """Territories and quotas wait for pay."""
    found = states(make_releases(territories="released", quotas="released", pay="agreed"))
    assert found["state"].tolist() == ["agreed"] * 3
    assert found["asked"].tolist() == ["released", "released", "agreed"]
    assert found.loc["quotas", "reason"] == "nothing is released alone: pay is not released yet"


def test_an_open_contradiction_keeps_all_three_from_being_released() -> None:
    """The reason names the rule and how often it was found."""
    found = states(make_releases(**ALL), found_rows("blocks", "blocks", "warns"))
    assert found["state"].tolist() == ["agreed"] * 3
    assert found["blocking_count"].tolist() == [2] * 3
    assert "2 open contradictions block it: owner gone (2)" in found.loc["pay", "reason"]


def test_without_decisions_everything_is_a_draft() -> None:
    """Nobody has agreed to anything."""
    found = states(None)
    assert found["state"].tolist() == ["draft"] * 3
    assert found["reason"].eq("nobody has agreed to it yet").all()


def test_the_last_decision_of_a_plan_counts() -> None:
    """Taken back to draft after a release."""
    both = pd.concat([
        make_releases(**ALL),
        make_releases(pay="draft").assign(decision_id="D-0009", when=pd.Timestamp("2026-02-01")),
    ])  # fmt: skip
    assert states(both)["state"].tolist() == ["agreed", "agreed", "draft"]


def test_a_release_by_nobody_or_of_tomorrow_does_not_count() -> None:
    """Each is named by its decision."""
    rows = make_releases(**ALL)
    rows.loc[0, "who"] = " "
    rows.loc[1, "when"] = pd.Timestamp("2026-04-01")
    rows.loc[2, "part"] = "bonus"
    problems = check_releases(rows, AS_OF)
    assert problems["problem"].tolist() == [
        "release_by_nobody", "release_of_unknown_plan", "release_in_future",
    ]  # fmt: skip
    assert problems["row"].tolist() == ["D-0001", "D-0003", "D-0002"]
    assert states(rows)["state"].tolist() == ["draft"] * 3


def timeline(*rows: dict, as_of: date = AS_OF) -> pd.DataFrame:
    """Give the timeline by milestone, checked against the contract."""
    made = planning_timeline(make_milestones(*rows), (), as_of, FiscalYear())
    return table("planning_timeline").check(made).set_index("milestone")


def test_a_milestone_is_late_by_the_as_of_date_alone() -> None:
    """Due on the as-of date is planned, a day before and not done is late."""
    found = timeline(
        {"milestone": "today", "due_date": "2026-03-31"},
        {"milestone": "yesterday", "due_date": "2026-03-30"},
        {"milestone": "done late", "due_date": "2026-02-01", "done_date": "2026-02-04"},
    )
    assert found["state"].to_dict() == {
        "today": "planned", "yesterday": "late", "done late": "done"
    }  # fmt: skip
    assert found.loc["yesterday", "late_days"] == 1
    assert found.loc["done late", "reason"] == "done 3 days after its date"
    assert found.loc["yesterday", "reason"] == "was due 1 day ago and is not done"


def test_milestones_stand_in_the_order_of_work() -> None:
    """By order, then due date; those without order come last."""
    found = timeline(
        {"milestone": "c", "due_date": "2026-01-01"},
        {"milestone": "b", "due_date": "2026-06-01", "milestone_order": 2},
        {"milestone": "a", "due_date": "2026-05-01", "milestone_order": 1},
    )
    assert found.index.tolist() == ["a", "b", "c"]


def test_a_later_entry_of_a_milestone_replaces_the_first() -> None:
    """Moved from January to June."""
    found = timeline(
        {"milestone": "a", "due_date": "2026-01-20"},
        {"milestone": "a", "due_date": "2026-06-20", "when": "2026-01-19"},
    )
    assert found["state"].tolist() == ["planned"]


PROBLEMS = [
    ({"owner": None, "due_date": "2026-05-01"}, "milestone_without_owner"),
    ({}, "milestone_without_date"),
    ({"due_date": "2026-03-01", "done_date": "2026-04-02"}, "done_in_future"),
]


@pytest.mark.parametrize(("change", "problem"), PROBLEMS)
def test_a_wrong_milestone_is_named_and_kept(change: dict, problem: str) -> None:
    """The row of the problem names decision and milestone."""
    rows = make_milestones({"milestone": "a", **change})
    found = check_milestones(rows, AS_OF)
    assert found["problem"].tolist() == [problem]
    assert found["row"].tolist() == ["D-0001: a"]
    assert len(planning_timeline(rows, (), AS_OF, FiscalYear())) == 1


def test_milestones_out_of_order_are_named() -> None:
    """The second ends before the first."""
    rows = make_milestones(
        {"milestone": "a", "milestone_order": 1, "due_date": "2026-05-01"},
        {"milestone": "b", "milestone_order": 2, "due_date": "2026-04-01"},
        {"milestone": "c", "milestone_order": 3, "due_date": "2026-06-01"},
    )
    found = check_milestones(rows, AS_OF)
    assert found["problem"].tolist() == ["milestones_out_of_order"]
    assert found["row"].tolist() == ["D-0002: b"]


def test_without_milestones_a_timeline_is_proposed_for_the_next_year() -> None:
    """Fiscal year from July: the next begins on 2026-07-01; nothing is asserted or late."""
    rules = PlanCheckSettings().milestones
    made = planning_timeline(None, rules, AS_OF, FiscalYear(start_month=7))
    found = table("planning_timeline").check(made)
    assert set(found["state"]) == {"proposed"}
    assert found["due_date"].min() == pd.Timestamp("2026-07-01") - pd.Timedelta(weeks=18)
    assert found["owner"].isna().all()
    assert found["reason"].str.contains("nobody has confirmed it").all()
    last = found.loc[found["milestone"].str.endswith("released"), "reason"]
    assert "1 week before" in last.iloc[0]


def test_a_plan_is_proposed_to_be_looked_after_all_year() -> None:
    """After the release somebody answers questions, and changes are decided every quarter."""
    rules = PlanCheckSettings().milestones
    found = planning_timeline(None, rules, AS_OF, FiscalYear(start_month=7))
    after = found[found["due_date"] >= pd.Timestamp("2026-07-01")]
    weeks = (after["due_date"] - pd.Timestamp("2026-07-01")).dt.days // 7
    assert weeks.tolist() == [2, 13, 26, 39]
    assert after["expectation"].str.contains("pro rata").sum() == 3
    assert found["milestone_order"].tolist() == list(range(1, len(found) + 1))


def test_who_sees_what_follows_from_the_contracts_and_plan_yaml() -> None:
    """An audience that may see pay sees it, another does not; quotas are of that class."""
    audiences = {"board": AudienceSettings(sees=("pay",)), "team": AudienceSettings()}
    found = table("plan_visibility").check(plan_visibility(audiences))
    shown = found.set_index(["audience", "sensitive_class"])["is_shown"]
    assert shown["board", "pay"]
    assert not shown["team", "pay"]
    assert not shown["board", "rank"]
    assert "reps.quota" in found["examples"].iloc[0]
