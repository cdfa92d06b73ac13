"""
Do a part of what follows the steps in a process beside this one, on a processor of its own.

The process is given a job as one line of JSON on its standard input, as the worker of a notebook
is. The input stays open while it works; its end means that the run has died, and then it ends too.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import subprocess  # noqa: S404
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from planlib.cycle.execute import with_library
from planlib.cycle.processes import kill_tree
from planlib.language import speak
from planlib.plan import load_plan
from planlib.store.atomic import to_json
from planlib.store.scope import RunScope
from planlib.store.workbook import Workbook


@contextlib.contextmanager
def beside(wb: Workbook, functions: Sequence[Callable[..., Any]]) -> Iterator[Callable[[], bool]]:
    """
    Call functions of the library with a workbook in a process beside this one.

    Parameters
    ----------
    wb
        The workbook, reading the revision that is being built.
    functions
        Functions of modules that take a workbook and write files below its target.

    Yields
    ------
    callable
        Waits for the process and tells whether all functions came to a good end.
    """
    job = {
        "root": str(wb.root),
        "cycle": wb.cycle.name,
        "as_of": wb.as_of.isoformat(),
        "revision": str(wb.target),
        "functions": [[one.__module__, one.__name__] for one in functions],
    }
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "planlib.cycle.beside"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=with_library(os.environ),
        cwd=wb.target,
    )
    try:
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # it has died; its exit code says so
                process.stdin.write(to_json(job).replace("\n", " ").encode("utf-8") + b"\n")
                process.stdin.flush()
        yield lambda: process.wait() == 0
    finally:
        if process.poll() is None:
            kill_tree(process.pid)
        with contextlib.suppress(OSError), process:
            pass


def main() -> None:
    """Do the job that stands on standard input."""
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_run, daemon=True).start()
    code = 1
    try:
        _do(job)
        code = 0
    finally:
        os._exit(code)  # the thread still reads standard input, which would block a normal exit


def _do(job: dict[str, Any]) -> None:
    root = Path(job["root"])
    plan = load_plan(root)
    wb = Workbook(
        root,
        plan,
        plan.period(job["cycle"]),
        as_of=datetime.date.fromisoformat(job["as_of"]),
        scope=RunScope(Path(job["revision"])),
    )
    speak(plan.language)
    for module, name in job["functions"]:
        getattr(import_module(module), name)(wb)


def _end_with_run() -> None:
    """Wait for the end of standard input, then end this process."""
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(3)


if __name__ == "__main__":
    main()
