"""What margin, carry-over, elasticity and sales of the size by return rest on."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pandas as pd

from planlib.pay.people_response import PeopleResponse
from planlib.pipeline.money import from_cents, to_cents
from planlib.settings.pay import ForceSizeSettings

STATED_ELASTICITY = 0.3
_ASSUMED = "assumed: nothing is fitted"
_YEAR = pd.DateOffset(years=1)


class Figure(NamedTuple):
    """A figure with what it rests on; None: not known, and why."""

    value: float | None
    basis: str


class CarryOver(NamedTuple):
    """K2 and K3 with what they rest on."""

    second: float
    third: float
    basis: str


def sold_margin(
    settings: ForceSizeSettings,
    as_of: date,
    *,
    opportunities: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
) -> Figure:
    """
    Give the margin on one more sale.

    Parameters
    ----------
    settings
        ``margin_share`` where stated.
    as_of
        Deals won in the twelve months until this day count.
    opportunities, products
        Deals with ``product_id``, and ``margin_share`` by product: sum of amount x margin share /
        sum of amount, over deals with both.

    Returns
    -------
    Figure
        The margin as a share of the amount, and what it rests on; None with the reason where it is
        not known or not above 0.
    """
    if settings.margin_share is not None:
        return Figure(settings.margin_share, "stated in plan.yaml")
    if opportunities is None or products is None or "margin_share" not in products:
        return Figure(None, "not known: force_size.margin_share, or products with margin_share")
    won = _won(opportunities, as_of, 0)
    share = won["product_id"].map(products.set_index("product_id")["margin_share"])
    known = won[share.notna()]
    amount = float(from_cents(known["cents"]).sum())
    if not amount > 0:
        return Figure(None, "not known: no deal won in twelve months has a product with a margin")
    value = float((from_cents(known["cents"]) * share[share.notna()]).sum() / amount)
    if not value > 0:
        return Figure(None, f"not usable: the margin of what was sold is {100 * value:.1f} %")
    part = amount / float(from_cents(won["cents"]).sum())
    return Figure(value, f"products of deals won in twelve months ({100 * part:.0f} % of the "
                  "amount has one), by amount")  # fmt: skip


def repeat_share(
    settings: ForceSizeSettings, as_of: date, opportunities: pd.DataFrame | None
) -> CarryOver:
    """
    Give the share of a year's sales that the same customers buy again one and two years later.

    For each account the smaller of both years counts, so growth is no carry-over. Years are those
    of twelve months until the as-of date.

    Parameters
    ----------
    settings
        ``carry_over`` where stated.
    as_of
        End of the last year.
    opportunities
        Deals; None or too short a history: nothing comes again, which is the careful side.

    Returns
    -------
    CarryOver
        Shares of the second and the third year, and what they rest on.
    """
    if settings.carry_over is not None:
        return CarryOver(*settings.carry_over, "stated in plan.yaml")
    if opportunities is None:
        return CarryOver(0.0, 0.0, "not known: counted as nothing; force_size.carry_over")
    years = [
        _won(opportunities, as_of, back).groupby("account_id")["cents"].sum() for back in range(3)
    ]
    second_pairs = [(years[1], years[0]), (years[2], years[1])]
    second = _again([pair for pair in second_pairs if len(pair[0])])
    third = _again([(years[2], years[0])] if len(years[2]) else [])
    if second is None:
        return CarryOver(0.0, 0.0, "less than two years of won deals: counted as nothing")
    if third is None:
        third = second**2
        return CarryOver(second, third, "what customers bought again within a year; K3 = K2 x K2")
    count = len(years[1].index.union(years[2].index))
    basis = f"what {count:,} customers bought again, at most as much as before"
    return CarryOver(second, min(third, second), basis)


def people_elasticity(
    settings: ForceSizeSettings, territory_response: pd.DataFrame | None,
    history: PeopleResponse | None = None,
) -> tuple[float, str]:  # fmt: skip
    """
    Give how sales grow with people, and what that rests on.

    Parameters
    ----------
    settings
        ``elasticity`` where stated.
    territory_response
        Table of step 03: its elasticity to selling time, fitted from history where that is enough.
    history
        How sales followed people, where that was fitted; it goes before selling time.

    Returns
    -------
    tuple
        The elasticity and its basis; ``is_assumed`` tells whether anything stands behind it.
    """
    if settings.elasticity is not None:
        return settings.elasticity, "stated in plan.yaml"
    if history is not None and history.is_fitted:
        return history.value, history.basis
    if territory_response is not None:
        known = territory_response[territory_response["elasticity"].between(0.01, 0.95)]
        if len(known):
            row = known.sort_values(["elasticity", "assumptions"]).iloc[0]
            words = str(row["assumptions"])
            is_known = "fitted" in words or "(as set)" in words
            source = "of step 03" if is_known else f"{_ASSUMED}; of step 03"
            return float(row["elasticity"]), f"{source}: {words}"
    return STATED_ELASTICITY, f"{_ASSUMED}; force_size.elasticity"


def is_assumed(basis: str) -> bool:
    """Tell whether an elasticity is a usual value alone: neither fitted nor stated by anybody."""
    return basis.startswith(_ASSUMED)


def won_sales(opportunities: pd.DataFrame, as_of: date, owners: pd.Series) -> pd.Series:
    """Give the amount won in the twelve months until a day, by owner, for some owners."""
    won = _won(opportunities, as_of, 0)
    return from_cents(won[won["owner_id"].isin(owners)].groupby("owner_id")["cents"].sum())


def _won(opportunities: pd.DataFrame, as_of: date, back: int) -> pd.DataFrame:
    end = pd.Timestamp(as_of) - back * _YEAR if back else pd.Timestamp(as_of)
    day = opportunities["close_date"]
    won = opportunities["is_won"].astype("boolean").fillna(False).astype(bool)
    chosen = won & (day <= end) & (day > end - _YEAR) & (opportunities["amount"] > 0)
    return opportunities[chosen].assign(cents=to_cents(opportunities.loc[chosen, "amount"]))


def _again(pairs: list[tuple[pd.Series, pd.Series]]) -> float | None:
    before = sum(int(first.sum()) for first, _ in pairs)
    if before <= 0:
        return None
    kept = sum(
        int(pd.concat([first, later.reindex(first.index).fillna(0)], axis=1).min(axis=1).sum())
        for first, later in pairs
    )
    return kept / before
