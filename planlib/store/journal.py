"""
Several files replaced together: their contents are kept whole first, then each file is replaced.

The journal is written with one rename; from then on the change is made. A process that is killed
before has changed nothing. One that is killed later leaves the journal, and whoever comes next
completes it, so that nobody sees one file of the change without the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planlib.errors import InputError, WorkbookError
from planlib.store.atomic import read_json, sync_folder, write_bytes, write_json
from planlib.store.lock import hold

JOURNAL = ".pending.json"
LOCK = ".decisions.lock"
_WAIT = 10.0  # seconds for another process that writes in the same folder


def writing(folder: Path, what: str) -> Any:
    """Give the lock that one process at a time holds while it writes in a folder."""
    return hold(folder / LOCK, what, wait=_WAIT)


def replace_together(folder: Path, contents: Mapping[str, bytes]) -> None:
    """
    Replace files of a folder, all or none; the caller holds ``writing``.

    Parameters
    ----------
    folder
        The folder.
    contents
        New contents as UTF-8, by name of the file.

    Raises
    ------
    OSError
        If a file cannot be written; all are put back as they were.
    """
    old = {name: _read(folder / name) for name in contents}
    if len(contents) < 2:  # one rename is all or nothing by itself
        for name, content in contents.items():
            write_bytes(folder / name, content)
        return
    kept = {
        name: {"before": _hash(old[name] or b""), "content": content.decode("utf-8")}
        for name, content in contents.items()
    }
    try:
        write_json(folder / JOURNAL, {"files": kept})
        for name, content in contents.items():
            write_bytes(folder / name, content)
        (folder / JOURNAL).unlink()
    except BaseException:
        for name, before in old.items():
            _put_back(folder / name, before)
        (folder / JOURNAL).unlink(missing_ok=True)
        raise
    sync_folder(folder)


def complete(folder: Path) -> None:
    """
    Complete what a killed process has left undone; wait where a living one is about it.

    Raises
    ------
    InputError
        If a file was changed since by other means; the message says what to do.
    WorkbookError
        If the journal cannot be read, or the folder cannot be written.
    LockedError
        If another process writes for too long.
    """
    if not (folder / JOURNAL).is_file():
        return
    try:
        with writing(folder, f"completing {folder.name}/"):
            finish(folder)
    except OSError as error:
        raise WorkbookError(
            f"{folder / JOURNAL} holds decisions that a process did not finish writing, and they "
            f"cannot be written now: {error.strerror}"
        ) from None


def finish(folder: Path) -> None:
    """Do what ``complete`` does; the caller holds ``writing``."""
    path = folder / JOURNAL
    if not path.is_file():
        return
    contents = _journal(path)
    changed = [
        name
        for name, (before, content) in contents.items()
        if (now := _read(folder / name) or b"") != content and _hash(now) != before
    ]
    if changed:
        raise InputError(str(path), [
            f"{name} was changed after a process that wrote decisions was killed; put it back as "
            "it was, or delete this journal and hand in the forms again" for name in changed
        ])  # fmt: skip
    for name, (_, content) in contents.items():
        if _read(folder / name) != content:
            write_bytes(folder / name, content)
    path.unlink()
    sync_folder(folder)


def _journal(path: Path) -> dict[str, tuple[str, bytes]]:
    """Read a journal: hash of each file before, and its new content; names stay in the folder."""
    found = read_json(path)
    files = found.get("files") if isinstance(found, dict) else None
    contents: dict[str, tuple[str, bytes]] = {}
    for name, one in files.items() if isinstance(files, dict) else ():
        is_plain = Path(name).name == name and Path(name).suffix == ".csv"
        if not is_plain or not isinstance(one, dict) or {*one} != {"before", "content"}:
            contents = {}
            break
        contents[name] = (str(one["before"]), str(one["content"]).encode("utf-8"))
    if not contents:
        raise WorkbookError(f"{path} is not a journal of planlib; delete it and hand in the forms "
                            "of the last collect again")  # fmt: skip
    return contents


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _put_back(file: Path, old: bytes | None) -> None:
    if _read(file) == old:
        return
    if old is None:
        file.unlink(missing_ok=True)
    else:
        write_bytes(file, old)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


__all__ = ["complete", "finish", "replace_together", "writing"]
