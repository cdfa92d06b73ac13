"""What the answers of managers do: the decisions that steps 03, 04 and 05 read."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from planlib.exchange.packs.facts import PackFacts, records
from planlib.exchange.packs.said import Entry
from planlib.quotas.review import plan_year

_ASKED = {
    "challenges": ("account_id", "rep_id", "reason_code"),
    "quota_challenges": ("rep_id", "wanted_amount", "reason_code"),
}


class Effects:
    """
    Turns answers into decisions of other kinds.

    ``rows`` are the decisions by kind, ``problems`` say where two answers set one quota.

    Parameters
    ----------
    facts
        The cycle as it stands.
    """

    def __init__(self, facts: PackFacts) -> None:
        self.facts = facts
        self.rows: dict[str, list[tuple[dict[str, Any], str, str]]] = {}
        self.problems: list[str] = []
        asked = {"challenges": facts.open_challenges,
                 "quota_challenges": facts.open_quota_challenges}  # fmt: skip
        self._open = {
            kind: {row["decision_id"]: row for row in records(frame)}
            for kind, frame in asked.items()
        }
        self._wished = dict(self._open["quota_challenges"])
        self._by_account: dict[str, list[dict[str, Any]]] = {}
        for row in self._open["challenges"].values():
            self._by_account.setdefault(row["account_id"], []).append(row)
        self._asked: set[tuple[str, str]] = set()
        self._set: dict[str, tuple[float, str]] = {}  # amount and place by whose quota it is

    @cached_property
    def _quotas(self) -> pd.DataFrame:
        return self.facts.workbook.decisions("quotas")

    def add(self, entry: Entry) -> None:
        """Take one answer."""
        topic, subject = entry.subject
        said = entry.answer["answer"]
        if topic == "territory":
            self._territory(entry, subject, is_wish=said == "challenged")
        elif topic == "quota" and subject == entry.answer["manager_id"]:
            self._own_quota(entry, subject, is_wish=said == "challenged")
        elif topic == "quota" and said == "challenged":
            self._set_quota(entry, subject, float(entry.answer["amount"]))
        elif topic == "question" and said in ("yes", "no"):
            kind, _, rest = subject.partition(":")
            act = {"withdraw": self._withdraw, "in-force": self._in_force, "need": self._need,
                   "quota": self._wanted_quota}  # fmt: skip
            if kind in act:
                act[kind](entry, rest, is_yes=said == "yes")

    def _keep(self, kind: str, row: dict[str, Any], entry: Entry) -> None:
        self.rows.setdefault(kind, []).append((row, entry.who, entry.why))

    def _territory(self, entry: Entry, account: str, *, is_wish: bool) -> None:
        """Ask for another owner; an earlier wish of the same person ends."""
        wishes = [row for row in self._by_account.get(account, ())
                  if row["decision_id"] in self._open["challenges"]]  # fmt: skip
        mine = [row for row in wishes if row["who"] == entry.who]
        old = mine[-1] if mine else None
        if not is_wish:
            if old is not None:
                self._end("challenges", old, entry)
            return
        rep = str(entry.answer["rep_id"])
        if any(row["rep_id"] == rep for row in wishes) or (account, rep) in self._asked:
            return  # somebody has asked for the same already
        self._asked.add((account, rep))
        row = {"account_id": account, "rep_id": rep, "reason_code": entry.answer["reason_code"]}
        self._keep("challenges", row | self._replaces("challenges", old), entry)

    def _replaces(self, kind: str, old: dict[str, Any] | None) -> dict[str, Any]:
        if old is None:
            return {}
        del self._open[kind][old["decision_id"]]
        return {"supersedes": old["decision_id"]}

    def _end(self, kind: str, old: dict[str, Any], entry: Entry) -> None:
        """End a challenge: a row that replaces it and is never in force."""
        before = self.facts.workbook.as_of - datetime.timedelta(1)
        row = {name: old[name] for name in _ASKED[kind]}
        self._keep(kind, row | self._replaces(kind, old) | {"effective_to": before}, entry)

    def _withdraw(self, entry: Entry, decision: str, *, is_yes: bool) -> None:
        wish = self._open["challenges"].get(decision)
        if is_yes and wish is not None:
            self._end("challenges", wish, entry)

    def _in_force(self, entry: Entry, decision: str, *, is_yes: bool) -> None:
        """Give an account to the rep who was asked for, or decline it."""
        wish = self._open["challenges"].get(decision)
        if wish is None:
            return
        if is_yes:
            row = {"account_id": wish["account_id"], "rep_id": wish["rep_id"], "rule": "must"}
            self._keep("territories", row, entry)
        self._end("challenges", wish, entry)

    def _need(self, entry: Entry, proposal: str, *, is_yes: bool) -> None:
        self._keep("need_proposals", {"proposal_id": proposal, "is_confirmed": is_yes}, entry)

    def _own_quota(self, entry: Entry, node: str, *, is_wish: bool) -> None:
        """Ask for another quota of one's own team; an earlier wish of the same person ends."""
        kind = "quota_challenges"
        mine = [row for row in self._open[kind].values()
                if row["rep_id"] == node and row["who"] == entry.who]  # fmt: skip
        old = mine[-1] if mine else None
        if is_wish:
            row = {"rep_id": node, "wanted_amount": entry.answer["amount"],
                   "reason_code": entry.answer["reason_code"]}  # fmt: skip
            self._keep(kind, row | self._replaces(kind, old), entry)
        elif old is not None:
            self._end(kind, old, entry)

    def _wanted_quota(self, entry: Entry, decision: str, *, is_yes: bool) -> None:
        """Set the quota that was asked for, or decline it."""
        wish = self._wished.get(decision)
        if wish is not None and is_yes:
            self._set_quota(entry, str(wish["rep_id"]), float(wish["wanted_amount"]))
        elif decision in self._open["quota_challenges"]:
            self._end("quota_challenges", self._open["quota_challenges"][decision], entry)

    def _set_quota(self, entry: Entry, node: str, amount: float) -> None:
        """Set a quota below the manager, which answers everyone who asked for another one."""
        for wish in list(self._open["quota_challenges"].values()):
            if wish["rep_id"] == node:
                self._end("quota_challenges", wish, entry)
        before = self._set.get(node)
        if before is not None:
            if before[0] != amount:
                self.problems.append(f"{entry.place}: the quota of {node} is set to another amount "
                                     f"at {before[1]}; keep one of them")  # fmt: skip
            return
        self._set[node] = (amount, entry.place)
        facts = self.facts
        year = plan_year(facts.workbook.cycle, facts.plan.quotas,
                         facts.plan.fiscal_year.fiscal_year())  # fmt: skip
        log = self._quotas
        gone = set(log["supersedes"].dropna())
        mine = log[log["rep_id"].eq(node) & log["effective_from"].eq(pd.Timestamp(year.start))]
        old = [one for one in mine["decision_id"] if one not in gone]
        row = {"rep_id": node, "quota_amount": amount,
               "effective_from": year.start, "effective_to": year.end}  # fmt: skip
        self._keep("quotas", row | ({"supersedes": old[-1]} if old else {}), entry)


__all__ = ["Effects"]
