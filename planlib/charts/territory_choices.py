"""Pictures of what a leader chooses between: the trade-off of weights, and the tree of sums."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.notes import percent

_ACROSS = {
    "travel_km": "mean distance of account and rep, km",
    "misfit": "mean misfit of skills and unit",
    "complexity_short": "mean excess of complexity over the rep's level",
}
_OK = ("optimal", "feasible")
_MOST_ROWS = 60


def plot_trade_off(
    curve: pd.DataFrame,
    block: str,
    *,
    currency: str = "",
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show what less travel (else misfit) costs in ACV that changes owner; the chosen plan marked.

    Parameters
    ----------
    curve
        Table ``territory_trade_off`` that step 03 writes.
    block
        One of its blocks.
    currency
        Printed with the amounts.
    as_of
        Printed under the title.
    ax
        Axes to draw on.
    """
    ax = new_axes(ax, width=8.0, height=4.4)
    mine = curve[curve["block"].eq(block)]
    across = next((name for name in _ACROSS if mine[name].notna().any()), "")
    by_money = bool(mine["moved_acv"].fillna(0).gt(0).any())
    up = "moved_acv" if by_money else "moved_count"
    day = f"; as of {as_of:%Y-%m-%d}" if as_of else ""
    if mine.empty or not across:
        ax.axis("off")
        title(ax, "No trade-off to show", f"neither travel nor fit is known{day}")
        return ax
    own = mine["is_chosen"].astype(bool)
    met = mine["status"].isin(_OK)
    best = mine["is_efficient"].astype(bool) & met
    looks = (
        (~best & met & ~own, "o", COLORS["before"], "beaten by another"),
        (best & ~own, "o", COLORS["after"], "beaten by none"),
        (~met & ~own, "X", COLORS["bad"], "misses a limit"),
        (own, "*", COLORS["watch"], "settings as they are"),
    )
    for some, marker, color, text in looks:
        if some.any():
            ax.scatter(mine.loc[some, across], mine.loc[some, up], marker=marker, color=color,
                       s=160 if marker == "*" else 38, label=text, zorder=3)  # fmt: skip
    _name_points(ax, mine, across, up)
    ax.margins(x=0.16, y=0.12)
    ax.set_xlabel(_ACROSS[across])
    ax.set_ylabel(f"ACV that leaves its rep{f', {currency}' if currency else ''}" if by_money
                  else "accounts that leave their rep")  # fmt: skip
    if not by_money:
        ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_formatter(lambda value, _: money(value) if by_money else f"{value:,.0f}")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=4, fontsize=7.5)
    subtitle = f"{len(mine)} plans, one setting changed in each; down and left is better{day}"
    title(ax, f"{label(block, 30)}: what other weights would give", subtitle)
    return ax


def plot_frontier(
    frontier: pd.DataFrame,
    block: str,
    *,
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show which tolerance can be reached at which disruption budget, and where the plan stands.

    Parameters
    ----------
    frontier
        From ``tolerance_by_budget``.
    block
        One of its blocks.
    as_of
        Printed under the title.
    ax
        Axes to draw on.
    """
    ax = new_axes(ax, width=8.0, height=3.6)
    mine = frontier[frontier["block"].eq(block)]
    day = f"; as of {as_of:%Y-%m-%d}" if as_of else ""
    curve, own = (mine[mine["is_chosen"].eq(flag)] for flag in (False, True))
    if curve.empty:
        ax.axis("off")
        title(ax, "No budget to compare", f"ACV is not known, or the part is too large{day}")
        return ax
    across, up = curve["disruption_share"].to_numpy(float), curve["tolerance"].to_numpy(float)
    ax.step(across, up, where="pre", color=COLORS["ink"], marker="o", ms=4,
            label="tightest tolerance that may be possible")  # fmt: skip
    ax.fill_between(across, 0, up, step="pre", color=COLORS["bad"], alpha=0.10, lw=0,
                    label="proven impossible")  # fmt: skip
    for x, y in zip(across, up, strict=True):
        ax.annotate(percent(y), (x, y), xytext=(2, -11), textcoords="offset points", fontsize=7.5,
                    color=COLORS["soft"])  # fmt: skip
    if own[["disruption_share", "tolerance"]].notna().all(axis=None):
        ax.scatter(own["disruption_share"], own["tolerance"], marker="*", s=160, zorder=3,
                   color=COLORS["watch"], label="this plan")  # fmt: skip
    ax.set_ylim(0, 1.25 * float(np.nanmax(mine["tolerance"])))
    ax.set_xlim(-0.02, 1.04 * across.max())
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel("disruption budget: share of the ACV of this part of the market that may move")
    ax.set_ylabel("largest deviation from target")
    ax.legend(loc="upper right", fontsize=7.5)
    title(ax, f"{label(block, 30)}: what a wider budget buys in balance",
          f"owners who left and locks do not count against the budget{day}")  # fmt: skip
    return ax


def _name_points(ax: Axes, mine: pd.DataFrame, across: str, up: str) -> None:
    """Write a number at each point, left to right, and beside the picture what it changed."""
    named = mine[~mine["is_chosen"].astype(bool)].sort_values([across, up, "point"])
    wide = np.ptp(mine[across].to_numpy(float)) or 1.0
    tall = np.ptp(mine[up].to_numpy(float)) or 1.0
    places: dict[tuple[float, float], list[str]] = {}
    lines = []
    rows = named[["varied", "value", across, up]].itertuples(index=False)
    for number, (varied, value, x, y) in enumerate(rows, start=1):
        close = [
            at for at in places if abs(at[0] - x) < 0.03 * wide and abs(at[1] - y) < 0.05 * tall
        ]
        places.setdefault(close[0] if close else (x, y), []).append(str(number))
        lines.append(f"{number}: {_setting(str(varied), value)}")
    for place, numbers in places.items():
        ax.annotate(", ".join(numbers), place, xytext=(0, 6), textcoords="offset points",
                    fontsize=7.5, color=COLORS["soft"], ha="center", zorder=4)  # fmt: skip
    ax.text(1.02, 1.0, "\n".join(lines), transform=ax.transAxes, va="top", fontsize=7.5,
            color=COLORS["soft"], linespacing=1.5)  # fmt: skip


def _setting(varied: str, value: float) -> str:
    if varied.startswith("weight_"):
        return f"weight of {varied.removeprefix('weight_')} {value:g}"
    words = {"disruption_share": "budget", "tolerance": "tolerance"}
    return f"{words[varied]} {percent(value)}" if varied in words else f"{varied} {value:g}"


def plot_cascade(
    levels: pd.DataFrame,
    measure: str | None = None,
    *,
    tolerance: float | None = None,
    currency: str = "",
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the tree of leaders, each with head count and how far the sums below are from target.

    Parameters
    ----------
    levels
        Table ``territory_cascade`` that step 03 writes.
    measure
        One of its measures; None: the first.
    tolerance
        Drawn as a band.
    currency
        Printed with amounts.
    as_of
        Printed under the title.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        With many reps the leaders alone are drawn.
    """
    measure = measure or (str(levels["measure"].iloc[0]) if len(levels) else "")
    mine = _in_order(levels[levels["measure"].eq(measure)])
    if len(mine) > _MOST_ROWS:
        mine = mine[~mine["is_owner"].astype(bool)].head(_MOST_ROWS)
    ax = new_axes(ax, width=8.5, height=0.19 * max(len(mine), 1) + 1.8)
    day = f"; as of {as_of:%Y-%m-%d}" if as_of else ""
    if mine.empty:
        ax.axis("off")
        title(ax, "No hierarchy to show", f"no rep in scope{day}")
        return ax
    rows = np.arange(len(mine))
    owner = mine["is_owner"].to_numpy(bool)
    off = mine["deviation"].astype(float).fillna(0.0).to_numpy()
    if tolerance:
        ax.axvspan(-tolerance, tolerance, color=COLORS["good"], alpha=0.13, lw=0)
    colors = [COLORS["after"] if one else COLORS["ink"] for one in owner]
    ax.barh(rows, off, color=colors, height=0.62)
    if np.allclose(off, 0.0):  # bars without length would look like an empty picture
        ax.scatter(off, rows, color=colors, s=18, zorder=3)
    ax.axvline(0, color=COLORS["grey"], lw=0.8)
    ax.set_yticks(rows, _names(mine), fontsize=7.5)
    ax.tick_params(axis="y", length=0)
    for text in ax.get_yticklabels():
        text.set_horizontalalignment("left")
    ax.tick_params(axis="y", pad=165)
    _amounts(ax, mine, measure, currency)
    ax.set_ylim(len(mine) - 0.4, -0.6)
    edge = max(float(np.abs(off).max()), tolerance or 0.0, 0.01) * 1.1
    ax.set_xlim(-edge, edge)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel("deviation of the sum from the sum of targets")
    closed = "every sum closes" if mine["is_closed"].all() else "some sums do not close"
    title(ax, f"{measure.replace('_', ' ').capitalize()} from the head down: {closed}",
          "a plan of its own, made level by level: owners may differ from those proposed; head "
          f"count and sum beside each name; dark: leaders, blue: reps{day}")  # fmt: skip
    return ax


def _in_order(mine: pd.DataFrame) -> pd.DataFrame:
    """Put each leader straight before those below."""
    below: dict[str, list[int]] = {}
    ids, parents = mine["leader_id"].tolist(), mine["parent_id"].fillna("").tolist()
    for place in np.argsort(mine["leader_id"].to_numpy(str), kind="stable"):
        below.setdefault(parents[place], []).append(int(place))
    found, stack = [], below.get("", [])[::-1]
    while stack:
        place = stack.pop()
        found.append(place)
        stack += below.get(ids[place], [])[::-1]
    return mine.iloc[found]


def _names(mine: pd.DataFrame) -> list[str]:
    cells = mine[["leader_id", "leader_name", "level", "head_count", "is_owner"]]
    return [
        "   " * int(level) + label(name, 22, one) + ("" if owner else f" · {int(heads):,}")
        for one, name, level, heads, owner in cells.itertuples(index=False)
    ]


def _amounts(ax: Axes, mine: pd.DataFrame, measure: str, currency: str) -> None:
    is_money = measure in ("potential", "acv")
    for row, value in enumerate(mine["actual"].astype(float)):
        text = money(value, currency) if is_money else f"{value:,.0f}"
        ax.text(1.01, row, text, transform=ax.get_yaxis_transform(), va="center", fontsize=7,
                color=COLORS["soft"])  # fmt: skip
