"""
The sheets of an .xlsx file as text: cells, merged ranges, formulas without a value.

openpyxl reads the cells. What it does not refuse is looked for before it opens the file: document
types, contents beyond reason, rows that it would skip. The same look finds merged ranges and bare
formulas, which its streaming mode does not tell.
"""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count, product
from typing import Any
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel
from openpyxl.utils.escape import unescape

from planlib.errors import InputError
from planlib.intake.sheet import MAX_BYTES, MAX_COLUMNS

_MAX_RATIO = 150  # unpacked over packed size from which a large file is taken for an attack
_LARGE = 20_000_000  # unpacked bytes from which the ratio counts
_MAX_PARTS = 5000
_MAX_ROWS = 1_048_576  # of a sheet in Excel
_MAX_ELEMENTS = 400_000  # of a part that openpyxl takes whole, such as the styles
_LONG = ("worksheet", "sst", "pivotCacheRecords")  # roots of parts that may be longer
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"  # Strict Open XML: openpyxl sees no cells
_CHUNK = 1 << 16
_END = 2_958_466  # the first number that Excel shows as no day
_EXACT = 1e16  # from here on, a number has digits that it does not hold
_AGAIN = "open the file in Excel and save it again"
_OLD = "an encrypted or old binary Excel file (.xls); remove the password or save it as .xlsx"
_is_date = cache(is_date_format)


@dataclass
class Page:
    """One sheet as stored: a list of text cells per row number, merged ranges, bare formulas."""

    title: str
    rows: dict[int, list[str]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)


class Book:
    """
    An opened .xlsx file.

    Raises
    ------
    InputError
        If it is not such a file, is encrypted, or unpacks beyond reason.
    """

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        if data[:4] == b"\xd0\xcf\x11\xe0":
            raise InputError(file, [_OLD])
        if not zipfile.is_zipfile(io.BytesIO(data)):
            raise InputError(file, ["not an Excel file, or damaged; save it again as .xlsx"])
        with self._reading("the file"):
            reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            reader.read_chartsheet = lambda *_: None  # no table, and not every chart is understood
            _check_parts(reader.archive, file)
            reader.read_manifest()
            reader.read_workbook()
            self._looks = {
                sheet.name: _Look(reader.archive, part.target, f"sheet {sheet.name}", file)
                for sheet, part in reader.parser.find_sheets()
            }
            reader.read()
            reader.wb._date_formats = set()  # else a number beyond the days loses its digits
        self._sheets = {sheet.title: sheet for sheet in reader.wb.worksheets}
        self.date_1904 = reader.wb.epoch == CALENDAR_MAC_1904

    @property
    def titles(self) -> list[str]:
        """Names of the sheets."""
        return list(self._sheets)

    def page(self, title: str) -> Page:
        """Read one sheet."""
        sheet, look = self._sheets[title], self._looks[title]
        page = Page(title, merged=look.merged)
        sheet.reset_dimensions()  # programs write wrong ones, and cells beyond would be lost
        with self._reading(f"sheet {title}"):
            for number, row in enumerate(sheet.iter_rows(), start=1):
                page.bare += [
                    cell.coordinate
                    for column, cell in enumerate(row, 1)
                    if cell.value is None
                    and cell.data_type != "str"
                    and (number, column) in look.formulas
                ]
                texts = [_text(cell) for cell in row]
                while texts and not texts[-1]:
                    texts.pop()
                if texts:
                    page.rows[number] = texts
        return page

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Turn whatever openpyxl raises on a file that it does not understand into one message."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of charts, styles and rules that it leaves out
                yield
        except InputError:
            raise
        except Exception as error:
            problem = f"{what} is damaged or not understood ({error}); {_AGAIN}"
            raise InputError(self.file, [problem]) from None


class _Look:
    """A look through a sheet, which notes merged ranges and formulas and refuses what is odd."""

    def __init__(self, archive: zipfile.ZipFile, path: str, where: str, file: str) -> None:
        self.merged: list[str] = []
        self.formulas: set[tuple[int, int]] = set()
        self._row = self._column = 0
        self._where, self._file = where, file
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        with archive.open(path) as part:
            parser.ParseFile(part)

    def _start(self, name: str, given: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            cell = given.get("r", "")
            self._column = coordinate_to_tuple(cell)[1] if cell else self._column + 1
            if self._column > MAX_COLUMNS:
                self._refuse(
                    f"cell {cell or f'in row {self._row}'}: beyond column {MAX_COLUMNS:,};"
                    " delete the columns to the right and save again"
                )
        elif name == "f":
            self.formulas.add((self._row, self._column))
        elif name == "row":
            before, self._row, self._column = self._row, int(given.get("r", self._row + 1)), 0
            if not before < self._row <= _MAX_ROWS:
                self._refuse(f"row {self._row:,} stands after row {before:,}; {_AGAIN}")
        elif name == "mergeCell":
            self.merged.append(given.get("ref", ""))

    def _refuse(self, problem: str) -> None:
        raise InputError(self._file, [f"{self._where}, {problem}"])


def _check_parts(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse a file by which a few bytes become gigabytes, before anything is unpacked whole."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    bomb = unpacked > _LARGE and unpacked / packed > _MAX_RATIO
    if bomb or len(parts) > _MAX_PARTS or unpacked > MAX_BYTES:
        size = f"unpacks from {packed:,} to {unpacked:,} bytes in {len(parts):,} parts"
        raise InputError(file, [f"{size}; not read; save the table as CSV"])
    for part in parts:
        _check_part(archive, part.filename, file)


def _check_part(archive: zipfile.ZipFile, path: str, file: str) -> None:
    """Refuse a document type, or more elements than a part that is taken whole may have."""
    roots: list[str] = []
    numbers = count(1)

    def refuse(problem: str) -> None:
        raise InputError(file, [f"part {path} {problem}"])

    def start(name: str, given: dict[str, str]) -> None:
        roots[:] = roots or [_local(name)]
        if _STRICT in given.values():
            refuse("is of the strict kind; save the file as Excel Workbook (.xlsx)")
        if next(numbers) > _MAX_ELEMENTS and roots[0] not in _LONG:
            refuse(f"has more than {_MAX_ELEMENTS:,} elements; not read; save the table as CSV")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = lambda *_: refuse("declares a document type; not read")
    # What is no XML ends the look: a picture, or damage that openpyxl meets at the same place.
    with archive.open(path) as content, suppress(expat.ExpatError):
        while not (roots and roots[0] in _LONG) and (chunk := content.read(_CHUNK)):
            parser.Parse(chunk)


def _local(name: str) -> str:
    return name[name.find(":") + 1 :]


def _text(cell: Any) -> str:
    """Write a cell as text: dates in ISO form, numbers with all digits and zeros shown in front."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return unescape(value)  # type: ignore[no-any-return]
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        shown = cell.number_format.split(";")[0]
        if not _is_date(shown) or not 1 <= value < _END:
            whole = float(value).is_integer() and abs(value) < _EXACT
            zeros = len(shown) if shown.strip("0") == "" else 0
            return str(int(value)).zfill(zeros) if whole else str(value)
        value = from_excel(value, cell.parent.parent.epoch)
    if isinstance(value, datetime.datetime):
        value = (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
    return str(value).removesuffix(" 00:00:00")


def range_cells(reference: str) -> Iterator[tuple[int, int]]:
    """Give the row and column numbers of a range's cells, top left first."""
    left, top, right, bottom = range_boundaries(reference)
    return product(range(top, bottom + 1), range(left, right + 1))
