"""
How many people pay for themselves: size of the sales force by return.

After Zoltners, Sinha and Lorimer (HBR, on sizing by return on investment): a person costs C; with
margin M the sales that pay for it are ``B = C / M``; one more person brings I in the first year,
of which K2 and K3 come again in the second and third. Sales grow less than in step with people
(concave response), so the last person brings less the more there are, and profit is flat around
its best (Sinha and Zoltners 2001).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class ReturnTerms:
    """
    What one more person costs and what a sale is worth.

    Parameters
    ----------
    cost
        C: cost of a person a year, above 0.
    margin_share
        M: margin on one more sale, above 0.
    carry_over
        K2 and K3: share of a sale that comes again in the second and in the third year.
    """

    cost: float
    margin_share: float
    carry_over: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse a cost or a margin that nothing can pay for."""
        if not self.cost > 0 or not self.margin_share > 0:
            raise ValueError(
                f"cost and margin_share must be above 0, got {self.cost:g} and "
                f"{self.margin_share:g}"
            )

    @property
    def break_even(self) -> float:
        """
        Sales that pay for one person: C / M.

        Examples
        --------
        >>> round(ReturnTerms(cost=200_000, margin_share=0.7).break_even)
        285714
        """
        return self.cost / self.margin_share

    @property
    def worth(self) -> float:
        """Margin of one unit sold this year, with what comes again: M (1 + K2 + K3)."""
        return self.margin_share * (1.0 + sum(self.carry_over))

    def ratio(self, incremental: float) -> float:
        """Give I / B."""
        return incremental / self.break_even

    def three_year_return(self, incremental: np.ndarray | float) -> np.ndarray:
        """
        Give (M I + M I K2 + M I K3 - C) / C.

        Examples
        --------
        >>> terms = ReturnTerms(cost=200_000, margin_share=0.7, carry_over=(0.7, 0.5))
        >>> round(float(terms.three_year_return(600_000)), 2), round(terms.ratio(600_000), 2)
        (3.62, 2.1)
        """
        return (self.worth * np.asarray(incremental, dtype="float64") - self.cost) / self.cost


@dataclass(frozen=True, kw_only=True)
class SalesResponse:
    """
    Sales as a concave function of people: ``sales (n / people)^elasticity``.

    Parameters
    ----------
    people
        People today, above 0.
    sales
        Sales with them.
    elasticity
        Percent more sales for one percent more people, between 0 and 1.
    """

    people: float
    sales: float
    elasticity: float

    def at(self, count: np.ndarray) -> np.ndarray:
        """Give sales with so many people."""
        return np.asarray(self.sales * (count / self.people) ** self.elasticity)

    def last(self, count: np.ndarray) -> np.ndarray:
        """Give what the last of so many people brings."""
        return np.asarray(self.at(count) - self.at(np.maximum(count - 1.0, 0.0)))


@dataclass(frozen=True, kw_only=True)
class SizeAnswer:
    """
    Numbers of people among those looked at.

    Parameters
    ----------
    best
        The most profitable.
    edge
        ``low`` or ``high`` where the best is the smallest or largest looked at, so that the true
        best may lie beyond; blank: it lies within.
    flat
        Smallest and largest that are nearly as good.
    right
        Smallest and largest with a return about right; (0, 0): none.
    incremental
        What one more person than today brings.
    curve
        ``head_count``, ``sales_amount``, ``incremental_amount``, ``cost_amount``,
        ``profit_amount``, ``return_share``, ``is_flat`` and ``is_current``.
    """

    best: int
    edge: str
    flat: tuple[int, int]
    right: tuple[int, int]
    incremental: float
    curve: pd.DataFrame


_SHOWN = 80  # sizes in a curve, about


def size_by_return(
    response: SalesResponse,
    terms: ReturnTerms,
    *,
    widest: float,
    flat_share: float,
    right_return: tuple[float, float],
) -> SizeAnswer:
    """
    Find the size with the highest three-year profit and how flat the profit is around it.

    Parameters
    ----------
    response, terms
        Sales by number of people, and what they cost.
    widest
        Sizes between today's divided by and times this are looked at: further away, a response
        that was seen around today's size says nothing.
    flat_share
        Profits within this share of the best count as equally good.
    right_return
        Three-year return of the last person at which a size is about right.

    Returns
    -------
    SizeAnswer
        The curve holds about 80 sizes; the numbers of people are exact.
    """
    now = max(1, round(response.people))
    first = max(1, int(np.floor(response.people / widest)))
    count = np.arange(first, max(int(np.ceil(response.people * widest)), now + 1) + 1.0)
    sales, last = response.at(count), response.last(count)
    profit = terms.worth * sales - terms.cost * count
    gain = terms.three_year_return(last)
    best = int(np.argmax(profit))
    flat = profit >= profit[best] - flat_share * abs(profit[best])
    right = (gain >= right_return[0]) & (gain <= right_return[1])
    curve = pd.DataFrame({
        "head_count": count.astype("int64"), "sales_amount": sales, "incremental_amount": last,
        "cost_amount": terms.cost * count, "profit_amount": profit, "return_share": gain,
        "is_flat": flat, "is_current": count == now,
    })  # fmt: skip
    more = response.at(np.array([response.people + 1.0]))[0] - response.sales
    edge = "high" if best == len(count) - 1 else "low" if best == 0 and first > 1 else ""
    kept = np.zeros(len(count), dtype=bool)
    kept[:: max(1, len(count) // _SHOWN)] = True
    kept[[best, now - first, *np.flatnonzero(flat)[[0, -1]], len(count) - 1]] = True
    return SizeAnswer(
        best=first + best, edge=edge, flat=_ends(flat, first), right=_ends(right, first),
        incremental=float(more), curve=curve[kept].reset_index(drop=True),
    )  # fmt: skip


def _ends(chosen: np.ndarray, first: int) -> tuple[int, int]:
    places = np.flatnonzero(chosen)
    return (int(places[0]) + first, int(places[-1]) + first) if len(places) else (0, 0)
