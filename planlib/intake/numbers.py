"""Numbers and money as text: separators, signs, currencies, 万 and 亿, percent, brackets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from planlib.intake.strings import fits, has, is_ascii

#: Words for "no value" in columns of numbers, dates and booleans, in lower case.
BLANKS = frozenset(
    (
        "",
        "-",
        "--",
        "---",
        "—",
        "–",
        "n/a",
        "na",
        "nan",
        "null",
        "none",
        "nil",
        "\\n",
        "(blank)",
        "(null)",
        "无",
        "空",
        "暂无",
        "未填写",
    )
)
_PLAIN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_MONEY = (
    r"^(?P<open>\()?(?P<sign>[-+])?(?P<before>[A-Z]{3}|[A-Z]{0,3}[$€£¥₩₹₽฿])?"
    r"(?P<sign2>[-+])?(?P<body>(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d{1,3})?)"
    r"(?P<times>[十百千万亿]{0,2})(?P<percent>%)?"
    r"(?P<after>[A-Z]{3}|[A-Z]{0,3}[$€£¥₩₹₽฿]|元|块)?(?P<sign3>-)?(?P<close>\))?$"
)
_FIELDS = ("open", "sign", "before", "sign2", "body", "times", "percent", "after", "sign3", "close")
_TIMES = {
    "": 1.0,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "十亿": 1e9,
    "百亿": 1e10,
    "千亿": 1e11,
    "万亿": 1e12,
    "十": 10.0,
}
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "₩": "KRW",
    "₹": "INR",
    "₽": "RUB",
    "฿": "THB",
    "元": "CNY",
    "块": "CNY",
    "US$": "USD",
    "CN¥": "CNY",
    "RMB": "CNY",
    "RMB¥": "CNY",
    "JP¥": "JPY",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "HK$": "HKD",
    "NT$": "TWD",
    "S$": "SGD",
    "CNY¥": "CNY",
    "USD$": "USD",
    "R$": "BRL",
    "EUR€": "EUR",
    "GBP£": "GBP",
}
_NO_CODE = ("$", "¥")  # signs of several currencies: taken as the plan's
_EXPONENT = r"(?:[eE][+-]?\d{1,3})?"
#: Digits in the English and in the continental way; a lone mark before three digits fits both.
_POINT = rf"(?:[1-9]\d{{0,2}}(?:,\d{{2,3}})*,\d{{3}}(?:\.\d*)?|\d+\.?\d*|\.\d+){_EXPONENT}"
_COMMA = rf"(?:[1-9]\d{{0,2}}(?:\.\d{{3}})+(?:,\d*)?|\d+,?\d*|,\d+){_EXPONENT}"


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """
    Numbers understood from text.

    Parameters
    ----------
    values
        One number per text, NaN where blank or bad.
    bad
        Whether a text is neither blank nor a number.
    currency
        ISO code that stood in the cell, else blank.
    decimal
        Decimal mark that was used.
    problem
        Why the column cannot be read without a declaration; blank when it can.
    case
        Position of the first text that the problem names; -1 without.
    """

    values: np.ndarray
    bad: np.ndarray
    currency: np.ndarray
    decimal: str = "."
    problem: str = ""
    case: int = -1


def parse_numbers(text: pd.Series, *, decimal: str = "", separator: str = "") -> Numbers:
    """
    Understand a column of numbers.

    Parameters
    ----------
    text
        Cells, blanks as empty strings.
    decimal
        Declared decimal mark; blank decides by unambiguous values of the column.
    separator
        Column separator of the file: where it is a semicolon, a lone comma or point before three
        digits may be either mark, so the column needs evidence or a declaration.

    Returns
    -------
    Numbers
        Percentages as shares, bracketed and trailing-minus numbers negative, 万 and 亿 multiplied.

    Examples
    --------
    >>> parse_numbers(pd.Series(["(1,200.50)", "3.5万", "45%"])).values.tolist()
    [-1200.5, 35000.0, 0.45]
    """
    codes, uniques = pd.factorize(text)
    unique = pd.Series(uniques, dtype="str")
    tidy = _tidy(unique)
    blank = tidy.str.lower().isin(BLANKS).to_numpy()
    plain = fits(tidy, _PLAIN)
    parts = _take_apart(tidy[~plain & ~blank])
    bodies = pd.concat([tidy[plain & tidy.str.contains(".", regex=False)], parts["body"].dropna()])
    mark, problem, label = (decimal, "", -1) if decimal else _find_mark(bodies, separator)
    values = np.full(len(unique), np.nan)
    currency = np.full(len(unique), "", dtype=object)
    if mark == ".":
        values[plain] = pd.to_numeric(tidy[plain]).to_numpy(dtype=float)
    else:
        whole = plain & ~tidy.str.contains(".", regex=False).to_numpy(dtype=bool)
        values[whole] = pd.to_numeric(tidy[whole]).to_numpy(dtype=float)
        parts = pd.concat([parts, _take_apart(tidy[plain & ~whole])])
    at = parts.index.to_numpy()
    values[at], currency[at] = _money(parts, mark)
    values[~np.isfinite(values)] = np.nan
    bad = np.isnan(values) & ~blank
    take = codes
    return Numbers(
        values=values[take], bad=bad[take], currency=currency[take], decimal=mark,
        problem=problem, case=int((codes == label).argmax()) if problem else -1,
    )  # fmt: skip


def _tidy(text: pd.Series) -> pd.Series:
    """Narrow digits and signs, one kind of minus, no spaces or apostrophes between digits."""
    odd = ~is_ascii(text)
    if odd.any():
        wide = (
            text[odd]
            .str.normalize("NFKC")
            .str.translate(
                {
                    ord("−"): "-",
                    ord("‐"): "-",
                    ord("萬"): "万",
                    ord("億"): "亿",
                    ord("’"): "'",
                    ord("‚"): ",",
                    ord("、"): ",",
                    ord("圆"): "元",
                    ord("圓"): "元",
                }
            )
        )
        text = text.mask(odd, wide)
    text = text.str.strip()
    spaced = has(text, r"\s|'")
    if spaced.any():
        joined = text[spaced].str.replace(
            r"([\d$€£¥A-Z(元-])[\s']+([\d$€£¥A-Z()%百千万亿元-])", r"\1\2", regex=True
        )
        joined = joined.str.replace(r"(\d)[\s']+(\d)", r"\1\2", regex=True)
        text = text.mask(spaced, joined)
    return text


def _take_apart(text: pd.Series) -> pd.DataFrame:
    """Parts of texts that look like money; all missing where a text does not."""
    if text.empty:  # most columns hold plain numbers throughout
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _FIELDS}, index=text.index)
    found = pc.extract_regex(pa.array(text, type=pa.string()), pattern=_MONEY)
    fields = {name: pc.struct_field(found, name) for name in _FIELDS}
    parts = pd.DataFrame({name: values.to_pandas() for name, values in fields.items()})
    parts = parts.astype("str").set_axis(text.index)
    return parts.mask(parts == "")


def _find_mark(bodies: pd.Series, separator: str) -> tuple[str, str, int]:
    """Decide the decimal mark by values that allow only one reading; else say which does not."""
    marked = bodies[has(bodies, "[.,]")].str.lstrip("+-")
    point, comma = fits(marked, _POINT), fits(marked, _COMMA)
    either = marked[point & comma]
    marks = {".": marked[point & ~comma], ",": marked[comma & ~point]}
    if len(marks["."]) and len(marks[","]):
        problem = (
            f"{marks[','].iloc[0]!r} has a decimal comma and {marks['.'].iloc[0]!r} a decimal point"
        )
        return ".", problem, int(marks[","].index[0])
    mark = "," if len(marks[","]) else "."
    unclear = either[_is_unclear(either, mark, marks[mark])]
    if not len(unclear) and not len(marks["."]) and not len(marks[","]) and separator == ";":
        unclear = either
    if len(unclear):
        problem = f"{unclear.iloc[0]!r} may have a decimal mark or a thousands separator"
        return mark, problem, int(unclear.index[0])
    return mark, "", -1


def _is_unclear(either: pd.Series, mark: str, sure: pd.Series) -> np.ndarray:
    """
    Tell which values would be read as thousandths though they look like thousands.

    45,000 in a column with a decimal comma is 45 or forty-five thousand. Computed numbers do not
    end in a zero; columns with three decimals throughout show it where a value has one reading.
    """
    part = f"[{mark}][0-9]{{3}}$"
    if len(sure) and has(sure, part).any():
        return np.zeros(len(either), dtype=bool)
    return has(either, f"[{mark}][0-9]{{2}}0$")


def _money(parts: pd.DataFrame, mark: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and currency codes of texts taken apart."""
    if parts.empty:
        return np.empty(0), np.empty(0, dtype=object)
    body = parts["body"].fillna("")
    shape = fits(body, _POINT if mark == "." else _COMMA)
    digits = body.str.replace("," if mark == "." else ".", "", regex=False).str.replace(
        ",", ".", regex=False
    )
    number = pd.to_numeric(digits.where(shape, ""), errors="coerce").to_numpy(dtype=float)
    closed = parts["open"].notna().to_numpy() == parts["close"].notna().to_numpy()
    signs = parts[["sign", "sign2", "sign3"]].notna().sum(axis=1).to_numpy()
    minus = parts["open"].notna() | (parts[["sign", "sign2", "sign3"]] == "-").any(axis=1)
    times = parts["times"].fillna("").map(_TIMES).to_numpy(dtype=float)
    percent = np.where(parts["percent"].notna(), 100.0, 1.0)
    number = np.where(minus, -1.0, 1.0) * number * times / percent
    number[~closed | (signs > 1)] = np.nan
    stated = parts["before"].fillna(parts["after"]).fillna("")
    code = stated.replace(_SIGNS).where(~stated.isin(_NO_CODE), "")
    double = parts["before"].notna() & parts["after"].notna()
    unknown = ~code.str.fullmatch("[A-Z]{3}|") | double
    number[unknown.to_numpy(dtype=bool)] = np.nan
    return number, code.to_numpy(dtype=object)
