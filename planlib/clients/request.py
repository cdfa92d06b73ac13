"""The data request to a client, in English and Chinese: what, for when, why, what if not."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from planlib import resources
from planlib.clients.answers import check_excel_name
from planlib.clients.blank_inputs import allowed_text, input_tables
from planlib.clients.pristine import Pristine
from planlib.clients.render import CORE
from planlib.exchange.sheets import Sheet, SheetColumn, write_book
from planlib.intake.matrix import SECTIONS, Section
from planlib.plan import Plan, load_plan
from planlib.steps import STEPS
from planlib.store.layout import find_workbook
from planlib.tables import TABLES, Column, Table

_CREATED = datetime.date(2026, 1, 1)  # the same workbook gives the same file
#: Months of data that are asked for; tables that are not here are asked for as of today.
_MONTHS = {
    "opportunities": 24,
    "opportunity_lines": 24,
    "opportunity_history": 24,
    "splits": 24,
    "activities": 12,
    "leads": 12,
    "marketing_touches": 24,
    "campaigns": 24,
    "forecast_calls": 12,
    "bookings": 24,
    "projects": 36,
    "payments": 36,
    "partner_deals": 24,
    "account_spend": 24,
    "ratings": 12,
    "rep_history": 24,
    "availability": 12,
    "support_requests": 12,
}
_YEARS = ("targets", "controls", "holidays", "pay_plans", "territory_targets")
_TABLE_HEADS = {
    "en": ("file", "what one row is", "needed", "period", "why", "what is lost without"),
    "zh": ("文件", "内容", "要求", "期间", "用途", "没有时的影响"),
}
_COLUMN_HEADS = {
    "en": ("file", "column", "required", "unit", "allowed", "meaning", "why"),
    "zh": ("文件", "列名", "中文名", "必填", "允许的值", "用途"),
}
_NEEDED = {
    "en": ("required", "to begin with", "if you have it"),
    "zh": ("必须", "先提供", "如有请提供"),
}


class _Reason(NamedTuple):
    """Why something is asked for, and what is lost without it."""

    step: str
    section: Section | None = None


def write_request(workbook: str | Path, path: Path) -> int:
    """
    Write the data request of a workbook: tables and columns, on sheets in both languages.

    It asks for what the steps that are not switched off read, required tables first. Reasons and
    losses are those of the list of what can be computed.

    Parameters
    ----------
    workbook
        The workbook.
    path
        The Excel file.

    Returns
    -------
    int
        How many tables are asked for.

    Raises
    ------
    WorkbookError
        If the file is not called .xlsx.
    """
    check_excel_name(path)
    root = find_workbook(workbook)
    plan = load_plan(root)
    words = chinese_words()
    pristine = Pristine(root)
    part = pristine.read()[0].only if pristine.is_there else ""
    tables = requested_tables(plan, CORE[part])
    sheets = []
    for language in ("en", "zh") if plan.language == "en" else ("zh", "en"):
        name = {"en": ("Tables", "Columns"), "zh": ("数据清单", "列清单")}[language]
        rows = [_table_row(table, plan, CORE[part], language, words) for table in tables]
        sheets.append(_sheet(name[0], _TABLE_HEADS[language], rows))
        columns = [row for table in tables for row in _column_rows(table, plan, language, words)]
        sheets.append(_sheet(name[1], _COLUMN_HEADS[language], columns))
    about = [
        ("Workbook / 工作簿", plan.name or root.name),
        ("How / 方式", "Excel or CSV, one file for each table; names of columns may differ. "
         "Excel 或 CSV，每张表一个文件；列名可以不同。"),
        ("Currency / 币种", plan.currency),
    ]  # fmt: skip
    write_book(path, sheets, about=about, created=_CREATED, title="Data request")
    return len(tables)


def requested_tables(plan: Plan, core: tuple[str, ...]) -> list[Table]:
    """Give the input tables that the steps in use read: required, then core, then the others."""
    steps = [step for name, step in STEPS.items() if name not in plan.run.off]
    used = {name for step in steps if step.name != "01_intake" for name in step.reads}
    used.add("controls")
    tables = [table for table in input_tables() if table.name in used]
    order = list(TABLES)
    return sorted(tables, key=lambda table: (_need(table, plan, core), order.index(table.name)))


def chinese_words() -> dict[str, Any]:
    """Give the Chinese words of the request."""
    path = resources.templates_dir() / "request" / "zh.yaml"
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def _need(table: Table, plan: Plan, core: tuple[str, ...]) -> int:
    """0 where a step cannot do without, 1 for what a client begins with, 2 for the rest."""
    steps = [step for name, step in STEPS.items() if name not in plan.run.off]
    if any(table.name in step.required for step in steps):
        return 0
    return 1 if table.name in core else 2


def _reasons(table: str, column: str, plan: Plan) -> list[_Reason]:
    """Give the sections that need a table, or one of its columns."""
    wanted = f"{table}.{column}" if column else table
    found = []
    for section in SECTIONS:
        if section.step in plan.run.off:
            continue
        needs = [one for need in section.needs for one in need.split(" or ")]
        if wanted in needs or (not column and any(one.split(".")[0] == table for one in needs)):
            found.append(_Reason(section.step, section))
    return found


def _why(reasons: list[_Reason], language: str, words: dict[str, Any]) -> str:
    texts = [one.section.unlocks for one in reasons if one.section is not None]
    if language == "zh":
        texts = [words["unlocks"][text] for text in texts]
    return ("；" if language == "zh" else "; ").join(dict.fromkeys(texts))


def _readers(table: str, plan: Plan, language: str, words: dict[str, Any]) -> str:
    """Name the steps that read a table which no single result depends on."""
    titles = [
        step.title
        for name, step in STEPS.items()
        if name not in plan.run.off and name != "01_intake" and table in step.reads
    ]
    if language == "zh":
        return str(words["readers"]).format(steps="、".join(words["steps"][one] for one in titles))
    return f"makes {', '.join(titles)} more exact"


def _lost(table: Table, plan: Plan, language: str, words: dict[str, Any]) -> str:
    cannot = [
        _Reason(name)
        for name, step in STEPS.items()
        if name not in plan.run.off and table.name in step.required
    ]
    texts = [_loss(one, language, words) for one in (*cannot, *_reasons(table.name, "", plan))]
    return ("；" if language == "zh" else "; ").join(dict.fromkeys(texts))


def _loss(reason: _Reason, language: str, words: dict[str, Any]) -> str:
    step = STEPS[reason.step].title
    section = reason.section
    if language == "zh":
        step = words["steps"][step]
        kind = "cannot" if section is None else ("weaker" if section.weaker else "none")
        name = words["sections"][section.name] if section else ""
        return str(words["lost"][kind]).format(step=step, section=name)
    if section is None:
        return f"{step} cannot run"
    if section.weaker:
        return f"{step}, {section.name}: only {section.weaker}"
    return f"{step}: no {section.name}"


def _period(table: str, language: str, words: dict[str, Any]) -> str:
    months = _MONTHS.get(table)
    if months:
        text = words["periods"]["months"] if language == "zh" else "the last {months} months"
        return str(text).format(months=months)
    if table in _YEARS:
        return str(words["periods"]["year"]) if language == "zh" else "last year and this year"
    return str(words["periods"]["today"]) if language == "zh" else "as it stands on the data date"


def _table_row(
    table: Table, plan: Plan, core: tuple[str, ...], language: str, words: dict[str, Any]
) -> list[str]:
    name = f"{table.name}.xlsx"
    return [
        name,
        words["tables"][table.name] if language == "zh" else table.meaning,
        _NEEDED[language][_need(table, plan, core)],
        _period(table.name, language, words),
        _why(_reasons(table.name, "", plan), language, words)
        or _readers(table.name, plan, language, words),
        _lost(table, plan, language, words),
    ]


def _column_rows(
    table: Table, plan: Plan, language: str, words: dict[str, Any]
) -> Iterator[list[str]]:
    for column in table.columns:
        why = _why(_reasons(table.name, column.name, plan), language, words)
        yield _column_row(table, column, why, language, words)


def _column_row(
    table: Table, column: Column, why: str, language: str, words: dict[str, Any]
) -> list[str]:
    file = f"{table.name}.xlsx"
    allowed = allowed_text(column)
    if language == "zh":
        yes = "是" if column.required else ""
        return [file, column.name, words["columns"][column.name], yes, allowed, why]
    yes = "yes" if column.required else ""
    return [file, column.name, yes, column.unit, allowed, column.meaning, why]


def _sheet(name: str, heads: tuple[str, ...], rows: list[list[str]]) -> Sheet:
    frame = pd.DataFrame(rows, columns=list(heads), dtype="object")
    return Sheet(name=name, columns=[SheetColumn(head) for head in heads], frame=frame, keys=1)
