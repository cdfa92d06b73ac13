"""The search in regions: who is in them, heat, plans combined part by part, prices of one's own."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planlib.territories import assign
from planlib.territories.engine.bonus_kernels import DEPTH, least_of_territories
from planlib.territories.engine.field import Field, is_met, make_field
from planlib.territories.engine.group_kernels import add_up, make_regions, potential, start_random
from planlib.territories.engine.heat import SHARED, above_bound, heat_at, heat_of
from planlib.territories.engine.prices import find_prices
from planlib.territories.engine.request import make_request as engine_request
from planlib.territories.engine.search import (
    REGION,
    Found,
    begin,
    best_dealt,
    combined,
    search,
)
from tests.test_territories_engine import assert_within, make_market

REPS = 2 * REGION  # as many territories as two regions need


def make_field_of(request: dict[str, Any], **options: Any) -> Field:
    """Make what the search works on from a request."""
    given = engine_request(**request, options=options)
    priced = find_prices(given, seed=0, pool=None)
    return make_field(given, priced.seen, priced.prices, priced.scale)


def best_arcs(place: Field) -> np.ndarray:
    """Give each item's arc of least regret."""
    order = np.lexsort((place.regret, place.arcs.item))
    return np.asarray(order[place.arcs.start[:-1]])


def searched(place: Field, seed: int, chunks: int, start: np.ndarray | None = None) -> Found:
    """Search until there is a plan, and for some chunks of work more."""
    done = 0

    def go_on(found: Found) -> float | None:
        nonlocal done
        done += found.best is not None
        return None if done > chunks else done / chunks

    work = 12_000 * REPS
    found = search(
        place, best_arcs(place) if start is None else start, work=200 * work, chunk=work,
        planned=200 * work, seed=seed, pool=None, go_on=go_on,
    )  # fmt: skip
    assert found.best is not None
    assert place.meets(found.best)
    return found


def plan_of(found: Found) -> np.ndarray:
    """Give the best plan by arc."""
    assert found.best is not None
    return found.best


@pytest.mark.parametrize(("count", "reps"), [(1, 5), (2, 41), (3, 60), (8, 200)])
def test_regions_share_the_territories_evenly(count: int, reps: int) -> None:
    """Every territory is in one region, sizes differ by one at most, and each draw is another."""
    neighbour = np.stack([(np.arange(reps) + step) % reps for step in (1, -1)], axis=1)
    odds = np.tile([0.5, 1.0], (reps, 1))
    state, regions = np.empty(1, dtype=np.uint64), []
    for seed in (1, 1, 2):
        region = np.empty(reps, dtype=np.int64)
        start_random(state, seed, 0)
        make_regions(state, count, neighbour, odds, region)
        sizes = np.bincount(region, minlength=count)
        assert len(sizes) == count
        assert sizes.max() - sizes.min() <= 1
        regions.append(region.tolist())
    assert regions[0] == regions[1]
    assert count == 1 or regions[0] != regions[2]


def test_regions_grow_from_neighbour_to_neighbour() -> None:
    """On a ring, regions are few arcs of it, not scattered territories."""
    neighbour = np.stack([(np.arange(100) + step) % 100 for step in (1, -1)], axis=1)
    state, region = np.empty(1, dtype=np.uint64), np.empty(100, dtype=np.int64)
    start_random(state, 3, 0)
    make_regions(state, 4, neighbour, np.tile([0.5, 1.0], (100, 1)), region)
    assert (region != np.roll(region, 1)).sum() < 40


@pytest.mark.parametrize(("territories", "regions"), [(40, 1), (40, 2), (200, 8)])
def test_heat_falls_by_the_same_factor_each_time(territories: int, regions: int) -> None:
    """It begins lower where there are many territories, and ends where it is cold."""
    place = make_field_of(make_market(1, 4 * territories, territories, tolerance=0.2))
    found = begin(place, np.zeros(4 * territories, dtype=np.int64))
    found.regions = regions
    heats = np.array([heat_at(found, share) for share in np.linspace(0.0, 1.0, 5)])
    assert heats[0] == (0.2 if territories < SHARED else 0.08)
    assert heats[-1] == pytest.approx(0.005 if regions == 1 else 0.01)
    assert np.allclose(heats[1:] / heats[:-1], heats[1] / heats[0])


def test_heat_is_no_more_than_changes_cost() -> None:
    """A plan far above the bound is not shaken more than by what its changes usually cost."""
    place = make_field_of(make_market(1))
    second = best_arcs(place)
    second[::7] += np.where(second[::7] + 1 < place.arcs.start[1:][::7], 1, -1)
    found = begin(place, second)
    regret = place.regret[second]
    usual = float(np.median(regret[regret > 0]))
    share = above_bound(place, found) / len(place.price)
    assert heat_of(place, found) == pytest.approx(min(share, 40 * usual))
    far = replace(place, price=1e6 * (np.abs(place.price) + 1.0))
    assert heat_of(far, begin(far, second)) == pytest.approx(40 * usual)
    none = replace(place, regret=np.zeros_like(place.regret))
    assert 0 < heat_of(none, begin(none, second)) < np.inf


@pytest.mark.parametrize("seed", range(3))
def test_combined_plans_are_within_limits_and_no_dearer_than_either(seed: int) -> None:
    """The better of two plans, part by part, meets every limit and costs no more than either."""
    place = make_field_of(make_market(seed, 800, REPS, tolerance=0.05))
    one, other = plan_of(searched(place, 1, 3)), plan_of(searched(place, 2, 3))
    both = combined(place, one, other)
    assert (one != other).any()
    assert place.meets(both)
    assert place.cost_of(both) <= min(place.cost_of(one), place.cost_of(other)) + 1e-9
    assert ((both == one) | (both == other)).all()
    assert (combined(place, other, one) == both).all()


def test_parts_that_are_apart_are_taken_from_either_plan() -> None:
    """Of two swaps between different pairs of reps only the good one is kept."""
    cost = np.array([[1.0, 2, 9, 9], [2, 1, 9, 9], [9, 9, 1, 2], [9, 9, 2, 1]])
    load, limit = np.ones((1, 4)), np.ones((1, 4))
    place = make_field_of({"cost": cost, "load": load, "lower": limit, "upper": limit})
    one = place.nearest(np.array([0, 1, 3, 2]))  # the second pair is swapped
    other = place.nearest(np.array([1, 0, 2, 3]))  # the first pair is
    assert place.arcs.rep[combined(place, one, other)].tolist() == [0, 1, 2, 3]


def test_plans_that_share_a_budget_are_not_combined_beyond_it() -> None:
    """Two parts that are each within a budget, but not together, are not both taken."""
    cost = np.array([[1.0, 2, 9, 9], [2, 1, 9, 9], [9, 9, 1, 2], [9, 9, 2, 1]])
    load, limit = np.ones((1, 4)), np.ones((1, 4))
    request = {"cost": cost, "load": load, "lower": limit, "upper": limit}
    place = make_field_of(
        request, owner=np.array([1, 0, 3, 2]), stake=np.ones((1, 4)), budget=np.array([2.0])
    )
    one, other = place.nearest(np.array([0, 1, 3, 2])), place.nearest(np.array([1, 0, 2, 3]))
    both = combined(place, one, other)
    assert place.meets(both)
    assert place.cost_of(both) <= min(place.cost_of(one), place.cost_of(other))


@pytest.mark.parametrize("budget", [False, True])
def test_regions_give_the_same_plan_on_any_number_of_threads(*, budget: bool) -> None:
    """Threads share the regions, and the plan is within limits and budget, and the same."""
    request = make_market(2, 800, REPS, tolerance=0.1)
    if budget:
        owner = assign(**request, effort="quick", seed=5).rep
        request |= {"owner": owner, "stake": request["load"][:1],
                    "budget": np.array([0.1 * request["load"][0].sum()])}  # fmt: skip
    found = [assign(**request, effort="quick", workers=workers) for workers in (1, 2, 3)]
    assert_within(request, found[0])
    assert (found[0].rep == found[1].rep).all()
    assert (found[0].rep == found[2].rep).all()
    if budget:
        assert found[0].used[0] <= request["budget"][0]


@pytest.mark.parametrize("seed", range(2))
def test_more_work_in_regions_never_ends_above_its_start(seed: int) -> None:
    """From a plan within the limits, the search gives one at most as dear, within the limits."""
    place = make_field_of(make_market(seed, 800, REPS, tolerance=0.1))
    start = plan_of(searched(place, 0, 2))
    after = plan_of(searched(place, 1, 6, start))
    assert place.meets(after)
    assert place.cost_of(after) <= place.cost_of(start)
    assert is_met(place.request, place.rep_of(after))


def test_loads_are_kept_while_regions_change_them() -> None:
    """What the search says that a plan takes is what adding it up from scratch gives."""
    place = make_field_of(make_market(4, 800, REPS, tolerance=0.1))
    found = searched(place, 0, 3)
    loads, used = np.zeros_like(found.loads), np.zeros_like(found.used)
    add_up(found.current, place.arcs.rep, place.load, place.stake, loads, used)
    assert found.regions == REPS // REGION
    assert np.allclose(loads, found.loads)


@pytest.mark.parametrize("seed", range(30))
def test_the_least_part_of_a_territory_is_that_of_all_its_subsets(seed: int) -> None:
    """With room for all subsets, the least part is exact, and the changes written down cost it."""
    draw = np.random.default_rng(seed)
    count, measures = 9, 1 + seed % 3
    cost = np.sort(draw.random(count))
    change = draw.normal(0, 1, (count, measures))
    base = draw.normal(0, 1, (1, measures))
    lower = -draw.uniform(0.2, 1.5, (1, measures))
    upper = draw.uniform(0.2, 1.5, (1, measures))
    price = draw.normal(0, 0.5, (1, measures)) * (draw.random((1, measures)) < 0.7)
    price[0, 0] = 0.0 if seed % 5 == 0 else price[0, 0]
    if seed % 5 == 0:
        upper[0, 0] = np.inf  # an open limit has no price
    hard = np.full((1, measures), 1e12)

    def part(chosen: np.ndarray) -> float:
        load = base[0] + change[chosen].sum(axis=0)
        return float(cost[chosen].sum()) + potential(0, load, lower, upper, price, hard)

    subsets = [np.flatnonzero(bits) for bits in itertools.product([0, 1], repeat=count)]
    truth, ceiling = min(part(one) for one in subsets), 3.0
    least, chosen = np.zeros(1), np.zeros((1, DEPTH), dtype=np.int64)
    number = np.zeros(1, dtype=np.int64)
    first = np.array([0, count])
    for most in (4, 2000):
        least[:] = 0.0
        least_of_territories(
            (0, 1), first, cost, change, base, (lower, upper, price), np.array([ceiling]), most,
            least, (chosen, number),
        )  # fmt: skip
        assert least[0] <= min(truth, ceiling) + 1e-9
    assert least[0] == pytest.approx(min(truth, ceiling))
    if truth < ceiling:
        assert part(chosen[0, : number[0]]) == pytest.approx(truth)
    else:
        assert number[0] == -1


def test_a_start_deals_out_what_costs_the_same() -> None:
    """Where all reps cost the same, nobody begins with far more than another."""
    limits = np.full((1, 10), 5.0), np.full((1, 10), 40.0)
    place = make_field_of(
        {"cost": np.ones((200, 10)), "load": np.ones((1, 200)), "lower": limits[0],
         "upper": limits[1]}
    )  # fmt: skip
    counts = np.bincount(place.arcs.rep[place.dealt(0)], minlength=10)
    assert counts.min() >= 15
    assert counts.max() <= 25


def unsure(reps: int, kinds: int, seed: int) -> Field:
    """Make a field of reps of a few kinds, at prices a little off, as those of many reps are."""
    draw = np.random.default_rng(seed)
    cost = draw.random((2000, kinds))[:, draw.integers(0, kinds, reps)]
    load = draw.lognormal(0, 0.5, (1, 2000))
    target = np.full((1, reps), load.sum() / reps)
    place = make_field_of({"cost": cost, "load": load, "lower": 0.95 * target,
                           "upper": 1.05 * target})  # fmt: skip
    arcs = place.arcs
    regret = place.regret + 3e-4 * draw.random(reps)[arcs.rep] * place.typical[arcs.item]
    regret -= np.minimum.reduceat(regret, arcs.start[:-1])[arcs.item]
    return replace(place, regret=regret)


def outside(place: Field, plan: np.ndarray) -> float:
    """Add up what a plan is outside its limits."""
    loads = begin(place, plan).loads
    return float(np.maximum(np.maximum(loads - place.upper, place.lower - loads), 0.0).sum())


@pytest.mark.parametrize("kinds", [1, 2, 4])
def test_a_start_has_more_noise_where_reps_cost_about_the_same(kinds: int) -> None:
    """Prices a little off would leave half of the reps with nothing; others need no more noise."""
    place = unsure(20, kinds, seed=kinds)
    plan = best_dealt(place, 0)
    assert outside(place, plan) < 0.1 * outside(place, place.dealt(0))
    assert np.bincount(place.arcs.rep[plan], minlength=20).min() > 0
    plain = make_field_of(make_market(3))
    assert (best_dealt(plain, 0) == plain.dealt(0)).all()


def test_a_second_search_keeps_the_penalties_of_the_first() -> None:
    """What has grown until few limits were missed is not given up again."""
    place = make_field_of(make_market(2))
    former = begin(place, best_arcs(place))
    former.penalty = former.penalty * 8
    again = begin(place, best_arcs(place), former)
    assert (again.penalty == former.penalty).all()
    assert again.penalty is not former.penalty
    assert again.chunks > begin(place, best_arcs(place)).chunks == 0


def test_a_budget_without_end_leaves_the_search_its_heat() -> None:
    """Infinite times a price of nothing is no number; the plan is that without a budget."""
    market = make_market(2)
    stake = np.ones((1, market["cost"].shape[0]))
    endless = assign(**market, stake=stake, budget=[np.inf], effort="quick")
    assert (endless.rep == assign(**market, effort="quick").rep).all()
    place = make_field_of(market, stake=stake, budget=np.array([np.inf]))
    assert np.isfinite(above_bound(place, begin(place, best_arcs(place))))
