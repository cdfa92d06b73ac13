"""Pictures of closeness: logging first, both parts beside each other, trend, relationship map."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from planlib.charts.base import COLORS, label, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.notes import percent

_NAME_WIDTH = 30
_LEAST_TREND = 5  # accounts below which a month has no spread
_MOST_MONTHS = 10  # month ends with a label


def plot_logging(
    logging: pd.DataFrame,
    names: pd.Series,
    limit: float,
    *,
    count: int = 15,
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show how completely each owner of a key account logs contact, lowest first.

    Parameters
    ----------
    logging
        Table ``logging_coverage``.
    names
        Name by ``rep_id``.
    limit
        Coverage below which counts are not used.
    count
        Owners shown: those with the lowest coverage.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    if logging.empty:
        return nothing_to_draw(ax, "Logging coverage", "no key account has an owner")
    rows = logging.sort_values(["coverage_share", "rep_id"], na_position="first").head(count)
    ax = new_axes(ax, width=8.5, height=0.27 * max(len(rows), 3) + 1.5)
    share = rows["coverage_share"].astype("float64").fillna(0.0).to_numpy()
    low = rows["is_low"].to_numpy(dtype=bool)
    places = np.arange(len(rows))
    ax.barh(places, share, color=np.where(low, COLORS["bad"], COLORS["after"]), height=0.7)
    for place, row in zip(places.tolist(), rows.to_dict("records"), strict=True):
        known = row["coverage_share"] == row["coverage_share"]
        text = percent(row["coverage_share"]) if known else "not known"
        text += f"  {row['accounts_count']} key account{'s' if row['accounts_count'] != 1 else ''}"
        inside = known and row["coverage_share"] > 0.55
        ax.text(
            share[place] + (-0.01 if inside else 0.01), place, text, va="center", fontsize=8,
            ha="right" if inside else "left", color="white" if inside else COLORS["ink"],
        )  # fmt: skip
    ax.axvline(limit, color=COLORS["ink"], linewidth=1, linestyle="--")
    ax.set_yticks(places, [label(names.get(one, one), _NAME_WIDTH, one) for one in rows["rep_id"]])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, 1.02)
    ax.xaxis.set_major_formatter(lambda value, _: percent(value))
    ax.set_xlabel("logging coverage: the lower of weeks logged and closed deals with a contact")
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    short = int(logging["is_low"].sum())
    shown = f"the {len(rows):,} lowest; " if len(rows) < len(logging) else ""
    title(
        ax,
        f"{short:,} of {len(logging):,} owners log too little for counts, or are not at work"
        if short
        else f"All {len(logging):,} owners log enough for counts to be used",
        f"{shown}dashed: limit of {percent(limit)}; below it the automatic part of their accounts "
        "stays blank",
        as_of=as_of,
    )
    return ax


def plot_closeness(
    closeness: pd.DataFrame,
    names: pd.Series,
    as_of: date,
    *,
    count: int = 25,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the automatic and the rated part of each account beside each other.

    Parameters
    ----------
    closeness
        Table ``account_closeness``.
    names
        Company name by ``account_id``.
    as_of
        For the subtitle.
    count
        Accounts shown: those where the two parts differ most, then the lowest.
    ax
        Axes to draw on.
    """
    known = closeness[closeness["closeness"].notna()]
    if known.empty:
        return nothing_to_draw(ax, "Closeness", "closeness of no key account is known")
    gap = (known["automatic_score"] - known["rated_score"]).abs().fillna(-1.0)
    first = known.assign(gap=gap).sort_values(
        ["gap", "closeness", "account_id"], ascending=[False, True, True]
    )
    rows = first.head(count).sort_values(["closeness", "account_id"], ascending=[False, True])
    ax = new_axes(ax, width=9.0, height=0.28 * max(len(rows), 3) + 1.6)
    places = np.arange(len(rows))
    auto = rows["automatic_score"].to_numpy(dtype="float64")
    rated = rows["rated_score"].to_numpy(dtype="float64")
    ax.hlines(places, auto, rated, color=COLORS["line"], linewidth=2)
    ax.scatter(auto, places, color=COLORS["after"], s=34, label="counted from records", zorder=3)
    ax.scatter(
        rated, places, facecolors="white", edgecolors=COLORS["watch"], linewidths=1.6, s=34,
        label="rated by people", zorder=3,
    )  # fmt: skip
    ax.set_yticks(
        places, [label(names.get(one, one), _NAME_WIDTH, one) for one in rows["account_id"]]
    )
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(-2, 102)
    ax.set_xlabel("closeness (0 to 100)")
    ax.grid(visible=True, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    both = int((closeness["automatic_score"].notna() & closeness["rated_score"].notna()).sum())
    headline = f"Closeness of {len(rows):,} of {len(known):,} key accounts, lowest first"
    if both > len(rows):
        headline = f"Counted and rated closeness differ most in {len(rows):,} of {both:,} accounts"
    elif both:
        headline = f"Counted and rated closeness of {len(rows):,} of {len(known):,} key accounts"
    title(
        ax,
        headline,
        f"as of {as_of}; the two parts are never mixed; {both:,} of {len(known):,} key accounts "
        "have both",
    )
    return ax


def plot_closeness_trend(trend: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Show the median of the automatic part by month, the middle half, and how many are counted."""
    known = trend[trend["automatic_score"].notna()]
    grouped = known.groupby("month_date")["automatic_score"]
    spread = grouped.quantile(np.array([0.25, 0.5, 0.75])).unstack()
    spread = spread[grouped.size().reindex(spread.index) >= _LEAST_TREND]
    if spread.empty:
        words = "no month with enough accounts counted"
        return nothing_to_draw(ax, "Closeness over the months", words)
    ax = new_axes(ax, width=9.0, height=3.6)
    days = spread.index.to_numpy()
    ax.fill_between(days, spread[0.25], spread[0.75], color=COLORS["before"], alpha=0.4,
                    label="middle half of the accounts")  # fmt: skip
    ax.plot(days, spread[0.5], color=COLORS["after"], marker="o", markersize=4, label="median")
    step = -(-len(days) // _MOST_MONTHS)
    shown = days[::-step][::-1]  # month ends, the last one always among them
    ax.set_xticks(shown, [f"{pd.Timestamp(day):%Y-%m}" for day in shown])
    ax.set_ylim(0, 100)
    ax.set_ylabel("automatic part (0 to 100)")
    counts = grouped.size().reindex(spread.index)
    ax.legend(loc="upper left", ncols=2)
    wide = known.pivot(index="account_id", columns="month_date", values="automatic_score")
    both = wide[[spread.index[0], spread.index[-1]]].dropna()
    change = (both.iloc[:, -1] - both.iloc[:, 0]).median()
    title(
        ax,
        f"Closeness of the {len(both):,} key accounts counted at both ends: {change:+.0f} points",
        "median change; counted again at each month end with today's seats; "
        f"{counts.min():,} to {counts.max():,} key accounts a month",
    )
    return ax


def plot_relationship_map(
    seats: pd.DataFrame, name: str, silence_days: int, *, ax: Axes | None = None
) -> Axes:
    """
    Show who decides in an account: power upwards, attitude to the right, closeness by size.

    Parameters
    ----------
    seats
        Rows of table ``closeness_seats`` of one account.
    name
        Company name.
    silence_days
        Days after which a seat counts as silent.
    ax
        Axes to draw on.
    """
    if seats.empty:
        return nothing_to_draw(ax, "Who decides", "no seat is recorded")
    ax = new_axes(ax, width=8.5, height=4.6)
    rows = seats.sort_values(["decision_power", "seat"], ascending=[False, True])
    attitude = rows["attitude"].astype("float64").fillna(-3.0).to_numpy()
    power = rows["decision_power"].to_numpy(dtype="float64")
    at = attitude - 0.32
    texts = _apart(at, power)
    nobody = rows["contact_id"].isna().to_numpy()
    silent = (rows["silent_days"].isna() | (rows["silent_days"] > silence_days)).to_numpy(bool)
    blind = rows["score"].isna().to_numpy() & ~nobody
    score = rows["score"].fillna(0).to_numpy(dtype="float64")
    color = np.where(nobody, "none", np.where(silent, COLORS["watch"], COLORS["after"]))
    color = np.where(blind, COLORS["grey"], color)
    edge = np.where(nobody, COLORS["bad"], color)
    ax.scatter(
        at, power, s=60 + 7 * score, c=color, edgecolors=edge.tolist(), linewidths=1.5, zorder=3
    )
    sizes = 60 + 7 * score
    for x, y, size, row in zip(at, texts, sizes, rows.to_dict("records"), strict=True):
        value = "not counted" if pd.isna(row["score"]) else f"{row['score']:.0f}"
        text = "nobody known" if pd.isna(row["contact_id"]) else value
        text = label(row["seat"], 18, "") + f"\n{text}"
        away = (size**0.5 / 2 + 4) / 72  # points to inches
        beside = ax.transData + ScaledTranslation(away, 0, ax.figure.dpi_scale_trans)
        ax.text(x, y, text, transform=beside, va="center", fontsize=8, color=COLORS["ink"])
    ax.set_xlim(-3.6, 2.6)
    ax.set_xticks([-3, -2, -1, 0, 1, 2],
                  ["not known", "against", "critical", "neutral", "for us", "sponsor"])  # fmt: skip
    ax.axvline(-2.5, color=COLORS["grey"], linewidth=0.7)
    room = max(float(power.max()) if len(power) else 0.0, 0.1)
    ax.set_ylim(-0.22 * room, room * 1.2)
    ax.yaxis.set_major_formatter(lambda value, _: percent(value) if value >= 0 else "")
    ax.set_ylabel("power to decide")
    title(
        ax,
        f"Who decides at {label(name, 44)}",
        f"number and size: closeness, 0 to 100; orange: no contact for {silence_days} days; "
        "hollow: nobody known in this seat; grey: not counted, since its owner logs too little"
        if blind.any()
        else f"number and size: closeness, 0 to 100; orange: no contact for {silence_days} days; "
        "hollow: nobody known in this seat",
    )
    return ax


def _apart(at: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Give heights of labels so that those of one attitude do not cover each other."""
    least = 0.1 * max(float(power.max()) if len(power) else 0.0, 0.1)
    heights = power.copy()
    for value in np.unique(at):
        above = np.inf
        for place in np.flatnonzero(at == value):  # sorted by power, highest first
            heights[place] = min(power[place], above - least)
            above = heights[place]
    return heights
