"""Tests of coverage, credit ledger, roll-ups, duties and boundary of the lines."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.errors import SettingsError
from planlib.key_accounts import review_lines
from planlib.key_accounts.coverage import chains, check_lines, cover_accounts, director_ids
from planlib.key_accounts.ledger import (
    OUTSIDE,
    credit_bridge,
    credit_ledger,
    credit_periods,
    roll_up_credit,
)
from planlib.periods import Period
from planlib.plan import Plan
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.settings.key_accounts import KeyAccountsSettings
from tests.key_account_frames import AS_OF, all_key, make, make_accounts, make_people

Q1 = Period.parse("2026Q1")
SETTINGS = KeyAccountLinesSettings()


def cover(people: pd.DataFrame | None, accounts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cover all accounts as key accounts, by account."""
    own = make_accounts() if accounts is None else accounts
    return cover_accounts(own, all_key(own), SETTINGS, AS_OF, reps=people).set_index("account_id")


def test_owner_manager_and_director_of_each_key_account():
    """Local rep, branch manager and functional lead stand in the row; gaps are named."""
    found = cover(make_people())
    assert found.loc["KA", ["owner_id", "manager_id", "director_id"]].tolist() == ["A", "M1", "D"]
    assert found.loc["KA", "gap_count"] == 0
    assert found.loc["KB", "gaps"] == "director is of another region"
    assert found.loc["KC", "gaps"] == "owner has left; nobody leads functionally"


def test_the_owner_in_the_territory_plan_stands_beside_the_one_of_today():
    """Gaps are those of today; without a plan the column is blank."""
    own = make_accounts().assign(owner_id=None)
    plan = pd.DataFrame({"account_id": ["KA"], "rep_id": ["B"]})
    found = cover_accounts(
        own, all_key(own), SETTINGS, AS_OF, reps=make_people(), territory_plan=plan
    ).set_index("account_id")  # fmt: skip
    assert found.loc["KA", ["planned_owner_id", "gaps"]].tolist() == ["B", "no owner"]
    assert pd.isna(found.loc["KB", "planned_owner_id"])
    assert cover(make_people())["planned_owner_id"].isna().all()


def test_gaps_of_owners_are_named():
    """No owner, an owner nobody knows, and a director who owns the account."""
    accounts = make_accounts("ABC").assign(owner_id=[None, "X", "D"], region="North")
    found = cover(make_people(), accounts)
    assert found.loc["KA", "gaps"] == "no owner"
    assert found.loc["KA", "director_origin"] == "region"
    assert found.loc["KB", "gaps"] == "owner is not in table reps"
    assert "director owns the account" in found.loc["KC", "gaps"]


@pytest.mark.parametrize(("region", "effect"), [("North", "is a gap"), ("West", "filling the gap")])
def test_an_account_that_a_director_owns_is_a_finding(region: str, effect: str):
    """A key account is named with what it counts as, others by their number."""
    accounts = make_accounts("ABC").assign(owner_id=["A", "D", "D"])
    accounts["region"] = ["North", region, region]
    listed = all_key(accounts).iloc[:2]
    found = review_lines(accounts, listed, SETTINGS, Q1, AS_OF, scoring=KeyAccountsSettings(),
                         reps=make_people()).findings.set_index("check")  # fmt: skip
    key = found.loc["director owns a key account"]
    assert key[["row_id", "column", "value"]].tolist() == ["KB", "owner_id", "D"]
    assert effect in key["effect"]
    other = found.loc["director owns other accounts"]
    assert other[["row_id", "value"]].tolist() == ["D", "1"]
    assert lines_of(reps=make_people()).findings.empty


def test_a_firm_without_a_functional_line_has_no_gap_in_it():
    """Nobody leads functionally: one note, no gap of every account."""
    people = make_people().assign(functional_manager_id=None, role="AE")
    found = cover(people)
    assert found.loc["KA", "gap_count"] == 0
    assert found["note"].str.startswith("no functional line").all()
    assert director_ids(people, SETTINGS) == []
    rolled = roll_up_credit(ledger_of(three_bookings()), COVERAGE, people, SETTINGS)
    assert set(rolled["line"]) == {"administrative"}
    assert cover(None)["note"].str.startswith("no reps").all()


def test_circles_in_both_lines_are_named_and_cut():
    """Two managers above each other: named with the rows, and every chain ends."""
    people = make_people()
    people.loc[people["rep_id"] == "H", "manager_id"] = "M1"
    people.loc[people["rep_id"] == "D", "functional_manager_id"] = "A"
    found = pd.concat(check_lines(people))
    values = found.loc[found["check"] == "circle in a hierarchy", ["column", "value"]]
    assert values.to_numpy().tolist() == [
        ["manager_id", "H > M1 > H"],
        ["functional_manager_id", "A > D > A"],
    ]
    above = chains(people, "administrative")
    assert above.loc[above["rep_id"] == "A", "lead_id"].tolist() == ["A", "M1"]


def test_unknown_leaders_are_named():
    """A manager who is not in the table is a finding with the row."""
    people = make_people()
    people.loc[people["rep_id"] == "A", "manager_id"] = "gone"
    found = pd.concat(check_lines(people))
    assert found[["row_id", "value"]].to_numpy().tolist() == [["A", "gone"]]


def make_booking(number: int, deal: str | None, amount: float) -> dict[str, Any]:
    """One booking of the first quarter."""
    row = {"booking_id": f"F{number}", "booking_date": "2026-02-01", "booked_amount": amount}
    return row | {"opportunity_id": deal, "account_id": None if deal else "KA", "rep_id": "A"}


def make_split(deal: str, rep: str, kind: str, share: float) -> dict[str, Any]:
    """One split."""
    return {"opportunity_id": deal, "rep_id": rep, "split_type": kind, "share": share}


def three_bookings() -> pd.DataFrame:
    """One booking of 100 for each owner's deal."""
    rows = [make_booking(n, f"O{one}", 100.0) for n, one in enumerate("ABC")]
    return make("bookings", *rows)


def make_deals() -> pd.DataFrame:
    """One won deal of each owner."""
    return make(
        "opportunities",
        *[
            {
                "opportunity_id": f"O{owner}",
                "account_id": f"K{owner}",
                "owner_id": owner,
                "amount": 100.0,
                "close_date": "2026-02-01",
                "is_won": True,
                "is_closed": True,
            }
            for owner in "ABC"
        ],
    )


PEOPLE, DEALS = make_people(), make_deals()
COVERAGE = cover(PEOPLE).reset_index()


def ledger_of(
    bookings: pd.DataFrame | None, splits: pd.DataFrame | None = None, **changes: Any
) -> pd.DataFrame:
    """Make the ledger of the first quarter; A and B belong to the director's line."""
    settings = KeyAccountLinesSettings(**changes)
    return credit_ledger(bookings, DEALS, COVERAGE, [Q1], settings, as_of=AS_OF, splits=splits)


def test_counted_once_and_credited_in_both_lines():
    """A booking of 99.99 split in half: counted once; the director is credited with all of it."""
    bookings = make("bookings", make_booking(1, "OA", 99.99), make_booking(2, None, 10.0))
    splits = make("splits", make_split("OA", "B", "revenue", 0.5))
    rows = ledger_of(bookings, splits).set_index(["booking_key", "kind", "rep_id"])
    assert rows.loc[("OA", "counted", "A"), "counted_amount"] == 50.00
    assert rows.loc[("OA", "counted", "B"), "counted_amount"] == 49.99
    line = rows.loc[("OA", "functional", "D"), ["counted_amount", "credited_amount"]]
    assert line.tolist() == [0, 99.99]
    assert rows.loc[("F2", "counted", "A"), "counted_amount"] == 10.0
    assert rows["counted_amount"].sum() == pytest.approx(109.99)


def test_an_overlay_split_of_the_director_is_not_credited_twice():
    """Overlay 60 % for the director leaves 40 % to the functional line."""
    bookings = make("bookings", make_booking(1, "OA", 100.0))
    splits = make("splits", make_split("OA", "D", "overlay", 0.6))
    rows = ledger_of(bookings, splits).set_index(["kind", "rep_id"])["credited_amount"]
    assert rows.to_dict() == {
        ("counted", "A"): 100.0,
        ("overlay", "D"): 60.0,
        ("functional", "D"): 40.0,
    }
    plain = ledger_of(bookings, splits, functional_credit_share=0.0)
    assert set(plain["kind"]) == {"counted", "overlay"}


SPLITS = [
    ("OA", "B", "revenue"),
    ("OA", "C", "revenue"),
    ("OB", "D", "overlay"),
    ("OC", "A", "revenue"),
    ("OC", "B", "revenue"),
    ("OC", "D", "overlay"),
]


@settings(max_examples=8)
@given(
    amounts=st.lists(st.integers(-10_000, 10_000_000), min_size=1, max_size=6),
    shares=st.lists(st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.9]), min_size=6, max_size=6),
)
def test_counted_credit_sums_to_the_bookings_to_the_cent(amounts, shares):
    """Whatever the splits, counted credit is the bookings, in the ledger and in both roll-ups."""
    rows = [make_booking(n, f"O{'ABC'[n % 3]}", cents / 100) for n, cents in enumerate(amounts)]
    bookings = make("bookings", *rows)
    pairs = zip(SPLITS, shares, strict=True)
    splits = make("splits", *[make_split(*split, share) for split, share in pairs])
    ledger = ledger_of(bookings, splits)
    assert round(ledger["counted_amount"].sum() * 100) == sum(amounts)
    bridge = credit_bridge(ledger, bookings, DEALS, [Q1], AS_OF).set_index("part")["amount"]
    assert bridge["difference"] == 0
    parts = bridge["counted"] + bridge["overlay"] + bridge["functional"]
    assert bridge["credited"] == pytest.approx(parts)
    lines = roll_up_credit(ledger, COVERAGE, PEOPLE, SETTINGS)
    for line in ("administrative", "functional"):
        top = lines[(lines["line"] == line) & lines["is_top"]]
        assert round(top["counted_amount"].sum() * 100) == sum(amounts)


def test_two_roll_ups_of_the_same_bookings():
    """Branches see their reps, the director sees the functional line; the rest stands outside."""
    found = roll_up_credit(ledger_of(three_bookings()), COVERAGE, PEOPLE, SETTINGS)
    rows = found.set_index(["line", "lead_id"])[["counted_amount", "credited_amount"]]
    assert rows.loc[("administrative", "H")].tolist() == [300, 300]
    assert rows.loc[("administrative", "M1")].tolist() == [100, 100]
    assert rows.loc[("administrative", "M2")].tolist() == [200, 200]
    assert rows.loc[("functional", "D")].tolist() == [200, 400]
    assert rows.loc[("functional", OUTSIDE)].tolist() == [100, 100]
    counts = found.set_index(["line", "lead_id"])["key_account_count"]
    assert counts[("administrative", "M2")] == 2
    assert counts[("functional", "D")] == 2


def test_without_bookings_won_deals_count_as_booked():
    """The basis says so, later deals do not count, and the sum is that of the won deals."""
    ledger = ledger_of(None)
    assert set(ledger["basis"]) == {"won deals"}
    assert ledger["counted_amount"].sum() == 300
    january = date(2026, 1, 31)
    assert credit_ledger(None, DEALS, COVERAGE, [Q1], SETTINGS, as_of=january).empty
    assert credit_ledger(None, None, COVERAGE, [Q1], SETTINGS, as_of=AS_OF).empty


def test_the_ledger_ends_with_the_quarter_of_the_cycle():
    """Four fiscal quarters, the last one that of the cycle's end, or the last that has begun."""
    march = Period.parse("2026-03")
    names = [period.name for period in credit_periods(march, 4, date(2026, 3, 31))]
    assert names == ["2025Q2", "2025Q3", "2025Q4", "2026Q1"]
    assert credit_periods(march, 1, date(2025, 12, 30))[0].name == "2025Q4"


def lines_of(settings: KeyAccountLinesSettings = SETTINGS, **inputs: Any):
    """Review the lines of three key accounts."""
    accounts = make_accounts()
    scoring = KeyAccountsSettings()
    return review_lines(accounts, all_key(accounts), settings, Q1, AS_OF, scoring=scoring, **inputs)


def entry(number: int, duty: str, *, done: bool, when: str, director: str = "D") -> dict[str, Any]:
    """One entry of a person on a duty."""
    row = {"decision_id": f"E{number}", "who": "Kim", "when": when, "why": "seen", "duty": duty}
    return row | {"director_id": director, "is_done": done}


def test_each_duty_of_the_director_has_a_status():
    """Eleven duties of the one director: from data where data show them, else not known."""
    day = {"activity_date": "2026-03-01"}
    acts = make(
        "activities",
        {"activity_id": "1", "account_id": "KB", "rep_id": "A"} | day,
        {"activity_id": "2", "account_id": "KA", "rep_id": "A"} | day,
        {"activity_id": "3", "account_id": "KA", "rep_id": "D", "is_automatic": True} | day,
    )
    days = {"start_date": "2026-02-01", "end_date": "2026-02-02", "kind": "training"}
    target = {"period": "2026", "measure": "acv", "target_amount": 500.0, "rep_id": "D"}
    partner = {"partner_id": "P", "name": "P", "kind": "contractor", "region": "North"}
    found = lines_of(
        reps=PEOPLE,
        activities=acts,
        availability=make("availability", {"rep_id": "A"} | days),
        targets=make("targets", target),
        partners=make("partners", partner | {"owner_id": "A"}),
        opportunities=DEALS,
    ).duties.set_index("duty")
    assert found["status"].to_dict() == {
        "project_approval": "not known",
        "presales_help": "done",
        "partner_development": "open",
        "partner_coordination": "not known",
        "training": "done",
        "supervision": "not known",
        "gap_filling": "done",
        "number": "done",
        "layout": "not known",
        "care": "open",
        "partner_network": "done",
    }
    assert found.loc["care", "evidence"].startswith("1 of 2 key accounts")
    assert found.loc["number", "evidence"].endswith("name; credited 200 this year so far")
    assert "500" not in found.loc["number", "evidence"]  # a quota is no public figure


def test_a_region_that_is_not_known_has_no_partners_to_judge():
    """Without the director's region, and without partners, both duties are not known."""
    partner = {"partner_id": "P", "name": "P", "kind": "contractor", "owner_id": "A"}
    unplaced = lines_of(reps=PEOPLE.assign(region=None), partners=make("partners", partner))
    for found in (unplaced.duties, lines_of(reps=PEOPLE).duties):
        states = found.set_index("duty")["status"]
        assert states[["partner_development", "partner_network"]].tolist() == ["not known"] * 2


def test_the_partners_of_a_region_are_those_that_plan_yaml_expects_there():
    """A contractor alone is enough in a region that should have no others; none, not known."""
    firms = make("partners", {"partner_id": "P", "name": "P", "kind": "contractor",
                              "region": "North", "owner_id": "A"})  # fmt: skip
    for kinds, status in ((("contractor",), "done"), (("service",), "open"), ((), "not known")):
        settings = KeyAccountLinesSettings(region_partners={"North": kinds})
        found = lines_of(reps=PEOPLE, partners=firms, settings=settings).duties
        assert found.set_index("duty").loc["partner_development", "status"] == status


def test_a_persons_entry_wins_while_it_is_fresh():
    """The latest entry in time counts and is named; an old one, or of nobody, does not."""
    entries = make(
        "override_director_duties",
        entry(1, "layout", done=False, when="2026-01-01"),
        entry(2, "layout", done=True, when="2026-02-01"),
        entry(3, "supervision", done=True, when="2025-01-01"),
        entry(4, "layout", done=True, when="2026-02-01", director="A"),
        entry(5, "tea", done=True, when="2026-02-01"),
    )
    result = lines_of(reps=PEOPLE, overrides=entries)
    found = result.duties.set_index("duty")
    assert found.loc["layout", ["status", "origin", "who"]].tolist() == ["done", "person", "Kim"]
    assert found.loc["supervision", "status"] == "not known"
    checks = result.findings.set_index("check")["row_id"]
    assert checks.to_dict() == {"entry for nobody": "E4", "entry for no duty": "E5"}


def make_task(number: int, kind: str, when: str, **changes: Any) -> dict[str, Any]:
    """One entry of D's log."""
    return {"decision_id": f"T{number}", "who": "D", "when": when, "why": "-", "director_id": "D",
            "kind": kind, "title": f"{kind} {number}", "status": "done", **changes}  # fmt: skip


TASKS = make(
    "override_director_tasks",
    make_task(1, "guidance", "2026-02-01"),
    make_task(2, "guidance", "2026-01-05"),
    make_task(3, "campaign", "2026-03-01", status="open"),
    make_task(4, "partner", "2024-12-01"),
    make_task(5, "training", "2026-04-01"),
    make_task(6, "campaign", "2026-02-01", director_id="A"),
)


def test_the_log_shows_a_duty_where_nothing_else_does():
    """Done in time: done; begun only: open; too old or later: silent; an entry still wins."""
    found = lines_of(reps=PEOPLE, tasks=TASKS).duties.set_index("duty")
    assert found.loc["supervision", ["status", "origin"]].tolist() == ["done", "log"]
    assert found.loc["supervision", "evidence"].startswith("log: 2 done in 180 days, last 2026-02-")
    assert found.loc["layout", ["status", "origin"]].tolist() == ["open", "log"]
    for duty in ("partner_coordination", "training"):
        assert found.loc[duty, ["status", "origin"]].tolist() == ["not known", "no data"]
    said = make("override_director_duties", entry(1, "layout", done=True, when="2026-02-01"))
    mine = lines_of(reps=PEOPLE, tasks=TASKS, overrides=said).duties.set_index("duty")
    assert mine.loc["layout", ["status", "origin"]].tolist() == ["done", "person"]


def test_data_come_before_the_log_and_both_are_told():
    """Nobody of the line was trained by the records of absence: open, whatever the log says."""
    away = make("availability", {"rep_id": "C", "start_date": "2026-03-01",
                                 "end_date": "2026-03-02", "kind": "training"})  # fmt: skip
    tasks = TASKS.assign(when=pd.Timestamp("2026-03-01"))
    found = lines_of(reps=PEOPLE, tasks=tasks, availability=away).duties.set_index("duty")
    assert found.loc["training", ["status", "origin"]].tolist() == ["open", "data"]
    assert "; log: 1 done in 365 days" in found.loc["training", "evidence"]


def test_a_log_of_nobody_is_named():
    """Entries by somebody who is no director; without any director nobody is one."""
    found = lines_of(reps=PEOPLE, tasks=TASKS).findings
    assert found[["check", "row_id", "value"]].to_numpy().tolist() == [["log of nobody", "T6", "A"]]
    flat = PEOPLE.assign(role="AE", functional_manager_id=None)
    assert lines_of(reps=flat, tasks=TASKS).findings.empty


def make_request(number: int, **changes: Any) -> dict[str, Any]:
    """One served request for support of a key account of D."""
    return {"request_id": f"R{number}", "account_id": "KA", "support_line": "solution",
            "requested_date": "2026-03-01", "status": "served", **changes}  # fmt: skip


def test_requests_before_a_deal_show_presales_help_and_those_to_delivery_the_call_up():
    """One of two served without deal or project; another account's and old ones do not count."""
    asked = make(
        "support_requests", make_request(1), make_request(2, status="refused"),
        make_request(3, opportunity_id="OA", support_line="delivery"),
        make_request(4, account_id="KC"), make_request(5, requested_date="2025-01-01"),
    )  # fmt: skip
    gates = pd.DataFrame({"account_id": ["KA"], "gate": ["go"]})
    found = lines_of(reps=PEOPLE, support_requests=asked, gates=gates).duties.set_index("duty")
    assert found.loc["presales_help", ["status", "origin"]].tolist() == ["done", "data"]
    assert "1 of 2 requests for support before a deal served" in found.loc[
        "presales_help", "evidence"]  # fmt: skip
    none = lines_of(reps=PEOPLE, support_requests=asked.assign(opportunity_id="OA"), tasks=TASKS)
    unasked = none.duties.set_index("duty").loc["presales_help"]
    assert unasked[["status", "origin"]].tolist() == ["not known", "no data"]
    assert found.loc["project_approval", "evidence"].endswith(
        "; requests for delivery in 180 days: 1, of which 1 served"
    )


def test_a_request_that_is_older_than_its_deal_was_made_before_it():
    """Linked to a deal opened later, it is presales help; to one that was there, it is not."""
    deal = {"opportunity_id": "OX", "account_id": "KA"}
    asked = make("support_requests", make_request(1, opportunity_id="OX"))
    told = {
        "2026-03-10": "1 of 1 requests for support before a deal served",
        "2026-02-01": "no activities, and nobody asked for support before a deal: not known",
    }
    for opened, evidence in told.items():
        deals = make("opportunities", deal | {"created_date": opened})
        found = lines_of(reps=PEOPLE, support_requests=asked, opportunities=deals).duties
        assert found.set_index("duty").loc["presales_help", "evidence"] == evidence


def test_help_before_a_deal_that_only_the_log_knows_is_help():
    """No contact and no request served are no proof that nobody helped; an open entry is none."""
    asked = make("support_requests", make_request(1, status="refused"))
    tasks = make("override_director_tasks", make_task(7, "support", "2026-02-20"))
    for status, duty in (("done", ["done", "log"]), ("open", ["open", "data"])):
        found = lines_of(reps=PEOPLE, support_requests=asked, tasks=tasks.assign(status=status))
        row = found.duties.set_index("duty").loc["presales_help"]
        assert row[["status", "origin"]].tolist() == duty
        assert "0 of 1 requests for support before a deal served" in row["evidence"]


def test_what_a_director_supplies_is_counted_and_blank_where_it_is_not_known():
    """Requests, budget and judgements of the accounts led; accounts run in person are counted."""
    asked = make("support_requests", make_request(1), make_request(2, status="open"),
                 make_request(3, support_line="test"), make_request(4, account_id="KC"),
                 make_request(5, status="withdrawn"))  # fmt: skip
    item = {"account_id": "KA", "spend_date": "2026-01-15", "amount": 100.25}
    spend = make(
        "account_spend", {**item, "spend_id": "S1", "approver_id": "D"},
        {**item, "spend_id": "S2"}, {**item, "spend_id": "S3", "account_id": "KC"},
        {**item, "spend_id": "S4", "spend_date": "2025-03-31", "approver_id": "D"},
    )  # fmt: skip
    rated = {"rater_id": "D", "factor": "potential", "rating": 5.0, "rating_date": "2026-01-15"}
    ratings = make("ratings", {**rated, "account_id": "KA"}, {**rated, "account_id": "KC"})
    found = lines_of(reps=PEOPLE, support_requests=asked, account_spend=spend, ratings=ratings,
                     tasks=TASKS).supply.set_index("director_id").loc["D"]  # fmt: skip
    names = ["accounts_count", "owned_count", "judged_count", "asked_count", "served_count",
             "solution_asked_count", "solution_served_count", "spend_amount", "budget_amount",
             "guidance_count", "trainings_count", "reason"]  # fmt: skip
    assert found[names].tolist() == [2, 0, 1, 3, 2, 2, 1, 200.5, 100.25, 2, 0, ""]
    bare = lines_of(reps=PEOPLE).supply.iloc[0]
    blank = ["judged_count", "asked_count", "spend_amount", "budget_amount", "guidance_count"]
    assert bare[blank].isna().all()
    assert bare["reason"] == "not known: support asked for, money, who judged the accounts"
    assert lines_of().supply.empty


def test_every_table_may_be_missing():
    """With accounts alone there is a boundary, a coverage without lines, and notes."""
    bare = lines_of()
    assert len(bare.coverage) == 3
    assert len(bare.boundary) == 8
    assert all(frame.empty for frame in (bare.credit, bare.bridge, bare.rollups, bare.duties))
    assert len(bare.notes) == 2
    booked = lines_of(opportunities=DEALS).bridge.set_index(["period", "part"])["amount"]
    assert booked[("2026Q1", "company total")] == 300


def test_the_order_of_rows_does_not_matter():
    """Shuffled people, accounts and bookings give the same tables."""
    bookings, accounts = three_bookings(), make_accounts()
    plain = lines_of(reps=PEOPLE, bookings=bookings, opportunities=DEALS)
    mixed = review_lines(
        accounts.iloc[::-1],
        all_key(accounts).iloc[::-1],
        SETTINGS,
        Q1,
        AS_OF,
        scoring=KeyAccountsSettings(),
        reps=PEOPLE.iloc[::-1],
        bookings=bookings.iloc[::-1],
        opportunities=DEALS.iloc[::-1],
    )
    for name, frame in plain.tables().items():
        pd.testing.assert_frame_equal(frame, mixed.tables()[name], obj=name)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"boundary": [{"step": "x", "account_line": "R"}]}, "exactly one line that answers"),
        ({"boundary": [{"step": "x", "account_line": "A", "project_line": "A"}]}, "exactly one"),
        ({"duties": [{"key": "care"}, {"key": "care"}]}, "care repeat"),
        ({"functional_credit_share": 2}, "less than or equal to 1"),
    ],
)
def test_wrong_settings_are_named(change, match):
    """Boundary and duties are checked before anything runs."""
    with pytest.raises(SettingsError, match=match):
        Plan().override("key_account_lines", **change)
