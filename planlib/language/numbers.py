"""Numbers, amounts and days as they are written in Chinese."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = r"[-−+]?\d[\d,]*(?:\.\d+)?"
_AMOUNT = re.compile(rf"(?:(?P<currency>[A-Z]{{3}}) )?(?P<number>{_NUMBER}) ?(?P<unit>[kMB])?"
                     r"(?: (?P<after>[A-Z]{3}))?")  # fmt: skip
_INSIDE = re.compile(rf"(?<![\w.,])(?:[A-Z]{{3}} )?{_NUMBER} [kMB](?: [A-Z]{{3}})?(?!\w)")
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTH = re.compile(
    rf"(?:(?P<day>\d{{1,2}}) )?(?P<month>{'|'.join(_MONTHS)})(?: (?P<year>\d{{4}}))?"
)
_SCALES = {"k": Decimal(1_000), "M": Decimal(1_000_000), "B": Decimal(1_000_000_000)}
_WAN, _YI = Decimal(10_000), Decimal(100_000_000)


def amount_in_chinese(text: str) -> str | None:
    """
    Write an amount counted in thousands, millions or billions in 万 and 亿.

    Parameters
    ----------
    text
        A number, with a currency before or behind it and a unit k, M or B where there is one.

    Returns
    -------
    str or None
        None where the text is no number; a number without unit stays as it is.

    Examples
    --------
    >>> amount_in_chinese("CNY 1.2 B"), amount_in_chinese("950 k"), amount_in_chinese("1,204")
    ('12 亿 CNY', '95 万', '1,204')
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    currency = found["currency"] or found["after"]
    number = found["number"]
    if found["unit"]:
        number = _scaled(
            Decimal(number.replace(",", "").replace("−", "-")) * _SCALES[found["unit"]]
        )
    return f"{number} {currency}" if currency else number


def amounts_in_chinese(text: str) -> str:
    """
    Write the amounts that stand between names in 万 and 亿; the names stay.

    Examples
    --------
    >>> amounts_in_chinese("P10 197 M"), amounts_in_chinese("西部大区 38.2 M CNY")
    ('P10 1.97 亿', '西部大区 3,820 万 CNY')
    """
    return _INSIDE.sub(lambda found: amount_in_chinese(found[0]) or found[0], text)


def day_in_chinese(text: str) -> str | None:
    """
    Write a day, or a month as pictures name it; None where the text is none.

    Examples
    --------
    >>> day_in_chinese("2026-03-01"), day_in_chinese("15 Sep"), day_in_chinese("Nov 2025")
    ('2026年3月1日', '9月15日', '2025年11月')
    """
    found = _DAY.fullmatch(text)
    if found is None:
        return _month(text)
    return f"{found['year']}年{int(found['month'])}月{int(found['day'])}日"


def _month(text: str) -> str | None:
    found = _MONTH.fullmatch(text)
    if found is None or not (found["day"] or found["year"]):
        return None
    year = f"{found['year']}年" if found["year"] else ""
    day = f"{int(found['day'])}日" if found["day"] else ""
    return f"{year}{_MONTHS.index(found['month']) + 1}月{day}"


def _scaled(value: Decimal) -> str:
    size, unit = (_YI, " 亿") if abs(value) >= _YI else (_WAN, " 万")
    if abs(value) < _WAN:
        size, unit = Decimal(1), ""
    scaled = value / size
    return f"{scaled.normalize():,f}{unit}"
