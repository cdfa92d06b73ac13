"""Dates and times as text: ISO, 2026年3月5日, day or month first, Excel days, time zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from planlib.intake.numbers import BLANKS
from planlib.intake.strings import fits, has, is_ascii

_HEAD = (
    r"^(?:(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号]?"
    r"|(?P<y3>\d{4})(?P<m3>\d{2})(?P<d3>\d{2})"
    r"|(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y4>\d{4})"
    r"|(?P<d5>\d{1,2})[- ](?P<n5>[A-Za-z]{3,9})\.?,?[- ](?P<y5>\d{4})"
    r"|(?P<n6>[A-Za-z]{3,9})\.? (?P<d6>\d{1,2}),? (?P<y6>\d{4}))"
)
_TAIL = (
    r"(?:(?:[T,]? *|, *)(?P<noon>上午|下午)? ?(?P<h>\d{1,2})[:时](?P<min>\d{2})"
    r"(?:[:分](?P<s>\d{2})秒?(?:[.,](?P<f>\d{1,9}))?)?分?(?: ?(?P<ampm>[AaPp]\.?[Mm]\.?))?"
    r" ?(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_PATTERN = _HEAD + _TAIL
#: What programs write; read in one go.
_ISO = r"\d{4}-\d{2}-\d{2}(?:[T ][012]\d:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|\+00:?00)?)?"
_FIELDS = (
    "y1",
    "m1",
    "d1",
    "y2",
    "m2",
    "d2",
    "y3",
    "m3",
    "d3",
    "a",
    "b",
    "y4",
    "d5",
    "n5",
    "y5",
    "n6",
    "d6",
    "y6",
    "noon",
    "h",
    "min",
    "s",
    "f",
    "ampm",
    "zone",
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_EARLIEST, _LATEST = 1900, 2199
_OPEN_END = 9000  # a year from which a date means "no end", as replication tools write it
_SERIALS = (20_000, 80_000)  # Excel days taken for dates: 1954 to 2119


@dataclass(frozen=True, kw_only=True)
class Dates:
    """
    Dates understood from text.

    Parameters
    ----------
    values
        Moments in the plan's time zone, without zone; NaT where blank or bad.
    bad
        Whether a text is neither blank nor a date.
    problem
        Why the column cannot be read without a declaration; blank when it can.
    order
        Order of day and month that the column itself shows: "dmy", "mdy" or blank.
    case
        Position of the first text that the problem names; -1 without.
    """

    values: np.ndarray
    bad: np.ndarray
    problem: str = ""
    order: str = ""
    case: int = -1


def parse_dates(
    text: pd.Series,
    *,
    order: str = "",
    source_zone: str = "",
    plan_zone: str = "UTC",
    date_1904: bool = False,
    whole_days: bool = True,
) -> Dates:
    """
    Understand a column of dates or times.

    Parameters
    ----------
    text
        Cells, blanks as empty strings.
    order
        Declared order, "dmy" or "mdy", of dates such as 03/04/2026; blank decides by the values.
    source_zone
        Time zone of times without a zone; blank: the plan's.
    plan_zone
        Time zone of the result.
    date_1904
        Whether plain numbers are days since 1904.
    whole_days
        Whether the column holds days. Then times at midnight throughout are days in any zone.

    Returns
    -------
    Dates
        Moments; a year from 9000 on means "no end" and gives NaT.

    Examples
    --------
    >>> found = parse_dates(pd.Series(["2026年3月5日", "05.03.2026"]))
    >>> found.values.astype("datetime64[D]").astype(str).tolist()
    ['2026-03-05', '2026-03-05']
    """
    codes, uniques = pd.factorize(text)
    unique = _tidy(pd.Series(uniques, dtype="str"))
    blank = unique.str.lower().isin(BLANKS).to_numpy()
    quick, is_utc, endless = _iso(unique)
    rest = ~blank & np.isnat(quick) & ~endless
    moments, zone = quick, np.where(is_utc, "Z", "").astype(object)
    found, problem, label = "", "", -1
    if rest.any():  # most columns are ISO throughout
        parts = _take_apart(unique[rest])
        found, problem, label = _order(parts, unique[rest])
        if order in ("dmy", "mdy"):
            problem = ""
        year, month, day = _calendar(parts, order if order in ("dmy", "mdy") else found)
        slow, endless[rest] = _moments(parts, year, month, day)
        serial = _serials(unique[rest], date_1904)
        moments[rest] = np.where(np.isnat(serial), slow, serial)
        zone[rest] = parts["zone"].fillna("").to_numpy()
    only_days = whole_days and bool(
        np.all(np.isnat(moments) | (moments == moments.astype("datetime64[D]")))
    )
    values = moments if only_days else _shifted(moments, zone, source_zone, plan_zone)
    bad = np.isnat(values) & ~blank & ~endless
    case = int((codes == label).argmax()) if problem else -1
    return Dates(values=values[codes], bad=bad[codes], problem=problem, order=found, case=case)


def _tidy(text: pd.Series) -> pd.Series:
    odd = ~is_ascii(text)
    if odd.any():
        text = text.mask(odd, text[odd].str.normalize("NFKC").str.replace("號", "号"))
    return text.str.strip()


def _iso(text: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of plain ISO texts, whether they are in UTC, and which mean "no end"."""
    plain_iso = fits(text, _ISO)
    moments = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    is_utc = np.zeros(len(text), dtype=bool)
    endless = np.zeros(len(text), dtype=bool)
    if plain_iso.any():
        plain = text[plain_iso]
        zoned = has(plain, r"Z$|\+")
        bare = plain.mask(zoned, plain.str.replace(r"Z$|\+.*$", "", regex=True))
        found = pd.to_datetime(bare, format="ISO8601", errors="coerce")
        year = found.dt.year
        endless[plain_iso] = (year >= _OPEN_END).to_numpy()
        found = found.where((year >= _EARLIEST) & (year <= _LATEST))
        moments[plain_iso] = found.to_numpy().astype("datetime64[us]")
        is_utc[plain_iso] = zoned
    return moments, is_utc, endless


def _take_apart(text: pd.Series) -> pd.DataFrame:
    found = pc.extract_regex(pa.array(text, type=pa.string()), pattern=_PATTERN)
    fields = {name: pc.struct_field(found, name) for name in _FIELDS}
    parts = pd.DataFrame({name: values.to_pandas() for name, values in fields.items()})
    parts = parts.astype("str").set_axis(text.index)
    return parts.mask(parts == "")


def _order(parts: pd.DataFrame, text: pd.Series) -> tuple[str, str, int]:
    """
    Decide by the values whether the day or the month stands first; else say which does not.

    Where no value shows it, those with points have the day first: no country writes 03.25.2026.
    """
    pairs = parts[["a", "b"]].dropna()
    numbers = pairs.astype(int)
    possible = (numbers.max(axis=1) <= 31) & (numbers.min(axis=1) <= 12)
    pairs = pairs[possible]
    if pairs.empty:
        return "", "", -1
    first, second = numbers.loc[possible, "a"], numbers.loc[possible, "b"]
    shown = text.loc[pairs.index].str.replace(r"[T\s,].*$", "", regex=True)
    day_first, month_first = first > 12, second > 12
    if day_first.any() and month_first.any():
        problem = (
            f"{shown[day_first].iloc[0]!r} has the day first and "
            f"{shown[month_first].iloc[0]!r} the month"
        )
        return "", problem, int(pairs.index[day_first][0])
    if day_first.any():
        return "dmy", "", -1
    if month_first.any():
        return "mdy", "", -1
    unclear = (first != second) & ~fits(text.loc[pairs.index], r"\d+\.\d+\..*")
    if unclear.any():
        problem = f"{shown[unclear].iloc[0]!r} may have the day or the month first"
        return "", problem, int(pairs.index[unclear][0])
    return "dmy", "", -1


def _calendar(parts: pd.DataFrame, order: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year, month and day of every text, NaN where it is no date."""
    month_first = order == "mdy"
    names = {key: parts[key].str.lower().map(_MONTHS) for key in ("n5", "n6")}
    year = _first(parts, "y1", "y2", "y3", "y4", "y5", "y6")
    month = _first(parts, "m1", "m2", "m3", "a" if month_first else "b")
    day = _first(parts, "d1", "d2", "d3", "b" if month_first else "a", "d5", "d6")
    month = np.where(np.isnan(month), names["n5"].to_numpy(dtype=float), month)
    month = np.where(np.isnan(month), names["n6"].to_numpy(dtype=float), month)
    return year, month, day


def _first(parts: pd.DataFrame, *names: str) -> np.ndarray:
    result = np.full(len(parts), np.nan)
    for name in names:
        result = np.where(np.isnan(result), _number(parts[name]), result)
    return result


def _number(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _moments(
    parts: pd.DataFrame, year: np.ndarray, month: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Moments of valid dates, and which texts mean "no end"."""
    endless = year >= _OPEN_END
    fits = (year >= _EARLIEST) & (year <= _LATEST) & (month >= 1) & (month <= 12) & (day >= 1)
    safe = np.where(fits, (year - 1970) * 12 + month - 1, 0)
    first = safe.astype("int64").astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (np.where(fits, day, 1).astype("int64") - 1)
    fits &= date.astype("datetime64[M]") == first
    hour, minute, second = (np.nan_to_num(_number(parts[name])) for name in ("h", "min", "s"))
    half = (
        parts["ampm"]
        .str[:1]
        .str.lower()
        .fillna(parts["noon"].map({"上午": "a", "下午": "p"}))
        .fillna("")
        .to_numpy()
    )
    fits &= (hour < 24) & (minute < 60) & (second < 60)
    fits &= ~((half != "") & ((hour > 12) | (hour < 1)))
    hour = np.where(half == "p", hour % 12 + 12, np.where(half == "a", hour % 12, hour))
    fraction = np.nan_to_num(_number("0." + parts["f"]))
    micros = np.round((hour * 3600 + minute * 60 + second + fraction) * 1e6).astype("int64")
    moments = date.astype("datetime64[us]") + micros.astype("timedelta64[us]")
    moments[~fits] = np.datetime64("NaT")
    return moments, endless


def _serials(text: pd.Series, date_1904: bool) -> np.ndarray:
    """Excel days, and milliseconds since 1970 as some interfaces write them."""
    result = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    numeric = fits(text, r"\d{5}(?:\.\d+)?")
    days = _number(text.where(numeric, ""))
    days = np.where((days >= _SERIALS[0]) & (days <= _SERIALS[1]), days, np.nan)
    start = np.datetime64("1904-01-01" if date_1904 else "1899-12-30", "us")
    good = ~np.isnan(days)
    seconds = np.round(days[good] * 86_400).astype("int64")
    result[good] = start + seconds.astype("timedelta64[s]")
    millis = fits(text, r"\d{13}")
    stamp = _number(text.where(millis, ""))[millis].astype("int64")
    result[millis] = stamp.astype("datetime64[ms]").astype("datetime64[us]")
    return result


def _shifted(moments: np.ndarray, zone: np.ndarray, source_zone: str, plan_zone: str) -> np.ndarray:
    """Bring moments with a zone, or of a declared zone, into the plan's time zone."""
    result = moments.copy()
    aware = (zone != "") & ~np.isnat(moments)
    if aware.any():
        minutes = pd.Series(zone[aware]).map(_offset).to_numpy(dtype="int64")
        utc = pd.DatetimeIndex(moments[aware] - minutes.astype("timedelta64[m]"), tz="UTC")
        result[aware] = _local(utc, plan_zone)
    naive = (zone == "") & ~np.isnat(moments)
    if source_zone and source_zone != plan_zone and naive.any():
        there = pd.DatetimeIndex(moments[naive]).tz_localize(
            source_zone,
            ambiguous=np.zeros(int(naive.sum()), dtype=bool),
            nonexistent="shift_forward",
        )
        result[naive] = _local(there, plan_zone)
    return result


def _local(moments: pd.DatetimeIndex, zone: str) -> np.ndarray:
    return moments.tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[us]")


def _offset(zone: str) -> int:
    """Minutes east of UTC."""
    if zone in ("Z", "z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))
