"""Blank input files that came from planlib: their helper sheets and example rows are no data."""

from __future__ import annotations

from planlib.intake.xlsx import Book, Page

#: Hidden sheet that says what a file of ours is.
STAMP = "_planlib"
#: Kind of a blank input file on that sheet, and its sheet that explains the columns.
KIND = "input"
COLUMNS = "Columns"
#: How the first cell of an example row begins, in either language.
EXAMPLES = ("example:", "例：", "例:")


def is_blank_file(book: Book) -> bool:
    """Tell whether a file grew out of a blank input file."""
    rows = book.page(STAMP).rows if STAMP in book.titles else {}
    return any(cells[:2] == ["kind", KIND] for cells in rows.values())


def data_titles(book: Book) -> list[str]:
    """Give the sheets of such a file that hold data."""
    return [title for title in book.titles if title not in (STAMP, COLUMNS)]


def take_examples(page: Page) -> list[str]:
    """Remove the example rows of a sheet, and say which they were."""
    found = [
        number
        for number, cells in page.rows.items()
        if any(cell.strip().lower().startswith(EXAMPLES) for cell in cells)
    ]
    return [
        f"row {number}: " + " ".join(filter(None, map(str.strip, page.rows.pop(number))))
        for number in found
    ]
