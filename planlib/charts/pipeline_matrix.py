"""The performance matrix as a coloured table, and coverage by cell as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.rows import name_rows, nothing_to_draw, row_axes
from planlib.displays import Format, TableView, View, table
from planlib.notes import percent
from planlib.pipeline import DEFINITIONS, PipelineReview, matrix_colors, matrix_view
from planlib.pipeline.bases import BASES
from planlib.pipeline.spread import DERIVED
from planlib.pipeline.views import LABELS, PRIOR_COLUMNS, small_cells
from planlib.settings.pipeline import PipelineSettings

_CHANGE_ROWS = 16
_NUMBERS: dict[str, Format] = {
    **dict.fromkeys(
        ["target", "forecast", "closed_acv", "open_in_period", "open_total", "generated"], "amount"
    ),
    "win_rate_count": "share",
    "coverage": "number",
}


def matrix_table(
    matrix: pd.DataFrame,
    cut: str,
    settings: PipelineSettings,
    *,
    currency: str = "",
    period: str | None = None,
    definitions: bool = True,
    prior: str | None = None,
) -> TableView:
    """
    Show one cut of the performance matrix as a coloured table with its definitions.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    cut
        Which cut.
    settings
        For the rule behind the colours, printed beneath.
    currency
        Currency of the plan.
    period
        Which period; None: the first one in the table.
    definitions
        Whether the meaning of every figure is printed beneath, or only the rule of the colours.
    prior
        Year before that changes are against: ``reported`` or ``restated``; None: as in plan.yaml.
    """
    prior = prior or settings.prior_basis
    view = matrix_view(matrix, cut, period, prior=prior)
    tones = matrix_colors(matrix, cut, settings, period, prior=prior)
    rows = matrix[matrix["period"] == (period or matrix["period"].iloc[0])]
    first = rows.iloc[0]
    changes: dict[str, Format] = {
        column: "number" for column in view.columns if column.endswith("_change")
    }
    shown = [name for name in _NUMBERS if name in view.columns]
    what = " by ".join(part.replace("_", " ") for part in (["all"] if cut == "total" else [cut]))
    basis = rows.loc[(rows["measure"] == "open_total"), "prior_basis"].iloc[0]
    return table(
        view.assign(cut_value=view["cut_value"].mask(view["cut_value"] == "all", "Total")),
        title=f"{first['period']} by {what}" if cut != "total" else f"{first['period']} in all",
        subtitle=f"{currency}, until {first['as_of']:%Y-%m-%d}; change: against "
        f"{first['prior_as_of']:%Y-%m-%d}, the same day of the period a year before, "
        f"{BASES[prior]}",
        labels={**LABELS, **_target_label(rows, cut), "cut_value": what.capitalize()},
        formats={**{name: _NUMBERS[name] for name in shown}, **changes},
        colors=tones,
        limit=None,
        notes=[
            _colour_rule(settings),
            f"Open pipeline a year before: {basis}.",
            *[note for note in (small_cells(matrix, cut, period), _derived(rows, cut)) if note],
            *[
                f"{LABELS[name]}: {DEFINITIONS[name]}"
                for name in shown
                if definitions and name in DEFINITIONS
            ],
        ],
    )


def matrix_tables(
    matrix: pd.DataFrame,
    cuts: Sequence[str],
    settings: PipelineSettings,
    *,
    currency: str = "",
    period: str | None = None,
    prior: str | None = None,
) -> View:
    """
    Show several cuts of the performance matrix one below the other.

    Parameters
    ----------
    matrix, settings, currency, period, prior
        As for ``matrix_table``.
    cuts
        Cuts to show; none shows the total. The definitions stand below the last one.
    """
    chosen = list(cuts) or ["total"]
    views = [
        matrix_table(
            matrix,
            cut,
            settings,
            currency=currency,
            period=period,
            definitions=cut == chosen[-1],
            prior=prior,
        )  # fmt: skip
        for cut in chosen
    ]
    return View(
        body="\n".join(view.body for view in views), text="\n\n".join(view.text for view in views)
    )


def matrix_at(
    measure: Callable[..., PipelineReview],
    as_of: date,
    settings: PipelineSettings,
    *,
    cut_number: int,
    weeks_back: int,
    currency: str = "",
) -> TableView:
    """
    Measure the pipeline as it was known some weeks ago, and show one cut; for sliders.

    Parameters
    ----------
    measure
        ``measure_pipeline`` with everything but ``as_of`` given.
    as_of
        Day from which the weeks count back.
    settings
        For the rule behind the colours.
    cut_number
        0 for the total, then the cuts that could be computed, in order.
    weeks_back
        Weeks before the as-of date.
    currency
        Currency of the plan.
    """
    found = measure(as_of=as_of - timedelta(7 * weeks_back))
    cut = ("total", *found.cuts)[min(cut_number, len(found.cuts))]
    return matrix_table(found.matrix, cut, settings, currency=currency)


def _target_basis(rows: pd.DataFrame, cut: str) -> str:
    mine = rows[(rows["cut"] == cut) & (rows["measure"] == "target")]
    return str(mine["basis"].iloc[0]) if len(mine) else ""


def _target_label(rows: pd.DataFrame, cut: str) -> dict[str, str]:
    return {"target": "Target, derived"} if _derived(rows, cut) else {}


def _derived(rows: pd.DataFrame, cut: str) -> str:
    """Say by which rule a target was spread, or nothing."""
    basis = _target_basis(rows, cut)
    return f"Target {basis}." if basis.startswith(DERIVED) else ""


def _colour_rule(settings: PipelineSettings) -> str:
    return (
        f"Colours. Change: green above +{percent(settings.change_band)}, red below "
        f"-{percent(settings.change_band)}. Coverage: red below {settings.coverage_floor:g}, green "
        f"from {settings.coverage_goal:g} on or when the target is met, yellow between, none once "
        "the period is over. Grey: "
        f"fewer than {settings.minimum_deals} deals, or records that begin too late."
    )


def plot_coverage(
    matrix: pd.DataFrame,
    cut: str,
    settings: PipelineSettings,
    *,
    period: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the coverage of each cell of a cut against floor and goal.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    cut
        Which cut.
    settings
        Floor, goal and the smallest number of deals.
    period
        Which period; None: the first one in the table.
    ax
        Axes to draw on.

    Notes
    -----
    A cell without a target is left out and named in the subtitle.
    """
    period = period or str(matrix["period"].iloc[0])
    rows = matrix[(matrix["period"] == period) & (matrix["measure"] == "coverage")]
    rows = rows[rows["cut"].isin([cut, "total"])]
    known = rows[rows["value"].notna() | (rows["status"] == "met")]
    over = rows[rows["status"] == "over"]
    if known.empty or len(over):
        headline = f"Coverage by {cut.replace('_', ' ')}"
        why = (over if len(over) else rows)["note"].iloc[0]
        return nothing_to_draw(ax, headline, f"not computed: {why}")
    ax = new_axes(ax, width=8.5, height=1.7 + 0.38 * len(known))
    known = known.assign(is_total=known["cut"] == "total", size=known["value"].fillna(np.inf))
    known = known.sort_values(["is_total", "size", "cut_value"], ascending=[False, True, True])
    edge = max(float(known["value"].max()) if known["value"].notna().any() else 0.0,
               settings.coverage_goal) * 1.25  # fmt: skip
    for place, row in enumerate(known.to_dict("records")):
        _coverage_dot(ax, place, row, settings, edge)
    ax.axvline(settings.coverage_floor, color=COLORS["bad"], linewidth=1.0, linestyle=(0, (4, 3)))
    ax.axvline(settings.coverage_goal, color=COLORS["good"], linewidth=1.0, linestyle=(0, (4, 3)))
    names = ["Total" if row else label(value, 30)
             for row, value in zip(known["is_total"], known["cut_value"], strict=True)]  # fmt: skip
    ax.set_yticks(range(len(known)), names)
    ax.set_ylim(-0.6, len(known) - 0.4)
    ax.set_xlim(0, edge)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("open pipeline that closes in the period / (target - closed ACV)")
    cells = known[~known["is_total"]]
    low = int((cells["value"] < settings.coverage_floor).sum())
    short = int((cells["value"] < settings.coverage_goal).sum())
    left_out = sorted(set(rows["cut_value"]) - set(known["cut_value"]))
    title(
        ax,
        _coverage_finding(low, short, len(cells), settings),
        f"coverage of {period} by {cut.replace('_', ' ')}, until {rows['as_of'].iloc[0]:%Y-%m-%d}; "
        f"lines at {settings.coverage_floor:g} and {settings.coverage_goal:g} (a rule of thumb); "
        f"pale: fewer than {settings.minimum_deals} deals"
        + (f"; no target: {', '.join(label(name, 20) for name in left_out)}" if left_out else ""),
    )
    return ax


def _coverage_finding(low: int, short: int, count: int, settings: PipelineSettings) -> str:
    if low:
        return f"{low} of {count} cells miss the target even if every open deal is won"
    if short:
        return f"{short} of {count} cells have less than {settings.coverage_goal:g} x coverage"
    return f"All {count} cells have {settings.coverage_goal:g} x coverage or have met the target"


def _coverage_dot(
    ax: Axes, place: int, row: Mapping[Any, Any], settings: PipelineSettings, edge: float
) -> None:
    if row["status"] == "met":
        ax.text(edge * 0.012, place, "target met", va="center", fontsize=8.5, color=COLORS["good"])
        return
    value = float(row["value"])
    tone = "bad" if value < settings.coverage_floor else (
        "good" if value >= settings.coverage_goal else "watch")  # fmt: skip
    color = COLORS["grey"] if row["is_grey"] else COLORS[tone]
    ax.plot([0, value], [place, place], color=COLORS["line"], linewidth=1.4, zorder=1)
    ax.plot(value, place, "o", color=color, markersize=7.5, zorder=2)
    deals = "deal" if row["count"] == 1 else "deals"
    ax.annotate(f"{value:.1f} x, {row['count']} {deals}", (value, place), (8, 0),
                textcoords="offset points", va="center", fontsize=8.3,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip


def plot_change(
    matrix: pd.DataFrame,
    cut: str,
    settings: PipelineSettings,
    *,
    measure: str = "closed_acv",
    prior: str | None = None,
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """
    Show a figure of each cell beside the year before, on both bases.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``; its first period is drawn.
    cut
        Which cut.
    settings
        For the basis that is meant when ``prior`` is None.
    measure
        Which figure in money.
    prior
        Year before that the headline counts: ``reported`` or ``restated``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    prior = prior or settings.prior_basis
    period = str(matrix["period"].iloc[0])
    rows = matrix[(matrix["period"] == period) & (matrix["measure"] == measure)]
    rows = rows[(rows["cut"] == cut) & rows["value"].notna()]
    headline = f"{LABELS[measure]} by {cut.replace('_', ' ')}"
    if rows.empty or rows["prior_value"].isna().all():
        return nothing_to_draw(ax, headline, "there is no year before to compare with")
    rows = rows.sort_values(["value", "cut_value"], ascending=[False, True]).head(_CHANGE_ROWS)
    ax = row_axes(ax, len(rows))
    marks = {"reported": ("prior_value", "D"), "restated": ("restated_value", "s")}
    for at, row in enumerate(rows.to_dict("records")):
        color = COLORS["grey"] if row["is_grey"] else COLORS["accent"]
        ax.barh(at, row["value"], height=0.5, color=color)
        for name, (column, mark) in marks.items():
            strong = name == prior
            ax.plot(row[column], at, mark, markersize=7 if strong else 5,
                    color=COLORS["ink"] if strong else COLORS["before"], zorder=3,
                    markeredgecolor="white", markeredgewidth=0.6)  # fmt: skip
    for name, (_, mark) in marks.items():
        ax.plot([], [], mark, color=COLORS["ink"] if name == prior else COLORS["before"],
                label=f"year before, {BASES[name]}")  # fmt: skip
    name_rows(ax, rows["cut_value"])
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.09), ncols=2)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    share = PRIOR_COLUMNS[prior][2]
    up = int((rows[share] > 0).sum())
    known = int(rows[share].notna().sum())
    moved = int((rows["prior_value"] != rows["restated_value"]).sum())
    title(
        ax,
        f"{up} of {known} cells are above the year before, {BASES[prior]}",
        f"{LABELS[measure]} of {period} by {cut.replace('_', ' ')}, {currency}, until "
        f"{rows['as_of'].iloc[0]:%Y-%m-%d}; the two bases differ in {moved} cells; pale: fewer "
        f"than {settings.minimum_deals} deals",
    )
    return ax
