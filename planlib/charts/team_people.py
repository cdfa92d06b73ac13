"""Pictures of people in the team: turnover, survival, experience, strain, moves, KPI trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes
from planlib.team.disclosure import OTHER
from planlib.team.grouping import ALL
from planlib.team.indicators import INDICATORS

_LEAST_POINTS = 3
_COHORTS = 5
_FILL = {"alert": COLORS["bad"], "within limits": "#DCEBE6", "not known": "#F1F3F5",
         "too few people": "#F1F3F5"}  # fmt: skip
_FLOWS = {"step": COLORS["after"], "role change": COLORS["watch"], "side path": COLORS["good"]}


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
    title(ax, headline, f"{rows['window_from'].min():%Y-%m-%d} to {rows['window_to'].max():%Y-%m-%d}; "
          "circle: as counted, line: 95 % interval, diamond: drawn to everybody's rate; pale: "
          "fewer than 3 leavers; right: leavers of people")  # fmt: skip
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


def plot_moves(
    role_moves: pd.DataFrame, ladder_rungs: pd.DataFrame | None = None, *, ax: Axes | None = None
) -> Axes:
    """
    Show moves between grades as a flow: the wider the arrow, the more people moved.

    Parameters
    ----------
    role_moves
        Table ``role_moves``.
    ladder_rungs
        Table ``ladder_rungs``, for the headcount of each grade.
    ax
        Axes to draw on.
    """
    headline = "Moves on the ladder"
    if role_moves.empty:
        return nothing_to_draw(ax, headline, "no move is on record: table rep_history")
    grade = _grades(role_moves, ladder_rungs)
    heads = _heads(ladder_rungs)
    roles = list(dict.fromkeys(role for role, _ in grade))
    deepest = max(column for column, _ in grade.values())
    tallest = max(row for _, row in grade.values())
    ax = new_axes(ax, width=9.6, height=2.1 + 0.95 * (tallest + 1))
    most = int(role_moves["moves_count"].max())
    for row in role_moves.sort_values("moves_count").to_dict("records"):
        start = grade[row["from_role"], row["from_level"]]
        end = grade[row["to_role"], row["to_level"]]
        _arrow(ax, start, end, row, most)
    for (role, level), (x, y) in grade.items():
        color = SERIES[roles.index(role) % len(SERIES)]
        ax.add_patch(Rectangle((x - 0.34, y - 0.27), 0.68, 0.54, facecolor="white",
                               edgecolor=color, linewidth=1.4, zorder=3))  # fmt: skip
        count = heads.get((role, level))
        text = label(level, 16) if count is None else f"{label(level, 16)}\n{count} now"
        ax.text(x, y, text, ha="center", va="center", fontsize=8.2, zorder=4)
        if x == min(place[0] for key, place in grade.items() if key[0] == role):
            ax.text(x - 0.34, y - 0.33, label(role, 18), fontsize=7.6, color=color, va="bottom",
                    zorder=4)  # fmt: skip
    for kind, color in _FLOWS.items():
        if (role_moves["kind"] == kind).any():
            ax.plot([], [], color=color, linewidth=3, label=kind)
    ax.legend(loc="upper right", ncol=3, bbox_to_anchor=(1.0, -0.01))
    ax.set_xlim(-0.55, deepest + 0.55)
    ax.set_ylim(tallest + 0.5, -0.95)
    ax.set_axis_off()
    title(ax, headline, "number of moves in all of the record, and median months in grade before "
          "(blank: too few people)")  # fmt: skip
    return ax


def plot_tree(kpi_nodes: pd.DataFrame, *, currency: str = "", ax: Axes | None = None) -> Axes:
    """
    Show the company target, its parts by role, and the drivers that each part needs.

    Parameters
    ----------
    kpi_nodes
        Table ``kpi_nodes``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    headline = "From the company target to what each role does"
    if kpi_nodes.empty:
        return nothing_to_draw(ax, headline, "no tree is written down: team_people.kpi_trees")
    rows = kpi_nodes.sort_values("node_order")
    parent = rows.set_index("node_id")["parent_id"]
    depth = {node: _depth(node, parent) for node in rows["node_id"]}
    place = {node: at for at, node in enumerate(rows["node_id"])}
    ax = new_axes(ax, width=9.8, height=1.5 + 0.4 * len(rows))
    for row in rows.to_dict("records"):
        x, y = 0.55 * depth[row["node_id"]], place[row["node_id"]]
        if pd.notna(row["parent_id"]):
            above = place[row["parent_id"]]
            left = 0.55 * depth[row["parent_id"]] + 0.12
            ax.plot([left, left, x], [above + 0.36, y, y], color=COLORS["grey"], linewidth=1.0)
        _node(ax, x, y, row)
    ax.set_xlim(-0.05, 6.3)
    ax.set_ylim(len(rows) - 0.3, -1.15)
    for x, text in ((3.25, "needed"), (4.25, "observed"), (5.15, "95 % interval"), (6.2, "gap")):
        ax.text(x, -0.75, text, ha="right" if x > 3.3 or x == 3.25 else "left", fontsize=8.5,
                color=COLORS["soft"])  # fmt: skip
    ax.set_axis_off()
    title(ax, headline, f"{currency}; parts add up, drivers multiply; the lever closes the gap, the "
          "others keep what was observed in the last twelve months".lstrip("; "))  # fmt: skip
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


def _grades(
    moves: pd.DataFrame, rungs: pd.DataFrame | None
) -> dict[tuple[str, str], tuple[float, float]]:
    """Place each grade: levels of a role side by side, after the grades that lead to them."""
    pairs = [
        ((str(row["from_role"]), str(row["from_level"])), (str(row["to_role"]), str(row["to_level"])))
        for row in moves.to_dict("records")
    ]
    every = sorted({one for pair in pairs for one in pair})
    order = {} if rungs is None or rungs.empty else dict(
        zip(zip(rungs["role"], rungs["level"], strict=True), rungs["rung_order"], strict=True)
    )  # fmt: skip
    column = dict.fromkeys(every, 0)
    for _ in every:  # longest path; a circle of moves ends with the rounds
        for start, end in pairs:
            if column[end] <= column[start] < len(every):
                column[end] = column[start] + 1
    free: dict[int, int] = {}  # first free column of each row
    placed: dict[tuple[str, str], tuple[float, float]] = {}
    weight = moves.groupby("to_role")["moves_count"].sum().to_dict()
    roles = sorted({role for role, _ in every}, key=lambda role: (
        min(column[one] for one in every if one[0] == role), -weight.get(role, 0), role
    ))  # fmt: skip
    for role in roles:
        mine = sorted((one for one in every if one[0] == role),
                      key=lambda one: (column[one], int(order.get(one, 0)), one))  # fmt: skip
        row = next(at for at in range(len(roles)) if free.get(at, 0) <= column[mine[0]])
        at = 0
        for one in mine:
            at = max(at, column[one])
            placed[one] = (float(at), float(row))
            at += 1
        free[row] = at + 1
    used = sorted({x for x, _ in placed.values()})
    return {one: (float(used.index(x)), y) for one, (x, y) in placed.items()}


def _heads(rungs: pd.DataFrame | None) -> dict[tuple[str, str], int]:
    if rungs is None or rungs.empty:
        return {}
    keys = zip(rungs["role"], rungs["level"], strict=True)
    return dict(zip(keys, rungs["headcount"].astype(int), strict=True))


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], row: Mapping[Any, Any],
    most: int,
) -> None:  # fmt: skip
    same = start[1] == end[1]
    far = abs(end[0] - start[0]) > 1
    bend = -0.16 if same and far else 0.0
    tail = (start[0] + 0.34, start[1]) if end[0] > start[0] else (start[0], start[1] + 0.27)
    head = (end[0] - 0.34, end[1]) if end[0] > start[0] else (end[0], end[1] - 0.27)
    if same and far:
        tail, head = (start[0] + 0.1, start[1] - 0.27), (end[0] - 0.1, end[1] - 0.27)
    width = 1.0 + 5.0 * float(row["moves_count"]) / most
    ax.add_patch(FancyArrowPatch(
        tail, head, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", linewidth=width,
        mutation_scale=9 + width, color=_FLOWS[str(row["kind"])], alpha=0.75, zorder=2,
        shrinkA=0, shrinkB=0,
    ))  # fmt: skip
    x, y = (tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2
    if same and far:
        y -= 0.22 * abs(head[0] - tail[0]) / 2
    text = f"{int(row['moves_count'])}"
    if pd.notna(row["median_months"]):
        text += f", {row['median_months']:.0f} mo"
    ax.text(x, y, text, fontsize=7.8, ha="center", va="center", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip


def _depth(node: str, parent: pd.Series) -> int:
    count = 0
    at = parent[node]
    while pd.notna(at):
        count, at = count + 1, parent[at]
    return count


def _node(ax: Axes, x: float, y: int, row: Mapping[Any, Any]) -> None:
    kind = str(row["kind"])
    strong = kind in ("company", "role") or bool(row["is_lever"])
    color = COLORS["bad"] if row["is_beyond"] else COLORS["ink"]
    name = label(row["name"], 38)
    if row["is_lever"]:
        name += "  (lever)"
    if kind == "long_term":
        name += "  (long term, watched)"
    ax.plot(x, y, "s" if kind != "driver" else "o", markersize=7,
            color=COLORS["accent"] if strong else COLORS["grey"])  # fmt: skip
    ax.text(x + 0.1, y, name, va="center", fontsize=9, weight="bold" if strong else "normal",
            color=color)  # fmt: skip
    is_money = kind in ("company", "role", "part")
    interval = ""
    if pd.notna(row["low"]):
        interval = f"{_figure(row['low'], row, is_money)} – {_figure(row['high'], row, is_money)}"
    as_is = pd.isna(row["gap_share"]) or (kind == "driver" and not row["is_lever"])
    gap = "" if as_is else f"{100 * row['gap_share']:+.0f} %"
    for place, text in (
        (3.25, _figure(row["needed"], row, is_money)),
        (4.25, _figure(row["observed"], row, is_money)),
        (5.15, interval),
        (6.2, gap),
    ):
        ax.text(place, y, text, ha="right", va="center", fontsize=8.6, color=color)


def _figure(value: float | None, row: Mapping[Any, Any], is_money: bool) -> str:
    if value is None or pd.isna(value):
        return ""
    if not is_money and str(row["unit"]) == "share":
        return f"{100 * value:.0f} %"
    return money(value) if is_money or abs(value) >= 1000 else f"{value:,.1f}"
