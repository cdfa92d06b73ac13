"""Pictures of the forecast: fan with its past, errors by week, calibration; cells beside them."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, money, new_axes, title
from planlib.charts.forecast_calls import plot_calls
from planlib.charts.forecast_cells import plot_required, plot_usual_pace
from planlib.charts.rows import nothing_to_draw
from planlib.forecast import method_name
from planlib.notes import percent, percent_exact

__all__ = [
    "plot_calibration",
    "plot_calls",
    "plot_errors",
    "plot_fan",
    "plot_required",
    "plot_usual_pace",
]

_DASHED = (0, (4, 3))


def plot_fan(
    forecast: pd.DataFrame,
    backtest: pd.DataFrame,
    currency: str = "",
    *,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the forecast beside every forecast of the past by the same method, and what happened.

    Parameters
    ----------
    forecast
        Table ``forecast``; the chosen method is drawn.
    backtest
        Table ``forecast_backtest``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    now = forecast[(forecast["cut"] == "total") & forecast["is_chosen"].fillna(False)]
    if now.empty:
        return nothing_to_draw(ax, "Forecast", "no forecast could be computed; see the notes")
    row = now.iloc[0]
    past = backtest[(backtest["cut"] == "total") & (backtest["method"] == row["method"])]
    ax = new_axes(ax, width=9.5, height=4.5)
    for at, (_, weeks) in enumerate(past.groupby("period", sort=False)):
        _past_period(ax, weeks.sort_values("day_date"), first=at == 0)
    day = mdates.date2num(row["as_of"])  # type: ignore[no-untyped-call]
    low, high = row["p10_amount"], row["p90_amount"]
    if pd.notna(low):
        ax.vlines(day, low, high, color=COLORS["accent"], linewidth=5, alpha=0.45)
    ax.plot([day], [row["point_amount"]], "o", color=COLORS["accent"], markersize=7, zorder=4)
    span = f"\n{money(low)} to {money(high)}" if pd.notna(low) else ""
    if pd.notna(row["target_amount"]):
        span += f"\ntarget {money(row['target_amount'])}"
    ax.annotate(
        f"{row['period']}\n{money(row['point_amount'])}{span}",
        (day, row["point_amount"]),
        (9, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=COLORS["accent"],
        fontweight="bold",
    )
    _fan_axes(ax, past, row, day, currency)
    held = past["is_covered"].dropna().astype("float64")
    text = (
        f"past P10 to P90 held in {percent(held.mean())} of {len(held)} weeks (80 % are meant)"
        if len(held)
        else "no past week could be tested"
    )
    title(
        ax,
        _fan_finding(row),
        f"{currency}, as of {row['as_of']:%Y-%m-%d}, method {method_name(row['method'])}; "
        f"{text}; black: what the period closed at",
    )
    return ax


def _past_period(ax: Axes, weeks: pd.DataFrame, *, first: bool) -> None:
    days = mdates.date2num(weeks["day_date"].to_numpy())  # type: ignore[no-untyped-call]
    ax.fill_between(
        days,
        weeks["p10_amount"].to_numpy(),
        weeks["p90_amount"].to_numpy(),
        color=COLORS["before"],
        alpha=0.55,
        linewidth=0,
        label="P10 to P90 as forecast then" if first else "_nolegend_",
    )
    said = "forecast then" if first else "_nolegend_"
    ax.plot(days, weeks["point_amount"], color=COLORS["accent"], linewidth=1.5, marker="o",
            markersize=2.2, label=said)  # fmt: skip
    end = days[-1] + 7
    if weeks["actual_amount"].notna().any():
        ax.hlines(weeks["actual_amount"].iloc[0], days[0], end, color=COLORS["ink"],
                  linewidth=1.8, label="closed at" if first else "_nolegend_")  # fmt: skip
    ax.annotate(str(weeks["period"].iloc[0]), ((days[0] + end) / 2, 0), (0, 4),
                xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
                fontsize=8.2, color=COLORS["soft"])  # fmt: skip


def _fan_axes(ax: Axes, past: pd.DataFrame, row: pd.Series, day: float, currency: str) -> None:
    if pd.notna(row["target_amount"]):
        ax.hlines(row["target_amount"], day - 16, day + 6, color=COLORS["bad"], linewidth=1.2,
                  linestyle=_DASHED)  # fmt: skip
    highest = [row["p90_amount"], row["point_amount"], row["target_amount"]]
    highest += [past["p90_amount"].max(), past["actual_amount"].max()] if len(past) else []
    ax.set_ylim(0, float(np.nanmax(np.array(highest, dtype="float64"))) * 1.1)
    ax.set_xlim(left=None if len(past) else day - 64, right=day + 64)
    ax.xaxis_date()
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%b\n%Y"))  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=9))  # type: ignore[no-untyped-call]
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_ylabel(f"close of the period, {currency}")
    if len(past):
        ax.legend(loc="upper left", ncols=3)


def _fan_finding(row: pd.Series) -> str:
    text = f"{row['period']} is expected to close at {money(row['point_amount'])}"
    if pd.notna(row["target_chance"]):
        text += f"; it reaches the target in {percent(row['target_chance'])} of the draws"
    return text


def plot_errors(backtest: pd.DataFrame, methods: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show the mean error of the period's total by week, against the two baselines.

    Parameters
    ----------
    backtest, methods
        Tables ``forecast_backtest`` and ``forecast_methods``.
    ax
        Axes to draw on.
    """
    total = backtest[(backtest["cut"] == "total") & backtest["actual_amount"].notna()]
    kinds = methods.set_index("method")["kind"]
    total = total[total["method"].map(kinds).ne("reference")]
    if total.empty:
        return nothing_to_draw(ax, "Errors of past forecasts", "no past week could be tested")
    wide = total.pivot_table(index="week_of_period", columns="method", values="wape_share")
    ax = new_axes(ax, width=9.0, height=4.4)
    chosen = methods.loc[methods["is_chosen"].fillna(False), "method"].tolist()
    others = [name for name in kinds.index if kinds[name] != "baseline" and name not in chosen]
    colors = dict(zip(others, cycle([*SERIES[1:5], *SERIES[6:], SERIES[5]]), strict=False))
    cut_off = _far(wide, methods)
    for method in [name for name in methods["method"] if name in wide and name not in cut_off]:
        line = wide[method].dropna()
        is_base = kinds[method] == "baseline"
        color, width, dash = colors.get(method, COLORS["ink"]), 1.6 if is_base else 1.2, "-"
        if is_base:
            dash = "--" if method == "stage_weighted" else ":"
        if method in chosen:
            color, width, dash = COLORS["accent"], 3.0, "-"
        note = " (used)" if method in chosen else " (baseline)" if is_base else ""
        ax.plot(line.index, line, color=color, linewidth=width, marker="o", markersize=2.5,
                label=method_name(method) + note, linestyle=dash)  # fmt: skip
    top = float(wide.drop(columns=cut_off).max().max())
    ax.set_ylim(0, top * 1.12 if top > 0 else 1)
    ax.yaxis.set_major_formatter(lambda value, _: percent_exact(value))
    ax.set_xlabel("weeks of the period that had passed")
    ax.set_ylabel("mean error without sign / final amount")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    title(
        ax,
        _errors_finding(methods),
        f"{total['period'].nunique()} past periods, fewer for a method that needs a longer past; "
        "each forecast made from what was known in that week"
        + (f"; beyond the scale: {', '.join(map(method_name, cut_off))}" if cut_off else ""),
    )
    return ax


def _far(wide: pd.DataFrame, methods: pd.DataFrame) -> list[str]:
    """Name methods whose errors would press all others to the floor."""
    means = wide.mean()
    limit = 3.5 * float(means.median())
    chosen = methods.loc[methods["is_chosen"].fillna(False), "method"].tolist()
    return [str(name) for name, mean in means.items() if mean > limit and name not in chosen]


def _errors_finding(methods: pd.DataFrame) -> str:
    used = methods[methods["is_chosen"].fillna(False)]
    if used.empty or pd.isna(used["mae_share"].iloc[0]):
        return "Errors of past forecasts by week"
    row = used.iloc[0]
    if row["kind"] == "baseline":
        return f"No method beat both baselines; {method_name(row['method'])} is used"
    if pd.isna(row["rival_share"]):
        return "Errors of past forecasts by week"
    return (
        f"Near this week {method_name(row['method'])} missed by "
        f"{percent(row['compared_share'], 1)}, {method_name(row['rival_method'])} by "
        f"{percent(row['rival_share'], 1)} in the same {row['compared_periods']} periods"
    )


def plot_calibration(
    calibration: pd.DataFrame, method: str = "", *, ax: Axes | None = None
) -> Axes:
    """
    Show whether deals that were given a chance won as often.

    Parameters
    ----------
    calibration
        Table ``forecast_calibration``.
    method
        Method drawn beside the CRM's probabilities; blank: the best known of a fixed order.
    ax
        Axes to draw on.
    """
    known = calibration["method"].unique()
    order = ("classifier", "hazard", "stage_measured", "category")
    chosen = method or next((name for name in order if name in known), "")
    if not len(known):
        return nothing_to_draw(ax, "Calibration", "no past week could be tested")
    ax = new_axes(ax, width=6.4, height=4.8)
    ax.plot([0, 1], [0, 1], color=COLORS["grey"], linewidth=1.0, linestyle=_DASHED)
    ax.annotate("as often as said", (0.97, 0.97), (-4, -12), textcoords="offset points",
                ha="right", fontsize=8.2, color=COLORS["soft"])  # fmt: skip
    shown = (("stage_weighted", COLORS["watch"], "the CRM's probability"),
             (chosen, COLORS["accent"], method_name(chosen)))  # fmt: skip
    for name, color, text in shown:
        rows = calibration[calibration["method"] == name].sort_values("bin_low")
        if rows.empty:
            continue
        ax.vlines(rows["predicted_share"], rows["low"], rows["high"], color=color, alpha=0.5)
        ax.plot(rows["predicted_share"], rows["observed_share"], "o-", color=color, markersize=5,
                linewidth=1.3, label=text)  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: percent_exact(value))
    ax.set_xlabel("chance given to win in the period")
    ax.set_ylabel("won in the period")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left")
    title(
        ax,
        "Did deals win as often as was said?",
        "open deals that close in the period, all past weeks; bars: 95 % interval by different "
        "deals",
    )
    return ax
