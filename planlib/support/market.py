"""Requests against experts as arrays, and whether hours fit: the base of every plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planlib.support.team import Placed, Team

Places = tuple[Placed | None, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Market:
    """
    What is asked for and what there is. Requests and experts stand in the order of their ids.

    Parameters
    ----------
    gain
        (requests,) int64, cents that serving the request is worth, above 0.
    minutes
        (requests, experts) int64, minutes that the request takes of the expert, with the way.
    eligible
        (requests, experts) bool: skill, place and decisions of people allow it.
    first, last
        (requests,) int64, periods of the window, both included.
    room
        (experts, periods) int64, minutes that there are.
    small
        (requests,) bool: counts for the minimum service.
    least_small
        Minutes that requests of small accounts get at least.
    fixed
        (requests,) int64, expert that a person has set; -1: free.
    teams
        Requests for several experts together; they are not among ``requests``.
    """

    gain: np.ndarray
    minutes: np.ndarray
    eligible: np.ndarray
    first: np.ndarray
    last: np.ndarray
    room: np.ndarray
    small: np.ndarray
    least_small: int
    fixed: np.ndarray
    teams: tuple[Team, ...] = ()

    @property
    def requests(self) -> int:
        """Number of requests."""
        return len(self.gain)

    @property
    def experts(self) -> int:
        """Number of experts."""
        return len(self.room)

    def worth(self, plan: np.ndarray, placed: Places = ()) -> int:
        """Give the gain of a plan (expert of each request, -1: none; teams) in cents."""
        pairs = zip(self.teams, placed, strict=False)
        return int(self.gain[plan >= 0].sum()) + sum(team.gain for team, one in pairs if one)

    def small_minutes(self, plan: np.ndarray, placed: Places = ()) -> int:
        """Give the minutes of small accounts that a plan serves, those of teams with it."""
        chosen = np.flatnonzero((plan >= 0) & self.small)
        pairs = zip(self.teams, placed, strict=False)
        teams = sum(sum(one.minutes(team)) for team, one in pairs if one and team.small)
        return int(self.minutes[chosen, plan[chosen]].sum()) + teams

    def rank(self, plan: np.ndarray, placed: Places = ()) -> tuple[bool, int]:
        """Give what plans are compared by: the minimum of small accounts first, then the worth."""
        has_minimum = self.small_minutes(plan, placed) >= self.least_small
        return has_minimum, self.worth(plan, placed)

    def without_floor(self) -> Market:
        """Give the same without the minimum service of small accounts."""
        return replace(self, least_small=0)

    def beside(self, placed: Places) -> Market:
        """
        Give the requests for one expert alone, with the hours of placed teams taken off.

        What the placed teams of small accounts take counts for the minimum service.
        """
        room, served = self.room.copy(), 0
        for team, where in zip(self.teams, placed, strict=False):
            if where is None:
                continue
            served += sum(where.minutes(team)) if team.small else 0
            for seat, expert in enumerate(where.experts):
                room[expert] -= where.weeks * team.minutes[seat, expert]
        return replace(self, room=room, teams=(), least_small=max(self.least_small - served, 0))


class Slack:
    """
    Minutes left in every span of periods, for each expert.

    Hours of a request may fall anywhere in its window. They fit beside those of the others
    exactly when, for every span of periods, the requests whose windows lie inside ask for no more
    than there is in it (Hall's condition for one resource; Horn 1974 for the schedule).
    """

    def __init__(self, room: np.ndarray) -> None:
        experts, periods = room.shape
        until = np.concatenate([np.zeros((experts, 1), dtype=np.int64), room.cumsum(axis=1)], 1)
        left = until[:, None, 1:] - until[:, :-1, None]  # (expert, from, to)
        never = np.tril(np.ones((periods, periods), dtype=bool), -1)
        self.left = np.where(never[None], np.iinfo(np.int64).max // 4, left)

    def room(self, expert: int, first: int, last: int) -> int:
        """Give the most minutes that still fit into a window."""
        return int(self.left[expert, : first + 1, last:].min())

    def rooms(self, experts: np.ndarray, first: int, last: int) -> np.ndarray:
        """Give the same for several experts."""
        rooms: np.ndarray = self.left[experts, : first + 1, last:].min(axis=(1, 2))
        return rooms

    def take(self, expert: int, first: int, last: int, minutes: int) -> None:
        """Take minutes out of a window; negative minutes give them back."""
        self.left[expert, : first + 1, last:] -= minutes


def used(market: Market, plan: np.ndarray, placed: Places = ()) -> Slack:
    """Give what a plan leaves."""
    slack = Slack(market.beside(placed).room)
    for request in np.flatnonzero(plan >= 0).tolist():
        expert = int(plan[request])
        slack.take(
            expert, int(market.first[request]), int(market.last[request]),
            int(market.minutes[request, expert]),
        )  # fmt: skip
    return slack


def fits(market: Market, plan: np.ndarray, placed: Places = ()) -> bool:
    """Tell whether a plan keeps skill, place, hours and decisions of people."""
    chosen = np.flatnonzero(plan >= 0)
    if not market.eligible[chosen, plan[chosen]].all():
        return False
    held = market.fixed >= 0
    if (plan[held] != market.fixed[held]).any():
        return False
    pairs = list(zip(market.teams, placed, strict=False))
    if not all(one.keeps(team) if one else not team.must for team, one in pairs):
        return False
    return bool((used(market, plan, placed).left >= 0).all())


def spread(market: Market, plan: np.ndarray, placed: Places = ()) -> np.ndarray:
    """
    Spread the minutes of a plan over the periods, the window that ends first being served first.

    The hours of placed teams have their weeks already; they are taken off beforehand.

    Returns
    -------
    ndarray
        (requests, periods) int64; each row of a served request adds up to its minutes.
    """
    found = np.zeros((market.requests, market.room.shape[1]), dtype=np.int64)
    room = market.beside(placed).room
    for expert in range(market.experts):
        mine = np.flatnonzero(plan == expert)
        order = mine[np.lexsort((mine, market.first[mine], market.last[mine]))]
        left = market.minutes[order, expert].copy()
        for period in range(market.room.shape[1]):
            free = int(room[expert, period])
            for place, request in enumerate(order.tolist()):
                if free == 0:
                    break
                if left[place] and market.first[request] <= period <= market.last[request]:
                    given = min(free, int(left[place]))
                    found[request, period] = given
                    left[place] -= given
                    free -= given
    return found
