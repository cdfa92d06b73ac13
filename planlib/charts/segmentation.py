"""Pictures of segmentation: weight of segments, people, cut lines, potential, coverage."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title

_NAME_WIDTH = 26
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


def _rows(ax: Axes | None, count: int) -> Axes:
    """Give axes as tall as a number of rows needs."""
    return new_axes(ax, width=9.0, height=0.42 * max(count, 2) + 1.7)


def _nothing(ax: Axes | None, headline: str, reason: str) -> Axes:
    """Say in the place of an empty picture why there is nothing to draw."""
    ax = new_axes(ax, width=8.0, height=1.3)
    ax.set_axis_off()
    ax.text(0.0, 0.5, label(reason), transform=ax.transAxes, va="center", color=COLORS["soft"])
    title(ax, headline)
    return ax


def _name_rows(ax: Axes, names: pd.Series) -> None:
    ax.set_yticks(range(len(names)), [label(name, _NAME_WIDTH) for name in names])
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")


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
    if rows[["potential", "acv"]].isna().all(axis=None):
        return _accounts_only(rows, name, as_of, ax)
    ax = _rows(ax, len(rows))
    potential, acv = rows["potential"].fillna(0.0), rows["acv"].fillna(0.0)
    ax.barh(rows.index, potential, height=0.66, color=COLORS["before"], label="potential a year")
    ax.barh(rows.index, acv, height=0.3, color=COLORS["after"], label="yearly spend with us")
    reach = max(float(potential.max() or 0), float(acv.max() or 0)) or 1.0
    for place, row in enumerate(rows.to_dict("records")):
        end = max(potential[place], acv[place])
        known = "" if row["potential"] == row["potential"] else ", potential not known"
        text = f"{row['account_count']:,} accounts{known}"
        if row["captured_share"] == row["captured_share"]:
            text += f", {row['captured_share']:.0%} captured"
        ax.text(end + reach * 0.012, place, text, va="center", fontsize=8.5, color=COLORS["soft"])
    _name_rows(ax, rows[name])
    ax.set_xlim(0, reach * 1.32)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: money(value)))
    ax.set_xlabel(f"{currency} a year")
    ax.legend(loc="lower right", ncols=1)
    title(ax, _weight_headline(rows, name), f"captured: yearly spend over potential; as of {as_of}")
    return ax


def _accounts_only(rows: pd.DataFrame, name: str, as_of: date, ax: Axes | None) -> Axes:
    """Show accounts where no money is known."""
    ax = _rows(ax, len(rows))
    counts = rows["account_count"].astype(int)
    bars = ax.barh(rows.index, counts, height=0.66, color=COLORS["before"])
    ax.bar_label(bars, [f"{count:,}" for count in counts], padding=4, fontsize=8.5)
    _name_rows(ax, rows[name])
    ax.set_xlabel("accounts")
    title(ax, f"Accounts by {name}; potential and spend are not known", f"as of {as_of}")
    return ax


def _weight_headline(rows: pd.DataFrame, name: str) -> str:
    known = rows.dropna(subset=["potential_share"])
    if known.empty:
        return f"Accounts by {name}; potential is not known"
    top = known.sort_values(["potential_share", name], ascending=[False, True]).iloc[0]
    return (
        f"{top[name]}: {top['potential_share']:.0%} of potential, "
        f"{top['account_share']:.0%} of accounts"
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
        return _nothing(ax, "Share of people against share of goal is not known", reason)
    ax = _rows(ax, len(rows))
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
    _name_rows(ax, rows[name])
    ax.set_xlim(0, reach * 1.35)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("share of all segments")
    ax.legend(loc="lower right")
    basis = "targets" if (rows["goal_basis"] == "targets").all() else "potential"
    title(
        ax,
        _people_headline(rows, name),
        f"people: active owners divided over their accounts by workload; goal: {basis}; "
        f"as of {as_of}",
    )
    return ax


def _people_headline(rows: pd.DataFrame, name: str) -> str:
    low = rows.sort_values(["people_gap_share", name]).iloc[0]
    if low["people_gap_share"] > -0.02:
        return "People follow the goal in every segment"
    return (
        f"{low[name]} has {low['goal_share']:.0%} of the goal and "
        f"{low['people_share']:.0%} of the people"
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
    _name_rows(ax, pd.Series(order.index))
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
    """
    known = segments[(segments["yearly_spend"] > 0) & (segments["potential"] > 0)]
    if known.empty:
        reason = "it needs acv in accounts, or won opportunities with amounts"
        return _nothing(ax, "Potential against spend is not known", reason)
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
                   label=label(name, _NAME_WIDTH), linewidths=0)  # fmt: skip
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
    title(ax, _potential_headline(known),
          f"{len(shown):,} of {len(known):,} customers; dashed: nothing left to win; "
          "lines: interval of the potential")  # fmt: skip
    return ax


def _potential_headline(known: pd.DataFrame) -> str:
    half = (known["yearly_spend"] < known["potential"] / 2).mean()
    return f"{half:.0%} of customers spend less than half of their potential"


def plot_lookalikes(
    potential_cells: pd.DataFrame, currency: str, *, count: int = 14, ax: Axes | None = None
) -> Axes:
    """
    Show the potential of the look-alike cells with most accounts, and how sure it is.

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
        return _nothing(ax, "No look-alikes: potential is not derived", reason)
    last = potential_cells["level"].iloc[-1]
    cells = potential_cells[potential_cells["level"] == last]
    cells = cells.sort_values(["account_count", "cell"], ascending=[False, True]).head(count)
    cells = cells.sort_values(["potential", "cell"], ascending=[False, True], ignore_index=True)
    ax = _rows(ax, len(cells))
    colors = np.where(cells["is_grey"].fillna(True).astype(bool), COLORS["grey"], COLORS["after"])
    ax.hlines(cells.index, cells["potential_low"], cells["potential_high"], color=colors,
              linewidth=4, alpha=0.4)  # fmt: skip
    ax.scatter(cells["potential"], cells.index, s=52, color=colors, zorder=3, label="potential")
    ax.scatter(cells["mean_spend"], cells.index, s=40, marker="|", color=COLORS["ink"], zorder=3,
               linewidths=1.6, label="mean spend of its customers")  # fmt: skip
    reach = float(cells["potential_high"].max())
    for place, row in enumerate(cells.to_dict("records")):
        ax.text(reach * 1.08, place, f"{row['customer_count']:,} of {row['account_count']:,}",
                va="center", fontsize=8.5, color=COLORS["soft"])  # fmt: skip
    ax.set_xscale("log")
    ax.text(reach * 1.08, -0.75, "customers", fontsize=8.5, color=COLORS["soft"], va="center")
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
        f"Potential of the {len(cells)} commonest kinds of account",
        "bars: interval; grey: few customers of the kind, so wider kinds speak",
    )
    return ax


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
    ax = _rows(ax, len(order))
    left = np.zeros(len(order))
    for state, color in _STATE_COLORS.items():
        if state not in wide.columns:
            continue
        width = wide.loc[order, state].to_numpy()
        ax.barh(range(len(order)), width, left=left, color=color, height=0.68, label=state)
        for place in np.flatnonzero(width > 0.06).tolist():
            ax.text(left[place] + width[place] / 2, place, f"{width[place]:.0%}", ha="center",
                    va="center", fontsize=8.5, color=_on(color))  # fmt: skip
        left = left + width
    ax.axhline(0.5, color=COLORS["soft"], linewidth=0.8)
    _name_rows(ax, pd.Series(["all accounts", *order[1:]]))
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel(f"share of {'potential' if by_money else 'accounts'}")
    ax.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.45, -0.16 * 5 / (len(order) + 1)))
    title(ax, _coverage_headline(segment_coverage, by_money, currency), f"as of {as_of}")
    return ax


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
        return f"{loose['potential_share'].sum():.0%} of potential ({amount}) is not covered"
    return f"{loose['account_share'].sum():.0%} of accounts are not covered"


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
        return _nothing(ax, "What tracks complexity is not known", reason)
    ax = _rows(ax, len(known))
    grey = known["is_grey"].fillna(True).astype(bool)
    colors = np.where(grey, COLORS["grey"], COLORS["after"])
    ax.hlines(known.index, known["correlation_low"], known["correlation_high"], color=colors,
              linewidth=6, alpha=0.4)  # fmt: skip
    ax.scatter(known["correlation"], known.index, s=78, color=colors, zorder=3)
    for place, row in enumerate(known.to_dict("records")):
        ax.text(1.04, place, f"{row['correlation']:.2f}   {row['account_count']:,} accounts",
                va="center", fontsize=8.5, color=COLORS["soft"])  # fmt: skip
    ax.axvline(0, color=COLORS["soft"], linewidth=0.8)
    _name_rows(ax, known["measure"])
    ax.set_ylim(len(known) - 0.4, -0.6)
    ax.set_xlim(min(-0.1, float(known["correlation_low"].min())), 1.0)
    ax.set_xlabel("rank correlation with complexity; bars: 95 % interval")
    method = known["method"].iloc[0]
    missing = rows[rows["correlation"].isna()]["measure"].tolist()
    rest = f"; not known: {', '.join(missing)}" if missing else ""
    title(ax, _complexity_headline(known), f"complexity by {method}{rest}")
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
