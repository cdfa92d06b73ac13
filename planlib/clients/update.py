"""Bring a client's workbook up to date with a new template, without losing what the client did."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from planlib.clients.answers import Answers
from planlib.clients.merge import has_markers, merge_texts
from planlib.clients.pristine import BINARY, HIDDEN, Pristine, fingerprint, is_inside, rendered
from planlib.clients.render import render
from planlib.errors import SettingsError, WorkbookError
from planlib.notes import count_of
from planlib.plan import parse_plan
from planlib.store.atomic import write_bytes
from planlib.store.layout import PLAN, find_workbook
from planlib.store.lock import hold

CONFLICTS, NEW_BLANKS = "conflicts", "blank"
State = Literal["added", "updated", "merged", "kept", "conflict", "gone"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    What an update does with one file.

    Parameters
    ----------
    name
        File, relative to the workbook.
    state
        ``added``, ``updated`` (the client had not touched it), ``merged``, ``kept`` (the client's
        file stays as it is), ``conflict`` (so does it, and a side file shows both), ``gone``
        (the client has removed it, or the template no longer has it).
    note
        What a reader should know.
    content
        New content of the client's file; None leaves it.
    side
        Content of the file beside, in .planlib; None where there is none.
    settled
        Whether the new rendering is what the next update starts from.
    """

    name: str
    state: State
    note: str = ""
    content: bytes | None = None
    side: bytes | None = None
    settled: bool = True


def update_workbook(
    workbook: str | Path, *, done: tuple[str, ...] = (), templates: Path | None = None
) -> list[Change]:
    """
    Merge a new version of the template into a client's workbook.

    Every file is decided on before the first is written, and each is written whole. A file that
    both sides have changed in the same place stays as it is; .planlib/conflicts shows both.

    Parameters
    ----------
    workbook
        The client's workbook.
    done
        Files whose conflict the client has settled by hand: they stay as they are, and later
        updates start from there.
    templates
        Folder of templates; None: those of the installation.

    Returns
    -------
    list of Change
        Only what changed, or what a reader should look at.

    Raises
    ------
    WorkbookError
        If the workbook was not made from a template, or a file named in ``done`` still holds
        markers of a conflict.
    """
    root = find_workbook(workbook)
    pristine = Pristine(root)
    pristine.read()  # before a lock is made in a folder that has none of this
    with hold(pristine.home / "lock", "brings the workbook up to date"):
        answers, prints = pristine.read()
        _check_done(root, done, prints)
        files = _render_now(answers, root, templates)
        changes = list(_decide(pristine, prints, files, done))
        _apply(pristine, answers, prints, files, changes)
    return [change for change in changes if change.state != "kept" or change.note]


def _render_now(answers: Answers, root: Path, templates: Path | None) -> dict[str, bytes]:
    stage = root / HIDDEN / f"stage-{uuid.uuid4().hex[:12]}"
    try:
        render(answers, stage, root.name, templates)
        return rendered(stage)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _decide(
    pristine: Pristine, prints: dict[str, str], files: dict[str, bytes], done: tuple[str, ...]
) -> Iterator[Change]:
    for name, theirs in files.items():
        path = pristine.root / name
        mine = path.read_bytes() if path.is_file() else None
        if name in done:
            yield Change(name=name, state="kept", note="settled by you")
        elif mine is None:
            yield _absent(name, theirs, prints)
        elif fingerprint(mine) == fingerprint(theirs):
            yield Change(name=name, state="kept")
        elif fingerprint(mine) == prints.get(name):
            yield Change(name=name, state="updated", content=theirs)
        elif name.endswith(BINARY):
            yield _filled(name, theirs, prints)
        else:
            yield _merge(name, pristine.text(name), mine, theirs)
    for name in prints:
        if name not in files and (pristine.root / name).is_file():
            note = "no longer part of the template; yours stays, remove it if you do not need it"
            yield Change(name=name, state="gone", note=note)


def _absent(name: str, theirs: bytes, prints: dict[str, str]) -> Change:
    if name not in prints:
        return Change(name=name, state="added", content=theirs)
    return Change(name=name, state="kept")  # the client has removed it, and it stays so


def _filled(name: str, theirs: bytes, prints: dict[str, str]) -> Change:
    """Leave an Excel file that the client has filled in; the new blank one lies beside."""
    if fingerprint(theirs) == prints.get(name):
        return Change(name=name, state="kept")
    note = f"filled in by you and not touched; the new blank file is {HIDDEN}/{NEW_BLANKS}/{name}"
    return Change(name=name, state="kept", note=note, side=theirs)


def _merge(name: str, base: str | None, mine: bytes, theirs: bytes) -> Change:
    try:
        own = mine.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _conflict(name, theirs, "your file is not UTF-8, so it was not merged")
    new = theirs.decode("utf-8")
    merged = merge_texts("" if base is None else base, own, new)
    if merged.conflict_count:
        note = f"{count_of(merged.conflict_count, 'place')} that you and the template have changed"
        return _conflict(name, merged.text.encode(), note)
    if merged.text == own.replace("\r\n", "\n"):
        return Change(name=name, state="kept")
    if name == PLAN:
        try:
            parse_plan(merged.text)
        except SettingsError as error:
            return _conflict(name, merged.text.encode(), f"merged, it would be wrong: {error}")
    return Change(name=name, state="merged", content=merged.text.encode())


def _conflict(name: str, side: bytes, what: str) -> Change:
    note = (
        f"{what}; yours is as it was, {HIDDEN}/{CONFLICTS}/{name} shows both; change your file "
        f"as you want it, then: planlib update ... --done {name}"
    )
    return Change(name=name, state="conflict", note=note, side=side, settled=False)


def _apply(
    pristine: Pristine,
    answers: Answers,
    prints: dict[str, str],
    files: dict[str, bytes],
    changes: list[Change],
) -> None:
    """Write file by file; stopped in between, the next update finds what is done and goes on."""
    pristine.clear(CONFLICTS)
    pristine.clear(NEW_BLANKS)
    known = dict(prints)
    for change in changes:
        if change.side is not None:
            folder = NEW_BLANKS if change.name.endswith(BINARY) else CONFLICTS
            write_bytes(pristine.home / folder / change.name, change.side)
        if change.content is not None:
            write_bytes(pristine.root / change.name, change.content)
        if change.state == "gone":
            known.pop(change.name)
            pristine.forget(change.name)
        elif change.settled and change.side is None:
            pristine.keep(change.name, files[change.name])
            known[change.name] = fingerprint(files[change.name])
    pristine.write(answers, known)


def _check_done(root: Path, done: tuple[str, ...], prints: dict[str, str]) -> None:
    for name in done:
        path = root / name
        if not is_inside(name) or name not in prints or not path.is_file():
            raise WorkbookError(f"--done {name[:80]}: no file of the template in this workbook")
        if not name.endswith(BINARY) and has_markers(path.read_text("utf-8-sig", "replace")):
            raise WorkbookError(f"{name} still holds the markers of a conflict (<<<<<<<, >>>>>>>)")
