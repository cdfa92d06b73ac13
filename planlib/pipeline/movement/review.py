"""All of movement: one call from the tables of a workbook to the tables of the step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Unpack

import pandas as pd

from planlib.notes import notes_of
from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.movement.conversion import measure_conversion, recent_quarters
from planlib.pipeline.movement.durations import measure_ageing, measure_durations
from planlib.pipeline.movement.events import build_event_bridge, event_table, events_table
from planlib.pipeline.movement.findings import find_bad_input
from planlib.pipeline.movement.ladder import history_ladder
from planlib.pipeline.movement.outcomes import measure_incidence, measure_velocity
from planlib.pipeline.movement.project_figures import (
    lost_deals,
    measure_losses,
    measure_projects,
)
from planlib.pipeline.movement.projects import ProjectLine, project_table, read_projects
from planlib.pipeline.movement.restated import find_restated
from planlib.pipeline.movement.reviews import review_coverage
from planlib.pipeline.movement.slips import count_pushes, measure_pushes, measure_slips
from planlib.pipeline.movement.stages import read_stages, stage_timeline
from planlib.pipeline.movement.timeline import Timeline, read_timeline
from planlib.pipeline.movement.words import movement_notes
from planlib.pipeline.review import AttributeTables, start_of_bridge
from planlib.pipeline.truncation import Records
from planlib.settings.movement import MovementSettings
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table

#: Cuts of the project line, as far as they can be computed.
PROJECT_CUTS = ("region", "product_family", "segment")
_TABLES = (
    "history_ladder",
    "pipeline_event_bridge",
    "pipeline_events",
    "stage_conversion",
    "stage_durations",
    "stage_timeline",
    "pipeline_ageing",
    "pipeline_slips",
    "pipeline_pushes",
    "pipeline_velocity",
    "pipeline_incidence",
    "pipeline_restatements",
    "pipeline_reviews",
    "pipeline_findings",
    "project_line",
    "project_figures",
    "project_losses",
    "movement_notes",
)


@dataclass(frozen=True, kw_only=True)
class MovementReview:
    """
    What was found on movement.

    Parameters
    ----------
    period, as_of, compare_date, published
        The period, the last day, the first day of the bridge, and the day with which ended periods
        are compared.
    tables
        Every table by name, in its declared shape; empty where it cannot be computed, with the
        reason among the notes.
    """

    period: Period
    as_of: date
    compare_date: date
    published: date
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing or definition."""
        return notes_of(self.tables["movement_notes"], kind)


@dataclass(frozen=True, kw_only=True)
class _Base:
    """What all parts are computed from."""

    history: PipelineHistory
    timeline: Timeline
    tables: CutTables
    settings: PipelineSettings
    movement: MovementSettings
    period: Period
    as_of: date
    compare_date: date
    published: date

    @property
    def cuts(self) -> tuple[str, ...]:
        """Cuts asked for that can be computed."""
        return tuple(cut for cut in self.settings.cuts if self.tables.resolve(cut)[0])

    @property
    def names(self) -> pd.Series:
        """Name of each deal."""
        return self.history.deals.set_index("opportunity_id")["name"]


class MovementTables(AttributeTables, total=False):
    """Further tables of movement; each may be absent or None."""

    projects: pd.DataFrame | None
    payments: pd.DataFrame | None


def measure_movement(
    opportunities: pd.DataFrame,
    settings: PipelineSettings,
    movement: MovementSettings,
    period: Period,
    as_of: date,
    *,
    history: pd.DataFrame | None = None,
    data_until: date | None = None,
    compare_date: date | str | None = None,
    published: date | None = None,
    currency: str = "",
    **tables: Unpack[MovementTables],
) -> MovementReview:
    """
    Measure how deals move, how they end, and what becomes of them until the cash is in.

    Only ``opportunities`` is needed. What rests on history, projects or payments is empty
    without them, and a note says what is missing and what it would give.

    Parameters
    ----------
    opportunities
        Table ``opportunities`` as it stands on ``data_until``; None: on the as-of date.
    settings, movement
        Sections ``pipeline`` and ``movement`` of plan.yaml.
    period, as_of
        What is measured, and the day until which it counts.
    history
        Table ``opportunity_history``: snapshots or change records.
    data_until
        Day until which ``opportunities`` is complete.
    compare_date
        First day of the event bridge; None: the day before the period.
    published
        Day of the last publication, with which ended periods are compared; None, or a day that is
        not before the as-of date: the first day of the bridge.
    currency
        Currency of the plan, for sentences.
    tables
        Tables ``projects``, ``payments``, ``accounts``, ``reps``, ``products``, ``segments``,
        ``campaigns``.

    Returns
    -------
    MovementReview
        Tables on events, slips, velocity, outcomes, projects and cash, by name.

    Raises
    ------
    TableError
        If an ``opportunity_id`` is missing, blank or repeats.
    ParameterError
        If ``compare_date`` is no date, or not before the as-of date.
    """
    start = start_of_bridge(compare_date, period, as_of)
    since = published if published is not None and published < as_of else start
    deals = PipelineHistory(
        opportunities, history, data_until=data_until or as_of,
        snapshot_age_days=settings.snapshot_age_days,
    )  # fmt: skip
    projects, payments = tables.get("projects"), tables.get("payments")
    given: dict[str, pd.DataFrame | None] = {
        name: frame for name, frame in tables.items() if isinstance(frame, pd.DataFrame)
    }
    base = _Base(
        history=deals,
        timeline=read_timeline(deals, as_of, slack_days=settings.snapshot_age_days),
        tables=CutTables({**given, "opportunities": deals.deals}),
        settings=settings, movement=movement, period=period, as_of=as_of, compare_date=start,
        published=since,
    )  # fmt: skip
    line = None
    if projects is not None and len(projects):
        line = read_projects(projects, payments, deals.deals, as_of)
    found: dict[str, pd.DataFrame] = {}
    missing = _moves(base, found) | _stages(base, found) | _outcomes(base, found)
    missing |= _projects(base, found, line)
    shaped = {name: table(name).conform(found.get(name)) for name in _TABLES[:-1]}
    cautions = {} if line is None else line.notes
    notes = movement_notes(
        shaped, period, base.timeline, movement, missing=missing, cautions=cautions,
        currency=currency,
    )  # fmt: skip
    shaped["movement_notes"] = table("movement_notes").coerce(notes)
    return MovementReview(
        period=period, as_of=as_of, compare_date=start, published=since, tables=shaped
    )


def _moves(base: _Base, found: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Compute what changed: ladder, event bridge, slips, restatements, findings."""
    span = (base.compare_date, base.as_of)
    events = build_event_bridge(base.history, span, base.period, base.tables, base.cuts)
    earlier = range(base.movement.slip_periods, -1, -1)
    found["history_ladder"] = history_ladder(base.history, base.period, base.as_of)
    found["pipeline_event_bridge"] = event_table(events, base.period, span)
    found["pipeline_events"] = events_table(events, base.period, base.tables, base.names)
    found["pipeline_slips"] = measure_slips(
        base.history, [base.period.shift(-back) for back in earlier], base.as_of, base.tables,
        base.cuts, minimum_deals=base.settings.minimum_deals,
    )  # fmt: skip
    restated, why = find_restated(
        base.history, base.published, base.as_of, base.tables, period=base.period
    )
    found["pipeline_restatements"] = restated
    found["pipeline_findings"] = find_bad_input(base.history, base.as_of)
    missing = {"event bridge": events.reason} if events.reason else {}
    slips = found["pipeline_slips"]
    this = slips[slips["period"] == base.period.name] if len(slips) else slips
    if len(this) and this["note"].iloc[0]:
        missing["slip rate"] = this["note"].iloc[0]
    if restated.empty and not why.startswith("closed deals"):
        missing["restatements"] = why
    return missing


def _stages(base: _Base, found: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Compute what rests on stages: conversion, days in stage, ageing."""
    deals, minimum = base.history.deals, base.settings.minimum_deals
    stages = read_stages(base.timeline)
    pushes = count_pushes(base.timeline, deals)
    found["pipeline_pushes"] = measure_pushes(deals, pushes, minimum)
    found["stage_timeline"] = _numbered(stage_timeline(base.history))
    missing = {}
    if found["pipeline_pushes"].empty:
        missing["pushes"] = "no history of close dates, and opportunities.push_count is blank"
    if not stages.order:
        why = base.timeline.note if base.timeline.first_day is None else stages.rule
        return missing | {"stage conversion, days in stage, ageing": why}
    usual = Records.of(deals).usual_cycle(base.settings.cycle_share)
    found["stage_conversion"] = measure_conversion(
        stages, base.timeline, base.tables, base.cuts,
        quarters=recent_quarters(base.as_of, base.movement.cohorts, base.period),
        mature_days=usual, minimum_deals=minimum,
    )  # fmt: skip
    if found["stage_conversion"].empty:
        missing["stage conversion"] = "no deal's creation lies within the history"
    found["stage_durations"] = measure_durations(
        stages, base.timeline, base.tables, base.cuts, minimum_deals=minimum
    )
    ageing = measure_ageing(
        stages, base.timeline, deals, base.tables,
        factor=base.movement.ageing_factor, minimum_deals=minimum,
    )  # fmt: skip
    if len(ageing):
        found["pipeline_ageing"] = ageing.merge(pushes, "left", "opportunity_id")
    return missing


def _outcomes(base: _Base, found: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Compute what needs no history: outcomes by age, velocity, reviews."""
    deals, minimum = base.history.deals, base.settings.minimum_deals
    found["pipeline_incidence"] = measure_incidence(
        deals, base.as_of, base.tables, base.cuts,
        step_days=base.movement.age_step_days, minimum_deals=minimum,
    )  # fmt: skip
    found["pipeline_velocity"] = measure_velocity(
        deals, base.as_of, base.tables, base.cuts,
        closed_days=base.movement.closed_days, minimum_deals=minimum,
    )  # fmt: skip
    open_deals = base.history.at(base.as_of).open_deals
    found["pipeline_reviews"] = review_coverage(open_deals, deals, base.tables)
    missing = {}
    if found["pipeline_incidence"].empty:
        missing["won and lost by age"] = "no deal has been won or lost yet, or none has dates"
    if found["pipeline_reviews"].empty:
        missing["manager reviews"] = "opportunities.review_status is blank for every open deal"
    return missing


def _projects(
    base: _Base, found: dict[str, pd.DataFrame], line: ProjectLine | None
) -> dict[str, str]:
    """Compute the project line and the causes of losses."""
    cuts = [cut for cut in PROJECT_CUTS if base.tables.resolve(cut)[0]]
    minimum, missing = base.settings.minimum_deals, {}
    if line is None:
        missing["project line"] = (
            "table projects is missing: contract, delivery and cash by project (and table "
            "payments for the cash) would show what becomes of won deals"
        )
    else:
        found["project_line"] = project_table(line)
        found["project_figures"] = measure_projects(line, base.tables, cuts, minimum_deals=minimum)
    lost, why = lost_deals(line, base.history.deals, base.movement.loss_causes)
    if lost.empty:
        missing["causes of losses"] = why
    found["project_losses"] = measure_losses(lost, base.tables, cuts, minimum_deals=minimum)
    return missing


def _numbered(timeline: pd.DataFrame) -> pd.DataFrame:
    return timeline.assign(step_number=timeline.groupby("opportunity_id").cumcount())
