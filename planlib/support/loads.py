"""Hours by expert, skill, week and month; and experts whom more requests want than they have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.support.exact import Found
from planlib.support.market import Slack, spread
from planlib.support.prepare import Prepared


def schedule(ready: Prepared, found: Found) -> pd.DataFrame:
    """Give table ``support_schedule``: the hours of each request by week or month."""
    minutes = spread(ready.market, found.plan)
    request, period = np.nonzero(minutes)
    rows = ready.requests.iloc[ready.place[request]].reset_index(drop=True)
    expert = ready.experts["expert_id"].to_numpy(dtype=object)[found.plan[request]]
    hours = pd.DataFrame(
        {
            "request_id": rows["request_id"],
            "expert_id": expert,
            "period_start": pd.to_datetime(ready.grid.start[period]),
            "period_end": pd.to_datetime(ready.grid.end[period]),
            "skill": rows["skill"].str.strip(),
            "planned_hours": minutes[request, period] / 60,
        }
    )
    return hours.sort_values(
        ["expert_id", "period_start", "request_id"], ignore_index=True
    )  # fmt: skip


def expert_load(ready: Prepared, hours: pd.DataFrame) -> pd.DataFrame:
    """Give table ``support_load``: hours available and planned by expert and period."""
    people, grid = ready.experts, ready.grid
    count = len(grid)
    load = pd.DataFrame(
        {
            "expert_id": np.repeat(people["expert_id"].to_numpy(dtype=object), count),
            "period_start": pd.to_datetime(np.tile(grid.start, len(people))),
            "period_end": pd.to_datetime(np.tile(grid.end, len(people))),
            "name": np.repeat(people["name"].to_numpy(dtype=object), count),
            "skills": np.repeat(people["skills"].to_numpy(dtype=object), count),
            "available_hours": (ready.market.room / 60).ravel(),
        }
    )
    planned = hours.groupby(["expert_id", "period_start"])["planned_hours"].sum()
    keys = pd.MultiIndex.from_frame(load[["expert_id", "period_start"]])
    return load.assign(planned_hours=planned.reindex(keys).fillna(0.0).to_numpy())


def skill_load(load: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """
    Give table ``support_skill_load``: hours of all who have a skill, and what they are used for.

    An expert with two skills is available for both, so available hours of skills do not add up.
    """
    if load.empty:
        return load
    several = load.assign(skill=load["skills"].fillna("").str.split(";")).explode("skill")
    several["skill"] = several["skill"].str.strip()
    several = several[several["skill"] != ""]
    keys = ["skill", "period_start"]
    sums = several.groupby([*keys, "period_end"], as_index=False).agg(
        available_hours=("available_hours", "sum"), busy=("planned_hours", "sum")
    )
    mine = hours.groupby(["expert_id", "skill", "period_start"], as_index=False)[
        "planned_hours"
    ].sum()
    of_holders = mine.merge(several[["expert_id", *keys]], on=["expert_id", *keys])
    own = of_holders.groupby(keys)["planned_hours"].sum()
    planned = own.reindex(pd.MultiIndex.from_frame(sums[keys])).fillna(0.0).to_numpy()
    return sums.assign(
        planned_hours=planned, other_hours=(sums["busy"] - planned).clip(lower=0.0).round(6)
    ).drop(columns="busy")


def find_conflicts(ready: Prepared, found: Found) -> pd.DataFrame:
    """
    Give table ``support_conflicts``: experts whom refused requests want beside the served ones.

    A refused request wants an expert who has skill, place and, were it alone, the hours; those
    whom the expert serves in overlapping windows want the same hours.
    """
    market, plan = ready.market, found.plan
    names = ready.requests["request_id"].to_numpy(dtype=object)[ready.place]
    slack = Slack(market.room)
    lines = []
    for expert in range(market.experts):
        out = np.flatnonzero((plan < 0) & market.eligible[:, expert])
        if not len(out):
            continue
        served = np.flatnonzero(plan == expert)
        low, high = market.first[out].min(), market.last[out].max()
        served = served[(market.first[served] <= high) & (market.last[served] >= low)]
        both = np.r_[out, served]
        first, last = int(market.first[both].min()), int(market.last[both].max())
        worth = out[np.lexsort((out, -market.gain[out]))]
        lines.append(
            {
                "expert_id": ready.experts["expert_id"].iat[expert],
                "name": ready.experts["name"].iat[expert],
                "request_count": len(both),
                "first_date": pd.Timestamp(ready.grid.start[first]),
                "last_date": pd.Timestamp(ready.grid.end[last]),
                "wanted_hours": float(market.minutes[both, expert].sum()) / 60,
                "available_hours": slack.left[expert, first, last] / 60,
                "served": ", ".join(names[served]),
                "refused": ", ".join(names[worth]),
                "refused_gain_amount": float(market.gain[out].sum()) / 100,
            }
        )
    rows = pd.DataFrame(lines)
    if rows.empty:
        return rows
    return rows.sort_values(
        ["refused_gain_amount", "expert_id"], ascending=[False, True], ignore_index=True
    )
