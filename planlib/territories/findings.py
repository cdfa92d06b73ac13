"""What a planner should know about the input: findings, collected as rows of one table."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd


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
