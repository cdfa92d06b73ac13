"""What is expected of a lead or deal by its mix, from the cases of all other reps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def expected_of_others(
    units: pd.DataFrame, known: pd.Series, mix_by: Sequence[str], prior: float
) -> pd.Series:
    """
    Give the expectation of each unit from the same cell of the mix, without the rep's own units.

    ``base x (Y + A b m) / (B + A b)``: ``Y`` and ``B`` are the sums of outcome and base over the
    other reps' units of the cell, ``m`` their ratio over all cells, ``b`` the mean base and ``A``
    the prior in cases. A lone rep is compared with the own mean.

    Parameters
    ----------
    units
        ``rep_id``, ``observed``, ``base`` (1 for counts; list amount for prices), and the columns
        of ``mix_by``.
    known
        Which units have an outcome and teach; the others are only given an expectation.
    mix_by
        Columns of the mix.
    prior
        ``A``, in cases.

    Returns
    -------
    Series
        Expected outcome of each unit, by the index of ``units``.
    """
    taught = units[known]
    names = list(mix_by)
    cell = ["rep_id", *names]
    sums = ["observed", "base"]
    total, own = taught[sums].sum(), taught.groupby("rep_id")[sums].sum()
    mean_base = float(taught["base"].mean()) if len(taught) else 1.0
    mine = own.reindex(units["rep_id"]).fillna(0.0).to_numpy()
    left = total.to_numpy() - mine
    alone = left[:, 1] <= 0
    left[alone] = total.to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        level = left[:, 0] / left[:, 1]
    if names:
        cells = taught.groupby(names)[sums].sum()
        per_rep = taught.groupby(cell)[sums].sum()
        all_of = cells.reindex(_index(units, names)).fillna(0.0).to_numpy()
        own_of = per_rep.reindex(_index(units, cell)).fillna(0.0).to_numpy()
        others = all_of - np.where(alone[:, None], 0.0, own_of)
    else:
        others = left
    weight = prior * mean_base
    rate = (np.maximum(others[:, 0], 0.0) + weight * level) / (others[:, 1] + weight)
    return pd.Series(units["base"].to_numpy() * rate, index=units.index)


def _index(units: pd.DataFrame, names: list[str]) -> pd.Index:
    index: pd.Index = pd.MultiIndex.from_frame(units[names])
    return pd.Index(units[names[0]]) if len(names) == 1 else index
