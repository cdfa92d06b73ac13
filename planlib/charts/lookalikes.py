"""Pictures of potential and complexity: what look-alikes spend, which measure of size counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import NAME_WIDTH, name_rows, nothing_to_draw, row_axes
from planlib.notes import percent


def plot_potential(
    segments: pd.DataFrame,
    currency: str,
    *,
    by: str = "unit",
    count: int = 600,
    ax: Axes | None = None,
) -> Axes:
    """
    Set the potential of customers, with interval, against what they spend.

    Parameters
    ----------
    segments
        Table of that name.
    currency
        Currency of the plan.
    by
        Column that gives the colour.
    count
        Customers shown; of more, evenly spaced ones by spend.
    ax
        Axes to draw on.

    Notes
    -----
    The headline speaks of all customers (``is_customer``) with known spend and a potential, also
    of those without spend now; these have no place on a log scale and are counted above it.
    """
    is_customer = segments["is_customer"].fillna(False).astype(bool)
    told = is_customer & segments["yearly_spend"].notna() & (segments["potential"] > 0)
    customers = segments[told]
    known = customers[customers["yearly_spend"] > 0]
    if known.empty:
        reason = "it needs acv in accounts, or won opportunities with amounts"
        return nothing_to_draw(ax, "Potential against spend is not known", reason)
    known = known.sort_values(["yearly_spend", "account_id"])
    ax = new_axes(ax, width=8.0, height=5.6)
    chosen = np.unique(np.linspace(0, len(known) - 1, min(count, len(known))).astype(int))
    shown = known.iloc[chosen]
    names = list(known[by].value_counts().sort_index().sort_values(ascending=False).index)
    for place, name in enumerate(names):
        rows = shown[shown[by] == name]
        color = SERIES[place % len(SERIES)]
        ax.vlines(rows["yearly_spend"], rows["potential_low"], rows["potential_high"],
                  color=color, alpha=0.18, linewidth=1.2)  # fmt: skip
        ax.scatter(rows["yearly_spend"], rows["potential"], s=15, color=color, alpha=0.75,
                   label=label(name, NAME_WIDTH), linewidths=0)  # fmt: skip
    ends = [float(shown["yearly_spend"].min()), float(shown["potential"].max())]
    ax.plot(ends, ends, color=COLORS["soft"], linewidth=1.0, linestyle=(0, (4, 3)))
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: money(value)))
        axis.set_minor_locator(NullLocator())
    ax.grid(visible=True, axis="both")
    ax.set_xlabel(f"yearly spend with us, {currency} (log scale)")
    ax.set_ylabel(f"potential a year, {currency} (log scale)")
    ax.legend(loc="lower right")
    title(ax, _potential_headline(customers),
          f"shown: {len(shown):,} of {len(known):,} with spend now; "
          f"not shown: {len(customers) - len(known):,} without spend now; "
          "dashed: nothing left to win; lines: interval of the potential")  # fmt: skip
    return ax


def _potential_headline(customers: pd.DataFrame) -> str:
    half = (customers["yearly_spend"] < customers["potential"] / 2).mean()
    count = len(customers)
    return f"{percent(half)} of {count:,} customers spend less than half of their potential"


def plot_lookalikes(
    potential_cells: pd.DataFrame, currency: str, *, count: int = 14, ax: Axes | None = None
) -> Axes:
    """
    Show the potential of the look-alike cells that hold most of it, and how sure it is.

    Parameters
    ----------
    potential_cells
        Table of that name.
    currency
        Currency of the plan.
    count
        Cells shown.
    ax
        Axes to draw on.
    """
    if potential_cells.empty:
        reason = "it needs customers with known yearly spend"
        return nothing_to_draw(ax, "No look-alikes: potential is not derived", reason)
    last = potential_cells["level"].iloc[-1]
    cells = potential_cells[potential_cells["level"] == last]
    held = cells["account_count"] * cells["potential"]
    cells = cells.assign(held=held).sort_values(["held", "cell"], ascending=[False, True])
    cells = cells.head(count)
    cells = cells.sort_values(["potential", "cell"], ascending=[False, True], ignore_index=True)
    ax = row_axes(ax, len(cells))
    colors = np.where(cells["is_grey"].fillna(True).astype(bool), COLORS["grey"], COLORS["after"])
    ax.hlines(cells.index, cells["potential_low"], cells["potential_high"], color=colors,
              linewidth=4, alpha=0.4)  # fmt: skip
    ax.scatter(cells["potential"], cells.index, s=52, color=colors, zorder=3, label="potential")
    ax.scatter(cells["mean_spend"], cells.index, s=40, marker="|", color=COLORS["ink"], zorder=3,
               linewidths=1.6, label="mean of those with spend")  # fmt: skip
    reach = float(cells["potential_high"].max())
    for place, row in enumerate(cells.to_dict("records")):
        ax.text(reach * 1.08, place, f"{row['customer_count']:,} of {row['account_count']:,}",
                va="center", fontsize=8.5, color=COLORS["soft"])  # fmt: skip
    ax.set_xscale("log")
    ax.text(reach * 1.08, -0.75, "with spend now", fontsize=8.5, color=COLORS["soft"], va="center")
    ax.set_yticks(range(len(cells)), [label(name, 44) for name in cells["cell"]])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: money(value)))
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel(f"{currency} a year (log scale)")
    ax.legend(loc="lower right")
    title(
        ax,
        f"Potential of an account, for the {len(cells)} kinds that hold most",
        "bars: interval; grey: few accounts of the kind with spend now, so wider kinds speak",
    )
    return ax


def plot_complexity(
    complexity_tracking: pd.DataFrame, *, market: str = "all", ax: Axes | None = None
) -> Axes:
    """
    Show how well each measure of size tracks complexity, with its interval.

    Parameters
    ----------
    complexity_tracking
        Table of that name.
    market
        Market shown.
    ax
        Axes to draw on.
    """
    rows = complexity_tracking[complexity_tracking["market"] == market]
    known = rows.dropna(subset=["correlation"])
    known = known.sort_values(["correlation", "measure"], ascending=[False, True],
                              ignore_index=True)  # fmt: skip
    if known.empty:
        reason = "; ".join(dict.fromkeys(rows["note"].dropna())) or "no such market"
        return nothing_to_draw(ax, "What tracks complexity is not known", reason)
    ax = row_axes(ax, len(known))
    grey = known["is_grey"].fillna(True).astype(bool)
    colors = np.where(grey, COLORS["grey"], COLORS["after"])
    ax.hlines(known.index, known["correlation_low"], known["correlation_high"], color=colors,
              linewidth=6, alpha=0.4)  # fmt: skip
    ax.scatter(known["correlation"], known.index, s=78, color=colors, zorder=3)
    for place, row in enumerate(known.to_dict("records")):
        ax.text(1.04, place, f"{row['correlation']:.2f}   {row['account_count']:,} accounts",
                va="center", fontsize=8.5, color=COLORS["soft"])  # fmt: skip
    ax.axvline(0, color=COLORS["soft"], linewidth=0.8)
    name_rows(ax, known["measure"])
    ax.set_ylim(len(known) - 0.4, -0.6)
    ax.set_xlim(min(-0.1, float(known["correlation_low"].min())), 1.0)
    ax.set_xlabel("rank correlation with complexity; bars: 95 % interval")
    method = known["method"].iloc[0]
    missing = rows[rows["correlation"].isna()]["measure"].tolist()
    rest = f"; not known: {', '.join(missing)}" if missing else ""
    title(ax, _complexity_headline(known),
          f"complexity by {method}; counted: accounts of which both are known{rest}")  # fmt: skip
    return ax


def _complexity_headline(known: pd.DataFrame) -> str:
    solid = known[~known["is_grey"].fillna(True).astype(bool)]
    if solid.empty:
        return "Too few accounts to say what tracks complexity"
    best = solid.iloc[0]
    sure = len(solid) == 1 or best["correlation_low"] > solid.iloc[1]["correlation_high"]
    return f"Complexity is tracked best by {best['measure']}" + (
        "" if sure else ", though not surely"
    )
