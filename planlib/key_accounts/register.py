"""The needs register: every need valued, its horizon as time goes by, and what is wrong with it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.findings import rows_found
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, to_cents
from planlib.tables import require_columns, table

#: Months after the as-of date at which a horizon ends.
HORIZON_MONTHS = {"0-3m": 3, "3-12m": 12, "1-3y": 36}
OPEN = "open"
#: How the id of a need starts that was proposed from a deal; the id of the deal follows.
DEAL = "deal:"


def horizon_of(days: pd.Series, as_of: date) -> pd.Series:
    """
    Give the horizon of each date; NA beyond three years.

    A date before the as-of date that is still open counts in the first horizon.
    """
    start = pd.Timestamp(as_of)
    horizon = pd.Series(pd.NA, index=days.index, dtype="str")
    for name, months in reversed(HORIZON_MONTHS.items()):
        horizon = horizon.mask(days <= start + pd.DateOffset(months=months), name)
    return horizon


def register_needs(
    needs: pd.DataFrame | None,
    as_of: date,
    confirmed: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give every need of the register with its value in money and its horizon of today.

    A need falls due at the latest when the horizon that its record states has passed since the day
    of the record; the horizon of today is that of this day. One that was recorded as 3 to 12
    months ten months ago stands in 0 to 3 months now; one whose day has passed stays there and is
    overdue. Only ``account_id``, ``need``, ``horizon`` and ``value`` beside the id are needed: one
    without a day of its record counts from the cycle that first had it with this horizon.

    Parameters
    ----------
    needs
        Table ``needs``, or None. Needs without horizon, and those recorded after the as-of date,
        are left out (see ``check_needs``).
    as_of
        As-of date.
    confirmed
        Proposals that a person confirmed, in the columns of ``needs``; they count as open.
    previous
        Table ``key_account_needs`` of the last published cycle, or None.

    Returns
    -------
    DataFrame
        Table ``key_account_needs``. ``expected_value`` = value x likelihood, ``gap_value`` =
        value x likelihood x (1 - fit); NA where a part is not known.
    """
    parts = []
    if needs is not None:
        require_columns("needs", needs, ["need_id", "account_id", "need", "horizon"])
        parts.append(table("needs").coerce(needs).assign(origin="register"))
    if confirmed is not None and len(confirmed):
        parts.append(table("needs").coerce(confirmed).assign(origin="confirmed proposal"))
    if not parts:
        return table("key_account_needs").empty()
    rows = pd.concat(parts, ignore_index=True)
    late = rows["recorded_date"] > pd.Timestamp(as_of)
    rows = rows[rows["horizon"].isin(list(HORIZON_MONTHS)) & ~late.fillna(False)]
    rows = rows.drop_duplicates("need_id", keep="last").reset_index(drop=True)
    due = _known_due(rows, previous).fillna(_due(rows, as_of))
    today = horizon_of(due, as_of)
    is_open = rows["status"].isna() | (rows["status"] == OPEN)
    filled = rows.assign(
        stated_horizon=rows["horizon"],
        horizon=today.where(is_open & today.notna(), rows["horizon"]),
        status=rows["status"].fillna(OPEN),
        due_date=due,
        is_overdue=is_open & (due < pd.Timestamp(as_of)),
    )
    filled = filled.assign(**need_values(filled))
    kept = [column.name for column in table("key_account_needs").columns]
    return table("key_account_needs").check(filled[kept])


def need_values(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Give ``expected_value`` and ``gap_value`` of needs, to the cent; NA where not known."""
    value, likely = rows["value"].astype("float64"), rows["likelihood"].astype("float64")
    fit = rows["fit"].astype("float64")
    return {
        "expected_value": from_cents(to_cents(value * likely)),
        "gap_value": from_cents(to_cents(value * likely * (1 - fit))),
    }


def _known_due(rows: pd.DataFrame, previous: pd.DataFrame | None) -> pd.Series:
    """Give the day by which needs without a day of their record fell due in the last cycle."""
    if previous is None:
        return pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    before = previous[previous["status"] == OPEN].drop_duplicates("need_id").set_index("need_id")
    same = look_up(rows["need_id"], before["stated_horizon"]) == rows["horizon"]
    return look_up(rows["need_id"], before["due_date"]).where(same & rows["recorded_date"].isna())


def _due(rows: pd.DataFrame, as_of: date) -> pd.Series:
    start = rows["recorded_date"].fillna(pd.Timestamp(as_of))
    due = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    for name, months in HORIZON_MONTHS.items():
        mine = rows["horizon"] == name
        due = due.mask(mine, start + pd.DateOffset(months=months))
    return due


def check_needs(
    needs: pd.DataFrame | None, account_ids: pd.Series, as_of: date
) -> list[pd.DataFrame]:
    """Name the needs that cannot count, or count only in part, with the row."""
    if needs is None:
        return []
    rows = table("needs").coerce(needs).assign(row_id=needs["need_id"].to_numpy())
    rows["due_date"] = _due(rows, as_of)
    rows["recorded"] = rows["recorded_date"].dt.strftime("%Y-%m-%d")
    rows["due"] = rows["due_date"].dt.strftime("due by %Y-%m-%d")
    rows["ends"] = rows["needed_to"].dt.strftime("%Y-%m-%d")
    return [
        rows_found(
            check, "needs", rows.assign(value=rows[shown])[wrong.fillna(False).astype(bool)],
            column, allowed=allowed, effect=effect,
        )
        for check, wrong, column, shown, allowed, effect in _checks(rows, account_ids, as_of)
    ]  # fmt: skip


def _checks(
    rows: pd.DataFrame, account_ids: pd.Series, as_of: date
) -> list[tuple[str, pd.Series, str, str, str, str]]:
    """Give each check: which rows are wrong, in which column, what is shown, allowed and done."""
    horizons, day = list(HORIZON_MONTHS), pd.Timestamp(as_of)
    is_open = rows["status"].isna() | (rows["status"] == OPEN)
    return [
        ("need without horizon", ~rows["horizon"].isin(horizons), "horizon", "horizon",
         ", ".join(horizons), "left out until it has one"),
        ("need after the as-of date", rows["recorded_date"] > day, "recorded_date", "recorded",
         f"until {as_of}", "not counted yet"),
        ("unknown account", ~rows["account_id"].isin(account_ids), "account_id", "account_id",
         "an account of table accounts", "left out"),
        ("need overdue", is_open & (rows["due_date"] < day), "recorded_date", "due",
         "a horizon that has not passed",
         "counted in 0 to 3 months; confirm it, or close it as won, lost or expired"),
        ("need twice", rows["need_id"].duplicated(keep="last"), "need_id", "need_id",
         "each id once", "the last row counts"),
        ("need that ends before it begins", rows["needed_to"] < rows["needed_from"], "needed_to",
         "ends", "a day from needed_from on", "its hours are spread over its horizon"),
        *(
            (f"{name} outside its scale", rows[name].notna() & ~rows[name].between(0, 1), name,
             name, "0 to 1", "value and gap are not known")
            for name in ("likelihood", "fit")
        ),
    ]  # fmt: skip


def clean_needs(needs: pd.DataFrame | None, account_ids: pd.Series) -> pd.DataFrame | None:
    """Leave out needs of unknown accounts, and blank shares outside 0 to 1; see ``check_needs``."""
    if needs is None:
        return None
    rows = table("needs").coerce(needs)
    rows = rows[rows["account_id"].isin(account_ids)].reset_index(drop=True)
    shares = {name: rows[name].where(rows[name].between(0, 1)) for name in ("likelihood", "fit")}
    return rows.assign(**shares, value=rows["value"].where(rows["value"] >= 0, np.nan))
