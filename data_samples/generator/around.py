"""What happens around deals: contacts, activities, campaigns, leads, marketing touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import BASE, WorkDays, dates, day, fresh
from data_samples.generator.crew import Person
from data_samples.generator.deals import Deal
from data_samples.generator.names import culture_of, person, pick, plain

_TITLES = {
    "executive": "Chief Information Officer*3|Chief Financial Officer*2|Chief Data Officer*2|"
    "VP Operations*2|Managing Director*2|Chief Technology Officer*2|VP Finance*1",
    "manager": "Head of Data*3|IT Manager*3|Director of Analytics*2|Procurement Manager*2|"
    "Finance Manager*2|Head of Business Intelligence*1.5|Operations Manager*2|"
    "Engineering Manager*1.5",
    "staff": "Data Engineer*3|Business Analyst*3|Systems Administrator*2|Data Scientist*2|"
    "Project Coordinator*1|Buyer*1.5|BI Developer*2|Controller*1",
    "unknown": "Consultant*1|Manager*2|*2",
}
_DEPARTMENTS = (
    ("Finance", "CFO Financ Controller"),
    ("Procurement", "Procure Buyer"),
    ("Operations", "Operations Project"),
    ("IT", ""),
)
_TYPES = ["email", "call", "meeting", "demo", "visit", "message", "task"]


def contacts(seed: int, accounts: pd.DataFrame, as_of: int, scale: float = 1.0) -> pd.DataFrame:
    """Give table ``contacts``: more people at customers and at large companies."""
    rng = fresh(seed, "contacts")
    rows = []
    for row in accounts.itertuples():
        mean = 0.35 + 0.16 * max(0.0, np.log(row.employees) - 3) + (1.5 if row.is_customer else 0)
        for _ in range(int(rng.poisson(mean * scale))):
            culture = culture_of(row.code, row.province)
            if rng.random() < (0.2 if culture == "en" else 0.07):
                culture = str(rng.choice(["en", "es", "in", "fr", "de", "it", "pl"]))
            name = person(rng, culture)
            level = str(rng.choice(list(_TITLES), p=[0.15, 0.4, 0.37, 0.08]))
            made = int(rng.integers(max(row.created, day("2020-06-01")), as_of))
            rows.append((row.account_id, name, level, made, row.website, rng.random()))
    table = pd.DataFrame(rows, columns=["account_id", "name", "level", "made", "site", "draw"])
    titles = [pick(rng, _TITLES[one]) for one in table["level"]]
    table["title"] = [title or None for title in titles]
    table["department"] = [
        next(
            name
            for name, keys in _DEPARTMENTS
            if not keys or any(key in title for key in keys.split())
        )
        for title in titles
    ]
    table["email"] = [
        f"{plain(name.split(' ')[0])}.{plain(name.split(' ')[-1])}@{site}"
        if draw < 0.7
        else f"{plain(name.split(' ')[0])[:1]}{plain(name.split(' ')[-1])}@{site}"
        for name, site, draw in zip(table["name"], table["site"], table["draw"], strict=True)
    ]
    table["is_active"] = rng.random(len(table)) > 0.09
    table["created_date"] = dates(table["made"])
    table.insert(0, "contact_id", [f"C-{one:06d}" for one in range(50_001, 50_001 + len(table))])
    table["last_activity_date"] = pd.NaT
    return table[
        [
            "contact_id",
            "account_id",
            "name",
            "title",
            "department",
            "level",
            "email",
            "is_active",
            "created_date",
            "last_activity_date",
        ]
    ]


def activities(
    seed: int,
    deals: Sequence[Deal],
    ids: dict[int, str],
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    crew: Sequence[Person],
    span: tuple[int, int],
    scale: float = 1.0,
) -> pd.DataFrame:
    """
    Give table ``activities``: of deals (denser before wins), and calm care of customers.

    Returns
    -------
    DataFrame
        Sorted by day; ``opportunity_id`` is missing where the activity belongs to the account.
    """
    rng = fresh(seed, "activities")
    first, last = span
    who: dict[str, np.ndarray] = {
        str(key): part.to_numpy() for key, part in people.groupby("account_id")["contact_id"]
    }
    account_ids = accounts["account_id"].tolist()
    rows: list[tuple[object, ...]] = []
    for deal in deals:
        stop = deal.end if not deal.zombie else deal.created + 150
        if stop < first or deal.created > last or ids.get(deal.number) is None:
            continue
        weeks = (stop - deal.created) / 7 + 0.4
        top = max(state[1] for state in deal.changes if state[1] < 50) if deal.changes else 0
        mean = weeks * (0.34 + 0.13 * max(top, 0)) * (1.75 if deal.won else 1.0) * scale
        mean *= 0.45 if deal.due is not None else 1.0
        count = int(rng.poisson(min(mean, 46)))
        shape = (2.3, 1.15) if deal.won else (0.95, 1.5)
        days = deal.created + (stop - deal.created) * rng.beta(*shape, count)
        chosen = who.get(account_ids[deal.account])
        for value in days[(days >= first) & (days < last + 1)]:
            rows.append(
                _activity(
                    rng,
                    int(value),
                    deal,
                    ids[deal.number],
                    account_ids[deal.account],
                    chosen,
                    crew,
                    top,
                    min(stop, last),
                )
            )
    for row in accounts[accounts["is_customer"]].itertuples():
        if row.owner < 0:
            continue
        mean = 1.5 + 1.1 * max(0.0, np.log(max(row.acv, 1_000) / 6_000))
        care = int(rng.poisson(mean * (last - first) / 730 * scale))
        for value in rng.integers(first, last + 1, care):
            rows.append(_care(rng, int(value), row, who.get(row.account_id), crew, last))
    table = pd.DataFrame(
        rows,
        columns=[
            "when",
            "account_id",
            "contact_id",
            "opportunity_id",
            "rep",
            "activity_type",
            "direction",
            "minutes",
            "is_automatic",
            "topic",
        ],
    )
    table = table.sort_values(["when", "account_id", "rep"], ignore_index=True, kind="stable")
    table["activity_date"] = dates(table["when"])
    table["rep_id"] = [crew[one].rep_id for one in table["rep"]]
    table["lead_id"] = None
    table.insert(0, "activity_id", [f"T-{one:07d}" for one in range(1, len(table) + 1)])
    return table[
        [
            "activity_id",
            "activity_date",
            "account_id",
            "contact_id",
            "opportunity_id",
            "lead_id",
            "rep_id",
            "activity_type",
            "direction",
            "minutes",
            "is_automatic",
            "topic",
        ]
    ]


def _working(rng: np.random.Generator, work: WorkDays, number: int, last: int) -> int:
    """Move an activity from a day off to a working day near it, before or after."""
    for _ in range(6):
        if work.is_work[number]:
            return min(number, last)
        number = max(1, number + int(rng.integers(-11, 12)))
    return min(work.before(number), last)


def _activity(
    rng: np.random.Generator,
    when: int,
    deal: Deal,
    number: str,
    account: str,
    people: np.ndarray | None,
    crew: Sequence[Person],
    top: int,
    last: int,
) -> tuple[object, ...]:
    owner = [state[5] for state in deal.changes if state[0] <= when] or [deal.owner]
    rep = owner[-1]
    if when < deal.created + 20 and deal.creator != deal.owner and rng.random() < 0.6:
        rep = deal.creator
    kind = _TYPES[int(rng.choice(7, p=[0.42, 0.23, 0.18, 0.06, 0.03, 0.04, 0.04]))]
    if kind == "demo" and top < 2:
        kind = "call"
    inward = rng.random() < (0.36 if deal.won else 0.22)
    contact = (
        None
        if people is None or rng.random() < 0.12
        else str(people[min(len(people) - 1, int(rng.exponential(1.3)))])
    )
    return (
        _working(rng, crew[rep].work, when, last),
        account,
        contact,
        number,
        rep,
        kind,
        "in" if inward else "out",
        _minutes(rng, kind),
        bool(kind == "email" and rng.random() < 0.14),
        None,
    )


def _care(
    rng: np.random.Generator,
    when: int,
    row: object,
    people: np.ndarray | None,
    crew: Sequence[Person],
    last: int,
) -> tuple[object, ...]:
    kind = str(
        rng.choice(
            ["email", "call", "meeting", "visit", "message"], p=[0.45, 0.25, 0.16, 0.06, 0.08]
        )
    )
    topic = (
        None
        if rng.random() < 0.5
        else str(
            rng.choice(
                ["service", "complaint", "business review", "training", "invoice", "roadmap"],
                p=[0.3, 0.13, 0.2, 0.12, 0.15, 0.1],
            )
        )
    )
    contact = None if people is None else str(people[int(rng.integers(len(people)))])
    owner = int(row.owner)  # type: ignore[attr-defined]
    return (
        _working(rng, crew[owner].work, when, last),
        row.account_id,
        contact,
        None,  # type: ignore[attr-defined]
        owner,
        kind,
        "in" if rng.random() < 0.42 else "out",
        _minutes(rng, kind),
        bool(kind == "email" and rng.random() < 0.2),
        topic,
    )


def _minutes(rng: np.random.Generator, kind: str) -> float | None:
    if kind in ("email", "message", "task"):
        return None
    usual = {"call": 14, "meeting": 42, "demo": 55, "visit": 110}[kind]
    return float(max(2, round(rng.gamma(4, usual / 4) / 5) * 5))


def last_days(table: pd.DataFrame, key: str) -> pd.Series:
    """Give the day of the last activity by account, contact or deal."""
    return table.dropna(subset=[key]).groupby(key)["activity_date"].max()


def stamps(days: np.ndarray, hours: np.ndarray) -> pd.Series:
    """Turn day numbers and hours of the day into times of day to the minute."""
    minutes = np.round(np.clip(hours, 0, 23.98) * 60).astype("int64")
    base = (BASE + days.astype("int64")).astype("datetime64[m]")
    return pd.Series(base + minutes).astype("datetime64[us]")
