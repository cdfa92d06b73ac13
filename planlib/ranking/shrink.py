"""
Shrinkage of ratios to peers, and whether reps differ at all.

Counts: beta-binomial and gamma-Poisson empirical Bayes with moments for the spread (Efron and
Morris; Casella, The American Statistician 39, 1985). Means: normal-normal random effects with the
spread of DerSimonian and Laird (Controlled Clinical Trials 7, 1986). Every function works along
the last axis, so that many simulated peer groups can be fitted at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_TINY = 1e-9


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """
    What is known of true ratios after shrinkage.

    Parameters
    ----------
    mean, variance
        Of each rep's true ratio to peers.
    shape, rate
        Of its gamma distribution; None where it is normal.
    spread
        Standard deviation of true ratios among peers that was used.
    is_inverse
        Whether the ratio is 1 over what the distribution is of (days: fewer is better).
    """

    mean: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    shape: Floats | None = field(default=None, repr=False)
    rate: Floats | None = field(default=None, repr=False)
    spread: Floats = field(repr=False)
    is_inverse: bool = False

    @property
    def moments(self) -> tuple[Floats, Floats]:
        """Mean and variance of the ratio, inverted where fewer is better (delta method)."""
        if not self.is_inverse:
            return self.mean, self.variance
        mean = np.maximum(self.mean, 0.2)
        return 1.0 / mean, self.variance / mean**4

    def quantile(self, share: float) -> Floats:
        """Give a quantile of each true ratio."""
        from scipy.special import gammaincinv, ndtri

        if self.shape is not None and self.rate is not None:
            return np.asarray(gammaincinv(self.shape, share) / self.rate, dtype=float)
        wanted = 1.0 - share if self.is_inverse else share
        value = self.mean + float(ndtri(wanted)) * np.sqrt(self.variance)
        return 1.0 / np.maximum(value, 0.2) if self.is_inverse else value


def beta_binomial(wins: Floats, cases: Floats, floor: float = 1e-4) -> tuple[Floats, Floats]:
    """
    Draw win rates towards the pooled rate.

    ``(k + A m) / (n + A)`` with ``m`` the pooled rate, ``A = m (1 - m) / tau2 - 1`` and ``tau2``
    the variance of ``k / n``, weighted by cases, less what chance alone makes of it, at least
    ``floor``.

    Parameters
    ----------
    wins, cases
        ``k`` and ``n`` of each rep; no cases are allowed.
    floor
        Smallest variance of true rates.

    Returns
    -------
    tuple
        The shrunk rates, and ``A``, the cases of the pool that each is mixed with.
    """
    total = np.maximum(cases.sum(axis=-1, keepdims=True), _TINY)
    pooled = wins.sum(axis=-1, keepdims=True) / total
    rate = np.divide(wins, cases, out=np.zeros_like(wins, dtype=float), where=cases > 0)
    seen = np.where(cases > 0, cases * (rate - pooled) ** 2, 0.0).sum(axis=-1, keepdims=True)
    members = (cases > 0).sum(axis=-1, keepdims=True)
    tau2 = np.maximum((seen - (members - 1) * pooled * (1 - pooled)) / total, floor)
    prior = np.maximum(pooled * (1 - pooled) / tau2 - 1, 0.0)
    return (wins + prior * pooled) / np.maximum(cases + prior, _TINY), prior


def gamma_ratio(observed: Floats, expected: Floats, variance: Floats, floor: float) -> Posterior:
    """
    Shrink observed over expected counts towards 1.

    With ``phi`` the variance of a count over its expectation (below 1 for wins, since a lead is
    won once at most), the posterior of a true ratio is gamma with mean
    ``(O / phi + a) / (E / phi + a)``, ``a = 1 / tau2``.

    Parameters
    ----------
    observed, expected
        Counts of each rep; expected ones on the level of the peers, so that both sums agree.
    variance
        Variance of the count at the expected chance: sum of ``e (1 - e)``.
    floor
        Smallest standard deviation of true ratios.

    Returns
    -------
    Posterior
        Gamma distribution of each rep's true ratio.
    """
    total = np.maximum(expected.sum(axis=-1, keepdims=True), _TINY)
    ratio = np.divide(observed, expected, out=np.ones_like(expected), where=expected > 0)
    seen = (expected * (ratio - 1) ** 2).sum(axis=-1, keepdims=True)
    members = np.maximum((expected > 0).sum(axis=-1, keepdims=True), 1)
    noise = np.divide(variance, expected, out=np.zeros_like(expected), where=expected > 0)
    chance = noise.sum(axis=-1, keepdims=True) * (members - 1) / members
    tau2 = np.maximum((seen - chance) / total, floor**2)
    prior = 1.0 / tau2
    phi = np.where(noise > 0, np.maximum(noise, 0.02), 1.0)
    shape, rate = observed / phi + prior, expected / phi + prior
    return Posterior(
        mean=shape / rate, variance=shape / rate**2, shape=shape, rate=rate, spread=np.sqrt(tau2)
    )


def normal_ratio(
    ratio: Floats, variance: Floats, floor: float, *, is_inverse: bool = False
) -> Posterior:
    """
    Shrink ratios of means towards 1.

    ``r ~ N(true, v)``, ``true ~ N(1, tau2)``; posterior mean ``1 + B (r - 1)`` and variance
    ``B v`` with ``B = tau2 / (tau2 + v)``; ``tau2`` by DerSimonian and Laird.

    Parameters
    ----------
    ratio
        Observed over expected of each rep.
    variance
        Its sampling variance; infinity where the rep has no sample.
    floor
        Smallest standard deviation of true ratios.
    is_inverse
        Whether fewer is better, as for days.

    Returns
    -------
    Posterior
        Normal distribution of each rep's true ratio.
    """
    weight = 1.0 / np.maximum(variance, _TINY)
    total = np.maximum(weight.sum(axis=-1, keepdims=True), _TINY)
    q = (weight * (ratio - 1) ** 2).sum(axis=-1, keepdims=True)
    freedom = np.maximum((weight > 0).sum(axis=-1, keepdims=True) - 1, 0)
    scale = total - (weight**2).sum(axis=-1, keepdims=True) / total
    tau2 = np.maximum((q - freedom) / np.maximum(scale, _TINY), floor**2)
    own = 1.0 / (1.0 + tau2 * weight)  # what of the peers' value stays: v / (v + tau2)
    return Posterior(
        mean=ratio * (1 - own) + own,
        variance=tau2 * own,
        spread=np.sqrt(tau2),
        is_inverse=is_inverse,
    )


def difference_test(ratio: Floats, variance: Floats) -> tuple[float, int, float]:
    """
    Test whether ratios differ by more than chance (Cochran's Q).

    Parameters
    ----------
    ratio
        Ratio to peers of each rep.
    variance
        Its sampling variance; reps with an infinite one do not count.

    Returns
    -------
    tuple
        Q, its degrees of freedom, and the chance of such a Q where all reps are alike; NaN with
        fewer than two reps.
    """
    from scipy.special import chdtrc

    known = np.isfinite(variance) & (variance > 0)
    freedom = int(known.sum()) - 1
    if freedom < 1:
        return float("nan"), 0, float("nan")
    weight = 1.0 / variance[known]
    centre = float((weight * ratio[known]).sum() / weight.sum())
    q = float((weight * (ratio[known] - centre) ** 2).sum())
    return q, freedom, float(chdtrc(freedom, q))
