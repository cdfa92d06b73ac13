"""The tables of step 03 from solved blocks: plan with reasons, balance, moves, reps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.territories.costs import PARTS
from planlib.territories.explain import excess_causes
from planlib.territories.reasons import add_reasons, limit_texts
from planlib.territories.solving import Answer
from planlib.territories.statement import Statement
from planlib.territories.swaps import swaps_of

_NUMBERS = ("cost", *(f"{part}_cost" for part in PARTS), "travel_km", "next_best_cost",
            "swap_cost", "swap_balance_price", "stay_cost", "stay_balance_price",
            *(f"gain_{part}" for part in PARTS))  # fmt: skip
_LEVELS = tuple(f"{when}_above_{what}" for when in ("before", "after")
                for what in ("count", "potential", "cost"))  # fmt: skip
_SHADES = 8


def plan_table(statement: Statement, answers: tuple[Answer, ...]) -> pd.DataFrame:
    """Give ``territory_plan``: one row per account of the book."""
    book, sellers = statement.book, statement.sellers
    scope = book["block"].ne("")
    plan = pd.DataFrame({
        "account_id": book["account_id"], "role_layer": statement.settings.role_layer,
        "block": book["block"].where(scope), "is_in_scope": scope,
        "previous_rep_id": book["owner"],
    })  # fmt: skip
    texts = {name: np.full(len(book), None, dtype=object)
             for name in ("next_best_rep_id", "swap_limit")}  # fmt: skip
    texts["rep_id"] = book["owner"].to_numpy(dtype=object).copy()
    values = {name: np.full(len(book), np.nan) for name in _NUMBERS}
    for answer in answers:
        _fill(answer, sellers, texts, values)
    plan = plan.assign(**{name: pd.Series(column, index=plan.index, dtype="str")
                          for name, column in texts.items()}, **values)  # fmt: skip
    for name in ("acv", "potential", "workload_hours", "open_amount", "latitude", "longitude",
                 "place_precision"):  # fmt: skip
        plan[name] = book[name]
    plan["complexity_score"] = 100.0 * book["complexity"]
    plan["family_id"] = book["family"].str.split("\x00").str[0]
    plan["protected_by"] = book["kept_by"].where(scope & book["kept_by"].ne(""))
    plan["is_protected"] = plan["protected_by"].notna()
    same = plan["rep_id"].eq(plan["previous_rep_id"]).fillna(value=False)
    plan["is_moved"] = scope & ~same
    plan["is_changed"] = scope & book["held"].notna() & ~plan["rep_id"].eq(book["held"])
    plan["move_cause"] = _move_causes(plan, book, sellers)
    return add_reasons(plan, book, sellers)


def _fill(
    answer: Answer,
    sellers: pd.DataFrame,
    texts: dict[str, np.ndarray],
    values: dict[str, np.ndarray],
) -> None:
    block, rep = answer.block, answer.rep
    rows, people = block.rows, sellers.iloc[block.reps]
    ids, names = (people[name].to_numpy(dtype=object) for name in ("rep_id", "name"))
    parts = block.costs.at_reps(rep)
    texts["rep_id"][rows] = ids[rep]
    values["cost"][rows] = sum(parts.values())
    for part, value in parts.items():
        values[f"{part}_cost"][rows] = value
    values["travel_km"][rows] = block.costs.km_at(rep)
    swaps = swaps_of(answer)
    found = swaps.rep >= 0
    texts["next_best_rep_id"][rows[found]] = ids[swaps.rep[found]]
    texts["swap_limit"][rows] = np.where(found, limit_texts(answer, swaps, names), "")
    other = block.costs.cost_at(np.maximum(swaps.rep, 0))
    values["next_best_cost"][rows] = np.where(found, other, np.nan)
    values["swap_cost"][rows] = swaps.cost
    values["swap_balance_price"][rows] = swaps.balance + swaps.budget
    _fill_stays(answer, parts, values)


def _fill_stays(
    answer: Answer, parts: dict[str, np.ndarray], values: dict[str, np.ndarray]
) -> None:
    """Put in what today's owner would cost, for the accounts that leave one of the same block."""
    block, rep = answer.block, answer.rep
    leaves = np.flatnonzero((block.owner >= 0) & (block.owner != rep))
    old, new, rows = block.owner[leaves], rep[leaves], block.rows[leaves]
    before = block.costs.at_reps(old, leaves)
    for part, value in before.items():
        values[f"gain_{part}"][rows] = value - parts[part][leaves]
    values["stay_cost"][rows] = sum(before.values())
    step = ((answer.prices[:, old] - answer.prices[:, new]) * block.load[:, leaves]).sum(axis=0)
    values["stay_balance_price"][rows] = step - answer.budget_prices @ block.stake[:, leaves]


def _move_causes(plan: pd.DataFrame, book: pd.DataFrame, sellers: pd.DataFrame) -> pd.Series:
    block_of = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    cause = pd.Series("plan", index=plan.index, dtype="str")
    cause = cause.mask(plan["block"].ne(book["owner"].map(block_of)), "owner elsewhere")
    cause = cause.mask(book["is_owner_gone"], "owner left")
    cause = cause.mask(book["owner"].isna(), "no owner")
    barred = [owner in bars for owner, bars in zip(book["owner"], book["barred"], strict=True)]
    cause = cause.mask(book["must"].notna() | np.array(barred, dtype=bool), "lock")
    return cause.where(plan["is_moved"])


def shown_tolerance(answer: Answer) -> np.ndarray:
    """Give the tolerance that territories are measured by, (K,): the one asked, else the used."""
    asked = answer.block.tolerance
    return np.where(np.isnan(asked), answer.tolerance, asked)


def balance_table(statement: Statement, answers: tuple[Answer, ...]) -> pd.DataFrame:
    """Give ``territory_balance``: one row per rep and measure, checked on the original data."""
    parts = [_balance(statement, answer) for answer in answers]
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    for when in ("before", "after"):
        table[f"deviation_{when}"] = (table[when] / table["target"] - 1).where(table["target"] > 0)
    over, under = table["after"] - table["most"], table["least"] - table["after"]
    outside = over.clip(lower=0.0) + under.clip(lower=0.0)
    table["excess"] = outside / table["target"].where(table["target"] > 0)
    table["is_within"] = outside.eq(0.0)
    table["cause"] = table["cause"].mask(table["is_within"])
    return table


def _balance(statement: Statement, answer: Answer) -> pd.DataFrame:
    """Give the rows of one block; measures that nobody has are within any tolerance."""
    block, settings = answer.block, statement.settings
    people = statement.sellers.iloc[block.reps]
    tolerance, size = shown_tolerance(answer), len(block.reps)
    lower, upper = block.limits(tolerance)
    loads, owned = answer.loads, block.owner >= 0
    rows = []
    for measure in settings.measures:
        k = block.measures.index(measure) if measure in block.measures else -1
        known = k >= 0
        zero = np.zeros(size)
        before = np.bincount(block.owner[owned], block.load[k][owned], size) if known else zero
        part = pd.DataFrame({
            "rep_id": people["rep_id"].to_numpy(), "measure": measure, "block": block.name,
            "rep_name": people["name"].to_numpy(), "before": before,
            "after": loads[k] if known else zero, "target": block.target[k] if known else zero,
            "tolerance": tolerance[k] if known else settings.tolerance_of(measure) or 1.0,
            "least": lower[k] if known else zero, "most": upper[k] if known else zero,
            "price": answer.prices[k] if known else zero,
        })  # fmt: skip
        causes = excess_causes(answer, statement.book, k, lower[k], upper[k]) if known else ""
        rows.append(part.assign(cause=causes))
    return pd.concat(rows, ignore_index=True)


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


def reps_table(
    plan: pd.DataFrame, sellers: pd.DataFrame, answers: tuple[Answer, ...]
) -> pd.DataFrame:
    """Give ``territory_reps``: what the plan means for each rep, with place and map colour."""
    scope = plan[plan["is_in_scope"]]
    table = sellers[["rep_id", "name", "block", "is_open_seat", "latitude", "longitude",
                     "place_precision"]]  # fmt: skip
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
    for name in ("before_km", "after_km", "skill_score", *_LEVELS):
        table[name] = np.nan
    table["color"] = 0
    rivals = plan[["rep_id", "next_best_rep_id"]]
    for answer in answers:
        _add_km_and_color(table, answer, rivals.iloc[answer.block.rows])
        _add_levels(table, answer, plan["potential"].iloc[answer.block.rows])
    return table


def _add_levels(table: pd.DataFrame, answer: Answer, potential: pd.Series) -> None:
    """Add which accounts are above the level of their rep, today and in the plan, and the cost."""
    block, size = answer.block, len(answer.block.reps)
    needed, level = block.costs.complexity, block.costs.skill
    if needed is None or level is None:
        return
    table.loc[block.reps, "skill_score"] = 100.0 * level
    worth = potential.fillna(0.0).to_numpy(float) if potential.notna().any() else None
    for when, owner in (("before", block.owner), ("after", answer.rep)):
        rep = np.maximum(owner, 0)
        above = (owner >= 0) & (np.nan_to_num(needed) > level[rep] + 1e-9)
        cost = block.costs.at_reps(rep)["complexity"]
        sums = {"count": None, "potential": worth, "cost": cost}
        for what, values in sums.items():
            if what == "potential" and values is None:
                continue
            weights = None if values is None else values[above]
            table.loc[block.reps, f"{when}_above_{what}"] = np.bincount(rep[above], weights, size)


def _add_km_and_color(table: pd.DataFrame, answer: Answer, rivals: pd.DataFrame) -> None:
    block, size = answer.block, len(answer.block.reps)
    for column, owner in (("before_km", block.owner), ("after_km", answer.rep)):
        km = block.costs.km_at(np.maximum(owner, 0))
        known = (owner >= 0) & np.isfinite(km)
        count = np.bincount(owner[known], minlength=size)
        total = np.bincount(owner[known], km[known], size)
        table.loc[block.reps, column] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    column_of = {rep: j for j, rep in enumerate(table["rep_id"].iloc[block.reps])}
    other = rivals["next_best_rep_id"].map(column_of).to_numpy(dtype=float)
    found = np.isfinite(other)
    link = np.zeros((size, size))
    np.add.at(link, (answer.rep[found], other[found].astype(np.int64)), 1.0)
    table.loc[block.reps, "color"] = _colors(link + link.T)


def _colors(link: np.ndarray) -> np.ndarray:
    """Give each rep a colour number; those who compete for the same accounts differ."""
    size = len(link)
    color = np.full(size, -1)
    for one in np.argsort(-link.sum(axis=1), kind="stable"):
        if size <= _SHADES:
            color[one] = int((color >= 0).sum())
            continue
        clash = np.array([link[one][color == shade].sum() for shade in range(_SHADES)])
        used = np.bincount(color[color >= 0], minlength=_SHADES)
        color[one] = int(np.lexsort((np.arange(_SHADES), used, clash))[0])
    return color
