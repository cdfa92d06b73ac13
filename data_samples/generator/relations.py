"""Territories, buying centres, needs, ratings and partners of the software sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import dates, fresh
from data_samples.generator.crew import Person
from data_samples.generator.names import FirmNames
from data_samples.generator.owners import Timeline
from data_samples.generator.products import PRODUCTS

_SEATS = (
    ("sponsor", 0.25),
    ("economic buyer", 0.3),
    ("technical lead", 0.15),
    ("procurement", 0.12),
    ("end users", 0.1),
    ("IT security", 0.08),
)
_STATED = (
    "Total cost over three years",
    "Fits the cloud strategy",
    "References in our industry",
    "Time to first result",
    "Security certificates",
    "Support in local language",
)
_UNSTATED = (
    "Wants to keep the team in-house",
    "Past project failed",
    "Close to incumbent",
    "Reorganisation expected",
    "Bonus tied to savings",
    "New in role, needs a win",
)
_NEEDS = (
    "Replace {old} reporting",
    "One view of customers",
    "Audit trail for regulators",
    "Cut month-end close by three days",
    "Assistant for service desk",
    "Supplier data hub",
    "Move warehouse off on-premises",
    "Dashboards for plant managers",
    "Data catalogue after merger",
    "Real-time stock levels",
)
_UNIT_CODES = {"Enterprise": "ENT", "Commercial": "COM", "Small Business": "SMB", "All": "ALL"}
_REGION_CODES = {
    "North America": "NA",
    "Latin America": "LATAM",
    "UK & Ireland": "UKI",
    "Continental Europe": "CE",
    "Asia Pacific": "APAC",
}


def territories(
    seed: int, accounts: pd.DataFrame, crew: Sequence[Person], lines: Sequence[Timeline]
) -> pd.DataFrame:
    """Give table ``territories``: AE of each owned account, BDR and specialist on some."""
    rng = fresh(seed, "territories")
    turn: dict[tuple[str, str], int] = {}
    names: dict[int, str] = {}
    for place, one in enumerate(crew):
        if one.role in ("AE", "BDR", "PS") and not one.is_open:
            key = (one.region, one.unit)
            turn[key] = turn.get(key, 0) + 1
            names[place] = f"{_REGION_CODES[one.region]}-{_UNIT_CODES[one.unit]}-{turn[key]:02d}"
    rows = []
    for number, row in enumerate(accounts.itertuples()):
        owner = lines[number][-1][1]
        if owner < 0:
            continue
        since = max(lines[number][-1][0], row.created)
        rows.append((row.account_id, "AE", crew[owner].rep_id, names.get(owner), since))
        for role, share in (("BDR", 0.5), ("PS", 0.12)):
            if role == "PS" and row.true_potential < 150_000:
                continue
            near = [
                place
                for place, one in enumerate(crew)
                if one.role == role
                and one.leave is None
                and not one.is_open
                and (one.region == row.region or role == "PS")
            ]
            if near and rng.random() < share and row.true_unit != "Small Business":
                place = int(rng.choice(near))
                rows.append(
                    (
                        row.account_id,
                        role,
                        crew[place].rep_id,
                        names.get(place),
                        max(since, crew[place].hire),
                    )
                )
    table = pd.DataFrame(rows, columns=["account_id", "role_layer", "rep_id", "territory", "since"])
    table["since_date"] = dates(table["since"])
    return table


def top_accounts(accounts: pd.DataFrame, count: int) -> pd.DataFrame:
    """Give the accounts that matter most: by what they could spend and what they spend."""
    worth = accounts["true_potential"] * 0.5 + accounts["acv"].fillna(0)
    order = np.lexsort((accounts["account_id"], -worth))
    return accounts.iloc[order[:count]]


def stakeholders(seed: int, top: pd.DataFrame, people: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Give table ``stakeholders``: seats of the buying centre, some with nobody known."""
    rng = fresh(seed, "stakeholders")
    known = {str(key): part["contact_id"].tolist() for key, part in people.groupby("account_id")}
    rows = []
    for account in top.itertuples():
        free = list(known.get(account.account_id, []))
        for seat, power in _SEATS:
            if rng.random() < 0.18:
                continue
            holder = free.pop(0) if free and rng.random() < 0.75 else None
            attitude = int(np.clip(round(rng.normal(0.5 if account.acv > 0 else 0.0, 1.0)), -2, 2))
            rows.append(
                (
                    account.account_id,
                    seat,
                    holder,
                    round(float(np.clip(power + rng.normal(0, 0.04), 0.02, 0.6)), 2),
                    attitude if holder else None,
                    str(rng.choice(_STATED)) if holder else None,
                    str(rng.choice(_UNSTATED)) if holder and rng.random() < 0.4 else None,
                    as_of - int(rng.exponential(110)),
                    round(float(rng.uniform(0.4, 0.95)), 1),
                )
            )
    table = pd.DataFrame(
        rows,
        columns=[
            "account_id",
            "seat",
            "contact_id",
            "decision_power",
            "attitude",
            "visible_factor",
            "hidden_factor",
            "when",
            "confidence",
        ],
    )
    table["recorded_date"] = dates(table["when"])
    return table


def needs(seed: int, top: pd.DataFrame, crew: Sequence[Person], as_of: int) -> pd.DataFrame:
    """Give table ``needs``: what the top accounts will need, in three horizons."""
    rng = fresh(seed, "needs")
    rows = []
    for account in top.itertuples():
        for _ in range(int(rng.poisson(2.6))):
            product = PRODUCTS[int(rng.integers(len(PRODUCTS)))]
            horizon = str(rng.choice(["0-3m", "3-12m", "1-3y"], p=[0.27, 0.43, 0.30]))
            sure = {"0-3m": 0.62, "3-12m": 0.42, "1-3y": 0.24}[horizon]
            value = round(account.true_potential * float(rng.uniform(0.05, 0.4)), -3)
            rows.append(
                (
                    account.account_id,
                    str(rng.choice(_NEEDS)).format(old="legacy"),
                    product.product_id,
                    str(rng.choice(["Finance", "Operations", "IT", "Service"])),
                    horizon,
                    max(3_000.0, value),
                    round(float(np.clip(rng.normal(sure, 0.15), 0.05, 0.95)), 2),
                    round(float(rng.beta(4, 2)), 2),
                    crew[account.owner].rep_id if account.owner >= 0 else None,
                    str(
                        rng.choice(
                            ["Account plan", "Meeting notes", "Annual report", "Tender notice"]
                        )
                    ),
                    as_of - int(rng.exponential(80)),
                    str(rng.choice(["open", "won", "lost", "expired"], p=[0.8, 0.08, 0.08, 0.04])),
                )
            )
    table = pd.DataFrame(
        rows,
        columns=[
            "account_id",
            "need",
            "product_id",
            "buying_centre",
            "horizon",
            "value",
            "likelihood",
            "fit",
            "owner_id",
            "evidence",
            "when",
            "status",
        ],
    )
    table["recorded_date"] = dates(table["when"])
    table.insert(0, "need_id", [f"N-{one:04d}" for one in range(1, len(table) + 1)])
    return table


def ratings(seed: int, top: pd.DataFrame, crew: Sequence[Person], as_of: int) -> pd.DataFrame:
    """Give table ``ratings``: three factors judged by owner and manager, half a year apart."""
    rng = fresh(seed, "ratings")
    rows = []
    size = top["true_potential"].rank(pct=True).to_numpy()
    for place, account in enumerate(top.itertuples()):
        if account.owner < 0 or rng.random() < 0.12:
            continue
        raters = [account.owner, crew[account.owner].manager]
        for when in (as_of - 182, as_of - int(rng.integers(3, 25))):
            for rater in raters[: 1 + int(rng.random() < 0.6)]:
                for factor, level in (
                    ("potential", 3 + 6 * size[place]),
                    ("demonstration", 5.0),
                    ("winnability", 5.5 if account.acv > 0 else 4.2),
                ):
                    value = float(np.clip(round(rng.normal(level, 1.5) * 2) / 2, 0, 10))
                    rows.append(
                        (
                            account.account_id,
                            factor,
                            value,
                            when,
                            crew[rater].rep_id,
                            None,
                            round(float(rng.uniform(0.4, 0.9)), 1),
                        )
                    )
    table = pd.DataFrame(
        rows,
        columns=["account_id", "factor", "rating", "when", "rater_id", "evidence", "confidence"],
    )
    table["rating_date"] = dates(table["when"])
    return table.drop_duplicates(["account_id", "factor", "rating_date", "rater_id"])


def partners(
    seed: int, accounts: pd.DataFrame, crew: Sequence[Person], count: int, as_of: int
) -> pd.DataFrame:
    """Give table ``partners``: integrators, distributors and service firms."""
    rng = fresh(seed, "partners")
    firms = FirmNames(fresh(seed, "partner firms"))
    rows = []
    for number in range(count):
        row = accounts.iloc[int(rng.integers(len(accounts)))]
        name, _ = firms.draw(
            str(row["code"]),
            str(row["province"]),
            str(rng.choice(["tech", "services"], p=[0.7, 0.3])),
        )
        near = [
            one.rep_id
            for one in crew
            if one.region == row["region"]
            and one.leave is None
            and not one.is_open
            and one.role in ("AE", "manager")
        ]
        rows.append(
            (
                f"G-{number + 1:03d}",
                name,
                str(rng.choice(["integrator", "distributor", "service"], p=[0.6, 0.2, 0.2])),
                row["region"],
                row["province"],
                str(rng.choice(near)) if near else None,
                as_of - int(rng.integers(120, 2_000)),
            )
        )
    table = pd.DataFrame(
        rows, columns=["partner_id", "name", "kind", "region", "province", "owner_id", "since"]
    )
    table["since_date"] = dates(table["since"])
    return table
