"""Tests of planlib.territories.sensitivity."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.tables import table
from planlib.territories import solve_statement, with_rep
from planlib.territories.sensitivity import _rep_rows, potential_sensitivity
from tests.territory_model_frames import make_accounts, make_segments, make_statement


def make_sensitivity(scenarios: int = 4, **changes: object):  # noqa: ANN201
    """Draw a few scenarios for the small market; changes are columns of the segments."""
    statement = make_statement()
    answers = solve_statement(statement)
    segments = make_segments(make_accounts(), **changes)
    return answers, potential_sensitivity(statement, answers, segments, scenarios=scenarios, seed=5)


def test_without_an_interval_nothing_changes() -> None:
    """Where low and high are the potential itself every draw is the plan's own market."""
    potential = make_accounts()["potential"]
    answers, found = make_sensitivity(potential_low=potential, potential_high=potential)
    reps = found.reps.set_index("rep_id")
    assert np.allclose(reps["deviation_low"], reps["deviation"])
    assert np.allclose(reps["deviation_high"], reps["deviation"])
    assert reps["within_share"].eq(1.0).all()
    assert found.met_count == 4
    assert len(found.accounts) == 40
    assert found.tables.keys() == {"territory_sensitivity", "territory_sensitivity_reps"}
    assert all(answer.status in ("optimal", "feasible") for answer in answers)


def test_intervals_spread_deviations() -> None:
    """Lowest and highest are in order and spread, shares add up, unstable is below the line."""
    _, found = make_sensitivity()
    table("territory_sensitivity").check(found.accounts)
    table("territory_sensitivity_reps").check(found.reps)
    reps = found.reps
    assert (reps["deviation_low"] < reps["deviation_high"]).all()
    accounts = found.accounts
    assert (accounts["kept_share"] + accounts["other_share"].fillna(0) <= 1 + 1e-9).all()
    assert (accounts["is_unstable"] == (accounts["kept_share"] < 0.8)).all()
    assert len(found.unstable) == accounts["is_unstable"].sum()
    assert found.unstable["kept_share"].is_monotonic_increasing


def test_few_draws_have_no_percentiles() -> None:
    """With one draw lowest, median and highest are that draw; 20 draws have percentiles."""
    _, one = make_sensitivity(1)
    reps = one.reps
    assert np.allclose(reps["deviation_low"], reps["deviation_high"])
    assert one.ends == ("lowest of the draws", "highest of the draws")
    _, two = make_sensitivity(2)
    middle = (two.reps["deviation_low"] + two.reps["deviation_high"]) / 2
    assert np.allclose(middle, two.reps["deviation_middle"])
    off = np.arange(20.0).reshape(20, 1)
    answer = solve_statement(make_statement())[0]
    assert replace(two, scenario_count=20).ends == ("10th percentile", "90th percentile")
    many = _rep_rows(make_statement(), answer, np.repeat(off, answer.block.shape[1], axis=1))
    assert many["deviation_low"].iloc[0] == pytest.approx(1.9)
    few = _rep_rows(make_statement(), answer, np.repeat(off[:19], answer.block.shape[1], axis=1))
    assert few["deviation_high"].iloc[0] == 18.0


def test_shares_of_draws_are_written_as_counts() -> None:
    """Three of four draws are no 75.0 %; what is not known stays so."""
    _, found = make_sensitivity()
    said = found.of_draws(pd.Series([0.75, np.nan, 0.0]))
    assert said.fillna("?").tolist() == ["3 of 4", "?", "0 of 4"]


def test_the_same_seed_gives_the_same_draws() -> None:
    """Two runs agree, another seed does not."""
    statement = make_statement()
    answers = solve_statement(statement)
    segments = make_segments(make_accounts())
    one, two, other = (
        potential_sensitivity(statement, answers, segments, scenarios=2, seed=seed).reps
        for seed in (1, 1, 2)
    )
    assert one.equals(two)
    assert not one["deviation_low"].equals(other["deviation_low"])


def test_nothing_to_vary_is_an_error() -> None:
    """Without potential among the measures, or without draws, the call says so."""
    statement = make_statement(measures=("workload_hours",))
    with pytest.raises(ParameterError, match="not among the measures.*\n.*at least 1"):
        potential_sensitivity(
            statement, solve_statement(statement), make_segments(make_accounts()), scenarios=0
        )


def test_a_plan_a_little_dearer_than_the_best_is_not_called_unsure() -> None:
    """What a search leaves on the table is no effect of the potential: such accounts stay."""
    statement = make_statement(tolerance=0.8, disruption_share=1.0, change_weight=50.0)
    answer = solve_statement(statement)[0]
    n, m = answer.block.shape
    others = []
    for account, rep in itertools.product(range(n), range(m)):
        plan = answer.rep.copy()
        plan[answer.block.item == answer.block.item[account]] = rep
        others.append(with_rep(answer, plan))
    near = [
        one for one in others
        if one.status == "feasible"
        and 0 < one.cost - answer.cost < 0.5 * statement.settings.change_weight
    ]  # fmt: skip
    assert near
    potential = statement.book["load_potential"]
    fixed = pd.DataFrame({"account_id": statement.book["account_id"],
                          "potential_low": potential, "potential_high": potential})  # fmt: skip
    rest = solve_statement(statement)[1:]
    found = potential_sensitivity(statement, (near[0], *rest), fixed, scenarios=2)
    assert found.accounts["kept_share"].eq(1.0).all()
    assert found.unstable.empty
