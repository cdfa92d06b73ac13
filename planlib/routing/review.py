"""The whole routing step: waiting leads routed, past leads replayed, policies simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.notes import notes_of
from planlib.plan import Plan
from planlib.routing.lists import routing_shares, tier_list
from planlib.routing.people import gather_crew
from planlib.routing.route import Routing, route, waiting_leads
from planlib.routing.service import lead_service, rep_exposure
from planlib.routing.simulator import Simulation, simulate_policies
from planlib.routing.words import headlines, missing_notes, notes_table
from planlib.routing.worlds import make_setting
from planlib.settings.routing import RoutingSettings, SimulatorSettings
from planlib.tables import TABLES, table

#: Tables of the step that this module fills, in order.
RESULTS = tuple(
    name for name in (
        "lead_routes", "routing_state", "lead_matches", "lead_completeness", "lead_score_quality",
        "lead_service", "routing_shares", "rep_exposure", "routing_tiers", "policy_results",
        "policy_shares", "routing_notes",
    ) if name in TABLES
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RoutingReview:
    """
    What the routing step found.

    Parameters
    ----------
    as_of
        Day until which the data count.
    waiting
        Waiting leads routed; None without leads.
    replayed
        All past leads routed by the policy in force; None without leads.
    simulation
        Policies compared.
    tables
        Tables of the step by name, in their declared shape.
    """

    as_of: date
    waiting: Routing | None = field(repr=False)
    replayed: Routing | None = field(repr=False)
    simulation: Simulation = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing, definition or rule."""
        return notes_of(self.tables["routing_notes"], kind)


def review_routing(
    tables: Mapping[str, pd.DataFrame | None],
    plan: Plan,
    as_of: date,
    *,
    settings: RoutingSettings | None = None,
    simulator: SimulatorSettings | None = None,
    ranking: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
    state: pd.DataFrame | None = None,
) -> RoutingReview:
    """
    Route the waiting leads, replay the past ones, compare the policies.

    Parameters
    ----------
    tables
        ``reps``, and any of ``leads`` and ``planlib.routing.TABLES``; None where missing.
    plan
        Settings of the workbook.
    as_of
        Day until whose end the data count.
    settings, simulator
        Sections with a notebook's changes; by default those of the plan.
    ranking
        ``rep_id``, ``tier``, ``score``, ``score_sd``; None: all reps are equal.
    earlier, state
        ``lead_routes`` and ``routing_state`` of the run before.

    Returns
    -------
    RoutingReview
        Waiting leads routed, past ones replayed, policies compared, and every table by name.
    """
    rules, sim = settings or plan.routing, simulator or plan.simulator
    leads, reps = tables.get("leads"), tables.get("reps")
    people = table("reps").or_empty(reps)
    waiting = replayed = None
    given = {name: tables.get(name) for name in tables if name not in ("leads", "reps")}
    common = {"settings": rules, "as_of": as_of, "tables": given, "ranking": ranking,
              "segmentation": plan.segmentation, "plan_zone": plan.time_zone,
              "weekend": tuple(plan.calendar.weekend), "seed": plan.seed}  # fmt: skip
    if leads is not None and len(leads) and len(people):
        open_ = waiting_leads(leads, rules, as_of)
        handed = pd.Timestamp(as_of) + pd.Timedelta(days=1)
        waiting = route(open_, people, past=leads, earlier=earlier, state=state, handed_at=handed,
                        **common)  # type: ignore[arg-type]  # fmt: skip
        free = common | {"settings": rules.model_copy(update={"open_cap": None})}
        replayed = route(leads, people, **free)  # type: ignore[arg-type]
    crew = replayed.crew if replayed else gather_crew(
        people, rules, pd.Timestamp(as_of), ranking=ranking, plan_zone=plan.time_zone
    )  # fmt: skip
    known = None if replayed is None else replayed.leads.assign(
        territory=replayed.ready.territory.reindex(replayed.leads.index))  # fmt: skip
    setting = make_setting(
        sim, rules, crew=crew, leads=known, opportunities=tables.get("opportunities"),
        availability=tables.get("availability"), plan_zone=plan.time_zone,
    )  # fmt: skip
    simulation = simulate_policies(setting, sim, rules, seed=plan.seed, currency=plan.currency)
    found = _tables(waiting, replayed, simulation)
    found["rep_exposure"] = rep_exposure(
        crew.people["rep_id"], as_of, tables.get("opportunities"), tables.get("accounts"), replayed
    )
    found["routing_tiers"] = tier_list(crew, rules, tables.get("availability"), as_of)
    shaped = {name: table(name).conform(frame) for name, frame in found.items()}
    missing = missing_notes(leads, crew, replayed)
    notes = notes_table(
        headlines(waiting, replayed, shaped, simulation),
        replayed=replayed, missing=missing, simulation=simulation, settings=rules, as_of=as_of,
    )  # fmt: skip
    shaped["routing_notes"] = table("routing_notes").conform(notes)
    return RoutingReview(
        as_of=as_of, waiting=waiting, replayed=replayed, simulation=simulation,
        tables={name: shaped[name] for name in RESULTS},
    )  # fmt: skip


def _tables(
    waiting: Routing | None, replayed: Routing | None, simulation: Simulation,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    none = pd.DataFrame()
    found: dict[str, pd.DataFrame] = {name: none for name in RESULTS}
    found["policy_results"], found["policy_shares"] = simulation.results, simulation.shares
    if waiting is None or replayed is None:
        return found
    return found | {
        "lead_routes": waiting.decisions, "routing_state": waiting.state,
        "lead_matches": replayed.matches, "lead_completeness": replayed.completeness,
        "lead_score_quality": replayed.score.quality,
        "lead_service": lead_service(replayed), "routing_shares": routing_shares(replayed),
    }  # fmt: skip
