"""One change of the plan in force: what moves, at which price, and how balance changes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planlib.notes import percent
from planlib.territories.alignment import Alignment
from planlib.territories.compare import PlanComparison


@dataclass(frozen=True, kw_only=True)
class Event:
    """
    One change of the plan in force.

    Parameters
    ----------
    name
        What happened, in words.
    alignment
        The parts of the market that were concerned, solved.
    plan
        The whole plan afterwards: as before but for the moved accounts.
    difference
        What moves, per account, rep and customer.
    notes
        What the planner should know.
    """

    name: str
    alignment: Alignment
    plan: pd.DataFrame
    difference: PlanComparison
    notes: tuple[str, ...] = ()

    @property
    def moved(self) -> pd.DataFrame:
        """Accounts that change owner, with the reason, their cost and the next best rep."""
        columns = ["account_id", "cost", "next_best_rep_id", "next_best_cost", "reason"]
        own = self.alignment.plan[columns]
        return self.difference.moved.merge(own, on="account_id", how="left")

    @property
    def decisions(self) -> pd.DataFrame:
        """Decisions that put the moves in force from the day of the event, for ``wb.decide``."""
        moved = self.difference.moved
        moved = moved[moved["new_rep_id"].notna()]
        return pd.DataFrame({
            "account_id": moved["account_id"], "rep_id": moved["new_rep_id"], "rule": "must",
            "effective_from": pd.Timestamp(self.alignment.as_of),
        }).reset_index(drop=True)  # fmt: skip

    @property
    def balance(self) -> pd.DataFrame:
        """Balance of the reps concerned, before and after."""
        return self.alignment.balance

    @property
    def price(self) -> float:
        """
        What the moves cost in the objective, changes of owner included, in cost units.

        Accounts of a leaver have no cost with them any more: they count with their full cost.
        """
        total = 0.0
        for answer in self.alignment.answers:
            block, rep = answer.block, answer.rep
            before = block.owner
            moved = before != rep
            known = moved & (before >= 0)
            total += float(block.costs.cost_at(rep)[moved].sum())
            rows = known.nonzero()[0]
            total -= float(block.costs.cost_at(before[rows], rows).sum())
        return total

    def budget(self) -> pd.DataFrame:
        """Give ``block``, ``budget``, ``used``, ``limit`` (NaN: none) and ``share`` of it."""
        rows = [
            {"block": answer.block.name, "budget": name, "used": float(used),
             "limit": float(limit) if limit < float("inf") else float("nan"),
             "share": float(used / limit) if 0 < limit < float("inf") else float("nan")}
            for answer in self.alignment.answers
            for name, used, limit in zip(answer.block.budgets, answer.used, answer.block.budget,
                                         strict=True)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["block", "budget", "used", "limit", "share"])

    def summary(self) -> pd.DataFrame:
        """Give the event as rows of ``result`` and ``value``, in words."""
        measures = self.difference.summary
        moved = dict(zip(measures["measure"], measures["moved"], strict=True))
        away = self.balance
        before, after = (away[f"deviation_{when}"].abs().max() for when in ("before", "after"))
        rows = [
            ("Event", self.name),
            ("Status", self.alignment.status),
            ("Accounts that change owner", _amount(moved["accounts"])),
            ("ACV that changes owner", _amount(moved["acv"])),
            ("Potential that changes owner", _amount(moved["potential"])),
            ("Open pipeline that changes owner", _amount(moved["open_amount"])),
            ("Price in the objective", f"{self.price:,.2f} cost units"),
            ("No plan of this event is cheaper by more than", _percent(self.alignment.gap)),
            ("Largest deviation before", _percent(before)),
            ("Largest deviation after", _percent(after)),
            *[(f"Budget of {one.budget}, {one.block}", f"{one.used:,.0f} of "
               f"{_amount(one.limit, 'no limit')}") for one in self.budget().itertuples()],
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["result", "value"])


def _amount(value: object, unknown: str = "not known") -> str:
    known = isinstance(value, float) and value == value
    return f"{value:,.0f}" if known else unknown


def _percent(value: float) -> str:
    return percent(value, 1) if value == value else "not known"
