"""Business unit of a lead: that of its account, else that which an account like it would have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planlib.notes import count_of
from planlib.routing.people import Crew, territory_lists
from planlib.segmentation import segment_accounts
from planlib.segmentation.defaults import unit_rules
from planlib.settings.routing import RoutingSettings
from planlib.settings.segmentation import UNASSIGNED, UNKNOWN, SegmentationSettings
from planlib.tables import table

_FACTS = ("country", "province", "industry", "employees")
_EVERY_UNIT = ("", "all")  # units of reps who serve every account


def lead_units(
    leads: pd.DataFrame,
    territory: pd.Series,
    segments: pd.DataFrame | None,
    settings: SegmentationSettings | None,
    as_of: date,
) -> pd.Series:
    """
    Give the business unit of each lead, NA where it is not known.

    Parameters
    ----------
    leads
        ``account_id``, ``country``, ``province``, ``industry``, ``employees``.
    territory
        Sales region of each lead.
    segments
        Table of step 02, for leads with an account; None: the rules alone.
    settings
        Section ``segmentation``, whose rules route a lead without account as they would a
        prospect; one without employees has no unit where these rules ask for the size. None: only
        leads with an account have a unit.
    as_of
        The day looked at.

    Returns
    -------
    Series
        By the index of the leads.
    """
    found = pd.Series(pd.NA, index=leads.index, dtype="str")
    if segments is not None:
        known = segments.drop_duplicates("account_id").set_index("account_id")["unit"]
        found = leads["account_id"].map(known).astype("str")
    if settings is not None and found.isna().any():
        found = found.fillna(_by_rules(leads, territory, settings, as_of))
    return found.mask(found == UNASSIGNED)


def with_units(
    leads: pd.DataFrame, crew: Crew, tables: Mapping[str, pd.DataFrame | None],
    settings: RoutingSettings, *, rules: SegmentationSettings | None, as_of: date,
) -> pd.DataFrame:  # fmt: skip
    """
    Add ``unit`` to leads where reps are of several units and the settings ask for it.

    Parameters
    ----------
    leads
        See ``lead_units``.
    crew
        Reps who can get leads.
    tables
        ``accounts`` and ``segments``; each may be absent.
    settings
        Section ``routing``: ``units``.
    rules, as_of
        See ``lead_units``.
    """
    segments = tables.get("segments")
    nothing = segments is None and rules is None
    if settings.units == "off" or nothing or crew.people["unit"].nunique() < 2:
        return leads
    territory, _ = territory_lists(leads, crew.people, tables.get("accounts"))
    return leads.assign(unit=lead_units(leads, territory, segments, rules, as_of))


def unit_findings(leads: pd.DataFrame) -> list[str]:
    """Say for how many leads reps of different units are compared."""
    unknown = int(leads["unit"].isna().sum()) if "unit" in leads else 0
    if not unknown:
        return []
    return [
        f"No business unit is known for {count_of(unknown, 'lead')} without account and employees, "
        "so reps of all units are compared there, each by the ratio to the own peers"
    ]


def _by_rules(
    leads: pd.DataFrame, territory: pd.Series, settings: SegmentationSettings, as_of: date
) -> pd.Series:
    """Route leads as prospects, each kind once."""
    kinds = leads[list(_FACTS)].assign(region=territory.reindex(leads.index))
    if kinds.empty:
        return pd.Series(pd.NA, index=leads.index, dtype="str")
    codes = kinds.groupby(list(kinds.columns), dropna=False, sort=False).ngroup().to_numpy()
    distinct = kinds.drop_duplicates(ignore_index=True)
    rows = distinct.assign(
        account_id=[f"{at:09d}" for at in range(len(distinct))], is_customer=False
    )
    routed = segment_accounts(table("accounts").coerce(rows), settings, as_of=as_of).segments
    unit = routed["unit"].astype("object")
    if any("size" in {**rule.when, **rule.unless} for rule in unit_rules(settings)):
        unit = unit.mask(routed["size"] == UNKNOWN)
    return pd.Series(unit.to_numpy()[codes], index=leads.index, dtype="str")


def unit_policies(leads: pd.DataFrame, settings: RoutingSettings) -> pd.Series:
    """Give the policy of each lead's business unit where it differs, else NA."""
    if "unit" not in leads or not settings.unit_policies:
        return pd.Series(pd.NA, index=leads.index, dtype="str")
    return leads["unit"].map(settings.unit_policies).astype("str")


def serves(people: pd.DataFrame, unit: str) -> np.ndarray:
    """Tell which reps are of a unit, or of every unit."""
    own = people["unit"].fillna("").str.strip()
    return (own.eq(unit) | own.str.casefold().isin(_EVERY_UNIT)).to_numpy(bool)
