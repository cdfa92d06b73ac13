"""Segment accounts: dimensions, potential, segment, unit, workload, and the tables about them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.periods import CALENDAR_YEAR, FiscalYear
from planlib.segmentation import defaults
from planlib.segmentation.assemble import Derived, result_tables
from planlib.segmentation.coded import Coded, column, numbers
from planlib.segmentation.describe import (
    Described,
    Sources,
    describe_accounts,
    ordered_accounts,
    rule_numbers,
)
from planlib.segmentation.potential import (
    LookAlikes,
    Potentials,
    account_potentials,
    learn_lookalikes,
)
from planlib.segmentation.result import Segmentation
from planlib.segmentation.routing import Routed
from planlib.segmentation.rules import Facts, apply_rules, reasons
from planlib.segmentation.workload import Log, Workloads, estimate_workload, read_log
from planlib.settings.segmentation import UNASSIGNED, Conditions, SegmentationSettings


def segment_accounts(
    accounts: pd.DataFrame,
    settings: SegmentationSettings,
    *,
    as_of: datetime.date,
    opportunities: pd.DataFrame | None = None,
    opportunity_lines: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    activities: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    fiscal_year: FiscalYear = CALENDAR_YEAR,
) -> Segmentation:
    """
    Segment accounts, route them to units, and give each its potential and workload.

    Every table but ``accounts``, and every column but ``account_id``, may be missing: what can
    then not be told is unknown or left out, and the findings say why. Decisions of people win
    over values given in the accounts, and these win over rules and estimates.

    Parameters
    ----------
    accounts
        One row per ``account_id``; other columns as in ``planlib.tables``.
    settings
        Section ``segmentation`` of the plan.
    as_of
        The day looked at; later deals and activities do not count.
    opportunities, opportunity_lines
        Deals and their product lines: purchases, lifecycle, weaker complexity measure.
    reps
        People: who has left, who has not started, which seats are open.
    activities
        Logged contacts: workload and last contact.
    targets
        Goals by segment or unit.
    overrides
        Decisions of kind ``segments`` in force.
    previous
        Table ``segments`` of an earlier cycle.
    fiscal_year
        How fiscal years lie in the calendar, for the targets.

    Returns
    -------
    Segmentation
        All tables of the step; ``segments`` in the order of ``accounts``.

    Raises
    ------
    TableError
        If account_id is missing, blank or not unique.
    """
    sources = Sources(
        opportunities, opportunity_lines, reps, activities, targets, overrides, previous
    )
    in_order, place = ordered_accounts(accounts)
    described = describe_accounts(in_order, sources, settings, as_of)
    derived = _derive(described, sources, settings, as_of)
    when = (as_of, fiscal_year)
    return result_tables(described, derived, sources, settings, when=when, place=place)


def _derive(
    described: Described, sources: Sources, settings: SegmentationSettings, as_of: datetime.date
) -> Derived:
    """Find potential, segment, unit and workload, each from what stands before it."""
    if settings.potential_after_segment:
        segment = _segment(described, None, settings)
        learned, potentials = _potential(described, segment, settings)
    else:
        learned, potentials = _potential(described, None, settings)
        segment = _segment(described, potentials, settings)
    unit = _unit(described, segment, potentials, settings)
    created = column(described.accounts, "accounts", "created_date")
    log = read_log(described.ids, created, sources.activities, as_of)
    rules, workload = _workload(described, (segment, unit), potentials, log, settings)
    return Derived(learned, potentials, segment, unit, rules, workload)


def _potential(
    described: Described, segment: Routed | None, settings: SegmentationSettings
) -> tuple[LookAlikes | None, Potentials]:
    words = dict(described.words)
    if segment is not None:
        words["segment"] = segment.value
    maturity = described.geography.maturity
    learned = learn_lookalikes(described.spend, maturity, words, settings)
    given = numbers(described.accounts, "accounts", "potential")
    found = account_potentials(learned, described.spend, maturity, given, settings)
    decided = described.decisions.numbers["potential"]
    by_person = np.isfinite(decided)
    source = Coded(np.where(by_person, 0, found.source.codes), found.source.values)
    return learned, Potentials(
        np.where(by_person, decided, found.potential),
        np.where(by_person, np.nan, found.low),
        np.where(by_person, np.nan, found.high),
        source,
        np.where(by_person, np.nan, found.sample),
        found.reason.override(described.decisions.reasons["potential"]),
    )


def _segment(
    described: Described, potentials: Potentials | None, settings: SegmentationSettings
) -> Routed:
    rules = defaults.segment_rules(settings)
    money = None if potentials is None else potentials.potential
    facts = Facts(described.words, rule_numbers(described, money), len(described.ids))
    return _route("segment", rules, [rule.segment for rule in rules], facts, described)


def _unit(
    described: Described, segment: Routed, potentials: Potentials, settings: SegmentationSettings
) -> Routed:
    rules = defaults.unit_rules(settings)
    words = {**described.words, "segment": segment.value}
    facts = Facts(words, rule_numbers(described, potentials.potential), len(described.ids))
    return _route("unit", rules, [rule.unit for rule in rules], facts, described)


def _route(
    kind: str,
    rules: Sequence[Conditions],
    results: Sequence[str],
    facts: Facts,
    described: Described,
) -> Routed:
    """Let rules decide, then given values, then people; keep the reason of what won."""
    outcome = apply_rules(rules, facts)
    names = tuple(dict.fromkeys(results))
    lookup = np.array([*(names.index(one) for one in results), -1], dtype=np.intp)
    value = Coded(lookup[outcome.rule], names).fill(UNASSIGNED)
    given = Coded.of(column(described.accounts, "accounts", kind))
    decided = described.decisions.words[kind]
    text = reasons(kind, rules, outcome, facts)
    text = text.override(Coded(np.where(given.codes >= 0, 0, -1), ("given in the account",)))
    text = text.override(described.decisions.reasons[kind])
    undecided = (given.codes < 0) & (decided.codes < 0)
    value = value.override(given).override(decided)
    return Routed(value, text, tuple(rules), tuple(results), outcome, undecided)


def _workload(
    described: Described,
    routed: tuple[Routed, Routed],
    potentials: Potentials,
    log: Log | None,
    settings: SegmentationSettings,
) -> tuple[Routed, Workloads]:
    rules = defaults.workload_rules(settings)
    segment, unit = routed
    words = {**described.words, "segment": segment.value, "unit": unit.value}
    facts = Facts(words, rule_numbers(described, potentials.potential), len(described.ids))
    outcome = apply_rules(rules, facts)
    given = numbers(described.accounts, "accounts", "workload_hours")
    kind = (segment.value, described.words["lifecycle"])
    owned = described.coverage.has_active_owner
    found = estimate_workload(
        rules, outcome, kind, log, owned=owned, given=given, settings=settings
    )
    decided = described.decisions.numbers["workload_hours"]
    by_person = np.isfinite(decided)
    found = replace(
        found,
        hours=np.where(by_person, decided, found.hours),
        source=Coded(np.where(by_person, 0, found.source.codes), found.source.values),
        reason=found.reason.override(described.decisions.reasons["workload_hours"]),
    )
    results = tuple(f"{rule.touches:g} contacts of {rule.hours_per_touch:g} h" for rule in rules)
    undecided = ~np.isfinite(given) & ~by_person
    blank = Coded.constant("", len(described.ids))
    return Routed(blank, blank, tuple(rules), results, outcome, undecided), found
