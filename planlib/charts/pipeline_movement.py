"""Pictures of movement: event waterfall, funnel, ageing, outcomes by age, contract to cash."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.pipeline import BRIDGE_WORDS
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes
from planlib.notes import percent, percent_exact
from planlib.pipeline.movement import MATURE

_ENDS = ("start", "end")
_PALE_IN, _PALE_OUT = "#BFDFF2", "#F0C9B8"


def plot_event_bridge(
    bridge: pd.DataFrame,
    currency: str = "",
    *,
    cut: str = "total",
    cell: str = "all",
    ax: Axes | None = None,
) -> Axes:
    """
    Show every change of the pipeline between two days, and what the two days alone show of it.

    Parameters
    ----------
    bridge
        Table ``pipeline_event_bridge``.
    currency
        Currency of the plan.
    cut, cell
        Whose bridge.
    ax
        Axes to draw on.
    """
    rows = bridge[(bridge["cut"] == cut) & (bridge["cut_value"] == cell)].set_index("reason")
    if rows.empty:
        return nothing_to_draw(ax, "Event bridge", "no history holds the moves of this cell")
    if rows.loc[["start", "end"], "amount"].isna().any():
        return nothing_to_draw(ax, "Event bridge", "the deals of this cell have no amounts")
    ax = new_axes(ax, width=9.0, height=4.4)
    seen = (rows["count"] > 0) | (rows["two_point_count"] > 0)
    kept = [name for name in BRIDGE_WORDS if name in _ENDS or bool(seen.get(name, False))]
    sizes, two_point = rows["amount"].fillna(0.0), rows["two_point_amount"].fillna(0.0)
    counts = {str(name): int(number) for name, number in rows["count"].items()}
    level, top = 0.0, 0.0
    for place, name in enumerate(kept):
        size, inner = float(sizes[name]), float(two_point[name])
        whole = name in _ENDS
        base = 0.0 if whole else level
        color = COLORS["accent"] if whole else _pale(size)
        _floating(ax, place, base, size, color=color, width=0.7)
        if not whole and inner:
            _floating(ax, place, base, inner, color=_solid(name, inner), width=0.34)
        level = size if whole else level + size
        high = max(base, base + size)
        top = max(top, high)
        sign = "" if whole else ("+" if size > 0 else "-")
        number = counts[name]
        unit = ("deal" if whole else "time") + ("" if number == 1 else "s")
        text = f"{sign}{money(abs(size))}\n{number:,} {unit}"
        ax.annotate(text, (place, high), (0, 3), textcoords="offset points", ha="center",
                    va="bottom", fontsize=8.2, linespacing=1.1)  # fmt: skip
        if place + 1 < len(kept):
            ax.plot([place - 0.35, place + 1.35], [level, level], color=COLORS["grey"],
                    linewidth=0.7)  # fmt: skip
    ax.set_xticks(range(len(kept)), [BRIDGE_WORDS[name].replace(" ", "\n", 1) for name in kept])
    ax.set_ylim(0, top * 1.2 or 1)
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_ylabel(f"open pipeline, {currency}" if currency else "open pipeline")
    first = rows.iloc[0]
    whose = "" if cut == "total" else f"{label(cell, 40)}: "
    title(
        ax,
        whose + _event_finding(sizes, two_point),
        f"{first['period']}, {first['basis']}; wide bars: every change; narrow bars: the two "
        "days compared",
    )
    return ax


def _floating(ax: Axes, place: int, base: float, size: float, *, color: str, width: float) -> None:
    ax.bar(place, abs(size), bottom=min(base, base + size), width=width, color=color)


def _pale(size: float) -> str:
    return _PALE_IN if size > 0 else _PALE_OUT


def _solid(name: str, size: float) -> str:
    if name == "won":
        return COLORS["good"]
    return SERIES[4] if size > 0 else COLORS["bad"]


def _event_finding(sizes: pd.Series, two_point: pd.Series) -> str:
    moves = [name for name in sizes.index if name not in _ENDS]
    every, net = float(sizes[moves].abs().sum()), float(two_point[moves].abs().sum())
    if every <= net:
        return f"{money(every)} moved, all of it visible in the two days"
    return f"{money(every)} moved in all; comparing the two days shows {money(net)} of it"


def plot_funnel(conversion: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show which share of created deals reaches each stage, and how cohorts differ.

    Parameters
    ----------
    conversion
        Table ``stage_conversion``; the total is drawn.
    ax
        Axes to draw on.

    Notes
    -----
    Bars are all deals that are old enough, points are quarters of creation; a quarter that is too
    young, or older than the history, is hollow.
    """
    total = conversion[conversion["cut"] == "total"]
    mature = total[total["cohort"] == MATURE].sort_values("stage_order")
    if mature.empty or not mature["entered_count"].iloc[0]:
        return nothing_to_draw(
            ax, "Funnel", "no deal observed since its creation is old enough to tell"
        )
    created = int(mature["entered_count"].iloc[0])
    won = int(mature["passed_count"].iloc[-1])
    names = [*mature["stage"], "won"]
    shares = [*(mature["entered_count"] / created), won / created]
    ax = row_axes(ax, len(names))
    ax.barh(range(len(names)), shares, height=0.62,
            color=[*[COLORS["before"]] * (len(names) - 1), COLORS["good"]])  # fmt: skip
    for place, share in enumerate(shares):
        note = ""
        if place:
            before = mature.iloc[place - 1]
            note = (
                f"   {percent(before['conversion'])} of the stage before "
                f"({percent(before['low'])} to {percent(before['high'])})"
            )
        ax.annotate(f"{percent(share)}{note}", (1.04, place), va="center", fontsize=8.5,
                    color=COLORS["ink"], annotation_clip=False)  # fmt: skip
    cohorts = _cohort_points(ax, total, list(mature["stage"]))
    name_rows(ax, pd.Series(names))
    ax.set_xlim(0, 1.75)
    ax.set_xticks(np.arange(0, 1.01, 0.25), ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel("share of created deals that reached the stage or a later one", loc="left")
    weak = mature.sort_values(["conversion", "stage_order"]).iloc[0]
    title(
        ax,
        f"{percent(won / created)} of created deals are won; the narrowest step is "
        f"{label(weak['stage'], 24)}: {percent(weak['conversion'])} come further",
        f"{created:,} deals that are old enough (bars) and {cohorts} quarters of creation "
        "(points; hollow: too young, or begun before the history); skipped stages count as reached",
    )
    return ax


def _cohort_points(ax: Axes, total: pd.DataFrame, stages: list[str]) -> int:
    """Draw the share of each quarter that reached each stage; none where it is not known."""
    quarters = total[total["cohort"] != MATURE]
    begun = quarters[(quarters["stage"] == stages[0]) & (quarters["entered_count"] > 0)]
    names = begun.sort_values("cohort_order")["cohort"].unique()
    for at, name in enumerate(names):
        mine = quarters[quarters["cohort"] == name].set_index("stage").reindex(stages)
        created = mine["entered_count"].iloc[0]
        counts = [*mine["entered_count"], mine["passed_count"].iloc[-1]]
        reached = pd.array(counts, dtype="Float64").to_numpy("float64", na_value=np.nan) / created
        young = bool(mine["is_grey"].iloc[0]) or not bool(mine["is_mature"].iloc[0])
        shift = (at - (len(names) - 1) / 2) * 0.5 / max(len(names), 1)
        ax.plot(reached, np.arange(len(reached)) + shift, "o", markersize=3.6, markeredgewidth=0.9,
                color=COLORS["accent"],
                markerfacecolor="white" if young else COLORS["accent"])  # fmt: skip
    return len(names)


def plot_ageing(
    ageing: pd.DataFrame, currency: str = "", *, factor: float = 2.0, ax: Axes | None = None
) -> Axes:
    """
    Show how long open deals have been in their stage, beside deals that were won.

    Parameters
    ----------
    ageing
        Table ``pipeline_ageing``.
    currency
        Currency of the plan.
    factor
        From this many times the usual days on a deal is old.
    ax
        Axes to draw on.
    """
    rows = ageing[ageing["ratio"].notna()]
    if rows.empty:
        return nothing_to_draw(ax, "Ageing", "no open deal can be put beside won deals")
    edges = [0.0, 1.0, factor, max(5.0, 2 * factor), np.inf]
    names = ["as fast as won deals", f"up to {factor:g} x", f"{factor:g} to {edges[3]:g} x",
             f"over {edges[3]:g} x"]  # fmt: skip
    age = pd.cut(rows["ratio"], edges, right=False, labels=names)
    counts = pd.crosstab(rows["stage"], age, dropna=False).reindex(columns=names, fill_value=0)
    stages = rows.drop_duplicates("stage").sort_values("stage_order")["stage"]
    counts = counts.reindex(stages)
    ax = row_axes(ax, len(counts))
    colors = [COLORS["before"], SERIES[4], COLORS["watch"], COLORS["bad"]]
    left = np.zeros(len(counts))
    for name, color in zip(names, colors, strict=True):
        ax.barh(range(len(counts)), counts[name], left=left, height=0.62, color=color, label=name)
        left = left + counts[name].to_numpy()
    old = rows["is_old"].astype("boolean").fillna(False).astype(bool)
    stale = rows[old].groupby("stage")["amount"].sum().reindex(stages).fillna(0.0)
    usual = rows.groupby("stage")["usual_days"].median().reindex(stages)
    many = old.groupby(rows["stage"]).sum().reindex(stages)
    for place, stage in enumerate(stages):
        text = f"{many[stage]} old, {money(stale[stage])}; won deals: {usual[stage]:.0f} days"
        ax.annotate(text, (left[place], place), (5, 0), textcoords="offset points", va="center",
                    fontsize=8.5)  # fmt: skip
    name_rows(ax, stages)
    ax.set_xlim(0, float(left.max()) * 1.9)
    ax.set_xlabel("open deals, by days in the stage / median days of won deals in it")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    whole = rows.loc[old, "amount"].sum()
    title(
        ax,
        f"{int(old.sum()):,} of {len(rows):,} open deals are old for their stage"
        + (f", {money(whole, currency)}" if whole else ""),
        f"old: {factor:g} times as long in the stage as deals of the same segment that were won; "
        "segments with few won deals: all won deals",
    )
    return ax


def plot_incidence(
    incidence: pd.DataFrame, *, cut: str = "total", cell: str = "all", ax: Axes | None = None
) -> Axes:
    """
    Show which share of deals is won, lost and still open by age.

    Parameters
    ----------
    incidence
        Table ``pipeline_incidence``.
    cut, cell
        Whose deals.
    ax
        Axes to draw on.
    """
    rows = incidence[(incidence["cut"] == cut) & (incidence["cut_value"] == cell)]
    rows = rows[rows["won_share"].notna()].sort_values("age_days")
    if len(rows) < 2:
        return nothing_to_draw(ax, "Won and lost by age", "no deal of this cell has closed yet")
    ax = new_axes(ax, width=8.5, height=4.2)
    age, won, lost = rows["age_days"], rows["won_share"], rows["lost_share"]
    ax.fill_between(age, 0, won, color=COLORS["good"], alpha=0.75, linewidth=0)
    ax.fill_between(age, won, 1 - lost, color=COLORS["line"], linewidth=0)
    ax.fill_between(age, 1 - lost, 1, color=COLORS["bad"], alpha=0.65, linewidth=0)
    ax.fill_between(age, rows["won_low"], rows["won_high"], color=COLORS["ink"], alpha=0.25,
                    linewidth=0)  # fmt: skip
    last = rows.iloc[-1]
    middles = {
        f"won {percent(last['won_share'])}": (last["won_share"] / 2, COLORS["good"]),
        f"open {percent(last['open_share'])}": (
            last["won_share"] + last["open_share"] / 2, COLORS["soft"]),
        f"lost {percent(last['lost_share'])}": (1 - last["lost_share"] / 2, COLORS["bad"]),
    }  # fmt: skip
    for text, (height, color) in middles.items():
        ax.annotate(text, (last["age_days"], height), (6, 0), textcoords="offset points",
                    va="center", fontsize=9, color=color, annotation_clip=False)  # fmt: skip
    ax.set_xlim(0, float(last["age_days"]))
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(lambda value, _: percent_exact(value))
    ax.set_xlabel("days since the deal was created")
    ax.set_ylabel("share of deals")
    ax.grid(visible=False)
    half = rows[(rows["won_share"] + rows["lost_share"]) >= 0.5]
    decided = f"half are decided after {half['age_days'].iloc[0]:.0f} days" if len(half) else (
        "fewer than half are decided by then"
    )  # fmt: skip
    whose = "" if cut == "total" else f"{label(cell, 40)}: "
    title(
        ax,
        f"{whose}{percent(last['won_share'])} of deals are won within {last['age_days']:.0f} days; "
        f"{decided}",
        f"{int(last['deal_count']):,} deals, {int(last['closed_count']):,} of them closed; won and "
        "lost compete, open deals count as long as they are watched; dark band: 95 % interval",
    )
    return ax


def plot_contract_to_cash(
    figures: pd.DataFrame, currency: str = "", *, cut: str = "region", ax: Axes | None = None
) -> Axes:
    """
    Show what of the signed contracts is collected, overdue and not yet due.

    Parameters
    ----------
    figures
        Table ``project_figures``.
    currency
        Currency of the plan.
    cut
        Rows beside the total.
    ax
        Axes to draw on.
    """
    wide = figures.pivot_table(index=["cut", "cut_value"], columns="figure", values="value",
                               observed=True)  # fmt: skip
    names = ["contract_amount", "collected_amount", "overdue_amount"]
    if "tracked_amount" not in wide:
        wide = wide.assign(tracked_amount=wide.get("contract_amount"))
    if wide.empty or not set(names) <= set(wide.columns):
        return nothing_to_draw(
            ax, "From contract to cash", "contracts, or payments with due and received days, are "
            "missing",
        )  # fmt: skip
    whole = figures[(figures["cut"] == "total") & (figures["cut_value"] == "all")]
    total = {str(name): float(value) for name, value in whole[["figure", "value"]].to_numpy()}
    rows = wide.loc[wide.index.get_level_values("cut") == cut]
    rows = rows[rows["contract_amount"].notna()].sort_values("contract_amount", ascending=False)
    if rows.empty:
        rows = wide.loc[[("total", "all")]]
    shown = rows[[*names, "tracked_amount"]].fillna(0.0)
    rest = (shown["tracked_amount"] - shown["collected_amount"] - shown["overdue_amount"]).clip(
        lower=0
    )
    dark = (shown["contract_amount"] - shown["tracked_amount"]).clip(lower=0)
    ax = row_axes(ax, len(rows))
    parts = [
        ("collected", shown["collected_amount"], COLORS["good"]),
        ("overdue", shown["overdue_amount"], COLORS["bad"]),
        ("not yet due", rest, COLORS["before"]),
        ("no payments on record", dark, COLORS["line"]),
    ]
    left = np.zeros(len(rows))
    for name, values, color in parts:
        if name == "no payments on record" and not values.any():
            continue
        ax.barh(range(len(rows)), values, left=left, height=0.62, color=color, label=name)
        left = left + values.to_numpy()
    for place, (_, row) in enumerate(rows.iterrows()):
        text = f"{money(row['contract_amount'])}, cash not known"
        if pd.notna(row["collected_share"]):
            text = f"{money(row['contract_amount'])}, {percent(row['collected_share'])} collected"
        ax.annotate(text, (left[place], place), (5, 0), textcoords="offset points", va="center",
                    fontsize=8.5)  # fmt: skip
    name_rows(ax, pd.Series(rows.index.get_level_values("cut_value")))
    ax.set_xlim(0, float(left.max()) * 1.32 or 1)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_xlabel(f"signed contracts, {currency}" if currency else "signed contracts")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    title(ax, _collected_words(total, currency), _cycle_words(total))
    return ax


def _collected_words(total: Mapping[str, float], currency: str) -> str:
    """Say how much is collected, of all contracts or of those with payments on record."""
    tracked = total.get("tracked_amount", total["contract_amount"])
    if tracked == total["contract_amount"]:
        return (
            f"{percent(total['collected_share'])} of {money(total['contract_amount'], currency)} "
            f"signed is collected, {money(total['overdue_amount'])} is overdue"
        )
    return (
        f"{percent(total['collected_share'])} of {money(tracked, currency)} signed with payments "
        f"on record is collected, {money(total['overdue_amount'])} is overdue"
    )


def _cycle_words(total: Mapping[str, float]) -> str:
    """Say how long the way takes, as far as it is known."""
    said = {
        "to_contract_days": "from opportunity to contract",
        "to_delivery_days": "from contract to delivery",
        "to_cash_days": "from contract to the last of the cash",
    }
    known = [
        f"{total[name]:.0f} days {words}"
        for name, words in said.items()
        if name in total and pd.notna(total[name])
    ]
    margin = total.get("margin_share")
    text = "medians: " + ", ".join(known) if known else ""
    if margin is not None and pd.notna(margin):
        text += f"{'; ' if text else ''}margin {percent(margin)} of contracts"
    return text
