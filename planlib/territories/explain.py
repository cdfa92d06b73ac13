"""Say in planner's words what keeps territories outside, how good a plan is, what a budget buys."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.territories.frames import some
from planlib.territories.reasons import measure_name
from planlib.territories.solving import Answer

_KINDS = {
    "lock": "locks", "frozen": "frozen accounts", "late_stage": "late-stage deals",
    "recent_win": "recent wins", "named": "named accounts", "": "accounts that stay whole",
}  # fmt: skip
#: Disruption budgets in words.
BUDGETS = {"acv": "ACV", "accounts": "accounts", "open_amount": "open pipeline"}
_USED_UP = 0.97


def excess_causes(
    answer: Answer, book: pd.DataFrame, k: int, lower: np.ndarray, upper: np.ndarray
) -> list[str]:
    """
    Say per rep what keeps the territory outside its limits in one measure, blank where inside.

    Parameters
    ----------
    answer
        A solved block.
    book
        The whole book.
    k
        Row of load.
    lower, upper
        (m,) limits.
    """
    block = answer.block
    load, loads, target = block.load[k], answer.loads[k], block.target[k]
    family = np.bincount(block.item, load)
    causes = []
    for j in range(len(target)):
        mine = np.flatnonzero(answer.rep == j)
        if loads[j] > upper[j] and len(mine):
            largest = int(mine[family[block.item[mine]].argmax()])
            causes.append(_too_much(answer, book, (k, j, upper[j]), mine, largest))
        elif loads[j] < lower[j]:
            causes.append(f"others keep too much: {_general(answer, book)}")
        else:
            causes.append("")
    return causes


def _too_much(
    answer: Answer, book: pd.DataFrame, where: tuple[int, int, float], mine: np.ndarray, top: int
) -> str:
    block, (k, j, upper) = answer.block, where
    load, target = block.load[k], block.target[k, j]
    members = np.flatnonzero(block.item == block.item[top])
    alone = float(load[members].sum())
    if alone > upper:
        lead = int(members[load[members].argmax()])
        account = book.iloc[block.rows[lead]]
        name = account["name"] if isinstance(account["name"], str) else account["account_id"]
        who = f"{name} ({account['account_id']})"
        if len(members) > 1:
            who = f"the family of {who}, {len(members)} accounts,"
        return f"{who} alone is {percent(alone / target)} of the target"
    pinned = mine[block.fixed[mine] == j]
    if load[pinned].sum() > upper:
        kinds = book["kept_by"].to_numpy(dtype=object)[block.rows[pinned]]
        held = pd.Series(load[pinned]).groupby(kinds).sum().sort_values(ascending=False)
        what = some([f"{_KINDS.get(str(kind), 'other')} {percent(share / target)}"
                     for kind, share in held.items()])  # fmt: skip
        return f"kept accounts hold {percent(load[pinned].sum() / target)} of the target: {what}"
    return _general(answer, book)


def _general(answer: Answer, book: pd.DataFrame) -> str:
    spent = [
        BUDGETS[name]
        for name, used, most in zip(
            answer.block.budgets, answer.used, answer.block.budget, strict=True
        )
        if np.isfinite(most) and used >= _USED_UP * most
    ]
    if spent:
        return f"the disruption budget of {' and '.join(spent)} is used up"
    if (answer.block.fixed >= 0).mean() > 0.5:
        kinds = book["kept_by"].iloc[answer.block.rows].value_counts()
        named = [_KINDS[kind] for kind in kinds.index if kind] or [_KINDS[""]]
        return f"most accounts are kept: {some(named)}"
    return "accounts are too large, or too few, to divide"


def solution_note(answer: Answer, reached: float) -> str:
    """Say how good the plan is, at which tolerance, and what would be needed."""
    asked = answer.block.tolerance[answer.block.is_balanced]
    if not np.isnan(answer.needed):
        proof = "no plan is" if answer.status == "infeasible" else "no plan was found"
        return (
            f"{proof} within the tolerance: {answer.block.name} needs {percent(answer.needed)} "
            "instead "
            f"of {_percent(np.nanmax(asked))}{_proof(answer, answer.needed)}, and reached "
            f"{percent(reached, 1)}"
        )
    if answer.status not in ("optimal", "feasible"):
        broken = some([_violation(answer, one) for one in answer.assignment.violations], 3)
        return f"no plan within all limits was found: {broken or 'the limits conflict'}"
    parts = []
    if answer.is_tightest:
        used = np.nanmax(answer.tolerance)
        within = "within the disruption budget" if np.isfinite(answer.block.budget).any() else ""
        found = f"tolerance {percent(used)}, the tightest found {within}".rstrip()
        parts.append(f"{found}{_proof(answer, float(used))}")
        parts += [one for one in [spared_note([answer])] if one]
    if answer.is_tightest and answer.cost > 0 and answer.tolerance_price > 0:
        saved = answer.tolerance_price
        share = f"{percent(min(saved / answer.cost, 1.0))} of the cost"
        parts.append(f"one point more would save at most {saved:,.1f} ({share})")
    if answer.status == "optimal":
        parts.append("no plan within these limits is cheaper (proven)")
    elif not np.isnan(answer.gap):
        parts.append(f"no plan within these limits is more than {percent(answer.gap, 1)} cheaper")
    return "; ".join(parts)


def spared_note(answers: Iterable[Answer]) -> str:
    """Say how many territories are outside a tolerance that is the tightest of the others."""
    count = sum(_spared(answer) for answer in answers if answer.is_tightest)
    if not count:
        return ""
    whose = "1 territory is" if count == 1 else f"{count} territories are"
    return f"{whose} outside it, since accounts that stay are too large to share out"


def _spared(answer: Answer) -> int:
    off = np.abs(answer.deviation[answer.block.is_balanced])
    wide = answer.tolerance[answer.block.is_balanced][:, None] + 1e-9
    return int((off > wide).any(axis=0).sum())


def _proof(answer: Answer, found: float) -> str:
    """Say how far the tightest tolerance found may be from the tightest there is."""
    low = answer.impossible_below
    if np.isnan(low) or found < low - 0.005:
        return ""
    return " (proven)" if found < low + 0.005 else f" (below {percent(low)} proven impossible)"


def _violation(answer: Answer, one: object) -> str:
    measure, kind = getattr(one, "measure", -1), getattr(one, "kind", "")
    if 0 <= measure < len(answer.block.measures):
        return f"{measure_name(answer.block.measures[measure])} ({kind} limit)"
    return str(kind)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def budget_note(answer: Answer) -> str:
    """Say what each disruption budget is used for and what one more percent would save."""
    block = answer.block
    texts = []
    for g, name in enumerate(block.budgets):
        most, used, price = block.budget[g], answer.used[g], answer.budget_prices[g]
        if not np.isfinite(most):
            continue
        text = f"{BUDGETS[name]}: {used:,.0f} of {most:,.0f} that may move is used"
        step = 0.01 * block.totals[g]
        saved = price * step
        if price > 0 and answer.cost > 0:
            text += (
                f"; another 1 % of the block ({step:,.0f}) would save at most {saved:,.2f} cost "
                f"units ({percent(saved / answer.cost, 2)} of the cost)"
            )
        else:
            text += "; more would save nothing"
        texts.append(text)
    return "; ".join(texts)
