"""What the rules of data rigour look at, and what a rule finds."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pandas as pd

from planlib.hygiene.moves import Moves, find_moves
from planlib.notes import percent
from planlib.settings.hygiene import HygieneSettings
from planlib.tables import require_columns

FEWEST = 10  # cases from which a usual value can be told


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the rules look at: open deals, all deals, moves from history, settings, as-of day."""

    open: pd.DataFrame
    deals: pd.DataFrame
    moves: Moves | None
    settings: HygieneSettings
    day: pd.Timestamp
    fiscal_start: int = 1

    def has(self, column: str) -> bool:
        """
        Tell whether a column is kept for open deals.

        A column that not one of many open deals has filled is not kept; that is nothing that a
        deal could be blamed for.
        """
        if column not in self.deals or not self.deals[column].notna().any():
            return False
        return len(self.open) < FEWEST or bool(self.open[column].notna().any())


@dataclass(frozen=True, kw_only=True)
class Found:
    """Open deals that could be checked, those that break the rule, and what was found."""

    checked: pd.Series
    flagged: pd.Series
    detail: pd.Series
    note: str = ""


def limits_in_words(settings: HygieneSettings) -> dict[str, str]:
    """
    Give each limit by its key as the meaning of a rule writes it.

    Examples
    --------
    >>> limits = limits_in_words(HygieneSettings())
    >>> limits["late_probability"], limits["single_contact_amount"], limits["age_factor"]
    ('50 %', '100,000', '2')
    """
    return {name: _in_words(value, name) for name, value in settings.model_dump().items()}


def _in_words(value: object, name: str) -> str:
    if not isinstance(value, int | float):
        return str(value)
    more = HygieneSettings.model_fields[name].json_schema_extra
    if isinstance(more, dict) and more.get("unit") == "share":
        return percent(value)
    return f"{value:,}".removesuffix(".0")


def make_context(
    opportunities: pd.DataFrame,
    history: pd.DataFrame | None,
    settings: HygieneSettings,
    *,
    as_of: datetime.date,
    fiscal_start: int = 1,
) -> Context:
    """
    Gather what the rules need.

    Parameters
    ----------
    opportunities
        Table ``opportunities`` with ``opportunity_id`` and ``is_closed``.
    history
        Table ``opportunity_history``, or None.
    settings
        Thresholds.
    as_of
        Day on which the data stand.
    fiscal_start
        Month in which the fiscal year starts.

    Raises
    ------
    TableError
        If ``opportunity_id`` or ``is_closed`` is missing.
    """
    require_columns("opportunities", opportunities, ["opportunity_id", "is_closed"])
    deals = opportunities.reset_index(drop=True)
    is_open = deals["is_closed"].eq(False).fillna(False).astype(bool)
    moves = None
    if history is not None and len(history):
        moves = find_moves(history, pd.Timestamp(as_of))
    return Context(
        open=deals[is_open],
        deals=deals,
        moves=moves,
        settings=settings,
        day=pd.Timestamp(as_of),
        fiscal_start=fiscal_start,
    )
