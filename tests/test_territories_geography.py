"""Geographic design on arrays: limits and connection always, optima and proofs on small maps."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.sparse import csr_array

from planlib.errors import ParameterError
from planlib.territories.geography import (
    Partition,
    Progress,
    core,
    exhaustive,
    partition,
    proof_distance,
    shares,
    spherical,
)
from planlib.territories.geography.clock import Clock
from planlib.territories.geography.kernels import refresh
from planlib.territories.geography.request import make_request
from planlib.territories.geography.search import Found, make_state
from tests.design_maps import (
    INSTANCES,
    best_by_force,
    grid_map,
    limits,
    make_map,
    part_counts,
    read_counties,
    read_tdp,
    value_of,
)

TDP = sorted((INSTANCES / "tdp").glob("2DU60*.dat"))[:1] if INSTANCES.exists() else []


class StepClock(Clock):
    """A clock on which a third of the limit passes whenever the search looks at it."""

    looks = 0

    @property
    def share(self) -> float:
        """Share of the limit that has passed."""
        self.looks += 1
        return self.looks / 3

    def passed(self) -> bool:
        """Never; the test counts starts only."""
        return False

    @property
    def left(self) -> float | None:
        """Seconds that are left."""
        return 5.0


@pytest.fixture(autouse=True)
def _is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search and prove also where a map is so small that all its plans would be listed."""
    monkeypatch.setattr(exhaustive, "PLANS", 0)


def assert_sound(found: Partition, pairs: np.ndarray, load: np.ndarray, bounds: tuple) -> None:
    """Check limits in float64, connection and sums from the labels alone."""
    k = bounds[0].shape[1]
    sums = np.array([np.bincount(found.territory, row, k) for row in load])
    assert (sums >= bounds[0]).all()
    assert (sums <= bounds[1]).all()
    assert part_counts(found.territory, pairs, k) == [1] * k
    assert found.violations == ()
    np.testing.assert_allclose(found.loads, sums)


@pytest.mark.parametrize("measures", [2, 3])
@pytest.mark.parametrize("seed", [1, 11])
def test_every_territory_is_within_limits_and_connected(seed: int, measures: int) -> None:
    """Two and three measures hold in every territory, with one part each, and sums are exact."""
    place, pairs, load = make_map(seed, 300, 8, measures)
    bounds = limits(load, 8, 0.05)
    found = partition(place, pairs, load, *bounds, effort="quick")
    assert found.status == "feasible"
    assert_sound(found, pairs, load, bounds)
    own = value_of("inertia", found.territory, place, pairs, load[0])
    assert found.objective == pytest.approx(own, rel=1e-9)
    assert np.isnan(found.bound)


@pytest.mark.parametrize("objective", ["inertia", "distance", "cut_edges"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_plan_of_a_tiny_map_is_found(objective: str, seed: int) -> None:
    """Search, proof and an enumeration of all plans agree."""
    place, pairs = grid_map(3, 3)
    rng = np.random.default_rng(seed)
    place = place + rng.normal(0, 0.1, place.shape)
    load = rng.integers(5, 12, (2, 9)).astype(float)
    bounds = limits(load, 3, 0.2)
    best = best_by_force(objective, place, pairs, load, bounds)
    found = partition(place, pairs, load, *bounds, objective=objective, prove=True)
    if np.isfinite(best):
        assert found.objective == pytest.approx(best, rel=1e-9)
        assert found.status == ("feasible" if objective == "inertia" else "optimal")
        assert not found.bound > best * (1 + 1e-9)
    else:
        assert found.status in {"infeasible", "unresolved"}
        assert found.violations


def test_a_bound_never_exceeds_the_best_plan() -> None:
    """The linear bound for given centres lies below the best plan by enumeration."""
    place, pairs = grid_map(3, 3)
    load = np.array([[3.0, 4, 5, 4, 3, 5, 4, 4, 4]])
    bounds = limits(load, 2, 0.15)
    centres = np.array([0, 8])
    found = partition(
        place, pairs, load, *bounds, objective="distance", centres=centres, prove=True
    )
    away = np.linalg.norm(place[:, None] - place[centres][None], axis=2)
    best = np.inf
    for code in range(2**9):
        part = np.array([code >> at & 1 for at in range(9)])
        sums = np.bincount(part, load[0], 2)
        kept = (sums >= bounds[0][0]).all() and (sums <= bounds[1][0]).all()
        if kept and part_counts(part, pairs, 2) == [1, 1]:
            best = min(best, away[np.arange(9), part].sum())
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best)
    assert found.bound <= best + 1e-6


def test_the_same_seed_gives_the_same_plan_on_any_number_of_threads() -> None:
    """One, two and three workers agree; another seed may not."""
    place, pairs, load = make_map(3, 40, 4)
    bounds = limits(load, 4, 0.15)
    plans = [
        partition(place, pairs, load, *bounds, seed=4, workers=workers).territory.tolist()
        for workers in (1, 3)
    ]
    assert plans[0] == plans[1]


def test_a_large_map_is_worked_on_in_strips_with_the_same_plan_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Strips keep limits and connection, and their number does not follow that of the threads."""
    monkeypatch.setattr(core, "LARGE", 200)
    place, pairs, load = make_map(5, 300, 12)
    bounds = limits(load, 12, 0.05)
    plans = [partition(place, pairs, load, *bounds, workers=workers) for workers in (1, 3)]
    assert plans[0].territory.tolist() == plans[1].territory.tolist()
    assert_sound(plans[0], pairs, load, bounds)
    quick = partition(place, pairs, load, *bounds, effort="quick")
    assert plans[0].objective < quick.objective


def test_areas_of_other_strips_stay_where_they_are() -> None:
    """At any temperature areas only move between territories of their own strip."""
    place, pairs, load = make_map(6, 300, 12)
    ones = np.ones((1, 12))
    request = make_request(place, pairs, load, (0 * load.sum(1)[:, None] * ones,
                                                load.sum(1)[:, None] * ones), {})  # fmt: skip
    arena = make_state(request, 1)
    arena.part[:] = core._plan(request, 1, False)
    refresh(arena.z, arena.f)
    strip = shares._strips(arena, np.random.default_rng(9))
    assert sorted(set(strip.tolist())) == list(range(shares.STRIPS))
    before = arena.part.copy()
    with ThreadPoolExecutor(2) as pool:
        shares.anneal_shared(arena, 2.0, 3_000, (pool, np.random.default_rng(9)))
    assert (arena.part != before).any()
    assert (strip[arena.part] == strip[before]).all()
    assert part_counts(arena.part[np.argsort(request.order)], pairs, 12) == [1] * 12


def test_row_order_and_units_do_not_matter() -> None:
    """Shuffled areas and loads in other units give the same territories."""
    place, pairs, load = make_map(5, 150, 5)
    plain = partition(place, pairs, load, *limits(load, 5, 0.08), effort="quick")
    order = np.random.default_rng(0).permutation(150)
    back = np.argsort(order)
    mixed = partition(
        place[order], back[pairs], load[:, order], *limits(load, 5, 0.08), effort="quick"
    )
    assert mixed.territory[back].tolist() == plain.territory.tolist()
    scaled = load * np.array([[10.0], [0.001]])
    other = partition(place, pairs, scaled, *limits(scaled, 5, 0.08), effort="quick")
    assert other.territory.tolist() == plain.territory.tolist()


def test_locked_areas_stay_and_given_limits_belong_to_their_territory() -> None:
    """Unequal targets are met by name, and locks hold."""
    place, pairs, load = make_map(6, 120, 4, 1)
    share = np.array([[0.4, 0.2, 0.2, 0.2]])
    target = share * load.sum(axis=1, keepdims=True)
    locked = np.full(120, -1)
    locked[[int(place[:, 0].argmin())]] = 2
    locked[[int(place[:, 0].argmax())]] = 0
    bounds = (0.93 * target, 1.07 * target)
    found = partition(place, pairs, load, *bounds, locked=locked, effort="quick")
    assert found.status == "feasible"
    assert_sound(found, pairs, load, bounds)
    assert (found.territory[locked >= 0] == locked[locked >= 0]).all()


def test_an_existing_plan_is_kept_where_changes_cost() -> None:
    """The dearer a change, the fewer areas leave; the price is part of the objective."""
    place, pairs, load = make_map(7, 150, 5)
    wide, tight = limits(load, 5, 0.25), limits(load, 5, 0.06)
    before = partition(place, pairs, load, *wide, effort="quick").territory
    free = partition(place, pairs, load, *tight, start=before, effort="quick")
    dear = partition(place, pairs, load, *tight, start=before, change_cost=1e7, effort="quick")
    assert dear.status == "feasible"
    assert_sound(dear, pairs, load, tight)
    assert dear.changed == int((dear.territory != before).sum())
    assert dear.changed <= free.changed
    spread = value_of("inertia", dear.territory, place, pairs, load[0])
    assert dear.objective == pytest.approx(spread + 1e7 * dear.changed, rel=1e-9)


def test_distances_on_the_sphere_follow_it() -> None:
    """A quarter of the equator is 10,007.5 km along the sphere."""
    points = spherical([0.0, 0.0, 0.0], [0.0, 90.0, 45.0])
    found = partition(
        points,
        np.array([[0, 2], [1, 2]]),
        np.ones((1, 3)),
        np.full((1, 1), -np.inf),
        np.full((1, 1), np.inf),
        objective="distance",
    )
    assert found.status == "optimal"
    assert found.centre.tolist() == [2]
    assert found.objective == pytest.approx(10007.557, abs=0.01)


IMPOSSIBLE = [
    ("area too big", [1.0, 1, 1, 9, 1, 1], [(i, i + 1) for i in range(5)], "area 3 alone"),
    ("island", [1.0, 1, 1, 1, 1, 1], [(0, 1), (1, 2), (2, 3), (3, 4)], "area 5 touches no others"),
    ("pendants", [2.0, 2, 2, 2, 2, 2], [(0, i) for i in range(1, 6)], "area 0 is the only way"),
]


@pytest.mark.parametrize(("name", "load", "pairs", "cause"), IMPOSSIBLE)
def test_what_cannot_be_is_proven_and_named(
    name: str, load: list[float], pairs: list[tuple[int, int]], cause: str
) -> None:
    """A big area, an island and a star are infeasible by proof, with a plan and the cause."""
    loads = np.array([load])
    found = partition(
        np.random.default_rng(0).normal(size=(6, 2)), pairs, loads, *limits(loads, 2, 0.1)
    )
    assert found.status == "infeasible", name
    assert cause in " ".join(violation.cause for violation in found.violations)
    assert sorted(np.unique(found.territory)) == [0, 1]


def test_totals_outside_all_limits_are_infeasible() -> None:
    """Limits that do not add up to the load are named by measure."""
    place, pairs = grid_map(2, 3)
    load = np.ones((1, 6))
    found = partition(place, pairs, load, np.full((1, 2), 4.0), np.full((1, 2), 5.0))
    assert found.status == "infeasible"
    assert "below the sum of the lower limits" in found.violations[0].cause


def test_components_that_can_stand_alone_get_their_territories() -> None:
    """Two islands of a size each make whole territories."""
    place, pairs = grid_map(3, 4)
    place2 = np.vstack([place, place + 100])
    pairs2 = np.vstack([pairs, pairs + 12])
    load = np.ones((1, 24))
    bounds = limits(load, 4, 0.1)
    found = partition(place2, pairs2, load, *bounds, effort="quick")
    assert found.status == "feasible"
    assert_sound(found, pairs2, load, bounds)


def test_bad_arrays_are_named_all_at_once() -> None:
    """Every array with a problem is in one error."""
    place, pairs = grid_map(2, 3)
    load = np.array([[1.0, np.nan, -1, 1, 1, 1], [0.0, 0, 0, 0, 0, 0]])
    with pytest.raises(ParameterError) as error:
        partition(
            place[:5],
            [[0, 99]],
            load,
            np.zeros((2, 9)),
            np.zeros((2, 9)),
            objective="inertia",
            locked=np.full(6, 12),
            change_cost=-1.0,
        )
    text = str(error.value)
    for part in (
        "load: not a number at [[0, 1]]",
        "load: negative at [[0, 2]]",
        "measure 1 is zero everywhere",
        "9 territories for 6 areas",
        "points: shape (5, 2)",
        "locked: not from -1 to 8",
        "change_cost",
        "graph: pairs outside 0 to 5",
    ):
        assert part in text


def test_a_matrix_that_is_not_symmetric_and_unknown_words_are_refused() -> None:
    """The graph has to say every pair in both directions; effort and options have known names."""
    place, _ = grid_map(1, 3)
    load = np.ones((1, 3))
    one_way = csr_array(([1.0], ([0], [1])), shape=(3, 3))
    bounds = limits(load, 1, 0.5)
    with pytest.raises(ParameterError, match="not symmetric"):
        partition(place, one_way, load, *bounds)
    with pytest.raises(ParameterError, match="effort: 'wild'"):
        partition(place, [[0, 1]], load, *bounds, effort="wild")
    with pytest.raises(ParameterError, match="compact: unknown option"):
        partition(place, [[0, 1]], load, *bounds, compact=True)


def test_progress_tells_of_the_first_plan_and_of_the_end() -> None:
    """Costs fall, and the last report is complete."""
    place, pairs, load = make_map(8, 100, 4)
    seen: list[Progress] = []
    found = partition(
        place, pairs, load, *limits(load, 4, 0.1), effort="quick", on_progress=seen.append
    )
    costs = [one.cost for one in seen if np.isfinite(one.cost)]
    assert (np.diff(costs) <= 1e-6 * costs[0]).all()
    assert seen[-1].share == 1
    assert seen[-1].cost == pytest.approx(found.objective)


def test_a_time_limit_ends_the_search() -> None:
    """A plan comes back although the work would take much longer."""
    place, pairs, load = make_map(9, 400, 8)
    found = partition(place, pairs, load, *limits(load, 8, 0.1), effort="thorough", time_limit=1.0)
    assert found.status == "feasible"


@pytest.mark.parametrize(("prove", "turns"), [(True, 1), (False, 3)])
def test_a_proof_gets_most_of_the_time(
    prove: bool, turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts end after a small share of the limit where a proof follows, else near its end."""
    monkeypatch.setattr(core, "Clock", StepClock)
    asked: list[float] = []

    def no_proof(request: object, part: object, value: float, seconds: float) -> tuple:
        asked.append(seconds)
        return part, 0.0, False

    monkeypatch.setattr(proof_distance, "prove_distance", no_proof)
    ran: list[int] = []

    def one(request: object, plan: np.ndarray, seed: int, *rest: object, **tools: object) -> Found:
        ran.append(seed)
        return Found(plan, 1.0, 0.0)

    monkeypatch.setattr(core, "run_one", one)
    place, pairs, load = make_map(2, 40, 4)
    partition(
        place, pairs, load, *limits(load, 4, 0.2), objective="distance", time_limit=10, prove=prove
    )
    assert len(ran) == 1 + 6 * turns
    assert len(asked) == prove


@pytest.mark.skipif(not TDP, reason="the published instances are not beside the project")
@pytest.mark.parametrize("path", TDP, ids=lambda path: path.stem)
def test_published_territory_designs_are_solved_and_proven(path) -> None:
    """Sixty nodes, three measures: the best value that is known, by search."""
    place, pairs, load, k = read_tdp(path)
    with (INSTANCES / "tdp" / "best_known.csv").open() as file:
        known = {row["file"]: float(row["best_known"]) for row in csv.DictReader(file)}
    bounds = limits(load, k, 0.05)
    found = partition(place, pairs, load, *bounds, objective="distance", prove=False)
    assert_sound(found, pairs, load, bounds)
    assert found.objective <= known[path.name] + 1e-3


@pytest.mark.skipif(not TDP, reason="the published instances are not beside the project")
def test_published_county_optimum_is_found_and_proven() -> None:
    """New Mexico: 17 cut edges, proven."""
    place, pairs, people = read_counties(INSTANCES / "counties" / "NM.json")
    bounds = (np.full((1, 3), 682962.0), np.full((1, 3), 689824.0))
    found = partition(place, pairs, people, *bounds, objective="cut_edges", prove=True)
    assert (found.objective, found.status) == (17.0, "optimal")
    assert_sound(found, pairs, people, bounds)


@pytest.mark.skipif(not TDP, reason="the published instances are not beside the project")
def test_few_starts_come_close_to_the_fewest_cut_edges() -> None:
    """Alabama, seven districts within half a percent: the optimum is 55."""
    place, pairs, people = read_counties(INSTANCES / "counties" / "AL.json")
    bounds = (np.full((1, 7), 679406.0), np.full((1, 7), 686233.0))
    found = partition(place, pairs, people, *bounds, objective="cut_edges", prove=False)
    assert 55 <= found.objective <= 57
    assert_sound(found, pairs, people, bounds)
