"""Solve again at other limits or weights, quickly, to see what they would cost."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from planlib.plan import changed_section
from planlib.settings.territories import TerritoriesSettings
from planlib.territories.alignment import percent
from planlib.territories.solving import Answer, Effort, solve_statement
from planlib.territories.statement import Statement, state

_WORST = ["optimal", "feasible", "unresolved", "infeasible"]


def preview(
    statement: Statement,
    *,
    tolerance: float | None = None,
    disruption_share: float | None = None,
    weight_travel: float | None = None,
    weight_misfit: float | None = None,
    weight_complexity: float | None = None,
    weight_disruption: float | None = None,
    blocks: Collection[str] | None = None,
    effort: Effort = "quick",
    seed: int = 0,
) -> pd.DataFrame:
    """
    Give the main results at another tolerance, disruption budget or weight.

    Parameters
    ----------
    statement
        From ``state``, or ``Alignment.statement``: nothing is read or prepared again.
    tolerance, disruption_share, weight_travel, weight_misfit, weight_complexity, weight_disruption
        New values; None keeps those of the statement.
    blocks
        Parts of the market to solve; None: all.
    effort, seed
        Of the search.

    Returns
    -------
    DataFrame
        ``result`` and ``value``, in words, over the blocks solved.

    Raises
    ------
    SettingsError
        If a value is not allowed.
    ParameterError
        If none of the blocks is there.
    """
    given = {
        "tolerance": tolerance, "disruption_share": disruption_share,
        "weight_travel": weight_travel, "weight_misfit": weight_misfit,
        "weight_complexity": weight_complexity, "weight_disruption": weight_disruption,
    }  # fmt: skip
    changed = statement.changed(changed_section(statement.settings, "territories", **given))
    if blocks is not None:
        changed = changed.only(blocks)
    return _results(changed, solve_statement(changed, effort=effort, seed=seed, explain=False))


def what_if(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    tolerance: float | None = None,
    disruption_share: float | None = None,
    **tables: Any,
) -> pd.DataFrame:
    """
    Give the main results at another tolerance or disruption budget, from tables.

    Parameters
    ----------
    accounts, reps, settings, as_of, tables
        As for ``state``; where several values are tried, ``preview`` on one statement is faster.
    tolerance, disruption_share
        New values; None keeps those of the settings.

    Returns
    -------
    DataFrame
        ``result`` and ``value``, in words.
    """
    statement = state(accounts, reps, settings, as_of=as_of, **tables)
    return preview(statement, tolerance=tolerance, disruption_share=disruption_share)


def _results(statement: Statement, answers: tuple[Answer, ...]) -> pd.DataFrame:
    if not answers:
        return pd.DataFrame([("Status", "empty")], columns=["result", "value"])
    status = _WORST[max(_WORST.index(answer.status) for answer in answers)]
    cost, bound = (sum(getattr(one, name) for one in answers) for name in ("cost", "bound"))
    book = statement.book
    rows = np.concatenate([answer.block.rows for answer in answers])
    moved = np.concatenate([
        answer.block.rows[answer.rep != answer.block.owner] for answer in answers
    ])  # fmt: skip
    acv = float(book["acv"].iloc[rows].sum())
    away = np.concatenate([np.abs(one.deviation[one.block.is_balanced]).ravel() for one in answers])
    reached = float(np.nanmax(away)) if np.isfinite(away).any() else np.nan
    used = max(float(np.nanmax(np.r_[answer.tolerance, 0.0])) for answer in answers)
    share = float(book["acv"].iloc[moved].sum()) / acv if acv > 0 else np.nan
    is_within = bound > 0 and all(answer.is_within for answer in answers)
    spent = max((_spent(answer) for answer in answers), default=np.nan)
    results = [
        ("Status", status),
        ("Tolerance", percent(used)),
        ("Largest deviation from a target", percent(reached)),
        ("Cost and bound", f"{cost:,.1f} and {bound:,.1f}"),
        ("No plan within the limits is cheaper by more than",
         percent((cost - bound) / bound if is_within else np.nan)),
        ("Accounts that change owner", f"{len(moved):,} of {len(rows):,}"),
        ("Share of ACV that changes owner", percent(share)),
        ("Of it against the budget, at most in one part of the market", percent(spent)),
    ]  # fmt: skip
    return pd.DataFrame(results, columns=["result", "value"])


def _spent(answer: Answer) -> float:
    """Give the share of a block's ACV that counts against the disruption budget."""
    block = answer.block
    if "acv" not in block.budgets:
        return float("nan")
    place = block.budgets.index("acv")
    return float(answer.used[place] / block.totals[place])
