"""Replay of decisions, and the answer to "why not me"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.notes import percent
from planlib.routing import kernel, loop
from planlib.routing.engine import RULE_NAMES, Outcome, State, decide
from planlib.routing.route import Routing
from planlib.routing.units import serves, unit_policies
from planlib.settings.routing import RULES

_FLOOR_KEY = 0xF100  # with the lead's key it draws whether the lead goes by turn, as in the loop


def replay(routing: Routing) -> pd.DataFrame:
    """
    Decide all leads again from the state before them.

    Parameters
    ----------
    routing
        A result of ``route``.

    Returns
    -------
    DataFrame
        ``lead_id``, ``first_rep_id``, ``second_rep_id`` of the leads whose answer differs; no
        rows: every decision was reproduced.
    """
    again = _again(routing, None)
    ids = np.array([*routing.crew.people["rep_id"], None], dtype=object)
    differs = (again.rep != routing.outcome.rep) | (again.ready != routing.outcome.ready)
    leads = routing.leads.loc[routing.ready.order, "lead_id"].to_numpy(object)
    return pd.DataFrame({
        "lead_id": leads[differs], "first_rep_id": ids[routing.outcome.rep][differs],
        "second_rep_id": ids[again.rep][differs],
    })  # fmt: skip


def why_not(routing: Routing, lead_id: str, rep_id: str) -> str:
    """
    Say why a rep did not get a lead, from the state at the moment of the decision.

    Parameters
    ----------
    routing
        A result of ``route``.
    lead_id, rep_id
        Lead and rep.

    Returns
    -------
    str
        One sentence or a few: the rule that decided, and what kept the rep from it.

    Raises
    ------
    TableError
        If the lead was not decided in this run.
    """
    order = routing.leads.loc[routing.ready.order, "lead_id"].reset_index(drop=True)
    found = order[order == lead_id]
    if found.empty:
        return _kept(routing, lead_id, rep_id)
    at = int(found.index[0])
    outcome, ready, people = routing.outcome, routing.ready, routing.crew.people
    chosen = "the catch-all" if outcome.rep[at] < 0 else str(people["rep_id"][outcome.rep[at]])
    if chosen == rep_id:
        return f"{rep_id} got lead {lead_id}."
    if rep_id not in routing.crew.index:
        return f"{rep_id} gets no leads: not a rep with one of the roles, not here, or not known."
    rule = RULE_NAMES[outcome.rule[at]]
    if rule in ("same_person", "account_owner", "named_account"):
        return f"{chosen} got lead {lead_id} by rule {rule.replace('_', ' ')}, which comes first."
    if outcome.rule[at] == loop.BLOCKED:
        reason = routing.leads.loc[ready.order[at], "blocked"]
        return f"Lead {lead_id} went to the catch-all for everyone: {reason}."
    why = _obstacle(routing, at, routing.crew.index[rep_id], rule)
    return f"{chosen} got lead {lead_id}; {rep_id} did not: {why}."


def _kept(routing: Routing, lead_id: str, rep_id: str) -> str:
    """Tell of a lead that keeps the rep of an earlier run, whose state is not at hand any more."""
    rows = routing.decisions[routing.decisions["lead_id"] == lead_id]
    if rows.empty:
        raise TableError("lead_routes", [f"lead '{lead_id}' was not decided in this run"])
    row = rows.iloc[0]
    if row["rep_id"] == rep_id:
        return f"{rep_id} got lead {lead_id}."
    when = f"{row['decided_at']:%Y-%m-%d %H:%M}"
    text = f"{row['rep_id']} got lead {lead_id} in an earlier run ({when}): {row['reason']}"
    if row["second_rep_id"] == rep_id:
        return f"{text} {rep_id} would have been next."
    return text


def _obstacle(routing: Routing, at: int, rep: int, rule: str) -> str:
    ready, settings = routing.ready, routing.settings
    leads, people, caps, hours = ready.leads, ready.people, ready.caps, ready.hours
    state = _again(routing, at).state
    step = 0 if rule == "territory" else 1
    pool = leads["pool"][at, step]
    members = leads["members"][leads["pool_first"][pool] : leads["pool_first"][pool + 1]]
    if rep not in members:
        unit = routing.leads.loc[ready.order[at]].get("unit")
        same = serves(routing.crew.people, unit) if isinstance(unit, str) else None
        if same is not None and same[members].all() and not same[rep]:
            return f"is not of unit {unit}, as the lead is"
        if rule == "territory" and rep in _everyone(routing, at):
            return f"not in territory {ready.territory.iloc[at]}"
        return "does not have the lead's skill or language"
    if leads["exclude"][at] == rep:
        return "had the lead before and the deadline has passed"
    cap = caps.open_cap[rep]
    if cap >= 0 and state.opened[rep] >= cap:
        return f"{state.opened[rep]} leads wait for an answer, the cap is {cap}"
    grade = int(leads["grade"][at])
    if leads["at"][at] < caps.ramp_end[rep] and 0 <= grade < caps.low_grade:
        return f"is new: gets grades {', '.join(settings.ramp_grades)} only"
    if _policy_at(routing, at) == "weighted" and people["weight"][rep] <= 0:
        return "has weight 0"
    minute = int(leads["at"][at])
    number = RULES.index(rule) if rule in RULES else 3
    when = kernel.ready_time(
        rep, minute, minute + settings.wait_hours * 60, number, grade, hours, caps, state.load
    )
    day = int(hours.local_day[hours.pattern[rep], minute // kernel.SLOT])
    if when != minute:
        full = kernel.capped_day(rep, day, number, grade, hours, caps, state.load)
        reached = {1: "daily cap", 2: f"cap of rule {rule}", 3: "cap of the grade"}.get(full, "")
        if people["away"][rep, day] >= kernel.WHOLE:
            return "was away that day"
        if reached:
            return f"has reached the {reached} ({int(state.count[rep, day, 0])} leads that day)"
        if when < 0:
            return f"could not take it within {settings.wait_hours} hours"
        if when > routing.outcome.ready[at]:
            return "was not at work, or in a meeting, and was free only later"
        return f"was not at work; free at the same time, but {_behind(routing, at, rep, state)}"
    return f"was at work, but {_behind(routing, at, rep, state)}"


def _behind(routing: Routing, at: int, rep: int, state: State) -> str:
    """Compare a rep who could have taken the lead with the one who got it."""
    other = int(routing.outcome.rep[at])
    people, settings = routing.ready.people, routing.settings
    policy = _policy_at(routing, at)
    name = routing.crew.people["rep_id"][other]
    turns = _turns(routing, at, rep, other)
    key = routing.ready.leads["lead_key"][at]
    ranked = policy in ("best_ranked", "ranked_by_grade", "thompson")
    if ranked and kernel.draw(key, np.uint64(_FLOOR_KEY)) < settings.floor_share:
        return (f"this lead is one of the {percent(settings.floor_share)} that go by turn, and "
                f"{name} "
                f"was next ({turns})")  # fmt: skip
    if policy == "best_ranked" and people["score"][rep] < people["score"][other]:
        return (f"the score {people['score'][rep]:.2f} stands behind that of {name} "
                f"({people['score'][other]:.2f})")  # fmt: skip
    if policy == "ranked_by_grade" and people["rank"][rep] != people["rank"][other]:
        return f"the rank of {name} is nearer to the lead's quality"
    if policy == "thompson":
        return f"{name} had the better draw from what is known of the scores"
    if policy == "least_loaded" and state.opened[other] < state.opened[rep]:
        return f"{name} had fewer open leads ({state.opened[other]} against {state.opened[rep]})"
    if policy == "least_loaded" and state.opened[other] > state.opened[rep]:
        return "was away before, and counts as level with those who were there"
    return f"{name} was next by turn ({turns})"


def _policy_at(routing: Routing, at: int) -> str:
    """Give the policy of a lead: that of its business unit, else the one in force."""
    one = routing.leads.loc[routing.ready.order[[at]]]
    return str(unit_policies(one, routing.settings).fillna(routing.policy).iloc[0])


def _turns(routing: Routing, at: int, rep: int, other: int) -> str:
    """Write both turns as they were compared: level again for who had been away."""
    after = _again(routing, at + 1, int(routing.ready.leads["at"][at])).state.pointer
    weight = routing.ready.people["weight"][other]
    step = 1.0 / weight if _policy_at(routing, at) == "weighted" and weight > 0 else 1.0
    return f"{after[other] - step:g} against {after[rep]:g}"


def _everyone(routing: Routing, at: int) -> np.ndarray:
    leads = routing.ready.leads
    pool = leads["pool"][at, 1]
    return leads["members"][leads["pool_first"][pool] : leads["pool_first"][pool + 1]]


def _again(routing: Routing, count: int | None, until: int | None = None) -> Outcome:
    settings = routing.settings
    return decide(
        routing.ready, routing.start, routing.policy, floor_share=settings.floor_share,
        waits=(settings.wait_hours * 60, settings.owner_wait_hours * 60), count=count,
        until=until,
    )  # fmt: skip


def try_policy(routing: Routing, policy: str, floor_share: float) -> pd.DataFrame:
    """
    Route the same leads by another policy, from the same state.

    Parameters
    ----------
    routing
        A result of ``route``; it stays as it is.
    policy
        Policy for leads that no earlier rule has placed.
    floor_share
        Share of these leads that goes by turn.

    Returns
    -------
    DataFrame
        One row per rep and one for the catch-all (blank ``rep_id``): ``rep_id``, ``name``,
        ``tier``, ``lead_count`` as routed, ``tried_count``, ``difference``, and of these
        ``top_count`` and ``top_tried_count`` of the best grade.
    """
    waits = (routing.settings.wait_hours * 60, routing.settings.owner_wait_hours * 60)
    tried = decide(routing.ready, routing.start, policy, floor_share=floor_share, waits=waits)
    people = routing.crew.people
    slots = len(people) + 1
    best = routing.ready.leads["grade"][: len(routing.outcome.rep)] == 0

    def counted(rep: np.ndarray) -> np.ndarray:
        return np.bincount(np.where(rep < 0, slots - 1, rep), minlength=slots)

    before, after = counted(routing.outcome.rep), counted(tried.rep)
    return pd.DataFrame({
        "rep_id": [*people["rep_id"], None], "name": [*people["name"], "the catch-all"],
        "tier": [*people["tier"], None], "lead_count": before, "tried_count": after,
        "difference": after - before, "top_count": counted(routing.outcome.rep[best]),
        "top_tried_count": counted(tried.rep[best]),
    })  # fmt: skip
