"""What directors said to results of the three checks of key account work."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.decisions import Row, write_decisions

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes",
         "check", "subject_id", "rule", "verdict")  # fmt: skip
_AS_OF = pd.Timestamp("2026-03-31")
_ACCOUNTS = (
    ("", "confirmed", "评分与现场了解一致"),
    ("rated lately", "confirmed", "四月补评已完成"),
)
_SALES = (
    ("evaluates in time", "action", "每月第一周由大客户总监一起补齐评估"),
    ("evaluates in time", "action", "请设计院引荐，六月前补齐关键岗位评估"),
    ("evaluates in time", "accepted", "客户重组，关键岗位尚未任命"),
)
_MANAGEMENT = (
    ("evaluations in time", "action", "月度会议先看逾期评估清单"),
    ("strategies are fresh", "action", "五月底前完成一轮策略复盘"),
)


def add_check_notes(folder: Path, seed: int) -> None:
    """
    Write ``overrides/check_notes.csv``: notes on key accounts, their owners and the managers.

    The subjects are accounts with a team of the customer, the owners of needs who rate least, and
    the directors of key accounts.

    Parameters
    ----------
    folder
        A workbook whose inputs and other decisions are written.
    seed
        Of the draws; they have a stream of their own, so that no other table changes.
    """
    rng = fresh(seed, "chinese check notes")
    decided, inputs = folder / "overrides", folder / "inputs"
    ratings = pd.read_csv(decided / "account_ratings.csv", dtype="str")
    needs = pd.read_csv(inputs / "needs.csv", dtype="str")
    reps = pd.read_csv(inputs / "reps.csv", dtype="str")
    directors = reps[reps["role"] == "KA director"]
    who, managers = directors["name"].tolist(), directors["rep_id"].tolist()
    accounts = pd.read_csv(decided / "account_teams.csv", dtype="str")["account_id"].tolist()
    rated = ratings["rater_id"].value_counts()
    owners = sorted(set(needs["owner_id"].dropna()), key=lambda one: (rated.get(one, 0), one))[:8]
    rows: list[Row] = []
    for check, subjects, said in (("accounts", accounts, _ACCOUNTS), ("sales", owners, _SALES),
                                  ("management", managers, _MANAGEMENT)):  # fmt: skip
        chosen = rng.choice(subjects, min(len(said), len(subjects)), replace=False)
        for subject, (rule, verdict, why) in zip(chosen, said, strict=False):
            when = _AS_OF - pd.Timedelta(days=int(rng.integers(2, 40)))
            rows.append((f"{when:%Y-%m-%d}", str(rng.choice(who)), why,
                         check, str(subject), rule, verdict))  # fmt: skip
    rows.sort(key=lambda row: (str(row[0]), str(row[3])))
    numbered = [(f"D-{number:04d}", row[1], row[0], row[2], "", "", "", *row[3:])
                for number, row in enumerate(rows, start=1)]  # fmt: skip
    write_decisions(folder, {"check_notes": [_HEAD, *numbered]})
