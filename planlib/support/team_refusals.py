"""Who holds the hours that a request wants, and from when a team can be served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.support.exact import Found
from planlib.support.market import Slack
from planlib.support.prepare import Prepared
from planlib.support.team import Team
from planlib.support.teams import place_team

_NAMED = 3  # requests that are named as worth more


def holders(
    ready: Prepared, found: Found, experts: np.ndarray, span: tuple[int, int]
) -> tuple[str, list[tuple[bool, float]]]:
    """
    Name the requests that hold hours of some experts in a span, the least worth per hour first.

    What is running, or set by people, holds its hours whatever it is worth, so it is named only
    where nothing else holds any.

    Returns
    -------
    tuple of str and list
        The names, and of each whether it is of a small account and its gain a minute.
    """
    market, plan = ready.market, found.plan
    overlap = (market.first <= span[1]) & (market.last >= span[0])
    holds = np.flatnonzero(np.isin(plan, experts) & overlap)
    holds = holds[market.minutes[holds, plan[holds]] > 0]
    worth = market.gain[holds] / np.maximum(market.minutes[holds, plan[holds]], 1)
    places, smalls = [int(ready.place[one]) for one in holds], market.small[holds].tolist()
    every = list(zip(worth.tolist(), places, smalls, strict=True))
    lines = [line for one, line in zip(holds, every, strict=True) if market.fixed[one] < 0]
    for team, where in zip(market.teams, found.placed, strict=True):
        if where is None or not np.isin(where.experts, experts).any():
            continue
        if where.weeks[span[0] : span[1] + 1].any():
            each = team.gain / max(sum(where.minutes(team)), 1)
            (every if team.must else lines).append((each, team.place, team.small))
    lines = lines or every
    ids = ready.requests["request_id"]
    lines.sort(key=lambda line: (line[0], str(ids.iat[line[1]])))
    more = len(lines) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    names = ", ".join(_named(ready.requests.iloc[place]) for _, place, _ in lines[:_NAMED])
    return names + rest, [(is_small, each) for each, _, is_small in lines]


def _named(request: pd.Series) -> str:
    """Name a request as a person knows it: its project or account, and its id."""
    name = request["name"]
    return str(request["request_id"]) if pd.isna(name) else f"{name} ({request['request_id']})"


def team_outbid(ready: Prepared, found: Found, team: Team) -> str:
    """Say who holds the hours of the experts whom a refused team wants."""
    able = np.flatnonzero(team.eligible.any(axis=0))
    names, _ = holders(ready, found, able, (team.first, team.last))
    if not names:
        return "people set others for it, who have no hours in the same weeks"
    return f"all its experts at once are worth more to those who have the hours: {names}"


def team_free_date(ready: Prepared, slack: Slack, team: Team) -> pd.Timestamp | None:
    """Give the first day from which all experts have hours in a window of the same length."""
    grid, row = ready.grid, ready.requests.iloc[team.place]
    for first, last in grid.later(row["needed_from"], row["needed_to"]):
        if place_team(replace(team, first=first, last=last, must=()), slack) is not None:
            return pd.Timestamp(grid.start[first])
    return None
