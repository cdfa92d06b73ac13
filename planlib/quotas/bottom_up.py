"""Bottom-up: what each rep can be expected to sell, from potential, trend and capacity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.settings.quotas import BottomUpWeights

PARTS = ("potential", "trend", "capacity")
_GROWTH = (0.8, 1.25)  # bounds of the trend of the whole company


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Growth of the whole company that is carried on: last twelve months against those before."""

    growth: float = 1.0
    note: str = "no growth is carried on: fewer than two years of won amounts"
    is_known: bool = False


def company_trend(won: pd.DataFrame | None, as_of: pd.Timestamp) -> Trend:
    """
    Give the growth of the last twelve months on the twelve before, bounded.

    Parameters
    ----------
    won
        ``rep_id``, ``day``, ``amount``.
    as_of
        Last day that counts.
    """
    if won is None or won.empty:
        return Trend()
    year = as_of - pd.DateOffset(years=1)
    before = as_of - pd.DateOffset(years=2)
    if won["day"].min() > before + pd.DateOffset(months=1):
        return Trend()
    last = float(won.loc[(won["day"] > year) & (won["day"] <= as_of), "amount"].sum())
    first = float(won.loc[(won["day"] > before) & (won["day"] <= year), "amount"].sum())
    if first <= 0:
        return Trend()
    growth = float(np.clip(last / first, *_GROWTH))
    return Trend(
        growth=growth,
        note=f"won in the last twelve months / in the twelve before = {last / first:.2f}; "
        f"{growth:.2f} is carried on (bounds {_GROWTH[0]:g} and {_GROWTH[1]:g})",
        is_known=True,
    )


def estimate_bottom_up(
    carriers: pd.DataFrame, weights: BottomUpWeights, trend: Trend, capture: float | None
) -> pd.DataFrame:
    """
    Estimate what each rep can sell in the year.

    Parameters
    ----------
    carriers
        ``rep_id``; ``ramped_share`` (of a full year), ``ramped_quota``, ``attainment_level``,
        ``potential`` (yearly, of the accounts owned), ``won_year`` (last twelve months, missing
        for a shorter tenure).
    weights
        Weights of the parts; those of missing parts go to the others.
    trend
        Growth that is carried on.
    capture
        Won in a year / potential of all accounts owned; None where unknown.

    Returns
    -------
    DataFrame
        ``rep_id``, ``potential_part`` (= potential x capture x ramped share), ``trend_part``
        (= won x growth), ``capacity_part`` (= ramped quota x usual attainment),
        ``bottom_up_amount`` (weighted mean of the known parts), ``bottom_up_basis``.
    """
    share = carriers["ramped_share"].clip(upper=1.0)
    parts = pd.DataFrame(
        {
            "potential_part": carriers["potential"] * share * (np.nan if capture is None
                                                               else capture),
            "trend_part": carriers["won_year"] * trend.growth,
            "capacity_part": carriers["ramped_quota"] * carriers["attainment_level"],
        }
    )  # fmt: skip
    size = np.array([getattr(weights, name) for name in PARTS])
    known = parts.notna().to_numpy() * size[None, :]
    sums = known.sum(axis=1)
    mean = (parts.fillna(0.0).to_numpy() * known).sum(axis=1) / np.where(sums > 0, sums, np.nan)
    basis = [
        "; ".join(f"{name} {percent(one / total)}"
                  for name, one in zip(PARTS, row, strict=True) if one)
        if total > 0 else "unknown: no part is known"
        for row, total in zip(known, sums, strict=True)
    ]  # fmt: skip
    return parts.assign(rep_id=carriers["rep_id"], bottom_up_amount=mean, bottom_up_basis=basis)[
        ["rep_id", *parts.columns, "bottom_up_amount", "bottom_up_basis"]
    ]
