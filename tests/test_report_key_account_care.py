"""Tests of what the report says on the care of key accounts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.exchange import AudienceView
from planlib.language import speaking
from planlib.report import key_account_care as care
from planlib.report import key_accounts
from planlib.report.common import account_names
from planlib.report.folds import Fold, fold, listings_of
from planlib.report.key_account_lines import blocks as line_blocks
from planlib.report.key_account_lines import past_jumps
from planlib.report.key_account_moves import moves
from planlib.report.parts import Listing
from planlib.store import Workbook
from tests.closeness_frames import make_rows
from tests.report_workbook import make_workbook


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def fill(workbook: Workbook) -> Workbook:
    """Write two accounts: one counted, one whose owner logs too little; and what goes with them."""
    rows = {
        "account_closeness": [
            {"account_id": "A1", "closeness": 40.0, "carried_by": "automatic"},
            {"account_id": "A2", "closeness": 70.0, "carried_by": "rated"},
        ],
        "logging_coverage": [
            {"rep_id": "R2", "accounts_count": 1, "coverage_share": 0.2, "is_low": True,
             "reason": "-"},
        ],
        "closeness_alerts": [
            {"account_id": "A1", "alert": "silence", "seat": "one", "silent_days": 44,
             "contact_id": "C1", "detail": "champion silent for 44 days"},
            {"account_id": "A1", "alert": "dependence", "seat": "all", "detail": "one person"},
        ],
        "evaluation_on_time": [
            {"aspect": "closeness", "cut": "total", "cut_value": "all", "done_count": 1,
             "count": 4, "share": 0.25},
        ],
        "strategy_calls": [
            {"account_id": "A1", "reason": "no strategy", "detail": "-"},
            {"account_id": "A1", "reason": "class changed", "detail": "-"},
        ],
        "partner_coverage": [
            {"kind": "service", "region": "North", "is_gap": True, "is_expected": True,
             "detail": "no partner of this kind in any region", "partners_count": 0},
        ],
        "director_log": [
            {"decision_id": "D", "director_id": "M1", "kind": "task", "title": "-",
             "start_date": "2026-01-10", "status": "open", "is_overdue": True},
        ],
        "account_checks": [
            {"account_id": "A1", "rule": "rated lately", "rule_order": 0, "limit": 200.0,
             "result": "not met", "evidence": "-"},
        ],
        "sales_checks": [
            {"rep_id": "R2", "rule": "logs contact", "rule_order": 0, "limit": 0.6,
             "result": "not met", "evidence": "-"},
        ],
    }  # fmt: skip
    for name, given in rows.items():
        workbook.write(name, make_rows(name, *given))
    return workbook


def test_the_first_page_says_how_close_we_are_and_what_is_wrong(tmp_path: Path) -> None:
    """Which part carries, what was done in time; low logging before any warning."""
    view = AudienceView(fill(make_workbook(tmp_path / "acme")))
    assert [line.text for line in care.decided(view)] == [
        "Closeness of 2 key accounts: 1 counted from records, 1 by rating alone, 0 not known.",
        "Evaluations done in their period, of the periods that are over: closeness 25 %.",
    ]
    problems = [line.text for line in care.problems(view)]
    assert problems[0].startswith("Too little is logged by 1 owner of key accounts, or they")
    assert problems[1] == ("2 warnings about closeness: champion silent 1, hangs on one of us 1")
    assert problems[2] == "1 task of directors overdue"
    asks = [line.text for line in care.asks(view)]
    assert asks[0] == "Key accounts with a strategy to look at again: 1 (without one: 1)"
    assert asks[1] == (
        "Kinds of partner expected in a region, and missing or idle there: 1, of which in no "
        "region at all: 1"
    )
    assert [fact.value for fact in care.facts(view)] == [55.0]


def test_what_is_missing_is_said_with_what_supplies_it(tmp_path: Path) -> None:
    """Without any table of the step there are no lines, only gaps."""
    view = AudienceView(make_workbook(tmp_path / "acme"))
    assert care.decided(view) == care.problems(view) == care.asks(view) == care.facts(view) == []
    assert care.blocks(view) == []
    assert {gap.unlock.split(" ")[1] for gap in care.gaps(view) if " " in gap.unlock} == {
        "activities", "stakeholders", "partner_deals", "account_spend",
    }  # fmt: skip


def test_results_of_people_are_shown_only_to_those_who_may_see_them(tmp_path: Path) -> None:
    """The check of accounts is open; that of sales people needs an audience that sees ranks."""
    audiences = "{public: {sees: []}, board: {sees: [rank]}}"
    plan = f"report: {{audience: public, audiences: {audiences}}}\n"
    workbook = fill(make_workbook(tmp_path / "acme", plan))
    shown = {}
    for audience in ("public", "board"):
        blocks = care.blocks(AudienceView(workbook, audience))
        checks = [one for one in listings_of(blocks) if one.name == "Three checks"]
        shown[audience] = checks[0].frame["check"].tolist()
    assert shown == {"public": ["accounts"], "board": ["accounts", "sales people"]}


@pytest.mark.parametrize(
    ("sees", "warning"),
    [("[contact]", "champion Lisa Freeman (one) silent for 44 days"),
     ("[]", "champion (one) silent for 44 days")],
)  # fmt: skip
def test_a_silent_champion_has_a_name_for_who_may_see_contacts(
    tmp_path: Path, sees: str, warning: str
) -> None:
    """All other readers learn the seat and the days."""
    plan = f"report: {{audience: readers, audiences: {{readers: {{sees: {sees}}}}}}}\n"
    workbook = fill(make_workbook(tmp_path / "acme", plan))
    people = {"contact_id": "C1", "account_id": "A1", "name": "Lisa Freeman"}
    workbook.write_inputs({"contacts": make_rows("contacts", people)}, as_of=date(2026, 3, 31))
    assert care.threats(AudienceView(workbook))["warning"].tolist() == [warning]


@pytest.mark.parametrize(
    ("statuses", "is_own", "expected"),
    [
        (("enters", "enters"), True, [("A1", "contact at risk"), ("A2", "place is not safe")]),
        (("stays", "leaves"), True, [("A2", "leaves"), ("A1", "contact at risk")]),
        (("enters", "stays"), True, [("A1", "enters"), ("A2", "place is not safe")]),
        (("stays", "leaves"), False, [("A1", "contact at risk")]),
    ],
)
def test_the_section_begins_with_who_moves_and_who_is_at_risk(
    tmp_path: Path, statuses: tuple[str, str], is_own: bool, expected: list[tuple[str, str]]
) -> None:
    """Leaving first, then entering unless all do, then risks; each account once, with reasons."""
    view = AudienceView(fill(make_workbook(tmp_path / "acme")))
    listed = pd.DataFrame({
        "account_id": ["A1", "A2"], "status": statuses, "sales_amount": [10.0, None],
        "is_key": [one != "leaves" for one in statuses], "reason": ["place 1", "place 9"],
        "in_list_probability": [0.99, 0.5],
    })  # fmt: skip
    found = moves(view, listed, is_own=is_own)
    names = account_names(view)
    told = [(names.get(key, key), what) for key, what in expected]
    assert list(zip(found.frame["name"], found.frame["what"], strict=True)) == told
    why = found.frame.set_index("what")["why"].to_dict()
    assert all(
        why[one].endswith("champion (one) silent for 44 days")
        for one in why
        if one == "contact at risk"
    )
    assert all(why[one] == "in the list under 50 % of other weights"
               for one in why if one == "place is not safe")  # fmt: skip


def test_revenue_in_the_score_is_told_from_the_sales_beside_it(tmp_path: Path) -> None:
    """An account may have revenue in its score and no sales now: the list says why."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    listed = {"account_id": "A1", "stratum": "x", "score": 80.0, "rank": 1, "is_key": True,
              "status": "enters", "sales_amount": 0.0, "reason": "-"}  # fmt: skip
    workbook.write("key_accounts", make_rows("key_accounts", listed))
    score = {"account_id": "A1", "factor": "revenue", "value": 5.0, "factor_score": 10.0,
             "weight": 0.25, "basis": "value",
             "method": "won amounts a year, mean of 2.2 years"}  # fmt: skip
    workbook.write("key_account_scores", make_rows("key_account_scores", score))
    shown = key_accounts.section(AudienceView(workbook))
    assert shown is not None
    notes = " ".join(
        note
        for one in listings_of(shown.blocks)
        if one.name == "Key accounts"
        for note in one.notes
    )
    assert "Revenue in the score: won amounts a year, mean of 2.2 years; sales: won in" in notes


def test_changes_of_strategies_money_and_what_directors_supply_are_listed(tmp_path: Path) -> None:
    """First versions are no change; money is told the furthest from fair first, unknown never."""
    workbook = make_workbook(tmp_path / "acme")
    version = {"decision_id": "D", "who": "Mia", "why": "review", "stage_goal": "plant two"}
    effort = {"balance": "not known"}
    rows = {
        "strategy_versions": [
            {**version, "account_id": "A1", "version": 1, "when": "2025-01-10",
             "changed": "first version", "is_current": False},
            {**version, "account_id": "A1", "version": 2, "when": "2026-01-10",
             "changed": "goal: one → two", "is_current": True},
        ],
        "effort_against_score": [
            {**effort, "account_id": "A1", "spend_amount": 90.0, "fair_spend_amount": 100.0,
             "spend_ratio": 0.9},
            {**effort, "account_id": "A2", "spend_amount": 60.0, "fair_spend_amount": 20.0,
             "spend_ratio": 3.0},
            {**effort, "account_id": "A3"},
        ],
        "director_supply": [
            {"director_id": "D1", "accounts_count": 3, "owned_count": 0, "budget_amount": 5.0,
             "reason": "not known: support asked for"},
        ],
    }  # fmt: skip
    for name, given in rows.items():
        workbook.write(name, make_rows(name, *given))
    view = AudienceView(workbook)
    found = {one.name: one for one in listings_of([*care.blocks(view), *line_blocks(view)])}
    assert found["Strategies changed"].frame["changed"].tolist() == ["goal: one → two"]
    assert found["Money against score"].frame["spend_amount"].tolist() == [60.0, 90.0]
    supply = found["What directors supply"]
    assert supply.frame["budget_amount"].tolist() == [5.0]
    assert list(supply.notes) == ["not known: support asked for"]


def test_a_fold_shows_its_title_and_gives_its_tables_to_the_workbook_of_leaders() -> None:
    """Closed it is one line of escaped text; its tables are found, those in folds of it too."""
    one, two = (Listing(name=name, frame=pd.DataFrame({"a": [1]})) for name in ("one", "two"))
    inner = fold("a < b", [one])
    outer = Fold("all", [*inner, two])
    assert listings_of([outer]) == [one, two]
    assert "<summary>a &lt; b</summary>" in outer.__html__()
    assert fold("nothing", []) == []
    assert Fold("nothing", []).__html__() == ""


def fill_past(workbook: Workbook) -> None:
    """Write what followed good years, and the reasons of leavers with the jump among them."""
    level = {"basis": "sales alone", "people_count": 9, "case_count": 9, "reached_count": 2,
             "reached_share": 0.22, "low": 0.06, "high": 0.55, "median_ratio": 0.7,
             "is_grey": True, "first_year": "2024", "last_year": "2025"}  # fmt: skip
    workbook.write("key_account_jump_results", make_rows(
        "key_account_jump_results", {**level, "level": "all", "level_order": 0}
    ))  # fmt: skip
    driver = {"people_count": 8, "person_years": 4.0, "leavers_count": 2, "rate": 0.5,
              "ratio": 2.0, "low": 0.4, "high": 9.0, "finding": "no evidence"}  # fmt: skip
    workbook.write("exit_drivers", make_rows(
        "exit_drivers",
        {**driver, "driver": "target_jump", "driver_level": "after one exceptional year"},
        {**driver, "driver": "peer_exits", "driver_level": "exit of a peer"},
    ))  # fmt: skip


def test_targets_that_follow_one_good_year_say_by_which_rule(tmp_path: Path) -> None:
    """The target itself may be hidden: the rule and the years of the base are said."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    row = {"period": "2026", "rep_id": "R1", "key_account_count": 1, "last_amount": 30.0,
           "before_amount": 10.0, "base_amount": 20.0, "year_count": 2, "last_ratio": 3.0,
           "is_warning": True, "reason": "-"}  # fmt: skip
    workbook.write("key_account_target_jumps", make_rows("key_account_target_jumps", row))
    found = [one for one in line_blocks(AudienceView(workbook)) if isinstance(one, Listing)]
    shown = next(one for one in found if one.name == "Targets that jump")
    assert "the target is more than 25 % above the base" in shown.subtitle
    assert "of the 2 years known" in shown.subtitle


def test_what_followed_good_years_stands_beside_the_targets(tmp_path: Path) -> None:
    """Results for all; figures on leavers only for those who may see retention."""
    audiences = "{public: {sees: []}, people: {sees: [retention]}}"
    plan = f"report: {{audience: public, audiences: {audiences}}}\n"
    workbook = fill(make_workbook(tmp_path / "acme", plan))
    fill_past(workbook)
    shown = {name: listings_of(past_jumps(AudienceView(workbook, name)))
             for name in ("public", "people")}  # fmt: skip
    assert [one.name for one in shown["public"]] == ["After a good year"]
    assert "no target of a past year is known" in str(shown["public"][0].subtitle)
    assert [one.name for one in shown["people"]] == [
        "After a good year", "Leavers after a good year",
    ]  # fmt: skip
    exits = shown["people"][1].frame
    assert exits["driver_level"].tolist() == ["after one exceptional year"]


def test_seats_and_agenda_are_shown_with_the_sum_first(tmp_path: Path) -> None:
    """The total of all key accounts stands on top, and each aspect has its two commands."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    seat = {"seats_count": 4, "holder_count": 3, "visible_count": 2, "hidden_count": 1,
            "both_count": 1, "visible_share": 0.5, "hidden_share": 0.25, "both_share": 0.25,
            "low": 0.05, "high": 0.7, "fresh_count": 1}  # fmt: skip
    workbook.write("seat_insight", make_rows(
        "seat_insight", {"account_id": "A1", **seat}, {"account_id": "all", **seat},
        {"account_id": "A2", "reason": "no seat"},
    ))  # fmt: skip
    workbook.write("evaluation_agenda", make_rows("evaluation_agenda", {
        "aspect": "closeness", "aspect_order": 0, "cadence": "two_months", "how": "rate",
        "hand_in": "planlib ratings acme --cycle 2026Q1 FILES", "next_cycle": "2026-04",
        "command": "planlib run acme --cycle 2026-04",
    }))  # fmt: skip
    view = AudienceView(workbook)
    said = [line.text for line in care.decided(view)]
    assert any("4 decision seats" in text and "both for 25" in text for text in said)
    found = {one.name: one for one in listings_of(care.blocks(view))}
    seats = found["Seats and their factors"]
    assert seats.frame["account"].iloc[0] == "all key accounts"
    assert len(seats.frame) == 2
    assert "1 key accounts have no recorded seat" in str(seats.subtitle)
    agenda = found["Evaluation agenda"].frame.iloc[0]
    assert agenda["cadence"] == "two months"
    assert agenda["command"] == "planlib run acme --cycle 2026-04"
    assert found["Evaluation agenda"].labels["due_count"] == "Due count"  # no due date
    with speaking("zh"):
        seats = {one.name: one for one in listings_of(care.blocks(view))}["Seats and their factors"]
        assert seats.frame["account"].iloc[0] == "全部大客户"


def test_steadiness_overlaps_and_burden_are_in_the_report(tmp_path: Path) -> None:
    """Unsteady first, then pushes; partners by name; minutes for each account and the cap."""
    workbook = fill(make_workbook(tmp_path / "acme"))
    base = {"wins_count": 6, "quarters_count": 12}
    workbook.write("key_account_stability", make_rows(
        "key_account_stability",
        {"account_id": "A1", **base, "variation": 0.4, "is_unsteady": False, "is_push": True,
         "owner_changes_count": 0},
        {"account_id": "A2", **base, "variation": 2.0, "is_unsteady": True,
         "owner_changes_count": 1},
        {"account_id": "A3", "reason": "no deal"},
    ))  # fmt: skip
    workbook.write("key_account_owners", make_rows(
        "key_account_owners",
        {"account_id": "A1", "from_date": "2024-05-31", "to_date": "2026-03-31", "rep_id": "R1",
         "basis": "extracts"},
    ))  # fmt: skip
    workbook.write("partner_overlaps", make_rows(
        "partner_overlaps",
        {"partner_id": "P1", "other_id": "P2", "kind": "service", "accounts_count": 2,
         "deals_count": 1, "overlap_share": 0.5},
    ))  # fmt: skip
    workbook.write("evaluation_agenda", make_rows("evaluation_agenda", {
        "aspect": "needs", "aspect_order": 0, "cadence": "month", "how": "rate", "hand_in": "x",
        "next_cycle": "2026-04", "command": "y",
    }))  # fmt: skip
    workbook.write("rating_burden", make_rows(
        "rating_burden",
        {"rep_id": "R1", "accounts_count": 4, "asked_minutes": 20.0, "put_off_count": 3},
    ))  # fmt: skip
    view = AudienceView(workbook)
    found = {one.name: one for one in listings_of(care.blocks(view))}
    names = account_names(view)
    steady = found["Steadiness"]
    assert steady.frame["account"].tolist() == [names.get(one, one) for one in ("A2", "A1")]
    assert "owner of 1 key accounts changed" in str(steady.subtitle)
    assert steady.notes == ["Owner, as it counts for changes: extracts."]
    gap = found["Partner gaps"].frame.iloc[0]
    assert (gap["region"], gap["kind"]) == ("North", "service")
    assert found["Partners in the same accounts"].frame["overlap_share"].tolist() == [0.5]
    assert "take 5.0 minutes for each key account" in found["Evaluation agenda"].notes[0]
    assert "3 ratings are put off" in found["Evaluation agenda"].notes[0]
