"""The duties of the regional key-account directors as a checklist with status and evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.key_accounts.coverage import director_ids, is_active
from planlib.key_accounts.duty_entries import entry_expired, entry_in_time
from planlib.key_accounts.supply import logged_evidence, recent_requests
from planlib.pipeline.money import known, to_cents
from planlib.pipeline.presales import is_presales, request_origins
from planlib.settings.key_account_lines import DirectorDuty, KeyAccountLinesSettings
from planlib.tables import table

_NO_LOCAL = ("no owner", "open seat", "owner has left", "no local rep")
Found = tuple[bool | None, str]
_PARTIAL = ("presales_help",)  # not every help leaves a trace in the data: the log counts as well
_NOTHING: Found = (None, "nothing in the data shows it: a person's entry counts")


@dataclass(frozen=True, kw_only=True)
class DutyInputs:
    """
    What the status of duties is read from.

    ``coverage`` and ``ledger`` are tables of this step, ``ledger`` of the fiscal year so far;
    every other frame may be None. ``year_targets`` holds the target of each rep for the year
    (``rep_id``, ``target_amount``), ``gates`` what ``planlib.projects.open_gates`` gives,
    ``tasks`` the decisions of kind ``director_tasks`` in force.
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
    support_requests: pd.DataFrame | None = None
    tasks: pd.DataFrame | None = None

    def accounts_of(self, director: str) -> pd.DataFrame:
        """Give the key accounts that a director leads."""
        return self.coverage[self.coverage["director_id"] == director]

    def team_of(self, director: str) -> list[str]:
        """Give the active reps whom a director leads functionally."""
        mine = (self.reps["functional_manager_id"] == director) & is_active(self.reps, self.as_of)
        return sorted(set(self.reps.loc[mine, "rep_id"]) - {director})

    def requests(self, director: str, days: int) -> pd.DataFrame | None:
        """Give recent requests for support of the key accounts that a director leads."""
        ids = self.accounts_of(director)["account_id"]
        return recent_requests(self.support_requests, ids, days, self.as_of)

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

    A person's entry in time wins; else what the data show; else what the director's log shows;
    else the status is not known.

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
            entry = entry_in_time(entries, director, duty, inputs.as_of)
            done, evidence, origin = _shown(inputs, director, duty)
            who, when = "", pd.NaT
            if entry is not None:
                read = "" if done is None else evidence if origin == "log" else f"data: {evidence}"
                evidence = f"{entry['why']} ({read})" if read else entry["why"]
                done, origin, who = bool(entry["is_done"]), "person", entry["who"]
                when = entry["when"]
            late = None if done else entry_expired(entries, director, duty, inputs.as_of)
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


def _shown(inputs: DutyInputs, director: str, duty: DirectorDuty) -> tuple[bool | None, str, str]:
    """Give what data show of a duty, else what the log shows, and which of them says so."""
    done, evidence = _READ.get(duty.key, _nothing)(inputs, director, duty.days)
    logged, text = logged_evidence(inputs.tasks, director, duty.log_kinds, duty.days, inputs.as_of)
    if logged and not done and duty.key in _PARTIAL:
        return True, f"{text}; {evidence}", "log"
    if done is not None:
        return done, f"{evidence}; {text}" if text else evidence, "data"
    return (None, evidence, "no data") if logged is None else (logged, text, "log")


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
        return decided == len(passed), text + _called_up(inputs, director, days)
    deals = inputs.opportunities
    if deals is None or deals["review_status"].isna().all():
        return _NOTHING
    mine = deals["account_id"].isin(inputs.accounts_of(director)["account_id"])
    pending = deals[mine & ~deals["is_closed"].fillna(False).astype(bool)]
    judged = int(pending["review_status"].isin(["reviewed", "rejected"]).sum())
    text = f"{judged} of {len(pending)} open deals of key accounts reviewed"
    return judged == len(pending), text


def _called_up(inputs: DutyInputs, director: str, days: int) -> str:
    """Say how many requests called up delivery; nothing where there is no table of requests."""
    asked = inputs.requests(director, days)
    if asked is None:
        return ""
    delivery = asked[asked["support_line"] == "delivery"]
    served = int(delivery["status"].isin(["served", "running"]).sum())
    return f"; requests for delivery in {days} days: {len(delivery)}, of which {served} served"


def _presales(inputs: DutyInputs, director: str, days: int) -> Found:
    acts, asked = inputs.contacts(director, days), inputs.requests(director, days)
    texts: list[str] = []
    helped, is_known = 0, acts is not None
    if acts is not None:
        early = acts[acts["opportunity_id"].isna()]
        helped += len(early)
        texts.append(
            f"{len(early)} contacts of the functional line before a deal with "
            f"{early['account_id'].nunique()} key accounts in {days} days"
        )
    if asked is not None:
        before = asked[is_presales(request_origins(asked, inputs.opportunities))]
        served = int(before["status"].isin(["served", "running"]).sum())
        helped, is_known = helped + served, is_known or len(before) > 0
        texts.append(f"{served} of {len(before)} requests for support before a deal served")
    if not is_known:
        return None, "no activities, and nobody asked for support before a deal: not known"
    return helped > 0, "; ".join(texts)


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
    region = inputs.reps.loc[inputs.reps["rep_id"] == director, "region"].dropna().iloc[0]
    wanted = inputs.settings.partners_of(str(region))
    if not wanted:
        return None, "no kind of partner is expected in the region (key_account_lines)"
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
