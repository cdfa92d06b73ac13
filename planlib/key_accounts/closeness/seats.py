"""Closeness of an account: seats of the buying centre, weighted by their power to decide."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.key_accounts.findings import written
from planlib.settings.closeness import ClosenessSettings
from planlib.tables import table

SEATS, BY_LEVEL = "seats", "contacts by level"
_ROUNDED = 0.2  # by which powers that people round may add up to more than 1


def gather_seats(
    keys: pd.Series,
    stakeholders: pd.DataFrame | None,
    contacts: pd.DataFrame | None,
    settings: ClosenessSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give the seats of each key account, and the rows that could not be used as they are.

    An account without seats in ``stakeholders`` gets one seat per active contact, with the power
    of its level: a named weaker method, since it cannot know who is missing. A seat whose contact
    belongs to another account or has left stays, with nobody in it. A seat without decision power
    takes the mean of the account's other seats.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    stakeholders, contacts
        Input tables, or None.
    settings
        ``level_power``, ``champion_attitude``.

    Returns
    -------
    tuple
        Seats, without scores, sorted by account and power; and findings.
    """
    seats, findings = _recorded(keys, stakeholders, contacts)
    rest = keys[~keys.isin(seats["account_id"])]
    found = pd.concat([seats, _by_level(rest, contacts, settings)], ignore_index=True)
    attitude = found["attitude"].astype("Int64")
    found = found.assign(
        attitude=attitude,
        is_champion=(attitude >= settings.champion_attitude).fillna(False).astype("boolean"),
    )
    order = ["account_id", "decision_power", "seat"]
    return found.sort_values(order, ascending=[True, False, True], ignore_index=True), findings


def score_seats(
    seats: pd.DataFrame, scores: pd.DataFrame, settings: ClosenessSettings
) -> pd.DataFrame:
    """Give the seats with the score of who holds them; nobody known counts 0."""
    mine = scores.reindex(seats["contact_id"]).set_axis(seats.index)
    nobody = seats["contact_id"].isna()
    score = mine["score"].fillna(0.0)
    reason = np.select(
        [nobody, mine["score"].isna()],
        ["nobody is known in this seat: it counts 0", "no contact is logged: it counts 0"],
        default="",
    )
    return seats.assign(
        score=score,
        last_date=mine["last_date"],
        silent_days=mine["silent_days"].astype("Int64"),
        is_thread=(score >= settings.thread_score).astype("boolean"),
        reason=pd.Series(reason, index=seats.index, dtype="str"),
    )


def account_scores(scored: pd.DataFrame) -> pd.DataFrame:
    """
    Sum seats up to accounts: sum of power x score / sum of power.

    Returns
    -------
    DataFrame
        Index ``account_id``; ``automatic_score``, ``authority_share`` (power of seats with a
        thread / power of all seats), ``seats_count``, ``unknown_count``, ``basis``.
    """
    parts = scored.assign(
        weighted=scored["decision_power"] * scored["score"],
        reached=scored["decision_power"].where(scored["is_thread"].astype(bool), 0.0),
        unknown=scored["contact_id"].isna().astype("int64"),
    )
    grouped = parts.groupby("account_id")
    sums = grouped[["weighted", "reached", "decision_power", "unknown"]].sum()
    power = sums["decision_power"].where(sums["decision_power"] > 0)
    return pd.DataFrame(
        {
            "automatic_score": (sums["weighted"] / power).clip(0, 100),
            "authority_share": (sums["reached"] / power).clip(0, 1),
            "seats_count": grouped.size().astype("Int64"),
            "unknown_count": sums["unknown"].astype("Int64"),
            "basis": grouped["basis"].first(),
        }
    )


_COLUMNS = ["account_id", "seat", "basis", "contact_id", "decision_power", "attitude",
            "visible_factor", "hidden_factor", "recorded_date", "confidence"]  # fmt: skip


def _recorded(
    keys: pd.Series, stakeholders: pd.DataFrame | None, contacts: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = table("stakeholders").or_empty(stakeholders)
    rows = rows[rows["account_id"].isin(keys)].assign(basis=SEATS).reset_index(drop=True)
    people = table("contacts").or_empty(contacts)
    home = people.drop_duplicates("contact_id").set_index("contact_id")["account_id"]
    at = rows["contact_id"].map(home)
    strange = at.notna() & (at != rows["account_id"])
    missing = rows["contact_id"].notna() & ~rows["contact_id"].isin(home.index)
    missing &= contacts is not None
    gone_ids = people.loc[~people["is_active"].fillna(True).astype(bool), "contact_id"]
    gone = rows["contact_id"].isin(gone_ids) & ~strange
    blank = rows["decision_power"].isna()
    power = rows.groupby("account_id")["decision_power"].transform("sum")
    over = (power > 1 + _ROUNDED) & ~rows["account_id"].duplicated()
    findings = [
        _named(rows[strange], "contact of another account",
               "belongs to " + at[strange].astype("str") + "; the seat counts as unknown"),
        _named(rows[missing], "unknown contact",
               pd.Series("is not in table contacts; the seat counts as unknown",
                         index=rows.index[missing], dtype="str")),
        _named(rows[gone], "contact who has left",
               pd.Series("is no longer active; the seat counts as unknown",
                         index=rows.index[gone], dtype="str")),
        _named(rows[blank], "seat without decision power",
               pd.Series("takes the mean power of the account's other seats",
                         index=rows.index[blank], dtype="str")),
        _named(rows[over], "decision power above 1",
               "the seats of the account add up to " + written(power[over], "{:.2f}")
               + ", 1 is all of the decision; each seat counts by its part of the sum"),
    ]  # fmt: skip
    rows["contact_id"] = rows["contact_id"].mask(strange | missing | gone)
    mean = rows.groupby("account_id")["decision_power"].transform("mean").fillna(1.0)
    rows["decision_power"] = rows["decision_power"].fillna(mean)
    return rows[_COLUMNS], pd.concat(findings, ignore_index=True)


def _named(rows: pd.DataFrame, finding: str, detail: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "finding": pd.Series(finding, index=rows.index, dtype="str"),
            "table": "stakeholders",
            "row_id": rows["account_id"] + " / " + rows["seat"],
            "account_id": rows["account_id"],
            "contact_id": rows["contact_id"],
            "detail": ("contact " + rows["contact_id"].fillna("(none)") + " " + detail).astype(
                "str"
            ),
        }
    )


def _by_level(
    keys: pd.Series, contacts: pd.DataFrame | None, settings: ClosenessSettings
) -> pd.DataFrame:
    people = table("contacts").or_empty(contacts)
    mine = people[people["account_id"].isin(keys) & people["is_active"].fillna(True).astype(bool)]
    level = mine["level"].fillna("unknown")
    weakest = min(settings.level_power.values(), default=1.0)
    found = pd.DataFrame(
        {
            "account_id": mine["account_id"],
            "seat": mine["contact_id"],
            "basis": BY_LEVEL,
            "contact_id": mine["contact_id"],
            "decision_power": level.map(settings.level_power).fillna(weakest).astype("float64"),
        }
    )
    return found.reindex(columns=_COLUMNS)
