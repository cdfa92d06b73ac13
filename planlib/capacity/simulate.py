"""Capacity by month: effective reps and what they can sell, in many simulated futures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.capacity.hazard import hazard_of_months
from planlib.capacity.people import KINDS
from planlib.capacity.presence import employed_shares
from planlib.capacity.ramp import Productivity
from planlib.settings.capacity import CapacityScenario

Floats = npt.NDArray[np.float64]
_LONGEST = 120  # months of tenure told apart
_SURE = 1.0 - 1e-12  # a chance to leave of 1, with a logarithm
_DAYS = 30.4375  # days of a month
PERCENTILES = (10, 50, 90)
REPLACEMENTS = "replacements"
CUTS = ("total", "unit", "region", "role")
PLAN = CapacityScenario(name="plan")


@dataclass(frozen=True, kw_only=True)
class CapacityInputs:
    """
    What a simulation rests on.

    Parameters
    ----------
    staff
        ``rep_id``, ``role``, ``unit``, ``region``, ``kind``, ``hire_date``, ``leave_date``,
        ``start_date``, ``quota_amount``; unknown quotas count as people without an amount.
    presence
        Staff x months, from ``present_shares``, in the order of ``staff``.
    months
        First days of the months.
    now
        First day that is not known yet.
    productivity, hazards
        Ramp and productivity by tenure; exit hazard by role and tenure.
    fill_days
        Mean days until a post is filled.
    """

    staff: pd.DataFrame = field(repr=False)
    presence: Floats = field(repr=False)
    months: pd.DatetimeIndex = field(repr=False)
    now: pd.Timestamp
    productivity: Productivity = field(repr=False)
    hazards: pd.DataFrame = field(repr=False)
    fill_days: float = 75.0


@dataclass(frozen=True, kw_only=True)
class CapacityFutures:
    """
    Simulated futures.

    Parameters
    ----------
    groups
        ``unit``, ``region``, ``role`` of each group.
    months
        First days of the months.
    heads, reps, amount
        Futures x groups x months: people, effective reps, ramped quota of the month.
    cohorts
        ``cohort``, ``month_date``, ``heads``, ``effective_reps``: means over the futures.
    """

    groups: pd.DataFrame = field(repr=False)
    months: pd.DatetimeIndex = field(repr=False)
    heads: npt.NDArray[np.float32] = field(repr=False)
    reps: npt.NDArray[np.float32] = field(repr=False)
    amount: npt.NDArray[np.float32] = field(repr=False)
    cohorts: pd.DataFrame = field(repr=False)


def simulate_capacity(
    inputs: CapacityInputs, scenario: CapacityScenario = PLAN, *, simulations: int = 1000,
    seed: int = 0,
) -> CapacityFutures:  # fmt: skip
    """
    Simulate leavers, time to fill, replacements and hires, and add up capacity by month.

    ``E_t = sum over people of ramp(tenure) x presence x productivity(role, tenure)``. Months before
    ``now`` are as they were. A leaver is there for half of the month; the post is vacant for an
    exponential time with the stated mean, then a new person starts and ramps anew.

    Parameters
    ----------
    inputs
        People and what is known of them.
    scenario
        Factors on leavers, ramp and time to fill; whether posts are filled.
    simulations
        Futures.
    seed
        Seed of the draws; order of people does not matter.

    Returns
    -------
    CapacityFutures
        Heads, effective reps and ramped quota by future, group and month; ``capacity_rows`` sums
        them up.
    """
    from planlib.capacity.kernel import Posts, Rules, Sums, walk_futures

    order = inputs.staff["rep_id"].argsort(kind="stable").to_numpy()
    staff = inputs.staff.iloc[order].reset_index(drop=True)
    months, count = inputs.months, len(inputs.months)
    now = _month_of(pd.Series([inputs.now]), months[0])[0]
    groups, group = _numbered(staff[["unit", "region", "role"]].fillna(""))
    roles = sorted(set(staff["role"]))
    length = count + _LONGEST
    effect = np.array([inputs.productivity.effect(one, length, ramp_factor=scenario.ramp_factor)
                       for one in roles]).reshape(len(roles), length)  # fmt: skip
    risk = np.array([_risk(hazard_of_months(inputs.hazards, one, length), scenario)
                     for one in roles]).reshape(len(roles), length)  # fmt: skip
    hired, gone = _spans(staff, months)
    names = _cohorts(staff, hired)
    labels, cohort = np.unique(names, return_inverse=True)
    presence = inputs.presence[order] * employed_shares(hired, months)
    shape = (simulations, len(groups), count)
    heads, reps, amount = (np.zeros(shape, dtype="float32") for _ in range(3))
    cohorts = np.zeros((len(labels) + 1, count, 2))
    walk_futures(
        np.random.default_rng([seed, 42]),
        Posts(
            start=np.maximum(_month_of(hired["hire_date"], months[0]), -_LONGEST),
            presence=presence,
            value=staff["quota_amount"].fillna(0.0).to_numpy(dtype="float64") / 12,
            kind=staff["kind"].map({name: at for at, name in enumerate(KINDS)})
            .to_numpy(dtype="int64"),
            role=pd.Index(roles).get_indexer(pd.Index(staff["role"])), group=group,
            cohort=cohort.astype("int64"), vacant=np.where(gone >= max(now, 0), gone, -1),
        ),
        Rules(
            effect=effect, risk=risk, now=int(now),
            fill=inputs.fill_days / _DAYS * scenario.fill_factor, hires=scenario.hires,
            replaces=scenario.replaces,
        ),
        Sums(heads=heads, reps=reps, amount=amount, cohorts=cohorts),
    )  # fmt: skip
    return CapacityFutures(
        groups=groups, months=months, heads=heads, reps=reps, amount=amount,
        cohorts=_cohort_rows([*labels, REPLACEMENTS], months, cohorts / max(simulations, 1)),
    )  # fmt: skip


def capacity_rows(
    futures: CapacityFutures, level: pd.Series | None = None, cuts: Sequence[str] = CUTS
) -> pd.DataFrame:
    """
    Give median and 80 % interval of capacity by month, for the total and by unit, region and role.

    Parameters
    ----------
    futures
        From ``simulate_capacity``.
    level
        Usual attainment by role; ``capacity_*`` is ramped quota x level. None: 1.
    cuts
        Cuts wanted.

    Returns
    -------
    DataFrame
        ``cut``, ``cut_value``, ``month_date``, ``heads_count`` (mean), ``effective_low``,
        ``effective_reps`` (median), ``effective_high``, ``ramped_quota_amount`` (median),
        ``capacity_low``, ``capacity_amount`` (median), ``capacity_high``.
    """
    roles = futures.groups["role"]
    factor = np.ones(len(roles)) if level is None else roles.map(level).fillna(1.0).to_numpy()
    found = []
    for cut in cuts:
        values = pd.Series("all", index=roles.index) if cut == "total" else futures.groups[cut]
        for value in sorted(set(values) - {""}):
            mine = np.flatnonzero((values == value).to_numpy())
            worth = futures.amount[:, mine, :] * factor[mine][None, :, None].astype("float32")
            effective = _percentiles(futures.reps[:, mine, :].sum(axis=1))
            money = _percentiles(worth.sum(axis=1))
            ramped = _percentiles(futures.amount[:, mine, :].sum(axis=1))
            found.append(pd.DataFrame({
                "cut": cut, "cut_value": value, "month_date": futures.months,
                "heads_count": futures.heads[:, mine, :].sum(axis=1).mean(axis=0, dtype="float64"),
                "effective_low": effective[0], "effective_reps": effective[1],
                "effective_high": effective[2], "ramped_quota_amount": ramped[1],
                "capacity_low": money[0], "capacity_amount": money[1], "capacity_high": money[2],
            }))  # fmt: skip
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _percentiles(values: npt.NDArray[np.float32]) -> Floats:
    return np.asarray(np.percentile(values.astype("float64"), PERCENTILES, axis=0))


def _risk(hazard: Floats, scenario: CapacityScenario) -> Floats:
    found = hazard * scenario.turnover_factor
    found[:12] = found[:12] * scenario.first_year_factor
    return np.asarray(-np.log1p(-np.minimum(found, _SURE)), dtype="float64")


def _month_of(days: pd.Series, first: pd.Timestamp) -> npt.NDArray[np.int64]:
    """Give the month of each day, 0 the first of the plan; long ago where unknown."""
    number = (days.dt.year - first.year) * 12 + days.dt.month - first.month
    return np.asarray(number.fillna(-_LONGEST), dtype="int64")


def _numbered(frame: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    names = list(frame.columns)
    groups = frame.drop_duplicates().sort_values(names, ignore_index=True)
    number = frame.merge(groups.assign(number=range(len(groups))), on=names, how="left")["number"]
    return groups, number.to_numpy(dtype="int64")


def _spans(
    staff: pd.DataFrame, months: pd.DatetimeIndex
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Give first and last day of everybody, and the month in which each known leaver leaves."""
    starts = staff["start_date"].where(staff["kind"] == KINDS[2], staff["hire_date"])
    starts = starts.where(staff["kind"] != KINDS[1])
    hired = pd.DataFrame({"hire_date": starts, "leave_date": staff["leave_date"]})
    gone = _month_of(staff["leave_date"], months[0])
    return hired, np.where(staff["leave_date"].notna().to_numpy(), gone, -1)


def _cohorts(staff: pd.DataFrame, hired: pd.DataFrame) -> npt.NDArray[np.str_]:
    half = np.where(hired["hire_date"].dt.month <= 6, "H1", "H2")
    year = hired["hire_date"].dt.year.astype("Int64").astype("str").fillna("unknown")
    known = "hired " + year + np.where(hired["hire_date"].isna(), "", half)
    names = known.where(staff["kind"] == KINDS[0], staff["kind"] + "s")
    return np.asarray(names, dtype="str")


def _cohort_rows(
    labels: list[str], months: pd.DatetimeIndex, cohorts: npt.NDArray[np.float64]
) -> pd.DataFrame:
    rows = pd.MultiIndex.from_product([labels, months], names=["cohort", "month_date"])
    flat = cohorts.reshape(-1, 2)
    frame = rows.to_frame(index=False)
    return frame.assign(heads_count=flat[:, 0], effective_reps=flat[:, 1])
