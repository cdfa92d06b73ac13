"""What goes wrong in a CRM, put into clean tables at known rates; see each sample's README."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data_samples.generator.clock import dates, fresh

#: Share of accounts, or count where above 1, that each fault touches.
MISSING_EMPLOYEES = 0.08
ZERO_EMPLOYEES = 6
MISSING_INDUSTRY = 0.035
TYPO_INDUSTRY = 0.012
TYPO_COUNTRY = 0.008
SWAPPED = 5
MISSING_PLACE = 0.03
STALE = 0.21
DOUBLES = 0.008

_TYPOS = {
    "United States": "Unted States",
    "Germany": "Germnay",
    "United Kingdom": "UK",
    "Brazil": "Brasil",
    "Japan": "Japn",
    "France": "FRA",
    "Canada": "Candada",
    "Netherlands": "Holland",
}
_ENDINGS = (
    (" Inc.", ""),
    (" Ltd", " Limited"),
    (" GmbH", ""),
    (" LLC", ", LLC"),
    (" Corp.", " Corporation"),
    (" S.A.", " SA"),
    (" AG", ""),
    (" Limited", " Ltd."),
    (" B.V.", " BV"),
    (" SAS", ""),
    (" Co.", " Company"),
    (" plc", " PLC"),
)


def soil_accounts(
    seed: int, accounts: pd.DataFrame, as_of: int, scale: float = 1.0
) -> pd.DataFrame:
    """
    Put faults into table ``accounts``.

    Returns
    -------
    DataFrame
        With missing and zero employees, mistyped countries and industries, swapped coordinates,
        missing places, records that nobody has checked for long.
    """
    rng = fresh(seed, "account dirt")
    table = accounts.copy()
    count = len(table)
    table["employees"] = table["employees"].astype("object")
    table.loc[rng.random(count) < MISSING_EMPLOYEES, "employees"] = None
    table.loc[_some(rng, count, ZERO_EMPLOYEES * scale), "employees"] = 0
    off = rng.random(count) < MISSING_INDUSTRY
    table.loc[off, ["industry", "sic", "naics"]] = None
    half = ~off & (rng.random(count) < 0.10)
    table.loc[half, "sic"] = None
    wrong = ~off & (rng.random(count) < TYPO_INDUSTRY)
    table.loc[wrong, "industry"] = [_slip(rng, one) for one in table.loc[wrong, "industry"]]
    typo = (rng.random(count) < TYPO_COUNTRY) & table["country"].isin(_TYPOS).to_numpy()
    table.loc[typo, "country"] = table.loc[typo, "country"].map(_TYPOS)
    place = rng.random(count) < MISSING_PLACE
    table.loc[place, ["latitude", "longitude"]] = np.nan
    table.loc[place & (rng.random(count) < 0.4), ["city", "postcode"]] = None
    near = table["longitude"].abs() < 88
    swap = _some(rng, count, SWAPPED * scale, np.flatnonzero(near & ~place))
    table.loc[swap, ["latitude", "longitude"]] = table.loc[
        swap, ["longitude", "latitude"]
    ].to_numpy()
    table.loc[rng.random(count) < 0.05, "website"] = None
    stale = rng.random(count) < STALE
    ages = np.where(stale, rng.integers(380, 1_500, count), rng.integers(0, 365, count))
    table["updated_date"] = dates(np.maximum(table["created"].to_numpy(), as_of - ages))
    return table


def double_accounts(seed: int, accounts: pd.DataFrame, scale: float = 1.0) -> pd.DataFrame:
    """Add second records of some accounts under nearly the same name."""
    rng = fresh(seed, "doubles")
    fits = [
        place
        for place, name in enumerate(accounts["name"])
        if any(name.endswith(old) for old, _ in _ENDINGS)
    ]
    count = max(2, round(len(accounts) * DOUBLES * scale))
    rows = accounts.iloc[np.sort(rng.choice(fits, count, replace=False))].copy()
    rows["name"] = [_near_name(rng, name) for name in rows["name"]]
    used = accounts["account_id"].str[2:].astype(int).max()
    rows["account_id"] = [f"A-{used + 7 + 3 * place:06d}" for place in range(count)]
    rows["acv"], rows["is_customer"], rows["parent_id"] = np.nan, False, None
    rows["postcode"] = None
    rows["website"] = rows["website"].where(rng.random(count) < 0.5, None)
    rows["created_date"] = rows["created_date"] + pd.to_timedelta(
        rng.integers(100, 420, count), unit="D"
    )
    rows["created_date"] = rows["created_date"].clip(upper=accounts["created_date"].max())
    rows["last_activity_date"] = pd.NaT
    return pd.concat([accounts, rows], ignore_index=True)


def soil_deals(
    seed: int, table: pd.DataFrame, as_of: int, scale: float = 1.0
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """
    Put faults into table ``opportunities``, away from wins of the last quarters.

    Returns
    -------
    tuple
        The table, and the ids of the deals touched by each fault.
    """
    rng = fresh(seed, "deal dirt")
    found = table.copy()
    end = pd.Timestamp("2020-01-01") + pd.Timedelta(days=as_of)
    won, closed = found["is_won"].astype(bool), found["is_closed"].astype(bool)
    old = found["close_date"] < end - pd.Timedelta(days=480)
    faults: dict[str, list[str]] = {}

    def take(name: str, fits: pd.Series, count: float) -> np.ndarray:
        places = _some(rng, len(found), count * scale, np.flatnonzero(fits.to_numpy()))
        faults[name] = found.loc[places, "opportunity_id"].tolist()
        return places

    rows = take("won_without_amount", won & old, 9)
    found.loc[rows, ["amount", "discount_share"]] = np.nan
    rows = take("closed_before_created", closed & ~won & old, 11)
    found.loc[rows, "created_date"] = found.loc[rows, "close_date"] + pd.to_timedelta(
        rng.integers(3, 60, len(rows)), unit="D"
    )
    rows = take("orphan_account", ~won, 6)
    found.loc[rows, "account_id"] = [
        f"A-9{one:05d}" for one in rng.integers(10_000, 99_999, len(rows))
    ]
    rows = take("orphan_owner", ~won & closed, 5)
    found.loc[rows, "owner_id"] = "R-999"
    rows = take("no_owner", ~closed, 4)
    found.loc[rows, "owner_id"] = None
    rows = take("extra_zero", ~closed & (found["amount"] > 20_000), 3)
    found.loc[rows, "amount"] = found.loc[rows, "amount"] * 10
    return found, faults


def bad_rows(seed: int, table: pd.DataFrame) -> pd.DataFrame:
    """
    Add rows that cannot be used: no id, an id twice, words for money, a day that is none.

    Returns
    -------
    DataFrame
        ``table`` (all columns as text, as an export has them) with five rows more.
    """
    rng = fresh(seed, "bad rows")
    text = table.astype("object")
    lost = text[(text["is_won"] == "false") & (text["is_closed"] == "true")]
    still = text[text["is_closed"] == "false"]
    first = lost.iloc[[int(rng.integers(len(lost)))]].copy()  # the same id twice, word for word
    more = still.iloc[np.sort(rng.choice(len(still), 4, replace=False))].copy()
    used = text["opportunity_id"].dropna().str[2:].astype(int).max()
    more["opportunity_id"] = [None, *(f"O-{used + step:06d}" for step in (5, 9, 12))]
    names = list(more.columns)
    for place, name, value in (
        (0, "name", "test do not use"),
        (1, "amount", "TBD"),
        (2, "close_date", "2026-02-31"),
        (3, "deal_type", "n/a?"),
    ):
        more.iloc[place, names.index(name)] = value
    return pd.concat([text, first, more], ignore_index=True)


def _some(
    rng: np.random.Generator, count: int, wanted: float, among: np.ndarray | None = None
) -> np.ndarray:
    pool = np.arange(count) if among is None else among
    return np.sort(rng.choice(pool, min(len(pool), max(1, round(wanted))), replace=False))


def _slip(rng: np.random.Generator, text: str) -> str:
    place = int(rng.integers(1, max(2, len(text) - 1)))
    if rng.random() < 0.5:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place : place + 1] * 2 + text[place + 1 :]


def _near_name(rng: np.random.Generator, name: str) -> str:
    for old, new in _ENDINGS:
        if name.endswith(old):
            changed = name[: -len(old)] + new
            return changed.replace("-", " ") if rng.random() < 0.3 else changed
    return name
