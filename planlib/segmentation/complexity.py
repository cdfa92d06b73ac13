"""How complex accounts are, and how well employees, revenue and potential track it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from planlib.segmentation.coded import Coded, Codes, Numbers
from planlib.settings.segmentation import SegmentationSettings

LINES, NEEDS, BOUGHT = "business lines", "products needed", "products bought"
_CONFIDENCE = 0.95
_FEWEST = 4  # pairs that an interval needs


@dataclass(frozen=True)
class Complexity:
    """Complexity score of each account (0 to 100, NaN where unknown) and what it rests on."""

    score: Numbers
    basis: Coded
    method: str


def score_complexity(
    business_lines: Numbers, products_needed: Numbers, products_bought: Numbers
) -> Complexity:
    """
    Score the complexity of each account: the mean of its percentile ranks.

    An account's percentile in a measure is ``100 (rank - 0.5) / n`` among accounts that have the
    measure, ties at their mean rank. Business lines and products needed count equally; where one
    is blank the other counts alone. Where no account has either, products bought stand in, the
    weaker method: they tell what was sold, not what is needed.
    """
    lines, needs = _percentile(business_lines), _percentile(products_needed)
    if np.isfinite(lines).any() or np.isfinite(needs).any():
        known = np.isfinite(lines).astype(int) + 2 * np.isfinite(needs)
        names = ("not known", LINES, NEEDS, f"{LINES} and {NEEDS}")
        parts = np.vstack([lines, needs])
        count = np.isfinite(parts).sum(axis=0)
        total = np.nansum(parts, axis=0)
        score = np.divide(total, count, out=np.full(len(lines), np.nan), where=count > 0)
        used = [name for name, one in ((LINES, lines), (NEEDS, needs)) if np.isfinite(one).any()]
        return Complexity(score, Coded(known.astype(np.intp), names), " and ".join(used))
    score = _percentile(products_bought)
    known = np.isfinite(score).astype(np.intp)
    method = f"{BOUGHT} (weaker)" if known.any() else ""
    return Complexity(score, Coded(known, ("not known", f"{BOUGHT} (weaker)")), method)


def _percentile(values: Numbers) -> Numbers:
    known = np.isfinite(values)
    result = np.full(len(values), np.nan)
    if known.any():
        ranks = pd.Series(values[known]).rank().to_numpy()
        result[known] = 100 * (ranks - 0.5) / known.sum()
    return result


def rank_correlation(first: Numbers, second: Numbers) -> tuple[int, float, float, float]:
    """
    Give pairs, Spearman rank correlation and its 95 % interval.

    Interval by Fisher's z with the standard error ``sqrt((1 + r**2 / 2) / (n - 3))`` (Bonett and
    Wright, Psychometrika 65, 2000). NaN where fewer than four pairs or no variation.
    """
    return _correlate(_dense(first), _dense(second))


def _dense(values: Numbers) -> Codes:
    """Give each value its place among the different values; -1 for a missing one."""
    return pd.factorize(values, sort=True)[0].astype(np.intp)


def _ranks(dense: Codes) -> Numbers:
    """Give the rank of each value less the mean rank, ties at their mean, by counting."""
    count = np.bincount(dense)
    rank: Numbers = (np.cumsum(count) - (count - 1) / 2)[dense]
    return np.asarray(rank - rank.mean())


def _correlate(first: Codes, second: Codes) -> tuple[int, float, float, float]:
    both = (first >= 0) & (second >= 0)
    count = int(both.sum())
    if count < _FEWEST:
        return count, np.nan, np.nan, np.nan
    x, y = _ranks(first[both]), _ranks(second[both])
    scale = np.sqrt((x @ x) * (y @ y))
    if scale == 0:
        return count, np.nan, np.nan, np.nan
    r = float(np.clip((x @ y) / scale, -1.0, 1.0))
    z = np.arctanh(np.clip(r, -0.999999, 0.999999))
    wide = float(ndtri(0.5 + _CONFIDENCE / 2)) * np.sqrt((1 + r * r / 2) / (count - 3))
    return count, r, float(np.tanh(z - wide)), float(np.tanh(z + wide))


def tracking_table(
    complexity: Complexity,
    measures: Mapping[str, Numbers],
    market: Coded,
    settings: SegmentationSettings,
) -> pd.DataFrame:
    """
    Compare measures of size by how well they track complexity, over all and in each market.

    Parameters
    ----------
    complexity
        Score of each account.
    measures
        Employees, revenue and so on; NaN where unknown.
    market
        Market of each account.
    settings
        ``complexity_minimum``.

    Returns
    -------
    DataFrame
        ``market`` ("all" first), ``measure``, ``account_count`` (accounts with both),
        ``correlation`` (Spearman), ``correlation_low``, ``correlation_high`` (95 %),
        ``is_grey`` (small sample), ``method`` and ``note`` (why a figure is missing).
    """
    counts = market.count()
    several = int((counts > 0).sum()) > 1
    cuts = [("all", np.ones(len(market), dtype=bool))]
    cuts += [
        (name, market.codes == place)
        for place, name in enumerate(market.values)
        if counts[place] and several
    ]
    score = _dense(complexity.score)
    dense = {measure: _dense(values) for measure, values in measures.items()}
    rows = []
    for name, inside in cuts:
        for measure, values in dense.items():
            count, r, low, high = _correlate(score[inside], values[inside])
            grey = count < settings.complexity_minimum
            note = _note(score[inside], values[inside], count, r)
            rows.append((name, measure, count, r, low, high, grey, complexity.method, note))
    names = [
        "market",
        "measure",
        "account_count",
        "correlation",
        "correlation_low",
        "correlation_high",
        "is_grey",
        "method",
        "note",
    ]
    return pd.DataFrame(rows, columns=names)


def _note(score: Codes, values: Codes, count: int, r: float) -> str:
    if not (score >= 0).any():
        return (
            "complexity is not known: give business_line_count or product_need_count, "
            "or products of won deals"
        )
    if not (values >= 0).any():
        return "the measure is not known"
    if count < _FEWEST:
        return "fewer than four accounts have both"
    return "all values are alike" if np.isnan(r) else ""
