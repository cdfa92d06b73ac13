"""Why the heads stand where they stand: what one more would bring, where, and what limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.settings.team_structure import CHOSEN
from planlib.tables import table
from planlib.team.structure.costs import Costs
from planlib.team.structure.limits import CHANGE, COST, HEADS
from planlib.team.structure.problem import POOL_OF, Problem
from planlib.team.structure.response import response
from planlib.team.structure.scenarios import OPTIMUM, Scenario
from planlib.team.structure.solve import best_structure


@dataclass(frozen=True, kw_only=True)
class Extra:
    """One more head of a kind: ``margin`` by region, best first, and the segments it would work."""

    region: str
    margin: float
    segments: str


def heads_table(problem: Problem, scenarios: Sequence[Scenario], costs: Costs) -> pd.DataFrame:
    """
    Give table ``structure_heads``: every cell and kind with heads today or in a scenario.

    Parameters
    ----------
    problem, scenarios, costs
        Today is among the scenarios; reasons stand at the optimum.
    """
    frames = [
        _heads_of(problem, one, costs) for one in scenarios if one.parts is not None
    ]  # fmt: skip
    return table("structure_heads").coerce(pd.concat(frames, ignore_index=True))


def one_more(problem: Problem, parts: np.ndarray, kind: str) -> list[Extra]:
    """
    Say what one more head of a kind brings in each region, all others as they are.

    The head's parts go one by one to the segment where the next brings most, which is best since
    return falls.

    Parameters
    ----------
    problem, parts
        The structure.
    kind
        Kind of the head.

    Returns
    -------
    list
        Regions by what the head brings, most first; ties by name.
    """
    k = CHOSEN.index(kind)
    pool, found = POOL_OF[k], []
    for region in problem.region_names:
        cells = np.flatnonzero(problem.regions == region)
        heads = parts.astype(float)
        taken = np.zeros(len(cells), dtype=np.int64)
        before = float(problem.margin(heads)[pool].sum())
        for _ in range(problem.parts):
            gains = _next_part(problem, heads, k)[cells]
            best = int(np.argmax(gains))
            heads[k, cells[best]] += 1
            taken[best] += 1
        gain = float(problem.margin(heads)[pool].sum()) - before
        order = np.argsort(-taken, kind="stable")
        named = ", ".join(str(problem.segments[cells[i]]) for i in order if taken[i])
        found.append(Extra(region=region, margin=gain, segments=named))
    return sorted(found, key=lambda extra: (-extra.margin, extra.region))


def prices_table(problem: Problem, optimum: Scenario, costs: Costs, effort: float) -> pd.DataFrame:
    """
    Say what one more head of each kind, or a looser limit, is worth: ``structure_prices``.

    Parameters
    ----------
    problem, optimum, costs
        The structure whose limits are loosened.
    effort
        Work of the search.
    """
    if optimum.parts is None or optimum.limits is None:
        return table("structure_prices").empty()
    rows = [_head_row(problem, optimum.parts, kind, costs) for kind in CHOSEN]
    rows += _limit_rows(problem, optimum, effort)
    return table("structure_prices").coerce(pd.DataFrame(rows))


def _next_part(problem: Problem, heads: np.ndarray, kind: int) -> np.ndarray:
    """(C,) margin of one more part of a head of a kind in each cell."""
    pool = POOL_OF[kind]
    now = problem.relative(heads / problem.parts)[pool]
    more = np.divide(problem.effect[kind] / problem.parts, problem.need[pool],
                     out=np.zeros_like(now), where=problem.need[pool] > 0)  # fmt: skip
    answer = problem.elasticity
    return np.asarray(
        problem.worth[pool] * (response(now + more, answer) - response(now, answer)), dtype=float
    )


def _heads_of(problem: Problem, one: Scenario, costs: Costs) -> pd.DataFrame:
    assert one.parts is not None  # noqa: S101  # the caller looked
    heads, today = one.parts / problem.parts, problem.today / problem.parts
    margin = problem.margin(one.parts)
    hours = problem.hours(heads)
    frames = []
    for k, kind in enumerate(CHOSEN):
        pool = POOL_OF[k]
        own = np.divide(heads[k] * problem.effect[k], hours[pool],
                        out=np.zeros_like(hours[pool]), where=hours[pool] > 0)  # fmt: skip
        marginal = _next_part(problem, one.parts.astype(float), k) * problem.parts
        frame = pd.DataFrame({
            "scenario": one.name, "region": problem.regions, "segment": problem.segments,
            "kind": kind, "today_heads": today[k], "heads": heads[k],
            "change_heads": heads[k] - today[k], "margin_amount": margin[pool] * own,
            "marginal_amount": marginal if problem.can_move[k] else np.nan,
            "cost_amount": heads[k] * costs.by_kind[kind] if costs.is_money else np.nan,
        })  # fmt: skip
        if one.name == OPTIMUM:
            frame = _with_reasons(frame, problem, k, marginal)
        frames.append(frame[(frame["heads"] > 0) | (frame["today_heads"] > 0)])
    return pd.concat(frames, ignore_index=True)


def _with_reasons(
    frame: pd.DataFrame, problem: Problem, kind: int, marginal: np.ndarray
) -> pd.DataFrame:
    """Name for each cell the best other place of the next part of a head, and why it changes."""
    if not problem.can_move[kind]:
        return frame.assign(
            reason="stays: what this kind brings is not recorded, so the data give it no value"
        )
    order = np.lexsort((np.arange(len(marginal)), -marginal))
    best, second = int(order[0]), int(order[min(1, len(order) - 1)])
    other = np.where(np.arange(len(marginal)) == best, second, best)
    where = [f"{problem.regions[c]} / {problem.segments[c]}" for c in other]
    cost = float(problem.cost[kind]) * problem.price
    verbs = {1: "grows", -1: "shrinks", 0: "stays"}
    texts = [
        _reason(verbs[int(np.sign(round(change, 6)))], float(value), cost, problem.parts)
        for change, value in zip(frame["change_heads"], marginal, strict=True)
    ]
    return frame.assign(next_best=where, next_best_amount=marginal[other], reason=texts)


def _reason(verb: str, rate: float, price: float, parts: int) -> str:
    """Say what the next part of a head brings, at the rate of a whole one, against its price."""
    if parts == 1:
        return (
            f"{verb}: the next head here brings {rate:,.0f} a year, and is priced at {price:,.0f}"
        )
    return (
        f"{verb}: the next 1/{parts} of a head here brings {rate / parts:,.0f} a year, a rate of "
        f"{rate:,.0f} a head, and a head is priced at {price:,.0f}"
    )


def _head_row(problem: Problem, parts: np.ndarray, kind: str, costs: Costs) -> dict[str, object]:
    k = CHOSEN.index(kind)
    if not problem.can_move[k]:
        return {"topic": "head", "item": kind, "reason": "not computed: the data give this kind no "
                "value (nobody of it, or what it brings is not recorded)"}  # fmt: skip
    places = one_more(problem, parts, kind)
    first, second = places[0], places[min(1, len(places) - 1)]
    cost = float(problem.cost[k])
    net = first.margin - cost * problem.price
    text = f"best in {first.region} ({first.segments}); next best {second.region} with "
    text += f"{second.margin:,.0f}"
    return {
        "topic": "head", "item": kind, "margin_amount": first.margin,
        "cost_amount": costs.by_kind[kind] if costs.is_money else None,
        "gain_amount": net if problem.is_money else None,
        "where": f"{first.region} / {first.segments}", "is_binding": net > 0, "reason": text,
    }  # fmt: skip


def _limit_rows(problem: Problem, optimum: Scenario, effort: float) -> list[dict[str, object]]:
    """Solve again with one limit loosened: one more head, the cost of a field head, 10 %."""
    limits, parts = optimum.limits, optimum.parts
    assert limits is not None and parts is not None  # noqa: S101, PT018  # the caller looked
    now = problem.objective(parts)
    heads = float(problem.by_region(parts).sum())
    cost = problem.yearly_cost(parts)
    rows = []
    field = float(problem.cost[0])
    for name, loose, slack, said in (
        (HEADS, replace(limits, most_heads=(limits.most_heads or 0) + 1),
         (limits.most_heads or 0) - heads, "one more head"),
        (COST, replace(limits, most_cost=(limits.most_cost or 0.0) + field),
         (limits.most_cost or 0.0) - cost, "the cost of one more field head"),
        (CHANGE, replace(limits, most_change=(limits.most_change or 0.0) * 1.1),
         None if limits.most_change is None
         else limits.most_change - problem.change_cost(parts), "a tenth more for change"),
    ):  # fmt: skip
        if slack is None:
            continue
        row: dict[str, object] = {"topic": "limit", "item": name}
        if slack >= (1 if name == HEADS else field):
            rows.append({**row, "gain_amount": 0.0, "is_binding": False,
                         "reason": f"not binding: {slack:,.1f} of it is left"})  # fmt: skip
            continue
        other = best_structure(problem, loose, effort=effort)
        gain = problem.objective(other.parts) - now if other.parts is not None else 0.0
        margin = (
            float(problem.margin(other.parts).sum() - problem.margin(parts).sum())
            if (other.parts is not None)
            else 0.0
        )
        tiny = 1e-6 * abs(now)
        rows.append({
            **row, "gain_amount": max(gain, 0.0) if problem.is_money else None,
            "margin_amount": margin, "is_binding": gain > tiny,
            "reason": f"with {said} the best structure gains {max(gain, 0):,.0f} a year"
            + ("" if problem.is_money else " in margin, cost priced as today's field"),
        })  # fmt: skip
    return rows
