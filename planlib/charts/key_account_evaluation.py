"""Pictures of the evaluation of key accounts: cadence, effort, return, landing steps, partners."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.key_accounts.evaluation import ended
from planlib.notes import percent

_NAME_WIDTH = 28
_DARK = 0.55  # share from which a cell is dark enough for white text
_STATE_COLORS = {"done": COLORS["good"], "open": COLORS["watch"], "not begun": COLORS["line"],
                 "dropped": COLORS["grey"]}  # fmt: skip


def plot_cadence(
    calendar: pd.DataFrame,
    names: pd.Series,
    aspect: str,
    *,
    most: int = 15,
    ax: Axes | None = None,
) -> Axes:
    """
    Show for each owner and period how many of the evaluations of an aspect were done in it.

    Parameters
    ----------
    calendar
        Table ``evaluation_calendar``.
    names
        Name by ``rep_id``.
    aspect
        ``importance``, ``needs`` or ``closeness``.
    most
        Owners shown: those with the smallest share.
    ax
        Axes to draw on.
    """
    rows = calendar[(calendar["aspect"] == aspect) & calendar["rep_id"].notna()]
    if rows.empty:
        return nothing_to_draw(ax, f"Evaluations of {aspect}", "no key account has an owner")
    rows = rows.assign(done=(rows["status"] == "done").astype("int64"))
    grouped = rows.groupby(["rep_id", "start_date"])["done"]
    done, count = grouped.sum().unstack(), grouped.size().unstack()
    order = (done.sum(axis=1) / count.sum(axis=1)).sort_values(ascending=False, kind="stable")
    shown = f"the {most} owners with the smallest share; " if len(order) > most else ""
    order = order.tail(most)
    done, count = done.reindex(order.index), count.reindex(order.index)
    hits, sizes = done.to_numpy(dtype="int64"), count.to_numpy(dtype="int64")
    share = hits / sizes
    ax = new_axes(ax, width=0.58 * max(share.shape[1], 6) + 3.2, height=0.27 * len(order) + 1.7)
    ax.imshow(share, aspect="auto", cmap="Greens", vmin=0, vmax=1.25)
    for row, column in np.ndindex(share.shape):
        text = f"{hits[row, column]:d}/{sizes[row, column]:d}"
        ax.text(column, row, text, ha="center", va="center", fontsize=7.5,
                color="white" if share[row, column] > _DARK else COLORS["ink"])  # fmt: skip
    ax.set_xticks(range(share.shape[1]), [f"{pd.Timestamp(day):%y-%m}" for day in done.columns])
    ax.xaxis.tick_top()
    ax.set_yticks(
        range(len(order)), [label(names.get(one, one), _NAME_WIDTH, one) for one in order.index]
    )
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    over = ended(calendar[calendar["aspect"] == aspect])
    total = (over["status"] == "done").mean() if len(over) else float("nan")
    told = "no period is over yet" if total != total else f"{percent(total)} done in their period"
    title(
        ax,
        f"Evaluations of {aspect}: {told}",
        f"{shown}done / key accounts of the owner, by first month of the period; what was skipped "
        "is never filled later; the last column still runs and is not in the share",
    )
    return ax


def plot_effort(
    effort: pd.DataFrame,
    names: pd.Series,
    limits: tuple[float, float],
    as_of: date,
    *,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the hours that each key account got against its fair share by score.

    Parameters
    ----------
    effort
        Table ``effort_against_score``.
    names
        Company name by ``account_id``.
    limits
        Multiples of the fair hours that count as too little and too much.
    as_of
        End of the twelve months.
    ax
        Axes to draw on.
    """
    rows = effort[effort["effort_ratio"].notna()].sort_values(["effort_ratio", "account_id"])
    if rows.empty:
        return nothing_to_draw(ax, "Effort against score", "no hours or no scores are known")
    ends = pd.concat([rows.head(10), rows.tail(10)]).drop_duplicates("account_id")
    ax = new_axes(ax, width=9.0, height=0.27 * max(len(ends), 3) + 1.6)
    places = np.arange(len(ends))
    ratio = ends["effort_ratio"].clip(lower=0.02).to_numpy(dtype="float64")
    colors = (
        ends["balance"]
        .map(
            {"too little": COLORS["bad"], "too much": COLORS["watch"], "in line": COLORS["before"]}
        )
        .fillna(COLORS["grey"])
    )
    ax.hlines(places, 1, ratio, color=colors.to_list(), linewidth=6)
    for place, row in zip(places.tolist(), ends.to_dict("records"), strict=True):
        right = row["effort_ratio"] >= 1
        ax.text(max(row["effort_ratio"], 0.02) * (1.06 if right else 0.94), place,
                f"{row['hours']:.0f} of {row['fair_hours']:.0f} h", va="center", fontsize=8,
                ha="left" if right else "right", color=COLORS["soft"])  # fmt: skip
    ax.axvline(1, color=COLORS["ink"], linewidth=0.9)
    for limit in limits:
        ax.axvline(limit, color=COLORS["grey"], linewidth=0.8, linestyle="--")
    ax.set_xscale("log")
    ax.set_xlim(0.008, 12)
    ticks = [0.02, 0.1, 0.5, 1, 2, 5]
    ax.set_xticks(ticks, [f"{one:g} x" for one in ticks])
    ax.set_xticks([], minor=True)
    ax.set_yticks(
        places, [label(names.get(one, one), _NAME_WIDTH, one) for one in ends["account_id"]]
    )
    ax.set_ylim(-0.6, len(ends) - 0.4)
    ax.grid(visible=False)
    counts = effort["balance"].value_counts()
    title(
        ax,
        f"{counts.get('too little', 0):,} key accounts get too little of our time, "
        f"{counts.get('too much', 0):,} too much",
        f"hours of the twelve months until {as_of} / fair hours (all hours shared by score); the "
        "ten at either end; dashed: limits",
    )
    return ax


def plot_returns(
    returns: pd.DataFrame, names: pd.Series, currency: str, *, count: int = 15,
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show margin per unit of cost with the interval that chance alone gives, the sum on top.

    Parameters
    ----------
    returns
        Table ``key_account_returns``.
    names
        Company name by ``account_id``.
    currency
        For the labels.
    count
        Accounts shown, by cost.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    known = returns[returns["return_ratio"].notna()]
    if known.empty:
        return nothing_to_draw(ax, "Cost and return of key account work",
                               "hours or margins are not known")  # fmt: skip
    total = known[known["account_id"] == "all"]
    rows = known[known["account_id"] != "all"].sort_values(
        ["cost_amount", "account_id"], ascending=[False, True]
    )
    rows = pd.concat([total, rows.head(count)], ignore_index=True)
    ax = new_axes(ax, width=9.0, height=0.3 * max(len(rows), 3) + 1.5)
    places = np.arange(len(rows))
    grey = rows["is_grey"].fillna(True).to_numpy(dtype=bool)
    colors = np.where(grey, COLORS["grey"], COLORS["after"])
    ax.hlines(places, rows["low"], rows["high"], color=colors, linewidth=2.2, alpha=0.7)
    ax.scatter(rows["return_ratio"], places, color=colors, s=30, zorder=3)
    edge = float(rows["high"].max())
    for place, row in zip(places.tolist(), rows.to_dict("records"), strict=True):
        text = f"{money(row['margin_amount'])} / {money(row['cost_amount'])}"
        ax.text(edge * 1.03, place, text, va="center", fontsize=8, color=COLORS["soft"])
    ticks = ["all key accounts" if one == "all" else label(names.get(one, one), _NAME_WIDTH, one)
             for one in rows["account_id"]]  # fmt: skip
    ax.set_yticks(places, ticks)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(min(0.0, float(rows["low"].min())), edge * 1.22)
    is_whole = "spend_amount" in rows and rows["spend_amount"].notna().any()
    parts = "cost of hours and money put into projects" if is_whole else "cost of hours"
    ax.set_xlabel(f"margin / cost, x; right: margin and {parts}, {currency}")
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    value = total["return_ratio"].iloc[0] if len(total) else float("nan")
    title(
        ax,
        f"{currency} 1 of work on key accounts was followed by {currency} {value:,.0f} of margin"
        if value == value
        else "Cost and return of key account work",
        "line: what chance alone allows with so few deals (95 %); grey: too few deals won; that "
        "margin follows work does not prove that work made it",
        as_of=as_of,
    )
    return ax


def plot_landing_steps(
    steps: pd.DataFrame, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """Show in how many key accounts each landing step is done, open or not begun."""
    if steps.empty:
        return nothing_to_draw(ax, "Landing steps", "there is no key account")
    wide = steps.groupby(["step_order", "title", "status"]).size().unstack(fill_value=0)
    wide = wide.sort_index()
    ax = new_axes(ax, width=9.5, height=0.36 * max(len(wide), 3) + 1.5)
    places = np.arange(len(wide))
    left = np.zeros(len(wide))
    for state, color in _STATE_COLORS.items():
        width = wide[state].to_numpy() if state in wide else np.zeros(len(wide))
        if width.any():
            ax.barh(places, width, left=left, color=color, label=state, height=0.7)
        for place, value, start in zip(places.tolist(), width, left, strict=True):
            if value > 0 and state != "dropped":
                ax.text(
                    start + value / 2,
                    place,
                    f"{int(value)}",
                    ha="center",
                    va="center",
                    color="white" if state == "done" else COLORS["ink"],
                    fontsize=8,
                )
        left = left + width
    ax.set_yticks(places, [label(one, 62) for one in wide.index.get_level_values("title")])
    ax.set_ylim(len(wide) - 0.5, -0.5)
    ax.set_xlabel("key accounts")
    ax.grid(visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    done = float((steps["status"] == "done").mean()) if len(steps) else 0.0
    title(
        ax,
        f"{percent(done)} of the landing steps are done",
        "own advantage, competitors shut out, opportunities incubated; as in the log",
        as_of=as_of,
    )
    return ax


def plot_partners(
    coverage: pd.DataFrame, currency: str, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """Show partners by kind and region: active of all, and what they influenced; gaps in red."""
    if coverage.empty:
        return nothing_to_draw(ax, "Partners by kind and region", "there are no partners")
    kinds, regions = sorted(coverage["kind"].unique()), sorted(coverage["region"].unique())
    cells = coverage.set_index(["kind", "region"]).sort_index()
    ax = new_axes(ax, width=1.75 * max(len(regions), 3) + 2.2, height=0.62 * len(kinds) + 1.7)
    for row, kind in enumerate(kinds):
        for column, region in enumerate(regions):
            if (kind, region) not in cells.index:
                continue
            one = cells.loc[(kind, region)]
            color = COLORS["bad"] if one["is_gap"] else COLORS["after"]
            share = one["influenced_share"]
            ax.add_patch(_cell(column, row, color, 0.85 if one["is_gap"] else _shade(share)))
            dark = bool(one["is_gap"]) or _shade(share) > _DARK
            ax.text(column, row, _partners_text(one), ha="center", va="center", fontsize=8,
                    color="white" if dark else COLORS["ink"])  # fmt: skip
    ax.set_xlim(-0.5, len(regions) - 0.5)
    ax.set_ylim(len(kinds) - 0.5, -0.5)
    ax.set_xticks(range(len(regions)), [label(one, 18) for one in regions])
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(kinds)), [label(one.replace("_", " "), 20) for one in kinds])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    gaps, expected = (int(coverage[name].sum()) for name in ("is_gap", "is_expected"))
    title(
        ax,
        f"{gaps:,} of {expected:,} kinds of partner expected in a region are missing or idle",
        f"partners; {currency} won in twelve months with this kind and its share of all won in "
        "the region; a deal counts once a kind; red: gap",
        as_of=as_of,
    )
    return ax


def _partners_text(one: pd.Series) -> str:
    """Say how many partners are active of how many, and what they influenced."""
    count = 0 if pd.isna(one["partners_count"]) else int(one["partners_count"])
    if not count:
        return "none" if one["is_expected"] else "none\n(not expected)"
    active = "" if pd.isna(one["active_count"]) else f"{one['active_count']} active of "
    share = one["influenced_share"]
    part = f", {percent(share)}" if share == share else ""
    return f"{active}{count}\n{money(one['influenced_amount'])}{part}"


def _cell(column: int, row: int, color: str, alpha: float) -> Rectangle:
    return Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, facecolor=color, alpha=alpha)


def _shade(share: float) -> float:
    return 0.06 if share != share else 0.06 + 0.8 * min(2 * share, 1.0)
