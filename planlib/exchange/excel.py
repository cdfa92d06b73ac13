"""One plain Excel file per step: all rows, the definitions, and what the audience is spared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.exchange.sheets import Sheet, SheetColumn, write_book
from planlib.tables import Table

if TYPE_CHECKING:
    from planlib.steps import Step
    from planlib.store import Workbook

FOLDER = "exchange"
_DEFINITIONS = (
    "table", "column", "meaning", "unit of measure", "kind", "always filled", "allowed",
    "written by",
)  # fmt: skip
_KIND_UNITS = {"share": "share, 0 to 1", "score": "0 to 100"}


def write_step_files(workbook: Workbook, audience: str | None = None) -> list[Path]:
    """
    Write one Excel file per step of the cycle, beside the report.

    Parameters
    ----------
    workbook
        The cycle; files go into ``exchange/`` of the revision being built, or of the draft.
    audience
        Name of an audience of plan.yaml; None takes ``report.audience``.

    Returns
    -------
    list of Path
        The files, in the order of the steps. A step that wrote nothing in this cycle has none.
    """
    view = AudienceView(workbook, audience)
    return [_write_step(view, step) for step in view.steps()]


def about(view: AudienceView, what: str) -> list[tuple[str, str]]:
    """Give what the first sheet of every file says: what, which cycle, as of when, for whom."""
    plan = view.plan
    return [
        ("What", what),
        ("Organisation", plan.name or view.workbook.root.name),
        ("Cycle", view.workbook.cycle.name),
        ("As of", view.as_of.isoformat()),
        ("Amounts", f"{plan.currency}, {plan.amount_basis}, {plan.tax} sales tax"),
        ("Audience", view.audience),
    ]


def table_sheet(view: AudienceView, table: Table) -> Sheet:
    """Give a table of the cycle as a sheet without the columns that the audience may not see."""
    frame = view.read(table.name)
    return Sheet(
        name=table.name,
        columns=[SheetColumn(name, table.by_name[name].kind) for name in frame.columns],
        frame=frame,
        keys=len([name for name in table.key if name in frame.columns][:2]),
        told="cells",
    )


def definitions_sheet(view: AudienceView, tables: Sequence[Table]) -> Sheet:
    """Give what tables and columns mean, with unit and writer."""
    rows = []
    for table in tables:
        writer = table.step or "01_intake"
        rows.append((table.name, "", table.meaning, "", "", "", "", writer))
        for column in table.columns:
            if column.name in view.hidden(table.name):
                continue
            unit = column.unit or _KIND_UNITS.get(column.kind, "")
            if column.kind == "amount":
                unit = view.plan.currency
            rows.append((
                table.name, column.name, column.meaning, unit, column.kind,
                "yes" if column.required else "no", ", ".join(column.allowed), writer,
            ))  # fmt: skip
    return Sheet(
        name="Definitions",
        columns=[SheetColumn(name) for name in _DEFINITIONS],
        frame=pd.DataFrame(rows, columns=list(_DEFINITIONS), dtype="object"),
        keys=2,
        told="all",
    )


def _write_step(view: AudienceView, step: Step) -> Path:
    tables = view.tables(step)
    hidden = [f"{table.name}.{name}" for table in tables for name in view.hidden(table.name)]
    rows = about(view, f"{step.title}: {step.decides}")
    if hidden:
        rows.append(("Not shown to this audience", ", ".join(hidden)))
    blank = [f"{one.name}.{name}" for one in tables for name in one.guarded(view.sees)]
    if blank:
        rows.append(("Blank in rows with few people", ", ".join(blank)))
    path = view.workbook.target / FOLDER / f"{step.name}.xlsx"
    shown = [table for table in tables if view.columns(table.name)]  # else nothing may be seen
    sheets = [table_sheet(view, table) for table in shown]
    bare = [sheet.name for sheet in sheets if sheet.frame.empty]
    if bare:
        rows.append(("Without rows in this cycle, so without a sheet", ", ".join(bare)))
    write_book(
        path,
        [*(sheet for sheet in sheets if len(sheet.frame)), definitions_sheet(view, shown)],
        about=rows,
        created=view.as_of,
        title=f"{step.title}, {view.workbook.cycle.name}",
    )
    return path
