"""A plan on trial: single changes are tried against all limits, and kept where they fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.territories.alignment import Alignment
from planlib.territories.columns import names_of
from planlib.territories.explain import BUDGETS
from planlib.territories.reasons import measure_name
from planlib.territories.solving import Answer, with_rep


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Outcome of one attempt: ``decision``, and the obstacle where there is one."""

    decision: str
    detail: str
    obstacle: str | None = None
    measure: str | None = None
    rep_id: str | None = None
    limit: float = float("nan")
    amount: float = float("nan")
    cost_change: float = float("nan")
    acv: float = float("nan")
    planned: str | None = None


@dataclass(frozen=True)
class _Change:
    """Accounts of one block that would go to another rep."""

    block: int
    accounts: np.ndarray
    target: int


class Trial:
    """
    The plan of an alignment, changed step by step.

    A change is kept only where loads, counts and budgets stay within the limits that the plan was
    solved with, and ``room`` beyond these where they are the tightest that were found; a limit that
    is already broken may not be broken further.
    """

    def __init__(self, alignment: Alignment, room: float = 0.0) -> None:
        statement = alignment.statement
        self._given = alignment.answers
        self._answers = tuple(_widened(answer, room) for answer in alignment.answers)
        self._rep = [answer.rep.copy() for answer in alignment.answers]
        self._book, self._sellers = statement.book, statement.sellers
        self.account_names = names_of(statement.book, "account_id")
        self.rep_names = names_of(statement.sellers, "rep_id")
        self._row = {account: row for row, account in enumerate(statement.book["account_id"])}
        self._place: dict[int, tuple[int, int]] = {}
        self._seat: dict[str, tuple[int, int]] = {}
        ids = statement.sellers["rep_id"].to_numpy(dtype=object)
        for number, answer in enumerate(alignment.answers):
            self._place |= {int(row): (number, at) for at, row in enumerate(answer.block.rows)}
            self._seat |= {str(ids[row]): (number, at) for at, row in enumerate(answer.block.reps)}
        self._previous = dict(
            zip(alignment.plan["account_id"], alignment.plan["rep_id"], strict=True)
        )
        self.taken: dict[str, str] = {}
        self._locked: set[int] = set()

    def answers(self) -> tuple[Answer, ...]:
        """Give the answers with the changes that were kept, checked anew."""
        return tuple(
            checked(answer, rep) if (rep != given.rep).any() else given
            for given, answer, rep in zip(self._given, self._answers, self._rep, strict=True)
        )

    def taken_rows(self) -> list[int]:
        """Give the rows of the book that were changed, families included."""
        return sorted(self._locked)

    def cost_of(self, account: str, rep: str) -> float:
        """Give what a change costs on the plan as it stands; NaN where it cannot be made."""
        change = self._change(account, rep)
        return self._cost(change) if isinstance(change, _Change) else float("nan")

    def attempt(self, account: str, rep: str) -> Refusal:
        """Try to give an account, with its family, to a rep; keep the change where it fits."""
        change = self._change(account, rep)
        if isinstance(change, Refusal):
            return change
        answer, number = self._answers[change.block], change.block
        rows = answer.block.rows[change.accounts]
        planned = self._id(number, int(self._rep[number][change.accounts[0]]))
        acv = float(self._book["acv"].iloc[rows].sum(min_count=1))
        facts = {"cost_change": self._cost(change), "acv": acv, "planned": planned}
        after = self._rep[number].copy()
        after[change.accounts] = change.target
        worst = self._worst(number, after)
        if worst is not None:
            return Refusal(decision="not accepted", **worst, **facts)  # type: ignore[arg-type]
        self._rep[number] = after
        self._locked |= {int(row) for row in rows}
        ids = self._book["account_id"].iloc[rows]
        self.taken |= dict.fromkeys(ids, rep)
        others = f", with {len(rows) - 1} of its family" if len(rows) > 1 else ""
        return Refusal(decision="accepted", detail=f"goes to {self._name(rep)}{others}", **facts)  # type: ignore[arg-type]

    def _change(self, account: str, rep: str) -> _Change | Refusal:
        """Give the accounts that would move, or why nothing can."""
        row = self._row.get(account)
        if row is None:
            return _refuse("unknown account", "the account is not in accounts", "not usable")
        planned = self._previous.get(account)
        known = None if pd.isna(planned) else str(planned)
        if rep not in self._seat:
            what = (
                "no rep is named" if pd.isna(rep) else f"{rep} does not own accounts in this plan"
            )
            return _refuse("unknown rep", what, "not usable", planned=known)
        if row not in self._place:
            why = (
                str(self._book["out_reason"].iloc[row] or "") if "out_reason" in self._book else ""
            )
            return _refuse("scope", f"the account is not planned{': ' if why else ''}{why}",
                           planned=known)  # fmt: skip
        number, at = self._place[row]
        if account in self.taken:
            return self._again(account, rep, known)
        if self._seat[rep][0] != number:
            here = self._answers[number].block.name
            return _refuse("scope", f"{self._name(rep)} does not work in {here}", planned=known)
        target = self._seat[rep][1]
        return self._family(number, at, target, known)

    def _again(self, account: str, rep: str, planned: str | None) -> Refusal:
        winner = self._name(self.taken[account])
        if self.taken[account] == rep:
            return Refusal(decision="nothing to do", planned=planned,
                           detail=f"an earlier challenge has given it to {winner}")  # fmt: skip
        return _refuse("superseded", f"an earlier challenge has given it to {winner}",
                       planned=planned)  # fmt: skip

    def _family(self, number: int, at: int, target: int, planned: str | None) -> _Change | Refusal:
        block, rep = self._answers[number].block, self._rep[number]
        if rep[at] == target:
            return Refusal(decision="nothing to do", planned=planned,
                           detail="the plan gives it to that rep already")  # fmt: skip
        accounts = np.array([at])
        if block.groups[at] >= 0:
            accounts = np.flatnonzero(block.groups == block.groups[at])
        fixed = block.fixed[accounts]
        stuck = (fixed >= 0) & (fixed != target)
        ids = self._book["account_id"].to_numpy(dtype=object)[block.rows[accounts]]
        if stuck.any():
            row = block.rows[accounts[np.flatnonzero(stuck)[0]]]
            why = str(self._book["kept_by"].iloc[row]).replace("_", " ") or "a lock"
            own = int(row) == int(block.rows[at])
            whose = "it is" if own else f"{self._book['account_id'].iloc[row]} of its family is"
            return _refuse("lock" if own else "family",
                           f"{whose} kept by {self._name(self._id(number, int(fixed[stuck][0])))} "
                           f"({why})", planned=planned)  # fmt: skip
        free = np.full(len(accounts), target)
        barred = ids[~block.may(accounts, free)]
        if len(barred):
            what = f"{self._name(self._id(number, target))} may not own {', '.join(barred[:3])}"
            return _refuse("forbidden", what, planned=planned)
        return _Change(number, accounts, target)

    def _cost(self, change: _Change) -> float:
        block, rep = self._answers[change.block].block, self._rep[change.block]
        some = change.accounts
        new = np.full(len(some), change.target)
        cost = block.costs.cost_at(new, some) - block.costs.cost_at(rep[some], some)
        held = block.held[some]
        changes = ((held >= 0) & (held != new)).sum() - ((held >= 0) & (held != rep[some])).sum()
        return float(cost.sum() + changes * block.change_cost)

    def _worst(self, number: int, after: np.ndarray) -> dict[str, object] | None:
        """Give the limit that is passed most, as a share of itself; None where all hold."""
        answer, before = self._answers[number], self._rep[number]
        block = answer.block
        found: list[tuple[float, dict[str, object]]] = []
        old, new = answer.loads_of(before), answer.loads_of(after)
        for sign, limit, kind in ((1.0, answer.upper, "balance"), (-1.0, answer.lower, "minimum")):
            over, was = sign * (new - limit), sign * (old - limit)
            bad = (over > 0) & (over > np.maximum(was, 0.0))
            for k, j in np.argwhere(bad):
                size = abs(float(limit[k, j])) or 1.0
                rep, word = self._id(number, int(j)), "above"
                if sign < 0:
                    word = "below"
                found.append((float(over[k, j]) / size, {
                    "obstacle": kind, "measure": block.measures[k], "rep_id": rep,
                    "limit": float(limit[k, j]), "amount": float(over[k, j]),
                    "detail": f"{self._name(rep)} would be {_plain(over[k, j])} {word} the limit "
                              f"of {_plain(limit[k, j])} in {measure_name(block.measures[k])}",
                }))  # fmt: skip
        found += self._over_budget(answer, before, after)
        return max(found, key=lambda one: one[0])[1] if found else None

    def _over_budget(
        self, answer: Answer, before: np.ndarray, after: np.ndarray
    ) -> list[tuple[float, dict[str, object]]]:
        block = answer.block
        was, now = (block.stake @ (rep != block.owner).astype(float) for rep in (before, after))
        found: list[tuple[float, dict[str, object]]] = []
        for g, name in enumerate(block.budgets):
            over = float(now[g] - block.budget[g])
            if over > 0 and now[g] > was[g]:
                found.append((over / (float(block.budget[g]) or 1.0), {
                    "obstacle": "budget", "measure": name, "limit": float(block.budget[g]),
                    "amount": over,
                    "detail": f"the disruption budget of {_plain(block.budget[g])} "
                              f"({BUDGETS[name]}) would be exceeded by {_plain(over)}",
                }))  # fmt: skip
        return found

    def _id(self, number: int, column: int) -> str:
        return str(self._sellers["rep_id"].iloc[self._answers[number].block.reps[column]])

    def _name(self, rep: str) -> str:
        name = self.rep_names.get(rep, rep)
        return rep if name == rep else f"{name} ({rep})"


def _plain(value: float) -> str:
    """Write an amount without an exponent, small ones with what tells them from 0."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _widened(answer: Answer, room: float) -> Answer:
    """Give an answer with limits wider by some room, where these were the tightest found."""
    if not answer.is_tightest or room <= 0:
        return answer
    tolerance = answer.tolerance + room
    lower, upper = answer.block.limits(tolerance, spare_pinned=True)
    return replace(
        answer, tolerance=tolerance, is_tightest=False, lower=np.minimum(lower, answer.lower),
        upper=np.maximum(upper, answer.upper),
        assignment=replace(answer.assignment, bound=-np.inf),  # it held at the tighter limits
    )  # fmt: skip


def checked(answer: Answer, rep: np.ndarray) -> Answer:
    """Give an answer with another plan; where the tolerance asked was not met, it still is not."""
    found = with_rep(answer, rep)
    return found if np.isnan(answer.needed) else replace(found, status=answer.status)


def _refuse(
    obstacle: str, detail: str, decision: str = "not accepted", *, planned: str | None = None
) -> Refusal:
    return Refusal(decision=decision, obstacle=obstacle, detail=detail, planned=planned)
