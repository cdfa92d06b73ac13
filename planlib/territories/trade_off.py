"""The curve over weights, tolerance and disruption budget: what one part costs in the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories.block import Block
from planlib.territories.engine.assign import assign
from planlib.territories.figures import figures_of
from planlib.territories.solving import Answer, solve_statement, with_rep
from planlib.territories.statement import CHANGEABLE, Statement

WEIGHTS = ("weight_travel", "weight_misfit", "weight_complexity", "weight_disruption")
_PARTS = ("travel_km", "misfit", "complexity_short", "moved_acv", "tolerance_reached")
_SAME = 1e-9  # relative difference that counts as none


def trace_trade_off(
    statement: Statement,
    answers: Sequence[Answer] | None = None,
    *,
    factors: Sequence[float] = (0.0, 0.25, 0.5, 2.0, 4.0),
    others: dict[str, Sequence[Any]] | None = None,
    effort: str = "quick",
    seed: int = 0,
    on_point: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """
    Solve a statement at other weights, tolerances and budgets, and compare in natural units.

    Weights and budgets are tried within the balance limits of the chosen plan.

    Parameters
    ----------
    statement
        From ``state``; read once, only weights and limits change.
    answers
        The chosen plan; None: solved here.
    factors
        Each weight of the cost is tried at so many times its value, the others as they are.
    others
        Values to try of further settings, such as ``{"tolerance": (0.05, 0.1),
        "disruption_share": (0.0, 0.2)}``.
    effort
        Of the points; quick ones are within a percent or so of the bound, see ``gap``.
    seed
        Of the engine.
    on_point
        Called with the number of points done and of all.

    Returns
    -------
    DataFrame
        territory_trade_off: point 0 is the chosen one; each point per block.

    Raises
    ------
    ParameterError
        If a setting cannot change on a prepared statement.
    """
    wrong = [name for name in others or {} if name not in CHANGEABLE]
    if wrong:
        raise ParameterError(
            "others", [f"{name}: must be one of {', '.join(CHANGEABLE)}" for name in wrong]
        )
    points = _points(statement, factors, others or {})
    plans: list[tuple[str, object, Sequence[Answer]]] = []
    for number, (varied, value, settings) in enumerate(points):
        if not varied and answers is not None:
            found: Sequence[Answer] = answers
        elif not plans or varied in ("tolerance", "tolerances"):
            found = solve_statement(
                statement, settings, seed=seed, explain=not plans,
                effort=effort,  # type: ignore[arg-type]
            )  # fmt: skip
        else:
            blocks = statement.changed(settings).blocks
            found = [
                _at_limits_of(chosen, block, effort, seed)
                for chosen, block in zip(plans[0][2], blocks, strict=True)
            ]
        plans.append((varied, value, found))
        if on_point:
            on_point(number + 1, len(points))
    rows = [
        _row(statement, plans[0][2][place], answer, {"point": number, "varied": varied or None,
                                                     "value": value})
        for place in range(len(statement.blocks))
        for number, (varied, value, found) in enumerate(plans)
        for answer in [found[place]]
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["is_efficient"] = _efficient(frame[list(_PARTS)], frame["block"])
    return table("territory_trade_off").conform(frame)


def _at_limits_of(chosen: Answer, block: Block, effort: str, seed: int) -> Answer:
    """Solve a block at other weights or budgets, within the balance limits of the chosen plan."""
    arguments = block.assign_arguments(chosen.tolerance)
    arguments |= {"lower": chosen.lower, "upper": chosen.upper}
    found = assign(**arguments, effort=effort, seed=seed)  # type: ignore[arg-type]
    made = replace(
        chosen, block=block, rep=found.rep, assignment=found, status=found.status,
        cost=found.cost, needed=np.nan,
    )  # fmt: skip
    if found.status in ("optimal", "feasible"):
        return made
    stays = with_rep(made, chosen.rep)  # the chosen plan, where it is still within the limits
    return stays if stays.status == "feasible" else made


def _points(
    statement: Statement, factors: Sequence[float], others: dict[str, Sequence[Any]]
) -> list[tuple[str, object, TerritoriesSettings]]:
    own = statement.settings
    points: list[tuple[str, object, TerritoriesSettings]] = [("", None, own)]
    known = {name for block in statement.blocks for name in block.costs.names}
    for name in WEIGHTS:
        weight = getattr(own, name)
        if name.removeprefix("weight_") not in known:
            continue
        for factor in factors:
            value = factor * (weight or 1.0)
            if value != weight:
                points.append((name, value, _changed(own, name, value)))
    for name, values in others.items():
        for value in values:
            if value != getattr(own, name):
                points.append((name, value, _changed(own, name, value)))
    return points


def _changed(own: TerritoriesSettings, name: str, value: object) -> TerritoriesSettings:
    return TerritoriesSettings.model_validate({**own.model_dump(), name: value})


def _row(
    statement: Statement, chosen: Answer, answer: Answer, point: dict[str, object]
) -> dict[str, object]:
    figures = figures_of(answer.block, answer.rep, statement.book)
    held = chosen.block
    changes = float(((held.held >= 0) & (held.held != answer.rep)).sum()) * held.change_cost
    return {
        "block": answer.block.name, **point, "status": answer.status,
        "travel_km": figures.travel_km, "misfit": figures.misfit,
        "complexity_short": figures.complexity_short, "moved_count": figures.moved_count,
        "moved_acv": figures.moved_acv, "tolerance_reached": figures.tolerance_reached,
        "own_cost": answer.cost, "gap": answer.gap,
        "chosen_cost": float(held.costs.cost_at(answer.rep).sum()) + changes,
        "is_chosen": point["point"] == 0,
    }  # fmt: skip


def _efficient(parts: pd.DataFrame, block: pd.Series) -> pd.Series:
    """Tell which points no other point of the block beats; unknown parts count as equal."""
    values = parts.fillna(0.0).to_numpy(float)
    room = _SAME * np.maximum(np.abs(values).max(axis=0), 1e-300)
    found = np.ones(len(values), dtype=bool)
    names = block.to_numpy(object)
    for row, own in enumerate(values):
        rivals = values[names == names[row]]
        better = (rivals <= own + room).all(axis=1) & (rivals < own - room).any(axis=1)
        found[row] = not better.any()
    return pd.Series(found, index=parts.index)
