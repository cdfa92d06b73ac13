"""Pictures of credit and marketing: who creates, what sources bring and cost, who responds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes
from planlib.displays import Format, TableView, table
from planlib.notes import count_of, percent, percent_exact
from planlib.pipeline import SOURCE_DEFINITIONS

_UNATTRIBUTED = "(unattributed)"
_PHASES = {
    "creation": ("before creation", SERIES[0]),
    "maturing": ("while in work", SERIES[4]),
    "closing": ("in the last stage", SERIES[2]),
    "after": ("after the close", SERIES[7]),
    "no deal": ("reached no deal", COLORS["line"]),
    "no touch": ("no touch recorded", COLORS["grey"]),
}
#: Headers, formats and reasons of blanks of the table of sources.
SOURCE_LABELS: dict[str, str] = {
    "value": "Source",
    "pipeline_amount": "Pipeline created",
    "pipeline_share": "Share of pipeline",
    "acv_amount": "Closed ACV",
    "acv_share": "Share of ACV",
    "cost_amount": "Cost with staff",
    "cost_per_pipeline": "Cost per 100 of pipeline",
    "cost_per_acv": "Cost per 100 of ACV",
    "staff_count": "Employees",
    "pipeline_per_staff_amount": "Pipeline per employee",
    "audience_count": "New audience",
    "audience_deal_count": "of it with a deal",
}
SOURCE_FORMATS: dict[str, Format] = {
    **dict.fromkeys(["pipeline_share", "acv_share"], "share"),
    **dict.fromkeys(
        ["pipeline_amount", "acv_amount", "cost_amount", "pipeline_per_staff_amount"], "amount"
    ),
    **dict.fromkeys(["cost_per_pipeline", "cost_per_acv", "staff_count"], "number"),
}
SOURCE_MISSING = {"cost_amount": "no touch, so no cost"}
_MODELS = {"first": "first touch", "last": "last touch", "even": "split evenly over touches"}


def plot_creation(creation: pd.DataFrame, currency: str = "", *, ax: Axes | None = None) -> Axes:
    """
    Show the share of the pipeline that each role created, with the benchmark as context.

    Parameters
    ----------
    creation
        Table ``creation_credit``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    rows = creation[creation["amount_share"].notna()].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, "Creation by role", "no deal was created in the period")
    ax = row_axes(ax, len(rows))
    places = np.arange(len(rows))
    ax.barh(places, rows["amount_share"], height=0.6, color=COLORS["accent"])
    for at, row in enumerate(rows.to_dict("records")):
        if pd.notna(row["benchmark_share"]):
            mark = float(row["benchmark_share"])
            ax.plot([mark, mark], [at - 0.42, at + 0.42], color=COLORS["ink"], linewidth=2.0)
        said = f"{money(row['generated_amount'])}, {count_of(row['generated_count'], 'deal')}"
        if pd.notna(row["won_share"]):
            low, high = percent(row["low"]), percent(row["high"])
            said += f"; won {percent(row['won_share'])} ({low} to {high})"
        edge = max(float(row["amount_share"]), float(np.nan_to_num(row["benchmark_share"])))
        ax.annotate(
            said, (edge, at), (6, 0), textcoords="offset points", va="center", fontsize=8.5,
            color=COLORS["grey"] if row["is_grey"] else COLORS["ink"],
        )  # fmt: skip
    name_rows(ax, rows["role"])
    ax.set_xlim(0, min(1.75, float(max(rows["amount_share"].max(), 0.5)) + 0.55))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.xaxis.set_major_formatter(lambda value, _: percent(value) if value <= 1 else "")
    first = rows.iloc[0]
    title(
        ax,
        f"{label(first['role'], 20)} created {percent(first['amount_share'])} of the pipeline "
        f"generated in {first['period']}",
        f"share of the amount at creation, {currency}, until {first['as_of']:%Y-%m-%d}; dark line: "
        "share in one published firm (AE more than half, BDR about a quarter), context, not a "
        f"target; won: of all deals created {first['cohort_from']:%Y-%m-%d} to "
        f"{first['cohort_to']:%Y-%m-%d}, 95 % interval; pale: few deals",
    )
    return ax


def plot_sources(
    sources: pd.DataFrame,
    scope: str,
    model: str = "even",
    currency: str = "",
    *,
    by: str = "source",
    ax: Axes | None = None,
) -> Axes:
    """
    Show what each source cost and how much pipeline it brought.

    Parameters
    ----------
    sources
        Table ``marketing_sources``.
    scope
        Which days.
    model
        Credit model: first, last or even.
    currency
        Currency of the plan.
    by
        ``source`` or ``channel``.
    ax
        Axes to draw on.
    """
    rows = sources[(sources["scope"] == scope) & (sources["credit_model"] == model)]
    mine = rows[(rows["by"] == by) & rows["cost_amount"].notna()]
    if mine.empty:
        return nothing_to_draw(ax, "Sources", "no source with touches and cost is known")
    ax = new_axes(ax, width=8.5, height=4.6)
    whole = rows[rows["by"] == "all"].iloc[0]
    mine = mine.sort_values(["pipeline_amount", "value"], ignore_index=True)
    right = float(mine["cost_amount"].max()) * 1.42
    top = float(mine["pipeline_amount"].max()) * 1.12 or 1.0
    _draw_sources(ax, mine, right, top)
    ax.set_xlim(0, right)
    ax.set_ylim(0, top)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_xlabel(f"cost of campaigns and their staff, {currency}")
    ax.set_ylabel(f"pipeline credited, {currency}")
    rest = rows[(rows["by"] == by) & (rows["value"] == _UNATTRIBUTED)]["pipeline_share"].sum()
    best = mine[~mine["is_grey"].astype(bool) & mine["cost_per_pipeline"].notna()]
    best = best.sort_values(["cost_per_pipeline", "value"])
    headline = (
        f"100 of pipeline cost least from {label(best.iloc[0]['value'], 24)}: "
        f"{100 * best.iloc[0]['cost_per_pipeline']:.1f}"
        if len(best)
        else f"Cost and pipeline by {by}"
    )
    title(
        ax,
        headline,
        f"{scope}, {_MODELS[model]}; {percent(rest)} of "
        f"{money(whole['pipeline_amount'], currency)} "
        "pipeline was reached by no touch before its creation; dashed: cost of all / what they are "
        f"credited with{_mean_price(mine)}; "
        "credit is not cause: what would have come anyway is in it",
    )
    return ax


def _mean_price(mine: pd.DataFrame) -> str:
    """Give what 100 of credited pipeline cost in all; blank where none is credited."""
    spent, brought = mine["cost_amount"].sum(), mine["pipeline_amount"].sum()
    return f", {100 * spent / brought:.2f} per 100" if brought > 0 else ""


def _draw_sources(ax: Axes, mine: pd.DataFrame, right: float, top: float) -> None:
    """Draw each source at its cost and pipeline with its price, and the mean price of all."""
    spent, brought = mine["cost_amount"].sum(), mine["pipeline_amount"].sum()
    if spent > 0 and brought > 0:
        slope = float(brought / spent)
        ax.plot([0, right], [0, right * slope], color=COLORS["grey"], linewidth=1.0,
                linestyle=(0, (4, 3)), zorder=1)  # fmt: skip
    spots = mine[["cost_amount", "pipeline_amount"]].to_numpy(dtype="float64")
    places = _apart(spots, right * 0.33, top * 0.07)
    for row, place in zip(mine.to_dict("records"), places, strict=True):
        x, y = float(row["cost_amount"]), float(row["pipeline_amount"])
        color = COLORS["grey"] if row["is_grey"] else COLORS["accent"]
        ax.plot(x, y, "o", color=color, markersize=8, zorder=3)
        price = row["cost_per_pipeline"]
        said = f"{100 * price:.1f} per 100" if pd.notna(price) else "no pipeline"
        ax.annotate(
            f"{label(row['value'], 24)}: {said}", (x, y), (x + right * 0.025, place),
            textcoords="data", va="center", fontsize=8.8, zorder=4,
            arrowprops={"arrowstyle": "-", "color": COLORS["grey"], "linewidth": 0.7},
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        )  # fmt: skip


def source_rows(sources: pd.DataFrame, scope: str, model: str) -> pd.DataFrame:
    """
    Give sources of one scope and credit model as rows to show, unattributed and total last.

    Parameters
    ----------
    sources
        Table ``marketing_sources``.
    scope, model
        Which days, and which credit.

    Returns
    -------
    DataFrame
        The columns of ``SOURCE_LABELS``, prices per 100, and ``is_grey``.
    """
    rows = sources[
        (sources["scope"] == scope)
        & (sources["credit_model"] == model)
        & sources["by"].isin(["source", "all"])
    ]
    place = (rows["by"] == "all") * 2 + (rows["value"] == _UNATTRIBUTED) * 1
    rows = rows.assign(place=place, value=rows["value"].mask(rows["by"] == "all", "Total"))
    rows = rows.sort_values(
        ["place", "pipeline_amount", "value"], ascending=[True, False, True], ignore_index=True
    )
    prices = {name: rows[name] * 100 for name in ("cost_per_pipeline", "cost_per_acv")}
    return rows.assign(**prices)[[*SOURCE_LABELS, "is_grey"]]


def source_basis(scope: str, model: str, currency: str) -> str:
    """Say what the table of sources rests on."""
    return (
        f"{currency}, {scope}, credit: {_MODELS[model]}; "
        "new audience: leads and accounts first touched here"
    )


def source_table(
    sources: pd.DataFrame, scope: str, model: str = "even", currency: str = ""
) -> TableView:
    """
    Show pipeline, ACV and cost of each source.

    Parameters
    ----------
    sources
        Table ``marketing_sources``.
    scope, model
        Which days, and which credit.
    currency
        Currency of the plan.
    """
    rows = source_rows(sources, scope, model)
    return table(
        rows.drop(columns="is_grey"),
        title="Marketing sources: pipeline, ACV and cost",
        subtitle=source_basis(scope, model, currency),
        labels=SOURCE_LABELS,
        formats=SOURCE_FORMATS,
        grey=rows["is_grey"],
        missing=SOURCE_MISSING,
        limit=None,
        empty="no touch reached a deal",
        notes=[
            f"{topic}: {SOURCE_DEFINITIONS[topic]}"
            for topic in ("first, last, even", "unattributed", "cost", "staff", "new audience")
        ],
    )


def plot_marketing_balance(
    balance: pd.DataFrame, scope: str, currency: str = "", *, ax: Axes | None = None
) -> Axes:
    """
    Show how the cost of each source is spread over creation, maturing and closing of deals.

    Parameters
    ----------
    balance
        Table ``marketing_balance``.
    scope
        Which days.
    currency
        Currency of the plan.
    ax
        Axes to draw on.

    Notes
    -----
    Where no cost is recorded, touches are shown instead.
    """
    rows = balance[balance["scope"] == scope]
    if rows.empty:
        return nothing_to_draw(ax, "Balance of marketing", "no touch of these days is recorded")
    in_money = float(rows["cost_amount"].sum()) > 0
    size, share = ("cost_amount", "cost_share") if in_money else ("touch_count", "touch_share")
    totals = rows.groupby("source")[size].sum().reset_index()
    totals = totals.sort_values([size, "source"], ascending=[False, True], ignore_index=True)
    ax = row_axes(ax, len(totals) + 1)
    wide = rows.pivot(index="source", columns="phase", values=share).reindex(totals["source"])
    left = np.zeros(len(totals))
    for phase, (said, color) in _PHASES.items():
        if phase not in wide or float(wide[phase].fillna(0).sum()) == 0:
            continue
        values = wide[phase].fillna(0).to_numpy(dtype="float64")
        ax.barh(range(len(totals)), values, left=left, height=0.62, color=color, label=said)
        for at, value in enumerate(values):
            if value >= 0.06:
                dark = phase in ("creation", "after")
                ax.text(left[at] + value / 2, at, percent(value), ha="center", va="center",
                        fontsize=8.5, color="white" if dark else COLORS["ink"])  # fmt: skip
        left = left + values
    for at, value in enumerate(totals[size]):
        said = money(value) if in_money else f"{value:,.0f}"
        ax.text(1.01, at, said, va="center", fontsize=8.5, color=COLORS["soft"])
    name_rows(ax, totals["source"])
    ax.set_xlim(0, 1.1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.xaxis.set_major_formatter(lambda value, _: percent_exact(value))
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.09), ncols=5, columnspacing=1.2)
    by = rows.groupby("phase")[size].sum()
    whole = max(float(by.sum()), 1e-9)
    lost = float(by.get("no deal", 0.0) + by.get("no touch", 0.0)) / whole
    late = float(by.get("closing", 0.0)) / whole
    what = "cost" if in_money else "touches"
    title(
        ax,
        f"{percent(lost)} of the {what} reached no deal, {percent(late)} helped in the last stage",
        f"{what} of {scope}{', ' + currency if in_money else ''}, by phase of the deal on the day "
        "of the touch; a campaign's cost is even over its touches",
    )
    return ax


def plot_response(
    response: pd.DataFrame, scope: str, group: str = "level", *, ax: Axes | None = None
) -> Axes:
    """
    Show which leads convert, by source and group, with intervals.

    Parameters
    ----------
    response
        Table ``marketing_response``.
    scope
        Which days.
    group
        ``level``, ``size``, ``region`` or ``segment``.
    ax
        Axes to draw on.
    """
    rows = response[
        (response["scope"] == scope) & (response["by"] == "source") & (response["group"] == group)
    ]
    rows = rows[rows["converted_share"].notna() & (rows["group_value"] != "(unknown)")]
    headline = f"Conversion of leads by source and {group}"
    if rows.empty:
        return nothing_to_draw(ax, headline, "no lead of these days has a known group")
    rows = rows.sort_values(["by_value", "group_value"], ignore_index=True)
    values = sorted(set(rows["group_value"]), key=_in_order)
    ax = row_axes(ax, len(rows) // 2 + rows["by_value"].nunique())
    names = list(dict.fromkeys(rows["by_value"]))
    step = 0.8 / max(len(values), 1)
    for at, value in enumerate(values):
        mine = rows[rows["group_value"] == value]
        place = mine["by_value"].map(names.index) + (at - (len(values) - 1) / 2) * step
        color = SERIES[at % len(SERIES)]
        for spot, row in zip(place, mine.to_dict("records"), strict=True):
            shade = COLORS["grey"] if row["is_grey"] else color
            ax.plot([row["low"], row["high"]], [spot, spot], color=shade, linewidth=2.0)
            ax.plot(row["converted_share"], spot, "o", color=shade, markersize=6)
        ax.plot([], [], "o-", color=color, label=label(value, 24))
    name_rows(ax, pd.Series(names))
    ax.set_xlim(0, float(rows["high"].max()) * 1.05)
    ax.xaxis.set_major_formatter(lambda value, _: percent_exact(value))
    ax.set_xlabel("leads that became a deal / leads created")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    sure = rows[~rows["is_grey"].astype(bool)].sort_values(
        ["converted_share", "by_value", "group_value"], ascending=[False, True, True]
    )
    if len(sure):
        best = sure.iloc[0]
        headline = (
            f"{label(best['by_value'], 24)} leads of {label(best['group_value'], 20)} convert most "
            f"often: {percent(best['converted_share'])} of {best['lead_count']}"
        )
    title(
        ax,
        headline,
        f"leads created in {scope}; lines: 95 % interval; pale: few leads, or a group that is "
        "known for converted leads rather than for others",
    )
    return ax


def _apart(spots: np.ndarray, width: float, gap: float) -> list[float]:
    """Push the labels of ascending spots up where they would stand on one another."""
    placed: list[tuple[float, float]] = []
    for x, y in spots:
        near = [at for other, at in placed if abs(other - x) < width]
        placed.append((x, max([float(y), *(at + gap for at in near if at + gap > y)])))
    return [at for _, at in placed]


def _in_order(value: str) -> tuple[int, str]:
    """Order bands of size by their numbers, other groups by name."""
    digits = value.split("-")[0].rstrip("+")
    return (int(digits) if digits.isdigit() else 0, value)
