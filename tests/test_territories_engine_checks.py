"""What is asked of the engine is checked: each problem is named before a solver meets it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from planlib.errors import ParameterError
from planlib.territories import assign
from planlib.territories.engine import prices as engine_prices
from planlib.territories.engine import request as engine_request


class Blocks:
    """Costs that are given block by block."""

    def __init__(self, table: np.ndarray, shape: tuple[int, int] | None = None) -> None:
        self.table, self.shape = table, shape or table.shape

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give the costs of a range of accounts."""
        return self.table[first:last]


class Shapeless:
    """Costs block by block, of which nobody knows how many there are."""

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give the costs of a range of accounts."""
        return np.zeros((last - first, 3))


def make_request(**changes: Any) -> dict[str, Any]:
    """Make six accounts and three reps with wide limits."""
    draw = np.random.default_rng(4)
    cost, load = draw.random((6, 3)), draw.lognormal(0, 0.3, (2, 6))
    total = np.repeat(load.sum(axis=1)[:, None], 3, axis=1)
    return {"cost": cost, "load": load, "lower": 0 * total, "upper": total, **changes}


def with_value(value: float) -> np.ndarray:
    """Put a value into the costs, at account 1 and rep 2."""
    cost: np.ndarray = make_request()["cost"]
    cost[1, 2] = value
    return cost


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cost": [["a", "b", "c"]] * 6}, "cost: must be numbers, found <U1"),
        ({"cost": [[1, 2, 3], [1]]}, "cost: must be numbers, found a value that is none"),
        ({"cost": with_value(0) * 1j}, "cost: must be numbers, found complex128"),
        ({"change_cost": "x"}, "change_cost: must be numbers, found <U1"),
        ({"budget": ["x"], "stake": np.ones((1, 6))}, "budget: must be numbers, found <U1"),
        ({"upper": np.full((2, 3), -np.inf), "lower": np.full((2, 3), -np.inf)}, "found -inf"),
        ({"fixed": [0, [1], 2, 3, 4, 5]}, "fixed: must be whole numbers, -1 where there is none"),
        ({"groups": [-5] * 6}, "groups: must be at least -1, found -5"),
        ({"allowed": sparse.csr_matrix(np.full((6, 3), np.nan))}, "allowed: .* found nan"),
        ({"cost": Blocks(with_value(np.nan))}, "found nan at account 1, rep 2"),
        ({"cost": Blocks(with_value(-np.inf))}, "found -inf at account 1, rep 2"),
        ({"cost": Blocks(with_value(0), (7, 3)), "load": np.ones((2, 7))},
         r"rows\(0, 7\) must give \(7, 3\), found \(6, 3\)"),
        ({"cost": Shapeless()}, r"a provider needs shape, \(n, m\), beside rows; found None"),
        ({"cost": with_value(1e290)}, r"the largest must be 0, or from 1e-100 to 1e\+100"),
        ({"cost": with_value(0) * 1e-290}, "found .*e-29.: give costs in another unit"),
        ({"seed": 1.5}, "seed: must be a whole number of at least 0, found 1.5"),
        ({"seed": -1}, "seed: must be a whole number of at least 0, found -1"),
        ({"time_limit": "5"}, "time_limit: must be seconds, or None; found '5'"),
        ({"time_limit": float("nan")}, "time_limit: must be seconds, or None; found nan"),
        ({"workers": 0}, "workers: must be at least 1, or None; found 0"),
        ({"warm": 5}, "warm: must be an answer of assign, found int"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(changes: dict[str, Any], problem: str) -> None:
    """Each wrong value is an error of its own that says where and what was found."""
    with pytest.raises(ParameterError, match=problem):
        assign(**make_request(**changes))


def test_a_provider_has_the_findings_of_its_matrix() -> None:
    """An account that no rep may have, and a lock to a rep who may not, are found either way."""
    cost = with_value(np.inf)
    cost[4] = np.inf
    more = {"fixed": np.array([-1, 2, -1, -1, -1, -1]), "effort": "quick"}
    one = assign(**make_request(cost=cost, **more))
    two = assign(**make_request(cost=Blocks(cost), **more))
    assert one.status == two.status == "infeasible"
    assert one.violations == two.violations
    assert [found.accounts for found in one.violations] == [(4,), (1,)]


def test_a_large_provider_names_an_account_without_a_rep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no matrix is kept, the first pass over all pairs finds it."""
    monkeypatch.setattr(engine_request, "_DENSE", 0)
    monkeypatch.setattr(engine_prices, "_ALL", 0)
    cost = with_value(0)
    cost[4] = np.inf
    with pytest.raises(ParameterError, match="no rep who may have account 4 has a finite cost"):
        assign(**make_request(cost=Blocks(cost)))


def test_a_table_with_a_column_rows_is_no_provider() -> None:
    """Costs may be a frame, whatever its columns are called."""
    request = make_request()
    frame = pd.DataFrame(request["cost"], columns=["rows", "shape", "c"])
    assert assign(**{**request, "cost": frame}).cost == assign(**request).cost


def test_a_limit_below_zero_cannot_be_met() -> None:
    """It is a finding, with accounts and without."""
    request = make_request(effort="quick")
    request["upper"] = np.array(request["upper"])
    request["upper"][0, 1], request["lower"][0, 1] = -1.0, -np.inf
    found = assign(**request)
    assert found.status == "infeasible"
    assert [(one.rep, one.measure, one.limit) for one in found.violations] == [(1, 0, -1.0)]
    none = {**request, "cost": np.empty((0, 3)), "load": np.empty((2, 0))}
    assert assign(**none, fixed=[], groups=[]).status == "infeasible"


@pytest.mark.parametrize("unit", [1e-18, 1e12])
def test_the_unit_of_costs_does_not_matter(unit: float) -> None:
    """Where the simplex gives up on very large or small costs, a typical one is its unit."""
    load = np.array([[0.3, 2.6, 0.1, 0.9, 0.4, 3.1, 0.2]])
    cost = np.random.default_rng(3).random((7, 2))
    limits = np.zeros((1, 2)), np.full((1, 2), 4.0)
    one, two = assign(cost, load, *limits), assign(unit * cost, load, *limits)
    assert one.status == two.status == "optimal"
    assert (one.rep == two.rep).all()


def test_an_answer_says_in_one_line_how_good_it_is() -> None:
    """However many accounts there are, its text stays short."""
    found = assign(**make_request())
    assert repr(found).startswith("Assignment(optimal, 6 accounts, 3 reps, cost=")
    assert "\n" not in repr(found)
