"""Forms that come back, of all kinds and in one go: all is kept in overrides/, or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planlib.errors import InputError
from planlib.exchange import council_pack
from planlib.exchange.council_back import find_actions
from planlib.exchange.forms_back import NO_STAMP, FormFile, other_kind
from planlib.exchange.packs import columns as packs
from planlib.exchange.packs.back import find_answers
from planlib.exchange.returned import open_forms
from planlib.store import open_workbook
from planlib.store.appending import Batch
from planlib.store.layout import find_workbook
from planlib.store.lock import hold

_WAIT = 60.0  # seconds for another collect of the same workbook
_LOCK = ".collect.lock"
_Rows = dict[str, list[tuple[dict[str, Any], str, str]]]


@dataclass(frozen=True)
class CollectedForms:
    """
    What came of reading forms.

    Parameters
    ----------
    ids
        The new decisions by kind.
    notes
        What a person should know: rows that were read before, a newer state of the cycle.
    """

    ids: Mapping[str, list[str]]
    notes: list[str]


def collect_forms(
    workbook: str | Path,
    files: Sequence[str | Path],
    *,
    who: str = "",
    why: str = "",
    when: datetime.date | None = None,
) -> CollectedForms:
    """
    Read filled-in forms into overrides/: packs of managers, forms of the council.

    Parameters
    ----------
    workbook
        Folder of the workbook.
    files
        Forms of any kind, each as the cycle wrote it.
    who, why
        For forms and rows that do not say who decided, or why.
    when
        Day of the decisions; today where it is not given.

    Returns
    -------
    CollectedForms
        New decisions and notes. What was read before adds nothing.

    Raises
    ------
    InputError
        If anything is wrong in any file; nothing is kept then. Each problem names file, sheet and
        cell.
    LockedError
        If another collect of this workbook does not end within a minute.
    """
    root = find_workbook(workbook)
    folder = root / "overrides"
    folder.mkdir(exist_ok=True)
    with hold(folder / _LOCK, f"collecting forms for {root.name}", wait=_WAIT):
        forms, problems = open_forms(files)
        by_kind = _sorted(forms, problems)
        actions = find_actions(root, by_kind[council_pack.KIND], who=who, why=why)
        answers = find_answers(root, by_kind[packs.KIND], who=who, why=why)
        problems += [*actions.problems, *answers.problems]
        if problems:
            raise InputError("nothing was kept", problems)
        rows: _Rows = dict(answers.rows)
        if actions.rows:
            rows[council_pack.KIND] = [
                (row, *signed) for row, signed in zip(actions.rows, actions.signed, strict=True)
            ]
        notes = [*actions.notes, *answers.notes]
        return CollectedForms(_kept(root, rows, forms, when) if rows else {}, notes)


def _sorted(forms: Sequence[FormFile], problems: list[str]) -> dict[str, list[FormFile]]:
    """Sort forms by kind; one of another kind is a problem."""
    by_kind: dict[str, list[FormFile]] = {council_pack.KIND: [], packs.KIND: []}
    for form in forms:
        kind = form.said.get("kind", "")
        if kind in by_kind:
            by_kind[kind].append(form)
        elif kind:
            problems.append(f"{form.file}: {other_kind(kind)}")
        else:
            problems.append(f"{form.file}: {NO_STAMP}")
    return by_kind


def _kept(
    root: Path, rows: _Rows, forms: Sequence[FormFile], when: datetime.date | None
) -> dict[str, list[str]]:
    opened = open_workbook(root, forms[0].said["cycle"])
    batches = [
        Batch(kind, [row for row, _, _ in some], [who for _, who, _ in some],
              [why for _, _, why in some])
        for kind, some in sorted(rows.items())
    ]  # fmt: skip
    ids = opened.decide_together(batches, when=when)
    return {batch.kind: some for batch, some in zip(batches, ids, strict=True)}


__all__ = ["CollectedForms", "collect_forms"]
