"""Where accounts and reps are: given coordinates, checked, else looked up by name, offline."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planlib.tables import require_columns
from planlib.territories import gazetteer

#: How precisely a place is known, best first.

_EARTH_KM = 6371.0
_NEAR_KM = 250.0  # a site lies this near to some city of its country
fold = lru_cache(maxsize=100_000)(gazetteer.fold)
_CLUES = ["country", "province", "city", "postcode"]


def locate(table: str, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """
    Find latitude and longitude of each row, and say how precisely they are known.

    Parameters
    ----------
    table
        Name of the table, for error messages.
    frame
        One row per ``key`` with any of ``latitude``, ``longitude``, ``city``, ``province``,
        ``postcode``, ``country`` (names in English, Chinese or the local language, or ISO codes).
    key
        Column that identifies a row.

    Returns
    -------
    DataFrame
        ``key``, ``latitude``, ``longitude`` (degrees; missing where unknown, never 0, 0),
        ``place_precision`` (given, city, province, country, none) and ``place_problem`` (blank
        where there is none), in the order of ``frame``. Given coordinates that lie far from every
        city of the stated country are taken the other way round where that fits, else replaced by
        the city or province where one is known; the problem says so.

    Raises
    ------
    TableError
        If ``key`` is missing.
    """
    require_columns(table, frame, [key])
    found = _look_up(frame)
    given, problem = _given(frame, found["code"])
    has_given = given["latitude"].notna()
    outside = problem.eq("far outside the stated country")
    better = outside & found["precision"].isin(["city", "province"])
    use_given = has_given & ~better
    problem = problem.mask(better, "given coordinates lie outside the stated country; looked up")
    precision = found["precision"].mask(use_given, "given")
    no_clue = precision.eq("none") & problem.eq("")
    problem = problem.mask(no_clue, "no coordinates, and no place that could be looked up")
    return pd.DataFrame({
        key: frame[key].to_numpy(),
        "latitude": found["latitude"].mask(use_given, given["latitude"]).to_numpy(),
        "longitude": found["longitude"].mask(use_given, given["longitude"]).to_numpy(),
        "place_precision": precision.to_numpy(),
        "place_problem": problem.to_numpy(),
    })  # fmt: skip


def distances_km(
    latitude: np.ndarray, longitude: np.ndarray, to_latitude: np.ndarray, to_longitude: np.ndarray
) -> np.ndarray:
    """
    Give great-circle distances, every place of the first list to every place of the second.

    Returns
    -------
    ndarray
        Kilometres by the haversine formula on a sphere of radius 6,371 km; NaN where a place is
        not known.
    """
    north, east = np.deg2rad(latitude)[:, None], np.deg2rad(longitude)[:, None]
    to_north, to_east = np.deg2rad(to_latitude)[None, :], np.deg2rad(to_longitude)[None, :]
    half = (
        np.sin((to_north - north) / 2) ** 2
        + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    )
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def _look_up(frame: pd.DataFrame) -> pd.DataFrame:
    """Give code, latitude, longitude and precision per row, each distinct place looked up once."""
    clues = pd.DataFrame({
        name: frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
        for name in _CLUES
    }).astype("object").where(lambda table: table.notna(), "")  # fmt: skip
    rows = list(zip(*(clues[name].map(str) for name in _CLUES), strict=True))
    known = {row: _place(*row) for row in dict.fromkeys(rows)}
    result = pd.DataFrame(
        [known[row] for row in rows],
        columns=["code", "latitude", "longitude", "precision"],
        index=frame.index,
    )
    return result.astype(
        {"code": "str", "latitude": "float64", "longitude": "float64", "precision": "str"}
    )


def _place(country: str, province: str, city: str, postcode: str) -> tuple[str, float, float, str]:
    area, town = fold(province), fold(city)
    code = gazetteer.country_codes().get(fold(country), "")
    if not code and (area in gazetteer.chinese_provinces()):
        code = "CN"
    if town and (code or not country):
        row = _city_row(code, area, town)
        if row is not None:
            return (*_cities()[row], "city")
    provinces = gazetteer.province_index()
    for name in (area, gazetteer.province_of_postcode(code, postcode), town):
        if name and (code, name) in provinces:
            return (code, *provinces[code, name], "province")
    if code in gazetteer.country_index():
        return (code, *gazetteer.country_index()[code], "country")
    return code, np.nan, np.nan, "none"


@cache
def _cities() -> list[tuple[str, float, float]]:
    """Give country, latitude and longitude of every city of the gazetteer."""
    table = gazetteer.cities()
    columns = (table[name].tolist() for name in ("country", "latitude", "longitude"))
    return list(zip(*columns, strict=True))


def _city_row(code: str, area: str, town: str) -> int | None:
    """Prefer the city in the stated province; a Chinese province is known by several names."""
    index = gazetteer.city_index()
    place = gazetteer.province_index().get((code, area)) if area else None
    if place is not None:
        for name in _same_place(code, place):
            if (code, name, town) in index:
                return index[code, name, town]
    return index.get((code, "", town))


@cache
def _same_place(code: str, place: tuple[float, float]) -> tuple[str, ...]:
    """Give all names of the province that has this centre."""
    return tuple(
        name
        for (country, name), centre in gazetteer.province_index().items()
        if country == code and centre == place
    )


def _given(frame: pd.DataFrame, codes: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Give usable coordinates of the frame, and what is wrong with them."""
    blank = pd.Series(np.nan, index=frame.index)
    north = pd.to_numeric(frame.get("latitude", blank), errors="coerce").astype(float)
    east = pd.to_numeric(frame.get("longitude", blank), errors="coerce").astype(float)
    problem = pd.Series("", index=frame.index, dtype="str")
    half = north.isna() ^ east.isna()
    problem = problem.mask(half, "only one of latitude and longitude is given")
    zero = north.abs().lt(0.01) & east.abs().lt(0.01)
    problem = problem.mask(zero, "coordinates are 0, 0, which stands for missing")
    wide = (north.abs() > 180) | (east.abs() > 180) | ((north.abs() > 90) & (east.abs() > 90))
    problem = problem.mask(wide, "coordinates are out of range")
    usable = north.notna() & east.notna() & ~zero & ~wide
    turned = usable & (north.abs() > 90)
    away = _km_from_country(north.where(~turned), east, codes)
    away_turned = _km_from_country(east.where(east.abs() <= 90), north, codes)
    far = usable & codes.ne("") & (away > _NEAR_KM)
    swap = turned | (far & (away_turned <= _NEAR_KM))
    problem = problem.mask(far & ~swap, "far outside the stated country")
    problem = problem.mask(swap, "latitude and longitude look swapped; turned round")
    place = pd.DataFrame({"latitude": north.mask(swap, east), "longitude": east.mask(swap, north)})
    return place.where(usable), problem


def _km_from_country(north: pd.Series, east: pd.Series, codes: pd.Series) -> pd.Series:
    """Give the distance of each place from the nearest city of its country."""
    result = pd.Series(np.nan, index=north.index)
    for code in sorted(set(codes) - {""}):
        rows = codes.eq(code) & north.notna() & east.notna()
        if rows.any() and code in gazetteer.country_index():
            chord, _ = _country_tree(code).query(_on_sphere(north[rows], east[rows]))
            result[rows] = 2 * _EARTH_KM * np.arcsin(np.clip(chord / 2, 0, 1))
    return result


@cache
def _country_tree(code: str) -> cKDTree:
    table = gazetteer.cities()
    inside = table[table["country"].eq(code)]
    return cKDTree(_on_sphere(inside["latitude"], inside["longitude"]))


def _on_sphere(latitude: pd.Series, longitude: pd.Series) -> np.ndarray:
    north, east = np.deg2rad(latitude.to_numpy(float)), np.deg2rad(longitude.to_numpy(float))
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )
