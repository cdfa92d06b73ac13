"""Requests of the industrial firm for support before there is a deal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.write import write_csv

_AS_OF = pd.Timestamp("2026-03-31")
_SKILLS = {"压缩机选型": "solution", "环保工艺": "solution", "振动诊断": "test"}
_OPEN, _PAST, _LINKED = 7, 12, 5  # open ones; closed ones without a deal; ones that became a deal
_WITHOUT_MARGIN, _RATED = (2, 5), (1,)  # open ones without a margin, and with probabilities


def add_presales(folder: Path, seed: int) -> None:
    """
    Append requests before a deal to ``inputs/support_requests.csv``.

    Branches ask for key accounts that have no deal yet; two of the open requests name no margin.
    Some of the older ones name the deal that was opened since.

    Parameters
    ----------
    folder
        A workbook whose inputs and decisions about key accounts are written.
    seed
        Of the draws; they have a stream of their own, so that no other row changes.
    """
    rng = fresh(seed, "chinese presales")
    inputs = folder / "inputs"
    asked = pd.read_csv(inputs / "support_requests.csv", dtype="str")
    rated = pd.read_csv(folder / "overrides" / "account_ratings.csv", dtype="str")
    owned = pd.read_csv(inputs / "territories.csv", dtype="str")
    owner = owned[owned["role_layer"] == "AE"].set_index("account_id")["rep_id"]
    experts = pd.read_csv(inputs / "experts.csv", dtype="str")["expert_id"].tolist()
    accounts = sorted(set(rated["account_id"]) & set(owner.index))
    rows = [_open(rng, place, accounts) for place in range(_OPEN)]
    rows += [_over(rng, str(rng.choice(accounts)), int(rng.integers(40, 400)), experts)
             for _ in range(_PAST)]  # fmt: skip
    rows += _linked(rng, inputs, set(accounts), experts)
    new = pd.DataFrame(rows)
    new["requested_by"] = new["account_id"].map(owner)
    first = int(asked["request_id"].str[2:].astype(int).max()) + 1
    new["request_id"] = [f"ZC{first + at:04d}" for at in range(len(new))]
    names = [*asked.columns]
    names[2:2] = ["opportunity_id"]
    names.insert(names.index("requested_date"), "requested_by")
    names.insert(names.index("p_without"), "margin_amount")
    table = pd.concat([asked, new], ignore_index=True).reindex(columns=names)
    write_csv(inputs, "support_requests", table, is_text=True)


def _request(rng: np.random.Generator, account: str, asked: pd.Timestamp) -> dict[str, object]:
    skill = str(rng.choice(list(_SKILLS)))
    start = asked + pd.Timedelta(days=int(rng.integers(12, 40)))
    return {
        "account_id": account, "skill": skill, "support_line": _SKILLS[skill],
        "hours": str(int(rng.integers(2, 9)) * 4), "needed_from": f"{start:%Y-%m-%d}",
        "needed_to": f"{start + pd.Timedelta(days=int(rng.integers(25, 70))):%Y-%m-%d}",
        "requested_date": f"{asked:%Y-%m-%d}",
    }  # fmt: skip


def _open(rng: np.random.Generator, place: int, accounts: list[str]) -> dict[str, object]:
    row = _request(rng, str(rng.choice(accounts)),
                   _AS_OF - pd.Timedelta(days=int(rng.integers(2, 20))))  # fmt: skip
    margin, chance = int(rng.integers(8, 60)) * 20_000, float(rng.uniform(0.1, 0.25))
    row["status"] = "open"
    if place not in _WITHOUT_MARGIN:
        row["margin_amount"] = str(margin)
    if place in _RATED:
        row |= {"p_without": f"{chance:.2f}", "p_with": f"{2 * chance:.2f}"}
    return row


def _over(
    rng: np.random.Generator, account: str, days: int, experts: list[str]
) -> dict[str, object]:
    """Give a request that was answered: two of three were served."""
    asked = _AS_OF - pd.Timedelta(days=days)
    served = bool(rng.random() < 0.67)
    answered = asked + pd.Timedelta(days=int(rng.integers(1, 12)))
    return {
        **_request(rng, account, asked), "answered_date": f"{answered:%Y-%m-%d}",
        "status": "served" if served else "refused",
        "expert_id": str(rng.choice(experts)) if served else None,
    }  # fmt: skip


def _linked(
    rng: np.random.Generator, inputs: Path, accounts: set[str], experts: list[str]
) -> list[dict[str, object]]:
    """Give requests whose deal was opened some weeks later, and is named."""
    deals = pd.read_csv(inputs / "opportunities.csv", dtype="str")
    opened = pd.to_datetime(deals["created_date"], errors="coerce", format="%Y-%m-%d")
    young = opened.between("2025-03-01", "2025-08-31") & deals["account_id"].isin(accounts)
    mine = deals.assign(opened=opened)[young].sort_values("opportunity_id")
    rows = []
    for at in sorted(rng.choice(len(mine), _LINKED, replace=False).tolist()):
        deal = mine.iloc[at]
        days = (_AS_OF - deal["opened"]).days + int(rng.integers(10, 50))
        row = _over(rng, str(deal["account_id"]), days, experts)
        rows.append({**row, "opportunity_id": str(deal["opportunity_id"])})
    return rows
