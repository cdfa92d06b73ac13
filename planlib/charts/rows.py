"""Pictures with one row per thing: axes as tall as needed, named rows, and a reason for none."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, label, new_axes, title

NAME_WIDTH = 26


def row_axes(ax: Axes | None, count: int) -> Axes:
    """Give axes as tall as a number of rows needs."""
    return new_axes(ax, width=9.0, height=0.42 * max(count, 2) + 1.7)


def nothing_to_draw(ax: Axes | None, headline: str, reason: str) -> Axes:
    """Say in the place of an empty picture why there is nothing to draw."""
    ax = new_axes(ax, width=8.0, height=1.3)
    ax.set_axis_off()
    ax.text(0.0, 0.5, label(reason), transform=ax.transAxes, va="center", color=COLORS["soft"])
    title(ax, headline)
    return ax


def name_rows(ax: Axes, names: pd.Series) -> None:
    """Write the name of each row, the first one on top, and let the grid follow the values."""
    ax.set_yticks(range(len(names)), [label(name, NAME_WIDTH) for name in names])
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
