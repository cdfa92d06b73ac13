"""Excel files that leave a workbook, through the eyes of an audience, and forms that come back."""

from __future__ import annotations

from planlib.exchange.audience import AudienceView
from planlib.exchange.collect import CollectedForms, collect_forms
from planlib.exchange.council_pack import write_council_pack
from planlib.exchange.excel import write_step_files
from planlib.exchange.packs import write_packs
from planlib.exchange.rating_returns import (
    ReadRatings,
    read_rating_sheets,
    store_ratings,
    take_rating_sheets,
)
from planlib.exchange.rating_sheets import write_rating_sheets
from planlib.exchange.scorecards import write_scorecards

__all__ = [
    "AudienceView",
    "CollectedForms",
    "collect_forms",
    "write_council_pack",
    "ReadRatings",
    "read_rating_sheets",
    "store_ratings",
    "take_rating_sheets",
    "write_packs",
    "write_rating_sheets",
    "write_scorecards",
    "write_step_files",
]
