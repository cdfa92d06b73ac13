"""Exports of a CRM: which file holds which object, ids brought to one form, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from planlib.errors import InputError, nearest
from planlib.exchange.crm.ids import full_ids
from planlib.exchange.crm.objects import OBJECTS, CrmObject, System

#: A file of the user's own that says which id of planlib is which id of the CRM.
MAPPING = "planlib_ids.csv"
KINDS = ("account", "rep", "territory")
FILE, ROW = "(file)", "(row)"
_SHOWN = 5
_TRUE = {"true", "1", "yes", "t", "y"}
_CREATED = {"sf__Created", "STATUS"}
_MARKS = {"salesforce": {"isactive", "ownerid", "developername"},
          "hubspot": {"record id", "company owner", "company name"}}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Export:
    """
    What a CRM holds, as its export says.

    Parameters
    ----------
    system
        The CRM.
    tables
        Records by object; columns by their names in the CRM, ids of 18 characters, blank as "".
    mapping
        Rows of ``planlib_ids.csv``: kind, planlib_id, crm_id.
    notes
        What a reader should know: files not used, records that stand twice.
    """

    system: System
    tables: dict[str, pd.DataFrame]
    mapping: pd.DataFrame
    notes: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Tell whether there is a file of an object."""
        return name in self.tables

    def rows(self, name: str) -> pd.DataFrame:
        """Give the records of an object; without a file, none."""
        if name in self.tables:
            return self.tables[name]
        columns = [one.name for one in OBJECTS[self.system][name].fields]
        return pd.DataFrame({column: pd.Series(dtype="str") for column in [*columns, FILE]})

    def require(self, names: Iterable[str], why: str) -> None:
        """
        Check that objects are there.

        Raises
        ------
        InputError
            With the query for each that is missing.
        """
        missing = [name for name in names if name not in self.tables]
        if missing:
            raise InputError("export", [
                f"{name}.csv is missing, but {why} need it; a file with the header alone will do "
                f"where there are no records; {query(self.system, name)}"
                for name in missing
            ])  # fmt: skip


def query(system: System, name: str) -> str:
    """Say how to export an object."""
    one = OBJECTS[system][name]
    columns = ", ".join(dict.fromkeys([*one.export, *one.reads]))
    if system == "hubspot":
        return f"export {name} with the columns {columns}"
    return " ".join(("query: SELECT", columns, "FROM", name))


def read_export(folder: Path, system: System) -> Export:
    """
    Read a folder with exports.

    Parameters
    ----------
    folder
        Holds ``Account.csv``, ``User.csv`` and so on, as the CRM or its loader wrote them. Several
        files of one object (``Territory2.csv``, ``Territory2_success.csv``) are taken together.
    system
        The CRM that they are said to come from.

    Raises
    ------
    InputError
        If the folder has no export of this system, columns are missing, or ids are broken.
    """
    if not folder.is_dir():
        raise InputError(str(folder), ["there is no such folder; it should hold the CRM's export"])
    problems: list[str] = []
    notes: list[str] = []
    parts: dict[str, list[pd.DataFrame]] = {}
    mapping = _no_mapping()
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        if path.name.lower() == MAPPING:
            mapping = _read_mapping(path, system)
            continue
        name = object_name(path.name, system)
        if not name or path.suffix.lower() not in (".csv", ".txt", ".tsv"):
            notes.append(f"{path.name} is no export of an object that planlib uses; not read")
            problems += _of_other_system(path, system)
            continue
        frame, found = _read_object(path, OBJECTS[system][name], system)
        problems += found
        if frame is not None:
            parts.setdefault(name, []).append(frame)
        elif not found:
            notes.append(f"{path.name}: a loader says that it made no record by it; not read; "
                         f"export {name} afresh where it was changed")  # fmt: skip
    if not parts and not problems:
        names = ", ".join(f"{name}.csv" for name in OBJECTS[system])
        problems = [f"no export of {system} is in it; looked for {names}"]
    if problems:
        raise InputError(str(folder), problems)
    tables = {name: _together(frames, name, system, notes) for name, frames in parts.items()}
    return Export(system=system, tables=tables, mapping=mapping, notes=notes)


def object_name(file: str, system: System) -> str:
    """
    Tell from a file's name which object it holds; blank: none.

    Examples
    --------
    >>> object_name("03_Territory2_insert.csv", "salesforce")
    'Territory2'
    >>> object_name("hubspot-crm-exports-all-companies-2026-03-31.csv", "hubspot")
    'companies'
    """
    stem = Path(file).stem.lower()
    words = re.split(r"[^a-z0-9]+", stem)
    for name in sorted(OBJECTS[system], key=len, reverse=True):
        if name.lower() in words:
            return name
    return ""


def is_true(values: pd.Series) -> pd.Series:
    """Tell which texts mean yes."""
    found: pd.Series = values.astype("str").fillna("").str.strip().str.lower().isin(_TRUE)
    return found


def _read_text(path: Path) -> tuple[pd.DataFrame, pd.Series]:
    from planlib.intake.delimited import read_delimited

    sheet = read_delimited(path.read_bytes(), path.name)
    frame = sheet.frame.apply(lambda column: column.str.strip())
    return frame, pd.Series(sheet.rows, index=frame.index)


def _read_object(
    path: Path, one: CrmObject, system: System
) -> tuple[pd.DataFrame | None, list[str]]:
    """Read one file; give its records (None: not to be used) and what is wrong with it."""
    frame, rows = _read_text(path)
    if "sf__Id" in frame.columns:
        frame = frame.rename(columns={"sf__Id": "Id"})
    frame = frame.rename(columns=_canonical(frame.columns, one))
    if "ERROR" in frame.columns or "sf__Error" in frame.columns:
        return None, [f"{path.name}: holds records that were refused (column ERROR); take it out"]
    is_result = bool(_CREATED & set(frame.columns)) and system == "salesforce"
    frame = frame.copy()
    frame[FILE], frame[ROW], frame["(result)"] = path.name, rows, is_result
    if is_result:
        frame = _created(frame)
        if frame.empty:  # updates and deletes, which lack the columns of an export
            return None, []
    missing = [name for name in one.export if name not in frame.columns]
    if missing:
        return None, [_missing_text(path.name, name, frame, system) for name in missing]
    if "IsDeleted" in frame.columns:
        frame = frame[~is_true(frame["IsDeleted"])]
    frame = frame.reset_index(drop=True)
    return frame, _to_one_form(frame, one, system)


def _to_one_form(frame: pd.DataFrame, one: CrmObject, system: System) -> list[str]:
    """Bring ids to 18 characters in place, add columns that are not there; give problems."""
    problems: list[str] = []
    for column in one.fields:
        if column.kind == "id" and column.name in frame.columns and system == "salesforce":
            found = full_ids(frame[column.name])
            wrong = found["problem"] != ""
            if column.name == one.id_name:
                found.loc[~wrong & found["id"].isna(), "problem"] = "blank"
                wrong = found["problem"] != ""
            problems += _id_problems(frame, column.name, found[wrong])
            frame[column.name] = found["id"].fillna("")
        elif column.kind == "number" and column.name in frame.columns:
            may_lack = (frame[column.name] == "") & (column.name != "Record ID")
            bad = frame.index[~(frame[column.name].str.fullmatch(r"\d+") | may_lack)]
            why = "no whole number; has a spreadsheet changed it?"
            problems += _id_problems(frame, column.name, pd.DataFrame({"problem": why}, index=bad))
        elif column.name not in frame.columns:
            frame[column.name] = ""
    return problems


def _created(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the records that a loader says it has created."""
    if "sf__Created" in frame.columns:
        return frame[is_true(frame["sf__Created"])]
    return frame[frame["STATUS"].str.contains("created", case=False)]


def _id_problems(frame: pd.DataFrame, column: str, wrong: pd.DataFrame) -> list[str]:
    first = frame.loc[wrong.index[:_SHOWN]].assign(problem=wrong["problem"])
    found = [
        f"{row[FILE]} row {row[ROW]}, column {column}: '{str(row[column])[:40]}' is not usable: "
        f"{row['problem']}"
        for row in first.to_dict("records")
    ]
    more = len(wrong) - len(found)
    return [*found, f"column {column}: {more:,} more rows like these"] if more else found


def _canonical(columns: pd.Index, one: CrmObject) -> dict[str, str]:
    known = {name.lower(): name for name in one.by_name}
    return {name: known[name.lower()] for name in columns if name.lower() in known}


def _missing_text(file: str, name: str, frame: pd.DataFrame, system: System) -> str:
    other = _other_system(frame.columns, system)
    if other:
        return f"{file}: column '{name}' is missing; the file looks like an export of {other}"
    columns = [str(column) for column in frame.columns]
    near = nearest(name, columns)
    hint = f"; is it '{near[0]}'?" if near else ""
    return f"{file}: column '{name}' is missing; found {', '.join(columns[:12])}{hint}"


def _other_system(columns: Iterable[str], system: System) -> str:
    found = {str(column).strip().lower() for column in columns}
    for other, marks in _MARKS.items():
        if other != system and len(marks & found) >= 1 and not _MARKS[system] & found:
            return other
    return ""


def _of_other_system(path: Path, system: System) -> list[str]:
    """Say so where a file that is not known has the columns of another CRM."""
    others = [other for other in OBJECTS if other != system and object_name(path.name, other)]
    if not others or path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        return []
    frame, _ = _read_text(path)
    other = _other_system(frame.columns, system)
    if not other:
        return []
    return [f"{path.name}: is an export of {other}, but {system} was asked for; give --system"]


def _together(
    frames: list[pd.DataFrame], name: str, system: System, notes: list[str]
) -> pd.DataFrame:
    """Put the files of an object together; a full export counts before a loader's result."""
    key = OBJECTS[system][name].id_name if name != "users" else "Email"
    frame = pd.concat(frames, ignore_index=True).sort_values("(result)", kind="stable")
    frame = frame.astype({c: "str" for c in frame.columns if c not in (ROW, "(result)")})
    text = [column for column in frame.columns if column not in (ROW, "(result)")]
    frame[text] = frame[text].fillna("")
    repeated = int(frame.duplicated([key, "(result)"]).sum())
    if repeated:
        notes.append(f"{name}: {repeated:,} records stand twice in the export; taken once")
    return frame[~frame.duplicated(key)].drop(columns="(result)").reset_index(drop=True)


def _no_mapping() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in ("kind", "planlib_id", "crm_id")})


def _read_mapping(path: Path, system: System) -> pd.DataFrame:
    frame, rows = _read_text(path)
    wanted = list(_no_mapping().columns)
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputError(path.name, [
            f"column '{name}' is missing; the file has {', '.join(wanted)}" for name in missing
        ])  # fmt: skip
    frame = frame[wanted].copy()
    frame[FILE], frame[ROW] = path.name, rows
    problems = [
        f"{path.name} row {row[ROW]}, column kind: '{str(row['kind'])[:40]}' is none of "
        f"{', '.join(KINDS)}"
        for row in frame[~frame["kind"].isin(KINDS)].head(_SHOWN).to_dict("records")
    ]
    if system == "salesforce":
        found = full_ids(frame["crm_id"])
        found.loc[found["id"].isna() & (found["problem"] == ""), "problem"] = "blank"
        wrong = found[found["problem"] != ""]
        problems += _id_problems(frame, "crm_id", wrong)
        frame = frame.assign(crm_id=found["id"].fillna(""))
    double = frame.duplicated(["kind", "planlib_id"], keep=False)
    problems += [
        f"{path.name} row {row[ROW]}, column planlib_id: '{str(row['planlib_id'])[:40]}' "
        "stands twice"
        for row in frame[double].head(_SHOWN).to_dict("records")
    ]
    if problems:
        raise InputError(path.name, problems)
    return frame[wanted].reset_index(drop=True)
