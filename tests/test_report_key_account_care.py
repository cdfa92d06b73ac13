"""Tests of what the report says on the care of key accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib import pyplot

from planlib.exchange import AudienceView
from planlib.report import key_account_care as care
from planlib.report.parts import listings_of
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
            {"account_id": "A1", "alert": "silence", "seat": "one", "detail": "silent"},
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
            {"kind": "service", "region": "North", "is_gap": True, "detail": "-"},
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
        "Evaluations done in their period: closeness 25 %.",
    ]
    problems = [line.text for line in care.problems(view)]
    assert problems[0].startswith("1 owner of key accounts log too little")
    assert problems[1] == ("2 warnings about closeness: champion silent 1, hangs on one of us 1")
    assert problems[2] == "1 task of directors overdue"
    asks = [line.text for line in care.asks(view)]
    assert asks[0] == "1 key account: look at the strategy again (1 have none)"
    assert asks[1].startswith("1 kind of partner missing or idle")
    assert [fact.value for fact in care.facts(view)] == [55.0]


def test_what_is_missing_is_said_with_what_supplies_it(tmp_path: Path) -> None:
    """Without any table of the step there are no lines, only gaps."""
    view = AudienceView(make_workbook(tmp_path / "acme"))
    assert care.decided(view) == care.problems(view) == care.asks(view) == care.facts(view) == []
    assert care.blocks(view) == []
    assert {gap.unlock.split(" ")[1] for gap in care.gaps(view) if " " in gap.unlock} == {
        "activities", "stakeholders", "partner_deals",
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
