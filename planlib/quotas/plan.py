"""Quotas of the year: top-down, bottom-up, blend, over-assignment, decisions, levels, gap."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.capacity.people import finding
from planlib.capacity.simulate import CapacityFutures
from planlib.pipeline.money import from_cents, to_cents
from planlib.quotas.assign import Assigned, QuotaParts, assign_quotas, from_one, prepare_parts
from planlib.quotas.blend import stretch_rows
from planlib.quotas.bottom_up import Trend
from planlib.quotas.changes import presence_changes
from planlib.quotas.gather import World
from planlib.quotas.groups import open_groups
from planlib.quotas.street import OverAssignment, attainment_factor
from planlib.quotas.to_date import year_to_date
from planlib.quotas.tree import COMPANY


@dataclass(frozen=True, kw_only=True)
class QuotaPlan:
    """
    The quotas, and how they came about.

    Parameters
    ----------
    parts
        What they are made of, to try other settings and decisions.
    tables
        Tables by name.
    findings
        Rows that are wrong or cannot be kept.
    over
        The over-assignment chosen.
    trend
        Growth that the bottom-up estimate carries on.
    open_cuts
        Units, regions and roles whose sums everybody may see.
    """

    parts: QuotaParts = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)
    findings: list[dict[str, object]] = field(repr=False)
    over: OverAssignment
    trend: Trend
    open_cuts: dict[str, frozenset[str]] = field(repr=False)


def plan_quotas(
    world: World, plan: CapacityFutures, decisions: pd.DataFrame | None
) -> QuotaPlan | None:
    """
    Plan the quotas of the year.

    Parameters
    ----------
    world
        From ``gather``.
    plan
        Simulated capacity.
    decisions
        All decisions of kind ``quotas``.

    Returns
    -------
    QuotaPlan or None
        None without a target above zero, or without anybody who carries a quota.
    """
    parts = prepare_parts(world, plan, decisions)
    if parts is None:
        return None
    tree, carriers = parts.tree, parts.carriers
    made = assign_quotas(parts)
    decided, unmoved = made.decided, parts.unmoved
    levels, cuts = open_groups(tree, carriers, world.minimum_group)
    quotas = _quota_rows(parts, made)
    tables = {
        "quotas": quotas,
        "quota_levels": _levels(parts, quotas).assign(
            is_group=lambda rows: rows["node_id"].isin(levels)),
        **year_to_date(parts, made, plan, levels, cuts),
        "quota_street": _street(
            world, carriers, quotas, unmoved=unmoved,
            attained=parts.draws_at(decided.cents).attained_amount * parts.kept,
        ),
        "over_assignment_curve": made.over.curve,
        "quota_gap": _gap(world, quotas),
        "quota_changes": pd.concat([presence_changes(quotas, world.year), decided.changes],
                                   ignore_index=True),
        "quota_decisions": decided.decisions,
    }  # fmt: skip
    wrong = [
        finding("targets", node, "target_amount", f"{from_one(claimed):,.0f}",
                f"the targets of the people below add up to more than the level has, "
                f"{from_one(amount):,.0f}; they are used as proportions")
        for node, amount, claimed in parts.exceeded
    ]  # fmt: skip
    wrong += [
        finding("override_quotas", row["decision_id"], "quota_amount", row["quota_amount"],
                f"the decision is {row['status']} and is left out; table quota_decisions says why")
        for row in decided.decisions.to_dict("records") if row["status"] != "applied"
    ]  # fmt: skip
    return QuotaPlan(parts=parts, tables=tables, findings=wrong, over=made.over,
                     trend=parts.trend, open_cuts=cuts)  # fmt: skip


def _quota_rows(parts: QuotaParts, made: Assigned) -> pd.DataFrame:
    world, carriers = parts.world, parts.carriers
    top, decided = parts.top_down[carriers.index], made.decided
    rows = carriers.assign(
        quota_full_amount=carriers["quota_amount"],
        ramped_quota_amount=carriers["ramped_quota"],
        top_down_amount=from_cents(top.astype("Int64")),
        target_amount=from_cents(made.blended.astype("Int64")),
        quota_amount=from_cents(decided.cents.astype("Int64")),
    )
    rows = rows.join(parts.bottom_up.drop(columns="rep_id"))
    rows = rows.join(stretch_rows(rows, high=world.quotas.stretch_high,
                                  low=world.quotas.stretch_low))  # fmt: skip
    log = decided.decisions
    applied = log[log["status"] == "applied"].dropna(subset="rep_id")
    rows["decision_id"] = rows["rep_id"].map(
        applied.drop_duplicates("rep_id", keep="last").set_index("rep_id")["decision_id"]
    )
    return rows.sort_values("rep_id", ignore_index=True)


def _levels(parts: QuotaParts, quotas: pd.DataFrame) -> pd.DataFrame:
    tree, carriers = parts.tree, parts.carriers
    by_rep = quotas.set_index("rep_id")
    leaf = {name: to_cents(by_rep[name].loc[carriers["rep_id"]]).fillna(0).astype("int64")
            .set_axis(carriers.index)
            for name in ("bottom_up_amount", "target_amount", "quota_amount",
                         "ramped_quota_amount")}  # fmt: skip
    nodes = tree.nodes[tree.nodes["kind"] != "rep"].reset_index(drop=True)
    rows = nodes[["node_id", "parent_id", "depth", "kind", "name"]].copy()
    for name, cents in leaf.items():
        rows[name] = nodes["node_id"].map(tree.totals(cents)).astype("float64") / 100
    ones = pd.Series(1, index=carriers.index, dtype="int64")
    rows["carriers_count"] = nodes["node_id"].map(tree.totals(ones)).astype("int64")
    rows["top_down_amount"] = nodes["node_id"].map(parts.top_down).astype("float64") / 100
    stated = nodes["node_id"].map(parts.stated.astype("float64") / 100)
    rows["stated_amount"] = stated.mask(nodes["node_id"] == COMPANY, parts.world.target.set_amount)
    base = rows["bottom_up_amount"].where(rows["bottom_up_amount"] > 0)
    return rows.assign(stretch=rows["quota_amount"] / base)


def _street(
    world: World, carriers: pd.DataFrame, quotas: pd.DataFrame, *, attained: np.ndarray,
    unmoved: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """Set the quotas in force and those of the plan against the target."""
    target = from_one(world.target.cents)
    now, new = float(carriers["ramped_quota"].sum()), float(quotas["quota_amount"].sum())
    response = world.quotas.quota_response
    rows = []
    for name, street, amounts, basis in (
        ("in force", now, unmoved, "ramped quotas in force, usual attainment, leavers and late "
         "hires"),
        ("plan", new, attained, "quotas of the plan; expected amounts follow quotas above what is "
         f"usual with a response of {response:g} (an assumption)"),
    ):  # fmt: skip
        low, middle, high = np.percentile(amounts, (10, 50, 90))
        factor = attainment_factor(target, street)
        rows.append((name, target, street, factor, 1 / factor if factor > 0 else np.nan,
                     float((amounts >= target).mean()), low, middle, high, basis))  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "quota_set", "target_amount", "street_amount", "attainment_factor", "over_assignment",
        "probability", "attained_low", "attained_amount", "attained_high", "basis",
    ])  # fmt: skip


def _gap(world: World, quotas: pd.DataFrame) -> pd.DataFrame:
    """Give the ways to close the gap between target and bottom-up; people decide on one."""
    columns = ["option_order", "option", "gap_amount", "value", "unit_of_value", "definition"]
    target, bottom = from_one(world.target.cents), float(quotas["bottom_up_amount"].sum())
    gap = target - bottom
    if bottom <= 0 or abs(gap) <= world.quotas.gap_share * target:
        return pd.DataFrame(columns=columns)
    if gap < 0:
        rows = [("raise the target", -gap, "amount", "bottom-up exceeds the target: raise it, or "
                 "keep the reserve on purpose")]  # fmt: skip
    else:
        known = quotas[quotas["quota_full_amount"] > 0]
        each = float((known["quota_full_amount"] * known["attainment_level"]).mean())
        rows = [
            ("hire", gap / each if each > 0 else np.nan, "fully ramped reps",
             "gap / (mean quota in force x usual attainment); ramped for the whole year, so hires "
             "within the year need more"),
            ("price", gap / bottom, "share", "gap / bottom-up: price increase that closes it "
             "where no deal is lost by it"),
            ("lower the target", target - gap, "amount", "target at which bottom-up and top-down "
             "agree"),
            ("accept the stretch", float(quotas["quota_amount"].sum()) / bottom, "x", "quotas of "
             "the plan / bottom-up: what reps are asked beyond what can be expected"),
        ]  # fmt: skip
    return pd.DataFrame(
        [(at + 1, name, gap, value, unit, text) for at, (name, value, unit, text)
         in enumerate(rows)], columns=columns,
    )  # fmt: skip
