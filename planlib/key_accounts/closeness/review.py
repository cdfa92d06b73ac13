"""Measure closeness of the key accounts: logging first, then counts, ratings apart, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.key_accounts.closeness.alerts import closeness_alerts
from planlib.key_accounts.closeness.contacts import dependence, score_contacts, threads_of
from planlib.key_accounts.closeness.coverage import logging_coverage
from planlib.key_accounts.closeness.events import Events, sort_events
from planlib.key_accounts.closeness.rated import rated_part
from planlib.key_accounts.closeness.seats import account_scores, gather_seats, score_seats
from planlib.key_accounts.closeness.trend import (
    LOW,
    closeness_of_projects,
    closeness_trend,
    recent_change,
)
from planlib.settings.closeness import ClosenessSettings
from planlib.tables import require_columns, table

_NEEDS = {
    "activities": "no activities: the automatic part is blank and the rated part carries",
    "contacts": "no contacts: nobody can be counted, the rated part carries",
    "stakeholders": "no stakeholders: contacts are weighted by level, and nobody missing is seen",
    "ratings": "no ratings: there is no rated part",
    "projects": "no projects: closeness before and after a project is not compared",
}


@dataclass(frozen=True, kw_only=True)
class Closeness:
    """
    Result of a measurement; each field is a table that step 05 writes.

    ``notes`` say what was missing and what was used instead.
    """

    logging: pd.DataFrame
    left_out: pd.DataFrame
    findings: pd.DataFrame
    contacts: pd.DataFrame
    seats: pd.DataFrame
    accounts: pd.DataFrame
    trend: pd.DataFrame
    alerts: pd.DataFrame
    projects: pd.DataFrame
    notes: tuple[str, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables to write, by name."""
        return {
            "logging_coverage": self.logging,
            "closeness_left_out": self.left_out,
            "closeness_findings": self.findings,
            "closeness_contacts": self.contacts,
            "closeness_seats": self.seats,
            "account_closeness": self.accounts,
            "closeness_trend": self.trend,
            "closeness_alerts": self.alerts,
            "closeness_projects": self.projects,
        }

    def headline(self) -> str:
        """Say for how many accounts which part carries, and how many warnings there are."""
        carried = self.accounts["carried_by"].value_counts()
        low = int(self.logging["is_low"].sum())
        return (
            f"Closeness of {len(self.accounts):,} key accounts: {carried.get('automatic', 0):,} "
            f"counted from the records, {carried.get('rated', 0):,} by rating alone, "
            f"{carried.get('none', 0):,} not known; {low:,} of {len(self.logging):,} owners log "
            f"too little for counts, or are not at work; {len(self.alerts):,} warnings."
        )


def measure_closeness(
    keys: pd.DataFrame,
    settings: ClosenessSettings,
    as_of: date,
    *,
    activities: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
    stakeholders: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
) -> Closeness:
    """
    Measure how close we are to the key accounts.

    Parameters
    ----------
    keys
        One row per key account: ``account_id``, ``rep_id`` (owner, NA: nobody).
    settings
        Section ``closeness``.
    as_of
        As-of date; nothing later counts.
    activities, contacts, stakeholders, ratings
        What is counted and rated; without one the part that needs it is blank, or a named weaker
        method is used.
    reps, opportunities, availability
        For the logging coverage of the owners.
    projects
        For closeness before and after each of them.

    Returns
    -------
    Closeness
        Tables, sorted by their keys.

    Raises
    ------
    TableError
        If ``keys`` has no ``account_id`` or ``rep_id``.
    """
    require_columns("key accounts", keys, ["account_id", "rep_id"])
    keys = keys.sort_values("account_id", ignore_index=True)
    ids = keys["account_id"]
    events = sort_events(activities, contacts, ids, settings, as_of)
    counted = events.counted[events.counted["account_id"].isin(ids)]
    logged = None if activities is None else events.logged
    logging = logging_coverage(
        keys["rep_id"], logged, settings, as_of,
        reps=reps, opportunities=opportunities, availability=availability,
    )  # fmt: skip
    owner = keys.set_index("account_id")["rep_id"]
    seats, findings = gather_seats(ids, stakeholders, contacts, settings)
    day = pd.Timestamp(as_of)
    scores = score_contacts(counted, settings, day)
    scored = score_seats(seats, scores, settings)
    trend = closeness_trend(
        seats, owner, (counted, logged), settings, as_of, ratings=ratings, people=contacts,
        reps=reps, opportunities=opportunities, availability=availability,
    )  # fmt: skip
    found = account_scores(scored).reindex(ids)
    found["thread_count"] = _threads(scores, contacts, settings).reindex(ids).fillna(0)
    found = found.join(dependence(counted, settings, day))
    found["change_score"] = recent_change(trend).reindex(ids)
    accounts = _accounts(keys, found, rated_part(ids, ratings, settings, as_of), logging)
    scored = table("closeness_seats").check(scored)
    given = {"activities": activities, "contacts": contacts, "stakeholders": stakeholders,
             "ratings": ratings, "projects": projects}  # fmt: skip
    return Closeness(
        logging=table("logging_coverage").check(logging),
        left_out=table("closeness_left_out").check(events.left_out),
        findings=_findings(events, findings),
        contacts=table("closeness_contacts").check(
            _trusted(_contacts(scores, contacts, ids, settings), accounts, _OF_CONTACTS)
        ),
        seats=table("closeness_seats").check(_trusted(scored, accounts, _OF_SEATS)),
        accounts=accounts,
        trend=table("closeness_trend").check(trend),
        alerts=closeness_alerts(accounts, scored, settings),
        projects=closeness_of_projects(trend, projects, opportunities, settings, as_of),
        notes=tuple(text for name, text in _NEEDS.items() if given[name] is None),
    )


_OF_SEATS = ("score", "silent_days", "is_thread")
_OF_CONTACTS = ("recency", "frequency", "reciprocity", "depth", *_OF_SEATS)


def _trusted(
    rows: pd.DataFrame, accounts: pd.DataFrame, names: tuple[str, ...]
) -> pd.DataFrame:  # fmt: skip
    """Blank what is counted of seats or contacts where their account is blank, with its reason."""
    reason = accounts.set_index("account_id")["automatic_reason"]
    blind = rows["account_id"].isin(accounts.loc[accounts["automatic_score"].isna(), "account_id"])
    counts = {name: rows[name].mask(blind) for name in names}
    why = rows["reason"].mask(blind, rows["account_id"].map(reason))
    return rows.assign(**counts, reason=why)


def _threads(
    scores: pd.DataFrame, contacts: pd.DataFrame | None, settings: ClosenessSettings
) -> pd.Series:
    people = table("contacts").or_empty(contacts)
    return threads_of(scores, people, settings)


def _accounts(
    keys: pd.DataFrame, found: pd.DataFrame, rated: pd.DataFrame, logging: pd.DataFrame
) -> pd.DataFrame:
    """Put automatic and rated part beside each other and say which one carries."""
    found = found.reset_index(drop=True)
    by_rep = logging.set_index("rep_id")
    share = keys["rep_id"].map(by_rep["coverage_share"]).astype("float64")
    low = keys["rep_id"].map(by_rep["is_low"]).fillna(True).astype(bool)
    nobody = keys["rep_id"].isna()
    bare = found["automatic_score"].isna()
    reason = pd.Series("", index=keys.index).mask(bare, "no seat or contact is recorded")
    reason = reason.mask(low, LOW).mask(nobody, "the account has no owner whose logging is known")
    blind = low | bare
    counts = ["thread_count", "authority_share", "dependence_share", "dependence_rep_id",
              "change_score", "automatic_score"]  # fmt: skip
    trusted = {name: found[name].mask(blind) for name in counts}
    automatic = trusted["automatic_score"]
    rated = rated.reset_index(drop=True)
    carried = pd.Series("none", index=keys.index).mask(rated["rated_score"].notna(), "rated")
    return table("account_closeness").check(
        pd.DataFrame(
            {
                "account_id": keys["account_id"],
                "rep_id": keys["rep_id"],
                "automatic_reason": reason,
                **rated,
                "closeness": automatic.fillna(rated["rated_score"]),
                "carried_by": carried.mask(automatic.notna(), "automatic"),
                "basis": found["basis"],
                "seats_count": found["seats_count"],
                "unknown_count": found["unknown_count"],
                "logging_share": share,
                **trusted,
            }
        )
    )


def _contacts(
    scores: pd.DataFrame, contacts: pd.DataFrame | None, ids: pd.Series,
    settings: ClosenessSettings,
) -> pd.DataFrame:  # fmt: skip
    """Give every recorded contact of a key account, those without an event with a reason."""
    contract = table("closeness_contacts")
    if contacts is None:
        return contract.empty()
    mine = contacts.loc[contacts["account_id"].isin(ids), ["account_id", "contact_id"]]
    mine = mine.sort_values(["account_id", "contact_id"]).reset_index(drop=True)
    found = scores.reindex(mine["contact_id"]).reset_index(drop=True)
    none = found["score"].isna()
    rows = pd.concat([mine, found], axis=1).assign(
        is_thread=(found["score"] >= settings.thread_score).where(~none).astype("boolean"),
        reason=pd.Series("", index=mine.index).mask(none, "no contact with this person is logged"),
    )
    return contract.check(rows)


def _findings(events: Events, seats: pd.DataFrame) -> pd.DataFrame:
    rows = pd.concat([events.findings, seats], ignore_index=True)
    order = ["finding", "table", "row_id"]
    return table("closeness_findings").check(rows.sort_values(order, ignore_index=True))
