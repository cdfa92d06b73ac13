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
        root = psutil.Process(pid)
        doomed = [*root.children(recursive=True), *([] if spare_root else [root])]
    except psutil.NoSuchProcess:
        return
    for process in doomed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(doomed, timeout=_PATIENCE)
