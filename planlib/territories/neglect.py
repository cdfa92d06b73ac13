"""
What poor territories have cost: imbalance of past years beside what came of it, with the noise.

Rank correlation over years of reps, shuffled within years for chance and drawn again over reps for
its interval. A link in the past is no proof of a cause: strong reps may be given large territories.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import require_columns, table
from planlib.territories.columns import stamp
from planlib.territories.evidence import holm, rank_correlation, resampled, shuffled_p
from planlib.territories.history import Past, years_of_reps

_OUTCOMES = {
    "attainment": "won amount / quota of the days there, in the same year",
    "exit": "whether the rep left in the year after, for any reason",
    "untouched": "share of the rep's accounts without contact in the year",
    "owner_changes": "share of the rep's accounts whose owner began in the year",
}
_CERTAIN = 0.05


@dataclass(frozen=True, kw_only=True)
class HistoryCost:
    """``costs`` is territory_history_cost, ``reps`` territory_history_reps; ``notes`` the gaps."""

    costs: pd.DataFrame
    reps: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {"territory_history_cost": self.costs, "territory_history_reps": self.reps}


def cost_of_imbalance(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoryDecisionsSettings,
    *,
    as_of: datetime.date,
    seed: int = 0,
    **tables: pd.DataFrame | None,
) -> HistoryCost:
    """
    Compare the imbalance of past territories with attainment, exits, untouched accounts, changes.

    Parameters
    ----------
    accounts, reps
        ``account_id``, ``rep_id``; used where there: ``owner_id``, ``potential``, ``acv``,
        ``last_activity_date``; ``region``, ``quota``, ``hire_date``, ``leave_date``,
        ``manager_id``.
    settings
        ``history_years``, ``history_draws``, ``least_accounts`` (fewer reps: no verdict).
    as_of
        Last day of the last year.
    seed
        Seed of shuffles and draws.
    tables
        ``opportunities``, ``territories``, ``activities``, ``segments``; each may be missing, and
        ``notes`` then say which outcome or year is not known.

    Returns
    -------
    HistoryCost
        One row per outcome, also where nothing can be said, with the verdict in words.
    """
    require_columns("accounts", accounts, ["account_id"])
    require_columns("reps", reps, ["rep_id"])
    past = Past(accounts=accounts, reps=reps, as_of=stamp(as_of), **tables)
    rows, notes = years_of_reps(past, settings.history_years)
    found = [_outcome(rows, outcome, settings, seed) for outcome in _OUTCOMES]
    adjusted = holm([float(one["p_value"]) for one in found])  # type: ignore[arg-type]
    for one, p in zip(found, adjusted, strict=True):
        one["p_adjusted"] = p
        _conclude(one, settings.least_accounts)
    return HistoryCost(
        costs=table("territory_history_cost").conform(found),
        reps=table("territory_history_reps").conform(rows),
        notes=tuple(notes),
    )


def _outcome(
    rows: pd.DataFrame, outcome: str, settings: TerritoryDecisionsSettings, seed: int
) -> dict[str, object]:
    """Give correlation, interval, chance and the two halves of one outcome."""
    blank = float("nan")
    result: dict[str, object] = {
        "outcome": outcome, "definition": _OUTCOMES[outcome], "sample_count": 0, "rep_count": 0,
        **dict.fromkeys(("correlation", "low", "high", "p_value", "balanced_mean",
                         "unbalanced_mean", "difference", "difference_low", "difference_high"),
                        blank),
    }  # fmt: skip
    if rows.empty:
        return result
    known = rows[rows[outcome].notna() & rows["imbalance"].notna()]
    x = known["imbalance"].to_numpy(dtype=float)
    y = np.asarray(known[outcome].astype("float64"), dtype=np.float64)
    rep, year = known["rep_id"].to_numpy(dtype=object), known["end_date"].to_numpy()
    result |= {"sample_count": len(known), "rep_count": len(set(rep))}
    if len(set(rep)) < 3 or len(set(x)) < 2 or len(set(y)) < 2:
        return result
    far = x > np.median(x)
    draws = settings.history_draws

    def between(some: np.ndarray) -> float:
        picked = far[some]
        if picked.all() or not picked.any():
            return blank
        return float(y[some][picked].mean() - y[some][~picked].mean())

    low, high = resampled(
        lambda some: rank_correlation(x[some], y[some]), rep, draws=draws, seed=seed
    )
    least, most = resampled(between, rep, draws=draws, seed=seed)
    result |= {
        "correlation": rank_correlation(x, y), "low": low, "high": high,
        "p_value": shuffled_p(x, y, year, draws=draws, seed=seed),
        "balanced_mean": float(y[~far].mean()),
        "unbalanced_mean": float(y[far].mean()) if far.any() else blank,
        "difference": between(np.arange(len(x))), "difference_low": least, "difference_high": most,
    }  # fmt: skip
    return result


def _conclude(row: dict[str, object], least: int) -> None:
    """Add whether the outcome can be told apart from chance, and the verdict in words."""
    numbers = ("correlation", "low", "high", "p_value", "p_adjusted", "difference")
    correlation, low, high, chance, p, difference = (float(row[name]) for name in numbers)  # type: ignore[arg-type]
    count = row["rep_count"]
    apart: object = pd.NA
    if row["sample_count"] == 0:
        verdict = "not known: the tables for it are missing"
    elif np.isnan(correlation):
        verdict = f"cannot be judged: {count} reps, or no difference between them"
    elif int(str(count)) < least:
        verdict = f"too few to judge: {count} reps, at least {least} are needed"
    elif p < _CERTAIN and (low > 0 or high < 0):
        apart = True
        word = "higher" if difference > 0 else "lower"
        verdict = (
            f"goes with imbalance (rank correlation {correlation:+.2f}, {low:+.2f} to "
            f"{high:+.2f}); {percent(abs(difference))} {word} in the half further from its peers; "
            "a link, not a cause"
        )
    else:
        apart = False
        verdict = (
            f"cannot be told apart from chance (rank correlation {correlation:+.2f}, "
            f"{low:+.2f} to {high:+.2f}; {percent(chance)} of shuffles are as strong)"
        )
    row |= {"is_told_apart": apart, "verdict": verdict}
