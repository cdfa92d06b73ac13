"""The best structure: known answers, brute force, limits that cannot be kept."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from planlib.settings.team_structure import HeadLimit
from planlib.team.structure.limits import CHANGE, HEADS, Limits, bound_name, limits_of
from planlib.team.structure.problem import OneOff, Problem
from planlib.team.structure.reasons import one_more
from planlib.team.structure.response import KNOTS, heights, pieces, response
from planlib.team.structure.solve import best_structure, relaxations
from tests.structure_frames import make_problem, rules

OPEN = Limits(most_heads=6, most_cost=None, most_change=None, coverage=0.0)
DEAR = OneOff(hire=0.3, leave=0.4, retrain=0.15, reassign=0.05, years=2.0)


def best(problem: Problem, limits: Limits = OPEN) -> np.ndarray:
    """Give the field and inside heads by cell of the best structure."""
    found = best_structure(problem, limits)
    assert found.parts is not None
    return found.parts[:2]


def enumerate_best(problem: Problem, most: int) -> float:
    """Give the objective of the best of all structures of at most so many heads."""
    cells = problem.today.shape[1]
    found = -np.inf
    for heads in itertools.product(range(most + 1), repeat=2 * cells):
        if sum(heads) > most:
            continue
        parts = problem.today.copy()
        parts[:2] = np.array(heads).reshape(2, cells)
        found = max(found, problem.objective(parts))
    return found


def test_the_response_has_the_elasticity_that_is_asked_for() -> None:
    """Nothing without time, 1 at today's mean, and the slope there is the elasticity."""
    assert response(np.array([0.0, 1.0]), 0.34).tolist() == [0.0, 1.0]
    theta = 0.34 / 0.66
    step = 1e-6
    smooth = ((1 + step) * (1 + theta) / (1 + step + theta) - 1) / step
    assert smooth == pytest.approx(0.34, abs=1e-4)


def test_the_straight_pieces_are_the_response_at_every_time() -> None:
    """The least of all pieces is the interpolation between the knots, and return falls."""
    u = np.linspace(0, 8, 161)
    slope, start = pieces(0.34)
    lines = (slope[:, None] * u + start[:, None]).min(axis=0)
    assert lines == pytest.approx(np.interp(u, KNOTS, heights(0.34)))
    assert (np.diff(slope) < 0).all()


def test_many_elasticities_give_what_each_gives_alone() -> None:
    """The form for simulated futures agrees with the one for the search."""
    u = np.array([[0.3, 1.7, 9.0], [0.3, 1.7, 9.0]])
    both = response(u, np.array([0.34, 0.5]))
    assert both[0] == pytest.approx(response(u[0], 0.34))
    assert both[1] == pytest.approx(response(u[1], 0.5))


@pytest.mark.parametrize("one_off", [OneOff(hire=0, leave=0, retrain=0, reassign=0, years=1), DEAR])
@pytest.mark.parametrize(
    ("worth", "quality", "cost"),
    [
        ([900.0, 300.0], 0.8, (100.0, 70.0)),
        ([500.0, 500.0], 1.2, (100.0, 90.0)),
        ([2000.0, 40.0], 0.5, (120.0, 40.0)),
    ],
)
def test_no_structure_of_a_tiny_team_is_better(
    worth: list[float], quality: float, cost: tuple[float, float], one_off: OneOff
) -> None:
    """The search gives the objective that trying every structure gives, and its bound is true."""
    problem = make_problem([[2, 1], [0, 1]], worth, cost=cost, quality=quality, one_off=one_off)
    found = best_structure(problem, Limits(most_heads=5, most_cost=None, most_change=None,
                                           coverage=0.0))  # fmt: skip
    assert found.parts is not None
    value = enumerate_best(problem, 5)
    assert problem.objective(found.parts) == pytest.approx(value)
    assert found.bound >= value - 1e-6
    assert found.gap_share < 1e-3


def test_change_costs_what_the_cheapest_way_costs() -> None:
    """A head that changes kind is retrained; two more are hired; segments alone are reassigned."""
    problem = make_problem([[2, 0], [0, 0]], [1.0, 1.0], cost=(100.0, 60.0), one_off=DEAR)
    parts = problem.today.copy()
    parts[:2] = [[1, 0], [1, 0]]
    assert problem.change_cost(parts) == pytest.approx(0.15 * 60)
    parts[:2] = [[2, 1], [1, 0]]
    assert problem.change_cost(parts) == pytest.approx(0.3 * 100 + 0.3 * 60)
    one_region = make_problem([[2, 0], [0, 0]], [1.0, 1.0], regions=("N", "N"), one_off=DEAR)
    parts[:2] = [[1, 1], [0, 0]]
    assert one_region.change_cost(parts) == pytest.approx(0.05 * 100)


def test_without_penalty_the_cheaper_kind_does_it_all() -> None:
    """Inside heads that are as good and cheaper take every place."""
    chosen = best(make_problem([[3, 3], [0, 0]], [900.0, 900.0], cost=(100.0, 60.0)))
    assert chosen[0].sum() == 0
    assert chosen[1].sum() > 0


def test_a_kind_that_is_worth_nothing_is_not_chosen() -> None:
    """Field dominates where inside is cheap but wins nothing."""
    chosen = best(make_problem([[1, 1], [2, 2]], [900.0, 900.0], cost=(100.0, 1.0), quality=0.0))
    assert chosen[1].sum() == 0
    assert chosen[0].min() > 0


def test_heads_go_where_the_margin_is() -> None:
    """Equal cost and need: the richer region gets more heads."""
    chosen = best(make_problem([[2, 2], [0, 0]], [3000.0, 500.0]))
    assert chosen[:, 0].sum() > chosen[:, 1].sum()


def test_no_money_for_change_keeps_today() -> None:
    """A budget of zero leaves everybody where they are, however much moving would bring."""
    problem = make_problem([[0, 3], [0, 0]], [9000.0, 1.0], one_off=DEAR)
    limits = Limits(most_heads=3, most_cost=None, most_change=0.0, coverage=0.0)
    assert best(problem, limits).tolist() == problem.today[:2].tolist()


def test_parts_of_heads_keep_whole_heads_by_region() -> None:
    """Segments share heads, regions have whole ones."""
    from dataclasses import replace

    plain = make_problem([[4, 4], [0, 0]], [900.0, 700.0], regions=("N", "N"))
    problem = replace(plain, parts=4)
    found = best_structure(problem, Limits(most_heads=3, most_cost=None, most_change=None,
                                           coverage=0.0))  # fmt: skip
    assert found.parts is not None
    whole = problem.by_region(found.parts)
    assert whole == pytest.approx(np.rint(whole))


def test_least_coverage_is_kept_but_asks_for_no_more_than_today() -> None:
    """A poor cell keeps its head; one that has nobody may stay empty."""
    problem = make_problem([[1, 1], [0, 0]], [900.0, 1.0])
    kept = Limits(most_heads=2, most_cost=None, most_change=None, coverage=0.9)
    assert best(problem, kept)[:, 1].sum() == 1
    empty = make_problem([[2, 0], [0, 0]], [900.0, 1.0])
    assert best(empty, kept)[:, 1].sum() == 0


def test_limits_that_contradict_each_other_name_what_to_relax() -> None:
    """Four heads are asked for, three are allowed: either limit may give way by one."""
    problem = make_problem([[2, 1], [0, 0]], [900.0, 900.0])
    bound = HeadLimit(kind="field", region="N", least=4)
    limits = Limits(most_heads=3, most_cost=None, most_change=None, coverage=0.0, bounds=(bound,))
    assert best_structure(problem, limits).parts is None
    assert dict(relaxations(problem, limits)) == pytest.approx({HEADS: 1.0, bound_name(bound): 1.0})


def test_no_single_limit_helps_where_two_stand_in_the_way() -> None:
    """Nothing is named when relaxing one limit leaves the other."""
    problem = make_problem([[1, 1], [0, 0]], [900.0, 900.0], one_off=DEAR)
    bounds = (HeadLimit(kind="field", region="N", least=3), HeadLimit(kind="field", region="S",
                                                                     least=3))  # fmt: skip
    limits = Limits(most_heads=2, most_cost=None, most_change=0.0, coverage=0.0, bounds=bounds)
    assert best_structure(problem, limits).parts is None
    assert relaxations(problem, limits) == []
    assert CHANGE in limits.names()


def test_untried_inside_selling_stays_a_pilot() -> None:
    """While nobody sells from inside, at most the pilot share does; with one there is no limit."""
    none = make_problem([[5, 5], [0, 0]], [900.0, 900.0], cost=(100.0, 50.0))
    limits = limits_of(none, rules(pilot_share=0.2, minimum_coverage=0.0))
    chosen = best(none, limits)
    assert chosen[1].sum() <= 0.2 * chosen.sum()
    some = make_problem([[5, 4], [0, 1]], [900.0, 900.0], cost=(100.0, 50.0))
    assert limits_of(some, rules()).most_inside is None


def test_one_more_head_brings_most_where_the_model_says() -> None:
    """The gain of a head in a region is the difference of the margins, best region first."""
    problem = make_problem([[1, 1], [0, 0]], [900.0, 300.0])
    places = one_more(problem, problem.today, "field")
    more = problem.today.copy()
    more[0, 0] += 1
    gain = float(problem.margin(more).sum() - problem.margin(problem.today).sum())
    assert [extra.region for extra in places] == ["N", "S"]
    assert places[0].margin == pytest.approx(gain)
