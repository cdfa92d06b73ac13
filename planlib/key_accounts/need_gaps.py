"""What the needs ask of us: fit by kind of offering and horizon, and hours short by need."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.capability import ALL, hours_of_needs, months_ahead, skill_needs
from planlib.key_accounts.register import HORIZON_MONTHS, OPEN
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, to_cents
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.tables import table

NOT_SAID = "not said"
_MONEY = ("value", "expected_value", "gap_value")


def offering_horizons(
    register: pd.DataFrame,
    key_ids: set[str],
    settings: KeyAccountNeedsSettings,
    products: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Sum the open needs of key accounts by kind of offering, family and horizon.

    Parameters
    ----------
    register
        Table ``key_account_needs``.
    key_ids
        The key accounts.
    settings
        ``offering_kinds``: product, solution or service by product id or family; the id goes first.
    products
        Table ``products``, or None: then the family is not known.

    Returns
    -------
    DataFrame
        Table ``key_account_offerings``. ``fit_share`` = sum of value x likelihood x fit / sum of
        value x likelihood, over needs that know all three; it is NA where none does.
    """
    contract = table("key_account_offerings")
    rows = register[(register["status"] == OPEN) & register["account_id"].isin(key_ids)]
    if rows.empty:
        return contract.empty()
    known = pd.DataFrame(columns=["product_id", "family"]) if products is None else products
    family = known.drop_duplicates("product_id").set_index("product_id")["family"]
    families = look_up(rows["product_id"], family.astype("object"))
    said = settings.offering_kinds
    pairs = zip(rows["product_id"], families, strict=True)
    kinds = [said.get(str(product), said.get(str(one), NOT_SAID)) for product, one in pairs]
    cents = {name: to_cents(rows[name].astype("float64")) for name in _MONEY}
    rated = rows["expected_value"].notna() & rows["gap_value"].notna()
    filled = rows.assign(
        **cents,
        kind=kinds,
        product_family=families.astype("str").fillna(NOT_SAID),
        rated=rows["expected_value"].astype("float64").where(rated),
        unmet=rows["gap_value"].astype("float64").where(rated),
        unknown=rows[["value", "likelihood", "fit"]].isna().any(axis=1),
    )
    grouped = filled.groupby(["kind", "product_family", "horizon"], sort=True)
    sums = grouped[[*_MONEY, "rated", "unmet"]].sum(min_count=1)
    found = grouped.agg(
        account_count=("account_id", "nunique"),
        need_count=("need_id", "size"),
        unknown_count=("unknown", "sum"),
    ).assign(
        **{name: from_cents(sums[name].astype("Int64")) for name in _MONEY},
        fit_share=1 - sums["unmet"] / sums["rated"].where(sums["rated"] > 0),
    )
    found = found.assign(fit_share=found["fit_share"].clip(0, 1)).reset_index()
    order = {name: place for place, name in enumerate(HORIZON_MONTHS)}
    found = found.sort_values(
        ["kind", "product_family", "horizon"],
        key=lambda values: values.map(order) if values.name == "horizon" else values,
        ignore_index=True,
    )
    return contract.check(found[[column.name for column in contract.columns]])


def need_gaps(
    register: pd.DataFrame,
    capability: pd.DataFrame,
    settings: KeyAccountNeedsSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Say for every open need that asks for a skill whether its hours are there when it needs them.

    Where a skill lacks hours in a month, the needs of that month share the lack in proportion to
    the hours that they ask for, so that ``short_hours`` of a skill sum to the ``unmet_hours`` of
    the skill in ``capability_gaps``.

    Parameters
    ----------
    register
        Table ``key_account_needs``.
    capability
        Table ``capability_gaps`` of the same register.
    settings
        ``capability_months``.
    as_of
        As-of date.

    Returns
    -------
    DataFrame
        Table ``key_account_need_gaps``, the most hours short first. Without experts, or for hours
        before or after the months compared, the state is not known.
    """
    contract = table("key_account_need_gaps")
    months = months_ahead(as_of, settings.capability_months)
    asked = hours_of_needs(register, months, as_of)
    skills = skill_needs(register)
    if skills.empty:
        return contract.empty()
    gaps = capability[capability["skill"] != ALL]
    rows = asked.merge(
        gaps[["skill", "month", "available_hours"]], on=["skill", "month"], how="left"
    )
    total = rows.groupby(["skill", "month"])["required_hours"].transform("sum")
    lack = (total - rows["available_hours"]).clip(lower=0)
    rows["short"] = rows["required_hours"] * lack / total
    rows["late"] = rows["month"].where(rows["short"] > 0)
    sums = rows.groupby("need_id")[["required_hours", "short"]].sum(min_count=1)
    when = (
        rows.dropna(subset=["late"])
        .groupby("need_id")["late"]
        .agg(lambda one: ", ".join(sorted(one)))
    )
    able = rows.groupby("skill")["available_hours"].sum(min_count=1)
    found = skills[
        ["need_id", "account_id", "need", "skill", "horizon", "skill_hours", "gap_value"]
    ]
    found = found.assign(
        counted_hours=look_up(found["need_id"], sums["required_hours"]).fillna(0.0).round(1),
        short_hours=look_up(found["need_id"], sums["short"]),
        months=look_up(found["need_id"], when.astype("object")),
        able_hours=look_up(found["skill"], able),
        is_over=skills["needed_to"] <= pd.Timestamp(as_of),
    )
    found = _states(found)
    found["short_hours"] = found["short_hours"].round(1)
    found = found.sort_values(
        ["short_hours", "need_id"], ascending=[False, True], na_position="last", ignore_index=True
    )
    return contract.check(found[[column.name for column in contract.columns]])


def _states(found: pd.DataFrame) -> pd.DataFrame:
    """Give state and reason of each need; hours short are NA where the state is not known."""
    later = found["counted_hours"] == 0
    over = later & found["is_over"].fillna(False).astype(bool)
    unknown = later | found["able_hours"].isna()
    nobody = ~unknown & (found["able_hours"] == 0)
    short = ~unknown & ~nobody & (found["short_hours"] > 0.05)
    state = np.select([unknown, nobody, short], ["not known", "no expert", "short"], "enough")
    reasons = np.select(
        [over, later, unknown, nobody, short],
        [
            "the days in which the hours were needed are over",
            "the hours are needed after the months that are compared",
            "the hours of experts are not known",
            "no expert has hours for this skill in these months",
            "hours are short in " + found["months"].fillna("").astype("str"),
        ],
        "experts with the skill have enough hours",
    )
    return found.assign(
        state=state, reason=reasons, short_hours=found["short_hours"].mask(unknown, np.nan)
    )
