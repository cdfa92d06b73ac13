"""
Street quota, attainment factor and over-assignment.

Street quota = sum of ramped quotas. Attainment factor = target / street quota: what share of the
quotas must be attained. Over-assignment = 1 / factor = street quota / target.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.quotas.attainment import AttainmentDraws

Floats = npt.NDArray[np.float64]
_STEP = 0.01


@dataclass(frozen=True, kw_only=True)
class OverAssignment:
    """
    The over-assignment chosen, and the curve it is chosen from.

    Parameters
    ----------
    factor
        Street quota / target, rounded up to whole per cent.
    probability
        Chance to reach the target with it.
    is_enough
        Whether the certainty wanted is reached within the limit.
    curve
        ``over_assignment``, ``street_amount``, ``probability``, ``unmoved_probability`` (where
        attained amounts do not follow higher quotas), ``attained_low``, ``attained_amount``,
        ``attained_high`` (80 % interval), ``is_chosen``.
    """

    factor: float
    probability: float
    is_enough: bool
    curve: pd.DataFrame = field(repr=False)


def attainment_factor(target: float, street: float) -> float:
    """
    Give target / street quota; its inverse is the over-assignment.

    Examples
    --------
    >>> attainment_factor(800_000, 1_000_000), 1 / attainment_factor(800_000, 1_000_000)
    (0.8, 1.25)
    """
    return target / street if street > 0 else float("nan")


def choose_over_assignment(
    draws: AttainmentDraws, target: float, *, certainty: float, most: float,
    kept: Floats | None = None, unmoved: Floats | None = None,
) -> OverAssignment:  # fmt: skip
    """
    Choose the least over-assignment with which all reps together reach the target surely enough.

    Parameters
    ----------
    draws
        Simulated attainment at quotas that add up to the target.
    target
        The target.
    certainty
        Least probability wanted.
    most
        Largest over-assignment.
    kept
        Share of the capacity that is left after leavers, one per simulated year.
    unmoved
        Amount attained in each simulated year at the quotas in force, whatever the new ones are.
    """
    steps = np.round(np.arange(1.0, most + _STEP / 2, _STEP), 2)
    left = 1.0 if kept is None else kept
    moved = np.array([draws.attained_at(float(one)) * left for one in steps])
    chance = (moved >= target).mean(axis=1)
    enough = np.flatnonzero(chance >= certainty)
    at = int(enough[0]) if len(enough) else len(steps) - 1
    low, middle, high = np.percentile(moved, (10, 50, 90), axis=1)
    curve = pd.DataFrame(
        {
            "over_assignment": steps,
            "street_amount": steps * target,
            "probability": chance,
            "unmoved_probability": np.nan if unmoved is None else (unmoved >= target).mean(),
            "attained_low": low,
            "attained_amount": middle,
            "attained_high": high,
            "is_chosen": np.arange(len(steps)) == at,
        }
    )
    return OverAssignment(
        factor=float(steps[at]), probability=float(chance[at]), is_enough=bool(len(enough)),
        curve=curve,
    )  # fmt: skip
