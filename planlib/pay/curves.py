"""What plans pay along attainment, and how simulated years spread over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.pay.alternatives import CURRENT, changed
from planlib.pay.people import Attained, pool_small
from planlib.pay.terms import payout_share, terms_of
from planlib.settings.pay import PayAlternative, PaySettings

_BANDS = tuple(round(0.1 * step, 1) for step in range(21))


def attainment_bands(
    people: pd.DataFrame, attained: Attained | None, settings: PaySettings
) -> pd.DataFrame:
    """
    Count simulated years by band of attainment, for each group of roles large enough.

    Returns
    -------
    DataFrame
        Table ``pay_attainment``; no rows without simulation.
    """
    if attained is None:
        return pd.DataFrame()
    known = people[people["rep_id"].isin(attained.rep_id)]
    groups = pool_small(known["role"].value_counts().to_dict(), settings.minimum_group)
    rows: list[dict[str, object]] = []
    for group, mine in known.assign(group=known["role"].map(groups)).groupby("group"):
        if not group:
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
