"""Open deals with their chance to be won in the period, and what speaks for and against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from planlib.forecast.hazards import AGE_LIMITS
from planlib.forecast.methods import DEAL_METHODS, method_name
from planlib.forecast.panel import Floats
from planlib.forecast.walk import Walk
from planlib.notes import percent

_SAID = 3  # reasons named
_LEAST = 10  # deals behind a share that is named


def deal_method(walk: Walk, briers: dict[str, float]) -> str:
    """Give the method whose chances were best in the past; blank when there is none."""
    live = walk.estimates[walk.inputs.live]
    known = [name for name in DEAL_METHODS if name in live]
    if not known:
        return ""
    order = ("classifier", "hazard", "stage_measured", "category", "stage_weighted")
    return min(known, key=lambda name: (briers.get(name, np.inf), order.index(name)))


def deals_table(walk: Walk, method: str) -> pd.DataFrame:
    """
    Give the chance of each open deal, largest expected amount first.

    Parameters
    ----------
    walk
        The walk, with the as-of date last.
    method
        Whose chances (``deal_method``).

    Returns
    -------
    DataFrame
        Table ``forecast_deals``. Reasons are shares that past periods won, from the same week on,
        of deals that were alike in one respect, each beside the share of all; they are measured,
        not terms of the model.
    """
    inputs = walk.inputs
    panel, live = inputs.panel, inputs.live
    span = panel.span(live)
    deals = panel.rows.iloc[span].reset_index(drop=True)
    estimate = walk.estimates[live][method]
    final = inputs.history.deals.set_index("opportunity_id")["name"]
    expected = estimate.chance * estimate.cents / 100
    cents = deals["cents"].to_numpy(dtype="float64")
    factor = np.divide(estimate.cents, cents, out=np.full(len(deals), np.nan), where=cents > 0)
    table = pd.DataFrame(
        {
            "period": inputs.period.name,
            "opportunity_id": deals["opportunity_id"],
            "name": deals["opportunity_id"].map(final),
            "owner": inputs.tables.rep_label(deals["owner_id"]),
            "account_id": deals["account_id"],
            "amount": deals["amount"],
            "close_date": deals["close_date"],
            "stage": deals["stage"],
            "win_share": estimate.chance,
            "amount_factor": factor,
            "expected_amount": np.where(deals["has_amount"], expected, np.nan),
            "crm_probability": deals["probability"].clip(0, 1),
            "method": method,
            "reasons": _reasons(walk),
        }
    )
    order = table.assign(size=table["expected_amount"].fillna(-1.0))
    order = order.sort_values(
        ["size", "win_share", "opportunity_id"], ascending=[False, False, True]
    )
    return order.drop(columns="size").head(inputs.settings.deals).reset_index(drop=True)


def deals_basis(deals: pd.DataFrame, forecast: pd.DataFrame) -> str:
    """
    Say by which method deals have their chance, and whether the forecast is made by the same.

    Parameters
    ----------
    deals
        Table ``forecast_deals``.
    forecast
        Table ``forecast``.

    Returns
    -------
    str
        A sentence without full stop; blank without deals.
    """
    if deals.empty:
        return ""
    method = str(deals["method"].iloc[0])
    used = forecast.loc[forecast["is_chosen"].fillna(False).astype(bool), "method"]
    said = (
        f"chance to be won in the period by {method_name(method)}, the method with the smallest "
        "Brier score for single deals in the past"
    )
    if len(used) and str(used.iloc[0]) != method:
        name = method_name(str(used.iloc[0]))
        said += f"; the forecast is made by {name}, so these amounts do not add up to it"
    known = deals["amount_factor"].dropna()
    if len(known):
        said += (
            f"; expected: amount x chance x {known.median():.2f}, what past periods won for each "
            "1 of amount x chance"
        )
    return said


def _bands(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Describe each deal in words, one respect per entry."""
    due, left = rows["due_days"], rows["left_days"]
    place = pd.Series("closes after the period", index=rows.index, dtype="str")
    place = place.mask(due <= left, "closes in the period").mask(due <= 0, "past its close date")
    place = place.mask(due.isna(), "no close date")
    age = np.searchsorted(AGE_LIMITS, rows["age_days"].fillna(0), side="left")
    limits = ["0", *map(str, AGE_LIMITS)]
    words = [f"{a} to {b} days old" for a, b in zip(limits, limits[1:], strict=False)]
    words.append(f"more than {limits[-1]} days old")
    pushes = rows["push_count"].clip(upper=3)
    pushed = {0: "never pushed", 1: "pushed once", 2: "pushed twice", 3: "pushed 3 times or more"}
    return {
        "stage": "stage " + rows["stage"].fillna("(unknown)"),
        "due": place,
        "age": pd.Series(np.array(words, dtype=object)[age], index=rows.index).astype("str"),
        "push": pushes.map(pushed).astype("str"),
    }


def _reasons(walk: Walk) -> pd.Series:
    inputs = walk.inputs
    panel, live = inputs.panel, inputs.live
    span, window = panel.span(live), inputs.windows[live]
    now = panel.rows.iloc[span].reset_index(drop=True)
    if not window.periods:
        return pd.Series("no past period tells what such deals do", index=now.index, dtype="str")
    rows, weights = window.rows(panel)
    past = panel.rows.iloc[rows].reset_index(drop=True)
    won = past["is_won"].to_numpy().astype("float64")
    overall = float((weights * won).sum() / weights.sum()) if weights.sum() > 0 else 0.0
    texts, sizes = [], []
    then = _bands(past)
    for name, band in _bands(now).items():
        share, count = _shares(then[name], won, weights)
        mine = band.map(share).to_numpy(dtype="float64")
        known = band.map(count).fillna(0).to_numpy(dtype="float64") >= _LEAST
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.abs(np.log((mine + 0.01) / (overall + 0.01)))
        sizes.append(np.where(known & ~np.isnan(mine), size, -1.0))
        texts.append([f"{word} {percent(value)}" for word, value in zip(band, mine, strict=True)])
    return _written(np.array(sizes), texts, overall, now.index)


def _shares(band: pd.Series, won: Floats, weights: Floats) -> tuple[pd.Series, pd.Series]:
    sums = pd.DataFrame({"band": band, "won": won * weights, "all": weights}).groupby("band").sum()
    return sums["won"] / sums["all"].where(sums["all"] > 0), sums["all"]


def _written(sizes: Floats, texts: list[list[str]], overall: float, index: pd.Index) -> pd.Series:
    order = np.argsort(-sizes, axis=0, kind="stable")[:_SAID]
    said: Callable[[int], str] = lambda deal: "; ".join(  # noqa: E731
        texts[kind][deal] for kind in order[:, deal] if sizes[kind, deal] >= 0
    )
    lines = [
        f"won from this week on: {said(deal)}; all {percent(overall)}" for deal in range(len(index))
    ]
    return pd.Series(lines, index=index, dtype="str")
