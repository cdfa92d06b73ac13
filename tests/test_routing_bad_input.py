"""Bad leads and reps: routed to the catch-all with a reason or refused by name; none lost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.routing import Routing, replay
from planlib.tables import table
from tests.routing_frames import MONDAY, away, make_leads, make_reps, run

HOURS = st.one_of(st.none(), st.integers(-2000, 2000))
WORDS = st.sampled_from([None, "", " ", "Acme Ltd", "a@acme.com", "@", "France", "Retail", "=1+1"])
LEAD = st.fixed_dictionaries({
    "lead_id": st.sampled_from([None, "L-1", "L-2", "L-3", "L-4", "L-5", "L-6"]),
    "hours": HOURS, "company": WORDS, "email": WORDS, "country": WORDS, "industry": WORDS,
    "language": WORDS, "status": st.sampled_from([None, "New", "No show", "?"]),
    "time_zone": st.sampled_from([None, "Europe/London", "Mars/Base"]),
    "employees": st.sampled_from([None, -5, 0, 10**9]),
})  # fmt: skip


def as_leads(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Bring drawn rows into table ``leads``; hours count from a Monday."""
    frame = pd.DataFrame(rows, columns=["lead_id", "hours", "company", "email", "country",
                                        "industry", "language", "status", "time_zone",
                                        "employees"])  # fmt: skip
    at = MONDAY + pd.to_timedelta(pd.to_numeric(frame.pop("hours")), unit="h")
    return table("leads").coerce(frame.assign(created_at=at))


def check_complete(found: Routing, leads: pd.DataFrame) -> None:
    """Every row is decided once or refused; a decision has a rep or a reason for having none."""
    rows = found.decisions
    known = leads["lead_id"].dropna().drop_duplicates()
    assert sorted(rows["lead_id"]) == sorted(known)
    assert len(rows) + len(found.refused) == len(leads)
    assert found.refused["reason"].ne("").all()
    lost = rows["rep_id"].isna()
    assert rows.loc[lost, "outcome"].eq("catch_all").all()
    assert rows.loc[~lost, "outcome"].isin(["assigned", "kept"]).all()
    assert rows["reason"].str.len().gt(10).all()
    assert replay(found).empty


@settings(max_examples=15, deadline=None)
@given(st.lists(LEAD, max_size=12), st.sampled_from(["round_robin", "thompson", "least_loaded"]))
def test_no_lead_is_lost_or_doubled_however_bad_the_rows(rows, policy):
    """Random blanks, repeats, odd zones, far past and future: one decision or one refusal each."""
    leads = as_leads(rows)
    reps = make_reps(2, skills=["Retail", None], languages=[None, "French"])
    first = run(policy, leads, reps)
    check_complete(first, leads)
    again = run(policy, leads, reps, earlier=first.decisions, state=first.state)
    check_complete(again, leads)


def test_leads_of_a_territory_without_reps_go_on_to_the_policy():
    """The territory is named in the trace; the lead has a rep."""
    accounts = table("accounts").coerce(pd.DataFrame({
        "account_id": ["A-1"], "name": ["Acme"], "country": ["United Kingdom"], "region": ["UK"],
    }))  # fmt: skip
    found = run(leads=make_leads(2), reps=make_reps(2, region="DE"), tables={"accounts": accounts})
    assert found.decisions["territory"].tolist() == ["UK", "UK"]
    assert found.decisions["rule"].tolist() == ["policy", "policy"]


def test_all_reps_absent_is_said_for_each_lead():
    """Catch-all with how long was waited, and every lead once."""
    gone = pd.concat([away(f"R-{at}", "2026-02-20", "2026-03-20") for at in range(3)])
    found = run(leads=make_leads(3), tables={"availability": gone})
    check_complete(found, make_leads(3))
    assert found.decisions["reason"].str.contains("within 72 hours: away").all()


def test_missing_holidays_are_named():
    """No table, no rows of a rep's calendar, and reps without a calendar: three sentences."""
    none = run(reps=make_reps(2, calendar="GB"))
    assert "no table holidays: only weekends are off" in none.findings
    other = table("holidays").coerce(pd.DataFrame({
        "calendar": ["DE"], "holiday_date": [pd.Timestamp("2026-05-01")], "is_workday": [False],
    }))  # fmt: skip
    some = run(reps=make_reps(2, calendar=["GB", None]), tables={"holidays": other})
    assert "no holidays for calendar GB: only weekends are off" in some.findings
    assert any("1 reps name no holiday calendar" in one for one in some.findings)


@pytest.mark.parametrize(("zone", "source"), [(None, "country"), ("Mars/Base", "country")])
def test_a_zone_that_nobody_knows_counts_as_missing(zone, source):
    """The place of the lead stands in, and it is flagged."""
    found = run(leads=make_leads(1, time_zone=zone))
    assert found.decisions["zone_source"].tolist() == [source]
    assert found.decisions["time_zone"].tolist() == ["Europe/London"]


def test_a_lead_from_the_future_waits_in_the_catch_all():
    """It is not given to anybody, and the as-of date is named."""
    found = run(leads=make_leads(1, created_at=pd.Timestamp("2026-05-01")))
    assert found.decisions["outcome"].tolist() == ["catch_all"]
    assert "created after the as-of date 2026-03-31" in found.decisions["reason"][0]
