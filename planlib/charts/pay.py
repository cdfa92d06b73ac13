"""Pictures of pay, size by return, contradictions of the plans, releases and timeline."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw, row_axes
from planlib.notes import percent

STATE_TONES = {"done": "good", "planned": "before", "late": "bad", "proposed": "grey"}
SEVERITY_TONES = {"blocks": "bad", "warns": "watch"}
_CURVES = 6  # roles in the picture of payout
_LINES = ("-", "--", "-.", ":")


def plot_attainment(bands: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show how simulated years spread over attainment, by group of roles.

    Parameters
    ----------
    bands
        Table ``pay_attainment``.
    ax
        Axes to draw on.
    """
    headline = "How attainment spreads"
    if bands.empty:
        return nothing_to_draw(ax, headline, "no attainment is simulated: quotas are missing")
    ax = new_axes(ax, width=9.0, height=3.9)
    groups = bands.groupby("role_group", sort=True)
    width = 0.096 / len(groups)
    for place, (group, mine) in enumerate(groups):
        at = mine["from_share"].to_numpy() + 0.002 + width * place
        above = float(mine.loc[mine["from_share"] >= 1, "year_share"].sum())
        people = int(mine["people_count"].iloc[0])
        ax.bar(
            at, mine["year_share"], width=width, align="edge", color=SERIES[place % len(SERIES)],
            label=f"{label(group, 24)}, {people} people simulated: {percent(above)} of years at or "
                  "above quota",
        )  # fmt: skip
    ax.axvline(1.0, color=COLORS["ink"], linewidth=1.1)
    ax.set_xlim(0, 2.12)
    ax.set_ylim(0, float(bands["year_share"].max()) * (1.12 + 0.09 * len(groups)))
    ticks = np.arange(0, 2.01, 0.25)
    ax.set_xticks(ticks, [percent(one) if one < 2 else "200 % +" for one in ticks])
    ax.yaxis.set_major_locator(MultipleLocator(0.02 if bands["year_share"].max() < 0.2 else 0.1))
    ax.yaxis.set_major_formatter(lambda value, _: percent(value))
    ax.legend(loc="upper right")
    title(ax, headline, "share of simulated years in bands of 10 points of attained / quota; "
          "line: quota; the last band is open")  # fmt: skip
    return ax


def plot_pay_cost(cost: pd.DataFrame, *, currency: str = "", ax: Axes | None = None) -> Axes:
    """
    Show expected pay of today's plan and of alternatives, with interval, beside that at the mean.

    Parameters
    ----------
    cost
        Table ``pay_cost``; its row ``all`` of each plan is drawn.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    headline = "What pay is expected to cost"
    if "cost_amount" not in cost.columns or cost["cost_amount"].isna().all():
        return nothing_to_draw(ax, headline, "no pay plan, or nobody here may see pay")
    rows = cost[cost["role_group"] == "all"].reset_index(drop=True)
    ax = row_axes(ax, len(rows) + 1)
    budget = float(rows["budget_amount"].iloc[0])
    for place, row in enumerate(rows.to_dict("records")):
        tone = "after" if row["plan"] == "current" else "before"
        ax.barh(place, row["cost_amount"], height=0.62, color=COLORS[tone])
        if pd.notna(row["cost_low_amount"]):
            ax.plot([row["cost_low_amount"], row["cost_high_amount"]], [place, place],
                    color=COLORS["ink"], linewidth=1.4)  # fmt: skip
        ax.plot(row["cost_at_mean_amount"], place, marker="D", markersize=5.5, color="white",
                markeredgecolor=COLORS["ink"], linestyle="")  # fmt: skip
        ends = [row["cost_amount"], row["cost_high_amount"], budget]
        end = max(float(one) for one in ends if pd.notna(one))
        ax.annotate(_cost_words(row), (end, place), (8, 0), textcoords="offset points",
                    va="center", fontsize=8.6, color=COLORS["soft"])  # fmt: skip
    ax.axvline(budget, color=COLORS["bad"], linewidth=1.2, linestyle="--")
    ax.set_yticks(range(len(rows)), [label(one, 24) for one in rows["plan"]])
    ax.set_ylim(len(rows) - 0.45, -0.55)
    most = float(np.nanmax([rows["cost_high_amount"].max(), rows["cost_amount"].max(), budget]))
    ax.set_xlim(0, most * 1.55)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    stated = str(rows["budget_basis"].iloc[0])
    title(ax, headline, f"base and variable pay of the year, {currency}; line: interval; diamond: "
          f"cost at mean attainment; dashed: budget ({stated})")  # fmt: skip
    return ax


def plot_payout(curves: pd.DataFrame, *, plan: str = "current", ax: Axes | None = None) -> Axes:
    """
    Show what each role's plan pays at an attainment, as a share of variable pay.

    Parameters
    ----------
    curves
        Table ``pay_curves``.
    plan
        Plan that is drawn.
    ax
        Axes to draw on.
    """
    headline = "What attainment pays"
    mine = curves[curves["plan"] == plan]
    if mine.empty or "payout_share" not in mine.columns:
        return nothing_to_draw(ax, headline, "no pay plan, or nobody here may see pay")
    ax = new_axes(ax, width=8.6, height=4.3)
    shapes, end = _shapes(mine), float(mine["attainment_share"].max())
    for place, (names, curve) in enumerate(shapes[:_CURVES]):
        x, y = curve["attainment_share"].tolist(), curve["payout_share"].tolist()
        if y[-1] == y[-2]:  # capped: it stays there
            x, y = [*x, end], [*y, y[-1]]
        ax.plot(x, y, color=SERIES[place], linestyle=_LINES[place % len(_LINES)],
                label=label(", ".join(names), 34))  # fmt: skip
    ax.plot([0, min(end, 2.0)], [0, min(end, 2.0)], color=COLORS["grey"], linewidth=0.9, zorder=1)
    ax.set_xlim(0, end)
    ax.set_ylim(0)
    ax.xaxis.set_major_formatter(lambda value, _: percent(value))
    ax.yaxis.set_major_formatter(lambda value, _: percent(value))
    ax.set_xlabel("attained / quota")
    ax.legend(loc="upper left")
    left = len(shapes) - _CURVES
    more = f"; {left} more forms are in the table" if left > 0 else ""
    title(ax, headline, "payout as a share of variable pay at 100 %; grey: a straight line; roles "
          f"with the same terms share a line{more}")  # fmt: skip
    return ax


def plot_force_size(
    curve: pd.DataFrame, force: pd.DataFrame, *, cut_value: str = "all", currency: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show profit by number of people, the flat range, today's size and what the work asks for.

    Parameters
    ----------
    curve
        Table ``force_size_curve``.
    force
        Table ``force_size``.
    cut_value
        Unit; ``all`` for the whole sales force.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    headline = "How many people pay for themselves"
    mine = curve[curve["cut_value"] == cut_value]
    if mine.empty or "profit_amount" not in mine.columns:
        why = "sales, cost or margin are not known: see the notes"
        return nothing_to_draw(ax, headline, why if mine.empty else "nobody here may see pay")
    one = force[force["cut_value"] == cut_value].iloc[0]
    ax = new_axes(ax, width=8.8, height=4.4)
    ax.axvspan(one["flat_low_count"], one["flat_high_count"], color=COLORS["line"], zorder=0)
    ax.plot(mine["head_count"], mine["profit_amount"], color=COLORS["after"])
    marks = [
        (float(one["people_count"]), f"today {one['people_count']:.0f}", "ink", "-"),
        (float(one["best_count"]), f"{_best(one)} {one['best_count']}", "good", "-"),
    ]
    if pd.notna(one["workload_count"]):
        work = float(one["workload_count"])
        marks.append((work, f"by workload {work:.0f}", "bad", "--"))
    low, high = float(mine["profit_amount"].min()), float(mine["profit_amount"].max())
    span = max(high - low, 1.0)
    widest = max(float(mine["head_count"].max()), *(at for at, *_ in marks))
    for (at, words, tone, line), height in zip(sorted(marks), _heights(sorted(marks), mine),
                                               strict=True):  # fmt: skip
        ax.axvline(at, color=COLORS[tone], linewidth=1.2, linestyle=line)
        left = at > 0.85 * widest
        ax.annotate(words, (at, low + height * span), (-4 if left else 4, 0),
                    textcoords="offset points", ha="right" if left else "left", fontsize=8.8,
                    color=COLORS[tone])  # fmt: skip
    ax.set_ylim(low - 0.05 * span, high + 0.28 * span)
    ax.set_xlim(0, widest * 1.05)
    ax.set_xlabel("people")
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    where = "" if cut_value == "all" else f" in {cut_value}"
    title(
        ax,
        headline + where,
        f"three-year profit of a year's selling, {currency}; band: sizes "
        f"that are nearly as good; elasticity of sales to people {one['elasticity']:.2f}"
        + (", assumed: a scenario" if one["verdict"] == "scenario" else ""),
    )
    return ax


def _best(one: pd.Series) -> str:
    if one["best_edge"] in ("low", "high"):
        return "smallest looked at" if one["best_edge"] == "low" else "largest looked at"
    return "best"


def plot_contradictions(
    contradictions: pd.DataFrame, rules: pd.DataFrame, *, ax: Axes | None = None
) -> Axes:
    """
    Show how many contradictions each rule found, of how many subjects tested.

    Parameters
    ----------
    contradictions
        Table ``plan_contradictions``.
    rules
        Table ``plan_rules``; rules that could not be tested stand with what is missing.
    ax
        Axes to draw on.
    """
    headline = "Do territories, quotas and pay agree?"
    if rules.empty:
        return nothing_to_draw(ax, headline, "no rule could be tested")
    rows = rules.sort_values("rule_order").reset_index(drop=True)
    ax = new_axes(ax, width=9.6, height=1.6 + 0.33 * len(rows))
    most = max(int(rows["found_count"].max()), 1)
    for place, row in enumerate(rows.to_dict("records")):
        mine = contradictions[contradictions["rule"] == row["rule"]]
        start = 0
        for severity, tone in SEVERITY_TONES.items():
            count = int((mine["severity"] == severity).sum())
            ax.barh(place, count, left=start, height=0.68, color=COLORS[tone])
            start += count
        words = f"{start} of {row['tested_count']}"
        if row["missing"] and pd.notna(row["missing"]):
            words = f"not tested: needs {row['missing']}"
        ax.annotate(label(words, 78), (start, place), (6, 0), textcoords="offset points",
                    va="center", fontsize=8.4, color=COLORS["soft"])  # fmt: skip
    ax.set_yticks(range(len(rows)), [str(one).replace("_", " ") for one in rows["rule"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, most * 1.9)
    ax.set_xticks(range(0, most + 1, max(1, most // 8)))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    handles = [Patch(color=COLORS[tone], label=f"{name}: {words}") for (name, tone), words in
               zip(SEVERITY_TONES.items(), ("no plan is released", "decide before you go on"),
                   strict=True)]  # fmt: skip
    ax.legend(handles=handles, loc="lower right")
    title(ax, headline, "contradictions found, of people, roles or segments tested")
    return ax


def plot_timeline(timeline: pd.DataFrame, as_of: object, *, ax: Axes | None = None) -> Axes:
    """
    Show the milestones of the planning cycle over time with owner and state.

    Parameters
    ----------
    timeline
        Table ``planning_timeline``; a bar reaches from the milestone before to the due date.
    as_of
        Day of the state.
    ax
        Axes to draw on.
    """
    headline = "Timeline of the planning cycle"
    rows = timeline[timeline["due_date"].notna()].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, headline, "no milestone has a date")
    ax = new_axes(ax, width=9.8, height=1.7 + 0.36 * len(rows))
    day = pd.Timestamp(str(as_of))
    first = rows["due_date"].min() - pd.Timedelta(weeks=3)
    starts = [first, *(max(a, first) for a, _ in pairwise(rows["due_date"].cummax()))]
    for place, (start, row) in enumerate(zip(starts, rows.to_dict("records"), strict=True)):
        tone, due = STATE_TONES[row["state"]], row["due_date"]
        begin = min(start, due - pd.Timedelta(days=4))
        ax.barh(place, (due - begin).days, left=_place(begin), height=0.56,
                color=COLORS[tone])  # fmt: skip
        if row["state"] == "late":
            ax.plot([_place(due), _place(day)], [place, place], color=COLORS["bad"], linestyle=":")
        if pd.notna(row["done_date"]):
            ax.plot(_place(row["done_date"]), place, "D", color=COLORS["ink"], markersize=5)
        ends = [one for one in (due, row["done_date"], day if row["state"] == "late" else None)
                if one is not None and pd.notna(one)]  # fmt: skip
        owner = row["owner"] if isinstance(row["owner"], str) else "no owner yet"
        ax.annotate(f"{row['due_date']:%d %b}  {label(owner, 22)}, {row['state']}",
                    (_place(max(ends)), place), (8, 0), textcoords="offset points",
                    va="center", fontsize=8.2, color=COLORS["soft"], zorder=4,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
    last = max(rows["due_date"].max(), day)
    shown = first <= day <= last + pd.Timedelta(weeks=4)
    if shown:
        ax.axvline(_place(day), color=COLORS["ink"], linewidth=1.1)
    ax.set_yticks(range(len(rows)), [label(one, 40) for one in rows["milestone"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(_place(first), _place(last + (last - first) * 0.42))
    months = pd.date_range(first, last + (last - first) * 0.42, freq="MS")
    months = months[:: max(1, len(months) // 7)]
    ax.set_xticks([_place(one) for one in months], [f"{one:%b %Y}" for one in months])
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    line = f"line: {day.date()}" if shown else f"as of {day.date()}"
    title(ax, headline, f"bar: from the milestone before to the due date; diamond: done; {line}")
    return ax


def _cost_words(row: Mapping[Any, Any]) -> str:
    words = money(float(row["cost_amount"]))
    more = float(row["convexity_amount"])
    if abs(more) >= 1:
        words += f", {money(abs(more))} {'above' if more > 0 else 'below'} the mean"
    if pd.notna(row["over_budget_share"]):
        words += f"; above budget {percent(float(row['over_budget_share']))}"
    return words


def _shapes(curves: pd.DataFrame) -> list[tuple[list[str], pd.DataFrame]]:
    """Give curves of the same form once, with the roles that have it."""
    found: dict[tuple[tuple[float, float], ...], tuple[list[str], pd.DataFrame]] = {}
    for role, mine in curves.groupby("role", sort=True):
        key = tuple(zip(mine["attainment_share"].round(9), mine["payout_share"].round(9),
                        strict=True))  # fmt: skip
        found.setdefault(key, ([], mine))[0].append(str(role))
    return list(found.values())


def _heights(marks: list[tuple[float, str, str, str]], curve: pd.DataFrame) -> list[float]:
    """Stagger the words of marks that stand near each other."""
    width = float(curve["head_count"].max()) * 0.2
    heights: list[float] = []
    for place, (at, *_) in enumerate(marks):
        near = place and at - marks[place - 1][0] < width
        heights.append(heights[-1] - 0.08 if near else 1.2)
    return heights


def _place(day: pd.Timestamp) -> float:
    """Give a day its place on the axis."""
    return float((day - pd.Timestamp(0)).days)
