"""What a load is: operations on objects, changes that people read, what is not loaded and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from planlib.exchange.crm.objects import OBJECTS, Action, System

CHANGES = ("what", "planlib_id", "name", "record_id", "field", "old", "new", "note")
NOT_LOADED = ("what", "planlib_id", "name", "crm_id", "state", "reason")
#: What is not in the files: somebody has to change the plan or the CRM first; the same command
#: loads it once these files are loaded or the model is active; it stands as it is, on purpose.
CANNOT, WAITS, LEFT = "cannot", "waits", "left alone"


@dataclass(frozen=True)
class Operation:
    """
    Rows of one load file.

    Parameters
    ----------
    object
        Object of the CRM.
    action
        What is done.
    rows
        The file's columns in order, all text.
    before
        The same records as they stand, row by row: the old values of an update, all columns that
        make a deleted record anew. Without rows for inserts.
    stage
        Rows of a later stage stand in a later file.
    """

    object: str
    action: Action
    rows: pd.DataFrame
    before: pd.DataFrame
    stage: int = 0

    @property
    def name(self) -> str:
        """Name of its file without number."""
        return f"{self.object}_{self.action}"


@dataclass
class Load:
    """
    Everything that a load consists of.

    Parameters
    ----------
    system
        The CRM.
    operations
        What is to be done, unordered.
    changes
        One row for each account, territory, user or quota that changes (``CHANGES``).
    not_loaded
        One row for each that is wanted and not in the files (``NOT_LOADED``).
    notes
        What a reader should know.
    """

    system: System
    operations: list[Operation] = field(default_factory=list)
    changes: list[pd.DataFrame] = field(default_factory=list)
    not_loaded: list[pd.DataFrame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def insert(self, name: str, rows: pd.DataFrame) -> None:
        """Add new records; columns that are not given are blank."""
        self._add(name, "insert", rows, None)

    def update(self, name: str, rows: pd.DataFrame, before: pd.DataFrame) -> None:
        """Add changed records with their old values."""
        self._add(name, "update", rows, before)

    def delete(self, name: str, rows: pd.DataFrame, stage: int = 0) -> None:
        """Add records to delete; they are kept with all columns that would make them anew."""
        self._add(name, "delete", rows, rows, stage)

    def refuse(self, rows: pd.DataFrame, what: str, state: str) -> None:
        """Note what is not loaded: ``planlib_id``, ``name``, ``crm_id``, ``reason``."""
        if len(rows):
            self.not_loaded.append(_text(rows.assign(what=what, state=state), NOT_LOADED))

    def change(self, rows: pd.DataFrame, what: str, field_name: str) -> None:
        """Note what changes: ``planlib_id``, ``name``, ``record_id``, ``old``, ``new``."""
        if len(rows):
            self.changes.append(_text(rows.assign(what=what, field=field_name), CHANGES))

    def all_changes(self) -> pd.DataFrame:
        """Give all changes as one table."""
        return _stack(self.changes, CHANGES)

    def all_not_loaded(self) -> pd.DataFrame:
        """Give all that is not loaded as one table."""
        return _stack(self.not_loaded, NOT_LOADED)

    def left_counts(self) -> list[list[str]]:
        """Count what is not loaded by state and kind."""
        counts = self.all_not_loaded().groupby(["state", "what"], sort=True, as_index=False).size()
        return [[str(state), str(what), f"{size:,}"] for state, what, size in counts.to_numpy()]

    def _add(
        self,
        name: str,
        action: Action,
        rows: pd.DataFrame,
        before: pd.DataFrame | None,
        stage: int = 0,
    ) -> None:
        if not len(rows):
            return
        one = OBJECTS[self.system][name]
        text = _text(rows, one.columns(action))
        if action == "delete" and before is not None:
            old = _text(before, dict.fromkeys([one.id_name, *one.insert]))
        else:  # a column that the organisation may not have stays away
            old = text.iloc[:0] if before is None else _text(before, text.columns)
            kept = [
                column
                for column in text.columns
                if (text[column] != "").any()
                or (old[column] != "").any()
                or one.by_name[column].required
                or (column == "ParentTerritory2Id")
            ]
            text, old = text[kept], old[kept]
        self.operations.append(Operation(name, action, text, old, stage))


def _text(rows: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    data = {
        name: rows[name].astype("str").fillna("") if name in rows.columns else ""
        for name in columns
    }
    return pd.DataFrame(data, index=rows.index, dtype="str").reset_index(drop=True)


def _stack(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.concat(frames, ignore_index=True)
