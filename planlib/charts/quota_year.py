"""Picture of the running year: won, what people can still sell, and the target, level by level."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from planlib.charts.base import COLORS, money, title
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes

_MOST = 14
_WIDEST = 1.6  # of the target, that the axis reaches at most


def plot_year(
    quota_year: pd.DataFrame, *, currency: str = "", language: str = "en", ax: Axes | None = None
) -> Axes:
    """
    Show for each level what is won, what can still be sold, and the chance to reach the target.

    Parameters
    ----------
    quota_year
        Table ``quota_year``; levels without figures are left out.
    currency, language
        Of the plan.
    ax
        Axes to draw on.
    """
    headline = "The year so far, and what people can still sell"
    known = quota_year.dropna(subset=["target_amount", "won_amount", "rest_amount"])
    known = known[known["target_amount"] > 0]
    if known.empty:
        return nothing_to_draw(
            ax, headline, "no target is known, or nothing won is known: see the notes"
        )
    rows = _shown(known)
    ax = row_axes(ax, len(rows))
    place, target = np.arange(len(rows)), rows["target_amount"].to_numpy()
    won, rest = rows["won_amount"].to_numpy() / target, rows["rest_amount"].to_numpy() / target
    low, high = rows["rest_low"].to_numpy() / target, rows["rest_high"].to_numpy() / target
    ax.barh(place, won, height=0.6, color=COLORS["after"], label="won")
    ax.barh(place, rest, left=won, height=0.6, color=COLORS["before"],
            label="can still be sold (median)")  # fmt: skip
    ax.hlines(place, won + low, np.minimum(won + high, _WIDEST), color=COLORS["ink"],
              linewidth=1.3, label="8 of 10 futures")  # fmt: skip
    ax.scatter(rows["due_share"], place, marker="|", s=150, linewidths=2.0, color=COLORS["watch"],
               zorder=3, label="due by now")  # fmt: skip
    ax.axvline(1.0, color=COLORS["bad"], linewidth=1.4)
    for at, (amount, chance) in enumerate(
        zip(target, rows["probability"].to_numpy(dtype="float64"), strict=True)
    ):
        ax.annotate(f"{money(amount, '', language)}, chance {100 * chance:.0f} %", (1.0, at),
                    xycoords=("axes fraction", "data"), xytext=(6, 0), va="center",
                    textcoords="offset points", fontsize=8.4, color=COLORS["ink"])  # fmt: skip
    name_rows(ax, rows["name"].fillna(rows["cut_value"]))
    ax.set_xlim(0, min(max(1.08, float((won + high).max()) * 1.02), _WIDEST))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.06 - 0.3 / len(rows)), ncol=4)
    more = len(known) - len(rows)
    left_out = f"; {more} levels more are in the table" if more > 0 else ""
    day = rows["won_until"].iloc[0]
    title(ax, headline, f"share of the target of the year, {currency}, on {day:%Y-%m-%d}; red "
          f"line: target; chance: given what is won, at the quotas in force{left_out}")  # fmt: skip
    return ax


def _shown(known: pd.DataFrame) -> pd.DataFrame:
    """Give the company, then managers below it, units and regions, without repeating a team."""
    same = ["target_amount", "won_amount", "carriers_count"]
    cut = {"company": 0, "unit": 1, "region": 2, "manager": 3}
    rows = known.assign(order=known["cut"].map(cut)).sort_values(
        ["order", "target_amount", "cut_value"], ascending=[True, False, True]
    )
    return rows.drop_duplicates(same).head(_MOST).reset_index(drop=True)
