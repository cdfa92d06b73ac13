"""Maps of territories before and after: accounts as dots, reps as stars, lines between them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from planlib.charts.base import COLORS, SERIES, label, new_axes, title
from planlib.charts.maps import Extent, draw_ground, extent_of, spread
from planlib.charts.spoken import SpokenFigure

When = Literal["before", "after"]
_OWNER = {"before": "previous_rep_id", "after": "rep_id"}
_SHAPES = "osD^vP"
_LINES = 150  # accounts joined to their rep by a line, those with most potential
_PANEL = 4.6  # inches, width of a map among several
_CELLS = 26  # cells over the width of a map
_HALO = (effects.withStroke(linewidth=2.2, foreground="white"),)


def plot_territory_map(
    plan: pd.DataFrame,
    reps: pd.DataFrame,
    *,
    when: When = "after",
    block: str | None = None,
    as_of: date | None = None,
    name: str = "plan",
    ax: Axes | None = None,
) -> Axes:
    """
    Show accounts as dots in the colour and shape of their rep, large ones with a line to the rep.

    Beneath them cells in the colour of the rep who has most potential there, so that a territory
    can be seen as an area.

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
    name
        What the owners after are called in the title, where it is not the plan.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        Accounts without a place, or far off the others, are not drawn; the subtitle counts them.
    """
    block = block if block is not None else largest_block(plan)
    ax = new_axes(ax, width=8.5, height=5.2)
    mine = _of_block(plan, block).sort_values("account_id", kind="stable")
    extent = _extent(plan, reps, block)
    draw_ground(ax, extent)
    people = _styled(_of_block(reps, block), extent)
    placed = mine[mine["latitude"].notna()].reset_index(drop=True)
    where = spread(placed["longitude"].to_numpy(float), placed["latitude"].to_numpy(float), extent)
    inside = extent.holds(where[:, 0], where[:, 1])
    _draw_cells(ax, placed[inside], people, when, extent)
    _draw_accounts(ax, (placed[inside], where[inside]), people, when)
    _draw_reps(ax, people)
    moved = int(mine["is_moved"].astype(bool).sum())
    text = {"before": "today", "after": f"{name}: {moved:,} change owner"}[when]
    hidden = {"without a place": len(mine) - len(placed), "off the map": int((~inside).sum())}
    gaps = "".join(f", {count:,} {name}" for name, count in hidden.items() if count)
    day = f"; as of {as_of:%Y-%m-%d}" if as_of else ""
    part = label(block[:1].upper() + block[1:])
    title(ax, f"{part}, {text}", f"{len(mine):,} accounts{gaps}{day}")
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
        blocks = largest_blocks(plan)
    if not blocks:
        ax = new_axes(None, height=1.5)
        ax.axis("off")
        title(ax, "No territory to show", "no account in scope has a rep")
        return np.array([[ax, ax]])
    tall = [
        max(_PANEL / _extent(plan, reps, block).ratio + 0.75, _legend_height(reps, block))
        for block in blocks
    ]
    _, grid = pyplot.subplots(
        len(tall), 2, figsize=(2 * _PANEL + 1.9, sum(tall)), squeeze=False, layout="constrained",
        height_ratios=tall, FigureClass=SpokenFigure,
    )  # fmt: skip
    for block, (left, right) in zip(blocks, grid, strict=True):
        plot_territory_map(plan, reps, when="before", block=block, as_of=as_of, ax=left)
        plot_territory_map(plan, reps, when="after", block=block, as_of=as_of, ax=right)
        _name_reps(right, _styled(_of_block(reps, block), _extent(plan, reps, block)))
    return np.asarray(grid)


def _legend_height(reps: pd.DataFrame, block: str) -> float:
    """Give the inches that the names of a block's reps need beside its maps."""
    return 0.165 * len(_of_block(reps, block)) + 1.2


def largest_blocks(plan: pd.DataFrame, most: int = 3) -> list[str]:
    """Give the blocks with most accounts, most first; by name where several have as many."""
    counts = plan["block"].dropna().value_counts().sort_index(kind="stable")
    return list(counts.sort_values(ascending=False, kind="stable").index[:most])


def largest_block(plan: pd.DataFrame) -> str:
    """Give the block with most accounts, the first by name where several have; blank if none."""
    return next(iter(largest_blocks(plan, 1)), "")


def _of_block(table: pd.DataFrame, block: str) -> pd.DataFrame:
    return table[table["block"].eq(block).fillna(value=False)]


def _extent(plan: pd.DataFrame, reps: pd.DataFrame, block: str) -> Extent:
    places = pd.concat(
        [_of_block(table, block)[["longitude", "latitude"]] for table in (plan, reps)]
    )
    return extent_of(places["longitude"], places["latitude"])


def _styled(people: pd.DataFrame, extent: Extent) -> pd.DataFrame:
    """Add to each rep its colour, a shape that tells apart reps of one colour, and its place."""
    people = people.sort_values("rep_id", kind="stable").reset_index(drop=True)
    shade = people["color"].astype(int) % len(SERIES)
    again = people.groupby(shade).cumcount() % len(_SHAPES)
    home = spread(people["longitude"].to_numpy(float), people["latitude"].to_numpy(float), extent)
    return people.assign(shade=[SERIES[one] for one in shade], x=home[:, 0], y=home[:, 1],
                         shape=[_SHAPES[one] for one in again])  # fmt: skip


def _draw_cells(
    ax: Axes, placed: pd.DataFrame, people: pd.DataFrame, when: When, extent: Extent
) -> None:
    """Tint square cells by the rep with most potential, else with most accounts, in each."""
    side = (extent.east - extent.west) / _CELLS
    tall = side / extent.aspect
    owner = placed[_OWNER[when]].fillna("")
    known = placed["potential"].sum() > 0
    cells = pd.DataFrame({
        "x": np.floor((placed["longitude"].to_numpy(float) - extent.west) / side),
        "y": np.floor((placed["latitude"].to_numpy(float) - extent.south) / tall),
        "owner": owner.to_numpy(object),
        "size": placed["potential"].fillna(0.0).to_numpy(float) if known else 1.0,
    })  # fmt: skip
    cells = cells[cells["owner"].isin(people["rep_id"])]
    sums = cells.groupby(["x", "y", "owner"], as_index=False).agg(size=("size", "sum"))
    order = sums.sort_values(["x", "y", "size", "owner"], ascending=[True, True, False, True])
    first = order.drop_duplicates(["x", "y"])
    shade = dict(zip(people["rep_id"], people["shade"], strict=True))
    corners = [
        [(west, south), (west + side, south), (west + side, south + tall), (west, south + tall)]
        for west, south in zip(extent.west + first["x"] * side, extent.south + first["y"] * tall,
                               strict=True)
    ]  # fmt: skip
    tints = PolyCollection(corners, facecolors=[shade[one] for one in first["owner"]],
                           edgecolors="none", alpha=0.20, zorder=1)  # fmt: skip
    ax.add_collection(tints, autolim=False)


def _draw_accounts(
    ax: Axes, accounts: tuple[pd.DataFrame, np.ndarray], people: pd.DataFrame, when: When
) -> None:
    placed, where = accounts
    owner = placed[_OWNER[when]].fillna("").to_numpy(dtype=object)
    size = _dot_sizes(placed["potential"])
    moved = placed["is_moved"].to_numpy(bool) & (when == "after")
    joined = np.argsort(np.argsort(-size, kind="stable"), kind="stable") < _LINES
    nobody = ~np.isin(owner, people["rep_id"].to_numpy(dtype=object))
    if nobody.any():
        ax.scatter(where[nobody, 0], where[nobody, 1], s=14, marker="x", lw=0.8, zorder=3,
                   color=COLORS["soft"])  # fmt: skip
    for rep, color, shape, x, y in people[["rep_id", "shade", "shape", "x", "y"]].itertuples(
        index=False
    ):
        mine = owner == rep
        if not mine.any():
            continue
        if np.isfinite(x):
            lines = LineCollection([[(x, y), place] for place in where[mine & joined]],
                                   colors=color, linewidths=0.6, alpha=0.35, zorder=2)  # fmt: skip
            ax.add_collection(lines, autolim=False)
        rims = [COLORS["ink"] if one else "white" for one in moved[mine]]
        wide = [0.9 if one else 0.3 for one in moved[mine]]
        ax.scatter(where[mine, 0], where[mine, 1], s=size[mine], color=color, marker=shape,
                   zorder=3, edgecolors=rims, linewidths=wide)  # fmt: skip


def _draw_reps(ax: Axes, people: pd.DataFrame) -> None:
    for color, x, y in people.loc[people["x"].notna(), ["shade", "x", "y"]].itertuples(index=False):
        ax.plot(x, y, marker="*", ms=12, color=color, mec="white", mew=0.9, zorder=5,
                path_effects=list(_HALO))  # fmt: skip


def _name_reps(ax: Axes, people: pd.DataFrame) -> None:
    """Name colours and shapes at the right of a map, with the number of accounts."""
    rows = people[["rep_id", "rep_name", "shade", "shape", "before_count", "after_count"]]
    handles = [
        Line2D([], [], ls="", marker=shape, ms=6.5, color=color,
               label=f"{label(name, 18, rep)} {before}→{after}")
        for rep, name, color, shape, before, after in rows.itertuples(index=False)
    ]  # fmt: skip
    extra = {"*": "place of a rep", "o": "changes owner"}
    handles += [Line2D([], [], ls="", marker=shape, ms=6, mfc="white", mec=COLORS["ink"],
                       label=text) for shape, text in extra.items()]  # fmt: skip
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7.5,
              title="dot area: potential; cell: rep with\nmost of it; accounts today → plan",
              alignment="left", title_fontsize=7.5, handletextpad=0.2)  # fmt: skip


def _dot_sizes(potential: pd.Series) -> np.ndarray:
    """Give areas of dots in proportion to potential, within bounds; unknown ones are small."""
    values = potential.to_numpy(float)
    top = np.nanquantile(values, 0.98) if np.isfinite(values).any() else 0.0
    share = np.nan_to_num(values / top, nan=0.1) if top > 0 else np.full(len(values), 0.3)
    return np.asarray(9.0 + 42.0 * np.clip(share, 0, 1))
