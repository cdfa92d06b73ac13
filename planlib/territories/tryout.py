"""What decisions on owners would do to a plan, solved in a moment, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.errors import ParameterError
from planlib.territories.alignment import Alignment, percent
from planlib.territories.columns import named, names_of
from planlib.territories.engine import assign
from planlib.territories.frames import some
from planlib.territories.solving import Answer, Effort


def try_decisions(
    alignment: Alignment,
    decisions: Mapping[str, str],
    *,
    seed: int = 0,
    effort: Effort = "quick",
) -> pd.DataFrame:
    """
    Give accounts to other reps, solve their parts of the market again near the plan, and compare.

    Parameters
    ----------
    alignment
        The plan.
    decisions
        Rep by account; a family that stays together moves together.
    seed, effort
        Of the search.

    Returns
    -------
    DataFrame
        ``result``, ``plan``, ``with_decisions``, in words, over the parts of the market touched.

    Raises
    ------
    ParameterError
        If there is no decision, an account is not planned, or a rep is of another part of the
        market; every problem is named.
    """
    found = _placed(alignment, decisions)
    before = [alignment.answers[number] for number in sorted(found)]
    after = [
        _solved(alignment, alignment.answers[number], found[number], seed, effort)
        for number in sorted(found)
    ]
    rows = [
        (name, one, other)
        for (name, one), (_, other) in zip(
            figures(alignment, before), figures(alignment, after), strict=True
        )
    ]
    others = _others(alignment, before, after, found)
    rows.append(("Other accounts that get another rep", "", others))
    return pd.DataFrame(rows, columns=["result", "plan", "with_decisions"])


def review_rows(alignment: Alignment, reps: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    Give the accounts of a plan as a person reviews them: those that move first, by ACV.

    Parameters
    ----------
    alignment
        A plan.
    reps
        Table ``reps``, for the names of owners who are in no territory; None: their ids.

    Returns
    -------
    DataFrame
        ``account_id``, ``name``, ``block``, ``owner`` and ``planned`` by name, ``acv``, ``cause``
        ("stays" where the owner stays), ``reason``; only accounts that are planned. An owner who
        is in the company no more has "(left)" behind the name.
    """
    plan = alignment.plan[alignment.plan["is_in_scope"].astype(bool)]
    book = alignment.statement.book.set_index("account_id")
    names, gone = book["name"], plan["account_id"].map(book["is_owner_gone"]).astype(bool)
    people = names_of(alignment.reps, "rep_id", "rep_name")
    known = {} if reps is None else names_of(reps, "rep_id")
    owner = named(plan["previous_rep_id"], {**known, **people})
    moved = plan["is_moved"].astype(bool)
    rows = pd.DataFrame({
        "account_id": plan["account_id"], "name": plan["account_id"].map(names),
        "block": plan["block"],
        "owner": owner.mask(gone & owner.notna(), owner + " (left)"),
        "planned": named(plan["rep_id"], people), "acv": plan["acv"],
        "cause": plan["move_cause"].where(moved, "stays"), "reason": plan["reason"],
        "is_moved": moved,
    })  # fmt: skip
    rows = rows.sort_values(["is_moved", "acv", "account_id"], ascending=[False, False, True],
                            kind="stable")  # fmt: skip
    return rows.drop(columns="is_moved").reset_index(drop=True)


def reps_by_block(alignment: Alignment) -> dict[str, dict[str, str]]:
    """
    Give id and name of the reps of each part of the market.

    Parameters
    ----------
    alignment
        A plan.

    Returns
    -------
    dict
        By block: name by ``rep_id``; the id where the name is not known.
    """
    reps = alignment.reps[alignment.reps["block"].notna()]
    return {
        str(block): dict(zip(part["rep_id"], part["rep_name"].fillna(part["rep_id"]), strict=True))
        for block, part in reps.groupby("block", sort=True)
    }


def _placed(
    alignment: Alignment, decisions: Mapping[str, str]
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Give by block the accounts and the columns of their reps, families included."""
    statement = alignment.statement
    row_of = {account: row for row, account in enumerate(statement.book["account_id"])}
    ids = statement.sellers["rep_id"].to_numpy(dtype=object)
    block_of = {
        int(row): number
        for number, answer in enumerate(alignment.answers)
        for row in answer.block.rows
    }
    problems = [] if decisions else ["nothing is decided: choose another rep for an account"]
    fixed = {
        number: np.full(len(answer.rep), -1) for number, answer in enumerate(alignment.answers)
    }
    for account, rep in decisions.items():
        number = block_of.get(row_of.get(account, -1))
        if number is None:
            problems.append(f"account '{account}' is not planned")
            continue
        block = alignment.answers[number].block
        column = np.flatnonzero(ids[block.reps] == rep)
        if not len(column):
            known = some([str(one) for one in ids[block.reps]], 20)
            problems.append(
                f"account '{account}': rep '{rep}' is not in {block.name}; there are {known}"
            )
            continue
        place = int(np.flatnonzero(block.rows == row_of[account])[0])
        mine = block.item == block.item[place]
        fixed[number][mine & (fixed[number] < 0)] = column[0]
        fixed[number][place] = column[0]
    if problems:
        raise ParameterError("decisions", problems)
    return {
        number: (np.flatnonzero(one >= 0), one[one >= 0])
        for number, one in fixed.items()
        if (one >= 0).any()
    }


def _solved(
    alignment: Alignment,
    answer: Answer,
    decided: tuple[np.ndarray, np.ndarray],
    seed: int,
    effort: Effort,
) -> Answer:
    """Solve one block with the decisions as locks, which no budget counts, near the plan."""
    block, (accounts, columns) = answer.block, decided
    fixed, stake = block.fixed.copy(), block.stake.copy()
    fixed[accounts] = columns
    stake[:, accounts] = 0.0
    allowed = None if block.allowed is None else block.allowed.copy()
    if allowed is not None:
        allowed[accounts, columns] = True
    near = replace(
        block, fixed=fixed, stake=stake, allowed=allowed, held=answer.rep,
        change_cost=alignment.statement.settings.change_weight,
    )  # fmt: skip
    given = near.assign_arguments(answer.tolerance)
    given |= {"lower": answer.lower, "upper": answer.upper}
    best = assign(**given, effort=effort, seed=seed, warm=answer.assignment)
    return replace(answer, block=near, rep=best.rep, assignment=best, status=best.status)


def figures(alignment: Alignment, answers: list[Answer]) -> list[tuple[str, str]]:
    """Give what a planner compares of some blocks, in words: limits, cost, moves."""
    book = alignment.statement.book
    acv = book["acv"].fillna(0.0).to_numpy(float)
    away, outside, cost, moved, total, spent = [], 0, 0.0, [], 0.0, False
    for answer in answers:
        block = answer.block
        loads = answer.loads
        over = (loads > answer.upper * (1 + 1e-9)) | (loads < answer.lower * (1 - 1e-9))
        outside += int(over.any(axis=0).sum())
        spent |= bool((answer.used > answer.block.budget * (1 + 1e-9)).any())
        away.append(np.abs(answer.deviation[block.is_balanced]).ravel())
        cost += float(block.costs.cost_at(answer.rep).sum())
        moved.append(block.rows[answer.rep != block.owner])
        total += float(acv[block.rows].sum())
    rows, off = np.concatenate(moved), np.concatenate(away)
    share = float(acv[rows].sum()) / total if total > 0 else float("nan")
    return [
        ("Part of the market", ", ".join(answer.block.name for answer in answers)),
        ("Territories outside the tolerance of the plan", f"{outside:,}"),
        ("Disruption budget, which decisions do not use", "exceeded" if spent else "kept"),
        ("Largest deviation from a target",
         percent(np.nanmax(off) if np.isfinite(off).any() else np.nan)),
        ("Cost, without charges for changing the plan", f"{cost:,.1f}"),
        ("Accounts that change owner", f"{len(rows):,}"),
        ("Share of ACV that changes owner", percent(share)),
    ]  # fmt: skip


def _others(
    alignment: Alignment,
    before: list[Answer],
    after: list[Answer],
    found: dict[int, tuple[np.ndarray, np.ndarray]],
) -> str:
    """Name the accounts beside the decided ones whose rep changes against the plan."""
    ids = alignment.statement.book["account_id"].to_numpy(dtype=object)
    names: list[str] = []
    for old, new, number in zip(before, after, sorted(found), strict=True):
        accounts = found[number][0]
        changed = old.rep != new.rep
        changed[accounts] = False
        names += [str(one) for one in ids[old.block.rows[changed]]]
    return f"{len(names):,}: {some(names, 8)}" if names else "none"
