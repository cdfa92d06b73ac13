"""Targets of territories: equal, by capacity, by ramp, by unit, given; what they rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.territory_frames import (
    details,
    make_accounts,
    make_reps,
    make_settings,
    make_statement,
)


def shares(target: np.ndarray) -> list[float]:
    """Give each rep's share of the targets."""
    return list(target / target.sum())


@pytest.mark.parametrize("kind", ["equal", "capacity", "unit capacity", "ramp", "given"])
def test_targets_sum_to_the_load_whatever_their_kind(kind: str) -> None:
    """What is to be divided is what the accounts hold."""
    block = make_statement(settings=make_settings(targets=kind)).blocks[0]
    np.testing.assert_allclose(block.target.sum(axis=1), block.load.sum(axis=1))


def test_new_hires_and_open_seats_ramp_up() -> None:
    """A hire of today has less than full capacity, a seat filled later still less."""
    reps = make_reps(hire_date=pd.to_datetime(["2020-01-01", "2026-03-31", None, None]),
                     is_open_seat=[False, False, True, False])  # fmt: skip
    settings = make_settings(targets="ramp", ramp_days=180, ramp_start=0.25, seat_fill_days=60)
    statement = make_statement(reps=reps, settings=settings)
    ramp = statement.sellers["ramp"].tolist()
    assert ramp[0] == 1.0
    assert ramp[1] == pytest.approx(1 - 0.75 * 90 / 365, abs=1e-3)
    assert ramp[2] == pytest.approx(ramp[1] - 60 / 365, abs=1e-3)
    assert shares(statement.blocks[0].target[0]) == pytest.approx(
        [one / sum(ramp) for one in ramp])  # fmt: skip


def test_given_targets_are_scaled_and_incomplete_ones_give_way() -> None:
    """Targets in any unit give proportions; a missing rep lets capacity decide; both say so."""
    given = pd.DataFrame({"rep_id": ["R-1", "R-2", "R-3"] * 2,
                          "measure": ["potential"] * 3 + ["workload_hours"] * 3,
                          "target": [2.0, 1.0, 1.0, 1.0, 1.0, 0.0]})  # fmt: skip
    statement = make_statement(settings=make_settings(targets="given"), targets=given)
    target = statement.blocks[0].target
    assert shares(target[0]) == pytest.approx([0.5, 0.25, 0.25])
    assert shares(target[1]) == pytest.approx([1 / 3] * 3)
    found = details(statement, "target")
    assert "the targets are scaled to that" in found
    assert "no target of workload_hours is given for R-3" in found
    assert "the target of workload_hours is not above 0" in found


def test_targets_may_stand_in_the_reps_table() -> None:
    """Columns target_<measure> of reps do as well."""
    reps = make_reps().assign(target_potential=[3.0, 1.0, 1.0, np.nan])
    settings = make_settings(targets_by_measure={"potential": "given"})
    block = make_statement(reps=reps, settings=settings).blocks[0]
    assert shares(block.target[0]) == pytest.approx([0.6, 0.2, 0.2])
    assert shares(block.target[1]) == pytest.approx([1 / 3] * 3)


def test_targets_of_people_who_own_nothing_are_named() -> None:
    """A target of a manager is not used."""
    given = pd.DataFrame({"rep_id": ["M-1"], "measure": ["potential"], "target": [5.0]})
    statement = make_statement(settings=make_settings(targets="given"), targets=given)
    assert "targets of M-1 are not used" in details(statement, "target")


def test_an_unknown_capacity_makes_all_alike_and_is_said() -> None:
    """Capacity of one rep is missing or 0: equal targets, with the reps named."""
    statement = make_statement(reps=make_reps(capacity_hours=[1000.0, 0.0, np.nan, np.nan]))
    assert shares(statement.blocks[0].target[0]) == pytest.approx([1 / 3] * 3)
    assert "capacity_hours of R-2, R-3 is not known or not above 0" in details(statement, "target")


def test_four_measures_with_their_own_tolerances() -> None:
    """Each measure has its row of loads, its targets and its tolerance."""
    settings = make_settings(
        measures=("potential", "workload_hours", "acv", "accounts"), tolerances={"acv": 0.4},
        targets_by_measure={"accounts": "equal"},
    )  # fmt: skip
    block = make_statement(settings=settings).blocks[0]
    assert block.tolerance.tolist() == [0.2, 0.2, 0.4, 0.2]
    assert block.target[3].tolist() == [8.0, 8.0, 8.0]


def test_scaling_a_measure_changes_nothing_but_its_unit() -> None:
    """Loads and limits in another currency have the same proportions, and costs stay."""
    accounts = make_accounts()
    plain = make_statement(accounts).blocks[0]
    scaled = make_statement(accounts.assign(potential=accounts["potential"] * 1e6)).blocks[0]
    np.testing.assert_allclose(scaled.load[0], plain.load[0] * 1e6)
    np.testing.assert_allclose(scaled.upper[0], plain.upper[0] * 1e6)
    np.testing.assert_array_equal(scaled.costs.total(), plain.costs.total())
