"""Deals that are not in the pipeline yet: what past periods won from such deals after the day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planlib.forecast.panel import Floats, Ints, Panel
from planlib.forecast.window import Window

#: Which open deals a method looks at: all, or those that close in the period.
Scope = Literal["open", "in_period"]


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """
    Won deals of past periods that were outside a method's scope on the same day of the period.

    Parameters
    ----------
    cents
        What each brought.
    cells
        Number of its cell, one column per cut.
    rates
        How often such a deal is expected in a period: 1 / past periods.
    """

    cents: Floats = field(repr=False)
    cells: Ints = field(repr=False)
    rates: Floats = field(repr=False)

    @property
    def expected(self) -> float:
        """Expected amount in cents."""
        return float(self.cents @ self.rates)

    @property
    def variance(self) -> float:
        """Variance of their sum when each arrives independently (compound Poisson)."""
        return float((self.cents**2) @ self.rates)


class LateDeals:
    """
    Finds for every point the deals won later in the period that a scope does not see.

    Parameters
    ----------
    panel
        The past as it was known.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        ids = pd.concat([panel.rows["opportunity_id"], panel.sold["opportunity_id"]])
        codes = pd.factorize(ids)[0].astype("int64")
        self._row_ids, self._sold_ids = codes[: len(panel.rows)], codes[len(panel.rows) :]
        self._inside = panel.rows["in_period"].to_numpy()
        self._number = panel.sold["number"].to_numpy()
        self._day = panel.sold["close_day"].to_numpy()
        self._cents = panel.sold["cents"].to_numpy().astype("float64")
        self._found: dict[tuple[int, Scope], Ints] = {}

    def outside(self, point: int, scope: Scope) -> Ints:
        """Give the won deals (rows of ``sold``) that the scope did not hold at a point."""
        if (point, scope) not in self._found:
            one, span = self._panel.points[point], self._panel.span(point)
            day = int(np.datetime64(one.day, "D").astype("int64"))
            later = np.flatnonzero((self._number == one.number) & (self._day > day))
            held = self._row_ids[span]
            if scope == "in_period":
                held = held[self._inside[span]]
            self._found[point, scope] = later[~np.isin(self._sold_ids[later], held)]
        return self._found[point, scope]

    def expected(self, window: Window, scope: Scope) -> Arrivals:
        """Give what past periods let expect at a place: created later, or moved in later."""
        taken, rates = [], []
        for point, weight in zip(window.points, window.weights, strict=True):
            rows = self.outside(int(point), scope)
            taken.append(rows)
            rates.append(np.full(len(rows), weight / max(window.periods, 1)))
        rows = np.concatenate(taken) if taken else np.zeros(0, dtype="int64")
        return Arrivals(
            cents=self._cents[rows],
            cells=self._panel.sold_cells[rows],
            rates=np.concatenate(rates) if rates else np.zeros(0),
        )
