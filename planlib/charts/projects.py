"""Pictures of projects and support: process, closeness, cash, load of experts, gain."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.notes import percent

_LANES = {"large": COLORS["after"], "fast": COLORS["watch"]}
_SHOWN = 20  # requests in the picture of sensitivity
_SKILL_WIDTH = 30  # columns of the name of a skill
_WEEK = 7


def plot_process(
    process: pd.DataFrame, *, currency: str = "", as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show what is open in each phase by lane, and which share of what reached it was won.

    Parameters
    ----------
    process
        Table ``project_process``.
    currency
        Currency of the plan.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "Projects by phase and lane"
    known = process[(process["open_count"] > 0) | (process["reached_count"].fillna(0) > 0)]
    if known.empty:
        return nothing_to_draw(ax, headline, "no project has a phase: see projects.stages")
    ax = new_axes(ax, width=9.4, height=1.9 + 0.36 * len(known))
    sizes = known["open_amount"].fillna(0.0)
    widest = max(float(sizes.max()), 1.0)
    for place, row in enumerate(known.to_dict("records")):
        size = float(sizes.iloc[place])
        ax.barh(place, size, height=0.72, color=_LANES[row["lane"]])
        words = f"{money(row['open_amount'])}, {row['open_count']} open"
        words = words if row["open_count"] else "none open"
        if pd.notna(row["win_share"]):
            grey = " (few)" if row["is_grey"] else ""
            words += f"; {percent(row['win_share'])} of {row['reached_count']:,} won{grey}"
        if pd.notna(row["missing_gates_count"]) and row["missing_gates_count"]:
            words += f"; {row['missing_gates_count']} without go"
        ax.annotate(words, (size, place), (5, 0), textcoords="offset points",
                    va="center", fontsize=8.2, color=COLORS["soft"])  # fmt: skip
    ax.set_yticks(
        range(len(known)),
        [f"{row['lane']}: {str(row['phase']).replace('_', ' ')}" for row in
         known.to_dict("records")],
    )  # fmt: skip
    ax.set_ylim(len(known) - 0.4, -0.6)
    ax.set_xlim(0, widest * 1.6)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    title(ax, headline, f"bar: open amount, {currency}, of projects and of deals that are none; "
          "won: share of closed deals that reached the phase; without go: a gate before it has "
          "none",
          as_of=as_of)  # fmt: skip
    return ax


def plot_cash(
    totals: pd.DataFrame, *, currency: str = "", as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show for each milestone what is received, overdue and not yet due.

    Parameters
    ----------
    totals
        Table ``project_cash_totals``.
    currency
        Currency of the plan.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "From contract to cash by milestone"
    rows = totals[totals["topic"] == "milestone"].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, headline, "table payments is missing, or no contract is signed")
    ax = new_axes(ax, width=9.0, height=2.0 + 0.5 * len(rows))
    later = (rows["due_amount"] - rows["received_amount"] - rows["overdue_amount"]).clip(lower=0)
    bare = rows["due_amount"].where(rows["received_amount"].isna())
    left = np.zeros(len(rows))
    for name, values, tone in (
        ("received", rows["received_amount"], "good"),
        ("overdue", rows["overdue_amount"], "bad"),
        ("not yet due", later, "before"),
        *([("not known", bare, "line")] if bare.notna().any() else []),
    ):
        sizes = values.fillna(0.0).to_numpy()
        ax.barh(rows.index, sizes, left=left, height=0.68, color=COLORS[tone], label=name)
        left = left + sizes
    for place, row in enumerate(rows.to_dict("records")):
        words = f"{money(row['due_amount'])}, cash not known"
        if pd.notna(row["received_amount"]):
            words = f"{money(row['received_amount'])} of {money(row['due_amount'])}"
        if row["overdue_amount"] > 0:
            words += f", {money(row['overdue_amount'])} overdue"
        ax.annotate(words, (left[place], place), (5, 0), textcoords="offset points", va="center",
                    fontsize=8.4, color=COLORS["soft"])  # fmt: skip
    ax.set_yticks(rows.index, [str(name) for name in rows["item"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, max(float(left.max()), 1.0) * 1.42)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.legend(loc="lower right", ncol=1)
    title(ax, headline, f"signed contracts, {currency}; not scheduled: contract amount that no "
          "milestone asks for; no payments: contracts without any payment on record",
          as_of=as_of)  # fmt: skip
    return ax


def plot_load(
    skill_load: pd.DataFrame, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show hours used and available by skill and week.

    Parameters
    ----------
    skill_load
        Table ``support_skill_load``; months are left out.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "Hours of experts by skill and week"
    days = (skill_load["period_end"] - skill_load["period_start"]).dt.days + 1
    rows = skill_load[days == _WEEK]
    if rows.empty:
        return nothing_to_draw(ax, headline, "no expert has hours: requests are ranked instead")
    skills = sorted(rows["skill"].unique())
    weeks = np.sort(rows["period_start"].unique())
    ax = new_axes(ax, width=9.6, height=1.7 + 0.85 * len(skills))
    scale = 0.84 / max(float(rows["available_hours"].max()), 1.0)
    for place, skill in enumerate(skills):
        mine = rows[rows["skill"] == skill].set_index("period_start").reindex(weeks)
        base, x = len(skills) - 1 - place, np.arange(len(weeks))
        free, own, other = (
            mine[name].fillna(0.0).to_numpy() * scale
            for name in ("available_hours", "planned_hours", "other_hours")
        )
        ax.bar(x, free, bottom=base, width=0.9, color=COLORS["line"])
        ax.bar(x, own, bottom=base, width=0.9, color=COLORS["after"])
        ax.bar(x, other, bottom=base + own, width=0.9, color=COLORS["before"])
        ax.axhline(base, color=COLORS["grey"], linewidth=0.6)
        total = mine["available_hours"].sum()
        used = (mine["planned_hours"] + mine["other_hours"]).sum()
        share = f"{percent(used / total)} of {total:,.0f} h" if total > 0 else "nobody has it"
        ax.annotate(share, (len(weeks) - 0.3, base + 0.35), fontsize=8.4, color=COLORS["soft"],
                    va="center", annotation_clip=False)  # fmt: skip
    ax.set_yticks([len(skills) - 1 - place + 0.35 for place in range(len(skills))],
                  [label(skill, _SKILL_WIDTH) for skill in skills])  # fmt: skip
    step = max(1, len(weeks) // 8)
    ax.set_xticks(range(0, len(weeks), step),
                  [f"{pd.Timestamp(day):%m-%d}" for day in weeks[::step]])  # fmt: skip
    ax.set_xlim(-0.7, len(weeks) + 0.18 * len(weeks))
    ax.set_ylim(-0.05, len(skills))
    ax.grid(visible=False)
    handles = [
        Patch(color=COLORS["after"], label="for this skill"),
        Patch(color=COLORS["before"], label="same people, other skills"),
        Patch(color=COLORS["line"], label="free"),
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.09 - 0.2 / len(skills)),
              ncol=3)  # fmt: skip
    title(ax, headline, "weeks by their Monday; whole height: hours of all who have the skill, who "
          "has two counts in both; holidays and leave taken off; right: share planned for any "
          "skill, of the hours of all weeks shown", as_of=as_of)  # fmt: skip
    return ax


def plot_gain(
    plan: pd.DataFrame,
    values: pd.DataFrame,
    *,
    currency: str = "",
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show by skill the gain served and refused, and what one more expert would bring.

    Parameters
    ----------
    plan
        Table ``support_plan``.
    values
        Table ``support_values``.
    currency
        Currency of the plan.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "Gain served and refused by skill"
    rated = plan[plan["gain_amount"].gt(0) & plan["outcome"].isin(["served", "refused"])]
    if rated.empty:
        return nothing_to_draw(ax, headline, "no request is planned: see what is missing")
    sums = rated.pivot_table(index="skill", columns="outcome", values="gain_amount", aggfunc="sum")
    sums = sums.reindex(columns=["served", "refused"]).fillna(0.0)
    sums = sums.assign(total=sums.sum(axis=1)).sort_values("total", ascending=False)
    worth = values.set_index("skill")["expert_value_amount"].reindex(sums.index)
    ax = new_axes(ax, width=9.0, height=2.0 + 0.52 * len(sums))
    for place, (skill, row) in enumerate(sums.iterrows()):
        ax.barh(place, row["served"], height=0.66, color=COLORS["after"])
        ax.barh(place, row["refused"], left=row["served"], height=0.66, color=COLORS["bad"])
        words = f"{money(row['served'])} served, {money(row['refused'])} refused"
        more = worth[str(skill)]
        if pd.notna(more):
            words += f"; one more expert {'+' if more > 0 else ''}{money(more)}"
        ax.annotate(words, (row["total"], place), (5, 0), textcoords="offset points", va="center",
                    fontsize=8.4, color=COLORS["soft"])  # fmt: skip
    ax.set_yticks(range(len(sums)), [label(skill, _SKILL_WIDTH) for skill in sums.index])
    ax.set_ylim(len(sums) - 0.4, -0.6)
    ax.set_xlim(0, float(sums["total"].max()) * 1.7)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    title(ax, headline, f"margin x (chance with support - without) x strategic factor, {currency}; "
          "refused for any reason", as_of=as_of)  # fmt: skip
    return ax


def plot_sensitivity(
    plan: pd.DataFrame, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show for the largest requests how far p without may move before the decision changes.

    Parameters
    ----------
    plan
        Table ``support_plan``.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "How much the plan hangs on the probability without support"
    rows = plan[plan["outcome"].isin(["served", "refused"]) & plan["change_below"].notna()]
    if rows.empty:
        return nothing_to_draw(ax, headline, "no decision changes with that probability")
    rows = rows.sort_values(["gain_amount", "request_id"], ascending=[False, True]).head(_SHOWN)
    rows = rows.reset_index(drop=True)
    ax = new_axes(ax, width=8.8, height=2.0 + 0.3 * len(rows))
    for place, row in enumerate(rows.to_dict("records")):
        served = row["outcome"] == "served"
        color = COLORS["after"] if served else COLORS["bad"]
        ends = sorted([100 * row["p_without"], 100 * row["change_below"]])
        ax.hlines(place, *ends, color=color, linewidth=1.4, alpha=0.6)
        ax.plot(100 * row["p_without"], place, "o", color=color, markersize=7,
                markerfacecolor=color if served else "white")  # fmt: skip
        ax.plot(100 * row["change_below"], place, "|", color=COLORS["ink"], markersize=11)
    names = [
        f"{label(row['name'], 22, row['request_id'])} · {label(row['request_id'], 10)}"
        for row in rows.to_dict("records")
    ]
    ax.set_yticks(range(len(rows)), names, fontsize=8.4)
    ax.set_ylim(len(rows) - 0.4, -0.7)
    ax.set_xlabel("probability of winning without support, %")
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    title(ax, headline, "dot: as assumed (filled: served, hollow: refused); stroke: served below "
          "it, refused above it, all else equal; largest gains", as_of=as_of)  # fmt: skip
    return ax


def plot_experience(
    experience: pd.DataFrame, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show win rates of closed projects with and without support, with intervals.

    Parameters
    ----------
    experience
        Table ``support_experience``.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "Win rates with and without support"
    rows = experience[experience["topic"].isin(["support", "answer"])].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, headline, "no request of a closed project is known")
    ax = new_axes(ax, width=8.6, height=1.9 + 0.62 * len(rows))
    for place, row in enumerate(rows.to_dict("records")):
        for side, shift, tone in (("with", -0.15, "after"), ("without", 0.15, "before")):
            if pd.isna(row[f"{side}_share"]):
                continue
            color = COLORS["grey"] if row["is_grey"] else COLORS[tone]
            ax.hlines(place + shift, 100 * row[f"{side}_low"], 100 * row[f"{side}_high"],
                      color=color, linewidth=2.0)  # fmt: skip
            ax.plot(100 * row[f"{side}_share"], place + shift, "o", color=color, markersize=7)
            words = f"{side} {row[f'{side}_won_count']} of {row[f'{side}_count']}"
            ax.annotate(words, (100 * row[f"{side}_high"], place + shift), (7, 0), va="center",
                        textcoords="offset points", fontsize=8.2, color=COLORS["soft"])  # fmt: skip
    names = [
        row["item"] if row["topic"] == "answer" else "asked, " + str(row["item"])
        for row in rows.to_dict("records")
    ]
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 125)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel("won of closed projects that asked, %")
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    title(ax, headline, "line: 95 % interval; grey: too few. A hypothesis: experts go first to "
          "projects that look better", as_of=as_of)  # fmt: skip
    return ax


def plot_closeness_results(
    results: pd.DataFrame, *, as_of: date | None = None, ax: Axes | None = None
) -> Axes:
    """
    Show win rates of decided projects by band of closeness, with intervals and causes of losses.

    Parameters
    ----------
    results
        Table ``project_closeness_results``.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    headline = "Won and lost by how close we were"
    known = results[(results["band"] != "not known") & (results["closed_count"] > 0)]
    kept = results[results["measure"].isin(known["measure"]) & (results["closed_count"] > 0)]
    if known.empty:
        return nothing_to_draw(ax, headline, "closeness of no decided project is known")
    rows = kept.sort_values(["measure_order", "band_order"]).to_dict("records")
    ax = new_axes(ax, width=9.2, height=1.9 + 0.38 * len(rows))
    for place, row in enumerate(rows):
        color = COLORS["grey"] if row["is_grey"] or row["band"] == "not known" else COLORS["after"]
        ax.hlines(place, 100 * row["low"], 100 * row["high"], color=color, linewidth=2.2)
        ax.plot(100 * row["win_share"], place, "o", color=color, markersize=7)
        words = f"won {row['won_count']} of {row['closed_count']}"
        if row["coded_count"]:
            words += f"; relation missing in {row['relation_count']} of {row['coded_count']} losses"
        ax.annotate(words, (100 * row["high"], place), (7, 0), va="center",
                    textcoords="offset points", fontsize=8.2, color=COLORS["soft"])  # fmt: skip
    ax.set_yticks(range(len(rows)), [f"{row['measure']}: {row['band']}" for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 165 if any(row["coded_count"] for row in rows) else 125)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel("won of decided projects, %")
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    title(ax, headline, "line: 95 % interval; grey: too few, or closeness not known. At the "
          "decision closeness holds the contact of the project itself; no proof",
          as_of=as_of)  # fmt: skip
    return ax
