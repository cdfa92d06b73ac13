"""Walk forward through the past: at every week of every period, forecast from what was known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.forecast.estimates import Estimate, Estimator
from planlib.forecast.inputs import Inputs
from planlib.forecast.methods import BASELINES, CANDIDATES, REFERENCES
from planlib.forecast.panel import Floats
from planlib.forecast.simulation import (
    Draws,
    draw_arrivals,
    fit_shock,
    independent_variance,
    shock_factors,
    simulate_cells,
    simulate_total,
)

_TRUST = 0.03  # error, as share of the final, added to each method's own before weighing
_REACH = 0.25  # share of a period by which the weight of another week falls to a third


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
    shocks
        By number of the period and method: common shock, from earlier periods alone.
    calm
        Likewise, factor on the spread of methods whose amounts were found from above: below 1
        where past errors were smaller than independent deals would make them.
    """

    inputs: Inputs = field(repr=False)
    estimates: list[dict[str, Estimate]] = field(repr=False)
    weights: dict[int, dict[str, float]]
    shocks: list[dict[str, float]]
    calm: list[dict[str, float]]
    _drawn: dict[tuple[int, ...], tuple[Draws, Floats, Floats]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def tested(self) -> list[int]:
        """Points of past periods before their end."""
        points, last = self.inputs.panel.points, len(self.inputs.periods) - 1
        return [at for at, one in enumerate(points) if one.number < last and self._is_open(at)]

    def _is_open(self, point: int) -> bool:
        one = self.inputs.panel.points[point]
        return one.day < one.period.end

    def actual(self, point: int) -> Floats:
        """Give what was won later in the period by cell, in cents."""
        return np.asarray(self.inputs.sums.later_cents[point])

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
        shock = self.shocks[number].get(method, 0.0)
        numbers, late, late_cells = self._random(point, estimate, draws, by_cell)
        factors = shock_factors(numbers.normal, shock)
        if by_cell:
            cells = self.inputs.panel.row_cells[self.inputs.panel.span(point)]
            drawn = simulate_cells(
                estimate.chance, estimate.cents, cells, numbers, shock=factors, late=late_cells
            )
        else:
            total = simulate_total(estimate.chance, estimate.cents, numbers, factors, late)
            drawn = total[None, :]
        if estimate.is_spread:
            drawn = _scaled(drawn, estimate, self.inputs, point, factors)
            middle = drawn.mean(axis=1, keepdims=True)
            calm = self.calm[number].get(method, 1.0)
            drawn = np.maximum(middle + calm * (drawn - middle), 0.0)
        return drawn if by_cell else drawn[0]

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
    """
    estimator = Estimator(inputs)
    estimates: list[dict[str, Estimate]] = [{} for _ in inputs.panel.points]
    weights: dict[int, dict[str, float]] = {}
    shocks: list[dict[str, float]] = []
    calm: list[dict[str, float]] = []
    errors = _Errors(inputs)
    for number in range(len(inputs.periods)):
        models = estimator.fit(number)
        mine = [
            at
            for at in inputs.panel.of_period(number)
            if inputs.panel.points[at].day < inputs.panel.points[at].period.end
        ]
        for point in mine:
            found = estimator.at(point, models)
            weights[point] = errors.weights(inputs.panel.points[point].position)
            combined = _combine(found, weights[point])
            estimates[point] = found | ({"combination": combined} if combined else {})
        shocks.append(errors.shocks())
        calm.append(errors.calm(shocks[-1]))
        errors.add(number, {point: estimates[point] for point in mine})
    return Walk(inputs=inputs, estimates=estimates, weights=weights, shocks=shocks, calm=calm)


def _scaled(
    drawn: Floats, estimate: Estimate, inputs: Inputs, point: int, factors: Floats
) -> Floats:
    """Bring draws to an amount found from above; without any deal only the shock varies."""
    cells = inputs.panel.row_cells[inputs.panel.span(point)]
    below = inputs.panel.sum_cells(cells, estimate.chance * estimate.cents)
    if estimate.late is not None:
        late = estimate.late
        below = below + inputs.panel.sum_cells(late.cells, late.cents * late.rates)
    below, wanted = below[: len(drawn)], estimate.to_come[: len(drawn)]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(below > 0, wanted / below, 0.0)
    return np.where(below[:, None] > 0, drawn * scale[:, None], np.outer(wanted, factors))


def nearness(positions: Floats, position: float) -> Floats:
    """Give how much errors at other weeks count: 1 at the same place, a third a quarter away."""
    return np.asarray(np.exp(-np.abs(positions - position) / _REACH))


def _combine(found: dict[str, Estimate], weights: dict[str, float]) -> Estimate | None:
    members = [name for name in CANDIDATES if name in found]
    shape = found.get("stage_measured")
    if shape is None or len(members) < 2:
        return None
    share = np.array([weights.get(name, 0.0) for name in members])
    if share.sum() <= 0:
        share = np.ones(len(members))
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


class _Errors:
    """Errors of the periods walked through so far."""

    def __init__(self, inputs: Inputs) -> None:
        self._in = inputs
        self._rows: list[tuple[int, str, float, float, float, float, float]] = []

    def add(self, number: int, estimates: dict[int, dict[str, Estimate]]) -> None:
        """Note how the methods did in a period that is over."""
        if number == len(self._in.periods) - 1:
            return
        final = float(self._in.sums.final_cents[number][0])
        for point, found in estimates.items():
            actual = float(self._in.sums.later_cents[point][0])
            for name, one in found.items():
                expected = float(one.to_come[0])
                variance = independent_variance(one.chance, one.cents, one.late)
                below = _below(self._in, point, one)
                scale = (expected / below) ** 2 if one.is_spread and below > 0 else 1.0
                place = self._in.panel.points[point].position
                error = actual - expected
                self._rows.append((number, name, error, expected, variance * scale, final, place))

    def weights(self, position: float) -> dict[str, float]:
        """Weigh methods by the inverse of their mean squared error, near weeks counting most."""
        found = {}
        for name in CANDIDATES:
            mine = [row for row in self._rows if row[1] == name and row[5] > 0]
            if mine:
                square = np.array([(row[2] / row[5]) ** 2 for row in mine])
                near = nearness(np.array([row[6] for row in mine]), position)
                found[name] = 1.0 / (float(near @ square / near.sum()) + _TRUST**2)
        total = sum(found.values())
        return {name: weight / total for name, weight in found.items()}

    def shocks(self) -> dict[str, float]:
        """Fit the common shock of every method."""
        settings = self._in.settings
        prior = (settings.shock, settings.shock_periods)
        found = {}
        for name in (*CANDIDATES, *BASELINES, "combination"):
            columns, periods = self._columns(name)
            found[name] = fit_shock(columns[:, 0], columns[:, 1], columns[:, 2], periods, prior)
        return found

    def calm(self, shocks: dict[str, float]) -> dict[str, float]:
        """Compare errors with the spread that the simulation would give; 1: as large or larger."""
        weight = self._in.settings.shock_periods
        found = {}
        for name, shock in shocks.items():
            columns, periods = self._columns(name)
            spread = float((columns[:, 2] + (shock * columns[:, 1]) ** 2).sum())
            if periods and spread > 0:
                ratio = min(1.0, float((columns[:, 0] ** 2).sum()) / spread)
                found[name] = float(np.sqrt((periods * ratio + weight) / (periods + weight)))
        return found

    def _columns(self, name: str) -> tuple[Floats, int]:
        """Give error, expected amount, variance of a method's forecasts; how many periods."""
        mine = [row for row in self._rows if row[1] == name]
        return np.array([row[2:5] for row in mine]).reshape(-1, 3), len({row[0] for row in mine})


def _below(inputs: Inputs, point: int, estimate: Estimate) -> float:
    late = estimate.late.expected if estimate.late is not None else 0.0
    return float(estimate.chance @ estimate.cents) + late
