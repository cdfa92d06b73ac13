"""When a decision would change, and what one more expert or hour would be worth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.deadline import cores
from planlib.settings.support import SupportSettings
from planlib.support.decided import words
from planlib.support.exact import Found, improve_alone, search
from planlib.support.market import Market
from planlib.support.prepare import Prepared
from planlib.support.prices import Prices, price
from planlib.support.seats import Seat, lacks_people
from planlib.support.team import Team

_EXACT = 60  # open requests up to which every breakpoint is found by planning anew
_ANEW_WORK = 12.0  # counted work of all plans made anew, where requests need several experts
_SKILLS = 8  # usual number of skills
_BY_PRICE = "price of the hours in the relaxed plan"
_ANEW = "plan made anew without it, or with it"
_SLACK = "nobody is refused for lack of hours: hours are slack"


def least_gain(
    market: Market, prices: Prices, found: Found, settings: SupportSettings
) -> tuple[np.ndarray, str]:
    """
    Give the gain from which each request is served, all else equal.

    Returns
    -------
    tuple of ndarray and str
        (requests + teams,) cents, infinite where no gain is enough, or where the request runs or
        a person set who serves it, so that no gain matters; and how it was found: exactly,
        by planning anew, for a small market whose plan is proven best; else by the worth of the
        hours.
    """
    teams = len(market.teams)
    asked = np.r_[market.fixed < 0, np.array([not team.must for team in market.teams], dtype=bool)]
    count = int((market.fixed < 0).sum()) + teams
    if count > _EXACT or not found.is_best or not _is_quick(market, found, count):
        cost = np.maximum(np.r_[prices.cost(market), prices.team_cost(market)], 0.0)
        served = np.r_[found.plan >= 0, np.array([one is not None for one in found.placed], bool)]
        gain = np.r_[market.gain, np.array([team.gain for team in market.teams], dtype=np.int64)]
        edge = np.where(served, np.minimum(cost, gain), np.maximum(cost, gain))
        return np.where(asked, edge, np.inf), _BY_PRICE
    best = market.worth(found.plan, found.placed)

    def least(one: int) -> float:
        return _edge_of(market, one, found, best, settings)

    limits = np.full(market.requests + teams, np.inf)
    with ThreadPoolExecutor(cores()) as pool:
        limits[asked] = list(pool.map(least, np.flatnonzero(asked).tolist()))
    return limits, _ANEW


def _edge_of(market: Market, one: int, found: Found, best: int, settings: SupportSettings) -> float:
    """Give the gain from which a request, or a team behind the requests, is served."""
    if one < market.requests:
        if found.plan[one] >= 0:
            eligible = market.eligible.copy()
            eligible[one] = False
            rest = best - int(market.gain[one])
            return _stays(replace(market, eligible=eligible), rest, settings)
        gain = market.gain.copy()
        gain[one] += _much(market)  # so much that it is served where it can
        return _edge(replace(market, gain=gain), int(gain[one]), best, settings)
    number = one - market.requests
    team = market.teams[number]
    if found.placed[number] is not None:
        other = replace(team, eligible=np.zeros_like(team.eligible))
        return _stays(_with_team(market, number, other), best - team.gain, settings)
    other = replace(team, gain=team.gain + _much(market))
    return _edge(_with_team(market, number, other), other.gain, best, settings)


def _is_quick(market: Market, found: Found, plans: int) -> bool:
    """Tell whether so many plans can be made anew; with teams one may take long."""
    return not market.teams or found.work * plans <= _ANEW_WORK


def _much(market: Market) -> int:
    return int(market.gain.sum()) + sum(team.gain for team in market.teams) + 1


def _edge(market: Market, gain: int, best: int, settings: SupportSettings) -> float:
    """Give the gain from which a request is served, from a plan that serves it where it can."""
    with_it = _anew(market, settings)
    return np.inf if with_it is None or with_it < gain else best - (with_it - gain)


def _stays(market: Market, rest: int, settings: SupportSettings) -> float:
    """
    Give the gain from which a served request stays, from a market without it.

    ``rest`` is what the others gain beside it. Where small accounts do not get their minimum
    without it, it stays whatever it gains.
    """
    without = _anew(market, settings)
    return 0.0 if without is None else float(without - rest)


def _with_team(market: Market, number: int, team: Team) -> Market:
    teams = [team if at == number else one for at, one in enumerate(market.teams)]
    return replace(market, teams=tuple(teams))


def _anew(market: Market, settings: SupportSettings) -> int | None:
    """Give the worth of the best plan; None where none keeps the minimum of small accounts."""
    count = market.requests + len(market.teams)
    some = search(market, price(market), whole_requests=count, effort=settings.effort)
    if market.small_minutes(some.plan, some.placed) < market.least_small:
        return None
    return market.worth(some.plan, some.placed)


def breakpoints(prepared: Prepared, limits: np.ndarray) -> pd.Series:
    """
    Turn the least gain into the probability without support at which the decision changes.

    Returns
    -------
    Series
        Per request of the market: served below it, refused above it. Blank where no probability
        between 0 and that with support changes the decision.
    """
    rows = prepared.requests.iloc[prepared.every_place].reset_index(drop=True)
    weight = rows["margin_amount"] * rows["strategic_factor"]
    edge = rows["p_with"] - pd.Series(limits / 100) / weight.where(weight > 0)
    edge = edge.where(np.isfinite(limits))
    return edge.where((edge >= 0) & (edge <= 1)).round(4)


def skill_values(
    prepared: Prepared, prices: Prices, found: Found, settings: SupportSettings
) -> pd.DataFrame:
    """
    Give what one more expert of each skill would bring.

    The expert has the usual (median) hours a week, this skill alone, no leave, is at home
    everywhere, and nobody has ruled the expert out. Such an expert may also take over what others
    with the skill serve, so that these serve more for another skill. Where nobody is refused for
    lack of hours or people, it is zero.

    Returns
    -------
    DataFrame
        Table ``support_values``.
    """
    rows = prepared.requests
    served, planned = _planned(prepared, found)
    lacking = rows["reason_kind"].isin(["", "no hours in window"]) | lacks_people(rows)
    lacking &= ~served & (rows["gain_amount"] > 0)
    has = words(prepared.experts["skills"])
    lines = []
    asked_for = _asked(rows)
    for skill in sorted({one for mine in asked_for for one in mine}):
        mine = pd.Series([skill in one for one in asked_for], index=rows.index, dtype=bool)
        people = np.array([_one(skill) <= one for one in has], dtype=bool)
        short = np.flatnonzero(mine & lacking)
        value, basis = (0.0, _SLACK)
        if lacking.any():
            value, basis = _one_more(prepared, found, short, skill, settings)
        hour = float(prices.minute[people].max(initial=0.0)) * 60 / 100
        lines.append(
            {
                "skill": skill,
                "expert_count": int(people.sum()),
                "request_count": int(mine.sum()),
                "served_count": int((mine & served).sum()),
                "requested_hours": float(rows.loc[mine, "hours"].sum(min_count=1)),
                "planned_hours": float(planned[mine].sum()),
                "refused_gain_amount": float(rows.loc[mine & lacking, "gain_amount"].sum()),
                "expert_value_amount": value,
                "hour_value_amount": round(hour, 2) if people.any() else None,
                "basis": basis,
            }
        )
    return pd.DataFrame(lines)


def _asked(rows: pd.DataFrame) -> list[set[str]]:
    """Give the skills of all experts that each request asks for."""
    return [
        {name for name, _ in seats}
        if seats
        else ({str(skill).strip()} if pd.notna(skill) else set())
        for seats, skill in zip(rows["seats"], rows["skill"], strict=True)
    ]


def _one(skill: str) -> set[str]:
    """Give the skills that one text names."""
    return words(pd.Series([skill]))[0]


def _planned(prepared: Prepared, found: Found) -> tuple[pd.Series, pd.Series]:
    """Give by row of the requests whether it is served, and the hours planned."""
    rows, market = prepared.requests, prepared.market
    served = pd.Series(False, index=rows.index)
    planned = pd.Series(0.0, index=rows.index)
    chosen = np.flatnonzero(found.plan >= 0)
    served.iloc[prepared.place[chosen]] = True
    planned.iloc[prepared.place[chosen]] = market.minutes[chosen, found.plan[chosen]] / 60
    for team, where in zip(market.teams, found.placed, strict=True):
        if where is not None:
            served.iloc[team.place] = True
            planned.iloc[team.place] = sum(where.minutes(team)) / 60
    return served, planned


def _one_more(
    prepared: Prepared, found: Found, lacking: np.ndarray, skill: str, settings: SupportSettings
) -> tuple[float, str]:
    wider, plan = _with_expert(prepared, found.plan, lacking, skill)
    is_wanted = wider.eligible[:, -1].any() or any(t.eligible[:, -1].any() for t in wider.teams)
    if not is_wanted and not len(lacking):
        return 0.0, "nobody who asks for the skill is refused for lack of hours"
    if not is_wanted:
        return 0.0, "each of the refused needs more hours in its window than one expert has"
    base = prepared.market.worth(found.plan, found.placed)
    count = wider.requests + len(wider.teams)
    quick = _is_quick(prepared.market, found, _SKILLS)
    if found.is_best and count <= settings.whole_requests and quick:
        better = search(wider, price(wider), whole_requests=count, effort=settings.effort)
        worth = max(wider.worth(better.plan, better.placed), base)
        note = "planned anew with the expert" if better.is_best else "planned anew, at least"
        return (worth - base) / 100, note
    beside = wider.beside(found.placed)
    best = improve_alone(beside, plan, wider.experts - 1)
    worth = beside.worth(best) + base - prepared.market.worth(found.plan)
    return (worth - base) / 100, "the refused alone, the others unchanged: at least"


def _with_expert(
    prepared: Prepared, plan: np.ndarray, lacking: np.ndarray, skill: str
) -> tuple[Market, np.ndarray]:
    """Give the market with one more expert, and with the requests that nobody could serve."""
    market, rows = prepared.market, prepared.requests
    room, teams = prepared.usual, (*market.teams, *prepared.beyond)
    known = {*prepared.place.tolist(), *(team.place for team in teams)}
    extra = np.array([one for one in lacking.tolist() if one not in known], dtype=np.int64)
    more = rows.iloc[extra]
    spans = prepared.grid.span(more["needed_from"], more["needed_to"])
    count, people = len(extra), market.experts
    hours = np.ceil(rows["hours"].fillna(0.0).to_numpy() * 60 - 1e-6).astype(np.int64)
    place = np.r_[prepared.place, extra]
    first, last = np.r_[market.first, spans[0]], np.r_[market.last, spans[1]]
    until = np.r_[0, room.cumsum()]
    fit = until[np.maximum(last, 0) + 1] - until[first] >= hours[place]
    asks = np.array([one == _one(skill) for one in words(rows["skill"])], dtype=bool)[place]
    same = asks & fit & (last >= 0)
    held = np.r_[market.fixed, np.full(count, -1)]
    return (
        Market(
            gain=np.r_[market.gain, np.rint(more["gain_amount"].to_numpy() * 100).astype(np.int64)],
            minutes=np.c_[
                np.r_[market.minutes, np.zeros((count, people), dtype=np.int64)], hours[place]
            ],
            eligible=np.c_[
                np.r_[market.eligible, np.zeros((count, people), dtype=bool)], same & (held < 0)
            ],
            first=first,
            last=last,
            room=np.r_[market.room, room[None]],
            small=np.r_[market.small, more["is_small"].to_numpy(dtype=bool)],
            least_small=market.least_small,
            fixed=held,
            teams=tuple(_wider(team, rows, skill) for team in teams),
        ),
        np.r_[plan, np.full(count, -1)],
    )


def _wider(team: Team, rows: pd.DataFrame, skill: str) -> Team:
    """Give a team that one more expert with a skill, at home everywhere, may join."""
    seats: tuple[Seat, ...] = rows["seats"].to_numpy()[team.place]
    fits = np.array([_one(name) == _one(skill) for name in team.skills], dtype=bool)
    part = np.ceil(np.array([hours for _, hours in seats]) * 60 / team.parts - 1e-6)
    return replace(
        team, eligible=np.c_[team.eligible, fits], minutes=np.c_[team.minutes, part.astype(int)]
    )
