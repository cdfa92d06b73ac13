"""When a decision would change, and what one more expert or hour would be worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.settings.support import SupportSettings
from planlib.support.exact import Found, improve_alone, search
from planlib.support.market import Market
from planlib.support.prepare import Prepared, words
from planlib.support.prices import Prices, price

_EXACT = 60  # open requests up to which every breakpoint is found by planning anew
_BY_PRICE = "price of the hours in the relaxed plan"
_ANEW = "plan made anew without it, or with it"


def least_gain(
    market: Market, prices: Prices, found: Found, settings: SupportSettings
) -> tuple[np.ndarray, str]:
    """
    Give the gain from which each request is served, all else equal.

    Returns
    -------
    tuple of ndarray and str
        (requests,) cents, infinite where no gain is enough, and how it was found: exactly, by
        planning anew, for a small market whose plan is proven best; else by the worth of the hours.
    """
    if int((market.fixed < 0).sum()) > _EXACT or not found.is_best:
        cost = np.maximum(prices.cost(market), 0.0)
        served = found.plan >= 0
        return np.where(
            served, np.minimum(cost, market.gain), np.maximum(cost, market.gain)
        ), _BY_PRICE  # fmt: skip
    best = market.worth(found.plan)
    limits = np.zeros(market.requests)
    for request in range(market.requests):
        own = int(market.gain[request])
        if market.fixed[request] >= 0:
            continue
        if found.plan[request] >= 0:
            eligible = market.eligible.copy()
            eligible[request] = False
            limits[request] = _anew(replace(market, eligible=eligible), settings) - (best - own)
        else:
            gain = market.gain.copy()
            gain[request] += int(market.gain.sum()) + 1  # so much that it is served where it can
            with_it = _anew(replace(market, gain=gain), settings)
            if with_it < gain[request]:
                limits[request] = np.inf
            else:
                limits[request] = best - (with_it - int(gain[request]))
    return limits, _ANEW


def _anew(market: Market, settings: SupportSettings) -> int:
    some = search(market, price(market), whole_requests=market.requests, effort=settings.effort)
    return market.worth(some.plan)


def breakpoints(prepared: Prepared, limits: np.ndarray) -> pd.Series:
    """
    Turn the least gain into the probability without support at which the decision changes.

    Returns
    -------
    Series
        Per request of the market: served below it, refused above it. Blank where no probability
        between 0 and that with support changes the decision.
    """
    rows = prepared.requests.iloc[prepared.place].reset_index(drop=True)
    weight = rows["margin_amount"] * rows["strategic_factor"]
    edge = rows["p_with"] - pd.Series(limits / 100) / weight.where(weight > 0)
    edge = edge.where(np.isfinite(limits))
    return edge.where((edge >= 0) & (edge <= 1)).round(4)


def skill_values(
    prepared: Prepared, prices: Prices, found: Found, settings: SupportSettings
) -> pd.DataFrame:
    """
    Give what one more expert of each skill would bring.

    The expert has the usual (median) hours a week, this skill alone, no leave, and is at home
    everywhere. Where nobody is refused for lack of hours or people, it is zero.

    Returns
    -------
    DataFrame
        Table ``support_values``.
    """
    rows = prepared.requests
    in_market = rows.iloc[prepared.place]
    served = pd.Series(found.plan >= 0, index=in_market.index).reindex(rows.index, fill_value=False)
    planned = pd.Series(0.0, index=rows.index)
    chosen = np.flatnonzero(found.plan >= 0)
    planned.iloc[prepared.place[chosen]] = (
        prepared.market.minutes[chosen, found.plan[chosen]] / 60
    )  # fmt: skip
    lacking = ~served & rows["reason_kind"].isin(["", "no skill", "no hours in window"])
    lacking &= rows["gain_amount"] > 0
    skills = rows["skill"].str.strip()
    has = words(prepared.experts["skills"])
    lines = []
    for skill in sorted(skills.dropna().unique()):
        mine = skills == skill
        asked = words(pd.Series([skill]))[0]
        people = np.array([asked <= one for one in has], dtype=bool)
        value, basis = _one_more(prepared, found, np.flatnonzero(mine & lacking), settings)
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


def _one_more(
    prepared: Prepared, found: Found, lacking: np.ndarray, settings: SupportSettings
) -> tuple[float, str]:
    if not len(lacking):
        return 0.0, "nobody is refused for lack of hours: hours are slack"
    wider, plan = _with_expert(prepared, found.plan, lacking)
    if not wider.eligible[:, -1].any():
        return 0.0, "each of the refused needs more hours in its window than one expert has"
    base = prepared.market.worth(found.plan)
    if found.is_best and wider.requests <= settings.whole_requests:
        better = search(wider, price(wider), whole_requests=wider.requests, effort=settings.effort)
        worth = max(wider.worth(better.plan), base)
        note = "planned anew with the expert" if better.is_best else "planned anew, at least"
        return (worth - base) / 100, note
    best = improve_alone(wider, plan, wider.experts - 1)
    return (wider.worth(best) - base) / 100, "the refused alone, the others unchanged: at least"


def _with_expert(
    prepared: Prepared, plan: np.ndarray, lacking: np.ndarray
) -> tuple[Market, np.ndarray]:
    """Give the market with one more expert, and with the requests that nobody could serve."""
    market, rows = prepared.market, prepared.requests
    usual = float(prepared.experts["hours_per_week"].median()) if market.experts else 40.0
    days = (prepared.grid.end - prepared.grid.start).astype(int) + 1
    room = np.floor(usual * 60 / 7 * days).astype(np.int64)
    extra = np.array([one for one in lacking if one not in set(prepared.place)], dtype=np.int64)
    more = rows.iloc[extra]
    spans = prepared.grid.span(more["needed_from"], more["needed_to"])
    count, people = len(extra), market.experts
    hours = np.ceil(rows["hours"].fillna(0.0).to_numpy() * 60 - 1e-6).astype(np.int64)
    place = np.r_[prepared.place, extra]
    wanted = np.isin(place, lacking)
    first, last = np.r_[market.first, spans[0]], np.r_[market.last, spans[1]]
    until = np.r_[0, room.cumsum()]
    fit = until[np.maximum(last, 0) + 1] - until[first] >= hours[place]
    asks = np.array([str(one).strip().casefold() for one in rows["skill"]])[place]
    same = (asks == asks[wanted][0]) & fit & (last >= 0)
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
        ),
        np.r_[plan, np.full(count, -1)],
    )
