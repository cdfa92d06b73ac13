"""Alternatives to the pay plans in force: what they change, and where they do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from planlib.pay.terms import PayTerms
from planlib.settings.pay import PayAlternative, PaySettings

CURRENT = "current"


def changed(
    terms: PayTerms, role: str, alternative: PayAlternative, simulated: Sequence[str]
) -> PayTerms:
    """
    Give the terms of a role under an alternative; roles without a quota stay as they are.

    Where an alternative puts threshold and cap the wrong way round for a role, its cap is moved up
    to the threshold; ``check_alternatives`` names it.
    """
    if role not in (alternative.roles or simulated) or alternative.name == CURRENT:
        return terms
    given = {
        name: value
        for name in ("accelerator", "threshold_share", "cap_share")
        if (value := getattr(alternative, name)) is not None
    }
    if alternative.no_cap:
        given["cap_share"] = float("inf")
    floor = float(given.get("threshold_share", terms.threshold_share))
    given["cap_share"] = max(float(given.get("cap_share", terms.cap_share)), floor)
    return replace(terms, variable_pay=terms.variable_pay * alternative.variable_factor, **given)


def check_alternatives(plans: pd.DataFrame, settings: PaySettings) -> pd.DataFrame:
    """
    Name alternatives of plan.yaml that do not fit the pay plans in force.

    Returns
    -------
    DataFrame
        Rows for ``pay_problems``.
    """
    rows: list[dict[str, str]] = []
    for place, one in enumerate(settings.alternatives, start=1):
        where = {"source": "plan.yaml", "row": f"pay.alternatives {place}: {one.name}"}
        unknown = sorted(set(one.roles) - set(plans["role"]))
        if unknown:
            rows.append({
                **where, "problem": "alternative_without_role", "column": "roles",
                "value": ", ".join(unknown), "detail": "roles that have a pay plan; left out",
            })  # fmt: skip
        cap = plans["cap_share"] if one.cap_share is None else one.cap_share
        floor = plans["threshold_share"] if one.threshold_share is None else one.threshold_share
        chosen = plans["role"].isin(one.roles) | (not one.roles)
        wrong = plans[chosen & (pd.Series(cap, index=plans.index) < floor)]
        if len(wrong) and not one.no_cap:
            rows.append({
                **where, "problem": "cap_below_threshold", "column": "cap_share",
                "value": ", ".join(wrong["role"]),
                "detail": "a cap at or above the threshold; moved up to it for these roles",
            })  # fmt: skip
    return pd.DataFrame(rows)
