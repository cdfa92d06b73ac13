"""Open a workbook: find its folder, read its settings, take up the run that asks."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from planlib.errors import WorkbookError
from planlib.language import speak
from planlib.plan import load_plan
from planlib.store.layout import all_cycles, cycle_folder, find_workbook
from planlib.store.scope import ENV_AS_OF, ENV_WORKBOOK, RunScope
from planlib.store.workbook import Workbook


def open_workbook(
    workbook: str | Path,
    cycle: str | int | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> Workbook:
    """
    Open a workbook for one cycle; texts are shown in its language from then on.

    Parameters
    ----------
    workbook
        Folder with plan.yaml; a relative path is looked up from the current folder upwards.
    cycle
        Period such as ``2026Q1`` or ``2026``; the latest one that has been run when left out.
    as_of
        Date on which the data stand, where it is to differ from what intake found.

    Returns
    -------
    Workbook
        The cycle: settings, tables, decisions and history; nothing is read before it is asked for.

    Raises
    ------
    WorkbookError
        If there is no such workbook, or none of its cycles has been run and none is named.
    PeriodError
        If ``cycle`` is not a period.
    SettingsError
        If plan.yaml is wrong.
    """
    scope = RunScope.from_environment()
    root = find_workbook(workbook) if scope is None else _of_run(workbook)
    plan = load_plan(root)
    speak(plan.language)
    fiscal_year = plan.fiscal_year.fiscal_year()
    if cycle is None:
        run = [one for one in all_cycles(root, fiscal_year) if one.current() or one.draft.is_dir()]
        if not run:
            raise WorkbookError(f"no cycle of {root.name} has been run yet; name one, as 2026Q1")
        cycle = run[-1].cycle
    period = plan.period(cycle)
    cycle_folder(root, period.name, fiscal_year)
    given = as_of or os.environ.get(ENV_AS_OF) or None
    return Workbook(root, plan, period, as_of=_day(given), scope=scope)


def _of_run(workbook: str | Path) -> Path:
    """Within a run the notebook's workbook is the run's, wherever the notebook works."""
    root = Path(os.environ.get(ENV_WORKBOOK, ""))
    if Path(str(workbook)).name != root.name:
        raise WorkbookError(f"this run is of workbook '{root.name}', not of '{workbook}'")
    return root


def _day(value: datetime.date | str | None) -> datetime.date | None:
    if value is None or isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise WorkbookError(f"as-of date '{value[:40]}' is not a date such as 2026-03-31") from None
