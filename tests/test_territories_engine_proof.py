"""Two solvers side by side: the same proofs as one of them alone, and the first ends the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from planlib.territories.engine.exact import solve_exactly
from planlib.territories.engine.field import is_met
from planlib.territories.engine.proof import _Race, prove, solve_by_scip
from planlib.territories.engine.request import make_request as engine_request
from tests.test_territories_engine import make_market


def request_of(seed: int, items: int = 40, reps: int = 4):
    """Give a market as the engine takes it, its arcs, and the cheapest plan by CP-SAT."""
    given = engine_request(**make_market(seed, items, reps, tolerance=0.1), options={})
    arcs = np.nonzero(np.isfinite(given.matrix))
    found = solve_exactly(given, *arcs, work=20.0)
    assert found.status == "optimal"
    return given, arcs, found


@pytest.mark.parametrize("seed", range(4))
def test_scip_proves_the_same_cost_as_cp_sat(seed):
    """Two solvers that share nothing but the request agree on the cheapest plan."""
    given, arcs, known = request_of(seed)
    start = solve_exactly(given, *arcs, work=0.01).rep
    found = solve_by_scip(given, *arcs, start=known.rep if start is None else start, seconds=60.0)
    assert found.status == "optimal"
    assert is_met(given, found.rep[given.item_of])
    cost = given.cost(found.rep[given.item_of])
    assert cost == pytest.approx(given.cost(known.rep[given.item_of]), rel=1e-7)
    assert cost * (1 - 1e-7) <= found.bound <= cost


@pytest.mark.parametrize("workers", [1, 2])
def test_a_proof_is_the_same_alone_and_side_by_side(workers):
    """With a second thread and a time limit SCIP takes part; the proof is of the same plan."""
    given, arcs, known = request_of(5)
    cost = given.cost(known.rep[given.item_of])
    with ThreadPoolExecutor(workers) as pool:
        found = prove(given, arcs, start=known.rep, work=20.0, seed=0, seconds=60.0,
                      pool=pool if workers > 1 else None)  # fmt: skip
    assert found.status == "optimal"
    assert given.cost(found.rep[given.item_of]) == pytest.approx(cost, rel=1e-7)
    assert found.bound == pytest.approx(cost, rel=1e-7)


def test_the_first_proof_ends_the_others_and_lets_nobody_begin():
    """Only the others are ended, only once, and who comes later does not start."""
    race, ended = _Race(), []
    for name in ("SCIP", "CP-SAT"):
        assert race.entry(name)(lambda name=name: ended.append(name))
    race.end("SCIP")
    race.end("CP-SAT")
    assert ended == ["CP-SAT"]
    assert not race.entry("third")(lambda: ended.append("third"))


def test_who_may_not_begin_gives_nothing():
    """A solver that is told not to begin has neither a plan nor a bound."""
    given, arcs, known = request_of(1, items=20, reps=3)
    for solve in (solve_exactly, solve_by_scip):
        more = {"work": 1.0} if solve is solve_exactly else {"seconds": 9.0}
        found = solve(given, *arcs, start=known.rep, on_start=lambda end: False, **more)
        assert (found.rep, found.bound, found.status) == (None, -np.inf, "unknown")
