"""Readers of published instances with known answers; nothing of them is part of this project."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.instances.problem import Areas, Problem

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "instances"


class Missing(FileNotFoundError):
    """An instance or a family of instances is not available here."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Seats:
    """
    Where to open k seats and who is served by which, each seat up to its capacity.

    Parameters
    ----------
    name
        How it is called in tables.
    distance
        (n, n), from item to seat.
    load
        (n,), of the items.
    capacity
        (n,), of a seat there.
    k
        Seats to open.
    best
        The best value known.
    proven
        Whether that is known to be the optimum.
    """

    name: str
    distance: np.ndarray
    load: np.ndarray
    capacity: np.ndarray
    k: int
    best: float
    proven: bool = True


def folder() -> Path:
    """Give the folder of the published instances, whether it is there or not."""
    return Path(os.environ.get("PLANLIB_INSTANCES") or BESIDE)


def listed(family: str) -> list[str]:
    """
    Name the instances of a family that are here, in order.

    Parameters
    ----------
    family
        ``gap``, ``cpmp``, ``tdp`` or ``counties``.

    Returns
    -------
    list of str
        Empty where the family is not available.
    """
    home = folder() / family
    if not home.is_dir():
        return []
    names = sorted(file.name for file in home.iterdir() if file.name != "best_known.csv")
    if family == "cpmp":
        count = int(_text(family, "pmedcap1.txt").split()[0]) if "pmedcap1.txt" in names else 0
        there = [f"pmedcap1-{turn}" for turn in range(1, count + 1)]
        return there + [name.removesuffix(".dat") for name in names if name.endswith(".dat")]
    endings = {"gap": "", "tdp": "-edited.dat", "counties": ".json"}
    return [name.removesuffix(endings[family]) for name in names if name.endswith(endings[family])]


def _text(family: str, name: str) -> str:
    file = folder() / family / name
    if not file.is_file():
        raise Missing(f"{family}/{name} is not available here")
    return file.read_text(encoding="utf-8")


def _known(family: str, key: str, name: str) -> dict[str, str]:
    rows = csv.DictReader(_text(family, "best_known.csv").splitlines())
    return next((row for row in rows if row[key] == name), {})


def gap(name: str) -> Problem:
    """
    Read a problem of generalised assignment: every agent needs another load for an item.

    Parameters
    ----------
    name
        As listed, such as ``d20400``.
    """
    values = np.array(_text("gap", name).split(), dtype=np.float64)
    agents, items = int(values[0]), int(values[1])
    body = values[2 : 2 + 2 * agents * items].reshape(2, agents, items)
    capacity = values[2 + 2 * agents * items :][:agents]
    known = _known("gap", "path", name)
    return Problem(
        name=name,
        cost=np.ascontiguousarray(body[0].T), load=np.ascontiguousarray(body[1].T)[None],
        lower=np.full((1, agents), -np.inf), upper=capacity[None],
        fixed=np.full(items, -1, dtype=np.int64),
        best=float(known.get("best_known_cost") or "nan"),
        proven=known.get("proven_optimal") == "yes",
    )  # fmt: skip


def cpmp(name: str) -> Seats:
    """
    Read a capacitated p-median problem.

    Parameters
    ----------
    name
        ``pmedcap1-1`` to ``pmedcap1-20``, or the name of a file in the format of SJC1.
    """
    if name.startswith("pmedcap1-"):
        return _pmedcap(name)
    values = np.array(_text("cpmp", f"{name}.dat").split(), dtype=np.float64)
    count, k = int(values[0]), int(values[1])
    body = values[2 : 2 + 4 * count].reshape(count, 4)
    known = _known("cpmp", "instance", name)
    return Seats(
        name=name, distance=_distances(body[:, :2]), load=body[:, 3], capacity=body[:, 2], k=k,
        best=float(known.get("best_known") or "nan"), proven=known.get("status") == "optimal",
    )  # fmt: skip


def _pmedcap(name: str) -> Seats:
    values = np.array(_text("cpmp", "pmedcap1.txt").split(), dtype=np.float64)
    place = 1
    for _ in range(int(values[0])):
        number, best, count, k, capacity = values[place : place + 5]
        body = values[place + 5 : place + 5 + 4 * int(count)].reshape(int(count), 4)
        if name == f"pmedcap1-{number:.0f}":
            return Seats(
                name=name, distance=np.floor(_distances(body[:, 1:3])), load=body[:, 3],
                capacity=np.full(int(count), capacity), k=int(k), best=float(best),
            )  # fmt: skip
        place += 5 + 4 * int(count)
    raise Missing(f"cpmp/{name} is not available here")


def _distances(place: np.ndarray) -> np.ndarray:
    away = place[:, None, :] - place[None, :, :]
    return np.asarray(np.sqrt(np.square(away).sum(axis=2)))


def tdp(name: str) -> Areas:
    """
    Read a problem of commercial territory design: three measures within 5 %, distances to centres.

    Parameters
    ----------
    name
        As listed, such as ``2DU60-05-1``.
    """
    values = np.array(_text("tdp", f"{name}-edited.dat").split(), dtype=np.float64)
    count = int(values[0])
    body = values[1 : 1 + 7 * count].reshape(count, 7)
    position = 1 + 7 * count
    links = int(values[position])
    edges = values[position + 1 : position + 1 + 2 * links].reshape(links, 2).astype(np.int64)
    k = int(values[position + 1 + 2 * links])
    load = np.ascontiguousarray(body[:, 3:6].T)
    known = _known("tdp", "instance", name)
    tolerance = float(known.get("tolerance") or 0.05)
    mean = load.sum(axis=1) / k
    return Areas(
        name=name, place=body[:, 1:3], load=load, weight=np.ones(count), edges=_ordered(edges),
        k=k, lower=(1 - tolerance) * mean, upper=(1 + tolerance) * mean, objective="centre",
        best=float(known.get("best_known") or "nan"), proven=bool(known.get("proven_optimum")),
        bound=float(known.get("lower_bound") or "nan"),
    )  # fmt: skip


def counties(name: str) -> Areas:
    """
    Read the counties of a state: contiguous districts of nearly equal population, fewest cut edges.

    Parameters
    ----------
    name
        The two letters of the state.
    """
    graph = json.loads(_text("counties", f"{name}.json"))
    nodes = graph["nodes"]
    number = {node["id"]: place for place, node in enumerate(nodes)}
    edges = np.array(
        [
            (place, number[link["id"]])
            for place, links in enumerate(graph["adjacency"])
            for link in links
        ],
        dtype=np.int64,
    )
    known = _known("counties", "state", name)
    people = np.array([node["TOTPOP"] for node in nodes], dtype=np.float64)
    return Areas(
        name=name,
        place=np.array([[float(node["INTPTLON10"]), float(node["INTPTLAT10"])] for node in nodes]),
        load=people[None], weight=people, edges=_ordered(edges), k=int(known["k"]),
        lower=np.array([float(known["L"])]), upper=np.array([float(known["U"])]), objective="cut",
        best=float(known["optimal_cut_edges"]), proven=True,
    )  # fmt: skip


def _ordered(edges: np.ndarray) -> np.ndarray:
    edges = np.sort(edges, axis=1)
    return np.unique(edges[edges[:, 0] < edges[:, 1]], axis=0)
