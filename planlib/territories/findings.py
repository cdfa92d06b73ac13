"""What a planner should know about the input: findings, collected as rows of one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.territories.frames import some


@dataclass
class Problems:
    """Collects what a planner should know, as rows of ``territory_problems``."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        problem: str,
        detail: str,
        *,
        account_id: object = None,
        rep_id: object = None,
        amount: object = None,
    ) -> None:
        """Add one finding, once."""
        row = {
            "problem": problem,
            "account_id": account_id,
            "rep_id": rep_id,
            "detail": detail,
            "amount": amount,
        }
        if row not in self.rows[-50:]:
            self.rows.append(row)

    def add_accounts(
        self, problem: str, detail: str, book: pd.DataFrame, rows: pd.Series | np.ndarray
    ) -> None:
        """Add the same finding for several accounts of the book."""
        for account, amount in zip(
            book.loc[rows, "account_id"], book.loc[rows, "acv"], strict=True
        ):
            self.rows.append(
                {
                    "problem": problem,
                    "account_id": account,
                    "rep_id": None,
                    "detail": detail,
                    "amount": amount,
                }
            )


def list_findings(problems: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """
    Give findings in few lines: the same one for several accounts or reps is one row.

    Parameters
    ----------
    problems
        ``Statement.problems``, rows of ``territory_problems``.

    Returns
    -------
    DataFrame
        ``problem``, ``detail``, ``row_count``, ``who`` (ids of the first accounts or reps) and
        ``amount``, the ACV at stake.
    """
    names = ["problem", "detail", "row_count", "who", "amount"]
    frame = pd.DataFrame(
        list(problems), columns=["problem", "detail", "account_id", "rep_id", "amount"]
    )
    if frame.empty:
        return pd.DataFrame(columns=names)
    frame["who"] = frame["account_id"].where(frame["account_id"].notna(), frame["rep_id"])
    frame["amount"] = pd.to_numeric(frame["amount"], errors="coerce")
    rows = [
        (problem, detail, len(part), some(part["who"].dropna()),
         part["amount"].sum(min_count=1))
        for (problem, detail), part in frame.groupby(["problem", "detail"], sort=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)
