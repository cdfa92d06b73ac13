"""How a plan changes when potential moves inside its interval: sure and unsure accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.tables import table
from planlib.territories.block import Block
from planlib.territories.engine.assign import assign
from planlib.territories.solving import Answer
from planlib.territories.statement import Statement

_MEASURE = "potential"
_LEAST_DRAWS = 20  # fewer have no percentiles: the lowest and the highest stand for them


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """
    What draws of the potential do to a plan.

    ``accounts`` (territory_sensitivity), ``reps`` (territory_sensitivity_reps), how many draws were
    made, and how many of them could be planned within the limits of the plan.
    """

    accounts: pd.DataFrame
    reps: pd.DataFrame
    scenario_count: int
    met_count: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_sensitivity": self.accounts,
            "territory_sensitivity_reps": self.reps,
        }

    @property
    def ends(self) -> tuple[str, str]:
        """Say what ``deviation_low`` and ``deviation_high`` of ``reps`` are, with these draws."""
        if self.scenario_count < _LEAST_DRAWS:
            return "lowest of the draws", "highest of the draws"
        return "10th percentile", "90th percentile"

    def of_draws(self, shares: pd.Series) -> pd.Series:
        """Write shares of the draws as counts, such as "3 of 4"; missing ones stay missing."""
        count = (shares.astype("Float64") * self.scenario_count).round().astype("Int64")
        words = [f"{one} of {self.scenario_count}" for one in count]
        return pd.Series(words, index=shares.index, dtype="str").where(count.notna())

    @property
    def unstable(self) -> pd.DataFrame:
        """Accounts whose rep depends on what their potential turns out to be, least sure first."""
        rows = self.accounts[self.accounts["is_unstable"].astype(bool)]
        order = rows.sort_values(["kept_share", "account_id"], kind="stable")
        return order.reset_index(drop=True)


def potential_sensitivity(
    statement: Statement,
    answers: Sequence[Answer],
    intervals: pd.DataFrame | None,
    *,
    scenarios: int = 30,
    unstable_below: float = 0.8,
    seed: int = 0,
    on_scenario: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """
    Draw every account's potential from its interval, and plan anew each time.

    Potentials are drawn independently from a triangle over low, middle and high; targets keep
    their shares of the whole. New plans are quick ones at the tolerance of the plan, with its
    budgets and locks, and a change against the plan costs ``change_weight``, so that accounts on
    which nothing depends stay; a new plan that is not within the limits counts too.

    Parameters
    ----------
    statement, answers
        The plan, balanced by potential.
    intervals
        ``account_id``, ``potential_low``, ``potential_high`` (step 02's segments); accounts
        without an interval stay as they are. None: nothing to draw from, and the tables are empty.
    scenarios
        Number of draws.
    unstable_below
        Accounts kept in a smaller share of the draws are unstable.
    seed
        Of the draws.
    on_scenario
        Called with the number of draws done and of all.

    Returns
    -------
    Sensitivity
        How often each account stays with its rep, how each rep's load spreads (10th to 90th
        percentile; with fewer than 20 draws lowest to highest), and how many of the draws could be
        planned within the limits.

    Raises
    ------
    ParameterError
        If potential is not balanced, or the number of draws is below 1.
    """
    if intervals is None:
        return _nothing()
    _check(answers, scenarios)
    factors = _factors(statement, intervals)
    change = statement.settings.change_weight
    accounts: list[pd.DataFrame] = []
    reps: list[pd.DataFrame] = []
    met, done = np.ones(scenarios, dtype=bool), 0
    streams = np.random.SeedSequence(seed).spawn(len(answers))
    for answer, stream in zip(answers, streams, strict=True):
        draws = _draws(factors[answer.block.rows], scenarios, np.random.default_rng(stream))
        plans, off = [], []
        for number in range(scenarios):
            block, load = answer.block, _load(answer.block, draws[number])
            plan, within = _planned(answer, block, load, change)
            met[number] &= within
            plans.append(plan)
            off.append(_deviation(answer, load))
            done += 1
            if on_scenario:
                on_scenario(done, scenarios * len(answers))
        accounts.append(_account_rows(statement, answer, np.stack(plans), unstable_below))
        reps.append(_rep_rows(statement, answer, np.stack(off)))
    rows = pd.concat(accounts, ignore_index=True) if accounts else pd.DataFrame()
    if len(rows):
        rows = rows.merge(intervals[["account_id", "potential_low", "potential_high"]],
                          on="account_id", how="left")  # fmt: skip
    return Sensitivity(
        accounts=table("territory_sensitivity").conform(rows),
        reps=table("territory_sensitivity_reps").conform(
            pd.concat(reps, ignore_index=True) if reps else None),
        scenario_count=scenarios, met_count=int(met.sum()),
    )  # fmt: skip


def _nothing() -> Sensitivity:
    return Sensitivity(
        accounts=table("territory_sensitivity").empty(),
        reps=table("territory_sensitivity_reps").empty(),
        scenario_count=0, met_count=0,
    )  # fmt: skip


def _check(answers: Sequence[Answer], scenarios: int) -> None:
    problems = []
    if any(_MEASURE not in answer.block.measures for answer in answers):
        problems.append("potential is not among the measures; there is nothing to vary")
    if scenarios < 1:
        problems.append(f"scenarios: at least 1, found {scenarios}")
    if problems:
        raise ParameterError("potential_sensitivity", problems)


def _factors(statement: Statement, intervals: pd.DataFrame) -> np.ndarray:
    """Give low and high of each account of the book as factors on its potential, (rows, 2)."""
    known = intervals.drop_duplicates("account_id").set_index("account_id")
    ids, load = statement.book["account_id"], statement.book[f"load_{_MEASURE}"].to_numpy(float)
    found = np.ones((len(ids), 2))
    for column, name in enumerate(("potential_low", "potential_high")):
        end = pd.to_numeric(ids.map(known[name]), errors="coerce").to_numpy(float)
        good = np.isfinite(end) & (load > 0) & (end >= 0)
        found[good, column] = end[good] / load[good]
    return np.column_stack([np.minimum(found[:, 0], 1.0), np.maximum(found[:, 1], 1.0)])


def _draws(factors: np.ndarray, count: int, draw: np.random.Generator) -> np.ndarray:
    """Give (count, n) factors from triangles between low, 1 and high."""
    low, high = factors.T
    width = np.where(high > low, high - low, 1.0)
    unit = draw.random((count, len(factors)))
    share = (1.0 - low) / width
    rising = low + np.sqrt(unit * width * (1.0 - low))
    falling = high - np.sqrt((1 - unit) * width * (high - 1.0))
    return np.where(high > low, np.where(unit < share, rising, falling), 1.0)


def _load(block: Block, factor: np.ndarray) -> np.ndarray:
    load = block.load.copy()
    load[block.measures.index(_MEASURE)] *= factor
    return load


def _planned(
    answer: Answer, block: Block, load: np.ndarray, change: float
) -> tuple[np.ndarray, bool]:
    """Plan anew with another potential; targets and limits grow with the whole."""
    row = block.measures.index(_MEASURE)
    before = block.load[row].sum()
    growth = load[row].sum() / before if before > 0 else 1.0
    scale = np.ones((len(block.measures), 1))
    scale[row] = growth
    lower, upper = answer.lower * scale, answer.upper * scale
    near = replace(block, load=load, held=answer.rep, change_cost=change)
    arguments = near.assign_arguments(answer.tolerance)
    found = assign(**{**arguments, "lower": lower, "upper": upper}, effort="quick")
    return found.rep, not found.violations


def _deviation(answer: Answer, load: np.ndarray) -> np.ndarray:
    """Give each rep's deviation from its share of the drawn potential, plan kept."""
    row = answer.block.measures.index(_MEASURE)
    target = answer.block.target[row]
    got = np.bincount(answer.rep, load[row], len(target))
    share = target / target.sum() * load[row].sum()
    return np.asarray(got / np.where(share > 0, share, np.nan) - 1)


def _account_rows(
    statement: Statement, answer: Answer, plans: np.ndarray, unstable_below: float
) -> pd.DataFrame:
    ids = statement.sellers["rep_id"].to_numpy(object)[answer.block.reps]
    book = statement.book.iloc[answer.block.rows]
    count = np.stack([(plans == j).mean(axis=0) for j in range(len(ids))], axis=1)
    rows = np.arange(len(answer.rep))
    kept = count[rows, answer.rep]
    count[rows, answer.rep] = -1.0
    other = count.argmax(axis=1)
    share = count[rows, other]
    moved = share > 0
    return pd.DataFrame({
        "account_id": book["account_id"].to_numpy(object), "block": answer.block.name,
        "rep_id": ids[answer.rep], "kept_share": kept,
        "other_rep_id": np.where(moved, ids[other], None),
        "other_share": np.where(moved, share, np.nan), "is_unstable": kept < unstable_below,
        "potential": book[f"load_{_MEASURE}"].to_numpy(float),
    })  # fmt: skip


def _rep_rows(statement: Statement, answer: Answer, off: np.ndarray) -> pd.DataFrame:
    row = answer.block.measures.index(_MEASURE)
    tolerance = float(answer.tolerance[row])
    ends = (0.1, 0.9) if len(off) >= _LEAST_DRAWS else (0.0, 1.0)
    low, middle, high = np.quantile(off, [ends[0], 0.5, ends[1]], axis=0)
    return pd.DataFrame({
        "rep_id": statement.sellers["rep_id"].to_numpy(object)[answer.block.reps],
        "block": answer.block.name, "deviation": answer.deviation[row], "deviation_low": low,
        "deviation_middle": middle, "deviation_high": high,
        "within_share": (np.abs(off) <= tolerance).mean(axis=0), "tolerance": tolerance,
        "scenario_count": len(off),
    })  # fmt: skip
