"""Ties to finance, or by how much not, and the rows that may explain the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.errors import PeriodError
from planlib.periods import Period
from planlib.plan import Plan

_MOST = 5  # candidates per reason
_EDGE_DAYS = 7  # days around a period's ends in which a deal may be booked on the other side
_CONTROL = ["period", "measure", "cut", "cut_value"]
_CLOSER = 0.5  # a candidate leaves at most this share of the difference


@dataclass(frozen=True, kw_only=True)
class TieOut:
    """Tables ``tie_out`` and ``tie_out_candidates``."""

    figures: pd.DataFrame
    candidates: pd.DataFrame

    def sentence(self) -> str:
        """Say in one line whether the figures tie to finance."""
        if self.figures.empty:
            return "not checked: no control figures"
        known = self.figures[self.figures["own_amount"].notna()]
        tied = int(known["is_tied"].fillna(False).astype(bool).sum())
        if len(self.figures) == tied:
            return f"ties to finance: all {tied} control figures"
        off = known[~known["is_tied"].fillna(False).astype(bool)]
        blank = len(self.figures) - len(known)
        text = f"{tied} of {len(self.figures)} control figures tie to finance"
        if len(off):
            worst = (
                off.assign(_size=-off["difference_amount"].abs())
                .sort_values(["_size", *_CONTROL])
                .to_dict("records")[0]
            )
            text += (
                f"; largest difference {worst['difference_amount']:,.0f} in "
                f"{worst['measure']} {worst['period']} {worst['cut_value']}"
            )
        return text + (f"; {blank} cannot be compared" if blank else "")


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
        "is_tied": bool(abs(gap) <= tolerance * abs(booked) + 0.005),
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
    """Rows that, taken out or in, bring the figure nearer to the one in finance."""
    if control["measure"] != "closed_acv":
        return []
    gap = float(str(figure["difference_amount"]))
    period = plan.period(str(control["period"]))
    won = _won(tables["opportunities"])
    cut, _ = _cut(won, control, tables)
    pool = won if cut is None else cut
    inside = pool[_inside(pool["close_date"], period)]
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    margin = pd.Timedelta(days=_EDGE_DAYS)
    near_end = inside[
        (inside["close_date"] < start + margin) | (inside["close_date"] > end - margin)
    ]
    outside = pool[pool["close_date"].between(start - margin, end + margin)]
    outside = outside[~outside["opportunity_id"].isin(inside["opportunity_id"])]
    found: list[dict[str, object]] = []
    if gap > 0:
        found += _closest(control, inside, gap, "this deal alone, if finance has not booked it")
        found += _closest(control, near_end, gap, "closed within a week of the period's ends")
        double = inside[inside.duplicated(["account_id", "amount", "close_date"], keep=False)]
        found += _closest(control, double, gap, "same account, amount and day as another deal")
    else:
        found += _closest(control, outside, gap, "closed within a week outside the period")
        found += _set_aside(control, quarantine, gap)
    found += _booked(control, inside, tables)
    return found


def _closest(
    control: Mapping[str, object], deals: pd.DataFrame, gap: float, reason: str
) -> list[dict[str, object]]:
    """Deals whose amount is nearest to the difference."""
    rows = deals.dropna(subset=["amount"])
    left = gap - np.sign(gap) * rows["amount"]
    rows = rows.assign(_left=left, _size=left.abs())
    rows = rows[rows["_size"] <= _CLOSER * abs(gap)].sort_values(["_size", "opportunity_id"])
    name = rows["name"] if "name" in rows else rows["opportunity_id"]
    return [
        {
            **{one: control[one] for one in _CONTROL},
            "reason": reason,
            "key": key,
            "name": label,
            "amount": amount,
            "remaining_amount": rest,
        }
        for key, label, amount, rest in zip(
            rows["opportunity_id"][:_MOST],
            name[:_MOST],
            rows["amount"][:_MOST],
            rows["_left"][:_MOST],
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
    rows = rows.sort_values(["_size", "file", "row"]).head(_MOST)
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


def _booked(
    control: Mapping[str, object], inside: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> list[dict[str, object]]:
    """Deals whose bookings in finance add up to another amount."""
    bookings = tables.get("bookings")
    if bookings is None or bookings["opportunity_id"].isna().all():
        return []
    booked = bookings.groupby("opportunity_id")["booked_amount"].sum()
    rows = inside.assign(_booked=inside["opportunity_id"].map(booked).fillna(0.0))
    rows = rows.assign(_gap=rows["amount"] - rows["_booked"])
    rows = rows[rows["_gap"].abs() > 0.005]
    order = rows.assign(_size=-rows["_gap"].abs()).sort_values(["_size", "opportunity_id"])
    name = order["name"] if "name" in order else order["opportunity_id"]
    return [
        {
            **{one: control[one] for one in _CONTROL},
            "reason": f"booked at {money:,.0f} in finance",
            "key": key,
            "name": label,
            "amount": amount,
            "remaining_amount": np.nan,
        }
        for key, label, amount, money in zip(
            order["opportunity_id"][:_MOST],
            name[:_MOST],
            order["amount"][:_MOST],
            order["_booked"][:_MOST],
            strict=True,
        )
    ]
