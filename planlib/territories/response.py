"""
Expected sales as a concave function of selling time: what a plan is worth, and the best plan.

The model is that of COSTA (Skiera and Albers 1998, Marketing Science 17(3); Zoltners and Sinha
2005, Marketing Science 24(3), on why balance is only a stand-in for it): an account sells
``ceiling x (share of the needed time)^elasticity`` (power), or approaches a ceiling exponentially
(saturation). Time on the way sells nothing, misfit sells less. A rep's time is divided so that one
more hour is worth the same with every account: in closed form for the power function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

#: Fewer accounts leave the elasticity at its usual value.
FEWEST_FITTED = 10

_TINY = 1e-12
_STEPS = 60


@dataclass(frozen=True, kw_only=True)
class Response:
    """
    How sales of n accounts with m reps follow from hours.

    Parameters
    ----------
    ceiling
        (n, m) expected sales at the needed hours (power), or with endless time (saturation);
        misfit is taken off already.
    needed
        (n, m) hours, travel included, that count as full care; above 0.
    hours
        (m,) selling time of each rep with travel, above 0.
    elasticity
        Of sales to time, between 0 and 1; for saturation at the needed hours.
    form
        power or saturation.
    """

    ceiling: np.ndarray
    needed: np.ndarray
    hours: np.ndarray
    elasticity: float
    form: Literal["power", "saturation"] = "power"

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""
        return self.ceiling.shape[0], self.ceiling.shape[1]

    @property
    def rate(self) -> float:
        """Exponent k of ``1 - exp(-k t / needed)`` with the elasticity asked at t = needed."""
        low, high = 1e-9, 60.0
        for _ in range(_STEPS * 2):
            middle = (low + high) / 2
            if middle / np.expm1(middle) > self.elasticity:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def sales(self, hours: np.ndarray, ceiling: np.ndarray, needed: np.ndarray) -> np.ndarray:
        """Give expected sales of accounts at so many hours."""
        share = hours / needed
        if self.form == "power":
            return np.asarray(ceiling * share**self.elasticity)
        return np.asarray(ceiling * -np.expm1(-self.rate * share))

    def best_hours(self, worth: np.ndarray, ceiling: np.ndarray, needed: np.ndarray) -> np.ndarray:
        """Give the hours at which one more hour sells exactly ``worth``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.form == "power":
                e = self.elasticity
                found = needed * (e * ceiling / (needed * worth)) ** (1 / (1 - e))
            else:
                k = self.rate
                found = needed / k * np.log(np.maximum(k * ceiling / (needed * worth), 1.0))
        return np.where(ceiling > 0, found, 0.0)

    def profit(self, worth: np.ndarray) -> np.ndarray:
        """Give sales less the worth of the time they take, (n, m), at each rep's worth (m,)."""
        price = np.broadcast_to(worth, self.shape)
        hours = self.best_hours(price, self.ceiling, self.needed)
        return np.asarray(self.sales(hours, self.ceiling, self.needed) - price * hours)

    def divided(self, accounts: np.ndarray, rep: int) -> tuple[np.ndarray, np.ndarray, float]:
        """
        Divide a rep's time among accounts so that expected sales are most.

        Returns
        -------
        tuple
            Hours and expected sales of each account, and what one more hour would sell.
        """
        ceiling, needed = self.ceiling[accounts, rep], self.needed[accounts, rep]
        total = float(self.hours[rep])
        if not (ceiling > 0).any():
            return np.zeros(len(accounts)), np.zeros(len(accounts)), 0.0
        if self.form == "power":
            pull = needed * (ceiling / needed) ** (1 / (1 - self.elasticity))
            hours = total * pull / pull.sum()
            sales = self.sales(hours, ceiling, needed)
            return hours, sales, float(self.elasticity * sales.sum() / total)
        worth = self._worth(ceiling, needed, total)
        hours = self.best_hours(np.full(len(ceiling), worth), ceiling, needed)
        hours = hours * total / max(hours.sum(), _TINY)
        return hours, self.sales(hours, ceiling, needed), worth

    def _worth(self, ceiling: np.ndarray, needed: np.ndarray, total: float) -> float:
        """Give the worth of an hour at which accounts ask for exactly the time there is."""
        high = float((self.rate * ceiling / needed).max())
        low = high * 1e-16
        for _ in range(_STEPS * 2):
            middle = float(np.sqrt(low * high))
            asked = self.best_hours(np.full(len(ceiling), middle), ceiling, needed).sum()
            low, high = (middle, high) if asked > total else (low, middle)
        return float(np.sqrt(low * high))


@dataclass(frozen=True, kw_only=True)
class Worth:
    """Expected sales of a plan: hours and sales by account, sales and worth of an hour by rep."""

    hours: np.ndarray
    sales: np.ndarray
    by_rep: np.ndarray
    hour_worth: np.ndarray

    @property
    def total(self) -> float:
        """Expected sales in all."""
        return float(self.by_rep.sum())


def worth_of(response: Response, rep: np.ndarray) -> Worth:
    """
    Give what a plan is expected to sell, each rep's time divided best.

    Parameters
    ----------
    response
        Of accounts and reps.
    rep
        (n,) rep of each account; -1: nobody, sells nothing.
    """
    n, m = response.shape
    hours, sales = np.zeros(n), np.zeros(n)
    by_rep, hour_worth = np.zeros(m), np.zeros(m)
    for j in range(m):
        mine = np.flatnonzero(rep == j)
        if len(mine):
            hours[mine], sales[mine], hour_worth[j] = response.divided(mine, j)
            by_rep[j] = sales[mine].sum()
    return Worth(hours=hours, sales=sales, by_rep=by_rep, hour_worth=hour_worth)


@dataclass(frozen=True, kw_only=True)
class Profitable:
    """The plan with most expected sales found, and what no plan of its kind can exceed."""

    rep: np.ndarray
    worth: Worth
    most: float
    status: str

    @property
    def gap(self) -> float:
        """(most - expected sales) / most."""
        return max(self.most - self.worth.total, 0.0) / self.most if self.most > 0 else 0.0


def most_profitable(
    response: Response,
    *,
    start: np.ndarray,
    allowed: np.ndarray | None = None,
    limits: dict[str, Any] | None = None,
    seed: int = 0,
    rounds: int = 8,
) -> Profitable:
    """
    Find the plan with most expected sales.

    At any worth of an hour per rep, hours x worth + the best profit of each account bounds the
    expected sales of every plan (Lagrangian duality over the reps' time). Accounts go where their
    profit is largest; the worth of hours follows from the plan, and so on; then single accounts
    move while that adds sales (power function).

    Parameters
    ----------
    response
        Of accounts and reps.
    start
        (n,) a plan that is allowed, to begin with and to compare with.
    allowed
        (n, m) who may own what; None: anybody.
    limits
        Keyword arguments for ``assign`` (load, lower, upper, groups, ...) that plans must meet;
        None: no limits.
    seed
        Of the engine.
    rounds
        Most times that all accounts are assigned anew.

    Returns
    -------
    Profitable
        Never worse than ``start``.
    """
    may = np.ones(response.shape, dtype=bool) if allowed is None else allowed
    worth = _dual_worth(response, may)
    best, value, most, status = start, worth_of(response, start), np.inf, "feasible"
    for turn in range(rounds):
        profit = np.where(may, response.profit(worth), -np.inf)
        plan, bound, status = _by_profit(profit, limits, seed)
        most = min(most, float((worth * response.hours).sum()) + bound)
        if plan is None:
            break
        now = worth_of(response, plan)
        if now.total > value.total:
            best, value = plan, now
        step = 1 / (turn + 2)
        floor = _TINY * max(float(worth.max()), _TINY)
        worth = np.maximum(worth, floor) ** (1 - step) * np.maximum(now.hour_worth, floor) ** step
    if limits is None and response.form == "power":
        best = _climb(response, best, may)
        value = worth_of(response, best)
    return Profitable(rep=best, worth=value, most=max(most, value.total), status=status)


def _by_profit(
    profit: np.ndarray, limits: dict[str, Any] | None, seed: int
) -> tuple[np.ndarray | None, float, str]:
    """Give each account to the rep with the largest profit, within limits; and a bound."""
    if limits is None:
        return profit.argmax(axis=1), float(profit.max(axis=1).sum()), "feasible"
    from planlib.territories.engine.assign import assign

    found = assign(-profit, **limits, seed=seed, effort="quick")
    met = not found.violations
    return (found.rep if met else None), -float(found.bound), found.status


def _dual_worth(response: Response, may: np.ndarray) -> np.ndarray:
    """Minimise hours x worth + sum of (soft) best profits over the logarithm of worth."""
    from scipy.optimize import minimize

    even = np.where(may, 1.0, 0.0) / np.maximum(may.sum(axis=1), 1)[:, None]
    scale = max(float((response.ceiling * even).sum()) / float(response.hours.sum()), _TINY)
    unit = max(float((response.ceiling * even).sum()), _TINY)
    point = np.zeros(len(response.hours))

    def value(log_worth: np.ndarray, heat: float) -> tuple[float, np.ndarray]:
        worth = scale * np.exp(log_worth)
        hours = response.best_hours(
            np.broadcast_to(worth, response.shape), response.ceiling, response.needed
        )
        profit = response.sales(hours, response.ceiling, response.needed) - worth * hours
        profit = np.where(may, profit, -np.inf)
        top = profit.max(axis=1)
        soft = heat * np.maximum(np.abs(top), _TINY)
        share = np.exp((profit - top[:, None]) / soft[:, None])
        mass = share.sum(axis=1)
        total = float((worth * response.hours).sum() + (top + soft * np.log(mass)).sum())
        asked = (share / mass[:, None] * np.where(may, hours, 0.0)).sum(axis=0)
        return total / unit, (response.hours - asked) * worth / unit

    for heat in (0.1, 0.02, 0.005):
        found = minimize(value, point, args=(heat,), jac=True, method="L-BFGS-B",
                         bounds=[(-25.0, 25.0)] * len(point), options={"maxiter": 100})  # fmt: skip
        point = found.x
    return np.asarray(scale * np.exp(point))


def _climb(response: Response, rep: np.ndarray, may: np.ndarray, passes: int = 20) -> np.ndarray:
    """Move single accounts while that adds expected sales; exact for the power function."""
    e = response.elasticity
    with np.errstate(divide="ignore"):
        pull = response.needed * (response.ceiling / response.needed) ** (1 / (1 - e))
    rep = rep.copy()
    m = len(response.hours)
    held = np.bincount(rep, pull[np.arange(len(rep)), rep], minlength=m)
    gift = response.hours**e
    for _ in range(passes):
        moved = False
        for i in range(len(rep)):
            here = rep[i]
            loss = gift[here] * (
                held[here] ** (1 - e) - max(held[here] - pull[i, here], 0.0) ** (1 - e)
            )
            gain = np.where(may[i], gift * ((held + pull[i]) ** (1 - e) - held ** (1 - e)), -np.inf)
            gain[here] = loss
            there = int(gain.argmax())
            if there != here and gain[there] > loss * (1 + 1e-9):
                held[here] = max(held[here] - pull[i, here], 0.0)
                held[there] += pull[i, there]
                rep[i] = there
                moved = True
        if not moved:
            break
    return rep


def fitted_elasticity(
    hours: np.ndarray,
    needed: np.ndarray,
    sales: np.ndarray,
    potential: np.ndarray,
    *,
    prior: float = 0.3,
) -> tuple[float, float, int]:
    """
    Fit the elasticity of sales to selling time, drawn towards what is usual.

    Least squares of log(sales / potential) on log(hours / needed), combined with a normal prior
    (mean 0.3, standard deviation 0.1; the mean of published personal-selling elasticities is 0.31
    to 0.34: Albers, Mantrala and Sridhar 2010, Journal of Marketing Research 47(5)) by precision.
    It is an association: reps also spend time where sales are to be expected.

    Parameters
    ----------
    hours, needed, sales, potential
        By account; accounts where one is not above 0 or unknown are left out.
    prior
        Elasticity to draw to.

    Returns
    -------
    tuple
        Elasticity between 0.05 and 0.9, its standard error, and the accounts used.
    """
    table = np.stack([np.asarray(one, dtype=float) for one in (hours, needed, sales, potential)])
    good = (np.isfinite(table) & (table > 0)).all(axis=0)
    count = int(good.sum())
    x = np.log(table[0, good] / table[1, good])
    y = np.log(table[2, good] / table[3, good])
    spread = 0.1
    if count < FEWEST_FITTED or float(x.var()) < _TINY:
        return float(np.clip(prior, 0.05, 0.9)), spread, count
    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / (x @ x))
    error = float(((y - slope * x) ** 2).sum() / (count - 2) / (x @ x))
    weight = np.array([1 / spread**2, 1 / max(error, _TINY)])
    found = float((weight * [prior, slope]).sum() / weight.sum())
    return float(np.clip(found, 0.05, 0.9)), float(weight.sum() ** -0.5), count
