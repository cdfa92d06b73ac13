"""Tests of review notes on the three checks, and of duties fed by gates and old entries."""

from __future__ import annotations

import pandas as pd

from planlib.key_accounts import duty_counts, review_lines
from planlib.key_accounts.evaluation import check_note_findings, check_totals, three_checks
from planlib.key_accounts.evaluation.checks import LIMITS
from planlib.periods import Period
from planlib.projects import open_gates
from planlib.settings.closeness import ClosenessSettings
from planlib.settings.evaluation import EvaluationSettings
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table
from tests.key_account_frames import AS_OF, all_key, make, make_accounts, make_people
from tests.project_frames import SETTINGS, make_deals, make_decisions, make_projects

KEYS = pd.DataFrame({"account_id": ["KA", "KB"], "rep_id": ["A", "B"]})


def make_note(number: int, **changes: object) -> dict[str, object]:
    """One review note on account KA."""
    return {"decision_id": f"D-{number:04d}", "who": "Lin", "when": "2026-03-20",
            "why": "was in hospital", "check": "accounts", "subject_id": "KA", "rule": None,
            "verdict": "accepted", **changes}  # fmt: skip


def checks_of(*notes: dict[str, object]) -> dict[str, pd.DataFrame]:
    """Check two key accounts, of which neither was ever rated."""
    listed = make(
        "key_accounts",
        *[
            {"account_id": name, "stratum": "Steel", "is_key": True, "status": "stays",
             "reason": "place 1", "confidence": 0.9, "in_list_probability": chance}
            for name, chance in (("KA", 0.1), ("KB", 0.9))
        ],
    )  # fmt: skip
    measured = {name: table(name).empty() for name in (
        "account_closeness", "logging_coverage", "evaluation_calendar")}  # fmt: skip
    said = make("override_check_notes", *notes) if notes else None
    return three_checks(listed, KEYS, measured, (EvaluationSettings(), ClosenessSettings()), AS_OF,
                        reps=make_people(), notes=said)  # fmt: skip


def test_a_note_stands_beside_the_rules_that_it_is_about():
    """A note on one rule beats a later one on the whole check; other accounts have none."""
    rule = "stays under other weights"
    found = checks_of(make_note(1, rule=rule, verdict="action", why="ask the board"), make_note(2))[
        "account_checks"
    ].set_index(["account_id", "rule"])
    row = found.loc[("KA", rule)]
    assert (row["verdict"], row["note"], row["note_by"]) == ("action", "ask the board", "Lin")
    assert row["result"] == "not met"  # a note changes no result
    assert found.loc[("KA", "score is backed"), "note"] == "was in hospital"
    assert found.loc["KB"]["note"].isna().all()


def test_totals_count_results_and_notes_by_rule():
    """One of two accounts fails under other weights, and somebody has said why."""
    totals = check_totals(checks_of(make_note(1))).set_index(["check", "rule"])
    row = totals.loc[("accounts", "stays under other weights")]
    assert row[["met", "not met", "not known", "noted"]].tolist() == [1, 1, 0, 1]
    assert row["limit"] == "in the list in at least 50 % of the draws"
    assert checks_of()["sales_checks"]["verdict"].isna().all()


def test_every_rule_has_its_limit_in_words():
    """No rule is shown with a bare number, and none of the words is left over."""
    rules = {rule for found in checks_of().values() for rule in found["rule"]}
    assert rules == set(LIMITS)


def test_notes_on_nobody_and_on_no_rule_are_named():
    """Neither is shown anywhere, so both are findings with their row."""
    notes = [make_note(1, subject_id="KX"), make_note(2, rule="is nice"), make_note(3)]
    found = check_note_findings(make("override_check_notes", *notes), checks_of())
    assert found[["check", "row_id", "value"]].to_numpy().tolist() == [
        ["note on no rule", "D-0002", "is nice"],
        ["note on nobody", "D-0001", "KX"],
    ]
    assert check_note_findings(None, checks_of()).empty


def test_notes_that_are_in_order_are_no_finding():
    """One on a rule, one on all rules: with nothing to name, no row is made up."""
    notes = [make_note(1, rule="rated lately"), make_note(2, subject_id="KB")]
    assert check_note_findings(make("override_check_notes", *notes), checks_of()).empty


def duties_of(**more: object) -> pd.DataFrame:
    """Give the duties of the one director, who leads the accounts of A and B."""
    accounts = make_accounts()
    return review_lines(
        accounts, all_key(accounts), KeyAccountLinesSettings(), Period.parse("2026Q1"), AS_OF,
        scoring=KeyAccountsSettings(), reps=make_people(), **more,
    ).duties  # fmt: skip


def test_gates_feed_the_duty_of_approval():
    """The duty is done when every open project has a decision at its last gate."""
    gates = pd.DataFrame({"project_id": ["X1", "X2", "X3"], "account_id": ["KA", "KB", "KC"],
                          "gate": ["go", "missing", "missing"]})  # fmt: skip
    found = duties_of(gates=gates).set_index("duty").loc["project_approval"]
    assert (found["status"], found["origin"]) == ("open", "data")
    assert found["evidence"] == "1 of 2 open projects have the go or no go of their last gate"
    done = duties_of(gates=gates.replace("missing", "no_go")).set_index("duty")
    assert done.loc["project_approval", "status"] == "done"
    none = duties_of(gates=gates.iloc[2:]).set_index("duty").loc["project_approval"]
    assert none["status"] == "not known"


def test_open_gates_come_from_the_records_of_projects():
    """A project past a gate with its decision; without records nothing is known."""
    deals, projects = make_deals({}, {"amount": 300.0}), make_projects({}, {})
    go = make_decisions("project_gates", {"phase": "tender", "gate": "go"})
    found = open_gates(deals, projects, go, SETTINGS, AS_OF)
    assert found is not None
    assert set(found["gate"]) <= {"go", "missing"}
    assert {"project_id", "account_id", "gate", "approver"} == set(found.columns)
    assert open_gates(deals, projects, None, SETTINGS, AS_OF) is None
    assert open_gates(None, projects, go, SETTINGS, AS_OF) is None


def test_a_duty_once_done_is_late_when_its_entry_is_too_old():
    """An old entry counts no more: the duty is not done, and late; counts say so by duty."""
    entries = make(
        "override_director_duties",
        {"decision_id": "D-0001", "who": "D", "when": "2024-01-10", "why": "held",
         "director_id": "D", "duty": "supervision", "is_done": True},
    )  # fmt: skip
    found = duties_of(overrides=entries)
    row = found.set_index("duty").loc["supervision"]
    assert (row["status"], bool(row["is_late"])) == ("not known", True)
    assert "last said to be done on 2024-01-10" in row["evidence"]
    counts = duty_counts(found)
    assert len(counts) == 11
    assert counts["late_count"].sum() == 1
    assert (counts[["done_count", "open_count", "unknown_count"]].sum(axis=1) == 1).all()
    assert not duties_of()["is_late"].any()
