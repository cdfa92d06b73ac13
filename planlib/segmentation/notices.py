"""Collect the findings of one segmentation."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planlib.notes import count_of, percent
from planlib.segmentation.coded import column, numbers
from planlib.segmentation.describe import Described, Sources
from planlib.segmentation.findings import (
    GAP,
    NOTE,
    PROBLEM,
    Finding,
    listed,
    missing_input_findings,
    owner_findings,
    rule_findings,
    share_text,
)
from planlib.segmentation.geography import absent_places
from planlib.segmentation.industry import NO_INDUSTRY
from planlib.segmentation.spend import YEAR_DAYS
from planlib.settings.segmentation import UNKNOWN, UNMAPPED, SegmentationSettings

if TYPE_CHECKING:
    from planlib.segmentation.assemble import Derived

Context = tuple[pd.DataFrame, Mapping[str, pd.Series], datetime.date]


def all_findings(
    described: Described,
    derived: Derived,
    sources: Sources,
    settings: SegmentationSettings,
    context: Context,
) -> list[Finding]:
    """
    Collect problems, gaps and notes.

    Parameters
    ----------
    described, derived, sources, settings
        As in ``result_tables``.
    context
        Rule report, targets by cut, as-of date.
    """
    rules, goals, as_of = context
    return [
        *rule_findings(rules, settings),
        *owner_findings(derived.segment.value, sources.reps, as_of, settings),
        *missing_input_findings(_have(described, derived, sources, goals)),
        *_dimension_findings(described, settings),
        *_decision_findings(described),
        *_potential_findings(described, derived, settings),
        *_work_findings(described, derived),
        *_unit_findings(derived, sources, as_of),
    ]


def _have(
    described: Described, derived: Derived, sources: Sources, goals: Mapping[str, pd.Series]
) -> dict[str, bool]:
    words = described.words
    tests = described.coverage.tests
    no_industry = described.industries.source
    return {
        "location": described.geography.located > 0,
        "employees": bool(np.isfinite(described.numbers["employees"]).any()),
        "industry": not (no_industry.codes == no_industry.values.index(NO_INDUSTRY)).all(),
        "customers": not words["lifecycle"].among([UNKNOWN]).all(),
        "spend": derived.learned is not None,
        "owners": "owner" in tests,
        "reps": "reps" in tests or "owner" not in tests,
        "activity": "activity" in tests,
        "goals": bool(len(goals["segment"])),
        "previous": sources.previous is not None,
    }


def _dimension_findings(described: Described, settings: SegmentationSettings) -> list[Finding]:
    found = []
    words = described.words
    places = absent_places(words["country"], words["region"], words["province"], settings)
    for market, group in places.groupby("market"):
        found.append(
            Finding(
                "market",
                NOTE,
                str(market),
                f"no account is in {listed(sorted(group['place']))}",
                "check how the data write it",
            )
        )
    unknown = words["size"].among([UNKNOWN])
    if unknown.any() and not unknown.all():
        found.append(
            Finding(
                "size",
                GAP,
                UNKNOWN,
                f"size of {share_text(unknown)} of accounts is unknown",
                "fill in employees, parent or revenue",
                unknown,
            )
        )
    agreement = described.sizes.agreement
    if np.isfinite(agreement):
        found.append(
            Finding(
                "size",
                NOTE,
                "revenue",
                f"revenue gives the same size as employees for {percent(agreement)} of "
                f"{described.sizes.pairs:,} accounts with both",
            )
        )
    return [*found, *_industry_findings(described, settings)]


def _industry_findings(described: Described, settings: SegmentationSettings) -> list[Finding]:
    found = []
    source = described.industries.source
    unmapped = source.among([UNMAPPED])
    if unmapped.any():
        found.append(
            Finding(
                "industry group",
                PROBLEM,
                UNMAPPED,
                f"no rule knows the industry of {share_text(unmapped)} of accounts",
                "add industry_rules; table industry_mapping lists them",
                unmapped,
            )
        )
    blank = source.among([NO_INDUSTRY])
    if blank.any() and not blank.all():
        found.append(
            Finding(
                "industry group",
                GAP,
                "blank",
                f"{share_text(blank)} of accounts have no industry",
                "fill in a code or name",
                blank,
            )
        )
    if described.industries.differing:
        found.append(
            Finding(
                "industry group",
                NOTE,
                "codes and names",
                f"{described.industries.differing:,} accounts have codes or names of "
                f"different groups; the first of {_first_to_last(settings)} counts",
            )
        )
    return found


def _first_to_last(settings: SegmentationSettings) -> str:
    """Name the industry columns in the order in which they count."""
    words = {"sic": "SIC", "naics": "NAICS", "gbt4754": "GB/T 4754", "name": "industry name"}
    return ", ".join(words[one] for one in settings.industry_order)


def _unit_findings(derived: Derived, sources: Sources, as_of: datetime.date) -> list[Finding]:
    """Find units that serve accounts and have nobody, where reps have units."""
    if sources.reps is None or column(sources.reps, "reps", "unit").isna().all():
        return []
    left = column(sources.reps, "reps", "leave_date") < pd.Timestamp(as_of)
    staffed = set(column(sources.reps, "reps", "unit")[~left].dropna())
    unit = derived.unit.value
    return [
        Finding(
            "unit",
            PROBLEM,
            name,
            "no active rep has this unit",
            f"write it as the reps do ({listed(sorted(staffed))}), or staff it",
            unit.codes == place,
        )
        for place, name in enumerate(unit.values)
        if name not in staffed and (unit.codes == place).any()
    ]


def _decision_findings(described: Described) -> list[Finding]:
    found = []
    strangers = described.decisions.unknown
    if strangers:
        found.append(
            Finding(
                "decisions",
                PROBLEM,
                listed(strangers),
                f"{count_of(len(strangers), 'decision')} about accounts that do not exist",
                "correct account_id in overrides/segments.csv",
            )
        )
    decided = described.decisions.any()
    if decided.any():
        found.append(
            Finding(
                "decisions",
                NOTE,
                "by people",
                f"people decided about {int(decided.sum()):,} accounts",
                "",
                decided,
            )
        )
    return found


def _potential_findings(
    described: Described, derived: Derived, settings: SegmentationSettings
) -> list[Finding]:
    found = []
    given = numbers(described.accounts, "accounts", "potential")
    below = given < described.spend
    if below.any():
        found.append(
            Finding(
                "potential",
                PROBLEM,
                "given below spend",
                f"the given potential of {int(below.sum()):,} accounts is below what "
                "they spend now",
                "check these values",
                below,
            )
        )
    if derived.learned is not None:
        cells = derived.learned.levels[-1]
        used = described.spend > 0
        estimate = cells.cells.mean + _quantile(settings) * np.sqrt(derived.learned.spread)
        limit = np.exp(estimate)[cells.cell.codes] * described.geography.maturity
        within = float((described.spend[used] <= limit[used] * (1 + 1e-9)).mean())
        found.append(
            Finding(
                "potential",
                NOTE,
                "check on customers",
                f"{percent(within)} of {int(used.sum()):,} accounts with spend now spend no more "
                f"than their look-alikes' potential; aimed at "
                f"{percent(settings.potential_quantile)}",
            )
        )
        told = {name for level in derived.learned.levels for name in level.columns}
        silent = sorted({name for level in settings.lookalike_levels for name in level} - told)
        if silent:
            text = f"{listed(silent)} tells nothing about spend beyond the other columns"
            found.append(Finding("potential", NOTE, "look-alikes", text))
        wider = derived.potentials.source.among(["wider look-alikes"])
        if wider.any():
            text = (
                f"potential of {share_text(wider)} of accounts rests mostly on wider look-alikes: "
                "their own kind has few customers, or spends no differently"
            )
            found.append(Finding("potential", NOTE, "wider look-alikes", text, "", wider))
    return found


def _quantile(settings: SegmentationSettings) -> float:
    from scipy.special import ndtri

    return float(ndtri(settings.potential_quantile))


def _work_findings(described: Described, derived: Derived) -> list[Finding]:
    found = []
    if derived.workload.note:
        found.append(
            Finding(
                "workload", NOTE, "activities", f"hours come from rules: {derived.workload.note}"
            )
        )
    old = described.bought.known & ~np.isfinite(described.bought.year_amount).any()
    if old and not np.isfinite(described.numbers["acv"]).any():
        found.append(
            Finding(
                "potential",
                GAP,
                "won deals",
                f"no deal was won in the last {YEAR_DAYS} days",
                "check the as-of date",
            )
        )
    return found
