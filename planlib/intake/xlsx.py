"""
The parts of an .xlsx file, read as a stream: cells as text, merged ranges, formulas.

An own reader, because a spreadsheet from a CRM has hundreds of thousands of cells, and because
what a cell shows and what it stores must be told apart: formulas without a stored value, numbers
shown with leading zeros, merged ranges.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from planlib.errors import InputError
from planlib.intake.sheet import MAX_COLUMNS

MAX_RATIO = 150  # unpacked over packed size from which a large file is taken for an attack
MAX_UNPACKED = 4_000_000_000
_LARGE = 100_000_000  # unpacked bytes from which the ratio counts
_MAX_PARTS = 5000
_CHUNK = 1 << 20

_DATE_IDS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_PADDED = re.compile(r"0{2,}$")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_EPOCH = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}
_LAST_DAY = 2_958_465


@dataclass
class Page:
    """One sheet as stored: a list of text cells per row number, merged ranges, bare formulas."""

    title: str
    rows: dict[int, list[str]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Style:
    """How a cell's number is shown, as far as it changes the value."""

    is_date: bool = False
    digits: int = 0


_PLAIN = Style()


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
            raise InputError(file, ["an encrypted or old binary Excel file (.xls); remove the "
                                    "password or save it as .xlsx"])
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except zipfile.BadZipFile:
            raise InputError(file, ["not an Excel file, or damaged; save it again as .xlsx"]
                             ) from None
        self._refuse_bomb()
        self._paths: dict[str, str] = {}
        self.date_1904 = False
        self._read_workbook()
        self._strings = self._read_strings()
        self._styles = self._read_styles()

    @property
    def titles(self) -> list[str]:
        """Names of the sheets."""
        return list(self._paths)

    def page(self, title: str) -> Page:
        """Read one sheet."""
        page = Page(title)
        reader = _PageReader(page, self._strings, self._styles, self.date_1904, self.file)
        self._parse(self._paths[title], reader.start, reader.end, reader.text)
        return page

    def _refuse_bomb(self) -> None:
        parts = self._archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        packed = max(sum(part.compress_size for part in parts), 1)
        if len(parts) > _MAX_PARTS or unpacked > MAX_UNPACKED or (
            unpacked > _LARGE and unpacked / packed > MAX_RATIO
        ):
            raise InputError(
                self.file, [f"unpacks from {packed:,} to {unpacked:,} bytes in {len(parts):,} "
                            "parts; not read; save the table as CSV"]
            )

    def _read_workbook(self) -> None:
        targets: dict[str, str] = {}
        names: list[tuple[str, str]] = []

        def relation(name: str, given: dict[str, str]) -> None:
            if _local(name) == "Relationship":
                targets[given.get("Id", "")] = given.get("Target", "")

        def sheet(name: str, given: dict[str, str]) -> None:
            if _local(name) == "sheet":
                key = next((v for k, v in given.items() if k.endswith(":id")), "")
                names.append((given.get("name", ""), key))
            elif _local(name) == "workbookPr":
                self.date_1904 = given.get("date1904", "0") in ("1", "true")

        self._parse("xl/_rels/workbook.xml.rels", relation)
        self._parse("xl/workbook.xml", sheet)
        for title, key in names:
            target = targets.get(key, "")
            if "worksheet" in target.lower():
                self._paths[title] = (target.lstrip("/") if target.startswith("/")
                                      else f"xl/{target.removeprefix('./')}")

    def _read_strings(self) -> list[str]:
        strings: list[str] = []
        part: list[str] = []
        state = {"phonetic": 0, "text": 0}

        def start(name: str, _: dict[str, str]) -> None:
            name = _local(name)
            if name == "si":
                part.clear()
            state["phonetic"] += name == "rPh"
            state["text"] = int(name == "t" and not state["phonetic"])

        def end(name: str) -> None:
            name = _local(name)
            state["text"] = 0
            state["phonetic"] -= name == "rPh"
            if name == "si":
                strings.append(_unescaped("".join(part)))

        def text(chunk: str) -> None:
            if state["text"]:
                part.append(chunk)

        if "xl/sharedStrings.xml" in self._archive.namelist():
            self._parse("xl/sharedStrings.xml", start, end, text)
        return strings

    def _read_styles(self) -> list[Style]:
        codes: dict[int, str] = {}
        styles: list[Style] = []
        inside = {"cellXfs": False}

        def start(name: str, given: dict[str, str]) -> None:
            name = _local(name)
            if name == "numFmt":
                codes[int(given.get("numFmtId", "0"))] = given.get("formatCode", "")
            elif name == "cellXfs":
                inside["cellXfs"] = True
            elif name == "xf" and inside["cellXfs"]:
                styles.append(_style(int(given.get("numFmtId", "0")), codes))

        def end(name: str) -> None:
            if _local(name) == "cellXfs":
                inside["cellXfs"] = False

        if "xl/styles.xml" in self._archive.namelist():
            self._parse("xl/styles.xml", start, end)
        return styles

    def _parse(
        self, path: str, start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None,
    ) -> None:
        """Run a part of the archive through a parser that refuses document types."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        if end is not None:
            parser.EndElementHandler = end
        if text is not None:
            parser.CharacterDataHandler = text

        def refuse(*_: object) -> None:
            raise InputError(self.file, [f"part {path} declares a document type; not read"])

        parser.StartDoctypeDeclHandler = refuse
        try:
            with self._archive.open(path) as part:
                for chunk in iter(lambda: part.read(_CHUNK), b""):
                    parser.Parse(chunk)
                parser.Parse(b"", True)
        except (KeyError, zipfile.BadZipFile, expat.ExpatError, RuntimeError, OSError) as error:
            raise InputError(self.file, [f"part {path} is missing or damaged ({error}); open the "
                                         "file in Excel and save it again"]) from None


class _PageReader:
    """Collects the cells of a sheet while its parts go by."""

    def __init__(
        self, page: Page, strings: list[str], styles: list[Style], date_1904: bool, file: str
    ) -> None:
        self._page = page
        self._strings = strings
        self._styles = styles
        self._date_1904 = date_1904
        self._file = file
        self._row = 0
        self._at = 0
        self._kind = ""
        self._number = 0
        self._cells: list[str] = []
        self._value: list[str] = []
        self._formula = self._open = False
        self._numbers: dict[str, int] = {}

    def start(self, name: str, given: dict[str, str]) -> None:
        """Open an element."""
        name = name[name.find(":") + 1:]
        if name == "c":
            self._start_cell(given)
        elif name in ("v", "t"):
            self._open = True
        elif name == "row":
            self._row = int(given.get("r", self._row + 1))
            self._cells, self._at = [], 0
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._open = False
        elif name == "mergeCell":
            self._page.merged.append(given.get("ref", ""))

    def text(self, chunk: str) -> None:
        """Take text inside a value."""
        if self._open:
            self._value.append(chunk)

    def end(self, name: str) -> None:
        """Close an element."""
        name = name[name.find(":") + 1:]
        if name in ("v", "t"):
            self._open = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and any(self._cells):
            self._page.rows[self._row] = self._cells

    def _start_cell(self, given: dict[str, str]) -> None:
        reference = given.get("r", "")
        letters = reference.rstrip("0123456789")
        if letters not in self._numbers:
            self._numbers[letters] = column_number(letters)
        self._at = self._numbers[letters] or self._at + 1
        if self._at > MAX_COLUMNS:
            raise InputError(
                self._file, [f"sheet {self._page.title}, cell {reference}: beyond column "
                             f"{MAX_COLUMNS:,}; delete the columns to the right and save again"]
            )
        self._kind = given.get("t", "n")
        self._number = int(given.get("s", "0"))
        self._value = []
        self._formula = False

    def _end_cell(self) -> None:
        raw = "".join(self._value)
        if self._formula and not raw and self._kind != "str":
            self._page.bare.append(f"{column_letters(self._at)}{self._row}")
        text = self._shown(raw) if raw else ""
        if text:
            self._cells.extend([""] * (self._at - len(self._cells) - 1))
            self._cells.append(text)

    def _shown(self, raw: str) -> str:
        if self._kind in ("str", "inlineStr", "e", "d"):
            return _unescaped(raw)
        if self._kind == "s":
            return self._strings[int(raw)] if int(raw) < len(self._strings) else ""
        if self._kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        try:
            number = float(raw)
        except ValueError:
            return raw
        style = self._styles[self._number] if self._number < len(self._styles) else _PLAIN
        return number_text(number, style, self._date_1904)


def number_text(number: float, style: Style, date_1904: bool = False) -> str:
    """
    Write a stored number as text: a date where it is shown as one, else all its digits.

    Examples
    --------
    >>> number_text(46086.0, Style(is_date=True)), number_text(7.0, Style(digits=3))
    ('2026-03-05', '007')
    """
    if style.is_date and 1 <= number <= _LAST_DAY and not (not date_1904 and 60 <= number < 61):
        early = not date_1904 and number < 60
        moment = _EPOCH[date_1904] + datetime.timedelta(days=number + early)
        moment += datetime.timedelta(microseconds=500_000)
        moment = moment.replace(microsecond=0)
        return str(moment.date()) if not (moment.hour or moment.minute or moment.second) else str(
            moment)
    if number.is_integer() and abs(number) < 1e16:
        return str(int(number)).zfill(style.digits)
    return repr(number)


def _style(number: int, codes: dict[int, str]) -> Style:
    if number in _DATE_IDS and number not in codes:
        return Style(is_date=True)
    code = codes.get(number, "").split(";")[0]
    if _PADDED.fullmatch(code):
        return Style(digits=len(code))
    bare = _NOT_CODE.sub("", code).lower()
    return Style(is_date=bool(re.search("[dmyhs]", bare)) and "general" not in bare)


def _local(name: str) -> str:
    return name[name.find(":") + 1:]


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)


def column_number(reference: str) -> int:
    """
    Give the number of a cell's column.

    Examples
    --------
    >>> column_number("AB12")
    28
    """
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def column_letters(number: int) -> str:
    """
    Give the letters of a column number.

    Examples
    --------
    >>> column_letters(28)
    'AB'
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def range_cells(reference: str) -> Iterator[tuple[int, int]]:
    """Give the row and column numbers of a range's cells, top left first."""
    first, _, last = reference.partition(":")
    rows = [int(re.sub(r"\D", "", cell) or 0) for cell in (first, last or first)]
    columns = [column_number(cell) for cell in (first, last or first)]
    for row in range(rows[0], rows[1] + 1):
        for column in range(columns[0], columns[1] + 1):
            yield row, column
