"""Pictures of territories: map before and after, balance against the target, what moves."""

from __future__ import annotations

from datetime import date
from typing import Literal

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.maps import Extent, draw_ground, extent_of, spread

When = Literal["before", "after"]
_OWNER = {"before": "previous_rep_id", "after": "rep_id"}
_SHAPES = "os^DvP"
_NAMES = {"potential": "potential", "workload_hours": "workload", "acv": "ACV",
          "accounts": "number of accounts"}
_PANEL = 4.6  # inches, width of a map among several
_WORST = 1.0  # deviations beyond this are drawn at the edge


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
    title(ax, f"{label(block[:1].upper() + block[1:])}, {text}", _map_subtitle(len(mine), missing, as_of))
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
        blocks = plan["block"].dropna().value_counts().sort_index(kind="stable").sort_values(
            ascending=False, kind="stable").index.tolist()[:3]
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
            Line2D([], [], ls="", marker=_shape(number), ms=7, color=_color(row),
                   label=f"{label(row['rep_name'], 18, row['rep_id'])} "
                         f"{row['before_count']}→{row['after_count']}")
            for number, row in enumerate(people.to_dict("records"))
        ]
        handles.append(Line2D([], [], ls="", marker="o", ms=5, mfc="white", mec=COLORS["ink"],
                              label="changes owner"))
        right.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7.5,
                     title="accounts today → plan", title_fontsize=7.5, handletextpad=0.2)
    if not blocks:
        grid[0, 0].axis("off")
        grid[0, 1].axis("off")
        title(grid[0, 0], "No territory to show", "no account in scope has a rep")
    return np.asarray(grid)


def plot_balance(
    balance: pd.DataFrame, measure: str, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show how far each territory is from its target, today and in the plan, against the band.

    Parameters
    ----------
    balance
        Table ``territory_balance`` that step 03 writes.
    measure
        One of its measures.
    as_of
        Printed under the title.
    ax
        Axes to draw on.
    """
    mine = balance[balance["measure"].eq(measure)].sort_values(
        ["block", "target", "rep_id"], ascending=[True, False, True], kind="stable")
    ax = new_axes(ax, width=6.5, height=0.21 * len(mine) + 1.8)
    if mine.empty:
        ax.axis("off")
        title(ax, "No territory to show", "no account in scope has a rep")
        return ax
    rows = np.arange(len(mine))
    band = float(mine["tolerance"].iloc[0])
    edge = _edge(mine, band)
    before = mine["deviation_before"].to_numpy(float).clip(-edge, edge)
    after = mine["deviation_after"].to_numpy(float).clip(-edge, edge)
    inside = mine["is_within"].to_numpy(bool)
    ax.axvspan(-band, band, color=COLORS["good"], alpha=0.13, lw=0)
    ax.axvline(0, color=COLORS["grey"], lw=0.8)
    ax.hlines(rows, before, after, color=COLORS["line"], lw=1.6, zorder=1)
    ax.scatter(before, rows, s=26, color=COLORS["before"], label="today", zorder=2)
    ax.scatter(after[inside], rows[inside], s=26, color=COLORS["after"], zorder=3,
               label="plan, within the tolerance")
    if (~inside).any():
        ax.scatter(after[~inside], rows[~inside], s=34, color=COLORS["bad"], marker="D", zorder=3,
                   label="plan, outside")
    names = [label(name, 20, rep) for name, rep in zip(mine["rep_name"], mine["rep_id"],
                                                        strict=True)]
    ax.set_yticks(rows, names, fontsize=7.5)
    _block_lines(ax, mine["block"].tolist())
    ax.set_ylim(len(mine) - 0.4, -0.6)
    ax.set_xlim(-1.06 * edge, 1.06 * edge)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(f"deviation from the target of {_NAMES.get(measure, measure)}"
                  + (f" (beyond ±{edge:.0%} at the edge)" if _beyond(mine, edge) else ""))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=4.0, ncols=3)
    was = mine["deviation_before"].abs().le(band + 1e-9).sum()
    title(ax, f"{_NAMES.get(measure, measure).capitalize()}: {int(inside.sum())} of {len(mine)} "
              f"within ±{band:.0%}, today {int(was)}",
          f"each territory's sum over its target{_as_of(as_of)}")
    return ax


def plot_balances(balance: pd.DataFrame, *, as_of: date | None = None) -> np.ndarray:
    """
    Show the balance of all measures side by side.

    Parameters
    ----------
    balance
        Table ``territory_balance`` that step 03 writes.
    as_of
        Printed under the titles.

    Returns
    -------
    ndarray
        Axes, one per measure.
    """
    from matplotlib import pyplot

    measures = list(dict.fromkeys(balance["measure"])) or [""]
    count = int(balance["rep_id"].nunique()) if len(balance) else 1
    figure, axes = pyplot.subplots(
        1, len(measures), figsize=(5.4 * len(measures), 0.21 * count + 1.9), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for measure, ax in zip(measures, axes[0], strict=True):
        plot_balance(balance, measure, as_of=as_of, ax=ax)
    return np.asarray(axes[0])


def plot_moves(
    reps: pd.DataFrame, *, currency: str = "", as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show the ACV that each rep gains and loses by the plan.

    Parameters
    ----------
    reps
        Table ``territory_reps`` that step 03 writes.
    currency
        Printed with the amounts.
    as_of
        Printed under the title.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        Without known ACV the bars count accounts.
    """
    by_money = bool(reps["gained_acv"].notna().any()
                    and reps[["gained_acv", "lost_acv"]].sum().sum() > 0)
    gained, lost = ("gained_acv", "lost_acv") if by_money else ("gained_count", "lost_count")
    mine = reps[reps["block"].notna()]
    mine = mine.assign(net=mine[gained] - mine[lost]).sort_values(
        ["block", "net", "rep_id"], ascending=[True, False, True], kind="stable")
    ax = new_axes(ax, width=8.0, height=0.2 * len(mine) + 1.8)
    rows = np.arange(len(mine))
    ax.barh(rows, mine[gained].astype(float), color=COLORS["after"], height=0.7, label="gained")
    ax.barh(rows, -mine[lost].astype(float), color=COLORS["watch"], height=0.7, label="lost")
    ax.plot(mine["net"].astype(float), rows, "D", ms=4, color=COLORS["ink"], label="net")
    ax.axvline(0, color=COLORS["grey"], lw=0.8)
    names = [label(name, 22, rep) for name, rep in zip(mine["rep_name"], mine["rep_id"],
                                                        strict=True)]
    ax.set_yticks(rows, names, fontsize=7.5)
    _block_lines(ax, mine["block"].tolist())
    ax.set_ylim(len(mine) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.xaxis.set_major_formatter(lambda value, _: money(value) if by_money else f"{value:,.0f}")
    what = f"ACV{f', {currency}' if currency else ''}" if by_money else "accounts"
    ax.set_xlabel(f"{what}: lost (left) and gained (right)")
    ax.legend(loc="lower right", ncols=3, bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1)
    total = float(mine[gained].sum())
    text = money(total, currency) if by_money else f"{total:,.0f} accounts"
    title(ax, f"{text} {'of ACV ' if by_money else ''}comes to new owners",
          f"by rep, accounts without an owner today included{_as_of(as_of)}")
    return ax


def largest_block(plan: pd.DataFrame) -> str:
    """Give the block with most accounts, the first by name where several have; blank if none."""
    counts = plan["block"].dropna().value_counts()
    return min(counts.index[counts.eq(counts.max())]) if len(counts) else ""


def _extent(plan: pd.DataFrame, reps: pd.DataFrame, block: str) -> Extent:
    both = [table.loc[table["block"].eq(block).fillna(value=False), ["longitude", "latitude"]]
            for table in (plan, reps)]
    places = pd.concat(both)
    return extent_of(places["longitude"], places["latitude"])


def _draw_accounts(
    ax: Axes, placed: pd.DataFrame, where: np.ndarray, homes: tuple[pd.DataFrame, np.ndarray],
    when: When,
) -> None:
    people, home = homes
    number = {rep: row for row, rep in enumerate(people["rep_id"])}
    owner = placed[_OWNER[when]].map(number)
    size = _dot_sizes(placed["potential"])
    moved = placed["is_moved"].to_numpy(bool) & (when == "after")
    free = owner.isna().to_numpy(bool)
    if free.any():
        ax.scatter(*where[free].T, s=size[free], marker="x", color=COLORS["soft"], lw=0.8, zorder=3)
    for row, record in enumerate(people.to_dict("records")):
        mine = owner.eq(row).fillna(value=False).to_numpy(bool)
        color = _color(record)
        if np.isfinite(home[row]).all():
            lines = [[home[row], place] for place in where[mine]]
            ax.add_collection(LineCollection(lines, colors=color, linewidths=0.5, alpha=0.28,
                                             zorder=2), autolim=False)
        ax.scatter(*where[mine].T, s=size[mine], color=color, marker=_shape(row), zorder=3,
                   edgecolors=np.where(moved[mine], COLORS["ink"], "white"),
                   linewidths=np.where(moved[mine], 0.9, 0.3))


def _draw_reps(ax: Axes, people: pd.DataFrame, home: np.ndarray) -> None:
    halo = [effects.withStroke(linewidth=2.2, foreground="white")]
    for row, record in enumerate(people.to_dict("records")):
        if np.isfinite(home[row]).all():
            ax.plot(*home[row], marker="*", ms=12, color=_color(record), mec="white", mew=0.9,
                    zorder=5, path_effects=halo, clip_on=True)


def _dot_sizes(potential: pd.Series) -> np.ndarray:
    """Give areas of dots in proportion to potential, within bounds; unknown ones are small."""
    values = potential.to_numpy(float)
    top = np.nanquantile(values, 0.98) if np.isfinite(values).any() else 0.0
    share = np.nan_to_num(values / top, nan=0.1) if top > 0 else np.full(len(values), 0.3)
    return np.asarray(9.0 + 42.0 * np.clip(share, 0, 1))


def _color(record: dict[str, object]) -> str:
    return SERIES[int(record["color"]) % len(SERIES)]  # type: ignore[call-overload]


def _shape(number: int) -> str:
    return _SHAPES[(number // len(SERIES)) % len(_SHAPES)]


def _map_subtitle(count: int, missing: int, as_of: date | None) -> str:
    gap = f", {missing:,} without a place" if missing else ""
    return f"{count:,} accounts{gap}; ★ rep, dot area: potential{_as_of(as_of)}"


def _as_of(as_of: date | None) -> str:
    return f"; as of {as_of:%Y-%m-%d}" if as_of else ""


def _edge(mine: pd.DataFrame, band: float) -> float:
    worst = mine[["deviation_before", "deviation_after"]].abs().max().max()
    return float(min(max(worst, 1.6 * band), max(_WORST, 2 * band)))


def _beyond(mine: pd.DataFrame, edge: float) -> bool:
    return bool((mine[["deviation_before", "deviation_after"]].abs() > edge).any().any())


def _block_lines(ax: Axes, blocks: list[str]) -> None:
    """Separate the blocks by lines and name each at the right edge."""
    starts = [row for row, block in enumerate(blocks) if row == 0 or blocks[row - 1] != block]
    if len(starts) < 2:
        return
    for start in starts:
        if start:
            ax.axhline(start - 0.5, color=COLORS["line"], lw=1.0)
        ax.text(1.0, start, label(blocks[start], 14), transform=ax.get_yaxis_transform(),
                ha="right", va="center", fontsize=7.5, color=COLORS["soft"], style="italic",
                zorder=4)
