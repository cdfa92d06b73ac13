"""Deals of the industrial sample: equipment projects with long cycles, and service contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_samples.generator.clock import MONTH, WEEKDAY, day, fresh
from data_samples.generator.crew import Person
from data_samples.generator.deals import Deal, Process, Stage, live
from data_samples.generator.market import years_after
from data_samples.generator.owners import Timeline, owner_at

START = day("2021-07-01")
PROCESS = Process(
    stages=(
        Stage(name="立项", probability=0.10, category="pipeline", share=0.22),
        Stage(name="设计院选型", probability=0.25, category="pipeline", share=0.26),
        Stage(name="招标准备", probability=0.40, category="pipeline", share=0.20),
        Stage(name="投标", probability=0.55, category="best_case", share=0.14),
        Stage(name="中标", probability=0.80, category="most_likely", share=0.10),
        Stage(name="合同谈判", probability=0.90, category="commit", share=0.08),
    ),
    won="合同签订",
    lost="丢单",
    quote=3,
    dies=(0.20, 0.22, 0.16, 0.36, 0.04, 0.02),
    hockey=0.45,
    late=0.3,
)


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """One product: unit price in CNY, margin, pull at the start of 2025, its growth a year."""

    product_id: str
    name: str
    family: str
    line: str
    price: float
    margin: float
    pull: float
    growth: float


EQUIPMENT = tuple(
    Equipment(
        product_id=row[0],
        name=row[1],
        family=row[2],
        line=row[3],
        price=float(row[4]),
        margin=float(row[5]),
        pull=float(row[6]),
        growth=float(row[7]),
    )
    for row in (
        line.split(";")
        for line in """\
CP-101;离心压缩机组;动力装备;装备制造;3600000;0.26;0.9;0.08
CP-102;蒸汽透平;动力装备;装备制造;2900000;0.24;0.6;-0.18
CP-201;高压多级泵;流体装备;装备制造;260000;0.31;1.3;0.06
CP-202;特种阀门;流体装备;装备制造;68000;0.34;1.1;0.09
CP-203;换热机组;流体装备;装备制造;540000;0.28;0.9;0.04
CP-301;除尘脱硫系统;环保装备;环保工程;1900000;0.19;0.7;-0.30
CP-302;污水深度处理;环保装备;环保工程;1500000;0.22;0.7;0.16
CP-401;智能控制系统;控制与服务;数字服务;420000;0.41;0.9;0.28
CP-402;设备在线监测;控制与服务;数字服务;180000;0.52;0.5;0.60
CP-501;年度维保服务;控制与服务;数字服务;45000;0.46;0.0;0.0""".splitlines()
    )
)
SERVICE = len(EQUIPMENT) - 1
_GROWTH = {"北方大区": 0.06, "华东大区": 0.13, "中南大区": 0.09, "西部大区": 0.19}
_SOURCES = {
    "老客户复购": 0.30,
    "自主开拓": 0.28,
    "设计院推荐": 0.17,
    "渠道伙伴": 0.11,
    "招标信息": 0.10,
    "展会": 0.04,
}
SOURCE_ODDS = {
    "老客户复购": 0.55,
    "自主开拓": -0.1,
    "设计院推荐": 0.5,
    "渠道伙伴": 0.1,
    "招标信息": -0.9,
    "展会": -0.25,
}
#: How busy selling is by month: quiet around Spring Festival, busy before the year's end.
_MONTHS = (0.8, 0.62, 1.12, 1.08, 1.1, 1.05, 0.95, 0.95, 1.15, 0.95, 1.25, 1.2)


@dataclass(kw_only=True)
class Scene:
    """The scene in which projects are opened."""

    seed: int
    accounts: pd.DataFrame
    crew: Sequence[Person]
    lines: list[Timeline]
    as_of: int
    bought: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))


def open_projects(scene: Scene) -> list[Deal]:
    """Open and live all deals from mid-2022 to the as-of date."""
    rng = fresh(scene.seed, "projects")
    potential = scene.accounts["true_potential"].to_numpy()
    created = scene.accounts["created"].to_numpy()
    chance = np.clip(0.38 + 0.13 * np.log(potential / 2.6e6), 0.05, 0.85)
    scene.bought = (rng.random(len(potential)) < chance) & (created < START)
    sellers = [place for place, one in enumerate(scene.crew) if one.role == "AE"]
    owner = np.full(len(created), -1)
    moves = sorted(
        (start, number, who) for number, line in enumerate(scene.lines) for start, who in line
    )
    done, deals = 0, list(_services(rng, scene, potential))
    wins: dict[int, list[int]] = {}
    for when in range(START, scene.as_of + 1):
        while done < len(moves) and (
            moves[done][0] <= when or when == START and moves[done][0] <= day("2023-01-02")
        ):
            owner[moves[done][1]] = moves[done][2]
            done += 1
        for number in wins.pop(when, []):
            scene.bought[number] = True
        counts = rng.poisson([_rate(scene.crew[place], when) for place in sellers])
        for place, count in zip(sellers, counts, strict=True):
            mine = np.flatnonzero((owner == place) & (created <= when)) if count else []
            for _ in range(int(count) if len(mine) else 0):
                deal = _open(rng, scene, place, np.asarray(mine), when, potential, len(deals))
                deals.append(deal)
                if deal.won:
                    wins.setdefault(deal.end, []).append(deal.account)
    return deals


def _rate(one: Person, when: int) -> float:
    if not one.here(when) or WEEKDAY[when] > 5 or not one.work.is_work[when]:
        return 0.0
    ramp = min(1.0, 0.2 + 0.8 * (when - one.hire) / 330)
    growth = float(np.exp(_GROWTH[one.region] * years_after(when, 2025)))
    return 34.0 / 245 * one.pace * ramp * growth * _MONTHS[MONTH[when] - 1]


def _open(
    rng: np.random.Generator,
    scene: Scene,
    place: int,
    mine: np.ndarray,
    when: int,
    potential: np.ndarray,
    number: int,
) -> Deal:
    one = scene.crew[place]
    weight = potential[mine] ** 0.62 * np.where(scene.bought[mine], 1.8, 1.0)
    account = int(mine[int(rng.choice(len(mine), p=weight / weight.sum()))])
    customer = bool(scene.bought[account])
    budget = float(
        np.clip(min(potential[account], 4e7) * np.exp(rng.normal(-0.8, 0.72)), 6e4, 4.5e7)
    )
    lines = _items(rng, budget, years_after(when, 2025))
    listed = float(sum(EQUIPMENT[item].price * count for item, count in lines))
    names = list(_SOURCES)
    odds_of = np.array(
        [_SOURCES[name] * (0.0 if name == "老客户复购" and not customer else 1.0) for name in names]
    )
    source = names[int(rng.choice(len(names), p=odds_of / odds_of.sum()))]
    odds = -1.0 + SOURCE_ODDS[source] + one.skill + 0.3 * customer
    odds -= 0.16 * float(np.log(listed / 1.5e6))
    cycle = 265 * (listed / 1.5e6) ** 0.14 * (0.75 if customer else 1.0)
    roles = ("AE", "PS", "partner")
    role = "partner" if source == "渠道伙伴" else str(rng.choice(roles[:2], p=[0.88, 0.12]))
    deal = Deal(
        number=number,
        account=account,
        owner=place,
        created=when,
        creator=place,
        role=role,
        deal_type="expansion" if customer else "new",
        lines=lines,
        list_amount=listed,
        win_share=float(1 / (1 + np.exp(-odds))),
        cycle=cycle,
        source=source,
        mood=one.mood,
    )
    live(rng, deal, PROCESS, one.work)
    _follow(rng, scene, deal)
    return deal


def _items(rng: np.random.Generator, budget: float, when: float) -> list[tuple[int, int]]:
    fits = np.array(
        [
            one.pull
            * np.exp(one.growth * when)
            * (one.price < budget * 1.3)
            * min(1.0, 18 * one.price / budget) ** 1.5
            for one in EQUIPMENT
        ]
    )
    if fits.sum() == 0:
        return [(3, max(1, round(budget / EQUIPMENT[3].price)))]
    count = min(int((fits > 0).sum()), 1 + int(rng.random() < 0.45) + int(rng.random() < 0.2))
    picks = rng.choice(len(EQUIPMENT), count, False, p=fits / fits.sum())
    parts = rng.dirichlet(np.full(count, 2.0))
    found = [
        (int(item), max(1, round(budget * part / EQUIPMENT[int(item)].price)))
        for item, part in zip(picks, parts, strict=True)
    ]
    return sorted(found, key=lambda pair: -pair[1] * EQUIPMENT[pair[0]].price)


def _services(rng: np.random.Generator, scene: Scene, potential: np.ndarray) -> list[Deal]:
    """Yearly service contracts of customers, until one is not renewed."""
    deals: list[Deal] = []
    for account in np.flatnonzero(scene.bought & (rng.random(len(potential)) < 0.42)):
        amount = float(round(np.clip(potential[account] * rng.uniform(0.02, 0.08), 3e4, 9e5), -3))
        due = START + int(rng.integers(40, 405))
        while due - 80 < scene.as_of:
            owner = owner_at(scene.lines[int(account)], due - 80)
            if owner < 0 or not scene.crew[owner].here(due - 80):
                near = [
                    place
                    for place, one in enumerate(scene.crew)
                    if one.role == "manager"
                    and one.unit == scene.accounts["true_unit"].iat[int(account)]
                ]
                owner = near[0]
            odds = 1.9 + 0.3 * scene.crew[owner].skill
            deal = Deal(
                number=len(deals),
                account=int(account),
                owner=owner,
                creator=owner,
                created=due - int(rng.integers(55, 95)),
                deal_type="renewal",
                lines=[(SERVICE, max(1, round(amount / EQUIPMENT[SERVICE].price)))],
                list_amount=amount,
                win_share=float(1 / (1 + np.exp(-odds))),
                cycle=75,
                source="老客户复购",
                due=due,
                mood=scene.crew[owner].mood,
            )
            live(rng, deal, PROCESS, scene.crew[owner].work)
            deals.append(deal)
            if not deal.won:
                break
            amount, due = deal.final_amount, due + 365
    return deals


def _follow(rng: np.random.Generator, scene: Scene, deal: Deal) -> None:
    """Hand an open deal to the account's new owner some weeks later, mostly."""
    for start, who in scene.lines[deal.account]:
        when = start + int(rng.integers(0, 30))
        if who < 0 or start <= deal.created or rng.random() > 0.88:
            continue
        if not deal.zombie and when >= deal.end:
            continue
        before = [state for state in deal.changes if state[0] <= when]
        if before and not before[-1][6]:
            later = [(*state[:5], who, state[6]) for state in deal.changes if state[0] > when]
            deal.changes = [
                *[state for state in before if state[0] < when],
                (when, *before[-1][1:5], who, before[-1][6]),
                *later,
            ]


def equipment_table() -> pd.DataFrame:
    """Give table ``products``."""
    return pd.DataFrame(
        [
            {
                "product_id": one.product_id,
                "name": one.name,
                "family": one.family,
                "business_line": one.line,
                "list_price": one.price,
                "margin_share": one.margin,
            }
            for one in EQUIPMENT
        ]
    )
