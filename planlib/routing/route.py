"""Route leads: one call from leads, reps and a policy to decisions, their trace and the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.routing.decisions import decision_rows, state_rows
from planlib.routing.engine import Outcome, State, decide, start_state
from planlib.routing.known import Frames, know_leads
from planlib.routing.people import Crew, gather_crew
from planlib.routing.persons import is_among, link_persons, person_keys
from planlib.routing.prepare import Ready, make_ready
from planlib.routing.scoring import LeadScore
from planlib.routing.shifts import hand_over
from planlib.routing.skills import near_misses, plain_skills
from planlib.routing.units import unit_findings, with_units
from planlib.routing.zones import to_utc
from planlib.settings.routing import COMPARED_ONLY, POLICIES, RoutingSettings
from planlib.settings.segmentation import SegmentationSettings
from planlib.tables import require_columns, table

#: Tables that improve routing; each may be absent.
TABLES = ("accounts", "territories", "key_accounts", "campaigns", "opportunities", "availability",
          "holidays", "meetings", "segments")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Routing:
    """
    What the router decided.

    Parameters
    ----------
    decisions
        Table ``lead_routes``: one row per lead given, in their order.
    state
        Table ``routing_state`` after the run.
    matches, completeness
        Tables ``lead_matches`` and ``lead_completeness``.
    score
        Scores of the leads with their accuracy.
    crew
        Reps who could get a lead.
    refused
        Rows that were not taken, with the reason: ``row``, ``lead_id``, ``reason``.
    findings
        What is odd or assumed, in sentences.
    policy, as_of
        Policy, and the day until which the data count.
    ready, start, outcome, leads
        What a replay and a "why not me" run again.
    """

    decisions: pd.DataFrame = field(repr=False)
    state: pd.DataFrame = field(repr=False)
    matches: pd.DataFrame = field(repr=False)
    completeness: pd.DataFrame = field(repr=False)
    score: LeadScore = field(repr=False)
    crew: Crew = field(repr=False)
    refused: pd.DataFrame = field(repr=False)
    findings: tuple[str, ...]
    policy: str
    as_of: date
    settings: RoutingSettings = field(repr=False)
    plan_zone: str = "UTC"
    ready: Ready = field(repr=False)
    start: State = field(repr=False)
    outcome: Outcome = field(repr=False)
    leads: pd.DataFrame = field(repr=False)


def route(
    leads: pd.DataFrame,
    reps: pd.DataFrame,
    policy: str = "",
    *,
    settings: RoutingSettings,
    as_of: date,
    tables: Frames | None = None,
    past: pd.DataFrame | None = None,
    ranking: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
    state: pd.DataFrame | None = None,
    handed_at: pd.Timestamp | None = None,
    segmentation: SegmentationSettings | None = None,
    plan_zone: str = "UTC",
    weekend: tuple[int, ...] = (6, 7),
    seed: int = 0,
) -> Routing:
    """
    Decide who gets each lead.

    Only ``leads`` (``lead_id``) and ``reps`` (``rep_id``) are needed. A lead is decided at the
    time at which it came in; one that nobody can take within the longest wait, or whose time is
    missing or after the as-of date, goes to the catch-all with the reason.

    Parameters
    ----------
    leads
        Table ``leads``. A repeated ``lead_id`` is refused by name; the first row counts.
    reps
        Table ``reps``.
    policy
        One of ``planlib.settings.routing.POLICIES`` but those for comparison only; blank takes
        ``settings.policy``.
    settings
        Section ``routing`` of plan.yaml.
    as_of
        Day until whose end the data count.
    tables
        Any of ``TABLES`` by name. Times of ``meetings`` are in the plan's time zone.
    past
        Leads from which the score is learnt; by default ``leads``.
    ranking
        ``rep_id``, ``tier``, ``score`` and ``score_sd`` (mean and standard deviation of the win
        rate); None: all reps are equal.
    earlier
        Table ``lead_routes`` of earlier runs. A lead that is in it keeps its rep, unless the
        deadline for the answer has passed: then it goes to somebody else.
    state
        Table ``routing_state`` of the run before.
    handed_at
        When the decisions reach the reps, in the plan's time zone; leads that have waited longer
        than the deadline by then are decided anew from there (``hand_over``). None: a replay.
    segmentation
        Rules by which a lead without an account has a business unit; None: it has none.
    plan_zone, weekend, seed
        Of the plan.

    Returns
    -------
    Routing
        Table ``lead_routes`` with rule and reason of each lead, ``routing_state`` for the next run,
        and what a replay and "why not me" need.

    Raises
    ------
    TableError
        If a required column is missing, the policy is for comparison only or not known, or every
        weight is zero.
    """
    policy = _policy(policy or settings.policy)
    settings = settings.model_copy(update={"policy": policy})
    require_columns("leads", leads, ["lead_id"])
    given: Frames = tables or {}
    past = None if past is None else table("leads").conform(past)
    shaped, refused = _once(table("leads").conform(leads))
    crew = gather_crew(reps, settings, pd.Timestamp(as_of), ranking=ranking, plan_zone=plan_zone)
    known = know_leads(shaped, past, given, settings, as_of=as_of, plan_zone=plan_zone)
    rich, score = known.leads, known.score
    meetings = _meetings(given.get("meetings"), plan_zone)
    rich = _void(rich, meetings, settings, as_of)
    rich, kept, credits, old = _with_earlier(rich, earlier, settings, as_of, plan_zone)
    rich = _with_persons(rich, kept, earlier, past, crew=crew, settings=settings)
    rich = with_units(rich, crew, given, settings, rules=segmentation, as_of=as_of)
    if handed_at is not None:
        moment = to_utc(pd.Series([handed_at]), plan_zone).iloc[0]
        rich = hand_over(rich, ~kept & rich["blocked"].eq(""), moment, settings)
    ready = make_ready(
        rich[~kept], crew, settings, seed=seed, accounts=given.get("accounts"),
        availability=given.get("availability"), holidays=given.get("holidays"),
        meetings=meetings, weekend=weekend, peers=score.peers,
    )  # fmt: skip
    start = start_state(ready, crew.people["rep_id"], list(settings.grade_shares), earlier=old,
                        state=state, credits=credits)  # fmt: skip
    outcome = decide(ready, start, policy, floor_share=settings.floor_share, waits=_waits(settings))
    return Routing(
        decisions=decision_rows(
            rich, kept, ready, outcome, crew=crew, settings=settings, policy=policy,
            plan_zone=plan_zone, earlier=earlier,
        ),
        state=state_rows(crew, ready, outcome), matches=known.matches,
        completeness=known.completeness, score=score, crew=crew, refused=refused,
        findings=(*crew.findings, *_findings(rich, given, crew, score),
                  *_skill_findings(rich, crew, settings), *unit_findings(rich),
                  *_credit_findings(ready, outcome)),
        policy=policy, as_of=as_of, settings=settings, plan_zone=plan_zone, ready=ready,
        start=start, outcome=outcome, leads=rich,
    )  # fmt: skip


def waiting_leads(leads: pd.DataFrame, settings: RoutingSettings, as_of: date) -> pd.DataFrame:
    """
    Give the leads that still need an answer.

    Parameters
    ----------
    leads
        Table ``leads``.
    settings
        Section ``routing``: ``open_days`` and ``closed_statuses``.
    as_of
        Day until whose end the data count.

    Returns
    -------
    DataFrame
        Rows of ``leads`` without a first response that are not closed and not older than
        ``open_days``, in their order.
    """
    rows, old = _unanswered(leads, settings, as_of)
    return rows[~old].reset_index(drop=True)


def left_leads(leads: pd.DataFrame, settings: RoutingSettings, as_of: date) -> pd.DataFrame:
    """
    Give the leads that nobody answered or closed, and that are too old to be routed.

    Parameters
    ----------
    leads, settings, as_of
        See ``waiting_leads``.

    Returns
    -------
    DataFrame
        Rows of ``leads`` like those of ``waiting_leads``, but older than ``open_days``.
    """
    rows, old = _unanswered(leads, settings, as_of)
    return rows[old].reset_index(drop=True)


def _unanswered(
    leads: pd.DataFrame, settings: RoutingSettings, as_of: date
) -> tuple[pd.DataFrame, pd.Series]:
    """Give the leads without an answer that are not closed, and which are older than the limit."""
    rows = table("leads").conform(leads)
    rows = rows[rows["first_response_at"].isna() & ~_closed(rows, settings.closed_statuses)]
    since = pd.Timestamp(as_of) - pd.Timedelta(days=settings.open_days)
    return rows, rows["created_at"] < since


def _policy(policy: str) -> str:
    allowed = [one for one in POLICIES if one not in COMPARED_ONLY]
    if policy not in allowed:
        why = "is for comparison in the simulator only" if policy in POLICIES else "is not known"
        raise TableError("leads", [f"policy '{policy}' {why}; allowed: {', '.join(allowed)}"])
    return policy


def _waits(settings: RoutingSettings) -> tuple[int, int]:
    return settings.wait_hours * 60, settings.owner_wait_hours * 60


def _once(leads: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refuse leads without an id and repeated ids."""
    blank = leads["lead_id"].isna()
    double = leads["lead_id"].duplicated() & ~blank
    bad = blank | double
    refused = pd.DataFrame({
        "row": np.flatnonzero(bad) + 1,
        "lead_id": leads.loc[bad, "lead_id"].fillna("").to_numpy(),
        "reason": np.where(blank[bad], "lead_id is blank",
                           "lead_id repeats; the first row counts"),
    })  # fmt: skip
    return leads[~bad].reset_index(drop=True), refused


def _with_earlier(
    leads: pd.DataFrame, earlier: pd.DataFrame | None, settings: RoutingSettings, as_of: date,
    plan_zone: str,
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame | None, pd.DataFrame | None]:  # fmt: skip
    """Tell which leads keep their rep, which go to somebody else, and which turns come back."""
    none = pd.Series(pd.NA, index=leads.index, dtype="str")
    if earlier is None or earlier.empty:
        return leads.assign(not_rep=none), pd.Series(False, index=leads.index), None, None
    last = earlier.drop_duplicates("lead_id", keep="last").set_index("lead_id")
    ids = leads["lead_id"]
    before, due = ids.map(last["rep_id"]), ids.map(last["respond_by"])
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    closed = _closed(leads, settings.closed_statuses)
    silent = leads["first_response_at"].isna() & ~closed
    late = before.notna() & silent & (due < end)
    known = ids.isin(last.index) & leads["blocked"].eq("")
    kept = known & before.notna() & ~late
    moment = leads["at"].where(~late, to_utc(due[late], plan_zone).reindex(leads.index))
    credited = last["is_credited"].fillna(False).astype(bool)
    back = leads[leads["is_void"] & kept]
    back = back[~back["lead_id"].map(credited).astype(bool)]
    credits = last.loc[back["lead_id"], ["rep_id", "policy"]]
    open_ids = set(ids[kept & silent])
    gone = set(ids[late])
    old = last.reset_index()
    old = old[old["rep_id"].notna() & ~old["lead_id"].isin(gone)].reset_index(drop=True)
    old = old.assign(
        ready_utc=to_utc(old["ready_at"].fillna(old["decided_at"]), plan_zone),
        is_open=old["lead_id"].isin(open_ids),
    )  # fmt: skip
    return leads.assign(at=moment, not_rep=before.where(late).astype("str")), kept, credits, old


def _with_persons(
    leads: pd.DataFrame, kept: pd.Series, earlier: pd.DataFrame | None, past: pd.DataFrame | None,
    *, crew: Crew, settings: RoutingSettings,
) -> pd.DataFrame:  # fmt: skip
    """Give the earlier lead of the same person, of this run, an earlier one or the CRM."""
    names = ["lead_id", "person_key", "created_at", "rep_id"]
    parts = [pd.DataFrame({name: leads[:0].get(name, leads["lead_id"][:0]) for name in names})]
    if earlier is not None and len(earlier) and "person_key" in earlier.columns:
        last = earlier.drop_duplicates("lead_id", keep="last")
        again = is_among(last["lead_id"], leads.loc[~kept, "lead_id"])
        came = last.get("created_at", last["decided_at"]).fillna(last["decided_at"])
        parts.append(last[~again].assign(created_at=came)[names])
    if past is not None:
        known = past[past["owner_id"].isin(crew.people["rep_id"]) & past["email"].notna()
                     & ~is_among(past["lead_id"], leads["lead_id"])]  # fmt: skip
        parts.append(known.assign(person_key=person_keys(known["email"]),
                                  rep_id=known["owner_id"])[names])  # fmt: skip
    known = pd.concat([one for one in parts if len(one)] or parts[:1], ignore_index=True)
    return leads.assign(**link_persons(leads, known, crew.people["rep_id"],
                                       settings.duplicate_days))  # fmt: skip


def _void(
    leads: pd.DataFrame, meetings: pd.DataFrame | None, settings: RoutingSettings, as_of: date
) -> pd.DataFrame:
    """Tell which leads give the turn back, and when where it is known: nobody came, ever."""
    by_status = leads["status"].isin(settings.credit_statuses)
    never = pd.Series(pd.NaT, index=leads.index, dtype="datetime64[us]")
    if meetings is None or not {"lead_id", "outcome"} <= set(meetings.columns):
        return leads.assign(is_void=by_status, void_at=never)
    past = meetings[meetings["end_at"] < pd.Timestamp(as_of) + pd.Timedelta(days=1)]
    held = past.loc[past["outcome"] == "held", "lead_id"]
    missed = past[(past["outcome"] == "no_show") & ~past["lead_id"].isin(held)]
    first = missed.groupby("lead_id")["end_at"].min()
    void_at = leads["lead_id"].map(first) if len(first) else never
    return leads.assign(is_void=by_status | void_at.notna(), void_at=void_at)


def _closed(leads: pd.DataFrame, statuses: list[str]) -> pd.Series:
    return leads["status"].isin(statuses) | leads["is_converted"].fillna(False).astype(bool)


def _meetings(meetings: pd.DataFrame | None, plan_zone: str) -> pd.DataFrame | None:
    if meetings is None or meetings.empty:
        return None
    return meetings.assign(start_at=to_utc(meetings["start_at"], plan_zone),
                           end_at=to_utc(meetings["end_at"], plan_zone))  # fmt: skip


def _skill_findings(leads: pd.DataFrame, crew: Crew, settings: RoutingSettings) -> list[str]:
    """Name industries of leads that look like a skill but are not spelt as one."""
    if settings.skills == "off" or not crew.known_skills:
        return []
    return near_misses(plain_skills(leads["industry"], settings.skill_synonyms), crew.known_skills)


def _credit_findings(ready: Ready, outcome: Outcome) -> list[str]:
    back = int((outcome.rep[ready.leads["credit_of"]] >= 0).sum())
    return [f"{back} leads had a meeting to which nobody came: the turn went back to the rep"] if (
        back) else []  # fmt: skip


def _findings(leads: pd.DataFrame, tables: Frames, crew: Crew, score: LeadScore) -> list[str]:
    """Say what was assumed."""
    found = []
    assumed = leads["zone_source"].ne("given")
    if assumed.any():
        plan = int(leads["zone_source"].eq("plan").sum())
        found.append(f"{int(assumed.sum())} leads have no time zone: assumed from their place, "
                     f"{plan} of them from the plan as no place is known")  # fmt: skip
    if not crew.is_ranked:
        found.append("no ranking of reps (tables rep_scores, rep_tiers): all reps are equal, "
                     "and the one who had the fewest leads comes first")  # fmt: skip
    if score.missing:
        found.append(f"no lead score, so no grades: {score.missing}")
    if tables.get("availability") is None and tables.get("meetings") is None:
        found.append("no availability and no meetings: reps are assumed present in working hours")
    elif tables.get("meetings") is None:
        found.append("no meetings: reps are assumed free in working hours, but for days away")
    calendars = set(crew.people["calendar"].dropna())
    if tables.get("holidays") is None:
        found.append("no table holidays: only weekends are off")
    else:
        missing = sorted(calendars - set(tables["holidays"]["calendar"]))  # type: ignore[index]
        if missing:
            found.append(f"no holidays for calendar {', '.join(missing)}: only weekends are off")
    if crew.people["calendar"].isna().any():
        count = int(crew.people["calendar"].isna().sum())
        found.append(f"{count} reps name no holiday calendar: only weekends are off for them")
    return found
