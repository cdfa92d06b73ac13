"""What the answers of managers do: the decisions that steps 03, 04 and 05 read."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from planlib.exchange.packs.facts import PackFacts, records
from planlib.exchange.packs.said import Entry
from planlib.quotas.review import plan_year


class Effects:
    """
    Turns answers into decisions of other kinds.

    Parameters
    ----------
    facts
        The cycle as it stands.
    """

    def __init__(self, facts: PackFacts) -> None:
        self.facts = facts
        self.rows: dict[str, list[tuple[dict[str, Any], str, str]]] = {}
        self._challenges = {row["decision_id"]: row for row in records(facts.open_challenges)}
        self._by_account: dict[str, list[dict[str, Any]]] = {}
        for row in self._challenges.values():
            self._by_account.setdefault(row["account_id"], []).append(row)
        self._asked: set[tuple[str, str]] = set()

    @cached_property
    def _quotas(self) -> pd.DataFrame:
        return self.facts.workbook.decisions("quotas")

    def add(self, entry: Entry) -> None:
        """Take one answer."""
        topic, subject = entry.subject
        said = entry.answer["answer"]
        if topic == "territory":
            self._territory(entry, subject, is_wish=said == "challenged")
        elif topic == "quota" and said == "challenged":
            self._quota(entry, subject)
        elif topic == "question" and said in ("yes", "no"):
            kind, _, rest = subject.partition(":")
            act = {"withdraw": self._withdraw, "in-force": self._in_force, "need": self._need}
            if kind in act:
                act[kind](entry, rest, is_yes=said == "yes")

    def _keep(self, kind: str, row: dict[str, Any], entry: Entry) -> None:
        self.rows.setdefault(kind, []).append((row, entry.who, entry.why))

    def _territory(self, entry: Entry, account: str, *, is_wish: bool) -> None:
        """Ask for another owner; an earlier wish of the same person ends."""
        wishes = [row for row in self._by_account.get(account, ())
                  if row["decision_id"] in self._challenges]  # fmt: skip
        mine = [row for row in wishes if row["who"] == entry.who]
        old = mine[-1] if mine else None
        if not is_wish:
            if old is not None:
                self._end(old, entry)
            return
        rep = str(entry.answer["rep_id"])
        if any(row["rep_id"] == rep for row in wishes) or (account, rep) in self._asked:
            return  # somebody has asked for the same already
        self._asked.add((account, rep))
        row = {"account_id": account, "rep_id": rep, "reason_code": entry.answer["reason_code"]}
        self._keep("challenges", row | self._replaces(old), entry)

    def _replaces(self, old: dict[str, Any] | None) -> dict[str, Any]:
        if old is None:
            return {}
        del self._challenges[old["decision_id"]]
        return {"supersedes": old["decision_id"]}

    def _end(self, old: dict[str, Any], entry: Entry) -> None:
        """End a challenge: a row that replaces it and is never in force."""
        before = self.facts.workbook.as_of - datetime.timedelta(1)
        row = {name: old[name] for name in ("account_id", "rep_id", "reason_code")}
        self._keep("challenges", row | self._replaces(old) | {"effective_to": before}, entry)

    def _withdraw(self, entry: Entry, decision: str, *, is_yes: bool) -> None:
        if is_yes and decision in self._challenges:
            self._end(self._challenges[decision], entry)

    def _in_force(self, entry: Entry, decision: str, *, is_yes: bool) -> None:
        """Give an account to the rep who was asked for, or decline it."""
        wish = self._challenges.get(decision)
        if wish is None:
            return
        if is_yes:
            row = {"account_id": wish["account_id"], "rep_id": wish["rep_id"], "rule": "must"}
            self._keep("territories", row, entry)
        self._end(wish, entry)

    def _need(self, entry: Entry, proposal: str, *, is_yes: bool) -> None:
        self._keep("need_proposals", {"proposal_id": proposal, "is_confirmed": is_yes}, entry)

    def _quota(self, entry: Entry, node: str) -> None:
        """Set a quota below the manager; the manager's own is asked of the one above."""
        if node == entry.answer["manager_id"]:
            return
        facts = self.facts
        year = plan_year(facts.workbook.cycle, facts.plan.quotas,
                         facts.plan.fiscal_year.fiscal_year())  # fmt: skip
        log = self._quotas
        gone = set(log["supersedes"].dropna())
        mine = log[log["rep_id"].eq(node) & log["effective_from"].eq(pd.Timestamp(year.start))]
        old = [one for one in mine["decision_id"] if one not in gone]
        row = {"rep_id": node, "quota_amount": entry.answer["amount"],
               "effective_from": year.start, "effective_to": year.end}  # fmt: skip
        self._keep("quotas", row | ({"supersedes": old[-1]} if old else {}), entry)


__all__ = ["Effects"]
