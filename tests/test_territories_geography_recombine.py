"""Groups of territories cut anew: never worse, always whole, the best where a group is all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from planlib.deadline import deadline
from planlib.territories.geography import partition, proof, proof_columns, recombine
from planlib.territories.geography.districts import districts_of
from planlib.territories.geography.measure import objective_of, within
from planlib.territories.geography.request import Request, make_request
from tests.design_maps import limits, make_map, part_counts

ENDLESS = deadline(None)


def begun(seed: int, n: int, k: int, tolerance: float) -> tuple[Request, np.ndarray]:
    """Make a map and a quick plan within its limits, in the order of the request."""
    place, pairs, load = make_map(seed, n, k, 1)
    bounds = limits(load, k, tolerance)
    request = make_request(place, pairs, load, bounds, {"objective": "cut_edges"})
    found = partition(place, pairs, load, *bounds, objective="cut_edges", effort="quick", seed=seed)
    assert found.status == "feasible"
    return request, found.territory[request.order]


@pytest.mark.parametrize("seed", [1, 2])
def test_groups_cut_anew_make_a_plan_better_and_keep_it_whole(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer cut edges than the quick plan, within all limits, the plan given left as it was."""
    request, part = begun(seed, 60, 8, 0.1)
    monkeypatch.setattr(recombine, "AREAS", 30)
    before = part.copy()
    new = recombine.recombine(request, part, seed, (100, ENDLESS))
    assert within(request, new)
    assert objective_of(request, new) < objective_of(request, part)
    np.testing.assert_array_equal(part, before)
    np.testing.assert_array_equal(new, recombine.recombine(request, part, seed, (100, ENDLESS)))


def test_two_territories_are_cut_best_at_once() -> None:
    """Where one group is the whole map, the result is the proven optimum."""
    request, part = begun(3, 40, 2, 0.05)
    best = partition(
        request.place[:, :2],
        np.column_stack(request.graph.nonzero()),
        request.load,
        request.lower,
        request.upper,
        objective="cut_edges",
    )
    assert best.status == "optimal"
    new = recombine.recombine(request, part, 0, (1, ENDLESS))
    assert objective_of(request, new) == best.objective


def test_territories_outside_a_group_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """One group of two changes no more than two territories."""
    request, part = begun(1, 60, 8, 0.1)
    monkeypatch.setattr(recombine, "MOST", 2)
    for seed in range(6):
        new = recombine.recombine(request, part, seed, (1, ENDLESS))
        moved = part != new
        assert len(np.unique(part[moved])) <= 2
        assert set(np.unique(new[moved])) <= set(np.unique(part[moved]))


@pytest.mark.parametrize("limit", [(0, ENDLESS), (100, lambda: 0.0)])
def test_without_work_or_time_the_plan_stays(limit: tuple[int, Callable[[], float]]) -> None:
    """No group allowed, or no second left."""
    request, part = begun(1, 30, 3, 0.1)
    np.testing.assert_array_equal(recombine.recombine(request, part, 0, limit), part)


def test_a_map_too_large_for_whole_districts_is_improved_by_groups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a diagram of the whole map, the design is as good as its groups make it."""
    place, pairs, load = make_map(5, 50, 5, 1)
    bounds = limits(load, 5, 0.05)
    proven = partition(place, pairs, load, *bounds, objective="cut_edges")
    assert proven.status == "optimal"
    monkeypatch.setattr(proof, "DISTRICT_AREAS", 40)
    found = partition(place, pairs, load, *bounds, objective="cut_edges", prove=False)
    assert found.status == "feasible"
    assert np.isnan(found.bound)
    assert proven.objective <= found.objective <= 1.05 * proven.objective
    assert part_counts(found.territory, pairs, 5) == [1] * 5


def test_districts_that_entered_make_a_plan_where_the_list_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list of districts is cut short: still a bound, and a plan from no plan at all."""
    place, pairs, load = make_map(2, 50, 5, 1)
    bounds = limits(load, 5, 0.02)
    proven = partition(place, pairs, load, *bounds, objective="cut_edges")
    assert proven.status == "optimal"
    request = make_request(place, pairs, load, bounds, {"objective": "cut_edges"})
    monkeypatch.setattr(proof_columns, "LISTED", 1)
    whole = districts_of(request)
    assert whole is not None
    part, bound, optimal = proof_columns.prove_columns(whole, [], np.inf, ENDLESS)
    assert not optimal
    assert part is not None
    assert within(request, part)
    assert bound <= proven.objective <= objective_of(request, part)
