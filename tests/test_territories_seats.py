"""Where to open seats: the best of all plans on small cases, proofs on published ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from benchmarks.instances import cpmp, listed
from planlib.errors import ParameterError
from planlib.territories.seats import WORK as seats_work
from planlib.territories.seats import Seats, place_seats


def make_seats(
    seed: int, items: int = 6, places: int = 5, *, whole: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw distances, loads and capacities that leave little room."""
    draw = np.random.default_rng(seed)
    distance = draw.integers(1, 50, (items, places)).astype(float)
    load = draw.integers(1, 9, items).astype(float)
    capacity = draw.integers(10, 22, places).astype(float)
    if not whole:
        distance += draw.random(distance.shape)
        load += draw.random(items)
    return distance, load, capacity


def best_of_all(distance: np.ndarray, load: np.ndarray, capacity: np.ndarray, k: int) -> float:
    """Try every plan; infinite where none keeps the capacities."""
    items, places = distance.shape
    best = np.inf
    for seat in itertools.product(range(places), repeat=items):
        if len(set(seat)) > k:
            continue
        if (np.bincount(seat, weights=load, minlength=places) > capacity).any():
            continue
        best = min(best, float(distance[np.arange(items), seat].sum()))
    return best


def check_consistent(seats: Seats, distance: np.ndarray, load: np.ndarray, k: int) -> None:
    """What the result says about itself agrees with its plan."""
    assert len(seats.places) <= k
    assert set(seats.seat) == set(seats.places)
    assert seats.cost == pytest.approx(distance[np.arange(len(load)), seats.seat].sum())
    assert seats.loads.sum() == pytest.approx(load.sum())


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_the_best_of_all_plans_is_found_and_proven(seed: int, whole: bool) -> None:
    """Small cases agree with trying every plan, with whole and with other numbers."""
    distance, load, capacity = make_seats(seed, whole=whole)
    k = 2 + seed % 2
    best = best_of_all(distance, load, capacity, k)
    found = place_seats(distance, load, capacity, k)
    check_consistent(found, distance, load, k)
    if best == np.inf:
        assert found.status == "infeasible"
        assert found.overload.sum() > 0
    else:
        assert (found.status, found.cost) == ("optimal", pytest.approx(best))
        assert found.overload.sum() == 0


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_the_bound_is_never_above_the_best_plan(seed: int, whole: bool) -> None:
    """Little effort leaves a gap, but its bound holds and its plan keeps the capacities."""
    distance, load, capacity = make_seats(seed, whole=whole)
    best = best_of_all(distance, load, capacity, 3)
    found = place_seats(distance, load, capacity, 3, effort="quick")
    if best < np.inf:
        assert found.bound <= best + 1e-9
    if found.status in ("feasible", "optimal"):
        assert found.cost >= best - 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_a_first_choice_among_few_columns_changes_no_answer(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for a handful of columns at first, the proof is that of the best of all plans."""
    monkeypatch.setattr("planlib.territories.seats_search.TRIAL_COLUMNS", 5)
    distance, load, capacity = make_seats(seed)
    best = best_of_all(distance, load, capacity, 2)
    found = place_seats(distance, load, capacity, 2)
    if best == np.inf:
        assert found.status == "infeasible"
    else:
        assert (found.status, found.cost) == ("optimal", pytest.approx(best))


@pytest.mark.parametrize("seed", range(6))
def test_without_time_the_bound_holds(seed: int) -> None:
    """No second for a proof: the bound is below every plan, and no plan is called impossible."""
    distance, load, capacity = make_seats(seed)
    best = best_of_all(distance, load, capacity, 3)
    found = place_seats(distance, load, capacity, 3, time_limit=0.0)
    assert best == np.inf or found.status in ("feasible", "optimal", "unresolved")
    if best < np.inf:
        assert found.bound <= best + 1e-9


def test_a_pair_that_is_not_allowed_is_not_used() -> None:
    """An infinite distance keeps an item from a place, even where that costs more."""
    distance = np.array([[1.0, 9.0], [1.0, 9.0], [9.0, 1.0]])
    barred = distance.copy()
    barred[0, 0] = np.inf
    found = place_seats(barred, np.ones(3), np.full(2, 3.0), 2)
    assert (found.seat.tolist(), found.cost) == ([1, 0, 1], 11.0)
    assert found.status == "optimal"


def test_the_order_of_items_and_places_does_not_matter() -> None:
    """A shuffled question has the same cost and proof."""
    distance, load, capacity = make_seats(3, 14, 9)
    draw = np.random.default_rng(1)
    rows, columns = draw.permutation(14), draw.permutation(9)
    first = place_seats(distance, load, capacity * 2, 3)
    second = place_seats(distance[np.ix_(rows, columns)], load[rows], capacity[columns] * 2, 3)
    assert (first.status, first.cost, first.bound) == ("optimal", second.cost, second.bound)


def test_scaled_loads_change_nothing_and_scaled_distances_only_the_cost() -> None:
    """Units are of no importance."""
    distance, load, capacity = make_seats(5, 14, 9)
    plain = place_seats(distance, load, 2 * capacity, 3)
    scaled = place_seats(2 * distance, 4 * load, 8 * capacity, 3)
    assert scaled.cost == pytest.approx(2 * plain.cost)
    assert scaled.status == plain.status == "optimal"


def test_the_same_question_has_the_same_answer() -> None:
    """Twice the same arguments give the same plan and bound."""
    distance, load, capacity = make_seats(8, 30, 30)
    first, second = (place_seats(distance, load, 2 * capacity, 5) for _ in range(2))
    assert first.seat.tolist() == second.seat.tolist()
    assert first.bound == second.bound


def test_too_little_capacity_is_proven() -> None:
    """One seat cannot serve what two are needed for; the plan shows by how much."""
    found = place_seats(np.ones((4, 3)), np.ones(4), np.full(3, 3.0), 1)
    assert found.status == "infeasible"
    assert found.overload.tolist() == [1.0]
    assert np.isnan(found.bound)


WRONG = [
    ({"distance": np.ones(3)}, "distance: must be items x places"),
    ({"distance": np.empty((0, 3))}, "distance: must be items x places"),
    ({"distance": np.array([[1.0, np.nan], [1, 1]])}, "distance: must be numbers.* rows 0"),
    ({"distance": np.array([[1.0, 1], [np.inf, np.inf]])}, "no place may serve.* rows 1"),
    ({"load": np.array([1.0, -1])}, "load: must be at least 0 and finite; not so in rows 1"),
    ({"load": np.ones(3)}, r"load: must have the shape \(2,\)"),
    ({"load": ["a", "b"]}, "load: must be numbers"),
    ({"capacity": np.array([np.nan, 1])}, "capacity: must be at least 0.* rows 0"),
    (
        {"distance": np.ma.masked_greater(np.array([[1.0, 2], [1, 9]]), 5)},
        "distance: must be known; masked in rows 1",
    ),
    ({"load": np.ma.array([1, 2], mask=[True, False])}, "load: must be known; masked in rows 0"),
    ({"k": 0}, "k: must be a whole number of at least 1; found 0"),
    ({"k": 1.5}, "k: must be a whole number"),
    ({"effort": "hard"}, "effort: must be quick, normal or thorough"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    """The array and the rows are named."""
    given = {"distance": np.ones((2, 2)), "load": np.ones(2), "capacity": np.ones(2), "k": 2}
    with pytest.raises(ParameterError, match=message):
        place_seats(**given | change)


def test_all_problems_are_named_at_once() -> None:
    """Two wrong arrays give two problems."""
    with pytest.raises(ParameterError) as caught:
        place_seats(np.ones((2, 2)), -np.ones(2), -np.ones(2), 1)
    assert len(caught.value.problems) == 2


PUBLISHED = ("pmedcap1-2", "pmedcap1-3", "pmedcap1-5", "pmedcap1-7", "pmedcap1-10", "pmedcap1-12",
             "pmedcap1-17", "SJC1", "SJC2")  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_optima_are_proven(name: str) -> None:
    """Published instances, where they are available, are solved to the proven optimum."""
    if name not in listed("cpmp"):
        pytest.skip(f"{name} is not available here")
    asked = cpmp(name)
    found = place_seats(asked.distance, asked.load, asked.capacity, asked.k)
    assert found.status == "optimal"
    assert found.cost == pytest.approx(asked.best, abs=0.01)
    assert found.overload.sum() == 0


def test_a_plan_within_the_tolerance_of_the_solver_is_no_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two items exceed a capacity by a hair: the plan with one of them there is not excluded."""
    monkeypatch.setitem(seats_work, "normal", (600, 30, 200_000, 0))  # pairs, not columns
    distance = np.array([[1.0, 9.0], [1.0, 3.0], [1.0, 2.0]])
    found = place_seats(distance, np.full(3, 0.5), np.array([1 - 1e-8, 1.0]), 2)
    assert found.status != "infeasible"
    assert found.bound <= 6.0


@pytest.mark.parametrize("scale", [1e-6, 1e-12])
@pytest.mark.parametrize("seed", range(3))
def test_the_unit_of_distances_does_not_matter(seed: int, scale: float) -> None:
    """Tiny distances have the same plan and proof as usual ones, and the bound in their unit."""
    distance, load, capacity = make_seats(seed, whole=False)
    capacity = 1.5 * capacity
    best = best_of_all(distance * scale, load, capacity, 3)
    for effort in ("quick", "normal"):
        found = place_seats(distance * scale, load, capacity, 3, effort=effort)
        assert found.bound <= best * (1 + 1e-9)
    assert (found.status, found.cost) == ("optimal", pytest.approx(best, rel=1e-9, abs=0.0))
