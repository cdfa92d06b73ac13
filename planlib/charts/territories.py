"""Pictures of territories: map before and after, balance against the target, what moves."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.charts.spoken import SpokenFigure
from planlib.charts.territory_choices import plot_cascade, plot_frontier, plot_trade_off
from planlib.charts.territory_maps import (
    largest_block,
    largest_blocks,
    plot_territory_map,
    plot_territory_maps,
)
from planlib.charts.territory_progress import Watch, plot_convergence, plot_convergences
from planlib.notes import percent

_NAMES = {
    "potential": "potential",
    "workload_hours": "workload",
    "acv": "ACV",
    "accounts": "number of accounts",
}
__all__ = [
    "Watch",
    "largest_block",
    "largest_blocks",
    "plot_balance",
    "plot_balances",
    "plot_cascade",
    "plot_convergence",
    "plot_convergences",
    "plot_frontier",
    "plot_moves",
    "plot_territory_map",
    "plot_territory_maps",
    "plot_trade_off",
]

_WORST = 1.0  # deviations beyond this are drawn at the edge


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
        ["block", "target", "rep_id"], ascending=[True, False, True], kind="stable"
    )
    ax = new_axes(ax, width=6.5, height=0.21 * _row_count(mine) + 1.8)
    if mine.empty:
        ax.axis("off")
        title(ax, "No territory to show", "no account in scope has a rep")
        return ax
    rows = _rows_of(mine["block"])
    band = float(mine["tolerance"].iloc[0])
    edge = _edge(mine, band)
    before = mine["deviation_before"].to_numpy(float).clip(-edge, edge)
    after = mine["deviation_after"].to_numpy(float).clip(-edge, edge)
    inside = mine["is_within"].to_numpy(bool)
    ax.axvspan(-band, band, color=COLORS["good"], alpha=0.13, lw=0)
    ax.axvline(0, color=COLORS["grey"], lw=0.8)
    ax.hlines(rows, before, after, color=COLORS["line"], lw=1.6, zorder=1)
    ax.scatter(before, rows, s=26, color=COLORS["before"], label="today", zorder=2)
    ax.scatter(
        after[inside],
        rows[inside],
        s=26,
        color=COLORS["after"],
        zorder=3,
        label="plan, within the tolerance",
    )
    if (~inside).any():
        ax.scatter(
            after[~inside],
            rows[~inside],
            s=34,
            color=COLORS["bad"],
            marker="D",
            zorder=3,
            label="plan, outside",
        )
    names = [
        label(name, 20, rep) for name, rep in zip(mine["rep_name"], mine["rep_id"], strict=True)
    ]
    ax.set_yticks(rows, names, fontsize=7.5)
    _name_blocks(ax, mine["block"], rows)
    ax.set_xlim(-1.06 * edge, 1.06 * edge)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(
        f"deviation from the target of {_NAMES.get(measure, measure)}"
        + (f" (beyond ±{percent(edge)} at the edge)" if _beyond(mine, edge) else "")
    )
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=4.0, ncols=3)
    _title_balance(ax, mine, measure, as_of)
    return ax


def _title_balance(ax: Axes, mine: pd.DataFrame, measure: str, as_of: date | None) -> None:
    band = float(mine["tolerance"].iloc[0])
    inside = mine["is_within"].astype(bool)
    was = mine["deviation_before"].abs().le(band + 1e-9).sum()
    title(
        ax,
        f"{_NAMES.get(measure, measure).capitalize()}: {int(inside.sum())} of {len(mine)} "
        f"within ±{percent(band)}, today {int(was)}",
        f"each territory's sum over its target{_as_of(as_of)}",
    )


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
    each = balance.drop_duplicates(["block", "rep_id"])
    count = _row_count(each) if len(each) else 1
    figure, axes = pyplot.subplots(
        1, len(measures), figsize=(5.4 * len(measures), 0.21 * count + 1.9), squeeze=False,
        layout="constrained", FigureClass=SpokenFigure,
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
    by_money = bool(
        reps["gained_acv"].notna().any() and reps[["gained_acv", "lost_acv"]].sum().sum() > 0
    )
    gained, lost = ("gained_acv", "lost_acv") if by_money else ("gained_count", "lost_count")
    mine = reps[reps["block"].notna()]
    mine = mine.assign(net=mine[gained] - mine[lost]).sort_values(
        ["block", "net", "rep_id"], ascending=[True, False, True], kind="stable"
    )
    if not mine[[gained, lost]].fillna(0).gt(0).any(axis=None):
        return nothing_to_draw(ax, "No account comes to a new owner",
                               "the plan leaves every account with its rep")  # fmt: skip
    ax = new_axes(ax, width=8.0, height=0.2 * _row_count(mine) + 1.8)
    rows = _rows_of(mine["block"])
    ax.barh(rows, mine[gained].astype(float), color=COLORS["after"], height=0.7, label="gained")
    ax.barh(rows, -mine[lost].astype(float), color=COLORS["watch"], height=0.7, label="lost")
    ax.plot(mine["net"].astype(float), rows, "D", ms=4, color=COLORS["ink"], label="net")
    ax.axvline(0, color=COLORS["grey"], lw=0.8)
    names = [
        label(name, 22, rep) for name, rep in zip(mine["rep_name"], mine["rep_id"], strict=True)
    ]
    ax.set_yticks(rows, names, fontsize=7.5)
    _name_blocks(ax, mine["block"], rows)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.xaxis.set_major_formatter(lambda value, _: money(value) if by_money else f"{value:,.0f}")
    if not by_money:
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    what = f"ACV{f', {currency}' if currency else ''}" if by_money else "accounts"
    ax.set_xlabel(f"{what}: lost (left) and gained (right)")
    ax.legend(loc="lower right", ncols=3, bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1)
    total = float(mine[gained].sum())
    headline = f"{total:,.0f} accounts come to new owners"
    if by_money:
        headline = f"{money(total, currency)} of ACV comes to new owners"
    elif total == 1:
        headline = "1 account comes to a new owner"
    title(
        ax,
        headline,
        f"by rep, accounts without an owner today included{_as_of(as_of)}",
    )
    return ax


def _as_of(as_of: date | None) -> str:
    return f"; as of {as_of:%Y-%m-%d}" if as_of else ""


def _edge(mine: pd.DataFrame, band: float) -> float:
    worst = mine[["deviation_before", "deviation_after"]].abs().max().max()
    return float(min(max(worst, 1.6 * band), max(_WORST, 2 * band)))


def _beyond(mine: pd.DataFrame, edge: float) -> bool:
    return bool((mine[["deviation_before", "deviation_after"]].abs() > edge).any().any())


def _row_count(mine: pd.DataFrame) -> int:
    """Give the number of rows, that of the blocks' names included."""
    blocks = mine["block"].nunique()
    return len(mine) + (int(blocks) if blocks > 1 else 0)


def _rows_of(blocks: pd.Series) -> np.ndarray:
    """Give the place of each row; where there are several blocks, each starts with its name."""
    rows = np.arange(len(blocks))
    if blocks.nunique() < 2:
        return rows
    starts = blocks.ne(blocks.shift()).to_numpy(bool)
    return rows + np.cumsum(starts)


def _name_blocks(ax: Axes, blocks: pd.Series, rows: np.ndarray) -> None:
    """Name each block in the row above its first, and separate blocks by lines."""
    if not len(rows):
        return
    ax.set_ylim(rows[-1] + 0.6, -0.6)
    if blocks.nunique() < 2:
        return
    names = blocks.tolist()
    for start in np.flatnonzero(blocks.ne(blocks.shift()).to_numpy(bool)):
        row = rows[start] - 1
        if start:
            ax.axhline(row - 0.5, color=COLORS["line"], lw=1.0)
        ax.annotate(
            label(names[start], 26), (0.0, row), xycoords=ax.get_yaxis_transform(),
            xytext=(4, 0), textcoords="offset points", va="center", ha="left", fontsize=7.5,
            color=COLORS["ink"], weight="bold", zorder=4,
        )  # fmt: skip
