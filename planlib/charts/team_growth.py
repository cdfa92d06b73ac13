"""Pictures of growth in the team: moves on the ladder, trees of KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw

_FLOWS = {"step": COLORS["after"], "role change": COLORS["watch"], "side path": COLORS["good"]}


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
    parent = dict(zip(rows["node_id"], rows["parent_id"], strict=True))
    depth = {node: _depth(node, parent) for node in rows["node_id"]}
    place = {node: at for at, node in enumerate(rows["node_id"])}
    ax = new_axes(ax, width=9.8, height=1.5 + 0.4 * len(rows))
    for row in rows.to_dict("records"):
        x, y = 0.55 * depth[row["node_id"]], place[row["node_id"]]
        if row["parent_id"] in place:
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
    rule = "parts add up, drivers multiply; the lever closes the gap, the others keep what was "
    title(ax, headline, f"{currency}; {rule}observed in the last twelve months".lstrip("; "))
    return ax


def _grades(
    moves: pd.DataFrame, rungs: pd.DataFrame | None
) -> dict[tuple[str, str], tuple[float, float]]:
    """Place each grade: levels of a role side by side, after the grades that lead to them."""
    pairs = [
        (
            (str(row["from_role"]), str(row["from_level"])),
            (str(row["to_role"]), str(row["to_level"])),
        )
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


def _depth(node: str, parent: dict[str, str]) -> int:
    """Count the nodes above; one that is not in the table ends the way up."""
    above: list[str] = []
    at = parent.get(node)
    while at in parent and at not in above:
        above.append(str(at))
        at = parent[str(at)]
    return len(above)


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
