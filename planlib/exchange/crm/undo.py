"""Undo loads: back to what stood before, by a fresh export; what others changed since stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import Export, read_export
from planlib.exchange.crm.files import (
    BEFORE,
    LOAD,
    STAMP,
    Shape,
    blank_to_nothing,
    new_folder,
    write_load,
)
from planlib.exchange.crm.ids import found_in
from planlib.exchange.crm.load import CANNOT, LEFT, Load
from planlib.exchange.crm.objects import OBJECTS, UNDO_SEQUENCE, CrmObject
from planlib.exchange.crm.rows import key_index, plain_values, read_name, read_rows
from planlib.exchange.crm.run import Result, system_of
from planlib.store.atomic import read_json

_HANGING = {"UserTerritory2Association": "Territory2Id",
            "ObjectTerritory2Association": "Territory2Id",
            "Territory2": "ParentTerritory2Id"}  # fmt: skip


def undo_loads(
    folders: Sequence[Path], existing: Path, out: Path, *, rows: int = 100_000, bom: bool = False
) -> Result:
    """
    Write the files that take loads back.

    A record is taken back only while it holds what the load gave it. What somebody has changed
    since, or what hangs on a new territory and is not of the loads, is left alone and listed.

    Parameters
    ----------
    folders
        Folders of loads, in the order in which they were loaded.
    existing
        A fresh export, made after the loads.
    out
        New folder for the files.
    rows, bom
        As for the load itself.

    Returns
    -------
    Result
        Files in the order of loading, and what is left alone.

    Raises
    ------
    InputError
        If a folder is no load, or the export lacks an object that was loaded.
    """
    new_folder(out)
    stamps = [_stamp(folder) for folder in folders]
    systems = sorted({str(stamp["system"]) for stamp in stamps})
    if len(systems) > 1:
        raise InputError("loads", [f"they are of several systems: {', '.join(systems)}"])
    system = system_of(systems[0])
    export = read_export(existing, system)
    back = _Back(export)
    for folder in reversed(folders):
        for path in sorted((folder / LOAD).glob("*.csv"), reverse=True):
            before = folder / BEFORE / path.name
            back.take(path, before if before.is_file() else None)
    load = back.load()
    about = {**stamps[-1], "what": "Files that undo", "parts": stamps[-1].get("parts", [])}
    about.pop("files", None)
    shape = Shape(rows=rows, bom=bom)
    files = write_load(out, load, shape, about, sequence=UNDO_SEQUENCE[system])
    return Result(files=files, load=load, parts=("undo",))


def _stamp(folder: Path) -> dict[str, object]:
    if not (folder / STAMP).is_file():
        raise InputError(str(folder), [f"is no folder that planlib crm wrote: {STAMP} is missing"])
    return dict(read_json(folder / STAMP))


class _Back:
    """The CRM as exported, taken back file by file, the latest first."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.out = Load(export.system)
        self.now: dict[str, pd.DataFrame] = {}
        self.start: dict[str, pd.DataFrame] = {}
        self.again: dict[str, pd.DataFrame] = {}
        self.gone: dict[str, list[pd.DataFrame]] = {}
        self.changed: dict[str, dict[str, pd.Index]] = {}

    def take(self, path: Path, before: Path | None) -> None:
        """Take one load file back."""
        name = read_name(path.name, self.export.system)
        if name is None:
            raise InputError(path.name, ["its name says no object and action, as in "
                                         "10_Account_update.csv"])  # fmt: skip
        one = OBJECTS[self.export.system][name.object]
        self._open(one)
        rows = read_rows(path)
        old = rows.iloc[:0] if before is None else read_rows(before)
        if name.action == "insert":
            self._remove(one, rows)
        elif name.action == "delete":
            self._restore(one, rows, old)
        else:
            self._reset(one, rows, old)

    def load(self) -> Load:
        """Give what is left to do."""
        for name, pieces in self.gone.items():
            self._delete(OBJECTS[self.export.system][name], pd.concat(pieces))
        for name, rows in self.again.items():
            self.out.insert(name, rows)
            self._tell(name, rows, "deleted record", "", "made anew")
        for name, columns in self.changed.items():
            self._update(OBJECTS[self.export.system][name], columns)
        return self.out

    def _open(self, one: CrmObject) -> None:
        if one.name not in self.now:
            self.export.require((one.name,), "the loads")
            self.now[one.name] = self.export.rows(one.name).copy()
            self.start[one.name] = self.export.rows(one.name)

    def _remove(self, one: CrmObject, rows: pd.DataFrame) -> None:
        """Mark new records for deletion where they still hold what they were given."""
        system = self.export.system
        wanted = key_index(rows, one, system)
        if one.name in self.again:  # a later load deleted it: nothing to bring back
            again = self.again[one.name]
            both = found_in(key_index(again, one, system), wanted).to_numpy()
            back = found_in(wanted, key_index(again[both], one, system)).to_numpy()
            wanted = wanted[~back]
            self.again[one.name] = again[~both]
        now = self.now[one.name]
        found = now[found_in(key_index(now, one, system), wanted).to_numpy()]
        missing = len(wanted) - len(found)
        if missing > 0:
            self.out.notes.append(f"{one.name}: {missing:,} new records of the load are not in "
                                  "the export; nothing to delete")  # fmt: skip
        amounts = [field for field in one.fields if field.kind == "amount"]
        given = rows.set_axis(key_index(rows, one, system))
        kept = pd.Series(False, index=found.index)
        for field in amounts:
            was = given[field.name].reindex(key_index(found, one, system)).set_axis(found.index)
            kept |= plain_values(was, field, system) != plain_values(
                found[field.name], field, system
            )
        self._leave(one, found[kept], "it has been changed since the load")
        self.gone.setdefault(one.name, []).append(found[~kept])
        self.now[one.name] = now.drop(index=found.index[~kept])

    def _restore(self, one: CrmObject, rows: pd.DataFrame, before: pd.DataFrame) -> None:
        """Mark deleted records to be made anew, where they are not there."""
        kept = before[found_in(before[one.id_name], rows[one.id_name])]
        there = key_index(self.now[one.name], one, self.export.system)
        new = kept[~found_in(key_index(kept, one, self.export.system), there).to_numpy()]
        earlier = self.again.get(one.name)
        pieces = [new] if earlier is None else [earlier, new]
        self.again[one.name] = pd.concat(pieces, ignore_index=True)

    def _reset(self, one: CrmObject, rows: pd.DataFrame, before: pd.DataFrame) -> None:
        """Set fields back where they hold what the load gave them."""
        system, now = self.export.system, self.now[one.name]
        key = one.by_name[one.id_name]
        index = pd.Index(plain_values(now[one.id_name], key, system))
        new = rows.set_axis(plain_values(rows[one.id_name], key, system))
        old = before.set_axis(plain_values(before[one.id_name], key, system))
        ids = new.index.intersection(old.index, sort=False).unique()
        at = index.get_indexer(ids)
        lost = ids[at < 0]
        self._leave(one, pd.DataFrame({one.id_name: lost}), "it is not in the export", CANNOT)
        ids, at = ids[at >= 0], at[at >= 0]
        columns = [name for name in rows.columns if name in one.by_name and name != one.id_name]
        is_new, is_old = np.ones(len(ids), bool), np.ones(len(ids), bool)
        for name in columns:
            field = one.by_name[name]
            current = plain_values(now[name].iloc[at], field, system).to_numpy()
            is_new &= current == plain_values(new.loc[ids, name], field, system).to_numpy()
            is_old &= current == plain_values(old.loc[ids, name], field, system).to_numpy()
        other = ~is_new & ~is_old
        self._leave(one, now.iloc[at[other]], "it has been changed since the load")
        back = ids[is_new & ~is_old]
        place = now.index[at[is_new & ~is_old]]
        for name in columns:
            now.loc[place, name] = old.loc[back, name].replace("#N/A", "").to_numpy()
        done = self.changed.setdefault(one.name, {})
        for name in columns:
            done[name] = done.get(name, pd.Index([])).union(place)

    def _delete(self, one: CrmObject, rows: pd.DataFrame) -> None:
        if one.name in ("Territory2", "Territory2Type", "Territory2Model"):
            rows = self._free(one, rows)
        if one.name == "Territory2":
            depth = _depths(rows)
            for number in sorted(depth.unique(), reverse=True):
                self.out.delete(one.name, rows[depth == number], int(depth.max() - number))
        else:
            self.out.delete(one.name, rows)
        self._tell(one.name, rows, "new record", "there", "deleted")

    def _free(self, one: CrmObject, rows: pd.DataFrame) -> pd.DataFrame:
        """Keep records on which nothing hangs that is not taken back as well."""
        names = {"Territory2": _HANGING, "Territory2Type": {"Territory2": "Territory2TypeId"},
                 "Territory2Model": {"Territory2": "Territory2ModelId"}}[one.name]  # fmt: skip
        while True:
            held: set[str] = set()
            for name, column in names.items():
                rest = self.now.get(name, self.export.rows(name))
                held |= set(rest[column]) - {""}
            busy = rows["Id"].isin(held)
            if not busy.any():
                return rows
            self._leave(one, rows[busy], "other records hang on it that the loads did not make")
            self.now[one.name] = pd.concat([self.now[one.name], rows[busy]])
            rows = rows[~busy]

    def _update(self, one: CrmObject, columns: dict[str, pd.Index]) -> None:
        start, now = self.start[one.name], self.now[one.name]
        names = list(columns)
        place = now.index.intersection(next(iter(columns.values())))
        differs = (now.loc[place, names] != start.loc[place, names]).any(axis=1)
        place = place[differs.to_numpy()]
        if not len(place):
            return
        old, new = start.loc[place], now.loc[place]
        kept = [one.id_name, *names]
        rows = blank_to_nothing(new[kept], self.export.system)
        self.out.update(one.name, rows, old[kept])
        blank = int((rows == "").any(axis=1).sum())
        if blank:  # a system without a mark that empties a field
            fields = ", ".join(names)
            self.out.notes.append(f"{one.name}: {blank:,} records had nothing in {fields} before; "
                                  "where an import leaves blanks as they are, empty them by "
                                  "hand")  # fmt: skip
        for name in names:
            told = new.assign(old=old[name], new=new[name], record_id=new[one.id_name])
            told = told[told["old"] != told["new"]]
            self.out.change(told.assign(planlib_id="", name=_label(told)), one.name, name)

    def _leave(self, one: CrmObject, rows: pd.DataFrame, reason: str, state: str = LEFT) -> None:
        if len(rows):
            told = rows.assign(planlib_id="", name=_label(rows), crm_id=rows[one.id_name])
            self.out.refuse(told.assign(reason=reason), one.name, state)

    def _tell(self, name: str, rows: pd.DataFrame, what: str, old: str, new: str) -> None:
        record = rows["Id"] if "Id" in rows.columns else ""
        told = rows.assign(planlib_id="", name=_label(rows), record_id=record, old=old, new=new)
        self.out.change(told, name, what)


def _label(rows: pd.DataFrame) -> pd.Series:
    for name in ("Name", "DeveloperName", "Company name", "ObjectId", "UserId", "QuotaOwnerId"):
        if name in rows.columns and (rows[name] != "").any():
            return rows[name]
    return pd.Series("", index=rows.index, dtype="str")


def _depths(rows: pd.DataFrame) -> pd.Series:
    """Give how far each territory is below the highest one that is taken back with it."""
    parent = pd.Series(rows["ParentTerritory2Id"].to_numpy(), index=rows["Id"].to_numpy())
    depth = pd.Series(0, index=rows.index)
    above = rows["ParentTerritory2Id"]
    for _ in range(len(rows)):
        inside = above.isin(parent.index)
        if not inside.any():
            break
        depth += inside.astype("int64")
        above = above.map(parent).astype("str").fillna("")
    return depth
