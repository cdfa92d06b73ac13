"""Selling hours that each account needs a year: by rules, corrected by logged activities."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import (
    Coded,
    Codes,
    Flags,
    Numbers,
    column,
    combine,
    days_before,
    numbers,
)
from planlib.segmentation.rules import Outcome, in_words
from planlib.segmentation.shrinkage import gamma_prior, gamma_rate
from planlib.segmentation.spend import YEAR_DAYS
from planlib.settings.segmentation import SegmentationSettings, WorkloadRule

SOURCES = ("override", "given", "activities", "rules", "none")
_SHORTEST = 90  # days of logged activities before they count
_FEWEST = 0.5  # contacts per owned account and year below which logging is not believed


@dataclass(frozen=True)
class Log:
    """Logged contacts of each account in the last year, and how long they were logged."""

    touches: Numbers
    timed: Numbers
    hours: Numbers
    years: Numbers
    days: int


@dataclass(frozen=True)
class Workloads:
    """Hours a year of each account with source and reason; ``note`` says why logs do not count."""

    hours: Numbers
    source: Coded
    reason: Coded
    note: str


def read_log(
    ids: pd.Series, created: pd.Series, activities: pd.DataFrame | None, as_of: datetime.date
) -> Log | None:
    """
    Count contacts made by people in the 365 days up to the as-of date.

    Parameters
    ----------
    ids, created
        Account, and the day its record was created; a younger account was watched for less time.
    activities
        Logged contacts; automatic ones do not count.
    as_of
        Last day that counts.
    """
    if activities is None or not len(activities):
        return None
    date = column(activities, "activities", "activity_date")
    before = days_before(date, as_of)
    person = ~column(activities, "activities", "is_automatic").fillna(False).to_numpy(dtype=bool)
    account_id = column(activities, "activities", "account_id")
    place = pd.Index(ids).get_indexer(pd.Index(account_id))
    inside = person & (before >= 0) & (before < YEAR_DAYS)
    if not inside.any():
        return None
    days = int(before[inside].max()) + 1
    counted = inside & (place >= 0) & account_id.notna().to_numpy()
    minutes = numbers(activities, "activities", "minutes")
    timed = counted & (minutes > 0)
    age = np.nan_to_num(days_before(created, as_of) + 1, nan=days)
    size = len(ids)
    order = np.lexsort((minutes[timed], place[timed]))
    return Log(
        np.bincount(place[counted], minlength=size).astype(float),
        np.bincount(place[timed], minlength=size).astype(float),
        np.bincount(place[timed][order], weights=minutes[timed][order], minlength=size) / 60,
        np.clip(age, 30, days) / YEAR_DAYS,
        days,
    )


def estimate_workload(
    rules: Sequence[WorkloadRule],
    outcome: Outcome,
    kind: tuple[Coded, Coded],
    log: Log | None,
    *,
    owned: Flags,
    given: Numbers,
    settings: SegmentationSettings,
) -> Workloads:
    """
    Give the selling hours of each account: as given, else contacts times hours per contact.

    By rules alone: contacts and hours of the first rule that fits. With logged activities: the
    rate of each kind of account (segment and lifecycle) is ``(contacts + c r) / (years + c)``
    over owned accounts, with ``r`` the rules' rate and ``c`` = ``workload_prior``; hours per
    contact likewise from timed contacts times ``preparation_factor``. An owned account's own
    contacts then count by a gamma prior of its kind (``shrinkage.gamma_prior``); an account that
    nobody works on needs what its kind needs, not the nothing it gets.

    Parameters
    ----------
    rules, outcome
        Workload rules and the one that fits each account.
    kind
        Segment and lifecycle of each account.
    log
        Logged contacts, or None.
    owned
        Accounts with an active owner; none at all counts as all.
    given
        Hours as the data have them, NaN where blank.
    settings
        Source and weights.
    """
    touches = np.array([*(rule.touches for rule in rules), np.nan])[outcome.rule]
    each = np.array([*(rule.hours_per_touch for rule in rules), np.nan])[outcome.rule]
    worked = owned if owned.any() else np.ones(len(owned), dtype=bool)
    note = _unusable(log, worked, settings)
    if note or log is None:
        hours, reason = touches * each, _rule_reason(rules, outcome)
        source = np.where(np.isnan(hours), 4, 3)
    else:
        hours, reason = _measured(kind, log, worked, (touches, each), settings)
        source = np.where(np.isnan(hours), 4, 2)
    has_given = np.isfinite(given)
    source = np.where(has_given, 1, source)
    reason = reason.override(Coded(np.where(has_given, 0, -1), ("given in the account",)))
    return Workloads(
        np.where(has_given, given, hours), Coded(source.astype(np.intp), SOURCES), reason, note
    )


def _unusable(log: Log | None, worked: Flags, settings: SegmentationSettings) -> str:
    """Say why logged activities are not used; blank when they are."""
    if settings.workload_source == "rules":
        return "plan.yaml asks for rules"
    return unreliable(log, worked, may_be_thin=settings.workload_source == "activities")


def unreliable(log: Log | None, worked: Flags, *, may_be_thin: bool = False) -> str:
    """
    Say why logged activities do not tell the work on accounts; blank where they do.

    Parameters
    ----------
    log
        From ``read_log``.
    worked
        Accounts that somebody owns, at least one.
    may_be_thin
        Whether a log with few contacts counts too.
    """
    if log is None:
        return "no activities in the last year"
    if log.days < _SHORTEST:
        return f"activities cover only {log.days} days; {_SHORTEST} are needed"
    rate = log.touches[worked].sum() / log.years[worked].sum()
    if rate < _FEWEST and not may_be_thin:
        return f"only {rate:.2f} logged contacts per owned account and year; logging is too thin"
    return ""


def _rule_reason(rules: Sequence[WorkloadRule], outcome: Outcome) -> Coded:
    text = tuple(
        f"workload rule {place}: {rule.touches:g} contacts of {rule.hours_per_touch:g} h"
        for place, rule in enumerate(rules, start=1)
    )
    return Coded(outcome.rule, text).fill("no workload rule fits")


def _measured(
    kind: tuple[Coded, Coded],
    log: Log,
    worked: Flags,
    by_rule: tuple[Numbers, Numbers],
    settings: SegmentationSettings,
) -> tuple[Numbers, Coded]:
    """Hours from logged contacts, by kind of account and then by account."""
    touches, each = by_rule
    cell = combine(kind, lambda parts: f"{parts[0]} · {in_words('lifecycle', parts[1])}")
    size, weight = len(cell.values), settings.workload_prior

    def total(values: Numbers, rows: Flags) -> Numbers:
        return np.bincount(cell.codes[rows], values[rows], size).astype(float)

    ruled = np.isfinite(touches)
    members = np.maximum(total(np.ones(len(touches)), ruled), 1)
    rule_rate = np.maximum(total(np.nan_to_num(touches), ruled) / members, 1e-6)
    rule_hours = total(np.nan_to_num(each), ruled) / members
    logged, years = total(log.touches, worked), total(log.years, worked)
    rate = (logged + weight * rule_rate) / (years + weight)
    timed = total(log.timed, worked)
    spent = total(log.hours, worked) * settings.preparation_factor
    per_touch = (spent + weight * rule_hours) / (timed + weight)
    own = _own_rate(log, worked, cell.codes, rate)
    hours = np.where(worked, own, rate[cell.codes]) * per_touch[cell.codes]
    hours = np.where(np.bincount(cell.codes, ruled, size)[cell.codes] > 0, hours, np.nan)
    text = tuple(
        f"{name}: {r:.1f} contacts a year of {h:.2f} h, from {int(k):,} logged contacts"
        for name, r, h, k in zip(cell.values, rate, per_touch, logged, strict=True)
    )
    owned_text = tuple(f"{line}, weighed with the account's own" for line in text)
    codes = np.where(worked, cell.codes + size, cell.codes)
    return hours, Coded(codes.astype(np.intp), (*text, *owned_text))


def _own_rate(log: Log, worked: Flags, cell: Codes, rate: Numbers) -> Numbers:
    """Contacts a year of each account, drawn towards the rate of its kind."""
    prior = gamma_prior(log.touches[worked], log.years[worked], cell[worked], rate)
    return gamma_rate(log.touches, log.years, cell, prior)
