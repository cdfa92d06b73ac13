"""What an hour is worth: the plan with requests served in part, a bound and its dual prices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planlib.support.market import Market
from planlib.support.team_prices import team_parts

_TOLERANCE = 1e-9  # share by which the solver may miss the worth of the relaxed plan


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """
    The relaxed plan.

    Parameters
    ----------
    bound
        No plan is worth more, in cents.
    minute
        (experts, periods) worth of one more minute there, in cents.
    small
        Cents by which one more minute of the minimum service of small accounts lowers the gain.
    share
        (requests,) part of each request that is served.
    team_share
        (teams,) the same of requests for several experts.
    """

    bound: float
    minute: np.ndarray
    small: float
    share: np.ndarray
    team_share: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def cost(self, market: Market) -> np.ndarray:
        """
        Give what the hours of each request are worth to the others.

        Returns
        -------
        ndarray
            (requests,) cents at the cheapest expert and periods of its window, less what it earns
            as a small account; infinite without an expert.
        """
        found = np.full(market.requests, np.inf)
        price = np.where(market.room > 0, self.minute, np.inf)  # no hours there to be had
        for request in range(market.requests):
            experts = np.flatnonzero(market.eligible[request])
            if len(experts):
                inside = slice(int(market.first[request]), int(market.last[request]) + 1)
                cheapest = price[experts, inside].min(axis=1)
                if market.small[request]:
                    cheapest = cheapest - self.small
                minutes = market.minutes[request, experts]  # none cost nothing, at any price
                cost = np.multiply(minutes, cheapest, out=np.zeros(len(experts)), where=minutes > 0)
                found[request] = float(cost.min())
        return found

    def team_cost(self, market: Market) -> np.ndarray:
        """
        Give what the hours of each team are worth to the others.

        Returns
        -------
        ndarray
            (teams,) cents, each seat at its cheapest expert and period, less what it earns as a
            small account; infinite where a seat has nobody.
        """
        price = np.where(market.room > 0, self.minute, np.inf)
        found = np.zeros(len(market.teams))
        for number, team in enumerate(market.teams):
            for able, minutes in zip(team.eligible, team.minutes, strict=True):
                cheapest = price[able, team.first : team.last + 1].min(axis=1, initial=np.inf)
                cheapest = cheapest - self.small if team.small else cheapest
                costs = minutes[able] * team.parts * cheapest
                found[number] += costs.min(initial=np.inf)
        return found


def price(market: Market) -> Prices:
    """
    Solve the plan in which a request may be served in part, by several experts (GLOP).

    Each variable is the part of a request that an expert serves in one period. The dual price of
    an expert's period is what one more minute there would bring.
    """
    from ortools.linear_solver.python import model_builder_helper as builder
    from scipy.sparse import coo_matrix

    request, expert, period = _parts(market)
    teams = team_parts(market.teams, market.room)
    count, rows, more = len(request), market.requests, len(teams.gain)
    shape = market.room.shape
    nothing = np.zeros(len(market.teams))
    if not count + more:
        zero = np.zeros(shape)
        return Prices(bound=0.0, minute=zero, small=0.0, share=np.zeros(rows), team_share=nothing)
    need = market.minutes[request, expert].astype("float64")
    own = np.arange(count)
    small, also = np.flatnonzero(market.small[request]), np.flatnonzero(teams.small)
    floor = rows + shape[0] * shape[1]
    size = floor + 1 + len(teams.low)
    matrix = coo_matrix(
        (
            np.concatenate([np.ones(count), need, need[small], teams.minutes[also], teams.minutes,
                            teams.factor]),
            (
                np.concatenate(
                    [request, rows + expert * shape[1] + period,
                     np.full(len(small) + len(also), floor),
                     rows + teams.expert * shape[1] + teams.period, floor + 1 + teams.row]
                ),
                np.concatenate([own, own, small, count + also, count + np.arange(more),
                                count + teams.variable]),
            ),
        ),
        shape=(size, count + more),
    ).tocsr()  # fmt: skip
    held = (market.fixed >= 0) & np.isin(np.arange(rows), request)
    low = np.concatenate([held.astype("float64"), np.full(floor - rows, -np.inf),
                          [float(market.least_small)], teams.low])  # fmt: skip
    high = np.concatenate(
        [np.ones(rows), market.room.ravel().astype("float64"), [np.inf], teams.high]
    )
    helper: Any = builder.ModelBuilderHelper()
    gains = np.r_[market.gain[request], teams.gain].astype("float64")
    scale = max(float(gains.max()), 1.0)
    helper.fill_model_from_sparse_data(
        np.zeros(count + more), np.full(count + more, np.inf), gains / scale, low, high, matrix
    )
    helper.set_maximize(True)
    solver = builder.ModelSolverHelper("glop")
    solver.solve(helper)
    if not solver.has_solution():
        return Prices(bound=np.inf, minute=np.zeros(shape), small=0.0, share=np.zeros(rows),
                      team_share=nothing)  # fmt: skip
    dual = np.asarray(solver.dual_values()) * scale
    value = np.asarray(solver.variable_values())
    least = 1e-7 * scale / max(np.r_[need, teams.minutes].min(), 1.0)
    minute = dual[rows:floor].reshape(shape)
    minute = np.where(minute < least, 0.0, minute)
    served = max(-float(dual[floor]), 0.0)
    bound = float(solver.objective_value()) * scale * (1 + _TOLERANCE)
    if not market.teams:
        bound = min(bound, _worth_at(market, (request, expert, period), (minute, served)))
    return Prices(
        bound=bound,
        minute=minute,
        small=served,
        share=np.bincount(request, value[:count], minlength=rows),
        team_share=np.bincount(
            teams.number[teams.number >= 0], value[count:][teams.number >= 0],
            minlength=len(market.teams),
        ),
    )  # fmt: skip


def _worth_at(
    market: Market, parts: tuple[np.ndarray, ...], prices: tuple[np.ndarray, float]
) -> float:
    """Bound every plan by prices alone, whatever the solver's tolerance (Lagrangian relaxation)."""
    (request, expert, period), (minute, served) = parts, prices
    charged = minute[expert, period] - served * market.small[request]
    beyond = np.where(market.fixed < 0, 0.0, -np.inf)
    np.maximum.at(beyond, request, market.gain[request] - market.minutes[request, expert] * charged)
    beyond = np.where(np.isfinite(beyond), beyond, 0.0)  # nobody has an hour for it
    rooms = float((minute * market.room).sum())
    return float(beyond.sum()) + rooms - served * market.least_small


def _parts(market: Market) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give request, expert and period of every variable."""
    pair_request, pair_expert = np.nonzero(market.eligible)
    width = market.last[pair_request] - market.first[pair_request] + 1
    request, expert = np.repeat(pair_request, width), np.repeat(pair_expert, width)
    step = np.arange(int(width.sum())) - np.repeat(width.cumsum() - width, width)
    period = market.first[request] + step
    kept = market.room[expert, period] > 0
    kept &= (market.fixed[request] < 0) | (market.fixed[request] == expert)
    return request[kept], expert[kept], period[kept]
