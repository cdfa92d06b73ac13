"""Credit ledger of the dual line: counted once, credited in both lines, and the bridge between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.coverage import LINES, chains, director_ids
from planlib.periods import Period
from planlib.pipeline.closing import split_credit
from planlib.pipeline.cuts import UNKNOWN
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.tables import table

#: Kinds of credit, in the order of the bridge.
KINDS = ("counted", "overlay", "functional")
OUTSIDE = "(outside the line)"


def credit_periods(period: Period, count: int, as_of: date) -> list[Period]:
    """Give the fiscal quarters of the ledger: the last of the cycle that has begun, and earlier."""
    last = Period.of(min(period.end, as_of), "quarter", period.fiscal_year)
    return [last.shift(-step) for step in range(count - 1, -1, -1)]


def credit_ledger(
    bookings: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    coverage: pd.DataFrame,
    periods: Sequence[Period],
    settings: KeyAccountLinesSettings,
    *,
    as_of: date,
    splits: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give every credit for every booking of some periods.

    *Counted*: revenue splits of the deal, the owner gets what they leave (``split_credit``); the
    rows of a booking add up to it, so that the company total stands in this column once.
    *Overlay*: overlay splits. *Functional*: the director who leads a key account is credited with
    ``functional_credit_share`` of its bookings, less an overlay split of the same deal for the
    same director. Credited = counted + overlay + functional; it may exceed the bookings.

    Parameters
    ----------
    bookings
        Table ``bookings``; without it the won deals of the periods count as booked.
    opportunities
        Table ``opportunities``: owners of deals, and the won deals.
    coverage
        Table ``key_account_coverage``: the director of each key account.
    periods
        Periods, each counted by itself.
    settings
        ``functional_credit_share``.
    as_of
        As-of date; later bookings do not count.
    splits, reps
        Tables, each may be None.

    Returns
    -------
    DataFrame
        Table ``key_account_credit``. Without bookings and opportunities it has no rows.
    """
    contract = table("key_account_credit")
    items = _items(bookings, opportunities, periods, as_of)
    if items.empty:
        return contract.empty()
    mine = None
    if splits is not None:
        mine = items[["item", "opportunity_id"]].merge(splits, "inner", "opportunity_id")
        mine = mine.drop(columns="opportunity_id").rename(columns={"item": "opportunity_id"})
    won = pd.DataFrame(
        {
            "opportunity_id": items["item"],
            "owner_id": items["owner_id"],
            "close_date": items["booking_date"],
            "deal_cents": items["cents"],
        }
    )
    rows = split_credit(won, mine).rename(columns={"opportunity_id": "item"})
    rows = rows[["item", "rep_id", "kind", "share", "cents"]].merge(
        items.drop(columns="cents"), "left", "item"
    )
    director = coverage.drop_duplicates("account_id").set_index("account_id")["director_id"]
    rows = pd.concat([rows, _functional(items, rows, director, settings)], ignore_index=True)
    counted = rows["kind"] == "counted"
    cents = rows["cents"].astype("Int64")
    frame = rows.assign(
        is_key=rows["account_id"].isin(coverage["account_id"]),
        counted_amount=from_cents(cents.where(counted, 0)),
        credited_amount=from_cents(cents),
        basis="bookings" if bookings is not None else "won deals",
        line=np.where(rows["kind"] == "functional", "functional", "administrative"),
        role="" if reps is None else look_up(rows["rep_id"], _roles(reps)).astype("str"),
    )
    frame["place"] = frame["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    order = ["period", "booking_key", "place", "rep_id"]
    kept = [column.name for column in contract.columns]
    return contract.check(frame.sort_values(order, ignore_index=True)[kept])


def _roles(reps: pd.DataFrame) -> pd.Series:
    return table("reps").coerce(reps).drop_duplicates("rep_id").set_index("rep_id")["role"]


def _items(
    bookings: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    periods: Sequence[Period],
    as_of: date,
) -> pd.DataFrame:
    """Give one row per period and deal (or booking without a deal) with its cents and owner."""
    deals = None if opportunities is None else opportunities.drop_duplicates("opportunity_id")
    if bookings is not None:
        rows = table("bookings").coerce(bookings).rename(columns={"booked_amount": "amount"})
        owner = rows["rep_id"]
        if deals is not None:
            by_deal = deals.set_index("opportunity_id")
            from_deal = look_up(rows["opportunity_id"], by_deal["owner_id"])
            owner = from_deal.where(from_deal.notna(), owner)
            account = look_up(rows["opportunity_id"], by_deal["account_id"])
            rows["account_id"] = rows["account_id"].where(rows["account_id"].notna(), account)
        deal = rows["opportunity_id"]
        rows = rows.assign(owner_id=owner, booking_key=deal.where(deal.notna(), rows["booking_id"]))
    elif deals is not None:
        rows = deals[deals["is_won"].fillna(False).astype(bool)].rename(
            columns={"close_date": "booking_date"}
        )
        rows = rows.assign(booking_key=rows["opportunity_id"])
    else:
        return pd.DataFrame()
    parts = []
    for period in periods:
        end = min(period.end, as_of)
        inside = rows["booking_date"].between(pd.Timestamp(period.start), pd.Timestamp(end))
        parts.append(rows[inside].assign(period=period.name))
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(cents=known(to_cents(found["amount"])))
    found = found.sort_values(["period", "booking_key", "booking_date", "amount"])
    items = found.groupby(["period", "booking_key"], sort=True).agg(
        opportunity_id=("opportunity_id", "first"),
        account_id=("account_id", "first"),
        owner_id=("owner_id", "first"),
        booking_date=("booking_date", "max"),
        cents=("cents", "sum"),
    )
    items = items.reset_index()
    return items.assign(
        item=items["period"] + "|" + items["booking_key"],
        owner_id=items["owner_id"].astype("str").fillna(UNKNOWN),
        cents=items["cents"].astype("Int64"),
    )


def _functional(
    items: pd.DataFrame,
    rows: pd.DataFrame,
    director: pd.Series,
    settings: KeyAccountLinesSettings,
) -> pd.DataFrame:
    mine = items.assign(rep_id=look_up(items["account_id"], director).astype("str"))
    mine = mine[mine["rep_id"].notna()]
    overlay = rows[rows["kind"] == "overlay"].groupby(["item", "rep_id"])["share"].sum()
    index = pd.MultiIndex.from_frame(mine[["item", "rep_id"]])
    already = overlay.reindex(index).fillna(0.0).to_numpy(dtype="float64")
    share = pd.Series(settings.functional_credit_share - already, index=mine.index).clip(lower=0)
    cents = (mine["cents"].astype("float64") * share).round().astype("Int64")
    mine = mine.assign(kind="functional", share=share, cents=cents)
    return mine[mine["share"] > 0]


def credit_bridge(
    ledger: pd.DataFrame,
    bookings: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    periods: Sequence[Period],
    as_of: date,
) -> pd.DataFrame:
    """
    Reconcile the ledger with the bookings and lead from counted to credited, per period.

    bookings (company total, once) = counted credit, difference zero to the cent; counted +
    overlay splits + functional line = credited. Of key accounts: how much of each.

    Parameters
    ----------
    ledger
        Table ``key_account_credit``.
    bookings, opportunities
        The same tables as for the ledger; summed here anew, not from the ledger.
    periods, as_of
        As for the ledger.

    Returns
    -------
    DataFrame
        Table ``key_account_credit_bridge``; no rows where the ledger has none.
    """
    if ledger.empty:
        return table("key_account_credit_bridge").empty()
    cents = known(to_cents(ledger["credited_amount"]))
    parts = []
    for period in periods:
        inside = ledger["period"] == period.name
        by_kind = {kind: int(cents[inside & (ledger["kind"] == kind)].sum()) for kind in KINDS}
        is_key = ledger["is_key"].fillna(False).astype(bool)
        of_keys = {
            kind: int(cents[inside & is_key & (ledger["kind"] == kind)].sum()) for kind in KINDS
        }
        booked = _booked(bookings, opportunities, period, as_of)
        total, keys = sum(by_kind.values()), sum(of_keys.values())
        steps = [
            ("company total", booked, np.nan),
            ("counted", by_kind["counted"], of_keys["counted"]),
            ("difference", by_kind["counted"] - booked, np.nan),
            ("overlay", by_kind["overlay"], of_keys["overlay"]),
            ("functional", by_kind["functional"], of_keys["functional"]),
            ("credited", total, keys),
        ]
        frame = pd.DataFrame(steps, columns=["part", "cents", "key_cents"])
        parts.append(frame.assign(period=period.name, place=range(len(steps))))
    rows = pd.concat(parts, ignore_index=True)
    return table("key_account_credit_bridge").check(
        pd.DataFrame(
            {
                "period": rows["period"],
                "part": rows["part"],
                "place": rows["place"],
                "amount": from_cents(rows["cents"].astype("Int64")),
                "key_account_amount": rows["key_cents"] / 100,
            }
        )
    )


def _booked(
    bookings: pd.DataFrame | None, opportunities: pd.DataFrame | None, period: Period, as_of: date
) -> int:
    """Sum what was booked in a period, straight from the input, in cents."""
    first, last = pd.Timestamp(period.start), pd.Timestamp(min(period.end, as_of))
    if bookings is not None:
        inside = bookings["booking_date"].between(first, last)
        return int(known(to_cents(bookings.loc[inside, "booked_amount"])).sum())
    if opportunities is None:
        return 0
    deals = opportunities.drop_duplicates("opportunity_id")
    won = deals["is_won"].fillna(False).astype(bool) & deals["close_date"].between(first, last)
    return int(known(to_cents(deals.loc[won, "amount"])).sum())


def roll_up_credit(
    ledger: pd.DataFrame,
    coverage: pd.DataFrame,
    reps: pd.DataFrame | None,
    settings: KeyAccountLinesSettings,
) -> pd.DataFrame:
    """
    Roll credit up in both lines, each leader with everybody below.

    Administrative: counted and overlay credit of the reps. Functional: the same of those who have
    a functional leader, and functional credit of the directors. In each line and period the rows
    of the top (``is_top``) together with those outside the line add up to the ledger: counted to
    the bookings, once. Where nobody leads functionally there is no functional line.

    Parameters
    ----------
    ledger
        Table ``key_account_credit``.
    coverage
        Table ``key_account_coverage``.
    reps
        Table ``reps``, or None: no roll-up.
    settings
        ``director_roles``.

    Returns
    -------
    DataFrame
        Table ``key_account_rollups``.
    """
    contract = table("key_account_rollups")
    if reps is None or ledger.empty:
        return contract.empty()
    people = table("reps").coerce(reps).drop_duplicates("rep_id")
    directors = set(director_ids(people, settings))
    rows = ledger.assign(
        counted=known(to_cents(ledger["counted_amount"])),
        credited=known(to_cents(ledger["credited_amount"])),
    )
    parts = []
    for line in LINES:
        if line == "functional" and not directors:
            continue
        mine = rows if line == "functional" else rows[rows["kind"] != "functional"]
        parts.append(_rolled(mine, people, line, directors))
    found = pd.concat(parts, ignore_index=True)
    owned = coverage.groupby("owner_id").size()
    led = coverage.groupby("director_id").size()
    links = chains(people, "administrative")
    below = (
        look_up(links["rep_id"], owned).fillna(0).astype("int64").groupby(links["lead_id"]).sum()
    )
    counts = look_up(found["lead_id"], below)
    counts = counts.where(found["line"] == "administrative", look_up(found["lead_id"], led))
    found = found.assign(
        key_account_count=counts.fillna(0).astype("Int64"),
        counted_amount=from_cents(found["counted"].astype("Int64")),
        credited_amount=from_cents(found["credited"].astype("Int64")),
    )
    order = ["period", "line", "is_top", "credited_amount", "lead_id"]
    found = found.sort_values(order, ascending=[True, True, False, False, True])
    return contract.check(found[[column.name for column in contract.columns]])


def _rolled(
    rows: pd.DataFrame, people: pd.DataFrame, line: str, directors: set[str]
) -> pd.DataFrame:
    """Sum credit for each leader of a line; who has no place in it stands outside."""
    links = chains(people, line)
    leads = set(links.loc[links["steps"] > 0, "lead_id"]) | (
        directors if line == "functional" else set()
    )
    top = links.sort_values("steps").drop_duplicates("rep_id", keep="last")
    tops = top.loc[top["lead_id"].isin(leads), ["rep_id", "lead_id"]]
    inside = rows["rep_id"].isin(tops["rep_id"])
    sums = ["counted", "credited"]
    up = rows[inside].merge(links, "inner", "rep_id")
    up = up[up["lead_id"].isin(leads)]
    led = up.groupby(["period", "lead_id"])[sums].sum().reset_index()
    led["is_top"] = led["lead_id"].isin(tops["lead_id"])
    others = rows[~inside].groupby("period")[sums].sum().reset_index()
    others = others.assign(lead_id=OUTSIDE, is_top=True)
    heads = links[links["steps"] > 0].groupby("lead_id")["rep_id"].nunique()
    both = pd.concat([part for part in (led, others) if len(part)], ignore_index=True)
    return both.assign(
        line=line,
        rep_count=look_up(both["lead_id"], heads).fillna(0).astype("Int64"),
        role=look_up(both["lead_id"], people.set_index("rep_id")["role"]).astype("str"),
    )
