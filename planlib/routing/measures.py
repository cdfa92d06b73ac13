"""What a policy did in one simulated world, in figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from planlib.routing.prepare import Arrays
from planlib.routing.worlds import Setting
from planlib.settings.routing import SimulatorSettings
from planlib.territories.inequality import gini

#: Measure: unit, what it is.
MEASURES: dict[str, tuple[str, str]] = {
    "win_share": ("share", "Wins / leads"),
    "wins": ("wins", "Leads won in the simulated days"),
    "acv_amount": ("amount", "Wins x ACV of a win"),
    "best_quarter_win_share": (
        "share", "Wins / leads of the most skilled quarter of reps; the interval says how stable"
    ),
    "median_response_minutes": ("minutes", "Median time until the rep begins the lead"),
    "p90_response_minutes": ("minutes", "Nine of ten leads are begun within"),
    "within_deadline_share": ("share", "Leads begun within the deadline / leads"),
    "backlog_hours": ("hours", "Work that waits per rep after the last lead"),
    "lead_gini": ("gini", "Gini of leads over reps; 0: all get the same"),
    "minimum_share": ("ratio", "Leads of the rep with the fewest / mean of all reps"),
    "zone_balance": (
        "ratio", "Leads a rep in the time zone with the fewest / in that with the most; 1: parity"
    ),
    "quality_gap": ("points", "Mean quality rank of leads, best quarter of reps less last, x 100"),
    "rank_correlation": ("correlation", "Spearman: shrunk rank at the end against true skill"),
    "region_concentration": ("share", "Mean over reps of the sum of squared shares by region"),
    "sector_concentration": ("share", "Mean over reps of the sum of squared shares by sector"),
    "shock_spread": (
        "share", "Spread over reps of the wins lost when one region loses a part, mean over regions"
    ),
    "newcomer_months": (
        "months", "Until a newcomer's win rate is known to a fifth: 384 leads at 20 %"
    ),
    "earnings_spread": ("ratio", "Spread of wins over reps / mean; at equal skill this is luck"),
    "false_moves_raw": ("share", "Reps that the bare rule would move by their win rate"),
    "false_moves_guarded": ("share", "Reps that the rule moves with the certainty asked for"),
}  # fmt: skip
_MONTH = 30.4375


def measure_world(
    setting: Setting, settings: SimulatorSettings, world: Mapping[str, np.ndarray], run: Arrays,
    deadline: int,
) -> dict[str, float]:  # fmt: skip
    """
    Measure a run.

    Parameters
    ----------
    setting, settings, world
        What was simulated.
    run
        ``rep``, ``ready``, ``won`` by lead; ``free_at``, ``won_count``, ``expected`` by rep.
    deadline
        Minutes for the first answer.
    """
    reps = len(setting.people)
    rep, won = run["rep"], run["won"]
    taken = rep >= 0
    wait = (run["ready"] - world["at"])[taken]
    leads = np.bincount(rep[taken], minlength=reps).astype(float)
    wins = np.bincount(rep[taken], weights=won[taken], minlength=reps)
    count = len(rep)
    last = int(world["at"][-1]) if count else 0
    raw, guarded = moves(wins, run["expected"], setting.base_rate, settings)
    return {
        "win_share": float(won.sum() / count),
        "wins": float(won.sum()),
        "acv_amount": float(won.sum() * setting.acv),
        "best_quarter_win_share": best_quarter_share(leads, wins, world["skill"]),
        "median_response_minutes": float(np.median(wait)) if len(wait) else np.nan,
        "p90_response_minutes": float(np.quantile(wait, 0.9)) if len(wait) else np.nan,
        "within_deadline_share": float((wait <= deadline).sum() / count),
        "backlog_hours": float(np.maximum(run["free_at"] - last, 0).mean() / 60),
        "lead_gini": gini(leads),
        "minimum_share": float(leads.min() / leads.mean()) if leads.any() else np.nan,
        "zone_balance": zone_balance(leads, setting.people["time_zone"].to_numpy(object)),
        "quality_gap": _quality_gap(world, rep, taken),
        "rank_correlation": _correlation(wins, run["expected"], world["skill"]),
        "region_concentration": concentration(rep[taken], world["region"][taken], reps),
        "sector_concentration": concentration(rep[taken], world["sector"][taken], reps),
        "shock_spread": _shock(rep[taken], world["region"][taken], won[taken], reps,
                               settings.shock_share),
        "newcomer_months": _newcomer(leads, setting.base_rate, settings.days),
        "earnings_spread": float(wins.std() / wins.mean()) if wins.any() else np.nan,
        "false_moves_raw": raw,
        "false_moves_guarded": guarded,
    }  # fmt: skip


def zone_balance(leads: np.ndarray, zones: np.ndarray) -> float:
    """
    Give mean leads a rep of the zone with the fewest over that with the most; NA with one zone.

    Examples
    --------
    >>> zone_balance(np.array([3.0, 5.0, 8.0]), np.array(["a", "a", "b"]))
    0.5
    """
    names, codes = np.unique(zones.astype(str), return_inverse=True)
    if len(names) < 2:
        return float("nan")
    mean = np.bincount(codes, weights=leads) / np.bincount(codes)
    return float(mean.min() / mean.max()) if mean.max() > 0 else float("nan")


def best_quarter_share(leads: np.ndarray, wins: np.ndarray, skill: np.ndarray) -> float:
    """Give wins / leads of the most skilled quarter of reps; NA where it got no lead."""
    best = np.argsort(-skill, kind="stable")[: max(1, len(skill) // 4)]
    total = leads[best].sum()
    return float(wins[best].sum() / total) if total > 0 else float("nan")


def concentration(rep: np.ndarray, group: np.ndarray, reps: int) -> float:
    """Give the mean over reps of the sum of squared shares of their leads by group."""
    groups = int(group.max()) + 1 if len(group) else 1
    table = np.bincount(rep * groups + group, minlength=reps * groups).reshape(reps, groups)
    total = table.sum(axis=1)
    some = total > 0
    return float(((table[some] / total[some, None]) ** 2).sum(axis=1).mean())


def moves(
    wins: np.ndarray, expected: np.ndarray, base: float, settings: SimulatorSettings
) -> tuple[float, float]:
    """
    Give the share of reps that a tier rule would move.

    The bare rule looks at wins over expected wins against the mean of all; the guarded one at the
    chance, by a normal approximation around the shrunk ratio, that it is beyond the band. The
    prior of the shrinkage comes from the spread over reps (method of moments).
    """
    some = expected > 0
    if not some.any():
        return float("nan"), float("nan")
    mean = wins.sum() / expected.sum() * 1.0
    ratio = wins[some] / expected[some] / mean
    raw = float((np.abs(ratio - 1) >= settings.band).mean())
    noise = (1 - min(0.95, base * mean)) / (expected[some] * base * mean / base)
    between = max(float(np.average((ratio - 1) ** 2 - noise, weights=expected[some])), 1e-6)
    trust = between / (between + noise)
    center, spread = 1 + trust * (ratio - 1), np.sqrt(between * (1 - trust))
    up = ndtr((center - 1 - settings.band) / spread)
    down = ndtr((1 - settings.band - center) / spread)
    sure = (np.abs(ratio - 1) >= settings.band) & (np.maximum(up, down) >= settings.confidence)
    return raw, float(sure.mean())


def _quality_gap(world: Mapping[str, np.ndarray], rep: np.ndarray, taken: np.ndarray) -> float:
    skill = world["skill"]
    quarter = max(1, len(skill) // 4)
    order = np.argsort(-skill, kind="stable")
    seen = 1 - world["quality_rank"]
    best = taken & np.isin(rep, order[:quarter])
    last = taken & np.isin(rep, order[-quarter:])
    if not best.any() or not last.any():
        return float("nan")
    return float(100 * (seen[best].mean() - seen[last].mean()))


def _correlation(wins: np.ndarray, expected: np.ndarray, skill: np.ndarray) -> float:
    from scipy.stats import rankdata

    known = expected > 0
    if known.sum() < 3 or np.ptp(skill[known]) == 0:
        return float("nan")
    strength = expected[known].mean()
    shrunk = (wins[known] + strength * wins.sum() / expected.sum()) / (expected[known] + strength)
    if np.ptp(shrunk) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(shrunk), rankdata(skill[known]))[0, 1])


def _shock(rep: np.ndarray, region: np.ndarray, won: np.ndarray, reps: int, share: float) -> float:
    groups = int(region.max()) + 1 if len(region) else 1
    table = np.bincount(rep * groups + region, weights=won, minlength=reps * groups)
    table = table.reshape(reps, groups)
    total = table.sum(axis=1)
    some = total > 0
    if not some.any():
        return float("nan")
    return float((share * table[some] / total[some, None]).std(axis=0).mean())


def _newcomer(leads: np.ndarray, base: float, days: int) -> float:
    needed = (1.96 / 0.2) ** 2 * (1 - base) / base
    monthly = np.median(leads) / days * _MONTH
    return float(needed / monthly) if monthly > 0 else float("nan")
