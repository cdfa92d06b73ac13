"""Blank Excel files for the inputs of a client: headers, meaning, drop-downs, an example row."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planlib.exchange.sheets import NUMBER_FORMATS
from planlib.intake.blanks import COLUMNS, EXAMPLES, KIND, STAMP
from planlib.store.atomic import write_file
from planlib.tables import TABLES, Column, Table

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book
    from xlsxwriter.worksheet import Worksheet

_CREATED = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - the same content gives the same file
_CHECKED_ROWS = 5000  # rows below the header whose cells are checked as they are typed
_LIST_LENGTH = 255  # characters that Excel takes as a list of choices
_HEADS = {
    "en": ("column", "required", "kind", "unit", "allowed", "meaning"),
    "zh": ("列名", "必填", "类型", "单位", "允许的值", "含义"),
}
_KINDS = {
    "id": "text; leading zeros stay",
    "text": "text",
    "category": "one of a list",
    "int": "whole number",
    "number": "number",
    "amount": "money in the plan's currency",
    "share": "share",
    "score": "0 to 100",
    "date": "date",
    "timestamp": "date and time",
    "bool": "true or false",
}


def write_blank(path: Path, table: Table, language: str = "en") -> None:
    """
    Write the blank input file of a table, the same bytes for the same declaration.

    Its first sheet has the columns as headers (required ones yellow), what each means as a hint
    on its cells, drop-downs and limits, and one example row that intake does not take as data.
    Sheet "Columns" explains every column; a hidden sheet says what the file is.

    Parameters
    ----------
    path
        The file.
    table
        An input table.
    language
        ``en`` or ``zh``: language of the headings of the second sheet and of the example mark.
    """
    write_file(path, lambda part: _fill(part, table, language))


def example_row(table: Table, language: str = "en") -> dict[str, str]:
    """Give the example row: a value for each column that has one, the first with the mark."""
    mark = EXAMPLES[1] if language == "zh" else f"{EXAMPLES[0]} "
    row = {column.name: _example(column, table) for column in table.columns}
    first = table.columns[0].name
    return {**row, first: mark + (row[first] or first)}


def allowed_text(column: Column) -> str:
    """Say what the values of a column may be, in one line."""
    if column.allowed:
        return ", ".join(value for value in column.allowed if value)
    low, high = column.bounds
    parts = [
        f"at least {low:g}" if low is not None else "",
        f"at most {high:g}" if high is not None else "",
    ]
    return ", ".join(filter(None, parts))


def _example(column: Column, table: Table) -> str:
    if column.example:
        return column.example
    if column.required and column.name in table.refs:
        other, name = table.refs[column.name]
        return TABLES[other].by_name[name].example or "X-001"
    if column.kind == "category" and column.allowed and column.required:
        return next(value for value in column.allowed if value)
    by_kind = {"id": "X-001", "date": "2026-03-31", "timestamp": "2026-03-31 09:30", "bool": "true"}
    if column.kind in by_kind:
        return by_kind[column.kind] if column.required else ""
    low, high = column.bounds
    if not column.required:
        return ""
    if column.kind == "text":
        return re.sub(r"_", " ", column.name)
    return f"{low if low else (high if high is not None and high < 1 else 1):g}"


def _fill(path: Path, table: Table, language: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": table.name, "created": _CREATED, "author": "planlib"})
        _data_sheet(book, table, language)
        _columns_sheet(book, table, language)
        stamp = book.add_worksheet(STAMP)
        for row, pair in enumerate((("kind", KIND), ("table", table.name))):
            stamp.write_row(row, 0, pair)
        stamp.hide()


def _data_sheet(book: Book, table: Table, language: str) -> None:
    page = book.add_worksheet(table.name[:31])
    heads = {
        is_required: book.add_format(
            {"bold": True, "bottom": 1, "bg_color": colour, "valign": "top"}
        )
        for is_required, colour in ((True, "#FFE699"), (False, "#E8EDF2"))
    }
    grey = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
    example = example_row(table, language)
    for at, column in enumerate(table.columns):
        kind = "text" if column.kind in ("id", "category") else column.kind
        style = book.add_format({"num_format": NUMBER_FORMATS[kind]})
        width = max(len(column.name) + 3, len(example[column.name]) + 2, 11)
        page.set_column(at, at, min(width, 40), style)
        page.write_string(0, at, column.name, heads[column.required])
        if example[column.name]:
            page.write_string(1, at, example[column.name], grey)
        page.data_validation(1, at, _CHECKED_ROWS, at, _rule(column))
    page.freeze_panes(1, len(table.key))


def _rule(column: Column) -> dict[str, Any]:
    """Give hint and check of a column; a list or limit is told, and refused where it is broken."""
    unit = f" Unit: {column.unit}." if column.unit else ""
    allowed = allowed_text(column)
    hint = f"{column.meaning}.{unit}{f' Allowed: {allowed}.' if allowed else ''}"
    rule: dict[str, Any] = {
        "validate": "any",
        "input_title": column.name[:32],
        "input_message": hint[:255],
        "error_message": f"Allowed: {allowed or _KINDS[column.kind]}"[:255],
    }
    choices = ["true", "false"] if column.kind == "bool" else [one for one in column.allowed if one]
    if choices and len(",".join(choices)) <= _LIST_LENGTH:
        return {**rule, "validate": "list", "source": choices}
    low, high = column.bounds
    if column.kind in ("int", "number", "amount", "share", "score"):
        if low is None and high is None:
            return rule
        limits = (
            {"criteria": ">=", "value": low} if high is None else {"criteria": "<=", "value": high}
        )
        if low is not None and high is not None:
            limits = {"criteria": "between", "minimum": low, "maximum": high}
        return {**rule, "validate": "integer" if column.kind == "int" else "decimal", **limits}
    if column.kind == "date":
        first = datetime.date(1900, 3, 1)
        return {**rule, "validate": "date", "criteria": ">=", "value": first}
    return rule


def _columns_sheet(book: Book, table: Table, language: str) -> None:
    page: Worksheet = book.add_worksheet(COLUMNS)
    bold = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    page.write_string(0, 0, f"{table.name}: {table.meaning}", book.add_format({"bold": True}))
    for at, (head, width) in enumerate(zip(_HEADS[language], (24, 9, 24, 12, 44, 70), strict=True)):
        page.set_column(at, at, width)
        page.write_string(2, at, head, bold)
    yes = {"en": "yes", "zh": "是"}[language]
    for row, column in enumerate(table.columns, start=3):
        cells = (
            column.name,
            yes if column.required else "",
            _KINDS[column.kind],
            column.unit,
            allowed_text(column),
            column.meaning,
        )
        for at, text in enumerate(cells):
            page.write_string(row, at, text, plain)
    page.freeze_panes(3, 1)
    page.protect()


def input_tables() -> list[Table]:
    """Give all input tables."""
    return [table for table in TABLES.values() if table.role == "input"]
