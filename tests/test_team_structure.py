"""People, cells, demand and cost of the structure, and its results as a whole."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.errors import SettingsError
from planlib.periods import FiscalYear
from planlib.settings.team_structure import CHOSEN
from planlib.tables import table
from planlib.team import StructureReview, gather_people, review_structure
from planlib.team.structure.cells import build_cells, today_heads
from planlib.team.structure.costs import FIELD_HEADS, head_costs
from planlib.team.structure.demand import measure_demand
from planlib.team.structure.ground import lay_ground
from planlib.team.structure.review import turnover
from planlib.team.structure.value import build_value
from tests.structure_frames import (
    AS_OF,
    dates,
    make_accounts,
    make_deals,
    make_inputs,
    make_reps,
    rules,
)


@cache
def usual() -> StructureReview:
    """Review the small team as it is, once for all tests."""
    return review()


def review(inputs: Any = None, **changes: Any) -> StructureReview:
    """Review a small team."""
    return review_structure(inputs or make_inputs(), rules(**changes), AS_OF, currency="EUR",
                            fiscal_year=FiscalYear(), seed=1)  # fmt: skip


def said(found: StructureReview, kind: str) -> str:
    """Give the notes of a kind as one text."""
    return "\n".join(found.notes(kind))


def test_people_have_the_kind_of_the_first_rule_that_fits() -> None:
    """Own rules come before the built-in ones, and may ask for a unit."""
    reps = make_reps(unit=["Small", "Big", "Big", "", ""])
    own = [{"kind": "inside", "roles": ["AE"], "units": ["small"]}]
    kinds = gather_people(reps, rules(role_rules=own), AS_OF).kind_of
    assert kinds.to_dict() == {
        "R1": "inside", "R2": "field", "R3": "field", "R4": "sdr", "R5": "manager",
    }  # fmt: skip


def test_leavers_and_later_hires_are_no_posts_but_open_ones_are() -> None:
    """Who has left or is not here yet does not count; an open post does, and is not here."""
    reps = make_reps(
        leave_date=dates("2026-01-01", "", "", "", ""),
        hire_date=dates("2020-01-01", "2027-01-01", "", "", ""),
        is_open_seat=[False, False, True, False, False],
    )
    people = gather_people(reps, rules(), AS_OF).people.set_index("rep_id")
    assert people["is_post"].tolist() == [False, False, True, True, True]
    assert people["is_here"].tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("changes", "topic", "who"),
    [
        ({"role": ["AE", None, "AE", "SDR", "manager"]}, "rep without role", "R2"),
        ({"role": ["AE", "Wizard", "AE", "SDR", "manager"]}, "unknown role", "R2 (Wizard)"),
        ({"region": ["North", None, "South", "North", "North"]}, "rep without region", "R2"),
        ({"region": ["North", "Moon", "South", "North", "North"]}, "region without accounts",
         "Moon: 1 posts (R2)"),
        ({"capacity_hours": [1000.0, -5.0, None, 1200.0, 300.0]}, "rep without capacity hours",
         "R2 (AE), R3 (AE)"),
        ({"rep_id": ["R1", "R1", "R3", "R4", "R5"]}, "rep named twice", "R1"),
    ],
)  # fmt: skip
def test_bad_rows_of_reps_are_named(changes: dict[str, Any], topic: str, who: str) -> None:
    """Each is named with the reps, and the rest is computed."""
    ground = lay_ground(make_inputs(reps=make_reps(**changes)), rules(), AS_OF)
    found = [*ground.roster.findings, *ground.cells.findings]
    assert [name for name, text in found if who in text] == [topic]


def test_bad_rows_of_reps_leave_a_structure() -> None:
    """With every kind of bad row the rest is computed, and the notes name each."""
    reps = make_reps(
        role=["AE", "Wizard", "AE", None, "manager"],
        region=["North", "North", "South", "North", None],
        capacity_hours=[1000.0, -5.0, None, 1200.0, 300.0],
    )
    found = review(make_inputs(reps=reps))
    assert len(found.tables["structure_scenarios"]) == 3
    assert {"rep without role", "unknown role", "rep without capacity hours"} <= {
        topic for kind, topic, _ in found.lines if kind == "finding"
    }


def test_settings_refuse_what_cannot_be() -> None:
    """Negative cost, reserved names, penalties above one: each is said with the value."""
    for changes, text in (
        ({"cost_amount": {"field": -1}}, "0 or more"),
        ({"scenarios": [{"name": "today"}]}, "none of today"),
        ({"penalty_base": 0.9}, "above 0.95"),
        ({"acv_cuts": [5, 5]}, "increase"),
        ({"limits": [{"kind": "field", "least": 3, "most": 2}]}, "above most"),
        ({"reassign_share": 1.0}, "retrain"),
    ):
        with pytest.raises(SettingsError, match=text):
            rules(**changes)


def test_accounts_without_region_take_that_of_the_owner_else_they_are_named() -> None:
    """One account is placed by its owner, one has none and is left out."""
    accounts = make_accounts()
    accounts.loc[[0, 1], "region"] = ""
    accounts.loc[1, "owner_id"] = ""
    found = build_cells(make_inputs(accounts=accounts, segments=accounts),
                        gather_people(make_reps(), rules(), AS_OF), rules())  # fmt: skip
    assert found.accounts.set_index("account_id").loc["A000", "region"] == "North"
    assert len(found.accounts) == 11
    assert "A001" in found.findings[0][1]


def test_heads_today_stand_where_the_own_accounts_are() -> None:
    """R1 owns large accounts alone, R2 small ones; regions keep whole heads for any parts."""
    ground = lay_ground(make_inputs(), rules(), AS_OF)
    heads = ground.cells.table.join(today_heads(ground.cells, ground.roster, 4))
    field = heads.set_index(["region", "segment"])["field"]
    assert field.to_dict() == {
        ("North", "Large"): 1.0, ("North", "Small"): 1.0, ("South", "Large"): 0.75,
        ("South", "Small"): 0.25,
    }  # fmt: skip
    assert heads["sdr"].sum() == 1.0


def test_small_cells_are_drawn_to_their_segment() -> None:
    """(n x own + k x pooled) / (n + k), the segment's pooled figure drawn to the whole."""
    deals = make_deals()
    ground = lay_ground(make_inputs(opportunities=deals), rules(pool_cases=5.0), AS_OF)
    demand = measure_demand(ground)
    mine = (demand["region"] == "North") & (demand["segment"] == "Large")
    row = demand[mine & (demand["measure"] == "win_share")].iloc[0]
    cells = deals.merge(make_accounts(), on="account_id")
    segment = cells[cells["segment"] == "Large"]["is_won"]
    pooled = (segment.sum() + 5 * deals["is_won"].mean()) / (len(segment) + 5)
    own = cells[(cells["segment"] == "Large") & (cells["region"] == "North")]["is_won"]
    assert row["raw_value"] == pytest.approx(own.mean())
    assert row["value"] == pytest.approx((own.sum() + 5 * pooled) / (len(own) + 5))
    assert row["low"] < row["value"] < row["high"]
    assert row["own_share"] == pytest.approx(len(own) / (len(own) + 5))


def test_cost_is_the_plan_in_force_with_overhead_else_an_index() -> None:
    """(60 + 40) x 1.25 for the field; inside by index; without pay plans heads of the field."""
    inputs, settings = make_inputs(), rules()
    roster = gather_people(inputs.reps, settings, AS_OF)
    costs = head_costs(roster, inputs.pay_plans, settings, AS_OF, "EUR")
    assert costs.by_kind["field"] == pytest.approx(125_000)
    assert costs.by_kind["inside"] == pytest.approx(0.7 * 125_000)
    assert costs.by_role["AE", "field"] == pytest.approx(125_000)
    assert np.isnan(costs.by_role["manager", "manager"])
    bare = head_costs(roster, None, settings, AS_OF, "EUR")
    assert (bare.unit, bare.by_kind["field"], bare.is_money) == (FIELD_HEADS, 1.0, False)
    given = head_costs(roster, None, rules(cost_amount={"field": 9.0}), AS_OF, "EUR")
    assert given.by_kind["field"] == given.by_role["AE", "field"] == 9.0


def test_the_model_gives_todays_margin_for_todays_heads() -> None:
    """What was won in a year, by pools, is what the model says of today."""
    inputs, settings = make_inputs(), rules()
    ground = lay_ground(inputs, settings, AS_OF)
    costs = head_costs(ground.roster, inputs.pay_plans, settings, AS_OF, "EUR")
    from planlib.team.structure.demand import wide

    value = build_value(ground, wide(measure_demand(ground), ground.cells), costs)
    problem = value.problem
    assert problem.margin(problem.today).sum() == pytest.approx(
        ground.deals["margin"].sum() / ground.years
    )
    won = ground.deals[ground.deals["creator_kind"] == "sdr"]["margin"].sum() / ground.years
    assert problem.margin(problem.today)[1].sum() == pytest.approx(0.35 * won)
    assert (value.penalty >= 0.1).all()
    assert (value.penalty <= 0.9).all()


def test_turnover_is_leavers_over_person_years() -> None:
    """One of four left after one of two years: 1 / 7."""
    reps = make_reps(leave_date=dates("2025-03-31", "", "", "", ""))
    ground = lay_ground(make_inputs(reps=reps), rules(), AS_OF)
    assert turnover(ground) == pytest.approx(1 / 7, rel=0.01)
    assert turnover(lay_ground(make_inputs(), rules(turnover_share=0.3), AS_OF)) == 0.3


def test_results_keep_their_contracts_and_add_up() -> None:
    """Every table passes its checks; heads by cell add up to those of the scenario."""
    found = usual()
    for name, frame in found.tables.items():
        table(name).check(frame)
    heads, scenarios = found.tables["structure_heads"], found.tables["structure_scenarios"]
    total = heads.groupby("scenario")["heads"].sum()
    assert total.to_dict() == pytest.approx(
        scenarios.set_index("scenario")["heads"].astype(float).to_dict()
    )
    row = scenarios.set_index("scenario").loc["optimum"]
    assert row["contribution_amount"] == pytest.approx(row["margin_amount"] - row["cost_amount"])
    mine = heads[heads["scenario"] == "optimum"]["margin_amount"].sum()
    assert mine == pytest.approx(row["margin_amount"])
    assert found.tables["structure_alignment"].groupby("cut")["today_share"].sum().tolist() == (
        pytest.approx([1.0, 1.0])
    )


def test_the_best_structure_is_no_worse_than_today_after_the_cost_of_change() -> None:
    """Contribution less the yearly part of the one-off cost is at least today's."""
    rows = review(minimum_coverage=0.0).tables["structure_scenarios"].set_index("scenario")
    net = rows["contribution_amount"] - rows["change_cost_amount"] / rules().horizon_years
    assert net["optimum"] >= net["same heads"] - 1e-3
    assert net["same heads"] >= net["today"] - 1e-3


def test_other_penalties_move_heads_inside_or_to_the_field() -> None:
    """A smaller loss of quality never has fewer inside heads than a larger one; both are named."""
    many = pd.concat([make_inputs().reps] + [
        make_inputs().reps.iloc[[2]].assign(rep_id=f"I{at}", role="inside sales rep", name="In")
        for at in range(3)
    ], ignore_index=True)  # fmt: skip
    prices = review(dataclasses.replace(make_inputs(), reps=many)).tables["structure_prices"]
    rows = prices[prices["topic"] == "assumption"]
    assert rows["item"].tolist() == [
        "loss of quality inside: half", "loss of quality inside: one and a half times",
    ]  # fmt: skip
    inside = rows["reason"].str.extract(r"loss, (\d+) of").astype("int64")[0]
    assert inside.iloc[0] >= inside.iloc[1]


def test_own_scenarios_keep_what_they_say() -> None:
    """Heads and share of inside are as asked for; the impossible one names what to relax."""
    own = [
        {"name": "half inside", "inside_share": 0.5},
        {"name": "four field", "heads": {"field": 4}, "head_change": 5, "cost_change_share": 2.0},
        {"name": "too many", "heads": {"field": 9}},
    ]
    found = review(scenarios=own, minimum_coverage=0.0)
    rows = found.tables["structure_scenarios"].set_index("scenario")
    sellers = rows["field_count"] + rows["inside_count"]
    assert abs(rows.loc["half inside", "inside_count"] - 0.5 * sellers["half inside"]) <= 0.5
    assert rows.loc["four field", "field_count"] == 4
    assert rows.loc["too many", "status"] == "infeasible"
    assert "heads of field" in str(rows.loc["too many", "reason"])


def test_limits_that_nothing_answers_to_or_today_breaks_are_named() -> None:
    """A region without accounts, a kind that is not planned, too few heads today."""
    limits = [
        {"kind": "field", "region": "Mars", "least": 1},
        {"kind": "manager", "most": 1},
        {"kind": "field", "region": "South", "least": 2},
    ]
    text = said(review(limits=limits, head_change=3, cost_change_share=2.0), "finding")
    assert "names region 'Mars'" in text
    assert "limit of manager in all regions: not used" in text
    assert "limit of field in South: 1 today, at least 2 are asked for" in text


def test_row_order_does_not_matter() -> None:
    """Shuffled tables give the same structure and futures."""
    plain = usual()
    mixed = make_inputs(
        reps=make_reps().iloc[::-1], accounts=make_accounts().sample(frac=1, random_state=1),
        opportunities=make_deals().sample(frac=1, random_state=2),
    )  # fmt: skip
    other = review(mixed)
    for name in ("structure_heads", "structure_scenarios", "structure_paths", "structure_demand"):
        pd.testing.assert_frame_equal(plain.tables[name], other.tables[name], rtol=1e-9)


@pytest.mark.parametrize(
    ("table_name", "text"),
    [
        ("accounts", "no structure is computed"),
        ("segments", "no segmentation"),
        ("opportunities", "no deal with an amount was won"),
        ("products", "revenue stands in for margin"),
        ("pay_plans", "cost is an index in heads of the field"),
        ("leads", "SDR heads stay"),
    ],
)
def test_a_missing_table_is_named_and_the_rest_computed(table_name: str, text: str) -> None:
    """Roles are described in every case, and every table keeps its contract."""
    found = review(make_inputs(**{table_name: None}))
    assert text in said(found, "missing")
    assert len(found.tables["team_roles"]) == 3
    for name, frame in found.tables.items():
        table(name).check(frame)


def test_reps_alone_give_roles_and_say_what_is_missing() -> None:
    """The least that there can be."""
    nothing = dict.fromkeys(("accounts", "segments", "opportunities", "products", "pay_plans",
                             "leads"))  # fmt: skip
    found = review(make_inputs(**nothing))
    assert found.tables["team_roles"]["role"].tolist() == ["AE", "SDR", "manager"]
    assert found.tables["structure_scenarios"].empty
    assert found.headlines == []


def test_without_cost_the_number_of_heads_is_not_judged() -> None:
    """Cost stands in heads of the field and no contribution is given."""
    found = review(make_inputs(pay_plans=None))
    rows = found.tables["structure_scenarios"]
    assert set(rows["cost_unit"]) == {FIELD_HEADS}
    assert rows["contribution_amount"].isna().all()
    assert "the number of heads is not judged" in said(found, "assumption")


def test_roles_carry_what_their_people_do() -> None:
    """Deals by owner and creator, a head and year; the gap is the industry nobody knows."""
    roles = usual().tables["team_roles"].set_index("role")
    deals = make_deals()
    assert roles.loc["AE", "closed_per_head"] == pytest.approx(len(deals) / 2 / 3)
    created = (deals["creator_id"] == "R4").sum() / 2
    assert roles.loc["SDR", "created_per_head"] == pytest.approx(created)
    assert roles.loc["AE", "accounts_per_head"] == pytest.approx(4)
    profile = usual().tables["role_profile"]
    gaps = profile[(profile["role"] == "AE") & (profile["topic"] == "gap")]
    assert set(gaps["item"]) == {"Manufacturing", "Technology"}


def test_a_role_of_two_kinds_has_a_row_for_each() -> None:
    """One AE of three works inside, another post is open: people, seats and posts reconcile."""
    reps = make_reps(unit=["Small", "Large", "Large", "Large", "Large"])
    seat = reps.iloc[[2]].assign(rep_id="R6", is_open_seat=True, hire_date=pd.NaT)
    own = [{"kind": "inside", "roles": ["AE"], "units": ["Small"], "definition": "by telephone"}]
    found = review(make_inputs(reps=pd.concat([reps, seat], ignore_index=True)), role_rules=own,
                   cost_amount={"inside": 7.0})  # fmt: skip
    roles = found.tables["team_roles"].set_index(["role", "kind"])
    assert roles.loc[("AE", "field"), ["heads", "open_count"]].tolist() == [2, 1]
    assert roles.loc[("AE", "inside"), ["heads", "open_count"]].tolist() == [1, 0]
    assert roles.loc[("AE", "inside"), "definition"] == "by telephone"
    assert roles.loc[("AE", "inside"), "cost_amount"] == 7.0
    assert roles.loc[("AE", "inside"), "accounts_per_head"] == pytest.approx(3)
    assert roles.loc[("AE", "field"), "accounts_per_head"] == pytest.approx(9 / 2)
    chosen = roles[roles.index.get_level_values("kind").isin(CHOSEN)]
    today = found.tables["structure_scenarios"].set_index("scenario").loc["today"]
    assert chosen["heads"].sum() + chosen["open_count"].sum() == today["heads"]
    assert "open seats among them: 1" in found.headlines[0]
    assert "EUR margin for them" in found.headlines[0]
    assert "It is better than today" not in said(found, "headline")  # with less margin it may be
    assert "After the cost of heads and change it leaves more than today" in said(found, "headline")


def test_a_part_of_a_head_is_not_called_a_head() -> None:
    """What a quarter of a head brings stands with its rate; a whole head brings that at most."""
    found = review(make_inputs(), head_parts=4)
    heads = found.tables["structure_heads"].query("scenario == 'optimum' and kind == 'field'")
    row = heads.iloc[0]
    rate = float(row["marginal_amount"])
    assert f"the next 1/4 of a head here brings {rate / 4:,.0f} a year" in row["reason"]
    assert f"a rate of {rate:,.0f} a head" in row["reason"]
    prices = found.tables["structure_prices"].query("topic == 'head' and item == 'field'")
    assert prices["margin_amount"].iloc[0] <= heads["marginal_amount"].max() + 1e-6
    whole = review().tables["structure_heads"].query("scenario == 'optimum' and kind == 'field'")
    assert whole["reason"].str.contains("the next head here brings").all()


def test_without_leavers_and_change_nothing_moves_over_time() -> None:
    """Today with no turnover keeps its heads and its expected margin in every quarter."""
    found = review(turnover_share=0.0, assumption_sd=0.0)
    paths = found.tables["structure_paths"]
    today = paths[(paths["scenario"] == "today") & (paths["kind"] == "all")]
    assert today["heads"].tolist() == [4.0] * 8
    assert today["margin_amount"].max() == today["margin_amount"].min()
    assert today["period"].tolist()[:2] == ["2026Q2", "2026Q3"]


def test_an_open_post_is_filled_and_ramps() -> None:
    """A vacant post brings nothing at first, and all of it in the end."""
    reps = make_reps(is_open_seat=[False, False, True, False, False])
    found = review(make_inputs(reps=reps), turnover_share=0.0, assumption_sd=0.0)
    paths = found.tables["structure_paths"]
    today = paths[(paths["scenario"] == "today") & (paths["kind"] == "all")]
    assert today["heads"].tolist()[:3] == [3.0, 4.0, 4.0]
    margin = today["margin_amount"].to_numpy()
    assert (np.diff(margin[:4]) > 0).all()
    assert margin[5] == pytest.approx(margin[-1])
