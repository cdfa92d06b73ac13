"""Hours by expert, skill, week and month; and experts whom more requests want than they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from planlib.support.decided import SEMICOLON
from planlib.support.exact import Found
from planlib.support.market import Slack, spread
from planlib.support.prepare import Prepared


def schedule(ready: Prepared, found: Found) -> pd.DataFrame:
    """Give table ``support_schedule``: the hours of each request by week or month."""
    minutes = spread(ready.market, found.plan, found.placed)
    request, period = np.nonzero(minutes)
    place, expert = ready.place[request], found.plan[request]
    skill = ready.requests["skill"].str.strip().to_numpy(dtype=object)[place]
    taken = minutes[request, period]
    for team, where in zip(ready.market.teams, found.placed, strict=True):
        if where is None:
            continue
        for seat, one in enumerate(where.experts):
            weeks = np.flatnonzero(where.weeks)
            place, expert = np.r_[place, np.full(len(weeks), team.place)], np.r_[
                expert, np.full(len(weeks), one)]  # fmt: skip
            period, taken = np.r_[period, weeks], np.r_[
                taken, where.weeks[weeks] * team.minutes[seat, one]]  # fmt: skip
            skill = np.r_[skill, np.full(len(weeks), team.skills[seat], dtype=object)]
    hours = pd.DataFrame(
        {
            "request_id": ready.requests["request_id"].to_numpy(dtype=object)[place],
            "expert_id": ready.experts["expert_id"].to_numpy(dtype=object)[expert],
            "period_start": pd.to_datetime(ready.grid.start[period]),
            "period_end": pd.to_datetime(ready.grid.end[period]),
            "skill": skill,
            "planned_hours": taken / 60,
        }
    )
    return hours.sort_values(
        ["expert_id", "period_start", "request_id"], ignore_index=True
    )  # fmt: skip


def expert_load(ready: Prepared, hours: pd.DataFrame) -> pd.DataFrame:
    """Give table ``support_load``: hours available and planned by expert and period."""
    people, grid = ready.experts, ready.grid
    count = len(grid)
    load = pd.DataFrame(
        {
            "expert_id": np.repeat(people["expert_id"].to_numpy(dtype=object), count),
            "period_start": pd.to_datetime(np.tile(grid.start, len(people))),
            "period_end": pd.to_datetime(np.tile(grid.end, len(people))),
            "name": np.repeat(people["name"].to_numpy(dtype=object), count),
            "skills": np.repeat(people["skills"].to_numpy(dtype=object), count),
            "available_hours": (ready.market.room / 60).ravel(),
        }
    )
    planned = hours.groupby(["expert_id", "period_start"])["planned_hours"].sum()
    keys = pd.MultiIndex.from_frame(load[["expert_id", "period_start"]])
    return load.assign(planned_hours=planned.reindex(keys).fillna(0.0).to_numpy())


def skill_load(load: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """
    Give table ``support_skill_load``: hours of all who have a skill, and what they are used for.

    An expert with two skills is available for both, so available hours of skills do not add up;
    the hours of a request that names two count in both as well.
    """
    if load.empty:
        return load
    several, hours = _by_skill(load, "skills"), _by_skill(hours, "skill")
    keys = ["skill", "period_start"]
    sums = several.groupby([*keys, "period_end"], as_index=False).agg(
        available_hours=("available_hours", "sum"), busy=("planned_hours", "sum")
    )
    mine = hours.groupby(["expert_id", "skill", "period_start"], as_index=False)[
        "planned_hours"
    ].sum()
    of_holders = mine.merge(several[["expert_id", *keys]], on=["expert_id", *keys])
    own = of_holders.groupby(keys)["planned_hours"].sum()
    planned = own.reindex(pd.MultiIndex.from_frame(sums[keys])).fillna(0.0).to_numpy()
    return sums.assign(
        planned_hours=planned, other_hours=(sums["busy"] - planned).clip(lower=0.0).round(6)
    ).drop(columns="busy")


def _by_skill(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give one row for each skill that a column names."""
    parts = rows[column].fillna("").astype("str").str.split(SEMICOLON)
    found = rows.assign(skill=parts).explode("skill", ignore_index=True)
    found["skill"] = found["skill"].str.strip()
    return found[found["skill"].fillna("") != ""]


def find_conflicts(
    ready: Prepared, found: Found, added: Mapping[str, str] = MappingProxyType({})
) -> pd.DataFrame:
    """
    Give table ``support_conflicts``: spans of weeks in which an expert is wanted beyond the hours.

    A refused request wants an expert who has skill, place and, were it alone, the hours. What has
    its whole window inside a span has to find its hours there: where these requests, the served
    ones and the refused, ask for more than the expert has in the span, they cannot all be served
    (Hall's condition). Requests whose windows merely touch are no conflict. Spans that lack most
    come first, until each refused request that is part of a conflict stands in one. ``added``
    gives the request of each row of ``split_running``.
    """
    asks = _asks(ready, found, added)
    slack = Slack(ready.market.room)
    lines = []
    for expert in range(ready.market.experts):
        mine = [one for one in asks if expert in one.wanted or expert in one.given]
        left = {one.name for one in mine if expert in one.wanted}
        while left:
            span = _worst_span(mine, expert, slack, left)
            if span is None:
                break
            inside = [one for one in mine if one.first >= span[0] and one.last <= span[1]]
            out = [one for one in inside if expert in one.wanted]
            out.sort(key=lambda one: (-one.gain, one.name))
            left -= {one.name for one in out}
            lines.append(
                {
                    "expert_id": ready.experts["expert_id"].iat[expert],
                    "name": ready.experts["name"].iat[expert],
                    "request_count": len(inside),
                    "first_date": pd.Timestamp(ready.grid.start[span[0]]),
                    "last_date": pd.Timestamp(ready.grid.end[span[1]]),
                    "wanted_hours": sum(one.need(expert) for one in inside) / 60,
                    "available_hours": slack.left[expert, span[0], span[1]] / 60,
                    "served": ", ".join(one.name for one in inside if expert in one.given),
                    "refused": ", ".join(one.name for one in out),
                    "refused_gain_amount": sum(one.gain for one in out) / 100,
                }
            )
    rows = pd.DataFrame(lines)
    if rows.empty:
        return rows
    return rows.sort_values(
        ["refused_gain_amount", "expert_id", "first_date"], ascending=[False, True, True],
        ignore_index=True,
    )  # fmt: skip


def _worst_span(
    asks: list[_Ask], expert: int, slack: Slack, left: set[str]
) -> tuple[int, int] | None:
    """Give the span that lacks most minutes and holds a request not named yet; None: none lacks."""
    best, worst = None, 0
    for first in sorted({one.first for one in asks}):
        for last in sorted({one.last for one in asks if one.last >= first}):
            inside = [one for one in asks if one.first >= first and one.last <= last]
            if left.isdisjoint(one.name for one in inside):
                continue
            lack = sum(one.need(expert) for one in inside) - int(slack.left[expert, first, last])
            if lack > worst:
                best, worst = (first, last), lack
    return best


@dataclass(frozen=True, kw_only=True)
class _Ask:
    """A request: minutes by expert who could serve it though nobody does, or who serves it."""

    name: str
    gain: int
    first: int
    last: int
    wanted: dict[int, int]
    given: dict[int, int]

    def need(self, expert: int) -> int:
        """Give the minutes of an expert."""
        return (self.wanted | self.given)[expert]


def _asks(ready: Prepared, found: Found, added: Mapping[str, str]) -> list[_Ask]:
    """Give requests for one expert and for several in the same shape, by name."""
    market, names = ready.market, ready.requests["request_id"].replace(dict(added))
    asks = []
    for one, place in enumerate(ready.place.tolist()):
        chosen = int(found.plan[one])
        able = np.flatnonzero(market.eligible[one]).tolist() if chosen < 0 else [chosen]
        need = {expert: int(market.minutes[one, expert]) for expert in able}
        asks.append(_Ask(
            name=str(names.iat[place]), gain=int(market.gain[one]), first=int(market.first[one]),
            last=int(market.last[one]), wanted=need if chosen < 0 else {},
            given={} if chosen < 0 else need,
        ))  # fmt: skip
    for team, where in zip(market.teams, found.placed, strict=True):
        if where is None and ready.requests["reason_kind"].iat[team.place]:
            continue
        given = {} if where is None else dict(zip(where.experts, where.minutes(team), strict=True))
        able = np.flatnonzero(team.eligible.any(axis=0)).tolist() if where is None else []
        wanted = {one: team.parts * int(team.minutes[team.eligible[:, one], one].min())
                  for one in able}  # fmt: skip
        asks.append(_Ask(
            name=str(names.iat[team.place]), gain=team.gain, first=team.first, last=team.last,
            wanted=wanted, given=given,
        ))  # fmt: skip
    return sorted(asks, key=lambda one: one.name)
