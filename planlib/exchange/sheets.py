"""One plain sheet per table: text stays text, dates are dates, nothing is a formula."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from planlib.language import is_of_data, language, say, say_cell
from planlib.notes import count_of
from planlib.store.atomic import write_file

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: What Excel can hold.
LONGEST_TEXT = 32_767
MOST_ROWS = 1_048_575
LONGEST_NAME = 31

#: How Excel shows each kind of value.
NUMBER_FORMATS = {
    "text": "@",
    "int": "#,##0",
    "amount": "#,##0",
    "number": "#,##0.00",
    "share": "0.0 %",
    "score": "0.0",
    "date": "yyyy-mm-dd",
    "timestamp": "yyyy-mm-dd hh:mm",
    "bool": "General",
}
_TEXTS = ("id", "text", "category")
_EXACT = 2**53  # whole numbers beyond it lose digits in Excel
_FIRST_DAY = datetime.datetime(1900, 3, 1)  # before it Excel's calendar is wrong
_LAST_DAY = datetime.datetime(9999, 12, 31, 23, 59, 59)
_WIDTHS = (8, 48)
_LONGEST_FILE = 200  # bytes of a name, which may have 255 with what is added while it is written
_MEASURED = 300  # rows whose texts set the width of a column
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NOT_IN_FILES = re.compile(r"[^\w. -]")
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class SheetColumn:
    """
    One column of a sheet.

    Parameters
    ----------
    name
        Header.
    kind
        A kind of ``tables.Column``; decides format and how values are written.
    """

    name: str
    kind: str = "text"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """
    One sheet of a file.

    Parameters
    ----------
    name
        Name of its tab; made valid and unlike the others.
    columns
        What to write, in the order of the frame's columns.
    frame
        Rows.
    keys
        How many columns stay in view on the left.
    told
        Whether texts are shown in the language that is spoken: those of the cells, or of headers
        too. Names and ids from data stay as they are.
    """

    name: str
    columns: Sequence[SheetColumn]
    frame: pd.DataFrame
    keys: int = 0
    told: Literal["", "cells", "all"] = ""


@dataclass
class Cuts:
    """What did not fit into Excel, as sentences for the About sheet."""

    notes: list[str] = field(default_factory=list)


def write_book(
    path: Path,
    sheets: Iterable[Sheet],
    *,
    about: Sequence[tuple[str, str]],
    created: datetime.date,
    title: str,
) -> list[str]:
    """
    Write sheets to an Excel file, whole or not at all.

    Parameters
    ----------
    path
        The file.
    sheets
        Sheets in order.
    about
        Names and values of the first sheet: cycle, as-of date, audience.
    created
        Noted as the file's date, so that the same content gives the same file.
    title
        Title in the file's properties.

    Returns
    -------
    list of str
        What was cut because Excel cannot hold it; also on the first sheet.
    """
    kept = [_told(sheet) for sheet in sheets]
    cuts = Cuts()
    bodies = [_prepare(sheet, cuts) for sheet in kept]
    rows = [*about, *(("Cut", note) for note in cuts.notes)]
    first = _told(Sheet(
        name="About",
        columns=[SheetColumn("what"), SheetColumn("value")],
        frame=pd.DataFrame(rows, columns=["what", "value"], dtype="object"),
        told="all",
    ))  # fmt: skip
    names = sheet_names([first.name, *(sheet.name for sheet in kept)])
    all_sheets = list(zip(names, [first, *kept], [_prepare(first, Cuts()), *bodies], strict=True))
    write_file(path, lambda part: _fill(part, all_sheets, created, title))
    return cuts.notes


def _told(sheet: Sheet) -> Sheet:
    """Put the texts of a sheet into the language that is spoken."""
    if language() == "en" or not sheet.told:
        return sheet
    frame = sheet.frame.copy()
    for column, name in zip(sheet.columns, frame.columns, strict=True):
        if column.kind in ("text", "category") and not is_of_data(column.name):
            frame[name] = frame[name].map(_key_said if column.kind == "category" else _said)
        elif column.kind == "text":
            frame[name] = [
                say_cell(cell, column.name) if isinstance(cell, str) else cell
                for cell in frame[name]
            ]
    if sheet.told == "cells":
        return replace(sheet, frame=frame)
    columns = [replace(column, name=say(column.name)) for column in sheet.columns]
    return replace(sheet, name=say(sheet.name), columns=columns, frame=frame)


def _said(cell: object) -> object:
    return say(cell) if isinstance(cell, str) else cell


def _key_said(cell: object) -> object:
    """Say a key of ours, such as ``design_institute``; else its words, where those can be said."""
    spoken = _said(cell)
    if spoken != cell or not isinstance(cell, str) or "_" not in cell:
        return spoken
    words = cell.replace("_", " ")
    told = say(words)
    return told if told != words else cell


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """
    Make names that Excel takes for tabs, each once.

    Examples
    --------
    >>> sheet_names(["a/b", "A:B", "history", ""])
    ['a b', 'A B 2', 'history_', 'sheet']
    """
    names: list[str] = []
    seen: set[str] = set()
    for text in wanted:
        base = _NOT_IN_NAMES.sub(" ", _NOT_IN_CELLS.sub("", text)).strip(" '")[:LONGEST_NAME]
        base = base.strip(" '") or "sheet"
        base = f"{base}_" if base.lower() == "history" else base
        name, number = base, 1
        while name.lower() in seen:
            number += 1
            tail = f" {number}"
            name = base[: LONGEST_NAME - len(tail)] + tail
        seen.add(name.lower())
        names.append(name)
    return names


def file_stem(key: str, name: str) -> str:
    """
    Name a file after a person: id and name; what no file system takes is written as a code.

    Examples
    --------
    >>> file_stem("R/1", "Kim Lee"), file_stem("R-2", "R-2")
    ('R%2F1 Kim Lee', 'R-2')
    """
    text = f"{key} {name}" if name != key else key
    safe = _NOT_IN_FILES.sub(lambda sign: f"%{ord(sign[0]):X}", text)
    short = safe.strip(". ")[:80].encode()[:_LONGEST_FILE].decode(errors="ignore")
    return short.strip(". ") or "nobody"


def plain_text(value: object) -> tuple[str, bool]:
    """
    Give a text as Excel can hold it, and whether something was cut.

    Control characters become spaces; a text longer than a cell ends with a visible mark.
    """
    plain = str(value)
    if len(plain) <= LONGEST_TEXT // 2 and plain.isprintable():
        return plain, False  # most texts: nothing to replace, and short however Excel counts
    text = _NOT_IN_CELLS.sub(" ", plain.replace("\r\n", "\n").replace("\r", "\n"))
    units = len(text.encode("utf-16-le")) // 2  # what Excel counts
    if units <= LONGEST_TEXT:
        return text, False
    mark = f" … [cut: {len(text):,} characters]"
    room = (LONGEST_TEXT - len(mark)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + mark, True


def _prepare(sheet: Sheet, cuts: Cuts) -> list[list[Any]]:
    """Give the columns of a sheet as values to write; note what is cut."""
    frame = sheet.frame
    if len(frame) > MOST_ROWS:
        left = len(frame) - MOST_ROWS
        cuts.notes.append(f"{sheet.name}: the last {left:,} of {len(frame):,} rows are left out, "
                          "more than a sheet holds")  # fmt: skip
        frame = frame.head(MOST_ROWS)
    columns = []
    for column, name in zip(sheet.columns, frame.columns, strict=True):
        values, cut = _values(frame[name], column.kind)
        if cut:
            cuts.notes.append(f"{sheet.name}, column {column.name}: {count_of(cut, 'text')} longer "
                              f"than {LONGEST_TEXT:,} characters cut and marked")  # fmt: skip
        columns.append(values)
    return columns


def plain_values(series: pd.Series, kind: str) -> list[Any]:
    """Give a column as Excel can hold it: texts, numbers, days, None where nothing is."""
    return _values(series, kind)[0]


def _values(series: pd.Series, kind: str) -> tuple[list[Any], int]:
    plain = series.astype("object").where(series.notna(), None).tolist()
    if kind in _TEXTS:
        pairs = [(None, False) if value is None else plain_text(value) for value in plain]
        return [text for text, _ in pairs], sum(cut for _, cut in pairs)
    if kind in ("date", "timestamp"):
        return [None if value is None else _day(pd.Timestamp(value)) for value in plain], 0
    if kind == "bool":
        return [None if value is None else bool(value) for value in plain], 0
    return [None if value is None else _number(value) for value in plain], 0


def _day(value: pd.Timestamp) -> datetime.datetime | str:
    day = value.to_pydatetime(warn=False)
    return day if _FIRST_DAY <= day <= _LAST_DAY else value.isoformat(sep=" ").removesuffix(
        " 00:00:00")  # fmt: skip


def _number(value: Any) -> float | int | str:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) > _EXACT else value


def _fill(
    path: Path,
    sheets: Sequence[tuple[str, Sheet, list[list[Any]]]],
    created: datetime.date,
    title: str,
) -> None:
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        moment = datetime.datetime.combine(created, datetime.time())
        book.set_properties({"title": title, "created": moment, "author": "planlib"})
        formats = {
            kind: book.add_format({"num_format": code, "valign": "top"})
            for kind, code in NUMBER_FORMATS.items()
        }
        for name, sheet, columns in sheets:
            _write_sheet(book, formats, name, sheet, columns)


def _write_sheet(
    book: Book, formats: dict[str, Format], name: str, sheet: Sheet, columns: list[list[Any]]
) -> None:
    page = book.add_worksheet(name)
    head = book.add_format(
        {"bold": True, "bottom": 1, "bg_color": "#E8EDF2", "valign": "top", "text_wrap": True}
    )
    height = len(columns[0]) if columns else 0
    for number, (column, values) in enumerate(zip(sheet.columns, columns, strict=True)):
        kind = "text" if column.kind in _TEXTS else column.kind
        header = plain_text(column.name)[0]
        page.write_string(0, number, header, head)
        page.set_column(number, number, _width(header, values, kind), formats[kind])
        _write_column(page, number, values, formats[kind])
    page.freeze_panes(1, sheet.keys)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    if columns:
        page.autofilter(0, 0, max(height, 1), len(columns) - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:{_corner(height, len(columns))}"})


def _write_column(page: Worksheet, number: int, values: list[Any], style: Format) -> None:
    for row, value in enumerate(values, start=1):
        if value is None:
            continue
        if isinstance(value, bool):
            page.write_boolean(row, number, value, style)
        elif isinstance(value, str):
            page.write_string(row, number, value, style)
        elif isinstance(value, datetime.datetime):
            page.write_datetime(row, number, value, style)
        else:
            page.write_number(row, number, value, style)


def _width(header: str, values: list[Any], kind: str) -> int:
    if kind in ("date", "timestamp"):
        longest = 11 if kind == "date" else 17
    elif kind == "text":
        longest = max((_columns(value) for value in values[:_MEASURED] if value), default=0)
    else:
        longest = max((len(f"{value:,.0f}") + 3 for value in values[:_MEASURED]
                       if isinstance(value, int | float)), default=0)  # fmt: skip
    low, high = _WIDTHS
    return min(high, max(low, longest + 1, len(header) + 4))


def _columns(text: str) -> int:
    return sum(1 if ord(sign) < 0x1100 else 2 for sign in text[: _WIDTHS[1]])


def _corner(height: int, width: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(max(height, 1), width - 1))
