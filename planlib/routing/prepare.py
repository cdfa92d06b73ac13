"""Leads and reps as arrays for the compiled loop: order, chain, lists, caps, working time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd
from scipy.special import ndtri

from planlib.routing import kernel, loop
from planlib.routing.arrays import Caps, Hours, Leads, Ranks, own
from planlib.routing.people import Crew, territory_lists
from planlib.routing.shifts import (
    Shifts,
    employed_only,
    make_hours,
    make_shifts,
    mark_away,
    meeting_lists,
)
from planlib.routing.skills import plain_skills
from planlib.routing.units import serves, unit_policies
from planlib.settings.routing import RULES, RoutingSettings

#: Numbers of the policies in the loop.
CODES = {
    "best_ranked": loop.BEST, "ranked_by_grade": loop.GRADED, "weighted": loop.WEIGHTED,
    "round_robin": loop.ROUND, "least_loaded": loop.LOADED, "geography": loop.GEOGRAPHY,
    "thompson": loop.THOMPSON, "strict_round_robin": loop.STRICT,
    "cherry_picking": loop.CHERRY, "raw_rank": loop.BEST, "true_skill": loop.BEST,
}  # fmt: skip
NORMAL = ndtri((np.arange(4096) + 0.5) / 4096)
_DAYS_BEFORE = 14  # so that a return from leave is seen
_DAYS_AFTER = 24
Arrays = dict[str, np.ndarray]
_KINDS: dict[str, type[np.generic]] = {
    "at": np.int64, "fixed": np.int32, "same": np.int64, "pool": np.int32, "grade": np.int64,
    "quality_rank": np.float64, "lead_key": np.uint64, "blocked": np.bool_, "exclude": np.int64,
    "policy": np.int64,
    "pool_first": np.int64, "members": np.int32, "credit_at": np.int64, "credit_of": np.int64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ready:
    """
    What the loop needs.

    Parameters
    ----------
    order
        Index labels of the leads in the order in which they are decided.
    leads
        Arrays by lead, in that order.
    shifts
        Working time.
    people
        Arrays by rep.
    caps
        Caps of reps, rules and grades; -1 for none, and who is new.
    territory
        Territory by lead, in order.
    """

    order: pd.Index = field(repr=False)
    leads: Arrays = field(repr=False)
    shifts: Shifts
    people: Arrays = field(repr=False)
    caps: Caps = field(repr=False)
    territory: pd.Series = field(repr=False)
    base: datetime

    @property
    def hours(self) -> Hours:
        """Working time of the reps for the loop."""
        meetings = (self.people["meet_first"], self.people["meet_start"], self.people["meet_end"])
        return make_hours(self.shifts, self.people["away"], meetings)

    @property
    def ranks(self) -> Ranks:
        """Ranks of the reps for the loop, which may change them."""
        mine = {name: own(self.people[name], np.float64) for name in ("score", "sd", "rank")}
        return Ranks(weight=own(self.people["weight"], np.float64), normal=NORMAL, **mine)

    def first_leads(self, count: int, until: int | None = None) -> Leads:
        """
        Give the first leads for the loop, with all lists and the turns that came back.

        Parameters
        ----------
        count
            Number of leads.
        until
            Minute until which turns come back; None: that of the next lead, all after the last.
        """
        found = dict(self.leads)
        for name in ("at", "fixed", "same", "pool", "grade", "quality_rank", "lead_key", "blocked",
                     "exclude", "policy"):  # fmt: skip
            found[name] = found[name][:count]
        if until is None and count < len(self.leads["at"]):
            until = int(self.leads["at"][count])
        if until is not None:
            before = self.leads["credit_at"] <= until
            found |= {name: found[name][before] for name in ("credit_at", "credit_of")}
        return Leads(**{name: own(values, _KINDS[name]) for name, values in found.items()})


def lead_keys(lead_ids: pd.Series, seed: int) -> np.ndarray:
    """Give a number for each lead that depends on its id and the seed alone."""
    key = f"{seed:016d}"[:16]
    return np.asarray(
        pd.util.hash_array(lead_ids.to_numpy(object), hash_key=key, categorize=False)
    ).astype(np.uint64)


def pools_of(
    leads: pd.DataFrame, territory: pd.Series, lists: dict[str, np.ndarray], crew: Crew,
    settings: RoutingSettings,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """
    Give the lists of reps that may get each lead.

    Returns
    -------
    tuple of ndarray
        For each lead the list of its territory and of the policy (-1: none); where each list
        begins; the reps of all lists. A list keeps reps with the lead's skill where some rep of
        the crew has it, with its language where both are known; the first list of a lead those of
        its business unit, where it has one. A unit with a policy of its own has no list of the
        territory, but for policy geography.
    """
    everyone = np.arange(len(crew.people), dtype=np.int32)
    by_territory = unit_policies(leads, settings).fillna("geography").eq("geography")
    wants = pd.DataFrame({
        "territory": territory.where(territory.isin(lists) & by_territory).fillna("")
        if "territory" in settings.chain else "",
        "skill": _wanted_skill(leads, crew, settings) if settings.skills == "require" else "",
        "language": plain_skills(leads["language"]) if settings.languages == "require" else "",
        "unit": leads["unit"].fillna("") if "unit" in leads else "",
    }, index=leads.index)  # fmt: skip
    codes, names = pd.factorize(pd.MultiIndex.from_frame(wants), sort=True)
    members: list[np.ndarray] = []
    pair = np.full((len(names), 2), -1, dtype=np.int32)
    for at, (area, skill, language, unit) in enumerate(names):
        fits = _fits(crew, str(skill), str(language))
        own = serves(crew.people, str(unit)) if unit else fits
        for step, one in ((0, lists.get(str(area)) if area else None), (1, everyone)):
            if one is not None:
                is_first = pair[at, 0] < 0  # the list after a territory is the last resort
                pair[at, step] = len(members)
                mine = one[(fits & own)[one]] if is_first else one[:0]
                members.append(mine if len(mine) else one[fits[one]])
    first = np.zeros(len(members) + 1, dtype=np.int64)
    first[1:] = np.cumsum([len(one) for one in members])
    flat = np.concatenate(members) if members else np.zeros(0, dtype=np.int32)
    return pair[codes], first, flat.astype(np.int32)


def make_ready(
    leads: pd.DataFrame,
    crew: Crew,
    settings: RoutingSettings,
    *,
    seed: int = 0,
    accounts: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    holidays: pd.DataFrame | None = None,
    meetings: pd.DataFrame | None = None,
    weekend: tuple[int, ...] = (6, 7),
    peers: pd.Series | None = None,
) -> Ready:
    """
    Bring leads and reps into arrays.

    Parameters
    ----------
    leads
        ``lead_id``, ``created_at``, ``at`` (UTC, when it is decided), ``blocked`` (text, blank for
        none), ``same_rep``, ``owner_rep``, ``named_rep``, ``not_rep`` (rep_id or NA), ``same_as``
        (lead_id or NA),
        ``grade``, ``chance``, ``country``, ``province``, ``industry``, ``product_id``,
        ``language``, ``void_at`` (UTC, when nobody came to its meeting, or NaT); ``unit`` where
        the lists are to keep to it.
    crew
        Reps who can get leads.
    settings
        Section ``routing``.
    seed
        Seed of the plan.
    accounts, availability, holidays, meetings, weekend
        Tables and days off; times of ``meetings`` in UTC.
    peers
        Chances among which the quality of a lead is ranked; None: those of ``leads``.
    """
    ordered = leads.sort_values(["at", "created_at", "lead_id"], na_position="last")
    times = ordered["at"].dropna()
    start = times.min() if len(times) else pd.Timestamp("2000-01-03")
    end = times.max() if len(times) else start
    base = (start.normalize() - pd.Timedelta(days=_DAYS_BEFORE)).to_pydatetime()
    days = int((end - pd.Timestamp(base)).days) + _DAYS_AFTER
    minutes = (ordered["at"] - pd.Timestamp(base)).dt.total_seconds() // 60
    index, people = crew.index, crew.people
    shifts = make_shifts(
        people, base, days, (settings.work_start, settings.work_end), weekend=weekend,
        holidays=holidays,
    )  # fmt: skip
    away = employed_only(shifts, mark_away(shifts, availability, index), people)
    territory, lists = territory_lists(ordered, people, accounts)
    pool, first, members = pools_of(ordered, territory, lists, crew, settings)
    grades = list(settings.grade_shares)
    lead_arrays = _lead_arrays(ordered, index, grades, peers, seed) | {
        "at": minutes.fillna(minutes.max() if len(times) else 0).to_numpy(np.int64),
        "pool": pool,
        "pool_first": first,
        "members": members,
    }
    policies = unit_policies(ordered, settings)
    lead_arrays["policy"] = policies.map(CODES).fillna(-1).to_numpy(np.int64)
    lead_arrays |= _credits(ordered["void_at"], lead_arrays["at"], base)
    chain = [name in settings.chain for name in ("account_owner", "named_account")]
    lead_arrays["fixed"][:, 1:][:, ~np.array(chain)] = -1
    meet = meeting_lists(meetings, index, base)
    return Ready(
        order=ordered.index, leads=lead_arrays, shifts=shifts, base=base,
        people={**_people_arrays(crew), "away": away, "meet_first": meet[0],
                "meet_start": meet[1], "meet_end": meet[2]},
        caps=_caps(settings, crew, grades, shifts), territory=territory,
    )  # fmt: skip


def _lead_arrays(
    leads: pd.DataFrame, reps: dict[str, int], grades: list[str], peers: pd.Series | None, seed: int
) -> Arrays:
    """Give what is known of each lead, in the order of the leads; -1 where there is none."""
    place = pd.Series(np.arange(len(leads)), index=leads["lead_id"].to_numpy())
    grade = leads["grade"].map({one: at for at, one in enumerate(grades)})
    return {
        "fixed": np.column_stack([
            leads[name].map(reps).fillna(-1).to_numpy(np.int32)
            for name in ("same_rep", "owner_rep", "named_rep")
        ]),
        "same": leads["same_as"].map(place).fillna(-1).to_numpy(np.int64),
        "grade": grade.fillna(-1).to_numpy(np.int64),
        "quality_rank": quality_ranks(leads["chance"], peers),
        "lead_key": lead_keys(leads["lead_id"], seed),
        "blocked": leads["blocked"].ne("").to_numpy(bool),
        "exclude": leads["not_rep"].map(reps).fillna(-1).to_numpy(np.int64),
    }  # fmt: skip


def quality_ranks(chance: pd.Series, peers: pd.Series | None = None) -> np.ndarray:
    """
    Give the rank of each lead by chance among others, 0 the best and 1 the last.

    Parameters
    ----------
    chance
        Chance of each lead; one that is not known is in the middle.
    peers
        Chances of the leads among which the rank is, such as those of the past, so that one lead
        alone has the rank that it has in a file; None or none known: these.
    """
    known = chance.dropna() if peers is None else peers.dropna()
    ordered = np.sort((known if len(known) else chance.dropna()).to_numpy(float))
    seen = chance.to_numpy(float)
    low, high = (np.searchsorted(ordered, seen, side=side) for side in ("left", "right"))
    rank = 1.0 - (low + high) / 2 / max(1, len(ordered))
    return np.asarray(np.where(np.isnan(seen), 0.5, rank))


def _credits(void_at: pd.Series, at: np.ndarray, base: datetime) -> Arrays:
    """Give when turns come back, in order, and of which lead: never before it is decided."""
    minute = (pd.to_datetime(void_at) - pd.Timestamp(base)).dt.total_seconds() // 60
    lead = np.flatnonzero(minute.notna())
    when = np.maximum(minute.to_numpy(float)[lead].astype(np.int64), at[lead] + 1)
    order = np.argsort(when, kind="stable")
    return {"credit_at": when[order], "credit_of": lead[order]}


def _people_arrays(crew: Crew) -> Arrays:
    people = crew.people
    return {
        "score": people["score"].to_numpy(float), "sd": people["score_sd"].to_numpy(float),
        "rank": crew.ranks, "weight": people["weight"].to_numpy(float),
    }  # fmt: skip


def _caps(settings: RoutingSettings, crew: Crew, grades: list[str], shifts: Shifts) -> Caps:
    reps = len(crew.people)
    daily = -1 if settings.daily_cap is None else settings.daily_cap
    opened = -1 if settings.open_cap is None else settings.open_cap
    lowest = [grades.index(one) for one in settings.ramp_grades]
    return Caps(
        day_cap=np.full(reps, daily, np.int64), open_cap=np.full(reps, opened, np.int64),
        rule_cap=np.array([settings.rule_caps.get(one, -1) for one in RULES], np.int64),
        grade_cap=np.array([settings.grade_caps.get(one, -1) for one in grades], np.int64),
        ramp_end=ramp_ends(shifts, crew.people["hire_date"], settings.ramp_days),
        low_grade=min(lowest) if lowest else len(grades),
    )  # fmt: skip


def ramp_ends(shifts: Shifts, hired: pd.Series, days: int) -> np.ndarray:
    """Give the minute at which the ramp of each rep ends, local midnight; 0 without a ramp."""
    found = np.zeros(len(hired), np.int64)
    until = pd.to_datetime(hired) + pd.Timedelta(days=days)
    for rep in np.flatnonzero(until.notna().to_numpy() & bool(days)):
        local = shifts.local_day[shifts.pattern[rep]]
        found[rep] = kernel.SLOT * np.searchsorted(local, shifts.day_of(until.iloc[rep]))
    return found


def _wanted_skill(leads: pd.DataFrame, crew: Crew, settings: RoutingSettings) -> pd.Series:
    """Give industry or product of a lead where some rep has it as a skill."""
    known = crew.known_skills
    wanted = pd.Series("", index=leads.index, dtype="str")
    for name in ("product_id", "industry"):
        text = plain_skills(leads[name], settings.skill_synonyms)
        wanted = wanted.mask(text.isin(known), text)
    return wanted


def _fits(crew: Crew, skill: str, language: str) -> np.ndarray:
    fits = np.ones(len(crew.people), dtype=bool)
    if skill:
        fits &= crew.people["skills"].map(lambda own: skill in own).to_numpy(bool)
    if language:
        fits &= crew.people["languages"].map(lambda own: not own or language in own).to_numpy(bool)
    return fits
