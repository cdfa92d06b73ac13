"""The cycle of today, for schedules: a word such as ``week`` stands for a period."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

from planlib.errors import PeriodError, nearest
from planlib.periods import KINDS, Period
from planlib.plan import load_plan
from planlib.store.layout import find_workbook

#: Words that stand for a period, with its kind and how many periods back it lies.
WORDS = {kind: (kind, 0) for kind in KINDS} | {f"last-{kind}": (kind, -1) for kind in KINDS}


def cycle_named(workbook: str | Path, name: str, on: datetime.date | None = None) -> str:
    """
    Give the name of a cycle, also where a word stands for it.

    Parameters
    ----------
    workbook
        The workbook, whose fiscal year and time zone count.
    name
        A period such as ``2026Q1``, which is given back as it is, or a word of ``WORDS``.
    on
        The day that a word refers to; today by default.

    Returns
    -------
    str
        Name of the period.

    Raises
    ------
    PeriodError
        If it is nearly one of the words.
    """
    if name not in WORDS:
        near = nearest(name, WORDS) if name.replace("-", "").isalpha() else []
        if near:
            raise PeriodError(f"'{name[:40]}' is no period; did you mean '{near[0]}'?")
        return name
    plan = load_plan(find_workbook(workbook))
    day = on or datetime.datetime.now(zoneinfo.ZoneInfo(plan.time_zone)).date()
    kind, back = WORDS[name]
    return Period.of(day, kind, plan.fiscal_year.fiscal_year()).shift(back).name
