"""Prospecting: right buyer, right information, right time, and whether prospects are worked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.tables import table
from planlib.team import ChannelInputs
from planlib.team.prospecting import ALIKE, ALL, LOWER, ask_prospecting, prospecting_notes
from tests.structure_frames import AS_OF, channel_rules

COUNT = 120


def make_inputs(**changes: Any) -> ChannelInputs:
    """Give 120 accounts of two segments: Small has few buyers on record, Large has many."""
    ids = [f"A{at:03d}" for at in range(COUNT)]
    segment = ["Large" if at < COUNT // 2 else "Small" for at in range(COUNT)]
    known = [at % 10 < (8 if one == "Large" else 2) for at, one in enumerate(segment)]
    owned = [one for one, is_known in zip(ids, known, strict=True) if is_known]
    leads = pd.DataFrame({
        "lead_id": [f"L{at}" for at in range(80)], "account_id": [*ids[:40], *ids[60:100]],
        "created_at": pd.Timestamp("2026-01-10 09:00"),
        "first_response_at": [pd.Timestamp("2026-01-10 12:00") if at % 2 else
                              pd.Timestamp("2026-01-13 12:00") for at in range(80)],
    })  # fmt: skip
    tables: dict[str, Any] = {
        "segments": pd.DataFrame({"account_id": ids, "segment": segment,
                                  "is_customer": [at % 2 == 0 for at in range(COUNT)]}),
        "contacts": pd.DataFrame({
            "contact_id": [f"C{one}" for one in owned], "account_id": owned, "title": "CEO",
            "email": ["x@y.z" if at % 2 else None for at in range(len(owned))],
            "is_active": True,
        }),
        "leads": leads,
        "activities": pd.DataFrame({
            "account_id": ids[1:41:2], "activity_date": pd.Timestamp("2026-02-01"),
            "direction": "out", "activity_type": "call", "is_automatic": False,
        }),
    }  # fmt: skip
    return ChannelInputs(**{**tables, **changes})


def asked(inputs: ChannelInputs, **settings: Any) -> pd.DataFrame:
    """Ask, and give the answers by segment and question."""
    found = ask_prospecting(inputs, channel_rules(**settings), AS_OF)
    return table("channel_prospecting").check(found).set_index(["segment", "question"])


def test_each_share_has_its_denominator() -> None:
    """Accounts with a buyer, buyers with an address, leads within a day, prospects reached."""
    found = asked(make_inputs())
    assert found.loc[("Large", "buyer_known"), "value"] == pytest.approx(0.8)
    assert found.loc[("Small", "buyer_known"), "value"] == pytest.approx(0.2)
    assert found.loc[(ALL, "buyer_known"), ["value", "count"]].tolist() == [0.5, COUNT]
    assert found.loc[(ALL, "buyer_reachable"), ["value", "count"]].tolist() == [0.5, 60]
    assert found.loc[(ALL, "answered_in_time"), ["value", "count"]].tolist() == [0.5, 80]
    assert found.loc[(ALL, "prospects_worked"), "count"] == 60
    assert found.loc[("Large", "prospects_worked"), "value"] == pytest.approx(20 / 30)


def test_a_difference_beyond_chance_is_named_and_others_are_not() -> None:
    """Small is behind in buyers and in work on prospects, alike in answers."""
    found = asked(make_inputs())
    assert found.loc[("Small", "buyer_known"), "verdict"] == LOWER
    assert found.loc[("Small", "prospects_worked"), "verdict"] == LOWER
    assert found.loc[("Small", "answered_in_time"), "verdict"] == ALIKE
    few = asked(make_inputs(), minimum_cases=500)
    assert few.loc[("Small", "buyer_known"), "verdict"] == "too few cases for a conclusion"
    notes = prospecting_notes(found.reset_index(), channel_rules())
    text = "\n".join(note for _, _, note in notes)
    assert ("50 % of 120 accounts have a known contact who decides. Lower than elsewhere in Small "
            "(20 % against 80 %)." in text)  # fmt: skip


def test_leads_without_an_account_are_no_other_segment() -> None:
    """Unmatched leads count in the whole alone: slow answers to them make no segment better."""
    plain = make_inputs()
    assert plain.leads is not None
    slow = plain.leads.assign(account_id=None, first_response_at=pd.Timestamp("2026-01-20"))
    found = asked(make_inputs(leads=pd.concat([plain.leads, slow])))
    assert found.loc[(ALL, "answered_in_time"), ["value", "count"]].tolist() == [0.25, 160]
    assert found.loc[(ALL, "answered_in_time"), "verdict"] == "all, 80 of them without a segment"
    notes = [note for _, _, note in prospecting_notes(found.reset_index(), channel_rules())]
    assert any(
        "With a known segment: 50 % of 80; without a known segment: 0 % of 80." in note
        for note in notes
    )
    assert found.loc[("Large", "answered_in_time"), "others_value"] == pytest.approx(0.5)
    assert found.loc[("Large", "answered_in_time"), "verdict"] == ALIKE


def test_people_who_left_and_hours_that_are_not_over_do_not_count() -> None:
    """A contact who is gone is no buyer; a lead of the last hours is not late yet."""
    plain = make_inputs()
    assert plain.contacts is not None
    assert plain.leads is not None
    gone = asked(make_inputs(contacts=plain.contacts.assign(is_active=False)))
    assert gone.loc[(ALL, "buyer_known"), "value"] == 0.0
    fresh = plain.leads.assign(created_at=pd.Timestamp(AS_OF) + pd.Timedelta(hours=12))
    late = asked(make_inputs(leads=pd.concat([plain.leads, fresh])))
    assert late.loc[(ALL, "answered_in_time"), "count"] == 80


@pytest.mark.parametrize(
    ("missing", "question"),
    [("contacts", "buyer_known"), ("contacts", "buyer_reachable"), ("leads", "answered_in_time"),
     ("activities", "prospects_worked"), ("segments", "prospects_worked")],
)  # fmt: skip
def test_a_missing_table_is_named_and_never_zero(missing: str, question: str) -> None:
    """The question stays, blank, and says what it needs; the others are answered."""
    found = asked(make_inputs(**{missing: None}))
    row = found.loc[(ALL, question)]
    assert pd.isna(row["value"])
    assert row["verdict"].startswith("not known: needs table")
    notes = prospecting_notes(found.reset_index(), channel_rules())
    named = [topic for kind, topic, _ in notes if kind == "missing"]
    assert f"prospecting, {question.replace('_', ' ')}" in named


def test_unmarked_customers_leave_prospects_unknown() -> None:
    """Where nobody is a customer, nothing tells prospects: no share of all accounts is given."""
    plain = make_inputs()
    assert plain.segments is not None
    found = asked(make_inputs(segments=plain.segments.assign(is_customer=False)))
    assert pd.isna(found.loc[(ALL, "prospects_worked"), "value"])
