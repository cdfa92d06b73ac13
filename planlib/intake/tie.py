"""Ties to finance, or by how much not, and the rows that may explain the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import PeriodError
from planlib.notes import percent
from planlib.periods import Period
from planlib.plan import Plan

_MOST = 5  # candidates per reason
_EDGE_DAYS = 7  # days around a period's ends in which a deal may be booked on the other side
_CONTROL = ["period", "measure", "cut", "cut_value"]
_CLOSER = 0.5  # a candidate leaves at most this share of the difference
_CENT = 0.005  # what is no difference at all
_MONEY = ("closed_acv",)

#: Control figures as people read them.
MEASURES = {
    "closed_acv": "closed amount",
    "won_count": "won deals",
    "account_count": "accounts",
    "rep_count": "reps",
}


@dataclass(frozen=True, kw_only=True)
class TieOut:
    """
    Tables ``tie_out`` and ``tie_out_candidates``.

    Parameters
    ----------
    figures, candidates
        The tables.
    currency
        Currency of the plan.
    within
        Largest difference of a figure that ties, in percent of the one in finance.
    """

    figures: pd.DataFrame
    candidates: pd.DataFrame
    currency: str
    within: str

    def sentence(self) -> str:
        """Say in one line whether the figures tie to finance."""
        if self.figures.empty:
            return "not checked: no control figures"
        known = self.figures[self.figures["own_amount"].notna()]
        is_tied = known["is_tied"].fillna(False).astype(bool)
        tied, count = int(is_tied.sum()), len(self.figures)
        figure = self.within
        if count == tied:
            return f"ties to finance within {figure}: all {tied} control figures"
        parts = [f"{tied} of {count} control figures tie to finance within {figure}"]
        if len(off := known[~is_tied]):
            largest = _apart(_largest(off), self.currency)
            parts.append(f"largest difference: {largest}")
        if blank := count - len(known):
            parts.append(f"{blank} cannot be compared")
        return "; ".join(parts)


def tolerance_text(plan: Plan) -> str:
    """
    Write the largest difference of a figure that ties, in percent of the one in finance.

    Examples
    --------
    >>> tolerance_text(Plan())
    '0.5 %'
    """
    return f"{100 * plan.inputs.tie_tolerance:g} %"


def _largest(figures: pd.DataFrame) -> dict[str, object]:
    """Give the figure with the largest difference; among equal ones the first by name."""
    size = -figures["difference_amount"].abs()
    rows = figures.assign(_size=size).sort_values(["_size", *_CONTROL])
    return {str(name): value for name, value in rows.iloc[0].items() if name != "_size"}


def _apart(figure: Mapping[str, object], currency: str) -> str:
    """Say how far a figure is from finance."""
    gap, share = (float(str(figure[f"difference_{one}"])) for one in ("amount", "share"))
    what = MEASURES.get(str(figure["measure"]), str(figure["measure"]))
    by = f"{abs(gap):,.0f}" + (f" {currency}" if figure["measure"] in _MONEY else "")
    by += "" if np.isnan(share) else f" ({percent(abs(share), 1)})"
    where = "" if figure["cut"] == "total" else f" of {figure['cut']} {figure['cut_value']}"
    way = "above" if gap > 0 else "below"
    return f"{what}{where} in {figure['period']}, {by} {way} finance"


def tie_out(tables: Mapping[str, pd.DataFrame], quarantine: pd.DataFrame, plan: Plan) -> TieOut:
    """
    Compare the control figures with the inputs.

    ``closed_acv`` is the amount, and ``won_count`` the number, of won deals whose close date lies
    in the period; ``account_count`` and ``rep_count`` are rows. A cut is "total" or a column of
    the deal, its account, its owner or its product.

    Parameters
    ----------
    tables
        Input tables by name, with ``controls``; without it both results are empty.
    quarantine
        Rows set aside.
    plan
        Fiscal year, and ``inputs.tie_tolerance``.

    Returns
    -------
    TieOut
        Each control figure beside the own one with the difference, and rows that may explain it.
    """
    controls = tables.get("controls")
    figures, candidates = [], []
    for record in [] if controls is None else controls.to_dict("records"):
        control = {str(name): value for name, value in record.items()}
        rows, note = _rows(control, tables, plan)
        figure = _figure(control, rows, note, plan.inputs.tie_tolerance)
        figures.append(figure)
        if figure["is_tied"] is False and rows is not None:
            candidates += _candidates(control, figure, tables, quarantine, plan)
    names = [
        *_CONTROL,
        "booked_amount",
        "own_amount",
        "difference_amount",
        "difference_share",
        "is_tied",
        "row_count",
        "source",
        "note",
    ]
    reasons = [*_CONTROL, "reason", "key", "name", "amount", "remaining_amount"]
    return TieOut(
        figures=pd.DataFrame(figures, columns=names),
        candidates=pd.DataFrame(candidates, columns=reasons),
        currency=plan.currency,
        within=tolerance_text(plan),
    )


def _figure(
    control: Mapping[str, object], rows: pd.DataFrame | None, note: str, tolerance: float
) -> dict[str, object]:
    booked = float(str(control["booked_amount"]))
    base = {name: control[name] for name in (*_CONTROL, "booked_amount", "source")}
    if rows is None:
        return {
            **base,
            "own_amount": np.nan,
            "difference_amount": np.nan,
            "is_tied": None,
            "difference_share": np.nan,
            "row_count": None,
            "note": note,
        }
    own = rows["amount"].sum() if control["measure"] == "closed_acv" else float(len(rows))
    gap = own - booked
    return {
        **base,
        "own_amount": own,
        "difference_amount": gap,
        "row_count": len(rows),
        "difference_share": gap / booked if booked else np.nan,
        "is_tied": bool(abs(gap) <= tolerance * abs(booked) + _CENT),
        "note": note,
    }


def _rows(
    control: Mapping[str, object], tables: Mapping[str, pd.DataFrame], plan: Plan
) -> tuple[pd.DataFrame | None, str]:
    """Rows behind a control figure, or why there are none."""
    measure = str(control["measure"])
    table = {"account_count": "accounts", "rep_count": "reps"}.get(measure, "opportunities")
    if table not in tables:
        return None, f"no table {table}"
    rows = tables[table]
    if table == "opportunities":
        try:
            period = plan.period(str(control["period"]))
        except PeriodError as error:
            return None, str(error)
        rows = _won(rows)
        rows = rows[_inside(rows["close_date"], period)]
    return _cut(rows, control, tables)


def _won(opportunities: pd.DataFrame) -> pd.DataFrame:
    return opportunities[opportunities["is_won"].fillna(False).astype(bool)]


def _inside(dates: pd.Series, period: Period) -> pd.Series:
    return dates.between(pd.Timestamp(period.start), pd.Timestamp(period.end))


def _cut(
    rows: pd.DataFrame, control: Mapping[str, object], tables: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame | None, str]:
    cut, value = str(control["cut"]), str(control["cut_value"])
    if cut == "total":
        return rows, ""
    column = cut_values(rows, cut, tables)
    if column is None:
        return None, f"no column '{cut}' in deals, accounts, reps or products"
    return rows[column.fillna("").str.casefold() == value.casefold()], ""


def cut_values(
    rows: pd.DataFrame, cut: str, tables: Mapping[str, pd.DataFrame]
) -> pd.Series | None:
    """Give the value of a cut by row: of the deal itself, its account, its owner, its product."""
    if cut in rows and rows[cut].notna().any():
        return rows[cut].astype("str")
    plain = cut.removeprefix("product_")
    for table, key, link, column in (
        ("accounts", "account_id", "account_id", cut),
        ("reps", "rep_id", "owner_id", cut),
        ("products", "product_id", "product_id", plain),
    ):
        other = tables.get(table)
        if other is not None and column in other and link in rows and other[column].notna().any():
            words: pd.Series = rows[link].map(other.set_index(key)[column]).astype("str")
            return words
    return None


def _candidates(
    control: Mapping[str, object],
    figure: Mapping[str, object],
    tables: Mapping[str, pd.DataFrame],
    quarantine: pd.DataFrame,
    plan: Plan,
) -> list[dict[str, object]]:
    """Rows that, alike here and in finance, bring the figure nearer to the one in finance."""
    if control["measure"] != "closed_acv":
        return []
    gap = float(str(figure["difference_amount"]))
    period = plan.period(str(control["period"]))
    deals = tables["opportunities"]
    cut, _ = _cut(deals, control, tables)
    pool = deals if cut is None else cut
    booked = _booked_by_deal(tables.get("bookings"), period)
    rows = _likely(pool, gap, period) if booked is None else _misbooked(pool, booked, gap, period)
    found = _told(control, rows)
    return found + (_set_aside(control, quarantine, gap) if gap < 0 else [])


def _booked_by_deal(bookings: pd.DataFrame | None, period: Period) -> pd.DataFrame | None:
    """Amount booked by deal, in the period and ever; None where no booking tells of its deal."""
    if bookings is None:
        return None
    rows = bookings.dropna(subset=["opportunity_id"])
    inside = _inside(rows["booking_date"], period)
    if not inside.any():
        return None
    amount, deal = rows["booked_amount"], rows["opportunity_id"]
    now, ever = (part.groupby(deal).sum() for part in (amount.where(inside, 0.0), amount))
    return pd.DataFrame({"_now": now, "_ever": ever})


def _misbooked(
    deals: pd.DataFrame, booked: pd.DataFrame, gap: float, period: Period
) -> pd.DataFrame:
    """Deals that count here at another amount than finance has booked in the period."""
    rows = deals.join(booked, on="opportunity_id")
    rows = rows.fillna({"_now": 0.0, "_ever": 0.0})
    won = rows["is_won"].fillna(False).astype(bool)
    here = won & _inside(rows["close_date"], period)
    part = rows["amount"].where(here, 0.0).fillna(0.0) - rows["_now"]
    rows = rows.assign(_left=gap - part, _reason=_booking_words(rows, won, here))
    rows = rows[part.abs() > _CENT]
    return rows.assign(_size=rows["_left"].abs()).sort_values(["_size", "opportunity_id"])[:_MOST]


def _booking_words(rows: pd.DataFrame, won: pd.Series, here: pd.Series) -> list[str]:
    """Say of each deal how its bookings differ from what counts here."""
    return [
        "booked in this period in finance, not won here" if not is_won
        else "booked in this period in finance, but its close date is not in it" if not counts
        else "no booking in finance names this deal" if abs(now) <= _CENT and abs(ever) <= _CENT
        else "booked in another period in finance" if abs(now) <= _CENT
        else f"booked at {now:,.0f} in finance"
        for is_won, counts, now, ever in zip(won, here, rows["_now"], rows["_ever"], strict=True)
    ]  # fmt: skip


def _likely(deals: pd.DataFrame, gap: float, period: Period) -> pd.DataFrame:
    """Won deals whose amount is near the difference, each with the most telling reason."""
    won = _won(deals)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    margin = pd.Timedelta(days=_EDGE_DAYS)
    is_inside = _inside(won["close_date"], period)
    inside = won[is_inside]
    days = inside["close_date"]
    outside = won[~is_inside & won["close_date"].between(start - margin, end + margin)]
    kinds = (
        {
            "same account, amount and day as another deal": inside[
                inside.duplicated(["account_id", "amount", "close_date"], keep=False)
            ],
            "closed within a week of the period's ends": inside[
                (days < start + margin) | (days > end - margin)
            ],
            "this deal alone, if finance has not booked it": inside,
        }
        if gap > 0
        else {"closed within a week outside the period": outside}
    )
    told: set[object] = set()
    parts = []
    for reason, rows in kinds.items():
        fresh = rows[~rows["opportunity_id"].isin(told)]
        parts.append(_closest(fresh, gap).assign(_reason=reason))
        told |= set(rows["opportunity_id"])
    filled = [rows for rows in parts if len(rows)] or parts[:1]
    return pd.concat(filled).sort_values(["_size", "opportunity_id"])


def _closest(deals: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Deals whose amount is nearest to the difference."""
    rows = deals.dropna(subset=["amount"])
    left = gap - np.sign(gap) * rows["amount"]
    rows = rows.assign(_left=left, _size=left.abs())
    rows = rows[rows["_size"] <= _CLOSER * abs(gap)]
    return rows.sort_values(["_size", "opportunity_id"])[:_MOST]


def _told(control: Mapping[str, object], deals: pd.DataFrame) -> list[dict[str, object]]:
    """Give deals as rows of the candidates."""
    name = deals["name"] if "name" in deals else deals["opportunity_id"]
    return [
        {
            **{one: control[one] for one in _CONTROL},
            "reason": reason,
            "key": key,
            "name": label,
            "amount": amount,
            "remaining_amount": rest,
        }
        for reason, key, label, amount, rest in zip(
            deals["_reason"],
            deals["opportunity_id"],
            name,
            deals["amount"],
            deals["_left"],
            strict=True,
        )
    ]


def _set_aside(
    control: Mapping[str, object], quarantine: pd.DataFrame, gap: float
) -> list[dict[str, object]]:
    rows = quarantine[
        (quarantine["table"] == "opportunities")
        & (quarantine["severity"] == "row")
        & quarantine["amount_at_stake"].notna()
    ]
    rows = rows.assign(_size=(rows["amount_at_stake"].astype(float) + gap).abs())
    rows = rows[rows["_size"] < abs(gap)].sort_values(["_size", "file", "row"]).head(_MOST)
    return [
        {
            **{one: control[one] for one in _CONTROL},
            "reason": f"set aside: {rule}",
            "key": f"{file} row {row}",
            "name": value,
            "amount": amount,
            "remaining_amount": gap + amount,
        }
        for file, row, rule, value, amount in zip(
            rows["file"],
            rows["row"],
            rows["rule"],
            rows["value"],
            rows["amount_at_stake"].astype(float),
            strict=True,
        )
    ]
