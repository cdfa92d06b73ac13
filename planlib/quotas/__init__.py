"""Quotas: the target of the year becomes quotas that add up, with the chance to reach it."""

from planlib.quotas.attainment import (
    AttainmentDraws,
    AttainmentSpread,
    fit_spread,
    simulate_attainment,
)
from planlib.quotas.exact import split_exact
from planlib.quotas.gather import OPTIONAL, World, gather
from planlib.quotas.review import RESULTS, QuotaReview, plan_year, review_quotas

__all__ = [
    "OPTIONAL",
    "RESULTS",
    "AttainmentDraws",
    "AttainmentSpread",
    "QuotaReview",
    "World",
    "fit_spread",
    "gather",
    "plan_year",
    "review_quotas",
    "simulate_attainment",
    "split_exact",
]
