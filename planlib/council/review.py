"""The whole council step: one call from the tables of step 06 and the log to all results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.council.agenda import build_agenda, not_reviewed_deals
from planlib.council.cells import colour_matrix, with_forecast
from planlib.council.context import Context, cell_context
from planlib.council.effects import action_effects
from planlib.council.log import actions_log, check_actions, meetings_log, missed_reviews
from planlib.council.past import colour_changes, colour_history
from planlib.council.suggest import cell_owners, declared_owners, suggest_actions
from planlib.council.words import cautions, headlines, notes_table
from planlib.forecast import Inputs
from planlib.notes import notes_of
from planlib.periods import Period
from planlib.settings.council import CouncilSettings
from planlib.tables import TABLES, table
from planlib.workdays import WorkCalendar

#: Tables of the step, in order.
RESULTS = tuple(name for name, one in TABLES.items() if one.step == "07_council")


@dataclass(frozen=True, kw_only=True)
class CouncilReview:
    """
    What the council step found.

    Parameters
    ----------
    period, as_of
        The period that can still be moved, by name, and the day until which the data count.
    tables
        Every table of step 07 by name, in its declared shape.
    """

    period: str
    as_of: date
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def cells(self) -> pd.DataFrame:
        """Table ``council_cells``."""
        return self.tables["council_cells"]

    @property
    def agenda(self) -> pd.DataFrame:
        """Table ``council_agenda``."""
        return self.tables["council_agenda"]

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing, definition or rule."""
        return notes_of(self.tables["council_notes"], kind)


def hold_council(
    performance_matrix: pd.DataFrame,
    settings: CouncilSettings,
    period: Period,
    as_of: date,
    *,
    inputs: Inputs | None = None,
    pacing_curves: pd.DataFrame | None = None,
    required_coverage: pd.DataFrame | None = None,
    forecast: pd.DataFrame | None = None,
    actions: pd.DataFrame | None = None,
    meetings: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    segment_owners: Mapping[str, str | tuple[str, ...]] | None = None,
    currency: str = "",
) -> CouncilReview:
    """
    Colour the matrix, find causes and actions, and follow what earlier actions did.

    Only ``performance_matrix`` is needed; what another table would add is named where it is
    missing.

    Parameters
    ----------
    performance_matrix
        Table of step 06.
    settings
        Section ``council`` of plan.yaml.
    period, as_of
        The period that step 06 measured, and the day until which the data count.
    inputs
        The past of the forecast, from ``planlib.forecast.prepare_inputs``; None: no context, no
        colours of the past and no effects.
    pacing_curves, required_coverage, forecast
        Tables of step 06.
    actions, meetings
        Decisions of kinds ``council_actions`` and ``council_meetings`` in force.
    calendar
        Working days.
    segment_owners
        ``segmentation.segment_owners``: who answers for the cells of segments.
    currency
        Currency of the plan, for sentences.

    Returns
    -------
    CouncilReview
        Every table of step 07 by name: cells with colour and cause, suggestions, actions, effects.
    """
    cells = colour_matrix(
        performance_matrix, period, as_of, settings, pacing_curves=pacing_curves,
        required_coverage=required_coverage, calendar=calendar,
    )  # fmt: skip
    history = colour_history(inputs, settings) if inputs else _no_history()
    cells = colour_changes(cells, history)
    declared = declared_owners(settings, segment_owners, inputs)
    cells = with_forecast(cells.assign(owner=cell_owners(cells, inputs, declared)), forecast)
    context = _context(cells, inputs, settings, forecast, currency)
    cells = _with_words(cells, context)
    deals = [context.deals, not_reviewed_deals(cells, inputs)] if inputs else [context.deals]
    log = actions_log(actions, history, settings, as_of)
    found = {
        "council_cells": cells,
        "council_moves": context.moves,
        "council_causes": context.causes,
        "council_deals": pd.concat(deals, ignore_index=True),
        "council_suggestions": suggest_actions(
            context.causes, cells, settings, as_of, currency, actions=log
        ),
        "council_actions": log,
        "council_effects": action_effects(log, history, settings),
        "council_colours": history,
        "council_meetings": meetings_log(meetings, settings, as_of),
    }
    shaped = {name: table(name).conform(frame) for name, frame in found.items()}
    agenda = build_agenda(
        shaped["council_cells"], shaped["council_causes"], shaped["council_deals"],
        shaped["council_actions"], shaped["council_meetings"], currency=currency,
        titles=settings.titles,
    )  # fmt: skip
    shaped["council_agenda"] = table("council_agenda").conform(agenda)
    absent = missed_reviews(shaped["council_meetings"], as_of)
    careful = cautions(shaped, check_actions(log, cells, history))
    careful |= {"meetings": absent} if absent else {}
    careful |= _strange_owners(cells, settings)
    notes = notes_table(
        headlines(shaped, currency), careful,
        _missing(cells, inputs, pacing_curves, required_coverage), settings,
    )  # fmt: skip
    shaped["council_notes"] = table("council_notes").conform(notes)
    live = cells.loc[cells["is_live"], "period"]
    return CouncilReview(
        period=str(live.iloc[0]) if len(live) else period.name,
        as_of=as_of,
        tables={name: shaped[name] for name in RESULTS},
    )


def _context(
    cells: pd.DataFrame,
    inputs: Inputs | None,
    settings: CouncilSettings,
    forecast: pd.DataFrame | None,
    currency: str,
) -> Context:
    if inputs is None:
        none = pd.DataFrame()
        return Context(moves=none, causes=none, deals=none, words=pd.Series(dtype="str"))
    return cell_context(cells, inputs, settings, forecast=forecast, currency=currency)


def _with_words(cells: pd.DataFrame, context: Context) -> pd.DataFrame:
    words = pd.Series("", index=cells.index, dtype="str")
    watched = cells["is_live"] & cells["colour"].isin(["red", "yellow"])
    if len(context.words):
        words.loc[watched] = context.words.to_numpy()
    return cells.assign(context=words)


def _strange_owners(cells: pd.DataFrame, settings: CouncilSettings) -> dict[str, str]:
    """Name cells to which plan.yaml gives an owner and which the matrix does not have."""
    known = set(zip(cells["cut"], cells["cut_value"], strict=True))
    strange = [
        f"{cut.replace('_', ' ')} {cell}"
        for cut, owners in settings.owners.items() for cell in owners if (cut, cell) not in known
    ]  # fmt: skip
    if not strange:
        return {}
    return {
        "owners": f"council.owners names cells that are not in the matrix: {', '.join(strange)}"
    }


def _no_history() -> pd.DataFrame:
    return table("council_colours").empty()


def _missing(
    cells: pd.DataFrame,
    inputs: Inputs | None,
    pacing_curves: pd.DataFrame | None,
    required_coverage: pd.DataFrame | None,
) -> dict[str, str]:
    """Say what was not computed, and what would supply it."""
    found: dict[str, str] = {}
    if cells.empty:
        found["cells"] = "the matrix has no cell of the period around the as-of date"
    elif not cells["is_live"].any():
        found["the next period"] = (
            "the period measured is over and the matrix does not hold the next one; "
            "pipeline.periods_ahead of at least 1 shows it"
        )
    elif cells["target_amount"].isna().all():
        found["colours"] = "no cell has a target: table targets is missing or has none here"
    no_curve = pacing_curves is None or pacing_curves["usual_share"].isna().all()
    if no_curve:
        found["usual pace"] = (
            "no past period is on record (table pacing_curves): a straight line by working days "
            "stands in"
        )
    if required_coverage is None or required_coverage["required_coverage"].isna().all():
        found["required coverage"] = (
            "not known (table required_coverage): weekly snapshots of a past period give it; until "
            "then pace alone tells"
        )
    if inputs is None:
        found["context, past colours, effects"] = "table opportunities is missing"
        return found
    if inputs.panel.skipped or len(inputs.panel.points) <= 1:
        weeks = sum(inputs.panel.skipped.values())
        found["past weeks"] = (
            f"{weeks} past weeks have neither snapshots nor change records: their colours, and "
            "causes that need them, are not computed"
        )
    if inputs.history.deals["review_status"].isna().all():
        found["reviews"] = "no deal has a review_status, so missing reviews cannot be named"
    if not inputs.tables.resolve("manager")[0]:
        found["owners"] = "no deal has a manager: table reps names them"
    return found
