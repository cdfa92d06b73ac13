"""Warnings about closeness: silence of a champion, one thread, dependence on one of us, a fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.settings.closeness import ClosenessSettings
from planlib.tables import table

ALL = "all"


def closeness_alerts(
    closeness: pd.DataFrame, seats: pd.DataFrame, settings: ClosenessSettings
) -> pd.DataFrame:
    """
    Give the warnings of each account whose automatic part is trusted.

    Where it is blank, nothing is said: silence in the records of a rep who does not log is no
    silence.

    Parameters
    ----------
    closeness
        Table ``account_closeness``.
    seats
        Table ``closeness_seats``.
    settings
        Limits.

    Returns
    -------
    DataFrame
        Table ``closeness_alerts``, by account.
    """
    known = closeness[closeness["automatic_score"].notna()]
    owner = known.set_index("account_id")["rep_id"]
    found = [_silence(seats[seats["account_id"].isin(known["account_id"])], settings)]
    threads = known["thread_count"].fillna(0)
    found.append(
        _account(
            known[threads == 1],
            "single_thread",
            "only one person in regular contact with us: who leaves takes the account along",
        )
    )
    found.append(_account(known[threads == 0], "no_thread", "no person in regular contact with us"))
    hangs = known[known["dependence_share"] >= settings.dependence_share]
    share = (hangs["dependence_share"] * 100).round().astype("Int64").astype("str")
    found.append(
        _account(
            hangs,
            "dependence",
            share
            + " % of the contacts are by "
            + hangs["dependence_rep_id"].astype("str")
            + " alone",
        )
    )
    falls = known[known["change_score"] <= -settings.fall_points]
    points = falls["change_score"].abs().round().astype("Int64").astype("str")
    found.append(_account(falls, "falling", points + " points lower than three months ago"))
    rows = pd.concat(found, ignore_index=True)
    rows = rows.assign(rep_id=rows["account_id"].map(owner))
    return table("closeness_alerts").check(
        rows.sort_values(["account_id", "alert", "seat"], ignore_index=True)
    )  # fmt: skip


def name_people(
    alerts: pd.DataFrame,
    closeness: pd.DataFrame,
    names: pd.Series,
    contacts: Mapping[str, str] | pd.Series | None = None,
) -> pd.Series:
    """
    Give the words of the warnings, with whom an account hangs on and which champion is silent.

    Parameters
    ----------
    alerts, closeness
        Tables ``closeness_alerts`` and ``account_closeness``.
    names
        Name by ``rep_id``; who has none is named by the id.
    contacts
        Name by ``contact_id``, for readers who may see it; None: nobody's. A champion without
        one is named by the seat alone.
    """
    person = closeness.dropna(subset="dependence_rep_id").drop_duplicates("account_id")
    ids = alerts["account_id"].map(person.set_index("account_id")["dependence_rep_id"])
    said = [
        _silent_champion(row, {} if contacts is None else contacts) if row["alert"] == "silence"
        else row["detail"].replace(str(who), str(names.get(who, who)))
        if row["alert"] == "dependence" and who == who
        else row["detail"]
        for row, who in zip(alerts.to_dict("records"), ids, strict=True)
    ]  # fmt: skip
    return pd.Series(said, index=alerts.index, dtype="str")


def _silent_champion(alert: Mapping[Any, Any], contacts: Mapping[str, str] | pd.Series) -> str:
    name, seat, days = contacts.get(alert["contact_id"]), alert["seat"], alert["silent_days"]
    if pd.isna(days):
        return (f"no contact with champion {name} ({seat}) is logged" if name
                else f"no contact with champion ({seat}) is logged")  # fmt: skip
    return (f"champion {name} ({seat}) silent for {days} days" if name
            else f"champion ({seat}) silent for {days} days")  # fmt: skip


def _silence(seats: pd.DataFrame, settings: ClosenessSettings) -> pd.DataFrame:
    mine = seats[seats["is_champion"].fillna(False).astype(bool) & seats["contact_id"].notna()]
    silent = mine[mine["silent_days"].isna() | (mine["silent_days"] > settings.silence_days)]
    days = silent["silent_days"].astype("str")
    return pd.DataFrame(
        {
            "account_id": silent["account_id"],
            "alert": "silence",
            "seat": silent["seat"],
            "contact_id": silent["contact_id"],
            "silent_days": silent["silent_days"],
            "detail": ("champion silent for " + days + " days").where(
                silent["silent_days"].notna(), "no contact with this champion is logged"
            ),
        }
    )


def _account(rows: pd.DataFrame, alert: str, detail: pd.Series | str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "alert": alert,
            "seat": ALL,
            "detail": detail,
        }
    ).astype({"alert": "str", "seat": "str", "detail": "str"})
