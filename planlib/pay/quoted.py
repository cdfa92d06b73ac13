"""Take over what the quotas of the year say: quota, ramped capacity, simulated attainment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.pay.inputs import PayInputs
from planlib.pay.people import Attained
from planlib.quotas import AttainmentSpread, simulate_attainment
from planlib.settings.quotas import QuotasSettings

_SET = "in force"


def simulated(
    quotas: pd.DataFrame, spread: AttainmentSpread, settings: QuotasSettings, seed: int
) -> Attained | None:
    """
    Simulate the attainment of everybody with a quota in the plan year.

    Parameters
    ----------
    quotas
        Table ``quotas``.
    spread
        Level and spread of attainment, as the quotas were planned with.
    settings
        Section ``quotas``: simulations and response to a higher quota.
    seed
        Seed of the plan; the draws are those of the quotas.

    Returns
    -------
    Attained or None
        None where nobody has a quota.
    """
    held = quotas[quotas["quota_amount"] > 0]
    if held.empty:
        return None
    rows = held[["rep_id", "role", "quota_amount"]].assign(
        base_amount=held["ramped_quota_amount"].fillna(0.0)
    )
    draws = simulate_attainment(rows, spread, simulations=settings.simulations, seed=seed,
                                response=settings.quota_response)  # fmt: skip
    return Attained(
        rep_id=np.array(draws.rep_ids), quota=draws.quota_amount,
        share=np.ascontiguousarray(draws.share.T), basis="; ".join(spread.notes),
        condition=condition_words(settings.quota_response),
    )  # fmt: skip


def condition_words(response: float) -> str:
    """
    Say at which quotas attainment is simulated, and how sales follow them.

    Parameters
    ----------
    response
        ``quotas.quota_response``: 0 where sales do not follow higher quotas, 1 in full.

    Examples
    --------
    >>> condition_words(1.0)
    'at the quotas of the plan, if sales follow higher quotas in full'
    """
    if not response:
        return "at the quotas of the plan, if sales do not follow higher quotas"
    if response == 1:
        return "at the quotas of the plan, if sales follow higher quotas in full"
    return (
        f"at the quotas of the plan, if sales follow higher quotas with an exponent of {response:g}"
    )


def with_quotas(
    inputs: PayInputs, tables: Mapping[str, pd.DataFrame], attained: Attained | None
) -> PayInputs:
    """
    Add quotas, ramped capacity, target and simulated attainment to the inputs.

    Parameters
    ----------
    inputs
        The other tables.
    tables
        Tables ``quotas``, ``quota_street`` and ``capacity_alignment`` of this step; without rows
        in ``quotas`` the yearly quotas of ``reps`` stay.
    attained
        From ``simulated``.

    Returns
    -------
    PayInputs
        ``capacity_amount`` of a person is the ramped quota in force, times all quotas of the plan
        / all ramped quotas: what would fall to the person by ramp and presence alone.
    """
    quotas, street = tables["quotas"], tables["quota_street"]
    given = {"capacity_alignment": tables["capacity_alignment"], "attained": attained}
    if quotas.empty:
        return replace(inputs, **given)  # type: ignore[arg-type]
    known = quotas[quotas["ramped_quota_amount"].notna() & quotas["quota_amount"].notna()]
    ramped = float(known["ramped_quota_amount"].sort_values().sum())
    factor = float(known["quota_amount"].sort_values().sum()) / ramped if ramped > 0 else np.nan
    given["quotas"] = quotas.assign(capacity_amount=quotas["ramped_quota_amount"] * factor)
    now = street[street["quota_set"] == _SET]
    if len(now):
        row = now.iloc[0]
        names = ("attained_low", "attained_amount", "attained_high")
        capacity = tuple(float(row[name]) for name in names)
        target = None if pd.isna(row["target_amount"]) else float(row["target_amount"])
        return replace(inputs, **given, target_amount=target, capacity=capacity)  # type: ignore[arg-type]
    return replace(inputs, **given)  # type: ignore[arg-type]
