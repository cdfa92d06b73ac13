"""The list: who is in the top of each stratum, with memory, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.settings.key_accounts import FACTORS, KeyAccountsSettings

_DRAWS = 400


def rank_in_strata(
    score: pd.Series, tie: pd.Series, strata: pd.Series, ids: pd.Series
) -> pd.Series:
    """
    Give each account its place by score within its stratum, 1 is best.

    Ties break by ``tie`` (higher first), then by id, so that row order does not matter. Accounts
    without a score have no place.
    """
    frame = pd.DataFrame(
        {
            "score": score.to_numpy(),
            "tie": tie.fillna(-1).to_numpy(),
            "stratum": strata.to_numpy(),
            "id": ids.to_numpy(),
        },
        index=score.index,
    )
    ordered = frame[frame["score"].notna()].sort_values(
        ["stratum", "score", "tie", "id"], ascending=[True, False, False, True]
    )
    place = ordered.groupby("stratum", sort=False).cumcount() + 1
    return place.reindex(score.index).astype("Int64")


def cut_offs(score: pd.Series, strata: pd.Series, top_share: float) -> pd.Series:
    """
    Give the last place that is a key account, per account's stratum.

    It is ``top_share`` of the scored accounts of the stratum, rounded, and at least one.
    """
    counts = score.notna().groupby(strata.to_numpy()).sum()
    places = (counts * top_share + 0.5).apply(np.floor).clip(lower=(counts > 0).astype("float64"))
    limits: pd.Series = pd.Series(strata.to_numpy(), index=score.index).map(places)
    return limits.astype("Int64")


def apply_memory(
    rank: pd.Series,
    cut_off: pd.Series,
    ids: pd.Series,
    settings: KeyAccountsSettings,
    previous: pd.DataFrame | None,
) -> pd.DataFrame:
    """
    Decide who is in the list by score, given the list before.

    With no list before, the top counts. With one, an account enters when its place is inside the
    cut-off by a band, and leaves only after ``reviews_to_leave`` reviews in a row outside the
    cut-off by a band; so one extreme year neither makes nor unmakes a key account. An account of
    the list that cannot be scored this time is watched; the review does not count against it.
    A place that a person gave or took counts for nothing here (``is_listed``).

    Parameters
    ----------
    rank, cut_off
        Place in the stratum (NA: not scored) and last place that counts.
    ids
        ``account_id`` in the same order.
    settings
        ``band_share``, ``reviews_to_leave``.
    previous
        Table ``key_accounts`` of the last published cycle, or None.

    Returns
    -------
    DataFrame
        ``is_key``, ``status``, ``reviews_outside``, index of ``rank``.
    """
    scored = rank.notna()
    if previous is None:
        is_key = (scored & (rank <= cut_off)).fillna(False).astype(bool)
        status = np.select([is_key, ~scored], ["enters", "not scored"], "outside")
        return pd.DataFrame(
            {"is_key": is_key, "status": status, "reviews_outside": 0}, index=rank.index
        )
    before = previous.set_index("account_id")
    was_key = ids.map(held_places(before)).fillna(False).astype(bool).set_axis(rank.index)
    outside = ids.map(before["reviews_outside"]).fillna(0).astype("int64").set_axis(rank.index)
    band = np.ceil(cut_off.astype("float64") * settings.band_share)
    place = rank.astype("float64").fillna(np.inf)
    inside_for_entry = place <= np.maximum(cut_off.astype("float64") - band, 1)
    below = place > cut_off.astype("float64") + band
    unscored = was_key & ~scored
    outside = (outside + 1).where(was_key & below, 0).mask(unscored, outside)
    leaves = was_key & scored & (outside >= settings.reviews_to_leave)
    is_key = (was_key & ~leaves) | (~was_key & inside_for_entry)
    status = np.select(
        [leaves, was_key & below, was_key, is_key, ~scored],
        ["leaves", "watch", "stays", "enters", "not scored"],
        "outside",
    )
    return pd.DataFrame(
        {"is_key": is_key, "status": status, "reviews_outside": outside}, index=rank.index
    )


def held_places(key_accounts: pd.DataFrame) -> pd.Series:
    """Give who is in a list by score and memory; lists of earlier versions say only who is key."""
    is_key = key_accounts["is_key"].astype("boolean")
    if "is_listed" not in key_accounts:
        return is_key
    return key_accounts["is_listed"].astype("boolean").fillna(is_key)


@dataclass(frozen=True)
class ScoreMatrix:
    """Factor scores 0 to 10 (n x 4, NaN unknown), strata and ids of the accounts, in one order."""

    scores: np.ndarray
    strata: pd.Series
    ids: pd.Series
    minimum_known_weight: float

    def weighted(self, weights: np.ndarray) -> tuple[pd.Series, pd.Series]:
        """Give the score (0 to 100, NA below the minimum known weight) and the known weight."""
        known = ~np.isnan(self.scores)
        weight = known @ weights
        total = np.nan_to_num(self.scores) @ weights
        enough = weight >= self.minimum_known_weight - 1e-12
        with np.errstate(invalid="ignore", divide="ignore"):
            score = np.where(enough & (weight > 0), 10 * total / weight, np.nan)
        return (
            pd.Series(score, index=self.strata.index),
            pd.Series(weight, index=self.strata.index),
        )


def in_list_probability(matrix: ScoreMatrix, settings: KeyAccountsSettings, seed: int) -> pd.Series:
    """
    Give the share of draws of uncertain weights in which an account is in its stratum's top.

    Weights are drawn from a Dirichlet distribution around those of the plan with concentration
    ``weight_spread``; only the weights vary, the factor scores do not.
    """
    weights = np.array([settings.shares()[factor] for factor in FACTORS])
    score, _ = matrix.weighted(weights)
    scored = np.flatnonzero(score.notna().to_numpy())
    order = scored[np.argsort(matrix.ids.to_numpy()[scored], kind="stable")]  # ties by id
    codes = pd.factorize(matrix.strata.to_numpy()[order], sort=True)[0]
    starts = np.searchsorted(np.sort(codes), codes)
    limit = cut_offs(score, matrix.strata, settings.top_share).to_numpy(dtype="int64")[order]
    known = ~np.isnan(matrix.scores[order])
    filled = np.nan_to_num(matrix.scores[order])
    random = np.random.default_rng([seed, 5])
    hits = np.zeros(len(order))
    for draw in random.dirichlet(np.maximum(weights * settings.weight_spread, 1e-9), _DRAWS):
        drawn = filled @ draw / np.maximum(known @ draw, 1e-12)
        place = np.empty(len(order), dtype="int64")
        place[np.lexsort((np.arange(len(order)), -drawn, codes))] = np.arange(len(order))
        hits += place - starts < limit
    share = np.full(len(score), np.nan)
    share[order] = hits / _DRAWS
    return pd.Series(share, index=score.index)
