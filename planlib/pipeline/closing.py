"""Closing credit: who is credited for closed ACV, counted once, and with overlays on top."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.credit import CreditInputs
from planlib.pipeline.cuts import ALL, UNKNOWN
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, ratio, split_cents, to_cents
from planlib.pipeline.roles import roles_on

_TOLERANCE = 1e-6


def closing_shares(inputs: CreditInputs) -> pd.DataFrame:
    """
    Give the credit of each rep in each deal won in the period.

    Revenue splits count: they are brought to 100 % where they exceed it, and the owner gets what
    they leave; a deal without splits is the owner's. Overlay splits come on top.

    Parameters
    ----------
    inputs
        Inputs of credit.

    Returns
    -------
    DataFrame
        ``opportunity_id``, ``rep_id``, ``kind`` (counted, overlay), ``share``, ``cents``,
        ``role`` (of the rep on the close date), ``close_date``, ``excess`` (revenue splits of
        the deal exceed 100 %).
    """
    deals = inputs.history.deals
    end = min(inputs.period.end, inputs.as_of)
    inside = deals["close_date"].between(pd.Timestamp(inputs.period.start), pd.Timestamp(end))
    won = deals[(deals["status"] == "won") & inside]
    won = won[["opportunity_id", "owner_id", "close_date", "amount"]]
    won = won.assign(deal_cents=to_cents(won["amount"]), owner_id=won["owner_id"].fillna(UNKNOWN))
    rows = split_credit(won, inputs.splits)
    role = roles_on(rows["rep_id"], rows["close_date"], inputs.reps, inputs.rep_history)
    kept = ["opportunity_id", "rep_id", "kind", "share", "cents", "close_date", "excess"]
    return (
        rows[kept]
        .assign(role=role)
        .sort_values(["kind", "opportunity_id", "rep_id"], ignore_index=True)
    )


def split_credit(won: pd.DataFrame, splits: pd.DataFrame | None) -> pd.DataFrame:
    """
    Split whole cents of deals over the reps who are credited for them.

    Parameters
    ----------
    won
        One row per ``opportunity_id`` with ``owner_id``, ``close_date``, ``deal_cents``.
    splits
        Table ``splits``, or None.

    Returns
    -------
    DataFrame
        ``opportunity_id``, ``rep_id``, ``kind``, ``share``, ``cents``, ``close_date``, ``excess``:
        counted rows of a deal add up to its cents, overlay rows come on top.
    """
    known_splits = _splits(splits)
    mine = known_splits[known_splits["opportunity_id"].isin(won["opportunity_id"])]
    counted = _counted(won, mine[mine["split_type"] == "revenue"])
    overlay = mine[mine["split_type"] == "overlay"].merge(won, "inner", "opportunity_id")
    overlay = overlay.assign(
        kind="overlay",
        excess=False,
        cents=(overlay["deal_cents"] * overlay["share"]).round().astype("Int64"),
    )
    return pd.concat([counted, overlay], ignore_index=True)


def _splits(splits: pd.DataFrame | None) -> pd.DataFrame:
    if splits is None:
        return pd.DataFrame(
            {
                "opportunity_id": pd.Series(dtype="str"),
                "rep_id": pd.Series(dtype="str"),
                "split_type": pd.Series(dtype="str"),
                "share": pd.Series(dtype="float64"),
            }
        )
    keys = ["opportunity_id", "rep_id", "split_type"]
    kept = splits[splits["share"] > 0]
    return kept.groupby(keys)[["share"]].sum().reset_index()


def _counted(won: pd.DataFrame, revenue: pd.DataFrame) -> pd.DataFrame:
    """Bring the revenue splits of every won deal to 100 %; the owner gets what is left."""
    given = revenue.groupby("opportunity_id")["share"].sum()
    total = look_up(won["opportunity_id"], given).fillna(0.0)
    left = won.assign(share=1.0 - total, rep_id=won["owner_id"])
    left = left[left["share"] > _TOLERANCE]
    rows = pd.concat([revenue, left[["opportunity_id", "rep_id", "share"]]])
    rows = rows.groupby(["opportunity_id", "rep_id"])[["share"]].sum().reset_index()
    rows = rows.merge(won, "inner", "opportunity_id")
    rows = rows.sort_values(["opportunity_id", "rep_id"], ignore_index=True)
    whole = rows.groupby("opportunity_id")["share"].transform("sum")
    cents = split_cents(rows["deal_cents"], rows["share"], rows["opportunity_id"])
    return rows.assign(
        kind="counted", share=rows["share"] / whole, cents=cents, excess=whole > 1 + _TOLERANCE
    )


def closing_credit(
    inputs: CreditInputs, shares: pd.DataFrame, names: pd.Series | None = None
) -> pd.DataFrame:
    """
    Sum up closing credit by role and by rep, and reconcile it with closed ACV.

    Parameters
    ----------
    inputs
        Inputs of credit.
    shares
        Credit of each rep in each deal (``closing_shares``).
    names
        Name of each rep by ``rep_id``; None: reps by id.

    Returns
    -------
    DataFrame
        Table ``closing_credit``: counted credit of the rows of a grouping adds up to closed ACV
        to the cent; credited (with overlays) may exceed it.
    """
    closed = known(shares.loc[shares["kind"] == "counted", "cents"]).sum()
    deals = inputs.history.deals.set_index("opportunity_id")["amount"]
    ids = shares.loc[shares["kind"] == "counted", "opportunity_id"].unique()
    acv = int(known(to_cents(deals.reindex(ids))).sum())
    rep = shares["rep_id"] if names is None else look_up(shares["rep_id"], names)
    keyed = shares.assign(all=ALL, rep=rep.where(rep.notna(), shares["rep_id"]))
    parts = [_sum_credit(keyed, by) for by in ("all", "role", "rep")]
    rows = pd.concat(parts, ignore_index=True)
    is_all = rows["credit_by"] == "all"
    excess = int(shares.loc[shares["excess"], "opportunity_id"].nunique())
    said = f"revenue splits of {excess} deals exceed 100 % and were brought to it" if excess else ""
    return rows.assign(
        period=inputs.period.name,
        as_of=pd.Timestamp(inputs.as_of),
        counted_share=ratio(
            to_cents(rows["counted_amount"]), pd.Series(int(closed), index=rows.index)
        ),
        closed_acv=pd.Series(acv / 100, index=rows.index).where(is_all),
        difference_amount=pd.Series((int(closed) - acv) / 100, index=rows.index).where(is_all),
        note=pd.Series("", index=rows.index, dtype="str").mask(is_all, said),
    )


def _sum_credit(shares: pd.DataFrame, by: str) -> pd.DataFrame:
    is_counted = shares["kind"] == "counted"
    cents = known(shares["cents"])
    facts = pd.DataFrame(
        {
            "credit_value": shares[by],
            "counted": cents.where(is_counted, 0),
            "overlay": cents.where(~is_counted, 0),
        }
    )
    sums = facts.groupby("credit_value").sum()
    counts = shares[is_counted].groupby(by)["opportunity_id"].nunique()
    rows = pd.DataFrame(
        {
            "credit_by": by,
            "deal_count": counts.reindex(sums.index, fill_value=0),
            "counted_amount": from_cents(sums["counted"]),
            "overlay_amount": from_cents(sums["overlay"]),
            "credited_amount": from_cents(sums["counted"] + sums["overlay"]),
        }
    ).reset_index()
    return rows.sort_values(
        ["credited_amount", "credit_value"], ascending=[False, True], ignore_index=True
    )
