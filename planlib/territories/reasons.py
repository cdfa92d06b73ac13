"""Say in one computed sentence why an account has its rep, and what the next best would cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.notes import percent_above_zero
from planlib.territories.block import COUNT, NAMED
from planlib.territories.solving import Answer
from planlib.territories.swaps import Swaps

_PARTS = {
    "travel_cost": "travel",
    "misfit_cost": "skills",
    "complexity_cost": "complexity",
    "disruption_cost": "change of owner",
}
_GAINS = ("gain_travel", "gain_misfit", "gain_complexity", "gain_disruption")
_HEADS = {
    "lock": "Set by a manager's decision.",
    "frozen": "Frozen: outside the scope of this run.",
    "late_stage": "Kept: a late-stage deal protects it.",
    "recent_win": "Kept: a deal won lately protects it.",
    "named": "Kept: a named account stays with its owner.",
    "barred": "Moved: a manager's decision bars today's owner.",
    "no owner": "New owner: it had none.",
    "owner left": "New owner: today's has left.",
    "owner elsewhere": "New owner: today's is not in this part of the plan.",
}
_NAMES = {
    "potential": "potential",
    "workload_hours": "workload",
    "acv": "ACV",
    "accounts": "number of accounts",
    COUNT: "number of accounts",
    NAMED: "number of named accounts",
}


def measure_name(measure: str) -> str:
    """Give a measure as a planner calls it."""
    return _NAMES.get(measure, measure)


def limit_texts(answer: Answer, swaps: Swaps, names: np.ndarray) -> np.ndarray:
    """Say which limit forbids each account's single change to its next best rep; blank: none."""
    measures = [measure_name(one) for one in answer.block.measures]
    count = len(answer.block.measures)
    texts = []
    for row, (measure, rep, by) in enumerate(
        zip(swaps.limit_measure.tolist(), swaps.limit_rep.tolist(), swaps.limit_by.tolist(),
            strict=True)
    ):  # fmt: skip
        if measure == -2:
            texts.append("the disruption budget is used up")
        elif measure < 0 or measure >= count:
            texts.append("")
        else:
            is_over, is_balanced = rep == swaps.rep[row], answer.block.is_balanced[measure]
            texts.append(_past_limit(measures[measure], names[rep], by if is_balanced else None,
                                     is_over=is_over))  # fmt: skip
    return np.array(texts, dtype=object)


def _past_limit(measure: str, name: str, by: float | None, *, is_over: bool) -> str:
    """Say which limit of a rep is missed, and by which share of the target where there is one."""
    if by is None:
        return (f"{measure} of {name} would be above the upper limit" if is_over
                else f"{measure} of {name} would be below the lower limit")  # fmt: skip
    part = percent_above_zero(by)
    if is_over:
        return f"{measure} of {name} would exceed the upper limit by {part} of the target"
    return f"{measure} of {name} would miss the lower limit by {part} of the target"


def add_reasons(plan: pd.DataFrame, book: pd.DataFrame, sellers: pd.DataFrame) -> pd.DataFrame:
    """Add ``reason`` to the plan; the rows of plan and book are the same accounts."""
    names = dict(zip(sellers["rep_id"], sellers["name"], strict=True))
    columns = ["is_in_scope", "is_moved", "move_cause", "protected_by", "cost", *_PARTS,
               "next_best_rep_id", "swap_cost", "swap_balance_price", "swap_limit"]  # fmt: skip
    known = (plan[name].to_numpy(dtype=object) for name in columns)
    rows = zip(*known, _of_family(plan), book["out_reason"].to_numpy(dtype=object),
               _moved_for(plan), strict=True)  # fmt: skip
    return plan.assign(reason=[_reason(names, *row) for row in rows])


def _of_family(plan: pd.DataFrame) -> list[bool]:
    """Tell where the swap is one of more accounts than this one: its family goes together."""
    alone = (plan["next_best_cost"] - plan["cost"]).to_numpy(dtype=float)
    step = plan["swap_cost"].to_numpy(dtype=float)
    return [bool(apart) for apart in np.abs(step - alone) >= 0.005]


def _moved_for(plan: pd.DataFrame) -> list[str]:
    """Say of each account that left an owner of its block what that gains, and what it costs."""
    gains = plan[list(_GAINS)].to_numpy(dtype=float)
    balance = plan["stay_balance_price"].to_numpy(dtype=float)
    family = plan["family_id"].map(plan["family_id"].value_counts()).to_numpy(dtype=float) > 1
    return [
        _gain_text(dict(zip((*_PARTS.values(), "balance"), (*row, price), strict=True)), kin)
        for row, price, kin in zip(gains.tolist(), balance.tolist(), family.tolist(), strict=True)
    ]


def _gain_text(gains: dict[str, float], has_family: bool) -> str:
    """Write gains, largest first, then what they cost; blank where nothing is known."""
    known = {name: value for name, value in gains.items() if abs(value) >= 0.005}
    ranked = sorted(known, key=lambda name: -known[name])
    won = [f"{name} gains {known[name]:.2f}" for name in ranked if known[name] > 0]
    lost = [f"{name} costs {-known[name]:.2f}" for name in reversed(ranked) if known[name] < 0]
    if won and sum(known.values()) > 0:
        return f"Moved: {'; '.join(', '.join(part) for part in (won, lost) if part)}."
    if has_family:
        return "Moved with its family."
    return f"Moved so that whole accounts fit the limits{': ' if lost else ''}{', '.join(lost)}."


def _reason(names: dict[str, str], is_in_scope: bool, is_moved: bool, *rest: object) -> str:
    cause, kept, cost, *others = rest
    parts, (other, step, price, limit, kin, out, why) = others[: len(_PARTS)], others[len(_PARTS) :]
    if not is_in_scope:
        return f"Out of scope: {out}."
    is_free = is_moved and cause == "plan" and not isinstance(kept, str)
    head = str(why) if is_free else _head(kept, cause, is_moved)
    text = f"{head} {_cost_text(cost, parts)}"
    if not isinstance(other, str):
        return text
    said = _next_best(names.get(other, other), _number(step), _number(price), limit,
                      of_family=bool(kin))  # fmt: skip
    return f"{text} {said}"


def _head(kept: object, cause: object, is_moved: bool) -> str:
    if isinstance(kept, str) and kept in _HEADS:
        return _HEADS[kept]
    if not is_moved:
        return "Kept with today's owner."
    if cause == "lock":
        return _HEADS["barred"]
    return _HEADS[str(cause)]


def _cost_text(cost: object, parts: list[object]) -> str:
    named = [
        f"{name} {_number(value):.2f}"
        for name, value in zip(_PARTS.values(), parts, strict=True)
        if _number(value) >= 0.005
    ]
    return f"Cost {_number(cost):.2f}" + (f" ({', '.join(named)})." if named else ".")


def _next_best(name: str, step: float, price: float, limit: object, *, of_family: bool) -> str:
    why = f"; {limit}" if isinstance(limit, str) and limit else ""
    balance = ""
    if abs(price) >= 0.005:
        balance = (
            f", and balance would charge {price:.2f}"
            if price > 0
            else f", and balance would give back {-price:.2f}"
        )
    if of_family:
        return _family_next_best(name, step, balance, why)
    if abs(step) < 0.005:
        return f"Next best {name} would cost the same to within 0.01{balance}{why}."
    if step > 0:
        return f"Next best {name} would cost {step:.2f} more{balance}{why}."
    return f"{name} would be {-step:.2f} cheaper{balance.replace(', and', ', but', 1)}{why}."


def _family_next_best(name: str, step: float, balance: str, why: str) -> str:
    """Say what the next best rep would cost for all accounts that go together."""
    if abs(step) < 0.005:
        return (f"For its family as a whole, next best {name} would cost the same to within "
                f"0.01{balance}{why}.")  # fmt: skip
    if step > 0:
        return (f"For its family as a whole, next best {name} would cost {step:.2f} "
                f"more{balance}{why}.")  # fmt: skip
    but = balance.replace(", and", ", but", 1)
    return f"For its family as a whole, {name} would be {-step:.2f} cheaper{but}{why}."


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int | np.floating) else float("nan")
