"""All tables of the pipeline step from prepared inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from planlib.periods import Period
from planlib.pipeline.attention import deals_needing_attention
from planlib.pipeline.bases import Dated, as_reported, restated
from planlib.pipeline.bridge import bridge_table, build_bridge, moves_table
from planlib.pipeline.cautions import bridge_notes, cautions, not_computed
from planlib.pipeline.cuts import TOTAL, CutTables, crossed
from planlib.pipeline.gap import gap_deals
from planlib.pipeline.generated import generated_lines
from planlib.pipeline.history import AsOf, PipelineHistory
from planlib.pipeline.lookup import look_up
from planlib.pipeline.matrix import build_matrix, prior_day
from planlib.pipeline.measures import Measured, is_over, measure_deals
from planlib.pipeline.money import from_cents
from planlib.pipeline.rates import measure_rates
from planlib.pipeline.series import pipeline_pacing, pipeline_weeks, week_days
from planlib.pipeline.spread import spread_targets
from planlib.pipeline.targets import CutTargets, cut_targets, targets_of_period
from planlib.pipeline.truncation import Records
from planlib.pipeline.words import headlines, notes_table, total_figures
from planlib.settings.pipeline import CUT_NAMES, PipelineSettings
from planlib.tables import table
from planlib.workdays import WorkCalendar

_WEEK = timedelta(7)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """
    Everything a review is computed from, prepared once.

    Parameters
    ----------
    history, cut_tables
        Deals over time, and where their attributes come from.
    period, as_of, data_until
        What is measured, the day until which it counts, and the day of the deals table.
    compare_date
        Start of the bridge.
    settings, targets, calendar
        Section pipeline of plan.yaml, table targets, working days.
    currency
        For sentences.
    dated
        Who owned what, and who stood where, by date; for the year before.
    """

    history: PipelineHistory
    period: Period
    as_of: date
    settings: PipelineSettings
    cut_tables: CutTables
    targets: pd.DataFrame | None
    calendar: WorkCalendar | None
    data_until: date
    compare_date: date
    currency: str
    dated: Dated = field(default_factory=Dated)

    @property
    def cuts(self) -> tuple[str, ...]:
        """Cuts asked for that can be computed."""
        return tuple(cut for cut in self.settings.cuts if self.cut_tables.resolve(cut)[0])

    @property
    def matrix_cuts(self) -> tuple[str, ...]:
        """The total, the cuts asked for, and the crossed one."""
        two = self.settings.two_way
        both = (crossed(two),) if two and set(two) <= set(self.singles) else ()
        return (TOTAL, *self.cuts, *both)

    @property
    def needed(self) -> tuple[str, ...]:
        """Single cuts that the matrix needs."""
        return tuple(dict.fromkeys((*self.cuts, *self.settings.two_way)))

    @property
    def singles(self) -> tuple[str, ...]:
        """All single cuts that can be computed, for lists of deals."""
        return tuple(cut for cut in CUT_NAMES if self.cut_tables.resolve(cut)[0])

    @property
    def missing(self) -> dict[str, str]:
        """Why cuts, and what rests on targets, cannot be computed."""
        asked = (*self.settings.cuts, *self.settings.two_way)
        return not_computed(self.cut_tables, asked, self.targets)


def compute_tables(inputs: Inputs) -> dict[str, pd.DataFrame]:
    """
    Compute every table of step 06.

    Parameters
    ----------
    inputs
        What the tables are computed from.

    Returns
    -------
    dict
        Tables by name, in their declared shape.
    """
    settings, period, history = inputs.settings, inputs.period, inputs.history
    sides = _all_sides(inputs)
    now, prior, again = sides[0]
    matrix = _matrix(inputs, sides)
    bridges, moves, moved_notes = _bridges(inputs)
    total = total_figures(matrix, period.name)
    target, closed = float(total["target"]["value"]), float(total["closed_acv"]["value"])
    attention = _attention(inputs, now, moves, target - (0 if pd.isna(closed) else closed))
    results = {
        "performance_matrix": matrix,
        "pipeline_bridge": bridges,
        "pipeline_moves": moves,
        "pipeline_weeks": pipeline_weeks(history, week_days(inputs.as_of, settings.weeks)),
        "pipeline_pacing": pipeline_pacing(
            history.deals, period, inputs.as_of, calendar=inputs.calendar, target=target
        ),
        "pipeline_rates": _rates(inputs),
        "pipeline_attention": attention,
        "pipeline_deals": _deals(
            inputs,
            [one[0] for one in sides],
            again if settings.prior_basis == "restated" else prior,
        ),
    }
    span = bridges[(bridges["series"] == "span") & (bridges["cut"] == TOTAL)]
    careful = cautions(history.deals, now, prior, inputs.data_until, inputs.calendar)
    careful |= inputs.dated.notes()
    results["pipeline_notes"] = notes_table(
        [
            *headlines(matrix, period.name, span, attention, inputs.currency),
            *generated_lines(matrix, inputs.targets, period, inputs.cut_tables, inputs.currency),
        ],
        careful | moved_notes,
        inputs.missing,
        inputs.cut_tables.meanings(inputs.cuts),
        settings,
    )
    return {name: table(name).coerce(frame) for name, frame in results.items()}


def _sides(
    inputs: Inputs, period: Period, cuts: Sequence[str]
) -> tuple[Measured, Measured, Measured]:
    """Measure a period, and the same day a year before: as reported, and restated."""
    sides = ((period, inputs.as_of), (period.prior_year(), prior_day(period, inputs.as_of)))
    now, before = (
        measure_deals(
            inputs.history,
            side,
            day,
            inputs.cut_tables,
            cuts,
            cycle_share=inputs.settings.cycle_share,
        )
        for side, day in sides
    )
    dated, tables, names = inputs.dated, inputs.cut_tables, list(cuts)
    return (
        now,
        as_reported(before, dated, tables, names),
        restated(before, dated, tables, names, inputs.as_of),
    )


def _all_sides(inputs: Inputs) -> list[tuple[Measured, Measured, Measured]]:
    """Measure the period and the periods ahead."""
    return [
        _sides(inputs, inputs.period.shift(ahead), inputs.needed if ahead else inputs.singles)
        for ahead in range(inputs.settings.periods_ahead + 1)
    ]


def _matrix(inputs: Inputs, triples: Sequence[tuple[Measured, Measured, Measured]]) -> pd.DataFrame:
    """Build the matrix of the period and of the periods ahead."""
    frames = []
    for this, before, again in triples:
        targets, set_then = (_targets(inputs, side.period) for side in (this, before))
        frames.append(
            build_matrix(
                this, before, inputs.matrix_cuts, targets, inputs.settings, restated=again,
                prior_targets=set_then,
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _targets(inputs: Inputs, period: Period) -> dict[str, CutTargets]:
    """Read the targets of every cut; spread them where plan.yaml says by which rule."""
    own = targets_of_period(inputs.targets, period)
    found = {cut: cut_targets(own, cut, inputs.cut_tables) for cut in inputs.matrix_cuts}
    rule, before = inputs.settings.target_spread, period.prior_year()
    if rule == "none":
        return found
    deals = inputs.history.deals
    closed = deals["close_date"].between(pd.Timestamp(before.start), pd.Timestamp(before.end))
    won = inputs.cut_tables.attach(deals[(deals["status"] == "won") & closed], inputs.needed)
    return {
        cut: target
        if len(target.cents)
        else spread_targets(found, cut, rule, won, inputs.cut_tables)
        for cut, target in found.items()
    }


def _pair(history: PipelineHistory, first: date, last: date) -> tuple[AsOf, AsOf]:
    """Give two states that can be compared: both as known then, or both rebuilt."""
    start, end = history.at(first), history.at(last)
    if start.knows_dates and end.knows_dates:
        return start, end
    return history.rebuilt(first), history.rebuilt(last)


def _bridges(inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Build the bridge of the whole span, of the last week, and the series of weeks."""
    notes: dict[str, str] = {}
    before = inputs.compare_date
    weeks = week_days(inputs.as_of, inputs.settings.weeks, first=before)
    spans = [("span", before, inputs.as_of)]
    spans += [("week", first, last) for first, last in zip(weeks, weeks[1:], strict=False)]
    bridges, moves = [], []
    for at, (series, first, last) in enumerate(spans):
        start, end = _pair(inputs.history, first, last)
        cuts = inputs.cuts if series == "span" else ()
        bridge = build_bridge(start, end, inputs.period, inputs.cut_tables, cuts)
        bridges.append(bridge_table(bridge, series, inputs.period, (first, last)))
        if series == "span" or at == len(spans) - 1:
            moves.append(
                moves_table(bridge, series, inputs.period, (first, last), inputs.cut_tables)
            )
        if series == "span":
            notes = bridge_notes(bridge)
    names = inputs.history.deals.set_index("opportunity_id")["name"]
    moved = pd.concat(moves, ignore_index=True)
    return (
        pd.concat(bridges, ignore_index=True),
        moved.assign(name=moved["opportunity_id"].map(names)),
        notes,
    )


def _attention(inputs: Inputs, now: Measured, moves: pd.DataFrame, gap: float) -> pd.DataFrame:
    before = inputs.history.at(inputs.as_of - _WEEK)
    span = moves[(moves["series"] == "span")]
    inside = now.rows[now.rows["measure"] == "open_in_period"]
    if "open_in_period" in now.missing:
        inside = now.rows[now.rows["measure"] == "open_total"]
    names = inputs.history.deals.set_index("opportunity_id")["name"]
    found = deals_needing_attention(
        now.state,
        before if before.knows_dates and now.state.knows_dates else None,
        span,
        inputs.cut_tables,
        period_open=inside,
        end=inputs.period.end,
        count=inputs.settings.attention_deals,
        names=names,
    )
    if is_over(inputs.period, inputs.as_of):
        return found  # no deal closes the gap of a period that is over
    closing = now.rows[now.rows["measure"] == "open_in_period"]
    named = gap_deals(closing, gap, inputs.settings.attention_deals)
    named = named.assign(
        name=look_up(named["opportunity_id"], names),
        owner=inputs.cut_tables.rep_label(named["owner_id"]),
    )
    return pd.concat([found, named.drop(columns="owner_id")], ignore_index=True)


def _rates(inputs: Inputs) -> pd.DataFrame:
    """Measure rates of the deals closed in the period until the as-of date, and of all data."""
    deals = inputs.history.deals
    end = min(inputs.period.end, inputs.as_of)
    inside = deals["close_date"].between(pd.Timestamp(inputs.period.start), pd.Timestamp(end))
    closed = deals[inside & deals["status"].isin(["won", "lost"])]
    truncation = Records.of(deals).truncation(inputs.period, inputs.settings.cycle_share)
    minimum = inputs.settings.minimum_deals
    period = measure_rates(
        closed, inputs.period.name, inputs.cut_tables, inputs.cuts, minimum, truncation=truncation
    )
    period = period[period["rate"] != "win_rate_created"]
    overall = measure_rates(deals, "all data", inputs.cut_tables, inputs.cuts, minimum)
    return pd.concat([period, overall], ignore_index=True)


def _deals(inputs: Inputs, now: Sequence[Measured], prior: Measured) -> pd.DataFrame:
    """Give the deals behind every figure of the periods, and of the year before the first one."""
    names = inputs.history.deals.set_index("opportunity_id")["name"]
    parts = [one.rows.assign(period=one.period.name, place=at)
             for at, one in enumerate([*now, prior])]  # fmt: skip
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rows = rows.assign(
        name=rows["opportunity_id"].map(names), amount=from_cents(rows["cents"])
    ).sort_values(["place", "measure", "opportunity_id"], ignore_index=True)
    return rows.drop(columns=["cents", "owner_id", "place"])
