"""What the values of a column of an export say about the column it may be."""

from __future__ import annotations

import re

import pandas as pd

from planlib.intake.values import Notation, read_column
from planlib.tables import Column

TYPED = ("int", "number", "amount", "share", "score", "date", "timestamp", "bool")
_NOT_WORDS = re.compile(r"[\W_]+")
#: What the values of columns look like that any text could stand in.
SHAPES = {
    "postcode": r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 \-]{2,9}",
    "sic": r"\d{2,5}",
    "naics": r"\d{2,6}",
    "gbt4754": r"[A-Ta-t]?\d{2,4}|[A-Ta-t]",
    "email": r"[^@\s]+@[^@\s]+",
}
_UNIQUE = 0.9  # share of different values from which a column may be the id of its rows
#: Units at the end of a header, and the factor that brings its numbers to those of the table.
_UNITS = {
    "千元": 1e3, "万元": 1e4, "万": 1e4, "百万元": 1e6, "百万": 1e6, "亿元": 1e8, "亿": 1e8,
    "k": 1e3, "000": 1e3, "tsd": 1e3, "thousand": 1e3, "thousands": 1e3, "tausend": 1e3,
    "mio": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6,
    "mrd": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "milliarden": 1e9,
}  # fmt: skip
_UNITS_OF_MONEY = {"t": 1e3, "m": 1e6}  # as in TEUR and USD m; alone they may mean anything
_CURRENCY = re.compile(r"usd|eur|gbp|chf|[$€£]")
_UNIT = re.compile(
    r"(?:[（(]\s*([^（()）]*?)|[\s_]in[\s_]+([^（()）]+)|[\s_]([tkm](?:EUR|USD|GBP|CHF|[$€£])))"
    r"\s*[)）]?\s*$",
    re.IGNORECASE,
)


def unit_factor(header: str, column: Column) -> float:
    """
    Give the factor that the unit in a header asks for.

    Examples
    --------
    >>> unit_factor("年营业收入（万元）", Column("revenue", "amount", "Revenue"))
    10000.0
    >>> unit_factor("Jahresumsatz in TEUR", Column("revenue", "amount", "Revenue"))
    1000.0
    """
    found = _UNIT.search(header)
    if found is None or column.kind != "amount":
        return 1.0
    unit = next(filter(None, found.groups()), "").removeprefix("人民币").casefold()
    bare = re.sub(r"[\s.'’]|^in\s", "", _CURRENCY.sub("", unit))
    money = _UNITS_OF_MONEY if _CURRENCY.search(unit) else {}
    return (_UNITS | money).get(bare, 1.0)


def id_fit(filled: pd.Series) -> float:
    """Tell how well values would do as the id of their rows: all different, no spaces."""
    text = filled.str.strip()
    spaces = float(text.str.contains(r"\s", regex=True).mean())
    unique = float(text.nunique() / len(text))
    return (1.0 - spaces / 2) * (1.0 if unique >= _UNIQUE else unique)


def value_score(filled: pd.Series, column: Column) -> tuple[float, tuple[str, ...], float]:
    """Give the share of values that the column can hold, the words it does not know, a factor."""
    if filled.empty:
        return 0.0, (), 1.0
    text = filled.reset_index(drop=True)
    if column.kind in TYPED:
        scale = 1.0
        faults = read_column(text, column, Notation()).faults
        if column.kind == "share" and len(faults):
            hundred = read_column(text, column, Notation(scale=0.01)).faults
            scale, faults = (0.01, hundred) if len(hundred) < len(faults) else (scale, faults)
        return 1 - faults["at"].nunique() / len(text), (), scale
    if column.allowed:
        known = {_NOT_WORDS.sub("", value.casefold()) for value in column.allowed}
        words = sorted({word.strip() for word in text})
        unknown = [word for word in words if _NOT_WORDS.sub("", word.casefold()) not in known]
        return 1.0, tuple(unknown[:30]), 1.0
    if column.name in SHAPES:
        return float(text.str.strip().str.fullmatch(SHAPES[column.name]).mean()), (), 1.0
    return 1.0, (), 1.0
