"""What plans pay along attainment, and how simulated years spread over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.pay.alternatives import CURRENT, changed
from planlib.pay.people import POOLED, Attained, pool_roles
from planlib.pay.terms import payout_share, terms_of
from planlib.settings.pay import PayAlternative, PaySettings

_BANDS = tuple(round(0.1 * step, 1) for step in range(21))


def attainment_bands(
    people: pd.DataFrame,
    attained: Attained | None,
    settings: PaySettings,
    plans: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Count simulated years by band of attainment, for each group of roles large enough.

    Parameters
    ----------
    people
        From ``paid_people``.
    attained
        Simulated attainment, managers included.
    settings
        Section ``pay``: smallest group.
    plans
        From ``plan_in_force``: the groups of their roles are those of ``pay_cost``, so that none
        follows from the other. None: no cost of pay is shown.

    Returns
    -------
    DataFrame
        Table ``pay_attainment``; no rows without simulation.
    """
    if attained is None:
        return pd.DataFrame()
    known = people[people["rep_id"].isin(attained.rep_id)]
    groups = _groups(people, attained, settings.minimum_group, plans)
    rows: list[dict[str, object]] = []
    for group, mine in known.assign(group=known["role"].map(groups)).groupby("group"):
        if not group or len(mine) < settings.minimum_group:
            continue
        share = attained.of(mine["rep_id"])[1]
        place = np.searchsorted(np.array(_BANDS), share.ravel() + 1e-12, side="right") - 1
        counts = np.bincount(np.maximum(place, 0), minlength=len(_BANDS))
        rows += [
            {"role_group": group, "from_share": low, "to_share": high,
             "year_share": count / counts.sum(), "people_count": len(mine)}
            for low, high, count in zip(_BANDS, (*_BANDS[1:], None), counts, strict=True)
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _groups(
    people: pd.DataFrame, attained: Attained, minimum: int, plans: pd.DataFrame | None
) -> dict[str, str]:
    """Give the group of each role; small roles without a pay plan are not shown beside the cost."""
    if plans is None:
        return pool_roles(people, attained, minimum)
    paid = people["role"].isin(plans["role"])
    others = pool_roles(people[~paid], attained, minimum)
    shown = {role: "" if group == POOLED else group for role, group in others.items()}
    return shown | pool_roles(people[paid], attained, minimum)


def pay_curves(plans: pd.DataFrame, alternatives: Sequence[PayAlternative] = ()) -> pd.DataFrame:
    """
    Give what each role's plan pays at attainments from 0 to a little above its cap.

    Returns
    -------
    DataFrame
        Table ``pay_curves``, with the corners of each curve.
    """
    rows: list[dict[str, object]] = []
    for row in plans.to_dict("records"):
        role, plain = str(row["role"]), terms_of(row)
        for one in (PayAlternative(name=CURRENT), *alternatives):
            terms = changed(plain, role, one, [role])
            corners = {terms.threshold_share, np.nextafter(terms.threshold_share, -1), 1.0}
            if np.isfinite(terms.cap_share):
                corners.add(terms.cap_share)
            end = max(2.0, 0.25 + max(one for one in corners if np.isfinite(one)))
            grid = sorted({*np.round(np.arange(0.0, end, 0.05), 2), *corners, end} - {-1.0})
            at = np.array([x for x in grid if x >= 0])
            paid = payout_share(at, terms)
            rows += [
                {"plan": one.name, "role": role, "attainment_share": float(x),
                 "payout_share": float(y) * one.variable_factor,
                 "payout_amount": float(y) * terms.variable_pay}
                for x, y in zip(at, paid, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows)
