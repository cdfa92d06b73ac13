"""Which activities count as contact with a person, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.settings.closeness import ClosenessSettings
from planlib.tables import table

#: Reasons in the order in which they are tried; the first that applies is counted.
REASONS: dict[str, str] = {
    "later": "dated after the as-of date",
    "automatic": "sent by a system, not by a person",
    "mass mail": "one mail or message of one person to many contacts on one day",
    "complaint": "traffic in a complaint is not closeness",
    "no contact kind": "a task or another kind that is no contact with the customer",
    "no contact named": "no contact is named: it counts for logging, not for a person",
    "unknown contact": "the contact is not in table contacts",
    "other account": "the contact belongs to another account: named row by row, not used",
    "counted": "counts as contact with a person",
}
#: Reasons that leave an activity out of the logging of a rep too.
_NOT_LOGGED = ("later", "automatic", "mass mail", "no contact kind")


@dataclass(frozen=True, kw_only=True)
class Events:
    """
    Activities, sorted into those that count and those that do not.

    ``counted`` has ``account_id``, ``contact_id``, ``rep_id``, ``activity_date``, ``in_count``,
    ``out_count``, ``depth``; ``logged`` what counts for the logging of a rep; ``left_out`` is
    table ``closeness_left_out``; ``findings`` rows of table ``closeness_findings``.
    """

    counted: pd.DataFrame
    logged: pd.DataFrame
    left_out: pd.DataFrame
    findings: pd.DataFrame


def sort_events(
    activities: pd.DataFrame | None,
    contacts: pd.DataFrame | None,
    keys: pd.Series,
    settings: ClosenessSettings,
    as_of: date,
) -> Events:
    """
    Sort activities into contact with a person and the rest, each with its first reason.

    Parameters
    ----------
    activities, contacts
        Input tables, or None.
    keys
        ``account_id`` of the key accounts.
    settings
        ``depths``, ``two_way``, ``complaint_topics``, ``mass_contacts`` are used.
    as_of
        Later activities are left out.
    """
    rows = table("activities").or_empty(activities)
    people = table("contacts").or_empty(contacts)
    home = people.drop_duplicates("contact_id").set_index("contact_id")["account_id"]
    reason = _reasons(rows, home, settings, as_of)
    kept = rows[(reason == "counted").to_numpy()]
    return Events(
        counted=_events(kept, settings),
        logged=rows.loc[~reason.isin(_NOT_LOGGED), ["rep_id", "account_id", "activity_date"]],
        left_out=_left_out(reason, rows["account_id"].isin(keys)),
        findings=_strangers(rows[(reason == "other account").to_numpy()], home),
    )


def _reasons(
    rows: pd.DataFrame, home: pd.Series, settings: ClosenessSettings, as_of: date
) -> pd.Series:
    topic = rows["topic"].fillna("").str.strip().str.casefold()
    complaints = [one.casefold() for one in settings.complaint_topics]
    at = rows["contact_id"].map(home)
    unknown = ~rows["contact_id"].isin(home.index)
    tests = {
        "later": rows["activity_date"] > pd.Timestamp(as_of),
        "automatic": rows["is_automatic"].fillna(False).astype(bool),
        "mass mail": _mass_mail(rows, topic, settings.mass_contacts),
        "complaint": topic.isin(complaints),
        "no contact kind": ~rows["activity_type"].isin(list(settings.depths)),
        "no contact named": rows["contact_id"].isna(),
        "unknown contact": unknown,
        "other account": rows["account_id"].notna() & at.notna() & (at != rows["account_id"]),
    }
    masks = [np.asarray(test, dtype=bool) for test in tests.values()]
    found = np.select(masks, list(tests), default="counted")
    return pd.Series(found, index=rows.index, dtype="str")


def _mass_mail(rows: pd.DataFrame, topic: pd.Series, many: int) -> pd.Series:
    """Mail or messages that one person sent on one day to many contacts under one topic."""
    sent = rows["activity_type"].isin(["email", "message"]) & (rows["direction"] != "in")
    sent &= rows["rep_id"].notna()
    mine = rows.loc[sent, ["rep_id", "activity_date", "activity_type", "contact_id"]]
    mine = mine.assign(topic=topic[sent])
    keys = ["rep_id", "activity_date", "activity_type", "topic"]
    reached = mine.groupby(keys)["contact_id"].transform("nunique")
    return (reached >= many).reindex(rows.index, fill_value=False)


def _events(kept: pd.DataFrame, settings: ClosenessSettings) -> pd.DataFrame:
    both = kept["activity_type"].isin(settings.two_way)
    return pd.DataFrame(
        {
            "account_id": kept["account_id"],
            "contact_id": kept["contact_id"],
            "rep_id": kept["rep_id"],
            "activity_date": kept["activity_date"],
            "in_count": (both | (kept["direction"] == "in")).astype("int64"),
            "out_count": (both | (kept["direction"] == "out")).astype("int64"),
            "depth": kept["activity_type"].map(settings.depths).astype("float64"),
        }
    ).reset_index(drop=True)


def _left_out(reason: pd.Series, is_key: pd.Series) -> pd.DataFrame:
    counts, keys = reason.value_counts(), reason[is_key.to_numpy()].value_counts()
    rows = [
        {"reason": name, "reason_order": order, "rows_count": int(counts.get(name, 0)),
         "key_count": int(keys.get(name, 0)), "meaning": meaning}
        for order, (name, meaning) in enumerate(REASONS.items())
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _strangers(rows: pd.DataFrame, home: pd.Series) -> pd.DataFrame:
    theirs = rows["contact_id"].map(home)
    return pd.DataFrame(
        {
            "finding": "contact of another account",
            "table": "activities",
            "row_id": rows["activity_id"],
            "account_id": rows["account_id"],
            "contact_id": rows["contact_id"],
            "detail": "contact " + rows["contact_id"] + " belongs to " + theirs
            + "; the activity is not used",
        }
    )  # fmt: skip
