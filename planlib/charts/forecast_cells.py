"""Pictures of cells: coverage that past periods needed, and the usual pace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, label, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.notes import percent, percent_exact, percent_reached

_STATUS_COLORS = {
    "met": COLORS["good"],
    "enough": COLORS["good"],
    "between": COLORS["watch"],
    "short": COLORS["bad"],
}


def plot_required(coverage: pd.DataFrame, cut: str, *, ax: Axes | None = None) -> Axes:
    """
    Show for each cell what coverage past periods needed at this week, beside what there is.

    Parameters
    ----------
    coverage
        Table ``required_coverage``.
    cut
        Which cut.
    ax
        Axes to draw on.
    """
    now = coverage[coverage["is_current"].fillna(False) & coverage["cut"].isin([cut, "total"])]
    rows = now[now["required_coverage"].notna()]
    headline = f"Required coverage by {cut.replace('_', ' ')}"
    if rows.empty:
        why = now["note"].iloc[0] if len(now) else "no forecast could be computed; see the notes"
        return nothing_to_draw(ax, headline, f"not computed: {why}")
    rows = rows.assign(is_total=rows["cut"] == "total")
    rows = rows.sort_values(["is_total", "required_coverage", "cut_value"],
                            ascending=[False, True, True])  # fmt: skip
    ax = new_axes(ax, width=8.8, height=1.9 + 0.4 * len(rows))
    limit = float(np.nanmax(rows[["required_coverage", "coverage"]].to_numpy("float64"))) * 1.6
    for place, row in enumerate(rows.to_dict("records")):
        _required_row(ax, place, row, limit)
    names = ["Total" if row else label(value, 30)
             for row, value in zip(rows["is_total"], rows["cut_value"], strict=True)]  # fmt: skip
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(0, limit)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("times what is still to win")
    first = rows.iloc[0]
    cells = rows[~rows["is_total"]] if (~rows["is_total"]).any() else rows
    title(
        ax,
        _required_finding(cells),
        f"week {first['week_of_period']} of {first['period']}; bar: required, 1 / (won later / "
        f"open at this week of {first['periods_count']} past periods), line: its 80 % interval; "
        "dot: open in the period / (target - won)",
    )
    return ax


def _required_row(ax: Axes, place: int, row: Mapping[Any, Any], limit: float) -> None:
    pale = bool(row["is_grey"])
    ax.barh(place, row["required_coverage"], height=0.5,
            color=COLORS["line"] if pale else COLORS["before"])  # fmt: skip
    low, high = row["required_low"], row["required_high"]
    if pd.notna(low) and pd.notna(high):
        ax.hlines(place, low, min(high, limit), color=COLORS["soft"], linewidth=1.2)
    text = f"needs {row['required_coverage']:.1f}"
    status = str(row["status"])
    if pd.notna(row["coverage"]):
        ax.plot(row["coverage"], place, "o", markersize=8,
                color=COLORS["grey"] if pale else _STATUS_COLORS.get(status, COLORS["grey"]),
                zorder=4)  # fmt: skip
        text += f", has {row['coverage']:.1f}: {status}"
    else:
        text += {"met": ", target met", "no_target": ", no target"}.get(status, "")
    ends = [row["required_coverage"], row["coverage"], high]
    edge = min(max(float(end) for end in ends if pd.notna(end)), limit)
    room = edge < limit * 0.72
    ax.annotate(text, (edge if room else limit, place), (9 if room else -4, 0 if room else 11),
                textcoords="offset points", va="center", ha="left" if room else "right",
                fontsize=8.2, color=COLORS["soft"])  # fmt: skip


def _required_finding(cells: pd.DataFrame) -> str:
    with_target = cells[cells["coverage"].notna() | (cells["status"] == "met")]
    if with_target.empty:
        low, high = cells["required_coverage"].min(), cells["required_coverage"].max()
        return f"Cells need from {low:.1f} to {high:.1f} times what is still to win"
    short = int((with_target["status"] == "short").sum())
    return (
        f"{short} of {len(with_target)} cells with a target are short of what past periods needed"
    )


def plot_usual_pace(
    curves: pd.DataFrame,
    period: str,
    *,
    cut: str = "total",
    cell: str = "all",
    ax: Axes | None = None,
) -> Axes:
    """
    Show what share of the target is won, against the share past periods had reached.

    Parameters
    ----------
    curves
        Table ``pacing_curves``.
    period
        Which period.
    cut, cell
        Whose curve.
    ax
        Axes to draw on.

    Notes
    -----
    The horizontal axis is the share of working days, so that holidays that move between years do
    not shift the curves.
    """
    rows = curves[(curves["period"] == period) & (curves["cut"] == cut)]
    rows = rows[rows["cut_value"] == cell].sort_values("week_of_period")
    if rows.empty or rows["usual_share"].isna().all():
        why = rows["note"].iloc[0] if len(rows) else "this cell has no curve"
        return nothing_to_draw(ax, f"Pace of {period}", why)
    ax = new_axes(ax, width=8.0, height=4.3)
    share = rows["workday_share"]
    ax.fill_between(share, rows["low"], rows["high"], color=COLORS["before"], alpha=0.5,
                    linewidth=0, label="where 80 % of periods would lie")  # fmt: skip
    ax.plot(share, rows["usual_share"], color=COLORS["soft"], linewidth=1.8,
            label="usual share of the final amount")  # fmt: skip
    won = rows[rows["attained_share"].notna()]
    if len(won):
        ax.plot(won["workday_share"], won["attained_share"], "o-", color=COLORS["accent"],
                linewidth=2.4, markersize=4, label=f"{period}: won / target")  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(0, max(1.05, float(won["attained_share"].max()) * 1.08 if len(won) else 0.0))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: percent_exact(value))
    ax.set_xlabel("share of the period's working days that have passed")
    ax.legend(loc="upper left")
    whose = "" if cut == "total" else f"{label(cell, 40)}: "
    title(
        ax,
        whose + _pace_finding(won, period),
        f"{rows['periods_count'].max()} past periods at the same share of working days",
    )
    return ax


def _pace_finding(won: pd.DataFrame, period: str) -> str:
    if won.empty or won["workday_share"].max() <= 0:
        return f"How {period} would usually fill up"
    last = won.iloc[-1]
    if last["workday_share"] >= 1:
        return f"{period} closed at {percent_reached(last['attained_share'])} of its target"
    gap = last["attained_share"] - last["usual_share"]
    place = "above" if last["attained_share"] > last["high"] else "below"
    if last["low"] <= last["attained_share"] <= last["high"]:
        place = "within"
    return (
        f"{percent(last['attained_share'])} of the target of {period} is won, "
        f"{abs(gap) * 100:.0f} points {'more' if gap >= 0 else 'less'} than usual "
        f"({place} the band)"
    )
