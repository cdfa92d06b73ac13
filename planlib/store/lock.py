"""A lock that one process holds; the operating system frees it when the process dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psutil  # type: ignore[import-untyped]

from planlib.errors import LockedError

_BYTE = 1 << 30  # the byte that is locked on Windows, far behind the text that others read
_PAUSE = 0.05


@contextlib.contextmanager
def hold(path: Path, purpose: str, wait: float = 0.0) -> Iterator[None]:
    """
    Hold a lock file while a block runs.

    Parameters
    ----------
    path
        Lock file; stays there, empty, when the lock is free.
    purpose
        What the holder does, for the message that others get.
    wait
        Seconds to wait for another holder before giving up.

    Raises
    ------
    LockedError
        If a living process holds it; the message names process, machine and start. The lock of a
        dead process, or of one whose id was given to another process, is taken over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = _acquire(path, time.monotonic() + wait)
    try:
        _write(handle, {**_me(), "purpose": purpose})
        yield
    finally:
        with contextlib.suppress(OSError):
            _write(handle, {})
        handle.close()


def holder(path: Path) -> dict[str, Any] | None:
    """Give what the living holder of a lock wrote, or None when the lock is free."""
    try:
        found = json.loads(path.read_text(encoding="utf-8") or "{}")
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and _alive(found) else None


def _acquire(path: Path, until: float) -> IO[str]:
    while True:
        handle = path.open("a+", encoding="utf-8")
        other = holder(path)
        if other is None and _lock(handle):
            other = holder(path)
            if other is None:
                return handle
        handle.close()
        if time.monotonic() >= until:
            raise LockedError(_message(path, other))
        time.sleep(_PAUSE)


def _message(path: Path, other: dict[str, Any] | None) -> str:
    if other is None:
        return f"another process holds {path}; wait for it, then try again"
    return (
        f"{other.get('purpose', 'another run')} is under way: process {other['pid']} on "
        f"{other['host']} since {other['since']}; wait for it, or end that process ({path})"
    )


def _me() -> dict[str, Any]:
    process = psutil.Process()
    started = process.create_time()
    since = datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds")
    return {"pid": process.pid, "started": started, "host": socket.gethostname(), "since": since}


def _alive(found: dict[str, Any]) -> bool:
    """Another machine's process counts as alive, since it cannot be asked."""
    pid, started = found.get("pid"), found.get("started")
    if not isinstance(pid, int) or not isinstance(started, int | float):
        return False
    if found.get("host") != socket.gethostname():
        return True
    try:
        process = psutil.Process(pid)
        same = abs(float(process.create_time()) - started) < 1.0
        return same and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _write(handle: IO[str], content: dict[str, Any]) -> None:
    handle.seek(0)
    handle.truncate()
    handle.write(json.dumps(content) if content else "")
    handle.flush()


def _lock(handle: IO[str]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(_BYTE)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
