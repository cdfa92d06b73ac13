"""Public holidays by calendar, 2023 to 2026, with the Chinese make-up working days."""

from __future__ import annotations

import datetime

import pandas as pd

from data_samples.generator.clock import WorkDays, day

YEARS = range(2023, 2027)
#: Fixed days (month-day) and days relative to Easter Sunday, by calendar.
_RULES: dict[str, list[tuple[str, str]]] = {
    "US": [
        ("01-01", "New Year's Day"),
        ("mon1-3", "Martin Luther King Jr. Day"),
        ("mon2-3", "Presidents' Day"),
        ("monL-5", "Memorial Day"),
        ("06-19", "Juneteenth"),
        ("07-04", "Independence Day"),
        ("mon9-1", "Labor Day"),
        ("11-11", "Veterans Day"),
        ("thu11-4", "Thanksgiving"),
        ("12-25", "Christmas Day"),
    ],
    "CA": [
        ("01-01", "New Year's Day"),
        ("easter-2", "Good Friday"),
        ("07-01", "Canada Day"),
        ("mon9-1", "Labour Day"),
        ("mon10-2", "Thanksgiving"),
        ("12-25", "Christmas Day"),
        ("12-26", "Boxing Day"),
    ],
    "GB": [
        ("01-01", "New Year's Day"),
        ("easter-2", "Good Friday"),
        ("easter+1", "Easter Monday"),
        ("mon5-1", "Early May bank holiday"),
        ("monL-5", "Spring bank holiday"),
        ("monL-8", "Summer bank holiday"),
        ("12-25", "Christmas Day"),
        ("12-26", "Boxing Day"),
    ],
    "DE": [
        ("01-01", "Neujahr"),
        ("easter-2", "Karfreitag"),
        ("easter+1", "Ostermontag"),
        ("05-01", "Tag der Arbeit"),
        ("easter+39", "Christi Himmelfahrt"),
        ("easter+50", "Pfingstmontag"),
        ("10-03", "Tag der Deutschen Einheit"),
        ("12-25", "1. Weihnachtstag"),
        ("12-26", "2. Weihnachtstag"),
    ],
    "FR": [
        ("01-01", "Jour de l'an"),
        ("easter+1", "Lundi de Pâques"),
        ("05-01", "Fête du Travail"),
        ("05-08", "Victoire 1945"),
        ("easter+39", "Ascension"),
        ("07-14", "Fête nationale"),
        ("08-15", "Assomption"),
        ("11-01", "Toussaint"),
        ("11-11", "Armistice"),
        ("12-25", "Noël"),
    ],
    "NL": [
        ("01-01", "Nieuwjaarsdag"),
        ("easter+1", "Tweede paasdag"),
        ("04-27", "Koningsdag"),
        ("easter+39", "Hemelvaartsdag"),
        ("easter+50", "Tweede pinksterdag"),
        ("12-25", "Eerste kerstdag"),
        ("12-26", "Tweede kerstdag"),
    ],
    "SE": [
        ("01-01", "Nyårsdagen"),
        ("01-06", "Trettondedag jul"),
        ("easter-2", "Långfredagen"),
        ("easter+1", "Annandag påsk"),
        ("05-01", "Första maj"),
        ("easter+39", "Kristi himmelsfärdsdag"),
        ("06-06", "Nationaldagen"),
        ("12-25", "Juldagen"),
        ("12-26", "Annandag jul"),
    ],
    "ES": [
        ("01-01", "Año Nuevo"),
        ("01-06", "Epifanía"),
        ("easter-2", "Viernes Santo"),
        ("05-01", "Día del Trabajador"),
        ("08-15", "Asunción"),
        ("10-12", "Fiesta Nacional"),
        ("11-01", "Todos los Santos"),
        ("12-06", "Constitución"),
        ("12-08", "Inmaculada"),
        ("12-25", "Navidad"),
    ],
    "BR": [
        ("01-01", "Confraternização Universal"),
        ("easter-48", "Carnaval"),
        ("easter-47", "Carnaval"),
        ("easter-2", "Sexta-feira Santa"),
        ("04-21", "Tiradentes"),
        ("05-01", "Dia do Trabalho"),
        ("easter+60", "Corpus Christi"),
        ("09-07", "Independência"),
        ("10-12", "Nossa Senhora Aparecida"),
        ("11-02", "Finados"),
        ("11-15", "Proclamação da República"),
        ("12-25", "Natal"),
    ],
    "MX": [
        ("01-01", "Año Nuevo"),
        ("mon2-1", "Día de la Constitución"),
        ("mon3-3", "Natalicio de Juárez"),
        ("05-01", "Día del Trabajo"),
        ("09-16", "Independencia"),
        ("mon11-3", "Revolución"),
        ("12-25", "Navidad"),
    ],
    "CO": [
        ("01-01", "Año Nuevo"),
        ("easter-3", "Jueves Santo"),
        ("easter-2", "Viernes Santo"),
        ("05-01", "Día del Trabajo"),
        ("07-20", "Independencia"),
        ("08-07", "Batalla de Boyacá"),
        ("12-08", "Inmaculada"),
        ("12-25", "Navidad"),
    ],
    "AU": [
        ("01-01", "New Year's Day"),
        ("01-26", "Australia Day"),
        ("easter-2", "Good Friday"),
        ("easter+1", "Easter Monday"),
        ("04-25", "Anzac Day"),
        ("mon6-2", "King's Birthday"),
        ("12-25", "Christmas Day"),
        ("12-26", "Boxing Day"),
    ],
    "IN": [
        ("01-26", "Republic Day"),
        ("05-01", "May Day"),
        ("08-15", "Independence Day"),
        ("10-02", "Gandhi Jayanti"),
        ("12-25", "Christmas Day"),
    ],
    "JP": [
        ("01-01", "元日"),
        ("01-02", "Bank holiday"),
        ("01-03", "Bank holiday"),
        ("mon1-2", "成人の日"),
        ("02-11", "建国記念の日"),
        ("02-23", "天皇誕生日"),
        ("03-20", "春分の日"),
        ("04-29", "昭和の日"),
        ("05-03", "憲法記念日"),
        ("05-04", "みどりの日"),
        ("05-05", "こどもの日"),
        ("mon7-3", "海の日"),
        ("08-11", "山の日"),
        ("mon9-3", "敬老の日"),
        ("mon10-2", "スポーツの日"),
        ("11-03", "文化の日"),
        ("11-23", "勤労感謝の日"),
    ],
    "SG": [
        ("01-01", "New Year's Day"),
        ("easter-2", "Good Friday"),
        ("05-01", "Labour Day"),
        ("08-09", "National Day"),
        ("12-25", "Christmas Day"),
    ],
}
#: Days that follow the moon, as dates.
_MOVING: dict[str, list[tuple[str, str]]] = {
    "SG": [
        ("2023-01-23", "Chinese New Year"),
        ("2024-02-12", "Chinese New Year"),
        ("2025-01-29", "Chinese New Year"),
        ("2025-01-30", "Chinese New Year"),
        ("2026-02-17", "Chinese New Year"),
        ("2026-02-18", "Chinese New Year"),
        ("2024-04-10", "Hari Raya Puasa"),
        ("2025-03-31", "Hari Raya Puasa"),
        ("2024-10-31", "Deepavali"),
        ("2025-10-20", "Deepavali"),
    ],
    "IN": [
        ("2023-03-08", "Holi"),
        ("2024-03-25", "Holi"),
        ("2025-03-14", "Holi"),
        ("2026-03-04", "Holi"),
        ("2023-10-24", "Dussehra"),
        ("2024-11-01", "Diwali"),
        ("2025-10-02", "Dussehra"),
        ("2025-10-21", "Diwali"),
    ],
}
#: China: name, days off, weekend days worked instead.
_CHINA: list[tuple[str, str, tuple[str, ...]]] = [
    ("元旦", "2024-01-01:2024-01-01", ()),
    ("春节", "2024-02-10:2024-02-17", ("2024-02-04", "2024-02-18")),
    ("清明节", "2024-04-04:2024-04-06", ("2024-04-07",)),
    ("劳动节", "2024-05-01:2024-05-05", ("2024-04-28", "2024-05-11")),
    ("端午节", "2024-06-10:2024-06-10", ()),
    ("中秋节", "2024-09-15:2024-09-17", ("2024-09-14",)),
    ("国庆节", "2024-10-01:2024-10-07", ("2024-09-29", "2024-10-12")),
    ("元旦", "2025-01-01:2025-01-01", ()),
    ("春节", "2025-01-28:2025-02-04", ("2025-01-26", "2025-02-08")),
    ("清明节", "2025-04-04:2025-04-06", ()),
    ("劳动节", "2025-05-01:2025-05-05", ("2025-04-27",)),
    ("端午节", "2025-05-31:2025-06-02", ()),
    ("国庆节、中秋节", "2025-10-01:2025-10-08", ("2025-09-28", "2025-10-11")),
    ("元旦", "2026-01-01:2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15:2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04:2026-04-06", ()),
    ("劳动节", "2026-05-01:2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19:2026-06-21", ()),
    ("中秋节", "2026-09-25:2026-09-27", ()),
    ("国庆节", "2026-10-01:2026-10-07", ("2026-09-20", "2026-10-10")),
]


def easter(year: int) -> datetime.date:
    """Give Easter Sunday of a year (Gauss's method in its Gregorian form)."""
    century, cycle = divmod(year, 100)
    golden = year % 19
    leap, rest = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    part, left = divmod(cycle, 4)
    shift = (32 + 2 * rest + 2 * part - moon - left) % 7
    late = (golden + 11 * moon + 22 * shift) // 451
    month, before = divmod(moon + shift - 7 * late + 114, 31)
    return datetime.date(year, month, before + 1)


def _resolve(rule: str, year: int) -> datetime.date:
    if rule.startswith("easter"):
        return easter(year) + datetime.timedelta(days=int(rule[6:]))
    if rule[:3] in ("mon", "thu"):
        weekday = 0 if rule.startswith("mon") else 3
        first, second = rule[3:].split("-")
        if first == "L":  # last Monday of a month
            month = int(second)
            last = datetime.date(year + month // 12, month % 12 + 1, 1)
            last -= datetime.timedelta(days=1)
            return last - datetime.timedelta(days=(last.weekday() - weekday) % 7)
        start = datetime.date(year, int(first), 1)
        ahead = (weekday - start.weekday()) % 7 + 7 * (int(second) - 1)
        return start + datetime.timedelta(days=ahead)
    month, number = rule.split("-")
    return datetime.date(year, int(month), int(number))


def holiday_table(calendars: list[str]) -> pd.DataFrame:
    """
    Give table ``holidays`` of some calendars.

    Returns
    -------
    DataFrame
        ``calendar``, ``holiday_date``, ``name``, ``is_workday``; China has make-up days.
    """
    rows: list[tuple[str, datetime.date, str, bool]] = []
    for calendar in calendars:
        if calendar == "CN":
            rows += _china()
            continue
        found = [(_resolve(rule, year), name) for rule, name in _RULES[calendar] for year in YEARS]
        found += [
            (datetime.date.fromisoformat(text), name) for text, name in _MOVING.get(calendar, [])
        ]
        seen: set[datetime.date] = set()
        for when, name in sorted(found):
            if when not in seen:
                rows.append((calendar, when, name, False))
                seen.add(when)
    table = pd.DataFrame(rows, columns=["calendar", "holiday_date", "name", "is_workday"])
    table["holiday_date"] = pd.to_datetime(table["holiday_date"])
    return table


def _china() -> list[tuple[str, datetime.date, str, bool]]:
    rows = []
    for name, span, worked in _CHINA:
        start, end = (datetime.date.fromisoformat(text) for text in span.split(":"))
        for offset in range((end - start).days + 1):
            rows.append(("CN", start + datetime.timedelta(days=offset), name, False))
        rows += [
            ("CN", datetime.date.fromisoformat(text), f"{name}调休上班", True) for text in worked
        ]
    return sorted(rows, key=lambda row: row[1])


def work_days(table: pd.DataFrame, calendar: str) -> WorkDays:
    """Give the working days of one calendar of table ``holidays``."""
    mine = table[table["calendar"] == calendar]
    numbers = [day(str(one.date())) for one in mine["holiday_date"]]
    worked = [number for number, flag in zip(numbers, mine["is_workday"], strict=True) if flag]
    return WorkDays([one for one in numbers if one not in set(worked)], worked)
