"""Tests of what closed projects left behind."""

from datetime import date

import pandas as pd

from planlib.projects.learning import learn_from_closed

AS_OF = date(2026, 3, 31)
CLOSED = pd.DataFrame(
    {
        "project_id": ["P1", "P2", "P3", "P4", "P5", None],
        "close_date": pd.to_datetime(
            ["2026-01-10", "2025-06-01", "2026-02-01", "2025-03-31", "2026-02-02", "2026-02-03"]
        ),
        "is_won": [True, False, True, True, False, True],
        "lane": ["large", "large", "large", "large", "fast", "large"],
    }
)
EVERY = pd.DataFrame(
    {"account_id": "A", "name": "Plant", "amount": [10.0, 30.0, 20.0, 5.0, 5.0]},
    index=pd.Index(["P1", "P2", "P3", "P4", "P5"], name="project_id"),
)
LESSONS = pd.DataFrame({"project_id": ["P1", "P1"]})
CLOSENESS = pd.DataFrame(
    {"project_id": ["P1", "P2", "P3"], "counted_change": [None, None, -4.0], "rated_change": None}
)


def test_a_project_without_lesson_comes_first_and_closeness_alone_is_no_lesson():
    """Older projects, the fast lane and deals without project are not asked for one."""
    found = learn_from_closed(CLOSED, EVERY, LESSONS, CLOSENESS, AS_OF)
    assert found[["project_id", "outcome", "lesson_count", "state"]].to_numpy().tolist() == [
        ["P2", "lost", 0, "nothing recorded"],
        ["P3", "won", 0, "closeness only"],
        ["P1", "won", 2, "lesson"],
    ]
    assert found["counted_change"].isna().tolist() == [True, False, True]


def test_nothing_closed_and_shuffled_rows():
    """No closed project gives no row; the order of the rows does not matter."""
    assert learn_from_closed(CLOSED.iloc[:0], EVERY, LESSONS, CLOSENESS, AS_OF).empty
    plain = learn_from_closed(CLOSED, EVERY, LESSONS.iloc[:0], CLOSENESS, AS_OF)
    mixed = learn_from_closed(CLOSED[::-1], EVERY, LESSONS.iloc[:0], CLOSENESS[::-1], AS_OF)
    pd.testing.assert_frame_equal(plain, mixed)
    assert set(plain["lesson_count"]) == {0}
