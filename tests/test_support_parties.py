"""Tests of whom projects ask for support, how soon they answer, and what is in place in time."""

from datetime import date
from typing import Any

import pandas as pd

from planlib.periods import FiscalYear
from planlib.settings.support import SupportSettings
from planlib.support import plan_support
from planlib.support.parties import ALL, NOT_SAID, support_parties
from planlib.tables import table

AS_OF = date(2026, 3, 31)
CLOSED = pd.DataFrame({"project_id": ["P1", "P2"], "is_won": [True, False]})


def parties(*rows: dict[str, Any], step: int = 1) -> pd.DataFrame:
    """Sum requests; a row gives what differs from one served within two working days."""
    base = {"support_line": "solution", "status": "served", "requested_date": "2026-01-05",
            "answered_date": "2026-01-07", "needed_from": "2026-02-02"}  # fmt: skip
    given = [{"request_id": f"S{at}", **base, **row} for at, row in enumerate(rows)]
    asked = table("support_requests").coerce(pd.DataFrame(given))[::step]
    return support_parties(asked, CLOSED, SupportSettings(), AS_OF)


def of(found: pd.DataFrame, party: str, period: str = ALL) -> pd.Series:
    """Give the row of a party and period."""
    return found.set_index(["support_line", "period"]).loc[(party, period)]


def test_every_party_that_is_asked_has_a_row_and_the_parties_sum_to_all():
    """Nobody asked top management: no row; the shares of who is not due yet are not known."""
    found = parties({}, {"support_line": "test", "needed_from": None}, {"support_line": None})
    assert found["support_line"].unique().tolist() == [ALL, "solution", "test", NOT_SAID]
    single = found[(found["support_line"] != ALL) & (found["period"] == ALL)]
    assert single["request_count"].sum() == of(found, ALL)["request_count"] == 3
    assert of(found, "test")[["in_place_share", "low"]].isna().all()


def test_parties_that_nobody_asked_are_named_in_a_sentence():
    """Two of six are asked, four are named; without any party named nothing is said."""
    rows = [{"request_id": f"S{at}", "project_id": "P1", "support_line": line, "skill": "Pumps",
             "status": "served"} for at, line in enumerate(["solution", "test"])]  # fmt: skip
    asked = table("support_requests").coerce(pd.DataFrame(rows))
    blank = pd.DataFrame(columns=["project_id", "opportunity_id", "account_id", "name",
                                  "margin_amount", "win_probability"])  # fmt: skip
    closed = CLOSED.assign(lane="large", loss_cause=None)
    found = plan_support(blank, SupportSettings(), AS_OF, closed=closed, support_requests=asked)
    said = found.cautions["parties that nobody asked"]
    assert said.startswith("no request asks for top management, delivery, product, expert, so")
    quiet = asked.assign(support_line=None)
    found = plan_support(blank, SupportSettings(), AS_OF, closed=closed, support_requests=quiet)
    assert "parties that nobody asked" not in found.cautions


def test_in_place_is_served_and_answered_by_the_day_needed():
    """Too late, refused and not answered are not in place; days to come and blanks do not count."""
    found = parties(
        {},
        {"answered_date": "2026-02-03"},
        {"status": "refused"},
        {"status": "open", "answered_date": None},
        {"needed_from": "2026-04-20"},
        {"needed_from": None},
        {"answered_date": None},
        {"status": "withdrawn"},
    )
    row = of(found, ALL)
    assert (row["in_place_count"], row["due_count"], row["in_place_share"]) == (1, 4, 0.25)
    assert row["low"] < 0.25 < row["high"]
    assert row["request_count"] == 7


def test_answers_are_counted_in_working_days_and_the_unanswered_as_waiting():
    """Monday to Wednesday is two days; Friday to Monday one; an open one is late by now."""
    found = parties(
        {}, {"requested_date": "2026-01-09", "answered_date": "2026-01-12"},
        {"status": "open", "answered_date": None},
    )  # fmt: skip
    row = of(found, "solution")
    assert row["answer_days"] == 1.5
    assert (row["answered_count"], row["judged_count"]) == (2, 3)
    assert row["in_time_share"] == 2 / 3


def test_what_may_still_wait_is_not_in_time_yet():
    """Asked the day before: neither late nor answered; served without a day: not known."""
    found = parties(
        {}, {"status": "open", "requested_date": "2026-03-30", "answered_date": None},
        {"answered_date": None},
    )  # fmt: skip
    row = of(found, ALL)
    assert (row["request_count"], row["judged_count"], row["in_time_share"]) == (3, 1, 1.0)


def test_outcomes_are_those_of_closed_projects_that_were_served():
    """Won and lost with support; a refused request of a won project counts on neither side."""
    found = parties({"project_id": "P1"}, {"project_id": "P2"}, {"project_id": "P9"},
                    {"project_id": "P1", "status": "refused"})  # fmt: skip
    assert of(found, ALL)[["won_count", "lost_count"]].tolist() == [1, 1]


def test_quarters_sum_to_all_in_any_order_of_rows():
    """The quarters of the requests show whether support comes in time more often than before."""
    rows = ({}, {"requested_date": "2025-11-03", "answered_date": "2025-11-05"},
            {"status": "refused"})  # fmt: skip
    found = parties(*rows)
    quarters = found[found["period"] != ALL]
    assert quarters["period"].tolist() == ["2025Q4", "2026Q1"]
    assert quarters["request_count"].sum() == 3
    pd.testing.assert_frame_equal(found, parties(*rows, step=-1))
    assert support_parties(None, CLOSED, SupportSettings(), AS_OF).empty


def test_quarters_are_those_of_the_fiscal_year():
    """With a year from February, January belongs to the fourth quarter of the year before."""
    rows = [{"request_id": f"S{at}", "skill": "Pumps", "status": "served", "requested_date": day}
            for at, day in enumerate(["2026-01-30", "2026-02-02", "2026-04-30"])]  # fmt: skip
    asked = table("support_requests").coerce(pd.DataFrame(rows))
    year = FiscalYear(start_month=2, named_by="start")
    found = support_parties(asked, CLOSED, SupportSettings(), AS_OF, fiscal_year=year)
    counts = found.set_index("period")["request_count"].drop(ALL).to_dict()
    assert counts == {"2025Q4": 1, "2026Q1": 2}
