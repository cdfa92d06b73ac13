"""Compare policies in simulated worlds: the same arrivals, skills and luck for each of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

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
from planlib.routing.measures import measure_world
from planlib.routing.prepare import CODES, NORMAL, Arrays
from planlib.routing.shifts import make_hours
from planlib.routing.simulated import (
    BEFORE,
    BESIDE,
    SCENARIOS,
    Worlds,
    gains_of,
    results_of,
    shares_of,
)
from planlib.routing.worlds import Setting, draw_world
from planlib.settings.routing import RoutingSettings, SimulatorSettings
from planlib.tables import table

#: How a policy learns the ranks.
_LEARNS = {"raw_rank": loop.RAW, "best_ranked": loop.SHRUNK,
           "ranked_by_grade": loop.SHRUNK, "thompson": loop.SHRUNK}  # fmt: skip
_OUTCOMES = {"logit": 0, "additive": 1, "multiplicative": 2}
_WAIT = 31 * 1440  # longest wait in minutes


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
        blocked=np.zeros(leads, np.bool_), exclude=none, policy=none, credit_at=none[:0],
        credit_of=none[:0], pool_first=first, members=np.concatenate(lists).astype(np.int32),
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
    currency: str = "",
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
    currency
        That of the ACV of a win, for the texts.

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
        [results_of(found, setting.acv), pd.DataFrame(gains_of(found))], ignore_index=True
    )
    return Simulation(
        results=table("policy_results").coerce(results),
        shares=table("policy_shares").coerce(shares_of(shares)),
        basis=setting.basis
        | {
            "tight capacity": f"{tight} minutes of work on a lead, so that leads fill "
            f"{percent(_load(setting, settings, tight))} of the working time; spare "
            f"capacity: {settings.work_minutes} minutes, "
            f"{percent(_load(setting, settings, settings.work_minutes))}"
        },
        headlines=tuple(headlines(results, settings.days, currency)),
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


def headlines(results: pd.DataFrame, days: int, currency: str = "") -> list[str]:
    """
    Say what is availability, what is rank, and what each floor costs.

    Parameters
    ----------
    results
        Table ``policy_results`` with the rows of ``GAINS``.
    days, currency
        Simulated days, and the currency of ACV.
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
            f"A floor of {percent(floor)} costs no win rate beyond chance ({low} to {high} points) "
            f"and lifts the rep with the fewest leads {lift}."
            if within else
            f"A floor of {percent(floor)} costs {cost['value']:.2f} points of win rate ({low} to "
            f"{high}) and lifts the rep with the fewest leads {lift}."
        )  # fmt: skip
    return said + _opportunity(rows, days, currency)


def _opportunity(
    rows: Mapping[tuple[str, str, float, str], Mapping[Hashable, Any]], days: int, currency: str
) -> list[str]:
    """Say what it costs that leads do not go to the best rep at work, and how long they wait."""
    said, unit = [], f" {currency}" if currency else ""
    for policy, words in (("geography", "a fixed rep of the region"), (BESIDE, "turns among reps "
                          "at work"), ("best_ranked", "the best ranked at work")):  # fmt: skip
        cost, late = (
            rows.get(("spare capacity", policy, 0.0, name))
            for name in ("opportunity_cost_amount", "within_deadline_share")
        )
        if cost is not None and late is not None:
            said.append(
                f"Opportunity cost of {words}: {cost['value']:,.0f}{unit} of ACV in {days} "
                f"simulated days ({cost['low']:,.0f} to {cost['high']:,.0f}), against the most "
                f"skilled rep at work for every lead; {percent(late['value'])} of the leads are "
                "begun in time."
            )
    return said


def _points(row: Mapping[Hashable, Any]) -> str:
    chance = "" if row["low"] > 0 or row["high"] < 0 else ", within chance"
    return f"{row['value']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f}{chance})"


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
