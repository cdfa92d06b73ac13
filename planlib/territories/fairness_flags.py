"""What stands out in a territory beside its peers: rules, each with the value and its limit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.notes import percent, signed_percent
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.territories.columns import flag, number
from planlib.territories.inequality import LEAST_PEERS


def add_deviation(rows: pd.DataFrame, balance: pd.DataFrame | None) -> pd.DataFrame:
    """Add the balanced measure that is furthest from its target, how far, and the tolerance."""
    if balance is None or balance.empty or "deviation_after" not in balance:
        return rows.assign(worst_measure=None, worst_deviation=np.nan, limit=np.nan, outside=False)
    limit = number(balance, "tolerance")
    size = number(balance, "deviation_after").abs()
    over = ~flag(balance, "is_within") if "is_within" in balance else size > limit
    order = balance.assign(size=size / limit, limit=limit, over=over).sort_values(
        ["rep_id", "size", "measure"], ascending=[True, False, True], kind="stable"
    )
    worst = order.drop_duplicates("rep_id").set_index("rep_id")
    return rows.assign(
        worst_measure=rows["rep_id"].map(worst["measure"]).astype("str"),
        worst_deviation=rows["rep_id"].map(worst["deviation_after"]),
        limit=rows["rep_id"].map(worst["limit"]),
        outside=rows["rep_id"].isin(worst.index[worst["over"].astype(bool)]),
    )


def add_peers(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what is usual among the other reps of the block; NA with fewer than three of them."""
    columns = {"travel_km": "peer_travel_km", "top_industry_share": "peer_industry_share",
               "top_region_share": "peer_region_share"}  # fmt: skip
    rows = rows.assign(**dict.fromkeys(columns.values(), np.nan))
    for _, own in rows.groupby("block", sort=False):
        for column, usual in columns.items():
            values = own[column].to_numpy(dtype=float)
            rows.loc[own.index, usual] = [
                _median(np.delete(values, place)) for place in range(len(values))
            ]
    return rows


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) >= LEAST_PEERS else np.nan


def add_flags(
    rows: pd.DataFrame, settings: TerritoryDecisionsSettings, *, has_balance: bool
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Add the flags of each territory, each with its value and its limit; and the rules."""

    def over(column: str, limit: pd.Series | float) -> pd.Series:
        return rows[column].gt(limit + 1e-12).fillna(value=False).astype(bool)

    usual_industry = rows["peer_industry_share"].fillna(0.0).le(settings.top_industry_share)
    usual_region = rows["peer_region_share"].fillna(0.0).le(settings.top_region_share)
    travel_limit = settings.travel_ratio * rows["peer_travel_km"]
    found = (
        (rows["outside"], _deviation_words(rows)),
        (over("top_account_share", settings.top_account_share),
         _words(rows, "one account holds", "top_account_share", settings.top_account_share)),
        (over("top_industry_share", settings.top_industry_share) & usual_industry,
         _words(rows, "one industry holds", "top_industry_share", settings.top_industry_share)),
        (over("top_region_share", settings.top_region_share) & usual_region,
         _words(rows, "one region holds", "top_region_share", settings.top_region_share)),
        (over("travel_km", travel_limit), [
            f"mean distance {km:,.0f} km, limit {limit:,.0f} km" if limit == limit else ""
            for km, limit in zip(rows["travel_km"], travel_limit, strict=True)
        ]),
        (over("changed_share", settings.changed_share),
         _words(rows, "accounts new to the rep", "changed_share", settings.changed_share)),
        (over("lost_acv_share", settings.lost_acv_share),
         _words(rows, "ACV given away", "lost_acv_share", settings.lost_acv_share)),
    )  # fmt: skip
    words = [
        [said for hit, said in zip(hits, texts, strict=True) if hit]
        for hits, texts in zip(
            zip(*(list(hit) for hit, _ in found), strict=True),
            zip(*(texts for _, texts in found), strict=True), strict=True,
        )
    ]  # fmt: skip
    rows = rows.assign(
        flags=["; ".join(some) for some in words], flag_count=[len(s) for s in words]
    )
    return rows, _rules(settings, has_balance=has_balance)


def _words(rows: pd.DataFrame, what: str, column: str, limit: float) -> list[str]:
    return [f"{what} {percent(value)}, limit {percent(limit)}" for value in rows[column]]


def _deviation_words(rows: pd.DataFrame) -> list[str]:
    measures = rows["worst_measure"].astype("str").str.replace("_", " ")
    return [
        f"{measure} {signed_percent(value, 1)} off its target, tolerance {percent(limit, 1)}"
        for measure, value, limit in zip(
            measures, rows["worst_deviation"], rows["limit"], strict=True
        )
    ]


def _rules(settings: TerritoryDecisionsSettings, *, has_balance: bool) -> tuple[str, ...]:
    rules = (
        f"one account above {percent(settings.top_account_share)} of the territory",
        f"one industry above {percent(settings.top_industry_share)}, where the median of the "
        "peers is "
        "not",
        f"one region above {percent(settings.top_region_share)}, where the median of the peers "
        "is not",
        f"mean distance above {settings.travel_ratio:g} times the median of the peers",
        f"more than {percent(settings.changed_share)} of the accounts new to the rep",
        f"more than {percent(settings.lost_acv_share)} of today's ACV given away",
    )
    return (("outside the tolerance of a balanced measure",) if has_balance else ()) + rules
