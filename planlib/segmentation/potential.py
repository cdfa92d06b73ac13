"""
Potential of each account from what look-alike customers spend.

Potential is the yearly spend possible with us: the spend that a set share of look-alike
customers (``potential_quantile``, by default 75 %) stays within. Spend of customers of one kind
is taken as log-normal. The mean of each cell of look-alikes is drawn towards the wider cell, so
that three large retailers do not make a rule. It is a ceiling to plan with, not a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from planlib.notes import percent
from planlib.segmentation.coded import Coded, Codes, Flags, Numbers, combine
from planlib.segmentation.shrinkage import (
    Cells,
    between_variance,
    group_means,
    shrink,
    within_variance,
)
from planlib.settings.segmentation import SegmentationSettings

SOURCES = ("override", "given", "own spend", "look-alikes", "wider look-alikes", "none")
_ENOUGH_FREEDOM = 8  # residual degrees of freedom before a spread is believed
_NAME = " · "


@dataclass(frozen=True)
class Level:
    """One level of look-alikes: cell of each account, names, parent of each cell, estimate."""

    columns: tuple[str, ...]
    cell: Coded
    parent: Codes
    cells: Cells


@dataclass(frozen=True)
class LookAlikes:
    """All levels, and the spread of spend (log) within the finest cells that tell it."""

    levels: tuple[Level, ...]
    spread: float
    freedom: int
    customers: int


@dataclass(frozen=True)
class Potentials:
    """Potential of each account with interval, source, sample behind it and reason."""

    potential: Numbers
    low: Numbers
    high: Numbers
    source: Coded
    sample: Numbers
    reason: Coded


def learn_lookalikes(
    spend: Numbers,
    maturity: Numbers,
    words: Mapping[str, Coded],
    settings: SegmentationSettings,
) -> LookAlikes | None:
    """
    Estimate the mean log spend of each cell of look-alike customers, level by level.

    Parameters
    ----------
    spend
        Yearly spend of each account; only values above 0 count.
    maturity
        Maturity of each account's market: spend is compared after division by it.
    words
        The columns that ``lookalike_levels`` name.
    settings
        Levels and smallest sample.

    Returns
    -------
    LookAlikes or None
        None where fewer than ``minimum_customers`` accounts have a known spend. A level whose
        cells differ no more than chance explains is left out: it would change no estimate.
    """
    used = np.isfinite(spend) & (spend > 0)
    if int(used.sum()) < settings.minimum_customers:
        return None
    logs = np.log(spend[used]) - np.log(maturity[used])
    rows = np.flatnonzero(used)[np.argsort(logs, kind="stable")]
    logs = np.sort(logs)
    names = _telling(words, settings)
    cells = [Coded.constant("all customers", len(spend))]
    cells += [combine([words[name] for name in level], _cell_name) for level in names[1:]]
    spread, freedom = _spread(logs, rows, cells)
    top = group_means(logs, cells[0].codes[rows], 1)
    overall = within_variance(logs, cells[0].codes[rows], 1)[0]
    one = np.ones(1)
    first = Cells(top[0], top[1], top[1], one, one * overall / len(logs), 0.0)
    levels = [Level((), cells[0], np.zeros(1, dtype=np.intp), first)]
    for place in range(1, len(cells)):
        level = _next_level(names[place], levels[-1], cells[place], (logs, rows), spread)
        if level.cells.between > 0:  # else every cell has its parent's estimate
            levels.append(level)
    return LookAlikes(tuple(levels), spread, freedom, len(logs))


def _telling(words: Mapping[str, Coded], settings: SegmentationSettings) -> list[tuple[str, ...]]:
    """Give the levels from wide to narrow without columns in which all accounts are alike."""
    levels: list[tuple[str, ...]] = [()]
    for level in settings.lookalike_levels:
        unlike = tuple(name for name in level if len(np.unique(words[name].codes)) > 1)
        if unlike != levels[-1]:
            levels.append(unlike)
    return levels


def _cell_name(parts: tuple[str, ...]) -> str:
    return _NAME.join(part or "blank" for part in parts)


def _spread(logs: Numbers, rows: Codes, cells: Sequence[Coded]) -> tuple[float, int]:
    """Variance within the finest level that leaves enough freedom, else over all customers."""
    for cell in cells[::-1]:
        variance, freedom = within_variance(logs, cell.codes[rows], len(cell.values))
        if freedom >= _ENOUGH_FREEDOM:
            return variance, freedom
    return within_variance(logs, cells[0].codes[rows], 1)


def _next_level(
    columns: tuple[str, ...],
    above: Level,
    cell: Coded,
    sample: tuple[Numbers, Codes],
    within: float,
) -> Level:
    logs, rows = sample
    size = len(cell.values)
    parent = np.zeros(size, dtype=np.intp)
    parent[cell.codes] = above.cell.codes
    count, mean = group_means(logs, cell.codes[rows], size)
    between = between_variance(count, mean, parent, len(above.cell.values), within)
    up_mean, up_variance = above.cells.mean[parent], above.cells.variance[parent]
    cells = shrink(count, mean, up_mean, up_variance, within=within, between=between)
    return Level(columns, cell, parent, cells)


def cell_potentials(
    learned: LookAlikes, level: Level, settings: SegmentationSettings
) -> tuple[Numbers, Numbers, Numbers]:
    """
    Give the potential of each cell in a mature market, with its interval.

    ``exp(mean + z spread)`` with ``z`` the normal quantile of ``potential_quantile``; the
    interval adds and subtracts the normal quantile of ``interval`` times
    ``sqrt(variance + z**2 spread**2 / (2 freedom))``, the uncertainty of mean and spread.
    """
    z = float(ndtri(settings.potential_quantile))
    wide = float(ndtri(0.5 + settings.interval / 2))
    centre = level.cells.mean + z * np.sqrt(learned.spread)
    error = np.sqrt(level.cells.variance + z**2 * learned.spread / (2 * max(learned.freedom, 1)))
    return np.exp(centre), np.exp(centre - wide * error), np.exp(centre + wide * error)


def account_potentials(
    learned: LookAlikes | None,
    spend: Numbers,
    maturity: Numbers,
    given: Numbers,
    settings: SegmentationSettings,
) -> Potentials:
    """
    Give each account its potential: as given, else of its look-alikes, never below own spend.

    Parameters
    ----------
    learned
        Look-alike cells; None gives no potential to accounts without a given one.
    spend, maturity
        As in ``learn_lookalikes``.
    given
        Potential as the data have it, NaN where blank.
    settings
        Quantile, interval and smallest cell that is not grey.

    Returns
    -------
    Potentials
        Without interval for given values. ``sample`` counts the customers of the cell that makes
        most of the estimate; ``wider look-alikes`` where that is not the account's own kind.
    """
    rows = len(spend)
    has_given = np.isfinite(given)
    if learned is None:
        source = Coded(np.where(has_given, 1, 5).astype(np.intp), SOURCES)
        text = (
            f"fewer than {settings.minimum_customers} customers with known yearly spend: "
            "give acv, won deals or potential"
        )
        reason = Coded(np.where(has_given, 0, 1).astype(np.intp), ("given in the account", text))
        blank = np.full(rows, np.nan)
        return Potentials(given.copy(), blank, blank, source, blank, reason)
    finest = learned.levels[-1]
    middle, low, high = (
        part[finest.cell.codes] * maturity for part in cell_potentials(learned, finest, settings)
    )
    own = np.where(spend > 0, spend, 0.0)
    above = own > middle
    derived = np.where(above, own, middle)
    sample, wider, words = _cell_reasons(learned)
    codes = np.where(wider[finest.cell.codes], 4, 3)
    codes = np.where(has_given, 1, np.where(above, 2, codes))
    notes = Coded(finest.cell.codes, words).map(str)
    ceiling = notes.map(lambda value: "own spend, above its look-alikes: " + value)
    reason = notes.override(Coded(np.where(above, ceiling.codes, -1), ceiling.values))
    reason = reason.override(Coded(np.where(has_given, 0, -1), ("given in the account",)))
    return Potentials(
        np.where(has_given, given, derived),
        np.where(has_given, np.nan, np.maximum(low, own)),
        np.where(has_given, np.nan, np.maximum(high, own)),
        Coded(codes.astype(np.intp), SOURCES),
        np.where(has_given, np.nan, sample[finest.cell.codes]),
        reason,
    )


def _cell_reasons(learned: LookAlikes) -> tuple[Numbers, Flags, tuple[str, ...]]:
    """Word, for each finest cell, which level carries most of its estimate, and how much."""
    finest = learned.levels[-1]
    size = len(finest.cell.values)
    place, left = np.arange(size), np.ones(size)
    best, sample = np.full(size, -1.0), np.zeros(size)
    name, wider = np.full(size, "", dtype=object), np.zeros(size, dtype=bool)
    for level in learned.levels[::-1]:
        weight = left * level.cells.weight[place]
        most = weight > best + 1e-12
        best[most], sample[most] = weight[most], level.cells.count[place][most]
        name[most] = [level.cell.values[at] for at in place[most]]
        wider[most] = level is not finest
        left = left - weight
        place = level.parent[place]
    text = tuple(
        f"{int(n)} look-alikes ({kind}) make {percent(share)} of the estimate"
        + (f"; its own kind ({cell}) has {int(few)}" if far else "")
        for n, kind, share, far, few, cell in zip(
            sample, name, best, wider, finest.cells.count, finest.cell.values, strict=True
        )
    )
    return sample, wider, text


def potential_table(learned: LookAlikes, settings: SegmentationSettings) -> pd.DataFrame:
    """
    List the look-alike cells from wide to narrow.

    Returns
    -------
    DataFrame
        ``level`` (columns that make accounts alike), ``cell``, ``parent_cell``,
        ``account_count``, ``customer_count``, ``mean_spend`` (geometric mean of the yearly spend
        of the cell's customers, at maturity 1; NA without any), ``own_weight_share``,
        ``potential``, ``potential_low``, ``potential_high`` (at maturity 1) and ``is_grey``.
    """
    frames = []
    for place, level in enumerate(learned.levels):
        middle, low, high = cell_potentials(learned, level, settings)
        above = learned.levels[max(place - 1, 0)].cell.values
        frames.append(
            pd.DataFrame(
                {
                    "level": " and ".join(level.columns) or "all",
                    "cell": level.cell.values,
                    "parent_cell": [above[at] if place else None for at in level.parent],
                    "account_count": level.cell.count(),
                    "customer_count": level.cells.count.astype(int),
                    "mean_spend": np.exp(level.cells.raw_mean),
                    "own_weight_share": level.cells.weight,
                    "potential": middle,
                    "potential_low": low,
                    "potential_high": high,
                    "is_grey": level.cells.count < settings.minimum_lookalikes,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
