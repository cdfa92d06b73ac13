"""Very small maps: all plans are listed, so the best one is proven, or that there is none."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.territories.geography import exhaustive, partition, proof_distance
from planlib.territories.geography.clock import Clock
from planlib.territories.geography.proof import prove_best
from planlib.territories.geography.request import make_request
from planlib.territories.geography.search import Found
from tests.design_maps import best_by_force, grid_map, limits

PATH = np.array([[0, 1], [1, 2], [2, 3]])


@pytest.mark.parametrize("objective", ["inertia", "distance", "cut_edges"])
@pytest.mark.parametrize("tolerance", [0.02, 0.15])
def test_the_best_plan_is_proven(objective: str, tolerance: float) -> None:
    """Also without much effort, and for inertia, which no solver proves."""
    place, pairs = grid_map(3, 3)
    load = np.random.default_rng(1).integers(5, 12, (1, 9)).astype(float)
    bounds = limits(load, 3, tolerance)
    best = best_by_force(objective, place, pairs, load, bounds)
    found = partition(place, pairs, load, *bounds, objective=objective, effort="quick")
    if np.isfinite(best):
        assert found.status == "optimal"
        assert found.objective == found.bound == pytest.approx(best)
    else:
        assert found.status == "infeasible"
        assert "complete search" in found.violations[0].cause


def test_areas_change_places_where_targets_differ() -> None:
    """Two areas, one for each territory, find the only plan within the limits."""
    target = np.array([[1.5, 3.0]])
    found = partition(np.eye(2), [[0, 1]], target[:, ::-1], 0.95 * target, 1.05 * target)
    assert found.status == "optimal"
    assert found.territory.tolist() == [1, 0]


def test_a_load_at_its_limit_is_within() -> None:
    """No distance from the limit is asked for: sums count as they are in float64."""
    load = np.array([[0.1, 0.2, 0.3, 0.7]])
    total = np.array([[np.bincount(np.zeros(4, dtype=int), load[0])[0]]])
    found = partition(np.eye(4, 2), PATH, load, total, total)
    assert found.status == "optimal"
    assert found.violations == ()


@pytest.mark.parametrize("plans", [exhaustive.PLANS, 0])
@pytest.mark.parametrize("objective", ["inertia", "distance", "cut_edges"])
def test_areas_without_load_and_territories_without_room(
    plans: int, objective: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zero loads, limits of zero and locks that leave a territory empty are planned or named."""
    monkeypatch.setattr(exhaustive, "PLANS", plans)
    place, load = np.arange(8.0).reshape(4, 2), np.array([[1.0, 0, 0, 0]])
    limit = np.array([[0.0, 0.0, 1.0]])
    found = partition(place, PATH, load, 0 * limit, limit, objective=objective)
    assert found.status in ({"optimal"} if plans else {"optimal", "feasible", "unresolved"})
    locked = np.array([0, 1, 1, 0])
    found = partition(place, PATH, load, 0 * limit, limit, objective=objective, locked=locked)
    assert found.status == "infeasible"
    assert {one.cause for one in found.violations} >= {"without any area"}


def test_no_plan_is_proven_by_one_that_is_outside_the_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a solver finds cheapest says nothing about a plan at hand, if it misses a limit."""
    place, load = np.arange(8.0).reshape(4, 2), np.ones((1, 4))
    limit = np.full((1, 2), 2.0)
    request = make_request(place, PATH, load, (limit, limit), {"centres": np.array([0, 3])})
    good = Found(np.array([0, 0, 1, 1]), 16.0, 0.0)
    answers = iter([(np.array([0, 1, 1, 1]), 9.0, True), (None, 16.0, True)])
    monkeypatch.setattr(proof_distance, "prove_distance", lambda *given: next(answers))
    found, bound, optimal = prove_best(request, good, True, Clock(None))
    assert (found, bound, optimal) == (good, 9.0, False)
    found, bound, optimal = prove_best(request, good, True, Clock(None))
    assert (found, optimal) == (good, True)


@pytest.mark.parametrize("seed", range(3))
def test_limits_that_are_open_for_one_territory_hold_for_the_others(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof for given centres and the list of all plans agree."""
    draw = np.random.default_rng(seed)
    place, pairs = grid_map(3, 3)
    load = draw.integers(1, 9, (1, 9)).astype(float)
    low, high = limits(load, 3, 0.15)
    high[0, 0] = np.inf
    centres = draw.random((3, 2)) * 3
    best = partition(place, pairs, load, low, high, centres=centres)
    monkeypatch.setattr(exhaustive, "PLANS", 0)
    found = partition(place, pairs, load, low, high, centres=centres, effort="quick", prove=True)
    assert best.status == found.status == "optimal"
    assert found.objective == pytest.approx(best.objective)
