"""What a classifier may know of a deal: facts of the day only, and no column that tells the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.forecast.panel import Bools, Floats, Ints, Panel

#: Facts of a deal as known on a day; each is written in words for reasons.
FEATURES: dict[str, str] = {
    "stage": "stage",
    "forecast_category": "forecast category",
    "deal_type": "deal type",
    "source": "source",
    "segment": "segment",
    "amount": "amount",
    "age_days": "days since creation",
    "due_days": "days to the stated close date",
    "left_days": "days to the end of the period",
    "push_count": "moves of the close date to a later day, seen until then",
    "stage_days": "days in the stage, seen until then",
}

#: Columns that are known only afterwards, or only as they stand today, and why.
LEAKING: dict[str, str] = {
    "status": "it is the outcome",
    "is_won": "it is the outcome",
    "is_closed": "it is the outcome",
    "won_cents": "it is the outcome",
    "ends_won": "it is the outcome",
    "end_in_days": "it is the day of the outcome",
    "loss_reason": "it is written when the deal is lost",
    "discount_share": "it is agreed when the deal is won",
    "close_date": "a closed deal has its day of closing there; use due_days of the day",
    "probability": "a closed deal has 0 or 1 there, and CRMs rewrite it with the stage",
    "last_activity_date": "the deals table has today's, not that of the day",
    "stage_entered_date": "the deals table has today's, not that of the day",
    "next_step": "the deals table has today's, not that of the day",
    "next_step_date": "the deals table has today's, not that of the day",
    "contact_count": "the deals table has today's, not that of the day",
    "review_status": "the deals table has today's, not that of the day",
    "updated_date": "it is the day of the last change, for closed deals that of closing",
}

#: Those that are text.
TEXTS = ("stage", "forecast_category", "deal_type", "source", "segment")
_MOST_LEVELS = 12  # values of a text column with a column of their own; others share one


def check_features(names: Iterable[str]) -> tuple[str, ...]:
    """
    Refuse columns that a forecast made on that day could not have known.

    Parameters
    ----------
    names
        Columns that a classifier is to learn from.

    Returns
    -------
    tuple of str
        The columns, as given.

    Raises
    ------
    ParameterError
        Naming every leaking column with the reason, and every unknown one.
    """
    asked = tuple(names)
    problems = [f"'{name}' leaks: {LEAKING[name]}" for name in asked if name in LEAKING]
    problems += [
        f"'{name}' is not a fact of a deal as of a day; choose from {', '.join(FEATURES)}"
        for name in asked
        if name not in LEAKING and name not in FEATURES
    ]
    if problems:
        raise ParameterError("features", problems)
    return asked


def text_codes(panel: Panel) -> dict[str, Ints]:
    """Give the text columns that the panel holds as numbers; a blank is a value."""
    return {name: _codes(panel.rows[name]) for name in TEXTS if name in panel.rows}


def design(
    panel: Panel,
    codes: Mapping[str, Ints],
    positions: Floats,
    known: Bools,
    names: Sequence[str] = tuple(FEATURES),
) -> Floats:
    """
    Write the facts of every row as numbers.

    Parameters
    ----------
    panel
        Open deals of every point.
    codes
        Its text columns as numbers (``text_codes``).
    positions
        Share of working days passed, per row.
    known
        Rows that the levels of text columns are taken from: those to learn from.
    names
        Facts to use (``check_features``); those that the panel does not hold are left out.

    Returns
    -------
    ndarray
        One row per row of the panel; the first column is 1. Numbers are brought to sizes near 1;
        stage, close date and place in the period also count together, because an early stage
        means something else in the last week than in the first.
    """
    used = [name for name in check_features(names) if _column(name) in panel.rows]
    rows = panel.rows
    inside = rows["in_period"].to_numpy().astype("float64")
    due = rows["due_days"].to_numpy()
    late = (due <= 0).astype("float64")
    parts: list[Floats] = [np.ones((len(rows), 1)), positions[:, None]]
    if "left_days" in used:
        parts.append(np.log1p(np.maximum(rows["left_days"].to_numpy(), 0))[:, None] / 4)
    if "due_days" in used:
        beyond = np.nan_to_num(np.clip(due - rows["left_days"].to_numpy(), 0, 200), nan=200.0)
        parts += [inside[:, None], late[:, None], beyond[:, None] / 100]
        parts += [(inside * positions)[:, None], (late * positions)[:, None]]
    if "age_days" in used:
        age = np.log1p(np.nan_to_num(np.maximum(rows["age_days"].to_numpy(), 0))) / 6
        parts += [age[:, None], (age**2)[:, None]]
    if "push_count" in used:
        parts.append(np.log1p(rows["push_count"].to_numpy())[:, None])
    if "stage_days" in used:
        parts.append(np.log1p(rows["stage_days"].to_numpy())[:, None] / 5)
    if "amount" in used:
        blank = ~rows["has_amount"].to_numpy()
        size = np.log1p(np.maximum(rows["cents"].to_numpy(), 0) / 100) / 12
        parts += [size[:, None], blank.astype("float64")[:, None]]
    for name in TEXTS[1:]:
        if name in used:
            parts.append(_levels(codes[name], known))
    if "stage" in used:
        stage = _levels(codes["stage"], known)
        parts += [stage, stage * inside[:, None], stage * positions[:, None]]
        parts.append(stage * late[:, None])
    return np.column_stack(parts)


def _column(name: str) -> str:
    return "cents" if name == "amount" else name


def _levels(codes: Ints, known: Bools) -> Floats:
    """Give a column of 0 and 1 for each frequent value; the levels come from known rows only."""
    counts = np.bincount(codes[known], minlength=int(codes.max(initial=0)) + 1)
    ranked = np.argsort(-counts, kind="stable")[:_MOST_LEVELS]
    frequent = ranked[counts[ranked] > 0]
    column = np.full(len(counts), len(frequent))
    column[frequent] = np.arange(len(frequent))
    wide = np.zeros((len(codes), len(frequent) + 1))
    wide[np.arange(len(codes)), column[codes]] = 1.0
    return wide


def _codes(values: pd.Series) -> Ints:
    text = values.fillna("")
    levels = pd.Index(sorted(text.unique()))
    return np.asarray(levels.get_indexer(text), dtype="int64")
