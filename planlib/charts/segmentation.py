"""Pictures of segmentation: weight of segments, people, cut lines, potential, coverage."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.lookalikes import plot_complexity, plot_lookalikes, plot_potential
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes
from planlib.notes import percent

__all__ = [
    "plot_complexity",
    "plot_coverage",
    "plot_lookalikes",
    "plot_people_and_goal",
    "plot_potential",
    "plot_segment_weights",
    "plot_size_cuts",
    "silence_notes",
]

_STATE_COLORS = {
    "covered": COLORS["good"],
    "no recent activity": COLORS["watch"],
    "no owner": COLORS["bad"],
    "owner has left": "#E08E6D",
    "owner is an open seat": "#8C3A1A",
    "owner has not started": "#F2C9B5",
    "owner not among the reps": "#6B5B95",
    "owner not known": COLORS["grey"],
}


def plot_segment_weights(
    profile: pd.DataFrame, currency: str, as_of: date, *, ax: Axes | None = None
) -> Axes:
    """
    Show potential, yearly spend and accounts of each segment.

    Parameters
    ----------
    profile
        ``Segmentation.profile()``: one row per segment, largest potential first.
    currency
        Currency of the plan.
    as_of
        Printed.
    ax
        Axes to draw on.
    """
    rows = profile.reset_index(drop=True)
    name = str(rows.columns[0])
    if rows[["potential", "acv"]].fillna(0).eq(0).all(axis=None):
        return _accounts_only(rows, name, as_of, ax)
    ax = row_axes(ax, len(rows))
    potential, acv = rows["potential"].fillna(0.0), rows["acv"].fillna(0.0)
    ax.barh(rows.index, potential, height=0.66, color=COLORS["before"], label="potential a year")
    ax.barh(rows.index, acv, height=0.3, color=COLORS["after"], label="yearly spend with us")
    reach = max(float(potential.max() or 0), float(acv.max() or 0)) or 1.0
    for place, row in enumerate(rows.to_dict("records")):
        end = max(potential[place], acv[place])
        known = "" if row["potential"] == row["potential"] else ", potential not known"
        text = f"{row['account_count']:,} accounts{known}"
        if row["captured_share"] == row["captured_share"]:
            share = row["captured_share"]
            text += f", {'under 1 %' if 0 < share < 0.005 else percent(share)} captured"
        ax.text(end + reach * 0.012, place, text, va="center", fontsize=8.5, color=COLORS["soft"])
    name_rows(ax, rows[name])
    ax.set_xlim(0, reach * 1.32)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: money(value)))
    ax.set_xlabel(f"{currency} a year")
    ax.legend(loc="lower right", ncols=1)
    title(ax, _weight_headline(rows, name), f"captured: yearly spend over potential; as of {as_of}")
    return ax


def _accounts_only(rows: pd.DataFrame, name: str, as_of: date, ax: Axes | None) -> Axes:
    """Show accounts where no money is known, or all of it is 0."""
    ax = row_axes(ax, len(rows))
    counts = rows["account_count"].astype(int)
    bars = ax.barh(rows.index, counts, height=0.66, color=COLORS["before"])
    ax.bar_label(bars, [f"{count:,}" for count in counts], padding=4, fontsize=8.5)
    name_rows(ax, rows[name])
    ax.set_xlabel("accounts")
    known = rows[["potential", "acv"]].notna().any(axis=None)
    what = (
        "neither potential nor spend is above 0" if known else "potential and spend are not known"
    )
    title(ax, f"Accounts by {name}; {what}", f"as of {as_of}")
    return ax


def _weight_headline(rows: pd.DataFrame, name: str) -> str:
    known = rows.dropna(subset=["potential_share"])
    if known.empty:
        return f"Accounts by {name}; potential is not known"
    top = known.sort_values(["potential_share", name], ascending=[False, True]).iloc[0]
    return (
        f"{top[name]}: {percent(top['potential_share'])} of potential, "
        f"{percent(top['account_share'])} of accounts"
    )


def plot_people_and_goal(profile: pd.DataFrame, as_of: date, *, ax: Axes | None = None) -> Axes:
    """
    Set each segment's share of people against its share of goal.

    Parameters
    ----------
    profile
        ``Segmentation.profile()``.
    as_of
        Printed.
    ax
        Axes to draw on.
    """
    name = str(profile.columns[0])
    rows = profile.dropna(subset=["goal_share", "people_share"]).reset_index(drop=True)
    if rows.empty:
        reason = "it needs owners of accounts, and targets by segment or potential"
        return nothing_to_draw(ax, "Share of people against share of goal is not known", reason)
    ax = row_axes(ax, len(rows))
    goal, people = rows["goal_share"], rows["people_share"]
    short = people < goal
    colors = np.where(short, COLORS["bad"], COLORS["good"])
    ax.hlines(rows.index, goal, people, color=colors, linewidth=5, alpha=0.35)
    ax.scatter(goal, rows.index, s=62, marker="D", color=COLORS["ink"], zorder=3, label="goal")
    ax.scatter(people, rows.index, s=78, color=COLORS["after"], zorder=3, label="people")
    reach = float(pd.concat([goal, people]).max())
    for place, row in enumerate(rows.to_dict("records")):
        end = max(row["goal_share"], row["people_share"])
        points = round(100 * row["people_gap_share"])
        gap = f"{points:+d} points" if points else "even"
        color = COLORS["bad"] if points < 0 else COLORS["soft"]
        text = f"{gap}, {row['people_count']:.1f} people"
        ax.text(end + reach * 0.03, place, text, va="center", fontsize=8.5, color=color)
    name_rows(ax, rows[name])
    ax.set_xlim(0, reach * 1.35)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel("share of all segments")
    ax.legend(loc="lower right")
    basis = "goal" if (rows["goal_basis"] == "targets").all() else "potential"
    meaning = "targets" if basis == "goal" else "potential, for want of targets by segment"
    title(
        ax,
        _people_headline(rows, name, basis),
        f"people: active owners divided over their accounts by workload; goal: {meaning}; "
        f"as of {as_of}",
    )
    return ax


def _people_headline(rows: pd.DataFrame, name: str, basis: str) -> str:
    low = rows.sort_values(["people_gap_share", name]).iloc[0]
    if low["people_gap_share"] > -0.02:
        return "People follow the goal in every segment"
    return (
        f"{low[name]} has {percent(low['goal_share'])} of the {basis} and "
        f"{percent(low['people_share'])} of the people"
    )


def plot_size_cuts(segment_sizes: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show the cut lines of sizes in each market, with the accounts between them.

    Parameters
    ----------
    segment_sizes
        Table of that name.
    ax
        Axes to draw on.
    """
    sized = segment_sizes.dropna(subset=["employees_from"])
    totals = segment_sizes.groupby("market", sort=False)["account_count"].sum()
    order = totals.sort_index().sort_values(ascending=False, kind="stable")
    ax = new_axes(ax, width=9.0, height=0.72 * len(order) + 1.7)
    lowest = max(1.0, float(sized["employees_below"].min()) / 20)
    highest = float(sized["employees_from"].max()) * 20
    names = list(dict.fromkeys(sized["size"]))
    shades = dict(zip(names, np.linspace(0.18, 0.9, len(names)), strict=True))
    for place, market in enumerate(order.index):
        for row in sized[sized["market"] == market].to_dict("records"):
            low = max(row["employees_from"], lowest)
            high = row["employees_below"] if row["employees_below"] > 0 else highest
            ax.barh(place, high - low, left=low, height=0.6, color=COLORS["after"],
                    alpha=shades[row["size"]], edgecolor="white", linewidth=1.5)  # fmt: skip
            dark = shades[row["size"]] > 0.5
            ax.text(
                float(np.sqrt(low * high)),
                place,
                f"{label(row['size'], 14)}\n{row['account_count']:,}",
                ha="center",
                va="center",
                fontsize=8.2,
                linespacing=1.15,
                color="white" if dark else COLORS["ink"],
            )
        for cut in sized.loc[sized["market"] == market, "employees_below"].dropna():
            ax.text(cut, place - 0.33, f"{cut:,.0f}", ha="center", va="bottom", fontsize=7.6,
                    color=COLORS["soft"])  # fmt: skip
        blank = _unknown(segment_sizes, market)
        if blank:
            ax.text(highest * 1.12, place, f"unknown\n{blank:,}", va="center", fontsize=8.2,
                    color=COLORS["soft"], linespacing=1.15)  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlim(lowest, highest * 4)
    decades = 10.0 ** np.arange(np.ceil(np.log10(lowest)), np.log10(highest))
    ax.set_xticks(decades, [f"{value:,.0f}" for value in decades])
    ax.xaxis.set_minor_locator(NullLocator())
    name_rows(ax, pd.Series(order.index))
    ax.set_ylim(len(order) - 0.55, -0.75)
    ax.set_xlabel("employees (log scale)")
    own = sized.groupby("market")["employees_below"].apply(lambda cuts: tuple(cuts.dropna()))
    several = len(set(own)) > 1
    title(
        ax,
        "Cut lines differ by market" if several else "One set of cut lines for all markets",
        "accounts by size class; unknown sizes stand apart, never in the smallest class",
    )
    return ax


def _unknown(sizes: pd.DataFrame, market: str) -> int:
    rows = sizes[(sizes["market"] == market) & sizes["employees_from"].isna()]
    return int(rows["account_count"].sum())


def plot_coverage(
    segment_coverage: pd.DataFrame, currency: str, as_of: date, *, ax: Axes | None = None
) -> Axes:
    """
    Show the share of each segment that somebody works on, and why the rest is not covered.

    Parameters
    ----------
    segment_coverage
        Table of that name.
    currency
        Currency of the plan.
    as_of
        Printed.
    ax
        Axes to draw on.

    Notes
    -----
    Shares are of potential where it is known in every segment, else of accounts.
    """
    by_money = bool(segment_coverage["potential_share"].notna().all())
    share = "potential_share" if by_money else "account_share"
    wide = segment_coverage.pivot(index="segment", columns="coverage", values=share).fillna(0.0)
    open_share = 1 - wide.get("covered", pd.Series(0.0, index=wide.index))
    others = open_share.drop(index="all").sort_index().sort_values(ascending=False, kind="stable")
    order = ["all", *others.index]
    ax = row_axes(ax, len(order))
    left = np.zeros(len(order))
    for state, color in _STATE_COLORS.items():
        if state not in wide.columns:
            continue
        width = wide.loc[order, state].to_numpy()
        ax.barh(range(len(order)), width, left=left, color=color, height=0.68, label=state)
        for place in np.flatnonzero(width > 0.06).tolist():
            ax.text(left[place] + width[place] / 2, place, percent(width[place]), ha="center",
                    va="center", fontsize=8.5, color=_on(color))  # fmt: skip
        left = left + width
    ax.axhline(0.5, color=COLORS["soft"], linewidth=0.8)
    name_rows(ax, pd.Series(["all accounts", *order[1:]]))
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel(f"share of {'potential' if by_money else 'accounts'}")
    ax.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.45, -0.16 * 5 / (len(order) + 1)))
    headline = _coverage_headline(segment_coverage, by_money, currency)
    title(ax, headline, "; ".join([*silence_notes(segment_coverage), f"as of {as_of}"]))
    return ax


def silence_notes(segment_coverage: pd.DataFrame) -> list[str]:
    """
    Say from how many days of silence an account is not covered; nothing where it is not tested.

    Parameters
    ----------
    segment_coverage
        Table of that name; one of an earlier release has no ``activity_days``.
    """
    if "activity_days" not in segment_coverage or segment_coverage["activity_days"].isna().all():
        return []
    days = int(segment_coverage["activity_days"].max())
    return [f"no recent activity: none in the last {days:,} days"]


def _on(color: str) -> str:
    """Give the text colour that can be read on a colour."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 150 else COLORS["ink"]


def _coverage_headline(coverage: pd.DataFrame, by_money: bool, currency: str) -> str:
    rows = coverage[coverage["segment"] == "all"]
    if rows["is_covered"].isna().all():
        return "Coverage is not known: no account has an owner"
    loose = rows[~rows["is_covered"].fillna(False).astype(bool)]
    if by_money:
        amount = money(float(loose["potential"].sum()), currency)
        return f"{percent(loose['potential_share'].sum())} of potential ({amount}) is not covered"
    return f"{percent(loose['account_share'].sum())} of accounts are not covered"
