"""How far a forecast may be off: fitted to the errors of the periods walked through so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from planlib.forecast.estimates import Estimate
from planlib.forecast.inputs import Inputs
from planlib.forecast.methods import BASELINES, CANDIDATES
from planlib.forecast.panel import Floats
from planlib.forecast.simulation import fit_shock

_TRUST = 0.03  # error, as share of the final, added to each method's own before weighing
_CAREFUL = 5.0  # times the prior deals, because the factor is a ratio of two noisy sums
#: Past periods that the spread of independent deals counts for where past errors were smaller; one,
#: because people who call a close know more of their deals than the CRM.
_CALM_PERIODS = 1.0
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
    point: int
    position: float
    final: float
    error: Floats
    expected: Floats
    variance: Floats


_Shares = dict[int, tuple[float, float]]  # by point: error as share of the final, position


def _mean(shares: _Shares, position: float, power: int) -> float:
    """Give the mean of errors without sign to a power, weeks near a place counting most."""
    sizes = np.array([abs(error) ** power for error, _ in shares.values()])
    near = nearness(np.array([place for _, place in shares.values()]), position)
    return float(near @ sizes / near.sum())


def _beats(mine: _Shares, base: _Shares, position: float) -> bool:
    """Compare mean errors where both are known; nothing to compare is no defeat."""
    both = [point for point in mine if point in base]
    if not both:
        return True
    sides = ({point: side[point] for point in both} for side in (mine, base))
    ours, theirs = (_mean(side, position, 1) for side in sides)
    return ours < theirs


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
        many = len(inputs.panel.cells)
        self._hoped: dict[str, Floats] = {}
        self._came: dict[str, Floats] = {}
        self._wins = np.zeros(many)

    def add(
        self,
        number: int,
        estimates: dict[int, dict[str, Estimate]],
        plain: dict[int, dict[str, Estimate]],
    ) -> None:
        """Note how the methods did in a period that is over; ``plain``: before correction."""
        if number == len(self._in.periods) - 1:
            return
        for point, found in estimates.items():
            for name, one in found.items():
                self._misses.setdefault(name, []).append(self._miss(number, point, one))
        for point, found in plain.items():
            for name, one in found.items():
                none = np.zeros_like(one.to_come)
                self._hoped[name] = self._hoped.get(name, none) + one.to_come
                self._came[name] = self._came.get(name, none) + self._in.sums.later_cents[point]
        opened = self._in.sums.open_count[min(plain)] if plain else self._wins * 0
        if opened[0] > 0:  # wins that a cell of average chances would have had
            self._wins += opened * self._in.sums.final_count[number][0] / opened[0]

    def corrected(self, name: str, one: Estimate) -> Estimate:
        """
        Give each cell its share by what its like brought in past periods; the total stays.

        A method that knows the stage alone expects too much of new customers and too little of
        renewals. The factor of a cell is came / expected over past forecasts, beside that of the
        total, and leans to 1 for cells with few deals. Methods that know more are left as they
        are.
        """
        if name not in _BLIND:
            return one
        hoped, came = self._hoped.get(name), self._came.get(name)
        if hoped is None or came is None or hoped[0] <= 0 or came[0] <= 0:
            return one
        own = np.divide(came, hoped, out=np.ones_like(came), where=hoped > 0) * hoped[0] / came[0]
        prior = _CAREFUL * self._in.settings.prior_deals
        lean = self._wins / np.maximum(self._wins + prior, 1e-9)
        to_come = one.to_come * (lean * np.clip(own, 0.2, 5.0) + 1 - lean)
        to_come[0] = one.to_come[0]
        for cut in self._in.panel.cuts[1:]:
            mine = (self._in.panel.cells["cut"] == cut).to_numpy()
            total = to_come[mine].sum()
            if total > 0:
                to_come[mine] *= one.to_come[mine].sum() / total
        return replace(one, to_come=to_come)

    def weights(self, position: float) -> dict[str, float] | None:
        """
        Weigh the methods that beat both baselines, near weeks counting most.

        Returns
        -------
        dict or None
            Weights by method, the inverse of mean squared errors, 1 in sum; where no method beat
            the baselines, all weight is on the better one of these. None before any error is
            known.
        """
        shares = {
            name: {miss.point: (miss.error[0] / miss.final, miss.position) for miss in misses
                   if miss.final > 0}
            for name, misses in self._misses.items()
        }  # fmt: skip
        if not any(shares.get(name) for name in CANDIDATES):
            return None
        found = {
            name: 1.0 / (_mean(shares[name], position, 2) + _TRUST**2)
            for name in CANDIDATES
            if shares.get(name)
            and all(_beats(shares[name], shares.get(base, {}), position) for base in BASELINES)
        }
        if not found:
            known = [base for base in BASELINES if shares.get(base)]
            best = min(known, key=lambda base: _mean(shares[base], position, 1), default="")
            return {best: 1.0} if best else {}
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
        below = expected_below(self._in, point, one)
        scale = np.divide(one.to_come, below, out=np.zeros_like(below), where=below > 0)
        variance = variance * scale**2
        return _Miss(
            number=number,
            point=point,
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
            calm = float(np.sqrt((periods * ratio + _CALM_PERIODS) / (periods + _CALM_PERIODS)))
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


#: Methods that know nothing of a deal but its stage, category, age or pushes.
_BLIND = ("stage_crm", "stage_measured", "category", "hazard")
#: Methods whose total is the sum of their deals.
_FROM_BELOW = ("stage_weighted", "stage_crm", "stage_measured", "category", "hazard", "classifier")
