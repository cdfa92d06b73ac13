"""Tests of planlib.territories.response."""

from itertools import product

import numpy as np
import pytest

from planlib.territories.response import (
    Response,
    fitted_elasticity,
    most_profitable,
    worth_of,
)


def make_response(n: int = 6, m: int = 2, *, form: str = "power", seed: int = 0) -> Response:
    """Accounts and reps with random ceilings and needed hours."""
    rng = np.random.default_rng(seed)
    return Response(
        ceiling=rng.lognormal(3, 1, (n, 1)) * rng.uniform(0.6, 1, (n, m)),
        needed=rng.uniform(5, 20, (n, 1)) * rng.uniform(1, 1.5, (n, m)),
        hours=rng.uniform(20, 40, m), elasticity=0.35, form=form,  # type: ignore[arg-type]
    )  # fmt: skip


def best_of_all(response: Response) -> float:
    """Try every plan."""
    n, m = response.shape
    return max(worth_of(response, np.array(plan)).total for plan in product(range(m), repeat=n))


@pytest.mark.parametrize("form", ["power", "saturation"])
def test_time_is_divided_so_that_hours_are_worth_the_same(form: str) -> None:
    """All of a rep's time is used, and no shift of time between two accounts adds sales."""
    response = make_response(5, 1, form=form)
    hours, sales, worth = response.divided(np.arange(5), 0)
    assert hours.sum() == pytest.approx(response.hours[0])
    args = response.ceiling[:, 0], response.needed[:, 0]
    slope = (response.sales(hours + 1e-5, *args) - sales) / 1e-5
    used = hours > 1e-9
    assert slope[used] == pytest.approx(np.full(used.sum(), worth), rel=1e-3)
    assert (slope[~used] <= worth * 1.001).all()
    rng = np.random.default_rng(1)
    for _ in range(50):
        other = rng.dirichlet(np.ones(5)) * response.hours[0]
        assert response.sales(other, *args).sum() <= sales.sum() * (1 + 1e-9)


@pytest.mark.parametrize("form", ["power", "saturation"])
def test_the_elasticity_is_that_at_the_needed_time(form: str) -> None:
    """One percent more time at the needed hours sells elasticity percent more."""
    response = make_response(form=form)
    one, ten = np.ones(1), np.full(1, 10.0)
    now, more = (response.sales(ten * by, one * 100, ten) for by in (1.0, 1.001))
    assert np.log(more / now) / np.log(1.001) == pytest.approx(0.35, rel=2e-3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("form", ["power", "saturation"])
def test_the_bound_is_never_below_the_best_plan(form: str, seed: int) -> None:
    """What no plan exceeds is not exceeded by any; the plan found comes close."""
    response = make_response(form=form, seed=seed)
    best = best_of_all(response)
    found = most_profitable(response, start=np.zeros(6, dtype=int))
    assert found.most >= best * (1 - 1e-9)
    assert best * 0.97 <= found.worth.total <= best * (1 + 1e-9)
    assert found.worth.total == pytest.approx(worth_of(response, found.rep).total)


def test_limits_are_met_and_cost_sales() -> None:
    """Within limits the plan sells no more than without, its bound holds, and counts are even."""
    response = make_response(6, 2, seed=3)
    start = np.array([0, 1, 0, 1, 0, 1])
    limits = {"load": np.ones((1, 6)), "lower": np.full((1, 2), 3.0), "upper": np.full((1, 2), 3.0)}
    found = most_profitable(response, start=start, limits=limits)
    assert np.bincount(found.rep).tolist() == [3, 3]
    even = [p for p in product(range(2), repeat=6) if sum(p) == 3]
    best = max(worth_of(response, np.array(plan)).total for plan in even)
    assert best * 0.97 <= found.worth.total <= best * (1 + 1e-9) <= found.most * (1 + 2e-9)
    assert found.worth.total <= most_profitable(response, start=start).worth.total + 1e-9


def test_who_may_not_own_does_not() -> None:
    """Forbidden pairs are not in the plan."""
    response = make_response(6, 3, seed=2)
    allowed = np.ones((6, 3), dtype=bool)
    allowed[:, 2] = False
    found = most_profitable(response, start=np.zeros(6, dtype=int), allowed=allowed)
    assert 2 not in found.rep


def test_accounts_without_sales_take_no_time() -> None:
    """An account with nothing to sell gets no hours; a rep without any sells nothing."""
    response = make_response()
    empty = Response(ceiling=response.ceiling * (np.arange(6) > 0)[:, None],
                     needed=response.needed, hours=response.hours, elasticity=0.3)  # fmt: skip
    worth = worth_of(empty, np.zeros(6, dtype=int))
    assert worth.hours[0] == 0
    assert worth.by_rep[1] == 0
    assert worth_of(empty, np.full(6, -1)).total == 0


def test_the_fit_is_drawn_to_what_is_usual() -> None:
    """Few accounts give the prior, many the slope in the data, and the error says how sure."""
    rng = np.random.default_rng(0)
    needed, potential = rng.uniform(5, 50, 4000), rng.lognormal(8, 1, 4000)
    hours = needed * rng.lognormal(0, 0.8, 4000)
    sales = potential * (hours / needed) ** 0.5 * rng.lognormal(0, 0.3, 4000)
    many = fitted_elasticity(hours, needed, sales, potential)
    few = fitted_elasticity(hours[:12], needed[:12], sales[:12] * rng.lognormal(0, 2, 12),
                            potential[:12])  # fmt: skip
    assert many[0] == pytest.approx(0.5, abs=0.02)
    assert many[2] == 4000
    assert abs(few[0] - 0.3) < 0.15
    assert few[1] > many[1]
    assert fitted_elasticity(hours[:5], needed[:5], sales[:5], potential[:5])[0] == 0.3
    unknown = np.where(np.arange(4000) < 3995, np.nan, sales)
    assert fitted_elasticity(hours, needed, unknown, potential)[0] == 0.3
