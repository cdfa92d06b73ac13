"""Bounds and proofs by solvers, where the request is small enough."""

from __future__ import annotations

from planlib.territories.design.clock import Clock
from planlib.territories.design.request import Request
from planlib.territories.design.search import Found


def prove_best(
    request: Request, found: Found, insist: bool, clock: Clock
) -> tuple[Found, float, bool]:
    """Give the plan, perhaps a better one, a bound (nan where none) and whether it is optimal."""
    return found, float("nan"), False
