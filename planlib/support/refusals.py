"""What each request is told: who serves it, or why not, and from when somebody is free."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.support.exact import Found
from planlib.support.market import Slack, used
from planlib.support.prepare import Prepared
from planlib.support.team_refusals import holders, team_free_date, team_outbid


def explain(ready: Prepared, found: Found) -> pd.DataFrame:
    """
    Give all requests with outcome, expert, reason and next free day.

    Returns
    -------
    DataFrame
        ``ready.requests`` with ``outcome``, ``expert_id``, ``planned_hours``, ``reason_kind``,
        ``reason``, ``free_date``; served first, then refused, each by rank.
    """
    rows, market, plan = ready.requests, ready.market, found.plan
    also = pd.Series(None, index=rows.index, dtype="object")
    names = ready.experts["expert_id"].to_numpy(dtype=object)
    outcome = rows["reason_kind"].map(lambda kind: "not rated" if kind in _OPEN else "refused")
    expert = pd.Series(None, index=rows.index, dtype="object")
    planned = pd.Series(np.nan, index=rows.index)
    free = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    kind, text = rows["reason_kind"].copy(), rows["reason"].copy()
    slack = used(market, plan, found.placed)
    for number, place in enumerate(ready.place.tolist()):
        chosen = int(plan[number])
        if chosen < 0:
            kind.iat[place] = "worth less"
            text.iat[place] = _outbid(ready, found, number)
            day = _free_date(ready, slack, number)
            free.iat[place] = pd.NaT if day is None else day
            continue
        is_running = str(rows["status"].iat[place]) == "running"
        outcome.iat[place] = "running" if is_running else "served"
        expert.iat[place] = names[chosen]
        planned.iat[place] = market.minutes[number, chosen] / 60
        text.iat[place] = _served(ready, number, chosen, is_running)
    for team, where in zip(market.teams, found.placed, strict=True):
        place = team.place
        if where is not None:
            outcome.iat[place], kind.iat[place] = "served", ""
            expert.iat[place] = names[where.experts[0]]
            also.iat[place] = "; ".join(names[list(where.experts[1:])])
            planned.iat[place] = sum(where.minutes(team)) / 60
            others = also.iat[place]
            text.iat[place] = f"together with {others}: its gain is worth the hours of all"
            if team.must:
                text.iat[place] = f"together with {others}: a person gave it to one of them"
            continue
        if not kind.iat[place]:
            outcome.iat[place], kind.iat[place] = "refused", "worth less"
            text.iat[place] = team_outbid(ready, found, team)
        day = team_free_date(ready, slack, team)
        free.iat[place] = pd.NaT if day is None else day
    late = (rows["reason_kind"] == "no hours in window") & (rows["seats"].map(len) == 0)
    for place in np.flatnonzero(late.to_numpy()).tolist():
        day = _later(ready, slack, place)
        free.iat[place] = pd.NaT if day is None else day
    shown = rows.assign(
        outcome=outcome, expert_id=expert, planned_hours=planned, reason_kind=kind, reason=text,
        free_date=free, also_expert_ids=also,
    )  # fmt: skip
    order = shown["outcome"].map(_FIRST.index)
    shown = shown.assign(_order=order).sort_values(
        ["_order", "rank", "request_id"], na_position="last"
    )
    return shown.drop(columns="_order").reset_index(drop=True)


_OPEN = ("not rated", "no hours given")
_FIRST = ["served", "running", "refused", "ranked", "not rated"]


def _served(ready: Prepared, number: int, chosen: int, is_running: bool) -> str:
    if is_running:
        return "is running: its hours are taken"
    if ready.market.fixed[number] >= 0:
        return "a person gave it to the expert"
    home = ready.market.minutes[number][ready.market.eligible[number]].min()
    more = (ready.market.minutes[number, chosen] - home) / 60
    if more > 0:
        return f"{more:g} hours more than with an expert closer by, who is worth more elsewhere"
    return "its gain is worth the hours"


def _outbid(ready: Prepared, found: Found, number: int) -> str:
    """Name the requests that hold the hours, the least worth per hour first."""
    market = ready.market
    able = np.flatnonzero(market.eligible[number])
    own = market.gain[number] / max(int(market.minutes[number, able].min()), 1)
    span = (int(market.first[number]), int(market.last[number]))
    names, small = holders(ready, found, able, span)
    kept = any(is_small and worth < own for is_small, worth in small) and market.least_small > 0
    floor = "; small accounts among them keep their minimum" if kept else ""
    return f"worth less than those who have the hours: {names}{floor}"


def _free_date(ready: Prepared, slack: Slack, number: int) -> pd.Timestamp | None:
    able = np.flatnonzero(ready.market.eligible[number])
    return _first_free(ready, slack, (able, ready.market.minutes[number, able]),
                       int(ready.place[number]))  # fmt: skip


def _later(ready: Prepared, slack: Slack, place: int) -> pd.Timestamp | None:
    """Give the first free day of a request that fits nowhere in its own window."""
    able = np.flatnonzero(ready.could[place] >= 0)
    return _first_free(ready, slack, (able, ready.could[place, able]), place)


def _first_free(
    ready: Prepared, slack: Slack, experts: tuple[np.ndarray, np.ndarray], place: int
) -> pd.Timestamp | None:
    """Give the first day from which somebody has the hours in a window of the same length."""
    able, need = experts
    row, grid = ready.requests.iloc[place], ready.grid
    for first, last in grid.later(row["needed_from"], row["needed_to"]):
        if len(able) and (slack.rooms(able, first, last) >= need).any():
            return pd.Timestamp(grid.start[first])
    return None
