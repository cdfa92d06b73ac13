"""Closed deals of the window: cell, margin, cycle, who owns, created and supported them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.settings.team_structure import TeamStructureSettings
from planlib.team.structure.cells import KEYS, Cells
from planlib.team.structure.inputs import Roster, StructureInputs, days, flags, numbers, words

_CREATORS = {"SDR": "sdr", "BDR": "bdr", "PS": "specialist", "ECS": "specialist", "AE": "field"}


def window_start(as_of: date, months: int) -> pd.Timestamp:
    """Give the day after which something is inside the window that ends on the as-of date."""
    return pd.Timestamp(as_of) - pd.DateOffset(months=months)


def margin_shares(inputs: StructureInputs, deals: pd.DataFrame) -> tuple[pd.Series, str]:
    """
    Give the margin share of each deal, and what it rests on.

    Lines weigh by their amount; a deal without lines takes that of its main product, then the
    mean of the deals that have one, by amount. Without products revenue stands in for margin.

    Parameters
    ----------
    inputs
        Used: products and opportunity_lines.
    deals
        ``opportunity_id``, ``product_id``, ``amount``.
    """
    products = inputs.products
    known = pd.Series(dtype="float64")
    if products is not None and "margin_share" in products.columns:
        known = products.drop_duplicates("product_id").set_index("product_id")["margin_share"]
        known = known.dropna()
    if known.empty:
        return pd.Series(1.0, index=deals.index), "revenue: margins of products are not known"
    share = deals["product_id"].map(known).astype("float64")
    lines = inputs.opportunity_lines
    if lines is not None and len(lines):
        weight = numbers(lines, "amount").clip(lower=0)
        margin = lines["product_id"].map(known).astype("float64")
        both = pd.DataFrame({
            "opportunity_id": lines["opportunity_id"].astype("str"), "weight": weight,
            "part": weight * margin,
        })[margin.notna() & (weight > 0)]  # fmt: skip
        summed = both.groupby("opportunity_id").sum()
        by_lines = deals["opportunity_id"].map(summed["part"] / summed["weight"])
        share = by_lines.fillna(share)
    weight = deals["amount"].clip(lower=0).fillna(0).where(share.notna(), 0)
    if weight.sum() > 0:
        share = share.fillna(float((share.fillna(0) * weight).sum() / weight.sum()))
    return share.fillna(float(known.mean())), "margin by product"


def gather_deals(
    inputs: StructureInputs,
    cells: Cells,
    roster: Roster,
    settings: TeamStructureSettings,
    as_of: date,
) -> tuple[pd.DataFrame, str]:
    """
    Gather the deals that closed within the window at an account of a cell.

    Returns
    -------
    tuple
        Deals with ``opportunity_id``, ``region``, ``segment``, ``account_id``, ``amount``,
        ``margin`` (0 where lost), ``is_won``, ``cycle_days``, ``owner_kind``, ``creator_kind``
        (blank: not known), ``is_supported``, ``is_contested`` (NA where won or no reason is
        given), ``is_renewal``, ``line_count``, ``line`` (business line of the main product); and
        what margin rests on.
    """
    if inputs.opportunities is None or inputs.opportunities.empty:
        return _shaped(pd.DataFrame()), "no deals are known"
    opportunities = inputs.opportunities
    frame = pd.DataFrame({
        "opportunity_id": opportunities["opportunity_id"].astype("str"),
        "account_id": words(opportunities, "account_id"),
        "product_id": words(opportunities, "product_id"),
        "owner_id": words(opportunities, "owner_id"),
        "creator_id": words(opportunities, "creator_id"),
        "creator_role": words(opportunities, "creator_role"),
        "amount": numbers(opportunities, "amount"),
        "is_won": flags(opportunities, "is_won"), "is_closed": flags(opportunities, "is_closed"),
        "created": days(opportunities, "created_date"),
        "closed": days(opportunities, "close_date"),
        "reason": words(opportunities, "loss_reason"),
        "is_renewal": words(opportunities, "deal_type").eq("renewal"),
    }).drop_duplicates("opportunity_id")  # fmt: skip
    start, end = window_start(as_of, settings.window_months), pd.Timestamp(as_of)
    inside = frame["is_closed"] & (frame["closed"] > start) & (frame["closed"] <= end)
    frame = frame[inside].merge(cells.accounts[["account_id", *KEYS]], on="account_id")
    frame = frame.sort_values("opportunity_id", kind="stable", ignore_index=True)
    if frame.empty:
        return _shaped(frame), "no deals closed at known accounts in the window"
    share, basis = margin_shares(inputs, frame)
    lines = _lines(inputs)
    kind_of = roster.kind_of
    creator = frame["creator_id"].map(kind_of).astype("object")
    named = frame["creator_role"].map(_CREATORS).astype("object")
    cycle = (frame["closed"] - frame["created"]).dt.days.astype("float64")
    frame = frame.assign(
        margin=(frame["amount"] * share).where(frame["is_won"], 0.0).fillna(0.0),
        cycle_days=cycle.where(cycle >= 0),
        owner_kind=frame["owner_id"].map(kind_of).astype("object").fillna("").astype("str"),
        creator_kind=named.fillna(creator).fillna("").astype("str"),
        is_contested=_contested(frame, settings),
        is_supported=_supported(inputs, frame, kind_of, named.fillna(creator)),
        line_count=frame["opportunity_id"].map(lines["count"]).astype("float64"),
        line=_business_line(inputs, frame["product_id"]),
    )
    return _shaped(frame), basis


def _lines(inputs: StructureInputs) -> pd.DataFrame:
    """Count the products of each deal."""
    if inputs.opportunity_lines is None:
        return pd.DataFrame({"count": pd.Series(dtype="float64")})
    lines = inputs.opportunity_lines
    return lines.groupby("opportunity_id")["product_id"].nunique().to_frame("count")


def _business_line(inputs: StructureInputs, product: pd.Series) -> pd.Series:
    if inputs.products is None:
        return pd.Series("", index=product.index)
    products = inputs.products.drop_duplicates("product_id")
    named = words(products, "business_line")
    named = named.mask(named == "", words(products, "family"))
    return product.map(dict(zip(products["product_id"], named, strict=True))).fillna("")


def _contested(frame: pd.DataFrame, settings: TeamStructureSettings) -> pd.Series:
    """Say which lost deals went to a competitor or on price; NA without a reason."""
    reason = frame["reason"].str.casefold()
    found = pd.Series(False, index=frame.index)
    for word in settings.competition_words:
        found |= reason.str.contains(word.casefold(), regex=False)
    return found.astype("float64").where(~frame["is_won"] & (reason != ""))


def _supported(
    inputs: StructureInputs, frame: pd.DataFrame, kind_of: pd.Series, creator: pd.Series
) -> pd.Series:
    """Say which deals a specialist has a share in, or created; none where no share is recorded."""
    if inputs.splits is None or inputs.splits.empty:
        return pd.Series(False, index=frame.index)
    splits = inputs.splits
    mine = splits[splits["rep_id"].map(kind_of).eq("specialist").fillna(False)]
    if mine.empty:
        return pd.Series(False, index=frame.index)
    named = creator.eq("specialist").fillna(False).astype(bool)
    return named | frame["opportunity_id"].isin(mine["opportunity_id"].astype("str"))


_TEXTS = ("opportunity_id", "region", "segment", "account_id", "owner_id", "creator_id",
          "owner_kind", "creator_kind", "line")  # fmt: skip
_FIGURES = ("amount", "margin", "cycle_days", "is_contested", "line_count")
_FLAGS = ("is_won", "is_supported", "is_renewal")


def _shaped(frame: pd.DataFrame) -> pd.DataFrame:
    """Give all columns in their kinds, also without rows."""
    if frame.empty:
        return pd.DataFrame({
            **{name: pd.Series(dtype="str") for name in _TEXTS},
            **{name: pd.Series(dtype="float64") for name in _FIGURES},
            **{name: pd.Series(dtype="bool") for name in _FLAGS},
        })  # fmt: skip
    return pd.DataFrame({
        **{name: frame[name].astype("str") for name in _TEXTS},
        **{name: frame[name].astype("float64") for name in _FIGURES},
        **{name: frame[name].astype("bool") for name in _FLAGS},
    })  # fmt: skip
