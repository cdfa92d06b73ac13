"""The opportunity index of accounts, a manager's judgement on it, and score bands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.tables import require_columns

_LEAST, _MOST = 0.1, 10.0  # a judgement is a factor, no replacement of the index


def opportunity_index(book: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """
    Give the opportunity index, 0 to 100: the weighted mean of an account's rank shares.

    ``open_potential`` ranks potential less ACV, ``pipeline`` open pipeline, ``size`` potential and
    ``simple`` low complexity. What is unknown of an account is left out of its mean; an account
    of which nothing is known has 50.

    Parameters
    ----------
    book
        Accounts that compete with each other: ``potential``, ``acv``, ``open_amount``,
        ``complexity``.
    weights
        By part, at least 0.
    """
    acv = book["acv"].fillna(0.0)
    parts = {
        "open_potential": (book["potential"] - acv).clip(lower=0.0),
        "pipeline": book["open_amount"], "size": book["potential"], "simple": -book["complexity"],
    }  # fmt: skip
    total = pd.Series(0.0, index=book.index)
    known = pd.Series(0.0, index=book.index)
    for name, values in parts.items():
        rank = values.astype("float64").rank(pct=True, method="average")
        weight = float(weights.get(name, 0.0))
        total += weight * rank.fillna(0.0)
        known += weight * rank.notna()
    return (100 * total / known.where(known > 0)).fillna(50.0)


def judgement_of(book: pd.DataFrame, judgements: pd.DataFrame | None) -> pd.Series:
    """
    Give the manager's factor on each account's index; 1 where nobody said anything.

    Parameters
    ----------
    book
        Accounts.
    judgements
        ``account_id`` and ``factor``, oldest first; the last one of an account counts.

    Raises
    ------
    TableError
        If a column is missing, or a factor is not between 0.1 and 10.
    """
    if judgements is None or judgements.empty:
        return pd.Series(1.0, index=book.index)
    require_columns("judgements", judgements, ["account_id", "factor"])
    factor = pd.to_numeric(judgements["factor"], errors="coerce")
    wrong = ~factor.between(_LEAST, _MOST)
    if wrong.any():
        first = ", ".join(judgements.loc[wrong, "account_id"].astype(str).head(3))
        raise TableError(
            "judgements",
            [f"column 'factor' must be between {_LEAST} and {_MOST:g} in {int(wrong.sum())} rows, "
             f"first of account {first}; take a factor on the index, 1 leaves it"],
        )  # fmt: skip
    last = factor.groupby(judgements["account_id"]).last()
    return book["account_id"].map(last).astype("float64").fillna(1.0)


def lost_judgements(book: pd.DataFrame, judgements: pd.DataFrame | None) -> list[str]:
    """Name the judgements on accounts that are not planned; they count nowhere."""
    if judgements is None:
        return []
    lost = judgements[~judgements["account_id"].isin(book["account_id"])]
    ids = lost["decision_id"] if "decision_id" in lost else lost["account_id"]
    return [
        f"judgement {decision} is not used, since account {account} is not planned"
        for decision, account in zip(ids, lost["account_id"], strict=True)
    ]


def bands_of(score: pd.Series, within: pd.Series, count: int) -> pd.Series:
    """Divide the accounts of each segment into so many bands of the same size, 1 the best."""
    order = score.groupby(within.fillna("")).rank(ascending=False, method="first", pct=True)
    return (order * count).map(np.ceil).clip(1, count).astype("int64")
