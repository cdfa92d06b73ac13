"""The tables of step 03 from solved blocks: plan with reasons, balance, moves, reps, solution."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.blocks import Block, block_targets
from planlib.territories.reasons import add_reasons, excess_causes
from planlib.territories.solve import Solution

Solved = list[tuple[Block, Solution]]


def plan_table(
    book: pd.DataFrame, sellers: pd.DataFrame, solved: Solved, settings: TerritoriesSettings
) -> pd.DataFrame:
    """Give ``territory_plan``: one row per account of the book."""
    plan = pd.DataFrame({
        "account_id": book["account_id"], "role_layer": settings.role_layer,
        "block": book["block"].where(book["block"].ne("")),
        "is_in_scope": book["block"].ne(""),
        "previous_rep_id": book["owner"], "rep_id": book["owner"],
        **{name: np.nan for name in ("cost", "travel_cost", "misfit_cost", "disruption_cost",
                                     "travel_km", "next_best_cost")},
        "next_best_rep_id": pd.Series(pd.NA, index=book.index, dtype="str"),
        **{name: book[name] for name in ("acv", "potential", "workload_hours", "open_amount",
                                         "latitude", "longitude", "place_precision")},
    })  # fmt: skip
    for block, solution in solved:
        _fill(plan, block, solution, sellers)
    plan["is_protected"] = plan["is_in_scope"] & (
        book["must"].notna() | (book["is_late"] & plan["rep_id"].eq(plan["previous_rep_id"]))
    )
    plan["is_moved"] = plan["is_in_scope"] & ~plan["rep_id"].eq(plan["previous_rep_id"]).fillna(
        value=False
    )
    plan["move_cause"] = _move_causes(plan, book, sellers)
    return add_reasons(plan, book, sellers)


def _fill(plan: pd.DataFrame, block: Block, solution: Solution, sellers: pd.DataFrame) -> None:
    rows, rep = block.rows, solution.rep[block.item]
    at = np.arange(len(rows))
    ids = sellers["rep_id"].to_numpy(dtype=object)[block.reps]
    plan.loc[rows, "rep_id"] = ids[rep]
    parts = {
        "cost": block.cost,
        "travel_cost": block.travel,
        "misfit_cost": block.misfit,
        "disruption_cost": block.disruption,
        "travel_km": block.km,
    }
    for column, values in parts.items():
        plan.loc[rows, column] = values[at, rep]
    others = np.where(block.problem.allowed[block.item], block.cost, np.inf)
    others[at, rep] = np.inf
    best = others.argmin(axis=1)
    found = np.isfinite(others[at, best])
    plan.loc[rows[found], "next_best_rep_id"] = ids[best[found]]
    plan.loc[rows[found], "next_best_cost"] = others[at, best][found]


def _move_causes(plan: pd.DataFrame, book: pd.DataFrame, sellers: pd.DataFrame) -> pd.Series:
    block_of = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    cause = pd.Series("plan", index=plan.index, dtype="str")
    cause = cause.mask(plan["block"].ne(book["owner"].map(block_of)), "owner elsewhere")
    cause = cause.mask(book["is_owner_gone"], "owner left")
    cause = cause.mask(book["owner"].isna(), "no owner")
    cause = cause.mask(book["must"].notna(), "lock")
    return cause.where(plan["is_moved"])


def balance_table(
    book: pd.DataFrame, sellers: pd.DataFrame, solved: Solved, settings: TerritoriesSettings
) -> pd.DataFrame:
    """Give ``territory_balance``: one row per rep and measure, checked on the original data."""
    parts = []
    for block, solution in solved:
        people = sellers.iloc[block.reps]
        rep = solution.rep[block.item]
        targets = block_targets(book.iloc[block.rows], people, settings)
        for measure in settings.measures:
            load = book[f"load_{measure}"].to_numpy(float)[block.rows]
            owned = block.previous >= 0
            size = len(block.reps)
            part = pd.DataFrame({
                "rep_id": people["rep_id"].to_numpy(), "measure": measure, "block": block.name,
                "rep_name": people["name"].to_numpy(),
                "before": np.bincount(block.previous[owned], load[owned], size),
                "after": np.bincount(rep, load, size), "target": targets[measure],
                "tolerance": settings.tolerance_of(measure),
            })  # fmt: skip
            parts.append(part.assign(cause=excess_causes(part, book, block, rep, measure)))
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    for when in ("before", "after"):
        table[f"deviation_{when}"] = (table[when] / table["target"] - 1).where(table["target"] > 0)
    lower = (1 - table["tolerance"]) * table["target"]
    upper = (1 + table["tolerance"]) * table["target"]
    outside = np.maximum(np.maximum(table["after"] - upper, lower - table["after"]), 0.0)
    excess = outside / table["target"].where(table["target"] > 0)
    slight = outside <= 1e-9 * table["target"]  # rounding of sums in another order
    table["excess"] = excess.mask(slight, 0.0)
    table["is_within"] = table["excess"].fillna(0.0).eq(0.0)
    table["cause"] = table["cause"].mask(table["is_within"])
    return table


def moves_table(plan: pd.DataFrame) -> pd.DataFrame:
    """Give ``territory_moves``: sums of what moves, by block and cause, and in all."""
    scope = plan[plan["is_in_scope"]]
    moved = scope[scope["is_moved"]]
    both = pd.concat([moved, moved.assign(block="all")])
    both = pd.concat([both, both.assign(move_cause="all moves")])
    blocks = sorted(set(scope["block"])) + ["all"]
    totals = (
        pd.concat([scope, scope.assign(block="all")])
        .groupby("block")
        .agg(count=("account_id", "size"), acv=("acv", _known_sum))
    )
    sums = both.groupby(["block", "move_cause"]).agg(
        moved_count=("account_id", "size"), moved_acv=("acv", _known_sum),
        moved_potential=("potential", _known_sum), moved_open_amount=("open_amount", _known_sum),
    )  # fmt: skip
    every = [(block, "all moves") for block in blocks if (block, "all moves") not in sums.index]
    for key in every:
        sums.loc[key, :] = 0.0
    table = sums.reset_index()
    table["moved_count"] = table["moved_count"].astype("Int64")
    count = table["block"].map(totals["count"])
    acv = table["block"].map(totals["acv"])
    table["moved_share"] = (table["moved_count"] / count.where(count > 0)).astype("float64")
    table["moved_acv_share"] = table["moved_acv"] / acv.where(acv > 0)
    order = {name: number for number, name in enumerate(blocks)}
    table = table.assign(order=table["block"].map(order)).sort_values(
        ["order", "move_cause"], kind="stable"
    )
    return table.drop(columns="order").reset_index(drop=True)


def _known_sum(values: pd.Series) -> float:
    return float(values.sum(min_count=1))


def reps_table(plan: pd.DataFrame, sellers: pd.DataFrame, solved: Solved) -> pd.DataFrame:
    """Give ``territory_reps``: what the plan means for each rep, with place and map colour."""
    scope = plan[plan["is_in_scope"]]
    table = sellers[["rep_id", "name", "block", "latitude", "longitude", "place_precision"]]
    table = table.rename(columns={"name": "rep_name"}).reset_index(drop=True)
    moved = scope[scope["is_moved"]]
    for column, rows, by in (
        ("before", scope, "previous_rep_id"),
        ("after", scope, "rep_id"),
        ("gained", moved, "rep_id"),
        ("lost", moved, "previous_rep_id"),
    ):
        counts = rows.groupby(by)["account_id"].size()
        table[f"{column}_count"] = table["rep_id"].map(counts).fillna(0).astype("Int64")
    for kind, by in (("gained", "rep_id"), ("lost", "previous_rep_id")):
        for amount in ("acv", "potential", "open_amount"):
            sums = moved.groupby(by)[amount].sum()
            value = table["rep_id"].map(sums).fillna(0.0)
            known = scope[amount].notna().any()
            table[f"{kind}_{amount}"] = value if known else np.nan
    table["before_km"], table["after_km"] = np.nan, np.nan
    table["color"] = 0
    for block, solution in solved:
        _add_km_and_color(table, block, solution)
    return table


def _add_km_and_color(table: pd.DataFrame, block: Block, solution: Solution) -> None:
    rep, size = solution.rep[block.item], len(block.reps)
    at = np.arange(len(rep))
    for column, owner in (("before_km", block.previous), ("after_km", rep)):
        km = block.km[at, np.maximum(owner, 0)]
        known = (owner >= 0) & np.isfinite(km)
        count = np.bincount(owner[known], minlength=size)
        total = np.bincount(owner[known], km[known], size)
        table.loc[block.reps, column] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    table.loc[block.reps, "color"] = _colors(block.cost, rep, size)


def _colors(cost: np.ndarray, rep: np.ndarray, size: int) -> np.ndarray:
    """Give each rep a colour number; those who compete for the same accounts differ."""
    second = cost.copy()
    second[np.arange(len(rep)), rep] = np.inf
    link = np.zeros((size, size))
    np.add.at(link, (rep, second.argmin(axis=1) if size > 1 else rep), 1.0)
    link = link + link.T
    color = np.full(size, -1)
    for one in np.argsort(-link.sum(axis=1), kind="stable"):
        if size <= 8:
            color[one] = int((color >= 0).sum())
            continue
        clash = np.array([link[one][color == shade].sum() for shade in range(8)])
        used = np.bincount(color[color >= 0], minlength=8)
        color[one] = int(np.lexsort((np.arange(8), used, clash))[0])
    return color


def solution_table(
    book: pd.DataFrame, balance: pd.DataFrame, solved: Solved, settings: TerritoriesSettings
) -> pd.DataFrame:
    """Give ``territory_solution``: status, cost, bound and gap per block and in all."""
    asked = max(settings.tolerance_of(one) for one in settings.measures)
    rows = []
    for block, solution in solved:
        stays = block.previous[block.previous >= 0]
        can_stay = len(stays) == len(block.previous)
        before = block.cost[np.arange(len(stays)), stays].sum() if can_stay else np.nan
        inside = balance[balance["block"].eq(block.name)]
        reached = float(inside["deviation_after"].abs().max()) if len(inside) else np.nan
        rows.append({
            "block": block.name, "status": solution.status, "account_count": len(block.rows),
            "rep_count": len(block.reps), "cost": solution.cost, "cost_before": before,
            "bound": solution.bound, "gap": solution.gap, "tolerance_asked": asked,
            "tolerance_reached": reached, "budget_acv": block.problem.budget,
            "moved_acv": block.problem.stake_of(solution.rep),
            "note": _note(solution, reached, asked),
        })  # fmt: skip
    return pd.concat([pd.DataFrame(rows), _all_blocks(rows, asked)], ignore_index=True)


def _note(solution: Solution, reached: float, asked: float) -> str:
    if solution.status in ("optimal", "feasible"):
        return (
            ""
            if np.isnan(solution.gap)
            else (f"no plan within these limits is more than {solution.gap:.1%} cheaper")
        )
    why = (
        "no plan is within the tolerance"
        if solution.status == "infeasible"
        else "no plan within the tolerance was found"
    )
    return f"{why}: reached {reached:.1%} instead of {asked:.1%}"


def _all_blocks(rows: list[dict[str, object]], asked: float) -> pd.DataFrame:
    """Sum the blocks up; the worst status of a block is that of the whole."""
    if not rows:
        return pd.DataFrame(
            [
                {
                    "block": "all",
                    "status": "empty",
                    "account_count": 0,
                    "rep_count": 0,
                    "tolerance_asked": asked,
                    "note": "no account in scope has a rep; nothing was planned",
                }
            ]
        )
    table = pd.DataFrame(rows)
    order = ["optimal", "feasible", "unresolved", "infeasible"]
    status = order[max(order.index(one) for one in table["status"])]
    sums = table[["account_count", "rep_count", "cost", "bound", "budget_acv", "moved_acv"]].sum()
    cost, bound = float(sums["cost"]), float(sums["bound"])
    gap = (cost - bound) / bound if bound > 0 else np.nan
    reached = float(table["tolerance_reached"].max())
    bad = table.loc[~table["status"].isin(["optimal", "feasible"]), "block"]
    note = (
        f"no plan within these limits is more than {gap:.1%} cheaper"
        if bad.empty
        else f"outside the tolerance in {', '.join(bad)}: reached {reached:.1%} instead of "
        f"{asked:.1%}"
    )
    return pd.DataFrame([{
        "block": "all", "status": status, **sums, "gap": gap, "tolerance_asked": asked,
        "cost_before": table["cost_before"].sum(skipna=False), "tolerance_reached": reached,
        "note": note,
    }]).astype({"account_count": "int64", "rep_count": "int64"})  # fmt: skip
