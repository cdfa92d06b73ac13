"""Run one notebook in a process of its own; the one thing that a run hands to an executor."""

from __future__ import annotations

import contextlib
import os
import subprocess  # noqa: S404
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from planlib import resources
from planlib.cycle.processes import kill_tree
from planlib.cycle.worker import OUTCOME
from planlib.errors import WorkbookError
from planlib.language import Language
from planlib.store.atomic import read_json, to_json
from planlib.store.scope import ENV_AS_OF, ENV_REVISION, ENV_STAGE, ENV_STEP, ENV_WORKBOOK

Progress = Callable[[str, int], None]

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "ARROW_NUM_THREADS",
)
_STDERR = "stderr.txt"
_TAIL = 400  # characters of standard error that a message quotes

_running: set[int] = set()
_guard = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Job:
    """
    All that is needed to run one notebook, as plain values, so that it can go to any executor.

    Parameters
    ----------
    step
        Name of the step.
    notebook
        File of the notebook.
    root, revision, stage
        Folders of the workbook, of the revision being built and of this step's results.
    parameters
        Values for the parameters cell.
    as_of
        Date on which the data stand, blank while intake has still to find it.
    cell_timeout
        Longest time for one cell, in seconds.
    total_timeout
        Longest time for the whole notebook, in seconds.
    language
        Language in which the text of the executed notebook is kept.
    """

    step: str
    notebook: str
    root: str
    revision: str
    stage: str
    parameters: Mapping[str, Any]
    as_of: str
    cell_timeout: int
    total_timeout: int
    language: Language = "en"


def run_job(
    job: Job, progress: Progress | None = None, ended: threading.Event | None = None
) -> dict[str, Any]:
    """
    Run a notebook and say how it went.

    Parameters
    ----------
    job
        What to run.
    progress
        Called with the step and the number of the code cell that begins.
    ended
        Set once the run has been ended. A process that is just being started then, which
        ``kill_running`` cannot know yet, is killed as soon as it is there.

    Returns
    -------
    dict
        As ``verify.find_failure``, plus ``seconds`` and ``notebook`` (within the stage). A process
        that ends without a word counts as killed.
    """
    with tempfile.TemporaryDirectory(prefix="planlib-", ignore_cleanup_errors=True) as scratch:
        return _watch(job, str(Path(scratch).resolve()), progress, ended or threading.Event())


def kill_running() -> None:
    """Kill every notebook that this process has started."""
    with _guard:
        doomed = list(_running)
    for pid in doomed:
        kill_tree(pid)


def with_library(environment: Mapping[str, str]) -> dict[str, str]:
    """Give an environment in which a process finds this very library, also in a checkout."""
    if not resources.is_checkout():
        return dict(environment)
    paths = [str(Path(resources.__file__).resolve().parents[1]), environment.get("PYTHONPATH")]
    return {**environment, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def _watch(
    job: Job, scratch: str, progress: Progress | None, ended: threading.Event
) -> dict[str, Any]:
    """Start the process, follow it to its end or past its time, and read what it reports."""
    stage = Path(job.stage)
    with (stage / _STDERR).open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "planlib.cycle.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(job),
            cwd=stage,
            start_new_session=os.name == "posix",
        )
    with _registered(process.pid), process:
        if ended.is_set():
            kill_tree(process.pid)
        late = threading.Event()
        timer = threading.Timer(job.total_timeout, _stop, (process.pid, late))
        timer.start()
        try:
            last = _talk(process, {**asdict(job), "scratch": scratch}, progress)
        finally:
            timer.cancel()
    outcome = _outcome(stage)
    if late.is_set():
        message = f"ran longer than {job.total_timeout} s in all"
        return {**outcome, "state": "timed_out", "cause": "timed_out", "message": message}
    if outcome["state"] == "killed" and not outcome["cell"]:
        outcome["cell"] = last
    return outcome


def _talk(process: subprocess.Popen[bytes], job: dict[str, Any], progress: Progress | None) -> int:
    """Hand over the job, follow the cells; standard input stays open until the process ends."""
    last = 0
    line = to_json(job).replace("\n", " ") + "\n"
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    try:
        process.stdin.write(line.encode("utf-8"))
        process.stdin.flush()
    except OSError:  # it has died already; what it was not told must not be tried again
        with contextlib.suppress(OSError):
            process.stdin.close()
    for text in process.stdout:
        if text.strip().isdigit():
            last = int(text)
            if progress is not None:
                progress(job["step"], last)
    process.wait()
    return last


def _outcome(stage: Path) -> dict[str, Any]:
    try:
        return dict(read_json(stage / OUTCOME))
    except WorkbookError:
        with contextlib.suppress(OSError):
            tail = (stage / _STDERR).read_text(encoding="utf-8", errors="replace")[-_TAIL:].strip()
        message = "the process that ran the notebook was killed" + (f": {tail}" if tail else "")
        return {
            "state": "killed",
            "cause": "process_died",
            "cell": 0,
            "code": "",
            "error": "",
            "message": message,
            "seconds": None,
        }


def _environment(job: Job) -> dict[str, str]:
    """One thread each, so that notebooks side by side neither fight nor differ in rounding."""
    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
    environment |= {
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        ENV_WORKBOOK: job.root,
        ENV_REVISION: job.revision,
        ENV_STAGE: job.stage,
        ENV_STEP: job.step,
        ENV_AS_OF: job.as_of,
    }
    return with_library(environment)


def _stop(pid: int, late: threading.Event) -> None:
    late.set()
    kill_tree(pid)


@contextlib.contextmanager
def _registered(pid: int) -> Iterator[None]:
    with _guard:
        _running.add(pid)
    try:
        yield
    finally:
        with _guard:
            _running.discard(pid)
