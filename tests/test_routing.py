"""Tests of planlib.routing: chain, policies, caps, absence, trace, state."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.routing import replay, tier_list, waiting_leads, why_not
from planlib.routing.ranks import ranking_from
from planlib.settings.routing import RoutingSettings
from planlib.tables import table
from tests.routing_frames import AS_OF, MONDAY, away, make_leads, make_ranking, make_reps, run


def test_weights_two_one_one_give_half_and_quarters_in_every_block_of_four():
    """Stride: known answer of the field."""
    ranks = make_ranking(0.2, 0.2, 0.2, tiers="ABB")
    rules = {"tier_weights": {"A": 2.0, "B": 1.0}}
    found = run("weighted", make_leads(24, "5min"), ranking=ranks, rules=rules)
    reps = found.decisions["rep_id"]
    for start in range(0, 24, 4):
        assert reps[start : start + 4].value_counts().to_dict() == {"R-0": 2, "R-1": 1, "R-2": 1}


def test_plain_turns_are_even():
    """Every rep gets one lead of each block of three."""
    reps = run("round_robin", make_leads(9)).decisions["rep_id"].tolist()
    assert reps == ["R-0", "R-1", "R-2"] * 3


def test_the_best_ranked_at_work_comes_first_and_an_absent_one_is_skipped():
    """Rank decides among those at work only."""
    ranks = make_ranking(0.1, 0.3, 0.2)
    assert set(run("best_ranked", ranking=ranks).decisions["rep_id"]) == {"R-1"}
    gone = {"availability": away("R-1", "2026-03-02", "2026-03-02")}
    found = run("best_ranked", ranking=ranks, tables=gone)
    assert set(found.decisions["rep_id"]) == {"R-2"}
    assert "was away that day" in why_not(found, "L-000", "R-1")


def test_better_leads_go_to_better_ranks():
    """Ranked by grade pairs the best lead with the best rep."""
    from planlib.routing.prepare import quality_ranks

    assert quality_ranks(pd.Series([0.1, 0.9, None])).tolist() == [0.75, 0.25, 0.5]
    found = run("ranked_by_grade", ranking=make_ranking(0.3, 0.2, 0.1))
    assert set(found.decisions["rep_id"]) == {"R-1"}  # no score: every lead is in the middle


def test_least_loaded_evens_out_what_is_open():
    """The rep with the fewest open leads is next."""
    found = run("least_loaded", make_leads(6))
    assert found.decisions["rep_id"].value_counts().to_dict() == {"R-0": 2, "R-1": 2, "R-2": 2}


def test_thompson_prefers_the_better_and_gives_everyone_a_share_by_the_floor():
    """With a clear difference the best gets most; the floor feeds the others."""
    leads = make_leads(60, "7min")
    ranks = make_ranking(0.4, 0.1, 0.1)
    alone = run("thompson", leads, ranking=ranks).decisions["rep_id"].value_counts()
    assert alone.to_dict() == {"R-0": 60}
    shared = run("thompson", leads, ranking=ranks, rules={"floor_share": 0.5})
    counts = shared.decisions["rep_id"].value_counts()
    assert counts["R-1"] > 5
    assert counts["R-2"] > 5


@pytest.mark.parametrize("rules", [
    {"daily_cap": 2}, {"rule_caps": {"policy": 2}}, {"open_cap": 2},
])  # fmt: skip
def test_caps_are_never_exceeded(rules):
    """What is over the caps of the day waits for the next day, or goes to the catch-all."""
    found = run("best_ranked", make_leads(10, "5min"), ranking=make_ranking(0.3, 0.2, 0.1),
                rules=rules).decisions  # fmt: skip
    day = found["ready_at"].dt.normalize()
    assert found.groupby([found["rep_id"], day]).size().max() <= 2


def test_all_absent_goes_to_the_catch_all_with_a_reason():
    """Nobody within the longest wait: no rep, and the reason says so."""
    gone = pd.concat([away(f"R-{at}", "2026-03-01", "2026-03-20") for at in range(3)])
    found = run(tables={"availability": gone}).decisions
    assert found["outcome"].eq("catch_all").all()
    assert found["rep_id"].isna().all()
    assert found["reason"].str.contains("nobody can take it within 72 hours").all()


def test_a_returning_rep_is_not_flooded():
    """After days away the turn is level with the peers who were there."""
    leads = make_leads(30, "4h")
    gone = {"availability": away("R-0", "2026-03-02", "2026-03-04")}
    found = run("round_robin", leads, tables=gone).decisions
    after = found[found["ready_at"] >= pd.Timestamp("2026-03-05")]["rep_id"].value_counts()
    assert after.max() - after.min() <= 1


def test_a_returning_rep_is_not_flooded_under_least_loaded_either():
    """Away for a week in which the others got leads: back, the open leads count as theirs do."""
    times = [MONDAY + pd.Timedelta(days=at // 4, minutes=7 * at) for at in range(20)]
    late = [MONDAY + pd.Timedelta(days=7, minutes=7 * at) for at in range(9)]
    leads = make_leads(29, created_at=[*times, *late])
    gone = {"availability": away("R-1", "2026-03-02", "2026-03-06")}
    found = run("least_loaded", leads=leads, tables=gone)
    before, after = found.decisions["rep_id"][:20], found.decisions["rep_id"][20:]
    assert set(before) == {"R-0", "R-2"}
    assert after.value_counts().to_dict() == {"R-0": 3, "R-1": 3, "R-2": 3}
    first = found.decisions.loc[20:].query("rep_id != 'R-1'")["lead_id"].iloc[0]
    assert "counts as level" in why_not(found, first, "R-1")


def test_leads_of_owners_while_away_do_not_flood_the_rep_who_is_back():
    """All leads of the week went to the account owner; the next ones go round, not all to R-1."""
    accounts = make_accounts().assign(owner_id="R-0")
    week = [MONDAY + pd.Timedelta(hours=at // 2 * 24, minutes=at) for at in range(10)]
    late = [MONDAY + pd.Timedelta(days=7, minutes=7 * at) for at in range(6)]
    leads = make_leads(16, created_at=[*week, *late], company=["Firm 0"] * 10 + ["Other"] * 6)
    leads = leads.assign(account_id=["A-1"] * 10 + [None] * 6)
    gone = away("R-1", "2026-03-02", "2026-03-06")
    reps = make_reps(2)
    start = run(leads=make_leads(2).assign(lead_id=["K-0", "K-1"], created_at=MONDAY
                                           - pd.Timedelta(days=7)), reps=reps)  # fmt: skip
    found = run(leads=leads, reps=reps, state=start.state,
                tables={"accounts": accounts, "availability": gone})  # fmt: skip
    assert set(found.decisions["rule"][:10]) == {"account_owner"}
    assert found.decisions["rep_id"][10:].value_counts().to_dict() == {"R-0": 3, "R-1": 3}


def test_what_waited_too_long_is_decided_when_its_customer_can_be_called():
    """Handed over on Saturday: London on Monday at nine, New York in its morning, new ones now."""
    handed = pd.Timestamp("2026-03-14 00:00")
    leads = make_leads(3, time_zone=["Europe/London", "America/New_York", "Europe/London"])
    leads.loc[2, "created_at"] = handed - pd.Timedelta(minutes=30)
    found = run("round_robin", leads, handed_at=handed).decisions
    assert found["decided_at"].astype(str).tolist() == [
        "2026-03-16 09:00:00", "2026-03-16 13:00:00", "2026-03-13 23:30:00",
    ]  # fmt: skip
    assert found["created_at"].tolist() == leads["created_at"].tolist()  # not when it is decided
    assert found["respond_by"].ge(handed).all()
    assert found["ready_at"][1] == pd.Timestamp("2026-03-16 13:00:00")
    late = run("round_robin", leads.head(1), handed_at=handed, rules={"customer_end": "09:00"})
    assert late.decisions["decided_at"].astype(str).tolist() == ["2026-03-16 08:00:00"]


def test_a_run_of_the_same_day_keeps_what_was_just_decided():
    """The deadline counts from the hand-over, so that it has not passed before anybody knows."""
    handed = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    first = run(leads=make_leads(3), handed_at=handed)
    assert first.decisions["respond_by"].gt(handed).all()
    again = run(leads=make_leads(3), handed_at=handed, earlier=first.decisions, state=first.state)
    assert again.decisions["outcome"].tolist() == ["kept"] * 3
    assert again.decisions["created_at"].equals(first.decisions["created_at"])
    at_once = run(leads=make_leads(3))
    replaced = run(leads=make_leads(3), earlier=at_once.decisions, state=at_once.state)
    assert replaced.decisions["outcome"].tolist() == ["assigned"] * 3


def test_a_lead_at_night_goes_to_whoever_is_back_first():
    """Tokyo opens before London."""
    leads = make_leads(1, created_at=pd.Timestamp("2026-03-02 22:00"))
    reps = make_reps(2, time_zone=["Europe/London", "Asia/Tokyo"])
    row = run(leads=leads, reps=reps, plan_zone="UTC").decisions.iloc[0]
    assert row["rep_id"] == "R-1"
    assert row["ready_at"] == pd.Timestamp("2026-03-03 00:00")
    assert row["contact_at"] == pd.Timestamp("2026-03-03 08:00")  # the customer's morning


def test_holidays_and_meetings_are_not_working_time():
    """A holiday shifts the lead to the next day, a meeting to its end."""
    holidays = table("holidays").coerce(pd.DataFrame({
        "calendar": ["GB"], "holiday_date": [pd.Timestamp("2026-03-02")], "is_workday": [False],
    }))  # fmt: skip
    one = make_leads(1)
    found = run(leads=one, reps=make_reps(1, calendar="GB"), tables={"holidays": holidays})
    assert found.decisions["ready_at"][0] == pd.Timestamp("2026-03-03 09:00")
    meetings = pd.DataFrame({
        "rep_id": ["R-0"], "start_at": [pd.Timestamp("2026-03-02 09:30")],
        "end_at": [pd.Timestamp("2026-03-02 11:00")],
    })  # fmt: skip
    found = run(leads=one, reps=make_reps(1), tables={"meetings": meetings})
    assert found.decisions["ready_at"][0] == pd.Timestamp("2026-03-02 11:00")


def make_accounts() -> pd.DataFrame:
    """One account of R-2."""
    return table("accounts").coerce(pd.DataFrame({
        "account_id": ["A-1"], "name": ["Acme Retail Ltd"], "website": ["www.acme.com"],
        "owner_id": ["R-2"], "country": ["United Kingdom"], "region": ["UK"],
    }))  # fmt: skip


def test_the_account_owner_comes_first_and_passes_on_when_away():
    """First match wins; an owner who is away does not make the customer wait."""
    leads = make_leads(1, email="jo@acme.com")
    accounts = {"accounts": make_accounts()}
    first = run(leads=leads, tables=accounts).decisions.iloc[0]
    assert (first["rep_id"], first["rule"]) == ("R-2", "account_owner")
    gone = {**accounts, "availability": away("R-2", "2026-03-01", "2026-03-09")}
    second = run(leads=leads, tables=gone).decisions.iloc[0]
    assert (second["rep_id"], second["rule"]) == ("R-0", "policy")
    assert "account owner gets no leads now" in second["reason"]


def test_a_named_account_and_a_territory_come_before_the_policy():
    """The chain is followed in its order."""
    leads = make_leads(1, email="jo@acme.com")
    territories = pd.DataFrame({"account_id": ["A-1"], "role_layer": ["AE"], "rep_id": ["R-1"]})
    keys = pd.DataFrame({"account_id": ["A-1"], "is_key": [True]})
    tables = {"accounts": make_accounts(), "territories": territories, "key_accounts": keys}
    chain = {"chain": ["named_account", "territory"]}
    assert run(leads=leads, tables=tables, rules=chain).decisions["rule"][0] == "named_account"
    reps = make_reps(3, region=["DE", "UK", "UK"])
    found = run(leads=make_leads(4), reps=reps, tables={"accounts": make_accounts()})
    assert set(found.decisions["rule"]) == {"territory"}
    assert set(found.decisions["rep_id"]) == {"R-1", "R-2"}
    assert "not in territory UK" in why_not(found, "L-000", "R-0")


def test_a_territory_without_reps_falls_to_the_policy():
    """The lead is not lost, and anybody may take it."""
    reps = make_reps(2, region="DE")
    found = run(leads=make_leads(2), reps=reps, tables={"accounts": make_accounts()}).decisions
    assert found["rule"].tolist() == ["policy", "policy"]


def test_skill_and_language_are_required_where_known():
    """A lead in French about retail goes to the rep who has both."""
    reps = make_reps(
        3, skills=["Retail", "Retail", None], languages=["English", "French", "French"]
    )
    leads = make_leads(3, industry="retail", language="French")
    found = run(leads=leads, reps=reps)
    assert set(found.decisions["rep_id"]) == {"R-1"}
    assert "skill or language" in why_not(found, "L-000", "R-2")
    free = run(leads=leads, reps=reps, rules={"skills": "off", "languages": "off"})
    assert free.decisions["rep_id"].nunique() == 3


def test_new_reps_get_lower_grades_only():
    """A rep on the ramp is passed over for grade A."""
    from planlib.routing.people import gather_crew
    from planlib.routing.prepare import make_ready

    rules = RoutingSettings(ramp_days=90)
    reps = make_reps(1, hire_date=pd.Timestamp("2026-02-15"))
    crew = gather_crew(reps, rules, pd.Timestamp(AS_OF))
    base = make_leads(2).assign(
        at=lambda rows: rows["created_at"], blocked="", owner_rep=None, named_rep=None,
        same_rep=None, not_rep=None, same_as=None, grade=["A", "C"], chance=[0.9, 0.1],
        void_at=pd.NaT,
    )  # fmt: skip
    ready = make_ready(base, crew, rules)
    from planlib.routing.engine import decide, empty_state

    state = empty_state(1, ready.people["away"].shape[1], 4)
    assert decide(ready, state, "round_robin").rep.tolist() == [-1, 0]


def graded(days: list[str], reps: pd.DataFrame, policy: str = "round_robin"):
    """Route leads of grade A, one a day at ten, by reps of whom some are on the ramp."""
    from planlib.routing.engine import decide, empty_state
    from planlib.routing.people import gather_crew
    from planlib.routing.prepare import make_ready

    rules = RoutingSettings(ramp_days=30, wait_hours=1)
    crew = gather_crew(reps, rules, pd.Timestamp(AS_OF))
    at = [pd.Timestamp(f"{day} 10:00") for day in days]
    leads = make_leads(len(days), created_at=at).assign(
        at=at, blocked="", owner_rep=None, named_rep=None, same_rep=None, not_rep=None,
        same_as=None, grade="A", chance=0.9, void_at=pd.NaT,
    )  # fmt: skip
    ready = make_ready(leads, crew, rules)
    state = empty_state(len(reps), ready.people["away"].shape[1], 4)
    return decide(ready, state, policy).rep.tolist()


def test_the_ramp_ends_on_its_day_and_not_with_the_batch():
    """Hired on 1 February for 30 days: no grade A on 2 March, but on 3 March, alone or together."""
    reps = make_reps(1, hire_date=pd.Timestamp("2026-02-01"))
    assert graded(["2026-03-02", "2026-03-03"], reps) == [-1, 0]
    assert graded(["2026-03-02"], reps) == [-1]
    assert graded(["2026-03-03"], reps) == [0]


def test_a_lead_alone_has_the_quality_that_it_has_in_a_file():
    """The rank is among past leads, so that a best lead is best without another beside it."""
    from planlib.routing.prepare import quality_ranks

    past = pd.Series([0.1, 0.2, 0.3, 0.4])
    assert quality_ranks(pd.Series([0.4]), past).tolist() == [0.125]
    assert quality_ranks(pd.Series([0.9, 0.0, None]), past).tolist() == [0.0, 1.0, 0.5]
    assert quality_ranks(past, past).tolist() == quality_ranks(past).tolist()
    assert quality_ranks(pd.Series([0.5]), pd.Series([None], dtype=float)).tolist() == [0.5]


def test_bad_leads_are_named_and_none_is_lost_or_doubled():
    """Repeated and blank ids are refused; no time or a future one goes to the catch-all."""
    leads = make_leads(4)
    leads.loc[1, "created_at"] = pd.NaT
    leads.loc[2, "created_at"] = pd.Timestamp("2026-04-02")
    given = pd.concat([leads, leads.iloc[[0]]], ignore_index=True)
    found = run(leads=given)
    assert found.decisions["lead_id"].tolist() == ["L-000", "L-001", "L-002", "L-003"]
    assert found.decisions["outcome"].tolist() == ["assigned", "catch_all", "catch_all", "assigned"]
    assert "time at which the lead came in is missing" in found.decisions["reason"][1]
    assert "created after the as-of date 2026-03-31" in found.decisions["reason"][2]
    assert found.refused["reason"].tolist() == ["lead_id repeats; the first row counts"]
    assert found.refused["row"].tolist() == [5]


def test_a_lead_without_time_zone_gets_one_from_its_place_with_a_flag():
    """City first, then country, then the plan."""
    leads = make_leads(3, time_zone=None, country=["United States", "Germany", None],
                       city=["Los Angeles", None, None])  # fmt: skip
    found = run(leads=leads, plan_zone="Europe/London")
    assert found.decisions["time_zone"].tolist() == [
        "America/Los_Angeles", "Europe/Berlin", "Europe/London",
    ]  # fmt: skip
    assert found.decisions["zone_source"].tolist() == ["city", "country", "plan"]
    assert any("3 leads have no time zone" in text for text in found.findings)


def test_the_same_person_gets_the_same_rep():
    """A second lead with the same address goes to the rep of the first."""
    leads = make_leads(3, email=["a@x.com", "b@y.com", "A@x.com"])
    found = run(leads=leads).decisions
    assert found["rule"].tolist() == ["policy", "policy", "same_person"]
    assert found["rep_id"][2] == found["rep_id"][0]


def test_a_rep_in_two_teams_is_routed_once_and_named():
    """The rep gets one turn, not two."""
    reps = make_reps(2, unit=["East", "West"])
    twice = pd.concat([reps, reps.iloc[[0]].assign(unit="North")], ignore_index=True)
    found = run(leads=make_leads(4), reps=twice)
    assert found.decisions["rep_id"].value_counts().to_dict() == {"R-0": 2, "R-1": 2}
    assert any("R-0 stands in several rows (East, North)" in text for text in found.findings)


def test_weights_of_zero_are_refused_by_name():
    """A rep of weight 0 gets nothing; all at 0 is an error."""
    ranks = make_ranking(0.2, 0.2, 0.2, tiers="ABB")
    some = run("weighted", ranking=ranks, rules={"tier_weights": {"A": 0.0, "B": 1.0}})
    assert "R-0" not in set(some.decisions["rep_id"])
    assert "has weight 0" in why_not(some, "L-000", "R-0")
    alone = make_ranking(0.2, 0.2, 0.2)
    with pytest.raises(TableError, match="every weight of routing.tier_weights"):
        run("weighted", ranking=alone, rules={"tier_weights": {"A": 0.0, "B": 1.0}})


@pytest.mark.parametrize(("policy", "message"), [
    ("cherry_picking", "for comparison in the simulator only"), ("bingo", "is not known"),
])  # fmt: skip
def test_a_policy_that_may_not_route_is_refused(policy, message):
    """Cherry picking and unknown words are named."""
    with pytest.raises(TableError, match=message):
        run(policy)


def test_a_replay_gives_the_same_answer_and_row_order_does_not_matter():
    """The trace can be run again; shuffled leads and reps get the same reps."""
    leads, reps = make_leads(40, "37min"), make_reps(5)
    ranks = make_ranking(0.1, 0.2, 0.3, 0.2, 0.1)
    found = run("thompson", leads, reps, ranking=ranks, rules={"floor_share": 0.3})
    assert replay(found).empty
    mixed = run("thompson", leads.iloc[::-1], reps.iloc[::-1], ranking=ranks.iloc[::-1],
                rules={"floor_share": 0.3})  # fmt: skip
    both = mixed.decisions.set_index("lead_id")["rep_id"].sort_index()
    assert both.equals(found.decisions.set_index("lead_id")["rep_id"].sort_index())


def test_two_batches_give_what_one_gives():
    """State and earlier decisions carry over, so that turns go on."""
    leads = make_leads(10)
    whole = run(leads=leads).decisions
    first = run(leads=leads[:5])
    second = run(leads=leads[5:], earlier=first.decisions, state=first.state).decisions
    assert [*first.decisions["rep_id"], *second["rep_id"]] == whole["rep_id"].tolist()


def test_a_known_lead_keeps_its_rep_until_the_deadline_passes():
    """Answered: kept. Not answered in time: somebody else, never the same."""
    leads = make_leads(3)
    first = run(leads=leads)
    answered = leads.assign(first_response_at=leads["created_at"])
    kept = run(leads=answered, earlier=first.decisions, state=first.state).decisions
    assert kept["outcome"].eq("kept").all()
    assert kept["rep_id"].tolist() == first.decisions["rep_id"].tolist()
    moved = run(leads=leads, earlier=first.decisions, state=first.state).decisions
    assert moved["outcome"].eq("assigned").all()
    assert moved["not_rep_id"].tolist() == first.decisions["rep_id"].tolist()
    assert (moved["rep_id"] != first.decisions["rep_id"]).all()


def test_a_no_show_gives_the_turn_back_once():
    """The rep is next again; a second run does not give it again."""
    first = run(leads=make_leads(3))
    gone = make_leads(1, status="No show")
    again = run(leads=gone, earlier=first.decisions, state=first.state)
    assert again.state.set_index("rep_id")["turn"].to_dict() == {"R-0": 0.0, "R-1": 1.0, "R-2": 1.0}
    ledger = pd.concat([first.decisions, again.decisions])
    third = run(leads=gone, earlier=ledger, state=again.state)
    assert third.state["turn"].tolist() == again.state["turn"].tolist()


def test_a_turn_of_a_weighted_round_robin_comes_back_by_its_weight():
    """A lead of a rep of weight 2 took half a turn; a later run gives half a turn back."""
    rules = {"tier_weights": {"A": 2.0, "B": 1.0}}
    ranking = make_ranking(1.0, 1.0, tiers="AB")
    reps = make_reps(2)
    first = run("weighted", make_leads(3), reps, rules=rules, ranking=ranking)
    assert first.state["turn"].tolist() == [1.0, 1.0]
    lead = first.decisions.loc[first.decisions["rep_id"] == "R-0", "lead_id"].iloc[0]
    gone = make_leads(3, status="No show")
    gone = gone[gone["lead_id"] == lead]
    again = run("weighted", gone, reps, rules=rules, ranking=ranking, earlier=first.decisions,
                state=first.state)  # fmt: skip
    assert again.state["turn"].tolist() == [0.5, 1.0]


def make_meeting(lead_id: str, outcome: str, end: str = "2026-03-02 10:25") -> pd.DataFrame:
    """One meeting of another rep with a lead."""
    return table("meetings").coerce(pd.DataFrame({
        "rep_id": ["R-9"], "start_at": [pd.Timestamp("2026-03-02 10:10")],
        "end_at": [pd.Timestamp(end)], "lead_id": [lead_id], "outcome": [outcome],
    }))  # fmt: skip


def test_a_turn_comes_back_as_soon_as_nobody_came_to_the_meeting():
    """R-0 is next again after the no-show at 10:25, not before; the decision says so."""
    leads = make_leads(6)
    found = run(leads=leads, tables={"meetings": make_meeting("L-000", "no_show")})
    assert found.decisions["rep_id"].tolist() == ["R-0", "R-1", "R-2", "R-0", "R-0", "R-1"]
    assert found.decisions["is_credited"].tolist() == [True, *[False] * 5]
    assert any("1 leads had a meeting to which nobody came" in one for one in found.findings)
    assert replay(found).empty
    again = run(leads=leads, tables={"meetings": make_meeting("L-000", "no_show")},
                earlier=found.decisions.assign(respond_by=pd.Timestamp("2026-05-01")),
                state=found.state)  # fmt: skip
    assert again.state["turn"].tolist() == found.state["turn"].tolist()


@pytest.mark.parametrize("meeting", [
    make_meeting("L-000", "held"), make_meeting("L-000", "cancelled"),
    pd.concat([make_meeting("L-000", "no_show"), make_meeting("L-000", "held")]),
    make_meeting("L-000", "no_show", "2026-04-02 10:00"),
], ids=["held", "cancelled", "held later", "after the as-of date"])  # fmt: skip
def test_only_a_lead_who_never_came_gives_the_turn_back(meeting):
    """A talk that was held, put off or is still to come changes no turn."""
    found = run(leads=make_leads(6), tables={"meetings": meeting})
    assert found.decisions["rep_id"].tolist() == ["R-0", "R-1", "R-2"] * 2
    assert not found.decisions["is_credited"].any()


def test_a_cancelled_meeting_keeps_nobody_from_a_lead():
    """The hour is free again."""
    busy = make_meeting("L-9", "held").assign(rep_id="R-0")
    gone = make_meeting("L-9", "cancelled").assign(rep_id="R-0")
    leads = make_leads(1, created_at=pd.Timestamp("2026-03-02 10:15"))
    assert run(leads=leads, tables={"meetings": busy}).decisions["rep_id"][0] == "R-1"
    assert run(leads=leads, tables={"meetings": gone}).decisions["rep_id"][0] == "R-0"


def test_no_rep_at_all_sends_everything_to_the_catch_all():
    """An empty crew is an answer, not a traceback."""
    found = run(reps=make_reps(1).iloc[:0])
    assert found.decisions["outcome"].eq("catch_all").all()


def test_roles_fall_back_to_all_but_managers():
    """Without a role of plan.yaml, managers still get no leads."""
    found = run(reps=make_reps(3, role=["Seller", "manager", "Seller"]))
    assert set(found.decisions["rep_id"]) == {"R-0", "R-2"}
    assert any("no rep has a role of routing.roles" in text for text in found.findings)


def test_waiting_leads_are_young_open_and_unanswered():
    """Closed, answered and old leads are not routed again."""
    leads = make_leads(4, status=["New", "Disqualified", "New", "New"])
    leads.loc[2, "first_response_at"] = leads.loc[2, "created_at"]
    leads.loc[3, "created_at"] = pd.Timestamp("2025-01-01")
    assert waiting_leads(leads, RoutingSettings(), AS_OF)["lead_id"].tolist() == ["L-000"]


def test_the_tier_list_names_grades_weight_and_next_absence():
    """The best ranked first; a new rep gets lower grades."""
    hired = [pd.Timestamp("2020-01-01"), pd.Timestamp("2026-03-01")]
    found = run(reps=make_reps(2, hire_date=hired), ranking=make_ranking(0.1, 0.2))
    gone = pd.concat([away("R-0", "2026-03-30", "2026-03-31"),  # over when the list is used
                      away("R-0", "2026-04-02", "2026-04-03")])  # fmt: skip
    rows = tier_list(found.crew, RoutingSettings(), gone, AS_OF)
    assert rows["rep_id"].tolist() == ["R-1", "R-0"]
    assert rows["grades"].tolist() == ["C;D", "A;B;C;D"]
    assert rows["away_from"].tolist()[1] == pd.Timestamp("2026-04-02")


def test_a_ranking_comes_from_scorecards_or_tiers_alone():
    """The score counts with the tier of the last review; tiers alone keep their order."""
    scores = pd.DataFrame(
        {"rep_id": ["R-0", "R-2"], "score": [1.2, None], "score_sd": [0.05, None]}
    )
    days = ["2026-02-28", "2026-03-31", "2026-03-31"]
    tiers = pd.DataFrame(
        {"rep_id": ["R-0", "R-0", "R-1"], "tier": ["C", "B", "A"], "month_date": days}
    )
    names = {column.name for column in (*table("rep_scores").columns, *table("rep_tiers").columns)}
    assert {*scores.columns, *tiers.columns} <= names
    both = ranking_from(scores, tiers).set_index("rep_id")
    assert both.loc["R-0"].tolist() == ["B", 1.2, 0.05]
    assert both.loc[["R-1", "R-2"], "score"].isna().all()
    alone = ranking_from(None, tiers).set_index("rep_id")["score"]
    assert alone["R-1"] > alone["R-0"]
    assert ranking_from() is None
