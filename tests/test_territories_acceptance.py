"""Tests of what managers have said to the plan: counted per manager, stale answers told."""

from __future__ import annotations

import datetime

import pandas as pd

from planlib.tables import TABLES
from planlib.territories import review_acceptance
from planlib.territories.acceptance import rest_words

DAY = datetime.date(2026, 3, 31)
REPS = TABLES["reps"].coerce(pd.DataFrame({
    "rep_id": ["M-0", "M-1", "M-2", "R-1", "R-2"], "manager_id": [None, "M-0", "M-0", "M-1", "M-2"],
    "name": ["Ana", "Bo", "Cy", "Di", "Ed"],
}))  # fmt: skip


def make_plan(**owners: str) -> pd.DataFrame:
    """Four accounts: two stay with R-1, one goes from R-1 to R-2, one is not planned."""
    rows = [("A-1", "R-1", "R-1", True), ("A-2", "R-1", "R-1", True), ("A-3", "R-1", "R-2", True),
            ("A-4", "R-2", "R-2", False)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["account_id", "previous_rep_id", "rep_id", "is_in_scope"])
    pairs = zip(frame["account_id"], frame["rep_id"], strict=True)
    frame = frame.assign(potential=[30.0, 20.0, None, 5.0])
    return frame.assign(rep_id=[owners.get(key.replace("-", "_"), rep) for key, rep in pairs])


def make_answers(*rows: tuple[str, str, str, str, str | None, str]) -> pd.DataFrame:
    """Answers: manager, topic, subject, answer, rep, detail."""
    names = ["manager_id", "topic", "subject_id", "answer", "rep_id", "detail"]
    frame = pd.DataFrame(rows, columns=names).assign(
        cycle="2026Q1", who="x", why="y", when=pd.Timestamp("2026-04-01"),
        decision_id=[f"D-{at}" for at in range(len(rows))],
    )  # fmt: skip
    contract = TABLES["override_pack_answers"]
    return contract.coerce(frame) if rows else contract.empty()


def review(plan: pd.DataFrame, answers: pd.DataFrame, cycle: str = "2026Q1") -> pd.DataFrame:
    """The table by manager."""
    found = review_acceptance(plan, REPS, answers, cycle=cycle, as_of=DAY)
    TABLES["territory_acceptance"].check(found)
    return found.set_index("manager_id")


def test_nobody_has_answered() -> None:
    """Without answers everything is open; an account that changes teams counts for both."""
    found = review(make_plan(), make_answers())
    assert found["account_count"].to_dict() == {"M-1": 3, "M-2": 1}
    assert found["open_count"].to_dict() == {"M-1": 3, "M-2": 1}
    assert found["last_date"].isna().all()


def test_single_answers_are_counted_by_what_they_say() -> None:
    """Accepted and challenged accounts are told apart; the rest is open."""
    answers = make_answers(("M-1", "territory", "A-1", "accepted", "R-1", ""),
                           ("M-1", "territory", "A-3", "challenged", "R-1", ""))  # fmt: skip
    row = review(make_plan(), answers).loc["M-1"]
    counts = [row[name] for name in ("accepted_count", "challenged_count", "open_count")]
    assert counts == [1, 1, 1]
    assert not row["is_stale"]


def test_the_rest_is_accepted_in_one_go() -> None:
    """Accept the rest covers all accounts but those challenged."""
    plan = make_plan()
    said = rest_words(plan[plan["is_in_scope"]])
    answers = make_answers(
        ("M-1", "territory", "A-3", "challenged", "R-1", ""),
        ("M-1", "territories", "M-1", "accepted", None, said),
    )
    row = review(plan, answers).loc["M-1"]
    assert (row["accepted_count"], row["challenged_count"], row["open_count"]) == (2, 1, 0)
    assert (row["answered_share"], row["is_stale"]) == (1.0, False)


def test_the_rest_of_a_cut_pack_covers_what_it_showed() -> None:
    """Accounts below the last one shown stay open, and their owners make nothing stale."""
    plan = make_plan()
    answers = make_answers(
        ("M-1", "territories", "M-1", "accepted", None, rest_words(plan.iloc[:2], "A-2")),
    )
    row = review(plan.iloc[::-1], answers).loc["M-1"]
    assert (row["accepted_count"], row["open_count"], row["is_stale"]) == (2, 1, False)
    assert not review(make_plan(A_3="R-1"), answers).loc["M-1", "is_stale"]
    assert review(make_plan(A_2="R-2"), answers).loc["M-1", "is_stale"]


def test_the_rest_of_a_cut_pack_covers_nothing_once_its_end_is_gone() -> None:
    """Without the last account that was shown nobody knows what was; nothing is accepted unseen."""
    plan = make_plan()
    answers = make_answers(
        ("M-1", "territories", "M-1", "accepted", None, rest_words(plan.iloc[:2], "A-2, plan 7")),
    )
    row = review(plan, answers).loc["M-1"]
    assert (row["accepted_count"], row["open_count"], row["is_stale"]) == (0, 3, True)


def test_an_answer_to_another_owner_is_stale() -> None:
    """What was accepted with one owner is not accepted with another."""
    one = make_answers(("M-1", "territory", "A-1", "accepted", "R-1", ""))
    assert not review(make_plan(), one).loc["M-1", "is_stale"]
    assert review(make_plan(A_1="R-2"), one).loc["M-1", "is_stale"]
    rest = make_answers(
        ("M-1", "territories", "M-1", "accepted", None, "3 accounts, plan 00000000")
    )
    assert review(make_plan(), rest).loc["M-1", "is_stale"]


def test_answers_of_another_cycle_do_not_count() -> None:
    """A pack of last quarter says nothing about this plan."""
    answers = make_answers(("M-1", "territory", "A-1", "accepted", "R-1", ""))
    assert review(make_plan(), answers, "2026Q2").loc["M-1", "accepted_count"] == 0


def test_shuffled_rows_give_the_same() -> None:
    """The order of rows does not matter."""
    answers = make_answers(("M-1", "territory", "A-1", "accepted", "R-1", ""),
                           ("M-2", "territory", "A-3", "accepted", "R-2", ""))  # fmt: skip
    plan = make_plan()
    pd.testing.assert_frame_equal(
        review(plan, answers), review(plan.iloc[::-1], answers.iloc[::-1])
    )
