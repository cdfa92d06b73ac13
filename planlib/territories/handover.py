"""The day on which accounts change hands, and the period that begins with it or holds it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from planlib.periods import Period


@dataclass(frozen=True, kw_only=True)
class Handover:
    """``day``: the first day on which the plan holds; ``period``: the period with that day."""

    day: datetime.date
    period: Period


def plan_handover(cycle: Period, as_of: datetime.date | None) -> Handover:
    """
    Give the day on which the accounts of a plan change hands.

    Parameters
    ----------
    cycle
        Period of the cycle that makes the plan.
    as_of
        As-of date of its data; None: not known, the plan holds from the start of the cycle.

    Returns
    -------
    Handover
        The start of the cycle or the day after the as-of date, the later of both: a plan cannot
        hold on days that were over when it was made. The period is of the kind of the cycle.

    Examples
    --------
    >>> plan_handover(Period.parse("2026Q1"), datetime.date(2026, 3, 31)).period.name
    '2026Q2'
    """
    day = cycle.start
    if as_of is not None:
        day = max(day, as_of + datetime.timedelta(days=1))
    period = cycle if cycle.contains(day) else Period.of(day, cycle.kind, cycle.fiscal_year)
    return Handover(day=day, period=period)
