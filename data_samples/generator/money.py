"""Targets, forecast calls, pay plans, absence, and what finance booked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import (
    QUARTER_END,
    dates,
    day,
    fresh,
    quarter_days,
    quarter_name,
    quarters,
)
from data_samples.generator.crew import Person

_EVERY_TYPE = "new;expansion;renewal"


def targets(
    seed: int, deals: pd.DataFrame, first: str, last: str, crew: Sequence[Person]
) -> pd.DataFrame:
    """
    Give table ``targets``: total, by region, by product family, pipeline to generate, by AE.

    Parameters
    ----------
    deals
        ``region``, ``family``, ``amount``, ``created_amount``, ``is_won``, ``close_date``,
        ``created_date``, ``deal_type``.
    first, last
        First and last quarter.
    """
    rng = fresh(seed, "targets")
    won = deals[deals["is_won"] & deals["amount"].notna()]
    year = won[won["close_date"].dt.year == 2025]
    season = year.groupby(year["close_date"].dt.quarter)["amount"].sum() / year["amount"].sum()
    season = 0.5 * season + 0.5 * pd.Series([0.22, 0.25, 0.23, 0.30], index=[1, 2, 3, 4])
    generated = deals[(deals["created_date"].dt.year == 2025)]
    rows: list[tuple[object, ...]] = []
    hopes = {
        str(one): float(np.exp(rng.normal(0.06, 0.07)))
        for one in sorted(set(deals["region"]) | set(deals["family"]))
    }
    for name in quarters(first, last):
        age = int(name[:4]) + (int(name[5]) - 1) / 4 - 2025.375
        share = float(season.get(int(name[5]), 0.25)) * 1.17**age
        total = 0.0
        for region, amount in year.groupby("region")["amount"].sum().items():
            value = round(float(amount) * share * hopes[str(region)], -4)
            rows.append((name, "acv", value, None, region, None, None))
            total += value
        rows.append((name, "acv", total, None, None, None, None))
        families = year.groupby("family")["amount"].sum()
        growth = {"Automation": 1.22, "Governance": 1.07, "Analytics": 1.0, "Data Platform": 0.92}
        parts = families * [growth.get(str(one), 1.0) ** age for one in families.index]
        values = (parts / parts.sum() * total).round(-4)
        values.iloc[0] += total - values.sum()
        rows += [
            (name, "acv", float(value), family, None, None, None)
            for family, value in values.items()
        ]
        for region, amount in generated.groupby("region")["created_amount"].sum().items():
            value = round(float(amount) / 4 * 1.15**age * 1.08, -4)
            rows.append((name, "pipeline_generated", value, None, region, None, None))
        rows.append((name, "new_customers", float(round(46 * 1.12**age)), None, None, "new", None))
    for name in quarters("2025Q1", last):
        start, end = quarter_days(name)
        for one in crew:
            if one.role == "AE" and (one.is_open or one.here(start) or one.here(end)):
                base = {"Enterprise": 1_150_000, "Commercial": 620_000}.get(one.unit, 340_000)
                part = {"1": 0.22, "2": 0.25, "3": 0.23, "4": 0.30}[name[5]]
                new = 0.6 if one.hire > start - 120 else 1.0
                rows.append(
                    (name, "acv", round(base * part * new, -3), None, one.region, None, one.rep_id)
                )
    table = pd.DataFrame(
        rows,
        columns=[
            "period",
            "measure",
            "target_amount",
            "product_family",
            "region",
            "deal_type",
            "rep_id",
        ],
    )
    return table.sort_values(["period", "measure"], ignore_index=True, kind="stable")


def forecast_calls(
    seed: int, deals: pd.DataFrame, crew: Sequence[Person], first: int, as_of: int
) -> pd.DataFrame:
    """
    Give table ``forecast_calls``: managers call commit, most likely and best case each week.

    Managers differ for years in the same direction: the factor of each is drawn once, between
    about 0.85 (calls too little) and 1.2 (calls too much). Calls come closer to the truth as the
    quarter ends.
    """
    rng = fresh(seed, "forecast calls")
    lead = {
        one.rep_id: crew[one.manager].rep_id
        for one in crew
        if one.manager >= 0 and crew[one.manager].role == "manager"
    }
    managers = sorted({one.rep_id for one in crew if one.role == "manager"})
    bias = dict(zip(managers, np.exp(rng.normal(0.03, 0.11, len(managers))), strict=True))
    own = deals.assign(manager=deals["owner_id"].map({**lead, **{one: one for one in managers}}))
    won = own[own["is_won"] & own["amount"].notna()]
    rows = []
    for name in quarters(quarter_name(first), quarter_name(as_of)):
        start, end = quarter_days(name)
        inside = won[(won["close_date"] >= _stamp(start)) & (won["close_date"] <= _stamp(end))]
        for manager in managers:
            mine = inside[inside["manager"] == manager]
            final = float(mine["amount"].sum())
            drift = float(rng.normal(0, 0.10))
            for when in range(start + (7 - (start + 2) % 7) % 7, min(end, as_of) + 1, 7):
                left = (end - when) / 91
                closed = float(mine.loc[mine["close_date"] < _stamp(when), "amount"].sum())
                lean = 1 + (bias[manager] - 1 + drift) * left**0.6
                likely = closed + max(0.0, final - closed) * lean * float(
                    np.exp(rng.normal(0, 0.05 + 0.12 * left))
                )
                commit = closed + (likely - closed) * float(rng.uniform(0.62, 0.9))
                best = closed + (likely - closed) * float(rng.uniform(1.12, 1.5))
                for kind, value in (
                    ("commit", commit),
                    ("most_likely", likely),
                    ("best_case", best),
                ):
                    note = (
                        str(
                            rng.choice(
                                [
                                    "one large deal decides",
                                    "two slipped to next quarter",
                                    "upside from renewals",
                                ]
                            )
                        )
                        if rng.random() < 0.02
                        else None
                    )
                    rows.append((when, name, manager, kind, round(value, -3), note))
    table = pd.DataFrame(
        rows, columns=["when", "period", "rep_id", "category", "call_amount", "note"]
    )
    table.insert(0, "call_date", dates(table["when"]))
    return table.drop(columns="when")


def _stamp(number: int) -> pd.Timestamp:
    return pd.Timestamp("2020-01-01") + pd.Timedelta(days=number)


def bookings(seed: int, deals: pd.DataFrame, wrong: dict[str, float]) -> pd.DataFrame:
    """
    Give table ``bookings``: what finance booked for each won deal, on the day it was signed.

    Parameters
    ----------
    deals
        Table ``opportunities``.
    wrong
        Deals whose amount in the CRM is wrong, with the amount that finance booked.
    """
    won = deals[
        deals["is_won"].astype(bool)
        & (deals["amount"].notna() | deals["opportunity_id"].isin(wrong))
    ]
    table = pd.DataFrame(
        {
            "booking_date": won["close_date"],
            "booked_amount": won["amount"],
            "opportunity_id": won["opportunity_id"],
            "account_id": won["account_id"],
            "product_id": won["product_id"],
            "rep_id": won["owner_id"],
        }
    )
    fixed = table["opportunity_id"].map(wrong)
    table["booked_amount"] = fixed.fillna(table["booked_amount"])
    table = table.sort_values(["booking_date", "opportunity_id"], ignore_index=True)
    table.insert(0, "booking_id", [f"F-{one:06d}" for one in range(1, len(table) + 1)])
    return table


def controls(booked: pd.DataFrame, region: pd.Series, periods: Sequence[str]) -> pd.DataFrame:
    """
    Give table ``controls``: closed ACV and wins, in total and by region, as finance has them.

    Parameters
    ----------
    booked
        Table ``bookings``.
    region
        Region by account.
    periods
        Quarters.
    """
    cut = booked.assign(region=booked["account_id"].map(region))
    rows = []
    for name in periods:
        start, end = (_stamp(one) for one in quarter_days(name))
        mine = cut[(cut["booking_date"] >= start) & (cut["booking_date"] <= end)]
        source = f"General ledger, {name} close"
        rows.append(
            (name, "closed_acv", "total", "all", float(mine["booked_amount"].sum()), source)
        )
        rows.append((name, "won_count", "total", "all", float(len(mine)), source))
        for where, part in mine.groupby("region"):
            value = float(part["booked_amount"].sum())
            rows.append((name, "closed_acv", "region", where, value, source))
    return pd.DataFrame(
        rows, columns=["period", "measure", "cut", "cut_value", "booked_amount", "source"]
    )


def pay_plans() -> pd.DataFrame:
    """Give table ``pay_plans`` of the years 2025 and 2026."""
    rows = []
    for year, rise in ((2025, 1.0), (2026, 1.035)):
        for role, base, variable, quota, floor, fast, cap, draw, kinds in (
            ("AE", 112_000, 112_000, 720_000, 0.40, 1.5, 2.5, 0, "new;expansion"),
            ("BDR", 62_000, 26_000, None, 0.50, 1.2, 1.75, 0, "new"),
            ("SDR", 56_000, 21_000, None, 0.50, 1.2, 1.75, 0, "new"),
            ("ECS", 98_000, 62_000, 520_000, 0.40, 1.4, 2.25, 0, "expansion;renewal"),
            ("PS", 128_000, 42_000, None, 0.0, 1.2, 1.5, 0, None),
            ("manager", 165_000, 110_000, 4_200_000, 0.60, 1.5, 2.0, 0, _EVERY_TYPE),
            ("SVP", 260_000, 220_000, 34_000_000, 0.70, 1.5, 2.0, 0, _EVERY_TYPE),
        ):
            rows.append(
                (
                    role,
                    pd.Timestamp(year, 1, 1),
                    round(base * rise, -2),
                    round(variable * rise, -2),
                    quota and round(quota * rise, -4),
                    floor,
                    fast,
                    cap,
                    draw,
                    kinds,
                )
            )
    return pd.DataFrame(
        rows,
        columns=[
            "role",
            "effective_from",
            "base_pay",
            "variable_pay",
            "quota",
            "threshold_share",
            "accelerator",
            "cap_share",
            "draw_amount",
            "deal_types",
        ],
    )


def availability(seed: int, crew: Sequence[Person], first: int, last: int) -> pd.DataFrame:
    """Give table ``availability``: holidays, sickness, training, one parental leave or two."""
    rng = fresh(seed, "availability")
    rows: list[tuple[str, int, int, str, float | None]] = []
    sellers = [one for one in crew if not one.is_open]
    for one in sellers:
        begin, end = max(first, one.hire), min(last, one.leave or last)
        years = max(0.0, (end - begin) / 365)
        for kind, often, usual in (("leave", 3.6, 6), ("sick", 1.6, 2), ("training", 1.1, 2)):
            for _ in range(int(rng.poisson(often * years))):
                start = begin + int(rng.random() * (end - begin))
                if kind == "leave" and rng.random() < 0.55:
                    peak = int(
                        rng.choice(
                            [
                                day("2024-08-05"),
                                day("2024-12-23"),
                                day("2025-08-04"),
                                day("2025-12-22"),
                            ]
                        )
                    )
                    start = peak + int(rng.integers(-14, 12))
                if begin <= start <= end:
                    long = max(1, int(rng.gamma(2.0, usual / 2)))
                    rows.append(
                        (
                            one.rep_id,
                            start,
                            start + long - 1,
                            kind,
                            0.5 if rng.random() < 0.05 else None,
                        )
                    )
    for place in rng.choice(len(sellers), min(2, len(sellers)), replace=False):
        start = int(rng.integers(first + 100, last - 150))
        rows.append((sellers[int(place)].rep_id, start, start + 97, "parental", None))
    table = pd.DataFrame(rows, columns=["rep_id", "start", "end", "kind", "away_share"])
    table = table.sort_values(["rep_id", "start"], ignore_index=True, kind="stable")
    table.insert(1, "start_date", dates(table.pop("start")))
    table.insert(2, "end_date", dates(table.pop("end")))
    return table


def last_quarter_end(number: int) -> int:
    """Give the last day of the quarter of a day."""
    return QUARTER_END[number]
