"""Check the cells of one load file: what its columns hold, names, lengths, formulas, days."""

from __future__ import annotations

import pandas as pd

from planlib.exchange.crm.exports import Export, is_true
from planlib.exchange.crm.ids import found_in, full_ids
from planlib.exchange.crm.names import RISKY, is_developer_name
from planlib.exchange.crm.objects import NOTHING, OBJECTS, Field, System
from planlib.exchange.crm.owners import EMAIL
from planlib.exchange.crm.problems import ERROR, WARNING, FileRows, Problems

_MOST = 32_000  # characters of a cell that Salesforce's bulk interface takes
_AMOUNT = r"\d{1,16}(?:\.\d{1,2})?"
_FLAGS = {"true", "false", "1", "0"}


def check_values(problems: Problems, one: FileRows, export: Export, system: System) -> None:
    """Check every cell of a file that has a meaning."""
    for name in one.frame.columns:
        field = one.object.by_name.get(name)
        if field is not None:
            _column(problems, one, field, export, system)


def _column(
    problems: Problems, one: FileRows, field: Field, export: Export, system: System
) -> None:
    text = one.frame[field.name]
    blank = text.str.strip() == ""
    is_id = field.name == one.object.id_name
    if is_id or (field.required and one.action == "insert"):
        problems.at(one, blank, field.name, "a value in every row")
    elif one.action == "update":
        problems.at(one, blank, field.name, f"a value; a blank changes nothing, {NOTHING} empties "
                    "the field" if system == "salesforce" else "a value",
                    level=WARNING if system == "salesforce" else ERROR)  # fmt: skip
    emptied = (text == NOTHING) & (one.action == "update") & (system == "salesforce")
    filled = ~blank & ~emptied
    problems.at(one, filled & text.str.startswith(RISKY), field.name,
                "text that no spreadsheet takes for a formula, so not = + - @ first")  # fmt: skip
    problems.at(one, filled & (text != text.str.strip()), field.name,
                "no blanks before or after the value")  # fmt: skip
    longest = field.longest or _MOST
    problems.at(one, filled & (text.str.len() > longest), field.name,
                f"at most {longest:,} characters")  # fmt: skip
    _kind(problems, one, field, text, filled)
    if field.kind == "id" and system == "salesforce":
        _ids(problems, one, field, filled, export)
    if field.kind == "email":
        _user(problems, one, field, text.where(filled, ""), export)


def _kind(
    problems: Problems, one: FileRows, field: Field, text: pd.Series, filled: pd.Series
) -> None:
    if field.kind == "name":
        problems.at(one, filled & ~is_developer_name(text), field.name,
                    "letters, digits and single underscores, a letter first, no underscore last, "
                    "at most 80 characters")  # fmt: skip
    elif field.kind == "choice" and field.allowed:
        problems.at(one, filled & ~text.isin(field.allowed), field.name,
                    "one of " + ", ".join(field.allowed))  # fmt: skip
    elif field.kind in ("whole", "number"):
        problems.at(one, filled & ~text.str.fullmatch(r"\d+"), field.name, "a whole number")
    elif field.kind == "amount":
        problems.at(one, filled & ~text.str.fullmatch(_AMOUNT), field.name,
                    "an amount such as 125000.50, at least 0")  # fmt: skip
    elif field.kind == "flag":
        problems.at(one, filled & ~text.str.lower().isin(_FLAGS), field.name, "true or false")
    elif field.kind == "email":
        problems.at(one, filled & ~text.str.fullmatch(EMAIL), field.name, "an e-mail address")
    elif field.kind == "date":
        plain = text.str.fullmatch(r"\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?")
        days = pd.to_datetime(text.str[:10].where(plain), format="%Y-%m-%d", errors="coerce")
        problems.at(one, filled & days.isna(), field.name, "a day such as 2026-01-01")
        problems.at(one, filled & days.notna() & (days.dt.day != 1), field.name,
                    "the first day of a period")  # fmt: skip
    if field.name == "CurrencyIsoCode":
        problems.at(one, filled & ~text.str.fullmatch("[A-Z]{3}"), field.name,
                    "three capital letters such as EUR")  # fmt: skip


def _ids(
    problems: Problems, one: FileRows, field: Field, filled: pd.Series, export: Export
) -> None:
    found = full_ids(one.frame[field.name].where(filled, ""))
    wrong = found["problem"] != ""
    problems.at(one, wrong, field.name, "an id of Salesforce, but " + found["problem"])
    name = one.object.name if field.name == one.object.id_name else field.refers
    known = OBJECTS[export.system].get(name)
    good = filled & ~wrong
    if known is not None and known.prefix:
        other = good & ~found["id"].fillna("").str.startswith(known.prefix)
        problems.at(one, other, field.name, f"an id of {name}, which starts with {known.prefix}")
        good &= ~other
    if not export.has(name):
        return
    records = export.rows(name)
    problems.at(one, good & ~found_in(found["id"], records["Id"]), field.name,
                f"an id that the export of {name} has")  # fmt: skip
    if name == "User":
        off = records.loc[~is_true(records["IsActive"]), "Id"]
        problems.at(one, good & found_in(found["id"], off), field.name, "a user that is active")


def _user(problems: Problems, one: FileRows, field: Field, text: pd.Series, export: Export) -> None:
    if not export.has("users"):
        return
    users = export.rows("users")
    known = text.str.lower().isin(users["Email"].str.lower())
    problems.at(one, (text != "") & ~known, field.name, "an address that the export of users has")
    off = users.loc[users["Status"].str.lower().isin({"deactivated", "inactive", "removed"})]
    problems.at(one, text.str.lower().isin(off["Email"].str.lower()), field.name,
                "a user that is active")  # fmt: skip
