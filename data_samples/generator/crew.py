"""The sales people of the software sample: posts, hires, leavers, skill, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_samples.generator.clock import WorkDays, dates, day, fresh
from data_samples.generator.names import culture_of, person
from data_samples.generator.places import COUNTRY_NAMES, find_city

#: Posts: role, unit, region, city, country, manager's place in this list (1 is the first).
POSTS = """\
SVP;All;North America;Boston;US;0
manager;Enterprise;North America;New York;US;1
manager;Commercial;North America;Chicago;US;1
manager;Small Business;North America;Austin;US;1
manager;All;Latin America;São Paulo;BR;1
manager;All;UK & Ireland;London;GB;1
manager;Enterprise;Continental Europe;Munich;DE;1
manager;Commercial;Continental Europe;Amsterdam;NL;1
manager;All;Asia Pacific;Singapore;SG;1
AE;Enterprise;North America;New York;US;2
AE;Enterprise;North America;Boston;US;2
AE;Enterprise;North America;Chicago;US;2
AE;Enterprise;North America;Dallas;US;2
AE;Enterprise;North America;San Francisco;US;2
AE;Enterprise;North America;Toronto;CA;2
AE;Commercial;North America;Chicago;US;3
AE;Commercial;North America;Atlanta;US;3
AE;Commercial;North America;Denver;US;3
AE;Commercial;North America;Philadelphia;US;3
AE;Commercial;North America;Los Angeles;US;3
AE;Small Business;North America;Austin;US;4
AE;Small Business;North America;Austin;US;4
AE;Small Business;North America;Phoenix;US;4
AE;Small Business;North America;Raleigh;US;4
AE;Enterprise;Latin America;São Paulo;BR;5
AE;Commercial;Latin America;São Paulo;BR;5
AE;Commercial;Latin America;Mexico City;MX;5
AE;Enterprise;UK & Ireland;London;GB;6
AE;Commercial;UK & Ireland;London;GB;6
AE;Commercial;UK & Ireland;Manchester;GB;6
AE;Small Business;UK & Ireland;Dublin;IE;6
AE;Enterprise;Continental Europe;Munich;DE;7
AE;Enterprise;Continental Europe;Frankfurt am Main;DE;7
AE;Enterprise;Continental Europe;Paris;FR;7
AE;Commercial;Continental Europe;Amsterdam;NL;8
AE;Commercial;Continental Europe;Hamburg;DE;8
AE;Commercial;Continental Europe;Stockholm;SE;8
AE;Commercial;Continental Europe;Madrid;ES;8
AE;Enterprise;Asia Pacific;Tokyo;JP;9
AE;Enterprise;Asia Pacific;Sydney;AU;9
AE;Commercial;Asia Pacific;Singapore;SG;9
AE;Commercial;Asia Pacific;Melbourne;AU;9
AE;Commercial;Asia Pacific;Bengaluru;IN;9
BDR;Enterprise;North America;Boston;US;2
BDR;Commercial;North America;Chicago;US;3
BDR;Commercial;UK & Ireland;London;GB;6
BDR;Commercial;Continental Europe;Amsterdam;NL;8
BDR;Commercial;Asia Pacific;Singapore;SG;9
SDR;Small Business;North America;Austin;US;4
SDR;Small Business;North America;Austin;US;4
SDR;Commercial;Continental Europe;Dublin;IE;6
ECS;Enterprise;North America;New York;US;2
ECS;Enterprise;Continental Europe;Munich;DE;7
PS;All;North America;San Francisco;US;2
PS;All;Continental Europe;Amsterdam;NL;8
PS;All;Asia Pacific;Singapore;SG;9"""
_QUOTA = {"Enterprise": 1_150_000, "Commercial": 620_000, "Small Business": 340_000}
_HOURS = {
    "AE": 1_180,
    "BDR": 1_320,
    "SDR": 1_320,
    "ECS": 1_150,
    "PS": 980,
    "manager": 320,
    "SVP": 160,
}
_REASONS = ("better offer", "better offer", "career", "performance", "moved away", "workload")
_CALENDARS = {
    "US": "US",
    "CA": "CA",
    "BR": "BR",
    "MX": "MX",
    "GB": "GB",
    "IE": "GB",
    "DE": "DE",
    "NL": "NL",
    "FR": "FR",
    "SE": "SE",
    "ES": "ES",
    "JP": "JP",
    "AU": "AU",
    "SG": "SG",
    "IN": "IN",
}
_LANGUAGES = {
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "nl": "Dutch",
    "nordic": "Swedish",
    "ja": "Japanese",
    "in": "Hindi",
    "sg": "Mandarin",
}
_FIELDS = (
    "Financial services",
    "Retail",
    "Public sector",
    "Manufacturing",
    "Healthcare",
    "Technology",
    "Energy",
    "Media",
)


@dataclass(kw_only=True)
class Person:
    """One sales person or open seat, with what only their maker knows."""

    rep_id: str
    name: str
    role: str
    level: str
    unit: str
    region: str
    country: str
    city: str
    manager: int
    hire: int
    leave: int | None = None
    reason: str | None = None
    is_open: bool = False
    skill: float = 0.0
    pace: float = 1.0
    mood: float = 0.0
    skills: str = ""
    languages: str = ""
    work: WorkDays = field(default_factory=WorkDays)

    def here(self, number: int) -> bool:
        """Tell whether the person works on a day."""
        return (
            not self.is_open
            and self.hire <= number
            and (self.leave is None or number <= self.leave)
        )


def make_crew(seed: int, posts: str, as_of: int) -> list[Person]:
    """
    Fill the posts; some had another holder before, some are open.

    Parameters
    ----------
    seed
        Seed of all draws.
    posts
        Lines as in ``POSTS``.
    as_of
        Last day of the data.

    Returns
    -------
    list of Person
        Posts in their order, then the leavers, with ``manager`` as place in the list (-1: none).
    """
    rng = fresh(seed, "crew")
    lines = [line.split(";") for line in posts.splitlines()]
    crew = [_fill(rng, number, line, as_of) for number, line in enumerate(lines)]
    sellers = [place for place, one in enumerate(crew) if one.role in ("AE", "BDR", "SDR")]
    count = max(1, round(len(sellers) * 0.17))
    changed = [int(one) for one in rng.choice(sellers, count, replace=False)]
    first = day("2024-05-20")
    for turn, place in enumerate(changed):
        successor = crew[place]
        left = first + int((as_of - first - 40) * (turn + rng.random()) / count)
        old = _fill(rng, len(crew), lines[place], as_of)
        old.hire = left - int(rng.integers(300, 1500))
        old.leave, old.reason = left, str(rng.choice(_REASONS))
        old.skill -= 0.12
        gap = int(rng.integers(25, 120))
        successor.hire = left + gap
        successor.level = f"{successor.role} I"
        if successor.hire > as_of:
            successor.is_open, successor.name = True, f"Open seat {successor.city}"
        crew.append(old)
    growth = [place for place in sellers if place not in changed]
    for place in rng.choice(growth, max(1, len(growth) // 6), replace=False):
        crew[int(place)].hire = int(rng.integers(day("2024-06-03"), as_of - 20))
        crew[int(place)].level = f"{crew[int(place)].role} I"
    for place in rng.choice(growth, min(2, len(growth) // 6), replace=False):
        crew[int(place)].is_open = True
        crew[int(place)].name = f"Open seat {crew[int(place)].city}"
    numbers = rng.permutation(len(crew)) + 11
    for one, number in zip(crew, numbers, strict=True):
        one.rep_id = f"R-{number:03d}"
    return crew


def _fill(rng: np.random.Generator, number: int, line: Sequence[str], as_of: int) -> Person:
    role, unit, region, city, country, manager = line
    place = find_city(country, city)
    culture = culture_of(country, place.province)
    if culture in ("en", "de", "fr", "nl") and rng.random() < 0.16:
        culture = str(rng.choice(["in", "es", "it", "ja", "nordic", "pl"]))
    years = float(rng.gamma(1.6, 1.9 if role in ("AE", "PS", "ECS") else 1.1)) + 1.3
    years += 0.9 if role == "AE" else 0.0
    if role in ("manager", "SVP"):
        years = float(rng.uniform(2.4, 9))
    senior = "Senior " if years > 4.5 else ""
    level = f"{senior}{role}" if senior else f"{role} {'II' if years > 1.8 else 'I'}"
    own = _LANGUAGES.get(culture_of(country, place.province), "")
    known = ["English"] + ([own] if own else [])
    if rng.random() < 0.15:
        known.append(str(rng.choice(["Spanish", "French", "German", "Portuguese"])))
    picks = rng.choice(len(_FIELDS), int(rng.integers(1, 4)), replace=False)
    return Person(
        rep_id=f"R-{number:03d}",
        name=person(rng, culture),
        role=role,
        level={"SVP": "SVP", "manager": "Manager"}.get(role, level),
        unit=unit,
        region=region,
        country=country,
        city=city,
        manager=int(manager) - 1,
        hire=max(day("2020-02-03"), as_of - int(years * 365)),
        skill=float(rng.normal(0, 0.36)),
        pace=float(np.exp(rng.normal(0, 0.22))),
        mood=float(rng.normal(0, 1)),
        skills=";".join(_FIELDS[int(one)] for one in sorted(picks)),
        languages=";".join(dict.fromkeys(known)),
    )


def rep_table(crew: Sequence[Person]) -> pd.DataFrame:
    """Give table ``reps``."""
    rows = []
    for one in crew:
        place = find_city(one.country, one.city)
        quota = _QUOTA.get(one.unit, 900_000) if one.role == "AE" else None
        rows.append(
            {
                "rep_id": one.rep_id,
                "name": one.name,
                "manager_id": crew[one.manager].rep_id if one.manager >= 0 else None,
                "functional_manager_id": None,
                "role": one.role,
                "level": one.level,
                "unit": one.unit,
                "region": one.region,
                "country": COUNTRY_NAMES[one.country],
                "province": place.province,
                "city": one.city,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "skills": None if one.is_open else one.skills,
                "languages": None if one.is_open else one.languages,
                "time_zone": place.time_zone,
                "calendar": _CALENDARS.get(one.country, one.country),
                "hire_date": None if one.is_open else one.hire,
                "leave_date": one.leave,
                "leave_reason": one.reason,
                "is_open_seat": one.is_open,
                "capacity_hours": _HOURS.get(one.role, 400),
                "quota": quota,
            }
        )
    table = pd.DataFrame(rows).sort_values("rep_id", ignore_index=True)
    for name in ("hire_date", "leave_date"):
        table[name] = dates(None if pd.isna(value) else int(value) for value in table[name])
    return table


def rep_history(seed: int, crew: Sequence[Person], as_of: int) -> pd.DataFrame:
    """Give table ``rep_history``: posts by date, with promotions and changes of manager."""
    rng = fresh(seed, "rep history")
    rows: list[dict[str, object]] = []
    for one in crew:
        if one.is_open:
            continue
        manager = crew[one.manager].rep_id if one.manager >= 0 else None
        last = one.leave if one.leave is not None else None
        state = {
            "rep_id": one.rep_id,
            "manager_id": manager,
            "role": one.role,
            "level": one.level,
            "unit": one.unit,
            "region": one.region,
        }
        tenure = (last or as_of) - one.hire
        starts = [(one.hire, dict(state))]
        if tenure > 700 and one.role in ("AE", "manager", "ECS") and rng.random() < 0.45:
            early = {
                "AE": ("BDR", "BDR II"),
                "manager": ("AE", "Senior AE"),
                "ECS": ("AE", "AE II"),
            }[one.role]
            moved = one.hire + int(tenure * rng.uniform(0.3, 0.55))
            starts = [
                (one.hire, {**state, "role": early[0], "level": early[1]}),
                (moved, dict(state)),
            ]
        elif tenure > 500 and one.role not in ("manager", "SVP"):
            moved = one.hire + int(tenure * rng.uniform(0.4, 0.7))
            starts = [(one.hire, {**state, "level": f"{one.role} I"}), (moved, dict(state))]
        ends = [begin - 1 for begin, _ in starts[1:]] + [last]
        for (begin, values), end in zip(starts, ends, strict=True):
            rows.append({**values, "effective_from": begin, "effective_to": end})
    table = pd.DataFrame(rows).sort_values(["rep_id", "effective_from"], ignore_index=True)
    for name in ("effective_from", "effective_to"):
        table[name] = dates(None if pd.isna(value) else int(value) for value in table[name])
    return table
