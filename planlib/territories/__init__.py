"""
Territories: who should own which account, balanced within a tolerance, with a proven bound.

The public names load the module behind them at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planlib.territories.acceptance import review_acceptance
    from planlib.territories.account_teams import AccountTeams, plan_account_teams
    from planlib.territories.alignment import Alignment, align, tabulate
    from planlib.territories.block import Block
    from planlib.territories.cascade_plan import CascadePlan, plan_cascade
    from planlib.territories.challenges import ChallengeReview, review_challenges
    from planlib.territories.compare import PlanComparison, compare_plans, owners_today
    from planlib.territories.decided import apply_decisions, decision_effect
    from planlib.territories.drawn import DrawnPlan, draw_areas
    from planlib.territories.engine import Assignment, Progress, Violation, assign
    from planlib.territories.event import Event
    from planlib.territories.events import carve, redistribute, rework
    from planlib.territories.fairness import FairnessReview, review_fairness
    from planlib.territories.figures import MOVED_NOTE
    from planlib.territories.findings import list_findings
    from planlib.territories.frontier import tolerance_by_budget
    from planlib.territories.geography import Design, design
    from planlib.territories.handover import Handover, plan_handover
    from planlib.territories.holdover import Holdover, credit_won, hold_over
    from planlib.territories.inequality import gini
    from planlib.territories.layers import Layers, plan_layers
    from planlib.territories.models import UnitModels, unit_models
    from planlib.territories.neglect import HistoryCost, cost_of_imbalance
    from planlib.territories.places import locate
    from planlib.territories.plan_response import ResponseComparison, compare_response
    from planlib.territories.rehearsal import Rehearsal, rehearse
    from planlib.territories.scorecard import OverrideScorecard, score_overrides
    from planlib.territories.seats import Seats, place_seats
    from planlib.territories.sensitivity import Sensitivity, potential_sensitivity
    from planlib.territories.solving import Answer, solve_statement, with_rep
    from planlib.territories.spent import TimeSpent, time_spent
    from planlib.territories.statement import Statement, state
    from planlib.territories.timeline import ProRata, pro_rata
    from planlib.territories.trade_off import trace_trade_off
    from planlib.territories.tryout import reps_by_block, review_rows, try_decisions
    from planlib.territories.whatif import preview, what_if

__all__ = [
    "MOVED_NOTE",
    "AccountTeams",
    "Alignment",
    "Answer",
    "Assignment",
    "Block",
    "CascadePlan",
    "ChallengeReview",
    "Design",
    "DrawnPlan",
    "Event",
    "FairnessReview",
    "Handover",
    "HistoryCost",
    "Holdover",
    "Layers",
    "OverrideScorecard",
    "PlanComparison",
    "ProRata",
    "Progress",
    "Rehearsal",
    "ResponseComparison",
    "Seats",
    "Sensitivity",
    "Statement",
    "TimeSpent",
    "UnitModels",
    "Violation",
    "align",
    "apply_decisions",
    "assign",
    "carve",
    "compare_plans",
    "compare_response",
    "cost_of_imbalance",
    "credit_won",
    "decision_effect",
    "design",
    "draw_areas",
    "gini",
    "hold_over",
    "list_findings",
    "locate",
    "owners_today",
    "place_seats",
    "plan_account_teams",
    "plan_cascade",
    "plan_handover",
    "plan_layers",
    "potential_sensitivity",
    "preview",
    "pro_rata",
    "redistribute",
    "rehearse",
    "reps_by_block",
    "review_acceptance",
    "review_challenges",
    "review_fairness",
    "review_rows",
    "rework",
    "score_overrides",
    "solve_statement",
    "state",
    "tabulate",
    "time_spent",
    "tolerance_by_budget",
    "trace_trade_off",
    "try_decisions",
    "unit_models",
    "what_if",
    "with_rep",
]

_MODULES = {
    "acceptance": ["review_acceptance"],
    "account_teams": ["AccountTeams", "plan_account_teams"],
    "alignment": ["Alignment", "align", "tabulate"],
    "block": ["Block"],
    "cascade_plan": ["CascadePlan", "plan_cascade"],
    "challenges": ["ChallengeReview", "review_challenges"],
    "compare": ["PlanComparison", "compare_plans", "owners_today"],
    "decided": ["apply_decisions", "decision_effect"],
    "drawn": ["DrawnPlan", "draw_areas"],
    "engine": ["Assignment", "Progress", "Violation", "assign"],
    "event": ["Event"],
    "events": ["carve", "redistribute", "rework"],
    "fairness": ["FairnessReview", "review_fairness"],
    "figures": ["MOVED_NOTE"],
    "findings": ["list_findings"],
    "frontier": ["tolerance_by_budget"],
    "geography": ["Design", "design"],
    "handover": ["Handover", "plan_handover"],
    "holdover": ["Holdover", "credit_won", "hold_over"],
    "inequality": ["gini"],
    "layers": ["Layers", "plan_layers"],
    "models": ["UnitModels", "unit_models"],
    "neglect": ["HistoryCost", "cost_of_imbalance"],
    "places": ["locate"],
    "plan_response": ["ResponseComparison", "compare_response"],
    "rehearsal": ["Rehearsal", "rehearse"],
    "scorecard": ["OverrideScorecard", "score_overrides"],
    "seats": ["Seats", "place_seats"],
    "sensitivity": ["Sensitivity", "potential_sensitivity"],
    "solving": ["Answer", "solve_statement", "with_rep"],
    "spent": ["TimeSpent", "time_spent"],
    "statement": ["Statement", "state"],
    "timeline": ["ProRata", "pro_rata"],
    "trade_off": ["trace_trade_off"],
    "tryout": ["reps_by_block", "review_rows", "try_decisions"],
    "whatif": ["preview", "what_if"],
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
