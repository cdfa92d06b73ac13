"""How completely a rep logs contact: without it a count of contacts says nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.settings.closeness import ClosenessSettings

_AWAY_DAYS = 3  # working days away from which a week does not count
_FIRST, _LAST = pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01")


def logging_coverage(
    owners: pd.Series,
    logged: pd.DataFrame | None,
    settings: ClosenessSettings,
    as_of: date,
    *,
    reps: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give the logging coverage of every rep who owns a key account.

    Two signs: the share of weeks at work with enough contacts logged, and the share of the rep's
    deals closed in the window before which a contact with the account was logged (a deal is not
    closed without one). Coverage is the lower one.

    Parameters
    ----------
    owners
        ``rep_id`` of the owner, one per key account; NA: nobody.
    logged
        ``rep_id``, ``account_id``, ``activity_date`` of contacts logged by hand, or None.
    settings
        The ``logging_*`` keys and ``minimum_logging``.
    as_of
        Last day of the window.
    reps, opportunities, availability
        Days of hire and leave, closed deals, absence; without one its sign is left out.

    Returns
    -------
    DataFrame
        Table ``logging_coverage``.
    """
    held = owners.dropna().value_counts().sort_index()
    found = pd.DataFrame({"rep_id": held.index.astype("str"), "accounts_count": held.to_numpy()})
    weeks = _weeks(found["rep_id"], logged, settings, as_of, reps=reps, away=availability)
    deals = _deals(found["rep_id"], logged, settings, as_of, opportunities)
    found = found.assign(**weeks, **deals)
    week = found["logged_weeks_count"] / found["weeks_count"].where(found["weeks_count"] > 0)
    enough = found["deals_count"] >= settings.logging_deals
    deal = (found["logged_deals_count"] / found["deals_count"].where(enough)).where(enough)
    coverage = pd.concat([week, deal], axis=1).min(axis=1).where(week.notna())
    low = coverage.isna() | (coverage < settings.minimum_logging)
    found = found.assign(week_share=week, deal_share=deal, coverage_share=coverage, is_low=low)
    words = [_words(row, settings, logged is None) for row in found.to_dict("records")]
    return found.assign(reason=pd.Series(words, index=found.index, dtype="str"))


def _weeks(
    ids: pd.Series, logged: pd.DataFrame | None, settings: ClosenessSettings, as_of: date,
    *, reps: pd.DataFrame | None, away: pd.DataFrame | None,
) -> dict[str, pd.Series]:  # fmt: skip
    """Count weeks at work, and those with enough contacts logged; weeks end on the as-of date."""
    last, count = pd.Timestamp(as_of), settings.logging_weeks
    place = {name: at for at, name in enumerate(ids)}
    at_work = np.ones((len(ids), count), dtype=bool)
    ends = np.array([last - pd.Timedelta(days=7 * back) for back in range(count)])
    if reps is not None:
        known = reps.drop_duplicates("rep_id").set_index("rep_id").reindex(ids)
        hired = known["hire_date"].fillna(_FIRST).to_numpy()
        left = known["leave_date"].fillna(_LAST).to_numpy()
        at_work &= (hired[:, None] <= ends - pd.Timedelta(days=6)) & (left[:, None] >= ends)
    if away is not None:
        at_work &= ~_away(place, away, last, count)
    hits = np.zeros((len(ids), count), dtype="int64")
    if logged is not None:
        rows = _between(logged, last - pd.Timedelta(days=7 * count), last)
        rows = rows[rows["rep_id"].isin(place)]
        week = ((last - rows["activity_date"]).dt.days // 7).to_numpy()
        inside = (week >= 0) & (week < count)
        where = rows["rep_id"].map(place).to_numpy()[inside].astype("int64")
        np.add.at(hits, (where, week[inside].astype("int64")), 1)
    full = at_work & (hits >= settings.logging_contacts)
    return {
        "weeks_count": pd.Series(at_work.sum(axis=1), dtype="Int64"),
        "logged_weeks_count": pd.Series(full.sum(axis=1), dtype="Int64"),
    }


def _between(logged: pd.DataFrame, after: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Give the contacts after one day, up to another: the whole log is long."""
    return logged[(logged["activity_date"] > after) & (logged["activity_date"] <= last)]


def _away(
    place: dict[str, int], away: pd.DataFrame, last: pd.Timestamp, count: int
) -> np.ndarray:  # fmt: skip
    """Tell in which weeks a rep was away on most working days."""
    first = last - pd.Timedelta(days=7 * count - 1)
    whole = away["away_share"].fillna(1.0) >= 1.0
    rows = away[whole & away["rep_id"].isin(place) & (away["end_date"] >= first)]
    rows = rows[rows["start_date"] <= last]
    days = np.zeros((len(place), 7 * count), dtype=bool)
    for row in rows.to_dict("records"):
        begin = max((row["start_date"] - first).days, 0)
        days[place[str(row["rep_id"])], begin : (row["end_date"] - first).days + 1] = True
    working = np.array([(first + pd.Timedelta(days=at)).weekday() < 5 for at in range(7 * count)])
    by_week = (days & working).reshape(len(place), count, 7).sum(axis=2)[:, ::-1]
    return np.asarray(by_week >= _AWAY_DAYS)


def _deals(
    ids: pd.Series, logged: pd.DataFrame | None, settings: ClosenessSettings, as_of: date,
    opportunities: pd.DataFrame | None,
) -> dict[str, pd.Series]:  # fmt: skip
    """Count the rep's deals closed in the window, and those with a contact logged before."""
    none = pd.Series(0, index=ids.index, dtype="Int64")
    if opportunities is None or logged is None:
        return {"deals_count": none, "logged_deals_count": none}
    last = pd.Timestamp(as_of)
    first = last - pd.Timedelta(days=7 * settings.logging_weeks)
    rows = opportunities[opportunities["is_closed"].fillna(False).astype(bool)]
    rows = rows[(rows["close_date"] > first) & (rows["close_date"] <= last)]
    rows = rows.loc[rows["owner_id"].isin(ids), ["owner_id", "account_id", "close_date"]]
    rows = rows.dropna().reset_index(names="deal").sort_values(["close_date", "deal"])
    seen = _between(logged, first - pd.Timedelta(days=settings.logging_days), last)
    seen = seen.dropna(subset=["account_id"]).sort_values("activity_date")
    both = pd.merge_asof(
        rows, seen[["account_id", "activity_date"]], left_on="close_date",
        right_on="activity_date", by="account_id",
        tolerance=pd.Timedelta(days=settings.logging_days),
    )  # fmt: skip
    closed = both["owner_id"].value_counts()
    backed = both.loc[both["activity_date"].notna(), "owner_id"].value_counts()
    return {
        "deals_count": ids.map(closed).fillna(0).astype("Int64"),
        "logged_deals_count": ids.map(backed).fillna(0).astype("Int64"),
    }


def _words(row: dict[object, object], settings: ClosenessSettings, is_blind: bool) -> str:
    if is_blind:
        return "there is no table activities: nothing is logged"
    if not row["weeks_count"]:
        return f"not at work in the last {settings.logging_weeks} weeks: not known"
    text = f"{row['logged_weeks_count']} of {row['weeks_count']} weeks at work with at least "
    text += f"{settings.logging_contacts} contacts logged"
    if row["deals_count"]:
        text += f"; {row['logged_deals_count']} of {row['deals_count']} closed deals with a "
        text += f"contact logged in the {settings.logging_days} days before"
        if row["deal_share"] != row["deal_share"]:
            text += " (too few deals to judge by)"
    return text
