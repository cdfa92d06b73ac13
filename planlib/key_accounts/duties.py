"""The duties of the regional key-account directors as a checklist with status and evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.key_accounts.coverage import director_ids, is_active
from planlib.key_accounts.findings import rows_found
from planlib.pipeline.money import known, to_cents
from planlib.settings.key_account_lines import DirectorDuty, KeyAccountLinesSettings
from planlib.tables import table

_NO_LOCAL = ("no owner", "open seat", "owner has left", "no local rep")
Found = tuple[bool | None, str]
_NOTHING: Found = (None, "nothing in the data shows it: a person's entry counts")


@dataclass(frozen=True, kw_only=True)
class DutyInputs:
    """
    What the status of duties is read from.

    ``coverage`` and ``ledger`` are tables of this step, ``ledger`` of the fiscal year so far;
    every other frame may be None. ``year_targets`` holds the target of each rep for the year
    (``rep_id``, ``target_amount``), ``gates`` what ``planlib.projects.open_gates`` gives.
    """

    coverage: pd.DataFrame
    reps: pd.DataFrame
    settings: KeyAccountLinesSettings
    as_of: date
    ledger: pd.DataFrame
    year_targets: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    availability: pd.DataFrame | None = None
    partners: pd.DataFrame | None = None
    gates: pd.DataFrame | None = None

    def accounts_of(self, director: str) -> pd.DataFrame:
        """Give the key accounts that a director leads."""
        return self.coverage[self.coverage["director_id"] == director]

    def team_of(self, director: str) -> list[str]:
        """Give the active reps whom a director leads functionally."""
        mine = (self.reps["functional_manager_id"] == director) & is_active(self.reps, self.as_of)
        return sorted(set(self.reps.loc[mine, "rep_id"]) - {director})

    def contacts(self, director: str, days: int) -> pd.DataFrame | None:
        """Give recent contacts of a director, or of his team with accounts they do not own."""
        if self.activities is None:
            return None
        acts = self.activities
        until = pd.Timestamp(self.as_of)
        recent = acts["activity_date"].between(until - pd.Timedelta(days=days), until)
        by_person = ~acts["is_automatic"].fillna(False).astype(bool)
        keys = self.accounts_of(director)
        acts = acts[recent & by_person & acts["account_id"].isin(keys["account_id"])]
        acts = acts.merge(keys[["account_id", "owner_id"]], "left", "account_id")
        team = acts["rep_id"].isin(self.team_of(director)) & (acts["rep_id"] != acts["owner_id"])
        return acts[team | (acts["rep_id"] == director)]


def duty_checklist(inputs: DutyInputs, entries: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    Give the status of each duty of each regional key-account director.

    A person's entry in time wins; else what the data show; else the status is not known.

    Parameters
    ----------
    inputs
        What the data show.
    entries
        Decisions of kind ``director_duties`` in force, oldest first: ``director_id``, ``duty``,
        ``is_done``, ``who``, ``when``, ``why``.

    Returns
    -------
    DataFrame
        Table ``director_duties``: one row per director and duty, in the order of plan.yaml. A
        duty is late when it is not done now and an entry once said so, but is too old to count.
    """
    active = set(inputs.reps.loc[is_active(inputs.reps, inputs.as_of), "rep_id"])
    rows = []
    for director in director_ids(inputs.reps, inputs.settings):
        if director not in active:
            continue
        for place, duty in enumerate(inputs.settings.duties):
            entry = _entry(entries, director, duty, inputs.as_of)
            done, evidence = _READ.get(duty.key, _nothing)(inputs, director, duty.days)
            origin, who, when = ("no data" if done is None else "data"), "", pd.NaT
            if entry is not None:
                evidence = (
                    f"{entry['why']} (data: {evidence})" if done is not None else entry["why"]
                )
                done, origin, who = bool(entry["is_done"]), "person", entry["who"]
                when = entry["when"]
            late = None if done else _expired(entries, director, duty, inputs.as_of)
            if late is not None:
                evidence = f"{evidence}; last said to be done on {late:%Y-%m-%d}"
            status = "not known" if done is None else ("done" if done else "open")
            rows.append(
                (
                    director,
                    duty.key,
                    place,
                    duty.title or duty.key,
                    status,
                    origin,
                    evidence,
                    who,
                    when,
                    late is not None,
                )
            )
    columns = [
        "director_id",
        "duty",
        "place",
        "title",
        "status",
        "origin",
        "evidence",
        "who",
        "entry_date",
        "is_late",
    ]
    return table("director_duties").check(pd.DataFrame(rows, columns=columns))


def duty_counts(duties: pd.DataFrame) -> pd.DataFrame:
    """
    Count the directors by duty and status.

    Parameters
    ----------
    duties
        Table ``director_duties``.

    Returns
    -------
    DataFrame
        ``title``, ``done_count``, ``open_count``, ``late_count`` (of those not done, said to be
        done once), ``unknown_count``, in the order of the checklist.
    """
    status, late = duties["status"], duties["is_late"].fillna(False).astype(bool)
    counts = pd.DataFrame(
        {
            "place": duties["place"],
            "title": duties["title"],
            "done_count": (status == "done").astype(int),
            "open_count": (status == "open").astype(int),
            "late_count": late.astype(int),
            "unknown_count": (status == "not known").astype(int),
        }
    )
    found = counts.groupby(["place", "title"], as_index=False).sum()
    return found.drop(columns="place")


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


def _entry(
    entries: pd.DataFrame | None, director: str, duty: DirectorDuty, as_of: date
) -> pd.Series | None:
    if entries is None or entries.empty:
        return None
    age = (pd.Timestamp(as_of) - entries["when"]).dt.days
    mine = (entries["director_id"] == director) & (entries["duty"] == duty.key)
    found = entries[mine & (age >= 0) & (age <= duty.days)]
    return None if found.empty else found.iloc[-1]


def _expired(
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


def _nothing(inputs: DutyInputs, director: str, days: int) -> Found:
    return _NOTHING


def _projects(inputs: DutyInputs, director: str, days: int) -> Found:
    """Read the records of go and no go; without them, the reviews of open deals."""
    if inputs.gates is not None:
        ids = inputs.accounts_of(director)["account_id"]
        passed = inputs.gates[inputs.gates["account_id"].isin(ids)]
        if passed.empty:
            return None, "no open project of these key accounts has passed a gate"
        decided = int((passed["gate"] != "missing").sum())
        text = f"{decided} of {len(passed)} open projects have the go or no go of their last gate"
        return decided == len(passed), text
    deals = inputs.opportunities
    if deals is None or deals["review_status"].isna().all():
        return _NOTHING
    mine = deals["account_id"].isin(inputs.accounts_of(director)["account_id"])
    pending = deals[mine & ~deals["is_closed"].fillna(False).astype(bool)]
    judged = int(pending["review_status"].isin(["reviewed", "rejected"]).sum())
    text = f"{judged} of {len(pending)} open deals of key accounts reviewed"
    return judged == len(pending), text


def _presales(inputs: DutyInputs, director: str, days: int) -> Found:
    acts = inputs.contacts(director, days)
    if acts is None:
        return None, "no activities: not known"
    early = acts[acts["opportunity_id"].isna()]
    text = (
        f"{len(early)} contacts of the functional line before a deal with "
        f"{early['account_id'].nunique()} key accounts in {days} days"
    )
    return len(early) > 0, text


def _partners_of(inputs: DutyInputs, director: str) -> pd.DataFrame | None:
    """Give the partners of a director's region, None where either is not known."""
    regions = inputs.reps.loc[inputs.reps["rep_id"] == director, "region"].dropna()
    if inputs.partners is None or regions.empty:
        return None
    return inputs.partners[inputs.partners["region"].isin(regions)]


def _partners(inputs: DutyInputs, director: str, days: int) -> Found:
    mine = _partners_of(inputs, director)
    if mine is None:
        return None, "no partners, or the director's region: not known"
    counts = mine["kind"].value_counts()
    wanted = inputs.settings.expected_partners
    text = ", ".join(f"{int(counts.get(kind, 0))} {kind.replace('_', ' ')}" for kind in wanted)
    return all(counts.get(kind, 0) > 0 for kind in wanted), f"partners of the region: {text}"


def _network(inputs: DutyInputs, director: str, days: int) -> Found:
    mine = _partners_of(inputs, director)
    if mine is None:
        return None, "no partners, or the director's region: not known"
    active = inputs.reps.loc[is_active(inputs.reps, inputs.as_of), "rep_id"]
    led = int(mine["owner_id"].isin(active).sum())
    text = f"{led} of {len(mine)} partners of the region have a person responsible who is here"
    return (led == len(mine) and len(mine) > 0), text


def _training(inputs: DutyInputs, director: str, days: int) -> Found:
    team = inputs.team_of(director)
    if inputs.availability is None or not team:
        return None, "no record of training of a team: not known"
    until = pd.Timestamp(inputs.as_of)
    rows = inputs.availability
    inside = rows["start_date"].between(until - pd.Timedelta(days=days), until)
    trained = rows.loc[inside & (rows["kind"] == "training"), "rep_id"]
    count = len(set(team) & set(trained))
    text = f"{count} of {len(team)} reps of the functional line trained in {days} days"
    return count / len(team) >= inputs.settings.trained_share, text


def _gap_filling(inputs: DutyInputs, director: str, days: int) -> Found:
    mine = inputs.accounts_of(director)
    if mine.empty:
        return None, "leads no key account"
    gaps = mine["gaps"].fillna("")
    weak = mine[gaps.map(lambda text: any(word in text for word in _NO_LOCAL))]
    if weak.empty:
        return True, f"none of {len(mine)} key accounts lacks a local rep"
    acts = inputs.contacts(director, days)
    own = set() if acts is None else set(acts.loc[acts["rep_id"] == director, "account_id"])
    own |= set(weak.loc[weak["owner_id"] == director, "account_id"])
    served = int(weak["account_id"].isin(own).sum())
    text = f"key accounts without a local rep: {len(weak)}, served in person: {served}"
    return served == len(weak), text


def _number(inputs: DutyInputs, director: str, days: int) -> Found:
    mine = inputs.ledger[inputs.ledger["rep_id"] == director]
    credited = int(known(to_cents(mine["credited_amount"])).sum()) / 100
    so_far = f"credited {credited:,.0f} this year so far"
    targets = inputs.year_targets
    own = (
        None
        if targets is None
        else targets[targets["rep_id"] == director]["target_amount"].dropna()
    )
    if own is None or own.empty:
        return False, f"no target of the year in the director's name; {so_far}"
    return True, f"a target of the year stands in the director's name; {so_far}"


def _care(inputs: DutyInputs, director: str, days: int) -> Found:
    acts = inputs.contacts(director, days)
    mine = inputs.accounts_of(director)
    if acts is None or mine.empty:
        return None, "no activities, or no key account: not known"
    met = acts["account_id"].nunique()
    text = f"{met} of {len(mine)} key accounts met by the functional line in {days} days"
    return met / len(mine) >= inputs.settings.cared_share, text


_READ: dict[str, Callable[[DutyInputs, str, int], Found]] = {
    "project_approval": _projects,
    "presales_help": _presales,
    "partner_development": _partners,
    "partner_network": _network,
    "training": _training,
    "gap_filling": _gap_filling,
    "number": _number,
    "care": _care,
}
