"""Tables of capacity: months with intervals, cohorts, alignment with goals, feed of leads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.capacity.simulate import (
    CUTS,
    PLAN,
    CapacityFutures,
    capacity_rows,
    simulate_capacity,
)
from planlib.quotas.gather import MONTHS, World

Floats = npt.NDArray[np.float64]
#: What a goal is where no targets are set: by place of the owner, and by segment of the account.
OWNED, BY_ACCOUNT = "potential of the accounts its people own", "potential of accounts"


def capacity_tables(world: World) -> tuple[dict[str, pd.DataFrame], CapacityFutures]:
    """
    Simulate the plan and its scenarios, and give the tables of capacity.

    Returns
    -------
    tuple
        Tables by name, and the futures of the plan.
    """
    settings, level = world.capacity, _levels(world)
    found = []
    plan = simulate_capacity(world.inputs, simulations=settings.simulations, seed=world.seed)
    for scenario in (PLAN, *settings.scenarios):
        futures = plan
        if scenario is not PLAN:
            futures = simulate_capacity(world.inputs, scenario, seed=world.seed,
                                        simulations=settings.simulations)  # fmt: skip
        rows = capacity_rows(futures, level, CUTS if scenario is PLAN else CUTS[:1])
        found.append(rows.assign(scenario=scenario.name))
    months = pd.concat(found, ignore_index=True)
    return {
        "capacity_months": _with_targets(months, world) if len(months) else months,
        "capacity_cohorts": plan.cohorts if len(months) else plan.cohorts.iloc[:0],
        "ramp_curves": world.productivity.ramp,
        "tenure_productivity": world.productivity.bands,
        "exit_hazards": world.hazards,
        "capacity_alignment": _alignment(world),
        "capacity_pipeline": _pipeline(world),
    }, plan  # fmt: skip


def kept_shares(world: World, plan: CapacityFutures, count: int) -> Floats:
    """
    Give what leavers and late hires leave of the ramped quota of the year, in each simulated year.

    Parameters
    ----------
    world
        For the ramped quotas without leavers.
    plan
        Futures of the plan.
    count
        Simulated years wanted; futures are used in turn.
    """
    whole = float(world.carriers["ramped_quota"].sum())
    yearly = plan.amount[:, :, :MONTHS].sum(axis=(1, 2), dtype="float64")
    if whole <= 0 or yearly.sum() <= 0:
        return np.ones(count)
    return np.asarray(np.resize(yearly / whole, count))


def _levels(world: World) -> pd.Series:
    roles = pd.Series(sorted(set(world.carriers["role"])), dtype="str")
    return pd.Series(world.spread.level_of(roles), index=roles, dtype="float64")


def _with_targets(months: pd.DataFrame, world: World) -> pd.DataFrame:
    target = world.target
    by = {"region": target.by_region, "unit": target.by_unit}
    yearly = [
        target.amount if cut == "total" else by.get(cut, pd.Series(dtype="float64")).get(value)
        for cut, value in zip(months["cut"], months["cut_value"], strict=True)
    ]
    inside = months["month_date"] <= pd.Timestamp(world.year.end)
    amount = pd.Series(yearly, dtype="float64").where(inside) / MONTHS
    full = world.carriers[world.carriers["quota_amount"] > 0]
    each = full["quota_amount"] * full["attainment_level"] / MONTHS
    mean = {("total", "all"): each.mean()}
    for cut in ("unit", "region", "role"):
        mean |= {(cut, str(one)): value for one, value in each.groupby(full[cut]).mean().items()}
    quota = pd.Series([mean.get(key, np.nan) for key in zip(months["cut"], months["cut_value"],
                                                            strict=True)])  # fmt: skip
    ends = months["month_date"] + pd.offsets.MonthEnd(1)
    return months.assign(
        target_amount=amount, required_reps=amount / quota.where(quota > 0),
        is_past=ends <= world.as_of,
    )  # fmt: skip


def _alignment(world: World) -> pd.DataFrame:
    """Compare shares of capacity and goal by region, unit and segment, where a goal is known."""
    found = []
    for cut, goal in (("region", world.target.by_region), ("unit", world.target.by_unit)):
        capacity = world.carriers.groupby(cut)["ramped_quota"].sum()
        if len(capacity):
            found.append(_compared(cut, capacity, goal, _potential_by(world, cut), OWNED))
    owners = world.owners
    if owners is not None and owners["segment"].notna().any():
        by = "workload_hours" if owners["workload_hours"].sum() > 0 else "potential"
        size = owners[by].fillna(0.0) if owners[by].sum() > 0 else pd.Series(1.0, owners.index)
        total = size.groupby(owners["rep_id"]).transform("sum")
        quota = owners["rep_id"].map(world.carriers.set_index("rep_id")["ramped_quota"])
        part = (quota * size / total.where(total > 0)).groupby(owners["segment"]).sum()
        potential = owners.groupby("segment")["potential"].sum(min_count=1)
        found.append(_compared("segment", part, world.target.by_segment, potential, BY_ACCOUNT))
    told = [one for one in found if one["goal_amount"].notna().any()]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame()


def _potential_by(world: World, cut: str) -> pd.Series:
    """Give the potential of accounts by unit or region of the rep who owns them in the plan."""
    if world.owners is None:
        return pd.Series(dtype="float64")
    place = world.owners["rep_id"].map(world.carriers.set_index("rep_id")[cut])
    return world.owners.groupby(place)["potential"].sum(min_count=1)


def _compared(
    cut: str, capacity: pd.Series, goal: pd.Series, potential: pd.Series, instead: str
) -> pd.DataFrame:
    """Set capacity against targets; where none are set, against potential, named ``instead``."""
    stated = len(goal) > 0
    goals = goal if stated else potential
    values = sorted({*map(str, capacity.index), *(map(str, goals.index) if stated else ())})
    mine, aim = capacity.reindex(values), goals.reindex(values).astype("float64")
    share = mine.fillna(0.0) / mine.sum() if mine.sum() > 0 else mine * np.nan
    wanted = aim / aim.sum() if aim.sum() > 0 else aim * np.nan
    return pd.DataFrame(
        {
            "cut": cut,
            "cut_value": values,
            "ramped_quota_amount": mine.to_numpy(),
            "capacity_share": share.to_numpy(),
            "goal_amount": aim.to_numpy(),
            "goal_share": wanted.to_numpy(),
            "difference": (share - wanted).to_numpy(),
            "goal_basis": "targets" if stated else instead,
        }
    )


def _pipeline(world: World) -> pd.DataFrame:
    """Check whether leads x conversion feed the part of capacity that lives on leads."""
    leads, deals = world.tables.get("leads"), world.tables.get("opportunities")
    columns = ["measure_order", "measure", "value", "unit_of_value", "definition"]
    needed = {"lead_id", "is_won", "close_date", "amount"}
    if leads is None or deals is None or not needed <= set(deals.columns):
        return pd.DataFrame(columns=columns)
    year = pd.DateOffset(years=1)
    won = deals[deals["is_won"].fillna(False).astype(bool)]
    lately = won[(won["close_date"] > world.as_of - year) & (won["close_date"] <= world.as_of)]
    cycle = float(np.nanmedian(world.cycles["cycle_days"])) if len(world.cycles) else 0.0
    until = world.as_of - pd.Timedelta(days=round(cycle))
    ripe = leads[(leads["created_at"] > until - year) & (leads["created_at"] <= until)]
    recent = leads[(leads["created_at"] > world.as_of - year)
                   & (leads["created_at"] <= world.as_of + pd.Timedelta(days=1))]  # fmt: skip
    if recent.empty or ripe.empty or lately["amount"].sum() <= 0:
        return pd.DataFrame(columns=columns)
    fed = won[won["lead_id"].isin(set(ripe["lead_id"]))]
    conversion, each = fed["lead_id"].nunique() / len(ripe), fed["amount"].mean()
    monthly = len(recent) / MONTHS
    share = float(lately.loc[lately["lead_id"].notna(), "amount"].sum() / lately["amount"].sum())
    supply = monthly * MONTHS * conversion * (each if len(fed) else np.nan)
    capacity = float((world.carriers["ramped_quota"] * world.carriers["attainment_level"]).sum())
    need = capacity * share
    wanted = need / (conversion * each) / MONTHS if len(fed) else np.nan
    rows = [
        ("leads a month", monthly, "leads", "leads of the last twelve months / 12"),
        ("conversion", conversion, "share", f"leads with a deal won / leads, of the {len(ripe)} "
         f"that came in during the twelve months until {until:%Y-%m-%d} (one sales cycle ago)"),
        ("won per lead that converts", each, "amount", "mean amount of those deals"),
        ("lead supply a year", supply, "amount", "leads x conversion x amount won"),
        ("share won from leads", share, "share", "of the amount won in the last twelve months"),
        ("capacity of the year", capacity, "amount", "ramped quotas in force x usual attainment"),
        ("capacity that needs leads", need, "amount", "capacity x share won from leads"),
        ("cover by leads", supply / need if need > 0 else np.nan, "x",
         "lead supply / capacity that needs leads; below 1 the capacity is not fed"),
        ("leads needed a month", wanted, "leads", "capacity that needs leads / (conversion x "
         "amount) / 12"),
    ]  # fmt: skip
    return pd.DataFrame([(at + 1, *row) for at, row in enumerate(rows)], columns=columns)
