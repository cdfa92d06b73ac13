"""End processes together with all that they have started."""

from __future__ import annotations

import contextlib

import psutil  # type: ignore[import-untyped]

_PATIENCE = 5.0  # seconds


def kill_tree(pid: int, *, spare_root: bool = False) -> None:
    """
    Kill a process and all its descendants, and wait until they are gone.

    Parameters
    ----------
    pid
        The process.
    spare_root
        Kill the descendants only.
    """
    try:
        doomed = _halted(psutil.Process(pid), spare_root=spare_root)
    except psutil.NoSuchProcess:
        return
    for process in doomed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(doomed, timeout=_PATIENCE)


def _halted(root: psutil.Process, *, spare_root: bool) -> list[psutil.Process]:
    """Halt each process before its children are listed, so that it starts no more of them."""
    found: list[psutil.Process] = []
    waiting = [root]
    while waiting:
        process = waiting.pop()
        with contextlib.suppress(psutil.Error):
            if not (spare_root and process == root):
                found.append(process)
                process.suspend()
            waiting += process.children()
    return found
