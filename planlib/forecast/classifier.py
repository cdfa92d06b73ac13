"""
A classifier: chance that an open deal is won in the period, calibrated on predictions made ahead.

Logistic regression with a ridge (scikit-learn), trained once per period on the periods before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, logit

from planlib.forecast.panel import Bools, Floats

_STEPS = 30
_SMALL = 1e-6
_FEW = 30  # wins, and deals not won, below which nothing is learnt
RIDGE = 5.0


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """
    A fitted classifier.

    Parameters
    ----------
    weights
        One per column of the design.
    slope, shift
        Calibration on the scale of log odds; 1 and 0 leave the chances as they are.
    """

    weights: Floats = field(repr=False)
    slope: float = 1.0
    shift: float = 0.0

    def raw(self, design: Floats) -> Floats:
        """Give chances before calibration."""
        return np.asarray(expit(design @ self.weights))

    def chance(self, design: Floats) -> Floats:
        """Give calibrated chances."""
        return np.asarray(expit(self.slope * (design @ self.weights) + self.shift))


def fit_classifier(design: Floats, won: Bools, ridge: float = RIDGE) -> Classifier | None:
    """
    Fit the weights.

    Parameters
    ----------
    design
        One row per deal and day, first column 1.
    won
        Whether it was won later in its period.
    ridge
        Penalty on squared weights, all but the first.

    Returns
    -------
    Classifier or None
        None with fewer than 30 wins, or 30 deals that were not won.
    """
    if min(int(won.sum()), int((~won).sum())) < _FEW:
        return None
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=_SMALL, max_iter=200)
    with threadpool_limits(limits=1):  # the order of additions must not depend on the machine
        model.fit(design[:, 1:], won)
    return Classifier(weights=np.r_[model.intercept_, model.coef_[0]])


def calibrate(model: Classifier, ahead: Floats, won: Bools, prior: float = 50.0) -> Classifier:
    """
    Correct chances by how earlier models did on the periods after them (Platt scaling).

    Parameters
    ----------
    model
        The model to correct.
    ahead
        Chances that earlier models gave for periods they had not seen.
    won
        What happened.
    prior
        Pull towards no correction.

    Returns
    -------
    Classifier
        The model with slope and shift; unchanged without predictions made ahead.
    """
    if min(int(won.sum()), int((~won).sum())) < _FEW:
        return model
    scores = logit(np.clip(ahead, _SMALL, 1 - _SMALL))
    wins = won.astype("float64")
    beta = np.array([0.0, 1.0])
    columns = np.column_stack([np.ones(len(scores)), scores])
    for _ in range(_STEPS):
        p = expit(columns @ beta)
        pull = prior * (beta - np.array([0.0, 1.0]))
        slope = columns.T @ (wins - p) - pull
        curve = (columns * (p * (1 - p))[:, None]).T @ columns + np.diag([prior, prior])
        step = np.linalg.solve(curve, slope)
        beta = beta + step
        if np.abs(step).max() < _SMALL:
            break
    return Classifier(weights=model.weights, slope=float(beta[1]), shift=float(beta[0]))
