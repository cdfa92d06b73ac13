"""Better plans by exchange: a refused request takes hours from others, who move elsewhere."""

from __future__ import annotations

import numpy as np

from planlib.support.greedy import serve
from planlib.support.market import Market, Slack, used

_WIDEST = 3  # requests that make room for one
_EMPTIED = 4  # experts whose plan is made anew at once


def exchange(
    market: Market, plan: np.ndarray, passes: int, within: np.ndarray | None = None
) -> np.ndarray:
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
    within
        (experts,) bool, who may make room; None: everybody.
    """
    plan = plan.copy()
    open_to = market.eligible if within is None else market.eligible & within
    slack = used(market, plan)
    for _ in range(passes):
        changed = False
        refused = np.flatnonzero((plan < 0) & open_to.any(axis=1))
        for request in refused[np.argsort(-market.gain[refused], kind="stable")].tolist():
            if plan[request] >= 0:
                continue
            if serve(market, plan, slack, request) or _take(
                market, plan, slack, (request, np.flatnonzero(open_to[request]))
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


def rebuild(market: Market, plan: np.ndarray, rounds: int, seed: int) -> np.ndarray:
    """
    Empty a few experts again and again, fill them in another order, and keep what is better.

    Parameters
    ----------
    market
        What is asked for and what there is.
    plan
        A plan that keeps everything; it stays as it is.
    rounds
        How often.
    seed
        Of the draws: which experts, and in which order requests come back.
    """
    rng = np.random.default_rng(seed)
    best = plan.copy()
    best_worth = market.worth(best)
    for _ in range(rounds):
        trial = best.copy()
        chosen = rng.choice(market.experts, min(_EMPTIED, market.experts), replace=False)
        gone = np.flatnonzero(np.isin(trial, chosen) & (market.fixed < 0))
        trial[gone] = -1
        slack = used(market, trial)
        wish = np.flatnonzero(trial < 0)
        need = np.where(market.eligible[wish], market.minutes[wish], 2**40).min(axis=1)
        score = market.gain[wish] / np.maximum(need, 1) ** rng.uniform(0.6, 1.1)
        score = score * rng.uniform(0.7, 1.3, len(wish))
        for request in wish[np.argsort(-score, kind="stable")].tolist():
            serve(market, trial, slack, request)
        within = np.zeros(market.experts, dtype=bool)
        within[chosen] = True
        trial = exchange(market, trial, 2, within)
        worth = market.worth(trial)
        if worth > best_worth and market.small_minutes(trial) >= market.least_small:
            best, best_worth = trial, worth
    return best
