"""The readable baseline: requests by gain per hour, each to the expert whom it costs least."""

from __future__ import annotations

import numpy as np

from planlib.support.market import Market, Slack


def greedy(market: Market, score: np.ndarray | None = None) -> np.ndarray:
    """
    Serve requests one after another while hours last.

    Decisions of people come first, then small accounts until they have their minimum, then all
    others, each group by gain per hour. A request goes to the expert who needs fewest minutes for
    it (the way counts), then to the one with the least room left for it, then by id.

    Parameters
    ----------
    market
        What is asked for and what there is.
    score
        (requests,) another order, highest first; None: gain per hour.

    Returns
    -------
    ndarray
        (requests,) expert, -1: not served.
    """
    best = np.where(market.eligible, market.minutes, np.iinfo(np.int64).max).min(axis=1)
    plain = market.gain / np.maximum(best, 1) if score is None else score
    order = np.lexsort((np.arange(market.requests), -plain))
    plan = np.full(market.requests, -1, dtype=np.int64)
    slack = Slack(market.room)
    for request in np.flatnonzero(market.fixed >= 0).tolist():
        give(market, plan, slack, request, int(market.fixed[request]))
    for request in order.tolist():
        if market.small_minutes(plan) >= market.least_small:
            break
        if market.small[request] and plan[request] < 0:
            serve(market, plan, slack, request)
    for request in order.tolist():
        if plan[request] < 0:
            serve(market, plan, slack, request)
    return plan


def serve(market: Market, plan: np.ndarray, slack: Slack, request: int) -> bool:
    """Give a request to the best expert who has the hours; tell whether there was one."""
    experts = np.flatnonzero(market.eligible[request])
    if not len(experts):
        return False
    need = market.minutes[request, experts]
    room = slack.rooms(experts, int(market.first[request]), int(market.last[request]))
    can = room >= need
    if not can.any():
        return False
    experts, need, room = experts[can], need[can], room[can]
    give(market, plan, slack, request, int(experts[np.lexsort((experts, room, need))[0]]))
    return True


def give(market: Market, plan: np.ndarray, slack: Slack, request: int, expert: int) -> None:
    """Give a request to an expert and take the hours."""
    plan[request] = expert
    slack.take(
        expert, int(market.first[request]), int(market.last[request]),
        int(market.minutes[request, expert]),
    )  # fmt: skip
