"""What a published cycle wants in the CRM: owners, reps, quotas by period; ids of planlib."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from planlib.errors import MissingTableError, WorkbookError
from planlib.periods import Period
from planlib.plan import Plan, load_plan
from planlib.quotas.review import plan_year
from planlib.store.layout import all_cycles, cycle_folder, find_workbook
from planlib.store.resolve import read_revision, revision_as_of, table_path
from planlib.tables import table as contract

_PAY = "pay"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """
    A published plan, as far as a CRM takes it.

    Parameters
    ----------
    cycle, revision
        What was published.
    as_of
        Date on which its data stand.
    plan
        Settings of the workbook.
    owners
        ``account_id``, ``name``, ``rep_id`` of the plan (blank: none), ``previous_rep_id``; the
        accounts in scope.
    reps
        Table ``reps``.
    quotas
        ``rep_id``, ``kind``, ``start_date``, ``amount`` (NA: unknown); None where the cycle has
        none or they may not be shown.
    notes
        What a reader should know.
    """

    cycle: str
    revision: str
    as_of: datetime.date
    plan: Plan
    owners: pd.DataFrame
    reps: pd.DataFrame
    quotas: pd.DataFrame | None
    notes: tuple[str, ...] = ()


def read_wanted(
    workbook: str | Path,
    cycle: str = "",
    audience: str = "",
    changes: Mapping[str, object] | None = None,
) -> Wanted:
    """
    Read what a published cycle wants in the CRM; a draft is never read.

    Parameters
    ----------
    workbook
        Folder with plan.yaml.
    cycle
        Period; blank: the latest published one that has planned territories.
    audience
        Who gets the files; quotas are among them where this audience may see pay.
    changes
        Keys of section ``crm`` that differ from plan.yaml; None keeps one.

    Raises
    ------
    WorkbookError
        If the cycle is not published.
    MissingTableError
        If it has no territories.
    """
    root = find_workbook(workbook)
    plan = load_plan(root)
    plan = plan.model_copy(update={"crm": plan.override("crm", **(changes or {}))})
    folder, period = _published(root, plan, cycle)
    territory_plan = read_revision(folder, "territory_plan")
    if territory_plan is None:
        command = f"planlib run {root.name} --cycle {period.name} --only 03_territories"
        raise MissingTableError("territory_plan", command)
    accounts = read_revision(folder, "accounts")
    reps = read_revision(folder, "reps")
    owners = _owners(territory_plan, accounts)
    quotas, notes = _quotas(folder, plan, period, audience or plan.report.audience)
    left = int((~territory_plan["is_in_scope"].fillna(False)).sum())
    if left:
        notes.append(f"{left:,} accounts are out of the plan's scope and stay as they are")
    return Wanted(
        cycle=period.name,
        revision=folder.name,
        as_of=revision_as_of(folder) or period.start,
        plan=plan,
        owners=owners,
        reps=contract("reps").or_empty(reps),
        quotas=quotas,
        notes=tuple(notes),
    )


def split_quotas(quotas: pd.DataFrame, year: Period, kind: str) -> pd.DataFrame:
    """
    Split yearly quotas into periods of the fiscal year, by the days that a rep is there.

    Parameters
    ----------
    quotas
        ``rep_id``, ``kind``, ``quota_amount``, ``first_date``, ``leave_date``.
    year
        The fiscal year.
    kind
        month or quarter.

    Returns
    -------
    DataFrame
        ``rep_id``, ``kind``, ``start_date``, ``amount``; the parts of a rep add up to the yearly
        quota to the cent. Periods in which a rep is not there at all are left out.
    """
    parts = year.parts("quarter" if kind == "quarter" else "month")
    start = np.array([part.start for part in parts], dtype="datetime64[D]")
    end = np.array([part.end for part in parts], dtype="datetime64[D]")
    first = quotas["first_date"].fillna(pd.Timestamp(year.start)).to_numpy("datetime64[D]")
    last = quotas["leave_date"].fillna(pd.Timestamp(year.end)).to_numpy("datetime64[D]")
    days = np.minimum(end, last[:, None]) - np.maximum(start, first[:, None])
    present = np.maximum(days.astype("int64") + 1, 0)
    nowhere = present.sum(axis=1) == 0
    present[nowhere] = 1  # a quota without a day of presence: spread evenly, not lost
    cents = np.round(quotas["quota_amount"].fillna(0).to_numpy("float64") * 100)
    whole = present * (cents / present.sum(axis=1))[:, None]
    amounts = np.floor(whole)
    left = np.round(cents - amounts.sum(axis=1)).astype("int64")
    rank = np.argsort(np.argsort(-np.round(whole - amounts, 9), axis=1, kind="stable"), axis=1)
    amounts += rank < left[:, None]
    at, period = np.nonzero(present)
    known = quotas["quota_amount"].notna().to_numpy()[at]
    return pd.DataFrame({
        "rep_id": quotas["rep_id"].to_numpy()[at],
        "kind": quotas["kind"].to_numpy()[at],
        "start_date": pd.to_datetime(start[period]),
        "amount": np.where(known, amounts[at, period] / 100, np.nan),
    })  # fmt: skip


def _published(root: Path, plan: Plan, cycle: str) -> tuple[Path, Period]:
    fiscal_year = plan.fiscal_year.fiscal_year()
    if cycle:
        period = plan.period(cycle)
        folder = cycle_folder(root, period.name, fiscal_year).current()
        if folder is None:
            known = [one.cycle for one in all_cycles(root, fiscal_year) if one.current()]
            raise WorkbookError(
                f"cycle {period.name} is not published; published are "
                f"{', '.join(known) or 'none yet'}"
            )
        return folder, period
    for one in reversed(all_cycles(root, fiscal_year)):
        folder = one.current()
        if folder is not None and table_path(folder, "territory_plan").is_file():
            return folder, plan.period(one.cycle)
    raise WorkbookError(f"no published cycle of {root.name} has planned territories")


def _owners(territory_plan: pd.DataFrame, accounts: pd.DataFrame | None) -> pd.DataFrame:
    rows = territory_plan[territory_plan["is_in_scope"].fillna(False)]
    owners = rows[["account_id", "rep_id", "previous_rep_id"]].sort_values("account_id")
    known = contract("accounts").or_empty(accounts)
    names = known.set_index("account_id")["name"]
    owners = owners.assign(name=owners["account_id"].map(names).astype("str"))
    text = ["rep_id", "previous_rep_id", "name"]
    owners[text] = owners[text].astype("str").fillna("")
    return owners.reset_index(drop=True)


def _quotas(
    folder: Path, plan: Plan, period: Period, audience: str
) -> tuple[pd.DataFrame | None, list[str]]:
    found = read_revision(folder, "quotas")
    if audience not in plan.report.audiences:
        known = ", ".join(plan.report.audiences)
        raise WorkbookError(f"there is no audience '{audience}'; plan.yaml has {known}")
    if found is None:
        return None, ["the cycle has no quotas"]
    if _PAY not in plan.report.audiences[audience].sees:
        return None, [
            f"quotas are left out: audience {audience} may not see pay; --audience names another"
        ]
    year = plan_year(period, plan.quotas, period.fiscal_year)
    columns = ["rep_id", "kind", "quota_amount", "first_date", "leave_date"]
    rows = found[columns].sort_values("rep_id").reset_index(drop=True)
    return split_quotas(rows, year, plan.crm.quota_period), []
