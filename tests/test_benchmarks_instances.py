"""Instances of the benchmarks: the same for ever, hidden plans keep the limits, readers read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.harness.check import check_plan
from benchmarks.instances import (
    SHAPES,
    Blocks,
    Missing,
    Problem,
    accounts,
    areas,
    counties,
    cpmp,
    gap,
    listed,
    tdp,
)


def fingerprint(problem: Problem) -> str:
    """Shorten what an instance is to a few characters; rounded, since libraries differ at 1e-16."""
    allowed = problem.pairs()
    parts = [np.asarray(problem.cost), problem.load, problem.upper]
    text = b"".join(np.round(part, 6).tobytes() for part in parts)
    text += problem.fixed.astype(np.int64).tobytes() + allowed.tobytes()
    return hashlib.sha256(text).hexdigest()[:12]


def test_the_generator_is_frozen() -> None:
    """Results of different versions are comparable only while the instances stay as they are."""
    found = accounts(60, 4, 1)
    assert float(np.asarray(found.cost).sum()) == pytest.approx(1158.9662944378406, rel=1e-9)
    assert float(found.upper.sum()) == pytest.approx(147.20784494174356, rel=1e-9)
    assert found.owner[:8].tolist() == [-1, 3, -1, 3, 3, 2, 1, 2]


@pytest.mark.parametrize("planted", [True, False])
def test_the_same_arguments_give_the_same_instance(planted: bool) -> None:
    """Twice the same seed is the same instance, another seed is another one."""
    first, second, other = (accounts(120, 6, seed, planted=planted) for seed in (1, 1, 2))
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first) != fingerprint(other)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("measures", "tolerance"), [(1, 0.1), (2, 0.05), (4, 0.02)])
def test_a_hidden_plan_keeps_all_limits(shape: str, measures: int, tolerance: float) -> None:
    """The planted plan passes the independent check, locks and forbidden pairs included."""
    problem = accounts(300, 9, 5, shape=shape, measures=measures, tolerance=tolerance, planted=True)
    assert problem.planted is not None
    found = check_plan(problem, problem.planted)
    assert found["feasible"], found["remark"]
    assert problem.load.shape == (measures, 300)
    assert problem.upper / problem.lower == pytest.approx((1 + tolerance) / (1 - tolerance))


def test_locks_and_forbidden_pairs_are_there() -> None:
    """About 1 % of the accounts are locked, and 2 % have a rep they must not go to."""
    problem = accounts(4000, 20, 3, planted=True)
    free = problem.pairs()
    assert 0.005 < (problem.fixed >= 0).mean() < 0.015
    assert 0.008 < (free.sum(axis=1) == 19).mean() < 0.025


def test_costs_by_blocks_are_those_of_single_pairs() -> None:
    """The compiled rows and the formula agree to the last bit, forbidden pairs are infinite."""
    problem = accounts(60_000, 1000, 2)
    assert isinstance(problem.cost, Blocks)
    items = np.arange(100, 130)
    block = problem.cost.rows(100, 130)
    single = problem.cost.pairs(items[:, None], np.arange(1000)[None, :])
    assert np.array_equal(block, single)
    barred = np.flatnonzero(problem.cost.barred >= 0)
    assert 0.012 < len(barred) / 60_000 < 0.025
    assert np.isinf(problem.cost.pairs(barred, problem.cost.barred[barred])).all()


def test_staying_costs_less_by_half_the_potential() -> None:
    """The owner's column is the only one without the charge for a change."""
    problem = accounts(60, 4, 1)
    blocks = Blocks(
        place=problem.place, rep_place=problem.rep_place, work=problem.load[0],
        kind=np.zeros(60, dtype=int), misfit=np.zeros((4, 32)), owner=problem.owner,
        leave=0.5 * problem.load[1], barred=np.full(60, -1),
    )  # fmt: skip
    nobody = blocks.rows(0, 60)
    item = int(np.flatnonzero(problem.owner >= 0)[0])
    away = np.linalg.norm(problem.place[item] - problem.rep_place, axis=1)
    travel = problem.load[0, item] * away / 300
    charge = 0.5 * problem.load[1, item] * (np.arange(4) != problem.owner[item])
    assert nobody[item] == pytest.approx(travel + charge)


def test_areas_are_connected_and_the_same_again() -> None:
    """Every area can be reached from every other; edges are sorted and occur once."""
    first, second = areas(300, 6, 1), areas(300, 6, 1)
    assert np.array_equal(first.place, second.place)
    assert (first.edges[:, 0] < first.edges[:, 1]).all()
    assert len(np.unique(first.edges, axis=0)) == len(first.edges)
    parent = list(range(300))

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for one, other in first.edges.tolist():
        parent[root(one)] = root(other)
    assert len({root(node) for node in range(300)}) == 1


def make_folder(folder: Path) -> Path:
    """Write a tiny instance of each published format."""
    for family in ("gap", "cpmp", "tdp", "counties"):
        (folder / family).mkdir()
    (folder / "gap" / "x0203").write_text(" 2 3\n 1 2 3\n 4 5 6\n 7 8 9\n 1 1 2\n 20 30\n")
    (folder / "gap" / "best_known.csv").write_text(
        "path,best_known_cost,proven_optimal\nx0203,6,yes\n"
    )
    (folder / "cpmp" / "pmedcap1.txt").write_text(" 1\n 1 5\n 2 1 9\n 1 0 0 3\n 2 3 4 2\n")
    (folder / "cpmp" / "T.dat").write_text("2 1\n0 0 9 3\n1 1 8 2\n")
    (folder / "cpmp" / "best_known.csv").write_text("instance,best_known,status\nT,1.5,optimal\n")
    (folder / "tdp" / "2D-edited.dat").write_text(
        "2\n0 0 0 1 2 3 0\n1 3 4 1 2 3 0\n1\n1 0\n2 2 0 0 0 0\n1 1\n2 2\n"
    )
    (folder / "tdp" / "best_known.csv").write_text(
        "instance,tolerance,lower_bound,proven_optimum,best_known\n2D,0.05,4,,5\n"
    )
    nodes = [
        {"id": 7, "TOTPOP": 10, "INTPTLAT10": "+1.5", "INTPTLON10": "-2.5"},
        {"id": 9, "TOTPOP": 12, "INTPTLAT10": "+1.0", "INTPTLON10": "-2.0"},
    ]
    graph = {"nodes": nodes, "adjacency": [[{"id": 9}], [{"id": 7}]]}
    (folder / "counties" / "XX.json").write_text(json.dumps(graph))
    (folder / "counties" / "best_known.csv").write_text(
        "state,k,L,U,optimal_cut_edges\nXX,2,9,13,1\n"
    )
    return folder


def test_published_formats_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers land where they belong, best known values and proofs included."""
    monkeypatch.setenv("PLANLIB_INSTANCES", str(make_folder(tmp_path)))
    problem = gap("x0203")
    assert np.asarray(problem.cost).tolist() == [[1, 4], [2, 5], [3, 6]]
    assert problem.load[0].tolist() == [[7, 1], [8, 1], [9, 2]]
    assert (problem.upper.tolist(), problem.best, problem.proven) == ([[20, 30]], 6, True)
    first, second = cpmp("pmedcap1-1"), cpmp("T")
    assert first.distance.tolist() == [[0, 5], [5, 0]]
    assert (first.best, first.k, first.capacity.tolist()) == (5, 1, [9, 9])
    assert second.distance[0, 1] == pytest.approx(2**0.5)
    assert (second.load.tolist(), second.capacity.tolist()) == ([3, 2], [9, 8])
    commercial = tdp("2D")
    assert (commercial.load.tolist(), commercial.k) == ([[1, 1], [2, 2], [3, 3]], 2)
    assert commercial.edges.tolist() == [[0, 1]]
    assert not commercial.proven
    state = counties("XX")
    assert (state.place[0].tolist(), state.lower.tolist(), state.best) == ([-2.5, 1.5], [9], 1)
    assert listed("cpmp") == ["pmedcap1-1", "T"]
    assert listed("counties") == ["XX"]


def test_what_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing instance and a missing folder are named, not taken for empty."""
    monkeypatch.setenv("PLANLIB_INSTANCES", str(tmp_path))
    assert listed("gap") == []
    with pytest.raises(Missing, match="gap/e20400 is not available here"):
        gap("e20400")
    with pytest.raises(Missing, match=r"cpmp/pmedcap1\.txt is not available here"):
        cpmp("pmedcap1-21")
