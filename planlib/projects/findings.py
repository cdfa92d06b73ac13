"""Decisions on projects that cannot be placed: named with their row, none dropped silently."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

_KINDS = ("project_gates", "project_assessments", "project_people", "project_plans",
          "project_lessons")  # fmt: skip


def check_decisions(
    decisions: Mapping[str, pd.DataFrame],
    known: Collection[str],
    chain: pd.DataFrame,
    lessons: pd.DataFrame,
) -> list[dict[str, object]]:
    """
    Name decisions on unknown projects, seats that nobody knows, and needs that do not fit.

    Parameters
    ----------
    decisions
        Decisions in force by kind.
    known
        Every project.
    chain
        From ``read_chain``: a rated seat without power and attitude is not among the
        stakeholders.
    lessons
        From ``read_lessons``.
    """
    found: list[dict[str, object]] = []
    for kind in _KINDS:
        rows = decisions.get(kind)
        if rows is None or rows.empty:
            continue
        strange = rows[~rows["project_id"].isin(list(known))]
        found += [
            _finding(kind, row["decision_id"], "project_id", row["project_id"],
                     "no such project, or a small deal without a record: no effect")
            for row in strange.to_dict("records")
        ]  # fmt: skip
    rated = chain["day_date"].notna() & chain["decision_power"].isna()
    found += [
        _finding("project_people", row["project_id"], "seat", row["seat"],
                 "no such seat among the account's stakeholders, or without decision power: "
                 "shown, but without weight")
        for row in chain[rated].to_dict("records")
    ]  # fmt: skip
    wrong = lessons[lessons["state"].isin(["need not found", "need of another account"])]
    found += [
        _finding("project_lessons", row["decision_id"], "need_id", row["need_id"],
                 str(row["state"]) + ": not linked")
        for row in wrong.to_dict("records")
    ]  # fmt: skip
    return found


def _finding(kind: str, row: str, column: str, value: object, text: str) -> dict[str, object]:
    return {"table": f"override_{kind}", "row_id": row, "column": column, "value": str(value),
            "finding": text, "amount": None}  # fmt: skip
