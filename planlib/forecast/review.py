"""The whole forecast: one call from the tables of a workbook to all results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.forecast.accuracy import Choice, backtest_table, choose_method
from planlib.forecast.calibration import brier_scores, calibration_table, past_chances
from planlib.forecast.call_review import call_review, model_beside_calls
from planlib.forecast.coverage import required_coverage
from planlib.forecast.curves import pacing_curves
from planlib.forecast.deals import deal_method, deals_table
from planlib.forecast.grid import working_days
from planlib.forecast.inputs import Inputs
from planlib.forecast.outcome import forecast_table
from planlib.forecast.prepare import prepare_inputs
from planlib.forecast.reliance import pipeline_reliance, pipeline_starts
from planlib.forecast.walk import Walk, walk_forward
from planlib.forecast.words import cautions, headlines, notes_table
from planlib.notes import notes_of
from planlib.periods import Period
from planlib.pipeline.history import PipelineHistory
from planlib.settings.forecast import ForecastSettings
from planlib.tables import table
from planlib.workdays import WorkCalendar

_ATTRIBUTES = ("accounts", "reps", "products", "segments", "campaigns")


@dataclass(frozen=True, kw_only=True)
class PipelineForecast:
    """
    What the forecast found.

    Parameters
    ----------
    period, as_of
        The period whose close is forecast, and the day until which the data count.
    method
        The method that is used; blank when none could be computed.
    cuts
        Cuts that could be computed, without the total.
    tables
        Every table of the forecast by name, in its declared shape.
    """

    period: Period
    as_of: date
    method: str
    cuts: tuple[str, ...]
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing, definition or method."""
        return notes_of(self.tables["forecast_notes"], kind)


def forecast_pipeline(
    opportunities: pd.DataFrame,
    settings: ForecastSettings,
    period: Period,
    as_of: date,
    *,
    history: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
    forecast_calls: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    data_until: date | None = None,
    snapshot_age_days: int = 10,
    seed: int = 0,
    currency: str = "",
    **attributes: pd.DataFrame | None,
) -> PipelineForecast:
    """
    Forecast the close of a period from what is known on a day, and test how that did in the past.

    Only ``opportunities`` is needed. Without snapshots or change records only a sum weighted by
    the CRM's probabilities can be given, and nothing can be tested; that is said.

    Parameters
    ----------
    opportunities
        Table ``opportunities`` as it stands on ``data_until``; None: on the as-of date.
    settings
        Section ``forecast`` of plan.yaml.
    period, as_of
        The period measured, and the day until which it counts. Once the period is over, the
        next one is forecast.
    history
        Table ``opportunity_history``.
    targets, forecast_calls
        Tables of these names.
    calendar
        Working days.
    data_until
        Day until which ``opportunities`` is complete.
    snapshot_age_days
        Oldest snapshot that still stands for a day (section ``pipeline`` of plan.yaml).
    seed
        Seed of all draws.
    currency
        Currency of the plan, for sentences.
    attributes
        Tables ``accounts``, ``reps``, ``products``, ``segments``, ``campaigns``.

    Returns
    -------
    PipelineForecast
        The forecast with its interval, by method and by cell, and how each method did in the past.

    Raises
    ------
    TableError
        If an ``opportunity_id`` is missing, blank or repeats.
    """
    unknown = sorted(set(attributes) - set(_ATTRIBUTES))
    if unknown:
        known = ", ".join(_ATTRIBUTES)
        raise TypeError(f"forecast_pipeline takes no table {', '.join(unknown)}; it takes {known}")
    deals = PipelineHistory(
        opportunities, history, data_until=data_until or as_of, snapshot_age_days=snapshot_age_days
    )
    inputs = prepare_inputs(
        deals, settings, period, as_of, attributes=attributes, targets=targets,
        calls=forecast_calls, calendar=calendar, seed=seed, currency=currency,
    )  # fmt: skip
    return forecast_inputs(inputs)


def forecast_inputs(inputs: Inputs) -> PipelineForecast:
    """
    Compute every table from prepared inputs.

    Parameters
    ----------
    inputs
        From ``prepare_inputs``.

    Returns
    -------
    PipelineForecast
        Every table of the forecast, and the method that is used.
    """
    missing = _missing(inputs)
    results = _without_open(inputs)
    if _knows_today(inputs):
        walk = walk_forward(inputs)
        choice, found = _tested(walk)
        results |= {"required_coverage": required_coverage(inputs)} | found
    else:
        walk = Walk(inputs=inputs, estimates=[], weights={}, spreads=[])
        choice = Choice(method="", reason=missing.get("forecast", ""), summary=_no_methods())
    shaped = {
        name: table(name).coerce(results[name]) if name in results else table(name).empty()
        for name in TABLES
    }
    lines = headlines(inputs, shaped, choice)
    notes = notes_table(lines, cautions(inputs, choice), missing, choice, inputs)
    shaped["forecast_notes"] = table("forecast_notes").coerce(notes)
    return PipelineForecast(
        period=inputs.period,
        as_of=inputs.as_of,
        method=choice.method,
        cuts=inputs.panel.cuts[1:],
        tables=shaped,
    )


#: Tables of the forecast, in the order of the step.
TABLES = (
    "working_days",
    "pacing_curves",
    "required_coverage",
    "forecast",
    "forecast_methods",
    "forecast_backtest",
    "forecast_calibration",
    "forecast_deals",
    "forecast_call_review",
    "pipeline_starts",
    "pipeline_reliance",
)


def _tested(walk: Walk) -> tuple[Choice, dict[str, pd.DataFrame]]:
    """Give everything that rests on the walk."""
    backtest = backtest_table(walk)
    chances = past_chances(walk)
    briers = brier_scores(chances)
    choice = choose_method(walk, backtest, briers)
    found = {
        "forecast_backtest": backtest,
        "forecast_methods": choice.summary,
        "forecast_calibration": calibration_table(chances),
        "forecast_call_review": call_review(walk, model_beside_calls(choice.summary, walk.inputs)),
    }
    forecast = forecast_table(walk, choice)
    if len(forecast):
        found["forecast"] = forecast
    best = deal_method(walk, briers)
    if best:
        found["forecast_deals"] = deals_table(walk, best)
    return choice, found


def _without_open(inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Give what needs no open deals of today."""
    shown = list(dict.fromkeys((inputs.measured, inputs.period)))
    return {
        "working_days": working_days(shown, inputs.as_of, inputs.calendar),
        "pacing_curves": pacing_curves(inputs),
        "pipeline_starts": pipeline_starts(inputs),
        "pipeline_reliance": pipeline_reliance(inputs),
    }


def _knows_today(inputs: Inputs) -> bool:
    points = inputs.panel.points
    return (
        bool(points)
        and points[-1].day == inputs.as_of
        and points[-1].number == len(inputs.periods) - 1
        and not _unusable(inputs)
    )


def _unusable(inputs: Inputs) -> str:
    """Say why the open deals of today allow no forecast, or nothing."""
    if not (inputs.history.deals["status"] != "unknown").any():
        return "no deal has is_closed or is_won"
    points = inputs.panel.points
    if not points or points[-1].day != inputs.as_of:
        return (
            f"the pipeline of {inputs.as_of} is not known: neither snapshot nor change records "
            "reach that day"
        )
    deals = inputs.panel.rows.iloc[inputs.panel.span(inputs.live)]
    if len(deals) and deals["close_date"].isna().all():
        return "no open deal has a close date"
    if len(deals) and not deals["has_amount"].any():
        return "no open deal has an amount"
    if not deals["in_period"].any() and not inputs.has_past:
        return (
            f"no open deal closes in {inputs.period.name}, and no past period is known at this "
            "week to tell what comes later"
        )
    return ""


def _missing(inputs: Inputs) -> dict[str, str]:
    """Say what was not computed, and what would supply it."""
    found: dict[str, str] = {}
    for cut in inputs.settings.cuts:
        lookup, reason = inputs.tables.resolve(cut)
        if lookup is None:
            found[f"cut {cut}"] = reason
    reason = _unusable(inputs)
    if reason:
        found["forecast"] = reason
    elif not inputs.has_past and not _has_judgement(inputs):
        found["forecast"] = (
            "no open deal has a probability or a forecast category, and no past period is known "
            "at this week from snapshots or change records"
        )
    elif not inputs.has_past:
        found["backtest, required coverage, measured methods"] = (
            "no past period is known at this week: weekly snapshots (or change records) of one "
            "period allow same-week conversion, of three a test, of a year the same week a year "
            "before. Every intake keeps a snapshot from now on. Until then the forecast is the "
            "CRM-weighted sum, which counts on no deal still to be created and has never been "
            "tested"
        )
    if inputs.targets is None or inputs.targets.empty:
        found["coverage, chance to reach the target"] = "table targets is missing"
    if inputs.calls is None:
        found["managers' calls"] = "table forecast_calls is missing"
    elif "manager" not in inputs.panel.cuts:
        found["managers' calls"] = "no deal has a manager; table reps names them"
    return found


def _has_judgement(inputs: Inputs) -> bool:
    deals = inputs.panel.rows.iloc[inputs.panel.span(inputs.live)]
    return bool(deals[["probability", "forecast_category"]].notna().any(axis=None))


def _no_methods() -> pd.DataFrame:
    return table("forecast_methods").empty()
