"""Plain plans of requests for one expert and for several, one after another, and better ones."""

from __future__ import annotations

import numpy as np

from planlib.support.greedy import give, serve
from planlib.support.market import Market, Places, Slack
from planlib.support.prices import Prices
from planlib.support.team import Placed, Team
from planlib.support.teams import place_team, take_team

_TRIALS = 60  # plans anew with one team first or last


def baseline(market: Market, score: np.ndarray | None = None) -> tuple[np.ndarray, Places]:
    """
    Serve requests and teams one after another while hours last: the readable baseline.

    Decisions of people come first, then small accounts until they have their minimum, then all
    others by gain per hour; the hours of a team are those of all its experts. Without teams it is
    ``greedy``.

    Parameters
    ----------
    market
        What is asked for and what there is.
    score
        (requests + teams,) another order, highest first; None: gain per hour.
    """
    plain = plain_score(market) if score is None else score
    count = market.requests
    order = np.lexsort((np.arange(len(plain)), -plain)).tolist()
    plan = np.full(count, -1, dtype=np.int64)
    placed: list[Placed | None] = [None] * len(market.teams)
    slack = Slack(market.room)
    for request in np.flatnonzero(market.fixed >= 0).tolist():
        give(market, plan, slack, request, int(market.fixed[request]))
    for number, team in enumerate(market.teams):
        if team.must:
            _try(team, placed, number, slack)
    for one in order:
        if market.small_minutes(plan, tuple(placed)) >= market.least_small:
            break
        if one >= count and market.teams[one - count].small:
            _try(market.teams[one - count], placed, one - count, slack)
        elif one < count and market.small[one] and plan[one] < 0:
            serve(market, plan, slack, one)
    for one in order:
        if one >= count:
            _try(market.teams[one - count], placed, one - count, slack)
        elif plan[one] < 0:
            serve(market, plan, slack, one)
    return plan, tuple(placed)


def plain_score(market: Market) -> np.ndarray:
    """Give the gain a minute of requests, then of teams."""
    best = np.where(market.eligible, market.minutes, np.iinfo(np.int64).max).min(axis=1)
    teams = [team.gain / max(least_minutes(team), 1) for team in market.teams]
    score: np.ndarray = np.r_[market.gain / np.maximum(best, 1), teams]
    return score


def least_service(market: Market, share: float) -> int:
    """
    Give the minutes that small accounts get at least: the share, as far as a plain plan can.

    Parameters
    ----------
    market
        What is asked for; its own ``least_small`` is not looked at.
    share
        Share of all minutes asked for, those of teams with it.
    """
    some = market.eligible.any(axis=1)
    need = np.where(market.eligible, market.minutes, np.iinfo(np.int64).max).min(axis=1)
    teams = [least_minutes(team) for team in market.teams if team.eligible.any(axis=1).all()]
    wanted = int(share * (need[some].sum() + sum(teams)))
    if not wanted:
        return 0
    small = np.r_[market.small, np.array([team.small for team in market.teams], dtype=bool)]
    score = np.where(small, plain_score(market) + 1.0, -1.0)
    free = market.without_floor()
    return min(wanted, market.small_minutes(*baseline(free, score)))


def least_minutes(team: Team) -> int:
    """Give the minutes of all seats with the experts who need the fewest."""
    need = [team.minutes[seat, able].min(initial=2**31) if able.any() else 2**31
            for seat, able in enumerate(team.eligible)]  # fmt: skip
    return team.parts * int(sum(need))


def improve_teams(
    market: Market, prices: Prices, start: tuple[np.ndarray, Places], effort: float
) -> tuple[np.ndarray, Places]:
    """
    Plan anew with one team first, or one last, and keep what is worth more.

    Parameters
    ----------
    market
        What is asked for and what there is.
    prices
        The relaxed plan: its shares are the order of all others.
    start
        A plan that keeps everything.
    effort
        Multiple of the usual number of trials.
    """
    if not market.teams:
        return start
    count, best = market.requests, start
    cost = np.r_[prices.cost(market), prices.team_cost(market)]
    gain = np.r_[market.gain, [team.gain for team in market.teams]]
    order = np.nan_to_num(gain / np.maximum(cost, 1e-9), posinf=1e18)
    last = np.argsort([-team.gain for team in market.teams], kind="stable")
    for number in last[: max(1, round(_TRIALS * effort))].tolist():
        turned = order.copy()
        turned[count + number] = np.inf if best[1][number] is None else -np.inf
        trial = baseline(market, turned)
        enough = market.small_minutes(*trial) >= market.least_small
        if enough and market.worth(*trial) > market.worth(*best):
            best, order = trial, turned
    return best


def _try(team: Team, placed: list[Placed | None], number: int, slack: Slack) -> None:
    if placed[number] is None:
        where = place_team(team, slack)
        if where is not None:
            take_team(slack, team, where)
            placed[number] = where
