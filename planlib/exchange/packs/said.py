"""What a pack that came back says: one entry for each row that was filled in."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planlib.errors import nearest
from planlib.exchange.forms import FormColumn, FormSheet
from planlib.exchange.forms_back import FormFile, FormRow
from planlib.exchange.marks import MARKS
from planlib.exchange.packs.columns import (
    ACCEPT,
    ACCEPT_REST,
    CHALLENGE,
    FILLED_BY,
    LATER,
    NO,
    QUESTIONS,
    QUOTAS,
    TERRITORIES,
    YES,
    question_columns,
    quota_columns,
    territory_columns,
)
from planlib.exchange.packs.facts import PackFacts
from planlib.store.decisions import decision_table, read_value
from planlib.tables.quotas import QUOTA_REASONS
from planlib.tables.territory_decisions import REASON_CODES
from planlib.territories.acceptance import rest_words
from planlib.territories.teams import COMPANY, Team

_KEYS = {TERRITORIES: "account_id", QUOTAS: "node_id", QUESTIONS: "question_id"}
_TOPICS = {TERRITORIES: "territory", QUOTAS: "quota", QUESTIONS: "question"}
_ANSWERS = {ACCEPT: "accepted", CHALLENGE: "challenged", YES: "yes", NO: "no", LATER: "later"}
#: Cells of a row that must still say what they said, for its decision to be about the same thing.
_SAME = {TERRITORIES: ("owner",), QUOTAS: ("quota_amount",), QUESTIONS: ("question",)}
_AS_PLANNED = "accepted as planned"
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")  # 1,200,000.50: commas between thousands


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    One answer of a manager, ready to be kept.

    Parameters
    ----------
    answer
        Columns of the decisions of kind ``pack_answers``.
    who, why
        Person and reason.
    place
        File, sheet and cell.
    """

    answer: Mapping[str, Any]
    who: str
    why: str
    place: str

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about."""
        return str(self.answer["topic"]), str(self.answer["subject_id"])

    def says(self) -> tuple[Any, ...]:
        """Give what two equal entries have in common."""
        names = ("topic", "subject_id", "answer", "rep_id", "reason_code", "amount")
        return (*(self.answer.get(name) for name in names), self.who, self.why)


@dataclass
class PackReader:
    """
    Reads one pack against the plan as it stands now; problems and notes are collected.

    ``owners`` are those of the sheet Territories by account, whether or not a row is filled in.
    """

    form: FormFile
    facts: PackFacts
    team: Team
    default: tuple[str, str]
    known: Mapping[tuple[str, str, str], Entry] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    def read(self, sheets: Sequence[FormSheet]) -> None:
        """Read all sheets; ``sheets`` are those that the pack would have now."""
        if not self.form.sent:
            self.problems.append(f"{self.form.file}: the hidden sheet {MARKS} is gone, which says "
                                 "what was sent; fill in a new pack")  # fmt: skip
        for name in self.form.sent:
            self.form.check(name)
        now = {sheet.name: sheet for sheet in sheets}
        for name in (TERRITORIES, QUOTAS, QUESTIONS):
            if name in self.form.sent:
                self._read_sheet(name, now.get(name))
        self._accept_rest(now.get(TERRITORIES))
        self.problems += dict.fromkeys(self.form.problems)

    @property
    def who(self) -> str:
        """Who filled the pack in: as the front sheet says, else its manager."""
        said = self.form.front.get(FILLED_BY, "").strip() or self.default[0]
        return said or ("" if self.team.manager_id == COMPANY else self.team.name)

    def _read_sheet(self, name: str, now: FormSheet | None) -> None:
        key, columns = _KEYS[name], self._columns(name)
        rows = [] if now is None else now.frame.to_dict("records")
        current = {str(row[key]): row for row in rows}
        for row in self.form.rows(name, columns):
            if name == TERRITORIES:
                self.owners[row.values[key]] = row.values["owner"]
            filled = [one.name for one in columns if one.help and row.values[one.name]]
            if not filled:
                continue
            if "answer" not in filled:
                self._bad(row, "answer", "choose a decision, or clear the row")
                self._check_wish(name, row)
                continue
            entry = self._entry(name, row, columns)
            if entry is None or self._is_known(entry):
                continue
            if row.values[key] not in current:
                self._bad(row, key, "the plan has no such row any more; take a new pack")
            elif self._is_same(row, current[row.values[key]], _SAME[name], columns):
                self.entries.append(entry)

    def _is_known(self, entry: Entry) -> bool:
        """Tell whether the same was read before, and note it."""
        old = self.known.get((self.team.manager_id, *entry.subject))
        if old is None or old.says() != entry.says():
            return False
        self.notes.append(f"{entry.place}: read before as {old.place}")
        return True

    def _is_same(
        self, row: FormRow, now: Mapping[Any, Any], names: Sequence[str],
        columns: Sequence[FormColumn],
    ) -> bool:  # fmt: skip
        """Tell whether the row is still about what it was about; note it where it is not."""
        kinds = {column.name: column.kind for column in columns}
        for name in names:
            if _alike(row.values[name], now[name], kinds[name]):
                continue
            self._bad(row, name, f"the pack says '{row.values[name][:60]}', the plan now says "
                      f"'{_shown(now[name])[:60]}'; take a new pack")  # fmt: skip
            return False
        return True

    def _entry(self, name: str, row: FormRow, columns: Sequence[FormColumn]) -> Entry | None:
        before = len(self.problems)
        choices = next(one.choices for one in columns if one.name == "answer")
        said = row.values["answer"].casefold()
        if said not in choices:
            self._bad(row, "answer", f"'{row.values['answer'][:40]}' is none of "
                      f"{', '.join(choices)}")  # fmt: skip
            self._check_wish(name, row)
            return None
        answer: dict[str, Any] = {
            "cycle": self.facts.workbook.cycle.name, "manager_id": self.team.manager_id,
            "topic": _TOPICS[name], "subject_id": row.values[_KEYS[name]],
            "answer": _ANSWERS[said],
        }  # fmt: skip
        if said == CHALLENGE:
            answer |= self._wish(name, row)
        elif name == TERRITORIES:
            answer["rep_id"] = self.facts.rep_ids.get(row.values["owner"])
        if said != CHALLENGE and (row.values.get("wanted") or row.values.get("reason_code")):
            self._bad(row, "answer", "a wish is named: choose challenge, or clear the wish")
        if said in (CHALLENGE, NO) and not row.values["note"]:
            self._bad(row, "note", f"say why; {said} needs a note")
        answer["detail"] = row.values["question" if name == QUESTIONS else _SAME[name][0]] or None
        who, why = self.who, row.values["note"] or self.default[1] or _AS_PLANNED
        if not who:
            self._bad(row, "answer", f"say on the first sheet, line {FILLED_BY}, who decides")
        if len(self.problems) > before:
            return None
        return Entry(answer=answer, who=who, why=_why(why, said), place=row.places["answer"])

    def _wish(self, name: str, row: FormRow) -> dict[str, Any]:
        return self._wanted_rep(row) if name == TERRITORIES else self._wanted_quota(row)

    def _check_wish(self, name: str, row: FormRow) -> None:
        """Check a wish that has no decision beside it, so that both are told at once."""
        if row.values.get("wanted"):
            self._wish(name, row)

    def _wanted_rep(self, row: FormRow) -> dict[str, Any]:
        """Read the rep and the kind of reason of a challenge."""
        facts, text = self.facts, row.values["wanted"]
        labels = {f"{facts.rep_names[rep]} ({rep})": rep for rep in facts.sellers
                  if facts.rep_names.get(rep)}  # fmt: skip
        rep = labels.get(text, text if text in facts.sellers else "")
        block = facts.blocks.get(row.values["account_id"], "")
        if not text:
            self._bad(row, "wanted", "name the owner that you want")
        elif not rep:
            near = nearest(text, labels)
            hint = f"did you mean '{near[0]}'?" if near else "choose one of the list"
            self._bad(row, "wanted", f"'{text[:60]}' is no rep who owns accounts in this plan; "
                      f"{hint}")  # fmt: skip
        elif rep == facts.rep_ids.get(row.values["owner"]):
            self._bad(row, "wanted", f"the plan gives it to '{text[:60]}' already; choose accept")
        elif block and facts.sellers[rep] != block:
            self._bad(row, "wanted", f"'{text[:60]}' works in {facts.sellers[rep] or 'no part'}, "
                      f"the account is in {block}")  # fmt: skip
        return {"rep_id": rep, "reason_code": self._reason(row, REASON_CODES)}

    def _reason(self, row: FormRow, codes: Sequence[str]) -> str:
        """Read the kind of reason of a challenge; a layout without it has "other"."""
        typed = row.values.get("reason_code", "other")
        code = typed.casefold()
        if code not in codes:
            listed = ", ".join(codes)
            self._bad(row, "reason_code", f"'{typed[:40]}' is none of {listed}" if typed
                      else f"choose the kind of reason: {listed}")  # fmt: skip
        return code

    def _wanted_quota(self, row: FormRow) -> dict[str, Any]:
        code = self._reason(row, QUOTA_REASONS)
        if not row.values["wanted"]:
            self._bad(row, "wanted", "name the yearly quota that you want")
            return {}
        column = decision_table("pack_answers").by_name["amount"]
        text = row.values["wanted"]
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        try:
            return {"amount": read_value(text, column), "reason_code": code}
        except ValueError as error:
            self._bad(row, "wanted", str(error))
            return {}

    def _accept_rest(self, now: FormSheet | None) -> None:
        """Read the line of the front sheet that accepts every account left blank."""
        typed = self.form.front.get(ACCEPT_REST, "").strip()
        text = typed.casefold()
        place = f"{self.form.file}, sheet About, line {ACCEPT_REST}"
        if not text or text == NO or now is None:
            return
        if text != YES:
            self.problems.append(f"{place}: '{typed[:40]}' is neither yes nor no")
        elif not self.who:
            self.problems.append(f"{place}: say in line {FILLED_BY} who decides")
        else:
            answer = {
                "cycle": self.facts.workbook.cycle.name, "manager_id": self.team.manager_id,
                "topic": "territories", "subject_id": self.team.manager_id, "answer": "accepted",
                "detail": self._planned(),
            }  # fmt: skip
            entry = Entry(
                answer=answer, who=self.who, why=self.default[1] or _AS_PLANNED, place=place
            )
            if not self._is_known(entry) and self._is_whole(now, place):
                self.entries.append(entry)

    def _is_whole(self, now: FormSheet, place: str) -> bool:
        """Tell whether the sheet shows the accounts and owners that would be accepted unseen."""
        planned = {str(row["account_id"]): row["owner"] for row in now.frame.to_dict("records")}
        lacking = [key for key in planned if key not in self.owners]
        other = [key for key, owner in self.owners.items()
                 if key and not _alike(owner, planned.get(key), "text")]  # fmt: skip
        for found, words in (
            (lacking, "accounts of the plan that are not in this file"),
            (other, "accounts with another owner in the plan by now"),
        ):
            if found:
                self.problems.append(f"{place}: {words}: {len(found)}, such as {min(found)}; take "
                                     "a new pack")  # fmt: skip
        return not lacking and not other

    def _planned(self) -> str:
        """Say which accounts and owners were accepted: those alone that the pack shows."""
        rows, who = self.facts.accounts_of(self.team), self.team.manager_id
        is_mine = rows["home"].eq(who) | rows["old_home"].eq(who)
        mine = rows[is_mine & rows["is_in_scope"].fillna(False).astype(bool)]
        is_cut = self.facts.is_cut(self.team) and len(mine)
        return rest_words(mine, str(mine["account_id"].iloc[-1]) if is_cut else "")

    def _columns(self, name: str) -> tuple[FormColumn, ...]:
        """Give the columns of a sheet on which something is decided, as its layout has them."""
        currency = self.facts.plan.currency
        if name == TERRITORIES:
            return territory_columns(currency)
        if name == QUESTIONS:
            return question_columns()
        spared = {"target_amount"}  # only shown, under a header that layouts word differently
        spared |= set() if "version" in self.form.said else {"reason_code"}
        return tuple(one for one in quota_columns(currency) if one.name not in spared)

    def _bad(self, row: FormRow, name: str, problem: str) -> None:
        self.problems.append(f"{row.places[name]}: {problem}")


def _why(note: str, said: str) -> str:
    return f"answered {said}" if note == _AS_PLANNED and said not in (ACCEPT, CHALLENGE) else note


def _shown(value: object) -> str:
    if value is None or value != value:
        return ""
    return value.date().isoformat() if isinstance(value, datetime.datetime) else str(value)


def _alike(text: str, value: object, kind: str) -> bool:
    """Tell whether a cell that came back says what stands in the plan."""
    plain = _shown(value).strip()
    if kind not in ("amount", "number", "share", "int") or not text or not plain:
        return " ".join(text.split()) == " ".join(plain.split())
    try:
        one, other = float(text), float(plain)
    except ValueError:
        return False
    return abs(one - other) <= 0.005 + 1e-9 * abs(other)


__all__ = ["Entry", "PackReader"]
