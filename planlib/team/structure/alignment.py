"""Whether selling capacity stands where the goal is: shares by segment and by region."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.tables import table
from planlib.team.structure.ground import Ground
from planlib.team.structure.inputs import numbers, words
from planlib.team.structure.problem import Problem


def align_capacity(
    ground: Ground, problem: Problem, optimum: np.ndarray | None, periods: tuple[str, ...]
) -> pd.DataFrame:
    """
    Compare shares of selling hours with shares of the goal: table ``structure_alignment``.

    Parameters
    ----------
    ground
        Used: targets of measure acv, else the potential of the accounts.
    problem, optimum
        Heads today and in the optimum; their hours count as they are, without quality.
    periods
        Periods of the fiscal year whose targets are summed; targets of the same cut in several
        grains of time count once, the coarsest first.
    """
    hours = problem.effect[0]
    frames = []
    for cut, names in (("segment", problem.segments), ("region", problem.regions)):
        keys = sorted(set(names.tolist()))
        goal, basis = _goal(ground, cut, periods)
        frame = pd.DataFrame({"cut": cut, "cut_value": keys})
        frame["goal_amount"] = frame["cut_value"].map(goal)
        total = float(frame["goal_amount"].sum())
        frame["goal_share"] = frame["goal_amount"] / total if total > 0 else np.nan
        frame["goal_basis"] = basis
        for label, parts in (("today", problem.today), ("optimum", optimum)):
            if parts is None:
                continue
            given = (parts[:2].sum(axis=0) / problem.parts) * hours
            summed = pd.Series(given).groupby(pd.Series(names)).sum()
            whole = float(summed.sum())
            frame[f"{label}_share"] = frame["cut_value"].map(summed) / (whole if whole else np.nan)
            frame[f"{label}_gap_share"] = frame[f"{label}_share"] - frame["goal_share"]
        frames.append(frame)
    return table("structure_alignment").coerce(pd.concat(frames, ignore_index=True))


def _goal(ground: Ground, cut: str, periods: tuple[str, ...]) -> tuple[pd.Series, str]:
    targets = ground.inputs.targets
    if targets is not None and len(targets):
        others = [name for name in ("product_family", "region", "segment", "source", "deal_type",
                                    "rep_id", "unit") if name != cut]  # fmt: skip
        mine = (words(targets, "measure") == "acv") & (words(targets, cut) != "")
        for name in others:
            mine &= words(targets, name) == ""
        frame = pd.DataFrame({
            "period": words(targets, "period"), "value": words(targets, cut),
            "amount": numbers(targets, "target_amount"),
        })[mine & words(targets, "period").isin(periods)]  # fmt: skip
        year = frame[frame["period"] == periods[0]]
        used = year if len(year) else frame
        if len(used):
            return used.groupby("value")["amount"].sum(), f"acv targets of {periods[0]}"
    accounts = ground.cells.accounts
    potential = accounts.groupby(cut)["potential"].sum(min_count=1)
    return potential, "potential of the accounts: no targets by this cut"
