"""The target of the year, and those that people have set for regions, units, managers and reps."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from planlib.capacity.people import finding
from planlib.notes import percent
from planlib.periods import Period
from planlib.pipeline.money import from_cents, to_cents
from planlib.pipeline.targets import PeriodTargets, targets_of_period
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table

#: Months of a year whose targets are not set by month or quarter.
EVEN = (1.0,) * 12
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
    season
        Weight of each of the twelve months by the company's targets of months or quarters, mean 1;
        even where the year has one target alone.
    """

    amount: float | None
    basis: str
    is_weak: bool = False
    by_region: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    by_unit: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    by_segment: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    by_rep: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)
    findings: tuple[dict[str, object], ...] = ()
    season: tuple[float, ...] = EVEN

    @property
    def cents(self) -> int:
        """The company's target in cents."""
        return 0 if self.amount is None else int(to_cents(pd.Series([self.amount])).iloc[0])

    @property
    def set_amount(self) -> float:
        """The company's target that people have set; NaN where it is unknown or assumed."""
        return float("nan") if self.amount is None or self.is_weak else self.amount


def year_target(
    targets: pd.DataFrame | None, year: Period, settings: QuotasSettings, *,
    won_year: float | None = None, ramped_quota: float | None = None,
    reps: pd.DataFrame | None = None,
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
    reps
        Table ``reps``: where nothing but reps has targets, those of people who have a team are left
        out of the sum, as in the pipeline, since they repeat what their people have.
    """
    given = table("targets").coerce(targets)
    given = given[given["measure"] == "acv"]
    wrong = tuple(
        finding("targets", f"{row['period']} {_blank(row['rep_id'])}".strip(), "target_amount",
                row["target_amount"], "a target below zero is not used")
        for row in given[given["target_amount"] < 0].to_dict("records")
    )  # fmt: skip
    rows = given[given["target_amount"] >= 0]
    parts = {name: _of(rows, name, year)[0] for name in ("region", "unit", "segment", "rep_id")}
    total, found = _of(rows, None, year)
    amount, basis, weak = None, "", False
    if settings.target_amount is not None:
        amount, basis = settings.target_amount, "quotas.target_amount of plan.yaml"
    elif total is not None:
        amount, basis = float(total.iloc[0]), f"table targets, {year.name}{found.spelled}"
    elif parts["region"] is not None or parts["unit"] is not None:
        name = "region" if parts["region"] is not None else "unit"
        amount = float(parts[name].sum())  # type: ignore[union-attr]
        basis = f"table targets, {year.name}: targets by {name} added up"
    elif parts["rep_id"] is not None:
        name, amount = "rep", float(_without_leaders(parts["rep_id"], reps).sum())
        basis = f"table targets, {year.name}: targets by {name} added up"
    elif won_year:
        weak, amount = True, won_year * (1.0 + settings.growth_share)
        basis = (f"weaker: {found.missing or 'no target of the company'}; won in the last twelve "
                 f"months plus {percent(settings.growth_share)}")  # fmt: skip
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
        findings=wrong + _exceeding(amount, by, year), season=_season(found.rows, year),
    )  # fmt: skip


def _of(
    rows: pd.DataFrame, name: str | None, year: Period
) -> tuple[pd.Series | None, PeriodTargets]:
    """Add up the targets that are set by one column alone; a rep's may also name its place."""
    filled = rows[list(_GRAIN)].notna()
    ours = {"rep_id", "region", "unit"} if name == "rep_id" else {name}
    mine = ~filled[[one for one in _GRAIN if one not in ours]].any(axis=1)
    if name is not None:
        mine &= filled[name]
    elif len(rows) and not mine.any():
        return None, PeriodTargets(rows=rows[mine], missing="no target of the company")
    found = targets_of_period(rows[mine], year)
    if found.rows.empty:
        return None, found
    cents = to_cents(found.rows["target_amount"])
    if name is None:
        return from_cents(pd.Series([cents.sum()], dtype="Int64")), found
    return from_cents(cents.groupby(found.rows[name].astype("str")).sum().sort_index()), found


def _without_leaders(by_rep: pd.Series, reps: pd.DataFrame | None) -> pd.Series:
    """Leave out targets of people who have a team, unless only those have targets."""
    if reps is None or "manager_id" not in reps:
        return by_rep
    leads = by_rep.index.isin(reps["manager_id"].dropna())
    return by_rep if leads.all() else by_rep[~leads]


def _season(rows: pd.DataFrame, year: Period) -> tuple[float, ...]:
    """Give the weight of each month by the targets of the months or quarters of the year."""
    months = year.parts("month")
    amount = rows.groupby("period")["target_amount"].sum()
    weight = []
    for month in months:
        kinds = (month, Period.of(month.start, "quarter", year.fiscal_year))
        part = next((one for one in kinds if one.name in amount.index), None)
        count = 1 if part is None or part.kind == "month" else 3
        weight.append(None if part is None else float(amount[part.name]) / count)
    known = [one for one in weight if one is not None]
    if len(known) < len(months) or sum(known) <= 0:
        return EVEN
    return tuple(one * len(months) / sum(known) for one in known)


def _blank(value: object) -> str:
    return value if isinstance(value, str) else ""


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
