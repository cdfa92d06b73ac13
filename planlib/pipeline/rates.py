"""Win rates and cycles, each with what it is a share of, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.pipeline.cuts import ALL, TOTAL, CutTables
from planlib.pipeline.money import known, ratio, to_cents
from planlib.pipeline.truncation import cycle_days

_DENOMINATORS = {
    "win_rate_decided": "won and lost deals",
    "win_rate_created": "all deals, open ones included",
    "win_rate_amount": "amount of won and lost deals",
    "cycle_closed_mean": "won and lost deals with both dates",
    "cycle_won_mean": "won deals with both dates",
    "cycle_won_median": "won deals with both dates",
}


def measure_rates(
    deals: pd.DataFrame,
    scope: str,
    tables: CutTables,
    cuts: Sequence[str],
    minimum_deals: int,
    *,
    truncation: str = "",
) -> pd.DataFrame:
    """
    Compute win rates and cycles of a set of deals.

    - ``win_rate_decided``: won / (won + lost), deals. A rep who never lost has 100 %.
    - ``win_rate_created``: won / all deals, open ones included; grows as open deals close.
    - ``win_rate_amount``: won / (won + lost), amounts; blank when lost deals carry no amount.
    - ``cycle_*``: days from created to closed; open deals are not in it, so it is too short
      where many deals are still open.

    Parameters
    ----------
    deals
        Prepared deals (``prepare_deals``) that are meant.
    scope
        Which deals these are, in a word: a period's name, or "all data".
    tables, cuts
        Cells; ``total`` is always added.
    minimum_deals
        Fewer deals in the denominator are grey.
    truncation
        Why the deals start too close to the beginning of the records; blank when they do not.

    Returns
    -------
    DataFrame
        Table ``pipeline_rates``. ``low`` and ``high`` are the Wilson interval at 95 %, an
        interval for deals that are won independently of each other (Wilson 1927).
    """
    names = list(dict.fromkeys((TOTAL, *cuts)))
    attached = tables.attach(deals, [name for name in names if name != TOTAL])
    rates = _all_cuts(attached.assign(**{TOTAL: ALL}), names).assign(scope=scope)
    counted = rates["rate"].isin(["win_rate_decided", "win_rate_created"])
    low, high = wilson(rates["numerator"].where(counted), rates["denominator"].where(counted))
    blank = rates["value"].isna()
    weak = ~blank & (truncation != "") & (rates["rate"] != "win_rate_created")
    note = rates["note"].mask(weak, truncation)
    return rates.assign(
        low=low,
        high=high,
        note=note,
        status=pd.Series("", index=rates.index, dtype="str")
        .mask(weak, "truncated")
        .mask(blank, "not_computed"),
        is_grey=(rates["deal_count"] < minimum_deals) | weak,
    ).drop(columns="deal_count")


def _all_cuts(deals: pd.DataFrame, cuts: Sequence[str]) -> pd.DataFrame:
    """Compute the rates of all cells of all cuts in one pass."""
    won, lost = deals["status"] == "won", deals["status"] == "lost"
    days = cycle_days(deals).where(won | lost)
    cents = known(to_cents(deals["amount"]))
    facts = pd.DataFrame(
        {
            "won": won,
            "lost": lost,
            "known": won | lost | (deals["status"] == "open"),
            "won_cents": cents.where(won, 0),
            "lost_cents": cents.where(lost, 0),
            "days": days,
            "won_days": days.where(won),
        }
    )
    keyed = pd.concat([facts.assign(cut=cut, cut_value=deals[cut]) for cut in cuts])
    grouped = keyed.groupby(["cut", "cut_value"])
    sums = grouped[["won", "lost", "known", "won_cents", "lost_cents"]].sum()
    cycles = grouped[["days", "won_days"]].agg(["sum", "count"])
    decided = sums["won"] + sums["lost"]
    rows = [
        _rate("win_rate_decided", sums["won"], decided, decided),
        _rate("win_rate_created", sums["won"], sums["known"], sums["known"]),
        _rate(
            "win_rate_amount",
            sums["won_cents"] / 100,
            (sums["won_cents"] + sums["lost_cents"]) / 100,
            decided,
        ),
        _rate("cycle_closed_mean", cycles["days"]["sum"], cycles["days"]["count"]),
        _rate("cycle_won_mean", cycles["won_days"]["sum"], cycles["won_days"]["count"]),
    ]
    no_lost_amount = (sums["lost"] > 0) & (sums["lost_cents"] == 0)
    rows[2]["value"] = rows[2]["value"].mask(no_lost_amount)
    rows[2]["note"] = rows[2]["note"].mask(no_lost_amount, "lost deals carry no amount")
    median = rows[4].assign(
        rate="cycle_won_median", value=grouped["won_days"].median(), numerator=np.nan
    )
    result = pd.concat([*rows, median]).reset_index()
    place = {cut: at for at, cut in enumerate(cuts)}
    result = result.assign(place=result["cut"].map(place))
    result = result.sort_values(["place", "cut_value"], kind="stable", ignore_index=True)
    return result.drop(columns="place").assign(denominator_name=result["rate"].map(_DENOMINATORS))


def _rate(
    rate: str, upper: pd.Series, lower: pd.Series, deals: pd.Series | None = None
) -> pd.DataFrame:
    value = ratio(upper, lower)
    note = pd.Series("", index=value.index, dtype="str").mask(value.isna(), "no deal to divide by")
    return pd.DataFrame(
        {
            "rate": rate,
            "value": value,
            "numerator": upper.astype("float64"),
            "denominator": lower.astype("float64"),
            "note": note,
            "deal_count": lower if deals is None else deals,
        }
    )
