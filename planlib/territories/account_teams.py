"""
Account teams: for each important target of a rep, the colleagues and the sponsor it needs.

Seats come from the settings, names from decisions, the owner, deal teams, splits, activities and
the line of managers, in this order; what nobody fills is a gap. Without any of these tables the
result is a blank sheet per rep with the owner in the first seat.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import require_columns, table
from planlib.territories.columns import (
    day,
    flag,
    named,
    names_of,
    number,
    stamp,
    text,
    with_id,
)
from planlib.territories.contact import contact_by_account, contact_by_colleague, contacts_of
from planlib.territories.team_seats import fill_seats


@dataclass(frozen=True, kw_only=True)
class AccountTeams:
    """``targets`` (territory_account_targets), ``seats`` (territory_account_teams), ``notes``."""

    targets: pd.DataFrame
    seats: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {"territory_account_targets": self.targets, "territory_account_teams": self.seats}

    def sheet(self, rep_id: str) -> pd.DataFrame:
        """Give the sheet of one rep: seats as rows, targets as columns, blank where nobody is."""
        own = self.seats[self.seats["owner_id"].eq(rep_id)]
        order = self.targets.loc[self.targets["rep_id"].eq(rep_id), "account_id"].tolist()
        cells = own.assign(person_name=own["person_name"].fillna(""))
        wide = cells.set_index(["seat_number", "seat", "account_id"])["person_name"].unstack()
        every = own[["seat_number", "seat"]].drop_duplicates().sort_values("seat_number")
        wide = wide.reindex(pd.MultiIndex.from_frame(every), columns=order)
        return wide.fillna("").reset_index().drop(columns="seat_number")

    def by_rep(self) -> pd.DataFrame:
        """Give ``rep_id``, ``rep_name``, ``target_count``, ``gap_count``, ``no_sponsor_count``."""
        grouped = self.targets.groupby(["rep_id", "rep_name"], sort=True)
        return grouped.agg(
            target_count=("account_id", "size"), gap_count=("gap_count", "sum"),
            no_sponsor_count=("is_sponsor_missing", "sum"),
            not_agreed_count=("is_agreed", lambda one: int((~one.dropna().astype(bool)).sum())),
        ).reset_index()  # fmt: skip


def plan_account_teams(
    plan: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoryDecisionsSettings,
    *,
    as_of: datetime.date,
    decisions: pd.DataFrame | None = None,
    **tables: pd.DataFrame | None,
) -> AccountTeams:
    """
    Name the team of every important target, and what is missing there.

    Parameters
    ----------
    plan
        ``account_id``, ``rep_id``; used where there: ``potential``, ``acv``, ``is_in_scope``.
    reps
        ``rep_id``; used where there: ``name``, ``role``, ``manager_id``, ``leave_date``.
    settings
        ``team_targets``, ``team_seats``, ``team_roles``, ``contact_days``, ``outlook_spread``.
    as_of
        End of the window for contacts; colleagues who left by then fill no seat.
    decisions
        Decisions of kind account_teams: seats filled by hand, and outlooks.
    tables
        Where there: ``accounts`` (names), ``key_accounts`` (``is_key``), ``opportunities`` with
        ``opportunity_teams`` and ``splits``, ``activities``, ``contacts``.

    Returns
    -------
    AccountTeams
        Targets are the key accounts of each rep and then the largest by potential, else by ACV,
        else by id, until there are ``team_targets``.

    Raises
    ------
    TableError
        If a column is missing.
    """
    require_columns("territory_plan", plan, ["account_id", "rep_id"])
    require_columns("reps", reps, ["rep_id"])
    notes = _notes(tables, decisions)
    targets = _targets(plan, tables.get("key_accounts"), settings, notes)
    who, company = names_of(reps, "rep_id"), names_of(tables.get("accounts"), "account_id")
    now, before = contacts_of(tables.get("activities"), stamp(as_of), settings.contact_days)
    made = _in_time(decisions, stamp(as_of))
    lost = made.loc[~made["account_id"].isin(plan["account_id"]), "account_id"]
    notes += [f"the decision on the team of account {one} is not used, it is not in the plan"
              for one in lost.drop_duplicates()]  # fmt: skip
    left = set(reps.loc[day(reps, "leave_date").le(stamp(as_of)), "rep_id"].astype("str"))
    seats = fill_seats(
        targets, reps, settings, decisions=made, left=left, contacts=now,
        deals=tables.get("opportunities"), teams=tables.get("opportunity_teams"),
        splits=tables.get("splits"),
    )  # fmt: skip
    has_activities = tables.get("activities") is not None
    seats = _with_colleagues(seats, contact_by_colleague(now), has_activities=has_activities)
    targets = _with_team(targets, seats, who)
    targets = targets.merge(_outlooks(made, settings), on="account_id", how="left")
    targets["outlook_count"] = targets["outlook_count"].fillna(0)
    contact = contact_by_account(now, before, tables.get("contacts"))
    targets = _with_contact(targets, contact, has_activities=has_activities)
    targets["account_name"] = targets["account_id"].map(company)
    targets["rep_name"] = named(targets["rep_id"], who)
    targets["flags"] = _flags(targets, has_activities=has_activities)
    return AccountTeams(
        targets=table("territory_account_targets").conform(targets),
        seats=table("territory_account_teams").conform(seats),
        notes=tuple(notes),
    )


def _notes(tables: Mapping[str, pd.DataFrame | None], decisions: pd.DataFrame | None) -> list[str]:
    says = {
        "key_accounts": "no key accounts: targets are the largest accounts of each rep",
        "opportunity_teams": "no deal teams (opportunity_teams): colleagues on deals are not known",
        "activities": "no activities: who has contact with a target, and how much, is not known",
        "contacts": "no contacts: executives among the people met are not known",
    }
    notes = [text_ for name, text_ in says.items() if tables.get(name) is None]
    if decisions is None or decisions.empty:
        notes.append("no decisions on account teams: no seat is filled by hand, no outlook given")
    if tables.get("opportunity_teams") is not None and tables.get("opportunities") is None:
        notes.append("deal teams without opportunities: their accounts are not known")
    return notes


def _targets(
    plan: pd.DataFrame,
    key_accounts: pd.DataFrame | None,
    settings: TerritoryDecisionsSettings,
    notes: list[str],
) -> pd.DataFrame:
    """Give the most important accounts of each rep: key accounts, then the largest."""
    owned = plan[text(plan, "rep_id").notna()].drop_duplicates("account_id")
    rows = pd.DataFrame({
        "account_id": owned["account_id"].astype("str"), "rep_id": text(owned, "rep_id"),
        "potential": number(owned, "potential"), "acv": number(owned, "acv"),
    })  # fmt: skip
    keys: set[str] = set()
    if key_accounts is not None and "is_key" in key_accounts:
        keys = set(key_accounts.loc[flag(key_accounts, "is_key"), "account_id"].astype("str"))
    rows["is_key"] = rows["account_id"].isin(keys)
    basis = next((name for name in ("potential", "acv") if rows[name].notna().any()), "")
    if basis != "potential":
        notes.append(f"no potential: the largest accounts are taken by {basis or 'their id'}")
    rows["size"] = rows[basis].fillna(-1.0) if basis else 0.0
    rows = rows.sort_values(
        ["rep_id", "is_key", "size", "account_id"], ascending=[True, False, False, True],
        kind="stable",
    )  # fmt: skip
    rows["rank"] = rows.groupby("rep_id").cumcount() + 1
    rows = rows[rows["is_key"] | (rows["rank"] <= settings.team_targets)].reset_index(drop=True)
    size = rows["rank"].astype("str") + f". of the rep by {basis or 'id'}"
    rows["importance"] = size.mask(rows["is_key"], "key account")
    return rows


def _in_time(decisions: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    """Give the decisions in force on a day, the oldest first; the latest per seat counts."""
    if decisions is None or decisions.empty:
        return pd.DataFrame(columns=["account_id", "seat", "rep_id", "person_name", "outlook",
                                     "who", "when"])  # fmt: skip
    require_columns("override_account_teams", decisions, ["account_id"])
    begins = day(decisions, "effective_from").fillna(day(decisions, "when"))
    ends = day(decisions, "effective_to")
    holds = ~(begins > as_of) & ~(ends < as_of)
    replaced = set(text(decisions, "supersedes")[~(begins > as_of)].dropna())
    holds &= ~text(decisions, "decision_id").isin(replaced)
    made = decisions[holds].assign(when=day(decisions, "when"))
    by = [name for name in ("when", "decision_id") if name in made]
    return made.sort_values(by, kind="stable")


def _with_team(targets: pd.DataFrame, seats: pd.DataFrame, who: dict[str, str]) -> pd.DataFrame:
    """Add how many seats are filled, and the sponsor."""
    by = seats.groupby("account_id")["seat"].nunique()
    filled = seats[~seats["is_gap"]].groupby("account_id")["seat"].nunique()
    sponsor = seats[seats["is_sponsor"] & ~seats["is_gap"]].drop_duplicates("account_id")
    words = [
        with_id(ident, who) if pd.notna(ident) else str(name)
        for ident, name in zip(sponsor["person_id"], sponsor["person_name"], strict=True)
    ]
    named_sponsor = pd.Series(words, index=sponsor["account_id"], dtype="str")
    counts = targets["account_id"].map(by).fillna(0).astype("int64")
    full = targets["account_id"].map(filled).fillna(0).astype("int64")
    found = targets["account_id"].map(named_sponsor).astype("str")
    return targets.assign(seat_count=counts, filled_count=full, gap_count=counts - full,
                          sponsor=found, is_sponsor_missing=found.isna())  # fmt: skip


def _with_colleagues(
    seats: pd.DataFrame, met: pd.DataFrame, *, has_activities: bool
) -> pd.DataFrame:
    """Add how much contact each colleague had; unknown without activities, not 0."""
    keys = pd.MultiIndex.from_frame(seats[["account_id", "person_id"]].astype("object"))
    seats = seats.assign(**{str(name): met[name].reindex(keys).to_numpy() for name in met})
    if has_activities:
        seats["contact_count"] = seats["contact_count"].fillna(0).where(seats["person_id"].notna())
    return seats


def _with_contact(
    targets: pd.DataFrame, contact: pd.DataFrame, *, has_activities: bool
) -> pd.DataFrame:
    """Add amount and quality of contact; no contact is 0 only where there are activities."""
    targets = targets.join(contact, on="account_id")
    if has_activities:
        counts = ["contact_count", "contact_count_before", "meeting_count", "person_count",
                  "colleague_count"]  # fmt: skip
        targets[counts] = targets[counts].fillna(0)
    return targets


def _outlooks(decisions: pd.DataFrame, settings: TerritoryDecisionsSettings) -> pd.DataFrame:
    """Give how many people gave an outlook per account, its median, and whether they agree."""
    given = decisions.assign(
        outlook=number(decisions, "outlook"), who=text(decisions, "who").fillna("unnamed"),
        account_id=decisions["account_id"].astype("str"),
    )  # fmt: skip
    given = given[given["outlook"].notna()].drop_duplicates(["account_id", "who"], keep="last")
    grouped = given.groupby("account_id")["outlook"]
    table = pd.DataFrame({
        "outlook_count": grouped.size(), "outlook": grouped.median(),
        "outlook_spread": grouped.max() - grouped.min(),
    })  # fmt: skip
    agreed = table["outlook_spread"].le(settings.outlook_spread + 1e-12).astype("boolean")
    table["is_agreed"] = agreed.where(table["outlook_count"] >= 2)
    return table.reset_index()


def _flags(targets: pd.DataFrame, *, has_activities: bool) -> list[str]:
    """Say what is missing at each target."""
    agreed = targets["is_agreed"].astype("boolean")
    checks = [
        (targets["is_sponsor_missing"].astype(bool), "no executive sponsor"),
        (targets["gap_count"] > 0, "seats without a name"),
        (targets["outlook_count"].lt(2), "outlook of fewer than two people"),
        (agreed.eq(other=False).fillna(value=False).astype(bool), "outlooks do not agree"),
    ]
    if has_activities:
        count, before = targets["contact_count"], targets["contact_count_before"]
        executives = targets["executive_count"].astype("Float64").eq(0).fillna(value=False)
        checks += [
            (count.eq(0), "no contact in the window"),
            (count.gt(0) & count.lt(before), "less contact than in the window before"),
            (count.gt(0) & executives.astype(bool), "no executive of the customer was met"),
        ]
    hits = zip(*(list(hit) for hit, _ in checks), strict=True)
    return [
        "; ".join(word for on, (_, word) in zip(row, checks, strict=True) if on) for row in hits
    ]
