"""Tests of planlib.territories.trade_off."""

import pytest

from planlib.errors import ParameterError
from planlib.tables import table
from planlib.territories import solve_statement
from planlib.territories.figures import figures_of
from planlib.territories.trade_off import trace_trade_off
from tests.territory_model_frames import make_statement


def test_a_weight_buys_its_part() -> None:
    """More weight on travel shortens it, none on disruption moves more; the chosen one is first."""
    statement = make_statement()
    curve = trace_trade_off(statement, factors=(0.0, 1.0, 8.0))
    table("territory_trade_off").check(curve)
    assert curve["is_chosen"].sum() == len(statement.blocks)
    block = curve[curve["block"].eq("EMEA")].set_index("point")
    travel = block[block["varied"].eq("weight_travel")].set_index("value")
    moves = block[block["varied"].eq("weight_disruption")].set_index("value")
    assert travel.loc[8.0, "travel_km"] <= block.loc[0, "travel_km"] <= travel.loc[0.0, "travel_km"]
    assert moves.loc[0.0, "moved_acv"] >= block.loc[0, "moved_acv"] >= moves.loc[16.0, "moved_acv"]
    assert 1.0 not in travel.index


def test_no_point_is_cheaper_than_the_chosen_bound() -> None:
    """At the chosen weights no plan within the same limits is below the chosen plan's bound."""
    statement = make_statement()
    answers = solve_statement(statement)
    curve = trace_trade_off(statement, answers, factors=(0.5, 2.0))
    for answer in answers:
        rows = curve[curve["block"].eq(answer.block.name)]
        met = rows[rows["status"].isin(["optimal", "feasible"])]
        assert (met["chosen_cost"] >= answer.bound - 1e-6).all()
        assert rows.loc[rows["is_chosen"], "own_cost"].iloc[0] == pytest.approx(answer.cost)


def test_no_efficient_point_is_beaten() -> None:
    """An efficient point is worse in nothing than no other; a beaten one has a better rival."""
    curve = trace_trade_off(make_statement(), factors=(0.0, 4.0), others={"tolerance": (0.2, 0.5)})
    parts = ["travel_km", "misfit", "moved_acv", "tolerance_reached"]
    rows = curve[curve["block"].eq("EMEA")].reset_index(drop=True)
    values = rows[parts].to_numpy(float)
    for row in range(len(rows)):
        rivals = (
            (values <= values[row] + 1e-6).all(1) & (values < values[row] - 1e-3).any(1)
        ).any()
        assert rivals != rows.loc[row, "is_efficient"]
    assert set(rows["varied"].dropna()) >= {"tolerance", "weight_travel"}


def test_other_settings_are_named() -> None:
    """A setting that needs the tables anew is an error."""
    with pytest.raises(ParameterError, match="within: must be one of tolerance"):
        trace_trade_off(make_statement(), others={"within": ["unit"]})


def test_figures_are_in_natural_units() -> None:
    """Moved ACV is what leaves today's owner, and today's plan moves nothing."""
    statement = make_statement()
    block = statement.block("EMEA")
    today = figures_of(block, block.owner, statement.book)
    assert today.moved_count == 0
    assert today.moved_acv == 0.0
    assert 0 <= today.misfit <= 1
    assert 0 <= today.travel_km < 1500
    nobody = figures_of(block, block.owner * 0 - 1, statement.book)
    assert nobody.moved_acv_share == pytest.approx(1.0)
    assert nobody.deviation["potential"] != nobody.deviation["potential"]
