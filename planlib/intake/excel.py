"""Excel files: sheets as text, with merged cells and formulas without a value refused by cell."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

import numpy as np
import pyarrow as pa

from planlib.errors import InputError
from planlib.intake.blanks import data_titles, is_blank_file, take_examples
from planlib.intake.layout import find_footer, find_header
from planlib.intake.sheet import Sheet, refuse_width, text_frame, unique_headers
from planlib.intake.xlsx import Book, Page, range_cells

_SHOWN = 5  # cells named in a message
_MERGED_LIMIT = 100_000  # cells of one merged range that are filled


def read_excel(
    data: bytes,
    file: str,
    *,
    sheets: tuple[str, ...] = (),
    header_row: int = 0,
    fill_merged: bool = False,
) -> list[Sheet]:
    """
    Read sheets of an .xlsx or .xlsm file as text.

    Dates become ISO text, numbers all their digits, numbers shown with leading zeros keep them.

    Parameters
    ----------
    data
        Content of the file.
    file
        Its name in messages.
    sheets
        Sheets to read; empty reads all that are not blank.
    header_row
        Row of the header as declared; 0: found out.
    fill_merged
        Whether every cell of a merged range gets the range's value.

    Raises
    ------
    InputError
        If the file is packed beyond reason, encrypted, of the old binary kind or damaged, a named
        sheet is missing, or cells are merged or hold a formula without a stored value.
    """
    book = Book(data, file)
    missing = [name for name in sheets if name not in book.titles]
    if missing:
        raise InputError(
            file,
            [
                f"there is no sheet '{name}'; sheets are {', '.join(book.titles)}"
                for name in missing
            ],
        )
    is_ours = is_blank_file(book)
    titles = sheets or (data_titles(book) if is_ours else book.titles)
    problems: list[str] = []
    found = []
    for page in [book.page(title) for title in titles]:
        examples = take_examples(page) if is_ours else []
        if page.rows:
            sheet = _sheet(page, book, header_row, fill_merged, problems)
            unfilled = is_ours and sheet.frame.empty
            dropped = (*examples, *sheet.dropped)
            found.append(replace(sheet, dropped=dropped, is_unfilled=unfilled))
        elif sheets:
            problems.append(f"sheet {page.title} is blank; a table needs at least a header row")
    if problems:
        raise InputError(file, problems)
    if not found:
        raise InputError(file, ["every sheet is blank; a table needs at least a header row"])
    return found


def _sheet(
    page: Page, book: Book, header_row: int, fill_merged: bool, problems: list[str]
) -> Sheet:
    if page.bare:
        problems.append(
            f"sheet {page.title}, cell {', '.join(page.bare[:_SHOWN])}"
            f"{' and more' if len(page.bare) > _SHOWN else ''}: {len(page.bare)} formulas without "
            "a stored value; open the file in Excel and save it, or paste values"
        )
    if fill_merged:
        _fill(page)
    numbers = sorted(page.rows)
    records = _dense(page, numbers)
    at = numbers.index(header_row) if header_row in page.rows else find_header(records)
    end = find_footer(records, at + 1)
    left = min(i for i, cell in enumerate(records[at]) if cell.strip())
    width = max(_last_filled(cells) for cells in records[at:end])
    refuse_width(width, book.file)
    names, repeated = unique_headers(_padded(records[at], width)[left:])
    if not fill_merged:
        last = numbers[end - 1]
        problems.extend(_merged(page, numbers[at], last))
    kept = [i for i in range(at + 1, end) if any(cell.strip() for cell in records[i])]
    columns = [
        pa.array(
            [records[i][column] if column < len(records[i]) else "" for i in kept], type=pa.string()
        )
        for column in range(left, width)
    ]
    dropped = [
        f"row {numbers[i]}: " + " ".join(filter(None, map(str.strip, records[i])))
        for i in (*range(at), *range(end, len(records)))
        if any(records[i])
    ]
    return Sheet(
        file=book.file,
        sheet=page.title,
        frame=text_frame(columns, names),
        rows=np.array([numbers[i] for i in kept], dtype="int64"),
        header_row=numbers[at],
        repeated=repeated,
        dropped=tuple(dropped),
        date_1904=book.date_1904,
    )


def _dense(page: Page, numbers: list[int]) -> list[list[str]]:
    """Rows in order, with one blank row where the sheet leaves a gap, for finding the footer."""
    records: list[list[str]] = []
    gaps: list[int] = []
    for before, number in zip([numbers[0] - 1, *numbers], numbers, strict=False):
        if number > before + 1 and records:
            gaps.append(len(records))
            records.append([])
        records.append(page.rows[number])
    for at in gaps:
        numbers.insert(at, 0)
    return records


def _last_filled(cells: list[str]) -> int:
    return next((at + 1 for at in range(len(cells) - 1, -1, -1) if cells[at].strip()), 0)


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _fill(page: Page) -> None:
    for reference in page.merged:
        cells = list(islice(range_cells(reference), _MERGED_LIMIT))
        row, column = cells[0]
        source = page.rows.get(row, [])
        value = source[column - 1] if column <= len(source) else ""
        for row, column in cells if value else ():
            target = page.rows.setdefault(row, [])
            target.extend([""] * (column - len(target)))
            target[column - 1] = value


def _merged(page: Page, first: int, last: int) -> list[str]:
    """Name merged ranges inside the table that hide the values of single cells."""
    hits = []
    for reference in page.merged:
        rows = [int(number) for number in re.findall(r"\d+", reference)]
        row, column = next(islice(range_cells(reference), 1))
        cells = page.rows.get(row, [])
        filled = column <= len(cells) and cells[column - 1]
        if rows and max(rows) >= first and min(rows) <= last and filled:
            hits.append(reference)
    if not hits:
        return []
    more = " and more" if len(hits) > _SHOWN else ""
    return [
        f"sheet {page.title}, cells {', '.join(hits[:_SHOWN])}{more} are merged; unmerge them, "
        "or set merged: fill for this source so that every cell gets the value"
    ]
