"""Structures beside each other: today, the same heads placed best, the optimum, one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planlib.settings.team_structure import (
    BUILT_IN,
    CHOSEN,
    ScenarioSettings,
    TeamStructureSettings,
)
from planlib.tables import table
from planlib.team.structure.limits import Limits, limits_of, usable
from planlib.team.structure.problem import Problem
from planlib.team.structure.simulate import Chances, Futures, simulate
from planlib.team.structure.solve import best_structure, relaxations

TODAY, SAME, OPTIMUM = BUILT_IN
_LOW, _HIGH = 10, 90


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """
    One structure.

    Parameters
    ----------
    name, status, reason
        As in table ``structure_scenarios``.
    parts
        (K, C) parts; None where no structure keeps the limits.
    gap_share
        A better one could be better by so much at most.
    limits
        What it keeps; None for today.
    futures
        Simulated quarters; None where there is no structure.
    """

    name: str
    status: str
    reason: str
    parts: np.ndarray | None = field(repr=False)
    gap_share: float
    limits: Limits | None
    futures: Futures | None = field(repr=False)


def make_scenarios(
    problem: Problem, settings: TeamStructureSettings, chances: Chances
) -> list[Scenario]:
    """
    Make all scenarios: today, same heads, optimum, then those of plan.yaml.

    Parameters
    ----------
    problem
        What is chosen.
    settings
        Limits and scenarios.
    chances
        Futures are drawn with these for all of them.

    Returns
    -------
    list
        A scenario that no structure keeps is infeasible and names the limit to relax.
    """
    own = problem.today
    found = [
        Scenario(name=TODAY, status="as it is", reason="posts as they are, open ones included",
                 parts=own, gap_share=0.0, limits=None,
                 futures=simulate(problem, own, chances, settings))
    ]  # fmt: skip
    general = usable(problem, limits_of(problem, settings))
    heads = _heads(problem)
    same = replace(general, heads=_total(heads), most_heads=sum(heads.values()))
    wanted: list[tuple[str, Limits, str]] = [
        (SAME, same, "as many heads of each kind as today, placed where they bring most"),
        (OPTIMUM, general, "kinds and numbers free within the limits of plan.yaml"),
    ]
    wanted += [
        (one.name, usable(problem, limits_of(problem, settings, one)), _said(one))
        for one in settings.scenarios
    ]
    for name, limits, said in wanted:
        found.append(_solve(problem, settings, chances, (name, limits, said)))
    return found


def scenario_table(problem: Problem, scenarios: Sequence[Scenario], cost_unit: str) -> pd.DataFrame:
    """Give table ``structure_scenarios``."""
    today = scenarios[0].futures
    rows = [
        {"scenario": one.name, "scenario_order": order, "status": one.status,
         "reason": one.reason, "cost_unit": cost_unit, "gap_share": one.gap_share,
         **(_figures(problem, one.parts) if one.parts is not None else {}),
         **(_risk(problem, one.futures, today) if one.futures and today else {})}
        for order, one in enumerate(scenarios)
    ]  # fmt: skip
    return table("structure_scenarios").coerce(pd.DataFrame(rows))


def path_table(scenarios: Sequence[Scenario], periods: Sequence[str]) -> pd.DataFrame:
    """
    Give table ``structure_paths``.

    Parameters
    ----------
    scenarios
        With their futures.
    periods
        Names of the quarters that follow the as-of date.
    """
    rows = []
    for one in scenarios:
        if one.futures is None:
            continue
        for quarter, period in enumerate(periods):
            key = {"scenario": one.name, "quarter_order": quarter + 1, "period": period}
            rows.append({**key, "kind": "all", **_all_kinds(one.futures, quarter)})
            for k, kind in enumerate(CHOSEN):
                heads = one.futures.heads[:, quarter, k]
                if one.futures.planned[:, k].any() or heads.any():
                    rows.append(
                        {
                            **key,
                            "kind": kind,
                            **_spread("heads", heads),
                            "planned_heads": one.futures.planned[quarter, k],
                        }
                    )
    return table("structure_paths").coerce(pd.DataFrame(rows))


def _heads(problem: Problem) -> dict[str, int]:
    total = problem.by_region(problem.today).sum(axis=1)
    return {kind: int(round(float(count))) for kind, count in zip(CHOSEN, total, strict=True)}


def _total(heads: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(heads.items())


def _said(one: ScenarioSettings) -> str:
    parts = [f"{count} {kind}" for kind, count in one.heads.items()]
    if one.inside_share is not None:
        parts.append(f"{100 * one.inside_share:.0f} % inside of inside and field")
    if one.head_change is not None:
        parts.append(f"at most {one.head_change:+d} heads")
    if one.cost_change_share is not None:
        parts.append(f"at most {100 * one.cost_change_share:+.0f} % cost")
    return f"of plan.yaml: {', '.join(parts) or 'the general limits'}; the rest chosen best"


def _solve(
    problem: Problem,
    settings: TeamStructureSettings,
    chances: Chances,
    wanted: tuple[str, Limits, str],
) -> Scenario:
    name, limits, said = wanted
    found = best_structure(problem, limits, effort=settings.effort)
    if found.parts is None:
        return Scenario(name=name, status="infeasible", reason=_way_out(problem, limits),
                        parts=None, gap_share=np.nan, limits=limits, futures=None)  # fmt: skip
    return Scenario(
        name=name, status="best" if found.gap_share < 1e-3 else "feasible", reason=said,
        parts=found.parts, gap_share=found.gap_share, limits=limits,
        futures=simulate(problem, found.parts, chances, settings),
    )  # fmt: skip


def _way_out(problem: Problem, limits: Limits) -> str:
    """Name the limits of which relaxing a single one would do."""
    ways = relaxations(problem, limits)
    if not ways:
        return (
            "no structure keeps the limits, and relaxing a single one does not help: "
            + ", ".join(limits.names())
        )
    named = ", or ".join(f"{name} by {amount:,.2f}".rstrip("0").rstrip(".")
                         for name, amount in ways)  # fmt: skip
    return f"no structure keeps the limits; relax {named}"


def _figures(problem: Problem, parts: np.ndarray) -> dict[str, object]:
    heads = problem.by_region(parts).sum(axis=1)
    margin = problem.margin(parts)
    whole = float(margin.sum()) + problem.base_amount
    sellers = heads[0] + heads[1]
    cost = problem.yearly_cost(parts)
    moved = np.abs(problem.by_region(parts) - problem.by_region(problem.today)).sum(axis=0)
    net = np.abs((problem.by_region(parts) - problem.by_region(problem.today)).sum(axis=0))
    return {
        "heads": round(float(heads.sum())),
        **{f"{kind}_count": round(float(count)) for kind, count in
           zip(CHOSEN, heads, strict=True)},
        "inside_share": float(heads[1] / sellers) if sellers > 0 else None,
        "revenue_amount": whole * float(problem.revenue_per_margin.mean()),
        "margin_amount": whole, "cost_amount": cost,
        "change_cost_amount": problem.change_cost(parts),
        "contribution_amount": whole - cost if problem.is_money else None,
        "moved_heads": float(((moved + net) / 2).sum() + problem.reassigned(parts).sum()),
    }  # fmt: skip


def _risk(problem: Problem, futures: Futures, today: Futures) -> dict[str, object]:
    total = futures.margin.sum(axis=1)
    low, high = np.percentile(total, [_LOW, _HIGH])
    better = (futures.margin - today.margin).sum(axis=1)
    better = better - problem.price * (futures.cost - today.cost).sum(axis=1)
    chance = None if futures is today else float((better > 0).mean())
    return {"path_margin_amount": float(total.mean()), "low": float(low), "high": float(high),
            "better_probability": chance}  # fmt: skip


def _all_kinds(futures: Futures, quarter: int) -> dict[str, object]:
    return {
        **_spread("heads", futures.heads[:, quarter].sum(axis=1)),
        **_spread("margin", futures.margin[:, quarter], first="margin_amount"),
        "planned_heads": float(futures.planned[quarter].sum()),
        "cost_amount": float(futures.cost[:, quarter].mean()),
    }  # fmt: skip


def _spread(name: str, values: np.ndarray, first: str = "") -> dict[str, object]:
    low, high = np.percentile(values, [_LOW, _HIGH])
    return {first or name: float(values.mean()), f"{name}_low": float(low),
            f"{name}_high": float(high)}  # fmt: skip
