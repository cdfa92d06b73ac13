"""
The words of a form in the language that is spoken, and the way back.

A form is written in the language of the plan and read in English: what stands in headers,
drop-downs and protected cells is noted on a hidden sheet with the English text that it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from planlib.language import is_of_data, language, say

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

#: Hidden sheet that holds them.
WORDS = "_words"
_LONGEST = 32_000  # signs of a cell


class FormWords:
    """
    Shows the texts of one form, and keeps what each stands for.

    Two texts that one word translates stay apart: the second is shown with its English beside it.
    """

    def __init__(self) -> None:
        self._english: dict[str, str] = {}

    def shown(self, text: str) -> str:
        """Give a text as the form shows it."""
        if language() == "en" or len(text) > _LONGEST:
            return text
        said = say(text)
        if said == text:
            self._english.setdefault(text, text)
            return text
        if self._english.setdefault(said, text) != text:
            said = f"{said}（{text}）"
            self._english[said] = text
        return said

    def value(self, value: Any, column: str) -> Any:
        """Give a value of a column as the form shows it; names and ids stay."""
        return self.shown(value) if isinstance(value, str) and not is_of_data(column) else value

    def choices(self, values: Sequence[str], column: str) -> list[str]:
        """Give the values of a drop-down as the form shows them."""
        return [str(self.value(value, column)) for value in values]

    def note(self, page: Worksheet) -> None:
        """Write what each text stands for, where it is not the text itself."""
        rows = [(said, text) for said, text in self._english.items() if said != text]
        for at, (said, text) in enumerate(sorted(rows)):
            page.write_string(at, 0, said)
            page.write_string(at, 1, text)


def in_english(rows: Mapping[int, Sequence[str]], words: Mapping[str, str]) -> dict[int, list[str]]:
    """
    Give the cells of a sheet with the English texts for which they stand.

    Parameters
    ----------
    rows
        Texts of the cells by row.
    words
        English by shown text; what is not among them was typed by a person and stays.
    """
    return {
        number: [words.get(cell, words.get(cell.strip(), cell)) for cell in cells]
        for number, cells in rows.items()
    }


__all__ = ["WORDS", "FormWords", "in_english"]
