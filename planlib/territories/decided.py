"""
Decisions of people on top of a proposal: the plan keeps to them and otherwise stays where it was.

A plan made anew around a few locks may move many other accounts for almost no gain, since many
plans are nearly as cheap. So the proposal is made without decisions, and the plan with them is
solved near it: every other account that changes is charged, and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.territories.alignment import Alignment, tabulate
from planlib.territories.block import Block
from planlib.territories.engine import Progress, assign
from planlib.territories.frames import some
from planlib.territories.results import capped_prices
from planlib.territories.solving import Answer, Effort, solve_statement, with_rep
from planlib.territories.statement import Statement
from planlib.territories.tryout import figures

_GOOD = ("optimal", "feasible")


def apply_decisions(
    statement: Statement,
    proposed: Alignment,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    workers: int | None = None,
    on_progress: Callable[[str, Progress], None] | None = None,
) -> Alignment:
    """
    Plan with the decisions of people so that few other accounts leave the rep that was proposed.

    Parameters
    ----------
    statement
        From ``state`` with ``overrides``.
    proposed
        The plan of the same tables without these decisions.
    seed, effort, workers, on_progress
        As for ``solve_statement``.

    Returns
    -------
    Alignment
        Parts of the market without a new decision keep the proposal and its proof. The others are
        solved freely, which gives bound, prices and tolerance, and once more near the proposal at
        those limits; where that meets them it is the plan. Costs hold no charges for changes, so
        the gap shows what staying near costs. Changes against the proposal are counted. No price
        of a decision exceeds what all decisions of its part of the market cost together.
    """
    rep = proposed.plan.set_index("account_id")["rep_id"]
    book = statement.book.assign(held=statement.book["account_id"].map(rep).astype("str"))
    ids = statement.sellers["rep_id"].to_numpy(dtype=object)
    known = {answer.block.name: answer for answer in proposed.answers}
    answers = []
    for block in statement.blocks:
        column = {one: j for j, one in enumerate(ids[block.reps])}
        held = book["held"].iloc[block.rows].map(column).fillna(-1).to_numpy(dtype=np.int64)
        free = replace(block, held=held, change_cost=0.0, is_charged=False)
        twin = known.get(block.name)
        if twin is not None and _is_same(twin.block, block):
            answers.append(replace(twin, block=free))
            continue
        part = replace(statement, blocks=(free,))
        (best,) = solve_statement(
            part, seed=seed, effort=effort, workers=workers, on_progress=on_progress
        )
        charged = replace(free, change_cost=statement.settings.change_weight)
        answers.append(_near(best, charged, seed, workers))
    done = tuple(answers)
    blocks = tuple(answer.block for answer in done)
    near = replace(statement, book=book, blocks=blocks, has_previous=True)
    found = tabulate(near, done)
    together = {
        answer.block.name: _own_cost(answer) - _own_cost(known[answer.block.name])
        for answer in done
        if answer.block.name in known
    }
    return replace(found, overrides=capped_prices(found.overrides, found.plan, together))


def _own_cost(answer: Answer) -> float:
    """Give the cost of a plan without charges for changes."""
    return float(answer.block.costs.cost_at(answer.rep).sum())


def _is_same(old: Block, new: Block) -> bool:
    """Tell whether two blocks have the same accounts, reps, locks and bars."""
    same = np.array_equal(old.rows, new.rows) and np.array_equal(old.reps, new.reps)
    same = same and np.array_equal(old.fixed, new.fixed) and np.array_equal(old.item, new.item)
    if not same or (old.allowed is None) != (new.allowed is None):
        return False
    return old.allowed is None or np.array_equal(old.allowed, new.allowed)  # type: ignore[arg-type]


def _near(best: Answer, block: Block, seed: int, workers: int | None) -> Answer:
    """Solve at the limits of the best plan with charges for changes; the best where that fails."""
    if best.status not in _GOOD or not (block.held >= 0).any() or not block.change_cost:
        return best
    given = block.assign_arguments(best.tolerance) | {"lower": best.lower, "upper": best.upper}
    found = assign(**given, effort="quick", seed=seed, workers=workers, warm=best.assignment)
    near = with_rep(best, found.rep)
    if near.status not in _GOOD or _changes(block, near.rep) >= _changes(block, best.rep):
        return best
    proven = best.status == "optimal" and near.cost <= best.cost
    return replace(near, status="optimal" if proven else "feasible")


def _changes(block: Block, rep: np.ndarray) -> int:
    return int(((block.held >= 0) & (block.held != rep)).sum())


def decision_effect(proposed: Alignment, alignment: Alignment) -> pd.DataFrame:
    """
    Say what the decisions in force did to the proposal.

    Parameters
    ----------
    proposed
        The plan without decisions.
    alignment
        The plan with them, see ``apply_decisions``.

    Returns
    -------
    DataFrame
        ``result``, ``proposal``, ``plan``, in words, over all parts of the market: decisions and
        how many of them differ from the proposal, balance, cost, moves, and the other accounts
        that got another rep because of them.
    """
    before, after = proposed.plan, alignment.plan
    differs = before.set_index("account_id")["rep_id"].reindex(after["account_id"]).to_numpy()
    changed = pd.Series(after["rep_id"].to_numpy() != differs, index=after.index)
    changed &= after["rep_id"].notna() | pd.Series(pd.notna(differs), index=after.index)
    applied = alignment.overrides["state"].eq("applied")
    decided = after["account_id"].isin(set(alignment.overrides.loc[applied, "account_id"]))
    others = after.loc[changed & ~decided, "account_id"].tolist()
    rows = [
        ("Decisions in force", "", f"{int(applied.sum()):,}"),
        ("Decided accounts whose rep differs from the proposal", "",
         f"{int((changed & decided).sum()):,}"),
        ("Other accounts whose rep changes with them", "",
         f"{len(others):,}: {some(others, 8)}" if others else "none"),
    ]  # fmt: skip
    if proposed.answers and alignment.answers:
        pairs = zip(
            figures(proposed, list(proposed.answers)), figures(alignment, list(alignment.answers)),
            strict=True,
        )  # fmt: skip
        rows += [(name, one, two) for (name, one), (_, two) in pairs][1:]
    return pd.DataFrame(rows, columns=["result", "proposal", "plan"])
