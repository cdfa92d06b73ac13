"""Tables of the layers beside the owners: who serves an account, and what a rep serves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planlib.settings.territory_models import LayerRule

_SHOWN = 6  # owners named in a pod


def layer_rows(
    rule: LayerRule, accounts: pd.DataFrame, chosen: pd.Series, pairings: Mapping[str, str]
) -> pd.DataFrame:
    """Give rows of territory_layers, with the reason for each."""
    rep = chosen.astype("object")
    today = accounts["today"]
    moved = rep.notna() & today.notna() & rep.ne(today)
    reasons = [
        _reason(rule, owner, one, before, pairings)
        for owner, one, before in zip(accounts["owner_id"], rep, today, strict=True)
    ]
    return pd.DataFrame({
        "account_id": accounts["account_id"], "role_layer": rule.name, "is_overlay": True,
        "rep_id": rep, "previous_rep_id": today, "is_moved": moved.astype(bool),
        "owner_id": accounts["owner_id"], "reason": reasons,
    })  # fmt: skip


def _reason(
    rule: LayerRule, owner: str, rep: object, today: object, pairings: Mapping[str, str]
) -> str:
    if not isinstance(rep, str):
        return f"No {rule.name} in the team or region of owner {owner}"
    if pairings.get(owner) == rep:
        return f"Paired with owner {owner}"
    if rule.mode == "pod":
        stays = "as today" if rep == today else "time of the pod kept near even"
        return f"Serves the book of owner {owner}; {stays}"
    return "As today" if rep == today else "Nearest to the owner's book with time left"


def pod_rows(
    rule: LayerRule,
    accounts: pd.DataFrame,
    chosen: pd.Series,
    people: pd.DataFrame,
    pairings: Mapping[str, str],
) -> pd.DataFrame:
    """Give rows of territory_pods: each rep of the layer, also one who serves nobody."""
    rep = chosen.to_numpy(object)
    rows = []
    hours = accounts["hours"].to_numpy(float)
    pod = _pod_names(people)
    for number, one in enumerate(people.itertuples()):
        mine = rep == one.rep_id
        served = accounts[mine]
        owners = sorted(set(served["owner_id"]))
        same = np.isin(rep, people.loc[pod == pod.iloc[number], "rep_id"].to_numpy(object))
        capacity = people.loc[pod == pod.iloc[number], "capacity"]
        target = hours[same].sum() * one.capacity / capacity.sum()
        named = "; ".join(owners[:_SHOWN])
        more = f"; and {len(owners) - _SHOWN} more" if len(owners) > _SHOWN else ""
        paired = [owner for owner in owners if pairings.get(owner) == one.rep_id]
        moved = served["today"].notna() & served["today"].ne(one.rep_id)
        rows.append({
            "role_layer": rule.name, "rep_id": one.rep_id, "rep_name": people["name"].iloc[number],
            "pod": pod.iloc[number], "owners": (named + more) or None, "owner_count": len(owners),
            "paired_count": len(paired), "account_count": int(mine.sum()),
            "workload_hours": hours[mine].sum(), "target_hours": target,
            "deviation": hours[mine].sum() / target - 1 if target > 0 else np.nan,
            "potential": served["potential"].sum(min_count=1), "moved_count": int(moved.sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _pod_names(people: pd.DataFrame) -> pd.Series:
    """Name the reps among whom time is kept even: those of a region, else all."""
    return people["region"].where(people["region"].ne(""), "all")
