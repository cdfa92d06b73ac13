"""Targets at any grain, read for one cut: taken, added up, never spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import TOTAL, CutTables, cut_parts
from planlib.pipeline.money import to_cents
from planlib.tables import table

#: Column of table targets that a cut is set by.
_COLUMN = {"owner": "rep_id", "manager": "rep_id"}
_GRAIN = ("product_family", "region", "segment", "source", "deal_type", "rep_id", "unit")


@dataclass(frozen=True, kw_only=True)
class CutTargets:
    """
    Targets of one cut.

    Parameters
    ----------
    cents
        Target in cents by value of the cut; empty when there is none.
    basis
        How they were found, or why there is none.
    """

    cents: pd.Series
    basis: str


@dataclass(frozen=True, kw_only=True)
class PeriodTargets:
    """
    Targets of one period and measure, from which those of a cut are taken.

    Parameters
    ----------
    rows
        Rows of table ``targets``.
    spelled
        How they were found where the period has none of its own.
    missing
        Why there are none; blank when there are.
    """

    rows: pd.DataFrame
    spelled: str = ""
    missing: str = ""


def targets_of_period(
    targets: pd.DataFrame | None, period: Period, measure: str = "acv"
) -> PeriodTargets:
    """
    Give the targets of a period; read once, they serve ``cut_targets`` for every cut.

    Parameters
    ----------
    targets
        Table ``targets``, or None.
    period
        Whose targets.
    measure
        What is to be reached, as in column ``measure``.
    """
    if targets is None or targets.empty:
        return PeriodTargets(rows=table("targets").empty(), missing="there are no targets")
    rows = table("targets").coerce(targets)
    rows, spelled = _of_period(rows[rows["measure"] == measure], period)
    missing = ""
    if rows.empty:
        missing = f"there is no ACV target for {period.name}"
        if measure != "acv":
            missing = f"there is no target of {measure} for {period.name}"
    return PeriodTargets(rows=rows, spelled=spelled, missing=missing)


def read_targets(
    targets: pd.DataFrame | None, period: Period, cut: str, tables: CutTables
) -> CutTargets:
    """Give the targets of a period for one cut; see ``cut_targets``."""
    return cut_targets(targets_of_period(targets, period), cut, tables)


def cut_targets(found: PeriodTargets, cut: str, tables: CutTables) -> CutTargets:
    """
    Give the targets of one cut.

    A row counts for a cut when exactly the cut's columns are filled. Without such rows the rows
    of the finest-but-one grain that holds the cut's columns are added up (targets per region and
    product family give targets per region). Targets are never spread over a finer cut, nor a
    year's target over its quarters; targets of all months of a quarter are added up.

    Parameters
    ----------
    found
        The targets of the period.
    cut
        Name of the cut, of two crossed cuts, or ``total``.
    tables
        For the names of reps.
    """
    none = pd.Series(dtype="Int64")
    if found.missing:
        return CutTargets(cents=none, basis=found.missing)
    rows = found.rows
    wanted = [_COLUMN.get(part, part) for part in cut_parts(cut)]
    if any(column not in _GRAIN for column in wanted) or len(set(wanted)) < len(wanted):
        return CutTargets(cents=none, basis=f"targets are not set by {cut}")
    filled = rows[list(_GRAIN)].notna().to_numpy()
    mask = filled @ (1 << np.arange(len(_GRAIN)))  # one number per grain
    columns = {int(one): filled[mask == one][0] for one in np.unique(mask)}
    grains = {one: tuple(np.array(_GRAIN)[flags]) for one, flags in columns.items()}
    for one, grain in sorted(grains.items(), key=lambda item: (len(item[1]), item[1])):
        if set(wanted) <= set(grain):
            chosen = _without_managers(rows[mask == one], grain, cut, tables)
            if chosen.empty:
                continue
            exact = set(grain) == set(wanted)
            how = "as set" if exact else f"added up from targets by {' and '.join(map(str, grain))}"
            return CutTargets(cents=_add(chosen, cut, wanted, tables), basis=how + found.spelled)
    return CutTargets(cents=none, basis=f"targets are not set by {cut}, and are never spread")


def _of_period(rows: pd.DataFrame, period: Period) -> tuple[pd.DataFrame, str]:
    own = rows[rows["period"] == period.name]
    if len(own) or period.kind not in ("year", "quarter"):
        return own, ""
    for kind in ("quarter", "month"):
        if kind == period.kind:
            continue
        parts = [part.name for part in period.parts(kind)]
        found = rows[rows["period"].isin(parts)]
        counted = found.groupby(list(_GRAIN), dropna=False)["period"].transform("nunique")
        found = found[counted == len(parts)]
        if len(found):
            return found, f", {kind}s added up"
    return own, ""


def _without_managers(
    rows: pd.DataFrame, grain: tuple[str, ...], cut: str, tables: CutTables
) -> pd.DataFrame:
    """Leave out the half of rep targets that a cut does not mean, so that none counts twice."""
    if "rep_id" not in grain:
        return rows
    managers = set(tables.reports_to().values())
    is_manager = rows["rep_id"].isin(managers)
    if "manager" in cut_parts(cut):
        return rows[is_manager]
    if "owner" in cut_parts(cut):
        return rows
    return rows[~is_manager] if (~is_manager).any() else rows


def _add(rows: pd.DataFrame, cut: str, wanted: list[str], tables: CutTables) -> pd.Series:
    cents = to_cents(rows["target_amount"])
    if cut == TOTAL:
        return pd.Series([int(cents.sum())], index=["all"], dtype="Int64")
    labels = [tables.rep_label(rows[c]) if c == "rep_id" else rows[c] for c in wanted]
    value = labels[0]
    for label in labels[1:]:
        value = value + " x " + label
    return cents.groupby(value).sum().astype("Int64")
