"""
Forms in Excel: sheets that people fill in, with drop-downs; ``forms_back`` reads them.

Cells that are not to be filled in are protected without a password, texts are never formulas, and
hidden sheets say what the file is, what it was made from, and what stood in the protected cells.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.exchange.form_styles import FormStyles
from planlib.exchange.form_words import WORDS, FormWords
from planlib.exchange.heights import set_heights
from planlib.exchange.marks import MARKS, key_text, mark_row, value_text
from planlib.exchange.sheets import NUMBER_FORMATS, plain_values
from planlib.intake.blanks import STAMP
from planlib.language import language, say
from planlib.store.atomic import write_file
from planlib.tables.contract import ColumnKind

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book
    from xlsxwriter.worksheet import Worksheet

ABOUT = "About"
_LISTS = "Lists"
_LONGEST_HELP = 255
_PAIR = (26, 100)  # widths of the sheet About


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
    needed_by
        Name and value of another column: where that value stands and this cell is blank, it turns
        red.
    shown_as
        Format of its numbers in Excel; blank: that of the kind.
    most
        Largest number that Excel takes; None: any from zero.
    """

    name: str
    header: str
    kind: ColumnKind = "text"
    width: int = 12
    help: str = ""
    choices: tuple[str, ...] = ()
    is_strict: bool = False
    is_free: bool = False
    needed_by: tuple[str, str] = ("", "")
    shown_as: str = ""
    most: float | None = None


@dataclass(frozen=True, kw_only=True)
class FormChart:
    """
    A chart of Excel's own below the rows of a sheet.

    Parameters
    ----------
    title
        What it shows.
    categories
        Name of the column whose values stand along the axis.
    series
        Names of the columns that are drawn.
    """

    title: str
    categories: str
    series: tuple[str, ...]


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
    key
        Names of the columns that tell its rows apart together. With them, a change in a protected
        cell is found when the form comes back, in whatever order its rows are then.
    frozen
        How many columns stay in view on the left.
    chart
        Drawn below the rows; None: none.
    """

    name: str
    columns: tuple[FormColumn, ...]
    frame: pd.DataFrame
    spare: int = 0
    key: tuple[str, ...] = ()
    frozen: int = 1
    chart: FormChart | None = None


def write_form(
    path: Path,
    sheets: Sequence[FormSheet],
    *,
    about: Sequence[tuple[str, str]],
    stamp: Mapping[str, str],
    created: datetime.date,
    title: str,
    front: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """
    Write a form, whole or not at all.

    Parameters
    ----------
    path
        The file.
    sheets
        Sheets in order; the first one is shown when the file is opened, or the sheet About where
        ``front`` is given.
    about
        What the sheet About says: cycle, as-of date, how to fill in and where to send.
    stamp
        What the hidden sheet says; ``kind`` names the form.
    created, title
        Noted in the file's properties.
    front
        Puts the sheet About first, with these lines of it to be filled in: by name the values of
        the drop-down, none for any text.
    """
    write_file(path, lambda part: _write(part, sheets, (about, stamp), (created, title), front))


def _write(
    path: Path,
    sheets: Sequence[FormSheet],
    said: tuple[Sequence[tuple[str, str]], Mapping[str, str]],
    noted: tuple[datetime.date, str],
    front: Mapping[str, tuple[str, ...]] | None,
) -> None:
    import xlsxwriter

    about, stamp = said
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(str(path), options) as book:
        moment = datetime.datetime.combine(noted[0], datetime.time())
        book.set_properties({"title": noted[1], "created": moment, "author": "planlib"})
        styles, words = FormStyles(book), FormWords()
        about_name = words.shown(ABOUT)
        first = None if front is None else book.add_worksheet(about_name)
        pages = [book.add_worksheet(words.shown(sheet.name)) for sheet in sheets]
        _pairs(first or book.add_worksheet(about_name), about, styles, front or {}, words)
        lists = book.add_worksheet(_LISTS)
        hidden, marked = book.add_worksheet(STAMP), book.add_worksheet(MARKS)
        for row, pair in enumerate(stamp.items()):
            hidden.write_row(row, 0, pair)
        at, marks = 0, 0
        for page, sheet in zip(pages, sheets, strict=True):
            columns = [plain_values(_given(sheet, one), one.kind) for one in sheet.columns]
            at = _page(page, sheet, columns, (styles, words), (lists, at))
            marks = _mark(marked, marks, sheet, columns)
            _draw(book, page, sheet, words)
        lists.hide()
        if language() != "en":
            noted_words = book.add_worksheet(WORDS)
            words.note(noted_words)
            noted_words.very_hidden()
        hidden.very_hidden()
        marked.very_hidden()
        (first or pages[0]).activate()


def _given(sheet: FormSheet, column: FormColumn) -> pd.Series:
    blank = pd.Series([None] * len(sheet.frame), dtype="object")
    return sheet.frame.get(column.name, blank)


def _mark(page: Worksheet, at: int, sheet: FormSheet, columns: list[list[Any]]) -> int:
    """Note what stands in the protected cells of a sheet; give the next free row."""
    if not sheet.key:
        return at
    fixed = [n for n, one in enumerate(sheet.columns) if one.is_free or not one.help]
    names = [one.name for one in sheet.columns]
    keys = [names.index(one) for one in sheet.key]
    heads, key_heads = ("\n".join(sheet.columns[n].header for n in of) for of in (fixed, keys))
    for text, cell in enumerate((sheet.name, key_heads, heads)):
        page.write_string(at, text, cell)
    for row in range(len(sheet.frame)):
        at += 1
        page.write_string(at, 0, sheet.name)
        page.write_string(at, 1, key_text([value_text(columns[n][row]) for n in keys]))
        page.write_string(at, 2, mark_row([value_text(columns[n][row]) for n in fixed]))
    return at + 1


def _draw(book: Book, page: Worksheet, sheet: FormSheet, words: FormWords) -> None:
    """Draw the chart of a sheet below its rows."""
    if sheet.chart is None or sheet.frame.empty:
        return
    names = [column.name for column in sheet.columns]
    last = len(sheet.frame)
    chart = book.add_chart({"type": "bar"})
    along, title = names.index(sheet.chart.categories), words.shown(sheet.name)
    for name in sheet.chart.series:
        at = names.index(name)
        chart.add_series({
            "name": [title, 0, at],
            "categories": [title, 1, along, last, along],
            "values": [title, 1, at, last, at],
        })  # fmt: skip
    chart.set_title({"name": say(sheet.chart.title), "name_font": {"size": 11}, "overlay": False})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 9}})
    chart.set_x_axis({"num_font": {"size": 9}, "major_gridlines": {"visible": True,
                      "line": {"color": "#D5DADE"}}})  # fmt: skip
    chart.set_legend({"position": "bottom"})
    bars = last * len(sheet.chart.series)
    chart.set_size({"width": 900, "height": min(160 + 16 * bars + 14 * last, 1400)})
    page.insert_chart(last + sheet.spare + 2, 0, chart)


def _pairs(
    page: Worksheet,
    rows: Sequence[tuple[str, str]],
    styles: FormStyles,
    fill: Mapping[str, tuple[str, ...]],
    words: FormWords,
) -> None:
    for number, width in enumerate(_PAIR):
        page.set_column(number, number, width)
    texts = [(words.shown(what), say(value)) for what, value in rows]
    set_heights(page, texts, _PAIR)
    for at, (what, value) in enumerate(rows):
        page.write_string(at, 0, texts[at][0], styles.bold)
        if what not in fill:
            page.write_string(at, 1, texts[at][1], styles.text)
            continue
        page.write_string(at, 1, value, styles.cell(NUMBER_FORMATS["text"], is_open=True))
        if fill[what]:
            page.data_validation(
                at, 1, at, 1, {"validate": "list", "source": words.choices(fill[what], what)}
            )
    page.set_portrait()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.protect()


def _page(
    page: Worksheet,
    sheet: FormSheet,
    columns: list[list[Any]],
    said: tuple[FormStyles, FormWords],
    lists: tuple[Worksheet, int],
) -> int:
    """Fill one sheet; give the next free column of the sheet that holds the drop-downs."""
    (styles, words), (choices, at) = said, lists
    height = len(sheet.frame) + sheet.spare
    shown: list[list[Any]] = []
    for number, (column, given) in enumerate(zip(sheet.columns, columns, strict=True)):
        page.write_string(0, number, words.shown(column.header),
                          styles.head_fill if column.help else styles.head)  # fmt: skip
        page.set_column(number, number, column.width)
        shown.append([words.value(value, column.name) for value in given])
        values = [*given, *[None] * sheet.spare]
        texts = [*shown[-1], *[None] * sheet.spare]
        for row, (value, text) in enumerate(zip(values, texts, strict=True), start=1):
            style = styles.of(column, value, is_spare=row > len(sheet.frame))
            _put(page, row, number, text, style)
        if column.help and height:
            rule = _rule(column, choices, at, words)
            at += bool(column.choices)
            page.data_validation(1, number, height, number, rule)
            _warn(page, sheet, number, (styles, words))
    heads = [f"{words.shown(column.header)}  " for column in sheet.columns]  # bold: a bit wider
    set_heights(page, [heads, *zip(*shown, strict=True)], [one.width for one in sheet.columns])
    page.freeze_panes(1, sheet.frozen)
    page.autofilter(0, 0, max(height, 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&L&A&R&P / &N")
    page.protect("", dict.fromkeys(("format_columns", "format_rows", "sort", "autofilter"), True))
    return at


def _warn(
    page: Worksheet, sheet: FormSheet, number: int, said: tuple[FormStyles, FormWords]
) -> None:
    """Colour a cell red as long as it is blank though another cell asks for it."""
    name, value = sheet.columns[number].needed_by
    if not name:
        return
    styles, words = said
    value = words.value(value, name)
    from xlsxwriter.utility import xl_rowcol_to_cell

    other = [column.name for column in sheet.columns].index(name)
    here, there = (xl_rowcol_to_cell(1, at, col_abs=True) for at in (number, other))
    page.conditional_format(1, number, len(sheet.frame) + sheet.spare, number, {
        "type": "formula", "criteria": f'=AND({there}="{value}",{here}="")',
        "format": styles.colours["red"],
    })  # fmt: skip


def _put(page: Worksheet, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        page.write_string(row, column, value, style)
    elif isinstance(value, datetime.datetime):
        page.write_datetime(row, column, value, style)
    else:
        page.write_number(row, column, value, style)


def _rule(column: FormColumn, lists: Worksheet, at: int, words: FormWords) -> dict[str, Any]:
    """Give the check of a column: a drop-down, a number, a date, or a hint alone."""
    rule: dict[str, Any] = {"validate": "any", "input_message": say(column.help)[:_LONGEST_HELP]}
    if column.choices:
        from xlsxwriter.utility import xl_rowcol_to_cell

        for row, choice in enumerate(words.choices(column.choices, column.name)):
            lists.write_string(row, at, choice)
        first, last = (xl_rowcol_to_cell(row, at, True, True)
                       for row in (0, len(column.choices) - 1))  # fmt: skip
        rule |= {"validate": "list", "source": f"={_LISTS}!{first}:{last}",
                 "error_type": "stop" if column.is_strict else "information",
                 "error_message": say("Choose one of the list." if column.is_strict
                 else "Not in the list: it is taken as your own entry.")}  # fmt: skip
    elif column.most is not None:
        rule |= {"validate": "decimal", "criteria": "between", "minimum": 0,
                 "maximum": column.most,
                 "error_message": say(f"A number from 0 to {column.most:g}.")}  # fmt: skip
    elif column.kind in ("number", "amount"):
        rule |= {"validate": "decimal", "criteria": ">=", "value": 0,
                 "error_message": say("A number, zero or more.")}  # fmt: skip
    elif column.kind == "date":
        rule |= {"validate": "date", "criteria": ">=", "value": datetime.date(2000, 1, 1),
                 "error_message": say("A date, such as 2026-03-31.")}  # fmt: skip
    return rule


__all__ = ["STAMP", "FormChart", "FormColumn", "FormSheet", "write_form"]
