"""The search for territories as a picture: proven bound and best plan, coming together."""

from __future__ import annotations

import signal
import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from planlib.charts.base import COLORS, label, new_axes, title
from planlib.charts.spoken import SpokenFigure
from planlib.notes import percent

if TYPE_CHECKING:
    from planlib.territories.engine import Progress

_COLUMNS = ("block", "share", "bound", "cost", "violations")
_STOPPED = "stopped by a person: the best plan so far, with the gap that was left then"
_EACH = 8  # reports between two live pictures
_CLOSED = 1e-4  # a smaller gap is not told apart
_FINE = 0.02  # height of a picture whose labels need two decimals
_BELOW, _ABOVE = 0.06, 0.12  # of the best plan's cost: what the picture shows


class Watch:
    """
    Collects what a search tells; called by ``on_progress`` of ``align``.

    Parameters
    ----------
    is_live
        Whether the picture is drawn anew below the cell while the search runs, and an interrupt of
        the kernel (the square in JupyterLab) inside ``with`` ends the search with the best plan
        so far; a second one ends the cell.
    """

    def __init__(self, *, is_live: bool = False) -> None:
        self._rows: list[tuple[object, ...]] = []
        self._is_live = is_live
        self._handle: Any = None
        self._before: Any = None
        self.is_stopped = False

    def __enter__(self) -> Watch:
        """Take interrupts of the kernel from here on, where a person is there."""
        if self._is_live and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave interrupts to whom they belonged."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _stop(self, number: int, frame: object) -> None:
        if self.is_stopped:
            raise KeyboardInterrupt
        self.is_stopped = True

    @property
    def notes(self) -> list[str]:
        """What to say of the plan: nothing unless a person ended the search."""
        return [_STOPPED] if self.is_stopped else []

    def __call__(self, block: str, progress: Progress) -> bool:
        """Keep one report of the engine; tell it whether to end."""
        self._rows.append(
            (block, progress.share, progress.bound, progress.cost, progress.violations)
        )
        if self._is_live and (len(self._rows) % _EACH == 0 or progress.phase == "done"):
            self._show(block)
        return self.is_stopped

    @property
    def frame(self) -> pd.DataFrame:
        """One row per report: block, share of the work, bound, cost, violations."""
        return pd.DataFrame(self._rows, columns=list(_COLUMNS))

    def _show(self, block: str) -> None:
        from IPython.display import display
        from matplotlib import pyplot

        figure = plot_convergence(self.frame, block).figure
        if self._handle is None:
            self._handle = display(figure, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(figure)
        pyplot.close(figure)  # type: ignore[arg-type]


def plot_convergence(
    progress: pd.DataFrame, block: str, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show bound and best plan of one block over the share of the work done.

    Parameters
    ----------
    progress
        ``Watch.frame``: ``block``, ``share``, ``bound``, ``cost`` and ``violations``; costs of
        plans that do not meet all limits are not drawn.
    block
        One of its blocks.
    as_of
        Printed under the title.
    ax
        Axes to draw on.
    """
    ax = new_axes(ax, width=6.5, height=3.2)
    mine = _last_run(progress[progress["block"].eq(block)])
    met = mine["cost"].where(mine["violations"].eq(0)).astype(float)
    cost = met.where(np.isfinite(met)).ffill().cummin()
    bound = mine["bound"].astype(float)
    bound = bound.where(np.isfinite(bound)).cummax()
    day = f"; as of {as_of:%Y-%m-%d}" if as_of else ""
    best = cost.min() if cost.notna().any() else bound.max()
    if mine.empty or not np.isfinite(best) or best <= 0:
        ax.axis("off")
        title(ax, "Nothing was searched", f"{label(block, 30) or 'no block'}{day}")
        return ax
    share = mine["share"].astype(float)
    low, high = _heights(bound / best - 1, cost / best - 1)
    ax.step(share, bound / best - 1, where="post", color=COLORS["ink"], label="proven bound")
    ax.step(share, cost / best - 1, where="post", color=COLORS["after"], label="best plan")
    _below(ax, share, bound / best - 1, low)
    ax.fill_between(share, bound / best - 1, cost / best - 1, step="post", alpha=0.12,
                    color=COLORS["after"], lw=0)  # fmt: skip
    for worth, color in ((bound, "ink"), (cost, "after")):  # seen also where all came at the end
        ax.plot(share.iloc[-1:], worth.iloc[-1:] / best - 1, "o", ms=4, color=COLORS[color],
                clip_on=False)  # fmt: skip
    _frame(ax, low, high)
    gap = 1 - bound.max() / best
    headline = "gap below 0.01 %" if gap < _CLOSED else f"gap {percent(gap, 2)}"
    headline = "no plan within all limits" if cost.isna().all() else headline
    title(ax, f"{label(block, 30)}: {headline}", f"cost relative to the best plan found{day}")
    return ax


def plot_convergences(progress: pd.DataFrame, *, as_of: date | None = None) -> np.ndarray:
    """
    Show bound and best plan of every block, six at most, those with most reports first.

    Parameters
    ----------
    progress
        As for ``plot_convergence``.
    as_of
        Printed under the titles.

    Returns
    -------
    ndarray
        Axes, one per block.
    """
    from matplotlib import pyplot

    counts = progress["block"].value_counts().sort_index(kind="stable")
    blocks = counts.sort_values(ascending=False, kind="stable").index.tolist()[:6] or [""]
    wide = min(3, len(blocks))
    tall = -(-len(blocks) // wide)
    _, grid = pyplot.subplots(
        tall,
        wide,
        figsize=(4.2 * wide, 2.9 * tall),
        squeeze=False,
        layout="constrained",
        FigureClass=SpokenFigure,
    )
    axes = grid.ravel()
    for ax in axes[len(blocks) :]:
        ax.axis("off")
    for block, ax in zip(sorted(blocks), axes, strict=False):
        plot_convergence(progress, block, as_of=as_of, ax=ax)
    return np.asarray(axes[: len(blocks)])


def _last_run(mine: pd.DataFrame) -> pd.DataFrame:
    """Give the reports of the last solve of a block: its share of work never falls."""
    falls = mine["share"].astype(float).diff().lt(0).cumsum()
    return mine[falls.eq(falls.max())] if len(mine) else mine


def _heights(bound: pd.Series, cost: pd.Series) -> tuple[float, float]:
    """Give the lowest and the highest cost that the picture shows, relative to the best plan."""
    low = max(-_BELOW, np.nanmin(bound.to_numpy(float), initial=0.0) * 1.1)
    high = min(_ABOVE, np.nanmax(cost.to_numpy(float), initial=0.0) * 1.1)
    return min(low, -0.005), max(high, 0.005)


def _below(ax: Axes, share: pd.Series, bound: pd.Series, low: float) -> None:
    """Follow the lower edge where the bound is below it, and say how low it began."""
    if not (bound < low).any():
        return
    ax.step(share, bound.clip(lower=low), where="post", color=COLORS["ink"], ls=":", clip_on=False,
            label=f"bound below the picture, from {percent(bound.min())}", zorder=1.5)  # fmt: skip


def _frame(ax: Axes, low: float, high: float) -> None:
    ax.set_ylim(low, high)
    ax.set_xlim(0, 1.0)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    fine = high - low < _FINE
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=2 if fine else 1, symbol=" %"))
    ax.set_xlabel("share of the work done")
    ax.legend(loc="best", fontsize=7.5)
