"""What every method expects to be still to come, at one point, from what was known then."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.forecast.arrivals import Arrivals, LateDeals, Scope
from planlib.forecast.calls import call_factors
from planlib.forecast.chances import Models, amount_factor
from planlib.forecast.conversion import pooled_ratios
from planlib.forecast.inputs import Inputs
from planlib.forecast.panel import Bools, Floats
from planlib.pipeline.cuts import TOTAL
from planlib.pipeline.measures import CUMULATIVE


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """
    What one method expects to be still to come at one point.

    Parameters
    ----------
    to_come
        Expected amount by cell, in cents; the first cell is the total.
    chance
        Chance of each open deal of the point to be won in the period.
    cents
        Amount of each deal, times what such amounts brought in the past.
    scope
        Which open deals it looks at; what comes from others is ``late``.
    late
        Deals not seen yet; None for a method that does not count on any.
    is_spread
        Whether the amount was found from above, and its deals only give it a shape.
    """

    to_come: Floats = field(repr=False)
    chance: Floats = field(repr=False)
    cents: Floats = field(repr=False)
    scope: Scope
    late: Arrivals | None = field(repr=False)
    is_spread: bool = False


@dataclass(frozen=True, kw_only=True)
class PeriodModels:
    """Chances of all rows by the models that were fitted before a period; None: no estimate."""

    hazard: Floats | None = field(repr=False)
    classifier: Floats | None = field(repr=False)


class Estimator:
    """
    Computes every method at any point.

    Parameters
    ----------
    inputs
        What the forecast rests on.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._in = inputs
        self._panel = inputs.panel
        self.models = Models(inputs.panel, inputs.settings.prior_deals)
        self.late = LateDeals(inputs.panel)
        self._inside = inputs.panel.rows["in_period"].to_numpy()
        self._cents = inputs.panel.rows["cents"].to_numpy().astype("float64")
        self._won_cents = inputs.panel.rows["won_cents"].to_numpy().astype("float64")

    def fit(self, number: int) -> PeriodModels:
        """Fit the models that learn, on the periods before; call in the order of periods."""
        start = self._in.periods[number].start
        end_day = int(np.datetime64(start, "D").astype("int64")) - 1
        return PeriodModels(
            hazard=self.models.hazards(number, end_day),
            classifier=self.models.classified(number),
        )

    def at(self, point: int, models: PeriodModels) -> dict[str, Estimate]:
        """Compute every method that can be computed at a point."""
        span = self._panel.span(point)
        deals = self._panel.rows.iloc[span]
        window = self._in.windows[point]
        found: dict[str, Estimate] = {}
        if _any_known(deals["probability"]):
            found["stage_weighted"] = self._crm(point, with_late=False)
        if _any_known(deals["forecast_category"]):
            found |= self._references(point)
        if window.periods:
            if "stage_weighted" in found:
                found["stage_crm"] = self._crm(point, with_late=True)
            found["stage_measured"] = self._measured(point, "stage")
            if _any_known(deals["forecast_category"]):
                found["category"] = self._measured(point, "forecast_category")
            for name in ("hazard", "classifier"):
                chance = getattr(models, name)
                if chance is not None:
                    found[name] = self._modelled(point, chance)
            found["same_week"] = self._same_week(point, found["stage_measured"])
            last_year = self._last_year(point, found["stage_measured"])
            called = self._called(point, found["same_week"])
            found |= {"last_year_ratio": last_year} if last_year else {}
            found |= {"calls": called} if called else {}
        return found

    def _crm(self, point: int, *, with_late: bool) -> Estimate:
        span = self._panel.span(point)
        share = np.nan_to_num(self._panel.rows["probability"].to_numpy()[span])
        chance = share * self._inside[span]
        late = self.late.expected(self._in.windows[point], "in_period") if with_late else None
        return self._sum(point, chance, self._cents[span], "in_period", late)

    def _measured(self, point: int, column: str) -> Estimate:
        span, window = self._panel.span(point), self._in.windows[point]
        chance, past = self.models.measured(column, span, window)
        rows, weights = window.rows(self._panel)
        brought = self._won_cents[rows] * self._inside[rows]
        factor = amount_factor(brought, past, self._cents[rows], weights)
        late = self.late.expected(window, "in_period")
        return self._sum(point, chance, self._cents[span] * factor, "in_period", late)

    def _modelled(self, point: int, chance: Floats) -> Estimate:
        span, window = self._panel.span(point), self._in.windows[point]
        rows, weights = window.rows(self._panel)
        factor = amount_factor(self._won_cents[rows], chance[rows], self._cents[rows], weights)
        late = self.late.expected(window, "open")
        return self._sum(point, chance[span], self._cents[span] * factor, "open", late)

    def _sum(
        self, point: int, chance: Floats, cents: Floats, scope: Scope, late: Arrivals | None
    ) -> Estimate:
        cells = self._panel.row_cells[self._panel.span(point)]
        to_come = self._panel.sum_cells(cells, chance * cents)
        if late is not None:
            to_come = to_come + self._panel.sum_cells(late.cells, late.cents * late.rates)
        return Estimate(to_come=to_come, chance=chance, cents=cents, scope=scope, late=late)

    def _references(self, point: int) -> dict[str, Estimate]:
        """Give the cumulative categories; each holds the one before."""
        span = self._panel.span(point)
        category = self._panel.rows["forecast_category"].iloc[span]
        found = {}
        for name, parts in CUMULATIVE.items():
            chance = (category.isin(parts).to_numpy() & self._inside[span]).astype("float64")
            found[name] = self._sum(point, chance, self._cents[span], "in_period", None)
        return found

    def _same_week(self, point: int, shape: Estimate) -> Estimate:
        sums, window, panel = self._in.sums, self._in.windows[point], self._panel
        ratios = pooled_ratios(
            window.by_period(sums.later_cents),
            window.by_period(sums.open_cents),
            window.by_period(sums.open_count).sum(axis=0),
            self._in.parents,
            self._in.settings.prior_deals,
        )
        value = np.nan_to_num(ratios.value)
        cells = sums.open_cents[point] * value
        if "deal_type" in panel.cuts:
            cells[0] = cells[(panel.cells["cut"] == "deal_type").to_numpy()].sum()
        return self._from_above(cells, shape)

    def _last_year(self, point: int, shape: Estimate) -> Estimate | None:
        """Scale by the same place of the same period a year before."""
        sums, window = self._in.sums, self._in.windows[point]
        period = self._in.panel.points[point].period.prior_year()
        numbers = [n for n, one in enumerate(self._in.periods) if one.start == period.start]
        if not numbers or numbers[0] not in window.numbers:
            return None
        row = int(np.searchsorted(window.numbers, numbers[0]))
        known = window.by_period(sums.before_cents + sums.open_cents)[row]
        final = sums.final_cents[numbers[0]]
        now = sums.before_cents[point] + sums.open_cents[point]
        if known[0] <= 0:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(known > 0, final / known, final[0] / known[0])
        cells = np.maximum(now * ratio - sums.before_cents[point], 0.0)
        return self._from_above(cells, shape)

    def _called(self, point: int, shape: Estimate) -> Estimate | None:
        """Correct managers' calls by how they turned out in the past."""
        if self._in.calls is None or "manager" not in self._panel.cuts:
            return None
        final = self._in.sums.final_cents
        factors = call_factors(self._in.called, self._in.windows[point], final)
        if factors is None:
            return None
        called = self._in.called[point] * factors
        is_called = ~np.isnan(called)
        if is_called.sum() == 0:
            return None
        mine = (self._panel.cells["cut"] == "manager").to_numpy()
        cells = shape.to_come.copy()
        left = np.maximum(called - self._in.sums.before_cents[point], 0.0)
        cells[is_called] = left[is_called]
        cells[0] = cells[mine].sum()
        return self._from_above(cells, shape, keep=mine)

    def _from_above(self, cells: Floats, shape: Estimate, keep: Bools | None = None) -> Estimate:
        """Let the cells of every cut add up to the total, and take the deals' shape from below."""
        panel = self._panel
        fitted = cells.copy()
        for cut in panel.cuts:
            mine = (panel.cells["cut"] == cut).to_numpy()
            if cut == TOTAL or (keep is not None and (keep & mine).any()):
                continue
            total = fitted[mine].sum()
            own = shape.to_come[mine] if total <= 0 else fitted[mine]
            total = own.sum()
            fitted[mine] = own * (cells[0] / total) if total > 0 else 0.0
        return Estimate(
            to_come=fitted,
            chance=shape.chance,
            cents=shape.cents,
            scope=shape.scope,
            late=shape.late,
            is_spread=True,
        )


def _any_known(values: pd.Series) -> bool:
    """Tell whether a column says anything; without deals nothing is missing."""
    return bool(values.empty or values.notna().any())
