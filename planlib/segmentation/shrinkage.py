"""
Estimates for small groups, drawn towards the wider group they belong to.

Normal values: one-way random effects, variances by the method of moments (analysis of variance
for groups of unequal size; Searle, Casella and McCulloch, Variance Components, 1992). Counts:
gamma prior for a Poisson rate, moments from the groups (Marshall, Applied Statistics 40, 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.segmentation.coded import Codes, Numbers


@dataclass(frozen=True)
class Cells:
    """
    Groups of one level after shrinkage.

    ``weight`` is the weight of a group's own mean, ``mean`` the shrunk mean, ``variance`` its
    posterior variance, ``between`` the variance of true group means around their parents'.
    """

    count: Numbers
    raw_mean: Numbers
    mean: Numbers
    weight: Numbers
    variance: Numbers
    between: float


def group_means(values: Numbers, cell: Codes, size: int) -> tuple[Numbers, Numbers]:
    """Give count and mean of the values of each group; NaN for a group without values."""
    count = np.bincount(cell, minlength=size).astype(float)
    total = np.bincount(cell, weights=values, minlength=size)
    return count, np.divide(total, count, out=np.full(size, np.nan), where=count > 0)


def within_variance(values: Numbers, cell: Codes, size: int) -> tuple[float, int]:
    """
    Give the pooled variance of values within groups, and its degrees of freedom.

    ``sum((y - mean of its group)**2) / (N - groups with values)``; NaN with no freedom left.
    """
    count, mean = group_means(values, cell, size)
    freedom = len(values) - int((count > 0).sum())
    if freedom <= 0:
        return float("nan"), 0
    return float(((values - mean[cell]) ** 2).sum() / freedom), freedom


def between_variance(
    count: Numbers, mean: Numbers, parent: Codes, parents: int, within: float
) -> float:
    """
    Give the variance of true group means around their parent's mean, by moments, at least 0.

    ``(sum n (ybar - ybar_parent)**2 - sum (groups - 1) within) / sum (N - sum n**2 / N)``, each
    sum over parents; 0 where no parent has two groups, for then nothing tells groups apart.
    """
    full = count > 0
    n, y, up = count[full], mean[full], parent[full]
    total = np.bincount(up, weights=n, minlength=parents)
    centre = np.bincount(up, weights=n * y, minlength=parents)
    centre = np.divide(centre, total, out=np.zeros(parents), where=total > 0)
    squares = float((n * (y - centre[up]) ** 2).sum())
    groups = np.bincount(up, minlength=parents)
    spare = float((groups[groups > 0] - 1).sum())
    sizes = np.bincount(up, weights=n**2, minlength=parents)
    scale = float((total - np.divide(sizes, total, out=total.copy(), where=total > 0)).sum())
    return max(0.0, (squares - spare * within) / scale) if scale > 1e-12 else 0.0


def shrink(
    count: Numbers,
    raw_mean: Numbers,
    parent_mean: Numbers,
    parent_variance: Numbers,
    *,
    within: float,
    between: float,
) -> Cells:
    """
    Draw each group's mean towards its parent's.

    ``mean = w ybar + (1 - w) parent`` with ``w = n between / (n between + within)``. The variance
    is that of the group given its parent, ``between within / (n between + within)``, plus
    ``(1 - w)**2`` times the parent's own. A group without values has its parent's mean.
    """
    base = count * between + within
    weight = np.divide(count * between, base, out=np.zeros_like(base), where=base > 0)
    if within == 0 and between == 0:
        weight = np.where(count > 0, 1.0, 0.0)
    own = np.where(count > 0, raw_mean, parent_mean)
    mean = weight * own + (1 - weight) * parent_mean
    inside = np.divide(between * within, base, out=np.zeros_like(base), where=base > 0)
    inside = np.where(count > 0, inside, between)
    variance = inside + (1 - weight) ** 2 * parent_variance
    return Cells(count, raw_mean, mean, weight, variance, between)


@dataclass(frozen=True)
class GammaPrior:
    """Gamma distribution of rates with mean ``shape / exposure``."""

    shape: Numbers
    exposure: Numbers


def gamma_prior(counts: Numbers, exposures: Numbers, cell: Codes, rate: Numbers) -> GammaPrior:
    """
    Give the prior of the rates within each group around a stated mean rate.

    The spread of true rates relative to the squared mean is taken as equal in all groups:
    ``excess = sum ((k - rate t)**2 - rate t) / sum (rate t)**2``, at least 0.0001; the prior of
    a group has shape ``1 / excess`` and exposure ``shape / rate``.

    Parameters
    ----------
    counts, exposures
        Events and time of each member.
    cell
        Group of each member.
    rate
        Mean rate of each group, above 0.
    """
    expected = rate[cell] * exposures
    scale = float((expected**2).sum())
    spread = float(((counts - expected) ** 2 - expected).sum())
    excess = max(1e-4, spread / scale) if scale > 0 else 1e-4
    shape = np.full(len(rate), 1.0 / excess)
    return GammaPrior(shape, shape / rate)


def gamma_rate(counts: Numbers, exposures: Numbers, cell: Codes, prior: GammaPrior) -> Numbers:
    """Give the posterior mean rate of each member: ``(k + shape) / (t + exposure)``."""
    return np.asarray(
        (counts + prior.shape[cell]) / (exposures + prior.exposure[cell]), dtype=float
    )
