"""Packs that came back: answers of all files against each other and against the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from planlib.errors import InputError
from planlib.exchange.forms_back import FormFile
from planlib.exchange.packs.columns import KIND, VERSION
from planlib.exchange.packs.effects import Effects
from planlib.exchange.packs.facts import PackFacts, records
from planlib.exchange.packs.said import Entry, PackReader
from planlib.exchange.packs.write import pack_sheets
from planlib.exchange.returned import as_of_note, own_stamp, told_in
from planlib.store import open_workbook
from planlib.store.layout import all_cycles, find_workbook
from planlib.store.resolve import table_path

_SAID = ("answer", "rep_id", "reason_code", "amount")


@dataclass
class FoundAnswers:
    """
    What packs say, ready to be kept.

    Parameters
    ----------
    rows
        By kind of decisions: each row with who and why.
    notes, problems
        What a person should know; what is wrong, with file, sheet and cell.
    """

    rows: dict[str, list[tuple[dict[str, Any], str, str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def find_answers(
    workbook: str | Path, forms: Sequence[FormFile], *, who: str = "", why: str = ""
) -> FoundAnswers:
    """
    Read packs, and keep nothing.

    Parameters
    ----------
    workbook
        Folder of the workbook.
    forms
        Packs of one cycle or of several.
    who, why
        For packs and rows that do not say it.
    """
    found = FoundAnswers()
    cycles: dict[tuple[str, str], _Cycle] = {}
    name = find_workbook(workbook).name
    for form in forms:
        with told_in(found.problems):
            stamp = own_stamp(form, KIND, name, VERSION)
            key = (stamp["cycle"], stamp.get("audience", ""))
            if key not in cycles:
                cycles[key] = _Cycle(workbook, *key)
            _read(form, stamp, cycles[key], (who, why), found)
    for cycle in cycles.values():
        effects = Effects(cycle.facts)
        for entry, old in cycle.taken.values():
            answer = {**entry.answer, "supersedes": None if old is None else old.place}
            found.rows.setdefault("pack_answers", []).append((answer, entry.who, entry.why))
            effects.add(entry)
        found.problems += effects.problems
        for kind, rows in effects.rows.items():
            found.rows.setdefault(kind, []).extend(rows)
    return found


class _Cycle:
    """A cycle as it stands, with its log of answers, and what files of this call say."""

    def __init__(self, workbook: str | Path, cycle: str, audience: str) -> None:
        opened = open_workbook(workbook, cycle)
        known = audience in opened.plan.report.audiences
        self.facts = PackFacts(opened, audience if known else None)
        self.later = _later_plan(find_workbook(workbook), self.facts)
        log = records(opened.decisions("pack_answers"))
        self.place = {row["decision_id"]: at for at, row in enumerate(log)}
        self.log = {
            (row["manager_id"], row["topic"], row["subject_id"]): _entry(row)
            for row in records(self.facts.answers)
        }
        self.taken: dict[tuple[str, str, str], tuple[Entry, Entry | None]] = {}
        self.said: dict[tuple[str, str], list[Entry]] = {}  # by subject

    @cached_property
    def asked(self) -> dict[str, list[tuple[int, dict[str, Any]]]]:
        """Challenges in force by account, each with its place in the log."""
        alive = set(self.facts.open_challenges["decision_id"])
        found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for at, row in enumerate(records(self.facts.workbook.decisions("challenges"))):
            if row["decision_id"] in alive:
                found.setdefault(row["account_id"], []).append((at, row))
        return found


def _entry(row: dict[str, Any]) -> Entry:
    names = ("cycle", "manager_id", "topic", "subject_id", *_SAID)
    return Entry(answer={name: row[name] for name in names if row[name] is not None},
                 who=row["who"], why=row["why"], place=row["decision_id"])  # fmt: skip


def _later_plan(root: Path, facts: PackFacts) -> str:
    """Give a published cycle that begins later and has planned territories; blank: none."""
    fiscal_year = facts.plan.fiscal_year.fiscal_year()
    for folder in all_cycles(root, fiscal_year):
        current = folder.current()
        start = facts.plan.period(folder.cycle).start
        if current is None or start <= facts.workbook.cycle.start:
            continue
        if table_path(current, "territory_plan").is_file():
            return folder.cycle
    return ""


def _read(
    form: FormFile,
    stamp: dict[str, str],
    cycle: _Cycle,
    default: tuple[str, str],
    found: FoundAnswers,
) -> None:
    """Read one pack, and take what it says beside the packs read before."""
    facts = cycle.facts
    manager = stamp.get("manager_id", "")
    team = facts.teams.get(manager)
    if team is None:
        said = f"{stamp.get('manager') or manager} leads nobody in table reps any more"
        raise InputError(form.file, [f"{said}; take a new pack"])
    reader = PackReader(form, facts, team, default, cycle.log)
    reader.read(pack_sheets(facts, team))
    if reader.entries and cycle.later:
        found.problems.append(
            f"{form.file}: the pack is of {facts.workbook.cycle.name}, and {cycle.later} has been "
            "planned since; fill in its pack"
        )
    if reader.entries:
        found.notes += as_of_note(form, stamp, facts.workbook)
    found.notes += reader.notes
    found.problems += reader.problems
    for entry in reader.entries:
        _take(entry, stamp, cycle, found)


def _take(entry: Entry, stamp: dict[str, str], cycle: _Cycle, found: FoundAnswers) -> None:
    """Keep an entry, unless another file or another person says something else."""
    key = (str(entry.answer["manager_id"]), *entry.subject)
    twin = next((one for one in cycle.said.get(entry.subject, ()) if _is_rival(one, entry)), None)
    if twin is not None:
        found.problems.append(
            f"{entry.place}: {entry.who} decides otherwise than {twin.who} at {twin.place}; agree, "
            "and keep one of them"
        )
        return
    if key in cycle.taken:
        found.notes.append(f"{entry.place}: the same as {cycle.taken[key][0].place}; kept once")
        return
    old = cycle.log.get(key)
    since = int(stamp["pack_answers"]) if stamp.get("pack_answers", "").isdecimal() else 0
    if old is not None and old.who != entry.who and cycle.place[old.place] >= since:
        found.problems.append(
            f"{entry.place}: since this pack was made, {old.who} decided it ({old.place}: "
            f"{old.answer['answer']}); take a new pack"
        )
        return
    rival = _challenged_since(entry, stamp, cycle)
    if rival:
        found.problems.append(f"{entry.place}: {rival}; take a new pack")
        return
    cycle.taken[key] = (entry, old)
    cycle.said.setdefault(entry.subject, []).append(entry)


def _is_rival(one: Entry, other: Entry) -> bool:
    """Tell whether two entries on the same subject cannot both hold."""
    if one.answer["manager_id"] == other.answer["manager_id"]:
        return one.says() != other.says()
    both = (one.answer["answer"], other.answer["answer"])
    if one.subject[0] == "question":
        return both in (("yes", "no"), ("no", "yes"))
    if both != ("challenged", "challenged"):
        return False  # one accepts what the other challenges: the challenge is tried
    return any(one.answer.get(name) != other.answer.get(name) for name in ("rep_id", "amount"))


def _challenged_since(entry: Entry, stamp: dict[str, str], cycle: _Cycle) -> str:
    """Say who has asked for another owner of the account since the pack was made."""
    if entry.subject[0] != "territory" or entry.answer["answer"] != "challenged":
        return ""
    since = int(stamp["challenges"]) if stamp.get("challenges", "").isdecimal() else 0
    for at, row in cycle.asked.get(entry.subject[1], ()):
        if at >= since and row["who"] != entry.who and row["rep_id"] != entry.answer["rep_id"]:
            return (f"since this pack was made, {row['who']} asked for {row['rep_id']} "
                    f"({row['decision_id']})")  # fmt: skip
    return ""


__all__ = ["FoundAnswers", "find_answers"]
