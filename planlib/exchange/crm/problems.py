"""Problems of load files: file, row, column, what was found, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from planlib.exchange.crm.objects import Action, CrmObject

COLUMNS = ("file", "row", "column", "found", "allowed", "level")
#: A load with errors fails or does harm; a warning needs a look.
ERROR, WARNING = "error", "warning"
_LONGEST = 80  # characters of a value that are quoted


@dataclass(frozen=True)
class FileRows:
    """
    One load file.

    Parameters
    ----------
    file
        Its name.
    number
        The number that it starts with; 0: none.
    object, action
        What its name says.
    frame
        Cells as text.
    rows
        Rows in a spreadsheet.
    """

    file: str
    number: int
    object: CrmObject
    action: Action
    frame: pd.DataFrame
    rows: pd.Series


@dataclass
class Problems:
    """What is wrong with load files, one row each, in the order of the files."""

    found: list[pd.DataFrame] = field(default_factory=list)

    def at(
        self,
        one: FileRows,
        wrong: pd.Series,
        column: str,
        allowed: str | pd.Series,
        *,
        level: str = ERROR,
    ) -> None:
        """Note the rows of a file in which a column is wrong."""
        wrong = wrong.fillna(False).astype("bool")
        if not wrong.any():
            return
        values = one.frame[column] if column in one.frame.columns else pd.Series("", one.rows.index)
        told = allowed if isinstance(allowed, str) else allowed[wrong].to_numpy()
        self.found.append(pd.DataFrame({
            "file": one.file, "row": one.rows[wrong].to_numpy(), "column": column,
            "found": values[wrong].astype("str").str[:_LONGEST].to_numpy(), "allowed": told,
            "level": level,
        }))  # fmt: skip

    def note(
        self, place: tuple[str, int, str], found: str, allowed: str, level: str = ERROR
    ) -> None:
        """Note one problem at a place: file, row (0: the whole file) and column."""
        values: Iterable[object] = (*place, found[:_LONGEST], allowed, level)
        self.found.append(pd.DataFrame([tuple(values)], columns=list(COLUMNS)))

    def table(self) -> pd.DataFrame:
        """Give all problems: file, row (0: the whole file), column, found, allowed, level."""
        if not self.found:
            return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
        table = pd.concat(self.found, ignore_index=True)
        return table.sort_values(["file", "row", "column"], kind="stable", ignore_index=True)

    @property
    def error_count(self) -> int:
        """Number of errors; warnings are not counted."""
        return sum(int((piece["level"] == ERROR).sum()) for piece in self.found)
