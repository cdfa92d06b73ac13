"""From text to a typed column: what a cell may hold by its table's contract, and what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.intake.dates import parse_dates
from planlib.intake.numbers import BLANKS, parse_numbers
from planlib.intake.strings import fits, has
from planlib.tables import Column

TRUE = frozenset(
    (
        "true",
        "t",
        "yes",
        "y",
        "1",
        "1.0",
        "on",
        "x",
        "✓",
        "✔",
        "是",
        "真",
        "对",
        "有",
        "ja",
        "oui",
        "si",
        "sí",
        "wahr",
        "vrai",
    )
)
FALSE = frozenset(
    (
        "false",
        "f",
        "no",
        "n",
        "0",
        "0.0",
        "off",
        "✗",
        "否",
        "假",
        "错",
        "无",
        "nein",
        "non",
        "falsch",
        "faux",
    )
)
#: What a spreadsheet shows where a formula failed.
_SPREADSHEET_ERROR = r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)"
#: A long id that a spreadsheet turned into a number: its last digits are lost.
_CUT_ID = r"\d\.\d+E\+\d+"
_LARGEST_COUNT = 2.0**53
_DECLARED = "for this source in plan.yaml, inputs.sources"
FAULT_COLUMNS = ("at", "rule", "allowed")


@dataclass(frozen=True, kw_only=True)
class Notation:
    """
    How a source writes its values, as declared or known from the file.

    Parameters
    ----------
    decimal
        Decimal mark; blank: by evidence.
    order
        "dmy" or "mdy" for dates such as 03/04/2026; blank: by evidence.
    zone, plan_zone
        Time zone of times in the source (blank: the plan's), and of the plan.
    separator
        Column separator of the file.
    date_1904
        Whether plain numbers in date columns count from 1904.
    scale
        Factor for numbers, such as 0.01 where a share is written as 0 to 100.
    blanks
        Further words that mean "no value", also in text columns.
    """

    decimal: str = ""
    order: str = ""
    zone: str = ""
    plan_zone: str = "UTC"
    separator: str = ""
    date_1904: bool = False
    scale: float = 1.0
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """
    A column understood.

    Parameters
    ----------
    values
        Typed values, NA where blank or bad, with the index of the text.
    faults
        One row per bad cell: position ``at``, ``rule`` broken and what is ``allowed``.
    problem
        Why the whole column cannot be read; blank when it can.
    case
        Position of the first text that the problem names; -1 without.
    currency
        ISO code that stood in the cell, for money; blank elsewhere.
    """

    values: pd.Series
    faults: pd.DataFrame
    problem: str = ""
    case: int = -1
    currency: np.ndarray = field(default_factory=lambda: np.array([], dtype=object))


def read_column(text: pd.Series, column: Column, notation: Notation) -> Reading:
    """
    Understand one column by its contract.

    Parameters
    ----------
    text
        Cells as text, blanks as empty strings.
    column
        The column's contract: kind, allowed values, bounds.
    notation
        How the source writes values.

    Returns
    -------
    Reading
        Values that break the contract are NA and stand in ``faults``; nothing is guessed.
    """
    if notation.blanks:
        text = text.mask(text.str.strip().isin(notation.blanks), "")
    if column.kind in ("id", "text"):
        return _text(text, column)
    if column.kind == "category":
        return _category(text, column)
    if column.kind == "bool":
        return _bool(text)
    if column.kind in ("date", "timestamp"):
        return _dates(text, column, notation)
    return _numbers(text, column, notation)


_NO_FAULTS = pd.DataFrame(
    {
        "at": pd.Series(dtype="int64"),
        "rule": pd.Series(dtype="str"),
        "allowed": pd.Series(dtype="str"),
    }
)


def _faults(bad: np.ndarray, rule: str, allowed: str) -> pd.DataFrame:
    at = np.flatnonzero(bad)
    if not len(at):
        return _NO_FAULTS
    return pd.DataFrame(
        {
            "at": at,
            "rule": pd.Series([rule] * len(at), dtype="str"),
            "allowed": pd.Series([allowed] * len(at), dtype="str"),
        }
    )


def _text(text: pd.Series, column: Column) -> Reading:
    tidy = _trimmed(text)
    values = tidy.mask(tidy == "")
    wrong = fits(tidy, _SPREADSHEET_ERROR)
    faults = [_faults(wrong, "error of a spreadsheet formula", column.meaning)]
    if column.kind == "id":
        cut = fits(tidy, _CUT_ID)
        faults.append(
            _faults(
                cut, "id turned into a number by a spreadsheet, digits are lost", "the id as text"
            )
        )
        wrong = wrong | cut
    return Reading(values=values.mask(wrong), faults=_joined(faults))


def _category(text: pd.Series, column: Column) -> Reading:
    if not column.allowed:
        return _text(text, column)
    known = {_plain(value): value for value in column.allowed}
    codes, uniques = pd.factorize(text)
    words = [_plain(word) for word in uniques]
    found = np.array([known.get(word) for word in words], dtype=object)
    bad = np.array(
        [value is None and word not in BLANKS for value, word in zip(found, words, strict=True)],
        dtype=bool,
    )
    values = pd.Series(found[codes] if len(found) else [], index=text.index, dtype="str")
    allowed = "one of " + ", ".join(column.allowed)
    bad_cells = bad[codes] if len(bad) else np.zeros(len(text), dtype=bool)
    return Reading(values=values, faults=_faults(bad_cells, "not an allowed value", allowed))


def _bool(text: pd.Series) -> Reading:
    codes, uniques = pd.factorize(text)
    words = [_trim(word).lower() for word in uniques]
    found = np.array(
        [True if word in TRUE else False if word in FALSE else None for word in words], dtype=object
    )
    bad = np.array(
        [value is None and word not in BLANKS for value, word in zip(found, words, strict=True)],
        dtype=bool,
    )
    values = pd.Series(found[codes] if len(found) else [], index=text.index, dtype="boolean")
    bad_cells = bad[codes] if len(bad) else np.zeros(len(text), dtype=bool)
    faults = _faults(bad_cells, "neither yes nor no", "true/false, yes/no, 1/0, 是/否")
    return Reading(values=values, faults=faults)


def _dates(text: pd.Series, column: Column, notation: Notation) -> Reading:
    found = parse_dates(
        text,
        order=notation.order,
        source_zone=notation.zone,
        plan_zone=notation.plan_zone,
        date_1904=notation.date_1904,
        whole_days=column.kind == "date",
    )
    values = pd.Series(found.values, index=text.index)
    if column.kind == "date":
        values = values.dt.normalize()
    problem = found.problem and f"{found.problem}; declare date_order: dmy or mdy {_DECLARED}"
    return Reading(
        values=values.astype("datetime64[us]"),
        problem=problem,
        case=found.case,
        faults=_faults(
            found.bad,
            "not a date",
            "a date such as 2026-03-05, 05.03.2026, "
            "2026年3月5日, 5 Mar 2026, of a year from 1900 to 2199",
        ),
    )


def _numbers(text: pd.Series, column: Column, notation: Notation) -> Reading:
    found = parse_numbers(text, decimal=notation.decimal, separator=notation.separator)
    written_share = has(text, "%|％")
    scale = np.where(written_share, 1.0, notation.scale)
    values = found.values * scale if notation.scale != 1.0 else found.values
    faults = [_faults(found.bad, "not a number", "a number such as 1234.5, 1,234.50 or 3.5万")]
    low, high = column.bounds
    with np.errstate(invalid="ignore"):
        under = values < low if low is not None else np.zeros(len(values), dtype=bool)
        over = values > high if high is not None else np.zeros(len(values), dtype=bool)
        faults.append(_faults(under, f"below {low or 0:g}", _range(low, high)))
        faults.append(_faults(over, f"above {high or 0:g}", _range(low, high)))
        wrong = under | over
        if column.kind == "int":
            broken = (
                ~np.isnan(values)
                & ~wrong
                & ((values != np.floor(values)) | (np.abs(values) > _LARGEST_COUNT))
            )
            faults.append(_faults(broken, "not a whole number", "a whole number"))
            wrong |= broken
    values = np.where(wrong, np.nan, values)
    typed = pd.Series(values, index=text.index)
    problem = found.problem and f"{found.problem}; declare decimal: '.' or ',' {_DECLARED}"
    return Reading(
        values=typed.astype("Float64").astype("Int64") if column.kind == "int" else typed,
        faults=_joined(faults),
        problem=problem,
        case=found.case,
        currency=found.currency,
    )


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high or 0:g}"


def _joined(faults: list[pd.DataFrame]) -> pd.DataFrame:
    found = [part for part in faults if len(part)]
    if len(found) < 2:
        return found[0] if found else _NO_FAULTS
    return pd.concat(found, ignore_index=True).sort_values("at", kind="stable", ignore_index=True)


def _trimmed(text: pd.Series) -> pd.Series:
    """Trim the cells for which a quick look says that it may matter."""
    odd = has(text, r"^\s|\s$|[\x{00a0}\x{200b}\x{200e}\x{200f}\x{2060}\x{3000}\x{feff}]")
    if not odd.any():
        return text
    return text.mask(odd, text[odd].map(_trim).astype("str"))


def _trim(text: str) -> str:
    """Trim, and drop marks of no width."""
    return re.sub("[\u200b\u200e\u200f\u2060\ufeff]", "", text).strip()


def _plain(word: str) -> str:
    return re.sub(r"[\s\-]+", "_", _trim(word).casefold())
