"""A cumbersome process: days in a stage, hand-offs, work without a customer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.tables import table
from planlib.team.process import hand_offs, process_parts, stage_stays

AS_OF = pd.Timestamp("2026-03-31")


def make_history(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Make records of deals: deal, day, stage, owner, day of creation."""
    frame = pd.DataFrame(rows, columns=["opportunity_id", "snapshot_date", "stage", "owner_id",
                                        "created_date"])  # fmt: skip
    frame = frame.assign(sequence=0, record="change", is_closed=frame["stage"].eq("Won"))
    return table("opportunity_history").coerce(frame)


def make_deals(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make deals won in March that R1 owns and created."""
    base = {"owner_id": "R1", "creator_id": "R1", "created_date": "2026-01-05",
            "close_date": "2026-03-02", "is_closed": True, "is_won": True}  # fmt: skip
    return table("opportunities").coerce(pd.DataFrame([{**base, **row} for row in rows]))


def make_activities(*kinds: str, **changes: Any) -> pd.DataFrame:
    """Make entries of R1 on one day."""
    frame = pd.DataFrame({
        "activity_id": [f"T{at}" for at in range(len(kinds))], "activity_date": "2026-03-10",
        "rep_id": "R1", "activity_type": kinds, "direction": "out", "is_automatic": False,
    }).assign(**changes)  # fmt: skip
    return table("activities").coerce(frame)


COURSE = make_history(
    ("A", "2026-01-05", "Lead", "R1", "2026-01-05"),
    ("A", "2026-01-15", "Offer", "R1", "2026-01-05"),
    ("A", "2026-02-01", "Offer", "R2", "2026-01-05"),
    ("A", "2026-02-14", "Won", "R2", "2026-01-05"),
    ("B", "2026-01-05", "Lead", "R1", "2025-06-01"),
    ("B", "2026-01-25", "Offer", "R1", "2025-06-01"),
)


def test_a_stay_counts_from_entry_to_end_where_both_were_seen() -> None:
    """Lead took 10 days and Offer 30; B was there before the records, and its Offer goes on."""
    stays = stage_stays(COURSE)
    assert stays["upper"].tolist() == [10.0, 30.0]
    assert stays["rep_id"].tolist() == ["R1", "R2"]
    assert stays["day"].dt.strftime("%m-%d").tolist() == ["01-15", "02-14"]


def test_hand_offs_count_changes_of_owner_and_a_creator_who_does_not_own() -> None:
    """A went from creator X to R1 to R2; B was created before the records and does not count."""
    deals = make_deals({"opportunity_id": "A", "owner_id": "R2", "creator_id": "X"},
                       {"opportunity_id": "B", "created_date": "2025-06-01"},
                       {"opportunity_id": "C"})  # fmt: skip
    found = hand_offs(deals, COURSE, AS_OF)
    assert found[["rep_id", "upper", "lower"]].to_numpy().tolist() == [["R2", 2.0, 1.0]]
    later = make_deals({"opportunity_id": "A", "close_date": "2026-05-01"})
    assert hand_offs(later, COURSE, AS_OF).empty


def test_work_without_a_customer_is_a_share_of_what_people_logged() -> None:
    """One task of four own entries; automatic and incoming ones are nobody's work."""
    logged = make_activities("task", "call", "email", "visit", "call", "call").assign(
        direction=["out"] * 5 + ["in"],
        is_automatic=pd.array([False] * 4 + [True, False], dtype="boolean"),
    )
    parts = process_parts(None, None, logged, AS_OF)
    assert parts["paperwork_share"][1][["upper", "lower"]].to_numpy().tolist() == [[1.0, 4.0]]


def test_what_nobody_records_is_not_known() -> None:
    """Without tasks on record, or a history, nothing is given: unknown is not zero."""
    assert process_parts(None, None, make_activities("call", "email"), AS_OF) == {}
    assert process_parts(make_deals({"opportunity_id": "A"}), None, None, AS_OF) == {}
    assert process_parts(None, COURSE.iloc[:0], None, AS_OF) == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_row_order_does_not_matter(seed: int) -> None:
    """Shuffled records give the same parts."""
    deals = make_deals({"opportunity_id": "A", "owner_id": "R2"})
    plain = process_parts(deals, COURSE, None, AS_OF)
    mixed = process_parts(deals, COURSE.sample(frac=1, random_state=seed), None, AS_OF)
    assert set(plain) == {"stage_days", "handoffs"}
    for name, (_, rows) in plain.items():
        pd.testing.assert_frame_equal(rows, mixed[name][1])
