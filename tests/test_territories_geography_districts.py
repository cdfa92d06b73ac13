"""Whole districts with the fewest cut edges: diagram, prices, choice and proof, beside force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from planlib.deadline import deadline
from planlib.territories.geography import diagram, partition, proof, proof_columns
from planlib.territories.geography.diagram import ACCEPTED, connected_sets, sweep
from planlib.territories.geography.districts import Districts, districts_of
from planlib.territories.geography.proof_columns import begin_choice, price_areas, prove_columns
from planlib.territories.geography.request import Request, as_graph, make_request
from tests.design_maps import (
    INSTANCES,
    best_by_force,
    grid_map,
    limits,
    make_map,
    part_counts,
    read_counties,
    value_of,
)

COUNTIES = INSTANCES / "counties"
STATES = {
    "WV": (3, 614577.0, 620752.0, 23.0),
    "LA": (6, 751785.0, 759339.0, 49.0),
    "AL": (7, 679406.0, 686233.0, 55.0),
}


def random_pairs(seed: int, n: int) -> np.ndarray:
    """Draw a sparse graph, connected or not, not always planar."""
    rng = np.random.default_rng(seed)
    every = np.array(list(itertools.combinations(range(n), 2)))
    return every[rng.random(len(every)) < rng.uniform(0.2, 0.5)]


def parts_of(graph: csr_array, areas: np.ndarray) -> int:
    """Count the connected parts of some areas."""
    if len(areas) == 0:
        return 0
    return int(connected_components(graph[areas][:, areas], directed=False)[0])


def accepted(graph: csr_array, rest: int | None) -> dict[tuple[bool, ...], float]:
    """Walk every way through a diagram: the sets that are accepted, and their cut edges."""
    made = connected_sets(graph, rest, 10_000)
    assert made is not None
    found: dict[tuple[bool, ...], float] = {}
    waiting: list[tuple[int, tuple[bool, ...], float]] = [(0, (), 0.0)]
    while waiting:
        node, before, cut = waiting.pop()
        for side in (0, 1):
            after = int(made.after[node, side])
            ways, total = (*before, bool(side)), cut + float(made.cut[node, side])
            if after >= 0:
                waiting.append((after, ways, total))
            elif after == ACCEPTED:
                inside = np.zeros(graph.shape[0], dtype=bool)
                inside[made.order] = ways
                assert tuple(inside) not in found
                found[tuple(inside)] = total
    return found


def make_small(seed: int, n: int, k: int, tolerance: float, *, whole: bool = True) -> tuple:
    """Make a tiny map with two measures: places, pairs, loads and limits."""
    place, pairs, load = make_map(seed, n, k)
    load = np.round(load * 20) + 1 if whole else load
    return place, pairs, load, limits(load, k, tolerance)


def request_of(pairs: np.ndarray, load: np.ndarray, bounds: tuple) -> Request:
    """Give the checked request for the fewest cut edges."""
    return make_request(None, pairs, load, bounds, {"objective": "cut_edges"})


def all_districts(request: Request) -> dict[tuple[bool, ...], float]:
    """Try every set of areas: those that are connected, within limits, and leave a rest."""
    n, k, found = request.areas, request.count, {}
    low, high = request.lower[:, 0], request.upper[:, 0]
    for ways in itertools.product([False, True], repeat=n):
        inside = np.array(ways)
        mine, rest = np.flatnonzero(inside), np.flatnonzero(~inside)
        sums = request.load[:, mine].sum(axis=1)
        if parts_of(request.graph, mine) != 1 or (sums < low).any() or (sums > high).any():
            continue
        _, label = connected_components(request.graph[rest][:, rest], directed=False)
        loads = [request.load[:, rest[label == p]].sum(axis=1) for p in np.unique(label)]
        counts = [
            [c for c in range(1, k) if (load >= c * low).all() and (load <= c * high).all()]
            for load in loads
        ]
        if any(sum(chosen) == k - 1 for chosen in itertools.product(*counts)):
            found[ways] = float(request.graph[mine][:, rest].nnz) / 2
    return found


@pytest.mark.parametrize("rest", [None, 1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_the_diagram_holds_exactly_the_connected_sets(seed: int, rest: int | None) -> None:
    """Each connected set once, with its cut edges; with the parts outside, where they count."""
    n = 9
    graph = as_graph(random_pairs(seed, n), n, [])
    wanted = {}
    for ways in itertools.product([False, True], repeat=n):
        inside = np.array(ways)
        mine, others = np.flatnonzero(inside), np.flatnonzero(~inside)
        if parts_of(graph, mine) == 1 and (rest is None or parts_of(graph, others) <= rest):
            wanted[ways] = float(graph[mine][:, others].nnz)
    assert accepted(graph, rest) == wanted


def test_a_sweep_keeps_the_frontier_of_a_grid_narrow() -> None:
    """A map of 4 x 20 fields is swept along its length."""
    _, pairs = grid_map(4, 20)
    order, width = sweep(as_graph(pairs, 80, []))
    assert sorted(order) == list(range(80))
    assert width <= 5


def test_a_map_too_wide_or_too_large_has_no_diagram() -> None:
    """A complete graph has a frontier of all areas; a limit of nodes is kept."""
    n = 16
    every = np.array(list(itertools.combinations(range(n), 2)))
    assert connected_sets(as_graph(every, n, []), None, 10**6) is None
    _, pairs = grid_map(5, 5)
    assert connected_sets(as_graph(pairs, 25, []), None, 50) is None


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("k", [2, 3, 4])
def test_districts_below_a_cost_are_all_of_them(k: int, *, whole: bool) -> None:
    """At any prices: the districts at most so dear, none else, and none cheaper than was said."""
    _, pairs, load, bounds = make_small(5 + k, 10, k, 0.3, whole=whole)
    request = request_of(pairs, load, bounds)
    wanted = all_districts(request)
    assert len(wanted) > 3
    districts = districts_of(request)
    assert isinstance(districts, Districts)
    for seed in range(3):
        price = np.random.default_rng(seed).normal(0.5, 1, 10)
        cost = {ways: cut - price[list(ways)].sum() for ways, cut in wanted.items()}
        least = districts.ask(price)
        assert least <= min(cost.values()) + 1e-9
        most = float(np.median(list(cost.values()))) + 1e-9
        offers = districts.below(most, 5_000)
        assert offers.complete
        assert (np.diff(offers.cost) >= 0).all()
        found = {tuple(row.tolist()): c for row, c in zip(offers.sets, offers.cost, strict=True)}
        assert found == pytest.approx({ways: c for ways, c in cost.items() if c <= most})
        assert not districts.below(most, len(found) - 1).complete


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("n", "k", "tolerance"), [(9, 2, 0.05), (9, 3, 0.15), (8, 4, 0.3)])
@pytest.mark.parametrize("seed", range(4))
def test_the_fewest_cut_edges_agree_with_force(
    seed: int, n: int, k: int, tolerance: float, *, whole: bool
) -> None:
    """From no plan at all: the optimum, or the proof that there is no plan."""
    place, pairs, load, bounds = make_small(seed, n, k, tolerance, whole=whole)
    best = best_by_force("cut_edges", place, pairs, load, bounds)
    districts = districts_of(request_of(pairs, load, bounds))
    assert districts is not None
    part, bound, optimal = prove_columns(districts, [], np.inf, deadline(None))
    assert optimal
    assert bound == best
    assert (part is None) == np.isinf(best)
    if part is not None:
        part = part[np.argsort(districts.request.order)]
        assert value_of("cut_edges", part, place, pairs, load[0]) == best
        assert part_counts(part, pairs, k) == [1] * k


@pytest.mark.parametrize(("limit", "value"), [("ROUNDS", 3), ("LISTED", 2), ("ROOM", 1)])
@pytest.mark.parametrize("seed", [1, 3])
def test_a_bound_stays_below_the_optimum_when_work_ends_early(
    seed: int, limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few rounds, a short list or few offers at once: never a wrong bound or proof."""
    place, pairs, load, bounds = make_small(seed, 9, 3, 0.15)
    best = best_by_force("cut_edges", place, pairs, load, bounds)
    monkeypatch.setattr(proof_columns, limit, value)
    districts = districts_of(request_of(pairs, load, bounds))
    assert districts is not None
    part, bound, optimal = prove_columns(districts, [], np.inf, deadline(None))
    assert bound <= best
    if optimal:
        assert bound == best
    elif part is not None:
        part = part[np.argsort(districts.request.order)]
        assert value_of("cut_edges", part, place, pairs, load[0]) >= best


def test_any_prices_bound_the_optimum() -> None:
    """After every number of rounds the bound is below the optimum, and it rises."""
    place, pairs, load, bounds = make_small(2, 9, 3, 0.2)
    best = best_by_force("cut_edges", place, pairs, load, bounds)
    districts = districts_of(request_of(pairs, load, bounds))
    assert districts is not None
    choice, before = begin_choice(districts, [], best + 3), -np.inf
    for looks in range(1, 12):
        turns = iter([1.0] * looks + [0.0] * 1000)
        price_areas(choice, np.inf, lambda turns=turns: next(turns))
        assert before <= choice.prices.bound <= best + 1e-9
        before = choice.prices.bound


def test_the_design_says_that_there_is_no_plan() -> None:
    """Loads that no connected areas bring within the limits: infeasible, with a cause."""
    pairs = np.array([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)])
    load = np.array([[4.0, 4.0, 4.0, 4.0, 2.0]])
    bounds = (np.full((1, 2), 9.0), np.full((1, 2), 9.0))
    found = partition(None, pairs, load, *bounds, objective="cut_edges")
    assert found.status == "infeasible"
    assert "as a complete search has shown" in found.violations[0].cause
    assert np.isnan(found.bound)


def test_districts_keep_the_names_of_the_plan_they_start_from() -> None:
    """The best plan names its territories as the start did."""
    place, pairs = grid_map(4, 6)
    load = np.ones((1, 24))
    start = np.where(place[:, 1] < 3, 1, 0)
    bounds = (np.full((1, 2), 12.0), np.full((1, 2), 12.0))
    found = partition(None, pairs, load, *bounds, objective="cut_edges", start=start)
    assert (found.objective, found.status, found.changed) == (4.0, "optimal", 0)


def test_districts_and_labels_prove_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """On maps beyond force, the choice of districts and the model of labels agree."""
    for seed in (1, 2):
        _, pairs, load = make_map(seed, 24, 3)
        bounds = limits(load, 3, 0.1)
        found = partition(None, pairs, load, *bounds, objective="cut_edges", seed=seed)
        assert found.status == "optimal"
        with monkeypatch.context() as patched:
            patched.setattr(proof, "DISTRICT_AREAS", 0)
            other = partition(None, pairs, load, *bounds, objective="cut_edges", prove=True)
        assert (other.objective, other.status) == (found.objective, "optimal")


def test_the_same_request_gives_the_same_districts() -> None:
    """Twice, and with areas in another order."""
    place, pairs, load = make_map(4, 40, 4)
    bounds = limits(load, 4, 0.05)
    found = partition(place, pairs, load, *bounds, objective="cut_edges")
    again = partition(place, pairs, load, *bounds, objective="cut_edges")
    np.testing.assert_array_equal(found.territory, again.territory)
    order = np.random.default_rng(1).permutation(40)
    turned = np.argsort(order)[pairs]
    other = partition(place[order], turned, load[:, order], *bounds, objective="cut_edges")
    np.testing.assert_array_equal(other.territory, found.territory[order])


def test_a_frontier_wider_than_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit on the frontier is looked at before any node is made."""
    _, pairs = grid_map(4, 6)
    monkeypatch.setattr(diagram, "WIDEST", 3)
    assert connected_sets(as_graph(pairs, 24, []), None, 10**6) is None


@pytest.mark.skipif(not COUNTIES.exists(), reason="the published instances are not there")
@pytest.mark.parametrize("state", sorted(STATES))
def test_published_county_optima_are_proven(state: str) -> None:
    """Three to seven districts within half a percent: the published optimum, proven."""
    k, low, high, best = STATES[state]
    _, pairs, people = read_counties(COUNTIES / f"{state}.json")
    bounds = (np.full((1, k), low), np.full((1, k), high))
    found = partition(None, pairs, people, *bounds, objective="cut_edges")
    assert (found.objective, found.bound, found.status) == (best, best, "optimal")
    assert part_counts(found.territory, pairs, k) == [1] * k
