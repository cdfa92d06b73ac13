"""How evenly measures lie over territories: Gini coefficient, range, before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.territories.columns import flag, number, text

#: Measures of a territory beside the number of its accounts.
MEASURES = ("potential", "acv", "workload_hours", "open_amount")

LEAST_PEERS = 3  # fewer territories have no usual value


def gini(values: Sequence[float] | np.ndarray | pd.Series) -> float:
    """
    Give the Gini coefficient of values that are not negative; NaN where none is above 0.

    ``sum_i (2 i - n - 1) x_i / (n sum x)`` over sorted values: 0 when all are equal, ``1 - 1/n``
    when one has everything (Sen, On Economic Inequality, 1973).

    Parameters
    ----------
    values
        Values of 0 and above, such as ACV by rep; order does not matter. Unknown values (NaN,
        masked) are left out.

    Returns
    -------
    float
        0 to below 1; NaN where no value is above 0.

    Examples
    --------
    >>> gini([1.0, 1.0, 1.0]), gini([0.0, 0.0, 4.0])
    (0.0, 0.6666666666666666)
    """
    known = values.compressed() if isinstance(values, np.ma.MaskedArray) else values
    x = np.sort(np.asarray(known, dtype=float))
    x = x[np.isfinite(x)]
    if len(x) == 0 or x[0] < 0 or x.sum() <= 0:
        return float("nan")
    place = 2 * np.arange(1, len(x) + 1) - len(x) - 1
    return max(0.0, float((place * (x / x.sum())).sum() / len(x)))


def in_scope(plan: pd.DataFrame, side: str = "rep_id") -> pd.DataFrame:
    """Give the accounts of a plan that are in scope and have an owner."""
    inside = flag(plan, "is_in_scope") if "is_in_scope" in plan else plan["account_id"].notna()
    return plan[inside & text(plan, side).notna()]


def spread(plan: pd.DataFrame, rows: pd.DataFrame, balance: pd.DataFrame | None) -> pd.DataFrame:
    """Give Gini, range and mean of every measure per block and in all."""
    people = rows.set_index("rep_id")
    table: list[dict[str, object]] = []
    for measure in ("accounts", *MEASURES):
        sums = {
            side: _sums(plan, measure, side, people.index) for side in ("previous_rep_id", "rep_id")
        }
        target = pd.Series(np.nan, index=people.index)
        if balance is not None and measure in set(balance["measure"]):
            own = balance[balance["measure"].eq(measure)].drop_duplicates("rep_id")
            own = own.set_index("rep_id").reindex(people.index)
            target = number(own, "target")
            target = target.where(target > 0)
        for block in [*sorted(set(people["block"])), "all"]:
            own = people if block == "all" else people[people["block"].eq(block)]
            inside = {side: one[own.index] for side, one in sums.items()}
            flagged = int((own["flag_count"] > 0).sum())
            table.append(_line(block, measure, inside, target[own.index], flagged))
    return pd.DataFrame(table)


def _sums(plan: pd.DataFrame, measure: str, side: str, reps: pd.Index) -> pd.Series:
    owned = in_scope(plan, side) if side in plan else plan.iloc[:0]
    value = pd.Series(1.0, index=owned.index) if measure == "accounts" else number(owned, measure)
    if owned.empty or value.isna().all():
        return pd.Series(np.nan, index=reps)
    return value.groupby(text(owned, side)).sum().reindex(reps, fill_value=0.0)


def _line(
    block: str, measure: str, sums: dict[str, pd.Series], target: pd.Series, flagged: int
) -> dict[str, object]:
    after, before = sums["rep_id"], sums["previous_rep_id"]
    smallest = float(after.min())
    note = ""
    if after.isna().all():
        note = "not known"
    elif len(after) < LEAST_PEERS:
        note = "fewer than three territories: Gini says little"
    return {
        "block": block, "measure": measure, "rep_count": len(after),
        "total": float(after.sum(min_count=1)), "mean": float(after.mean()), "smallest": smallest,
        "largest": float(after.max()),
        "range_ratio": float(after.max()) / smallest if smallest > 0 else np.nan,
        "gini_before": gini(before), "gini_after": gini(after),
        "target_gini_before": gini(before / target), "target_gini_after": gini(after / target),
        "flagged_count": flagged, "note": note,
    }  # fmt: skip
