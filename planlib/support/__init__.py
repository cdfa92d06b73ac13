"""
Support: scarce experts to the projects that are worth most.

``plan_support`` does all of it. ``allocate`` gives the plan, ``gather_requests`` brings requests
into its shape, ``learn_support`` says what closed projects teach about the worth of support, and
``learn_presales`` what requests are worth that come before there is a deal.
"""

from planlib.support.allocation import Allocation, allocate, is_late
from planlib.support.contested import contested_requests
from planlib.support.exact import Found, search
from planlib.support.experience import Experience, learn_support
from planlib.support.greedy import greedy
from planlib.support.grid import Grid, expert_minutes, make_grid
from planlib.support.market import Market, fits, spread
from planlib.support.prepare import prepare
from planlib.support.presales import Presales, learn_presales, presales_queue
from planlib.support.prices import Prices, price
from planlib.support.requests import account_support, gather_requests
from planlib.support.review import SupportReview, plan_support

__all__ = [
    "Allocation",
    "Experience",
    "Found",
    "Grid",
    "Market",
    "Presales",
    "Prices",
    "SupportReview",
    "account_support",
    "allocate",
    "contested_requests",
    "expert_minutes",
    "fits",
    "gather_requests",
    "greedy",
    "is_late",
    "learn_presales",
    "learn_support",
    "make_grid",
    "plan_support",
    "prepare",
    "presales_queue",
    "price",
    "search",
    "spread",
]
