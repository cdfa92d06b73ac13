"""
The process that runs one notebook: started by a run, ends with it, reports in a file.

It is given a job as one line of JSON on its standard input. While it works, the input stays open;
its end means that the run has died, and then kernel and process end too.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traitlets.config import Config

#: File in a step's stage in which the worker says how it went.
OUTCOME = "outcome.json"
_START_TIMEOUT = 120
_OUTPUT_TIMEOUT = 60  # for outputs that lag behind a cell on a busy machine, its error among them
_LONGEST_SOCKET = 80  # a Unix socket's path may have about 100 bytes


def main() -> None:
    """Run the job that stands on standard input."""
    job = json.loads(sys.stdin.buffer.readline())
    scratch = Path(job["scratch"])
    threading.Thread(target=_end_with_run, args=(scratch,), daemon=True).start()
    _run(job)
    sys.stdout.flush()
    os._exit(0)  # the thread still reads standard input, which would block a normal exit


def _run(job: dict[str, Any]) -> None:
    from planlib.cycle.verify import find_failure
    from planlib.store.atomic import write_json

    stage, scratch = Path(job["stage"]), Path(job["scratch"])
    started = time.monotonic()
    _settle(scratch)
    outcome = find_failure(scratch / "out.ipynb", _execute(job, scratch))
    if outcome["cause"] != "unreadable" and (scratch / "out.ipynb").is_file():
        _keep(job, outcome)
    outcome["seconds"] = round(time.monotonic() - started, 3)
    write_json(stage / OUTCOME, outcome)
    os.chdir(stage)  # so that the scratch folder can be removed


def _keep(job: dict[str, Any], outcome: dict[str, Any]) -> None:
    """Keep the executed notebook, apart from the good ones when it failed."""
    from planlib.cycle.verify import clean_notebook
    from planlib.language import speak
    from planlib.store.atomic import to_json, write_text

    root, stage, scratch = Path(job["root"]), Path(job["stage"]), Path(job["scratch"])
    speak(job["language"])
    part = "notebooks" if outcome["state"] == "succeeded" else "failed"
    target = stage / part / f"{job['step']}.ipynb"
    cleaned = clean_notebook(scratch / "out.ipynb", {str(root): root.name, str(scratch): "scratch"})
    try:
        write_text(target, to_json(cleaned))
        outcome["notebook"] = target.relative_to(stage).as_posix()
    except OSError as error:
        outcome |= {"state": "failed", "cause": "not_written", "message": str(error)}


def _execute(job: dict[str, Any], scratch: Path) -> dict[str, Any]:
    """Run the notebook by papermill and give what was caught: cell, cause, error, message."""
    # jsonschema loads a checker of web addresses that takes seconds; notebooks have none to check
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    now: dict[str, Any] = {"cell": 0, "cause": "", "error": "", "message": ""}

    def note(cell: dict[str, Any], cell_index: int) -> None:
        if cell["cell_type"] == "code":
            now["cell"] += 1
            sys.stdout.write(f"{now['cell']}\n")
            sys.stdout.flush()

    try:
        papermill.execute_notebook(
            job["notebook"],
            "out.ipynb",
            parameters=job["parameters"],
            kernel_name="python3",
            progress_bar=False,
            autosave_cell_every=0,
            start_timeout=_START_TIMEOUT,
            iopub_timeout=_OUTPUT_TIMEOUT,
            execution_timeout=job["cell_timeout"],
            record_timing=False,
            config=_transport(scratch),
            on_cell_start=note,
        )
    except PapermillExecutionError as error:
        now |= {"cause": "error", "error": error.ename, "message": error.evalue}
    except CellTimeoutError:
        now |= {"cause": "timed_out", "message": f"ran longer than {job['cell_timeout']} s"}
    except (DeadKernelError, RuntimeError) as error:
        now |= {"cause": "kernel_died", "error": type(error).__name__, "message": str(error)}
    except (OSError, ValueError) as error:
        now |= {"cause": "not_run", "error": type(error).__name__, "message": str(error)}
    return now


def _transport(scratch: Path) -> Config:
    """Talk to the kernel by sockets in a private folder; where there are none, encrypted."""
    from traitlets.config import Config

    prefix = str(scratch / "k")
    if os.name == "posix" and len(prefix.encode()) < _LONGEST_SOCKET:
        return Config({"AsyncKernelManager": {"transport": "ipc", "ip": prefix}})
    return Config({"AsyncKernelManager": {"transport_encryption": "required"}})


def _settle(scratch: Path) -> None:
    """Work in a folder of this process alone, which holds all its temporary files."""
    for part in ("tmp", "home"):
        (scratch / part).mkdir()
    for key in ("TMPDIR", "TEMP", "TMP"):
        os.environ[key] = str(scratch / "tmp")
    for key in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[key] = str(scratch / "home")
    os.chdir(scratch)


def _end_with_run(scratch: Path) -> None:
    """Wait for the end of standard input, then end the kernel and this process."""
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    from planlib.cycle.processes import kill_tree

    kill_tree(os.getpid(), spare_root=True)
    os.chdir(scratch.parent)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(3)


if __name__ == "__main__":
    main()
