"""How far a forecast may be off: fitted to the errors of the periods walked through so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.forecast.estimates import Estimate
from planlib.forecast.inputs import Inputs
from planlib.forecast.methods import BASELINES, CANDIDATES
from planlib.forecast.panel import Floats
from planlib.forecast.simulation import fit_shock

_TRUST = 0.03  # error, as share of the final, added to each method's own before weighing
_REACH = 0.25  # share of a period by which the weight of another week falls to a third


@dataclass(frozen=True, kw_only=True)
class Spread:
    """
    What widens or narrows the simulation of a method.

    Parameters
    ----------
    shock
        Common shock: standard deviation of one factor on everything still to come.
    calm
        Factor on the spread of methods whose amounts were found from above; below 1 where past
        errors were smaller than independent deals would make them.
    cells
        Standard deviation of one more factor on each cell, fitted per cut: a method may be right
        in sum and wrong about its parts. The total has none.
    """

    shock: float
    calm: float
    cells: Floats = field(repr=False)


def nearness(positions: Floats, position: float) -> Floats:
    """Give how much errors at other weeks count: 1 at the same place, a third a quarter away."""
    return np.asarray(np.exp(-np.abs(positions - position) / _REACH))


def expected_below(inputs: Inputs, point: int, estimate: Estimate) -> Floats:
    """Give what the deals of an estimate, and those to come, add up to by cell."""
    panel = inputs.panel
    cells = panel.row_cells[panel.span(point)]
    below = panel.sum_cells(cells, estimate.chance * estimate.cents)
    late = estimate.late
    return below if late is None else below + panel.sum_cells(late.cells, late.cents * late.rates)


@dataclass(frozen=True, kw_only=True)
class _Miss:
    """One forecast of the past by cell, in cents."""

    number: int
    position: float
    final: float
    error: Floats
    expected: Floats
    variance: Floats


class PastErrors:
    """
    Errors of the periods walked through so far.

    Parameters
    ----------
    inputs
        What the forecast rests on.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._in = inputs
        self._misses: dict[str, list[_Miss]] = {}

    def add(self, number: int, estimates: dict[int, dict[str, Estimate]]) -> None:
        """Note how the methods did in a period that is over."""
        if number == len(self._in.periods) - 1:
            return
        for point, found in estimates.items():
            for name, one in found.items():
                self._misses.setdefault(name, []).append(self._miss(number, point, one))

    def weights(self, position: float) -> dict[str, float]:
        """Weigh methods by the inverse of their mean squared error, near weeks counting most."""
        found = {}
        for name in CANDIDATES:
            mine = [miss for miss in self._misses.get(name, []) if miss.final > 0]
            if mine:
                square = np.array([(miss.error[0] / miss.final) ** 2 for miss in mine])
                near = nearness(np.array([miss.position for miss in mine]), position)
                found[name] = 1.0 / (float(near @ square / near.sum()) + _TRUST**2)
        total = sum(found.values())
        return {name: weight / total for name, weight in found.items()}

    def spreads(self) -> dict[str, Spread]:
        """Fit the spread of every method."""
        return {name: self._spread(name) for name in (*CANDIDATES, *BASELINES, "combination")}

    def _miss(self, number: int, point: int, one: Estimate) -> _Miss:
        panel, sums = self._in.panel, self._in.sums
        cells = panel.row_cells[panel.span(point)]
        own = one.chance * (1 - one.chance) * one.cents**2
        variance = panel.sum_cells(cells, own)
        if one.late is not None:
            variance += panel.sum_cells(one.late.cells, one.late.cents**2 * one.late.rates)
        if one.is_spread:
            below = expected_below(self._in, point, one)
            scale = np.divide(one.to_come, below, out=np.zeros_like(below), where=below > 0)
            variance = variance * scale**2
        return _Miss(
            number=number,
            position=panel.points[point].position,
            final=float(sums.final_cents[number][0]),
            error=sums.later_cents[point] - one.to_come,
            expected=one.to_come,
            variance=variance,
        )

    def _spread(self, name: str) -> Spread:
        settings, panel = self._in.settings, self._in.panel
        prior = (settings.shock, settings.shock_periods)
        mine = self._misses.get(name, [])
        periods = len({miss.number for miss in mine})
        shape = (len(mine), len(panel.cells))
        error, expected, variance = (
            np.array([getattr(miss, part) for miss in mine]).reshape(shape)
            for part in ("error", "expected", "variance")
        )
        shock = fit_shock(error[:, 0], expected[:, 0], variance[:, 0], periods, prior)
        explained = variance + (shock * expected) ** 2
        calm = 1.0
        if periods and explained[:, 0].sum() > 0:
            ratio = min(1.0, float((error[:, 0] ** 2).sum() / explained[:, 0].sum()))
            weight = settings.shock_periods
            calm = float(np.sqrt((periods * ratio + weight) / (periods + weight)))
        is_above = name not in _FROM_BELOW
        explained = explained * (calm**2 if is_above else 1.0)
        cells = np.zeros(shape[1])
        for cut in panel.cuts[1:]:
            of_cut = (panel.cells["cut"] == cut).to_numpy()
            missed, hoped, known = (
                part[:, of_cut].ravel() for part in (error, expected, explained)
            )
            cells[of_cut] = fit_shock(missed, hoped, known, periods, prior)
        return Spread(shock=shock, calm=calm if is_above else 1.0, cells=cells)


#: Methods whose total is the sum of their deals.
_FROM_BELOW = ("stage_weighted", "stage_crm", "stage_measured", "category", "hazard", "classifier")
