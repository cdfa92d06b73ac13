"""How every method did in the past, week by week, and which one that lets be used."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.forecast.methods import BASELINES, METHODS, WITHOUT_TEST
from planlib.forecast.panel import Floats
from planlib.forecast.simulation import QUANTILES
from planlib.forecast.spread import nearness
from planlib.forecast.walk import Walk
from planlib.notes import percent


@dataclass(frozen=True, kw_only=True)
class Choice:
    """
    The method that is used, and why.

    Parameters
    ----------
    method
        Its name; blank when none can be computed.
    reason
        In words.
    summary
        Table ``forecast_methods``.
    """

    method: str
    reason: str
    summary: pd.DataFrame = field(repr=False)


def backtest_table(walk: Walk) -> pd.DataFrame:
    """
    Compare every past forecast with what happened.

    Parameters
    ----------
    walk
        The walk through the past.

    Returns
    -------
    DataFrame
        Table ``forecast_backtest``: for every method, past period and week one row for the total
        and one for each cut. ``absolute_amount`` is the sum of errors without sign over the cells
        of the cut, ``wape_share`` its share of the final amount. Quantiles, whether the interval
        held, and pinball loss stand with the total. Earlier weeks of the period that is forecast
        stand there too; what happened is blank, and no error is counted from them.
    """
    panel, settings = walk.inputs.panel, walk.inputs.settings
    rows: list[dict[str, object]] = []
    masks = {cut: (panel.cells["cut"] == cut).to_numpy() for cut in panel.cuts}
    for point in [*walk.tested, *walk.running]:
        one = panel.points[point]
        final = walk.inputs.sums.final_cents[one.number]
        if one.number == len(walk.inputs.periods) - 1:
            final = np.full(len(panel.cells), np.nan)  # not over yet
        before = walk.inputs.sums.before_cents[point]
        for method, estimate in walk.estimates[point].items():
            drawn = walk.simulate(point, method, settings.test_draws)
            for cut, mask in masks.items():
                rows.append(
                    {
                        "method": method,
                        "period": one.period.name,
                        "week_of_period": one.week,
                        "cut": cut,
                        "day_date": one.day,
                        "workday_share": max(one.position, 0.0),
                        "won_amount": float(before[mask].sum()) / 100,
                        **_errors((before + estimate.to_come)[mask], final[mask]),
                        **(_interval(drawn, before[0], final[0]) if cut == "total" else {}),
                    }
                )
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    "method", "period", "week_of_period", "cut", "day_date", "workday_share", "won_amount",
    "point_amount", "actual_amount", "error_amount", "error_share", "absolute_amount",
    "wape_share", "p10_amount", "p50_amount", "p90_amount", "is_covered", "pinball_amount",
]  # fmt: skip


def _errors(point: Floats, final: Floats) -> dict[str, object]:
    """Compare the cells of a cut, in cents; blank where the period is not over."""
    actual, missed = float(final.sum()), float(np.abs(point - final).sum())
    error = float((point - final).sum())
    return {
        "point_amount": float(point.sum()) / 100,
        "actual_amount": actual / 100,
        "error_amount": error / 100,
        "error_share": error / actual if actual else np.nan,
        "absolute_amount": missed / 100,
        "wape_share": missed / actual if actual else np.nan,
    }


def _interval(drawn: Floats | None, before: float, final: float) -> dict[str, object]:
    if drawn is None:
        return {}
    levels = np.round(np.quantile(drawn, QUANTILES) + before) / 100
    actual = final / 100
    losses = [pinball(actual, at, q) for at, q in zip(levels, QUANTILES, strict=True)]
    return {
        "p10_amount": levels[0],
        "p50_amount": levels[1],
        "p90_amount": levels[2],
        "is_covered": pd.NA if np.isnan(actual) else bool(levels[0] <= actual <= levels[2]),
        "pinball_amount": float(np.mean(losses)),
    }


def pinball(actual: float, quantile: float, level: float) -> float:
    """
    Give the pinball loss of a quantile, the smaller the better (Koenker and Bassett 1978).

    Examples
    --------
    >>> pinball(10.0, 8.0, 0.9), pinball(10.0, 12.0, 0.9)
    (1.8, 0.19999999999999996)
    """
    return max(level * (actual - quantile), (level - 1) * (actual - quantile))


def choose_method(walk: Walk, backtest: pd.DataFrame, briers: dict[str, float]) -> Choice:
    """
    Choose the method by its past errors, weeks near today's counting most.

    Parameters
    ----------
    walk
        The walk through the past.
    backtest
        Table ``forecast_backtest``.
    briers
        Brier score of each method that gives deals a chance.

    Returns
    -------
    Choice
        The method with the smallest mean absolute error among those that beat every baseline on
        the weeks both were computed for; where none does, the better baseline; with too few
        tested periods, the first of a fixed order. The mean gives a week the weight
        ``exp(-distance / 0.25)``, distance in shares of working days: a method that is good in
        the last weeks need not be good in the first.
    """
    summary = _summary(walk, backtest, briers)
    here = set(walk.estimates[walk.inputs.live]) if walk.estimates else set()
    usable = summary[summary["method"].isin(here)]
    enough = usable["periods_count"].fillna(0) >= walk.inputs.settings.tested_periods
    winners = usable[enough & usable["beats_baselines"].fillna(False).astype(bool)]
    if len(winners):
        best = winners.sort_values(["near_share", "method"]).iloc[0]
        reason = (
            "smallest mean error, near this week of the period, of the methods that beat the "
            f"baselines: {percent(best['near_share'], 1)} of the final amount, "
            f"{best['periods_count']} past periods"
        )
        return _chosen(summary, str(best["method"]), reason)
    baselines = usable[enough & (usable["kind"] == "baseline")]
    if len(baselines):
        best = baselines.sort_values(["near_share", "method"]).iloc[0]
        reason = "no method beat both baselines in the past, so the better baseline is used"
        return _chosen(summary, str(best["method"]), reason)
    fallback = next((name for name in WITHOUT_TEST if name in here), "")
    tested = int(summary["periods_count"].fillna(0).max()) if len(summary) else 0
    reason = (
        f"{tested} past periods could be tested, {walk.inputs.settings.tested_periods} are "
        "needed to choose by errors; taken by a fixed order"
    )
    if not fallback:
        reason = "no method can be computed"
    return _chosen(summary, fallback, reason)


def _chosen(summary: pd.DataFrame, method: str, reason: str) -> Choice:
    is_chosen = summary["method"] == method
    note = summary["note"].mask(is_chosen, reason)
    return Choice(
        method=method, reason=reason, summary=summary.assign(is_chosen=is_chosen, note=note)
    )


def _summary(walk: Walk, backtest: pd.DataFrame, briers: dict[str, float]) -> pd.DataFrame:
    backtest = backtest[backtest["actual_amount"].notna()]
    total = backtest[backtest["cut"] == "total"]
    errors = total.pivot_table(
        index=["period", "week_of_period"], columns="method", values="error_share"
    )
    live = walk.inputs.live
    here = walk.estimates[live] if walk.estimates else {}
    final = walk.weights.get(live, {})
    places = total.groupby(["period", "week_of_period"])["workday_share"].first()
    position = walk.inputs.panel.points[live].position
    near = pd.Series(
        nearness(places.reindex(errors.index).to_numpy(dtype="float64"), max(position, 0.0)),
        index=errors.index,
    )
    first_cut = walk.inputs.panel.cuts[1] if len(walk.inputs.panel.cuts) > 1 else "total"
    rows = []
    for method, about in METHODS.items():
        mine = total[total["method"] == method]
        cells = backtest[(backtest["method"] == method) & (backtest["cut"] == first_cut)]
        versus = {base: _versus(errors, near, method, base) for base in BASELINES if base != method}
        alone = _versus(errors, near, method, method)
        rows.append(
            {
                "method": method,
                "kind": about.kind,
                "meaning": about.meaning,
                "periods_count": mine["period"].nunique() if len(mine) else 0,
                "forecasts_count": len(mine),
                "mae_share": mine["wape_share"].mean() if len(mine) else np.nan,
                "near_share": alone[0] if alone else np.nan,
                "bias_share": mine["error_share"].mean() if len(mine) else np.nan,
                "wape_cut": first_cut,
                "wape_share": _wape(cells),
                "brier_score": briers.get(method, np.nan),
                "pinball_share": _pinball(mine),
                "covered_share": _mean(mine["is_covered"]),
                "beats_baselines": _beats(about.kind, versus),
                "weight_share": final.get(method, np.nan),
                "is_available": method in here,
                "note": _note(about.kind, method, versus, len(mine), method in here),
            }
        )
    return pd.DataFrame(rows)


def _pinball(mine: pd.DataFrame) -> float:
    known = mine[mine["pinball_amount"].notna()]
    below = float(known["actual_amount"].sum())
    return float(known["pinball_amount"].sum()) / below if below > 0 else float("nan")


def _mean(flags: pd.Series) -> float:
    known = flags.dropna()
    return float(known.astype("float64").mean()) if len(known) else float("nan")


def _wape(cells: pd.DataFrame) -> float:
    below = float(cells["actual_amount"].sum())
    return float(cells["absolute_amount"].sum()) / below if below > 0 else float("nan")


def _versus(
    errors: pd.DataFrame, near: pd.Series, method: str, base: str
) -> tuple[float, float] | None:
    """Give the mean absolute error of a method and of a baseline where both are known."""
    if method not in errors or base not in errors:
        return None
    known = errors[method].notna() & errors[base].notna()
    if not known.any():
        return None
    weight = near[known].to_numpy()
    means = [
        float(weight @ errors.loc[known, name].abs()) / weight.sum() for name in (method, base)
    ]
    return float(means[0]), float(means[1])


def _beats(kind: str, versus: dict[str, tuple[float, float] | None]) -> object:
    known = [pair for pair in versus.values() if pair is not None]
    if kind not in ("method", "combination") or not known:
        return pd.NA
    return all(mine < base for mine, base in known)


def _note(
    kind: str,
    method: str,
    versus: dict[str, tuple[float, float] | None],
    tested: int,
    available: bool,
) -> str:
    if kind == "reference":
        return "a sum people quote; shown beside, never chosen"
    if not available and not tested:
        return _why_absent(method)
    parts = [
        f"{'beats' if pair[0] < pair[1] else 'does not beat'} {base.replace('_', ' ')} "
        f"({percent(pair[0], 1)} against {percent(pair[1], 1)})"
        for base, pair in versus.items()
        if pair is not None
    ]
    if kind == "baseline":
        parts = ["a baseline that methods must beat"]
    elif any(pair is not None and pair[0] >= pair[1] for pair in versus.values()):
        parts.append("not used")
    if not available:
        parts.append("cannot be computed today: " + _why_absent(method))
    return "; ".join(parts) or "not tested: no past week of a period that has one before it"


def _why_absent(method: str) -> str:
    if method == "last_year_ratio":
        return "the same week a year before is not known from snapshots or change records"
    if method == "calls":
        return "no manager's call stands on this day, or none of a past period"
    if method in ("hazard", "classifier"):
        return "too few deals of past periods were won or lost"
    if method == "combination":
        return "none of its parts can be computed"
    if method == "stage_weighted":
        return "no open deal has a probability"
    return "no past period is known at this week from snapshots or change records"
