"""Say in one computed sentence why an account has its rep, and what keeps a territory outside."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.territories.blocks import Block

_PARTS = {"travel_cost": "travel", "misfit_cost": "skills", "disruption_cost": "change of owner"}


def add_reasons(plan: pd.DataFrame, book: pd.DataFrame, sellers: pd.DataFrame) -> pd.DataFrame:
    """Add ``reason`` to the plan; the rows of plan and book are the same accounts."""
    names = dict(zip(sellers["rep_id"], sellers["name"], strict=True))
    return plan.assign(reason=[
        _reason(row, names, out, late, isinstance(must, str))
        for row, out, late, must in zip(_records(plan), book["out_reason"],
                                        book["is_late"], book["must"], strict=True)
    ])  # fmt: skip


def _reason(
    row: dict[str, object], names: dict[str, str], out: str, late: bool, locked: bool
) -> str:
    if not row["is_in_scope"]:
        return f"Out of scope: {out}."
    head = _head(row, late, locked)
    if locked or (late and not row["is_moved"]):
        return head
    parts = _parts(row)
    other = row["next_best_rep_id"]
    if not isinstance(other, str):
        return f"{head} {parts}"
    step = _number(row["next_best_cost"]) - _number(row["cost"])
    name = names.get(other, other)
    if step >= 0:
        return f"{head} {parts} Next best {name} would cost {step:.2f} more."
    return f"{head} {parts} {name} would be {-step:.2f} cheaper, but balance or budget forbids it."


def _head(row: dict[str, object], late: bool, locked: bool) -> str:
    if locked:
        return "Set by a manager's decision."
    if not row["is_moved"]:
        return "Kept: a late-stage deal protects it." if late else "Kept with today's owner."
    return {
        "no owner": "New owner: it had none.",
        "owner left": "New owner: today's has left.",
        "owner elsewhere": "New owner: today's is not in this part of the plan.",
    }.get(str(row["move_cause"]), "Moved for balance, fit or travel.")


def _parts(row: dict[str, object]) -> str:
    named = [
        f"{name} {_number(row[part]):.2f}"
        for part, name in _PARTS.items()
        if _number(row[part]) >= 0.005
    ]
    return f"Cost {_number(row['cost']):.2f}" + (f" ({', '.join(named)})." if named else ".")


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) else float("nan")


def excess_causes(
    part: pd.DataFrame, book: pd.DataFrame, block: Block, rep: np.ndarray, measure: str
) -> list[str]:
    """Say per rep what keeps the territory outside the tolerance, as far as can be found out."""
    load = book[f"load_{measure}"].to_numpy(float)[block.rows]
    ids = book["account_id"].to_numpy(dtype=object)[block.rows]
    fixed = block.problem.allowed.sum(axis=1)[block.item] == 1
    names = book["name"].to_numpy(dtype=object)[block.rows]
    spent = block.problem.stake[np.arange(block.item.max() + 1), _per_item(block, rep)].sum()
    used_up = spent > 0.97 * block.problem.budget
    general = (
        "the disruption budget is used up"
        if used_up
        else "accounts are too large, or too few, to divide"
    )
    causes = []
    for j, (after, target, tolerance) in enumerate(
        zip(part["after"], part["target"], part["tolerance"], strict=True)
    ):
        mine = rep == j
        upper, lower = (1 + tolerance) * target, (1 - tolerance) * target
        if after > upper and mine.any():
            largest = int(np.flatnonzero(mine)[load[mine].argmax()])
            kept = float(load[mine & fixed].sum())
            name = names[largest] if isinstance(names[largest], str) else ids[largest]
            if load[largest] > upper:
                causes.append(
                    f"{name} ({ids[largest]}) alone is {load[largest] / target:.0%} of the target"
                )
            elif kept > upper:
                causes.append(f"locks and late-stage deals hold {kept / target:.0%} of the target")
            else:
                causes.append(general)
        elif after < lower:
            causes.append(f"others keep too much: {general}")
        else:
            causes.append("")
    return causes


def _per_item(block: Block, rep: np.ndarray) -> np.ndarray:
    """Give the rep of each item from that of its accounts."""
    owner = np.zeros(int(block.item.max()) + 1, dtype=np.int64)
    owner[block.item] = rep
    return owner
