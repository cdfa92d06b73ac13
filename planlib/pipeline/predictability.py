"""Predictability: how steady the win rate and the closed ACV of a team are over past quarters."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.periods import Period
from planlib.pipeline.cuts import UNKNOWN, CutTables
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.truncation import Records
from planlib.tables import table

_QUARTERS = 8
_CHANCE = 0.05
_FEWEST = 3  # quarters below which nothing is said on steadiness


def team_predictability(
    deals: pd.DataFrame,
    period: Period,
    as_of: date,
    cuts: CutTables,
    *,
    minimum_count: int = 20,
    cycle_share: float = 0.9,
) -> pd.DataFrame:
    """
    Give win rate and closed ACV of each team over the full quarters until the as-of date.

    Parameters
    ----------
    deals
        Prepared deals (``prepare_deals``).
    period, as_of
        For the fiscal quarters, at most eight, that ended by the as-of date; quarters that
        start too close to the beginning of the records are left out.
    cuts
        For the manager of a deal's owner; without managers there is one team, "all".
    minimum_count
        Decided deals below which a team is grey; also the weight of the rate of all teams
        towards which a team's rate is drawn.
    cycle_share
        See ``Records.truncation``.

    Returns
    -------
    DataFrame
        Table ``team_predictability``, highest shrunk win rate first, grey teams last.
        Steady: a chi-square test of won and lost by quarter (Pearson 1900) does not tell the
        quarters apart at 5 %.

    Notes
    -----
    The best of several teams is partly luck, so the best one is found on rates drawn towards
    that of all: ``(won + minimum_count x rate of all) / (decided + minimum_count)``.
    """
    quarters = _quarters(deals, period, as_of, cycle_share)
    if not quarters:
        return table("team_predictability").empty()
    first, last = quarters[0].start, quarters[-1].end
    closed = deals[deals["status"].isin(["won", "lost"])]
    inside = closed["close_date"].between(pd.Timestamp(first), pd.Timestamp(last))
    closed = closed[inside]
    has_teams = cuts.resolve("manager")[0] is not None
    team = cuts.attach(closed, ["manager"])["manager"] if has_teams else "all"
    won = closed["status"] == "won"
    facts = pd.DataFrame(
        {
            "team": team,
            "quarter": _quarter_number(closed["close_date"], quarters),
            "won": won.astype("int64"),
            "lost": (~won).astype("int64"),
            "cents": known(to_cents(closed["amount"])).where(won, 0),
        }
    )
    facts = facts[facts["team"] != UNKNOWN]
    if facts.empty:
        return table("team_predictability").empty()
    sums = facts.groupby(["team", "quarter"])[["won", "lost", "cents"]].sum()
    whole = pd.MultiIndex.from_product(
        [sorted(facts["team"].unique()), range(len(quarters))], names=["team", "quarter"]
    )
    rows = _teams(sums.reindex(whole, fill_value=0), minimum_count)
    return rows.assign(
        from_date=pd.Timestamp(first),
        to_date=pd.Timestamp(last),
        quarter_count=len(quarters),
    )


def _quarters(deals: pd.DataFrame, period: Period, as_of: date, cycle_share: float) -> list[Period]:
    records = Records.of(deals)
    if records.first_close is None:
        return []
    last = Period.of(as_of, "quarter", period.fiscal_year)
    last = last if as_of >= last.end else last.shift(-1)
    found = [last.shift(-back) for back in range(_QUARTERS)][::-1]
    return [
        quarter
        for quarter in found
        if quarter.start >= records.first_close and not records.truncation(quarter, cycle_share)
    ]


def _quarter_number(days: pd.Series, quarters: list[Period]) -> pd.Series:
    starts = np.array([np.datetime64(quarter.start) for quarter in quarters])
    return pd.Series(np.searchsorted(starts, days.to_numpy(), "right") - 1, index=days.index)


def _teams(sums: pd.DataFrame, minimum_count: int) -> pd.DataFrame:
    by = sums.groupby("team")
    won, decided = by["won"].sum(), by["won"].sum() + by["lost"].sum()
    overall = float(won.sum() / decided.sum()) if decided.sum() else np.nan
    rates = ratio(sums["won"], sums["won"] + sums["lost"]).groupby("team")
    money = from_cents(sums["cents"].astype("Int64")).groupby("team")
    low, high = wilson(won, decided)
    chance = by[["won", "lost"]].apply(_chance)
    mean, spread = money.mean(), money.std(ddof=1)
    shrunk = (won + minimum_count * overall) / (decided + minimum_count)
    few = decided < minimum_count
    note = pd.Series("", index=won.index, dtype="str")
    note = note.mask(chance.isna(), "too few quarters with decided deals to tell chance")
    rows = pd.DataFrame(
        {
            "won_count": won,
            "decided_count": decided,
            "win_rate": ratio(won, decided),
            "low": low,
            "high": high,
            "shrunk_rate": shrunk,
            "quarter_low": rates.min(),
            "quarter_high": rates.max(),
            "chance_share": chance,
            "is_stable": (chance >= _CHANCE).astype("boolean").mask(chance.isna()),
            "acv_mean_amount": mean,
            "acv_deviation_amount": spread,
            "acv_variation": ratio(spread, mean),
            "is_grey": few,
            "note": note,
        }
    ).reset_index()
    order = ["is_grey", "shrunk_rate", "team"]
    rows = rows.sort_values(order, ascending=[True, False, True], ignore_index=True)
    return rows.assign(is_best=(rows.index == 0) & ~rows["is_grey"])


def _chance(quarters: pd.DataFrame) -> float:
    """Give how often equal win rates would differ as much; missing with too few quarters."""
    from scipy.stats import chi2_contingency

    filled = quarters[quarters.sum(axis=1) > 0]
    if len(filled) < _FEWEST or (filled.sum() == 0).any():
        return float("nan")
    return float(chi2_contingency(filled.to_numpy(), correction=False).pvalue)
