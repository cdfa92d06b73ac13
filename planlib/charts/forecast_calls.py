"""Picture of managers' calls by week, beside what the model said and what the period closed at."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.forecast import method_name
from planlib.notes import percent

_ALL = "all managers"
_NAMES = {"commit": "commit", "most_likely": "most likely", "best_case": "best case"}
_DASHED = (0, (4, 3))


def plot_calls(
    review: pd.DataFrame,
    currency: str = "",
    *,
    manager: str = _ALL,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the calls of the last period that has any, week by week, beside P10 to P90 of the model.

    Parameters
    ----------
    review
        Table ``forecast_call_review``.
    currency
        Currency of the plan.
    manager
        Whose calls; all together by default.
    ax
        Axes to draw on.
    """
    mine = review[review["manager"] == manager]
    if mine.empty:
        return nothing_to_draw(ax, "Managers' calls", "no calls are kept (table forecast_calls)")
    period = str(mine.sort_values("day_date")["period"].iloc[-1])
    mine = mine[mine["period"] == period].sort_values("week_of_period")
    ax = new_axes(ax, width=8.5, height=4.0)
    model = mine.drop_duplicates("week_of_period")
    if model["p10_amount"].notna().any():
        ax.fill_between(model["week_of_period"].to_numpy(), model["p10_amount"].to_numpy(),
                        model["p90_amount"].to_numpy(), color=COLORS["before"], alpha=0.55,
                        linewidth=0, label="model, P10 to P90")  # fmt: skip
        ax.plot(model["week_of_period"], model["p50_amount"], color=COLORS["soft"], linewidth=1.4,
                linestyle=_DASHED, label="model, P50")  # fmt: skip
    kept = [name for name in _NAMES if (mine["category"] == name).any()]
    for name, color in zip(kept, SERIES, strict=False):
        rows = mine[mine["category"] == name]
        ax.plot(rows["week_of_period"], rows["call_amount"], color=color, linewidth=1.8,
                marker="o", markersize=3, label=f"call, {_NAMES[name]}")  # fmt: skip
    final = mine["final_amount"].dropna()
    if len(final):
        ax.axhline(float(final.iloc[0]), color=COLORS["ink"], linewidth=1.5, label="closed at")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_ylabel(f"close of the period, {currency}")
    ax.set_xlabel(f"week of {period}")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8.5)
    who = "of all managers" if manager == _ALL else f"of {label(manager, 30)}"
    title(
        ax,
        _finding(mine, "most_likely" if "most_likely" in kept else kept[0]),
        f"{period}, calls {who}, {currency}; model: {_model(mine)}",
    )
    return ax


def _model(mine: pd.DataFrame) -> str:
    method = mine["method"].dropna()
    named = method_name(str(method.iloc[-1])) if len(method) else ""
    return f"method {named}, which does not use the calls" if named else "none could be computed"


def _finding(mine: pd.DataFrame, category: str) -> str:
    """Compare the mean miss of the calls with that of the model, or say where both stand."""
    rows = mine[mine["category"] == category]
    name = _NAMES[category]
    done = rows[rows["final_amount"].notna() & rows["p50_amount"].notna()]
    if len(done) and (done["final_amount"] > 0).all():
        calls, model = (
            ((done[column] - done["final_amount"]).abs() / done["final_amount"]).mean()
            for column in ("call_amount", "p50_amount")
        )
        return (
            f"Over {len(done)} weeks the calls ({name}) missed the close by {percent(calls)}, "
            "the model "
            f"by {percent(model)}"
        )
    last = rows.iloc[-1]
    text = f"The last call ({name}) is {money(last['call_amount'])}"
    return text if pd.isna(last["p50_amount"]) else f"{text}, the model {money(last['p50_amount'])}"


__all__ = ["plot_calls"]
