"""Heights of rows whose texts are wrapped; not every program works them out when it opens them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from planlib.language.width import text_columns

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

LINE = 15.0  # points of one line in the file's default font
_HIGHEST = 409.0  # points that a row may have
#: Signs in a width of one digit, which is what widths are counted in: letters, and texts with
#: Chinese signs, which take a little more than two widths each.
_NARROW, _WIDE = 1.1, 0.92


def wrapped_lines(text: str, width: float) -> int:
    """
    Count the lines of a text that is wrapped between words in a cell.

    Parameters
    ----------
    text
        What the cell shows; a line break starts a new line.
    width
        Width of the cell in characters.

    Examples
    --------
    >>> wrapped_lines("one two three", 8)
    2
    >>> wrapped_lines("a_word_too_long_for_its_cell", 10)
    3
    """
    return sum(_lines(paragraph, max(1, int(width))) for paragraph in text.split("\n"))


def _lines(paragraph: str, width: int) -> int:
    if text_columns(paragraph) <= width:
        return 1
    lines, used = 1, 0
    for word in paragraph.split(" "):
        size = text_columns(word)
        before = used + bool(used)
        if before + size <= width:
            used = before + size
            continue
        if not word.isascii():  # Chinese breaks between any two signs
            lines += (before + size - 1) // width
            used = (before + size - 1) % width + 1
            continue
        lines += bool(used) + max(0, size - 1) // width
        used = (size - 1) % width + 1 if size else 0
    return lines


def row_height(values: Sequence[Any], widths: Sequence[float]) -> float | None:
    """
    Give the height of a row in points, so that its longest wrapped text is seen whole.

    Parameters
    ----------
    values
        Of the cells; only texts are wrapped.
    widths
        Of the columns, in characters.

    Returns
    -------
    float or None
        None where one line is enough: the program's own height then stands.
    """
    lines = max(
        (wrapped_lines(value, width * (_NARROW if value.isascii() else _WIDE))
         for value, width in zip(values, widths, strict=True)
         if isinstance(value, str) and len(value) * 2 > width),
        default=1,
    )  # fmt: skip
    return None if lines <= 1 else min(_HIGHEST, LINE * lines)


def set_heights(page: Worksheet, rows: Iterable[Sequence[Any]], widths: Sequence[float]) -> None:
    """Make the rows of a sheet, from its first one on, as high as their wrapped texts need."""
    for at, values in enumerate(rows):
        page.set_row(at, row_height(values, widths))
