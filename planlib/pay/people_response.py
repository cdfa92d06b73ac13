"""How sales followed people in the past: half-years of each unit and region against each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.notes import percent

_HALVES = 8  # half-years looked back
_LEAST = 12  # cells of place and half-year
_VARIATION = 0.05  # standard deviation of log people within places and half-years
_USUAL, _SPREAD = 0.3, 0.1  # published personal-selling elasticities, as in step 03
_OWN = 0.2  # weight of the own history below which the usual value is still an assumption
_WIDTH = 1.2816  # standard errors of an 80 % interval
_BOUNDS = (0.05, 0.9)


@dataclass(frozen=True, kw_only=True)
class PeopleResponse:
    """
    Elasticity of sales to people.

    Parameters
    ----------
    value, low, high
        Elasticity and its 80 % interval.
    weight
        Weight of the own history; the rest is the usual value.
    basis
        What it was fitted on, or why it was not.
    """

    value: float
    low: float
    high: float
    weight: float
    basis: str

    @property
    def is_fitted(self) -> bool:
        """Whether the own history says enough."""
        return self.weight >= _OWN


def fit_people_response(
    reps: pd.DataFrame, opportunities: pd.DataFrame | None, roles: list[str], as_of: date
) -> PeopleResponse:
    """
    Fit how sales followed the number of people, drawn towards what is usual.

    Least squares of log(won) on log(people present) over units and regions and half-years, with an
    effect of each place and of each half-year taken out; combined with a normal prior (mean 0.3,
    standard deviation 0.1, as for selling time in step 03) by precision. It is an association:
    people are also hired where sales grow.

    Parameters
    ----------
    reps
        ``rep_id``, ``role``, ``unit``, ``region``, ``hire_date``, ``leave_date``; leavers too.
    opportunities
        ``owner_id``, ``is_won``, ``close_date``, ``amount``.
    roles
        Roles that are sized.
    as_of
        Last day of the last half-year.
    """
    if opportunities is None:
        return _usual("no deals are known")
    cells = _cells(reps, opportunities, roles, pd.Timestamp(as_of))
    if len(cells) < _LEAST:
        return _usual(f"{len(cells)} half-years of places with people and sales, {_LEAST} needed")
    x, y = (_within(cells, name) for name in ("people", "won"))
    places, halves = cells["place"].nunique(), cells["half"].nunique()
    free = len(cells) - places - halves
    if free < 3 or float(x.std()) < _VARIATION:
        return _usual(f"the number of people hardly changed over {halves} half-years "
                      f"(within places {100 * float(x.std()):.1f} %)")  # fmt: skip
    slope = float(x @ y / (x @ x))
    error = float(((y - slope * x) ** 2).sum() / free / (x @ x))
    weight = (1 / error) / (1 / error + 1 / _SPREAD**2)
    value = float(np.clip(weight * slope + (1 - weight) * _USUAL, *_BOUNDS))
    spread = _WIDTH * float((1 / error + 1 / _SPREAD**2) ** -0.5)
    low, high = np.clip([value - spread, value + spread], *_BOUNDS)
    return PeopleResponse(
        value=value, low=float(low), high=float(high), weight=weight,
        basis=f"fitted on {len(cells)} half-years of {places} units and regions: {slope:.2f} by "
        f"itself, weight {percent(weight)}, the rest the usual {_USUAL:g}; an association",
    )  # fmt: skip


def _usual(why: str) -> PeopleResponse:
    half = _WIDTH * _SPREAD
    return PeopleResponse(value=_USUAL, low=_USUAL - half, high=_USUAL + half, weight=0.0,
                          basis=why)  # fmt: skip


def _cells(
    reps: pd.DataFrame, opportunities: pd.DataFrame, roles: list[str], day: pd.Timestamp
) -> pd.DataFrame:
    """Give people present and amount won by place and half-year, where both are above zero."""
    people = reps[reps["role"].isin(roles)].sort_values("rep_id")
    place = people["unit"].fillna("") + " / " + people["region"].fillna("")
    where = dict(zip(people["rep_id"], place, strict=True))
    won = opportunities[opportunities["is_won"].astype("boolean").fillna(False).astype(bool)]
    won = won.assign(place=won["owner_id"].map(where)).dropna(subset=["place", "amount"])
    known = won["close_date"].min()
    rows = []
    for half in range(_HALVES):
        end, start = (day - pd.DateOffset(months=6 * one) for one in (half, half + 1))
        if pd.isna(known) or start < known - pd.Timedelta(days=31):
            break
        came = people["hire_date"].where(people["hire_date"] > start, start)
        gone = people["leave_date"].where(people["leave_date"] < end, end)
        share = ((gone - came).dt.days.clip(lower=0) / (end - start).days).groupby(place).sum()
        inside = won[(won["close_date"] > start) & (won["close_date"] <= end)]
        sold = inside.groupby("place")["amount"].sum()
        both = pd.DataFrame({"people": share, "won": sold}).dropna()
        rows.append(both[(both["people"] > 0.25) & (both["won"] > 0)].assign(half=half))
    if not rows:
        return pd.DataFrame(columns=["place", "people", "won", "half"])
    return pd.concat(rows).rename_axis("place").reset_index()


def _within(cells: pd.DataFrame, name: str) -> np.ndarray:
    """Take the effects of places and half-years out of the logarithm of a column."""
    value = pd.Series(np.log(cells[name].to_numpy(dtype="float64")), cells.index)
    for _ in range(50):  # alternating projections; balanced cells need one round
        for by in ("place", "half"):
            value = value - value.groupby(cells[by]).transform("mean")
    return np.asarray(value.to_numpy(dtype="float64"))
