"""
The running year: what is won, what is left, what people can still sell, chance given what is won.

A rep's year is a gamma process: the parts of a year are independent, and together they spread as
``fit_spread`` found for whole years. So what is won so far says nothing of one rep's own luck in
the rest; of the factor that all reps share it says as much as its noise allows (``_market``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from planlib.capacity.history import won_amounts
from planlib.capacity.people import KINDS
from planlib.capacity.simulate import CapacityFutures
from planlib.notes import percent
from planlib.quotas.assign import Assigned, QuotaParts
from planlib.quotas.gather import MONTHS, World, simulated_years
from planlib.quotas.places import NOBODY, Places, find_places
from planlib.quotas.tree import COMPANY

Floats = npt.NDArray[np.float64]
_SEED = 43
_INTERVAL = (10, 50, 90)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """
    How far the year is.

    Parameters
    ----------
    over
        (12,) share of each month that is over.
    season
        (12,) weight of each month, mean 1.
    """

    over: Floats = field(repr=False)
    season: Floats = field(repr=False)

    @property
    def due_share(self) -> float:
        """Part of the year's target that is due."""
        return float((self.season * self.over).mean())

    @property
    def months_left(self) -> float:
        """Months left."""
        return float((1 - self.over).sum())

    def left(self, able: Floats) -> tuple[Floats, Floats]:
        """Give what each row brings in the whole year and in the rest, in months."""
        return able @ self.season, able @ (self.season * (1 - self.over))


def year_to_date(
    parts: QuotaParts, made: Assigned, plan: CapacityFutures, levels: frozenset[str],
    cuts: dict[str, frozenset[str]],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """
    Give tables ``quota_year`` and ``quota_to_date``.

    Parameters
    ----------
    parts, made
        What the quotas are made of, and the quotas of the plan.
    plan
        Simulated capacity: leavers and late hires of the rest of the year.
    levels, cuts
        Levels, and values of each cut, with enough people to be shown to everybody.
    """
    world, clock = parts.world, clock_of(parts.world)
    reps = _reps(parts, made, clock)
    known = world.won is not None
    won, basis = _won(world)
    places = find_places(parts.tree, world.staff.people, reps)
    mine = places.won_by(won) if known else np.full(len(places.rows), np.nan)
    reps["won"] = reps["rep_id"].map(won).fillna(0.0)
    kept = _kept(world, plan, clock, simulated_years(world))
    amounts, chances = _rest(parts, made, kept, reps, (places, mine))
    rows = places.rows
    target = np.asarray(places.inside @ reps["target_amount"].to_numpy())
    target[rows["cut_value"] == NOBODY] = np.nan
    remaining = np.maximum(target - mine, 0.0)
    past, left = MONTHS - clock.months_left, clock.months_left
    found = rows.assign(
        is_group=[_is_open(one, levels, cuts) for one in rows[["cut", "cut_value"]].itertuples()],
        target_amount=target, stated_amount=_stated(parts, rows),
        target_basis=_bases(world, rows), is_assumed=world.target.is_weak,
        won_until=world.as_of, won_amount=mine, won_basis=basis, won_share=_ratio(mine, target),
        due_share=clock.due_share, due_amount=target * clock.due_share,
        remaining_amount=remaining, rest_low=amounts[0], rest_amount=amounts[1],
        rest_high=amounts[2], months_left=left, rate_amount=_ratio(mine, past),
        needed_rate_amount=_ratio(remaining, left), probability=chances[0],
        plan_probability=chances[1],
    )  # fmt: skip
    empty = (found["cut_value"] == NOBODY) & ~found["won_amount"].fillna(0.0).ne(0.0)
    found = found[~empty].reset_index(drop=True)
    return {"quota_year": found, "quota_to_date": _quotas_to_date(world, clock, reps)}


def _stated(parts: QuotaParts, rows: pd.DataFrame) -> list[float]:
    """Give the target that people have set for each level; NaN where there is none."""
    target = parts.world.target
    found = {("manager", str(node)): cents / 100 for node, cents in parts.stated.items()}
    for cut, goal in (("region", target.by_region), ("unit", target.by_unit)):
        found |= {(cut, str(value)): float(amount) for value, amount in goal.items()}
    found[COMPANY, COMPANY] = target.set_amount
    return [found.get(key, np.nan) for key in zip(rows["cut"], rows["cut_value"], strict=True)]


def _bases(world: World, rows: pd.DataFrame) -> pd.Series:
    """Say for each level what its target is: the company's own, or a blend below it."""
    share = world.quotas.top_down_share
    blend = f"{percent(share)} top-down, {percent(1 - share)} bottom-up"
    company = rows["cut"] == COMPANY
    text = pd.Series(blend, index=rows.index).mask(company, world.target.basis)
    return text.mask(rows["cut_value"] == NOBODY)


def clock_of(world: World) -> Clock:
    """Give how far the year is on the as-of date."""
    first = world.inputs.months[:MONTHS]
    size = (first + pd.offsets.MonthBegin(1) - first).days.to_numpy(dtype="float64")
    gone = (world.as_of + pd.Timedelta(days=1) - first).days.to_numpy(dtype="float64")
    return Clock(over=np.clip(gone / size, 0.0, 1.0), season=np.array(world.target.season))


def _reps(parts: QuotaParts, made: Assigned, clock: Clock) -> pd.DataFrame:
    """Give the carriers by rep_id, with the part of their year that is left, and their quotas."""
    carriers = parts.carriers
    whole, rest = clock.left(parts.world.able)
    ours = pd.DataFrame({
        "rep_id": parts.world.carriers["rep_id"], "whole": whole, "rest": rest,
    })  # fmt: skip
    amounts = pd.DataFrame({
        "rep_id": carriers["rep_id"], "node_id": carriers.index,
        "target_amount": made.blended.reindex(carriers.index).to_numpy(dtype="float64") / 100,
        "plan_amount": made.decided.cents.reindex(carriers.index).to_numpy(dtype="float64") / 100,
    })  # fmt: skip
    rows = parts.world.carriers.merge(ours, on="rep_id").merge(amounts, on="rep_id")
    rows["left"] = (rows["rest"] / rows["whole"].where(rows["whole"] > 0)).fillna(0.0)
    return rows.set_index("rep_id").loc[list(parts.in_force.rep_ids)].reset_index()


def _won(world: World) -> tuple[pd.Series, str]:
    """Give what each person won in the year until the as-of date, under "" without a name."""
    rows, basis = won_amounts(world.tables.get("opportunities"), world.tables.get("bookings"),
                              world.as_of, unnamed=True)  # fmt: skip
    if rows is None:
        return pd.Series(dtype="float64"), basis
    inside = rows[(rows["day"] >= pd.Timestamp(world.year.start))
                  & (rows["day"] <= pd.Timestamp(world.year.end))]  # fmt: skip
    named = inside["rep_id"].astype("str").where(inside["rep_id"].notna(), "")
    return inside["amount"].groupby(named).sum(), basis


def _rest(
    parts: QuotaParts, made: Assigned, kept: Floats, reps: pd.DataFrame, held: tuple[Places, Floats]
) -> tuple[Floats, Floats]:
    """Give 80 % interval and median of the rest by place, and the chances at both quotas."""
    world, (places, mine) = parts.world, held
    if world.won is None:
        nothing = np.full((3, len(places.rows)), np.nan)
        return nothing, nothing[:2]
    left = reps["left"].to_numpy(dtype="float64")
    usual = parts.in_force.expected_at()
    luck = _luck(usual, left, world, float(reps["won"].sum()))
    inside = sparse.csr_matrix(places.inside).T
    target = np.asarray(places.inside @ reps["target_amount"].to_numpy())
    amounts, chances = np.zeros((3, len(target))), np.zeros((2, len(target)))
    asked = parts.draws_at(made.decided.cents).expected_at()
    for at, expected in enumerate((usual, asked)):
        sold = np.asarray((luck * (expected * left)) @ inside) * kept[:, None]
        chances[at] = ((sold + mine) >= target).mean(axis=0)
        if at == 0:
            amounts = np.percentile(sold, _INTERVAL, axis=0)
    nobody = (places.rows["cut_value"] == NOBODY).to_numpy()
    chances[:, nobody], amounts[:, nobody] = np.nan, np.nan
    return amounts, chances


def _luck(usual: Floats, left: Floats, world: World, won: float) -> Floats:
    """Draw the factors of the rest of the year, mean 1 each but for what the market has shown."""
    spread, count = world.spread, simulated_years(world)
    chance = np.random.default_rng([world.seed, _SEED])
    mean, cv = _market(usual, left, spread.rep_cv, spread.common_cv, won)
    common = np.full((count, 1), mean)
    if cv > 0:
        common = chance.gamma(1 / cv**2, mean * cv**2, size=(count, 1))
    if spread.rep_cv <= 0:
        return np.repeat(common, len(left), axis=1)
    shape = np.maximum(left, 1e-9) / spread.rep_cv**2
    own = chance.standard_gamma(shape, size=(count, len(left))) / shape
    return np.asarray(own * common)


def _market(
    usual: Floats, left: Floats, rep_cv: float, common_cv: float, won: float
) -> tuple[float, float]:
    """
    Give mean and spread of the factor that all reps share, given what is won so far.

    What is won over what was expected so far is a noisy sight of it: the noise is that of the
    reps. Both are weighed by their precision.
    """
    past = usual * (1 - left)
    expected = float(past.sum())
    if expected <= 0 or common_cv <= 0:
        return 1.0, common_cv
    noise = rep_cv**2 * float((usual**2 * (1 - left)).sum()) / expected**2
    weight = common_cv**2 / (common_cv**2 + noise)
    mean = 1.0 + weight * (won / expected - 1.0)
    return max(mean, 0.01), common_cv * float(np.sqrt(1 - weight))


def _kept(world: World, plan: CapacityFutures, clock: Clock, count: int) -> Floats:
    """Give what leavers and late hires leave of the rest of the year, in each simulated year."""
    weight = clock.season * (1 - clock.over)
    quota = world.carriers["quota_amount"].fillna(0.0).to_numpy(dtype="float64") / MONTHS
    whole = float(quota @ (world.able @ weight))
    yearly = plan.amount[:, :, :MONTHS].sum(axis=1, dtype="float64") @ weight
    if whole <= 0 or yearly.sum() <= 0:
        return np.ones(count)
    return np.asarray(np.resize(yearly / whole, count))


def _quotas_to_date(world: World, clock: Clock, reps: pd.DataFrame) -> pd.DataFrame:
    """Give the quota of each rep to date; seats and planned hires have none."""
    rows = reps[reps["kind"] == KINDS[0]].reset_index(drop=True)
    quota = rows["ramped_quota"].to_numpy(dtype="float64")
    quota = np.where(quota > 0, quota, np.nan)
    mine = rows["won"].to_numpy(dtype="float64")
    if world.won is None:
        mine = np.full(len(rows), np.nan)
    due = quota * (1 - rows["left"].to_numpy(dtype="float64"))
    asked = rows["plan_amount"].to_numpy(dtype="float64")
    there, ahead = _present(world, clock, rows["rep_id"])
    left = np.maximum(quota - mine, 0.0)
    return rows.assign(
        won_until=world.as_of, ramped_quota_amount=quota, won_amount=mine,
        attainment_share=_ratio(mine, quota), due_amount=due, pace_share=_ratio(mine, due),
        remaining_amount=left, rate_amount=_ratio(mine, there),
        needed_rate_amount=_ratio(left, ahead), plan_quota_amount=asked,
        plan_attainment_share=_ratio(mine, asked),
        plan_needed_rate_amount=_ratio(np.maximum(asked - mine, 0.0), ahead),
    )  # fmt: skip


def _present(world: World, clock: Clock, rep_ids: pd.Series) -> tuple[Floats, Floats]:
    """Give the months of the year that each person has been there, and those ahead."""
    at = pd.Index(world.carriers["rep_id"]).get_indexer(pd.Index(rep_ids))
    there = world.present[at]
    return there @ clock.over, there @ (1 - clock.over)


def _is_open(row: tuple, levels: frozenset[str], cuts: dict[str, frozenset[str]]) -> bool:  # type: ignore[type-arg]
    _, cut, value = row
    if cut in ("company", "manager"):
        return value in levels
    return value in cuts.get(cut, frozenset())


def _ratio(upper: Floats, lower: Floats | float) -> Floats:
    below = np.broadcast_to(np.asarray(lower, dtype="float64"), np.shape(upper))
    found: Floats = np.divide(upper, below, out=np.full(np.shape(upper), np.nan), where=below > 0)
    return found
