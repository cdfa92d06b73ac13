"""What pay, size, check and timeline are computed from: tables and sections of plan.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from planlib.errors import TableError
from planlib.pay.people import Attained
from planlib.periods import FiscalYear
from planlib.plan import Plan
from planlib.settings.general import AudienceSettings
from planlib.settings.pay import ForceSizeSettings, PaySettings, PlanCheckSettings


@dataclass(frozen=True, kw_only=True)
class PayRules:
    """
    Sections of plan.yaml that pay, size, check and timeline use.

    Parameters
    ----------
    pay, force_size, plan_check
        Sections of the same names.
    long_term
        Long-term metrics by role, of ``team_people.kpi_trees``.
    audiences, fiscal_year
        Who may see what, and the fiscal year.
    """

    pay: PaySettings = field(default_factory=PaySettings)
    force_size: ForceSizeSettings = field(default_factory=ForceSizeSettings)
    plan_check: PlanCheckSettings = field(default_factory=PlanCheckSettings)
    long_term: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audiences: Mapping[str, AudienceSettings] = field(default_factory=dict)
    fiscal_year: FiscalYear = field(default_factory=FiscalYear)


@dataclass(frozen=True, kw_only=True)
class PayInputs:
    """
    Tables that pay, size, check and timeline use; all but ``reps`` may be missing.

    Parameters
    ----------
    reps, pay_plans, opportunities, products
        Input tables.
    territories
        ``account_id``, ``rep_id``, ``potential``, ``workload_hours``, such as ``territory_plan``.
    segments, segment_profile, territory_response
        Tables of steps 02 and 03.
    capacity_alignment
        Table of this step: share of capacity and of the goal by segment.
    quotas
        ``rep_id``, ``quota_amount``, and where known ``capacity_amount``, ``ramped_share``, and
        ``role``, ``unit``, ``manager_id``, ``first_date`` of people who are not in ``reps`` yet;
        None: the yearly quotas of ``reps``.
    attained
        Simulated attainment of people with a quota.
    target_amount
        Target of the year.
    capacity
        Simulated capacity of all: lower end, median, upper end.
    milestones, releases
        Decisions of kinds ``planning_milestones`` and ``releases`` in force.
    """

    reps: pd.DataFrame
    pay_plans: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None
    products: pd.DataFrame | None = None
    territories: pd.DataFrame | None = None
    segments: pd.DataFrame | None = None
    segment_profile: pd.DataFrame | None = None
    capacity_alignment: pd.DataFrame | None = None
    territory_response: pd.DataFrame | None = None
    quotas: pd.DataFrame | None = None
    attained: Attained | None = None
    target_amount: float | None = None
    capacity: tuple[float, float, float] | None = None
    milestones: pd.DataFrame | None = None
    releases: pd.DataFrame | None = None


def pay_rules(plan: Plan, **changes: object) -> PayRules:
    """
    Take the rules from plan.yaml.

    Parameters
    ----------
    plan
        All settings.
    changes
        Keys of section ``pay`` that are set otherwise, such as ``budget_amount``; None: as in
        plan.yaml.

    Returns
    -------
    PayRules
        The sections that pay, size, check and timeline use.
    """
    return PayRules(
        pay=plan.override("pay", **changes), force_size=plan.force_size,
        plan_check=plan.plan_check,
        long_term={tree.role: tree.long_term for tree in plan.team_people.kpi_trees},
        audiences=plan.report.audiences,
        fiscal_year=plan.fiscal_year.fiscal_year(),
    )  # fmt: skip


def pay_inputs(
    tables: Mapping[str, pd.DataFrame | None],
    *,
    milestones: pd.DataFrame | None = None,
    releases: pd.DataFrame | None = None,
) -> PayInputs:
    """
    Take the tables that are there.

    Parameters
    ----------
    tables
        By name: ``reps``, and where present ``pay_plans``, ``opportunities``, ``products``,
        ``segments``, ``segment_profile``, ``territory_response`` and ``territory_plan``; without
        the last, the owners of ``segments`` stand for the territories.
    milestones, releases
        Decisions of kinds ``planning_milestones`` and ``releases`` in force.

    Returns
    -------
    PayInputs
        Tables that are there; the others are None.

    Raises
    ------
    TableError
        If ``reps`` is missing.
    """
    reps = tables.get("reps")
    if reps is None:
        raise TableError("reps", ["the table is missing; pay and the check of the plans need it"])
    return PayInputs(
        reps=reps, territories=_territories(tables), milestones=milestones, releases=releases,
        pay_plans=tables.get("pay_plans"), opportunities=tables.get("opportunities"),
        products=tables.get("products"), segments=tables.get("segments"),
        segment_profile=tables.get("segment_profile"),
        territory_response=tables.get("territory_response"),
    )  # fmt: skip


def _territories(tables: Mapping[str, pd.DataFrame | None]) -> pd.DataFrame | None:
    plan, segments = tables.get("territory_plan"), tables.get("segments")
    columns = ["account_id", "rep_id", "potential", "workload_hours"]
    if plan is not None and len(plan):
        return plan[columns]
    if segments is not None:
        return segments.rename(columns={"owner_id": "rep_id"})[columns]
    return None
