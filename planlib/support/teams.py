"""Place requests for several experts: who serves them, and in which weeks all of them work."""

from __future__ import annotations

from itertools import islice, product

import numpy as np

from planlib.support.market import Slack
from planlib.support.team import Placed, Team

_TRIED = 400  # ways to fill the seats of one team


def place_team(team: Team, slack: Slack) -> Placed | None:
    """
    Give a team the experts whom it costs least and the first weeks in which all have hours.

    Each way to fill the seats is tried, those who need the fewest minutes and have the least room
    left first; the hours of the plan that is there may move within their windows, not away. Nobody
    is found in rare cases in which a cleverer choice of weeks would do.
    """
    choices = [_candidates(team, slack, seat) for seat in range(len(team.skills))]
    for experts in islice(product(*choices), _TRIED):
        if len(set(experts)) < len(experts) or not set(team.must) <= set(experts):
            continue
        weeks = _weeks(team, slack, experts)
        if weeks is not None:
            return Placed(experts=experts, weeks=weeks)
    return None


def take_team(slack: Slack, team: Team, placed: Placed, sign: int = 1) -> None:
    """Take the hours of a placed team; with sign -1 give them back."""
    for seat, expert in enumerate(placed.experts):
        for period in np.flatnonzero(placed.weeks).tolist():
            part = int(placed.weeks[period] * team.minutes[seat, expert])
            slack.take(expert, period, period, sign * part)


def _candidates(team: Team, slack: Slack, seat: int) -> list[int]:
    able = np.flatnonzero(team.eligible[seat])
    if not len(able):
        return []
    need = team.minutes[seat, able]
    room = slack.rooms(able, team.first, team.last)
    enough = room >= need * team.parts
    able, need, room = able[enough], need[enough], room[enough]
    chosen: list[int] = able[np.lexsort((able, room, need))].tolist()
    return chosen


def _weeks(team: Team, slack: Slack, experts: tuple[int, ...]) -> np.ndarray | None:
    """Give the parts of each period, the first periods first; None: they do not fit."""
    weeks = np.zeros(slack.left.shape[1], dtype=np.int64)
    need = [int(team.minutes[seat, one]) for seat, one in enumerate(experts)]
    left = team.parts
    for period in range(team.first, team.last + 1):
        rooms = [slack.room(one, period, period) for one in experts]
        fits = min(max(room, 0) // part for room, part in zip(rooms, need, strict=True))
        weeks[period] = min(left, fits)
        for one, part in zip(experts, need, strict=True):
            slack.take(one, period, period, int(weeks[period]) * part)
        left -= int(weeks[period])
        if not left:
            break
    for one, part in zip(experts, need, strict=True):
        for period in np.flatnonzero(weeks).tolist():
            slack.take(one, period, period, -int(weeks[period]) * part)
    return None if left else weeks
