"""Size of the sales force: by return and by workload on one page, and why they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.notes import percent_above_zero
from planlib.pay.evidence import CarryOver, Figure, is_assumed
from planlib.pay.size import ReturnTerms, SalesResponse, SizeAnswer, size_by_return
from planlib.settings.pay import ForceSizeSettings

SCENARIO = "scenario"
TOTAL = "total"
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class ForceBasis:
    """
    What the size of the sales force is computed from.

    Parameters
    ----------
    people
        One row per person of the roles sized: ``unit``, ``year_share``, ``sales`` (expected sales
        of the year, missing where not known).
    sales_basis
        What these sales are.
    elasticity, elasticity_basis
        Percent more sales for one percent more people, and where it comes from.
    elasticity_range
        Between which the best size is shown: the 80 % interval of a fit, else that of plan.yaml.
    cost
        Cost of a person a year.
    margin
        Margin on one more sale.
    carry
        What comes again.
    hours
        Selling hours of a person a year.
    accounts
        ``unit``, ``workload_hours``, ``potential``; None: no workload method.
    """

    people: pd.DataFrame
    sales_basis: str
    elasticity: float
    elasticity_basis: str
    cost: Figure
    margin: Figure
    carry: CarryOver
    hours: Figure
    accounts: pd.DataFrame | None = None
    elasticity_range: tuple[float, float] = (0.2, 0.5)


def size_force(basis: ForceBasis, settings: ForceSizeSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Size the sales force in total and by unit, by return and by workload.

    Parameters
    ----------
    basis
        People, sales, cost, margin, accounts.
    settings
        Section ``force_size``.

    Returns
    -------
    tuple
        Tables ``force_size`` and ``force_size_curve``.
    """
    rows: list[dict[str, object]] = []
    curves: list[pd.DataFrame] = []
    for cut, value in _cells(basis):
        people = _chosen(basis.people, cut, value)
        accounts = None if basis.accounts is None else _chosen(basis.accounts, cut, value)
        count = float(people["year_share"].sum())
        known = people["sales"].dropna()
        sales = float(np.sort(known.to_numpy()).sum()) if len(known) else math.nan
        answer = _answer(basis, settings, count, sales)
        work = _workload(basis, accounts)
        row = {
            "cut": cut, "cut_value": value, "people_count": round(count, 2),
            "sales_amount": None if math.isnan(sales) else round(sales, 2),
            "sales_basis": basis.sales_basis, **_stated(basis),
            **_return(basis, settings, answer, (count, sales)), **work,
        }  # fmt: skip
        row["explanation"] = explain_sizes(row)
        rows.append(row)
        if answer is not None:
            curves.append(answer.curve.assign(cut=cut, cut_value=value))
    curve = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return pd.DataFrame(rows), curve


def explain_sizes(row: dict[str, object]) -> str:
    """
    Say in a sentence why the size by workload and the size by return differ.

    Parameters
    ----------
    row
        A row of ``force_size`` without its explanation.
    """
    work, best = row.get("workload_count"), row.get("best_count")
    now = float(str(row["people_count"]))
    if best is None and work is None:
        return "neither method has what it needs: sales, cost and margin, or workload"
    if work is None:
        return "by return alone: accounts have no workload hours here"
    asked = float(str(work))
    if best is None:
        return f"by workload alone: {asked:.1f} people for {now:.1f} there are; " \
               "the return needs sales, cost and margin"  # fmt: skip
    low, high = int(str(row["flat_low_count"])), int(str(row["flat_high_count"]))
    poor = row.get("poor_hours_share")
    why = (
        f"; {percent_above_zero(float(str(poor)))} of the hours go to accounts whose potential "
        "does not pay for them" if poor is not None else ""
    )  # fmt: skip
    if row.get("best_edge") == "high":
        best_words = f"each further person pays, up to the {high} that are looked at"
    else:
        best_words = f"{low} to {high} people are nearly equally profitable"
    if row.get("verdict") == SCENARIO:
        best_words = f"at the assumed elasticity {best_words}"
    if asked > high:
        return f"the work asks for {asked:.1f} people, {asked - high:.1f} more than pay for " \
               f"themselves: {best_words}{why}"  # fmt: skip
    if asked < low:
        return f"the work that the accounts need fills {asked:.1f} people, but {best_words}: " \
               f"more people would give more care than the workload counts{why}"  # fmt: skip
    return f"both agree: the work asks for {asked:.1f} people, and {best_words}{why}"


def _cells(basis: ForceBasis) -> list[tuple[str, str]]:
    units = set(basis.people["unit"].dropna().astype(str))
    if basis.accounts is not None:
        units |= set(basis.accounts["unit"].dropna().astype(str))
    return [(TOTAL, ALL), *(("unit", one) for one in sorted(units - {""}))]


def _chosen(frame: pd.DataFrame, cut: str, value: str) -> pd.DataFrame:
    return frame if cut == TOTAL else frame[frame["unit"] == value]


def _terms(basis: ForceBasis) -> ReturnTerms | None:
    if basis.cost.value is None or basis.margin.value is None:
        return None
    return ReturnTerms(
        cost=basis.cost.value, margin_share=basis.margin.value,
        carry_over=(basis.carry.second, basis.carry.third),
    )  # fmt: skip


def _answer(
    basis: ForceBasis, settings: ForceSizeSettings, count: float, sales: float,
    elasticity: float | None = None,
) -> SizeAnswer | None:  # fmt: skip
    terms = _terms(basis)
    if terms is None or not count > 0 or not sales > 0:
        return None
    response = SalesResponse(
        people=count, sales=sales,
        elasticity=basis.elasticity if elasticity is None else elasticity,
    )  # fmt: skip
    return size_by_return(
        response, terms, widest=settings.widest, flat_share=settings.flat_share,
        right_return=settings.right_return,
    )  # fmt: skip


def _stated(basis: ForceBasis) -> dict[str, object]:
    return {
        "elasticity": basis.elasticity, "elasticity_basis": basis.elasticity_basis,
        "elasticity_low": basis.elasticity_range[0], "elasticity_high": basis.elasticity_range[1],
        "cost_per_person_amount": basis.cost.value, "cost_basis": basis.cost.basis,
        "margin_share": basis.margin.value, "margin_basis": basis.margin.basis,
        "carry_second_share": basis.carry.second,
        "carry_third_share": basis.carry.third, "carry_basis": basis.carry.basis,
    }  # fmt: skip


def _return(
    basis: ForceBasis,
    settings: ForceSizeSettings,
    answer: SizeAnswer | None,
    now: tuple[float, float],
) -> dict[str, object]:
    terms = _terms(basis)
    if answer is None or terms is None:
        return {"verdict": "not known"}
    gain = float(terms.three_year_return(answer.incremental))
    low, high = settings.right_return
    sides = [_answer(basis, settings, *now, elasticity=one) for one in basis.elasticity_range]
    right = answer.right if answer.right[0] else (None, None)
    said = "too many" if gain < low else "too few" if gain > high else "about right"
    return {
        "break_even_amount": terms.break_even, "incremental_amount": answer.incremental,
        "break_even_ratio": terms.ratio(answer.incremental), "return_share": gain,
        "verdict": SCENARIO if is_assumed(basis.elasticity_basis) else said,
        "best_count": answer.best, "best_edge": answer.edge, "flat_low_count": answer.flat[0],
        "flat_high_count": answer.flat[1], "right_low_count": right[0],
        "right_high_count": right[1],
        "best_low_count": sides[0].best if sides[0] else None,
        "best_high_count": sides[1].best if sides[1] else None,
    }  # fmt: skip


def _workload(basis: ForceBasis, accounts: pd.DataFrame | None) -> dict[str, object]:
    if accounts is None or not accounts["workload_hours"].notna().any():
        return {"hours_per_person": basis.hours.value}
    hours = accounts["workload_hours"].fillna(0.0)
    total = float(np.sort(hours.to_numpy()).sum())
    one = basis.hours.value
    found: dict[str, object] = {
        "account_count": len(accounts), "workload_hours": total, "hours_per_person": one,
        "workload_count": total / one if one else None,
    }  # fmt: skip
    if one and basis.cost.value is not None and basis.margin.value is not None and total > 0:
        pays = accounts["potential"] * basis.margin.value >= hours * basis.cost.value / one
        poor = accounts["potential"].notna() & ~pays
        found["poor_hours_share"] = float(np.sort(hours[poor].to_numpy()).sum()) / total
    return found
