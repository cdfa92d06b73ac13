"""All checks of the data that were taken in, as the tables that step 01 writes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planlib.hygiene import AccountChecks, DealChecks, check_accounts, check_opportunities
from planlib.intake.matrix import find_computable
from planlib.intake.taken import Taken
from planlib.intake.tie import TieOut, tie_out
from planlib.plan import Plan
from planlib.settings.hygiene import HygieneSettings
from planlib.tables import TABLES


@dataclass(frozen=True, kw_only=True)
class Checks:
    """
    Checks of the data.

    Parameters
    ----------
    accounts, deals
        Account base and data rigour; without the table every check is named as not checked.
    tie
        Comparison with finance.
    computability
        What can be computed.
    """

    accounts: AccountChecks
    deals: DealChecks
    tie: TieOut
    computability: pd.DataFrame


def check_data(taken: Taken, plan: Plan, hygiene: HygieneSettings | None = None) -> Checks:
    """
    Run every check of step 01.

    Parameters
    ----------
    taken
        What intake took in.
    plan
        Settings of the workbook.
    hygiene
        Thresholds where they differ from the plan's.

    Returns
    -------
    Checks
        Account base, data rigour, tie-out to finance, and what can be computed.
    """
    settings = hygiene or plan.hygiene
    tables = taken.tables
    accounts = tables.get("accounts", TABLES["accounts"].empty())
    deals = tables.get("opportunities", TABLES["opportunities"].empty())
    return Checks(
        accounts=check_accounts(accounts, settings, as_of=taken.as_of),
        deals=check_opportunities(
            deals,
            settings,
            as_of=taken.as_of,
            history=tables.get("opportunity_history"),
            reps=tables.get("reps"),
            fiscal_start=plan.fiscal_year.start_month,
        ),
        tie=tie_out(tables, taken.quarantine, plan),
        computability=find_computable(tables),
    )


def output_tables(taken: Taken, checks: Checks) -> dict[str, pd.DataFrame]:
    """
    Give every table that step 01 writes, by name.

    Parameters
    ----------
    taken
        What intake took in.
    checks
        From ``check_data``.

    Returns
    -------
    dict
        Table by name, in the order of the step.
    """
    return {
        "quarantine": taken.quarantine,
        "intake_summary": taken.summary,
        "near_keys": taken.near_keys,
        "computability": checks.computability,
        "tie_out": checks.tie.figures,
        "tie_out_candidates": checks.tie.candidates,
        "account_flags": checks.accounts.flags,
        "account_quality": checks.accounts.quality,
        "opportunity_flags": checks.deals.flags,
        "rigour_rules": checks.deals.rules,
        "rigour_summary": checks.deals.summary,
    }
