"""From the demand to the problem: what selling time is worth in each cell, and by which kind."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.settings.team_structure import CHOSEN, TeamStructureSettings
from planlib.team.structure.cells import KEYS, today_heads
from planlib.team.structure.costs import Costs
from planlib.team.structure.deals import window_start
from planlib.team.structure.ground import Ground
from planlib.team.structure.inputs import days, flags, words
from planlib.team.structure.problem import POOLS, OneOff, Problem
from planlib.team.structure.response import Floats, response

_LEAST_HEADS = 3  # of both kinds, for a measured quantity gain
_ASSUMED_GAIN = 1.4


@dataclass(frozen=True, kw_only=True)
class Value:
    """
    The problem, and what it rests on.

    Parameters
    ----------
    problem
        Numbers of the choice.
    penalty
        (C,) loss of quality of inside selling.
    gain, gain_basis
        Quantity gain of inside selling, and what it rests on.
    cases
        (P, C) won deals behind the worth of each pool.
    cautions
        What to read with care, by topic.
    """

    problem: Problem = field(repr=False)
    penalty: Floats = field(repr=False)
    gain: float
    gain_basis: str
    cases: Floats = field(repr=False)
    cautions: dict[str, str]


def build_value(ground: Ground, demand: pd.DataFrame, costs: Costs) -> Value:
    """
    Build the value model: ``quantity gain x (1 - quality penalty(complexity, competition))``.

    The margin won in a year is divided into pools: what hangs on who created a deal (SDR, BDR),
    on specialists, and on selling. In each cell a pool's margin answers relative time with
    falling return (``response``); its height is the cell's own margin over its present response,
    mixed with that of the segment by won deals, and scaled so that the model gives today's margin
    for today's heads.

    Parameters
    ----------
    ground
        People, cells and deals.
    demand
        ``wide`` of table ``structure_demand``.
    costs
        Cost of a head.
    """
    settings = ground.settings
    cautions: dict[str, str] = {}
    today = np.rint(
        today_heads(ground.cells, ground.roster, settings.head_parts).to_numpy().T
        * settings.head_parts
    ).astype(np.int64)
    penalty = quality_penalty(ground, demand, cautions)
    gain, basis = quantity_gain(ground)
    effect = _effects(ground, penalty, gain)
    margin, cases = _pools(ground, demand)
    load = _loads(ground, demand)
    hours = _given(today / settings.head_parts, effect)
    worth, need = np.zeros_like(load), np.zeros_like(load)
    for p in range(len(POOLS)):
        worth[p], need[p] = _heights(margin[p], cases[p], load[p], hours[p], ground)
    can_move = np.array([_has_value(kind, worth) for kind in CHOSEN])
    inside = CHOSEN.index("inside")
    if "complexity" in cautions and not today[inside].any():
        can_move[inside] = False
        cautions["inside"] = (
            "complexity of the cells is not known and nobody sells from inside today: no inside "
            "heads are proposed; segmentation (step 02) or products of deals would tell"
        )
    won = ground.deals[ground.deals["is_won"]]
    ratio = float(won["amount"].sum() / won["margin"].sum()) if won["margin"].sum() > 0 else 1.0
    problem = Problem(
        regions=ground.cells.table["region"].to_numpy(dtype=object),
        segments=ground.cells.table["segment"].to_numpy(dtype=object), today=today,
        parts=settings.head_parts, effect=effect, need=need, worth=worth,
        base_amount=float(margin[0].sum()) * settings.base_share / (1 - settings.base_share),
        revenue_per_margin=np.full(today.shape[1], ratio),
        workload=ground.cells.table["workload_hours"].to_numpy(dtype=float),
        cost=np.array([costs.by_kind[kind] for kind in CHOSEN]), price=1.0,
        is_money=costs.is_money, one_off=_one_off(settings), can_move=can_move,
        elasticity=settings.elasticity,
    )  # fmt: skip
    if not costs.is_money:
        problem = _priced(problem)
    return Value(problem=problem, penalty=penalty, gain=gain, gain_basis=basis, cases=cases,
                 cautions=cautions)  # fmt: skip


def quality_penalty(ground: Ground, demand: pd.DataFrame, cautions: dict[str, str]) -> Floats:
    """
    Give the loss of quality of inside selling by cell.

    ``base + complexity x c + competition x d`` with c and d from 0 in the simplest or least
    contested cell to 1 in the most; complexity is the mean score of the accounts (step 02), else
    products a deal; competition the share of deals lost to a competitor or on price. A part that
    is not known counts half.
    """
    settings, cells = ground.settings, ground.cells
    score = cells.accounts.groupby(KEYS)["complexity_score"].mean().reindex(cells.index)
    if score.isna().all() and "lines_per_deal" in demand:
        score = demand["lines_per_deal"]
    contest = demand["competition_share"] if "competition_share" in demand else score * np.nan
    found = np.full(len(cells.index), settings.penalty_base)
    for name, values, weight in (
        ("complexity", score, settings.penalty_complexity),
        ("competition", contest, settings.penalty_competition),
    ):
        known = values.to_numpy(dtype=float)
        if np.isnan(known).all():
            cautions[name] = f"{name} of the cells is not known: it counts half everywhere"
            known = np.full(len(found), 0.5)
        else:
            low, high = np.nanmin(known), np.nanmax(known)
            known = (known - low) / (high - low) if high > low else np.full(len(found), 0.5)
        found = found + weight * np.nan_to_num(known, nan=0.5)
    return found


def quantity_gain(ground: Ground) -> tuple[float, str]:
    """
    Give the exchanges an hour of inside selling compared with the field, and what it rests on.

    Measured: logged contacts by people, per head of each kind, of the window. It needs three
    heads of both kinds; else it is the figure of plan.yaml, or 1.4, and said to be assumed.
    """
    settings = ground.settings
    if settings.quantity_gain is not None:
        return settings.quantity_gain, "team_structure.quantity_gain"
    people, activities = ground.roster.people, ground.inputs.activities
    here = people[people["is_here"]].groupby("kind").size()
    if activities is None or min(here.get("field", 0), here.get("inside", 0)) < _LEAST_HEADS:
        return _ASSUMED_GAIN, "an assumption: there are no three heads of both kinds to compare"
    day = days(activities, "activity_date")
    inside = (day > window_start(ground.as_of, settings.window_months)) & (
        day <= pd.Timestamp(ground.as_of)
    )
    contacts = activities[inside & ~flags(activities, "is_automatic")]
    present = people.loc[people["is_here"], ["rep_id", "kind"]].set_index("rep_id")["kind"]
    count = words(contacts, "rep_id").map(present).value_counts()
    rate = {kind: count.get(kind, 0) / here[kind] for kind in ("field", "inside")}
    if min(rate.values()) <= 0:
        return _ASSUMED_GAIN, "an assumption: no contacts are logged for one of both kinds"
    return rate["inside"] / rate["field"], (
        f"measured: {count['inside']:,} logged contacts of {here['inside']} people inside against "
        f"{count['field']:,} of {here['field']} people in the field, open seats left out"
    )


def _one_off(settings: TeamStructureSettings) -> OneOff:
    return OneOff(
        hire=settings.hire_share, leave=settings.exit_share, retrain=settings.retrain_share,
        reassign=settings.reassign_share, years=settings.horizon_years,
    )  # fmt: skip


def _effects(ground: Ground, penalty: Floats, gain: float) -> Floats:
    """(K, C) hours of a head, quality taken off."""
    settings, posts = ground.settings, ground.roster.people
    mean = posts[posts["is_post"]].groupby("kind")["capacity_hours"].mean()
    usual = mean.get("field", mean.get("inside", np.nan))
    usual = 1.0 if pd.isna(usual) else float(usual)
    hours = {
        kind: settings.capacity_hours.get(kind, float(mean.get(kind, usual))) for kind in CHOSEN
    }
    effect = np.array([[hours[kind] if hours[kind] == hours[kind] else usual] for kind in CHOSEN])
    effect = np.repeat(effect, len(penalty), axis=1)
    effect[CHOSEN.index("inside")] *= gain * (1 - penalty)
    return effect


def _given(heads: Floats, effect: Floats) -> Floats:
    given = heads * effect
    places = {kind: place for place, kind in enumerate(CHOSEN)}
    return np.array([sum(given[places[kind]] for kind in kinds)  # type: ignore[index]
                     for kinds in POOLS.values()])  # fmt: skip


def _pools(ground: Ground, demand: pd.DataFrame) -> tuple[Floats, Floats]:
    """(P, C) yearly margin of each pool, and the won deals behind it."""
    settings, cells = ground.settings, ground.cells
    won = ground.deals[ground.deals["is_won"]]

    def by_cell(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        found = frame.groupby(KEYS)["margin"].agg(["sum", "size"]).reindex(cells.index).fillna(0.0)
        return found["sum"].to_numpy() / ground.years, found["size"].to_numpy(dtype=float)

    whole, count = by_cell(won)
    margin, cases = np.zeros((len(POOLS), len(whole))), np.zeros((len(POOLS), len(whole)))
    posts = ground.roster.people
    there = set(posts.loc[posts["is_post"], "kind"])
    for p, (name, share) in enumerate(
        (("selling", 0.0), ("sdr", settings.creation_share), ("bdr", settings.creation_share),
         ("specialist", settings.support_share))
    ):  # fmt: skip
        if name == "selling" or name not in there or (name == "sdr" and "leads" not in demand):
            continue
        mine = won["is_supported"] if name == "specialist" else won["creator_kind"] == name
        margin[p], cases[p] = by_cell(won[mine])
        margin[p] *= share * (1 - settings.base_share)
    margin[0] = np.maximum(whole * (1 - settings.base_share) - margin[1:].sum(axis=0), 0.0)
    cases[0] = count
    return margin, cases


def _loads(ground: Ground, demand: pd.DataFrame) -> Floats:
    """(P, C) what a pool works on: hours of accounts, leads, prospects, closed deals."""
    cells = ground.cells
    closed = ground.deals.groupby(KEYS).size().reindex(cells.index).fillna(0.0).to_numpy()
    leads = demand["leads"].fillna(0.0).to_numpy() if "leads" in demand else closed * 0.0
    return np.array([
        cells.table["workload_hours"].to_numpy(dtype=float), leads,
        cells.table["prospect_count"].to_numpy(dtype=float), closed / ground.years,
    ])  # fmt: skip


def _heights(
    margin: Floats, cases: Floats, load: Floats, hours: Floats, ground: Ground
) -> tuple[Floats, Floats]:
    """Give worth and need of a pool: see ``build_value``."""
    if margin.sum() <= 0 or hours.sum() <= 0 or load.sum() <= 0:
        return np.zeros_like(margin), np.zeros_like(margin)
    k = max(ground.settings.pool_cases, 1e-9)
    need = load * hours.sum() / load.sum()
    relative = np.divide(hours, need, out=np.zeros_like(hours), where=need > 0)
    height = response(relative, ground.settings.elasticity)
    expected = load * height
    segment = ground.cells.table["segment"].to_numpy()
    overall = margin.sum() / max(expected.sum(), 1e-12)
    rate = np.zeros_like(margin)
    for name in dict.fromkeys(segment.tolist()):
        rows = segment == name
        base = expected[rows].sum()
        own = margin[rows].sum() / base if base > 0 else overall
        count = cases[rows].sum() if base > 0 else 0.0
        pooled = (count * own + k * overall) / (count + k)
        single = np.divide(margin[rows], expected[rows], out=np.full(rows.sum(), pooled),
                           where=expected[rows] > 0)  # fmt: skip
        weight = np.where(expected[rows] > 0, cases[rows], 0.0)
        rate[rows] = (weight * single + k * pooled) / (weight + k)
    worth = rate * load
    scale = margin.sum() / max((worth * height).sum(), 1e-12)
    return worth * scale, need


def _has_value(kind: str, worth: Floats) -> bool:
    place = next(p for p, kinds in enumerate(POOLS.values()) if kind in kinds)
    return bool(worth[place].sum() > 0)


def _priced(problem: Problem) -> Problem:
    """Set cost against margin such that the field is as large as it should be today."""
    from dataclasses import replace

    step = 1.01
    heads = problem.today / problem.parts
    more = heads.copy()
    more[0] *= step
    grown = problem.worth[0] * (
        response(problem.relative(more), problem.elasticity)[0]
        - response(problem.relative(heads), problem.elasticity)[0]
    )
    added = (more[0] - heads[0]).sum() * problem.cost[0]
    return replace(problem, price=float(grown.sum() / added) if added > 0 else 0.0)
