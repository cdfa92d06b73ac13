"""What people enter on the duties of directors: entries in time, and entries that do not fit."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.coverage import director_ids
from planlib.key_accounts.findings import rows_found
from planlib.settings.key_account_lines import DirectorDuty, KeyAccountLinesSettings


def entry_in_time(
    entries: pd.DataFrame | None, director: str, duty: DirectorDuty, as_of: date
) -> pd.Series | None:
    """Give the last entry on a duty that is not too old to count."""
    if entries is None or entries.empty:
        return None
    age = (pd.Timestamp(as_of) - entries["when"]).dt.days
    mine = (entries["director_id"] == director) & (entries["duty"] == duty.key)
    found = entries[mine & (age >= 0) & (age <= duty.days)]
    return None if found.empty else found.iloc[-1]


def entry_expired(
    entries: pd.DataFrame | None, director: str, duty: DirectorDuty, as_of: date
) -> pd.Timestamp | None:
    """Give the day of the last entry that the duty was done, where it is too old to count."""
    if entries is None or entries.empty:
        return None
    mine = entries[(entries["director_id"] == director) & (entries["duty"] == duty.key)]
    past = mine[(pd.Timestamp(as_of) - mine["when"]).dt.days > duty.days]
    if past.empty or not bool(past["is_done"].iloc[-1]):
        return None
    day: pd.Timestamp = past["when"].iloc[-1]
    return day


def check_log(
    tasks: pd.DataFrame | None, reps: pd.DataFrame | None, settings: KeyAccountLinesSettings
) -> list[pd.DataFrame]:
    """Name entries of the log by somebody who is no director, where there are directors."""
    known = [] if reps is None else director_ids(reps, settings)
    if tasks is None or not known:
        return []
    nobody = tasks[~tasks["director_id"].isin(known)]
    return [
        rows_found(
            "log of nobody",
            "override_director_tasks",
            nobody.assign(row_id=nobody["decision_id"], value=nobody["director_id"]),
            "director_id",
            allowed="a regional key-account director",
            effect="shown in the log, counts for no duty",
        )
    ]


def check_entries(
    entries: pd.DataFrame | None, reps: pd.DataFrame | None, settings: KeyAccountLinesSettings
) -> list[pd.DataFrame]:
    """Name entries for somebody who is no director, or for a duty that plan.yaml does not have."""
    if entries is None or reps is None or entries.empty:
        return []
    rows = entries.assign(row_id=entries["decision_id"])
    nobody = rows[~rows["director_id"].isin(director_ids(reps, settings))]
    duties = [duty.key for duty in settings.duties]
    other = rows[~rows["duty"].isin(duties)]
    return [
        rows_found(
            "entry for nobody",
            "override_director_duties",
            nobody.assign(value=nobody["director_id"]),
            "director_id",
            allowed="a regional key-account director",
            effect="not counted",
        ),
        rows_found(
            "entry for no duty",
            "override_director_duties",
            other.assign(value=other["duty"]),
            "duty",
            allowed=", ".join(duties),
            effect="not counted",
        ),
    ]
