"""Tests of the past as it was known: nothing rebuilt, nothing from later."""

from __future__ import annotations

from datetime import date

from planlib.forecast.arrivals import LateDeals
from planlib.forecast.window import sum_points
from tests.forecast_frames import AS_OF, inputs, make_past
from tests.pipeline_frames import deal, make_deals, make_history, seen

OLD = {"created": "2025-06-01"}


def rows_at(found, week: int, period: str = "2025Q4"):
    """Give the rows of one week of a past period by deal."""
    at = next(
        at for at, p in enumerate(found.panel.points) if p.period.name == period and p.week == week
    )
    return found.panel.rows.iloc[found.panel.span(at)].set_index("opportunity_id"), at


def test_reconstructed_states_are_not_part_of_the_past():
    """Without snapshots the as-of date is the only point, whatever created and closed dates say."""
    found = inputs(make_deals(deal("a", **OLD), deal("b", "won", 5, "2025-08-01", **OLD)))
    assert [point.day for point in found.panel.points] == [AS_OF]
    assert found.panel.skipped == {"2025Q1": 14, "2025Q2": 14, "2025Q3": 14, "2025Q4": 14,
                                   "2026Q1": 6}  # fmt: skip


def test_a_row_holds_what_was_known_and_what_came_of_it():
    """Amount, close date and stage are those of the day; the outcome is from the deals table."""
    found = inputs(
        make_deals(deal("a", "won", 90, "2025-11-20", stage="Closed", **OLD)),
        make_history(seen("2025-10-07", "a", "open", 100, "2025-12-15", stage="Offer", **OLD)),
    )
    rows, _ = rows_at(found, 1)
    row = rows.loc["a"]
    assert (row["cents"], row["stage"], row["won_cents"], row["is_won"]) == (
        10000, "Offer", 9000, True,
    )  # fmt: skip
    assert (row["due_days"], row["end_in_days"], row["left_days"]) == (69, 44, 85)


def test_a_deal_won_after_the_period_is_not_a_win_of_the_period():
    """A deal that closed in January did not close in the quarter before."""
    found = inputs(
        make_deals(deal("a", "won", 90, "2026-01-20", **OLD)),
        make_history(seen("2025-12-23", "a", "open", 100, "2025-12-30", **OLD)),
    )
    rows, _ = rows_at(found, 12)
    assert not rows.loc["a", "is_won"]
    assert rows.loc["a", "won_cents"] == 0


def test_pushes_are_those_seen_until_the_day():
    """A close date that moved later counts from the day it was seen on, an earlier one never."""
    history = make_history(
        seen("2025-10-07", "a", close="2025-11-01", **OLD),
        seen("2025-10-14", "a", close="2025-12-01", **OLD),
        seen("2025-10-21", "a", close="2025-11-20", **OLD),
        seen("2025-10-28", "a", close="2025-12-20", **OLD),
    )
    found = inputs(make_deals(deal("a", push_count=9, **OLD)), history)
    counts = [rows_at(found, week)[0].loc["a", "push_count"] for week in (1, 2, 3, 4)]
    assert counts == [0, 1, 1, 2]


def test_sums_split_the_final_amount_into_before_and_later():
    """At every week, won before and won later add up to what the period closed at."""
    found = inputs(*make_past(quarters=1))
    sums = sum_points(found.panel)
    for at, point in enumerate(found.panel.points):
        both = sums.before_cents[at] + sums.later_cents[at]
        assert (both == sums.final_cents[point.number]).all()


def test_deals_to_come_are_those_the_scope_did_not_hold():
    """Won deals that were created later, or moved into the period later, are told apart."""
    history = make_history(
        seen("2025-10-07", "held", close="2025-12-01", **OLD),
        seen("2025-10-07", "moved", close="2026-02-01", **OLD),
    )
    won = [deal(key, "won", 10, "2025-12-05", **OLD) for key in ("held", "moved")]
    won.append(deal("new", "won", 10, "2025-12-05", created="2025-11-01"))
    found = inputs(make_deals(*won), history)
    _, at = rows_at(found, 1)
    late = LateDeals(found.panel)
    names = found.panel.sold["opportunity_id"]
    assert names.take(late.outside(at, "open")).tolist() == ["new"]
    assert names.take(late.outside(at, "in_period")).tolist() == ["moved", "new"]


def test_order_of_rows_does_not_matter():
    """Shuffled tables give the same rows."""
    opportunities, history = make_past(quarters=1)
    plain = inputs(opportunities, history).panel.rows
    mixed = inputs(opportunities.iloc[::-1], history.sample(frac=1, random_state=1)).panel.rows
    assert mixed.equals(plain)


def test_a_deal_deleted_since_did_not_win():
    """A deal that only a snapshot knows is a deal that came to nothing."""
    found = inputs(
        make_deals(deal("a", **OLD)),
        make_history(seen("2025-10-07", "gone", **OLD), seen("2025-10-07", "a", **OLD)),
        as_of=date(2026, 2, 8),
    )
    rows, _ = rows_at(found, 1)
    assert not rows.loc["gone", "is_won"]
