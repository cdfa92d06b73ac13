"""Settings of the Excel packs for managers."""

from __future__ import annotations

import datetime

from planlib.settings.base import Section, setting


class PacksSettings(Section):
    """Excel packs: one for each manager, out and back."""

    is_on: bool = setting(True, "Whether every published cycle writes packs")
    audience: str = setting("", "Audience for which packs are made; blank: that of the report")
    answer_days: int = setting(
        14, "Days after it was handed out within which a pack is to be answered", "days", ge=1,
        le=365,
    )  # fmt: skip
    answer_by: datetime.date | None = setting(
        None, "Day until which packs are to be answered, where it is fixed"
    )
    most_rows: int = setting(
        20_000, "Most accounts in one pack; the largest by potential are kept, the pack says so",
        "accounts", ge=100, le=200_000,
    )  # fmt: skip
    most_questions: int = setting(
        40, "Most proposed needs that one pack asks about; those of most value are kept", "needs",
        ge=0, le=1000,
    )  # fmt: skip
