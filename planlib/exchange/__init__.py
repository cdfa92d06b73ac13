"""What leaves a workbook for people: Excel files, always through the eyes of an audience."""

from __future__ import annotations

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import write_step_files
from planlib.exchange.rating_returns import (
    ReadRatings,
    read_rating_sheets,
    store_ratings,
    take_rating_sheets,
)
from planlib.exchange.rating_sheets import write_rating_sheets

__all__ = [
    "AudienceView",
    "ReadRatings",
    "read_rating_sheets",
    "store_ratings",
    "take_rating_sheets",
    "write_rating_sheets",
    "write_step_files",
]
