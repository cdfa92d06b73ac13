"""Compare policies in simulated worlds: the same arrivals, skills and luck for each of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from planlib.notes import percent
from planlib.routing import loop
from planlib.routing.arrays import (
    Game,
    Leads,
    Ranks,
    Rules,
    empty_load,
    empty_out,
    no_caps,
)
from planlib.routing.kernel import SLOT
from planlib.routing.measures import MEASURES, measure_world
from planlib.routing.prepare import CODES, NORMAL, Arrays
from planlib.routing.shifts import make_hours
from planlib.routing.worlds import Setting, draw_world
from planlib.settings.routing import RoutingSettings, SimulatorSettings
from planlib.tables import table

SCENARIOS = ("spare capacity", "tight capacity", "equal skill")
#: How a policy learns the ranks.
_LEARNS = {"raw_rank": loop.RAW, "best_ranked": loop.SHRUNK,
           "ranked_by_grade": loop.SHRUNK, "thompson": loop.SHRUNK}  # fmt: skip
_OUTCOMES = {"logit": 0, "additive": 1, "multiplicative": 2}
_WAIT = 31 * 1440  # longest wait in minutes
#: Limits that no figure of a unit can pass, nor the end of its interval.
_LIMITS = {"share": (0.0, 1.0), "gini": (0.0, 1.0), "correlation": (-1.0, 1.0),
           "wins": (0.0, np.inf), "minutes": (0.0, np.inf), "hours": (0.0, np.inf),
           "ratio": (0.0, np.inf), "months": (0.0, np.inf)}  # fmt: skip
#: The policy beside which every other one is measured.
BESIDE = "round_robin"
#: Policies that send leads to people whether at work or not; the first simulated one is the start.
BEFORE = ("geography", "strict_round_robin")
#: What is worked out over policies, world by world, in points of win rate.
GAINS = {
    "availability_gain_points": "Win rate of round robin among those at work, less that of a fixed "
    "rep of the region (else of turns whether at work or not)",
    "rank_gain_points": "Win rate of the best ranked at work, less that of round robin among them",
    "floor_cost_points": "Win rate of the best ranked without a floor, less that with it",
}
#: Measures of each world by scenario, policy and floor.
Worlds = dict[tuple[str, str, float], list[dict[str, float]]]


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """
    What the policies did.

    Parameters
    ----------
    results
        Table ``policy_results``.
    shares
        Table ``policy_shares``.
    basis
        Where each figure of the setting comes from.
    headlines
        How much of a gain is availability and how much is rank, and what floors cost.
    """

    results: pd.DataFrame = field(repr=False)
    shares: pd.DataFrame = field(repr=False)
    basis: dict[str, str]
    headlines: tuple[str, ...]


def run_world(
    setting: Setting, settings: SimulatorSettings, world: Arrays, policy: str,
    *, work: int, floor_share: float = 0.0,
) -> Arrays:  # fmt: skip
    """
    Run one policy in one world; the router's own loop decides.

    Returns
    -------
    dict of ndarray
        ``rep``, ``ready``, ``won`` by lead; ``free_at``, ``won_count``, ``expected`` by rep.
    """
    leads, reps = len(world["at"]), len(setting.people)
    lists = [np.arange(reps)] + [
        np.flatnonzero(setting.rep_regions == at) for at in range(len(setting.region_names))
    ]
    first = np.r_[0, np.cumsum([len(one) for one in lists])].astype(np.int64)
    pool = np.full((leads, 2), -1, dtype=np.int32)
    pool[:, 1] = world["region"] + 1 if policy == "geography" else 0
    empty = np.array([len(one) for one in lists])[pool[:, 1]] == 0
    pool[empty, 1] = 0
    score, sd, rank = _start_ranks(setting, settings, world, policy)
    none = np.full(leads, -1, np.int64)
    asked = Leads(
        at=world["at"], fixed=np.full((leads, 3), -1, np.int32), same=none, pool=pool, grade=none,
        quality_rank=world["quality_rank"], lead_key=world["lead_key"],
        blocked=np.zeros(leads, np.bool_), exclude=none, credit_at=none[:0], credit_of=none[:0],
        pool_first=first, members=np.concatenate(lists).astype(np.int32),
    )  # fmt: skip
    game = Game(
        learning=_LEARNS.get(policy, loop.GIVEN), review=settings.review_days * 1440,
        base=setting.base_rate, outcome=_OUTCOMES[settings.outcome],
        lasting=float(settings.lasting_share), half_life=settings.half_life_hours * 60.0,
        pick_delay=settings.pick_delay_minutes, quality=world["quality"], skill=world["skill"],
        luck=world["luck"], won=np.zeros(reps), expected=np.zeros(reps),
    )  # fmt: skip
    rules = Rules(policy=CODES[policy], floor_share=float(floor_share), wait=_WAIT,
                  owner_wait=_WAIT, work=work)  # fmt: skip
    load = empty_load(reps, setting.shifts.away.shape[1], 0)
    out = empty_out(leads, simulated=True)
    loop.run_leads(
        asked, rules, make_hours(setting.shifts, world["away"]), no_caps(reps),
        Ranks(score, sd, rank, setting.people["weight"].to_numpy(float).copy(), NORMAL), load,
        game, out,
    )  # fmt: skip
    return {"rep": out.rep, "ready": out.ready, "won": out.won, "free_at": load.free_at,
            "won_count": game.won, "expected": game.expected}  # fmt: skip


def simulate_policies(
    setting: Setting,
    settings: SimulatorSettings,
    routing: RoutingSettings,
    *,
    seed: int = 0,
) -> Simulation:
    """
    Run every policy in every world of three scenarios, and measure.

    Parameters
    ----------
    setting
        From ``make_setting``.
    settings, routing
        Sections ``simulator`` and ``routing``.
    seed
        Seed of the plan; world ``i`` is drawn from ``seed + i``.

    Returns
    -------
    Simulation
        Means over the worlds with 95 % intervals (Student's t), and the paired difference to
        plain round robin among those at work. Ranks are learnt inside each world and reviewed
        every ``review_days``; working hours as in ``routing``, without caps, skills, languages.
    """
    variants = [(one, 0.0) for one in settings.policies]
    variants += [("best_ranked", floor) for floor in settings.floors
                 if floor > 0 or "best_ranked" not in settings.policies]  # fmt: skip
    if BESIDE not in settings.policies:
        variants.append((BESIDE, 0.0))
    tight = settings.tight_work_minutes or tight_work(setting, settings)
    found: Worlds = {}
    shares: dict[tuple[str, str], list[np.ndarray]] = {}
    for at in range(settings.seeds):
        for scenario in SCENARIOS:
            spread = 0.0 if scenario == "equal skill" else settings.skill_sd
            work = tight if scenario == "tight capacity" else settings.work_minutes
            world = draw_world(setting, settings, seed + at, spread)
            for policy, floor in variants:
                if floor > 0 and scenario != "spare capacity":
                    continue
                run = run_world(setting, settings, world, policy, work=work, floor_share=floor)
                found.setdefault((scenario, policy, floor), []).append(
                    measure_world(setting, settings, world, run, routing.deadline_minutes)
                )
                if floor == 0 and scenario == "spare capacity":
                    shares.setdefault((scenario, policy), []).append(_by_place(world, run))
    results = pd.concat(
        [_results(found, setting.acv), pd.DataFrame(_gains(found))], ignore_index=True
    )
    return Simulation(
        results=table("policy_results").coerce(results),
        shares=table("policy_shares").coerce(_shares(shares)),
        basis=setting.basis
        | {
            "tight capacity": f"{tight} minutes of work on a lead, so that leads fill "
            f"{percent(_load(setting, settings, tight))} of the working time; spare "
            f"capacity: {settings.work_minutes} minutes, "
            f"{percent(_load(setting, settings, settings.work_minutes))}"
        },
        headlines=tuple(headlines(results)),
    )


def tight_work(setting: Setting, settings: SimulatorSettings) -> int:
    """Give the minutes of work on a lead that fill ``tight_load`` of the working time."""
    each = _load(setting, settings, 1)
    return max(1, round(settings.tight_load / each)) if each > 0 else settings.work_minutes


def _load(setting: Setting, settings: SimulatorSettings, work: int) -> float:
    """Give the share of the working time of those present that leads fill."""
    slots = settings.days * 1440 // SLOT
    opened = setting.shifts.next_open[:, :slots] == np.arange(slots)
    minutes = SLOT * float(opened.sum(axis=1)[setting.shifts.pattern].sum())
    present = minutes * (1 - setting.absence_share)
    return work * setting.lead_count / present if present > 0 else 0.0


def headlines(results: pd.DataFrame) -> list[str]:
    """
    Say what is availability, what is rank, and what each floor costs.

    Parameters
    ----------
    results
        Table ``policy_results`` with the rows of ``GAINS``.
    """
    rows = {
        (row["scenario"], row["policy"], row["floor_share"], row["measure"]): row
        for row in results.to_dict("records")
    }
    said = []
    for scenario in SCENARIOS[:2]:
        parts = [rows.get((scenario, "best_ranked", 0.0, name)) for name in
                 ("availability_gain_points", "rank_gain_points")]  # fmt: skip
        if parts[0] is None or parts[1] is None:
            continue
        start = next(one for one in BEFORE if (scenario, one, 0.0, "win_share") in rows)
        said.append(
            f"With {scenario}: sending leads to reps who are at work brings {_points(parts[0])} "
            f"points of win rate over {start.replace('_', ' ')}; rank brings {_points(parts[1])} "
            "more."
        )
    floors = sorted(key[2] for key in rows if key[3] == "floor_cost_points")
    for floor in floors:
        cost = rows["spare capacity", "best_ranked", floor, "floor_cost_points"]
        within = cost["low"] <= 0 <= cost["high"]
        share = {
            one: rows["spare capacity", "best_ranked", one, "minimum_share"]["value"]
            for one in (0.0, floor)
        }
        low, high = f"{cost['low']:.2f}", f"{cost['high']:.2f}"
        lift = f"from {percent(share[0.0])} to {percent(share[floor])} of the mean"
        said.append(
            f"A floor of {percent(floor)} costs no win rate beyond chance ({low} to {high}) and "
            "lifts "
            f"the rep with the fewest leads {lift}."
            if within else
            f"A floor of {percent(floor)} costs {cost['value']:.2f} points of win rate ({low} to "
            f"{high}) and lifts the rep with the fewest leads {lift}."
        )  # fmt: skip
    return said + _opportunity(rows)


def _opportunity(rows: Mapping[tuple[str, str, float, str], Mapping[Hashable, Any]]) -> list[str]:
    """Say what it costs that leads do not go to the best rep at work, and how long they wait."""
    said = []
    for policy, words in (("geography", "a fixed rep of the region"), (BESIDE, "turns among reps "
                          "at work"), ("best_ranked", "the best ranked at work")):  # fmt: skip
        cost, late = (
            rows.get(("spare capacity", policy, 0.0, name))
            for name in ("opportunity_cost_amount", "within_deadline_share")
        )
        if cost is not None and late is not None:
            said.append(
                f"Opportunity cost of {words}: {cost['value']:,.0f} of ACV in the simulated days "
                f"({cost['low']:,.0f} to {cost['high']:,.0f}), against the most skilled rep at "
                f"work for every lead; {percent(late['value'])} of the leads are begun in time."
            )
    return said


def _points(row: Mapping[Hashable, Any]) -> str:
    chance = "" if row["low"] > 0 or row["high"] < 0 else ", within chance"
    return f"{row['value']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f}{chance})"


def _gains(found: Worlds) -> list[dict[str, object]]:
    """Split the gain of rank from that of availability, and price floors, world by world."""
    rates = {key: np.array([100 * one["win_share"] for one in worlds])
             for key, worlds in found.items()}  # fmt: skip
    rows = []

    def add(scenario: str, floor: float, name: str, points: np.ndarray) -> None:
        value, low, high = interval(points)
        rows.append({
            "scenario": scenario, "policy": "best_ranked", "floor_share": floor, "measure": name,
            "measure_order": len(MEASURES) + 2 + list(GAINS).index(name), "unit": "points",
            "value": value, "low": low, "high": high, "world_count": len(points),
        })  # fmt: skip

    for scenario in SCENARIOS[:2]:
        ranked = rates.get((scenario, "best_ranked", 0.0))
        present = rates[scenario, BESIDE, 0.0]
        start = next((rates[scenario, one, 0.0] for one in BEFORE
                      if (scenario, one, 0.0) in rates), None)  # fmt: skip
        if ranked is not None and start is not None:
            add(scenario, 0.0, "availability_gain_points", present - start)
            add(scenario, 0.0, "rank_gain_points", ranked - present)
    free = rates.get((SCENARIOS[0], "best_ranked", 0.0))
    for scenario, policy, floor in sorted(rates):
        if free is not None and policy == "best_ranked" and floor > 0:
            add(scenario, floor, "floor_cost_points", free - rates[scenario, policy, floor])
    return rows


def _start_ranks(
    setting: Setting, settings: SimulatorSettings, world: Arrays, policy: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give score, its spread and rank before the first review."""
    reps, base = len(setting.people), setting.base_rate
    score = world["skill"].copy() if policy == "true_skill" else np.full(reps, base)
    place = np.empty(reps)
    place[np.argsort(-score, kind="stable")] = (np.arange(reps) + 0.5) / reps
    return score, np.full(reps, base * (1 - base) * settings.skill_sd), place


def _by_place(world: Arrays, run: Arrays) -> np.ndarray:
    """Give share of leads and of quality of each rep, the most skilled first."""
    reps = len(world["skill"])
    taken = run["rep"] >= 0
    leads = np.bincount(run["rep"][taken], minlength=reps)
    seen = 1 - world["quality_rank"][taken]
    quality = np.bincount(run["rep"][taken], weights=seen, minlength=reps)
    order = np.argsort(-world["skill"], kind="stable")
    return np.array([leads[order] / leads.sum(), quality[order] / quality.sum()])


def _shares(shares: dict[tuple[str, str], list[np.ndarray]]) -> pd.DataFrame:
    rows = []
    for (scenario, policy), worlds in shares.items():
        mean = np.mean(worlds, axis=0)
        rows.append(pd.DataFrame({
            "scenario": scenario, "policy": policy,
            "skill_place": np.arange(1, mean.shape[1] + 1),
            "lead_share": mean[0], "quality_share": mean[1],
        }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _results(found: Worlds, acv: float) -> pd.DataFrame:
    rows = []
    for (scenario, policy, floor), worlds in found.items():
        beside = found[scenario, BESIDE, 0.0]
        best = found.get((scenario, "true_skill", 0.0))
        for order, name in enumerate(MEASURES):
            values = [one[name] for one in worlds]
            rows.append(_row((scenario, policy, floor, name, order), values,
                             [one[name] for one in beside]))  # fmt: skip
        if best is not None:
            lost = [
                acv * (top["wins"] - one["wins"]) for top, one in zip(best, worlds, strict=True)
            ]
            base = [
                acv * (top["wins"] - one["wins"]) for top, one in zip(best, beside, strict=True)
            ]
            rows.append(_row((scenario, policy, floor, "opportunity_cost_amount", len(MEASURES)),
                             lost, base))  # fmt: skip
        sums = [one["acv_amount"] for one in worlds]
        spread = float(np.std(sums, ddof=1) / np.mean(sums)) if np.mean(sums) else np.nan
        rows.append({
            **_keys((scenario, policy, floor, "revenue_spread", len(MEASURES) + 1)),
            "value": spread, "world_count": len(sums),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _keys(names: tuple[str, str, float, str, int]) -> dict[str, object]:
    scenario, policy, floor, measure, order = names
    unit = MEASURES[measure][0] if measure in MEASURES else (
        "amount" if measure == "opportunity_cost_amount" else "share")  # fmt: skip
    return {"scenario": scenario, "policy": policy, "floor_share": floor, "measure": measure,
            "measure_order": order, "unit": unit}  # fmt: skip


def _row(
    names: tuple[str, str, float, str, int], values: Sequence[float], beside: Sequence[float]
) -> dict[str, object]:
    value, low, high = interval(np.array(values))
    least, most = _LIMITS.get(str(_keys(names)["unit"]), (-np.inf, np.inf))
    low, high = max(low, least), min(high, most)
    gap, gap_low, gap_high = interval(np.array(values) - np.array(beside))
    return {
        **_keys(names), "value": value, "low": low, "high": high, "difference": gap,
        "difference_low": gap_low, "difference_high": gap_high, "world_count": len(values),
    }  # fmt: skip


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Give mean and 95 % interval (Student's t) over worlds; NA worlds do not count."""
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    if len(known) < 2:
        return mean, float("nan"), float("nan")
    half = float(stdtrit(len(known) - 1, 0.975) * known.std(ddof=1) / np.sqrt(len(known)))
    return mean, mean - half, mean + half
