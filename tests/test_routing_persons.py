"""The same person gets the same rep, within a batch, from batch to batch, and as the CRM has it."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.routing.persons import link_persons, person_keys
from tests.routing_frames import make_leads, run

REPS = pd.Series(["R-0", "R-1"])


def make_known(lead_id: str, day: str, rep: str, email: str = "ann@firm.com") -> pd.DataFrame:
    """One lead that is decided already."""
    return pd.DataFrame({
        "lead_id": [lead_id], "created_at": [pd.Timestamp(day)], "rep_id": [rep],
        "person_key": person_keys(pd.Series([email])),
    })  # fmt: skip


def make_batch(*emails: str | None) -> pd.DataFrame:
    """Leads of one morning with these addresses."""
    leads = make_leads(len(emails), email=list(emails))
    return leads.assign(person_key=person_keys(leads["email"]))


def test_a_key_knows_the_person_and_not_the_address():
    """Case and spaces do not matter; no address, no key."""
    keys = person_keys(pd.Series([" Ann@Firm.com", "ann@firm.com", "bob@firm.com", "", None]))
    assert keys[0] == keys[1] != keys[2]
    assert keys[3:].isna().all()
    assert not keys.str.contains("ann").any()


@pytest.mark.parametrize(("known", "same_as", "same_rep"), [
    (make_known("L-9", "2026-02-20", "R-1"), ["L-9", "L-9"], ["R-1", "R-1"]),
    (make_known("L-9", "2026-01-20", "R-1"), [None, "L-000"], [None, None]),
    (make_known("L-9", "2026-02-20", "R-7"), ["L-9", "L-000"], [None, None]),
    (make_known("L-9", "2026-02-20", "R-1", "bob@firm.com"), [None, "L-000"], [None, None]),
    (make_known("L-9", "2026-03-20", "R-1"), [None, "L-000"], [None, None]),
], ids=["known", "too long ago", "rep who gets no leads", "another person", "later"])  # fmt: skip
def test_a_settled_lead_counts_before_one_of_the_batch(known, same_as, same_rep):
    """The latest earlier lead with a rep, within the days and of a rep who gets leads."""
    found = link_persons(make_batch("Ann@firm.com", "ann@firm.com"), known, REPS, 30)
    found = found.astype("object").where(found.notna(), None)
    assert found["same_as"].tolist() == same_as
    assert found["same_rep"].tolist() == same_rep


def test_the_next_batch_gives_a_person_the_same_rep():
    """Turns would give R-1; the person of an earlier run goes to R-0 again, whatever the file."""
    first = run(leads=make_leads(1, email="ann@firm.com"))
    later = make_leads(2, email=["bob@firm.com", " Ann@firm.com"]).assign(lead_id=["M-0", "M-1"])
    second = run(leads=later, earlier=first.decisions, state=first.state).decisions
    assert second["rep_id"].tolist() == ["R-1", "R-0"]
    assert second["rule"].tolist() == ["policy", "same_person"]
    assert second["same_as"][1] == "L-000"


def test_the_owner_in_the_crm_keeps_the_person():
    """A past lead that its owner in the CRM holds leads the next one to the same rep."""
    past = make_leads(2, email=["ann@firm.com", "eve@firm.com"], owner_id=["R-2", "SDR-1"])
    leads = make_leads(2, email=["ann@firm.com", "eve@firm.com"]).assign(
        lead_id=["M-0", "M-1"], created_at=pd.Timestamp("2026-03-10 10:00")
    )
    found = run(leads=leads, past=past).decisions
    assert found["rep_id"].tolist() == ["R-2", "R-0"]
    assert found["rule"].tolist() == ["same_person", "policy"]
