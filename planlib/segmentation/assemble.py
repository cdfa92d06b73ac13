"""Put the tables of step 02 together."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.periods import FiscalYear
from planlib.segmentation.changes import change_table
from planlib.segmentation.coded import Coded, Codes, Flags, Numbers, column, numbers
from planlib.segmentation.complexity import tracking_table
from planlib.segmentation.coverage import COVERED, OWNER_UNKNOWN, coverage_table
from planlib.segmentation.describe import Described, Sources
from planlib.segmentation.findings import finding_table, segment_owners
from planlib.segmentation.industry import industry_table
from planlib.segmentation.notices import all_findings
from planlib.segmentation.potential import LookAlikes, Potentials, potential_table
from planlib.segmentation.profile import Weights, goals_by, profile_table, share_people
from planlib.segmentation.result import Segmentation
from planlib.segmentation.routing import Routed, rule_report
from planlib.segmentation.size import size_table
from planlib.segmentation.workload import Workloads
from planlib.settings.segmentation import UNKNOWN, SegmentationSettings
from planlib.tables import table


@dataclass(frozen=True)
class Derived:
    """What rules and estimates gave."""

    learned: LookAlikes | None
    potentials: Potentials
    segment: Routed
    unit: Routed
    workload_rules: Routed
    workload: Workloads


def result_tables(
    described: Described,
    derived: Derived,
    sources: Sources,
    settings: SegmentationSettings,
    *,
    when: tuple[datetime.date, FiscalYear],
    place: Codes,
) -> Segmentation:
    """
    Build all tables, each in the shape of its contract.

    Parameters
    ----------
    described, derived
        Accounts sorted by id, and what was derived for them.
    sources
        The other input tables.
    settings
        Section ``segmentation``.
    when
        As-of date and fiscal year.
    place
        Place of each row of the caller's accounts among the sorted ones.
    """
    potential = derived.potentials.potential
    segments = _segments(described, derived, settings, place)
    goals = {cut: goals_by(sources.targets, cut, *when) for cut in ("segment", "unit")}
    rules = _rules(derived)
    profile = profile_table(_cuts(described, derived), _weights(described, derived), goals)
    findings = all_findings(described, derived, sources, settings, (rules, goals, when[0]))
    segment, coverage = derived.segment.value, described.coverage
    frames = {
        "segments": segments,
        "segment_profile": _with_owners(profile, settings),
        "segment_coverage": coverage_table(segment, coverage, potential),
        "segment_sizes": size_table(described.sizes, described.geography, potential, settings),
        "industry_mapping": industry_table(described.industries, described.codes, potential),
        "potential_cells": _cells(derived, settings),
        "complexity_tracking": _tracking(described, settings),
        "segment_rules": rules,
        "segment_changes": change_table(segments, sources.previous),
        "segment_findings": finding_table(findings, potential),
    }
    return Segmentation(**{name: table(name).coerce(frame) for name, frame in frames.items()})


def _rules(derived: Derived) -> pd.DataFrame:
    lists = {
        "segment": derived.segment,
        "unit": derived.unit,
        "workload": derived.workload_rules,
    }
    potential = derived.potentials.potential
    reports = [rule_report(kind, routed, potential) for kind, routed in lists.items()]
    return pd.concat(reports, ignore_index=True)


def _with_owners(profile: pd.DataFrame, settings: SegmentationSettings) -> pd.DataFrame:
    """Name the accountable owner of each segment that has exactly one."""
    owner = profile["cut_value"].map(_single_owners(settings))
    return profile.assign(segment_owner_id=owner.where(profile["cut"] == "segment"))


def _single_owners(settings: SegmentationSettings) -> dict[str, str]:
    return {name: who[0] for name, who in segment_owners(settings).items() if len(who) == 1}


def _cells(derived: Derived, settings: SegmentationSettings) -> pd.DataFrame:
    if derived.learned is None:
        return table("potential_cells").empty()
    return potential_table(derived.learned, settings)


def _tracking(described: Described, settings: SegmentationSettings) -> pd.DataFrame:
    measures = {
        "employees": described.numbers["employees"],
        "revenue": described.numbers["revenue"],
        "potential as given": numbers(described.accounts, "accounts", "potential"),
        "yearly spend": described.spend,
    }
    return tracking_table(described.complexity, measures, described.words["market"], settings)


def _segments(
    described: Described, derived: Derived, settings: SegmentationSettings, place: Codes
) -> pd.DataFrame:
    """One row per account in the caller's order: what was decided, and why."""
    words, potentials, work = described.words, derived.potentials, derived.workload
    unit, lifecycle = derived.unit.value, words["lifecycle"]
    owners = _single_owners(settings)
    columns: dict[str, pd.Series | Coded | Numbers | Flags] = {
        "account_id": described.ids,
        "segment": derived.segment.value,
        "segment_reason": derived.segment.reason,
        "unit": unit,
        "unit_reason": derived.unit.reason,
        "market": words["market"],
        "size": words["size"],
        "size_source": described.sizes.source,
        "industry_group": words["industry_group"],
        "industry_source": described.industries.source,
        "lifecycle": lifecycle,
        "lifecycle_reason": described.lifecycles.reason,
        "coverage_model": _looked_up(unit, settings.coverage_models),
        "support": _looked_up(lifecycle, settings.support),
        "segment_owner_id": _looked_up(derived.segment.value, owners),
        "owner_id": column(described.accounts, "accounts", "owner_id"),
        "coverage": described.coverage.state,
        "last_activity_days": described.coverage.last_activity_days,
        "is_customer": _customer(described),
        "yearly_spend": described.spend,
        "potential": potentials.potential,
        "potential_low": potentials.low,
        "potential_high": potentials.high,
        "potential_source": potentials.source,
        "potential_sample_count": potentials.sample,
        "potential_reason": potentials.reason,
        "workload_hours": work.hours,
        "workload_source": work.source,
        "workload_reason": work.reason,
        "complexity_score": described.complexity.score,
        "complexity_basis": described.complexity.basis,
        "is_override": described.decisions.any(),
    }
    return pd.DataFrame({name: _placed(values, place) for name, values in columns.items()})


def _placed(values: pd.Series | Coded | Numbers | Flags, place: Codes) -> pd.Series:
    """Bring a column into the caller's order."""
    if isinstance(values, Coded):
        return values.take(place).series()
    if isinstance(values, pd.Series):
        in_order = bool((place == np.arange(len(place))).all())
        return values if in_order else values.iloc[place].reset_index(drop=True)
    return pd.Series(values[place])


def _customer(described: Described) -> pd.Series:
    """Tell customers; NA where nothing tells customers from prospects."""
    customer = pd.Series(described.lifecycles.customer, dtype="boolean")
    return customer.mask(described.words["lifecycle"].among([UNKNOWN]))


def _looked_up(words: Coded, values: Mapping[str, str]) -> Coded:
    """Replace each value by what belongs to it; missing where nothing does."""
    known = tuple(dict.fromkeys(values.values()))
    place = {name: known.index(text) for name, text in values.items()}
    lookup = np.array([*(place.get(value, -1) for value in words.values), -1], dtype=np.intp)
    return Coded(lookup[words.codes], known)


def _cuts(described: Described, derived: Derived) -> dict[str, Coded]:
    return {
        "segment": derived.segment.value,
        "unit": derived.unit.value,
        **{
            name: described.words[name]
            for name in ("market", "size", "industry_group", "lifecycle")
        },
    }


def _weights(described: Described, derived: Derived) -> Weights:
    hours: Numbers = derived.workload.hours
    owner = column(described.accounts, "accounts", "owner_id")
    people = share_people(owner, described.coverage.has_active_owner, hours)
    state = described.coverage.state
    covered = np.where(
        state.among([COVERED]), 1.0, np.where(state.among([OWNER_UNKNOWN]), np.nan, 0.0)
    )
    return Weights(
        derived.potentials.potential,
        described.spend,
        hours,
        people,
        described.lifecycles.customer,
        covered,
    )
