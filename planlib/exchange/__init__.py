"""What leaves a workbook for people: Excel files, always through the eyes of an audience."""

from __future__ import annotations

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import write_step_files
from planlib.exchange.scorecards import write_scorecards

__all__ = ["AudienceView", "write_scorecards", "write_step_files"]
