"""Pictures of people in the team: turnover, survival, experience, strain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes
from planlib.disclosure import OTHER
from planlib.team.grouping import ALL
from planlib.team.indicator_words import INDICATORS

_LEAST_POINTS = 3
_COHORTS = 5
_FILL = {"alert": COLORS["bad"], "within limits": "#DCEBE6", "not known": "#F1F3F5",
         "too few people": "#F1F3F5"}  # fmt: skip


def plot_turnover(turnover: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show the yearly rate of leaving of each group with its interval, beside that of everybody.

    Parameters
    ----------
    turnover
        Table ``turnover`` or ``turnover_close``.
    ax
        Axes to draw on.
    """
    headline = "Who leaves"
    rows = turnover[turnover["rate"].notna()].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, headline, "no group is large enough, or no first day is known")
    ax = row_axes(ax, len(rows))
    most = float(rows["rate_shrunk"].fillna(rows["rate"]).max())
    limit = max(float(rows["high"].quantile(0.7)), 1.6 * most, 0.05)
    total = rows.loc[rows["cut"] == "total", "rate"]
    if len(total):
        ax.axvline(100 * float(total.iloc[0]), color=COLORS["grey"], linewidth=0.9, linestyle="--")
    for place, row in enumerate(rows.to_dict("records")):
        color = COLORS["grey"] if row["is_grey"] else COLORS["accent"]
        ax.hlines(place, 100 * row["low"], 100 * min(row["high"], limit), color=color, lw=1.4)
        if row["high"] > limit:
            ax.plot(100 * limit, place, ">", color=color, markersize=5)
        ax.plot(100 * row["rate"], place, "o", mfc="white", mec=color, markersize=6)
        if pd.notna(row["rate_shrunk"]):
            ax.plot(100 * row["rate_shrunk"], place, "D", color=color, markersize=5)
        text = f"{int(row['leavers_count'])} of {int(row['people_count'])}"
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center",
                    fontsize=8.3, color=COLORS["soft"], annotation_clip=False)  # fmt: skip
    names = rows["cut_value"].where(rows["cut"] != "total", "everybody")
    name_rows(ax, names.where(names != OTHER, rows["cut"].str.replace("_", " ") + ": others"))
    ax.set_xlim(0, 104 * limit)
    ax.set_xlabel("leavers per 100 person-years")
    span = f"{rows['window_from'].min():%Y-%m-%d} to {rows['window_to'].max():%Y-%m-%d}; "
    title(ax, headline, f"{span}circle: as counted, line: 95 % interval, diamond: drawn to "
          "everybody's rate; pale: fewer than 3 leavers; right: leavers of people")  # fmt: skip
    return ax


def plot_survival(tenure_survival: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show the share of each hire cohort that is still there, with the people at risk beneath.

    Parameters
    ----------
    tenure_survival
        Table ``tenure_survival``.
    ax
        Axes to draw on.
    """
    headline = "Who stays, by hire year"
    counts = tenure_survival.groupby("cohort").size()
    names = [name for name in counts.index if counts[name] >= _LEAST_POINTS and name != OTHER]
    if not names:
        return nothing_to_draw(ax, headline, "no cohort is large enough")
    cohorts = [ALL, *sorted(name for name in names if name != ALL)[-_COHORTS:]]
    ax = new_axes(ax, width=9.0, height=4.4 + 0.22 * len(cohorts))
    last = int(tenure_survival["tenure_months"].max())
    ticks = np.arange(0, last + 1, 12)
    for place, name in enumerate(cohorts):
        rows = tenure_survival[tenure_survival["cohort"] == name].sort_values("tenure_months")
        if rows.empty:
            continue
        color = COLORS["ink"] if name == ALL else SERIES[(place - 1) % len(SERIES)]
        width = 2.4 if name == ALL else 1.5
        grid = pd.RangeIndex(rows["tenure_months"].min(), rows["tenure_months"].max() + 1, 3)
        rows = rows.set_index("tenure_months").reindex(grid).rename_axis("tenure_months")
        rows = rows.reset_index()  # what is left out is a gap in the line
        people = int(rows["cohort_count"].max())
        ax.step(rows["tenure_months"], 100 * rows["stayed_share"], where="post", color=color,
                linewidth=width, label=f"{'everybody' if name == ALL else label(name)} "
                f"({people} people)")  # fmt: skip
        if name == ALL:
            ax.fill_between(rows["tenure_months"], 100 * rows["low"], 100 * rows["high"],
                            step="post", color=COLORS["grey"], alpha=0.18, linewidth=0)  # fmt: skip
        at_risk = rows.set_index("tenure_months")["at_risk_count"].dropna()
        beneath: dict[str, Any] = {
            "xytext": (0, -42 - 13 * place), "textcoords": "offset points", "va": "center",
            "fontsize": 8, "color": color, "xycoords": ax.get_xaxis_transform(),
            "annotation_clip": False,
        }  # fmt: skip
        ax.annotate("everybody" if name == ALL else label(name), (-1.5, 0), ha="right", **beneath)
        for tick in ticks:
            if tick in at_risk.index:
                ax.annotate(f"{int(at_risk[tick])}", (tick, 0), ha="center", **beneath)
    ax.set_xticks(ticks)
    ax.set_xlim(-0.5, last + 1)
    ax.set_ylim(0, 104)
    ax.set_xlabel("months since the first day; beneath: people at risk")
    ax.set_ylabel("still there, %")
    ax.legend(loc="lower left", ncol=2)
    title(ax, headline, "Kaplan-Meier; who came before the window enters late; band: 95 % interval "
          "of everybody; points with too few people at risk are left out")  # fmt: skip
    return ax


def plot_experience(
    experience_curve: pd.DataFrame, *, currency: str = "", ax: Axes | None = None
) -> Axes:
    """
    Show what a month at each tenure brings, and the size of a deal beside it.

    Parameters
    ----------
    experience_curve
        Table ``experience_curve``; all selling roles together are drawn.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    headline = "What experience is worth"
    rows = experience_curve[experience_curve["role"] == ALL].sort_values("band_order")
    if rows["month_amount"].notna().sum() == 0:
        return nothing_to_draw(ax, headline, "no won deals with owner and amount are known")
    ax = new_axes(ax, width=9.0, height=4.4)
    x = np.arange(len(rows))
    for shift, name, color, text in (
        (-0.13, "month", COLORS["accent"], "sales of a person-month"),
        (0.13, "deal", COLORS["watch"], "size of a deal"),
    ):
        value = rows["month_amount" if name == "month" else "deal_size"].to_numpy(dtype=float)
        low, high = (rows[f"{name}_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
        ax.vlines(x + shift, low, high, color=color, linewidth=1.6)
        ax.plot(x + shift, value, "o", color=color, markersize=7, label=text)
    ax.plot(x - 0.13, rows["month_shrunk"].to_numpy(dtype=float), "D", mfc="white",
            mec=COLORS["accent"], markersize=5, label="sales, drawn to all bands")  # fmt: skip
    texts = []
    for row in rows.to_dict("records"):
        people = "too few people" if pd.isna(row["people_count"]) else (
            f"{int(row['people_count'])} people, {int(row['won_count'])} deals")  # fmt: skip
        texts.append(f"{row['tenure_band']}\n{people}")
    ax.set_xticks(x, texts, fontsize=8.5)
    ax.set_xlim(-0.5, len(rows) - 0.5)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.legend(loc="upper left")
    title(ax, headline, f"{currency}; by tenure of the owner on the day of closing; line: 95 % "
          "interval, people being the cases".lstrip("; "))  # fmt: skip
    return ax


def plot_strain(
    burnout_indicators: pd.DataFrame, names: Mapping[str, str] | None = None, *,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show every indicator of strain of every team as a heat map; a number stands in each cell.

    Parameters
    ----------
    burnout_indicators
        Table ``burnout_indicators``.
    names
        Names of people by id, for teams that have that of their manager.
    ax
        Axes to draw on.
    """
    headline = "Strain in teams"
    if burnout_indicators.empty:
        return nothing_to_draw(ax, headline, "no team is large enough to be shown")
    named = names or {}
    known = burnout_indicators.groupby("indicator")["value"].count()
    shown = [name for name in INDICATORS if known.get(name, 0) > 0]
    teams = burnout_indicators[["team_by", "team", "people_count"]].drop_duplicates()
    teams = teams.assign(is_rest=teams["team"] == OTHER)
    teams = teams.sort_values(["team_by", "is_rest", "team"], ignore_index=True)
    if not shown:
        return nothing_to_draw(ax, headline, "no indicator could be computed: see what is missing")
    ax = new_axes(ax, width=1.9 + 0.92 * len(shown), height=2.2 + 0.36 * len(teams))
    place = {(row["team_by"], row["team"]): at for at, row in enumerate(teams.to_dict("records"))}
    for row in burnout_indicators.to_dict("records"):
        if row["indicator"] in shown:
            _strain_cell(ax, shown.index(row["indicator"]), place[row["team_by"], row["team"]], row)
    ax.set_xticks(range(len(shown)), [
        f"{INDICATORS[name].title.replace(' ', chr(10), 1)}\n{INDICATORS[name].unit}"
        for name in shown
    ], fontsize=7.6)  # fmt: skip
    texts = [
        f"{label(named.get(row['team'], row['team']), 20)} ({int(row['people_count'])})"
        if row["team"] != OTHER
        else f"{row['team_by']}: others ({int(row['people_count'])})"
        for row in teams.to_dict("records")
    ]
    ax.set_yticks(range(len(teams)), texts, fontsize=8.5)
    for at in np.flatnonzero(teams["team_by"].ne(teams["team_by"].shift()).to_numpy())[1:]:
        ax.axhline(at - 0.5, color=COLORS["ink"], linewidth=0.9)
    ax.set_xlim(-0.5, len(shown) - 0.5)
    ax.set_ylim(len(teams) - 0.5, -0.5)
    ax.grid(visible=False)
    title(ax, headline, "value, and change against the team's own past; coloured and marked !: "
          "beyond its limit and beyond noise; –: not known or too few people")  # fmt: skip
    return ax


def _strain_cell(ax: Axes, x: int, y: int, row: Mapping[Any, Any]) -> None:
    status = str(row["status"])
    ax.add_patch(Rectangle((x - 0.48, y - 0.45), 0.96, 0.9, facecolor=_FILL[status], linewidth=0))
    color = "white" if status == "alert" else COLORS["ink"]
    if status not in ("alert", "within limits"):
        ax.text(x, y, "–", ha="center", va="center", fontsize=8, color=COLORS["soft"])
        return
    unit = INDICATORS[row["indicator"]].unit
    text = f"{100 * row['value']:.0f} %" if unit == "share" else money(row["value"])
    if pd.notna(row["change_share"]):
        change = round(100 * float(row["change_share"])) + 0
        text += f"\n{change:+d} %" if change else "\n±0 %"
    ax.text(x, y, text + (" !" if status == "alert" else ""), ha="center", va="center",
            fontsize=7.4, color=color, linespacing=1.05)  # fmt: skip
