"""One source table as text: what every reader gives, before any value is understood."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from planlib.errors import InputError

#: A row of a file that does not fit its header.
BROKEN_COLUMNS = ("row", "column", "value", "rule", "allowed")
#: Wider tables are a mistake or an attack; the widest CRM export known has about 400 columns.
MAX_COLUMNS = 4000
#: Largest file, and largest content of a packed one.
MAX_BYTES = 4_000_000_000


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """
    One file, sheet or query result as text.

    Parameters
    ----------
    file, sheet
        Where it comes from, as the user knows it; ``sheet`` is blank but for Excel.
    frame
        Text columns; an empty cell is an empty string.
    rows
        Row number in the file of each row, the header of a plain file being row 1.
    header_row
        Row number of the header.
    repeated
        Header names that stand more than once; the later ones got a number.
    broken
        Rows left out because they do not fit the header, see ``BROKEN_COLUMNS``.
    dropped
        Lines above and below the table that are no data, such as the footer of a report export.
    separator, encoding
        As found or declared; blank where they have no meaning.
    date_1904
        Whether numbers that mean days count from 1904.
    typed
        Whether the source has types of its own, so that numbers and dates need no guessing.
    is_unfilled
        Whether it is a blank input file of planlib that nobody has filled in yet.
    """

    file: str
    frame: pd.DataFrame
    rows: np.ndarray
    sheet: str = ""
    header_row: int = 1
    repeated: tuple[str, ...] = ()
    broken: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=BROKEN_COLUMNS))
    dropped: tuple[str, ...] = ()
    separator: str = ""
    encoding: str = ""
    date_1904: bool = False
    typed: bool = False
    is_unfilled: bool = False

    @property
    def where(self) -> str:
        """Name of the source in messages."""
        return f"{self.file}[{self.sheet}]" if self.sheet else self.file

    @property
    def row_count(self) -> int:
        """Data rows of the source, those that do not fit included."""
        return len(self.frame) + len(self.broken)


def text_frame(columns: list[pa.Array | pa.ChunkedArray], names: list[str]) -> pd.DataFrame:
    """Build a frame of text columns, empty cells as empty strings."""
    table = pa.table(dict(enumerate_names(columns)))
    frame: pd.DataFrame = table.to_pandas(types_mapper=lambda _: pd.StringDtype(na_value=np.nan))
    frame.columns = pd.Index(names)
    return frame.fillna("")


def enumerate_names(columns: list[pa.Array | pa.ChunkedArray]) -> list[tuple[str, pa.Array]]:
    """Pair columns with plain unique names."""
    return [(str(at), column) for at, column in enumerate(columns)]


def unique_headers(raw: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """
    Give every column a name of its own.

    Returns
    -------
    tuple
        The names, trimmed, blanks as "(column 3)" and repetitions as "Name (2)"; and the names
        that stand more than once.

    Examples
    --------
    >>> unique_headers(["Name", "", "Name"])
    (['Name', '(column 2)', 'Name (2)'], ('Name',))
    """
    names: list[str] = []
    seen: dict[str, int] = {}
    for at, text in enumerate(raw, start=1):
        name = clean(text) or f"(column {at})"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names, tuple(name for name, count in seen.items() if count > 1)


def clean(text: str) -> str:
    """Trim a header: outer space, marks of no width, line breaks."""
    for mark in ("\ufeff", "\u200b", "\u200e", "\u200f"):
        text = text.replace(mark, "")
    return " ".join(text.split())


def refuse_width(count: int, where: str) -> None:
    """
    Refuse a table with more columns than any export has.

    Raises
    ------
    InputError
        Naming the count and the limit.
    """
    if count > MAX_COLUMNS:
        raise InputError(
            where,
            [
                f"row 1: {count:,} columns; at most {MAX_COLUMNS:,} are read; delete the "
                "empty columns to the right and save again"
            ],
        )
