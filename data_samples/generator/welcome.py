"""How newcomers are taken in, how often managers talk with their people, and past remedies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.decisions import Row, write_decisions
from data_samples.generator.write import write_csv

_AS_OF = pd.Timestamp("2026-03-31")
_PROGRAMME = pd.Timestamp("2022-01-01")  # hires before had no written programme
_TALKS_FROM = pd.Timestamp("2025-01-01")
_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes",
         "team", "indicator", "remedy", "start_date", "owner")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Words:
    """
    What one firm's programme holds.

    Parameters
    ----------
    items
        Item, days after the first day by which it is due, whether it teaches the sales method, and
        the chance that it is done at all.
    why, owner
        Of the remedies.
    remedies
        Region (blank: all), indicator, remedy, first day.
    """

    items: Sequence[tuple[str, int, bool, float]]
    why: str
    owner: str
    remedies: Sequence[tuple[str, str, str, str]]


SOFTWARE = Words(
    items=(
        ("Team guide", 7, False, 0.97),
        ("Tool stack", 14, False, 0.93),
        ("Product certificate", 45, False, 0.86),
        ("Sales method, part 1", 30, True, 0.90),
        ("Sales method, part 2", 75, True, 0.71),
        ("Accounts handed over", 30, False, 0.88),
        ("Shadowed ten calls", 60, False, 0.64),
    ),
    why="Quarterly review of the workload of teams",
    owner="Sales enablement",
    remedies=(
        ("", "win_rate", "Customer facts on one page before every pitch", "2025-07-01"),
        ("Continental Europe", "touches_per_success", "Leave leads below score 30 to nurturing",
         "2025-09-01"),
        ("", "meeting_hours", "No inner meetings on two mornings a week", "2025-10-01"),
    ),
)  # fmt: skip
INDUSTRIAL = Words(
    items=(
        ("公司与安全培训", 10, False, 0.99),
        ("CRM与报价工具", 20, False, 0.92),
        ("产品与选型考核", 90, False, 0.81),
        ("销售流程培训", 60, True, 0.83),
        ("客户台账交接", 30, False, 0.90),
        ("工厂实习两周", 120, False, 0.67),
    ),
    why="季度团队负荷评估",
    owner="营销管理部",
    remedies=(
        ("", "win_rate", "拜访前提供客户数据一页纸", "2025-07-01"),
        ("北方大区", "touches_per_success", "停止跟进三个月无回应的商机", "2025-09-01"),
    ),
)  # fmt: skip


def add_people(folder: Path, words: Words, seed: int) -> None:
    """
    Write ``onboarding``, ``one_on_ones`` and the log ``team_remedies`` beside the other files.

    Parameters
    ----------
    folder
        Workbook with ``inputs/reps.csv`` written.
    words
        The programme of the firm.
    seed
        Seed of streams of their own, so that no other file changes.
    """
    reps = pd.read_csv(folder / "inputs" / "reps.csv", dtype="str")
    reps = reps[reps["is_open_seat"] != "true"].sort_values("rep_id", ignore_index=True)
    for name in ("hire_date", "leave_date"):
        reps[name] = pd.to_datetime(reps[name])
    write_csv(folder / "inputs", "onboarding", _onboarding(reps, words, seed))
    write_csv(folder / "inputs", "one_on_ones", _talks(reps, seed))
    write_decisions(folder, {"team_remedies": _remedies(words)})


def _onboarding(reps: pd.DataFrame, words: Words, seed: int) -> pd.DataFrame:
    rng = fresh(seed, "onboarding")
    rows = []
    for rep in reps[reps["hire_date"] >= _PROGRAMME].to_dict("records"):
        care = float(rng.normal(0.0, 0.10))  # how well this team looks after newcomers
        for item, days, is_method, chance in words.items:
            due = rep["hire_date"] + pd.Timedelta(days=days)
            done = due + pd.Timedelta(days=int(rng.gamma(2.0, 7.0)) - 10)
            done = max(done, rep["hire_date"] + pd.Timedelta(days=1))
            is_done = rng.random() < chance + care
            last = rep["leave_date"] if pd.notna(rep["leave_date"]) else _AS_OF
            kept = is_done and done <= last
            rows.append((rep["rep_id"], item, is_method, due, done if kept else pd.NaT))
    return pd.DataFrame(rows, columns=["rep_id", "item", "is_method", "due_date", "done_date"])


def _talks(reps: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = fresh(seed, "one on ones")
    managers = sorted(reps["manager_id"].dropna().unique())
    pace = dict(zip(managers, rng.uniform(0.6, 2.2, len(managers)), strict=True))  # a month
    rows = []
    for rep in reps[reps["manager_id"].notna()].to_dict("records"):
        first = max(rep["hire_date"], _TALKS_FROM)
        last = rep["leave_date"] if pd.notna(rep["leave_date"]) else _AS_OF
        day = first + pd.Timedelta(days=int(rng.integers(1, 20)))
        while day <= last:
            if day.day_of_week < 5:
                rows.append((rep["rep_id"], day, rep["manager_id"]))
            day += pd.Timedelta(days=max(3, int(rng.normal(30 / pace[rep["manager_id"]], 4))))
    found = pd.DataFrame(rows, columns=["rep_id", "meeting_date", "manager_id"])
    return found.sort_values(["meeting_date", "rep_id"], ignore_index=True)


def _remedies(words: Words) -> list[Row]:
    rows: list[Row] = [_HEAD]
    for place, (team, indicator, remedy, start) in enumerate(words.remedies, start=1):
        day = str(np.datetime64(start) - np.timedelta64(9, "D"))
        rows.append((f"D-{place:04d}", words.owner, day, words.why, "", "", "", team, indicator,
                     remedy, start, words.owner))  # fmt: skip
    return rows
