"""``territory_solution``, one row per block and one for all, and the price of each decision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.territories.block import Block
from planlib.territories.explain import budget_note, solution_note, spared_note
from planlib.territories.solving import Answer
from planlib.territories.statement import Statement

_BUDGETS = {"acv": "acv", "accounts": "count", "open_amount": "open_amount"}
_ORDER = ["optimal", "feasible", "unresolved", "infeasible"]


def solution_table(statement: Statement, answers: tuple[Answer, ...]) -> pd.DataFrame:
    """Give ``territory_solution``: how good the plan is, per block and in all."""
    rows = [_row(answer, statement) for answer in answers]
    whole = _all_blocks(rows, answers)
    return pd.concat([pd.DataFrame(rows), whole], ignore_index=True)


def _row(answer: Answer, statement: Statement) -> dict[str, object]:
    block = answer.block
    stays = bool((block.owner >= 0).all()) and len(block.owner) > 0
    before = float(block.costs.cost_at(block.owner).sum()) if stays else np.nan
    away = np.abs(answer.deviation[block.is_balanced])
    reached = float(np.nanmax(away)) if np.isfinite(away).any() else np.nan
    asked = block.tolerance[block.is_balanced]
    used = answer.tolerance[block.is_balanced]
    row: dict[str, object] = {
        "block": block.name, "status": answer.status, "account_count": block.shape[0],
        "rep_count": block.shape[1], "cost": answer.cost, "cost_before": before,
        "bound": answer.bound if np.isfinite(answer.bound) else np.nan, "gap": answer.gap,
        "tolerance_asked": _most(asked),
        "tolerance_used": _most(used), "tolerance_reached": reached,
        "tolerance_needed": answer.needed, "is_tightest": answer.is_tightest,
        "tolerance_impossible": answer.impossible_below,
        "price_tolerance": answer.tolerance_price,
    }  # fmt: skip
    for g, name in enumerate(block.budgets):
        column, most = _BUDGETS[name], block.budget[g]
        row[f"budget_{column}"] = most if np.isfinite(most) else np.nan
        row[f"moved_{column}"] = answer.used[g]
        row[f"price_{column}"] = answer.budget_prices[g] if np.isfinite(most) else np.nan
    row["budget_note"] = budget_note(answer)
    if statement.has_previous:
        changed = (block.held >= 0) & (block.held != answer.rep)
        row["changed_count"] = int(changed.sum())
        row["changed_further_count"] = int((changed & _may_stay(block)).sum())
    row["note"] = solution_note(answer, reached)
    return row


def _may_stay(block: Block) -> np.ndarray:
    """Tell which accounts neither a lock nor a bar takes from the rep of the previous plan."""
    free = block.fixed < 0
    if block.allowed is not None:
        free &= block.allowed[np.arange(len(block.held)), np.maximum(block.held, 0)]
    return free


def _most(values: np.ndarray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")


def _all_blocks(rows: list[dict[str, object]], answers: tuple[Answer, ...]) -> pd.DataFrame:
    """Sum the blocks up; the worst status of a block is that of the whole."""
    if not rows:
        note = "no account in scope has a rep; nothing was planned"
        return pd.DataFrame([{"block": "all", "status": "empty", "account_count": 0,
                              "rep_count": 0, "note": note}])  # fmt: skip
    table = pd.DataFrame(rows)
    status = _ORDER[max(_ORDER.index(str(one)) for one in table["status"])]
    kinds = ("budget", "moved", "changed")
    summed = [name for name in map(str, table.columns)
              if name.split("_")[0] in kinds and name != "budget_note"]  # fmt: skip
    sums = table[["account_count", "rep_count", "cost", "bound", *summed]].sum(min_count=1)
    sums["bound"] = table["bound"].sum(skipna=False)
    cost, bound = float(sums["cost"]), float(sums["bound"])
    most = table[["tolerance_asked", "tolerance_used", "tolerance_reached",
                  "tolerance_needed"]].max()  # fmt: skip
    is_within = all(answer.is_within for answer in answers)
    gap = max(cost - bound, 0.0) / bound if bound > 0 and is_within else np.nan
    return pd.DataFrame([{
        "block": "all", "status": status, **sums, **most, "gap": gap,
        "cost_before": table["cost_before"].sum(skipna=False),
        "is_tightest": bool(table["is_tightest"].any()), "budget_note": "",
        "note": _note_of_all(table, status, gap, spared_note(answers)),
    }]).astype({"account_count": "int64", "rep_count": "int64"})  # fmt: skip


def _note_of_all(table: pd.DataFrame, status: str, gap: float, spared: str) -> str:
    bad = table[~table["status"].isin(["optimal", "feasible"])]
    if len(bad):
        return "; ".join(f"{note}" for note in bad["note"])
    text = (
        "no plan within these limits is cheaper (proven)"
        if status == "optimal"
        else f"no plan within these limits is more than {percent(gap, 1)} cheaper"
    )
    tight = table.loc[table["is_tightest"].astype(bool), ["block", "tolerance_used"]]
    if tight.empty:
        return text
    listed = ", ".join(f"{name} {percent(share)}" for name, share in tight.itertuples(index=False))
    text = f"{spared}; {text}" if spared else text
    return f"tightest tolerance found: {listed}; {text}"


def overrides_table(
    statement: Statement, answers: tuple[Answer, ...], plan: pd.DataFrame
) -> pd.DataFrame:
    """
    Give ``territory_overrides``: what became of each decision, and its price.

    The price is what the account costs more than with the rep it would otherwise have, in cost
    and in what balance charges at the plan's prices, 0 where the decision agrees with the plan.
    Prices hold at the margin, so for a large account this is the most that the decision costs
    (but for the gap of the plan), not what it costs: see ``capped_prices``.
    """
    table = statement.decisions.copy()
    if table.empty:
        return table
    rows = plan.set_index("account_id")
    kept = {name: [] for name in ("otherwise_rep_id", "cost_price", "balance_price")}  # type: ignore[var-annotated]
    bars = _bar_prices(statement, answers)
    for account, rep, rule, state in table[["account_id", "rep_id", "rule", "state"]].itertuples(
        index=False
    ):
        other, cost, balance = None, np.nan, np.nan
        if state == "applied" and rule == "must":
            row = rows.loc[account]
            other, cost, balance = _must_price(row)
        elif state == "applied":
            other, cost, balance = bars.get((account, rep), (None, np.nan, np.nan))
        for name, value in zip(kept, (other, cost, balance), strict=True):
            kept[name].append(value)
    table = table.assign(**kept)
    table["price"] = table["cost_price"] + table["balance_price"]
    return table


def capped_prices(
    overrides: pd.DataFrame, plan: pd.DataFrame, together: Mapping[str, float]
) -> pd.DataFrame:
    """
    Cap the price of each decision by what all decisions of its part of the market cost together.

    Dropping one decision cannot save more than dropping all of them does.

    Parameters
    ----------
    overrides
        ``territory_overrides``.
    plan
        ``account_id`` and ``block``.
    together
        By block, cost of the plan with all decisions less that of the plan without them.

    Returns
    -------
    DataFrame
        ``overrides``; ``detail`` says where a price is capped.
    """
    if overrides.empty:
        return overrides
    block = overrides["account_id"].map(plan.set_index("account_id")["block"])
    most = block.map(dict(together)).astype("float64").clip(lower=0.0)
    price = overrides["price"].astype("float64")
    high = price.gt(most)
    words = pd.Series([
        f"{was:,.2f} at the margin; all decisions of {name} together cost {cap:,.2f}"
        for was, name, cap in zip(price[high], block[high], most[high], strict=True)
    ], index=overrides.index[high], dtype="str")  # fmt: skip
    return overrides.assign(
        price=price.mask(high, most), detail=overrides["detail"].mask(high, words)
    )


def _must_price(row: pd.Series) -> tuple[object, float, float]:
    """Give what keeping an account with its locked rep costs against the next best one."""
    other = row["next_best_rep_id"]
    cost, balance = -row["swap_cost"], -row["swap_balance_price"]
    if not isinstance(other, str) or not cost + balance > 0:
        return None, 0.0, 0.0
    return other, float(cost), float(balance)


def _bar_prices(
    statement: Statement, answers: tuple[Answer, ...]
) -> dict[tuple[str, str], tuple[object, float, float]]:
    """Give what each barred rep would save, for every bar inside a block."""
    prices: dict[tuple[str, str], tuple[object, float, float]] = {}
    for answer in answers:
        block = answer.block
        if block.allowed is None:
            continue
        ids = statement.sellers["rep_id"].to_numpy(dtype=object)[block.reps]
        names = statement.book["account_id"].to_numpy(dtype=object)[block.rows]
        for i, j in zip(*np.nonzero(~block.allowed), strict=True):
            mine = np.flatnonzero(block.item == block.item[i])
            there, here = np.full(len(mine), j), answer.rep[mine]
            cost = block.costs.cost_at(here, mine).sum() - block.costs.cost_at(there, mine).sum()
            step = answer.prices[:, here[0]] - answer.prices[:, j]
            balance = float(step @ block.load[:, mine].sum(axis=1))
            dear = float(cost) + balance > 0
            prices[str(names[i]), str(ids[j])] = (
                (str(ids[j]), float(cost), balance) if dear else (None, 0.0, 0.0)
            )
    return prices
