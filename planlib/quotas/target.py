"""The target of the year, and those that people have set for regions, units, managers and reps."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from planlib.capacity.people import finding
from planlib.periods import Period
from planlib.pipeline.money import from_cents, to_cents
from planlib.pipeline.targets import targets_of_period
from planlib.settings.quotas import QuotasSettings

_GRAIN = ("product_family", "region", "segment", "source", "deal_type", "rep_id", "unit")


@dataclass(frozen=True, kw_only=True)
class YearTarget:
    """
    What is to be reached in the year.

    Parameters
    ----------
    amount
        The company's target; None where nothing tells it.
    basis
        Where it comes from.
    is_weak
        Whether it is an assumption.
    by_region, by_unit, by_segment, by_rep
        Targets that people have set, by value; empty where there are none.
    findings
        Levels whose parts exceed the whole.
    """

    amount: float | None
    basis: str
    is_weak: bool = False
    by_region: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    by_unit: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    by_segment: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    by_rep: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    findings: tuple[dict[str, object], ...] = ()

    @property
    def cents(self) -> int:
        """The company's target in cents."""
        return 0 if self.amount is None else int(to_cents(pd.Series([self.amount])).iloc[0])


def year_target(
    targets: pd.DataFrame | None, year: Period, settings: QuotasSettings, *,
    won_year: float | None = None, ramped_quota: float | None = None,
) -> YearTarget:  # fmt: skip
    """
    Find the target of a year.

    Parameters
    ----------
    targets
        Table ``targets``; quarters or months that cover the whole year are added up.
    year
        The fiscal year.
    settings
        ``target_amount`` wins; without any target ``growth_share`` on what was won.
    won_year
        Won in the last twelve months, None where unknown.
    ramped_quota
        Sum of ramped quotas in force, the weakest way.
    """
    found = targets_of_period(targets, year)
    rows = found.rows.assign(target_amount=found.rows["target_amount"].where(
        found.rows["target_amount"] >= 0))  # fmt: skip
    wrong = tuple(
        finding("targets", f"{row['period']} {row['rep_id'] or ''}".strip(), "target_amount",
                row["target_amount"], "a target below zero is not used")
        for row in found.rows[found.rows["target_amount"] < 0].to_dict("records")
    )  # fmt: skip
    parts = {name: _of(rows, name) for name in ("region", "unit", "segment", "rep_id")}
    total = _of(rows, None)
    amount, basis, weak = None, "", False
    if settings.target_amount is not None:
        amount, basis = settings.target_amount, "quotas.target_amount of plan.yaml"
    elif total is not None:
        amount, basis = float(total.iloc[0]), f"table targets, {year.name}{found.spelled}"
    elif parts["region"] is not None or parts["unit"] is not None:
        name = "region" if parts["region"] is not None else "unit"
        amount = float(parts[name].sum())  # type: ignore[union-attr]
        basis = f"table targets, {year.name}{found.spelled}: targets by {name} added up"
    elif won_year:
        weak, amount = True, won_year * (1.0 + settings.growth_share)
        basis = (f"weaker: {found.missing or 'no target of the company'}; won in the last twelve "
                 f"months plus {settings.growth_share:.0%}")  # fmt: skip
    elif ramped_quota:
        weak, amount = True, ramped_quota
        basis = (f"weaker: {found.missing or 'no target of the company'}, and nothing won is "
                 "known; the sum of ramped quotas in force")  # fmt: skip
    else:
        basis = "no target, no amount won and no quota is known"
    blank = pd.Series(dtype="float64")
    by = {name: blank if part is None else part for name, part in parts.items()}
    return YearTarget(
        amount=amount, basis=basis, is_weak=weak, by_region=by["region"], by_unit=by["unit"],
        by_segment=by["segment"], by_rep=by["rep_id"],
        findings=wrong + _exceeding(amount, by, year),
    )  # fmt: skip


def _of(rows: pd.DataFrame, name: str | None) -> pd.Series | None:
    """Add up the targets that are set by one column alone; a rep's may also name its place."""
    filled = rows[list(_GRAIN)].notna()
    ours = {"rep_id", "region", "unit"} if name == "rep_id" else {name}
    others = [one for one in _GRAIN if one not in ours]
    mine = ~filled[others].any(axis=1)
    if name is not None:
        mine &= filled[name]
    chosen = rows[mine & rows["target_amount"].notna()]
    if chosen.empty:
        return None
    cents = to_cents(chosen["target_amount"])
    if name is None:
        return from_cents(pd.Series([cents.sum()], dtype="Int64"))
    return from_cents(cents.groupby(chosen[name].astype("str")).sum().sort_index())


def _exceeding(
    amount: float | None, by: dict[str, pd.Series], year: Period
) -> tuple[dict[str, object], ...]:
    if amount is None:
        return ()
    return tuple(
        finding("targets", f"{year.name} by {name}", "target_amount", f"{part.sum():,.0f}",
                f"the targets by {name} ({', '.join(map(str, part.index[:4]))} ...) add up to more "
                f"than the company's target, {amount:,.0f}; they are used as proportions")
        for name, part in by.items() if name != "rep_id" and part.sum() > amount * (1 + 1e-9)
    )  # fmt: skip
