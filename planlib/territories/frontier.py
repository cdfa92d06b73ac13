"""Balance against disruption: the tightest tolerance that any plan can have at each budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.block import Block
from planlib.territories.solving import Answer
from planlib.territories.tightest import lower_end
from planlib.territories.tolerance_bound import is_programmed

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)


def tolerance_by_budget(
    settings: TerritoriesSettings,
    answers: Sequence[Answer],
    blocks: Sequence[str] | None = None,
    *,
    shares: Sequence[float] = SHARES,
) -> pd.DataFrame:
    """
    Prove for each disruption budget which tolerances no plan can have; the plan beside it.

    Nothing is solved: linear programmes exclude what is impossible, and plans are mostly found at
    the first tolerance that is not excluded.

    Parameters
    ----------
    settings
        Of the plan.
    answers
        The plan, one answer per block.
    blocks
        Parts of the market; None: all.
    shares
        Budgets, as shares of the ACV of a block; that of the settings is added.

    Returns
    -------
    DataFrame
        ``block``, ``disruption_share``, ``tolerance`` (no plan has a smaller one, whole percent),
        ``is_chosen`` (the plan: what it moves of the budget and its largest deviation). Blocks too
        large for programmes, or without ACV, have the row of the plan alone.
    """
    own = settings.disruption_share
    tried = sorted({*shares, *([own] if own is not None else [])})
    rows: list[tuple[str, float, float, bool]] = []
    for answer in answers:
        block = answer.block
        if blocks is not None and block.name not in blocks:
            continue
        if "acv" in block.budgets and is_programmed(block) and block.is_balanced.any():
            rows += [
                (block.name, share, low / 100, False)
                for share, low in zip(tried, _curve(block, settings, tried), strict=True)
            ]
        rows.append((block.name, *_chosen(answer), True))
    frame = pd.DataFrame(rows, columns=["block", "disruption_share", "tolerance", "is_chosen"])
    return frame.sort_values(["block", "is_chosen", "disruption_share"], ignore_index=True)


def _curve(block: Block, settings: TerritoriesSettings, shares: Sequence[float]) -> list[int]:
    """Give the percentage at each budget; between two budgets with the same one it is the same."""
    balanced = block.is_balanced
    free = replace(block, tolerance=np.where(balanced, np.nan, block.tolerance))
    found = np.zeros(len(shares), dtype=np.int64)

    def at(place: int, start: int) -> int:
        values = {**settings.model_dump(), "disruption_share": shares[place]}
        there = block.changed(TerritoriesSettings.model_validate(values)).budget
        return lower_end(replace(free, budget=there), balanced, spare=True, start=start)

    last = len(shares) - 1
    found[last] = at(last, 1)
    found[0] = at(0, int(found[last])) if last else found[last]
    parts = [(0, last)]
    while parts:
        first, end = parts.pop()
        if end - first < 2 or found[first] == found[end]:
            found[first + 1 : end] = found[end]
            continue
        middle = (first + end) // 2
        found[middle] = at(middle, int(found[end]))
        parts += [(first, middle), (middle, end)]
    return [int(one) for one in found]


def _chosen(answer: Answer) -> tuple[float, float]:
    """Give the share of ACV that counts against the budget, and the largest deviation."""
    block = answer.block
    share = np.nan
    if "acv" in block.budgets:
        place = block.budgets.index("acv")
        total = block.totals[place]
        share = float(answer.used[place] / total) if total > 0 else np.nan
    away = np.abs(answer.deviation[block.is_balanced])
    return share, float(np.nanmax(away)) if np.isfinite(away).any() else np.nan
