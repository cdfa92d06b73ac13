"""Decisions as rows that a person reads: who, when, by which rule and why; and the state."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.routing import kernel
from planlib.routing.arrays import empty_load, no_caps
from planlib.routing.engine import RULE_NAMES, Outcome
from planlib.routing.people import Crew
from planlib.routing.prepare import Ready
from planlib.routing.shifts import make_shifts
from planlib.routing.units import unit_policies
from planlib.routing.zones import to_zone
from planlib.settings.routing import RoutingSettings
from planlib.tables import table

_LIMIT = 14 * 1440  # how far ahead a call is booked
_HOW = {
    "best_ranked": "the best ranked rep at work",
    "ranked_by_grade": "the rep at work whose rank fits the lead's quality",
    "weighted": "the rep at work whose weighted turn it is",
    "round_robin": "the rep at work whose turn it is",
    "least_loaded": "the rep at work with the fewest open leads",
    "geography": "the rep of the region whose turn it is",
    "thompson": "the rep at work with the best draw from what is known of the win rates",
}


def decision_rows(
    leads: pd.DataFrame,
    kept: pd.Series,
    ready: Ready,
    outcome: Outcome,
    *,
    crew: Crew,
    settings: RoutingSettings,
    policy: str,
    plan_zone: str,
    earlier: pd.DataFrame | None,
) -> pd.DataFrame:
    """Give table ``lead_routes``, in the order of the leads."""
    new = leads.loc[ready.order]
    names = crew.people["rep_id"].to_numpy(object)
    assigned = outcome.rep >= 0
    rep = _named(names, outcome.rep)
    minute = pd.Series(outcome.ready, index=new.index)
    at = _clock(pd.Series(ready.leads["at"], index=new.index), ready, plan_zone)
    ready_at = _clock(minute.where(assigned), ready, plan_zone)
    booked = _contact(new, ready, outcome, settings)
    tier = _named(crew.people["tier"].astype(object).to_numpy(), outcome.rep)
    reason = reasons(new, ready, outcome, policy, settings, crew=crew)
    rows = pd.DataFrame({
        "lead_id": new["lead_id"], "rep_id": rep,
        "outcome": np.where(assigned, "assigned", "catch_all"),
        "rule": np.array(RULE_NAMES, dtype=object)[outcome.rule],
        "reason": reason, "catch_all_reason": np.where(assigned, "", reason),
        "created_at": new["created_at"], "decided_at": at.where(new["at"].notna()),
        "ready_at": ready_at,
        "respond_by": ready_at + pd.Timedelta(minutes=settings.deadline_minutes),
        "contact_at": _clock(booked, ready, plan_zone),
        "waiting_minutes": (minute - ready.leads["at"]).where(assigned),
        "second_rep_id": _named(names, outcome.second),
        "second_is": np.where(outcome.second >= 0, "next best at work", ""),
        "account_id": new["account_id"], "territory": ready.territory,
        "unit": new.get("unit"),
        "grade": new["grade"], "chance": new["chance"], "tier": tier,
        "time_zone": new["time_zone"], "zone_source": new["zone_source"],
        "same_as": new["same_as"], "person_key": new["person_key"], "not_rep_id": new["not_rep"],
        "policy": unit_policies(new, settings).fillna(policy),
        "is_credited": np.isin(np.arange(len(new)), ready.leads["credit_of"]) & assigned,
    }, index=new.index)  # fmt: skip
    parts = [table("lead_routes").coerce(rows).set_axis(rows.index)]
    if kept.any() and earlier is not None:
        parts.append(_kept_rows(leads[kept], earlier))
    return pd.concat(parts).loc[leads.index].reset_index(drop=True)


def _kept_rows(leads: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Give the last decision on leads that are not decided again."""
    last = earlier.drop_duplicates("lead_id", keep="last").set_index("lead_id")
    old = last.loc[leads["lead_id"]].reset_index()
    back = leads["is_void"].to_numpy(bool)
    old = old.assign(
        outcome="kept",
        created_at=leads["created_at"].to_numpy(),
        is_credited=old["is_credited"].fillna(False).to_numpy(bool) | back,
    )
    return table("lead_routes").coerce(old).set_axis(leads.index)


def reasons(
    leads: pd.DataFrame, ready: Ready, outcome: Outcome, policy: str, settings: RoutingSettings,
    *, crew: Crew,
) -> np.ndarray:  # fmt: skip
    """Say for each lead which rules were tried in order, and what decided."""
    waits = np.minimum(ready.leads["at"] * 0 + (outcome.ready > ready.leads["at"]), 1)
    facts = pd.DataFrame(outcome.tried, columns=list(RULE_NAMES[:5]))
    facts = facts.assign(
        rule=outcome.rule, waits=waits, territory=ready.territory.fillna("").to_numpy(),
        blocked=leads["blocked"].to_numpy(), other=leads["not_rep"].notna().to_numpy(),
        unit=_own_unit(leads, outcome, crew),
        policy=unit_policies(leads, settings).fillna(policy).to_numpy(object),
    )  # fmt: skip
    codes, distinct = pd.factorize(pd.MultiIndex.from_frame(facts))
    texts = [_reason(dict(zip(facts.columns, one, strict=True)), settings) for one in distinct]
    return np.array(texts, dtype=object)[codes] if len(texts) else np.array([], dtype=object)


def _own_unit(leads: pd.DataFrame, outcome: Outcome, crew: Crew) -> np.ndarray:
    """Give the unit of the leads whose rep is of that unit, else a blank."""
    if "unit" not in leads:
        return np.full(len(leads), "", dtype=object)
    unit = leads["unit"].fillna("").to_numpy(object)
    rep = _named(crew.people["unit"].fillna("").to_numpy(object), outcome.rep)
    return np.where(unit == rep, unit, "")


def state_rows(crew: Crew, ready: Ready, outcome: Outcome) -> pd.DataFrame:
    """Give table ``routing_state`` after the run."""
    state = outcome.state
    seen = pd.Series(pd.to_timedelta(state.last_day - 1, unit="D")) + pd.Timestamp(ready.base)
    mine = np.bincount(outcome.rep[outcome.rep >= 0], minlength=len(crew.people))
    return table("routing_state").coerce(pd.DataFrame({
        "rep_id": crew.people["rep_id"], "turn": state.pointer,
        "seen_date": seen.where(pd.Series(state.last_day) >= 0), "open_count": state.opened,
        "assigned_count": mine,
    }))  # fmt: skip


def _reason(facts: dict[str, object], settings: RoutingSettings) -> str:
    if facts["blocked"]:
        return f"Catch-all: {facts['blocked']}."
    said = []
    if facts["other"]:
        said.append("the deadline of the earlier rep has passed")
    area, policy = str(facts["territory"]), str(facts["policy"])
    unit = f", unit {facts['unit']}" if facts["unit"] else ""
    failed = {
        "same_person": "the rep of the same person's earlier lead cannot take it",
        "account_owner": "the account owner gets no leads now (away, at the cap)",
        "named_account": "the rep of the named account gets no leads now",
        "territory": f"nobody of territory {area} can take it",
    }
    decided = {
        "same_person": "same person as an earlier lead, so the same rep",
        "account_owner": "account owner",
        "named_account": "rep of the named account",
        "territory": f"territory {area}{unit}, {_HOW[policy]}",
        "policy": f"policy {policy.replace('_', ' ')}{unit}: {_HOW[policy]}",
    }
    said += [text for name, text in failed.items() if facts[name] == 1]
    rule = RULE_NAMES[int(str(facts["rule"]))]
    if rule == "catch_all":
        said.append(
            f"nobody can take it within {settings.wait_hours} hours: away, at a cap, without the "
            "skill or language, or still on the ramp"
        )
        return "Catch-all: " + "; ".join(said) + "."
    text = decided[rule]
    if facts["waits"]:
        text = text.replace("rep at work", "rep").replace("rep of the region", "rep")
        text += "; nobody was at work, so whoever is back first" if rule in (
            "territory", "policy") else "; answers as soon as back at work"  # fmt: skip
    said.append(text)
    line = "; ".join(said)
    return line[0].upper() + line[1:] + "."


def _named(names: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return np.asarray(np.array([*names, None], dtype=object)[codes])


def _clock(minutes: pd.Series, ready: Ready, zone: str) -> pd.Series:
    """Give minutes of the axis in a zone's local time, NA for none."""
    fine = minutes[minutes.notna() & (minutes >= 0)]
    moment = pd.Timestamp(ready.base) + pd.to_timedelta(fine.to_numpy(), unit="m")
    local = to_zone(pd.Series(moment, index=fine.index, dtype="datetime64[us]"), zone)
    return local.reindex(minutes.index)


def _contact(
    leads: pd.DataFrame, ready: Ready, outcome: Outcome, settings: RoutingSettings
) -> pd.Series:
    """Give the first minute that suits rep and customer, NA for none within two weeks."""
    codes, zones = pd.factorize(leads["time_zone"], sort=True)
    days = ready.shifts.next_open.shape[1] // (1440 // kernel.SLOT)
    customers = make_shifts(
        pd.DataFrame({"time_zone": zones, "calendar": ""}), ready.base, days,
        (settings.customer_start, settings.customer_end),
    )  # fmt: skip
    reps = len(ready.people["away"])
    found = kernel.contact_times(
        outcome.rep, outcome.ready, customers.pattern[codes] if len(zones) else codes,
        customers.next_open, _LIMIT, ready.hours, no_caps(reps), empty_load(reps, 1, 0),
    )  # fmt: skip
    return pd.Series(found, index=leads.index).where(found >= 0)
