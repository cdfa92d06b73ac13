"""
Peers of geographic design, run as a script by an interpreter of their own: numpy and the peer only.

``python outside.py METHOD areas.npz stem seconds`` writes ``stem.npz`` with the districts and
``stem.json`` with times and memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

Given = dict[str, Any]


def kmeans(given: Given, seconds: float) -> np.ndarray:
    """k-means-constrained: equal counts within 5 %; it knows neither loads nor borders."""
    from k_means_constrained import KMeansConstrained

    mean = len(given["place"]) / int(given["k"])
    model = KMeansConstrained(
        n_clusters=int(given["k"]), size_min=int(0.95 * mean), size_max=int(np.ceil(1.05 * mean)),
        n_init=1, max_iter=20, random_state=0,
    )  # fmt: skip
    return np.asarray(model.fit_predict(given["place"]))


def spopt(given: Given, seconds: float) -> np.ndarray:
    """Region k-means of spopt: contiguous; it has no upper limit on loads."""
    from libpysal.weights import W
    from spopt.region import RegionKMeansHeuristic

    neighbours: dict[int, list[int]] = {place: [] for place in range(len(given["place"]))}
    for first, second in given["edges"].tolist():
        neighbours[first].append(second)
        neighbours[second].append(first)
    model = RegionKMeansHeuristic(
        given["place"], int(given["k"]), W(neighbours, silence_warnings=True)
    )
    model.solve()
    return np.asarray(model.labels_)


def gerrychain(given: Given, seconds: float) -> np.ndarray:
    """Short bursts of gerrychain: contiguous, the first measure within its tolerance."""
    import networkx
    from gerrychain import Graph, Partition, constraints, updaters
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import recom
    from gerrychain.tree import recursive_tree_part

    ending = time.perf_counter() + seconds
    load, place, k = given["load"][0], given["place"], int(given["k"])
    mean = load.sum() / k
    slack = float(min(given["upper"][0] / mean - 1, 1 - given["lower"][0] / mean))
    net = networkx.Graph()
    net.add_nodes_from(range(len(load)))  # in order: gerrychain numbers nodes anew, by their order
    net.add_edges_from(given["edges"].tolist())
    for node in net:
        net.nodes[node]["load"] = float(load[node])
    graph = Graph.from_networkx(net)
    start = recursive_tree_part(graph, range(k), mean, "load", slack * 0.98)
    first = Partition(
        graph, start,
        updaters={"load": updaters.Tally("load"), "cut_edges": updaters.cut_edges},
    )  # fmt: skip

    def propose(partition: Any) -> Any:
        return recom(partition, pop_col="load", pop_target=mean, epsilon=slack, node_repeats=2)

    def measure(partition: Any) -> float:
        if given["objective"] == "cut":
            return float(len(partition["cut_edges"]))
        total = 0.0
        for nodes in partition.parts.values():
            inside = np.fromiter(nodes, dtype=np.int64)
            weight = given["weight"][inside]
            centre = weight @ place[inside] / weight.sum()
            total += float(weight @ np.square(place[inside] - centre).sum(axis=1))
        return total

    search = SingleMetricOptimizer(
        propose, [constraints.within_percent_of_ideal_population(first, slack, "load")], first,
        measure, maximize=False,
    )  # fmt: skip
    best = first
    for _ in search.short_bursts(10, 100_000):
        best = search.best_part
        if time.perf_counter() > ending:
            break
    return np.array([best.assignment[node] for node in range(len(load))])


def main() -> None:
    """Run one peer and write what it found."""
    method, given, stem, seconds = sys.argv[1:]
    with np.load(given) as kept:
        areas = {name: kept[name] for name in kept.files}
    started, used = time.perf_counter(), time.process_time()
    plan = {"kmeans": kmeans, "spopt": spopt, "gerrychain": gerrychain}[method](
        areas, float(seconds)
    )
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    plan = np.unique(plan, return_inverse=True)[1].astype(np.int64)
    np.savez(Path(stem).with_suffix(".npz"), plan=plan)
    unit = 1024**3 if sys.platform == "darwin" else 1024**2
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    outcome = {"cold_wall": wall, "cold_cpu": cpu, "wall": wall, "cpu": cpu, "worst_wall": wall,
               "gigabytes": memory, "bound": float("nan"), "status": "", "more": {}}  # fmt: skip
    Path(stem).with_suffix(".json").write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
