"""The look of cells of a form: by number format, and whether people fill them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planlib.exchange.sheets import NUMBER_FORMATS

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book

    from planlib.exchange.forms import FormColumn

_COLOURS = {"red": "#F4C7C3", "yellow": "#FFE8A3"}
_FILL = "#FFFDF2"  # of cells to fill in


class FormStyles:
    """Formats by format of numbers and whether the cell is to be filled in."""

    def __init__(self, book: Book) -> None:
        base = {"valign": "top", "text_wrap": True}
        self.head = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#E8EDF2"})
        self.head_fill = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
        self.bold = book.add_format({**base, "bold": True})
        self.text = book.add_format(base)
        self._book, self._base = book, base
        self._formats: dict[tuple[str, bool], Any] = {}
        self.colours = {
            name: book.add_format({**base, "bg_color": code}) for name, code in _COLOURS.items()
        }

    def of(self, column: FormColumn, value: Any, *, is_spare: bool) -> Any:
        """Give the format of a cell."""
        kind = "text" if column.kind in ("id", "category") else column.kind
        code = column.shown_as or NUMBER_FORMATS[kind]
        if column.help and (is_spare or not column.is_free):
            return self.cell(code, is_open=True)
        if isinstance(value, str) and value in self.colours:
            return self.colours[value]
        return self.cell(code, is_open=False)

    def cell(self, code: str, *, is_open: bool) -> Any:
        """Give the format of cells with a number format, to be filled in or protected."""
        if (code, is_open) not in self._formats:
            more = {"locked": False, "bg_color": _FILL, "border": 1, "border_color": "#D5DADE"}
            self._formats[code, is_open] = self._book.add_format(
                {**self._base, **(more if is_open else {}), "num_format": code}
            )
        return self._formats[code, is_open]
