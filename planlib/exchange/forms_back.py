"""Forms that came back: cells as text with their places, and every problem with file and cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.errors import InputError, nearest
from planlib.exchange.form_words import WORDS, in_english
from planlib.exchange.forms import ABOUT, STAMP, FormColumn
from planlib.exchange.marks import MARKS, changed_places, key_text

if TYPE_CHECKING:
    from planlib.intake.xlsx import Page

_HEADER_ROWS = 10  # rows from the top in which the header is looked for
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
_MAX_BYTES = 100_000_000  # of a form as it lies on the disk
_SHOWN = 60  # signs of a cell in a message
NO_STAMP = "the file has no stamp; fill in a form that planlib has written"
_TAKEN_BY = {"rating_sheet": "ratings", "manager_pack": "collect", "council_actions": "collect",
             "settings": "settings --from"}  # fmt: skip


def other_kind(found: str) -> str:
    """
    Say that a form is of a kind that is not read here, and which command reads it.

    Examples
    --------
    >>> other_kind("rating_sheet")
    "a form of kind 'rating_sheet'; it is read by planlib ratings"
    """
    command = _TAKEN_BY.get(found)
    return f"a form of kind '{found}'; " + (
        f"it is read by planlib {command}" if command else "it is not read here"
    )


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
        with zipfile.ZipFile(io.BytesIO(self.data)) as parts:
            if any(name.casefold().endswith("vbaproject.bin") for name in parts.namelist()):
                raise InputError(self.file, [
                    "the file has macros; a form has none: save it as Excel Workbook (.xlsx)"
                ])  # fmt: skip
        self._pages: dict[str, Page] = {}

    @classmethod
    def open(cls, path: Path) -> FormFile:
        """
        Open a file.

        Raises
        ------
        InputError
            If it cannot be read, is far too large for a form, or is no .xlsx file without macros.
        """
        try:
            size = path.stat().st_size
            if size > _MAX_BYTES:
                problem = f"{size:,} bytes; a form has at most {_MAX_BYTES:,}; not read"
                raise InputError(path.name, [problem])
            return cls(path.read_bytes(), path.name)
        except OSError as error:
            raise InputError(path.name, [f"cannot be read: {error.strerror}"]) from None

    @cached_property
    def said(self) -> dict[str, str]:
        """What the hidden sheet says; empty where there is none."""
        return self._pairs(STAMP)

    @cached_property
    def front(self) -> dict[str, str]:
        """What the sheet About says, filled in or not."""
        return self._pairs(ABOUT)

    def stamp(self, kind: str) -> dict[str, str]:
        """
        Give what the hidden sheet says.

        Raises
        ------
        InputError
            If there is none, or the file is another kind of form.
        """
        found = self.said.get("kind", "")
        if not found:
            raise InputError(self.file, [NO_STAMP])
        if found != kind:
            raise InputError(self.file, [other_kind(found)])
        return self.said

    @property
    def sent(self) -> list[str]:
        """Names of the sheets with marks that the form had when it was written."""
        return list(self._marks)

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
        if name not in self._titles:
            shown = ", ".join(title for title in self._book.titles if not title.startswith("_"))
            self.problems.append(f"{self.file}: there is no sheet '{name}'; sheets are {shown}")
            return []
        page = self._page(name)
        wanted = [column.header for column in columns]
        at = _header_row(page, wanted)
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

    def check(self, name: str) -> None:
        """
        Compare the protected cells of a sheet with the marks that were made when it was written.

        A change, a row that was added or stands twice, and a column without its header are added
        to ``problems``. Rows that are gone are no problem: nothing is decided on them.
        """
        marks = self._marks.get(name)
        if marks is None or name not in self._titles:
            return
        heads, keys, rows = marks
        page = self._page(name)
        at = _header_row(page, [*heads, *keys])
        header = [text.strip() for text in page.rows.get(at, [])]
        lost = [one for one in (*heads, *keys) if header.count(one) != 1]
        if lost:
            self.problems += [
                f"{self.file}, sheet {name}: column '{one}' is missing or stands twice; give it "
                "back" for one in dict.fromkeys(lost)
            ]  # fmt: skip
            return
        places, id_places = ([header.index(one) for one in of] for of in (heads, keys))
        seen: dict[str, str] = {}
        for number in sorted(page.rows):
            cells = page.rows[number]
            if number <= at or not any(cell.strip() for cell in cells):
                continue
            texts = [cells[i] if i < len(cells) else "" for i in places]
            found = key_text([cells[i] if i < len(cells) else "" for i in id_places])
            where = f"{self.file}, sheet {name}, cell {_cell(number, id_places[0])}"
            if found not in rows:
                self.problems.append(f"{where}: '{found[:_SHOWN]}' was not in the form; rows are "
                                     "neither added nor renamed")  # fmt: skip
            elif found in seen:
                self.problems.append(f"{where}: '{found[:_SHOWN]}' stands at {seen[found]} too; "
                                     "keep one of them")  # fmt: skip
            else:
                self._compare(name, number, (heads, places, texts), rows[found])
            seen.setdefault(found, _cell(number, id_places[0]))

    def _compare(
        self,
        name: str,
        number: int,
        given: tuple[list[str], list[int], list[str]],
        marks: str,
    ) -> None:
        heads, places, texts = given
        self.problems += [
            f"{self.file}, sheet {name}, cell {_cell(number, places[i])} ({heads[i]}): "
            f"'{texts[i][:_SHOWN]}' is not what was sent; only pale yellow cells may be changed"
            for i in changed_places(texts, marks)
        ]

    @cached_property
    def _marks(self) -> dict[str, tuple[list[str], list[str], dict[str, str]]]:
        """Give by sheet: headers of its protected cells, those of its key, marks of each row."""
        found: dict[str, tuple[list[str], list[str], dict[str, str]]] = {}
        rows = self._page(MARKS).rows if MARKS in self._titles else {}
        for number in sorted(rows):
            title, key, text = (*rows[number], "", "", "")[:3]
            if title in found:
                found[title][2][key.strip()] = text
            else:
                found[title] = (text.split("\n"), key.split("\n"), {})
        return found

    def _page(self, name: str) -> Page:
        if name not in self._pages:
            page = self._book.page(self._titles[name])
            if self._words and not name.startswith("_"):
                page = replace(page, rows=in_english(page.rows, self._words))
            self._pages[name] = page
        return self._pages[name]

    @cached_property
    def _titles(self) -> dict[str, str]:
        """Give the sheets by their English names."""
        return {self._words.get(title, title): title for title in self._book.titles}

    @cached_property
    def _words(self) -> dict[str, str]:
        """Give the English text for which each text of a form in another language stands."""
        if WORDS not in self._book.titles:
            return {}
        cells = self._book.page(WORDS).rows.values()
        return {said: english for said, english in (row[:2] for row in cells if len(row) > 1)}

    def _pairs(self, name: str) -> dict[str, str]:
        rows = self._page(name).rows if name in self._titles else {}
        return {cells[0]: (cells[1] if len(cells) > 1 else "") for cells in rows.values() if cells}

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


def _header_row(page: Page, wanted: Sequence[str]) -> int:
    """Give the row near the top that has most of the headers; 0: there is none."""
    near_top = [number for number in sorted(page.rows) if number <= _HEADER_ROWS]
    return max(near_top, key=lambda number: len({*page.rows[number]} & {*wanted}), default=0)


def _cell(row: int, column: int) -> str:
    """Name a cell by its row (from 1) and column (from 0)."""
    from xlsxwriter.utility import xl_col_to_name

    return f"{xl_col_to_name(column)}{row}"


__all__ = ["FormFile", "FormRow", "other_kind"]
