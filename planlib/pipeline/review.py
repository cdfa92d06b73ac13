"""The whole pipeline step: one call from the tables of a workbook to all results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Unpack

import pandas as pd

from planlib.errors import ParameterError
from planlib.notes import notes_of
from planlib.periods import Period
from planlib.pipeline.assembly import Inputs, compute_tables
from planlib.pipeline.bases import Dated
from planlib.pipeline.cuts import TOTAL, CutTables, DealTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.views import coverage_cut, coverage_period
from planlib.settings.pipeline import PipelineSettings
from planlib.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class PipelineReview:
    """
    What the pipeline step found.

    Parameters
    ----------
    period, as_of
        The period measured, and the day until which it counts.
    cuts
        Cuts that could be computed, in the order asked for.
    not_computed
        Why a cut or a part could not be computed, by name.
    tables
        Every table of step 06 by name, in its declared shape.
    """

    period: Period
    as_of: date
    cuts: tuple[str, ...]
    not_computed: dict[str, str]
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def matrix(self) -> pd.DataFrame:
        """Table ``performance_matrix``."""
        return self.tables["performance_matrix"]

    @property
    def bridge(self) -> pd.DataFrame:
        """Table ``pipeline_bridge``."""
        return self.tables["pipeline_bridge"]

    @property
    def attention(self) -> pd.DataFrame:
        """Table ``pipeline_attention``."""
        return self.tables["pipeline_attention"]

    @property
    def rates(self) -> pd.DataFrame:
        """Table ``pipeline_rates``."""
        return self.tables["pipeline_rates"]

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    @property
    def coverage_period(self) -> str:
        """Name of the period whose coverage matters now: the next one once this one is over."""
        return coverage_period(self.matrix, self.period.end)

    def choose(self, cut: str | None) -> str:
        """
        Give a cut that can be shown: the one asked for, else the first, else the total.

        Raises
        ------
        ParameterError
            If the cut was not computed; the message says why or names those that were.
        """
        if cut is None:
            return self.cuts[0] if self.cuts else TOTAL
        if cut in (TOTAL, *self.matrix["cut"].unique()):
            return cut
        why = self.not_computed.get(f"cut {cut}")
        reason = f"it cannot be computed: {why}" if why else "it is not in pipeline.cuts"
        raise ParameterError(
            "cut", [f"'{cut}' is not shown, {reason}; choose one of {', '.join(self.cuts)}"]
        )

    def coverage_cut(self, settings: PipelineSettings) -> str:
        """
        Give the cut by which coverage is shown: the one of plan.yaml where it has any.

        Without targets by that cut, the first cut with a coverage is taken, else the total.
        """
        return coverage_cut(self.matrix, self.coverage_period, settings)

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing or definition."""
        return notes_of(self.tables["pipeline_notes"], kind)


def review_period(cycle: Period, as_of: date, kind: str = "quarter") -> Period:
    """
    Give the period that a pipeline review of a cycle measures.

    Parameters
    ----------
    cycle
        Period of the cycle.
    as_of
        Day until which the data count.
    kind
        ``quarter``, ``month`` or ``year``: the one around the as-of date, kept inside the
        cycle; ``cycle``: the cycle itself.

    Returns
    -------
    Period
        The period that is measured.

    Examples
    --------
    >>> review_period(Period.parse("2026"), date(2026, 5, 2)).name
    '2026Q2'
    """
    if kind == "cycle":
        return cycle
    day = min(max(as_of, cycle.start), cycle.end)
    return Period.of(day, kind, cycle.fiscal_year)  # type: ignore[arg-type]


class AttributeTables(DealTables, total=False):
    """Tables that give deals their attributes; each may be absent or None."""

    territories: pd.DataFrame | None


def measure_pipeline(
    opportunities: pd.DataFrame,
    settings: PipelineSettings,
    period: Period,
    as_of: date,
    *,
    history: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    data_until: date | None = None,
    compare_date: date | str | None = None,
    currency: str = "",
    **attributes: Unpack[AttributeTables],
) -> PipelineReview:
    """
    Measure the pipeline of a period as of a day.

    Only ``opportunities`` is needed; every other table adds cuts, targets or the past. What
    cannot be computed is blank with a reason, never zero.

    Parameters
    ----------
    opportunities
        Table ``opportunities`` as it stands on ``data_until``; None: on the as-of date.
    settings
        Section ``pipeline`` of plan.yaml.
    period, as_of
        What is measured, and the day until which it counts.
    history
        Table ``opportunity_history``: snapshots or change records.
    targets
        Table ``targets``, at any grain.
    calendar
        Working days, for the share of the period that has passed.
    data_until
        Day until which ``opportunities`` is complete.
    compare_date
        Start of the bridge (a date, or text such as 2026-02-28); None: the day before the
        period, or a week back for a period that has not begun.
    currency
        Currency of the plan, for sentences.
    attributes
        Tables ``accounts``, ``reps``, ``products``, ``segments``, ``campaigns``; and
        ``rep_history`` and ``territories``, for the organisation of the year before.

    Returns
    -------
    PipelineReview
        Every table of step 06 by name, ``performance_matrix`` and ``pipeline_bridge`` among them,
        and why a cut or a part could not be computed.

    Raises
    ------
    TableError
        If an ``opportunity_id`` is missing, blank or repeats.
    ParameterError
        If ``compare_date`` is no date, or not before the as-of date.
    """
    until = data_until or as_of
    start = start_of_bridge(compare_date, period, as_of)
    age = settings.snapshot_age_days
    deals = PipelineHistory(opportunities, history, data_until=until, snapshot_age_days=age)
    inputs = Inputs(
        history=deals, period=period, as_of=as_of, settings=settings, targets=targets,
        calendar=calendar, data_until=until, compare_date=start, currency=currency,
        cut_tables=CutTables({**_only_known(attributes), "opportunities": deals.deals}),
        dated=Dated(history=history, rep_history=attributes.get("rep_history"),
                    territories=attributes.get("territories")),
    )  # fmt: skip
    return PipelineReview(
        period=period, as_of=as_of, cuts=inputs.cuts, not_computed=inputs.missing,
        tables=compute_tables(inputs),
    )  # fmt: skip


def _only_known(attributes: AttributeTables) -> dict[str, pd.DataFrame | None]:
    unknown = sorted(set(attributes) - set(AttributeTables.__annotations__))
    if unknown:
        known = ", ".join(AttributeTables.__annotations__)
        raise TypeError(f"measure_pipeline takes no table {', '.join(unknown)}; it takes {known}")
    return {name: attributes.get(name) for name in AttributeTables.__annotations__}  # type: ignore[misc]


def start_of_bridge(given: date | str | None, period: Period, as_of: date) -> date:
    """
    Give the first day of a bridge: the one given, else the day before the period.

    Parameters
    ----------
    given
        A date, or text such as 2026-02-28; None: the day before the period, or a week back for a
        period that has not begun.
    period, as_of
        What is measured, and the last day.

    Raises
    ------
    ParameterError
        If it is no date, or not before the as-of date.
    """
    if given is None:
        return period.start - timedelta(1) if as_of >= period.start else as_of - timedelta(7)
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise ParameterError(
            "compare_date", [f"'{given}' is not a date; write it as 2026-02-28"]
        ) from None
    if day >= as_of:
        raise ParameterError(
            "compare_date", [f"{day} is not before the as-of date {as_of}; choose an earlier day"]
        )
    return day
