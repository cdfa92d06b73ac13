"""Closeness counted again at month ends, and before and after each project."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.closeness.contacts import score_contacts, threads_of
from planlib.key_accounts.closeness.coverage import logging_coverage
from planlib.key_accounts.closeness.rated import rated_part
from planlib.key_accounts.closeness.seats import account_scores, score_seats
from planlib.pipeline.lookup import look_up
from planlib.settings.closeness import ClosenessSettings
from planlib.tables import table

_MONTHS_BACK = 3  # months over which a fall is judged
_NEVER = pd.Timestamp("2200-01-01")
EARLY = "the window reaches back before the first logged activity"
LOW = "logging coverage of the owner is below the limit or not known"


def month_ends(as_of: date, count: int) -> list[pd.Timestamp]:
    """Give the as-of date and the month ends before it, oldest first."""
    last = pd.Timestamp(as_of)
    before = pd.date_range(end=last - pd.Timedelta(days=1), periods=count - 1, freq="ME")
    return [*before, last]


def closeness_trend(
    seats: pd.DataFrame,
    owner: pd.Series,
    events: tuple[pd.DataFrame, pd.DataFrame | None],
    settings: ClosenessSettings,
    as_of: date,
    *,
    ratings: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Count closeness again at each month end, with the seats and owners of today.

    Parameters
    ----------
    seats
        Seats from ``gather_seats``; they have no history.
    owner
        ``rep_id`` by ``account_id``: whose logging decides whether the count is trusted.
    events
        Counted events, and what counts for logging (None: no activities).
    settings
        Section ``closeness``.
    as_of
        Last day.
    ratings, people, reps, opportunities, availability
        Input tables, or None.

    Returns
    -------
    DataFrame
        Table ``closeness_trend``. A month whose window begins before the first activity is blank.
    """
    counted, logged = events
    contacts = table("contacts").or_empty(people)
    first = None if logged is None or logged.empty else logged["activity_date"].min()
    rows = []
    for day in month_ends(as_of, settings.trend_months):
        rated = rated_part(owner.index.to_series(), ratings, settings, day.date())
        begins = day - pd.Timedelta(days=settings.window_days)
        if first is None or begins < first - pd.Timedelta(days=1):
            blank = EARLY if first is not None else "there are no activities"
            auto = pd.DataFrame(
                {"automatic_score": float("nan"), "thread_count": pd.NA, "reason": blank},
                index=owner.index,
            )
        else:
            coverage = logging_coverage(
                owner, logged, settings, day.date(),
                reps=reps, opportunities=opportunities, availability=availability,
            )  # fmt: skip
            low = owner.map(coverage.set_index("rep_id")["is_low"]).fillna(True).astype(bool)
            scores = score_contacts(counted, settings, day)
            threads = threads_of(scores, contacts, settings)
            auto = _counted(seats, scores, threads, low, settings)
        rows.append(
            auto.assign(month_date=day, rated_score=rated["rated_score"].to_numpy())
            .rename_axis("account_id")
            .reset_index()
        )
    found = pd.concat(rows, ignore_index=True)
    return found.sort_values(["account_id", "month_date"], ignore_index=True)


def _counted(
    seats: pd.DataFrame,
    scores: pd.DataFrame,
    threads: pd.Series,
    low: pd.Series,
    settings: ClosenessSettings,
) -> pd.DataFrame:
    """Give automatic part and threads by account, blank where the owner logs too little."""
    score = account_scores(score_seats(seats, scores, settings))["automatic_score"]
    score = score.reindex(low.index)
    count = threads.reindex(low.index).fillna(0).astype("Int64")
    reason = pd.Series("", index=low.index).mask(score.isna(), "no seat or contact is recorded")
    return pd.DataFrame(
        {
            "automatic_score": score.mask(low),
            "thread_count": count.mask(low),
            "reason": reason.mask(low, LOW),
        }
    )


def recent_change(trend: pd.DataFrame) -> pd.Series:
    """Give the automatic score of the last month end less that of three before, by account."""
    days = sorted(trend["month_date"].unique())
    wide = trend.pivot(index="account_id", columns="month_date", values="automatic_score")
    if len(days) <= _MONTHS_BACK:
        return pd.Series(float("nan"), index=wide.index)
    change: pd.Series = wide[days[-1]] - wide[days[-1 - _MONTHS_BACK]]
    return change


def closeness_of_projects(
    trend: pd.DataFrame,
    projects: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    settings: ClosenessSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Compare closeness before the opportunity was opened with closeness after the decision.

    Parameters
    ----------
    trend
        Table ``closeness_trend``.
    projects
        Input table; only decided projects (contract, or lost) of accounts in ``trend``.
    opportunities
        ``created_date`` and ``close_date`` by ``opportunity_id``, or None.
    settings
        ``project_days``.
    as_of
        Later decisions do not count.

    Returns
    -------
    DataFrame
        Table ``closeness_projects``; a blank change has its reason.
    """
    contract = table("closeness_projects")
    if projects is None or trend.empty:
        return contract.empty()
    rows = projects[projects["account_id"].isin(trend["account_id"])]
    if rows.empty:
        return contract.empty()
    deals = table("opportunities").or_empty(opportunities)
    deal = deals.drop_duplicates("opportunity_id").set_index("opportunity_id")
    closed = look_up(rows["opportunity_id"], deal["close_date"])
    is_won = rows["contract_date"].notna()
    is_lost = ~is_won & rows["status"].fillna("").str.casefold().eq("lost")
    decided = rows["contract_date"].fillna(closed.where(is_lost))
    opened = look_up(rows["opportunity_id"], deal["created_date"]).fillna(rows["start_date"])
    found = pd.DataFrame(
        {
            "project_id": rows["project_id"],
            "account_id": rows["account_id"],
            "outcome": is_won.map({True: "won", False: "lost"}),
            "decided_date": decided,
            "opened": opened,
        }
    )
    found = found[(is_won | is_lost) & ~(decided > pd.Timestamp(as_of))].reset_index(drop=True)
    days = pd.Series(sorted(trend["month_date"].unique()))
    wide = trend.set_index(["account_id", "month_date"])["automatic_score"]
    before = _month(found["opened"], days, "before")
    after = _month(found["decided_date"] + pd.Timedelta(days=settings.project_days), days, "after")
    found = found.assign(
        before_date=before,
        after_date=after,
        before_score=_looked_up(wide, found["account_id"], before),
        after_score=_looked_up(wide, found["account_id"], after),
    )
    change = found["after_score"] - found["before_score"]
    found = found.assign(change_score=change, reason=_no_change(found, settings))
    return contract.check(found.drop(columns="opened").sort_values("project_id"))


def _month(days: pd.Series, ends: pd.Series, side: str) -> pd.Series:
    """Give the last known month end before a day, or the first one on or after it."""
    found = ends.searchsorted(days.fillna(_NEVER), side="left")
    place = pd.Series(found - (1 if side == "before" else 0), index=days.index)
    inside = place.between(0, len(ends) - 1) & days.notna()
    return pd.Series(ends.reindex(place.where(inside, -1)).to_numpy(), index=days.index)


def _looked_up(wide: pd.Series, accounts: pd.Series, days: pd.Series) -> pd.Series:
    keys = pd.MultiIndex.from_arrays([accounts, days])
    return pd.Series(wide.reindex(keys).to_numpy(dtype="float64"), index=accounts.index)


def _no_change(found: pd.DataFrame, settings: ClosenessSettings) -> pd.Series:
    later = f"less than {settings.project_days} days since the decision"
    reasons = [
        (found["after_score"] - found["before_score"]).notna(),
        found["decided_date"].isna(),
        found["opened"].isna(),
        found["after_date"].isna(),
        found["before_date"].isna(),
    ]
    words = [
        "",
        "day of the decision is not known",
        "day of the opening is not known",
        later,
        "opened before the first month end counted",
    ]
    text = pd.Series("closeness is blank before or after: logging too low or too early",
                     index=found.index, dtype="str")  # fmt: skip
    for mask, word in reversed(list(zip(reasons, words, strict=True))):
        text = text.mask(mask, word)
    return text
