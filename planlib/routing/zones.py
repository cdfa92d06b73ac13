"""Time zones: of a place by its country and nearest zone, and minutes from local to common time."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from planlib.territories import gazetteer
from planlib.territories.places import distances_km, locate

#: Where a lead's time zone comes from, best first.
SOURCES = ("given", "city", "province", "country", "plan")
_PLACE = re.compile(r"([+-]\d{2})(\d{2})(\d{2})?([+-]\d{3})(\d{2})(\d{2})?")
_HOUR = 60


def assume_zones(leads: pd.DataFrame, plan_zone: str) -> pd.DataFrame:
    """
    Give the time zone of each lead, and how it is known.

    Parameters
    ----------
    leads
        Any of ``time_zone``, ``country``, ``province``, ``city``, ``postcode``.
    plan_zone
        Zone where nothing else is known.

    Returns
    -------
    DataFrame
        ``time_zone`` and ``zone_source``: given, or assumed from city, province or country (the
        zone of that country whose main place is nearest), or plan (nothing is known). A zone
        that is not in the IANA list counts as not given.
    """
    blank = pd.Series(pd.NA, index=leads.index, dtype="str")
    given = leads.get("time_zone", blank).astype("str")
    known = {name: is_zone(name) for name in given.dropna().unique()}
    fine = given.map(known).eq(True)
    zone, source = given.where(fine), blank.mask(fine, "given")
    names = [one for one in ("country", "province", "city", "postcode") if one in leads.columns]
    if names and not fine.all():
        places = leads.loc[~fine, names].drop_duplicates().reset_index(drop=True)
        found = _of_places(places.assign(place=[str(one) for one in range(len(places))]))
        rows = leads.loc[~fine, names].merge(
            pd.concat([places, found], axis=1), on=names, how="left"
        )
        zone.loc[~fine] = rows["zone"].to_numpy()
        source.loc[~fine] = rows["precision"].where(rows["zone"].notna()).to_numpy()
    lost = zone.isna()
    return pd.DataFrame({
        "time_zone": zone.mask(lost, plan_zone).astype("str"),
        "zone_source": source.mask(lost, "plan").astype("str"),
    })  # fmt: skip


@cache
def is_zone(name: str) -> bool:
    """Tell whether a name is a time zone of the IANA list."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@cache
def offsets(zone: str, base: datetime, hours: int) -> np.ndarray:
    """Give the minutes by which local time is ahead of UTC, for each hour after ``base`` (UTC)."""
    place = zoneinfo.ZoneInfo(zone)
    days = range(0, hours + 24, 24)
    ends = [_offset(place, base + timedelta(hours=one)) for one in days]
    found = np.empty(hours, dtype=np.int64)
    for at, hour in enumerate(range(0, hours, 24)):
        last = min(hour + 24, hours)
        if ends[at] == ends[at + 1]:
            found[hour:last] = ends[at]
        else:
            found[hour:last] = [
                _offset(place, base + timedelta(hours=one)) for one in range(hour, last)
            ]
    return found


def to_utc(times: pd.Series, zone: str) -> pd.Series:
    """Give local times of a zone in UTC; an hour that does not exist is moved forward."""
    if len(times) == 0:
        return times.astype("datetime64[us]")
    local = times.dt.tz_localize(zone, ambiguous=np.zeros(len(times), bool),
                                 nonexistent="shift_forward")  # fmt: skip
    return pd.Series(local.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]"))


def to_zone(times: pd.Series, zone: str) -> pd.Series:
    """Give UTC times in the local time of a zone."""
    local = times.dt.tz_localize("UTC").dt.tz_convert(zone)
    return pd.Series(local.dt.tz_localize(None).astype("datetime64[us]"))


def _offset(place: zoneinfo.ZoneInfo, moment: datetime) -> int:
    shift = moment.replace(tzinfo=UTC).astimezone(place).utcoffset()
    return 0 if shift is None else int(shift.total_seconds() // _HOUR)


def _of_places(places: pd.DataFrame) -> pd.DataFrame:
    """Give zone and precision of each place: the nearest zone of its country."""
    where = locate("leads", places, "place")
    country = places.get("country", pd.Series("", index=places.index))
    codes = country.fillna("").map(lambda name: gazetteer.country_codes().get(
        gazetteer.fold(name), ""))  # fmt: skip
    zones: list[str | None] = []
    for code, row in zip(codes, where.to_dict("records"), strict=True):
        listed = zone_list().get(code, ())
        if not listed or row["place_precision"] in ("none",):
            zones.append(listed[0][0] if listed else None)
            continue
        if len(listed) == 1 or row["place_precision"] == "country":
            zones.append(listed[0][0])
            continue
        away = distances_km(
            np.array([row["latitude"]]), np.array([row["longitude"]]),
            np.array([one[1] for one in listed]), np.array([one[2] for one in listed]),
        )  # fmt: skip
        zones.append(listed[int(np.argmin(away[0]))][0])
    precision = where["place_precision"].replace({"given": "city", "none": "country"})
    return pd.DataFrame({"zone": pd.Series(zones, dtype="object"), "precision": precision})


@cache
def zone_list() -> dict[str, tuple[tuple[str, float, float], ...]]:
    """
    Give zone, latitude and longitude of the zones of each country, the main one first.

    Read from ``zone.tab`` of the IANA list that comes with Python or the system; empty where
    neither has it, and then zones are not assumed.
    """
    found: dict[str, list[tuple[str, float, float]]] = {}
    for line in _zone_text().splitlines():
        parts = line.split("\t")
        place = _PLACE.fullmatch(parts[1]) if len(parts) > 2 and line[0] != "#" else None
        if place is not None and is_zone(parts[2]):
            north = _degrees(place[1], place[2])
            east = _degrees(place[4], place[5])
            found.setdefault(parts[0], []).append((parts[2], north, east))
    return {code: tuple(zones) for code, zones in found.items()}


def _degrees(whole: str, minutes: str) -> float:
    size = abs(int(whole)) + int(minutes) / 60
    return -size if whole.startswith("-") else size


def _zone_text() -> str:
    try:
        return (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        files = [Path(folder) / "zone.tab" for folder in zoneinfo.TZPATH]
        return next((one.read_text(encoding="utf-8") for one in files if one.is_file()), "")
