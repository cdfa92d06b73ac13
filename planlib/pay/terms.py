"""What a pay plan promises: its terms, what it pays at an attainment, and wrong rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.tables.inputs_pipeline import DEAL_TYPES

MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class PayTerms:
    """
    Terms of a pay plan.

    Parameters
    ----------
    base_pay, variable_pay
        A year, variable pay at 100 % attainment.
    quota
        Yearly quota behind the plan; NaN: none.
    threshold_share
        Attainment below which nothing is paid.
    accelerator
        Multiple of the rate for what is sold above 100 %.
    cap_share
        Attainment above which no more is paid; infinite: no cap.
    draw_amount
        Advance a month, taken off what is earned later (recoverable).
    """

    base_pay: float = 0.0
    variable_pay: float = 0.0
    quota: float = math.nan
    threshold_share: float = 0.0
    accelerator: float = 1.0
    cap_share: float = math.inf
    draw_amount: float = 0.0

    def __post_init__(self) -> None:
        """Refuse terms that no plan can have."""
        low = [
            f"{name} must be at least 0, found {value:g}"
            for name in ("base_pay", "variable_pay", "threshold_share", "accelerator",
                         "cap_share", "draw_amount")
            if not (value := getattr(self, name)) >= 0
        ]  # fmt: skip
        if self.quota <= 0:
            low.append(f"quota must be above 0, found {self.quota:g}")
        if self.cap_share < self.threshold_share:
            low.append(
                f"cap_share {self.cap_share:g} is below threshold_share {self.threshold_share:g}"
            )
        if low:
            raise ParameterError("pay plan", low)

    @property
    def rate(self) -> float:
        """Variable pay for one unit of money sold up to 100 %: variable pay / quota."""
        return self.variable_pay / self.quota


def payout_share(attainment: np.ndarray, terms: PayTerms) -> np.ndarray:
    """
    Give what is earned at an attainment, as a share of variable pay.

    Nothing below the threshold; from there each unit up to 100 % at the plain rate, each above at
    the accelerated rate, none above the cap. The threshold is a step: once reached, the first unit
    counts too.

    Parameters
    ----------
    attainment
        Attained / quota; below 0 (returns outweigh sales) counts as 0.
    terms
        Terms of the plan.

    Returns
    -------
    ndarray
        Earned / variable pay, in the shape of ``attainment``; at least 0.

    Examples
    --------
    >>> terms = PayTerms(variable_pay=100.0, threshold_share=0.4, accelerator=1.5, cap_share=2.0)
    >>> payout_share(np.array([0.3, 0.5, 1.0, 1.4, 3.0]), terms).tolist()
    [0.0, 0.5, 1.0, 1.6, 2.5]
    """
    above = np.clip(attainment, 0.0, terms.cap_share)
    earned = np.minimum(above, 1.0)
    above -= earned
    above *= terms.accelerator
    earned += above
    if terms.threshold_share > 0:
        earned[attainment < terms.threshold_share] = 0.0
    return np.asarray(earned)


def advance_owed(earned: np.ndarray, terms: PayTerms, months: np.ndarray | float) -> np.ndarray:
    """
    Give the advances that are not yet earned at the end: what a person owes, at least 0.

    Parameters
    ----------
    earned
        Variable pay earned in the time.
    terms
        Terms with the advance a month.
    months
        Months that it was paid.

    Returns
    -------
    ndarray
        Money, in the shape of ``earned``.

    Examples
    --------
    >>> advance_owed(np.array([10.0, 40.0]), PayTerms(draw_amount=3.0), 12)
    array([26.,  0.])
    """
    return np.maximum(terms.draw_amount * months - earned, 0.0)


def terms_of(row: Mapping[Any, Any]) -> PayTerms:
    """
    Read the terms from a checked row of ``pay_plans``; a blank cell is the term that does nothing.

    Raises
    ------
    ParameterError
        If the row contradicts itself; ``sound_plans`` leaves such rows out.
    """
    none = {
        "base_pay": 0.0, "variable_pay": 0.0, "quota": math.nan, "threshold_share": 0.0,
        "accelerator": 1.0, "cap_share": math.inf, "draw_amount": 0.0,
    }  # fmt: skip
    given = {name: _number(row.get(name)) for name in none}
    return PayTerms(**{name: none[name] if math.isnan(v) else v for name, v in given.items()})


def sound_plans(pay_plans: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Split pay plans into those that can be used and problems with the others.

    Parameters
    ----------
    pay_plans
        Table ``pay_plans``.

    Returns
    -------
    tuple
        The usable rows, in order of role and date, with wrong cells blank; and rows for
        ``pay_problems``.
    """
    plans = pay_plans.sort_values(
        ["role", "effective_from", "base_pay", "variable_pay"],
        ascending=[True, True, False, False], kind="stable",
    ).reset_index(drop=True)  # fmt: skip
    found: list[dict[str, str]] = []
    double = plans.duplicated(["role", "effective_from"], keep="first")
    for _, row in plans[double].iterrows():
        found.append(_problem(row, "two_plans_on_a_date", "effective_from",
                              "one plan of a role on a date; the dearest one is used"))  # fmt: skip
    plans = plans[~double].reset_index(drop=True)
    unusable = pd.Series(False, index=plans.index)
    for problem, column, wrong, text in _checks(plans):
        found += [_problem(row, problem, column, text) for _, row in plans[wrong].iterrows()]
        if problem in ("accelerator_below_zero", "variable_unknown"):
            unusable |= wrong
        elif problem != "rate_not_above_zero":
            plans = plans.assign(**{column: plans[column].mask(wrong)})
    return plans[~unusable].reset_index(drop=True), pd.DataFrame(found)


def plan_in_force(pay_plans: pd.DataFrame, day: date) -> pd.DataFrame:
    """
    Give the plan of each role on a day.

    Parameters
    ----------
    pay_plans
        Sound rows of ``pay_plans``.
    day
        A role whose first plan begins later has that one.

    Returns
    -------
    DataFrame
        One row of ``pay_plans`` per role, in order of ``role``.
    """
    begun = pay_plans["effective_from"] <= pd.Timestamp(day)
    ordered = pay_plans.assign(late=~begun).sort_values(["role", "effective_from"])
    past = ordered[~ordered["late"]].drop_duplicates("role", keep="last")
    later = ordered[ordered["late"] & ~ordered["role"].isin(past["role"])]
    both = pd.concat([past, later.drop_duplicates("role")])
    return both.drop(columns="late").sort_values("role").reset_index(drop=True)


def paid_deal_types(plans: pd.DataFrame) -> tuple[dict[str, frozenset[str]], pd.DataFrame]:
    """
    Read which deal types count for a role's pay plan.

    Parameters
    ----------
    plans
        Pay plans in force.

    Returns
    -------
    tuple
        Deal types by role, for roles where they are stated; and rows for ``pay_problems`` on
        words that are no deal type.
    """
    found: dict[str, frozenset[str]] = {}
    problems: list[dict[str, str]] = []
    for _, row in plans[plans["deal_types"].notna()].iterrows():
        words = {one.strip() for one in str(row["deal_types"]).split(";")} - {""}
        kinds = words & set(DEAL_TYPES)
        if words - kinds:
            problems.append(_problem(
                row, "deal_type_unknown", "deal_types",
                f"some of {', '.join(DEAL_TYPES)}, separated by ;; the others count",
            ))  # fmt: skip
        if kinds:
            found[str(row["role"])] = frozenset(kinds)
    return found, pd.DataFrame(problems)


def later_changes(pay_plans: pd.DataFrame, day: date, end: date) -> pd.DataFrame:
    """Name plans that begin after a day and before the end of the year, for ``pay_problems``."""
    begins = pay_plans["effective_from"]
    first = pay_plans.groupby("role")["effective_from"].transform("min")
    later = (begins > pd.Timestamp(day)) & (begins <= pd.Timestamp(end)) & (begins > first)
    text = "begins within the year: the cost is that of the plan in force on the as-of date"
    return pd.DataFrame([
        _problem(row, "plan_changes_later", "effective_from", text)
        for _, row in pay_plans[later].iterrows()
    ])  # fmt: skip


def _checks(plans: pd.DataFrame) -> list[tuple[str, str, pd.Series, str]]:
    cap, floor = plans["cap_share"], plans["threshold_share"]
    return [
        ("accelerator_below_zero", "accelerator", plans["accelerator"] < 0,
         "a multiple of at least 0; the plan is not used"),
        ("threshold_below_zero", "threshold_share", floor < 0,
         "a share of at least 0; counted as no threshold"),
        ("quota_not_above_zero", "quota", plans["quota"] <= 0,
         "above 0, or blank; counted as not known, so the plan has no rate"),
        ("cap_below_threshold", "cap_share", cap < floor.clip(lower=0).fillna(0),
         "at or above the threshold; counted as no cap"),
        ("variable_unknown", "variable_pay", plans["variable_pay"].isna()
         | (plans["variable_pay"] < 0) | (plans["base_pay"] < 0),
         "base and variable pay of at least 0, variable pay in every row; the plan is not used"),
        ("rate_not_above_zero", "variable_pay", plans["variable_pay"] == 0,
         "above 0 where selling is to be paid; the role has base pay alone"),
    ]  # fmt: skip


def _problem(row: pd.Series, problem: str, column: str, detail: str) -> dict[str, str]:
    day = row["effective_from"]
    when = day.date().isoformat() if not pd.isna(day) else "no date"
    value = row[column]
    return {
        "problem": problem, "source": "pay_plans", "row": f"{row['role']} from {when}",
        "column": column, "value": "" if pd.isna(value) else _written(value), "detail": detail,
    }  # fmt: skip


def _written(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: object) -> float:
    return math.nan if pd.isna(value) else float(str(value))  # type: ignore[call-overload]
