"""Which deals are opened when, by whom, on which account: the selling of three years."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_samples.generator.clock import day, fresh
from data_samples.generator.crew import Person
from data_samples.generator.deals import Deal, Process, Stage, live
from data_samples.generator.market import season, years_after
from data_samples.generator.owners import Timeline, owner_at
from data_samples.generator.products import PRODUCTS, pull
from data_samples.generator.trades import TRADES

START = day("2023-01-02")
NEVER = 10**7
LASTING = 0.74  # share of a new contract that renews; the rest is bought once
PROCESS = Process(
    stages=(
        Stage(name="Discovery", probability=0.10, category="pipeline", share=0.20),
        Stage(name="Qualification", probability=0.20, category="pipeline", share=0.22),
        Stage(name="Evaluation", probability=0.35, category="pipeline", share=0.24),
        Stage(name="Proposal", probability=0.55, category="best_case", share=0.17),
        Stage(name="Negotiation", probability=0.75, category="most_likely", share=0.12),
        Stage(name="Procurement", probability=0.90, category="commit", share=0.05),
    ),
    won="Closed Won",
    lost="Closed Lost",
    quote=3,
    dies=(0.24, 0.27, 0.23, 0.15, 0.08, 0.03),
)
#: Deals that an AE opens a year, usual cycle in days, base log-odds of a win, by unit.
RATE = {"Enterprise": 33.0, "Commercial": 60.0, "Small Business": 92.0}
CYCLE = {"Enterprise": 148.0, "Commercial": 82.0, "Small Business": 37.0}
ODDS = {"Enterprise": -1.62, "Commercial": -1.36, "Small Business": -1.18}
#: Growth of demand a year by region.
GROWTH = {
    "North America": 0.13,
    "Latin America": 0.20,
    "UK & Ireland": 0.04,
    "Continental Europe": 0.15,
    "Asia Pacific": 0.26,
}
_ROLES = {
    "Enterprise": {"AE": 0.56, "BDR": 0.26, "SDR": 0.04, "ECS": 0.08, "PS": 0.04, "partner": 0.02},
    "Commercial": {"AE": 0.54, "BDR": 0.28, "SDR": 0.12, "ECS": 0.01, "PS": 0.03, "partner": 0.02},
    "Small Business": {
        "AE": 0.43,
        "BDR": 0.16,
        "SDR": 0.38,
        "ECS": 0.0,
        "PS": 0.02,
        "partner": 0.01,
    },
}
_SOURCES = {
    "AE": {
        "AE outbound": 0.44,
        "Partner": 0.15,
        "Customer referral": 0.14,
        "Events": 0.14,
        "Account-based": 0.13,
    },
    "BDR": {"BDR outbound": 0.74, "Account-based": 0.19, "Events": 0.07},
    "SDR": {"Website": 0.47, "Paid digital": 0.20, "Webinar": 0.22, "Events": 0.11},
    "ECS": {"Existing customer": 0.9, "Customer referral": 0.1},
    "PS": {"Existing customer": 0.8, "Webinar": 0.2},
    "partner": {"Partner": 1.0},
}
#: Effect of the source on the log-odds of a win.
SOURCE_ODDS = {
    "AE outbound": -0.10,
    "BDR outbound": -0.42,
    "Account-based": 0.22,
    "Events": 0.0,
    "Partner": 0.45,
    "Customer referral": 0.68,
    "Website": 0.18,
    "Paid digital": -0.38,
    "Webinar": -0.12,
    "Existing customer": 0.25,
}


@dataclass(kw_only=True)
class Book:
    """What the accounts have bought: contract value in force, its products, its next due day."""

    acv: np.ndarray
    bought: np.ndarray
    items: list[dict[int, float]]
    due: np.ndarray
    term: np.ndarray
    since: np.ndarray
    waiting: list[tuple[int, int]] = field(default_factory=list)


@dataclass(kw_only=True)
class Selling:
    """The scene in which deals are opened."""

    seed: int
    accounts: pd.DataFrame
    crew: Sequence[Person]
    lines: list[Timeline]
    as_of: int
    rate: float = 1.0
    trades: list[int] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trades = self.accounts["trade"].tolist()
        self.units = self.accounts["true_unit"].tolist()
        self.regions = self.accounts["region"].tolist()


def open_deals(scene: Selling) -> tuple[list[Deal], Book]:
    """
    Open and live all deals from 2023 to the as-of date.

    Returns
    -------
    tuple
        Deals by day of opening, and what the accounts have in force at the end.
    """
    rng = fresh(scene.seed, "demand")
    book = _first_book(rng, scene)
    sellers = [place for place, one in enumerate(scene.crew) if one.role == "AE"]
    potential = scene.accounts["true_potential"].to_numpy()
    created = scene.accounts["created"].to_numpy()
    moves = sorted(
        (start, number, who) for number, line in enumerate(scene.lines) for start, who in line
    )
    owner, done = np.full(len(created), -1), 0
    deals: list[Deal] = []
    for when in range(START, scene.as_of + 1):
        while done < len(moves) and moves[done][0] <= when:
            owner[moves[done][1]] = moves[done][2]
            done += 1
        _apply_wins(book, deals, when)
        for number in np.flatnonzero((book.due - 110 <= when) & (book.acv > 0)):
            _renew(rng, scene, book, deals, int(number), when)
        counts = rng.poisson([_daily_rate(scene, place, when) for place in sellers])
        if not counts.any():
            continue
        for place, count in zip(sellers, counts, strict=True):
            if count:
                mine = np.flatnonzero((owner == place) & (created <= when))
                for _ in range(int(count) if len(mine) else 0):
                    _open(rng, scene, book, deals, place, mine, when, potential)
    return deals, book


def _first_book(rng: np.random.Generator, scene: Selling) -> Book:
    accounts = scene.accounts
    count = len(accounts)
    potential = accounts["true_potential"].to_numpy()
    old = accounts["created"].to_numpy() < START
    chance = np.clip(0.36 + 0.12 * np.log(potential / 40_000), 0.07, 0.80)
    bought = old & (rng.random(count) < chance)
    share = rng.beta(3.0, 3.4, count)
    acv = np.where(bought, np.round(np.minimum(potential * share, 420_000 * share + 90_000), -2), 0)
    acv = np.where(bought, np.maximum(acv, 1_200), 0.0)
    since = np.where(bought, START - rng.integers(30, 1500, count), 0)
    book = Book(
        acv=acv,
        bought=bought.copy(),
        items=[{} for _ in range(count)],
        due=np.full(count, NEVER),
        term=rng.choice([1, 1, 1, 2, 2, 3], count),
        since=since,
    )
    for number in np.flatnonzero(bought):
        group = TRADES[scene.trades[int(number)]].group
        weights = pull(2022.0, group, float(acv[number]))
        picks = rng.choice(len(PRODUCTS), min(3, 1 + int(rng.poisson(0.7))), False, p=weights)
        parts = rng.dirichlet(np.full(len(picks), 2.0))
        book.items[number] = {int(one): float(part) for one, part in zip(picks, parts, strict=True)}
        book.due[number] = START + int(rng.integers(20, 365 * int(book.term[number]) + 20))
    return book


def _daily_rate(scene: Selling, place: int, when: int) -> float:
    one = scene.crew[place]
    if not one.here(when):
        return 0.0
    months = (when - one.hire) / 30.4
    ramp = min(1.0, 0.15 + 0.85 * months / 6.5)
    growth = float(np.exp(GROWTH[one.region] * years_after(when, 2025)))
    yearly = RATE[one.unit] * scene.rate * one.pace * ramp * growth
    return yearly / 250 * season(when) * (1.0 if one.work.is_work[when] else 0.03)


def _apply_wins(book: Book, deals: list[Deal], when: int) -> None:
    while book.waiting and book.waiting[0][0] <= when:
        _, place = heapq.heappop(book.waiting)
        deal = deals[place]
        number = deal.account
        if deal.deal_type == "renewal":
            book.acv[number] = deal.final_amount if deal.won else 0.0
            book.due[number] = (
                deal.due + 365 * int(book.term[number]) if deal.won and deal.due else NEVER
            )
            continue
        lasting = deal.final_amount * LASTING
        total = book.acv[number] + lasting
        if not book.bought[number]:
            book.since[number] = deal.end
        old = {one: part * book.acv[number] / total for one, part in book.items[number].items()}
        worth = sum(PRODUCTS[one].price * count for one, count in deal.lines)
        for one, count in deal.lines:
            part = PRODUCTS[one].price * count / worth * lasting / total
            old[one] = old.get(one, 0.0) + part
        book.items[number], book.acv[number], book.bought[number] = old, total, True
        if book.due[number] == NEVER:
            book.due[number] = deal.end + 365 * int(book.term[number])


def _active_owner(rng: np.random.Generator, scene: Selling, number: int, when: int) -> int:
    place = owner_at(scene.lines[number], when)
    if place >= 0 and scene.crew[place].here(when):
        return place
    region = scene.regions[number]
    here = [
        other
        for other, one in enumerate(scene.crew)
        if one.role == "AE" and one.region == region and one.here(when)
    ]
    if not here:
        here = [
            other
            for other, one in enumerate(scene.crew)
            if one.role == "manager" and one.region == region
        ]
    return int(rng.choice(here))


def _renew(
    rng: np.random.Generator, scene: Selling, book: Book, deals: list[Deal], number: int, when: int
) -> None:
    owner = _active_owner(rng, scene, number, when)
    items = book.items[number]
    acv = float(book.acv[number])
    lines = [
        (one, max(1, round(acv * part / PRODUCTS[one].price)))
        for one, part in sorted(items.items(), key=lambda pair: -pair[1])
    ][:3]
    odds = 1.9 + 0.15 * np.log(max(acv, 1_000) / 20_000) + 0.5 * scene.crew[owner].skill
    if any(PRODUCTS[one].growth < 0 and part > 0.4 for one, part in items.items()):
        odds -= 0.9
    deal = Deal(
        number=len(deals),
        account=number,
        owner=owner,
        created=when + int(rng.integers(0, 12)),
        deal_type="renewal",
        lines=lines,
        list_amount=acv,
        win_share=float(1 / (1 + np.exp(-odds))),
        cycle=100,
        creator=owner,
        role="AE",
        source="Existing customer",
        due=int(book.due[number]),
        mood=scene.crew[owner].mood,
    )
    book.due[number] = NEVER
    _finish(rng, scene, book, deals, deal)


def _open(
    rng: np.random.Generator,
    scene: Selling,
    book: Book,
    deals: list[Deal],
    place: int,
    mine: np.ndarray,
    when: int,
    potential: np.ndarray,
) -> None:
    one = scene.crew[place]
    room = np.clip(potential[mine] - book.acv[mine], 1_500, None)
    weight = room**0.55 * np.where(book.bought[mine], 2.3, 1.0)
    number = int(mine[int(rng.choice(len(mine), p=weight / weight.sum()))])
    customer = bool(book.bought[number]) and book.acv[number] > 0
    trade = TRADES[scene.trades[number]]
    part = float(np.exp(rng.normal(-1.55 if customer else -1.25, 0.60)))
    budget = max(1_000.0, min(float(potential[number]), 9e5) * part) * 1.04 ** years_after(
        when, 2025
    )
    weights = pull(years_after(when, 0), trade.group, budget)
    count = 1 + int(rng.random() < 0.3) + int(rng.random() < 0.08)
    picks = rng.choice(len(PRODUCTS), count, False, p=weights)
    parts = rng.dirichlet(np.full(count, 3.0))
    lines = [
        (int(item), max(1, round(budget * share / PRODUCTS[int(item)].price)))
        for item, share in zip(picks, parts, strict=True)
    ]
    listed = float(sum(PRODUCTS[item].price * quantity for item, quantity in lines))
    unit = scene.units[number]
    role = _draw(
        rng, {key: value for key, value in _ROLES[unit].items() if customer or key != "ECS"}
    )
    source = _draw(rng, _SOURCES[role])
    if customer and role == "AE" and rng.random() < 0.6:
        source = "Existing customer"
    usual = {"Enterprise": 95_000, "Commercial": 22_000, "Small Business": 6_500}[unit]
    odds = ODDS[unit] + SOURCE_ODDS[source] + one.skill + (0.75 if customer else 0.0)
    odds -= 0.24 * np.log(listed / usual)
    odds += 0.18 * (trade.group in PRODUCTS[lines[0][0]].groups.split())
    cycle = CYCLE[unit] * (0.62 if customer else 1.0) * (listed / usual) ** 0.13
    cycle *= float(np.exp(-0.15 * one.skill))
    deal = Deal(
        number=len(deals),
        account=number,
        owner=place,
        created=when,
        deal_type="expansion" if customer else "new",
        lines=lines,
        list_amount=listed,
        win_share=float(1 / (1 + np.exp(-odds))),
        cycle=cycle,
        role=role,
        source=source,
        creator=_creator(rng, scene, place, role, when),
        mood=one.mood,
    )
    _finish(rng, scene, book, deals, deal)


def _finish(
    rng: np.random.Generator, scene: Selling, book: Book, deals: list[Deal], deal: Deal
) -> None:
    live(rng, deal, PROCESS, scene.crew[deal.owner].work)
    _change_owner(rng, scene, deal)
    deals.append(deal)
    if not deal.zombie and (deal.won or deal.due is not None) and not deal.changes[-1][6]:
        heapq.heappush(book.waiting, (deal.end, deal.number))


def _change_owner(rng: np.random.Generator, scene: Selling, deal: Deal) -> None:
    """Hand an open deal to the account's new owner, mostly, and some weeks later."""
    moves = [
        (start + int(rng.integers(0, 21)), who)
        for start, who in scene.lines[deal.account]
        if who >= 0 and deal.created < start <= (deal.end if not deal.zombie else 10**6)
    ]
    for when, who in moves:
        if rng.random() > 0.9 or (not deal.zombie and when >= deal.end):
            continue
        before = [state for state in deal.changes if state[0] <= when]
        later = [(*state[:5], who, state[6]) for state in deal.changes if state[0] > when]
        if before and not before[-1][6]:
            same = [state for state in before if state[0] < when]
            deal.changes = [*same, (when, *before[-1][1:5], who, before[-1][6]), *later]


def _draw(rng: np.random.Generator, weights: dict[str, float]) -> str:
    names = list(weights)
    values = np.array(list(weights.values()))
    return names[int(rng.choice(len(names), p=values / values.sum()))]


def _creator(rng: np.random.Generator, scene: Selling, place: int, role: str, when: int) -> int:
    if role in ("AE", "partner"):
        return place
    region = scene.crew[place].region
    fits = [other for other, one in enumerate(scene.crew) if one.role == role and one.here(when)]
    near = [other for other in fits if scene.crew[other].region == region]
    return int(rng.choice(near or fits)) if fits else place
