"""
What pay is expected to cost: simulated, because pay is not a straight line.

An accelerator pays the good years more than a threshold saves in bad ones, so the mean of the
payouts is above the payout at the mean attainment wherever pay is convex; with a straight line
both are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.pay.alternatives import CURRENT, changed
from planlib.pay.people import Attained, pool_roles
from planlib.pay.terms import MONTHS, PayTerms, advance_owed, payout_share, terms_of
from planlib.settings.pay import PayAlternative, PaySettings

ALL = "all"
STATED = "stated in plan.yaml"  # basis of a budget
_LARGEST = 1_000_000  # earnings from which their quantiles are taken


@dataclass(frozen=True, kw_only=True)
class RolePay:
    """
    Draws of what the people of one role earn.

    Every amount is for the part of the year that a person is paid; ``full`` (people, draws) is
    base and payout of a whole year, of at most a million of the draws. ``sells`` marks people
    whose quota is no sum of others'.
    """

    role: str
    people: int
    simulated: int
    terms: PayTerms
    base: float
    variable: np.ndarray
    share: np.ndarray
    quota: np.ndarray
    sells: np.ndarray
    pay_of_sellers: float
    earned: np.ndarray
    advance: np.ndarray
    full: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """People with simulated attainment."""
        return np.asarray(np.isfinite(self.quota))

    @property
    def mean(self) -> float:
        """Mean attainment over people and draws, weighted by variable pay."""
        weight = self.variable[self.known]
        if not self.simulated or not weight.sum() > 0:
            return float("nan")
        return float(weight @ self.share[self.known].mean(axis=1) / weight.sum())

    @property
    def at_mean(self) -> float:
        """Base and payout when everybody simulated attains that mean."""
        share = np.where(self.known, np.nan_to_num(self.mean), 1.0)
        return self.base + float(self.variable @ payout_share(share, self.terms))


def role_pay(
    people: pd.DataFrame, terms: PayTerms, attained: Attained | None, settings: PaySettings
) -> RolePay:
    """
    Draw what the people of a role earn.

    Parameters
    ----------
    people
        Rows of ``paid_people`` of the role.
    terms
        Its pay plan.
    attained
        Simulated attainment; people without are paid as at 100 %.
    settings
        Share of advances that is paid back.

    Returns
    -------
    RolePay
        Base, variable pay and earnings by person and draw.
    """
    part = people["year_share"].to_numpy(dtype="float64")
    draws = attained.draws if attained is not None else 1
    quota, share = (
        attained.of(people["rep_id"])
        if attained is not None
        else (np.full(len(people), np.nan), np.full((len(people), 1), np.nan))
    )
    filled = np.where(np.isfinite(share), share, 1.0)
    variable = terms.variable_pay * part
    payout = payout_share(filled, terms)
    known = np.isfinite(quota)
    seen = max(1, _LARGEST // max(len(people), 1))  # draws are alike: the first ones tell enough
    full = terms.base_pay + terms.variable_pay * payout[known, :seen]
    payout *= variable[:, None]
    earned, advance = payout.sum(axis=0) + np.zeros(draws), np.zeros(draws)
    if terms.draw_amount > 0:
        advance += advance_owed(payout, terms, MONTHS * part[:, None]).sum(axis=0)
        earned += (1.0 - settings.draw_recovered_share) * advance
    sums = attained.sum_of_others if attained is not None else frozenset()
    sells = known & ~people["rep_id"].isin(sums).to_numpy(dtype=bool)
    target = (terms.base_pay + terms.variable_pay) * part
    return RolePay(
        role=str(people["role"].iloc[0]), people=len(people), simulated=int(known.sum()),
        terms=terms, base=float((terms.base_pay * part).sum()), variable=variable, share=filled,
        quota=quota, sells=sells, pay_of_sellers=float(target[sells].sum()),
        earned=earned, advance=advance, full=full,
    )  # fmt: skip


def pay_cost(
    people: pd.DataFrame,
    plans: pd.DataFrame,
    attained: Attained | None,
    settings: PaySettings,
) -> pd.DataFrame:
    """
    Give the expected cost of today's pay plans and of the alternatives, by group of roles.

    Parameters
    ----------
    people
        From ``paid_people``. Roles without a pay plan are left out; the total's reason names them.
    plans
        From ``plan_in_force``.
    attained
        Simulated attainment, managers included; None: everybody at 100 %.
    settings
        Section ``pay``: smallest group, budget, interval, alternatives.

    Returns
    -------
    DataFrame
        Table ``pay_cost``.
    """
    terms = {str(row["role"]): terms_of(row) for row in plans.to_dict("records")}
    known = people[people["role"].isin(list(terms))]
    groups = pool_roles(known, attained, settings.minimum_group)
    left = sorted(set(people["role"]) - set(terms))
    missing = f"without a pay plan, not in the sum: {', '.join(left)}" if left else ""
    rows: list[dict[str, object]] = []
    simulated = _simulated_roles(known, attained)
    budget = settings.budget_amount
    for alternative in (PayAlternative(name=CURRENT), *settings.alternatives):
        drawn = [
            role_pay(mine, changed(terms[str(role)], str(role), alternative, simulated),
                     attained, settings)
            for role, mine in known.groupby("role")
        ]  # fmt: skip
        if budget is None:
            budget = sum(one.base + float(one.variable.sum()) for one in drawn)
        found = _plan_rows(alternative.name, drawn, groups, settings, missing)
        if found:
            found[-1]["over_budget_share"] = _over(drawn, budget)
        rows += found
    return _compared(pd.DataFrame(rows), budget or 0.0, settings)


def _simulated_roles(people: pd.DataFrame, attained: Attained | None) -> list[str]:
    if attained is None:
        return []
    return sorted(set(people.loc[people["rep_id"].isin(attained.rep_id), "role"]))


def _plan_rows(
    plan: str,
    drawn: Sequence[RolePay],
    groups: dict[str, str],
    settings: PaySettings,
    reason: str,
) -> list[dict[str, object]]:
    rows = []
    names = sorted({groups[one.role] for one in drawn} - {""})
    for group in (*names, ALL) if names else ():
        mine = [one for one in drawn if group in (ALL, groups[one.role])]
        row = {"plan": plan, "role_group": group, **_figures(mine, settings)}
        row["reason"] = _reason(mine, reason if group == ALL else "")
        rows.append(row)
    return rows


def _figures(mine: Sequence[RolePay], settings: PaySettings) -> dict[str, object]:
    base = sum(one.base for one in mine)
    target = sum(float(one.variable.sum()) for one in mine)
    cost = base + np.sum([one.earned for one in mine], axis=0)
    own = [one for one in mine if one.simulated]
    count = sum(one.simulated for one in own)
    at_mean = _cents(sum(one.at_mean for one in mine))
    tail = (1 - settings.interval) / 2
    low, high = np.quantile(cost, [tail, 1 - tail]) if own else (np.nan, np.nan)
    expected = _cents(float(cost.mean()))
    return {
        "roles": "; ".join(one.role for one in mine), "people_count": sum(o.people for o in mine),
        "simulated_count": count, "base_amount": _cents(base),
        "target_variable_amount": _cents(target), "target_pay_amount": _cents(base + target),
        **(_attainment(own, expected) if count >= settings.minimum_group else {}),
        "cost_at_mean_amount": at_mean, "cost_amount": expected,
        "cost_low_amount": low, "cost_high_amount": high,
        "convexity_amount": _cents(expected - at_mean),
        "advance_amount": _cents(float(np.sum([one.advance for one in mine], axis=0).mean())),
        **_earnings(own, tail, settings.minimum_group),
    }  # fmt: skip


def _attainment(own: Sequence[RolePay], cost: float) -> dict[str, object]:
    share = [one.share[one.known] for one in own]
    weight = np.array([float(one.variable[one.known].sum()) for one in own])
    years = float(sum(one.size for one in share))
    floor = sum(int((s < o.terms.threshold_share).sum()) for s, o in zip(share, own, strict=True))
    over = sum(int((s > o.terms.cap_share).sum()) for s, o in zip(share, own, strict=True))
    quota = sum(float(one.quota[one.sells].sum()) for one in own)
    sales = sum(float((o.quota[o.sells, None] * o.share[o.sells]).sum(axis=0).mean()) for o in own)
    pay = sum(one.pay_of_sellers for one in own)
    mean = np.array([np.nan_to_num(one.mean) for one in own])
    return {
        "quota_amount": _cents(quota) if quota > 0 else None,
        "quota_pay_ratio": quota / pay if quota > 0 and pay > 0 else None,
        "mean_attainment_share": float(weight @ mean / weight.sum()) if weight.sum() else None,
        "at_quota_share": sum(int((one >= 1).sum()) for one in share) / years,
        "below_threshold_share": floor / years,
        "capped_share": over / years,
        "sales_amount": _cents(sales) if quota > 0 else None,
        "cost_of_sales_share": cost / sales if quota > 0 and sales > 0 else None,
    }


def _earnings(own: Sequence[RolePay], tail: float, minimum: int) -> dict[str, object]:
    if sum(one.simulated for one in own) < minimum:
        return {}
    values = np.concatenate([one.full.ravel() for one in own])
    low, middle, high = np.quantile(values, [tail, 0.5, 1 - tail])
    return {
        "earnings_low_amount": low, "earnings_median_amount": middle, "earnings_high_amount": high,
    }  # fmt: skip


def _reason(mine: Sequence[RolePay], missing: str) -> str:
    plain = [one.role for one in mine if one.simulated < one.people]
    text = (
        f"paid as at 100 %, without spread: people of {', '.join(plain)} without simulated "
        "attainment" if plain else ""
    )  # fmt: skip
    return "; ".join(one for one in (text, missing) if one)


def _compared(rows: pd.DataFrame, budget: float, settings: PaySettings) -> pd.DataFrame:
    if rows.empty:
        return rows
    now = rows[rows["plan"] == CURRENT].set_index("role_group")["cost_amount"]
    change = rows["cost_amount"] / rows["role_group"].map(now) - 1
    stated = settings.budget_amount is not None
    basis = (
        STATED if stated
        else "none is stated: today's base and variable pay of everybody at 100 %"
    )  # fmt: skip
    total = rows["role_group"] == ALL
    return rows.assign(
        cost_change_share=change.mask(rows["plan"] == CURRENT),
        budget_amount=pd.Series(_cents(budget), index=rows.index).where(total),
        budget_basis=pd.Series(basis, index=rows.index).where(total),
    )


def _over(drawn: Sequence[RolePay], budget: float) -> float | None:
    if not any(one.simulated for one in drawn):
        return None
    cost = sum(one.base for one in drawn) + np.sum([one.earned for one in drawn], axis=0)
    return float((cost > budget + 0.005).mean())


def _cents(value: float) -> float:
    return round(value * 100) / 100
