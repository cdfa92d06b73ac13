"""The calendar of evaluations: what was done in its period, what is due, overdue, skipped."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.key_accounts.ratings import on_scale
from planlib.settings.evaluation import ASPECTS, MONTHS, EvaluationSettings
from planlib.tables import require_columns, table

#: Aspect that a rating of each factor is evidence of.
ASPECT_OF = {
    "revenue": "importance",
    "potential": "importance",
    "demonstration": "importance",
    "winnability": "importance",
    "closeness": "closeness",
    "needs": "needs",
}
_RATING = ["account_id", "factor", "rating", "rating_date", "rater_id", "evidence", "confidence"]


def combined_ratings(
    ratings: pd.DataFrame | None, confirmed: pd.DataFrame | None
) -> pd.DataFrame | None:
    """
    Put the ratings that people confirmed in rating sheets beside those of the input table.

    Parameters
    ----------
    ratings
        Input table, or None.
    confirmed
        Decisions of kind ``account_ratings`` in force, or None.

    Returns
    -------
    DataFrame or None
        Table ``ratings``; where both have a rating of the same account, factor, day and rater, the
        confirmed one stands. None when there is neither.
    """
    rows = table("override_account_ratings").or_empty(confirmed)
    rows = rows[rows["rating"].notna()]
    if ratings is None and rows.empty:
        return None
    contract = table("ratings")
    given = contract.coerce(ratings)
    added = contract.coerce(rows.assign(evidence=rows["why"])[_RATING])
    both = pd.concat([given, added], ignore_index=True)
    return both.drop_duplicates(list(contract.key), keep="last", ignore_index=True)


def periods(
    settings: EvaluationSettings, as_of: date, first_month: int = 1
) -> pd.DataFrame:  # fmt: skip
    """
    Give the periods of each aspect that the calendar looks at, oldest first.

    Parameters
    ----------
    settings
        ``cadences`` and ``months_shown``.
    as_of
        The last period contains it.
    first_month
        Month in which the fiscal year starts; quarters and half-years begin with it.

    Returns
    -------
    DataFrame
        ``aspect``, ``start_date``, ``end_date``.
    """
    rows = []
    for aspect in ASPECTS:
        span = MONTHS[settings.cadences[aspect]]
        month = as_of.year * 12 + as_of.month - 1
        start = month - (month - (first_month - 1)) % span
        oldest = month - settings.months_shown
        while start > oldest - span + 1:
            begin, following = _day(start), _day(start + span)
            rows.append((aspect, begin, following - pd.Timedelta(days=1)))
            start -= span
    found = pd.DataFrame(rows, columns=["aspect", "start_date", "end_date"])
    return found.sort_values(["aspect", "start_date"], ignore_index=True)


def evaluation_calendar(
    keys: pd.DataFrame,
    settings: EvaluationSettings,
    as_of: date,
    *,
    ratings: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    confirmed: pd.DataFrame | None = None,
    first_month: int = 1,
) -> pd.DataFrame:
    """
    Give the state of every evaluation of every key account.

    Done means that its evidence is dated in the period: a rating of a score factor (importance),
    of closeness (closeness), an entry of the needs register or a confirmation that it was gone
    over (needs). A rating outside 0 to 10 is no evidence. The period that contains the as-of date
    is done or due. The one before it is overdue as long as the running one is not done either, else
    skipped; earlier ones are skipped.

    Parameters
    ----------
    keys
        ``account_id``, ``rep_id`` of the key accounts of today.
    settings
        ``cadences``, ``months_shown``.
    as_of
        Later evidence does not count.
    ratings, needs, confirmed
        Input tables, and decisions of kind ``account_ratings``; None: no such evidence.
    first_month
        Month in which the fiscal year starts.

    Returns
    -------
    DataFrame
        Table ``evaluation_calendar``.

    Raises
    ------
    TableError
        If ``keys`` has no ``account_id`` or ``rep_id``.
    """
    require_columns("key accounts", keys, ["account_id", "rep_id"])
    spans = periods(settings, as_of, first_month)
    grid = keys[["account_id", "rep_id"]].merge(spans, how="cross")
    seen = _evidence(combined_ratings(ratings, confirmed), needs, confirmed, as_of)
    grid = grid.join(_in_period(grid, seen))
    done = grid["done_date"].notna()
    runs = grid["end_date"] >= pd.Timestamp(as_of)
    grid = grid.sort_values(["account_id", "aspect", "start_date"], ignore_index=True)
    done, runs = grid["done_date"].notna(), grid["end_date"] >= pd.Timestamp(as_of)
    group = [grid["account_id"], grid["aspect"]]
    next_runs = runs.groupby(group).shift(-1, fill_value=False)
    next_done = done.groupby(group).shift(-1, fill_value=False)
    status = np.select(
        [done, runs, next_runs & ~next_done], ["done", "due", "overdue"], default="skipped"
    )
    missing = grid["aspect"].map(
        {
            "importance": "no rating of a score factor is dated in the period",
            "needs": "no need was recorded or confirmed in the period",
            "closeness": "no rating of closeness is dated in the period",
        }
    )
    grid = grid.assign(
        status=pd.Series(status, index=grid.index, dtype="str"),
        evidence=grid["evidence"].fillna(missing).astype("str"),
    )
    return table("evaluation_calendar").check(grid)


def ended(calendar: pd.DataFrame) -> pd.DataFrame:
    """
    Give the evaluations of periods that are over: what was done in them, and what was not.

    Of the running period only what is done already could count, never what is not done: a share
    with it would flatter.

    Parameters
    ----------
    calendar
        Table ``evaluation_calendar``, or its rows of some aspects; the last period of each aspect
        is the running one.

    Returns
    -------
    DataFrame
        The rows of earlier periods.
    """
    running = calendar.groupby("aspect")["start_date"].transform("max")
    return calendar[calendar["start_date"] < running]


def on_time_shares(
    calendar: pd.DataFrame, keys: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """
    Give the share of evaluations done in their period, in total, by region and by owner.

    The running period is left out.

    Parameters
    ----------
    calendar
        Table ``evaluation_calendar``.
    keys
        ``account_id``, ``region``.
    settings
        ``minimum_count``: fewer cases are grey.

    Returns
    -------
    DataFrame
        Table ``evaluation_on_time``; intervals by Wilson.
    """
    region = keys.set_index("account_id")["region"]
    rows = ended(calendar).assign(
        region=lambda frame: frame["account_id"].map(region).fillna("(no region)"),
        rep=lambda frame: frame["rep_id"].fillna("(nobody)"),
        total="all",
        done=lambda frame: (frame["status"] == "done").astype("int64"),
    )
    parts = []
    for cut in ("total", "region", "rep"):
        grouped = rows.groupby(["aspect", cut])["done"]
        part = pd.DataFrame({"done_count": grouped.sum(), "count": grouped.size()})
        part = part.rename_axis(["aspect", "cut_value"]).reset_index()
        parts.append(part.assign(cut=cut))
    found = pd.concat(parts, ignore_index=True)
    low, high = wilson(found["done_count"], found["count"])
    return table("evaluation_on_time").check(
        found.assign(
            share=found["done_count"] / found["count"],
            low=low.clip(0, 1),
            high=high.clip(0, 1),
            is_grey=found["count"] < settings.minimum_count,
        )
    )


def _day(month: int) -> pd.Timestamp:
    return pd.Timestamp(month // 12, month % 12 + 1, 1)


def _evidence(
    ratings: pd.DataFrame | None,
    needs: pd.DataFrame | None,
    confirmed: pd.DataFrame | None,
    as_of: date,
) -> pd.DataFrame:
    """Give every sign that something was evaluated: account, aspect, day, words."""
    columns = ["account_id", "aspect", "seen_date", "words"]
    parts = [pd.DataFrame({name: pd.Series(dtype="str") for name in columns}).astype(
        {"seen_date": "datetime64[us]"})]  # fmt: skip
    if ratings is not None:
        ratings = ratings[on_scale(ratings)]
        parts.append(
            pd.DataFrame(
                {
                    "account_id": ratings["account_id"],
                    "aspect": ratings["factor"].map(ASPECT_OF),
                    "seen_date": ratings["rating_date"],
                    "words": "rated by " + ratings["rater_id"],
                }
            )
        )
    if needs is not None:
        by = needs["owner_id"].fillna("somebody")
        parts.append(
            pd.DataFrame(
                {
                    "account_id": needs["account_id"],
                    "aspect": "needs",
                    "seen_date": needs["recorded_date"],
                    "words": "need recorded by " + by,
                }
            )
        )
    if confirmed is not None:
        rows = confirmed[confirmed["factor"] == "needs"]
        parts.append(
            pd.DataFrame(
                {
                    "account_id": rows["account_id"],
                    "aspect": "needs",
                    "seen_date": rows["rating_date"],
                    "words": "register confirmed by " + rows["rater_id"],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    return found[found["seen_date"] <= pd.Timestamp(as_of)]


def _in_period(grid: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Give the last evidence inside each period of the grid, or blank."""
    rows = grid[["account_id", "aspect", "start_date", "end_date"]].reset_index(names="place")
    both = rows.merge(seen, on=["account_id", "aspect"])
    inside = both[both["seen_date"].between(both["start_date"], both["end_date"])]
    last = inside.sort_values(["seen_date", "words"]).drop_duplicates("place", keep="last")
    last = last.set_index("place").reindex(grid.index)
    return pd.DataFrame({"done_date": last["seen_date"], "evidence": last["words"]})
