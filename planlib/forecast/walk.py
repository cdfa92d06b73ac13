"""Walk forward through the past: at every week of every period, forecast from what was known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.forecast.estimates import Estimate, Estimator
from planlib.forecast.inputs import Inputs
from planlib.forecast.methods import CANDIDATES, REFERENCES
from planlib.forecast.panel import Floats
from planlib.forecast.simulation import (
    Draws,
    draw_arrivals,
    shock_factors,
    simulate_cells,
    simulate_total,
)
from planlib.forecast.spread import PastErrors, Spread, expected_below


@dataclass(frozen=True, kw_only=True)
class Walk:
    """
    Every method at every point, and what happened.

    Parameters
    ----------
    inputs
        What it rests on.
    estimates
        By point: estimates by method.
    weights
        By point: weights of the combination, from earlier periods alone.
    spreads
        By number of the period and method: how far it may be off, from earlier periods alone.
    """

    inputs: Inputs = field(repr=False)
    estimates: list[dict[str, Estimate]] = field(repr=False)
    weights: dict[int, dict[str, float]]
    spreads: list[dict[str, Spread]]
    _drawn: dict[tuple[int, ...], tuple[Draws, Floats, Floats]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def tested(self) -> list[int]:
        """Points of past periods before their end."""
        points, last = self.inputs.panel.points, len(self.inputs.periods) - 1
        return [at for at, one in enumerate(points) if one.number < last and self._is_open(at)]

    @property
    def running(self) -> list[int]:
        """Points of the period that is forecast, before today."""
        return self.inputs.panel.of_period(len(self.inputs.periods) - 1)[:-1]

    def _is_open(self, point: int) -> bool:
        one = self.inputs.panel.points[point]
        return one.day < one.period.end

    def simulate(
        self, point: int, method: str, draws: int, *, by_cell: bool = False
    ) -> Floats | None:
        """
        Simulate what is still to come at a point by a method.

        Returns
        -------
        ndarray or None
            One number per draw; by cell: a row per cell. None for sums without a distribution.
        """
        estimate = self.estimates[point].get(method)
        if estimate is None or method in REFERENCES:
            return None
        number = self.inputs.panel.points[point].number
        spread = self.spreads[number][method]
        numbers, late, late_cells = self._random(point, estimate, draws, by_cell)
        factors = shock_factors(numbers.normal, spread.shock)
        if by_cell:
            cells = self.inputs.panel.row_cells[self.inputs.panel.span(point)]
            drawn = simulate_cells(
                estimate.chance, estimate.cents, cells, numbers, shock=factors, late=late_cells
            )
        else:
            total = simulate_total(estimate.chance, estimate.cents, numbers, factors, late)
            drawn = total[None, :]
        if estimate.is_spread or by_cell:
            drawn = _scaled(drawn, estimate, self.inputs, point, factors)
        if estimate.is_spread:
            middle = drawn.mean(axis=1, keepdims=True)
            drawn = np.maximum(middle + spread.calm * (drawn - middle), 0.0)
        return self._apart(point, drawn, spread.cells) if by_cell else drawn[0]

    def _apart(self, point: int, drawn: Floats, cells: Floats) -> Floats:
        """Let each cell vary on its own, beside what all share; the total stays."""
        rng = np.random.default_rng([self.inputs.seed, point, 2])
        normal = rng.standard_normal(drawn.shape)
        return drawn * shock_factors(normal, cells[:, None])

    def _random(
        self, point: int, estimate: Estimate, draws: int, by_cell: bool
    ) -> tuple[Draws, Floats, Floats]:
        """Draw once for all methods of a point that count on the same deals to come."""
        scope = 0 if estimate.late is None else 1 if estimate.scope == "open" else 2
        key = (point, draws, int(by_cell), scope)
        if key not in self._drawn:
            span, seed = self.inputs.panel.span(point), self.inputs.seed
            for other in [other for other in self._drawn if other[:3] != key[:3]]:
                del self._drawn[other]
            made = next((one[0] for one in self._drawn.values()), None)
            numbers = made or Draws.make(span.stop - span.start, draws, seed, point)
            many = len(self.inputs.panel.cells) if by_cell else 0
            late = draw_arrivals(estimate.late, draws, [seed, point, 1], many)
            self._drawn[key] = (numbers, *late)
        return self._drawn[key]


def walk_forward(inputs: Inputs) -> Walk:
    """
    Forecast every point from earlier periods only, and the as-of date last.

    Parameters
    ----------
    inputs
        What the forecast rests on.

    Returns
    -------
    Walk
        Estimates of every method at every point, with weights and spreads learnt before it.
    """
    estimator = Estimator(inputs)
    estimates: list[dict[str, Estimate]] = [{} for _ in inputs.panel.points]
    weights: dict[int, dict[str, float]] = {}
    spreads: list[dict[str, Spread]] = []
    errors = PastErrors(inputs)
    for number in range(len(inputs.periods)):
        models = estimator.fit(number)
        mine = [
            at
            for at in inputs.panel.of_period(number)
            if inputs.panel.points[at].day < inputs.panel.points[at].period.end
        ]
        plain = {point: estimator.at(point, models) for point in mine}
        for point in mine:
            found = {
                name: one if name in REFERENCES else errors.corrected(name, one)
                for name, one in plain[point].items()
            }
            learnt = errors.weights(inputs.panel.points[point].position)
            combined = _combine(found, learnt)
            weights[point] = learnt or {}
            estimates[point] = found | ({"combination": combined} if combined else {})
        spreads.append(errors.spreads())
        errors.add(number, {point: estimates[point] for point in mine}, plain)
    return Walk(inputs=inputs, estimates=estimates, weights=weights, spreads=spreads)


def _scaled(
    drawn: Floats, estimate: Estimate, inputs: Inputs, point: int, factors: Floats
) -> Floats:
    """Bring draws to an amount found from above; without any deal only the shock varies."""
    below = expected_below(inputs, point, estimate)
    below, wanted = below[: len(drawn)], estimate.to_come[: len(drawn)]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(below > 0, wanted / below, 0.0)
    return np.where(below[:, None] > 0, drawn * scale[:, None], np.outer(wanted, factors))


def _combine(found: dict[str, Estimate], weights: dict[str, float] | None) -> Estimate | None:
    """Mix the methods by their weights; all alike before any error is known."""
    wanted = CANDIDATES if weights is None else tuple(weights)
    members = [name for name in wanted if name in found]
    shape = found.get("stage_measured")
    if shape is None or not members:
        return None
    share = np.array([1.0 if weights is None else weights[name] for name in members])
    share = share / share.sum()
    to_come = np.sum([s * found[name].to_come for s, name in zip(share, members, strict=True)], 0)
    return Estimate(
        to_come=to_come,
        chance=shape.chance,
        cents=shape.cents,
        scope=shape.scope,
        late=shape.late,
        is_spread=True,
    )
