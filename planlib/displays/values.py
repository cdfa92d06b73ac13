"""How one value, and the header of a column, are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

import numpy as np
import pandas as pd

from planlib.displays.headings import HEADINGS

Format = Literal["amount", "count", "number", "share", "chance", "date", "score", "days", "text",
                 "words"]  # fmt: skip

#: What stands for a missing value.
DASH = "–"

_LARGE = 1e15  # beyond it, digits of a float say nothing
_SMALLEST = Decimal("0.001")  # a chance below it is not written as nothing
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the direction of text
_SUFFIXES: dict[str, Format] = {
    "amount": "amount",
    "share": "share",
    "rate": "share",
    "score": "score",
    "days": "days",
    "date": "date",
    "of": "text",
}
_OF_UNIT: dict[object, Format] = {"share": "share", "amount": "amount"}
_WORDS = {
    "id": "id",
    "acv": "ACV",
    "arr": "ARR",
    "tcv": "TCV",
    "sic": "SIC",
    "naics": "NAICS",
    "yoy": "year on year",
    "is": "",
}


def write(value: object, kind: Format = "text") -> str:
    """
    Write one value as a person reads it; missing becomes "–".

    Parameters
    ----------
    value
        One value.
    kind
        How it is read, as in ``displays.table``.

    Returns
    -------
    str
        Plain text, not escaped.

    Examples
    --------
    >>> write(1234567.8, "amount"), write(0.6315, "share"), write(None, "count")
    ('1,234,568', '63.2 %', '–')
    >>> write("red_cell", "words"), write("acv", "words")
    ('red cell', 'ACV')
    >>> write(0.0002, "chance"), write(0.0, "chance"), write(0.0002, "share")
    ('under 0.1 %', '0.0 %', '0.0 %')
    """
    if _is_missing(value):
        return DASH
    if isinstance(value, datetime | date | np.datetime64):
        stamp = pd.Timestamp(value)
        return f"{stamp:%Y-%m-%d}" if stamp == stamp.normalize() else f"{stamp:%Y-%m-%d %H:%M}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if kind == "words":
        return " ".join(_WORDS.get(part) or part for part in str(value).split("_"))
    if kind in ("text", "date") or not isinstance(value, int | float | np.number):
        return str(value)
    return _number(float(value), kind)


def write_by_unit(values: pd.Series, units: pd.Series) -> pd.Series:
    """
    Write values of unlike kinds, each as the unit beside it says.

    Parameters
    ----------
    values
        Figures.
    units
        Unit of each: "share" is written as percent, "amount" with thousands separators, any other
        one as a number.

    Returns
    -------
    Series
        Texts, with the index of ``values``.

    Examples
    --------
    >>> units = pd.Series(["share", "amount", "heads"])
    >>> write_by_unit(pd.Series([0.4, 1200.0, 2.5]), units).tolist()
    ['40.0 %', '1,200', '2.5']
    """
    texts = [
        write(value, _OF_UNIT.get(unit, "number"))
        for value, unit in zip(values, units, strict=True)
    ]
    return pd.Series(texts, index=values.index, dtype="object")


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def _number(number: float, kind: Format) -> str:
    if np.isinf(number):
        return "∞" if number > 0 else "-∞"
    if abs(number) >= _LARGE:
        return f"{number:.3g}"
    exact = Decimal(repr(number))  # as it reads: 0.6315 is 63.15 %, not a little less
    if kind == "chance" and 0 < exact < _SMALLEST:
        return f"under {_rounded(_SMALLEST * 100, 1)} %"
    if kind in ("share", "chance"):
        return f"{_rounded(exact * 100, 1)} %"
    if kind == "number":
        text = _rounded(exact, 2)
        return text.rstrip("0").rstrip(".")
    return _rounded(exact, 0)


def _rounded(number: Decimal, decimals: int) -> str:
    value = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    return f"{value if value else abs(value):,.{decimals}f}"


def kind_of(values: pd.Series, name: object, formats: Mapping[str, Format]) -> Format:
    """Format of a column: given, else by dtype, else by the last part of its name."""
    if name in formats:
        return formats[str(name)]
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return "text"
    guess = _SUFFIXES.get(str(name).rsplit("_", 1)[-1])
    if guess and guess != "text":
        return guess
    if str(name).rsplit("_", 1)[-1] in ("amount", "potential", "acv", "arr", "tcv"):
        return "amount"
    return "count" if pd.api.types.is_integer_dtype(values.dtype) else "number"


def humanize(name: str) -> str:
    """
    Make a header from a column's name: that of ``HEADINGS``, or the words of the name.

    Parameters
    ----------
    name
        Name of a column; a name that is no identifier stays as it is.

    Returns
    -------
    str
        Words, the first with a capital.

    Examples
    --------
    >>> humanize("won_amount"), humanize("account_id"), humanize("is_won"), humanize("2026Q1")
    ('Won amount', 'Account id', 'Won', '2026Q1')
    >>> humanize("p_without")
    'Chance without support'
    """
    if name in HEADINGS:
        return HEADINGS[name]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return name
    words = [_WORDS.get(part, part) for part in name.split("_")]
    text = " ".join(word for word in words if word)
    return text[:1].upper() + text[1:] if text else name


def flat(text: object) -> str:
    """Bring a text into one line without control characters."""
    spaced = "".join(" " if char.isspace() else char for char in str(text))
    return "".join(
        char
        for char in spaced
        if unicodedata.category(char) not in ("Cc", "Cs") and char not in _TURNS
    )
