"""Cities of the samples with coordinates, provinces, postcodes and time zones."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

_FILES = Path(__file__).parent / "words"
COUNTRY_NAMES = {
    "US": "United States",
    "CA": "Canada",
    "BR": "Brazil",
    "MX": "Mexico",
    "AR": "Argentina",
    "CL": "Chile",
    "CO": "Colombia",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "DE": "Germany",
    "AT": "Austria",
    "CH": "Switzerland",
    "FR": "France",
    "NL": "Netherlands",
    "BE": "Belgium",
    "ES": "Spain",
    "IT": "Italy",
    "SE": "Sweden",
    "DK": "Denmark",
    "NO": "Norway",
    "PL": "Poland",
    "JP": "Japan",
    "KR": "South Korea",
    "SG": "Singapore",
    "AU": "Australia",
    "NZ": "New Zealand",
    "IN": "India",
    "CN": "China",
}
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class City:
    """One city."""

    country: str
    name: str
    province: str
    postcode: str
    latitude: float
    longitude: float
    population: int
    time_zone: str


@cache
def cities(country: str) -> tuple[City, ...]:
    """Give the cities of a country in the order of the file; Chinese ones in Chinese."""
    file = "cities_cn.csv" if country == "CN" else "cities.csv"
    with (_FILES / file).open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["country_code"] == country]
    return tuple(
        City(
            country=row["country_code"],
            name=row["city"],
            province=row["province"],
            postcode=row["postcode"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            population=int(row["population"]),
            time_zone=row["time_zone"],
        )
        for row in rows
    )


@cache
def _weights(country: str) -> np.ndarray:
    sizes = np.array([city.population for city in cities(country)], dtype=float) ** 0.75
    return np.cumsum(sizes / sizes.sum())


def draw_city(rng: np.random.Generator, country: str) -> City:
    """Draw a city, larger ones more often."""
    place = int(np.searchsorted(_weights(country), rng.random()))
    return cities(country)[min(place, len(cities(country)) - 1)]


def find_city(country: str, name: str) -> City:
    """Give a city by name."""
    return next(city for city in cities(country) if city.name == name)


def draw_site(rng: np.random.Generator, city: City) -> tuple[float, float, str]:
    """Draw latitude, longitude and postcode of a site in or just outside a city."""
    spread = 0.012 + (0.07 if city.country == "CN" else 0.0)
    spread += 0.03 * min(1.0, (city.population / 4e6) ** 0.5)
    latitude = city.latitude + float(rng.normal(0, spread))
    longitude = city.longitude + float(rng.normal(0, spread)) / max(
        0.35, float(np.cos(np.radians(city.latitude)))
    )
    code = "".join(
        str(int(rng.integers(10)))
        if sign == "#"
        else _LETTERS[int(rng.integers(len(_LETTERS)))]
        if sign == "@"
        else sign
        for sign in city.postcode
    )
    return round(latitude, 5), round(longitude, 5), code


def distance_km(one: tuple[float, float], many: np.ndarray) -> np.ndarray:
    """Give the great-circle distance from a point to many (latitude, longitude in degrees)."""
    lat1, lon1 = np.radians(one)
    lat2, lon2 = np.radians(many[:, 0]), np.radians(many[:, 1])
    half = np.sin((lat2 - lat1) / 2) ** 2
    half = half + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
