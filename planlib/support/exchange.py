"""Better plans by exchange: a refused request takes hours from others, who move elsewhere."""

from __future__ import annotations

import numpy as np

from planlib.support.greedy import serve
from planlib.support.market import Market, Slack, used

_WIDEST = 3  # requests that make room for one


def exchange(market: Market, plan: np.ndarray, passes: int) -> np.ndarray:
    """
    Let refused requests take the hours of others, who move to other experts where they can.

    An exchange is kept when the gain of the request is above that of those who find no place, and
    small accounts keep their minimum. Requests that people have set do not move.

    Parameters
    ----------
    market
        What is asked for and what there is.
    plan
        A plan that keeps everything; it stays as it is.
    passes
        How often all refused requests are gone through, the highest gain first; it ends when a
        pass changes nothing.
    """
    plan = plan.copy()
    slack = used(market, plan)
    for _ in range(passes):
        changed = False
        refused = np.flatnonzero((plan < 0) & market.eligible.any(axis=1))
        for request in refused[np.argsort(-market.gain[refused], kind="stable")].tolist():
            if plan[request] >= 0:
                continue
            if serve(market, plan, slack, request) or _take(
                market, plan, slack, (request, np.flatnonzero(market.eligible[request]))
            ):
                changed = True
        if not changed:
            break
    return plan


def _take(market: Market, plan: np.ndarray, slack: Slack, ask: tuple[int, np.ndarray]) -> bool:
    """Find an expert who can serve a request when others make room; tell whether it paid."""
    request, experts = ask
    first, last = int(market.first[request]), int(market.last[request])
    short = market.minutes[request, experts] - slack.rooms(experts, first, last)
    for expert in experts[np.argsort(short, kind="stable")].tolist():
        there = np.flatnonzero((plan == expert) & (market.fixed < 0))
        there = there[(market.first[there] <= last) & (market.last[there] >= first)]
        order = there[np.argsort(market.gain[there], kind="stable")].tolist()
        for start in range(len(order)):
            if _try(market, plan, slack, (request, expert, order[start:])):
                return True
    return False


def _try(market: Market, plan: np.ndarray, slack: Slack, move: tuple[int, int, list[int]]) -> bool:
    """Put a request in the place of others, in the order given; undo it where it does not pay."""
    request, expert, others = move
    first, last = int(market.first[request]), int(market.last[request])
    need, out = int(market.minutes[request, expert]), []
    for other in others[:_WIDEST]:
        _move(market, plan, slack, other, -1)
        out.append(other)
        if slack.room(expert, first, last) >= need:
            break
    moved: list[int] = []
    if slack.room(expert, first, last) >= need:
        _move(market, plan, slack, request, expert)
        for other in sorted(out, key=lambda one: (-int(market.gain[one]), one)):
            if serve(market, plan, slack, other):
                moved.append(other)
        lost = sum(int(market.gain[one]) for one in out if plan[one] < 0)
        enough = market.small_minutes(plan) >= market.least_small
        if int(market.gain[request]) > lost and enough:
            return True
        _move(market, plan, slack, request, -1)
    for other in moved:
        _move(market, plan, slack, other, -1)
    for other in out:
        _move(market, plan, slack, other, expert)
    return False


def _move(market: Market, plan: np.ndarray, slack: Slack, request: int, expert: int) -> None:
    """Take a request from its expert, if it has one, and give it to another; -1: to nobody."""
    first, last = int(market.first[request]), int(market.last[request])
    if plan[request] >= 0:
        slack.take(int(plan[request]), first, last, -int(market.minutes[request, plan[request]]))
    plan[request] = expert
    if expert >= 0:
        slack.take(expert, first, last, int(market.minutes[request, expert]))
