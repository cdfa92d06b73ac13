"""What a country's postcodes look like and where it lies, for finding contradictions."""

from __future__ import annotations

import re
import unicodedata

#: ISO code by the names and codes that exports use, in lower case.
_NAMES = {
    "US": "us|usa|u.s.|u.s.a.|united states|united states of america|america|美国",
    "CA": "ca|can|canada|加拿大",
    "MX": "mx|mex|mexico|méxico|墨西哥",
    "BR": "br|bra|brazil|brasil|巴西",
    "GB": "gb|uk|gbr|england|united kingdom|great britain|英国",
    "IE": "ie|irl|ireland|爱尔兰",
    "DE": "de|deu|germany|deutschland|德国",
    "FR": "fr|fra|france|法国",
    "NL": "nl|nld|netherlands|the netherlands|荷兰",
    "BE": "be|bel|belgium|比利时",
    "CH": "ch|che|switzerland|schweiz|瑞士",
    "AT": "at|aut|austria|österreich|奥地利",
    "IT": "it|ita|italy|italia|意大利",
    "ES": "es|esp|spain|españa|西班牙",
    "PT": "pt|prt|portugal|葡萄牙",
    "SE": "se|swe|sweden|瑞典",
    "NO": "no|nor|norway|挪威",
    "DK": "dk|dnk|denmark|丹麦",
    "FI": "fi|fin|finland|芬兰",
    "PL": "pl|pol|poland|波兰",
    "CN": "cn|chn|china|people's republic of china|prc|中国",
    "JP": "jp|jpn|japan|日本",
    "KR": "kr|kor|korea|south korea|republic of korea|韩国",
    "IN": "in|ind|india|印度",
    "SG": "sg|sgp|singapore|新加坡",
    "AU": "au|aus|australia|澳大利亚",
    "NZ": "nz|nzl|new zealand|新西兰",
    "ZA": "za|zaf|south africa|南非",
    "AE": "ae|are|uae|united arab emirates|阿联酋",
    "IL": "il|isr|israel|以色列",
}
_POSTCODES = {
    "US": r"\d{5}(-\d{4})?",
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "MX": r"\d{5}",
    "BR": r"\d{5}-?\d{3}",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "DE": r"\d{5}",
    "FR": r"\d{5}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "BE": r"\d{4}",
    "CH": r"\d{4}",
    "AT": r"\d{4}",
    "IT": r"\d{5}",
    "ES": r"\d{5}",
    "PT": r"\d{4}-?\d{3}",
    "SE": r"\d{3} ?\d{2}",
    "NO": r"\d{4}",
    "DK": r"\d{4}",
    "FI": r"\d{5}",
    "PL": r"\d{2}-?\d{3}",
    "CN": r"\d{6}",
    "JP": r"\d{3}-?\d{4}",
    "KR": r"\d{5}",
    "IN": r"\d{3} ?\d{3}",
    "SG": r"\d{6}",
    "AU": r"\d{4}",
    "NZ": r"\d{4}",
    "ZA": r"\d{4}",
    "IL": r"\d{5}(\d{2})?",
}
#: South, north, west, east in degrees, with the far islands and some margin.
_BOXES = {
    "US": (18, 72, -180, -65),
    "CA": (41, 84, -142, -52),
    "MX": (14, 33, -119, -86),
    "BR": (-34, 6, -74, -34),
    "GB": (49, 61, -9, 3),
    "IE": (51, 56, -11, -5),
    "DE": (47, 56, 5, 16),
    "FR": (41, 52, -6, 10),
    "NL": (50, 54, 3, 8),
    "BE": (49, 52, 2, 7),
    "CH": (45, 48, 5, 11),
    "AT": (46, 50, 9, 18),
    "IT": (35, 48, 6, 19),
    "ES": (27, 44, -19, 5),
    "PT": (30, 43, -32, -6),
    "SE": (55, 70, 10, 25),
    "NO": (57, 72, 4, 32),
    "DK": (54, 58, 8, 16),
    "FI": (59, 71, 19, 32),
    "PL": (48, 55, 14, 25),
    "CN": (17, 54, 73, 136),
    "JP": (24, 46, 122, 147),
    "KR": (33, 39, 124, 132),
    "IN": (6, 37, 68, 98),
    "SG": (1, 2, 103, 105),
    "AU": (-44, -9, 112, 155),
    "NZ": (-48, -33, 166, 180),
    "ZA": (-35, -22, 16, 33),
    "AE": (22, 27, 51, 57),
    "IL": (29, 34, 34, 36),
}


_CODES = {name: code for code, names in _NAMES.items() for name in names.split("|")}


def country_code(name: str) -> str:
    """
    Give the ISO code of a country's name, blank when it is not known here.

    Examples
    --------
    >>> country_code("Germany"), country_code("中国"), country_code("Narnia")
    ('DE', 'CN', '')
    """
    return _CODES.get(unicodedata.normalize("NFKC", name).strip().casefold(), "")


def fits_postcode(country: str, postcode: str) -> bool | None:
    """Tell whether a postcode has its country's form; None when the form is not known."""
    pattern = _POSTCODES.get(country_code(country))
    if pattern is None:
        return None
    return re.fullmatch(pattern, postcode.strip().upper()) is not None


def fits_place(country: str, latitude: float, longitude: float) -> bool | None:
    """Tell whether a point lies in the box around its country; None when it is not known."""
    box = _BOXES.get(country_code(country))
    if box is None:
        return None
    south, north, west, east = box
    return south <= latitude <= north and west <= longitude <= east
