"""The way back of the council's form: every filled row becomes a decision, or none does."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.errors import nearest
from planlib.exchange.council_pack import (
    KEY,
    KIND,
    LOGGED,
    NEW,
    action_title,
    cell_label,
    in_words,
    logged_columns,
    new_columns,
)
from planlib.exchange.forms import FormColumn
from planlib.exchange.forms_back import FormFile, FormRow
from planlib.exchange.returned import as_of_note, own_stamp, told_in
from planlib.exchange.sheets import plain_text
from planlib.settings.council import CAUSES, CouncilAction
from planlib.store import open_workbook
from planlib.store.decisions import decision_table, read_value
from planlib.store.layout import find_workbook

if TYPE_CHECKING:
    from planlib.store import Workbook

_CHANGEABLE = (
    "status", "units_count", "cost_amount", "effect_amount", "owner", "start_date", "due_date",
)  # fmt: skip
_NEW = ("cause", *_CHANGEABLE)
_SAME = (*KEY, "action", *_NEW)


@dataclass
class FoundActions:
    """Decisions of forms: rows to append with who and why and place, notes, and problems."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    signed: list[tuple[str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, row: dict[str, Any], signed: tuple[str, str], place: str) -> None:
        """Take a decision with who and why, and where it stands."""
        self.rows.append(row)
        self.signed.append(signed)
        self.places.append(place)


def find_actions(
    workbook: str | Path, forms: Sequence[FormFile], *, who: str = "", why: str = ""
) -> FoundActions:
    """
    Read forms of the council, and keep nothing.

    Parameters
    ----------
    workbook
        Folder of the workbook.
    forms
        Forms of one cycle or of several, each as ``write_council_pack`` wrote it.
    who, why
        For rows that do not say who decided, or why.
    """
    found = FoundActions()
    name = find_workbook(workbook).name
    for form in forms:
        with told_in(found.problems):
            stamp = own_stamp(form, KIND, name)
            _read(form, stamp, open_workbook(workbook, stamp["cycle"]), (who, why), found)
    return found


def _read(
    form: FormFile,
    stamp: Mapping[str, str],
    wb: Workbook,
    default: tuple[str, str],
    found: FoundActions,
) -> None:
    """Read both sheets of one file."""
    cells, currency = wb.read("council_cells"), wb.plan.currency
    found.notes += as_of_note(form, stamp, wb)
    known = stamp.get("decisions", "")
    log = _Log(wb, int(known) if known.isdecimal() else 0)
    columns = new_columns(wb.plan.council, currency, cells)
    labels = {
        cell_label(one): {name: str(one[name]) for name in KEY}
        for one in cells[list(KEY)].to_dict("records")
    }
    for row in form.rows(NEW, columns):
        _new_action(row, columns, (labels, log, default), found)
    columns = logged_columns(currency)
    for row in form.rows(LOGGED, columns):
        _changed_action(row, columns, log, default, found)
    form.check(LOGGED)
    found.problems += form.problems


class _Log:
    """The decisions as they stand, with what the catalogue and the suggestions say."""

    def __init__(self, wb: Workbook, known: int) -> None:
        rows = wb.decisions(KIND)
        plain = rows.astype("object").where(rows.notna(), None)
        self.rows: list[dict[Any, Any]] = plain.to_dict("records")
        self.by_id = {row["decision_id"]: row for row in self.rows}
        self.since = self.rows[known:]
        self.in_force = set(wb.overrides(KIND)["decision_id"])
        self.later = {row["supersedes"]: row for row in self.rows if row["supersedes"]}
        self.catalogue = {one.key: one for one in wb.plan.council.actions}
        self.titles = {key: action_title(key, wb.plan.council) for key in self.catalogue}
        self.keys = {
            text.casefold(): key for key, title in self.titles.items() for text in (key, title)
        }
        offers = wb.get("council_suggestions")
        self.offers: dict[tuple[str, ...], dict[Any, Any]] = (
            {} if offers is None
            else {(*(str(row[name]) for name in KEY), str(row["action"])): row
                  for row in offers.astype("object").where(offers.notna(), None).to_dict("records")}
        )  # fmt: skip


def _values(
    row: FormRow, names: Sequence[str], columns: Sequence[FormColumn], found: FoundActions
) -> dict[str, Any] | None:
    """Read the cells of a row by the contract; None when one of them is wrong."""
    contract, wrong = decision_table(KIND).by_name, []
    values: dict[str, Any] = {}
    for name in names:
        try:
            values[name] = read_value(row.values[name], contract[name])
        except ValueError as error:
            header = next(one.header for one in columns if one.name == name)
            wrong.append(f"{row.places[name]} ({header}): {error}")
    found.problems += wrong
    return None if wrong else values


def _signed(row: FormRow, default: tuple[str, str], found: FoundActions) -> tuple[str, str] | None:
    who, why = (row.values[name] or one for name, one in zip(("who", "why"), default, strict=True))
    for name, text, what in (("who", who, "who decided"), ("why", why, "the reason")):
        if not text:
            found.problems.append(f"{row.places[name]}: say {what}")
    return (who, why) if who and why else None


def _new_action(
    row: FormRow,
    columns: Sequence[FormColumn],
    known: tuple[Mapping[str, Mapping[str, str]], _Log, tuple[str, str]],
    found: FoundActions,
) -> None:
    """Bring one row of the sheet of new actions into a decision."""
    labels, log, default = known
    if not row.values["action"]:
        filled = [name for name in (*_NEW, "who", "why") if row.values[name]]
        if filled:
            found.problems.append(f"{row.places['action']}: choose an action, or clear the row "
                                  f"(something stands in {', '.join(filled)})")  # fmt: skip
        return
    cell = _cell(row, labels, found)
    values = _values(row, _NEW, columns, found)
    signed = _signed(row, default, found)
    cause = _cause_key(row, found)
    key = _action_key(row, log, found)
    if cell is None or values is None or signed is None or cause is None or not key:
        return
    values["cause"] = cause or None
    offer = log.offers.get((*cell.values(), key))
    completed = _completed(values, log.catalogue.get(key), offer)
    _keep({**cell, "action": key, **completed}, row.places["action"], signed, log, found)


def _keep(
    made: dict[str, Any], place: str, signed: tuple[str, str], log: _Log, found: FoundActions
) -> None:
    """Keep a new action, unless it was read before, stands twice, or others decided it since."""
    before = next((one for one in log.since if _is_same(one, made)), None)
    if before is not None:
        found.notes.append(f"{place}: read before as {before['decision_id']}")
        return
    other = next((one for one in log.since if _is_rival(one, made, log)), None)
    if other is not None:
        found.problems.append(
            f"{place}: since this form was made, {other['who']} decided the same action for this "
            f"cell ({other['decision_id']}); change that one on sheet {LOGGED} of a new form"
        )
        return
    twin = next((at for one, at in zip(found.rows, found.places, strict=True)
                 if _is_same(one, made)), "")  # fmt: skip
    if twin:
        found.notes.append(f"{place}: the same as {twin}; kept once")
        return
    found.add(made, signed, place)


def _cell(
    row: FormRow, labels: Mapping[str, Mapping[str, str]], found: FoundActions
) -> Mapping[str, str] | None:
    """Give the cell of the matrix that a row names."""
    cell = labels.get(row.values["cell"])
    if cell is None:
        near = nearest(row.values["cell"], labels)
        hint = f"did you mean '{near[0]}'?" if near else "choose one of the list"
        text = row.values["cell"] or "nothing"
        found.problems.append(f"{row.places['cell']}: '{text}' is no cell of the matrix; {hint}")
    return cell


def _cause_key(row: FormRow, found: FoundActions) -> str | None:
    """Give the key of a cause, blank where none is named, None where it is unknown."""
    causes = {in_words(one): one for one in CAUSES}
    said = row.values["cause"]
    if not said or said in causes:
        return causes.get(said, "")
    allowed = ", ".join(causes)
    found.problems.append(f"{row.places['cause']} (Cause): '{said}' is none of {allowed}")
    return None


def _action_key(row: FormRow, log: _Log, found: FoundActions) -> str:
    """Give the key of an action; an own entry keeps its name, a slip of the pen is a problem."""
    said = row.values["action"]
    if said.casefold() in log.keys:
        return log.keys[said.casefold()]
    near = nearest(said.casefold(), log.keys)
    if not near:
        return said
    found.problems.append(
        f"{row.places['action']}: '{said}' is not in the catalogue; did you mean "
        f"'{log.titles[log.keys[near[0]]]}'? An own action needs a name unlike those listed"
    )
    return ""


def _completed(
    values: dict[str, Any], action: CouncilAction | None, offer: Mapping[Any, Any] | None
) -> dict[str, Any]:
    """Fill in what was left blank, from the suggestion and the catalogue."""
    made = dict(values)
    figures = ("units_count", "cost_amount", "effect_amount")
    if offer is not None:
        for name in ("cause", "owner", "due_date"):
            made[name] = made[name] if made[name] is not None else offer[name]
        if all(made[name] is None for name in figures):
            made |= {name: offer[name] for name in figures}
    if action is not None:
        if made["cost_amount"] is None and made["units_count"] is not None:
            made["cost_amount"] = made["units_count"] * action.unit_cost
        if made["effect_amount"] is None and made["cost_amount"] is not None:
            made["effect_amount"] = made["cost_amount"] * action.effect_multiple
    return made | {"status": made["status"] or "open"}


def _changed_action(
    row: FormRow,
    columns: Sequence[FormColumn],
    log: _Log,
    default: tuple[str, str],
    found: FoundActions,
) -> None:
    """Bring one row of the sheet of open actions into a decision, when it says something new."""
    name = row.values["decision_id"]
    old = log.by_id.get(name)
    if old is None:
        found.problems.append(f"{row.places['decision_id']}: there is no decision '{name}'")
        return
    values = _values(row, _CHANGEABLE, columns, found)
    if values is None:
        return
    made = values | {"status": values["status"] or "open"}
    if all(_equal(made[one], _as_read(old, one)) for one in _CHANGEABLE):
        return
    place = row.places["decision_id"]
    newer = log.later.get(name)
    if newer is not None and all(_equal(made[one], _as_read(newer, one)) for one in _CHANGEABLE):
        found.notes.append(f"{place}: read before as {newer['decision_id']}")
        return
    if name not in log.in_force:
        what = f"{newer['who']} replaced it by {newer['decision_id']}" if newer else "it has ended"
        found.problems.append(f"{place}: {name} no longer holds, {what}; take a new form")
        return
    twin = next((at for one, at in zip(found.rows, found.places, strict=True)
                 if one.get("supersedes") == name), "")  # fmt: skip
    if twin:
        found.problems.append(f"{place}: {name} is changed by {twin} too; keep one of them")
        return
    signed = _signed(row, default, found)
    if signed is not None:
        kept = {one: old[one] for one in (*KEY, "cause", "action")}
        found.add({**kept, **made, "supersedes": name}, signed, place)


def _as_read(row: Mapping[Any, Any], name: str) -> Any:
    """Give a value of a decision as it looks in Excel."""
    value = row[name] if name != "status" else row[name] or "open"
    return plain_text(value)[0].strip() or None if isinstance(value, str) else value


def _is_same(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return all(_equal(_as_read(one, name), _as_read(other, name)) for name in _SAME)


def _is_rival(one: Mapping[Any, Any], made: Mapping[Any, Any], log: _Log) -> bool:
    """Tell whether a decision is about the same action for the same cell, and open."""
    return (
        one["decision_id"] in log.in_force
        and (one["status"] or "open") == "open"
        and all(one[name] == made[name] for name in (*KEY, "action"))
    )


def _equal(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is None and other is None
    if isinstance(one, datetime.date) or isinstance(other, datetime.date):
        return pd.Timestamp(one) == pd.Timestamp(other)
    return bool(one == other)


__all__ = ["FoundActions", "find_actions"]
