"""How every method did in the past, week by week, and which one that lets be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.forecast.methods import BASELINES, METHODS, WITHOUT_TEST
from planlib.forecast.panel import Floats
from planlib.forecast.rivals import Versus, compare, doubt_words, versus_words
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
    doubts
        Choices against another method that may be chance, in words.
    """

    method: str
    reason: str
    summary: pd.DataFrame = field(repr=False)
    doubts: tuple[str, ...] = ()


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
        the last weeks need not be good in the first. A lead over the next method, or over a
        baseline, that may be chance is a doubt.
    """
    errors, near = _past_errors(walk, backtest)
    summary = _summary(walk, backtest, briers, errors, near)
    here = set(walk.estimates[walk.inputs.live]) if walk.estimates else set()
    usable = summary[summary["method"].isin(here)]
    enough = usable["periods_count"].fillna(0) >= walk.inputs.settings.tested_periods
    winners = usable[enough & usable["beats_baselines"].fillna(False).astype(bool)]
    if len(winners):
        ranked = winners.sort_values(["near_share", "method"])
        best = ranked.iloc[0]
        reason = (
            "smallest mean error, near this week of the period, of the methods that beat the "
            f"baselines: {percent(best['near_share'], 1)} of the final amount, "
            f"{best['periods_count']} past periods"
        )
        note = f"{reason}; {best['note']}"
        doubts = _doubts(errors, near, ranked["method"].tolist())
        return _chosen(summary, str(best["method"]), reason, note=note, doubts=doubts)
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


def _chosen(
    summary: pd.DataFrame, method: str, reason: str, *, note: str = "", doubts: tuple[str, ...] = ()
) -> Choice:
    is_chosen = summary["method"] == method
    notes = summary["note"].mask(is_chosen, note or reason)
    return Choice(
        method=method,
        reason=reason,
        summary=summary.assign(is_chosen=is_chosen, note=notes),
        doubts=doubts,
    )


def _doubts(errors: pd.DataFrame, near: pd.Series, ranked: list[str]) -> tuple[str, ...]:
    """Say where the lead of the first method over the next one, or over a baseline, is small."""
    found = []
    for other in (*ranked[1:2], *BASELINES):
        versus = compare(errors, near, ranked[0], other)
        found += [doubt_words(ranked[0], other, versus)] if versus else []
    return tuple(one for one in found if one)


def _past_errors(walk: Walk, backtest: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Give errors of the total by week and method, and how near each week is to today's."""
    total = backtest[(backtest["cut"] == "total") & backtest["actual_amount"].notna()]
    errors = total.pivot_table(
        index=["period", "week_of_period"], columns="method", values="error_share"
    )
    places = total.groupby(["period", "week_of_period"])["workday_share"].first()
    position = walk.inputs.panel.points[walk.inputs.live].position
    near = pd.Series(
        nearness(places.reindex(errors.index).to_numpy(dtype="float64"), max(position, 0.0)),
        index=errors.index,
    )
    return errors, near


def _summary(
    walk: Walk,
    backtest: pd.DataFrame,
    briers: dict[str, float],
    errors: pd.DataFrame,
    near: pd.Series,
) -> pd.DataFrame:
    backtest = backtest[backtest["actual_amount"].notna()]
    total = backtest[backtest["cut"] == "total"]
    live = walk.inputs.live
    here = walk.estimates[live] if walk.estimates else {}
    final = walk.weights.get(live, {})
    first_cut = walk.inputs.panel.cuts[1] if len(walk.inputs.panel.cuts) > 1 else "total"
    rows = []
    for method, about in METHODS.items():
        mine = total[total["method"] == method]
        cells = backtest[(backtest["method"] == method) & (backtest["cut"] == first_cut)]
        versus = _against(errors, near, method)
        alone = compare(errors, near, method, method)
        rows.append(
            {
                "method": method,
                "kind": about.kind,
                "meaning": about.meaning,
                "periods_count": mine["period"].nunique() if len(mine) else 0,
                "forecasts_count": len(mine),
                "mae_share": mine["wape_share"].mean() if len(mine) else np.nan,
                "near_share": alone.own if alone else np.nan,
                "bias_share": mine["error_share"].mean() if len(mine) else np.nan,
                "wape_cut": first_cut,
                "wape_share": _wape(cells),
                "brier_score": briers.get(method, np.nan),
                "pinball_share": _pinball(mine),
                "covered_share": _mean(mine["is_covered"]),
                **_rival(versus),
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


def _against(errors: pd.DataFrame, near: pd.Series, method: str) -> dict[str, Versus]:
    """Compare a method with each baseline that has weeks in common with it."""
    found = {base: compare(errors, near, method, base) for base in BASELINES if base != method}
    return {base: versus for base, versus in found.items() if versus is not None}


def _rival(versus: Mapping[str, Versus]) -> dict[str, object]:
    """Give the baseline that a method beats by least, or misses by most."""
    if not versus:
        return {"rival_method": pd.NA, "compared_share": np.nan, "rival_share": np.nan,
                "compared_periods": pd.NA}  # fmt: skip
    base = min(versus, key=lambda name: versus[name].other - versus[name].own)
    one = versus[base]
    return {"rival_method": base, "compared_share": one.own, "rival_share": one.other,
            "compared_periods": one.periods}  # fmt: skip


def _beats(kind: str, versus: Mapping[str, Versus]) -> object:
    if kind not in ("method", "combination") or not versus:
        return pd.NA
    return all(one.wins for one in versus.values())


def _note(
    kind: str,
    method: str,
    versus: Mapping[str, Versus],
    tested: int,
    available: bool,
) -> str:
    if kind == "reference":
        return "a sum people quote; shown beside, never chosen"
    if not available and not tested:
        return _why_absent(method)
    parts = [versus_words(base, one) for base, one in versus.items()]
    if kind == "baseline":
        parts = ["a baseline that methods must beat"]
    elif not all(one.wins for one in versus.values()):
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
