"""Tests of the needs register, its roll-forward, proposals, white space and capability."""

from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.key_accounts import account_horizons, penetration, review_needs
from planlib.key_accounts.capability import ALL, capability_gap
from planlib.key_accounts.proposals import decide_proposals, propose_needs
from planlib.key_accounts.register import check_needs, clean_needs, register_needs
from planlib.key_accounts.roll_forward import flow_difference, roll_forward
from planlib.key_accounts.white_space import WHOLE, white_space
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.tables import table
from tests.key_account_frames import AS_OF, all_key, make, make_accounts, make_need

SETTINGS = KeyAccountNeedsSettings(minimum_owners=1, minimum_pairs=1)


def register(*needs: dict[str, Any], as_of: date = AS_OF) -> pd.DataFrame:
    """Give the register of some needs."""
    return register_needs(make("needs", *needs), as_of)


def test_five_columns_are_enough():
    """Id, account, need, horizon and value: the value counts, what is not known stays open."""
    five = pd.DataFrame(
        {"need_id": ["1"], "account_id": ["KA"], "need": ["pump"], "horizon": ["0-3m"],
         "value": [10.0]}
    )  # fmt: skip
    found = register_needs(five, AS_OF).iloc[0]
    assert (found["value"], found["status"], found["horizon"]) == (10.0, "open", "0-3m")
    assert pd.isna(found["gap_value"])
    rows = account_horizons(make_accounts(), AS_OF, needs=five)
    assert rows[["value", "unknown_count"]].to_numpy().tolist() == [[10.0, 1]]


def test_values_by_hand():
    """Expected 100 x 0.5; gap 100 x 0.5 x (1 - 0.8)."""
    row = register(make_need("1")).iloc[0]
    assert (row["expected_value"], row["gap_value"]) == (50.0, 10.0)


@pytest.mark.parametrize(
    ("stated", "recorded", "horizon", "overdue"),
    [
        ("3-12m", "2026-03-01", "3-12m", False),
        ("3-12m", "2025-05-31", "0-3m", False),
        ("1-3y", "2023-12-31", "3-12m", False),
        ("0-3m", "2025-11-30", "0-3m", True),
        ("1-3y", None, "1-3y", False),
    ],
)
def test_time_moves_a_need_into_nearer_horizons(stated, recorded, horizon, overdue):
    """A need falls due when the horizon of its record has passed; then it is overdue."""
    row = register(make_need("1", horizon=stated, recorded_date=recorded)).iloc[0]
    assert (row["horizon"], row["is_overdue"]) == (horizon, overdue)


def test_a_need_without_a_day_comes_nearer_from_cycle_to_cycle():
    """Five columns: the horizon runs from the cycle that first had it, until another is stated."""
    accounts = make_accounts()
    bare = make("needs", make_need("1", recorded_date=None, status=None))
    previous, horizons = None, []
    for day in (AS_OF, date(2026, 12, 31), date(2027, 6, 30)):
        found = review_needs(
            accounts, all_key(accounts), SETTINGS, day, needs=bare, previous=previous
        )
        assert set(found.horizons["horizon"]) == set(found.register["horizon"])
        previous = found.register
        horizons.append(previous["horizon"].iloc[0])
    assert horizons == ["3-12m", "0-3m", "0-3m"]
    assert previous["is_overdue"].tolist() == [True]
    later = register_needs(bare.assign(horizon="1-3y"), date(2027, 6, 30), previous=previous)
    assert later["horizon"].tolist() == ["1-3y"]


def test_needs_that_cannot_count_are_named_with_their_row():
    """No horizon, a future record, a stranger's account, shares outside 0 to 1, twice, overdue."""
    rows = pd.DataFrame(
        [
            make_need("1", horizon=None), make_need("2", recorded_date="2026-05-01"),
            make_need("3", account_id="Z"), make_need("4", likelihood=1.5),
            make_need("5"), make_need("5", value=7.0), make_need("6", recorded_date="2025-01-01"),
        ]
    )  # fmt: skip
    rows["recorded_date"] = pd.to_datetime(rows["recorded_date"])
    ids = pd.Series(["KA"])
    found = pd.concat(check_needs(rows, ids, AS_OF)).set_index("check")["row_id"]
    assert found.to_dict() == {
        "need without horizon": "1", "need after the as-of date": "2", "unknown account": "3",
        "likelihood outside its scale": "4", "need twice": "5", "need overdue": "6",
    }  # fmt: skip
    kept = register_needs(clean_needs(rows, ids), AS_OF).set_index("need_id")
    assert kept.index.tolist() == ["4", "5", "6"]
    assert kept.loc["5", "value"] == 7.0
    assert pd.isna(kept.loc["4", "expected_value"])


def test_roll_forward_by_hand():
    """One need of each fate; the parts of each horizon add up to its closing value."""
    before = register(
        make_need("won", value=10.0), make_need("lost", value=20.0), make_need("gone", value=30.0),
        make_need("up", value=40.0), make_need("near", value=50.0),
        make_need("back", value=60.0, status="lost"), make_need("late", value=5.0),
    )  # fmt: skip
    now = register(
        make_need("won", value=11.0, status="won"), make_need("lost", value=20.0, status="lost"),
        make_need("up", value=45.0), make_need("near", value=55.0, horizon="0-3m"),
        make_need("back", value=60.0), make_need("new", value=70.0),
        make_need("late", status="expired"),
        make_need("quick", value=80.0, status="won"),
    )  # fmt: skip
    flow = roll_forward(now, before)
    rows = flow.set_index(["horizon", "part"])["value"]
    whole = rows["all"].to_dict()
    assert whole == {
        "opening": 155.0, "new": 150.0, "reopened": 60.0, "won": -90.0, "lost": -20.0,
        "expired": -5.0, "removed": -30.0, "revalued": 10.0, "moved in": 0.0, "moved out": 0.0,
        "closing": 230.0,
    }  # fmt: skip
    assert rows[("0-3m", "moved in")] == 50
    assert rows[("3-12m", "moved out")] == -50
    assert rows[("0-3m", "revalued")] == 5
    assert (flow_difference(flow) == 0).all()


STATES = st.sampled_from(["open", "won", "lost", "expired", None])
NEEDS = st.dictionaries(
    st.sampled_from([str(n) for n in range(8)]),
    st.tuples(STATES, st.sampled_from(["0-3m", "3-12m", "1-3y"]),
              st.one_of(st.none(), st.integers(0, 10**9))),
)  # fmt: skip


@settings(max_examples=8)
@given(before=NEEDS, now=NEEDS)
def test_the_roll_forward_closes_whatever_happened(before, now):
    """Opening + new + reopened - won - lost - expired - removed +/- revalued = closing."""
    frames = [
        register(
            *[
                make_need(key, status=state, horizon=horizon,
                          value=None if cents is None else cents / 100)
                for key, (state, horizon, cents) in needs.items()
            ]
        )
        for needs in (before, now)
    ]  # fmt: skip
    flow = roll_forward(frames[1], frames[0])
    assert (flow_difference(flow) == 0).all()
    closing = flow[(flow["part"] == "closing") & (flow["horizon"] == "all")]["value"].item()
    opens = [cents or 0 for state, _, cents in now.values() if state in ("open", None)]
    assert round(closing * 100) == sum(opens)
    counts = flow[flow["horizon"] == "all"].set_index("part")["need_count"]
    added = counts["opening"] + counts["new"] + counts["reopened"]
    ended = counts[["won", "lost", "expired", "removed"]].sum()
    assert added - ended == counts["closing"]


def test_the_first_cycle_has_a_closing_alone():
    """Without a register before, only the closing is known."""
    flow = roll_forward(register(make_need("1")), None)
    assert set(flow["part"]) == {"closing"}
    assert flow.set_index("horizon")["value"].to_dict() == {
        "0-3m": 0.0, "3-12m": 100.0, "1-3y": 0.0, "all": 100.0,
    }  # fmt: skip


PRODUCTS = make(
    "products",
    {"product_id": "P1", "name": "Pump", "family": "Flow"},
    {"product_id": "P2", "name": "Valve", "family": "Flow"},
    {"product_id": "P3", "name": "Fan", "family": "Air"},
)


def make_deal(number: int, account: str, offering: str, **changes: Any) -> dict[str, Any]:
    """One won deal of 100 a year ago."""
    return {
        "opportunity_id": f"O{number}", "name": f"deal {number}", "account_id": account,
        "product_id": offering, "amount": 100.0, "close_date": "2025-03-31", "is_won": True,
        "is_closed": True,
    } | changes  # fmt: skip


def pending(number: int, account: str, offering: str, **changes: Any) -> dict[str, Any]:
    """One open deal of 100 within three months."""
    change = {"is_won": False, "is_closed": False, "close_date": "2026-05-01", "probability": 0.4}
    return make_deal(number, account, offering, **(change | changes))


DEALS = make(
    "opportunities", make_deal(1, "KA", "P1"), pending(2, "KB", "P1"), make_deal(3, "KC", "P2")
)


def cells_of(*needs: dict[str, Any], **changes: Any) -> pd.DataFrame:
    """Give the grid of three accounts, by account, centre and product."""
    accounts = make_accounts()
    found = white_space(
        accounts, changes.pop("products", PRODUCTS), changes.pop("settings", SETTINGS), AS_OF,
        needs=register(*needs), opportunities=changes.pop("deals", DEALS), peers=accounts,
    )  # fmt: skip
    return found.set_index(["account_id", "buying_centre", "product_id"])


def test_without_centres_the_account_is_one_cell_for_each_offering():
    """Owned, in pipeline, gap at the median of peers, and not eligible where nobody bought."""
    cells = cells_of()
    assert cells.loc[("KA", WHOLE, "P1"), ["state", "owned_amount"]].tolist() == ["owned", 100.0]
    assert cells.loc[("KB", WHOLE, "P1"), ["state", "pipeline_amount"]].tolist() == [
        "in_pipeline",
        100,
    ]
    gap = cells.loc[("KA", WHOLE, "P2")]
    assert (gap["state"], gap["gap_amount"]) == ("gap", 100.0)
    assert gap["value_rule"] == "median of a year of the industry's buyers"
    assert set(cells.xs("P3", level="product_id")["state"]) == {"not_eligible"}
    found = penetration(cells.reset_index()).set_index("account_id")
    assert found.loc["KA", ["eligible_count", "owned_count", "penetration_share"]].tolist() == [
        2,
        1,
        0.5,
    ]


def test_a_need_that_names_no_centre_is_worth_what_the_register_says():
    """It stands in the cell of the whole account, or in the centre that asks most often."""
    need = make_need("1", product_id="P2", value=77.0)
    gap = cells_of(need).loc[("KA", WHOLE, "P2")]
    assert (gap["state"], gap["gap_amount"]) == ("gap", 77.0)
    others = [make_need(f"o{at}", account_id="KB", product_id="P2", buying_centre="Mill")
              for at in range(2)]  # fmt: skip
    assert cells_of(need, *others).loc[("KA", "Mill", "P2"), "gap_amount"] == 77.0


def test_centres_of_the_register_decide_who_may_buy_what():
    """A deal stands in the centre that asks for the offering; others are not eligible."""
    needs = [
        make_need("1", product_id="P1", buying_centre="plant"),
        make_need("2", product_id="P2", buying_centre="tools", account_id="KB", value=40.0),
    ]
    cells = cells_of(*needs)
    assert cells.loc[("KA", "plant", "P1"), "state"] == "owned"
    assert cells.loc[("KA", "tools", "P1"), "state"] == "not_eligible"
    told = cells.loc[("KB", "tools", "P2")]
    assert (told["gap_amount"], told["value_rule"]) == (40.0, "value of the need in the register")
    worth = penetration(cells.reset_index()).set_index("account_id")
    assert worth.loc["KB", "register_amount"] == 40.0
    assert worth["register_amount"].drop("KB").isna().all()


def test_white_space_stays_within_the_potential_left():
    """Potential 1,000 less 100 in force less 850 open leaves 50 for gaps worth 100."""
    deals = pd.concat([DEALS, make("opportunities", pending(9, "KA", "P3", amount=850.0))])
    cells = cells_of(deals=deals.reset_index(drop=True))
    gap = cells.loc[("KA", WHOLE, "P2")]
    assert gap["gap_amount"] == 50.0
    assert gap["value_rule"].endswith("scaled to the potential left")


def test_plan_says_who_may_buy():
    """Buying centres of plan.yaml win over the register, by product or family."""
    plan = KeyAccountNeedsSettings(
        minimum_owners=1, minimum_pairs=1, buying_centres={"Flow": ("works", "lab")}
    )
    cells = cells_of(make_need("1", product_id="P1", buying_centre="plant"), settings=plan)
    states = cells.xs("KC", level="account_id")["state"]
    assert states[("works", "P1")] == states[("lab", "P1")] == "gap"
    assert states[("plant", "P1")] == "not_eligible"
    assert cells.loc[("KC", "works", "P1"), "gap_amount"] == 50.0  # shared by two centres


def propose(*needs: dict[str, Any], deals: pd.DataFrame = DEALS) -> pd.DataFrame:
    """Propose needs of three accounts."""
    accounts, entered = make_accounts(), register(*needs)
    cells = white_space(accounts, PRODUCTS, SETTINGS, AS_OF, needs=entered, opportunities=deals,
                        peers=accounts)  # fmt: skip
    return propose_needs(accounts, cells, SETTINGS, AS_OF, register=entered, opportunities=deals,
                         products=PRODUCTS)  # fmt: skip


def test_a_cold_start_proposes_from_deals_base_and_white_space():
    """Each origin with horizon and value; a base bought in 2025 falls due after three years."""
    found = propose().set_index("proposal_id")
    deal = found.loc["deal:O2", ["horizon", "value", "likelihood", "origin"]]
    assert deal.tolist() == ["0-3m", 100.0, 0.4, "open deal"]
    assert found.loc["base:KA:P1", ["horizon", "value", "need"]].tolist() == ["1-3y", 100.0, "Pump"]
    assert found.loc[f"space:KA:{WHOLE}:P2", ["horizon", "value"]].tolist() == ["1-3y", 100.0]
    assert f"space:KB:{WHOLE}:P1" not in found.index  # a deal is open


def test_a_deal_whose_close_date_is_over_asks_whether_it_is_still_alive():
    """It is an overdue deal, falls due at once, and its reason says that its day has passed."""
    late = DEALS.assign(close_date=pd.Timestamp("2024-06-30"))
    found = propose(deals=late).set_index("proposal_id")
    assert found.loc["deal:O2", ["origin", "horizon"]].tolist() == ["overdue deal", "0-3m"]
    assert found.loc["deal:O2", "reason"] == (
        "open deal whose close date 2024-06-30 is over: is it still alive?")  # fmt: skip


def test_what_the_register_holds_is_not_proposed_again():
    """An open need of the account and offering silences the proposals for it."""
    found = propose(make_need("1", account_id="KB", product_id="P1"))
    assert "deal:O2" not in set(found["proposal_id"])


def decision(number: int, proposal: str, confirmed: bool, **changes: Any) -> dict[str, Any]:
    """One decision on a proposal."""
    return {"decision_id": f"D{number}", "who": "Kim", "when": "2026-03-20", "why": "met",
            "proposal_id": proposal, "is_confirmed": confirmed} | changes  # fmt: skip


def needs_review(decisions: pd.DataFrame | None, **changes: Any):
    """Review the needs of three key accounts without a register."""
    accounts = make_accounts()
    inputs: dict[str, Any] = {"opportunities": DEALS, "products": PRODUCTS} | changes
    return review_needs(accounts, all_key(accounts), SETTINGS, AS_OF, overrides=decisions, **inputs)


def test_a_confirmed_proposal_is_a_need_until_its_deal_ends():
    """It joins the register with what the person said, stays, and is won with the deal."""
    said = make(
        "override_need_proposals",
        decision(1, "deal:O2", True, fit=0.5, value=80.0), decision(2, "base:KA:P1", False),
        decision(3, "deal:none", True),
    )  # fmt: skip
    first = needs_review(said)
    row = first.register.set_index("need_id").loc["deal:O2"]
    assert (row["value"], row["likelihood"], row["fit"], row["origin"]) == (
        80.0, 0.4, 0.5, "confirmed proposal",
    )  # fmt: skip
    status = first.proposals.set_index("proposal_id")["status"]
    assert (status["deal:O2"], status["base:KA:P1"]) == ("confirmed", "rejected")
    assert first.findings["row_id"].tolist() == ["D3"]
    origins = first.horizons.set_index(["account_id", "origin"])["value"]
    assert origins[("KB", "confirmed proposal")] == 80.0
    assert ("KB", "open deals") not in origins.index
    won = DEALS.assign(is_won=True, is_closed=True)
    second = needs_review(said, opportunities=won, previous=first.register)
    assert second.register.set_index("need_id").loc["deal:O2", "status"] == "won"
    flow = second.flow.set_index(["horizon", "part"])["value"]
    assert (flow[("all", "opening")], flow[("all", "won")], flow[("all", "closing")]) == (
        80,
        -80,
        0,
    )


def test_a_need_that_is_proposed_no_more_follows_the_last_decision():
    """A person may value it anew though its offering is no longer white space."""
    space = f"space:KA:{WHOLE}:P2"
    said = decision(1, space, True, value=80.0)
    first = needs_review(make("override_need_proposals", said))
    bought = make(
        "opportunities", *[make_deal(at, key, "P2") for at, key in ((3, "KC"), (4, "KA"))]
    )
    again = decision(2, space, True, value=50.0, horizon="3-12m", when="2026-03-30")
    both = make("override_need_proposals", said, again)
    later = needs_review(both, opportunities=bought, previous=first.register)
    assert space not in set(later.proposals["proposal_id"])
    row = later.register.set_index("need_id").loc[space]
    assert (row["value"], row["horizon"]) == (50.0, "3-12m")
    assert row["recorded_date"] == pd.Timestamp("2026-03-30")
    same = needs_review(make("override_need_proposals", said), opportunities=bought,
                        previous=first.register).register  # fmt: skip
    assert same.set_index("need_id").at[space, "value"] == 80.0


def test_without_decisions_proposals_stay_proposals():
    """Nothing joins the register by itself."""
    proposals, confirmed = decide_proposals(propose(), None)
    assert set(proposals["status"]) == {"proposed"}
    assert confirmed.empty


def make_experts(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Experts: id, skills, hours a week."""
    return make(
        "experts",
        *[
            {"expert_id": key, "skills": skills, "hours_per_week": hours}
            for key, skills, hours in rows
        ],
    )


def make_skill_need(key: str, skill: str, hours: float, **changes: Any) -> dict[str, Any]:
    """A need of some hours in April 2026."""
    april = {"needed_from": "2026-04-01", "needed_to": "2026-04-30"}
    return make_need(key, skill=skill, skill_hours=hours, **(april | changes))


def gaps_of(needs: list[dict[str, Any]], **inputs: Any) -> pd.DataFrame:
    """Give the gaps of the first months by skill and month."""
    found = capability_gap(
        register(*needs), KeyAccountNeedsSettings(capability_months=2), AS_OF, **inputs
    )
    return found.set_index(["skill", "month"])


def test_hours_asked_for_against_hours_of_experts_by_hand():
    """Thirty days of seven hours a week are 30 hours; spans are spread over their days."""
    needs = [
        make_skill_need("1", "x", 40.0),
        make_skill_need("2", "x", 61.0, needed_to="2026-05-31"),
    ]
    found = gaps_of(needs, experts=make_experts(("E", "x; y", 7.0)))
    row = found.loc[("x", "2026-04")]
    assert (row["required_hours"], row["available_hours"], row["gap_hours"]) == (70.0, 30.0, 40.0)
    assert row["expected_hours"] == 35.0
    assert found.loc[("x", "2026-05"), ["required_hours", "available_hours"]].tolist() == [
        31.0,
        31.0,
    ]


def test_an_expert_of_two_skills_cannot_work_twice():
    """Each skill alone seems met; together half of the hours are missing."""
    needs = [make_skill_need("1", "x", 30.0), make_skill_need("2", "y", 30.0)]
    found = gaps_of(needs, experts=make_experts(("E", "x;y", 7.0)))
    assert found.loc[("x", "2026-04"), "unmet_hours"] == 0
    assert found.loc[(ALL, "2026-04"), "unmet_hours"] == 30.0


@settings(max_examples=6)
@given(
    asked=st.lists(st.integers(0, 60), min_size=3, max_size=3),
    skills=st.lists(
        st.sampled_from(["x", "y", "z", "x;y", "y;z", "x;y;z"]), min_size=1, max_size=3
    ),
)
def test_unmet_hours_are_the_least_that_any_sharing_out_leaves(asked, skills):
    """Hall's condition: the worst set of skills against the experts who have one of them."""
    needs = [
        make_skill_need(key, key, float(hours)) for key, hours in zip("xyz", asked, strict=True)
    ]
    needs.append(make_skill_need("w", "x", 1.0))
    wanted = dict(zip("xyz", asked, strict=True))
    wanted["x"] += 1
    experts = make_experts(*[(f"E{n}", text, 7.0) for n, text in enumerate(skills)])
    found = gaps_of(needs, experts=experts)
    worst = max(
        sum(wanted[key] for key in some)
        - 30 * sum(bool(set(text.split(";")) & set(some)) for text in skills)
        for flags in product([False, True], repeat=3)
        for some in [[key for key, flag in zip("xyz", flags, strict=True) if flag]]
    )
    assert found.loc[(ALL, "2026-04"), "unmet_hours"] == pytest.approx(max(0, worst), abs=0.15)


def test_an_expert_on_leave_has_no_hours():
    """Days away are taken off, and who has left or not come yet counts nothing."""
    experts = make_experts(("E", "x", 7.0), ("F", "x", 7.0))
    experts.loc[1, "available_to"] = pd.Timestamp("2026-03-31")
    away = make(
        "availability", {"rep_id": "E", "start_date": "2026-04-01", "end_date": "2026-04-10"}
    )
    found = gaps_of([make_skill_need("1", "x", 5.0)], experts=experts, availability=away)
    assert found.loc[("x", "2026-04"), "available_hours"] == 20.0


def test_skills_are_told_apart_as_in_the_plan_of_support():
    """SQL, sql and Sql are one skill; a need that names two asks for an expert with both."""
    needs = [
        make_skill_need("1", "SQL", 20.0),
        make_skill_need("2", "sql ", 10.0),
        make_skill_need("3", "SQL", 5.0),
        make_skill_need("4", "PLC; SQL", 8.0),
    ]
    found = gaps_of(needs, experts=make_experts(("E", "Sql", 7.0), ("F", "plc；sql", 14.0)))
    assert set(found.index.get_level_values("skill")) == {ALL, "SQL", "PLC; SQL"}
    april = found.xs("2026-04", level="month")
    assert april["required_hours"].to_dict() == {ALL: 43.0, "SQL": 35.0, "PLC; SQL": 8.0}
    assert april["available_hours"].to_dict() == {ALL: 90.0, "SQL": 90.0, "PLC; SQL": 60.0}


def test_a_day_away_counts_once_and_only_while_the_expert_is_there():
    """Ten days that two tables name cost ten; leave after the last day at work costs nothing."""
    experts = make_experts(("E", "x", 7.0), ("F", "x", 7.0))
    experts.loc[1, "available_to"] = pd.Timestamp("2026-04-10")
    away = make("availability", {"rep_id": "E", "start_date": "2026-04-01",
                                 "end_date": "2026-04-10"})  # fmt: skip
    leave = make(
        "expert_leave",
        {"expert_id": "E", "start_date": "2026-04-03", "end_date": "2026-04-09"},
        {"expert_id": "F", "start_date": "2026-04-15", "end_date": "2026-04-30"},
    )
    need = [make_skill_need("1", "x", 5.0)]
    found = gaps_of(need, experts=experts, availability=away, expert_leave=leave)
    assert found.loc[("x", "2026-04"), "available_hours"] == 20.0 + 10.0


def test_without_experts_hours_are_asked_for_and_nothing_is_made_up():
    """What is available is not known, not zero; without skills there is no table."""
    found = gaps_of([make_skill_need("1", "x", 5.0)])
    assert found.loc[("x", "2026-04"), "required_hours"] == 5.0
    assert found[["available_hours", "gap_hours", "unmet_hours"]].isna().all(axis=None)
    assert capability_gap(register(make_need("1")), SETTINGS, AS_OF).empty


def test_every_table_may_be_missing():
    """With accounts alone the tables are empty, keep their columns, and notes say why."""
    accounts = make_accounts()
    bare = review_needs(accounts, all_key(accounts), SETTINGS, AS_OF)
    assert all(list(frame.columns) == [one.name for one in table(name).columns]
               for name, frame in bare.tables().items())  # fmt: skip
    assert bare.register.empty
    assert bare.white_space.empty
    assert len(bare.notes) == 3
    assert set(bare.horizons["origin"]) == {"white space"}


def test_the_order_of_rows_does_not_matter():
    """Shuffled accounts, needs and deals give the same tables."""
    needs = make(
        "needs", *[make_need(str(n), product_id=f"P{n}", buying_centre="c") for n in (1, 2)]
    )
    accounts = make_accounts()
    plain = needs_review(None, needs=needs)
    mixed = review_needs(
        accounts.iloc[::-1], all_key(accounts).iloc[::-1], SETTINGS, AS_OF,
        needs=needs.iloc[::-1], opportunities=DEALS.iloc[::-1], products=PRODUCTS.iloc[::-1],
    )  # fmt: skip
    for name, frame in plain.tables().items():
        keys = list(table(name).key)
        one, other = frame.sort_values(keys), mixed.tables()[name].sort_values(keys)
        pd.testing.assert_frame_equal(
            one.reset_index(drop=True), other.reset_index(drop=True), obj=name
        )
    np.testing.assert_allclose(plain.flow["value"], mixed.flow["value"])
