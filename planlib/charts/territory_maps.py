"""Maps of territories before and after: accounts as dots, reps as stars, lines between them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from planlib.charts.base import COLORS, SERIES, label, new_axes, title
from planlib.charts.maps import Extent, draw_ground, extent_of, spread

When = Literal["before", "after"]
_OWNER = {"before": "previous_rep_id", "after": "rep_id"}
_SHAPES = "os^DvP"
_PANEL = 4.6  # inches, width of a map among several


def plot_territory_map(
    plan: pd.DataFrame,
    reps: pd.DataFrame,
    *,
    when: When = "after",
    block: str | None = None,
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show accounts as dots in the colour of their rep, with a line to the rep's place.

    Parameters
    ----------
    plan, reps
        Tables ``territory_plan`` and ``territory_reps`` that step 03 writes.
    when
        Owners of today (before) or of the plan (after).
    block
        Part of the market; None shows the one with most accounts.
    as_of
        Printed under the title.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        Accounts without a place are not drawn; the subtitle counts them.
    """
    block = block if block is not None else largest_block(plan)
    ax = new_axes(ax, width=8.5, height=5.2)
    mine = plan[plan["block"].eq(block).fillna(value=False)]
    people = reps[reps["block"].eq(block).fillna(value=False)].reset_index(drop=True)
    extent = _extent(plan, reps, block)
    draw_ground(ax, extent)
    placed = mine[mine["latitude"].notna()].sort_values("account_id", kind="stable")
    where = spread(placed["longitude"].to_numpy(float), placed["latitude"].to_numpy(float), extent)
    homes = spread(people["longitude"].to_numpy(float), people["latitude"].to_numpy(float), extent)
    _draw_accounts(ax, placed, where, (people, homes), when)
    _draw_reps(ax, people, homes)
    moved = int(mine["is_moved"].astype(bool).sum())
    text = {"before": "today", "after": f"plan: {moved:,} change owner"}[when]
    missing = len(mine) - len(placed)
    title(
        ax,
        f"{label(block[:1].upper() + block[1:])}, {text}",
        _map_subtitle(len(mine), missing, as_of),
    )
    return ax


def plot_territory_maps(
    plan: pd.DataFrame,
    reps: pd.DataFrame,
    *,
    blocks: list[str] | None = None,
    as_of: date | None = None,
) -> np.ndarray:
    """
    Show the maps before and after side by side, a row for each block, with the reps named.

    Parameters
    ----------
    plan, reps
        Tables ``territory_plan`` and ``territory_reps`` that step 03 writes.
    blocks
        Blocks to show; None shows those with most accounts, three at most.
    as_of
        Printed under the titles.

    Returns
    -------
    ndarray
        Axes, (blocks, 2).
    """
    from matplotlib import pyplot

    if blocks is None:
        blocks = (
            plan["block"]
            .dropna()
            .value_counts()
            .sort_index(kind="stable")
            .sort_values(ascending=False, kind="stable")
            .index.tolist()[:3]
        )
    tall = [_PANEL / _extent(plan, reps, block).ratio + 0.75 for block in blocks] or [2.0]
    figure, grid = pyplot.subplots(
        len(tall), 2, figsize=(2 * _PANEL + 1.9, sum(tall)), squeeze=False, layout="constrained",
        height_ratios=tall,
    )  # fmt: skip
    for block, (left, right) in zip(blocks, grid, strict=False):
        plot_territory_map(plan, reps, when="before", block=block, as_of=as_of, ax=left)
        plot_territory_map(plan, reps, when="after", block=block, as_of=as_of, ax=right)
        people = reps[reps["block"].eq(block).fillna(value=False)].sort_values("rep_id")
        handles = [
            Line2D(
                [],
                [],
                ls="",
                marker=_shape(number),
                ms=7,
                color=_color(color),
                label=f"{label(name, 18, rep)} {before}→{after}",
            )
            for number, (rep, name, color, before, after) in enumerate(
                people[["rep_id", "rep_name", "color", "before_count", "after_count"]].itertuples(
                    index=False
                )
            )
        ]
        handles.append(
            Line2D(
                [],
                [],
                ls="",
                marker="o",
                ms=5,
                mfc="white",
                mec=COLORS["ink"],
                label="changes owner",
            )
        )
        right.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            fontsize=7.5,
            title="accounts today → plan",
            title_fontsize=7.5,
            handletextpad=0.2,
        )
    if not blocks:
        grid[0, 0].axis("off")
        grid[0, 1].axis("off")
        title(grid[0, 0], "No territory to show", "no account in scope has a rep")
    return np.asarray(grid)


def largest_block(plan: pd.DataFrame) -> str:
    """Give the block with most accounts, the first by name where several have; blank if none."""
    counts = plan["block"].dropna().value_counts()
    return min(counts.index[counts.eq(counts.max())]) if len(counts) else ""


def _extent(plan: pd.DataFrame, reps: pd.DataFrame, block: str) -> Extent:
    both = [
        table.loc[table["block"].eq(block).fillna(value=False), ["longitude", "latitude"]]
        for table in (plan, reps)
    ]
    places = pd.concat(both)
    return extent_of(places["longitude"], places["latitude"])


def _draw_accounts(
    ax: Axes,
    placed: pd.DataFrame,
    where: np.ndarray,
    homes: tuple[pd.DataFrame, np.ndarray],
    when: When,
) -> None:
    people, home = homes
    number = {rep: row for row, rep in enumerate(people["rep_id"])}
    owner = placed[_OWNER[when]].map(number)
    size = _dot_sizes(placed["potential"])
    moved = placed["is_moved"].to_numpy(bool) & (when == "after")
    free = owner.isna().to_numpy(bool)
    if free.any():
        ax.scatter(
            where[free, 0],
            where[free, 1],
            s=size[free],
            marker="x",
            color=COLORS["soft"],
            lw=0.8,
            zorder=3,
        )
    for row, shade in enumerate(people["color"]):
        mine = owner.eq(row).fillna(value=False).to_numpy(bool)
        color = _color(shade)
        if np.isfinite(home[row]).all():
            lines = [[home[row], place] for place in where[mine]]
            ax.add_collection(
                LineCollection(lines, colors=color, linewidths=0.5, alpha=0.28, zorder=2),
                autolim=False,
            )
        rims = [COLORS["ink"] if one else "white" for one in moved[mine]]
        wide = [0.9 if one else 0.3 for one in moved[mine]]
        ax.scatter(
            where[mine, 0],
            where[mine, 1],
            s=size[mine],
            color=color,
            marker=_shape(row),
            zorder=3,
            edgecolors=rims,
            linewidths=wide,
        )


def _draw_reps(ax: Axes, people: pd.DataFrame, home: np.ndarray) -> None:
    halo = [effects.withStroke(linewidth=2.2, foreground="white")]
    for row, shade in enumerate(people["color"]):
        if np.isfinite(home[row]).all():
            ax.plot(
                *home[row],
                marker="*",
                ms=12,
                color=_color(shade),
                mec="white",
                mew=0.9,
                zorder=5,
                path_effects=halo,
                clip_on=True,
            )


def _dot_sizes(potential: pd.Series) -> np.ndarray:
    """Give areas of dots in proportion to potential, within bounds; unknown ones are small."""
    values = potential.to_numpy(float)
    top = np.nanquantile(values, 0.98) if np.isfinite(values).any() else 0.0
    share = np.nan_to_num(values / top, nan=0.1) if top > 0 else np.full(len(values), 0.3)
    return np.asarray(9.0 + 42.0 * np.clip(share, 0, 1))


def _color(number: int) -> str:
    return SERIES[number % len(SERIES)]


def _shape(number: int) -> str:
    return _SHAPES[(number // len(SERIES)) % len(_SHAPES)]


def _map_subtitle(count: int, missing: int, as_of: date | None) -> str:
    gap = f", {missing:,} without a place" if missing else ""
    when = f"; as of {as_of:%Y-%m-%d}" if as_of else ""
    return f"{count:,} accounts{gap}; ★ rep, dot area: potential{when}"
