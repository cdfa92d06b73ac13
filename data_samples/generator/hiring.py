"""Hires that are planned, and quotas that people have set for the running year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from data_samples.generator.decisions import Row

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes",
         "rep_id", "unit", "quota_amount")  # fmt: skip
_COLUMNS = ("hire_plan_id", "role", "unit", "region", "manager_id", "start_date", "hires_count",
            "quota")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Hiring:
    """
    What is planned.

    Parameters
    ----------
    hires
        Start date and number of hires; each goes to the unit and region with the next most AEs.
    own, team, later
        Reasons of decisions: on one rep, on a manager's team, on a rep within the year.
    when, later_from
        Day of the decisions, first day of the later one.
    factor
        Quotas decided, against the quota in force.
    """

    hires: Sequence[tuple[str, int]]
    own: str
    team: str
    later: str
    when: str = "2026-01-12"
    later_from: str = "2026-07-01"
    factor: float


SOFTWARE = Hiring(
    hires=(("2026-06-01", 1), ("2026-08-17", 2)),
    own="Takes over two accounts of a leaver; agreed in the kick-off",
    team="Two contracts of the region were renewed early; agreed with finance",
    later="Part-time from July after parental leave",
    factor=2.2,
)
INDUSTRIAL = Hiring(
    hires=(("2026-05-06", 1), ("2026-09-01", 1)),
    own="承接离职同事的两个重点客户，年初会议已确认",
    team="两个大项目推迟到明年，分公司指标下调",
    later="七月起兼任大客户项目，指标减半",
    factor=3.0,
)


def plan_hires(hiring: Hiring, reps: pd.DataFrame) -> pd.DataFrame:
    """
    Write table ``hiring_plan``.

    Parameters
    ----------
    hiring
        What is planned.
    reps
        Table ``reps``.
    """
    places = _sellers(reps).groupby(["unit", "region"]).size().rename("size").reset_index()
    places = places.sort_values(["size", "unit", "region"], ascending=[False, True, True])
    places = places.reset_index(drop=True)
    rows = []
    for at, (start, count) in enumerate(hiring.hires):
        place = places.iloc[at % len(places)]
        rows.append((f"HP-{at + 1:02d}", "AE", place["unit"], place["region"], None,
                     pd.Timestamp(start), count, None))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def set_quotas(hiring: Hiring, reps: pd.DataFrame) -> dict[str, list[Row]]:
    """
    Write the decisions of kind ``quotas``.

    Parameters
    ----------
    hiring
        Reasons, day and size.
    reps
        Table ``reps``: the first AE, the team with the second most AEs, and the last AE.

    Returns
    -------
    dict
        Rows by kind, the header first.
    """
    sellers = _sellers(reps)
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    first, last = sellers.iloc[0], sellers.iloc[-1]
    teams = sellers.groupby("manager_id").agg(size=("rep_id", "size"), quota=("quota", "sum"))
    teams = teams.reset_index().sort_values(["size", "manager_id"], ascending=[False, True])
    team = teams.iloc[min(1, len(teams) - 1)]

    def one(number: int, row: pd.Series, why: str, *more: object) -> Row:
        return (f"D-{number:04d}", names.get(row["manager_id"], "Sales operations"), hiring.when,
                why, *more)  # fmt: skip

    def amount(quota: float) -> int:
        return round(quota * hiring.factor / 10_000) * 10_000

    return {
        "quotas": [
            _HEAD,
            one(1, first, hiring.own, "", "", "", first["rep_id"], "", amount(first["quota"])),
            one(2, team, hiring.team, "", "", "", team["manager_id"], "", amount(team["quota"])),
            one(3, last, hiring.later, hiring.later_from, "", "", last["rep_id"], "",
                amount(last["quota"] / 2)),
        ]
    }  # fmt: skip


def _sellers(reps: pd.DataFrame) -> pd.DataFrame:
    here = reps[(reps["role"] == "AE") & reps["leave_date"].isna() & reps["quota"].notna()]
    here = here[~here["is_open_seat"].fillna(False).astype(bool)]
    return here.sort_values("rep_id", ignore_index=True)
