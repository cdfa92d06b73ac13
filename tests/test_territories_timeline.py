"""Owners by day: replay of decisions, shares of days, quota, leavers."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.tables import table
from planlib.territories.timeline import ProRata, pro_rata

START, END = datetime.date(2026, 1, 1), datetime.date(2026, 4, 10)  # 100 days


def make_plan(**changes: object) -> pd.DataFrame:
    """Make three accounts of two reps."""
    frame = pd.DataFrame({
        "account_id": ["A-1", "A-2", "A-3"], "rep_id": ["R-1", "R-2", "R-2"],
        "previous_rep_id": ["R-1", "R-1", None], "acv": [1000.0, 200.0, 300.0],
        "potential": [10.0, 30.0, 10.0],
    })  # fmt: skip
    return frame.assign(**changes)


def make_decisions(*rows: dict[str, object]) -> pd.DataFrame:
    """Make decisions that an account must go to a rep."""
    full = [
        {"decision_id": f"D-{at}", "account_id": "A-1", "rep_id": "R-2", "rule": "must",
         "who": "Mia", "why": "x", "when": "2026-01-01", "effective_from": None,
         "effective_to": None, "supersedes": None, **row}
        for at, row in enumerate(rows, start=1)
    ]  # fmt: skip
    return table("override_territories").coerce(pd.DataFrame(full))


def run(plan: pd.DataFrame | None = None, decisions: pd.DataFrame | None = None, **more) -> ProRata:
    """Replay the hundred days."""
    return pro_rata(make_plan() if plan is None else plan, decisions, start=START, end=END, **more)


def days_of(found: ProRata, account: str) -> list[tuple[object, int]]:
    """Give the owners of an account in turn, with their days."""
    own = found.stretches[found.stretches["account_id"].eq(account)]
    return [(rep if isinstance(rep, str) else None, int(days))
            for rep, days in zip(own["rep_id"], own["day_count"], strict=True)]  # fmt: skip


def test_without_decisions_the_plan_holds_all_the_time():
    """One stretch per account, with its whole ACV."""
    found = run()
    assert found.stretches["day_share"].eq(1.0).all()
    assert found.stretches["acv"].tolist() == [1000.0, 200.0, 300.0]
    table("territory_pro_rata").check(found.stretches)


def test_stretches_cover_the_period_and_hand_out_everything():
    """No gap, no overlap; days, ACV and quota of each account add up to the whole."""
    decisions = make_decisions(
        {"effective_from": "2026-02-01", "effective_to": "2026-02-28"},
        {"account_id": "A-2", "rep_id": "R-3", "effective_from": "2026-03-15"},
    )
    reps = pd.DataFrame({"rep_id": ["R-1", "R-2", "R-3"], "quota": [365.25, 730.5, None]})
    found = run(decisions=decisions, effective=datetime.date(2026, 1, 11), reps=reps)
    for account, own in found.stretches.groupby("account_id"):
        assert own["from_date"].min() == pd.Timestamp(START), account
        assert own["to_date"].max() == pd.Timestamp(END)
        later = own["from_date"].iloc[1:].to_numpy()
        assert (later == (own["to_date"].iloc[:-1] + pd.Timedelta(days=1)).to_numpy()).all()
        assert own["day_share"].sum() == pytest.approx(1.0)
    assert found.stretches["acv"].sum() == pytest.approx(1500.0)
    assert found.stretches["quota"].sum() == pytest.approx(100 + 200)


def test_the_plan_begins_on_its_day():
    """Before it the owners of the time before hold; an account may have had none."""
    found = run(effective=datetime.date(2026, 1, 11))
    assert days_of(found, "A-1") == [("R-1", 10), ("R-1", 90)]
    assert days_of(found, "A-2") == [("R-1", 10), ("R-2", 90)]
    assert days_of(found, "A-3") == [(None, 10), ("R-2", 90)]


def test_a_decision_holds_from_its_first_to_its_last_day():
    """Both included; afterwards the plan holds again; ACV goes by days."""
    decisions = make_decisions({"effective_from": "2026-01-11", "effective_to": "2026-01-30"})
    found = run(decisions=decisions)
    assert days_of(found, "A-1") == [("R-1", 10), ("R-2", 20), ("R-1", 70)]
    shares = found.by_rep().set_index("rep_id")
    assert shares.loc["R-1", "acv"] == pytest.approx(800.0)
    assert shares.loc["R-2", "acv"] == pytest.approx(200.0 + 500.0)


def test_a_decision_ends_when_the_one_that_replaces_it_begins():
    """Superseded decisions hold until then, not longer, in any order of rows."""
    decisions = make_decisions(
        {"effective_from": "2026-01-11"},
        {"rep_id": "R-3", "when": "2026-01-02", "effective_from": "2026-01-21",
         "effective_to": "2026-01-30", "supersedes": "D-1"},
    )  # fmt: skip
    for order in (decisions, decisions.iloc[::-1]):
        assert days_of(run(decisions=order), "A-1") == [
            ("R-1", 10), ("R-2", 10), ("R-3", 10), ("R-1", 70),
        ]  # fmt: skip


def test_of_two_decisions_on_a_day_the_later_one_counts():
    """Later by day of decision, then by id."""
    decisions = make_decisions({"rep_id": "R-2"}, {"rep_id": "R-3", "when": "2026-01-03"})
    assert days_of(run(decisions=decisions), "A-1") == [("R-2", 2), ("R-3", 98)]


def test_a_leaver_owns_nothing_after_the_last_day():
    """Nobody owns the account then, unless a decision names somebody."""
    reps = pd.DataFrame(
        {"rep_id": ["R-1", "R-2"], "leave_date": [pd.Timestamp("2026-01-10"), None]}
    )
    assert days_of(run(reps=reps), "A-1") == [("R-1", 10), (None, 90)]
    decisions = make_decisions({"effective_from": "2026-01-21"})
    assert days_of(run(reps=reps, decisions=decisions), "A-1") == [
        ("R-1", 10), (None, 10), ("R-2", 80),
    ]  # fmt: skip


def test_a_bar_leaves_the_account_and_says_so():
    """The owner stays until somebody else is named."""
    decisions = make_decisions({"rep_id": "R-1", "rule": "must_not"})
    found = run(decisions=decisions)
    assert days_of(found, "A-1") == [("R-1", 100)]
    assert "bars R-1" in found.stretches.loc[0, "cause"]


def test_decisions_on_unknown_accounts_are_named():
    """They change nothing."""
    found = run(decisions=make_decisions({"account_id": "A-9"}))
    assert found.notes == ("decision D-1: account A-9 is not in the plan",)


def test_given_quotas_are_used():
    """A quota per account goes by days; accounts without one are NA."""
    decisions = make_decisions({"effective_from": "2026-01-11", "effective_to": "2026-01-30"})
    found = run(decisions=decisions, account_quotas={"A-1": 50.0})
    own = found.stretches[found.stretches["account_id"].eq("A-1")]
    assert own["quota"].tolist() == pytest.approx([5.0, 10.0, 35.0])
    assert found.stretches.loc[found.stretches["account_id"].eq("A-2"), "quota"].isna().all()


def test_a_period_that_ends_before_it_starts_is_refused():
    """The message has both days."""
    with pytest.raises(ParameterError, match="ends on 2026-01-01 before it starts on 2026-04-10"):
        pro_rata(make_plan(), None, start=END, end=START)


def test_what_open_seats_hold_is_said() -> None:
    """Their days count, and a note says that nobody works the accounts yet."""
    reps = pd.DataFrame({"rep_id": ["R-1", "R-2"], "is_open_seat": [False, True]})
    assert run(reps=reps).notes == (
        "2 accounts with 1 open seat: nobody works them until the seat is filled",
    )
    assert run(reps=reps.assign(is_open_seat=False)).notes == ()
