"""What papermill alone does not notice: dead kernels, early exits, cells that never ran."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import psutil
import pytest

from planlib.cycle.execute import run_job
from planlib.cycle.processes import kill_tree
from planlib.cycle.selection import RunOptions
from tests.faults import tiny

KILL = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
NAMES = list(tiny.READS)


def spoil(root, step: str, cell: str, *more: str) -> None:
    """Replace the work of a step by a cell."""
    tiny.make_notebook(root / "notebooks" / f"{step}.ipynb", cell, *more)


def run_really(root, options=None, **changes):
    """Run with real kernels."""
    return tiny.run(root, options, execute=run_job, **changes)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Give a workbook whose first cycle was run with real kernels."""
    root = tiny.make_workbook(tmp_path_factory.mktemp("published"))
    assert run_really(root).exit_code == 0
    return root


def test_a_cycle_runs_in_real_kernels_and_a_second_run_runs_nothing(published):
    """All steps succeed, the notebooks are kept clean, and nothing is left to do."""
    revision = tiny.check_whole(published)
    assert set(tiny.contents(revision)) == {
        "accounts",
        "tiny_segments",
        "tiny_plan",
        "tiny_pipeline",
    }
    for name in NAMES:
        text = (revision / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        notebook = json.loads(text)
        assert "papermill" not in notebook["metadata"]
        assert not any(
            {"papermill", "execution"} & set(cell["metadata"]) for cell in notebook["cells"]
        )
        assert str(published.parent) not in text
    assert not run_really(published).changed
    assert sorted(path.name for path in revision.iterdir()) == [
        "inputs",
        "manifest.json",
        "notebooks",
        "run.json",
        "tables",
    ]


def test_a_notebook_that_starts_while_the_run_is_ended_is_killed(tmp_path):
    """It is not waited for, although it was in no list of running ones when the signal came."""
    root = tiny.make_workbook(tmp_path)
    spoil(root, "01_intake", "import time\ntime.sleep(600)")

    ended = threading.Event()
    ended.set()
    result = tiny.run(root, execute=partial(run_job, ended=ended))
    assert result.steps["01_intake"]["state"] == "killed"
    assert result.steps["01_intake"]["cause"] == "process_died"


def test_a_killed_tree_takes_along_what_it_is_starting():
    """A process that starts children without a pause leaves none of them behind."""
    mark = f"planlib-{uuid.uuid4().hex}"
    child = f"import time; time.sleep(600)  # {mark}"
    parent = (
        "import subprocess, sys\n"
        "for _ in range(60):\n"
        f"    subprocess.Popen([sys.executable, '-S', '-c', {child!r}])\n"
        "    print(flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE)
    process.stdout.readline()
    kill_tree(process.pid)
    process.communicate()
    left = [one for one in psutil.process_iter(["cmdline"]) if mark in str(one.info["cmdline"])]
    assert [one for one in left if one.status() != psutil.STATUS_ZOMBIE] == []


def test_a_kernel_killed_in_the_first_notebook_ends_the_run(tmp_path):
    """State killed, exit 4, and nothing is published."""
    root = tiny.make_workbook(tmp_path)
    spoil(root, "01_intake", KILL, "1")
    result = run_really(root)
    assert result.exit_code == 4
    assert result.revision is None
    assert result.steps["01_intake"]["state"] == "killed"
    assert result.steps["01_intake"]["cause"] == "kernel_died"
    assert {result.steps[name]["state"] for name in NAMES[1:]} == {"blocked"}


@pytest.mark.parametrize("step", ["02_segments", "06_pipeline"])
def test_a_kernel_killed_later_leaves_the_others(published, tmp_path, step):
    """The message names notebook, cell and the file to open; what does not need it is done."""
    root = shutil.copytree(published, tmp_path / "tiny")
    spoil(root, step, "1", KILL, "2")
    result = run_really(root)
    assert result.exit_code == 4
    record = result.steps[step]
    assert (record["state"], record["cause"], record["cell"]) == ("killed", "kernel_died", 4)
    message = str(result.failures[0])
    assert f"{step} kernel died: in code cell 4 (import os, signal)" in message
    kept = root / "cycles" / tiny.CYCLE / "building" / "failed" / f"{step}.ipynb"
    assert f"open {kept}" in message
    assert kept.is_file()
    assert tiny.check_whole(root).name == "r1"
    other = {"02_segments": "06_pipeline", "06_pipeline": "03_plan"}[step]
    assert result.steps[other]["state"] == "succeeded"


@pytest.mark.parametrize(
    ("cells", "state", "cause", "cell"),
    [
        (["import sys\nsys.exit(0)", "1"], "failed", "exited_early", 3),
        (["1", "1/0"], "failed", "error", 4),
        (["import time\ntime.sleep(60)"], "timed_out", "timed_out", 3),
        (["import os\nos._exit(0)"], "killed", "kernel_died", 3),
        (
            ["import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"],
            "killed",
            "process_died",
            3,
        ),
    ],
    ids=["sys.exit", "error", "timeout", "os._exit", "worker killed"],
)
def test_what_ends_a_notebook_has_a_name(tmp_path, cells, state, cause, cell):
    """Every way to end early is a failure with its own name and cell, and no process survives."""
    root = tiny.make_workbook(tmp_path, plan="run: {cell_timeout: 2}\n")
    spoil(root, "01_intake", *cells)
    result = run_really(root, RunOptions(only=("01_intake",)))
    record = result.steps["01_intake"]
    assert (record["state"], record["cause"], record["cell"]) == (state, cause, cell)
    assert result.exit_code == 4
    until = time.monotonic() + 10
    while psutil.Process().children(recursive=True) and time.monotonic() < until:
        time.sleep(0.05)
    left = [
        process.name()
        for process in psutil.Process().children(recursive=True)
        if "ipykernel" in " ".join(process.cmdline())
    ]
    assert left == []


def test_an_error_of_planlib_in_a_notebook_keeps_its_exit_code(tmp_path):
    """Bad input found by a notebook ends with 2, an infeasible plan with 3."""
    root = tiny.make_workbook(tmp_path)
    spoil(
        root,
        "01_intake",
        "class InfeasibleError(Exception):\n    pass\nraise InfeasibleError('no plan')",
    )
    result = run_really(root, RunOptions(only=("01_intake",)))
    assert result.exit_code == 3
    assert "InfeasibleError: no plan" in str(result.failures[0])


def test_a_notebook_that_fills_the_disk_fails_alone(published, tmp_path):
    """Where a table finds no room, the step fails, named, and the published revision stays."""
    root = shutil.copytree(published, tmp_path / "tiny")
    limit = (
        "import resource, sys\n"
        "sys.dont_write_bytecode = True  # else modules of the installation are kept cut off\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
    )
    spoil(root, "02_segments", tiny.CELL, limit + tiny.COMPUTE)
    result = run_really(root, RunOptions(only=("02_segments",)))
    assert result.exit_code == 4
    assert "File too large" in str(result.failures[0]) or "died" in str(result.failures[0])
    assert tiny.check_whole(root).name == "r1"


def test_any_executor_may_run_the_notebooks(tmp_path):
    """The seam is concurrent.futures: one of other processes is used, and left open."""
    root = tiny.make_workbook(tmp_path)
    with ProcessPoolExecutor(1, mp_context=tiny.process_context()) as executor:
        assert run_really(root, RunOptions(only=("01_intake",)), executor=executor).changed
        assert executor.submit(abs, -1).result() == 1


def test_parameters_reach_the_notebook_and_the_manifest(published, tmp_path):
    """The given value is injected as it was typed; the other steps are carried over."""
    root = shutil.copytree(published, tmp_path / "tiny")
    result = run_really(root, RunOptions(parameters=("06_pipeline.factor=0.5",)))
    assert result.changed
    manifest = json.loads((result.revision / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["steps"]["06_pipeline"]["fingerprint"]["parameters"] == {"factor": 0.5}
    carried = {name for name, record in result.steps.items() if record["carried"]}
    assert carried == {"01_intake", "02_segments", "03_plan"}


def test_when_the_runner_is_killed_its_notebook_ends_too(tmp_path):
    """A run that is gone leaves no kernel that could still write, and can be resumed."""
    root = tiny.make_workbook(tmp_path)
    started = tmp_path / "started"
    spoil(
        root,
        "01_intake",
        f"import os, pathlib, time\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))"
        "\ntime.sleep(120)",
    )
    process = tiny.process_context().Process(target=tiny.run_really, args=(str(root),))
    process.start()
    wait_until(lambda: started.exists() and started.read_text())
    kernel = psutil.Process(int(started.read_text()))
    process.kill()
    process.join()
    wait_until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    tiny.make_notebook(root / "notebooks" / "01_intake.ipynb", tiny.CELL, tiny.TAKE_IN)
    assert run_really(root, RunOptions(only=("01_intake",))).changed


def wait_until(done, seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)
