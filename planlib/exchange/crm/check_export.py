"""Check load files against each other and against the export: double, there already, states."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from planlib.exchange.crm.exports import Export
from planlib.exchange.crm.ids import found_in
from planlib.exchange.crm.objects import NOTHING, RULE
from planlib.exchange.crm.problems import ERROR, WARNING, FileRows, Problems
from planlib.exchange.crm.rows import key_index, plain_values


def check_sets(
    problems: Problems, files: Sequence[FileRows], export: Export, *, most_territories: int
) -> None:
    """Check what single cells do not show."""
    deleted = _deleted(files, export)
    for action in ("insert", "update", "delete"):
        for name in dict.fromkeys(one.object.name for one in files if one.action == action):
            mine = [one for one in files if (one.object.name, one.action) == (name, action)]
            _twice(problems, mine, export)
    for one in files:
        if one.action == "insert" and export.has(one.object.name):
            _there_already(problems, one, export, deleted)
        if one.action == "update" and export.has(one.object.name):
            _changes_nothing(problems, one, export)
        if one.object.name == "ObjectTerritory2Association":
            _associations(problems, one, export)
        if one.object.name == "Territory2" and one.action == "insert":
            _models(problems, one, export)
        if one.object.name == "Territory2Type" and one.action == "insert":
            _priorities(problems, one, export)
    _territory_count(problems, files, export, most_territories)


def _deleted(files: Sequence[FileRows], export: Export) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in files:
        if one.action == "delete":
            ids = plain_values(one.frame[one.object.id_name], one.object.fields[0], export.system)
            found.setdefault(one.object.name, set()).update(ids)
    return found


def _twice(problems: Problems, files: Sequence[FileRows], export: Export) -> None:
    """Find records that stand twice, in one file or in two."""
    keys = [_keys(one, export) for one in files]
    whole = pd.Series([key for part in keys for key in part], dtype="str")
    double = whole.duplicated(keep=False) & (whole.str.strip("|") != "")
    start = 0
    for one, part in zip(files, keys, strict=True):
        wrong = pd.Series(double.iloc[start : start + len(part)].to_numpy(), index=one.frame.index)
        problems.at(one, wrong, _key_column(one), "each record once in all files of an action")
        start += len(part)


def _keys(one: FileRows, export: Export) -> pd.Index:
    if one.action == "insert":
        return key_index(one.frame, one.object, export.system)
    field = one.object.fields[0]
    values = plain_values(one.frame[field.name], field, export.system)
    keys: pd.Index = pd.Index(values)
    return keys


def _key_column(one: FileRows) -> str:
    return one.object.key[0] if one.action == "insert" else one.object.id_name


def _there_already(
    problems: Problems, one: FileRows, export: Export, deleted: dict[str, set[str]]
) -> None:
    """Find new records that the CRM has already and that no file deletes before."""
    records = export.rows(one.object.name)
    gone = pd.Index(list(deleted.get(one.object.name, set())), dtype="str")
    stays = records[~found_in(records[one.object.id_name], gone)]
    found = found_in(
        key_index(one.frame, one.object, export.system),
        key_index(stays, one.object, export.system),
    )
    told = "a record that the CRM does not have yet; update it by its id"
    if one.object.name == "Territory2":
        told = "a name that no territory of the organisation has, whatever its model"
    problems.at(one, found.set_axis(one.frame.index), one.object.key[0], told)


def _changes_nothing(problems: Problems, one: FileRows, export: Export) -> None:
    records = export.rows(one.object.name)
    key = one.object.fields[0]
    ids = plain_values(one.frame[key.name], key, export.system)
    now = records.set_axis(plain_values(records[key.name], key, export.system))
    same = found_in(ids, now.index)
    for name in one.frame.columns:
        field = one.object.by_name.get(name)
        if field is None or name == key.name:
            continue
        current = plain_values(now[name].reindex(ids).set_axis(ids.index), field, export.system)
        given = one.frame[name]
        new = plain_values(given, field, export.system)
        same &= (current == new) | ((given.str.strip() == "") & (given != NOTHING))
    problems.at(one, same, key.name, "a record that changes; this one is so already",
                level=WARNING)  # fmt: skip


def _associations(problems: Problems, one: FileRows, export: Export) -> None:
    if one.action == "delete":
        records = export.rows(one.object.name).set_index("Id")["AssociationCause"]
        ids = plain_values(one.frame["Id"], one.object.fields[0], export.system)
        problems.at(one, ids.map(records) == RULE, "Id", "an association made by hand; the rule "
                    "would bring this one back")  # fmt: skip
        return
    if not export.has("Territory2Model") or "Territory2Id" not in one.frame.columns:
        return
    territories = export.rows("Territory2").set_index("Id")["Territory2ModelId"]
    models = export.rows("Territory2Model").set_index("Id")["State"]
    field = one.object.by_name["Territory2Id"]
    ids = plain_values(one.frame["Territory2Id"], field, export.system)
    state = ids.map(territories).map(models).astype("str").fillna("")
    wrong = ids.isin(territories.index) & (state.str.lower() != "active")
    problems.at(one, wrong, "Territory2Id",
                "a territory of the active model; this one is of a model in state "
                + state.where(state != "", "unknown"))  # fmt: skip


def _models(problems: Problems, one: FileRows, export: Export) -> None:
    if "Territory2ModelId" not in one.frame.columns or not export.has("Territory2Model"):
        return
    models = export.rows("Territory2Model").set_index("Id")["State"].str.lower()
    field = one.object.by_name["Territory2ModelId"]
    state = plain_values(one.frame["Territory2ModelId"], field, export.system)
    state = state.map(models).astype("str")
    closed = ~state.fillna("").isin({"planning", "active", ""})
    problems.at(one, closed, "Territory2ModelId", "a model in state Planning or Active")
    if "ParentTerritory2Id" not in one.frame.columns:
        return
    records = export.rows("Territory2").set_index("Id")["Territory2ModelId"]
    parent = plain_values(
        one.frame["ParentTerritory2Id"], one.object.by_name["ParentTerritory2Id"], export.system
    )
    own = plain_values(one.frame["Territory2ModelId"], field, export.system)
    of_parent = parent.map(records)
    problems.at(one, of_parent.notna() & (of_parent != own), "ParentTerritory2Id",
                "a territory of the same model")  # fmt: skip


def _priorities(problems: Problems, one: FileRows, export: Export) -> None:
    if "Priority" not in one.frame.columns:
        return
    used = one.frame["Priority"].isin(export.rows("Territory2Type")["Priority"])
    double = one.frame["Priority"].duplicated(keep=False)
    problems.at(one, used | double, "Priority", "a priority that no other type has")


def _territory_count(
    problems: Problems, files: Sequence[FileRows], export: Export, most: int
) -> None:
    new = [one for one in files if one.object.name == "Territory2" and one.action == "insert"]
    new = [one for one in new if "Territory2ModelId" in one.frame.columns]
    if not new:
        return
    given = pd.concat([one.frame["Territory2ModelId"] for one in new], ignore_index=True)
    field = new[0].object.by_name["Territory2ModelId"]
    counts = plain_values(given, field, export.system).value_counts()
    there = export.rows("Territory2")["Territory2ModelId"].value_counts()
    total = counts.add(there.reindex(counts.index).fillna(0))
    for model, count in total[total > most].items():
        problems.note((new[0].file, 0, "Territory2ModelId"), str(model),
                      f"at most {most:,} territories in a model; it would have {int(count):,}",
                      ERROR)  # fmt: skip
