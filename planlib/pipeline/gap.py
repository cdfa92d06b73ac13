"""Which deals close the gap to target, and which deals stand behind a figure of the matrix."""

from __future__ import annotations

import pandas as pd

from planlib.errors import ParameterError
from planlib.notes import percent
from planlib.pipeline.cuts import ALL, TOTAL, cut_parts
from planlib.pipeline.money import from_cents, known

#: Deals behind figures that are computed from others.
_PARTS: dict[str, tuple[str, ...]] = {
    "forecast": ("closed_acv", "weighted"),
    "coverage": ("open_in_period", "closed_acv"),
    "attainment": ("closed_acv",),
    "win_rate_count": ("closed_acv", "lost"),
    "win_rate_amount": ("closed_acv", "lost"),
}


def gap_deals(open_in_period: pd.DataFrame, gap: float, count: int) -> pd.DataFrame:
    """
    Give the fewest open deals of the period that close the gap when they are won.

    Largest first: no smaller number of deals reaches the gap. They are not the likeliest ones.

    Parameters
    ----------
    open_in_period
        Deals of the figure ``open_in_period`` with ``opportunity_id``, ``account_id``,
        ``owner_id``, ``cents`` and ``close_date``.
    gap
        Target - closed ACV; missing or not above zero: there is none, and no deal.
    count
        Most deals named.

    Returns
    -------
    DataFrame
        Columns of table ``pipeline_attention`` with ``owner_id``; issue ``closes_gap``. Where
        all open deals together do not close the gap, the largest are named and each says so.
    """
    rows = open_in_period.sort_values(["cents", "opportunity_id"], ascending=[False, True])
    rows = rows[known(rows["cents"]) > 0].reset_index(drop=True)
    needed = 0 if pd.isna(gap) or gap <= 0 else round(gap * 100)
    so_far = known(rows["cents"]).cumsum()
    before = so_far - known(rows["cents"])
    chosen = rows[before < needed]
    total = len(chosen)
    reached = bool(total) and int(so_far[chosen.index[-1]]) >= needed
    chosen = chosen.head(count)
    until = from_cents(so_far[chosen.index].astype("Int64")) / (needed / 100 if needed else 1)
    said = "of the gap is closed with it and the larger ones"
    rest = (
        f"; {total} {'deal closes' if total == 1 else 'deals close'} it"
        if reached
        else "; all open deals together do not close it"
    )
    detail = until.map(lambda share: f"{percent(min(share, 1))} {said}").astype("str") + rest
    return pd.DataFrame(
        {
            "issue": pd.Series("closes_gap", index=chosen.index, dtype="str"),
            "opportunity_id": chosen["opportunity_id"],
            "account_id": chosen["account_id"],
            "owner_id": chosen["owner_id"],
            "amount": from_cents(chosen["cents"]),
            "close_date": chosen["close_date"],
            "effect_amount": from_cents(chosen["cents"]),
            "detail": detail,
        }
    )


def deals_behind(
    deals: pd.DataFrame, measure: str, cut: str = TOTAL, value: str = ALL, *, period: str = ""
) -> pd.DataFrame:
    """
    Open a figure of the matrix to its deals.

    Parameters
    ----------
    deals
        Table ``pipeline_deals``.
    measure
        Figure; one that is computed from others gives the deals of all its parts.
    cut, value
        The cell; two crossed cuts as the matrix names them.
    period
        Period of the figure: the one measured, one ahead, or the year before; blank: the first
        one of the table, which is the one measured.

    Returns
    -------
    DataFrame
        The deals of the cell, largest first. Their amounts add up to an additive figure.

    Raises
    ------
    ParameterError
        If there are no deals by that cut or figure.
    """
    measures = _PARTS.get(measure, (measure,))
    parts = cut_parts(cut)
    unknown = [part for part in parts if part not in deals or deals[part].isna().all()]
    if unknown and len(deals):
        raise ParameterError("cut", [f"deals are not known by {', '.join(unknown)}"])
    wanted_period = period or (str(deals["period"].iloc[0]) if len(deals) else "")
    inside = deals["measure"].isin(measures) & (deals["period"] == wanted_period)
    for part, wanted in zip(parts, value.split(" x ", max(len(parts) - 1, 0)), strict=False):
        inside &= deals[part] == wanted
    found = deals[inside]
    return found.sort_values(
        ["amount", "opportunity_id", "measure"], ascending=[False, True, True], ignore_index=True
    )
