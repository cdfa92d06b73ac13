"""What leaves a workbook for people: Excel files, always through the eyes of an audience."""

from __future__ import annotations

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import write_step_files

__all__ = ["AudienceView", "write_step_files"]
