"""Who gets which leads by tier, and how long better leads take after an improvement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from planlib.ranking.absence import month_start
from planlib.ranking.cases import Cases

_BEST = 2 / 3  # cases above this quantile of the expected chance are the better third
_LOOK = 3  # months compared before and after a move
_FEW = 5  # cases below which a mean quality is not compared


def tier_leads(
    cases: Cases, chance: pd.Series, rep_tiers: pd.DataFrame, tiers: Sequence[str],
    *, as_of: pd.Timestamp, months: int,
) -> pd.DataFrame:  # fmt: skip
    """
    Give share and quality of the leads or deals that each tier received in the window.

    A case belongs to the tier that its rep had at the last review before it came in.

    Parameters
    ----------
    cases, chance
        The cases and the expected chance to win of each.
    rep_tiers
        Table ``rep_tiers``.
    tiers
        Names from best to lowest.
    as_of, months
        End and length of the window.

    Returns
    -------
    DataFrame
        ``tier``, ``reps_count``, ``received_count``, ``received_share``, ``per_rep``,
        ``quality`` (mean expected chance), ``best_share`` (share of the better third of all
        leads that the tier received), ``best_own_share`` (share of its own leads that are of it).
    """
    first = pd.Timestamp(month_start(as_of.date(), months))
    rows = cases.rows.assign(chance=chance.to_numpy())
    rows = rows[(rows["received_date"] >= first) & (rows["received_date"] <= as_of)]
    rows = _with_tier(rows, rep_tiers)
    limit = rows["chance"].quantile(_BEST) if len(rows) else float("nan")
    rows = rows.assign(is_best=rows["chance"] >= limit)
    best = int(rows["is_best"].sum())
    found = []
    for tier in tiers:
        mine = rows[rows["tier"] == tier]
        reps, count = mine["rep_id"].nunique(), len(mine)
        found.append({
            "tier": tier, "reps_count": reps, "received_count": count,
            "received_share": count / len(rows) if len(rows) else None,
            "per_rep": count / reps if reps else None,
            "quality": mine["chance"].mean() if count else None,
            "best_share": mine["is_best"].sum() / best if best else None,
            "best_own_share": mine["is_best"].mean() if count else None,
        })  # fmt: skip
    return pd.DataFrame(found)


def _with_tier(rows: pd.DataFrame, rep_tiers: pd.DataFrame) -> pd.DataFrame:
    """Give the tier that each case's rep had when it came in; cases before any review have none."""
    known = rep_tiers[["rep_id", "month_date", "tier"]].sort_values(["month_date", "rep_id"])
    start = rep_tiers.sort_values("month_date").drop_duplicates("rep_id")
    begin = start[["rep_id"]].assign(month_date=pd.Timestamp("1900-01-01"),
                                     tier=start["tier_before"].to_numpy())  # fmt: skip
    known = pd.concat([begin, known], ignore_index=True).sort_values("month_date")
    known["month_date"] = known["month_date"].astype("datetime64[us]")
    dated = rows.assign(received_date=rows["received_date"].astype("datetime64[us]"))
    dated = dated.sort_values(["received_date", "case_id"], ignore_index=True)
    return pd.merge_asof(dated, known, left_on="received_date", right_on="month_date", by="rep_id",
                         allow_exact_matches=False).dropna(subset="tier")  # fmt: skip


def improvement_lags(
    cases: Cases, chance: pd.Series, rep_tiers: pd.DataFrame, up_limit: float, as_of: pd.Timestamp
) -> pd.DataFrame:
    """
    Give how long it took from improving to a higher tier, and from there to better leads.

    Improved: first of the reviews without a break whose plain score was at the limit or above.
    Better leads: end of the first month by which the leads since the move have a higher mean
    expected chance than those of the three months before it, where those of all three months after
    it have one too.

    Parameters
    ----------
    cases
        Leads or deals in one shape.
    chance
        Chance to win of each case.
    rep_tiers
        Table ``rep_tiers``: moves and plain scores by review.
    up_limit
        Plain score from which a rep counts as improved.
    as_of
        Day until which the data count.

    Returns
    -------
    DataFrame
        ``rep_id``, ``moved_date``, ``improved_date``, ``to_move_days``, ``quality_before``,
        ``quality_after``, ``better_date``, ``to_better_days``, ``note`` where it is blank.
    """
    rows = cases.rows.assign(chance=chance.to_numpy())
    found = []
    for move in rep_tiers[rep_tiers["move"] == "up"].to_dict("records"):
        mine = rows[rows["rep_id"] == move["rep_id"]]
        past = rep_tiers[(rep_tiers["rep_id"] == move["rep_id"])
                         & (rep_tiers["month_date"] <= move["month_date"])]  # fmt: skip
        past = past.sort_values("month_date", ascending=False)
        run = (past["score_raw"] >= up_limit).cumprod().astype(bool)
        improved = past.loc[run, "month_date"].min()
        found.append(_lag(mine, move, improved, as_of))
    columns = ["rep_id", "moved_date", "improved_date", "to_move_days", "quality_before",
               "quality_after", "better_date", "to_better_days", "note"]  # fmt: skip
    return pd.DataFrame(found, columns=columns)


def _lag(
    mine: pd.DataFrame, move: dict[Any, Any], improved: Any, as_of: pd.Timestamp
) -> dict[str, Any]:
    day = move["month_date"]
    start = pd.Timestamp(month_start(day.date(), _LOOK))
    received = mine["received_date"]
    before = mine.loc[(received >= start) & (received <= day), "chance"]
    after = mine[(received > day) & (received <= as_of)]
    late = after[after["received_date"] <= day + pd.DateOffset(months=_LOOK)]["chance"]
    row: dict[str, Any] = {
        "rep_id": move["rep_id"], "moved_date": day, "improved_date": improved,
        "to_move_days": None if pd.isna(improved) else (day - improved).days,
        "quality_before": before.mean() if len(before) else None,
        "quality_after": late.mean() if len(late) else None,
        "better_date": pd.NaT, "to_better_days": None, "note": "",
    }  # fmt: skip
    if pd.isna(improved):
        row["note"] = "the tier was set by hand, the score was not above the limit. "
    if len(before) < _FEW or len(late) < _FEW:
        row["note"] += f"fewer than {_FEW} leads or deals before or after the move"
        return row
    months = after["received_date"].dt.to_period("M")
    monthly = after.groupby(months)["chance"].agg(["sum", "size"]).cumsum()
    mean = monthly["sum"] / monthly["size"]
    better = monthly[(mean > row["quality_before"]) & (monthly["size"] >= _FEW)]
    if better.empty or late.mean() <= row["quality_before"]:
        row["note"] += "leads or deals since then are not better on the whole"
        return row
    reached = min(better.index[0].end_time.normalize(), as_of)
    start_of = improved if pd.notna(improved) else day
    return row | {"better_date": reached, "to_better_days": (reached - start_of).days}
