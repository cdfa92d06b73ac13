"""Small maps for the tests of geographic design: made ones, and readers of published ones."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
INSTANCES = Path(__file__).resolve().parents[2] / "shared" / "instances"


def make_map(seed: int, n: int, k: int, measures: int = 2) -> tuple[Floats, Ints, Floats]:
    """Make metros and country as places, pairs that touch, and correlated loads (K, n)."""
    rng = np.random.default_rng([seed, n, k, 2])
    box = np.array([4200.0, 2400.0])
    metros = max(2, n // 120)
    share = np.arange(1, metros + 1) ** -0.8
    centre = rng.uniform(size=(metros, 2)) * box
    place = centre[rng.choice(metros, n, p=share / share.sum())] + rng.normal(0, 70, (n, 2))
    rural = rng.random(n) < 0.45
    place[rural] = rng.uniform(size=(int(rural.sum()), 2)) * box
    place = np.clip(place, 0, box) + rng.normal(0, 0.01, (n, 2))
    normal = rng.normal(size=(measures, n))
    normal[1:] = 0.5 * normal[0] + np.sqrt(0.75) * normal[1:]
    load = np.exp(normal * np.array([0.6, 0.9, 0.7])[:measures, None])
    load = np.minimum(load, 0.25 * load.sum(axis=1, keepdims=True) / k)
    corners = Delaunay(place).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    pairs = np.unique(np.sort(sides, axis=1), axis=0)
    length = np.linalg.norm(place[pairs[:, 0]] - place[pairs[:, 1]], axis=1)
    tree = minimum_spanning_tree(csr_array((length, (pairs[:, 0], pairs[:, 1])), shape=(n, n)))
    short = pairs[length <= np.quantile(length, 0.985)]
    kept = np.sort(np.column_stack(tree.nonzero()), axis=1)
    return place, np.unique(np.vstack([short, kept]), axis=0).astype(np.int64), load


def limits(load: Floats, k: int, tolerance: float) -> tuple[Floats, Floats]:
    """Give equal limits (K, k)."""
    target = np.repeat(load.sum(axis=1, keepdims=True) / k, k, axis=1)
    return (1 - tolerance) * target, (1 + tolerance) * target


def make_areas(seed: int = 1, n: int = 80, k: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables of a planner: areas with two measures, and their pairs."""
    place, pairs, load = make_map(seed, n, k)
    ids = np.array([f"A{at:03d}" for at in range(n)])
    areas = pd.DataFrame(
        {
            "area_id": ids,
            "x": place[:, 0],
            "y": place[:, 1],
            "potential": load[0],
            "workload": load[1],
        }
    )
    return areas, pd.DataFrame({"area_id": ids[pairs[:, 0]], "neighbour_id": ids[pairs[:, 1]]})


def grid_map(rows: int, columns: int) -> tuple[Floats, Ints]:
    """Make a chess board: places and pairs of fields that share a side."""
    at = np.arange(rows * columns).reshape(rows, columns)
    across = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    down = np.column_stack([at[:-1].ravel(), at[1:].ravel()])
    place = np.column_stack(np.unravel_index(at.ravel(), (rows, columns))).astype(float)
    return place, np.vstack([across, down])


def part_counts(part: Ints, pairs: Ints, k: int) -> list[int]:
    """Count the connected parts of every territory, from the pairs alone."""
    n = len(part)
    inner = pairs[part[pairs[:, 0]] == part[pairs[:, 1]]]
    graph = csr_array((np.ones(len(inner)), (inner[:, 0], inner[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    return [len(np.unique(label[part == j])) for j in range(k)]


def value_of(objective: str, part: Ints, place: Floats, pairs: Ints, weight: Floats) -> float:
    """Compute an objective in the plainest way."""
    if objective == "cut_edges":
        return float((part[pairs[:, 0]] != part[pairs[:, 1]]).sum())
    total = 0.0
    for j in np.unique(part):
        mine, w = place[part == j], weight[part == j]
        if objective == "inertia":
            middle = (w[:, None] * mine).sum(axis=0) / w.sum()
            total += float((w * ((mine - middle) ** 2).sum(axis=1)).sum())
        else:
            away = np.linalg.norm(mine[:, None] - mine[None], axis=2)
            total += float((w[:, None] * away).sum(axis=0).min())
    return total


def best_by_force(
    objective: str, place: Floats, pairs: Ints, load: Floats, bounds: tuple[Floats, Floats]
) -> float:
    """Try every plan of a tiny map; inf where none is within the limits and connected."""
    n, k = load.shape[1], bounds[0].shape[1]
    weight = load[0] if objective == "inertia" else np.ones(n)
    best = np.inf
    for labels in itertools.product(range(k), repeat=n - 1):
        part = np.array([0, *labels])
        if len(np.unique(part)) < k:
            continue
        sums = np.array([np.bincount(part, row, k) for row in load])
        if (sums < bounds[0]).any() or (sums > bounds[1]).any():
            continue
        if max(part_counts(part, pairs, k)) == 1:
            best = min(best, value_of(objective, part, place, pairs, weight))
    return best


def read_tdp(path: Path) -> tuple[Floats, Ints, Floats, int]:
    """Read a territory design instance: places, pairs, loads (3, n), territories."""
    lines = path.read_text().splitlines()
    n = int(lines[0])
    rows = np.array([line.split() for line in lines[1 : n + 1]], dtype=float)
    edges = int(lines[n + 1])
    pairs = [line.split()[:2] for line in lines[n + 2 : n + 2 + edges]]
    count = int(lines[n + 2 + edges].split()[0])
    return rows[:, 1:3], np.array(pairs, dtype=np.int64), rows[:, 3:6].T.copy(), count


def read_counties(path: Path) -> tuple[Floats, Ints, Floats]:
    """Read a county graph: places, pairs, population (1, n)."""
    content = json.loads(path.read_text())
    at = {node["id"]: number for number, node in enumerate(content["nodes"])}
    pairs = [
        (number, at[other["id"]])
        for number, others in enumerate(content["adjacency"])
        for other in others
        if number < at[other["id"]]
    ]
    place = np.array([[node["C_X"], node["C_Y"]] for node in content["nodes"]])
    people = np.array([[node["TOTPOP"] for node in content["nodes"]]], dtype=float)
    return place, np.array(pairs, dtype=np.int64), people
