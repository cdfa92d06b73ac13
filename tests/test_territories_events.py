"""Events of the week: a leaver, new seats, a scope; frozen elsewhere, with price and moves."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories.alignment import Alignment, align
from planlib.territories.events import Event, carve, redistribute, rework

AS_OF = datetime.date(2026, 3, 31)
SIZE = 40
CITIES = ["Paris", "Lyon", "Lille", "Nantes"]


def make_accounts(**changes: object) -> pd.DataFrame:
    """Make accounts of four reps in four cities."""
    draw = np.random.default_rng(9)
    frame = pd.DataFrame({
        "account_id": [f"A-{row:03d}" for row in range(SIZE)],
        "name": [f"Company {row}" for row in range(SIZE)], "country": "France",
        "city": [CITIES[row % 4] for row in range(SIZE)], "region": "EMEA",
        "owner_id": [f"R-{row % 4 + 1}" for row in range(SIZE)],
        "acv": np.round(draw.lognormal(9, 0.5, SIZE)),
        "potential": np.round(draw.lognormal(10, 0.3, SIZE)),
    })  # fmt: skip
    return table("accounts").coerce(frame.assign(**changes))


def make_reps() -> pd.DataFrame:
    """Make four sellers."""
    frame = pd.DataFrame({
        "rep_id": ["R-1", "R-2", "R-3", "R-4"], "name": ["Ana", "Bo", "Cy", "Di"], "role": "AE",
        "region": "EMEA", "country": "France", "city": CITIES,
    })  # fmt: skip
    return table("reps").coerce(frame)


def make_settings(**changes: object) -> TerritoriesSettings:
    """Make settings that a small block can meet."""
    return TerritoriesSettings(**{
        "measures": ("potential",), "tolerance": 0.25, "disruption_share": 0.5, "effort": "quick",
        **changes,
    })  # type: ignore[arg-type] # fmt: skip


@cache
def in_force() -> Alignment:
    """Give the plan in force, solved once."""
    return align(make_accounts(), make_reps(), make_settings(), as_of=AS_OF)


def owner_of(plan: pd.DataFrame) -> pd.Series:
    """Give the owner by account."""
    return plan.set_index("account_id")["rep_id"]


def only_moved(event: Event, before: pd.DataFrame) -> set[str]:
    """Give the accounts whose owner differs, checked to be those that the event lists."""
    old, new = owner_of(before), owner_of(event.plan)
    differs = set(old.index[old.ne(new)])
    assert set(event.moved["account_id"]) == differs
    return differs


def test_a_leaver_hands_over_everything_and_nobody_else_is_touched():
    """Exactly the accounts of the leaver move, none of them to the leaver."""
    plan = in_force().plan
    event = redistribute("R-1", plan, make_accounts(), make_reps(), make_settings(), as_of=AS_OF)
    mine = set(plan.loc[plan["rep_id"].eq("R-1"), "account_id"])
    assert only_moved(event, plan) == mine
    assert "R-1" not in set(event.plan["rep_id"])
    assert set(event.balance["rep_id"]) == {"R-2", "R-3", "R-4"}
    assert event.budget()["used"].eq(0).all()
    assert event.name == "Ana (R-1) leaves"


def test_the_price_of_a_leaver_is_the_cost_of_the_new_owners():
    """The sum over the accounts handed over, as the plan prices them."""
    plan = in_force().plan
    event = redistribute("R-1", plan, make_accounts(), make_reps(), make_settings(), as_of=AS_OF)
    assert event.price == pytest.approx(event.moved["cost"].sum())
    shown = event.summary().set_index("result")["value"]
    assert shown["Price in the objective"] == f"{event.price:,.2f} cost units"


def test_receivers_can_be_named():
    """Then they alone take over."""
    plan = in_force().plan
    event = redistribute("R-1", plan, make_accounts(), make_reps(), make_settings(tolerance=0.6),
                         as_of=AS_OF, to=["R-2", "R-3"])  # fmt: skip
    assert set(event.moved["new_rep_id"]) <= {"R-2", "R-3"}
    assert owner_of(event.plan)[owner_of(plan).eq("R-4")].eq("R-4").all()


def test_balance_before_is_that_of_the_plan_in_force():
    """Not that of the owners in the account table, who may be others."""
    plan = in_force().plan
    event = redistribute("R-1", plan, make_accounts(owner_id="R-4"), make_reps(), make_settings(),
                         as_of=AS_OF)  # fmt: skip
    sums = plan.groupby("rep_id")["potential"].sum()
    before = event.balance.set_index("rep_id")["before"]
    assert before.to_dict() == pytest.approx(sums[before.index].to_dict())


def test_new_seats_take_from_their_givers_alone():
    """The seats are filled, others keep theirs, and the whole adds up."""
    plan = in_force().plan
    event = carve(1, plan, make_accounts(), make_reps(), make_settings(), from_=["R-1", "R-2"],
                  as_of=AS_OF)  # fmt: skip
    moved = only_moved(event, plan)
    assert set(owner_of(plan)[sorted(moved)]) <= {"R-1", "R-2"}
    assert set(event.moved["new_rep_id"]) == {"SEAT-1"}
    assert set(event.balance["rep_id"]) == {"R-1", "R-2", "SEAT-1"}
    assert event.balance["is_within"].all()
    assert event.balance["after"].sum() == pytest.approx(event.balance["before"].sum())
    assert event.price > 0


def test_a_seat_may_be_described():
    """What is said of it is kept; the rest is as with the first giver."""
    seats = pd.DataFrame({"rep_id": ["N-1"], "name": ["North"], "city": ["Lille"]})
    event = carve(seats, in_force().plan, make_accounts(), make_reps(), make_settings(),
                  from_="R-3", as_of=AS_OF)  # fmt: skip
    assert set(event.moved["new_rep_name"]) == {"North"}
    seat = event.alignment.statement.sellers.set_index("rep_id").loc["N-1"]
    assert (seat["region"], bool(seat["is_open_seat"])) == ("EMEA", True)


@pytest.mark.parametrize(
    ("seats", "problem"),
    [
        (1.5, "new_seats: is 1.5; must be a whole number, or a table with rep_id"),
        (pd.DataFrame({"rep_id": ["R-1"]}), "rep_id R-1 owns accounts already"),
    ],
)
def test_a_seat_needs_an_id_of_its_own(seats, problem):
    """Who owns accounts is no new seat, and half a seat is none."""
    with pytest.raises(ParameterError, match=problem):
        carve(seats, in_force().plan, make_accounts(), make_reps(), make_settings(), from_="R-3",
              as_of=AS_OF)  # fmt: skip


def test_seats_are_numbered_on_from_those_of_the_plan():
    """A seat of an earlier carve keeps its id, also where reps do not know it."""
    plan = in_force().plan
    plan = plan.assign(rep_id=plan["rep_id"].mask(plan["account_id"].eq("A-002"), "SEAT-1"))
    event = carve(np.int64(1), plan, make_accounts(), make_reps(), make_settings(), from_="R-1",
                  as_of=AS_OF)  # fmt: skip
    assert set(event.moved["new_rep_id"]) == {"SEAT-2"}


def test_a_budget_of_the_carve_is_kept():
    """No more than this share of the givers' ACV moves."""
    plan = in_force().plan
    event = carve(1, plan, make_accounts(), make_reps(), make_settings(tolerance=0.9),
                  from_=["R-1", "R-2"], as_of=AS_OF, disruption_share=0.2)  # fmt: skip
    acv = make_accounts().set_index("account_id")["acv"]
    givers = acv[owner_of(plan).isin(["R-1", "R-2"])].sum()
    assert 0 < acv[event.moved["account_id"]].sum() <= 0.2 * givers
    budget = event.budget().set_index("budget").loc["acv"]
    assert budget["used"] == pytest.approx(acv[event.moved["account_id"]].sum())


def test_everything_outside_the_scope_is_frozen():
    """Only accounts of the scope may move, though others would like to and nothing is charged."""
    plan = in_force().plan.assign(rep_id=make_accounts()["owner_id"].to_numpy()[::-1])
    free = make_settings(weight_disruption=0.0, change_weight=0.0, disruption_share=None,
                         tolerance=0.9)  # fmt: skip
    scope = plan["account_id"].head(12).tolist()
    event = rework(scope, plan, make_accounts(), make_reps(), free, as_of=AS_OF)
    assert set() < only_moved(event, plan) <= set(scope)
    more = rework(plan["account_id"], plan, make_accounts(), make_reps(), free, as_of=AS_OF)
    assert only_moved(more, plan) - set(scope)


def test_other_parts_of_the_market_are_not_solved():
    """A leaver in one region leaves the other region's plan and balance alone."""
    region = ["EMEA"] * 20 + ["APAC"] * 20
    accounts = make_accounts(region=region, owner_id=[f"R-{1 + row // 10}" for row in range(SIZE)])
    reps = make_reps().assign(region=["EMEA", "EMEA", "APAC", "APAC"])
    plan = accounts[["account_id", "acv", "potential"]].assign(rep_id=accounts["owner_id"])
    event = redistribute("R-1", plan, accounts, reps, make_settings(), as_of=AS_OF)
    assert only_moved(event, plan) == set(plan["account_id"].head(10))
    assert set(event.moved["new_rep_id"]) == {"R-2"}
    assert set(event.balance["rep_id"]) == {"R-2"}


def test_an_empty_scope_changes_nothing():
    """And says so."""
    plan = in_force().plan
    event = rework([], plan, make_accounts(), make_reps(), make_settings(), as_of=AS_OF)
    assert event.moved.empty
    assert event.price == 0
    assert "no account to hand over" in event.notes[0]


def test_order_of_rows_does_not_matter():
    """Shuffled tables give the same moves."""
    plan = in_force().plan
    plain = redistribute("R-2", plan, make_accounts(), make_reps(), make_settings(), as_of=AS_OF)
    mixed = redistribute("R-2", plan.iloc[::-1], make_accounts().iloc[::-1],
                         make_reps().iloc[::-1], make_settings(), as_of=AS_OF)  # fmt: skip
    pd.testing.assert_frame_equal(plain.moved, mixed.moved)
    pd.testing.assert_series_equal(owner_of(plain.plan), owner_of(mixed.plan).sort_index())


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda *rest: redistribute("R-11", *rest, as_of=AS_OF), "'R-11' is not in reps .did you"),
        (lambda *rest: redistribute([], *rest, as_of=AS_OF), "names nobody"),
        (lambda *rest: redistribute("R-1", *rest, as_of=AS_OF, to=["R-1"]), "beside the leaver"),
        (lambda *rest: carve(0, *rest, from_="R-1", as_of=AS_OF), "at least 1 is needed"),
        (lambda *rest: carve(1, *rest, from_="X", as_of=AS_OF), "'X' is not in reps"),
        (lambda *rest: rework(["Z"], *rest, as_of=AS_OF), "not in the plan: 1 account, first Z"),
    ],
)
def test_bad_requests_are_named(call, match):
    """Unknown reps and accounts, no seat, nobody to take over."""
    with pytest.raises(ParameterError, match=match):
        call(in_force().plan, make_accounts(), make_reps(), make_settings())
