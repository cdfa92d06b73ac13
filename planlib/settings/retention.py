"""Settings of retention: which published cycles `planlib prune` keeps."""

from __future__ import annotations

import re

from pydantic import field_validator

from planlib.settings.base import Section, setting

_PINNED = re.compile(r"[0-9QW-]{4,10}(/r[1-9]\d{0,5})?")


class RetentionSettings(Section):
    """Old cycles that are kept; nothing is removed without `planlib prune --yes`."""

    cycles: int = setting(
        26, "Latest cycles of each kind (year, quarter, month, week, day) that are kept", ge=2
    )
    year_ends: bool = setting(True, "Whether the last cycle of each kind in a fiscal year is kept")
    pinned: tuple[str, ...] = setting(
        (), "Cycles that are always kept, as 2026Q1, and revisions, as 2026Q1/r1"
    )
    superseded_days: int = setting(
        90, "Days that a revision is kept after a later one has replaced it", "days", ge=0
    )

    @field_validator("pinned")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if not _PINNED.fullmatch(name)]
        if wrong:
            raise ValueError(f"cycles such as 2026Q1 or revisions such as 2026Q1/r1, not {wrong}")
        return value
