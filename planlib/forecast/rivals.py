"""How a method did beside another one in the same weeks of the past, and whether that is chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from planlib.forecast.methods import method_name
from planlib.notes import percent

_COVERED = 0.8


@dataclass(frozen=True, kw_only=True)
class Versus:
    """
    Errors of two methods in the weeks that both were computed for.

    Parameters
    ----------
    own, other
        Mean error without sign / final amount of the method and of the other one, weeks near
        today's counting most.
    periods
        Past periods with such weeks.
    low, high
        80 % interval of ``other - own`` from Student's t over the periods; NaN with fewer than
        two.
    """

    own: float
    other: float
    periods: int
    low: float
    high: float

    @property
    def wins(self) -> bool:
        """Whether the method missed by less than the other one."""
        return self.own < self.other

    @property
    def may_be_chance(self) -> bool:
        """Whether the periods do not show that the method misses by less."""
        return bool(np.isnan(self.low) or self.low <= 0)


def compare(errors: pd.DataFrame, near: pd.Series, method: str, other: str) -> Versus | None:
    """
    Compare two methods in the weeks that both were computed for.

    Parameters
    ----------
    errors
        Errors with sign as shares of the final amount: a row per past period and week, a column
        per method; NaN where it could not be computed.
    near
        Weight of each row.
    method, other
        Which two.

    Returns
    -------
    Versus or None
        None where no week is known of both.
    """
    if method not in errors or other not in errors:
        return None
    known = errors[[method, other]].abs().assign(weight=near)
    known = known[errors[method].notna() & errors[other].notna()]
    if known.empty:
        return None
    weight = known["weight"].to_numpy()
    own, others = (float(weight @ known.iloc[:, at].to_numpy()) / weight.sum() for at in (0, 1))
    apart = (known.iloc[:, 1] - known.iloc[:, 0]) * known["weight"]
    period = known.index.get_level_values(0)
    by_period = apart.groupby(period).sum() / known["weight"].groupby(period).sum()
    many = len(by_period)
    half = float("nan")
    if many > 1:
        half = float(stdtrit(many - 1, 0.5 + _COVERED / 2) * by_period.std(ddof=1) / np.sqrt(many))
    middle = float(by_period.mean())
    return Versus(own=own, other=others, periods=many, low=middle - half, high=middle + half)


def versus_words(other: str, versus: Versus) -> str:
    """Say whether a method beats another one, with both errors and the periods."""
    name, own, other_share = (
        method_name(other), percent(versus.own, 1), percent(versus.other, 1)
    )  # fmt: skip
    if versus.wins:
        return f"beats {name} ({own} against {other_share}, {versus.periods} periods)"
    return f"does not beat {name} ({own} against {other_share}, {versus.periods} periods)"


def doubt_words(method: str, other: str, versus: Versus) -> str:
    """Say that a choice between two methods may be chance; blank where the periods tell."""
    if not versus.may_be_chance:
        return ""
    name, rival = method_name(method), method_name(other)
    own, other_share = percent(versus.own, 1), percent(versus.other, 1)
    if np.isnan(versus.low):
        return (
            f"{name} was taken before {rival} ({own} against {other_share} near this week); one "
            "past period cannot tell whether that is chance"
        )
    ends = f"{100 * versus.low:+.1f} to {100 * versus.high:+.1f}"
    return (
        f"{name} was taken before {rival} ({own} against {other_share} near this week, "
        f"{versus.periods} past periods); that may be chance: 80 % interval of the difference "
        f"{ends} points"
    )
