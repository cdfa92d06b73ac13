"""Which record of the CRM is which account or rep of planlib, by the user's own export."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import FILE, ROW, Export
from planlib.exchange.crm.ids import found_in, full_ids
from planlib.exchange.crm.objects import OBJECTS

_LEAST = 0.5  # share of planlib's ids that a column must hold to be taken without being named
_TRIED = 2000  # ids with which a column is looked for
_NOT_KEYS = {FILE, ROW, "OwnerId", "IsActive", "Company owner"}


@dataclass(frozen=True)
class Matched:
    """
    Records found for ids of planlib.

    Parameters
    ----------
    rows
        ``planlib_id``, ``crm_id`` (blank where none) and ``reason`` (blank where found).
    column
        Column of the export that holds planlib's ids.
    """

    rows: pd.DataFrame
    column: str

    @property
    def ids(self) -> pd.Series:
        """Ids of the CRM by id of planlib, those that were found."""
        found = self.rows[self.rows["crm_id"] != ""]
        return pd.Series(
            found["crm_id"].to_numpy(), index=pd.Index(found["planlib_id"], dtype="str"),
            dtype="str",
        )  # fmt: skip


def match(planlib_ids: pd.Series, export: Export, name: str, kind: str, column: str) -> Matched:
    """
    Find the records of an object for ids of planlib.

    Parameters
    ----------
    planlib_ids
        Ids, each once.
    export
        The export; rows of ``planlib_ids.csv`` count before a column of the export.
    name
        Object, such as ``Account``.
    kind
        ``account`` or ``rep``.
    column
        Column of the export with planlib's ids; blank: the one that holds most of them.

    Raises
    ------
    InputError
        If the column is not there, or none holds half of the ids; the message counts them.
    """
    wanted = pd.Series(pd.unique(planlib_ids.dropna().astype("str")), dtype="str")
    records = export.rows(name)
    id_name = OBJECTS[export.system][name].id_name if name != "users" else "Email"
    mapped = export.mapping[export.mapping["kind"] == kind]
    column = column or _best_column(wanted, records, id_name, mapped, name)
    if column not in records.columns:
        found = ", ".join(str(one) for one in records.columns if one not in (FILE, ROW))
        raise InputError(name, [f"column '{column}' is not in the export; found {found}"])
    keys = _plain(records[column])
    double = keys.duplicated(keep=False) & (keys != "")
    first = records.loc[~double & (keys != ""), id_name]
    first.index = pd.Index(keys[~double & (keys != "")], dtype="str")
    frame = pd.DataFrame({"planlib_id": wanted, "crm_id": _plain(wanted).map(first)})
    frame["crm_id"] = frame["crm_id"].astype("str").fillna("")
    frame["reason"] = ""
    several = records.loc[double, id_name].groupby(keys[double]).agg(" ".join)
    is_double = found_in(_plain(wanted), several.index)
    named = _plain(wanted).map(several).astype("str").fillna("")
    frame["reason"] = frame["reason"].mask(
        is_double, "several records carry it in column " + column + ": " + named
    )
    frame = _mapped(frame, mapped, records[id_name], name)
    none = (frame["crm_id"] == "") & (frame["reason"] == "")
    frame["reason"] = frame["reason"].mask(none, f"no {name} of the export has it in {column}")
    return Matched(_once(frame, name), column)


def _plain(values: pd.Series) -> pd.Series:
    """Bring keys to one form: ids of Salesforce to 18 characters, others trimmed."""
    text = values.astype("str").fillna("").str.strip()
    if not text.str.len().isin((15, 18)).any():
        return text
    ids = full_ids(text)["id"]
    looks = text.str.fullmatch(r"[0-9a-zA-Z]{15}(?:[0-9a-zA-Z]{3})?") & ids.notna()
    return text.where(~looks, ids).astype("str")


def _best_column(
    wanted: pd.Series, records: pd.DataFrame, id_name: str, mapped: pd.DataFrame, name: str
) -> str:
    tried = wanted.iloc[:: max(len(wanted) // _TRIED, 1)]
    keys = pd.Index(_plain(tried))
    counts = {}
    for column in records.columns:
        if column not in _NOT_KEYS:
            counts[column] = int(found_in(keys, _plain(records[column])).sum())
    best = max(counts, key=lambda column: (counts[column], column == id_name))
    if len(tried) == 0 or counts[best] >= _LEAST * len(tried):
        return best
    if wanted.isin(mapped["planlib_id"]).mean() >= _LEAST:
        return id_name if counts[best] == 0 else best
    most = sorted(counts.items(), key=lambda item: -item[1])[:6]
    told = ", ".join(f"{column} {count:,}" for column, count in most)
    example = wanted.iloc[0][:40]
    raise InputError(name, [
        f"no column of the export holds planlib's ids such as '{example}'; of {len(tried):,} ids "
        f"were found: {told}; name the column (--account-key, --user-key) or give planlib_ids.csv"
    ])  # fmt: skip


def _mapped(frame: pd.DataFrame, mapped: pd.DataFrame, known: pd.Series, name: str) -> pd.DataFrame:
    """Let rows of planlib_ids.csv count before the column."""
    if mapped.empty:
        return frame
    given = pd.Series(
        mapped["crm_id"].to_numpy(), index=pd.Index(mapped["planlib_id"], dtype="str"), dtype="str"
    )
    target = frame["planlib_id"].map(given).astype("str")
    is_given = target.notna()
    exists = found_in(target, known)
    frame["crm_id"] = frame["crm_id"].mask(is_given, target.where(exists, "")).astype("str")
    frame["reason"] = (
        frame["reason"]
        .mask(is_given, "")
        .mask(
            is_given & ~exists,
            "planlib_ids.csv names a record that the export of " + name + " lacks",
        )
    )
    return frame


def _once(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Refuse records that two ids of planlib point to."""
    double = frame["crm_id"].duplicated(keep=False) & (frame["crm_id"] != "")
    others = frame.loc[double].groupby("crm_id")["planlib_id"].agg(" ".join)
    named = frame["crm_id"].map(others).astype("str").fillna("")
    frame["reason"] = frame["reason"].mask(
        double, f"several ids of planlib point to one {name}: " + named
    )
    frame["crm_id"] = frame["crm_id"].mask(double, "")
    return frame.reset_index(drop=True)
