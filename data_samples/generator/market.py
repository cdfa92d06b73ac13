"""The customers and prospects of the software sample, with what only their maker knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_samples.generator.clock import MONTH, WEEKDAY, YEAR, day, fresh
from data_samples.generator.names import FirmNames, plain
from data_samples.generator.places import COUNTRY_NAMES, draw_city, draw_site
from data_samples.generator.trades import TRADES

REGIONS: dict[str, dict[str, float]] = {
    "North America": {"US": 1180, "CA": 150},
    "Latin America": {"BR": 120, "MX": 74, "CO": 26, "AR": 24, "CL": 18},
    "UK & Ireland": {"GB": 345, "IE": 45},
    "Continental Europe": {
        "DE": 225,
        "FR": 120,
        "NL": 66,
        "ES": 48,
        "IT": 52,
        "CH": 40,
        "SE": 38,
        "BE": 26,
        "AT": 22,
        "DK": 20,
        "NO": 18,
        "PL": 20,
    },
    "Asia Pacific": {"JP": 112, "AU": 98, "IN": 76, "SG": 44, "KR": 36, "NZ": 20},
}
#: Middle of the natural logarithm of employees in a market, against the United States.
_MATURITY = {
    "US": 0.0,
    "IN": 0.75,
    "BR": 0.3,
    "MX": 0.3,
    "JP": 0.3,
    "KR": 0.3,
    "NZ": -0.5,
    "IE": -0.3,
    "CH": -0.1,
    "DK": -0.3,
    "NO": -0.3,
    "SG": -0.2,
    "PL": 0.1,
}
_RICHES = {
    "IN": 0.3,
    "BR": 0.5,
    "MX": 0.5,
    "CO": 0.42,
    "AR": 0.45,
    "CL": 0.55,
    "PL": 0.6,
    "ES": 0.75,
    "IT": 0.8,
    "KR": 0.8,
}
_DOMAINS = {
    "US": "com",
    "CA": "ca",
    "GB": "co.uk",
    "BR": "com.br",
    "MX": "com.mx",
    "AR": "com.ar",
    "AU": "com.au",
    "NZ": "co.nz",
    "JP": "co.jp",
    "KR": "co.kr",
    "IN": "in",
    "SG": "sg",
    "CL": "cl",
    "CO": "com.co",
    "IE": "ie",
}


@dataclass(frozen=True, kw_only=True)
class MarketSpec:
    """
    Size and time of a market.

    Parameters
    ----------
    seed
        Seed of all draws.
    accounts
        How many accounts, about.
    regions
        Weights of countries by region.
    as_of
        Last day of the data, as a day number.
    """

    seed: int
    accounts: int
    regions: dict[str, dict[str, float]]
    as_of: int


def make_accounts(spec: MarketSpec) -> pd.DataFrame:
    """
    Make the accounts without owner and purchases.

    Returns
    -------
    DataFrame
        Columns of table ``accounts``, and the truth beside them: ``true_potential`` (yearly spend
        possible), ``true_unit``, ``trade`` (place in the list of industries), ``stem``.
    """
    rng = fresh(spec.seed, "accounts")
    firms = FirmNames(fresh(spec.seed, "firm names"))
    pairs = [
        (region, country, weight)
        for region, members in spec.regions.items()
        for country, weight in members.items()
    ]
    shares = np.array([weight for *_, weight in pairs])
    counts = np.round(shares / shares.sum() * spec.accounts).astype(int).clip(min=1)
    weights = np.array([trade.weight for trade in TRADES])
    rows = []
    for (region, country, _), count in zip(pairs, counts, strict=True):
        for _ in range(int(count)):
            trade = int(rng.choice(len(TRADES), p=weights / weights.sum()))
            rows.append(_account(rng, firms, region, country, trade))
    accounts = pd.DataFrame(rows)
    accounts = _families(rng, firms, accounts)
    return _finish(rng, accounts, spec)


def _account(
    rng: np.random.Generator, firms: FirmNames, region: str, country: str, trade: int
) -> dict[str, object]:
    city = draw_city(rng, country)
    latitude, longitude, postcode = draw_site(rng, city)
    name, stem = firms.draw(country, city.province, TRADES[trade].group, TRADES[trade].name)
    middle = 5.15 + _MATURITY.get(country, 0.0) + 0.75 * TRADES[trade].size
    wide = 1.55 if rng.random() < 0.85 else 2.3
    employees = float(np.exp(rng.normal(middle, wide)))
    if TRADES[trade].group in ("public", "education"):
        employees = employees * 1.2 + 60
    return {
        "name": name,
        "stem": stem,
        "country": COUNTRY_NAMES[country],
        "code": country,
        "region": region,
        "province": city.province,
        "city": city.name,
        "postcode": postcode or None,
        "latitude": latitude,
        "longitude": longitude,
        "trade": trade,
        "employees": int(min(employees if employees > 6 else rng.integers(5, 26), 165_000)),
        "parent": -1,
        "time_zone": city.time_zone,
    }


def _families(rng: np.random.Generator, firms: FirmNames, accounts: pd.DataFrame) -> pd.DataFrame:
    """Make about one account in eleven the subsidiary of a larger one, with a name to match."""
    table = accounts.copy()
    size = table["employees"].to_numpy()
    private = ~table["trade"].map(
        lambda one: TRADES[one].group in ("public", "education", "health")
    )
    heads = np.flatnonzero((size > 1_800) & private.to_numpy())
    if len(heads) == 0:
        return table
    fame = rng.pareto(1.1, len(heads)) + 0.2
    fame = np.minimum(fame, np.quantile(fame, 0.97))
    children = np.flatnonzero((rng.random(len(table)) < 0.10) & private.to_numpy())
    for child in children:
        head = int(rng.choice(heads, p=fame / fame.sum()))
        near = table.at[head, "region"] == table.at[child, "region"] or rng.random() < 0.35
        if head == child or child in heads or not near:
            continue
        table.at[child, "parent"] = head
        table.at[child, "trade"] = table.at[head, "trade"]
        trade = TRADES[int(table.at[head, "trade"])]
        table.at[child, "name"] = firms.relative(
            str(table.at[head, "stem"]), str(table.at[child, "code"]), trade.group, trade.name
        )
        table.at[child, "stem"] = table.at[head, "stem"]
    return table


def _finish(rng: np.random.Generator, accounts: pd.DataFrame, spec: MarketSpec) -> pd.DataFrame:
    table = accounts.copy()
    count = len(table)
    size = np.log(table["employees"].to_numpy(dtype=float))
    trades = [TRADES[one] for one in table["trade"]]
    riches = table["code"].map(lambda one: _RICHES.get(one, 1.0)).to_numpy()
    per_head = np.array([trade.revenue for trade in trades]) * riches * 1000
    revenue = np.exp(size) * per_head * np.exp(rng.normal(0, 0.85, count))
    digits = np.floor(np.log10(revenue)) - 1
    table["revenue"] = np.round(revenue / 10**digits) * 10**digits
    lines = np.array([trade.lines for trade in trades]) * np.exp(0.21 * (size - 6.9))
    table["business_line_count"] = np.maximum(1, rng.poisson(np.maximum(lines - 1, 0.05)) + 1)
    spend = np.array([trade.spend for trade in trades])
    needs = 1.1 + 0.55 * (size - 2.5).clip(min=0) + 0.5 * np.log(spend) + rng.normal(0, 0.7, count)
    table["product_need_count"] = np.clip(np.round(needs), 1, 8).astype(int)
    strength = 0.72 * (size - 6.2) + np.log(spend) + np.log(riches) * 0.5
    strength += 0.07 * (table["product_need_count"].to_numpy() - 3) + rng.normal(0, 0.42, count)
    table["true_potential"] = np.round(60_000 * np.exp(strength), -2).clip(min=2_000)
    wrong = rng.random(count) < 0.10
    seen = size + np.where(wrong, rng.normal(0, 1.1, count), 0)
    table["true_unit"] = np.select(
        [seen > np.log(1500), seen > np.log(110)], ["Enterprise", "Commercial"], "Small Business"
    )
    start, end = day("2020-02-03"), spec.as_of
    made = start + (end - 20 - start) * rng.random(count) ** 1.1
    table["created"] = [int(one) if WEEKDAY[int(one)] <= 5 else int(one) - 2 for one in made]
    table["website"] = [_site(row, rng) for row in table.itertuples()]
    order = np.argsort(table["created"].to_numpy(), kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    back = pd.Series(np.arange(count), index=order)
    table["parent"] = [int(back[one]) if one >= 0 else -1 for one in table["parent"]]
    numbers = np.cumsum(fresh(spec.seed, "account ids").integers(1, 9, count)) + 10_200
    table["account_id"] = [f"A-{number:06d}" for number in numbers]
    return table


def _site(row: tuple, rng: np.random.Generator) -> str:  # type: ignore[type-arg]
    name = plain(str(row.stem) if row.parent >= 0 else str(row.name).split(",")[0])  # type: ignore[attr-defined]
    ending = _DOMAINS.get(row.code, str(row.code).lower())  # type: ignore[attr-defined]
    if rng.random() < 0.25:
        ending = "com"
    if "University" in row.name and row.code == "US":  # type: ignore[attr-defined]
        ending = "edu"
    for legal in (
        "gmbhcokg",
        "gmbh",
        "limited",
        "ltd",
        "inc",
        "llc",
        "corp",
        "sadecv",
        "ltda",
        "spa",
        "srl",
        "sas",
        "plc",
        "bv",
        "ag",
        "ab",
        "coltd",
        "pteltd",
        "ptyltd",
    ):
        if name.endswith(legal) and len(name) > len(legal) + 4:
            name = name[: -len(legal)]
            break
    if len(name) > 22:
        name = plain(str(row.stem)) + TRADES[row.trade].group[:4]  # type: ignore[attr-defined]
    return f"{name[:30]}.{ending}"


def season(number: int) -> float:
    """Give how busy selling is on a day, against the year's average."""
    by_month = (0.93, 1.04, 1.1, 1.02, 1.05, 1.06, 0.86, 0.8, 1.12, 1.14, 1.05, 0.72)
    by_weekday = (1.02, 1.2, 1.16, 1.08, 0.74, 0.04, 0.03)
    return by_month[MONTH[number] - 1] * by_weekday[WEEKDAY[number] - 1]


def years_after(number: int, year: float) -> float:
    """Give the time from the start of a year to a day, in years."""
    return YEAR[number] - year + (MONTH[number] - 1) / 12
