"""A few decisions that people took in the past, for the folder overrides/ of a sample."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
Row = tuple[object, ...]


def decide(accounts: pd.DataFrame, reps: pd.DataFrame) -> dict[str, list[Row]]:
    """
    Take some decisions on the largest accounts.

    Parameters
    ----------
    accounts
        ``account_id``, ``name``, ``region``, ``owner_id``, ``acv``, ``true_potential``.
    reps
        Table ``reps``.

    Returns
    -------
    dict
        Rows by kind, the header first.
    """
    worth = accounts["true_potential"] + 2 * accounts["acv"].fillna(0)
    order = np.lexsort((accounts["account_id"], -worth))
    top = accounts.iloc[order]
    top = top[top["owner_id"].notna()].reset_index(drop=True)
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    bosses = dict(zip(reps["rep_id"], reps["manager_id"], strict=True))
    gone = set(reps.loc[reps["leave_date"].notna(), "rep_id"])

    def boss(place: int) -> str:
        return str(names.get(bosses.get(top.at[place, "owner_id"]), "Sales operations"))

    def one(place: int, column: str) -> object:
        return top.at[place, column]

    stay = [place for place in range(len(top)) if one(place, "owner_id") not in gone]
    prospects = [place for place in stay if not one(place, "acv") > 0]
    segments: list[Row] = [
        (*_HEAD, "account_id", "segment", "unit", "lifecycle", "potential", "workload_hours"),
        (
            "D-0001",
            boss(stay[2]),
            "2025-01-14",
            "Group contract covers two sister firms",
            "2025-01-14",
            "",
            "",
            one(stay[2], "account_id"),
            "",
            "",
            "",
            _money(one(stay[2], "true_potential"), 1.4),
            "",
        ),
        (
            "D-0002",
            boss(stay[5]),
            "2025-01-15",
            "Roll-out in four countries needs more visits",
            "2025-01-15",
            "2026-12-31",
            "",
            one(stay[5], "account_id"),
            "",
            "",
            "",
            "",
            160,
        ),
        (
            "D-0003",
            boss(prospects[1]),
            "2025-06-03",
            "Bought by a customer of ours, treat as existing",
            "2025-06-03",
            "",
            "",
            one(prospects[1], "account_id"),
            "",
            "",
            "new_customer",
            "",
            "",
        ),
        (
            "D-0004",
            boss(stay[2]),
            "2026-01-12",
            "Second sister firm was sold",
            "2026-01-12",
            "",
            "D-0001",
            one(stay[2], "account_id"),
            "",
            "",
            "",
            _money(one(stay[2], "true_potential"), 1.15),
            "",
        ),
    ]
    territories: list[Row] = [(*_HEAD, "account_id", "rep_id", "rule")]
    for number, (place, why) in enumerate(
        (
            (stay[0], "Sponsor asked to keep the contact person"),
            (stay[4], "Open tender, no change before the award"),
            (stay[7], "Twelve years of relation"),
            (stay[11], "Conflict of interest: family member on the board"),
        ),
        start=1,
    ):
        rule = "must_not" if number == 4 else "must"
        end = "2026-06-30" if number == 2 else ""
        territories.append(
            (
                f"D-{number:04d}",
                boss(place),
                "2026-01-13",
                why,
                "2026-01-13",
                end,
                "",
                one(place, "account_id"),
                one(place, "owner_id"),
                rule,
            )
        )
    key: list[Row] = [
        (*_HEAD, "account_id", "is_key"),
        (
            "D-0001",
            boss(prospects[0]),
            "2025-03-20",
            "Lighthouse of its industry",
            "2025-04-01",
            "",
            "",
            one(prospects[0], "account_id"),
            "true",
        ),
        (
            "D-0002",
            boss(stay[1]),
            "2025-03-20",
            "Being taken over, decisions on hold",
            "2025-04-01",
            "2026-03-31",
            "",
            one(stay[1], "account_id"),
            "false",
        ),
    ]
    return {"segments": segments, "territories": territories, "key_accounts": key}


def write_decisions(folder: Path, decisions: dict[str, list[Row]]) -> None:
    """Write decisions into ``overrides/`` of a workbook."""
    (folder / "overrides").mkdir(parents=True, exist_ok=True)
    for kind, rows in decisions.items():
        _write(folder / "overrides" / f"{kind}.csv", rows)


def _write(file: Path, rows: Sequence[Row]) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def _money(value: object, factor: float) -> int:
    return int(round(float(str(value)) * factor, -4))
