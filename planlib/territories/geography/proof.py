"""Bounds and proofs by solvers, where the request is small enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from planlib.deadline import deadline
from planlib.territories.geography.arena import BEST_NODE, CUT, INERTIA
from planlib.territories.geography.clock import Clock
from planlib.territories.geography.measure import objective_of, within
from planlib.territories.geography.request import Request
from planlib.territories.geography.search import Found
from planlib.territories.geography.start import label_match

Ints = npt.NDArray[np.int64]
NODE_AREAS = 90  # areas up to which distances to the best node are proven unasked
CUT_AREAS = 60  # the same for cut edges
DISTRICT_AREAS = 160  # areas up to which whole districts are chosen for them
GROUP_AREAS = 250  # areas up to which groups of territories are cut anew by them
GIVEN_ARCS = 4_000  # the same for given centres, in areas times territories
LP_AREAS = 220  # areas up to which the linear bound is computed when a proof is asked for
SECONDS = 20.0  # of a solver, unasked
ASKED_SECONDS = 60.0


def recombined(
    request: Request, found: Found, how: tuple[int, int], share: float, clock: Clock
) -> Found:
    """Cut groups of territories of a plan anew; ``how``: seed, and groups at most."""
    from planlib.territories.geography.recombine import recombine

    if not within(request, found.part):
        return found
    limits = (how[1] if clock.left is None else -1, deadline(clock.until(share)))
    part = recombine(request, found.part, how[0], limits)
    return replace(found, part=part, value=objective_of(request, part))


def prove_best(
    request: Request, found: Found, insist: bool, clock: Clock
) -> tuple[Found, float, bool]:
    """
    Try to prove a plan optimal.

    Returns
    -------
    tuple
        The plan, or a better one; a bound (nan where none); whether the plan is optimal.
    """
    nothing = (found, float("nan"), False)
    if request.count == 1:
        good = within(request, found.part)
        return (found, objective_of(request, found.part), True) if good else nothing
    seconds = ASKED_SECONDS if insist else SECONDS
    if clock.left is not None:
        seconds = max(clock.left, 1.0 if insist else 0.0)
    if seconds <= 0:
        return nothing
    if request.mode == CUT:
        from planlib.territories.geography.proof_cut import prove_cut as prove
    else:
        from planlib.territories.geography.proof_distance import prove_distance as prove
    good = within(request, found.part)
    value = objective_of(request, found.part) if good else float("inf")
    part, bound, optimal = prove(request, found.part if good else None, value, seconds)
    if part is None:
        return found, bound, optimal and good
    if not within(request, part):  # the solver allows more than the limits do
        return found, bound, False
    better = objective_of(request, part)
    if better < value - 1e-9 * abs(better):
        return replace(found, part=part, value=better, miss=0.0), min(bound, better), optimal
    return found, min(bound, value), optimal


def can_settle(request: Request) -> bool:
    """Whether whole districts can be chosen: cut edges, one limit for all, nothing held."""
    return (
        request.mode == CUT
        and request.count > 1
        and request.areas <= GROUP_AREAS
        and _is_alike(request)
        and bool((request.locked < 0).all() and (request.change == 0).all())
    )


def _is_alike(request: Request) -> bool:
    """Whether all territories have the same limits."""
    return all(bool((side == side[:, :1]).all()) for side in (request.lower, request.upper))


def settle_cut(
    request: Request, found: Found, share: float, clock: Clock
) -> tuple[Found, float, bool]:
    """
    Choose whole districts with the fewest cut edges, where the map is small enough.

    Parameters
    ----------
    request
        With cut edges as its objective.
    found
        A plan to begin with.
    share
        Of the time limit, to be used up at most.
    clock
        Tells how much of the limit is left.

    Returns
    -------
    tuple
        The plan, or a better one; a bound (nan where none); whether the plan is optimal.
    """
    from planlib.territories.geography.districts import districts_of
    from planlib.territories.geography.proof_columns import prove_columns

    districts = districts_of(request) if request.areas <= DISTRICT_AREAS else None
    if districts is None:
        return found, float("nan"), False
    good = within(request, found.part)
    value = objective_of(request, found.part) if good else float("inf")
    plans = [found.part] if good else []
    left = deadline(clock.until(share))
    part, bound, optimal = prove_columns(districts, plans, value, left)
    if part is None:
        return found, bound, False
    better = objective_of(request, part)
    part = label_match(part, np.where(request.start >= 0, request.start, found.part), request.count)
    return replace(found, part=part, value=better, miss=0.0), min(bound, better), optimal


def can_prove(request: Request, insist: bool) -> bool:
    """Whether a model of the request is small enough to be worth while."""
    if request.count == 1:
        return True
    free = (request.change == 0).all()
    if request.mode == INERTIA or not free:
        return False
    if request.mode == CUT:
        return request.areas * request.count <= 2_000 if insist else request.areas <= CUT_AREAS
    if request.mode == BEST_NODE:
        open_labels = bool((request.locked < 0).all())
        most = LP_AREAS if insist else NODE_AREAS
        return _is_alike(request) and open_labels and request.areas <= most
    arcs = request.areas * request.count
    return arcs <= (100_000 if insist else GIVEN_ARCS)
