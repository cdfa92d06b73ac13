"""Size of each account by employees; what stands in where they are not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Codes, Numbers, sums
from planlib.segmentation.geography import Geography
from planlib.settings.segmentation import UNKNOWN, SegmentationSettings

SOURCES = ("employees", "parent", "revenue", UNKNOWN)


@dataclass(frozen=True)
class Sizes:
    """
    Size class of each account and what it rests on.

    ``agreement`` is the share of accounts with employees and revenue whose revenue would give the
    same class; NaN where no account has both, or revenue is not used.
    """

    size: Coded
    source: Coded
    employees: Numbers
    agreement: float
    pairs: int


def parent_employees(ids: pd.Series, parents: pd.Series, employees: Numbers) -> Numbers:
    """
    Give the employees of the nearest company above each account that knows them.

    Parameters
    ----------
    ids, parents
        Account and parent of each row.
    employees
        Employees, NaN where unknown.

    Returns
    -------
    array
        NaN without such a parent. Circles of parents end after as many steps as levels exist.
    """
    found = np.full(len(employees), np.nan)
    if parents.isna().all():
        return found
    place = pd.Index(ids).get_indexer(pd.Index(parents))
    place = np.where(parents.isna().to_numpy(), -1, place)
    above: Codes = place.copy()
    for _ in range(_DEEPEST):
        open_rows = np.isnan(found) & (above >= 0)
        if not open_rows.any():
            break
        found[open_rows] = employees[above[open_rows]]
        above[open_rows] = place[above[open_rows]]
    return found


_DEEPEST = 10  # levels of companies above an account


def size_accounts(
    employees: Numbers,
    above: Numbers,
    revenue: Numbers,
    geography: Geography,
    settings: SegmentationSettings,
) -> Sizes:
    """
    Put each account into a size class by the cut lines of its market.

    Employees decide. Where they are unknown (blank or 0), the parent's employees or the
    account's revenue stand in, as the settings say; without either the class is "unknown",
    never the smallest. Revenue is compared with the revenue cut lines where they are set, else
    turned into employees by the median revenue per employee of the market (of all markets where
    fewer than ``minimum_pairs`` accounts have both).

    Parameters
    ----------
    employees, above, revenue
        Employees, employees of the nearest parent, yearly revenue; NaN where unknown.
    geography
        Market of each account.
    settings
        Size names, cut lines and what stands in.
    """
    own = np.where(employees > 0, employees, np.nan)
    by_revenue, usable = _revenue_class(own, revenue, geography, settings)
    classes = _by_cuts(own, [market.size_cuts for market in geography.markets], geography)
    given = classes.copy()
    sources = np.where(given >= 0, 0, len(SOURCES) - 1)
    stand_ins = {
        "parent": _by_cuts(
            np.where(above > 0, above, np.nan),
            [market.size_cuts for market in geography.markets],
            geography,
        ),
        "revenue": by_revenue,
    }
    for name in settings.missing_employees:
        filled = (classes < 0) & (stand_ins[name] >= 0)
        classes = np.where(filled, stand_ins[name], classes)
        sources = np.where(filled, SOURCES.index(name), sources)
    both = (given >= 0) & (by_revenue >= 0)
    agreement = float((given[both] == by_revenue[both]).mean()) if usable and both.any() else np.nan
    known = np.where(classes < 0, len(settings.size_names), classes)
    return Sizes(
        Coded(known.astype(np.intp), (*settings.size_names, UNKNOWN)),
        Coded(sources.astype(np.intp), SOURCES),
        own,
        agreement,
        int(both.sum()),
    )


def _by_cuts(values: Numbers, cuts: list[tuple[float, ...]], geography: Geography) -> Codes:
    """Class of each value by its market's cut lines; a value on the line is in the upper class."""
    classes = np.full(len(values), -1, dtype=np.intp)
    for market, lines in enumerate(cuts):
        rows = (geography.market.codes == market) & ~np.isnan(values)
        classes[rows] = np.searchsorted(np.asarray(lines, dtype=float), values[rows], side="right")
    return classes


def _revenue_class(
    employees: Numbers, revenue: Numbers, geography: Geography, settings: SegmentationSettings
) -> tuple[Codes, bool]:
    """Class by revenue, by set cut lines or by learned revenue per employee."""
    known = np.where(revenue > 0, revenue, np.nan)
    if not np.isfinite(known).any() or "revenue" not in settings.missing_employees:
        return np.full(len(revenue), -1, dtype=np.intp), False
    pairs = np.isfinite(known) & np.isfinite(employees)
    overall = np.median(known[pairs] / employees[pairs]) if pairs.any() else np.nan
    enough = int(pairs.sum()) >= settings.minimum_pairs
    scaled, cuts = known.copy(), []
    for place, market in enumerate(geography.markets):
        rows = geography.market.codes == place
        if market.revenue_cuts:
            cuts.append(market.revenue_cuts)
            continue
        cuts.append(market.size_cuts)
        here = rows & pairs
        ratio = overall if enough else np.nan
        if int(here.sum()) >= settings.minimum_pairs:
            ratio = np.median(known[here] / employees[here])
        scaled[rows] = known[rows] / ratio
    return _by_cuts(scaled, cuts, geography), True


def size_table(
    sizes: Sizes, geography: Geography, potential: Numbers, settings: SegmentationSettings
) -> pd.DataFrame:
    """
    Count accounts by market and size, with the cut lines and what the size rests on.

    Returns
    -------
    DataFrame
        ``market``, ``size``, ``employees_from`` and ``employees_below`` (NA for the open end and
        for unknown), ``account_count``, one count per source, ``potential``; classes without
        accounts included, markets without accounts left out.
    """
    names = (*settings.size_names, UNKNOWN)
    cell = geography.market.codes * len(names) + sizes.size.codes
    cells = len(geography.markets) * len(names)
    counts = np.bincount(cell, minlength=cells)
    money = sums(cell, potential, cells)
    by_source = {
        source: np.bincount(cell[sizes.source.codes == place], minlength=cells)
        for place, source in enumerate(SOURCES[:-1])
    }
    rows = []
    for place, market in enumerate(geography.markets):
        first = place * len(names)
        if not counts[first : first + len(names)].any():
            continue
        edges = [0.0, *market.size_cuts, np.nan]
        for step, name in enumerate(names):
            low, high = (np.nan, np.nan) if name == UNKNOWN else (edges[step], edges[step + 1])
            at = first + step
            rows.append(
                (
                    market.name,
                    name,
                    low,
                    high,
                    counts[at],
                    *(by_source[source][at] for source in SOURCES[:-1]),
                    money[at],
                )
            )
    columns = [
        "market",
        "size",
        "employees_from",
        "employees_below",
        "account_count",
        *(f"{source}_count" for source in SOURCES[:-1]),
        "potential",
    ]
    return pd.DataFrame(rows, columns=columns)
