"""The tier rule: one step per review, only on evidence, with a rest before the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planlib.notes import percent_above_zero
from planlib.ranking.shrink import Floats
from planlib.settings.ranking import RankingSettings

MOVES = ("up", "down", "stay")
_NEW = "new: in the lowest tier until the ramp is over"
TIER_COLUMNS = (
    "rep_id", "month_date", "peer_group", "score_raw", "score", "up_probability",
    "down_probability", "cases_count", "tier_before", "tier", "move", "reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TierRule:
    """
    What moves a rep of one peer group.

    Parameters
    ----------
    up, down
        Scores from which a rep moves up, and down.
    confidence
        Least probability that the true score is beyond the limit; above 1: nobody moves.
    why_not
        Why nobody moves in this group, blank where moves are allowed.
    """

    up: float
    down: float
    confidence: float
    why_not: str = ""


def beyond(mean: Floats, variance: Floats, rule: TierRule) -> tuple[Floats, Floats]:
    """Give the probabilities that true scores are above the upper and below the lower limit."""
    from scipy.special import ndtr

    deviation = np.sqrt(np.maximum(variance, 1e-12))
    up = ndtr((mean - rule.up) / deviation)
    down = ndtr((rule.down - mean) / deviation)
    return np.asarray(up, dtype=float), np.asarray(down, dtype=float)


def guarded_moves(raw: Floats, mean: Floats, variance: Floats, rule: TierRule) -> Floats:
    """
    Give 1 (up), -1 (down) or 0: the score is beyond the limit, and surely enough.

    Parameters
    ----------
    raw
        Plain score of each rep; 1: as peers.
    mean, variance
        Of the score after shrinkage.
    rule
        Limits, and how sure a move must be.

    Returns
    -------
    ndarray
        One value per rep.
    """
    up, down = beyond(mean, variance, rule)
    sure = np.where(raw > 1.0, up, down) >= rule.confidence
    return np.asarray(raw_moves(raw, rule) * sure, dtype=float)


def raw_moves(raw: Floats, rule: TierRule) -> Floats:
    """
    Give the moves of the plain rule: 20 % above peers up, 20 % below down, nothing else.

    Parameters
    ----------
    raw
        Plain score of each rep; 1: as peers.
    rule
        The limits.

    Returns
    -------
    ndarray
        1 (up), -1 (down) or 0 per rep.
    """
    up, down = raw >= rule.up - 1e-12, raw <= rule.down + 1e-12
    return np.asarray(up.astype(float) - down.astype(float), dtype=float)


def next_tier(
    tier: str, direction: int, months_since_opposite: float, settings: RankingSettings
) -> tuple[str, str]:
    """
    Take one step at most, and none back before the rest is over.

    Returns
    -------
    tuple
        The tier afterwards, and why the step was not made (blank where it was, or none was due).
    """
    if direction == 0:
        return tier, ""
    place = settings.tiers.index(tier)
    wanted = place - direction
    if not 0 <= wanted < len(settings.tiers):
        return tier, "already in the highest tier" if direction > 0 else "already in the lowest"
    if months_since_opposite < settings.rest_months:
        return tier, f"rests {settings.rest_months} months after the move the other way"
    return settings.tiers[wanted], ""


def tier_path(
    months: Sequence[pd.DataFrame],
    rules: dict[str, TierRule],
    settings: RankingSettings,
    start: dict[str, str],
    *,
    decided: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Walk through the monthly reviews and give the tier of each rep after each.

    Parameters
    ----------
    months
        One frame per review, oldest first: ``rep_id``, ``month_date``, ``status``,
        ``peer_group``, ``score_raw``, ``score``, ``score_sd``, ``cases_count``.
    rules
        Rule of each peer group.
    settings
        Section ``ranking``.
    start
        Tier of each rep before the first review; others begin in ``start_tier``.
    decided
        Tiers that a manager set in a review: ``rep_id``, ``review_date``, ``tier``, ``who``.
    earlier
        Rows of ``rep_tiers`` before the first review, for the rest after a move.

    Returns
    -------
    DataFrame
        One row per rep and review with ``tier_before``, ``tier``, ``move`` and ``reason``. A new
        rep is in the lowest tier, and after the ramp in ``start_tier``; neither is a move.
    """
    tiers = dict(start)
    ramping: set[str] = set()
    last: dict[tuple[str, int], pd.Timestamp] = {}
    if earlier is not None and len(earlier):
        for row in earlier[earlier["move"] != "stay"].to_dict("records"):
            last[str(row["rep_id"]), 1 if row["move"] == "up" else -1] = row["month_date"]
        latest = earlier.sort_values("month_date").drop_duplicates("rep_id", keep="last")
        ramping = set(latest.loc[latest["reason"] == _NEW, "rep_id"])
    rows = []
    since = pd.Timestamp.min
    for month in months:
        day = month["month_date"].iloc[0] if len(month) else since
        by_hand = _by_hand(decided, since, day)
        since = day
        for row in month.to_dict("records"):
            rep = str(row["rep_id"])
            old = tiers.get(rep, settings.start_tier)
            if row["status"] == "new":
                ramping.add(rep)
                old = tiers[rep] = settings.tiers[-1]
            elif rep in ramping:  # the ramp is over
                ramping.discard(rep)
                old = settings.start_tier
            new, reason, up, down = _review(row, old, rules, settings, last)
            if rep in by_hand:
                new, reason = by_hand[rep]
            direction = settings.tiers.index(old) - settings.tiers.index(new)
            if direction:
                last[rep, 1 if direction > 0 else -1] = day
            tiers[rep] = new
            move = "up" if direction > 0 else "down" if direction < 0 else "stay"
            rows.append((rep, day, row["peer_group"], row["score_raw"], row["score"], up, down,
                         row["cases_count"], old, new, move, reason))  # fmt: skip
    found = pd.DataFrame(rows, columns=list(TIER_COLUMNS))
    return found.astype({"rep_id": "str", "month_date": "datetime64[us]"})


def _review(
    row: dict[Any, Any], old: str, rules: dict[str, TierRule], settings: RankingSettings,
    last: dict[tuple[str, int], pd.Timestamp],
) -> tuple[str, str, float, float]:  # fmt: skip
    """Give tier, reason and both probabilities of one rep at one review."""
    none = float("nan")
    if row["status"] == "new":
        return old, _NEW, none, none
    rule = rules.get(str(row["peer_group"]))
    if row["status"] != "ranked" or rule is None or pd.isna(row["score"]):
        return old, f"keeps the tier: {row['status']}", none, none
    raw, mean = np.array([row["score_raw"]]), np.array([row["score"]])
    variance = np.array([row["score_sd"] ** 2])
    up, down = (float(one[0]) for one in beyond(mean, variance, rule))
    crossed = int(raw_moves(raw, rule)[0])
    if rule.why_not:
        return old, rule.why_not if crossed else "within the limits", up, down
    direction = int(guarded_moves(raw, mean, variance, rule)[0])
    if direction == 0:
        beyond_end = next_tier(old, crossed, float("inf"), settings)[1] if crossed else ""
        if beyond_end:
            return old, beyond_end, up, down
        sure = up if crossed > 0 else down
        side = "above" if crossed > 0 else "below"
        reason = (
            "within the limits"
            if crossed == 0
            else (
                f"{side} the limit, but only {percent_above_zero(sure)} sure; "
                f"{100 * rule.confidence:.1f} % are needed"
            )
        )
        return old, reason, up, down
    opposite = last.get((str(row["rep_id"]), -direction))
    rested = float("inf")
    if opposite is not None:  # in whole months, so that month ends of any length count alike
        now = row["month_date"]
        rested = 12 * (now.year - opposite.year) + now.month - opposite.month
    new, held = next_tier(old, direction, rested, settings)
    sure = up if direction > 0 else down
    limit = rule.up if direction > 0 else rule.down
    reason = held or (
        f"score {row['score_raw']:.2f}, limit {limit:.2f}, {percent_above_zero(sure)} sure"
    )
    return new, reason, up, down


def _by_hand(
    decided: pd.DataFrame | None, since: pd.Timestamp, day: pd.Timestamp
) -> dict[str, tuple[str, str]]:
    """Give the tiers set by managers after one review until the next, the last one counts."""
    if decided is None or decided.empty:
        return {}
    mine = decided[(decided["review_date"] > since) & (decided["review_date"] <= day)]
    mine = mine[mine["tier"].notna()].sort_values(["review_date", "decision_id"])
    return {
        str(row["rep_id"]): (str(row["tier"]), f"set by {row['who']} in the review")
        for row in mine.to_dict("records")
    }


def transitions(rep_tiers: pd.DataFrame, tiers: Sequence[str]) -> pd.DataFrame:
    """
    Count reviews and moves by the tier before.

    Parameters
    ----------
    rep_tiers
        Table ``rep_tiers``.
    tiers
        Names of the tiers, best first.

    Returns
    -------
    DataFrame
        ``tier``, ``move``, ``reviews_count`` (of that tier), ``move_count``, ``move_share``.
    """
    rows = []
    for tier in tiers:
        mine = rep_tiers[rep_tiers["tier_before"] == tier]
        for move in MOVES:
            count = int((mine["move"] == move).sum())
            share = count / len(mine) if len(mine) else float("nan")
            rows.append((tier, move, len(mine), count, share))
    return pd.DataFrame(rows, columns=["tier", "move", "reviews_count", "move_count", "move_share"])
