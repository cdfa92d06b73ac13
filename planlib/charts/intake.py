"""Pictures of intake: checks of the account base, rules of data rigour, clean share by person."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.notes import count_of, percent, percent_above_zero

_KIND_COLORS = {"missing": SERIES[0], "stale": SERIES[1], "contradiction": SERIES[5]}
_STATE_COLORS = {
    "good": COLORS["good"],
    "watch": COLORS["watch"],
    "poor": COLORS["bad"],
    "few deals": COLORS["grey"],
}
_NAME_WIDTH = 28
_ROW = 0.3  # inches
_ROOM = 0.2  # share of the axis that the name of a threshold needs


def plot_account_quality(quality: pd.DataFrame, as_of: date, *, ax: Axes | None = None) -> Axes:
    """
    Show the share of accounts that each check flags.

    Parameters
    ----------
    quality
        Table ``account_quality``; checks that could not be made are left out here.
    as_of
        Day on which the data stand.
    ax
        Axes to draw on.
    """
    made, left_out = _made(quality)
    if made.empty:
        return nothing_to_draw(ax, "No check of the account base could be made",
                               "the columns that it needs are missing: see the table")  # fmt: skip
    if not made["flagged_count"].gt(0).any():
        return nothing_to_draw(
            ax, "No account is flagged",
            f"{len(made)} checks found nothing as of {as_of}; {left_out} checks not made for want "
            "of columns",
        )  # fmt: skip
    rows = made.sort_values(["flagged_share", "check"], ascending=[True, False])
    shares = rows["flagged_share"].to_numpy(dtype=float)
    texts = [
        f"  {flagged:,} of {checked:,}"
        for flagged, checked in zip(rows["flagged_count"], rows["checked_count"], strict=True)
    ]
    colors = [_KIND_COLORS[kind] for kind in rows["kind"]]
    ax = _bars(ax, rows["check"], shares, texts, color=colors)
    ax.set_xlim(0, max(0.05, shares.max(initial=0.0) * 1.25))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: percent(value))
    ax.set_xlabel("flagged accounts / accounts that could be checked")
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.legend(
        handles=[Patch(color=color, label=kind) for kind, color in _KIND_COLORS.items()],
        loc="lower right",
    )
    worst = rows.iloc[-1]
    headline = f"{worst['check'].capitalize()}: {percent(worst['flagged_share'])} of accounts"
    title(ax, headline, f"as of {as_of}; {left_out} checks not made for want of columns")
    return ax


def plot_rules(rules: pd.DataFrame, currency: str, as_of: date, *, ax: Axes | None = None) -> Axes:
    """
    Show how much open pipeline breaks each rule of data rigour.

    Parameters
    ----------
    rules
        Table ``rigour_rules``; rules that could not be checked are left out here.
    currency
        Currency of the plan.
    as_of
        Day on which the data stand.
    ax
        Axes to draw on.
    """
    made, left_out = _made(rules)
    if made.empty:
        return nothing_to_draw(ax, "No rule of data rigour could be checked",
                               "there are no open deals, or their columns are missing: see the "
                               "table")  # fmt: skip
    if not made["flagged_count"].gt(0).any():
        return nothing_to_draw(
            ax, "No open deal breaks a rule of data rigour",
            f"{len(made)} rules found nothing as of {as_of}; {left_out} rules not checked for want "
            "of columns",
        )  # fmt: skip
    rows = made.assign(_length=made["flagged_amount"].fillna(0.0)).sort_values(
        ["_length", "flagged_count", "rule"], ascending=[True, True, False]
    )
    amounts = rows["_length"].to_numpy(dtype=float)
    by_money = bool(amounts.max() > 0)
    lengths = amounts if by_money else rows["flagged_count"].to_numpy(dtype=float)
    texts = [_broken(row) for row in rows.to_dict("records")]
    ax = _bars(ax, rows["rule"], lengths, texts, color=COLORS["accent"])
    ax.set_xlim(0, max(1.0, lengths.max() * 1.45))
    ax.xaxis.set_major_formatter(lambda value, _: money(value) if by_money else f"{value:,.0f}")
    ax.set_xlabel(f"amount of open deals that break the rule, {currency}" if by_money
                  else "open deals that break the rule")  # fmt: skip
    if not by_money:
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    top = rows.iloc[-1]
    headline = f"Largest amount at stake: {top['rule']}, {money(top['flagged_amount'], currency)}"
    title(
        ax,
        headline if by_money else f"Broken by most open deals: {top['rule']}",
        f"open deals as of {as_of}; a deal may break several rules; "
        f"{left_out} rules not checked for want of columns",
    )
    return ax


def plot_clean_share(
    summary: pd.DataFrame,
    *,
    level: str = "manager",
    good: float,
    poor: float,
    count: int = 25,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the share of clean open deals by person, with its interval.

    Parameters
    ----------
    summary
        Table ``rigour_summary``.
    level
        "manager" or "owner".
    good, poor
        Thresholds of plan.yaml.
    count
        People shown, those with the most flagged money.
    ax
        Axes to draw on.
    """
    people = (
        summary[summary["level"] == level]
        .sort_values(["flagged_amount", "rep_id"], ascending=[False, True])
        .head(count)
    )
    rows = people.sort_values(["clean_share", "rep_id"], ascending=[True, False])
    ax = new_axes(ax, width=8.5, height=_ROW * len(rows) + 1.9)
    _draw_shares(ax, rows)
    low_side = "right" if poor >= _ROOM else "left"  # away from the other threshold
    for value, text, side in ((good, f"good from {percent(good)}", "left"),
                              (poor, f"poor below {percent(poor)}", low_side)):  # fmt: skip
        ax.axvline(value, color=COLORS["soft"], linewidth=0.9, linestyle="--")
        ax.annotate(
            text, (value, len(rows) - 0.3), (-3 if side == "right" else 3, 0),
            textcoords="offset points", ha=side, fontsize=8, color=COLORS["soft"],
        )  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(-0.7, len(rows) + 0.3)
    ax.xaxis.set_major_formatter(lambda value, _: percent(value))
    ax.set_xlabel("open deals without a flag / open deals (number in brackets)")
    ax.grid(visible=False, axis="y")
    ax.legend(
        handles=[
            Line2D([], [], marker="o", linestyle="", color=color, label=state)
            for state, color in _STATE_COLORS.items()
        ],
        loc="lower right",
    )
    low = int(rows["state"].eq("poor").sum())
    headline = f"{low} of {len(rows)} {level}s are below {percent(poor)} clean deals"
    title(
        ax,
        headline if len(rows) else f"There are no open deals by {level}",
        "point: share; line: 90 % interval; grey: too few deals for a colour",
    )
    return ax


def _made(checks: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Give the checks that could be made, and how many could not."""
    made = checks[checks["checked_count"].fillna(0).gt(0)]
    return made, len(checks) - len(made)


def _broken(row: Mapping[Hashable, Any]) -> str:
    """Say how many deals break a rule, with their amount where it is known."""
    if not row["flagged_count"] > 0:
        return "  no deals"
    deals = f"{count_of(row['flagged_count'], 'deal')} ({percent_above_zero(row['flagged_share'])})"
    amount = row["flagged_amount"]
    return f"  amount not known, {deals}" if pd.isna(amount) else f"  {money(amount)}, {deals}"


def _bars(
    ax: Axes | None,
    names: pd.Series,
    lengths: npt.NDArray[np.float64],
    texts: Sequence[str],
    *,
    color: str | Sequence[str],
) -> Axes:
    """Draw a lying bar for each name, its text at the end."""
    ax = new_axes(ax, width=8.5, height=_ROW * len(names) + 1.7)
    places = np.arange(len(names))
    ax.barh(places, lengths, height=0.66, color=color)
    for place, length, text in zip(places, lengths, texts, strict=True):
        ax.text(length, float(place), text, va="center", fontsize=8.5)
    ax.set_yticks(places, list(names))
    return ax


def _draw_shares(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw each person's share as a point on its interval, with name and number of deals."""
    places = np.arange(len(rows))
    share = rows["clean_share"].to_numpy(dtype=float)
    colors = [_STATE_COLORS[state] for state in rows["state"]]
    ax.hlines(
        places,
        rows["clean_share_low"].to_numpy(dtype=float),
        rows["clean_share_high"].to_numpy(dtype=float),
        color=COLORS["grey"],
        linewidth=1.6,
    )
    ax.scatter(share, places, color=colors, s=42, zorder=3)
    names = rows["name"].astype("str").fillna(rows["rep_id"])
    ax.set_yticks(
        places,
        [
            f"{label(name, _NAME_WIDTH)} ({deals:,})"
            for name, deals in zip(names, rows["deal_count"], strict=True)
        ],
    )
