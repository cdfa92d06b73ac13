"""
Routing: who gets which lead and why, and what other policies would bring.

``route`` decides leads, ``replay`` and ``why_not`` open a decision, ``simulate_policies`` compares
policies, ``review_routing`` does all of it for a workbook.
"""

from planlib.routing.expectation import expect_leads
from planlib.routing.lists import routing_shares, tier_list
from planlib.routing.matching import match_accounts
from planlib.routing.people import gather_crew
from planlib.routing.ranks import ranking_from
from planlib.routing.review import RoutingReview, review_routing
from planlib.routing.route import Routing, route, waiting_leads
from planlib.routing.scoring import grade_leads, score_leads
from planlib.routing.simulator import Simulation, simulate_policies
from planlib.routing.trace import replay, try_policy, why_not
from planlib.routing.words import compare_policies
from planlib.routing.worlds import make_setting

__all__ = [
    "Routing",
    "RoutingReview",
    "Simulation",
    "compare_policies",
    "expect_leads",
    "gather_crew",
    "grade_leads",
    "make_setting",
    "match_accounts",
    "ranking_from",
    "replay",
    "review_routing",
    "route",
    "routing_shares",
    "score_leads",
    "simulate_policies",
    "tier_list",
    "try_policy",
    "waiting_leads",
    "why_not",
]
