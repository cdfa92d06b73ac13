"""Columns of the choice of seats: every one that a better plan can hold is listed, once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from planlib.territories.seats_bound import Bound, Market, climb, in_cells, least_with
from planlib.territories.seats_columns import Columns, Prices, list_columns, worth


def make_market(seed: int, items: int = 7, places: int = 4, *, whole: bool = True) -> Market:
    """Draw a small case, one pair of it not allowed."""
    draw = np.random.default_rng(seed)
    distance = draw.integers(1, 50, (items, places)).astype(float)
    distance[0, 0] = np.inf
    load = draw.integers(1, 9, items).astype(float)
    room = draw.integers(22, 30, places).astype(float)
    if not whole:
        load += draw.random(items)
    return Market(
        distance=distance, load=load, room=room, k=2,
        grid=in_cells(load, room, distance.size, 100.0),
    )  # fmt: skip


def all_columns(market: Market) -> dict[tuple[int, ...], float]:
    """Give every place with every set that it can serve, and the distance."""
    items, places = market.distance.shape
    found = {}
    for j, count in itertools.product(range(places), range(1, items + 1)):
        for some in itertools.combinations(range(items), count):
            cost = sum(market.distance[i, j] for i in some)
            if cost < np.inf and sum(market.load[i] for i in some) <= market.room[j]:
                found[(j, *some)] = cost
    return found


def all_plans(market: Market) -> list[tuple[float, list[tuple[int, ...]]]]:
    """Give every plan's cost and its columns."""
    items, places = market.distance.shape
    columns, plans = all_columns(market), []
    for seat in itertools.product(range(places), repeat=items):
        held = [(j, *(i for i in range(items) if seat[i] == j)) for j in range(places) if j in seat]
        if len(held) <= market.k and all(one in columns for one in held):
            plans.append((sum(columns[one] for one in held), held))
    return plans


def keys(columns: Columns) -> list[tuple[int, ...]]:
    """Give place and items of each column."""
    return [
        (int(columns.place[t]), *columns.member[columns.start[t] : columns.start[t + 1]].tolist())
        for t in range(len(columns))
    ]


def everything(market: Market) -> Columns:
    """List all columns."""
    nothing = Bound(value=0.0, price=np.zeros(len(market.load)), use=np.zeros(len(market.room)))
    listed = list_columns(market, nothing, 1e6, 10_000)
    assert listed is not None
    return listed[0]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_with_a_high_cutoff_every_column_is_listed_once(seed: int, whole: bool) -> None:
    """All sets within the rooms, with their distances, and no other."""
    market = make_market(seed, whole=whole)
    expected, columns = all_columns(market), everything(market)
    found = keys(columns)
    assert sorted(found) == sorted(expected)
    assert columns.cost.tolist() == pytest.approx([expected[one] for one in found])


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_plans_below_the_cutoff_consist_of_listed_columns(seed: int, whole: bool) -> None:
    """No column of a plan below the cut-off is missing, and many others are left out."""
    market = make_market(seed, whole=whole)
    plans = all_plans(market)
    cutoff = np.quantile([cost for cost, _ in plans], 0.1)
    bound = climb(market, market.distance[:, 1:].max(axis=1), float(cutoff), 100)
    listed = list_columns(market, bound, float(cutoff), 10_000)
    assert listed is not None
    found = set(keys(listed[0]))
    assert listed[1] == cutoff
    assert all(set(held) <= found for cost, held in plans if cost < cutoff)
    assert len(found) < len(all_columns(market))


def test_too_many_columns_lower_the_cutoff_or_give_none() -> None:
    """A limit on their number holds, and the cut-off that is kept says what it means."""
    market = make_market(2)
    bound = climb(market, market.distance[:, 1:].max(axis=1), 200.0, 100)
    full = list_columns(market, bound, bound.value + 60, 10_000)
    assert full is not None
    limit = len(full[0]) - 1
    listed = list_columns(market, bound, bound.value + 60, limit)
    assert listed is not None
    assert len(listed[0]) <= limit
    assert bound.value < listed[1] < full[1]
    complete = list_columns(market, bound, listed[1], 10_000)
    assert complete is not None
    assert sorted(keys(complete[0])) == sorted(keys(listed[0]))
    assert list_columns(market, bound, 1e6, 1) is None


@pytest.mark.parametrize("seed", range(8))
def test_the_worth_of_columns_is_never_above_a_plan(seed: int) -> None:
    """Any prices and tolls bound every plan, and each column in it."""
    market = make_market(seed)
    columns, draw = everything(market), np.random.default_rng(seed)
    prices = Prices(
        item=draw.uniform(-20, 60, 7), cuts=np.array([[0, 1, 2], [1, 3, 6], [2, 4, 5]]),
        toll=np.array([-5.0, 0.0, -11.0]),
    )  # fmt: skip
    reduced = prices.reduced(columns)
    bound, within = worth(columns, prices, reduced, (4, market.k))
    number = {key: t for t, key in enumerate(keys(columns))}
    for cost, held in all_plans(market):
        assert bound <= cost + 1e-9
        assert all(within[number[one]] <= cost + 1e-9 for one in held)


def test_a_column_pays_a_cut_that_holds_two_of_its_items() -> None:
    """One of three items is free of the toll, two and three pay it once."""
    columns = Columns(
        place=np.zeros(3, np.int32), cost=np.array([10.0, 10.0, 10.0]),
        start=np.array([0, 2, 4, 7]), member=np.array([0, 3, 0, 1, 0, 1, 2], np.int16),
    )  # fmt: skip
    prices = Prices(
        item=np.array([1.0, 2, 3, 4]), cuts=np.array([[0, 1, 2]]), toll=np.array([-5.0])
    )
    assert prices.reduced(columns).tolist() == [5.0, 12.0, 9.0]


def test_the_least_values_of_at_most_k_places_are_added() -> None:
    """A place above 0 stays closed; forcing it open closes the last of the others if need be."""
    value = np.array([-3.0, -5.0, 2.0, np.inf])
    bound, beside = least_with(100.0, value, 2)
    assert bound == 92.0
    assert (beside + value).tolist() == [92.0, 92.0, 97.0, np.inf]
    bound, beside = least_with(100.0, value, 3)
    assert (bound, (beside + value).tolist()) == (92.0, [92.0, 92.0, 94.0, np.inf])


def test_cells_never_forbid_what_fits() -> None:
    """Loads that fill a room to the last bit fill it in cells; whole loads are kept as they are."""
    draw = np.random.default_rng(1)
    for _ in range(200):
        load = draw.random(9) * draw.choice([1e-3, 1.0, 1e6])
        room = np.array([load.sum(), load.sum() / 3])
        size, width = in_cells(load, room, 100, 1000.0)
        assert size.sum() <= width[0] <= 2001
    size, width = in_cells(np.array([3.0, 4.0]), np.array([7.5]), 100, 1000.0)
    assert (size.tolist(), width.tolist()) == ([3, 4], [7])
    assert in_cells(np.array([3.0]), np.array([1e6]), 100, 1000.0)[1].max() <= 2001
