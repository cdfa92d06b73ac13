"""Read and check the tables of a design: every problem in one go, arrays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.errors import ParameterError
from planlib.territories.geography.neighbours import infer_pairs
from planlib.territories.geography.request import OBJECTIVES, spherical

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SHOWN = 5  # ids that a message names


@dataclass(frozen=True)
class Input:
    """Arrays of a design; areas are sorted by id, so that the order of rows does not matter."""

    ids: list[str]
    points: Floats | None
    pairs: Ints
    load: Floats
    targets: Floats  # (K, k)
    lower: Floats
    upper: Floats
    weight: Floats | None
    centres: Floats | Ints | None
    locked: Ints
    start: Ints
    labels: list[str]
    are_named: bool  # whether the names of territories mean something to the planner
    measures: list[str]
    findings: tuple[str, ...]


def some(ids: Sequence[Any]) -> str:
    """List a few ids of many."""
    listed = ", ".join(str(one) for one in list(ids)[:SHOWN])
    return listed + (f" … ({len(ids)} in all)" if len(ids) > SHOWN else "")


def read_input(
    areas: pd.DataFrame,
    adjacency: pd.DataFrame | None,
    k: int,
    measures: Sequence[str],
    options: Mapping[str, Any],
) -> Input:
    """
    Check tables and settings of a design and turn them into arrays.

    Raises
    ------
    ParameterError
        With every problem, naming ids and columns.
    """
    _check_count(k)
    problems: list[str] = []
    findings: list[str] = []
    measures = [measures] if isinstance(measures, str) else list(measures)
    table = _areas(areas, k, measures, problems)
    ids = table["area_id"].tolist()
    points = _points(table, options["objective"], problems)
    load = np.array([_numbers(table, measure, problems) for measure in measures])
    load = load.reshape(len(measures), len(ids))
    _look_at_loads(ids, measures, load, (problems, findings))
    weight = options["weight"]
    if weight is not None:
        weight = _numbers(table, weight, problems)
    tolerance = _tolerances(options["tolerance"], measures, problems)
    labels, named = _label_names(k, options)
    if named and len(labels) != k:
        problems.append(f"k: {k}, but {len(labels)} territories are named: {some(labels)}")
        labels = (labels + [f"T{at + 1}" for at in range(max(k, 0))])[: max(k, 0)]
    shares = _shares(options["targets"], labels, measures, problems)
    centres = _centres(options["centres"], table, labels, problems)
    locked = _assigned("locked", options["locked"], (ids, labels), problems)
    start = _assigned("start", options["start"], (ids, labels), problems)
    pairs = np.zeros((0, 2), dtype=np.int64)
    if adjacency is not None:
        pairs = _pairs(adjacency, ids, (problems, findings))
    if problems:
        raise ParameterError("design", problems)
    if adjacency is None:
        if points is None:
            raise ParameterError("design", ["adjacency: needed where areas have no places"])
        pairs = infer_pairs(points)
        findings.append(
            f"no adjacency given: {len(pairs)} pairs of areas were taken to touch by their places"
        )
    targets = load.sum(axis=1)[:, None] * shares
    return Input(
        ids=ids,
        points=points,
        pairs=pairs,
        load=load,
        targets=targets,
        lower=(1 - tolerance)[:, None] * targets,
        upper=(1 + tolerance)[:, None] * targets,
        weight=weight,
        centres=centres,
        locked=locked,
        start=start,
        labels=labels,
        are_named=named,
        measures=measures,
        findings=tuple(findings),
    )


def _check_count(k: Any) -> None:
    if not isinstance(k, Integral):
        raise ParameterError("design", [f"k: must be a whole number, found {k!r}"])


def _areas(areas: pd.DataFrame, k: int, measures: list[str], problems: list[str]) -> pd.DataFrame:
    """Check ids, columns and the number of territories; sort by id."""
    if "area_id" not in areas.columns:
        raise ParameterError("design", ["areas: column area_id is missing"])
    table = areas.assign(area_id=areas["area_id"].astype(str))
    if areas["area_id"].isna().any():
        problems.append(f"areas: {int(areas['area_id'].isna().sum())} rows without area_id")
    twice = table.loc[table["area_id"].duplicated(), "area_id"]
    if len(twice):
        problems.append(f"areas: area_id more than once: {some(sorted(set(twice)))}")
    if not measures:
        problems.append("measures: name at least one column")
    if len(table) == 0:
        problems.append("areas: no rows")
    if not 1 <= k <= max(len(table), 1):
        problems.append(f"k: {k}, allowed are 1 to the number of areas, {len(table)}")
    return table.sort_values("area_id", kind="stable", ignore_index=True)


def _numbers(table: pd.DataFrame, column: str, problems: list[str]) -> Floats:
    """Give a column of numbers >= 0, and say where it is none."""
    if column not in table.columns:
        problems.append(f"areas: column {column} is missing")
        return np.ones(len(table))
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = ~np.isfinite(values)
    if bad.any():
        problems.append(f"areas: {column} is no number for {some(table['area_id'][bad].tolist())}")
    if (values < 0).any():
        low = table["area_id"][values < 0].tolist()
        problems.append(f"areas: {column} is negative for {some(low)}; allowed is >= 0")
    return np.where(bad, 1.0, values)


def _look_at_loads(
    ids: list[str], measures: list[str], load: Floats, notes: tuple[list[str], list[str]]
) -> None:
    problems, findings = notes
    for measure, row in zip(measures, load, strict=True):
        if len(row) and row.sum() == 0:
            problems.append(f"areas: {measure} is zero everywhere; nothing to balance")
    empty = np.flatnonzero((load == 0).all(axis=0)).tolist() if len(load) else []
    if empty:
        findings.append(f"areas without any load: {some([ids[at] for at in empty])}")


def _points(table: pd.DataFrame, objective: str, problems: list[str]) -> Floats | None:
    """Give places on the sphere or in the plane, None where there are no columns for them."""
    if objective not in OBJECTIVES:
        problems.append(f"objective: '{objective}', allowed are {', '.join(OBJECTIVES)}")
    if {"latitude", "longitude"} <= set(table.columns):
        return _on_sphere(table, "areas", table["area_id"].tolist(), problems)
    if {"x", "y"} <= set(table.columns):
        return _in_plane(table, "areas", table["area_id"].tolist(), problems)
    if objective != "cut_edges":
        problems.append("areas: columns latitude and longitude, or x and y, are missing")
    return None


def _coordinates(
    table: pd.DataFrame, columns: list[str], where: tuple[str, list[str]], problems: list[str]
) -> Floats:
    numbers = [pd.to_numeric(table[c], errors="coerce") for c in columns]
    values = np.column_stack([one.to_numpy(dtype=float, na_value=np.nan) for one in numbers])
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        named = [where[1][at] for at in np.flatnonzero(bad)]
        problems.append(f"{where[0]}: no {' and '.join(columns)} for {some(named)}")
    return np.where(bad[:, None], 0.0, values)


def _on_sphere(table: pd.DataFrame, name: str, ids: list[str], problems: list[str]) -> Floats:
    values = _coordinates(table, ["latitude", "longitude"], (name, ids), problems)
    high = np.flatnonzero(np.abs(values[:, 0]) > 90)
    if len(high):
        named = some([ids[at] for at in high])
        problems.append(f"{name}: latitude beyond 90 for {named}; swapped with longitude?")
    wide = np.flatnonzero(np.abs(values[:, 1]) > 360)
    if len(wide):
        problems.append(f"{name}: longitude beyond 360 for {some([ids[at] for at in wide])}")
    return spherical(values[:, 0], values[:, 1])


def _in_plane(table: pd.DataFrame, name: str, ids: list[str], problems: list[str]) -> Floats:
    return _coordinates(table, ["x", "y"], (name, ids), problems)


def _tolerances(given: Any, measures: list[str], problems: list[str]) -> Floats:
    by_measure = given if isinstance(given, Mapping) else dict.fromkeys(measures, given)
    missing = [measure for measure in measures if measure not in by_measure]
    if missing:
        problems.append(f"tolerance: missing for {some(missing)}")
    values = np.array([_number(by_measure.get(measure, 0.1)) for measure in measures])
    if not ((values > 0) & (values < 1)).all():
        problems.append(f"tolerance: {given}, allowed are shares above 0 and below 1")
    return values


def _number(value: Any) -> float:
    """Give a value as a number; NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _label_names(k: int, options: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Name territories after targets, centres, locks or the start, else T1, T2 and so on."""
    for name in ("targets", "centres"):
        given = options[name]
        if isinstance(given, pd.DataFrame) and "territory" in given.columns:
            return [str(one) for one in given["territory"]], True
        if isinstance(given, Mapping):
            return [str(one) for one in given], True
    found: set[str] = set()
    for name in ("locked", "start"):
        if options[name] is not None:
            found |= {str(one) for one in _pairs_of(options[name])[1] if not pd.isna(one)}
    width = len(str(max(k, 1)))
    names = sorted(found)
    spare = (f"T{at + 1:0{width}d}" for at in range(max(k, 0) + len(names)))
    while len(names) < k:
        name = next(spare)
        if name not in found:
            names.append(name)
    return names, bool(found) or options["centres"] is not None


def _shares(given: Any, labels: list[str], measures: list[str], problems: list[str]) -> Floats:
    """Share of each territory in each measure, (K, k)."""
    k = max(len(labels), 1)
    equal = np.full((len(measures), k), 1 / k)
    if given is None:
        return equal
    if isinstance(given, pd.DataFrame):
        missing = [c for c in ("territory", *measures) if c not in given.columns]
        if missing:
            problems.append(f"targets: columns {some(missing)} are missing")
            return equal
        values = given[measures].to_numpy(dtype=float).T
    else:
        values = np.tile(np.array([float(one) for one in given.values()]), (len(measures), 1))
    if values.shape != equal.shape or not (np.isfinite(values) & (values > 0)).all():
        problems.append("targets: give a number above 0 for every territory")
        return equal
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def _centres(
    given: Any, table: pd.DataFrame, labels: list[str], problems: list[str]
) -> Floats | Ints | None:
    if given is None:
        return None
    if isinstance(given, pd.DataFrame):
        if {"latitude", "longitude"} <= set(table.columns) & set(given.columns):
            return _on_sphere(given, "centres", labels, problems)
        if {"x", "y"} <= set(table.columns) & set(given.columns):
            return _in_plane(given, "centres", labels, problems)
        problems.append("centres: give the columns of places that areas have")
        return None
    wanted = [str(one) for one in given]
    at = {area: number for number, area in enumerate(table["area_id"])}
    unknown = [one for one in wanted if one not in at]
    if unknown:
        problems.append(f"centres: unknown areas {some(unknown)}")
        return None
    if len(wanted) != len(labels):
        problems.append(f"centres: {len(wanted)} areas for {len(labels)} territories")
        return None
    return np.array([at[one] for one in wanted], dtype=np.int64)


def _pairs_of(given: Any) -> tuple[list[str], list[Any]]:
    if isinstance(given, pd.DataFrame):
        return [str(one) for one in given["area_id"]], given["territory"].tolist()
    return [str(one) for one in given], list(dict(given).values())


def _assigned(
    name: str, given: Any, known: tuple[list[str], list[str]], problems: list[str]
) -> Ints:
    """Give the territory of each area, -1 where open."""
    ids, labels = known
    found = np.full(len(ids), -1, dtype=np.int64)
    if given is None:
        return found
    area_at = {area: number for number, area in enumerate(ids)}
    label_at = {label: number for number, label in enumerate(labels)}
    unknown, foreign, clash = [], [], []
    for area, territory in zip(*_pairs_of(given), strict=True):
        if pd.isna(territory):
            continue
        if area not in area_at:
            unknown.append(area)
        elif str(territory) not in label_at:
            foreign.append(str(territory))
        else:
            at, j = area_at[area], label_at[str(territory)]
            if found[at] not in {-1, j}:
                clash.append(area)
            found[at] = j
    if unknown:
        problems.append(f"{name}: unknown areas {some(unknown)}")
    if foreign:
        problems.append(f"{name}: unknown territories {some(sorted(set(foreign)))}")
    if clash:
        problems.append(f"{name}: two territories for {some(clash)}")
    return found


def _pairs(adjacency: pd.DataFrame, ids: list[str], notes: tuple[list[str], list[str]]) -> Ints:
    """Read pairs of ids; loops and pairs that are listed in one direction only are findings."""
    problems, findings = notes
    none = np.zeros((0, 2), dtype=np.int64)
    if adjacency.shape[1] < 2:
        problems.append("adjacency: two columns of area ids are needed")
        return none
    one, two = (adjacency.iloc[:, at].astype(str) for at in (0, 1))
    index = pd.Index(ids)
    if index.has_duplicates:
        return none
    left, right = index.get_indexer(pd.Index(one)), index.get_indexer(pd.Index(two))
    unknown = sorted(set(one[left < 0]) | set(two[right < 0]))
    if unknown:
        problems.append(f"adjacency: unknown areas {some(unknown)}")
        return none
    loops = int((left == right).sum())
    if loops:
        findings.append(f"adjacency: {loops} areas are listed as their own neighbours; left out")
    pairs = np.unique(np.column_stack([left, right])[left != right], axis=0).astype(np.int64)
    codes = pairs[:, 0] * len(ids) + pairs[:, 1]
    back = pairs[:, 1] * len(ids) + pairs[:, 0]
    single = ~np.isin(back, codes)
    if single.any() and not single.all():
        named = [f"{ids[a]}-{ids[b]}" for a, b in pairs[single]]
        findings.append(
            f"adjacency: not symmetric, listed in one direction only: {some(named)}; taken as both"
        )
    return pairs
