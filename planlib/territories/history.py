"""Territories of past years, as far as the tables tell: their size, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.territories.columns import day, flag, named, names_of, number, text

_YEAR = pd.DateOffset(years=1)
_ON_BOARD = 0.5  # least part of a year that a rep was there
_LEAST_PEERS = 3
_LATE = pd.Timedelta(days=31)  # how much later than a year its records may begin


@dataclass(frozen=True, kw_only=True)
class Past:
    """The tables that tell of past years; None where there is none."""

    reps: pd.DataFrame
    accounts: pd.DataFrame
    as_of: pd.Timestamp
    opportunities: pd.DataFrame | None = None
    territories: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    segments: pd.DataFrame | None = None


def years_of_reps(past: Past, years: int) -> tuple[pd.DataFrame, list[str]]:
    """
    Give ``territory_history_reps`` without order of columns, and what could not be known.

    The last year has today's owners; in years before, a territory is the accounts on which the rep
    had a deal alive. Size is potential, else ACV, else the number of accounts.
    """
    notes: list[str] = []
    size, basis = _sizes(past, notes)
    people = _people(past.reps)
    parts = []
    for back in range(years):
        end = past.as_of - pd.DateOffset(years=back)
        start = end - _YEAR + pd.Timedelta(days=1)
        owned, how = _owned(past, start, end, today=back == 0)
        owned = owned[owned["rep_id"].isin(people.index[people["sells"]])]
        if owned.empty:
            continue
        part = _size_rows(owned, size, people, (start, end))
        part["basis"] = f"{basis} of {how}"
        part["attainment"] = _attainment(part, past.opportunities, people, (start, end))
        part["exit"] = _exits(part, people, end, past.as_of)
        part["untouched"] = _untouched(part, owned, past, (start, end), today=back == 0)
        part["owner_changes"] = _owner_changes(part, past, start) if back == 0 else np.nan
        parts.append(part)
    notes += [*_missing(past), *_late_records(past, years)]
    if not parts:
        return pd.DataFrame(), notes
    rows = pd.concat(parts, ignore_index=True)
    rows["rep_name"] = named(rows["rep_id"], names_of(past.reps, "rep_id"))
    return rows.sort_values(["end_date", "rep_id"], kind="stable", ignore_index=True), notes


def _missing(past: Past) -> list[str]:
    notes = []
    if past.opportunities is None:
        notes.append("no opportunities: no attainment, and only today's territories are known")
    elif "quota" not in past.reps or number(past.reps, "quota").notna().sum() == 0:
        notes.append("no quotas: attainment is won amount over the mean of the peers")
    if "leave_date" not in past.reps:
        notes.append("no last days of reps: exits are not known")
    if past.activities is None and "last_activity_date" not in past.accounts:
        notes.append("no activities: untouched accounts are not known")
    if past.territories is None or "since_date" not in past.territories:
        notes.append("no start of ownership in territories: owner changes are not known")
    return notes


def _late_records(past: Past, years: int) -> list[str]:
    """Say from when on closed deals are known, where a year begins earlier."""
    deals = past.opportunities
    start = past.as_of - pd.DateOffset(years=years) + pd.Timedelta(days=1)
    if deals is None or "close_date" not in deals or _on_record(deals, start):
        return []
    first = _first_close(deals)
    if first is None:
        return ["no deal is closed, so no attainment and no territory of earlier years is known"]
    return [f"Closed deals are on record from {first:%Y-%m-%d}, so years that began more than a "
            "month earlier have no attainment, and before today's no territory"]  # fmt: skip


def _sizes(past: Past, notes: list[str]) -> tuple[pd.Series, str]:
    """Give the size of each account, and what it is."""
    accounts = past.accounts.drop_duplicates("account_id").set_index("account_id")
    if past.segments is not None and "account_id" in past.segments:
        segments = past.segments.drop_duplicates("account_id").set_index("account_id")
        potential = number(segments, "potential").reindex(accounts.index)
        accounts = accounts.assign(potential=potential.fillna(number(accounts, "potential")))
    for name in ("potential", "acv"):
        values = number(accounts, name).clip(lower=0)
        if values.notna().mean() >= 0.5 and values.sum() > 0:
            return values.fillna(values.median()), name
    notes.append("potential and ACV are unknown for most accounts: size is the number of accounts")
    return pd.Series(1.0, index=accounts.index), "number"


def _people(reps: pd.DataFrame) -> pd.DataFrame:
    people = reps.drop_duplicates("rep_id").set_index(
        reps["rep_id"].astype("str").drop_duplicates()
    )
    quota = number(people, "quota")
    leads = set(text(people, "manager_id").dropna())
    sells = ~people.index.isin(leads) & ((quota > 0) | (quota.notna().sum() == 0))
    return pd.DataFrame({
        "hired": day(people, "hire_date"), "left": day(people, "leave_date"), "quota": quota,
        "block": text(people, "region", "unit").fillna("whole market"), "sells": sells,
        "knows_leaving": "leave_date" in people,
    })  # fmt: skip


def _owned(
    past: Past, start: pd.Timestamp, end: pd.Timestamp, *, today: bool
) -> tuple[pd.DataFrame, str]:
    """Give ``account_id`` and ``rep_id`` of a year, and how they were found."""
    if today:
        owned = pd.DataFrame({
            "account_id": past.accounts["account_id"].astype("str"),
            "rep_id": text(past.accounts, "owner_id"),
        })  # fmt: skip
        return owned.dropna().drop_duplicates(), "today's accounts"
    deals = past.opportunities
    if (
        deals is None
        or not {"account_id", "owner_id", "created_date"} <= set(deals)
        or not _on_record(deals, start)
    ):
        return pd.DataFrame(columns=["account_id", "rep_id"]), ""
    alive = day(deals, "created_date").le(end) & (
        ~flag(deals, "is_closed") | day(deals, "close_date").ge(start)
    )
    owned = pd.DataFrame({
        "account_id": text(deals, "account_id"), "rep_id": text(deals, "owner_id"),
    })[alive]  # fmt: skip
    return owned.dropna().drop_duplicates(), "accounts with a deal of the rep in the year"


def _first_close(deals: pd.DataFrame) -> pd.Timestamp | None:
    """Give the first close of a closed deal, None without one; an open one may have any date."""
    closed = flag(deals, "is_closed") | flag(deals, "is_won")
    days = day(deals, "close_date")[closed].dropna()
    return pd.Timestamp(days.min()) if len(days) else None


def _on_record(deals: pd.DataFrame, start: pd.Timestamp) -> bool:
    """Tell whether closed deals are on record from a day on, or from at most a month later."""
    first = _first_close(deals)
    return first is not None and first <= start + _LATE


def _size_rows(
    owned: pd.DataFrame,
    size: pd.Series,
    people: pd.DataFrame,
    year: tuple[pd.Timestamp, pd.Timestamp],
) -> pd.DataFrame:
    """Give load, deviation and imbalance of the reps who were there for half of the year."""
    start, end = year
    load = owned["account_id"].map(size).groupby(owned["rep_id"]).sum()
    rows = pd.DataFrame({"rep_id": load.index.astype("str"), "load": load.to_numpy(float)})
    rows["account_count"] = rows["rep_id"].map(owned["rep_id"].value_counts()).astype("int64")
    rows["end_date"] = end
    first = rows["rep_id"].map(people["hired"]).fillna(start)
    first = first.where(first > start, start)
    last = rows["rep_id"].map(people["left"]).fillna(end)
    last = last.where(last < end, end)
    rows["there"] = ((last - first).dt.days + 1) / ((end - start).days + 1)
    rows = rows[rows["there"] >= _ON_BOARD].reset_index(drop=True)
    rows["block"] = rows["rep_id"].map(people["block"]).astype("str")
    peers = rows.groupby("block")["load"].transform("size")
    rows["block"] = rows["block"].where(peers >= _LEAST_PEERS, "other parts of the market")
    mean = rows.groupby("block")["load"].transform("mean")
    rows["deviation"] = rows["load"] / mean.where(mean > 0) - 1
    rows["imbalance"] = rows["deviation"].abs()
    return rows


def _attainment(
    rows: pd.DataFrame,
    deals: pd.DataFrame | None,
    people: pd.DataFrame,
    year: tuple[pd.Timestamp, pd.Timestamp],
) -> pd.Series:
    """Give won amount over quota for the part of the year the rep was there."""
    if deals is None or not {"owner_id", "amount", "is_won", "close_date"} <= set(deals):
        return pd.Series(np.nan, index=rows.index)
    closed = day(deals, "close_date")
    if not _on_record(deals, year[0]):
        return pd.Series(np.nan, index=rows.index)
    won = flag(deals, "is_won") & closed.between(*year)
    sums = number(deals, "amount")[won].groupby(text(deals, "owner_id")[won]).sum()
    amount = rows["rep_id"].map(sums).fillna(0.0)
    quota = rows["rep_id"].map(people["quota"]) * rows["there"]
    if people["quota"].notna().sum() == 0:
        quota = amount.groupby(rows["block"]).transform("mean")
    return amount / quota.where(quota > 0)


def _exits(
    rows: pd.DataFrame, people: pd.DataFrame, end: pd.Timestamp, as_of: pd.Timestamp
) -> pd.Series:
    """Tell who left in the year after; unknown while that year is not over, unless they did."""
    left = rows["rep_id"].map(people["left"])
    gone = left.gt(end) & left.le(min(end + _YEAR, as_of))
    there = left.isna() | left.gt(end)
    known = there & bool(people["knows_leaving"].any()) & (gone | (end + _YEAR <= as_of))
    return gone.astype("boolean").where(known)


def _untouched(
    rows: pd.DataFrame,
    owned: pd.DataFrame,
    past: Past,
    year: tuple[pd.Timestamp, pd.Timestamp],
    *,
    today: bool,
) -> pd.Series:
    """Give the share of a rep's accounts without contact in the year, by a person of ours."""
    touched: set[str] | None = None
    if past.activities is not None and {"account_id", "activity_date"} <= set(past.activities):
        when = day(past.activities, "activity_date")
        if when.min() <= year[0] + _LATE:
            real = when.between(*year) & ~flag(past.activities, "is_automatic")
            touched = set(text(past.activities, "account_id")[real].dropna())
    if touched is None and today and "last_activity_date" in past.accounts:
        last = day(past.accounts, "last_activity_date")
        touched = set(past.accounts.loc[last.ge(year[0]), "account_id"].astype("str"))
    if touched is None:
        return pd.Series(np.nan, index=rows.index)
    alone = (~owned["account_id"].isin(touched)).groupby(owned["rep_id"]).mean()
    return rows["rep_id"].map(alone).astype("float64")


def _owner_changes(rows: pd.DataFrame, past: Past, start: pd.Timestamp) -> pd.Series:
    """Give the share of a rep's accounts whose ownership began within the last year."""
    layer = past.territories
    if layer is None or "since_date" not in layer:
        return pd.Series(np.nan, index=rows.index)
    since = day(layer, "since_date")
    known = layer[since.notna()]
    share = since[since.notna()].ge(start).groupby(known["rep_id"].astype("str")).mean()
    return rows["rep_id"].map(share).astype("float64")
