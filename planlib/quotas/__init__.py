"""Quotas: the target of the year becomes quotas that add up, with the chance to reach it."""

from planlib.quotas.attainment import (
    AttainmentDraws,
    AttainmentSpread,
    fit_spread,
    simulate_attainment,
)
from planlib.quotas.exact import split_exact

__all__ = [
    "AttainmentDraws",
    "AttainmentSpread",
    "fit_spread",
    "simulate_attainment",
    "split_exact",
]
