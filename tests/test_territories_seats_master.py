"""The best choice of columns agrees with trying every plan; cuts rule out no plan."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.territories.seats_columns import Columns
from planlib.territories.seats_cuts import broken_cuts, incidence, rows_of
from planlib.territories.seats_master import Asked, best_choice
from tests.test_territories_seats_columns import all_plans, everything, make_market


def make_columns(sets: list[tuple[int, ...]], cost: list[float]) -> Columns:
    """Give columns at places of their own."""
    return Columns(
        place=np.arange(len(sets), dtype=np.int32), cost=np.array(cost),
        start=np.r_[0, np.cumsum([len(one) for one in sets])],
        member=np.array([i for one in sets for i in one], dtype=np.int16),
    )  # fmt: skip


def make_asked(items: int, places: int, k: int, **changes: float) -> Asked:
    """Ask for the best plan without limits."""
    asked = {"cutoff": 1e6, "nodes": 1000, "seconds": np.inf} | changes
    return Asked(
        items=items, places=places, k=k, cutoff=asked["cutoff"], nodes=int(asked["nodes"]),
        left=lambda: asked["seconds"],
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_best_plan_is_chosen_and_bounded(seed: int) -> None:
    """Place, items and bound are those of the best of all plans."""
    market = make_market(seed)
    best = min(cost for cost, _ in all_plans(market))
    choice = best_choice(everything(market), np.full(7, 20.0), make_asked(7, 4, market.k))
    assert choice.seat is not None
    assert market.distance[np.arange(7), choice.seat].sum() == pytest.approx(best)
    assert choice.bound == pytest.approx(best)


@pytest.mark.parametrize("seed", range(8))
def test_below_the_best_plan_there_is_nothing(seed: int) -> None:
    """A cut-off at the best plan's cost leaves none, and that is proven."""
    market = make_market(seed)
    best = min(cost for cost, _ in all_plans(market))
    asked = make_asked(7, 4, market.k, cutoff=best - 0.5)
    choice = best_choice(everything(market), np.full(7, 20.0), asked)
    assert choice.seat is None
    assert choice.bound >= best - 0.5


def test_without_time_the_bound_stays_true() -> None:
    """No time left: no plan, and a bound that claims nothing."""
    market = make_market(1)
    asked = make_asked(7, 4, market.k, seconds=0.0)
    choice = best_choice(everything(market), np.full(7, 20.0), asked)
    assert choice.seat is None
    assert choice.bound <= min(cost for cost, _ in all_plans(market))


def test_three_halves_of_three_pairs_are_cut_off() -> None:
    """Of the pairs of three items, half of each serves all of them, but no plan does."""
    columns = make_columns([(0, 1), (1, 2), (0, 2), (2,)], [1.0, 1.0, 1.0, 5.0])
    share = np.array([0.5, 0.5, 0.5, 0.0])
    none = np.empty((0, 3), dtype=np.int64)
    cuts = broken_cuts(columns, share, none, 3)
    assert cuts.tolist() == [[0, 1, 2]]
    assert rows_of(cuts, incidence(columns, 3)).toarray().tolist() == [[1.0, 1.0, 1.0, 0.0]]
    assert len(broken_cuts(columns, share, cuts, 3)) == 0
    choice = best_choice(columns, np.ones(3), make_asked(3, 4, 3))
    assert (choice.bound, np.asarray(choice.seat).tolist()) == (6.0, [0, 0, 3])


def test_a_pair_within_a_triple_is_counted_once() -> None:
    """A column with all three items uses a cut up once, so a whole plan breaks none."""
    columns = make_columns([(0, 1, 2), (3, 4)], [1.0, 1.0])
    none = np.empty((0, 3), dtype=np.int64)
    assert len(broken_cuts(columns, np.ones(2), none, 5)) == 0


def test_columns_that_serve_not_everyone_give_no_plan() -> None:
    """An item in no column is proven to have no plan."""
    columns = make_columns([(0, 1), (1,)], [1.0, 1.0])
    choice = best_choice(columns, np.ones(3), make_asked(3, 2, 2, cutoff=100.0))
    assert choice.seat is None
    assert choice.bound >= 100.0


@pytest.mark.parametrize("seed", range(4))
def test_of_very_many_columns_the_cheapest_are_searched(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for few columns the bound stays true, and a plan is one of those there are."""
    market = make_market(seed)
    plans = sorted(cost for cost, _ in all_plans(market))
    monkeypatch.setattr("planlib.territories.seats_master.MANY", 8)
    monkeypatch.setattr("planlib.territories.seats_master.ROUNDS", 1)
    choice = best_choice(everything(market), np.full(7, 20.0), make_asked(7, 4, market.k))
    assert choice.bound <= plans[0] + 1e-9
    if choice.seat is not None:
        cost = market.distance[np.arange(7), choice.seat].sum()
        assert min(abs(cost - one) for one in plans) < 1e-9
