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
    stated = rows["stated_amount"].to_numpy(dtype="float64")
    for at, chance in enumerate(rows["probability"].to_numpy(dtype="float64")):
        amount, given = money(target[at], "", language), set_apart(target[at], stated[at], language)
        said = (f"{amount}, set {given}, chance {100 * chance:.0f} %" if given
                else f"{amount}, chance {100 * chance:.0f} %")  # fmt: skip
        ax.annotate(said, (1.0, at), xycoords=("axes fraction", "data"), xytext=(6, 0), va="center",
                    textcoords="offset points", fontsize=8.4, color=COLORS["ink"])  # fmt: skip
    name_rows(ax, rows["name"].fillna(rows["cut_value"]))
    ax.set_xlim(0, min(max(1.08, float((won + high).max()) * 1.02), _WIDEST))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.06 - 0.3 / len(rows)), ncol=4)
    more = len(known) - len(rows)
    left_out = f"; {more} levels more are in the table" if more > 0 else ""
    day = rows["won_until"].iloc[0]
    title(ax, headline, f"share of the blended target of the year, {currency}, on {day:%Y-%m-%d}; "
          "red line: blended target; set: target that people have set, where it differs; chance: "
          f"given what is won, at the quotas in force{left_out}")  # fmt: skip
    return ax


def set_apart(blended: float, stated: float, language: str = "en") -> str:
    """
    Write the target that people have set where it does not read as the blended one; else "".

    Parameters
    ----------
    blended, stated
        Amounts of a level; NaN: none is set.
    language
        Of the plan.

    Examples
    --------
    >>> set_apart(19_060_000, 17_760_000), set_apart(50.7e6, 50.7e6), set_apart(5e6, float("nan"))
    ('17.8 M', '', '')
    """
    given = money(stated, "", language)
    return "" if stated != stated or given == money(blended, "", language) else given


def _shown(known: pd.DataFrame) -> pd.DataFrame:
    """
    Give the company, units, regions and managers, without repeating a team.

    Of a team that is a unit, a region and a manager's alike, the one with a set target stands.
    """
    same = ["target_amount", "won_amount", "carriers_count"]
    order = known["cut"].map({"company": 0, "unit": 1, "region": 2, "manager": 3})
    bare = known["stated_amount"].isna() & order.gt(0)
    rows = known.assign(order=order, bare=bare).sort_values(["bare", "order", "cut_value"])
    rows = rows.drop_duplicates(same).sort_values(
        ["order", "target_amount", "cut_value"], ascending=[True, False, True]
    )
    return rows.head(_MOST).reset_index(drop=True)
