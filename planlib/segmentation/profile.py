"""What each segment weighs: accounts, potential, contract value, work, people against goal."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.periods import CALENDAR_YEAR, KINDS, FiscalYear, Period
from planlib.segmentation.coded import Coded, Codes, Flags, Numbers, column, sums

_CUTS = ("product_family", "region", "segment", "source", "deal_type", "rep_id", "unit")
FROM_POTENTIAL = "potential, no targets by this cut"


@dataclass(frozen=True)
class Weights:
    """Figures of each account that a profile adds up; NaN where unknown; covered is 1 or 0."""

    potential: Numbers
    acv: Numbers
    hours: Numbers
    people: Numbers
    customer: Flags
    covered: Numbers


def share_people(owner: pd.Series, active: Flags, hours: Numbers) -> Numbers:
    """
    Divide each owner, one person, over the accounts owned, in proportion to their workload.

    Parameters
    ----------
    owner
        Owner of each account.
    active
        Whether the owner is there today; others count as nobody.
    hours
        Workload; an unknown one counts as the mean of the known, all count alike where none is
        known.

    Returns
    -------
    array
        People per account; NaN for all where no account has an active owner.
    """
    if not active.any():
        return np.full(len(owner), np.nan)
    known = np.isfinite(hours)
    mean = float(hours[known].mean()) if known.any() else 1.0
    work = np.where(known, hours, mean)
    work = np.where(work > 0, work, 1e-9)
    codes = Coded.of(owner).codes
    codes = np.where(active, codes, -1)
    total = np.bincount(codes[codes >= 0], weights=work[codes >= 0])
    return np.where(codes >= 0, work / np.append(total, np.inf)[codes], 0.0)


def goals_by(
    targets: pd.DataFrame | None,
    cut: str,
    as_of: datetime.date,
    fiscal_year: FiscalYear = CALENDAR_YEAR,
) -> pd.Series:
    """
    Add up the ACV targets of the fiscal year by one column of the targets.

    Where targets are given at several grains, only one is added up: the one with the fewest
    columns filled beside the cut, then the longest period, so that nothing counts twice.

    Parameters
    ----------
    targets
        Targets at any grain.
    cut
        ``segment`` or ``unit``.
    as_of
        A day of the fiscal year.
    fiscal_year
        How fiscal years lie in the calendar.

    Returns
    -------
    Series
        Target by value of the cut; empty where no target has it.
    """
    nothing = pd.Series(dtype="float64")
    if targets is None or cut not in targets.columns or not len(targets):
        return nothing
    year = Period.of(as_of, "year", fiscal_year)
    filled = pd.DataFrame({name: column(targets, "targets", name).notna() for name in _CUTS})
    names = column(targets, "targets", "period")
    known = {name: Period.parse(name, fiscal_year) for name in names.dropna().unique()}
    inside = names.map({name: year.contains(one.start) for name, one in known.items()})
    usable = (column(targets, "targets", "measure") == "acv") & filled[cut] & inside.eq(True)
    if not usable.any():
        return nothing
    kind = names.map({name: KINDS.index(one.kind) for name, one in known.items()})
    grain = pd.DataFrame(
        {
            "columns": filled.sum(axis=1),
            "kind": kind,
            "which": filled.to_numpy() @ (2 ** np.arange(len(_CUTS))),
        }
    )
    best = grain[usable].sort_values(["columns", "kind", "which"]).iloc[0]
    return targets[usable & grain.eq(best).all(axis=1)].groupby(cut)["target_amount"].sum()


def profile_table(
    cuts: Mapping[str, Coded], weights: Weights, goals: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """
    Profile segments, units, markets, sizes, industry groups and lifecycle classes.

    Parameters
    ----------
    cuts
        Column of words of each cut.
    weights
        Figures of each account.
    goals
        Target by value, for the cuts that have any; potential stands in for the others.

    Returns
    -------
    DataFrame
        One row per ``cut`` and ``cut_value`` with accounts: counts, ``potential``, ``acv``,
        ``workload_hours``, ``people_count`` and the share of each in the cut's total,
        ``goal_share`` with ``goal_basis``, ``people_gap_share`` (share of people less share of
        goal), ``captured_share`` (ACV over potential) and ``covered_potential_share``.
    """
    frames = [_profile(cut, words, weights, goals.get(cut)) for cut, words in cuts.items()]
    return pd.concat(frames, ignore_index=True)


def _profile(cut: str, words: Coded, weights: Weights, goal: pd.Series | None) -> pd.DataFrame:
    size, codes = len(words.values), words.codes
    count = words.count()
    full = np.flatnonzero(count)
    potential = sums(codes, weights.potential, size)
    covered = sums(codes, weights.covered * weights.potential, size)
    known = np.isfinite(weights.potential)
    acv, hours, people = (
        sums(codes, values, size) for values in (weights.acv, weights.hours, weights.people)
    )
    frame = pd.DataFrame(
        {
            "cut": cut,
            "cut_value": pd.array([words.values[place] for place in full], dtype="str"),
            "account_count": count[full],
            "account_share": count[full] / max(count.sum(), 1),
            "customer_count": _count(codes, weights.customer, size)[full],
            "potential": potential[full],
            "potential_share": _share(potential)[full],
            "potential_known_count": _count(codes, known, size)[full],
            "acv": acv[full],
            "acv_share": _share(acv)[full],
            "workload_hours": hours[full],
            "workload_share": _share(hours)[full],
            "people_count": people[full],
            "people_share": _share(people)[full],
            "captured_share": _ratio(acv, potential)[full],
            "covered_potential_share": _ratio(covered, potential)[full],
        }
    )
    return _with_goal(frame, goal)


def _with_goal(frame: pd.DataFrame, goal: pd.Series | None) -> pd.DataFrame:
    if goal is not None and len(goal) and goal.sum() > 0:
        amount = frame["cut_value"].map(goal)
        share, basis = (amount / goal.sum()).fillna(0.0), "targets"
    else:
        amount = pd.Series(np.nan, index=frame.index)
        share, basis = frame["potential_share"], FROM_POTENTIAL
    return frame.assign(
        goal_amount=amount,
        goal_share=share,
        goal_basis=np.where(share.notna(), basis, "not known"),
        people_gap_share=frame["people_share"] - share,
    )


def _count(codes: Codes, flags: Flags, size: int) -> Codes:
    return np.bincount(codes[flags & (codes >= 0)], minlength=size)


def _share(values: Numbers) -> Numbers:
    total = float(np.nansum(values))
    return np.asarray(values / total) if total > 0 else np.full(len(values), np.nan)


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    ratio: Numbers = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return ratio
