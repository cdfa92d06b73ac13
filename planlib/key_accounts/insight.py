"""How much is on record of what moves the people who decide: visible and hidden factors."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.intervals import wilson
from planlib.settings.closeness import ClosenessSettings
from planlib.tables import require_columns, table

ALL = "all"


def seat_insight(
    seats: pd.DataFrame, keys: pd.DataFrame, settings: ClosenessSettings, as_of: date
) -> pd.DataFrame:
    """
    Give for how many decision seats visible and hidden factors are on record.

    A factor is known where its text is filled and was recorded by the as-of date; a record without
    a day counts, but is not dated. Only seats of table ``stakeholders`` are counted: contacts that
    stand in for seats say nothing about who is missing.

    Parameters
    ----------
    seats
        Table ``closeness_seats``.
    keys
        ``account_id`` of the key accounts.
    settings
        ``factor_days``: a record counts as fresh for so long.
    as_of
        Later records do not count.

    Returns
    -------
    DataFrame
        Table ``seat_insight``: the sum of all key accounts (``all``) first, then each account; one
        without recorded seats has blank figures and the reason.

    Raises
    ------
    TableError
        If a column is missing.
    """
    require_columns("closeness_seats", seats, ["account_id", "seat", "basis", "visible_factor",
                                               "hidden_factor"])  # fmt: skip
    require_columns("key accounts", keys, ["account_id"])
    own = seats[(seats["basis"] == "seats") & seats["account_id"].isin(keys["account_id"])]
    facts = _facts(own, settings, pd.Timestamp(as_of))
    facts = pd.concat([facts, facts.assign(account_id=ALL)], ignore_index=True)
    by = facts.groupby("account_id")
    ids = pd.Index([ALL, *sorted(keys["account_id"])], name="account_id")
    found = by[["holder", "visible", "hidden", "both", "dated", "fresh"]].sum()
    found = found.add_suffix("_count").assign(seats_count=by.size())
    weight = facts["confidence"].notna() & (facts["visible"] | facts["hidden"])
    power = facts["decision_power"].astype("float64")
    whole, sure = power.groupby(facts["account_id"]).sum(), power.where(weight)
    rated = sure * facts["confidence"]
    key = facts["account_id"]
    both, sure = power.where(facts["both"], 0.0).groupby(key).sum(), sure.groupby(key).sum()
    found = found.assign(
        both_power_share=both / whole.where(whole > 0),
        confidence=rated.groupby(key).sum() / sure.where(sure > 0),
        first_date=by["day"].min(),
        last_date=by["day"].max(),
    ).reindex(ids)  # fmt: skip
    low, high = wilson(found["both_count"].fillna(0), found["seats_count"].fillna(0))
    count = found["seats_count"].where(found["seats_count"] > 0)
    shares = {f"{name}_share": found[f"{name}_count"] / count
              for name in ("visible", "hidden", "both", "fresh")}  # fmt: skip
    none = pd.Series("", index=found.index).mask(count.isna(), _NONE)
    return table("seat_insight").check(
        found.assign(**shares, low=low, high=high, reason=none).reset_index()
    )


_NONE = "no seat of the buying centre is recorded (table stakeholders)"


def _facts(
    seats: pd.DataFrame, settings: ClosenessSettings, now: pd.Timestamp
) -> pd.DataFrame:  # fmt: skip
    """Give by seat what is known of it; a record of a later day is not known yet."""
    day = seats["recorded_date"]
    late = (day > now).fillna(False)
    visible = _filled(seats["visible_factor"]) & ~late
    hidden = _filled(seats["hidden_factor"]) & ~late
    known = visible | hidden
    age = (now - day).dt.days
    return pd.DataFrame(
        {
            "account_id": seats["account_id"],
            "decision_power": seats["decision_power"],
            "confidence": seats["confidence"].mask(late),
            "holder": seats["contact_id"].notna(),
            "visible": visible,
            "hidden": hidden,
            "both": visible & hidden,
            "dated": known & day.notna(),
            "fresh": known & (age <= settings.factor_days).fillna(False),
            "day": day.where(known),
        }
    )


def _filled(text: pd.Series) -> pd.Series:
    return text.notna() & text.astype("str").str.strip().ne("")
