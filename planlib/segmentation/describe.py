"""What is known of each account before any rule runs: the four dimensions, spend, coverage."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.segmentation.coded import Coded, Numbers, column, numbers
from planlib.segmentation.complexity import Complexity, score_complexity
from planlib.segmentation.coverage import Coverage, cover_accounts, last_activity
from planlib.segmentation.decisions import Decisions, read_decisions
from planlib.segmentation.geography import Geography, place_accounts
from planlib.segmentation.industry import Industries, group_industries
from planlib.segmentation.lifecycle import Lifecycles, class_lifecycles
from planlib.segmentation.size import Sizes, parent_employees, size_accounts
from planlib.segmentation.spend import Purchases, purchases, yearly_spend
from planlib.settings.segmentation import NUMBER_COLUMNS, WORD_COLUMNS, SegmentationSettings
from planlib.tables import require_columns

_CODES = ("sic", "naics", "gbt4754")
_UNUSED = ("name", "website", "postcode", "latitude", "longitude", "updated_date")
_DERIVED = ("market", "size", "industry_group", "lifecycle")


@dataclass(frozen=True)
class Sources:
    """Input tables beside the accounts; None where the workbook does not have one."""

    opportunities: pd.DataFrame | None = None
    opportunity_lines: pd.DataFrame | None = None
    reps: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    targets: pd.DataFrame | None = None
    overrides: pd.DataFrame | None = None
    previous: pd.DataFrame | None = None


@dataclass(frozen=True)
class Described:
    """Accounts in the order of their ids, with all that is known of them."""

    accounts: pd.DataFrame
    ids: pd.Series
    words: dict[str, Coded]
    numbers: dict[str, Numbers]
    codes: dict[str, Coded]
    decisions: Decisions
    geography: Geography
    sizes: Sizes
    industries: Industries
    lifecycles: Lifecycles
    spend: Numbers
    bought: Purchases
    complexity: Complexity
    coverage: Coverage


def ordered_accounts(accounts: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """
    Sort accounts by id, so that sums do not depend on the order of rows.

    Returns
    -------
    tuple
        The sorted accounts, and the place of each row of the input among them.

    Raises
    ------
    TableError
        If account_id is missing, blank or not unique.
    """
    require_columns("accounts", accounts, ["account_id"])
    ids = column(accounts, "accounts", "account_id")
    problems = []
    if ids.isna().any():
        problems.append(f"account_id is blank in {int(ids.isna().sum())} rows; fill it in")
    double = ids[ids.duplicated() & ids.notna()]
    if len(double):
        shown = ", ".join(sorted(set(double))[:3])
        problems.append(f"account_id repeats in {len(double)} rows ({shown}); keep one row each")
    if problems:
        raise TableError("accounts", problems)
    if ids.is_monotonic_increasing:
        return accounts.reset_index(drop=True), np.arange(len(ids))
    order = ids.argsort().to_numpy()
    used = [name for name in accounts.columns if name not in _UNUSED]
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    return accounts[used].iloc[order].reset_index(drop=True), place


def describe_accounts(
    accounts: pd.DataFrame,
    sources: Sources,
    settings: SegmentationSettings,
    as_of: datetime.date,
) -> Described:
    """
    Derive market, size, industry group, lifecycle, spend, complexity and coverage.

    Parameters
    ----------
    accounts
        Accounts sorted by id.
    sources
        The other tables.
    settings
        Cut lines, rules and thresholds.
    as_of
        The day looked at.
    """
    ids = column(accounts, "accounts", "account_id")
    words = _words(accounts, settings)
    figures = {
        name: numbers(accounts, "accounts", name)
        for name in ("employees", "revenue", "acv", "business_line_count", "product_need_count")
    }
    decisions = read_decisions(sources.overrides, ids)
    geography = place_accounts(words["country"], words["region"], words["province"], settings)
    above = _above(accounts, ids, figures["employees"])
    sizes = size_accounts(figures["employees"], above, figures["revenue"], geography, settings)
    codes = {name: Coded.of(column(accounts, "accounts", name)) for name in _CODES}
    codes["name"] = words["industry"]
    given_group = Coded.of(column(accounts, "accounts", "industry_group"))
    industries = group_industries(given_group, codes, settings)
    bought = purchases(ids, sources.opportunities, sources.opportunity_lines, as_of)
    spend = yearly_spend(figures["acv"], bought)
    lifecycles = class_lifecycles(
        Coded.of(column(accounts, "accounts", "lifecycle")).override(decisions.words["lifecycle"]),
        column(accounts, "accounts", "is_customer"),
        figures["acv"],
        spend,
        bought,
        geography=geography,
        settings=settings,
    )
    words |= {
        "market": geography.market,
        "size": sizes.size,
        "industry_group": industries.group,
        "lifecycle": lifecycles.lifecycle,
    }
    figures["employees"] = sizes.employees
    return Described(
        accounts=accounts,
        ids=ids,
        words=words,
        numbers=figures,
        codes=codes,
        decisions=decisions,
        geography=geography,
        sizes=sizes,
        industries=industries,
        lifecycles=_with_decisions(lifecycles, decisions),
        spend=spend,
        bought=bought,
        complexity=score_complexity(
            figures["business_line_count"], figures["product_need_count"], bought.product_count
        ),
        coverage=_coverage(accounts, ids, sources, as_of, settings),
    )


def _above(accounts: pd.DataFrame, ids: pd.Series, employees: Numbers) -> Numbers:
    known = np.where(employees > 0, employees, np.nan)
    return parent_employees(ids, column(accounts, "accounts", "parent_id"), known)


def _coverage(
    accounts: pd.DataFrame,
    ids: pd.Series,
    sources: Sources,
    as_of: datetime.date,
    settings: SegmentationSettings,
) -> Coverage:
    days = last_activity(ids, accounts, sources.activities, sources.opportunities, as_of)
    owner = column(accounts, "accounts", "owner_id")
    return cover_accounts(ids, owner, sources.reps, days, as_of=as_of, settings=settings)


def _words(accounts: pd.DataFrame, settings: SegmentationSettings) -> dict[str, Coded]:
    """Code the columns that markets, rules and look-alikes name; the others are not needed."""
    needed = {"country", "region", "province", "industry"}
    for rule in (*settings.segment_rules, *settings.unit_rules, *settings.workload_rules):
        needed |= {*rule.when, *rule.unless}
    needed |= {name for level in settings.lookalike_levels for name in level}
    return {
        name: Coded.of(column(accounts, "accounts", name))
        for name in WORD_COLUMNS
        if name in needed and name not in _DERIVED
    }


def _with_decisions(lifecycles: Lifecycles, decisions: Decisions) -> Lifecycles:
    reason = lifecycles.reason.override(decisions.reasons["lifecycle"])
    return Lifecycles(lifecycles.lifecycle, reason, lifecycles.customer)


def rule_numbers(described: Described, potential: Numbers | None) -> dict[str, Numbers]:
    """Give the numbers that rules may name; potential only once it is known."""
    known = {name: described.numbers[name] for name in NUMBER_COLUMNS if name != "potential"}
    return known if potential is None else {**known, "potential": potential}
