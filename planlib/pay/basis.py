"""Gather sales, cost, margin and hours that the size of the sales force is computed from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.pay.cost import role_pay
from planlib.pay.evidence import Figure, people_elasticity, repeat_share, sold_margin, won_sales
from planlib.pay.force import ForceBasis
from planlib.pay.inputs import PayInputs, PayRules
from planlib.pay.people_response import fit_people_response
from planlib.pay.terms import terms_of


def force_basis(
    inputs: PayInputs, rules: PayRules, plans: pd.DataFrame | None, people: pd.DataFrame,
    as_of: date,
) -> ForceBasis:  # fmt: skip
    """
    Gather what the size of the sales force is computed from, each figure with where it comes from.

    Parameters
    ----------
    inputs, rules
        Tables and settings.
    plans
        Pay plans in force.
    people
        From ``paid_people``.
    as_of
        Day until which the data count.
    """
    settings = rules.force_size
    roles = list(settings.roles) or _selling_roles(inputs)
    sized = people[people["role"].isin(roles)]
    people, basis = _sellers(inputs, roles, sized, as_of)
    history = fit_people_response(inputs.reps, inputs.opportunities, roles, as_of)
    elasticity, source = people_elasticity(settings, inputs.territory_response, history)
    spread = settings.elasticity_range
    if settings.elasticity is None and history.is_fitted:
        spread = (history.low, history.high)
    elif settings.elasticity is None:
        source = f"{source}; not fitted on people: {history.basis}"
    hours = _hours(inputs.reps, roles, rules)
    return ForceBasis(
        people=people, sales_basis=basis,
        elasticity=elasticity, elasticity_basis=source, elasticity_range=spread,
        cost=_person_cost(inputs, rules, plans, sized),
        margin=sold_margin(settings, as_of, opportunities=inputs.opportunities,
                           products=inputs.products),
        carry=repeat_share(settings, as_of, inputs.opportunities), hours=hours,
        accounts=_accounts(inputs),
    )  # fmt: skip


def _selling_roles(inputs: PayInputs) -> list[str]:
    quotas = inputs.quotas
    if quotas is None:
        held = inputs.reps.loc[inputs.reps["quota"] > 0, "rep_id"]
    else:
        held = quotas.loc[quotas["quota_amount"] > 0, "rep_id"]
    bosses = set(inputs.reps["manager_id"].dropna())
    mine = inputs.reps[inputs.reps["rep_id"].isin(held) & ~inputs.reps["rep_id"].isin(bosses)]
    return sorted(set(mine["role"].dropna()))


def _sellers(
    inputs: PayInputs, roles: list[str], sized: pd.DataFrame, as_of: date
) -> tuple[pd.DataFrame, str]:
    """Give unit, part of the year and sales of everybody in the roles, leavers included."""
    if inputs.opportunities is not None:
        all_of = inputs.reps[inputs.reps["role"].isin(roles)].sort_values("rep_id")
        share = all_of["rep_id"].map(sized.set_index("rep_id")["year_share"]).fillna(0.0)
        won = won_sales(inputs.opportunities, as_of, all_of["rep_id"])
        if len(won):
            people = pd.DataFrame({
                "unit": all_of["unit"], "year_share": share, "sales": all_of["rep_id"].map(won),
            })  # fmt: skip
            return people, "won in the twelve months until the as-of date, by leavers too"
    if inputs.attained is not None:
        quota, drawn = inputs.attained.of(sized["rep_id"])
        return sized.assign(sales=quota * drawn.mean(axis=1)), "expected from simulated attainment"
    return sized.assign(sales=np.nan), "not known: opportunities, or quotas"


def _person_cost(
    inputs: PayInputs, rules: PayRules, plans: pd.DataFrame | None, sized: pd.DataFrame
) -> Figure:
    settings = rules.force_size
    if settings.cost_per_person is not None:
        return Figure(settings.cost_per_person, "stated in plan.yaml")
    if plans is None:
        return Figure(None, "not known: force_size.cost_per_person, or pay plans")
    terms = {str(row["role"]): terms_of(row) for row in plans.to_dict("records")}
    paid = sized[sized["role"].isin(list(terms))]
    years = float(paid["year_share"].sum())
    if years <= 0:
        return Figure(None, "not known: the roles sized have no pay plan")
    total = 0.0
    for role, mine in paid.groupby("role"):
        one = role_pay(mine, terms[str(role)], inputs.attained, rules.pay)
        total += one.base + float(one.earned.mean())
    value = total / years * (1 + settings.overhead_share)
    if value <= 0:
        return Figure(None, "not known: the pay plans of the roles sized pay nothing")
    return Figure(round(value, 2), "expected pay of a person-year, and an overhead of "
                  f"{100 * settings.overhead_share:.0f} % (assumed in plan.yaml)")  # fmt: skip


def _hours(reps: pd.DataFrame, roles: list[str], rules: PayRules) -> Figure:
    if rules.force_size.selling_hours is not None:
        return Figure(rules.force_size.selling_hours, "stated in plan.yaml")
    known = reps.loc[reps["role"].isin(roles) & (reps["capacity_hours"] > 0), "capacity_hours"]
    if known.empty:
        return Figure(None, "not known: force_size.selling_hours, or reps.capacity_hours")
    return Figure(float(known.sort_values().mean()), "mean capacity_hours of the roles sized")


def _accounts(inputs: PayInputs) -> pd.DataFrame | None:
    if inputs.segments is None:
        return None
    return inputs.segments.sort_values("account_id")[["unit", "workload_hours", "potential"]]
