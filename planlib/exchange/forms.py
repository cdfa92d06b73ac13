"""
Forms in Excel: sheets that people fill in, with drop-downs, and their way back as text.

Cells that are not to be filled in are protected without a password, texts are never formulas, and
a hidden sheet says what the file is and what it was made from.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.errors import InputError, nearest
from planlib.exchange.sheets import NUMBER_FORMATS, plain_values
from planlib.intake.blanks import STAMP
from planlib.store.atomic import write_file
from planlib.tables.contract import ColumnKind

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book
    from xlsxwriter.worksheet import Worksheet

ABOUT = "About"
_LISTS = "Lists"
_HEADER_ROWS = 10  # rows from the top in which the header is looked for
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
_COLOURS = {"red": "#F4C7C3", "yellow": "#FFE8A3"}
_FILL = "#FFFDF2"  # of cells to fill in
_LONGEST_HELP = 255


@dataclass(frozen=True, kw_only=True)
class FormColumn:
    """
    One column of a form.

    Parameters
    ----------
    name
        Name of the values in the code.
    header
        What stands above the column; the way back finds it by this text.
    kind
        A kind of ``tables.Column``.
    width
        Width in characters.
    help
        What to fill in; shown when a cell is chosen. Blank: nobody fills this column in.
    choices
        Values of the drop-down.
    is_strict
        Whether Excel refuses other values.
    is_free
        Whether it is filled in on spare rows alone.
    """

    name: str
    header: str
    kind: ColumnKind = "text"
    width: int = 12
    help: str = ""
    choices: tuple[str, ...] = ()
    is_strict: bool = False
    is_free: bool = False


@dataclass(frozen=True, kw_only=True)
class FormSheet:
    """
    One sheet of a form.

    Parameters
    ----------
    name
        Name of its tab.
    columns
        Its columns.
    frame
        Given rows, with a column for each ``FormColumn.name``; what is absent is blank.
    spare
        Blank rows below, on which every column with a help text can be filled in.
    """

    name: str
    columns: tuple[FormColumn, ...]
    frame: pd.DataFrame
    spare: int = 0


@dataclass(frozen=True)
class FormRow:
    """
    One row that came back.

    Parameters
    ----------
    values
        Texts by name of the column, blank where nothing stands.
    places
        Where each stands, such as "council.xlsx, sheet Actions, cell H5".
    """

    values: Mapping[str, str]
    places: Mapping[str, str]


@dataclass
class FormFile:
    """
    A form that came back.

    Parameters
    ----------
    data
        Content of the file.
    file
        Its name in messages.
    """

    data: bytes
    file: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        from planlib.intake.xlsx import Book as Reader

        self._book = Reader(self.data, self.file)

    def stamp(self, kind: str) -> dict[str, str]:
        """
        Give what the hidden sheet says.

        Raises
        ------
        InputError
            If there is none, or the file is another kind of form.
        """
        rows = self._book.page(STAMP).rows if STAMP in self._book.titles else {}
        found = {cells[0]: (cells[1] if len(cells) > 1 else "") for cells in rows.values() if cells}
        if found.get("kind") != kind:
            what = f"is a form of kind '{found['kind']}'" if found.get("kind") else "has no stamp"
            raise InputError(
                self.file, [f"the file {what}; fill in {kind}.xlsx of the cycle's exchange folder"]
            )
        return found

    def rows(self, name: str, columns: Sequence[FormColumn]) -> list[FormRow]:
        """
        Read the rows of a sheet; what is wrong with it is added to ``problems``.

        Parameters
        ----------
        name
            Name of the sheet.
        columns
            Its columns, found by their headers in any order.
        """
        if name not in self._book.titles:
            shown = ", ".join(title for title in self._book.titles if title != STAMP)
            self.problems.append(f"{self.file}: there is no sheet '{name}'; sheets are {shown}")
            return []
        page = self._book.page(name)
        wanted = [column.header for column in columns]
        near_top = [number for number in sorted(page.rows) if number <= _HEADER_ROWS]
        at = max(near_top, key=lambda number: len({*page.rows[number]} & {*wanted}), default=0)
        header = [text.strip() for text in page.rows.get(at, [])]
        if not self._check_header(name, at, header, wanted):
            return []
        place = {column.name: header.index(column.header) for column in columns}
        filled = {column.name: column for column in columns if column.help}
        broken = set(page.bare)
        found = []
        for number in sorted(page.rows):
            if number <= at:
                continue
            cells = page.rows[number]
            row = FormRow(
                {key: cells[i].strip() if i < len(cells) else "" for key, i in place.items()},
                {key: f"{self.file}, sheet {name}, cell {_cell(number, i)}"
                 for key, i in place.items()},
            )  # fmt: skip
            self.problems += [
                f"{row.places[key]}: a formula without a value, or one that failed; type the value"
                for key in filled
                if _cell(number, place[key]) in broken or row.values[key] in _ERRORS
            ]
            found.append(row)
        return found

    def _check_header(self, name: str, at: int, header: list[str], wanted: list[str]) -> bool:
        problems = []
        for one in wanted:
            if one in header and header.count(one) == 1:
                continue
            if one in header:
                problems.append(f"{self.file}, sheet {name}: two columns are called '{one}'")
                continue
            near = nearest(one, [text for text in header if text and text not in wanted])
            there = f"; cell {_cell(at, header.index(near[0]))} says '{near[0]}'" if near else ""
            problems.append(
                f"{self.file}, sheet {name}: column '{one}' is missing{there}; give it back"
            )
        self.problems += problems
        return not problems


def write_form(
    path: Path,
    sheets: Sequence[FormSheet],
    *,
    about: Sequence[tuple[str, str]],
    stamp: Mapping[str, str],
    created: datetime.date,
    title: str,
) -> None:
    """
    Write a form, whole or not at all.

    Parameters
    ----------
    path
        The file.
    sheets
        Sheets in order; the first one is shown when the file is opened.
    about
        What the sheet About says: cycle, as-of date, how to fill in and where to send.
    stamp
        What the hidden sheet says; ``kind`` names the form.
    created, title
        Noted in the file's properties.
    """
    write_file(path, lambda part: _write(part, sheets, about, stamp, (created, title)))


def _write(
    path: Path,
    sheets: Sequence[FormSheet],
    about: Sequence[tuple[str, str]],
    stamp: Mapping[str, str],
    noted: tuple[datetime.date, str],
) -> None:
    import xlsxwriter

    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(str(path), options) as book:
        moment = datetime.datetime.combine(noted[0], datetime.time())
        book.set_properties({"title": noted[1], "created": moment, "author": "planlib"})
        styles = _Styles(book)
        pages = [book.add_worksheet(sheet.name) for sheet in sheets]
        _pairs(book.add_worksheet(ABOUT), about, styles)
        lists = book.add_worksheet(_LISTS)
        hidden = book.add_worksheet(STAMP)
        _pairs(hidden, list(stamp.items()), styles)
        at = 0
        for page, sheet in zip(pages, sheets, strict=True):
            at = _page(page, sheet, styles, (lists, at))
        lists.hide()
        hidden.very_hidden()
        pages[0].activate()


class _Styles:
    """Formats by kind of value and whether the cell is to be filled in."""

    def __init__(self, book: Book) -> None:
        base = {"valign": "top", "text_wrap": True}
        self.head = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#E8EDF2"})
        self.head_fill = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
        self.bold = book.add_format({**base, "bold": True})
        self.text = book.add_format(base)
        self.fixed, self.open = (
            {kind: book.add_format({**base, **more, "num_format": code})
             for kind, code in NUMBER_FORMATS.items()}
            for more in ({}, {"locked": False, "bg_color": _FILL, "border": 1,
                              "border_color": "#D5DADE"})
        )  # fmt: skip
        self.colours = {
            name: book.add_format({**base, "bg_color": code}) for name, code in _COLOURS.items()
        }

    def of(self, column: FormColumn, value: Any, *, is_spare: bool) -> Any:
        """Give the format of a cell."""
        kind = "text" if column.kind in ("id", "category") else column.kind
        if column.help and (is_spare or not column.is_free):
            return self.open[kind]
        if isinstance(value, str) and value in self.colours:
            return self.colours[value]
        return self.fixed[kind]


def _pairs(page: Worksheet, rows: Sequence[tuple[str, str]], styles: _Styles) -> None:
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 100)
    for at, (what, value) in enumerate(rows):
        page.write_string(at, 0, what, styles.bold)
        page.write_string(at, 1, value, styles.text)
    page.protect()


def _page(page: Worksheet, sheet: FormSheet, styles: _Styles, lists: tuple[Worksheet, int]) -> int:
    """Fill one sheet; give the next free column of the sheet that holds the drop-downs."""
    choices, at = lists
    height = len(sheet.frame) + sheet.spare
    for number, column in enumerate(sheet.columns):
        page.write_string(0, number, column.header,
                          styles.head_fill if column.help else styles.head)  # fmt: skip
        page.set_column(number, number, column.width)
        given = sheet.frame.get(column.name, pd.Series([None] * len(sheet.frame), dtype="object"))
        values = [*plain_values(given, column.kind), *[None] * sheet.spare]
        for row, value in enumerate(values, start=1):
            style = styles.of(column, value, is_spare=row > len(sheet.frame))
            _put(page, row, number, value, style)
        if column.help and height:
            rule = _rule(column, choices, at)
            at += bool(column.choices)
            page.data_validation(1, number, height, number, rule)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(height, 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.protect("", dict.fromkeys(("format_columns", "format_rows", "sort", "autofilter"), True))
    return at


def _put(page: Worksheet, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        page.write_string(row, column, value, style)
    elif isinstance(value, datetime.datetime):
        page.write_datetime(row, column, value, style)
    else:
        page.write_number(row, column, value, style)


def _rule(column: FormColumn, lists: Worksheet, at: int) -> dict[str, Any]:
    """Give the check of a column: a drop-down, a number, a date, or a hint alone."""
    rule: dict[str, Any] = {"validate": "any", "input_message": column.help[:_LONGEST_HELP]}
    if column.choices:
        from xlsxwriter.utility import xl_rowcol_to_cell

        for row, choice in enumerate(column.choices):
            lists.write_string(row, at, choice)
        first, last = (xl_rowcol_to_cell(row, at, True, True)
                       for row in (0, len(column.choices) - 1))  # fmt: skip
        rule |= {"validate": "list", "source": f"={_LISTS}!{first}:{last}",
                 "error_type": "stop" if column.is_strict else "information",
                 "error_message": "Choose one of the list." if column.is_strict
                 else "Not in the list: it is taken as your own entry."}  # fmt: skip
    elif column.kind in ("number", "amount"):
        rule |= {"validate": "decimal", "criteria": ">=", "value": 0,
                 "error_message": "A number, zero or more."}  # fmt: skip
    elif column.kind == "date":
        rule |= {"validate": "date", "criteria": ">=", "value": datetime.date(2000, 1, 1),
                 "error_message": "A date, such as 2026-03-31."}  # fmt: skip
    return rule


def _cell(row: int, column: int) -> str:
    """Name a cell by its row (from 1) and column (from 0)."""
    from xlsxwriter.utility import xl_col_to_name

    return f"{xl_col_to_name(column)}{row}"


__all__ = ["STAMP", "FormColumn", "FormFile", "FormRow", "FormSheet", "write_form"]
