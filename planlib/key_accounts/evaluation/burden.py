"""What each person is asked to rate this month, capped in minutes."""

from __future__ import annotations

import pandas as pd

from planlib.key_accounts.ratings import on_scale
from planlib.pipeline.lookup import look_up
from planlib.settings.evaluation import EvaluationSettings
from planlib.tables import table

#: What is asked for each aspect.
FACTORS_OF = {
    "importance": ("potential", "demonstration", "winnability"),
    "needs": ("needs",),
    "closeness": ("closeness",),
}
_FIRST = {"overdue": 0, "due": 1, "skipped": 2, "done": 3}


def plan_ratings(
    keys: pd.DataFrame,
    calendar: pd.DataFrame,
    ratings: pd.DataFrame | None,
    settings: EvaluationSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give the lines of the rating sheets and the burden of each person.

    What is not done in the running period is asked, in this order: overdue aspects first, then by
    score of the account; once the minutes of the month are used up, the rest is put off and named.

    Parameters
    ----------
    keys
        ``account_id``, ``rep_id`` (who is asked, as ``people_to_ask`` gives it), ``score``;
        accounts with nobody to ask are nobody's task.
    calendar
        Table ``evaluation_calendar``.
    ratings
        Ratings with the confirmed ones, or None; the last one of the same person is shown.
    settings
        ``minutes``, ``minutes_a_month``.

    Returns
    -------
    tuple
        Tables ``rating_sheet`` and ``rating_burden``.
    """
    lines = _lines(keys, calendar)
    minutes = lines["aspect"].map(settings.minutes).astype("float64")
    count = {name: len(one) for name, one in FACTORS_OF.items()}
    share = lines["aspect"].map(count).astype("float64")
    lines = lines.assign(minutes=minutes / share)
    whole = lines.drop_duplicates(["rep_id", "account_id", "aspect"])
    total = whole["aspect"].map(settings.minutes).astype("float64")
    used = total.groupby(whole["rep_id"]).cumsum()
    asked = pd.Series((used <= settings.minutes_a_month).to_numpy(), index=whole.index)
    place = pd.MultiIndex.from_frame(whole[["rep_id", "account_id", "aspect"]])
    by_key = pd.Series(asked.to_numpy(), index=place)
    own = pd.MultiIndex.from_frame(lines[["rep_id", "account_id", "aspect"]])
    lines = lines.assign(is_asked=by_key.reindex(own).to_numpy(dtype=bool))
    lines = lines.join(_last(lines, ratings))
    sheet = table("rating_sheet").check(lines.drop(columns=["order", "score"]))
    return sheet, _burden(keys, sheet)


def _lines(keys: pd.DataFrame, calendar: pd.DataFrame) -> pd.DataFrame:
    running = calendar.sort_values("start_date").drop_duplicates(
        ["account_id", "aspect"], keep="last"
    )
    late = calendar[calendar["status"] == "overdue"]
    late_keys = pd.MultiIndex.from_frame(late[["account_id", "aspect"]])
    here = pd.MultiIndex.from_frame(running[["account_id", "aspect"]])
    status = running["status"].mask(
        pd.Series(here.isin(late_keys), index=running.index) & (running["status"] == "due"),
        "overdue",
    )
    asked = keys.set_index("account_id")["rep_id"].astype("str")
    rows = running.assign(status=status, rep_id=look_up(running["account_id"], asked))
    rows = rows[(rows["status"] != "done") & rows["rep_id"].notna()]
    rows = rows.assign(
        score=rows["account_id"]
        .map(keys.set_index("account_id")["score"])
        .astype("float64")
        .fillna(-1.0),
        order=rows["status"].map(_FIRST).astype("Int64"),
        factor=rows["aspect"].map(FACTORS_OF),
    )
    rows = rows.sort_values(
        ["rep_id", "order", "score", "account_id", "aspect"],
        ascending=[True, True, False, True, True],
    )
    columns = ["rep_id", "account_id", "aspect", "status", "score", "order", "factor"]
    return rows[columns].explode("factor", ignore_index=True).astype({"factor": "str"})


def _last(lines: pd.DataFrame, ratings: pd.DataFrame | None) -> pd.DataFrame:
    """Give the last rating of the same person for each line."""
    rows = table("ratings").or_empty(ratings)
    rows = rows[on_scale(rows)]
    key = ["rater_id", "account_id", "factor"]
    last = rows.sort_values("rating_date").drop_duplicates(key, keep="last").set_index(key)
    own = pd.MultiIndex.from_frame(lines[["rep_id", "account_id", "factor"]])
    found = last.reindex(own)
    return pd.DataFrame(
        {
            "last_rating": found["rating"].to_numpy(),
            "last_confidence": found["confidence"].to_numpy(),
            "last_date": found["rating_date"].to_numpy(),
        },
        index=lines.index,
    )


def _burden(keys: pd.DataFrame, sheet: pd.DataFrame) -> pd.DataFrame:
    held = keys["rep_id"].dropna().value_counts().sort_index()
    asked = sheet[sheet["is_asked"].astype(bool)]
    minutes = asked.groupby("rep_id")["minutes"].sum().reindex(held.index).fillna(0.0)
    off = sheet[~sheet["is_asked"].astype(bool)]
    return table("rating_burden").check(
        pd.DataFrame(
            {
                "rep_id": held.index.astype("str"),
                "accounts_count": held.to_numpy(),
                "asked_count": asked["rep_id"].value_counts().reindex(held.index).fillna(0),
                "put_off_count": off["rep_id"].value_counts().reindex(held.index).fillna(0),
                "asked_minutes": minutes,
                "minutes_per_account": minutes / held,
            }
        )
    )
