"""Pictures of capacity and quotas: fan against target, ramp, levels, stretch, over-assignment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.quota_year import set_apart
from planlib.charts.rows import NAME_WIDTH, name_rows, nothing_to_draw, row_axes

_NO_QUOTA = "nobody carries a quota, or no target is known: see the notes"
_HIDDEN = "quotas of single people are not shown to this audience (report.audiences in plan.yaml)"
_MOST_LEVELS = 24
_MOST_REPS = 40
_MARGIN = pd.Timedelta(days=14)


def plot_capacity(
    capacity_months: pd.DataFrame, *, currency: str = "", language: str = "en",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show capacity by month with its interval against the target, and the scenarios.

    Parameters
    ----------
    capacity_months
        Table ``capacity_months``.
    currency, language
        Of the plan.
    ax
        Axes to draw on.
    """
    headline = "Capacity by month against the target"
    total = capacity_months[capacity_months["cut"] == "total"]
    plan = total[total["scenario"] == "plan"].sort_values("month_date")
    if plan.empty or plan["capacity_amount"].sum() <= 0:
        return nothing_to_draw(ax, headline, _NO_QUOTA)
    ax = new_axes(ax, width=9.0, height=4.6)
    day = plan["month_date"]
    ax.fill_between(day, plan["capacity_low"], plan["capacity_high"], color=COLORS["before"],
                    alpha=0.55, linewidth=0, label="8 of 10 futures")  # fmt: skip
    ax.plot(day, plan["capacity_amount"], color=COLORS["after"], label="capacity (median)")
    others = [str(one) for one in total["scenario"].unique() if one != "plan"]
    for at, name in enumerate(others):
        rows = total[total["scenario"] == name].sort_values("month_date")
        ax.plot(rows["month_date"], rows["capacity_amount"], color=SERIES[1 + at % 6],
                linewidth=1.2, linestyle=(0, (4, 2)), label=label(name, 24))  # fmt: skip
    goal = plan.dropna(subset="target_amount")
    if len(goal):
        ends = goal["month_date"].iloc[-1] + pd.offsets.MonthEnd(0)
        ax.hlines(goal["target_amount"].iloc[0], goal["month_date"].iloc[0], ends,
                  color=COLORS["bad"], linewidth=1.6, label="target of the year / 12")  # fmt: skip
    past = plan.loc[plan["is_past"].astype(bool), "month_date"]
    if len(past):
        line = past.iloc[-1] + pd.offsets.MonthBegin(1)
        ax.axvline(line, color=COLORS["grey"], linewidth=0.9, linestyle=":")
        ax.annotate("as it was", (line, 1.0), xycoords=("data", "axes fraction"), xytext=(-4, -2),
                    textcoords="offset points", ha="right", va="top", fontsize=8,
                    color=COLORS["soft"])  # fmt: skip
    ax.set_ylim(0, ax.get_ylim()[1] * 1.1)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: money(value, "", language)))
    ax.set_xlim(day.iloc[0] - _MARGIN, day.iloc[-1] + _MARGIN)
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.08), ncol=3)
    title(ax, headline, f"{currency} a month: ramped quotas in force x usual attainment; leavers, "
          "time to fill, replacements and hires simulated".strip())  # fmt: skip
    return ax


def plot_cohorts(capacity_cohorts: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show effective reps by hire cohort and month, stacked.

    Parameters
    ----------
    capacity_cohorts
        Table ``capacity_cohorts``.
    ax
        Axes to draw on.
    """
    headline = "Effective reps by hire cohort"
    if capacity_cohorts.empty:
        return nothing_to_draw(ax, headline, _NO_QUOTA)
    wide = capacity_cohorts.pivot(index="month_date", columns="cohort", values="effective_reps")
    grouped = wide.T.groupby(_cohort_group(wide.columns)).sum().T
    order = sorted(grouped.columns, key=_place)
    ax = new_axes(ax, width=9.0, height=4.4)
    shades = [COLORS["before"], COLORS["after"], SERIES[4], SERIES[1], SERIES[2], SERIES[3]]
    ax.stackplot(grouped.index, [grouped[one] for one in order], colors=shades,
                 labels=[label(one) for one in order], linewidth=0)  # fmt: skip
    ax.set_xlim(grouped.index[0] - _MARGIN, grouped.index[-1] + _MARGIN)
    ax.set_ylim(bottom=0)
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles, names, loc="upper left", bbox_to_anchor=(0, -0.08), ncol=3)
    title(ax, headline, "means of the simulated futures; a dip is a cohort that has not ramped yet")
    return ax


def plot_ramp(ramp_curves: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show the ramp of each role, with what was observed.

    Parameters
    ----------
    ramp_curves
        Table ``ramp_curves``.
    ax
        Axes to draw on.
    """
    headline = "Ramp of new people"
    roles = [str(one) for one in ramp_curves["role"].unique() if one != "all roles"]
    if not roles:
        return nothing_to_draw(ax, headline, _NO_QUOTA)
    ax = new_axes(ax, width=8.4, height=4.2)
    for at, role in enumerate(roles[: len(SERIES)]):
        rows = ramp_curves[ramp_curves["role"] == role].sort_values("tenure_month")
        ax.step(rows["tenure_month"], rows["ramp_share"], where="post", color=SERIES[at],
                label=f"{label(role, 20)}: {label(rows['basis'].iloc[0])}, own weight "
                f"{100 * rows['own_weight'].iloc[0]:.0f} %")  # fmt: skip
        size = 12 + 6 * rows["rep_months"].clip(upper=20).to_numpy(dtype=float)
        ax.scatter(rows["tenure_month"] + 0.5, rows["observed_share"].clip(upper=2.0), s=size,
                   color=SERIES[at], alpha=0.35, linewidths=0)  # fmt: skip
    ax.axhline(1.0, color=COLORS["grey"], linewidth=0.9)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_ylim(0, 2.05)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("month of tenure")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.14), ncol=2)
    title(ax, headline, "share of what ramped reps attain of their quota; dot: observed (size: "
          "rep-months, cut at 200 %), line: used, monotone and shrunk")  # fmt: skip
    return ax


def plot_levels(
    quota_levels: pd.DataFrame, *, currency: str = "", language: str = "en", ax: Axes | None = None
) -> Axes:
    """
    Show the target level by level: blended target, bottom-up and quota of each.

    Parameters
    ----------
    quota_levels
        Table ``quota_levels``.
    currency, language
        Of the plan.
    ax
        Axes to draw on.
    """
    headline = "The target level by level"
    if quota_levels.empty:
        return nothing_to_draw(ax, headline, _NO_QUOTA)
    rows = _in_order(quota_levels).head(_MOST_LEVELS).reset_index(drop=True)
    ax = row_axes(ax, len(rows))
    start = _offsets(rows)
    place = np.arange(len(rows))
    goal = rows["target_amount"].to_numpy()
    shades = np.where(rows["kind"] == "company", COLORS["after"], COLORS["before"])
    ax.barh(place, goal, left=start, height=0.62, color=list(shades))
    ax.scatter(start + rows["bottom_up_amount"], place, marker="|", s=190, linewidths=2.2,
               color=COLORS["watch"], zorder=3, label="bottom-up")  # fmt: skip
    ax.scatter(start + rows["quota_amount"], place, marker="|", s=190, linewidths=2.2,
               color=COLORS["bad"], zorder=3, label="quotas of the plan (street)")  # fmt: skip
    right = start + rows[["bottom_up_amount", "target_amount", "quota_amount"]].max(axis=1)
    for at, (amount, stated) in enumerate(zip(goal, rows["stated_amount"], strict=True)):
        given = set_apart(float(amount), float(stated), language)
        said = money(amount, "", language)
        ax.annotate(f"{said}, set {given}" if given else said, (right.iloc[at], at), (8, 0),
                    va="center", textcoords="offset points", fontsize=8.2,
                    color=COLORS["soft"])  # fmt: skip
    name_rows(ax, rows["name"].fillna(rows["node_id"]))
    ax.set_xlim(0, float(right.max()) * 1.2)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: money(value, "", language)))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.05 - 0.3 / len(rows)), ncol=2)
    more = len(quota_levels) - len(rows)
    left_out = f"; {more} levels more are in the table" if more > 0 else ""
    title(ax, headline, f"{currency}; bar and number: blended target, the bars of a level fill the "
          "one above; set: target that people have set, where it differs"
          f"{left_out}".strip("; "))  # fmt: skip
    return ax


def plot_stretch(
    quotas: pd.DataFrame, names: Mapping[str, str] | None = None, *, high: float = 1.25,
    low: float = 0.8, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show the stretch of every quota, the most stretched on top.

    Parameters
    ----------
    quotas
        Table ``quotas``; without its pay columns the picture says why it is empty.
    names
        Name by ``rep_id``.
    high, low
        Limits of plan.yaml.
    ax
        Axes to draw on.
    """
    headline = "What each rep is asked against what can be expected"
    if "stretch" not in quotas.columns:
        return nothing_to_draw(ax, headline, _HIDDEN)
    known = quotas.dropna(subset="stretch")
    if known.empty:
        return nothing_to_draw(ax, headline, _NO_QUOTA)
    rows = known.sort_values(["stretch_rank", "rep_id"], ignore_index=True)
    shown = rows.head(_MOST_REPS)
    ax = new_axes(ax, width=9.0, height=1.9 + 0.25 * len(shown))
    tone = {"stretched": COLORS["bad"], "slack": COLORS["watch"]}
    colors = [tone.get(str(one), COLORS["after"]) for one in shown["flag"]]
    place = np.arange(len(shown))
    ax.hlines(place, 1.0, shown["stretch"], color=colors, linewidth=2)
    ax.scatter(shown["stretch"], place, color=colors, s=30, zorder=3)
    for limit in (high, low):
        ax.axvline(limit, color=COLORS["grey"], linewidth=0.9, linestyle="--")
    ax.axvline(1.0, color=COLORS["grey"], linewidth=0.9)
    said = [f"{label((names or {}).get(rep, rep), NAME_WIDTH, rep)}"
            f"{_kind_words(str((names or {}).get(rep, rep)), str(kind))}"
            for rep, kind in zip(shown["rep_id"], shown["kind"], strict=True)]  # fmt: skip
    name_rows(ax, pd.Series(said))
    ax.set_ylim(len(shown) - 0.4, -0.8)
    ax.set_xlabel("quota of the plan / bottom-up")
    more = len(rows) - len(shown)
    left_out = f"; {more} reps more are in the table" if more > 0 else ""
    title(ax, headline, f"median {rows['stretch'].median():.2f}; dashed: limits, red: stretched, "
          f"orange: slack{left_out}")  # fmt: skip
    return ax


def plot_over_assignment(
    over_assignment_curve: pd.DataFrame, *, certainty: float = 0.8, ax: Axes | None = None
) -> Axes:
    """
    Show the chance to reach the target against over-assignment.

    Parameters
    ----------
    over_assignment_curve
        Table ``over_assignment_curve``.
    certainty
        Least probability wanted.
    ax
        Axes to draw on.
    """
    headline = "Chance to reach the target against over-assignment"
    rows = over_assignment_curve.sort_values("over_assignment")
    if rows.empty:
        return nothing_to_draw(ax, headline, _NO_QUOTA)
    ax = new_axes(ax, width=8.4, height=4.2)
    ax.plot(rows["over_assignment"], rows["probability"], color=COLORS["after"],
            label="amounts follow higher quotas, as plan.yaml says")  # fmt: skip
    if rows["unmoved_probability"].notna().any():
        ax.plot(rows["over_assignment"], rows["unmoved_probability"], color=COLORS["watch"],
                linestyle="--", label="amounts stay as at the quotas in force")  # fmt: skip
    ax.axhline(certainty, color=COLORS["grey"], linewidth=0.9, linestyle=":")
    ax.annotate(f"wanted: {100 * certainty:.0f} %", (1.0, certainty), (-4, 4),
                xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
                fontsize=8.4, color=COLORS["soft"])  # fmt: skip
    chosen = rows[rows["is_chosen"].astype(bool)].iloc[0]
    x, y = float(chosen["over_assignment"]), float(chosen["probability"])
    ax.scatter(x, y, color=COLORS["bad"], s=60, zorder=4)
    ax.annotate(f"chosen: {100 * x:.0f} %, chance {100 * y:.0f} %", (x, y), (8, -14),
                textcoords="offset points", fontsize=9, color=COLORS["ink"])  # fmt: skip
    ax.set_ylim(0, 1.04)
    ax.set_xlim(float(rows["over_assignment"].min()) - 0.02,
                float(rows["over_assignment"].max()) + 0.02)  # fmt: skip
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel("street quota / target")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.14), ncol=1)
    title(ax, headline, "share of simulated years in which all reps together attain the target; "
          "leavers and late hires included")  # fmt: skip
    return ax


def _cohort_group(names: pd.Index) -> list[str]:
    """Keep the latest half-years of hiring apart and put older ones together."""
    hired = sorted({str(one) for one in names if str(one).startswith("hired 2")})
    recent = set(hired[-2:])
    return [str(one) if one in recent or not str(one).startswith("hired") else "hired before"
            for one in names]  # fmt: skip


def _kind_words(name: str, kind: str) -> str:
    """Say what a post is where its name does not."""
    return "" if kind == "rep" or kind in name.lower() else f" ({kind})"


def _place(name: str) -> tuple[int, str]:
    order = {"hired before": 0, "open seats": 2, "planned hires": 3, "replacements": 4}
    return order.get(name, 1), name


def _in_order(levels: pd.DataFrame) -> pd.DataFrame:
    """Put every level below the one it belongs to, the largest first."""
    below = {str(one): rows.sort_values(["target_amount", "node_id"], ascending=[False, True])
             for one, rows in levels.dropna(subset="parent_id").groupby("parent_id")}  # fmt: skip
    wait = list(levels.loc[levels["parent_id"].isna()].index)
    found = []
    while wait:
        at = wait.pop(0)
        found.append(at)
        node = str(levels.at[at, "node_id"])
        wait = [*(below[node].index if node in below else []), *wait]
    return levels.loc[found]


def _offsets(rows: pd.DataFrame) -> np.ndarray:
    """Give where the bar of each level starts, so that children fill their parent."""
    start: dict[str, float] = {}
    found = []
    for node, parent, amount in zip(
        rows["node_id"], rows["parent_id"], rows["target_amount"], strict=True
    ):
        begin = start.get(parent, 0.0) if isinstance(parent, str) else 0.0
        found.append(begin)
        start[node] = begin
        if isinstance(parent, str):
            start[parent] = begin + float(amount)
    return np.array(found)
