"""
The small tables of places that ship with the package, read once and kept.

Cities from 20,000 inhabitants (15,000 in China) come from GeoNames (CC BY 4.0), names of countries
from CLDR, coast lines from Natural Earth and borders of US states from the US Census Bureau (public
domain). ``tools/build_places.py`` makes them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

#: Chinese provinces: their name in Chinese, in the city table, and first digits of postcodes.
_CHINA = {
    "北京": ("Beijing", "10"),
    "天津": ("Tianjin Shi", "30"),
    "河北": ("Hebei", "05 06 07"),
    "山西": ("Shanxi Sheng", "03 04"),
    "内蒙古": ("Inner Mongolia", "01 02"),
    "辽宁": ("Liaoning", "11 12"),
    "吉林": ("Jilin Sheng", "13"),
    "黑龙江": ("Heilongjiang Sheng", "15 16"),
    "上海": ("Shanghai Shi", "20"),
    "江苏": ("Jiangsu Sheng", "21 22"),
    "浙江": ("Zhejiang Sheng", "31 32"),
    "安徽": ("Anhui Sheng", "23 24"),
    "福建": ("Fujian", "35 36"),
    "江西": ("Jiangxi Sheng", "33 34"),
    "山东": ("Shandong Sheng", "25 26 27"),
    "河南": ("Henan Sheng", "45 46 47"),
    "湖北": ("Hubei", "43 44"),
    "湖南": ("Hunan", "41 42"),
    "广东": ("Guangdong", "51 52"),
    "广西": ("Guangxi Zhuangzu Zizhiqu", "53 54"),
    "海南": ("Hainan", "57"),
    "重庆": ("Chongqing Shi", "40"),
    "四川": ("Sichuan", "61 62 63 64"),
    "贵州": ("Guizhou Sheng", "55 56"),
    "云南": ("Yunnan", "65 66 67"),
    "西藏": ("Tibet Autonomous Region", "85"),
    "陕西": ("Shaanxi", "71 72"),
    "甘肃": ("Gansu Sheng", "73 74"),
    "青海": ("Qinghai Sheng", "81"),
    "宁夏": ("Ningxia Huizu Zizhiqu", "75"),
    "新疆": ("Xinjiang Uygur Zizhiqu", "83 84"),
}
#: Other spellings of provinces in Latin letters.
_CHINA_LATIN = {"xizang": "西藏", "neimenggu": "内蒙古", "neimongol": "内蒙古"}
#: Listed as countries of their own in the city table; also found as provinces of China.
_CHINA_OUTSIDE = {
    "香港": "HK",
    "澳门": "MO",
    "台湾": "TW",
    "hongkong": "HK",
    "macau": "MO",
    "macao": "MO",
    "taiwan": "TW",
}
#: First three digits of US postcodes by state.
_ZIP = """
AL 350-369 AK 995-999 AZ 850-865 AR 716-729 CA 900-961 CO 800-816 CT 060-069 DE 197-199 DC 200-205
FL 320-349 GA 300-319 HI 967-968 ID 832-838 IL 600-629 IN 460-479 IA 500-528 KS 660-679 KY 400-427
LA 700-714 ME 039-049 MD 206-219 MA 010-027 MI 480-499 MN 550-567 MS 386-397 MO 630-658 MT 590-599
NE 680-693 NV 889-898 NH 030-038 NJ 070-089 NM 870-884 NY 100-149 NC 270-289 ND 580-588 OH 430-459
OK 730-749 OR 970-979 PA 150-196 RI 028-029 SC 290-299 SD 570-577 TN 370-385 TX 750-799 UT 840-847
VT 050-059 VA 220-246 WA 980-994 WV 247-268 WI 530-549 WY 820-831
"""
_COUNTRY_ALIASES = {
    "usa": "US",
    "unitedstatesofamerica": "US",
    "us": "US",
    "uk": "GB",
    "greatbritain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "southkorea": "KR",
    "korea": "KR",
    "republicofkorea": "KR",
    "russia": "RU",
    "russianfederation": "RU",
    "viet nam": "VN",
    "vietnam": "VN",
    "uae": "AE",
    "czechrepublic": "CZ",
    "holland": "NL",
    "prchina": "CN",
    "mainlandchina": "CN",
    "中国大陆": "CN",
    "中华人民共和国": "CN",
    "peoplesrepublicofchina": "CN",
    "hongkong": "HK",
    "taiwan": "TW",
    "macau": "MO",
    "macao": "MO",
    "turkey": "TR",
    "ivorycoast": "CI",
}
_HAN_ENDING = re.compile(
    r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|地区|省|市|盟|县)$"
)
_LATIN_ENDING = re.compile(
    r"(zhuangzuzizhiqu|huizuzizhiqu|uygurzizhiqu|zizhiqu|autonomousregion|province|sheng|shi)$"
)


def fold(text: object) -> str:
    """
    Bring a place's name into the form that is looked up: no case, accents, spaces or endings.

    Examples
    --------
    >>> fold("São Paulo"), fold("苏州市"), fold("Jiangsu Province")
    ('saopaulo', '苏州', 'jiangsu')
    """
    if not isinstance(text, str):
        return ""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(sign for sign in decomposed if sign.isalnum()).replace("ß", "ss")
    ending = _HAN_ENDING if re.search(r"[\u4e00-\u9fff]", plain) else _LATIN_ENDING
    short = ending.sub("", plain)
    return short if len(short) >= 2 else plain


def _read(name: str) -> pd.DataFrame:
    path = files("planlib.territories") / "data" / f"{name}.csv.gz"
    with path.open("rb") as file:
        return pd.read_csv(file, compression="gzip", keep_default_na=False, encoding="utf-8")


@cache
def cities() -> pd.DataFrame:
    """Give the cities, largest first: country, province, name, latitude, longitude, population."""
    return _read("cities")


@cache
def land() -> tuple[np.ndarray, ...]:
    """Give the coast lines as arrays of longitude and latitude, one per land mass."""
    table = _read("land")
    points = table[["longitude", "latitude"]].to_numpy(dtype=float)
    starts = np.flatnonzero(np.diff(table["ring"].to_numpy())) + 1
    return tuple(np.split(points, starts))


@cache
def states() -> tuple[np.ndarray, ...]:
    """Give the borders between US states as arrays of longitude and latitude, one per line."""
    table = _read("states")
    points = table[["longitude", "latitude"]].to_numpy(dtype=float)
    starts = np.flatnonzero(np.diff(table["line"].to_numpy())) + 1
    return tuple(np.split(points, starts))


@cache
def country_codes() -> dict[str, str]:
    """Give the ISO code of each country by folded name, ISO code or alias."""
    codes: dict[str, str] = {}
    table = _read("countries")
    for code, names in zip(table["country"], table["names"], strict=True):
        codes[code.casefold()] = code
        for name in names.split("|"):
            codes.setdefault(fold(name), code)
    return codes | {fold(name): code for name, code in _COUNTRY_ALIASES.items()}


@cache
def city_index() -> dict[tuple[str, str, str], int]:
    """
    Give row numbers of ``cities`` by folded (country, province, city); the largest one wins.

    A blank country or province stands for any; across countries only from 100,000 inhabitants.
    """
    table = cities()
    index: dict[tuple[str, str, str], int] = {}
    provinces = [fold(name) for name in table["province"]]
    rows = zip(
        table["country"],
        provinces,
        table["code"].str.casefold(),
        table["name"],
        table["others"],
        table["population"],
        strict=True,
    )
    for row, (country, province, code, name, others, population) in enumerate(rows):
        for key in {fold(one) for one in (name, *filter(None, others.split("|")))}:
            for area in {province, code, ""}:
                index.setdefault((country, area, key), row)
            if population >= 100_000:
                index.setdefault(("", "", key), row)
    return index


@cache
def province_index() -> dict[tuple[str, str], tuple[float, float]]:
    """Give latitude and longitude by folded (country, province): the mean of its people's."""
    table = cities()
    table = table[table["province"].ne("")]
    centres = _centres(table, ["country", "province"])
    index = {(country, fold(province)): place for (country, province), place in centres.items()}
    coded = table[table["code"].ne("")].drop_duplicates(["country", "code"])
    for country, province, code in zip(
        coded["country"], coded["province"], coded["code"], strict=True
    ):
        index.setdefault((country, code.casefold()), centres[country, province])
    for chinese, (name, _) in _CHINA.items():
        index["CN", chinese] = centres["CN", name]
    for latin, chinese in _CHINA_LATIN.items():
        index["CN", latin] = index["CN", chinese]
    outside = country_index()
    for name, code in _CHINA_OUTSIDE.items():
        index["CN", name] = outside[code]
    return index


@cache
def country_index() -> dict[str, tuple[float, float]]:
    """Give latitude and longitude by ISO code: the mean of the country's city people."""
    return {key[0]: place for key, place in _centres(cities(), ["country"]).items()}


def province_of_postcode(country: str, postcode: object) -> str:
    """Give the folded province that a Chinese or US postcode lies in, else blank."""
    digits = re.sub(r"\D", "", postcode) if isinstance(postcode, str) else ""
    if country == "CN" and len(digits) == 6:
        return _china_postcodes().get(digits[:2], "")
    if country == "US" and len(digits) >= 5:
        return _us_postcodes().get(digits[:3], "")
    return ""


@cache
def chinese_provinces() -> frozenset[str]:
    """Give the folded Chinese names of provinces, by which China is known without a country."""
    return frozenset(_CHINA)


@cache
def _china_postcodes() -> dict[str, str]:
    return {first: name for name, (_, digits) in _CHINA.items() for first in digits.split()}


@cache
def _us_postcodes() -> dict[str, str]:
    words = _ZIP.split()
    ranges = zip(words[::2], words[1::2], strict=True)
    return {
        f"{number:03d}": state.casefold()
        for state, span in ranges
        for number in range(int(span[:3]), int(span[-3:]) + 1)
    }


def _centres(table: pd.DataFrame, by: list[str]) -> dict[tuple[str, ...], tuple[float, float]]:
    """Give the mean place of each group, weighted by inhabitants, as (latitude, longitude)."""
    people = table["population"].clip(lower=1).astype(float)
    radians = np.deg2rad(table[["latitude", "longitude"]].to_numpy(dtype=float))
    flat = np.cos(radians[:, 0])
    vector = pd.DataFrame({
        "x": flat * np.cos(radians[:, 1]) * people, "y": flat * np.sin(radians[:, 1]) * people,
        "z": np.sin(radians[:, 0]) * people,
    }).groupby([table[name] for name in by], sort=True).sum()  # fmt: skip
    latitude = np.rad2deg(np.arctan2(vector["z"], np.hypot(vector["x"], vector["y"])))
    longitude = np.rad2deg(np.arctan2(vector["y"], vector["x"]))
    keys = [key if isinstance(key, tuple) else (key,) for key in vector.index]
    return {
        key: (float(north), float(east))
        for key, north, east in zip(keys, latitude, longitude, strict=True)
    }
