"""
What goes with leaving, learned from own data: exits of peers, spread of peers, who performs how.

Published findings contradict each other (whether middle performers leave most, or least), so
nothing is taken for granted: each level is compared with all others, with an exact interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.disclosure import OTHER
from planlib.ranking.shrink import Floats
from planlib.team.multiplicity import FALSE_SHARE, adjust

#: Possible reasons that are looked at.
DRIVERS = ("peer_exits", "peer_spread", "performance", "target_jump")
_UNKNOWN = "(not known)"
_TRAILING = 12  # months over which performance counts
_LEAST_PEERS = 3
_TERCILES = ("lower third", "middle third", "upper third")
_SPREAD = ("narrow spread of peers", "wide spread of peers")
_EXITS = ("no exit of a peer", "exit of a peer")
_JUMPS = {"target": ("target not made by one good year", "target made by one good year"),
          "sales alone": ("after other years", "after one exceptional year")}  # fmt: skip


def driver_columns(
    months: pd.DataFrame, opportunities: pd.DataFrame | None, peer_months: int,
    jumps: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Put the levels of possible reasons on each person-month.

    Parameters
    ----------
    months
        ``Staff.months``, all of them: the past of the window counts.
    opportunities
        Table ``opportunities``; without won deals nothing is known of performance.
    peer_months
        Months for which the exit of a peer counts.
    jumps
        From ``planlib.key_accounts.good_years``: years whose target one good year made; None: not
        known.

    Returns
    -------
    DataFrame
        ``peer_exits`` (another member of the same manager's team left in the months before) and,
        with won deals, ``performance`` (third of won amount per month among people of the role in
        the twelve months before) and ``peer_spread`` (sales of the team lie further apart than
        those of the median team in that month); with ``jumps``, ``target_jump`` (the year's target
        was made by one good year or, without targets, the year before was exceptional).
    """
    found = {"peer_exits": _peer_exits(months, peer_months)}
    sold = _sold(months, opportunities)
    if sold is not None:
        found |= {"performance": _thirds(months, sold), "peer_spread": _spread(months, sold)}
    if jumps is not None and len(jumps):
        found |= {"target_jump": _jumped(months, jumps)}
    return pd.DataFrame(found).fillna(_UNKNOWN)


def find_drivers(months: pd.DataFrame, shown: dict[str, pd.Series]) -> pd.DataFrame:
    """
    Compare the leavers of each level of a possible reason with those of all other levels.

    Parameters
    ----------
    months
        Person-months of the window, from ``grouping.group_months``.
    shown
        Groups that may be shown, from there.

    Returns
    -------
    DataFrame
        Rows of ``exit_drivers``; a reason without two levels to show has no rows. A difference is
        named where its interval leaves out 1, and where it is beyond chance among all levels of all
        reasons (``multiplicity``).
    """
    found = [
        _levels(months, name, shown[name])
        for name in DRIVERS
        if name in shown and not shown[name].empty
    ]
    if not any(len(rows) for rows in found):
        return pd.DataFrame()
    rows = pd.concat(found, ignore_index=True)
    mixed = rows["driver_level"].isin([OTHER, _UNKNOWN])
    p_adjusted = adjust(np.where(mixed, np.nan, rows["p"]))
    facts = zip(rows["driver_level"], *(rows[name] for name in ("ratio", "low", "high")),
                p_adjusted, strict=True)  # fmt: skip
    return rows.assign(
        p_adjusted=p_adjusted, finding=[_say(*one) for one in facts],
        ratio=_finite(rows["ratio"]), low=_finite(rows["low"]), high=_finite(rows["high"]),
    ).drop(columns="p")  # fmt: skip


def compare_rates(
    exits: Floats, years: Floats, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """
    Compare the rate of each level with that of all others together.

    Given all exits, those of a level are binomial with ``p = r t / (r t + t_others)``; the exact
    interval of p (Clopper and Pearson 1934) gives that of the ratio r.

    Parameters
    ----------
    exits, years
        Leavers and person-years by level.
    level
        Of the interval.

    Returns
    -------
    tuple
        Ratios with the lower and upper ends of their intervals; infinity where all left here.
    """
    from scipy.special import betaincinv

    n = exits.sum()
    others, rest = n - exits, years.sum() - years
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (exits / years) / (others / rest)
        low = np.where(exits > 0, betaincinv(np.maximum(exits, 1), others + 1, tail), 0.0)
        high = np.where(others > 0, betaincinv(exits + 1, np.maximum(others, 1), 1 - tail), 1.0)
        scale = rest / years
        ends = (low / (1 - low) * scale, high / (1 - high) * scale)
    usable = (n > 0) & (years > 0) & (rest > 0)
    return (*(np.where(usable, one, np.nan) for one in (ratio, *ends)),)  # type: ignore[return-value]


def chance_of_rates(exits: Floats, years: Floats) -> Floats:
    """Give the exact two-sided p-value of each level having the rate of all others together."""
    from scipy.stats import binom

    n, share = exits.sum(), years / max(float(years.sum()), 1e-12)
    tails = np.minimum(binom.cdf(exits, n, share), binom.sf(exits - 1, n, share))
    return np.where(n > 0, np.minimum(2 * tails, 1.0), np.nan)


def _levels(months: pd.DataFrame, driver: str, names: pd.Series) -> pd.DataFrame:
    by = months.groupby(months[driver].map(names))
    rows = pd.DataFrame({
        "people_count": by["rep_id"].nunique(), "person_years": by["years"].sum(),
        "leavers_count": by["is_exit"].sum().astype(int),
    }).rename_axis("driver_level").reset_index()  # fmt: skip
    if len(rows) < 2:
        return pd.DataFrame()
    exits, years = (rows[name].to_numpy(dtype=float) for name in ("leavers_count", "person_years"))
    ratio, low, high = compare_rates(exits, years)
    return rows.assign(
        driver=driver, rate=exits / years, ratio=ratio, low=low, high=high,
        p=chance_of_rates(exits, years),
    )  # fmt: skip


def _finite(values: pd.Series) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _say(level: str, ratio: float, low: float, high: float, p_adjusted: float) -> str:
    if np.isnan(ratio):
        return "nobody left in the window: nothing can be said"
    upper = f"{high:.1f}" if np.isfinite(high) else "any"
    seen = f"{ratio:.1f} times the rate of the others" if np.isfinite(ratio) else "all left here"
    range_ = f"{seen}, interval {low:.1f} to {upper}"
    if level in (OTHER, _UNKNOWN):
        return f"{range_}; mixed groups"
    if low > 1 and p_adjusted <= FALSE_SHARE:
        return f"leave more often: {range_}"
    if high < 1 and p_adjusted <= FALSE_SHARE:
        return f"leave less often: {range_}"
    if low > 1 or high < 1:
        return f"no evidence of a difference among all reasons looked at: {range_}"
    return f"no evidence of a difference: {range_}"


def _peer_exits(months: pd.DataFrame, window: int) -> pd.Series:
    """Tell whether another member of the team left in the months before."""
    out = months.loc[months["is_exit"], ["rep_id", "manager", "month_date"]]
    at = _number(months["month_date"])
    seen = pd.Series(False, index=months.index)
    for row in out.to_dict("records"):
        left = int(_number(pd.Series([row["month_date"]]))[0])
        seen |= ((months["manager"] == row["manager"]) & (months["rep_id"] != row["rep_id"])
                 & (at > left) & (at <= left + window))  # fmt: skip
    return pd.Series(np.where(seen, _EXITS[1], _EXITS[0]), index=months.index, dtype="str")


def _sold(months: pd.DataFrame, opportunities: pd.DataFrame | None) -> pd.Series | None:
    """Give the amount won per month there over the months before each person-month."""
    if opportunities is None:
        return None
    won = opportunities[opportunities["is_won"].fillna(False).astype(bool)]
    won = won[won["close_date"].notna() & won["amount"].notna()]
    if won.empty:
        return None
    month = won["close_date"].dt.to_period("M").dt.start_time.astype("datetime64[us]")
    sums = won.groupby([won["owner_id"], month])["amount"].sum().rename("won").reset_index()
    sums = sums.rename(columns={"owner_id": "rep_id", "close_date": "month_date"})
    rows = months[["rep_id", "month_date", "years"]].merge(
        sums, on=["rep_id", "month_date"], how="left"
    )
    rows["won"] = rows["won"].fillna(0.0)
    by = rows.groupby("rep_id")
    totals = [
        by[name].transform(lambda one: one.shift().rolling(_TRAILING, min_periods=3).sum())
        for name in ("won", "years")
    ]
    pace: pd.Series = totals[0] / (12 * totals[1])
    sells = rows.groupby("rep_id")["won"].transform("sum") > 0
    return pd.Series(pace.where(sells).to_numpy(), index=months.index)


def _thirds(months: pd.DataFrame, sold: pd.Series) -> pd.Series:
    """Give the third of each person among people of the role in that month."""
    by = sold.groupby([months["month_date"], months["role"]])
    place, count = by.rank(method="average"), by.transform("count")
    third = np.floor((place - 0.5) / count * 3).clip(0, 2)
    names: pd.Series = third.map(dict(enumerate(_TERCILES))).astype("str")
    return names.where(third.notna() & (count >= 2 * _LEAST_PEERS))


def _spread(months: pd.DataFrame, sold: pd.Series) -> pd.Series:
    """Tell whether the sales of a team lie further apart than those of the median team."""
    by = sold.groupby([months["month_date"], months["manager"], months["role"]])
    mean, deviation, count = by.transform("mean"), by.transform("std"), by.transform("count")
    relative = (deviation / mean).where((count >= _LEAST_PEERS) & (mean > 0))
    middle = relative.groupby([months["month_date"], months["role"]]).transform("median")
    wide = pd.Series(np.where(relative > middle, _SPREAD[1], _SPREAD[0]), index=months.index)
    return wide.astype("str").where(relative.notna())


def _jumped(months: pd.DataFrame, jumps: pd.DataFrame) -> pd.Series:
    """Tell whether one good year made the target of the fiscal year of each person-month."""
    rows = months[["rep_id", "month_date"]].reset_index(names="place")
    both = rows.merge(jumps, on="rep_id")
    both = both[both["month_date"].between(both["start_date"], both["end_date"])]
    said = [_JUMPS[basis][int(jump)] for basis, jump in
            zip(both["basis"], both["is_jump"].astype(bool), strict=True)]  # fmt: skip
    found = pd.Series(said, index=both["place"].to_numpy(), dtype="str")
    return found.reindex(months.index)


def _number(days: pd.Series) -> np.ndarray:
    months: pd.Series = days.dt.year * 12 + days.dt.month
    return months.to_numpy(dtype=int)
