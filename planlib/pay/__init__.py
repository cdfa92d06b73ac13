"""
Pay, size of the sales force, check of the three plans together, and timeline of planning.

``review_pay`` does all of it from the tables that are there.
"""

from planlib.pay.contradictions import check_plans
from planlib.pay.cost import pay_cost, role_pay
from planlib.pay.curves import attainment_bands, pay_curves
from planlib.pay.evidence import people_elasticity, repeat_share, sold_margin
from planlib.pay.facts import PlanFacts, people_facts, segment_alignment
from planlib.pay.force import ForceBasis, size_force
from planlib.pay.inputs import PayInputs, PayRules, pay_inputs, pay_rules
from planlib.pay.people import (
    Attained,
    paid_people,
    pool_roles,
    pool_small,
    with_managers,
    with_planned,
)
from planlib.pay.quoted import simulated, with_quotas
from planlib.pay.releases import check_releases, release_states
from planlib.pay.review import PayReview, review_pay
from planlib.pay.size import ReturnTerms, SalesResponse, size_by_return
from planlib.pay.terms import PayTerms, advance_owed, payout_share, plan_in_force, sound_plans
from planlib.pay.timeline import check_milestones, planning_timeline
from planlib.pay.visibility import plan_visibility
from planlib.pay.words import DEFINITIONS

__all__ = [
    "DEFINITIONS",
    "Attained",
    "ForceBasis",
    "PayInputs",
    "PayReview",
    "PayRules",
    "PayTerms",
    "PlanFacts",
    "ReturnTerms",
    "SalesResponse",
    "advance_owed",
    "attainment_bands",
    "check_milestones",
    "check_plans",
    "check_releases",
    "paid_people",
    "pay_cost",
    "pay_curves",
    "pay_inputs",
    "pay_rules",
    "payout_share",
    "people_elasticity",
    "people_facts",
    "plan_in_force",
    "plan_visibility",
    "planning_timeline",
    "pool_roles",
    "pool_small",
    "release_states",
    "repeat_share",
    "review_pay",
    "role_pay",
    "segment_alignment",
    "simulated",
    "size_by_return",
    "size_force",
    "sold_margin",
    "sound_plans",
    "with_managers",
    "with_planned",
    "with_quotas",
]
