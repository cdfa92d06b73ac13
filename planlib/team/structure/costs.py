"""What a head of each kind costs a year, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.settings.team_structure import CHOSEN, KINDS, TeamStructureSettings
from planlib.team.structure.inputs import Roster, days, numbers, words

FIELD_HEADS = "heads of the field"


@dataclass(frozen=True, kw_only=True)
class Costs:
    """
    Yearly cost of a head.

    Parameters
    ----------
    by_kind
        Cost of each kind, in ``unit``.
    by_role
        Cost by role and kind in currency; NA where no pay plan or setting tells.
    unit
        The currency, or ``heads of the field`` where the field's cost is not known.
    basis
        What each kind's cost rests on.
    """

    by_kind: dict[str, float]
    by_role: pd.Series = field(repr=False)
    unit: str
    basis: dict[str, str]

    @property
    def is_money(self) -> bool:
        """Whether cost is known in currency."""
        return self.unit != FIELD_HEADS


def head_costs(
    roster: Roster,
    pay_plans: pd.DataFrame | None,
    settings: TeamStructureSettings,
    as_of: date,
    currency: str,
) -> Costs:
    """
    Give the full yearly cost of a head: settings, else pay plans, else an index.

    Parameters
    ----------
    roster
        Roles of each kind; a kind with several roles costs their mean by posts.
    pay_plans
        The plan in force on the as-of date counts: (base + variable at 100 %) x (1 + overhead).
    settings
        ``cost_amount``, ``overhead_share`` and ``cost_index``.
    as_of, currency
        Day, and currency of the plan.

    Returns
    -------
    Costs
        A kind without plan costs its index times the field; where the field's cost itself is not
        known everything is in heads of the field, and nothing is invented.
    """
    paid = _pay_in_force(pay_plans, as_of) * (1 + settings.overhead_share)
    posts = roster.people[roster.people["is_post"]]
    roles = sorted(set(roster.people["role"]))
    fold = {role: role.casefold() for role in roles}
    planned = pd.Series({role: paid.get(fold[role], float("nan")) for role in roles}, dtype=float)
    found: dict[str, float] = {}
    basis: dict[str, str] = {}
    for kind in KINDS:
        mine = posts.loc[posts["kind"] == kind, "role"].map(planned).dropna()
        if kind in settings.cost_amount:
            found[kind], basis[kind] = settings.cost_amount[kind], "team_structure.cost_amount"
        elif len(mine):
            found[kind] = float(mine.mean())
            basis[kind] = "pay plans: base and variable at 100 %, plus overhead"
    pairs = pd.MultiIndex.from_frame(
        roster.people[["role", "kind"]].drop_duplicates().sort_values(["role", "kind"])
    )
    by_role = pd.Series(
        [settings.cost_amount.get(kind, planned[role]) for role, kind in pairs], pairs, dtype=float
    )
    index = settings.cost_index
    if "field" not in found:
        return Costs(
            by_kind={kind: index.get(kind, 1.0) for kind in CHOSEN}, by_role=by_role,
            unit=FIELD_HEADS,
            basis={kind: "index of plan.yaml: neither cost nor pay plan is known"
                   for kind in CHOSEN},
        )  # fmt: skip
    for kind in CHOSEN:
        if kind not in found:
            found[kind] = index.get(kind, 1.0) * found["field"]
            basis[kind] = f"{index.get(kind, 1.0):g} x field (index of plan.yaml)"
    return Costs(by_kind=found, by_role=by_role, unit=currency, basis=basis)


def _pay_in_force(pay_plans: pd.DataFrame | None, as_of: date) -> pd.Series:
    """Give base and variable pay by role in small letters; NA where a part is not known."""
    if pay_plans is None or pay_plans.empty:
        return pd.Series(dtype="float64")
    frame = pd.DataFrame({
        "role": words(pay_plans, "role").str.casefold(), "day": days(pay_plans, "effective_from"),
        "pay": numbers(pay_plans, "base_pay") + numbers(pay_plans, "variable_pay").fillna(0.0),
    })  # fmt: skip
    frame = frame[(frame["day"] <= pd.Timestamp(as_of)) & (frame["pay"] >= 0)]
    last = frame.sort_values(["role", "day", "pay"], kind="stable").drop_duplicates(
        "role", keep="last"
    )
    return last.set_index("role")["pay"]
