"""Figures of one plan of a block in natural units, so that plans can be put side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.territories.block import Block
from planlib.territories.tightest import deviations

#: What "moved" means where plans are put side by side.
MOVED_NOTE = (
    "moved: leaves a rep who could keep it; accounts without an owner, or whose owner left or "
    "sells in another part of the market, are not counted here"
)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """
    What a plan of a block means, in natural units.

    ``travel_km`` is the mean distance of account and rep where known, ``misfit`` and
    ``complexity_short`` (0 to 1) are means too, all weighted by workload; moved accounts leave
    today's owner; ``deviation`` is the largest over reps by measure.
    """

    travel_km: float
    misfit: float
    complexity_short: float
    moved_count: int
    moved_acv: float
    moved_acv_share: float
    deviation: dict[str, float]

    @property
    def tolerance_reached(self) -> float:
        """Largest deviation of a rep from a target, NaN without targets."""
        return max(self.deviation.values(), default=float("nan"))


def figures_of(block: Block, rep: np.ndarray, book: pd.DataFrame) -> Figures:
    """
    Give the figures of a plan.

    Parameters
    ----------
    block
        One part of the market.
    rep
        (n,) column of the rep of each account; -1: nobody.
    book
        The statement's book.
    """
    placed = np.flatnonzero(rep >= 0)
    chosen = np.where(rep >= 0, rep, 0)
    km = block.costs.km_at(chosen)[placed]
    weight = block.costs.size[placed]
    acv = book["acv"].fillna(0.0).to_numpy(float)[block.rows]
    moved = (block.owner >= 0) & (rep != block.owner)
    off = (
        deviations(block, chosen)
        if len(placed) == len(rep)
        else np.full(block.target.shape, np.nan)
    )
    parts = {name: _mean(raw_at(block, name, chosen)[placed], weight) for name in
             ("misfit", "complexity")}  # fmt: skip
    return Figures(
        travel_km=_known_mean(km, weight),
        misfit=parts["misfit"], complexity_short=parts["complexity"],
        moved_count=int(moved.sum()), moved_acv=float(acv[moved].sum()),
        moved_acv_share=float(acv[moved].sum() / acv.sum()) if acv.sum() > 0 else float("nan"),
        deviation={
            name: float(np.abs(one).max())
            for name, one, known in zip(block.measures, off, block.is_balanced, strict=True)
            if known
        },
    )  # fmt: skip


def raw_at(block: Block, name: str, rep: np.ndarray) -> np.ndarray:
    """Give one cost part before its weight, of each account with its rep; NaN: not known."""
    costs = block.costs
    if name not in costs.names:
        return np.full(len(rep), np.nan)
    alone = costs.reweighted({one: float(one == name) for one in costs.weights})
    return alone.cost_at(rep)


def _known_mean(values: np.ndarray, weight: np.ndarray) -> float:
    known = np.isfinite(values) & (weight > 0)
    return float(np.average(values[known], weights=weight[known])) if known.any() else float("nan")


def _mean(total: np.ndarray, weight: np.ndarray) -> float:
    """Give the mean weighted by workload of a part that already is times workload."""
    if not len(total) or np.isnan(total).any() or weight.sum() <= 0:
        return float("nan")
    return float(total.sum() / weight.sum())
