"""Events rehearsed on a plan: what is asked, else an example, and nothing where nobody can go."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.tables import table
from planlib.territories import Alignment, Rehearsal, rehearse
from tests.territory_frames import AS_OF, make_accounts, make_reps, make_settings, run

SETTINGS = make_settings(tolerance=0.5)


@cache
def in_force() -> Alignment:
    """Give the plan in force, solved once."""
    return run(settings=SETTINGS)


def tried(**asked: object) -> Rehearsal:
    """Rehearse on the small market."""
    return rehearse(in_force(), make_accounts(), make_reps(), SETTINGS, as_of=AS_OF, **asked)  # type: ignore[arg-type]


def test_without_a_wish_the_rep_with_most_acv_leaves_and_a_seat_is_carved() -> None:
    """The example is a leaver and one seat out of the two fullest territories."""
    plan = in_force().plan
    top = plan.groupby("rep_id")["acv"].sum().idxmax()
    leaver, seat = tried().events
    assert set(leaver.moved["old_rep_id"]) == {top}
    assert len(leaver.moved) == plan["rep_id"].eq(top).sum()
    assert "1 new seat " in seat.name
    assert set(seat.moved["new_rep_id"]) == {"SEAT-1"}


def test_what_is_asked_for_is_what_is_tried() -> None:
    """A named leaver alone, seats from a named rep, and a scope; nothing else."""
    (leaver,) = tried(leavers=["R-2"]).events
    assert leaver.name == "Bo (R-2) leaves"
    (seats,) = tried(new_seats=2, seats_from=["R-1"]).events
    assert seats.name == "2 new seats out of Ana (R-1)"
    (again,) = tried(scope=["A-000", "A-001"]).events
    assert set(again.moved["account_id"]) <= {"A-000", "A-001"}


def test_the_summary_adds_up_the_moves() -> None:
    """Accounts, ACV and takers of the summary are those of the list of moves."""
    found = tried(leavers=["R-2"])
    row, moved = found.summary.iloc[0], found.moved
    assert row["account_count"] == len(moved)
    assert row["acv"] == pytest.approx(moved["acv"].sum())
    assert row["taker_count"] == moved["new_rep_name"].nunique()
    assert moved["acv"].is_monotonic_decreasing


def test_an_event_becomes_decisions() -> None:
    """Its moves, as decisions of kind territories that begin on its day."""
    (event,) = tried(leavers=["R-2"]).events
    rows = event.decisions
    assert dict(zip(rows["account_id"], rows["rep_id"], strict=True)) == dict(
        zip(event.moved["account_id"], event.moved["new_rep_id"], strict=True)
    )
    assert rows["rule"].eq("must").all()
    assert rows["effective_from"].eq(pd.Timestamp(AS_OF)).all()
    assert set(rows) <= set(table("override_territories").by_name)


def test_where_nobody_can_hand_over_nothing_is_tried() -> None:
    """Without reps, and where one rep is alone and owns nothing, there is no event."""
    nobody = run(make_accounts(), make_reps().iloc[:0], SETTINGS)
    empty = rehearse(nobody, make_accounts(), make_reps().iloc[:0], SETTINGS, as_of=AS_OF)
    assert empty.events == ()
    assert empty.summary.empty
    assert empty.moved.empty


def test_an_unknown_leaver_is_named() -> None:
    """A rep who is not in the list is an error that says so."""
    with pytest.raises(ParameterError, match="'R-9' is not in reps"):
        tried(leavers=["R-9"])
