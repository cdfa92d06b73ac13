"""Pictures of the pipeline: bridge, pacing, open pipeline by week; the matrix and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.pipeline_matrix import (
    matrix_at,
    matrix_table,
    matrix_tables,
    plot_change,
    plot_coverage,
)
from planlib.charts.rows import nothing_to_draw
from planlib.notes import percent, percent_reached
from planlib.tables.pipeline import REASONS

__all__ = [
    "matrix_at",
    "matrix_table",
    "matrix_tables",
    "plot_bridge",
    "plot_change",
    "plot_coverage",
    "plot_pacing",
    "plot_weeks",
]

_LABEL_HEIGHT = 0.12  # of the highest amount; nearer labels at the ends of lines are set apart
_ASIDE = 14  # points
#: Parts of a bridge, in order, in words.
BRIDGE_WORDS = {
    "start": "start",
    "new": "new",
    "reopened": "reopened",
    "pulled_in": "pulled in",
    "pushed_in": "pushed in",
    "increase": "increases",
    "decrease": "decreases",
    "won": "won",
    "lost": "lost",
    "pushed_out": "pushed out",
    "pulled_out": "pulled out",
    "deleted": "deleted",
    "owner_in": "from other owners",
    "owner_out": "to other owners",
    "end": "end",
}
_ADDS = ("new", "reopened", "pulled_in", "pushed_in", "increase", "owner_in")


def plot_bridge(
    bridge: pd.DataFrame,
    currency: str = "",
    *,
    cut: str = "total",
    cell: str = "all",
    ax: Axes | None = None,
) -> Axes:
    """
    Show why the pipeline changed between two days, as a waterfall.

    Parameters
    ----------
    bridge
        Table ``pipeline_bridge``; the bridge of the whole span is drawn.
    currency
        Currency of the plan.
    cut, cell
        Whose bridge.
    ax
        Axes to draw on.

    Notes
    -----
    Where no deal has an amount, deals are counted instead of money.
    """
    rows = bridge[
        (bridge["series"] == "span") & (bridge["cut"] == cut) & (bridge["cut_value"] == cell)
    ].set_index("reason")
    if rows.empty:
        return nothing_to_draw(ax, "Bridge", "there is no bridge for this cell")
    ax = new_axes(ax, width=9.0, height=4.4)
    in_money = bool(rows.loc[["start", "end"], "amount"].notna().all())
    sizes = rows["amount"].fillna(0.0) if in_money else _signed_counts(rows["count"])
    kept = [name for name in REASONS if name in ("start", "end") or rows.loc[name, "count"]]
    kept = [name for name in BRIDGE_WORDS if name in kept]
    counts = {str(name): int(number) for name, number in rows["count"].items()}
    level = 0.0
    top = float(sizes["start"])
    for place, name in enumerate(kept):
        size = float(sizes[name])
        whole = name in ("start", "end")
        low = 0.0 if whole else min(level, level + size)
        ax.bar(place, abs(size), bottom=low, width=0.66, color=_step_color(name, size))
        level = size if whole else level + size
        top = max(top, low + abs(size))
        if place + 1 < len(kept):
            ax.plot([place - 0.33, place + 1.33], [level, level], color=COLORS["grey"],
                    linewidth=0.7)  # fmt: skip
        amount = money(abs(size)) if in_money else f"{abs(size):,.0f}"
        sign = "" if whole else ("+" if size > 0 else "-")
        text = f"{sign}{amount}\n{counts[name]:,} {'deal' if counts[name] == 1 else 'deals'}"
        ax.annotate(text, (place, low + abs(size)), (0, 3), textcoords="offset points",
                    ha="center", va="bottom", fontsize=8.2, linespacing=1.1)  # fmt: skip
    ax.set_xticks(range(len(kept)), [BRIDGE_WORDS[name].replace(" ", "\n", 1) for name in kept])
    ax.set_ylim(0, top * 1.18 if top else 1)
    ax.yaxis.set_major_formatter(lambda value, _: money(value) if in_money else f"{value:,.0f}")
    ax.set_ylabel(f"open pipeline, {currency}" if in_money else "open deals")
    first = rows.iloc[0]
    whose = "" if cut == "total" else f"{label(cell, 40)}: "
    what = f"that closes in {first['period']}" if first["scope"] == "period" else "in all"
    title(
        ax,
        whose + _bridge_finding(sizes, in_money),
        f"open pipeline {what}, {first['from_date']:%Y-%m-%d} to {first['to_date']:%Y-%m-%d}; "
        f"{'amounts in ' + currency if in_money else 'deals, as amounts are not known'}; "
        f"{first['basis']}",
    )
    return ax


def _signed_counts(counts: pd.Series) -> pd.Series:
    signs = {name: 1 if name in (*_ADDS, "start", "end") else -1 for name in counts.index}
    signs |= {"increase": 0, "decrease": 0}
    return counts.astype("float64") * pd.Series(signs)


def _step_color(name: str, size: float) -> str:
    if name in ("start", "end"):
        return COLORS["accent"]
    if name == "won":
        return COLORS["good"]
    return SERIES[4] if size > 0 else COLORS["bad"]


def _bridge_finding(sizes: pd.Series, in_money: bool) -> str:
    moves = sizes.drop(["start", "end"])
    out, came = moves[moves < 0], moves[moves > 0].sum()
    lost = -out.drop("won", errors="ignore").sum()

    def said(value: float) -> str:
        return money(value) if in_money else f"{value:,.0f} deals"

    return (
        f"{said(-out.get('won', 0.0))} of the pipeline was won, {said(lost)} left it otherwise, "
        f"{said(came)} came in"
    )


def plot_pacing(
    pacing: pd.DataFrame,
    currency: str = "",
    *,
    prior_label: str = "year before",
    ax: Axes | None = None,
) -> Axes:
    """
    Show the amount closed so far by day of the period, beside the year before and the target.

    Parameters
    ----------
    pacing
        Table ``pipeline_pacing``.
    currency
        Currency of the plan.
    prior_label
        Name of the prior curve.
    ax
        Axes to draw on.
    """
    days, closed = pacing["day_number"], pacing["closed_amount"]
    prior, target = pacing["prior_closed_amount"], float(pacing["target_amount"].iloc[0])
    if closed.notna().sum() == 0:
        return nothing_to_draw(ax, "Pacing", "the period has not begun, so nothing is closed yet")
    ax = new_axes(ax, width=8.5, height=4.2)
    now = int(np.flatnonzero(closed.notna())[-1])
    last = len(pacing) - 1
    highest = np.nanmax([closed.max(), prior.max() if prior.notna().any() else 0.0,
                         target if pd.notna(target) else 0.0])  # fmt: skip
    near = now > 0.8 * last and abs(closed[now] - prior[last]) < _LABEL_HEIGHT * highest
    aside = (1 if closed[now] >= prior[last] else -1) * _ASIDE if near else 0
    if prior.notna().any():
        ax.step(days, prior, where="post", color=COLORS["before"], linewidth=2.2)
        _end_label(ax, days[last], prior[last], prior_label, COLORS["soft"], aside=-aside)
    ax.step(days[: now + 1], closed[: now + 1], where="post", color=COLORS["accent"], linewidth=2.6)
    ax.plot(days[now], closed[now], "o", color=COLORS["accent"], markersize=5)
    period = str(pacing["period"].iloc[0])
    _end_label(ax, days[now], closed[now], period, COLORS["accent"], bold=True, aside=aside)
    if pd.notna(target):
        ax.hlines(target, days.iloc[0], days.iloc[-1], color=COLORS["ink"], linewidth=1.1,
                  linestyle=(0, (4, 3)))  # fmt: skip
        ax.annotate(f"target {money(target)}", (days.iloc[0], target), (2, 4),
                    textcoords="offset points", fontsize=8.5)  # fmt: skip
    ax.set_ylim(0, highest * 1.12)
    ax.set_xlim(1, len(pacing) * 1.13)
    ax.set_xticks([day for day in range(1, len(pacing) + 1) if day == 1 or day % 14 == 0])
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_xlabel(f"day of the period ({len(pacing)} days)")
    ax.set_ylabel(f"won since the period's start, {currency}")
    share = pacing["workday_share"].iloc[now]
    title(
        ax,
        _pacing_finding(closed[now], prior[now], target),
        f"{currency}, until {pacing['day_date'].iloc[now]:%Y-%m-%d}, day {now + 1}; "
        f"{percent(share)} of the working days have passed; same day numbers a year before",
    )
    return ax


def _pacing_finding(closed: float, prior: float, target: float) -> str:
    text = f"{money(closed)} closed"
    if pd.notna(target) and target > 0:
        text += f", {percent_reached(closed / target)} of the target"
    if pd.notna(prior) and prior > 0:
        change = closed / prior - 1
        text += f", {percent(abs(change))} {'above' if change >= 0 else 'below'} the year before"
    return text


def _end_label(
    ax: Axes, x: float, y: float, text: str, color: str, *, bold: bool = False, aside: float = 0
) -> None:
    """Write a name and an amount at the end of a line, some points aside."""
    ax.annotate(f"{text}\n{money(y)}", (x, y), (6, aside), textcoords="offset points", va="center",
                fontsize=8.5, color=color, fontweight="bold" if bold else "normal")  # fmt: skip


def plot_weeks(weeks: pd.DataFrame, currency: str = "", *, ax: Axes | None = None) -> Axes:
    """
    Show the open pipeline by week and stage.

    Parameters
    ----------
    weeks
        Table ``pipeline_weeks``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.

    Notes
    -----
    Weeks that are reconstructed have one pale bar: their stages are not known. Where no deal has
    an amount, deals are counted.
    """
    if weeks.empty:
        return nothing_to_draw(ax, "Open pipeline by week", "no open pipeline is known")
    ax = new_axes(ax, width=9.0, height=4.3)
    in_money = bool(weeks["amount"].notna().any())
    weeks = weeks.assign(size=weeks["amount"].fillna(0.0) if in_money else weeks["count"])
    stages = weeks.drop_duplicates("stage").sort_values("stage_order")["stage"].tolist()
    wide = weeks.pivot_table(index="week_date", columns="stage", values="size", aggfunc="sum")
    wide = wide.reindex(columns=stages).fillna(0.0)
    places = mdates.date2num(wide.index.to_numpy())  # type: ignore[no-untyped-call]
    colors = _stage_colors(stages)
    bottom = np.zeros(len(wide))
    for stage in stages:
        ax.bar(places, wide[stage], bottom=bottom, width=5.4, color=colors[stage],
               label=_stage_label(stage))  # fmt: skip
        bottom = bottom + wide[stage].to_numpy()
    ax.xaxis_date()
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%d %b\n%Y"))  # type: ignore[no-untyped-call]
    ax.set_xticks(places[:: -max(1, len(places) // 7)][::-1])
    ax.yaxis.set_major_formatter(lambda value, _: money(value) if in_money else f"{value:,.0f}")
    ax.set_ylabel(f"open pipeline, {currency}" if in_money else "open deals")
    ax.set_ylim(0, float(bottom.max()) * 1.08 or 1)
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], names[::-1], loc="upper left", bbox_to_anchor=(1.0, 1.0))
    change = float(bottom[-1] - bottom[0])
    said = money(abs(change)) if in_money else f"{abs(change):,.0f} deals"
    rebuilt = weeks.loc[weeks["basis"] == "reconstructed", "week_date"].nunique()
    title(
        ax,
        f"Open pipeline is {said} {'larger' if change >= 0 else 'smaller'} than "
        f"{len(wide) - 1} weeks before",
        f"{currency + ', ' if in_money else 'deals, '}all close dates, "
        f"{wide.index[0]:%Y-%m-%d} to {wide.index[-1]:%Y-%m-%d}"
        + (f"; {rebuilt} weeks are reconstructed, stage not known" if rebuilt else ""),
    )
    return ax


def _stage_colors(stages: list[str]) -> Mapping[str, Any]:
    """Give each stage a shade, darker towards the end of the sale; unknown stages are pale."""
    from matplotlib import colormaps

    known = [stage for stage in stages if stage != "(unknown)"]
    shades = colormaps["Blues"](np.linspace(0.25, 0.95, max(len(known), 1)))
    return {**dict(zip(known, map(tuple, shades), strict=False)), "(unknown)": COLORS["line"]}


def _stage_label(stage: str) -> str:
    return "stage not known" if stage == "(unknown)" else label(stage, 24)
