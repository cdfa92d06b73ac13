"""Exit codes: one list, told by the help and the documents, and each comes out of a small fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planlib import cli
from planlib.cycle import runner
from planlib.cycle.execute import Job
from planlib.cycle.outcome import as_error
from planlib.errors import ExitCode, PlanError, exit_code_lines
from planlib.store.lock import hold
from tests.faults import tiny

DOCUMENT = Path(__file__).parent.parent / "docs" / "running-each-cycle.md"
FAILED = {"state": "failed", "cause": "error", "cell": 1, "code": "", "seconds": 0.0}
RUN = ["run", "tiny", "--cycle", tiny.CYCLE]


def notebook(job: Job, ends: dict[str, Any] | BaseException) -> dict[str, Any]:
    """The second notebook ends as told, the others do their work."""
    if job.step != "02_segments":
        return tiny.pretend(job)
    if isinstance(ends, BaseException):
        raise ends
    return ends


def infeasible(_root: Path) -> dict[str, Any]:
    """A notebook finds that its limits conflict."""
    return {**FAILED, "error": "InfeasibleError", "message": "5 seats, 9 territories"}


def dead(_root: Path) -> dict[str, Any]:
    """The kernel of a notebook dies."""
    return {**FAILED, "cause": "kernel_died", "error": "", "message": "Kernel died"}


def wrong_setting(root: Path) -> None:
    """A key of plan.yaml is misspelt."""
    (root / "plan.yaml").write_text("langauge: en\n")


FAULTS: dict[ExitCode, Callable[[Path], dict[str, Any] | BaseException | None]] = {
    ExitCode.DONE: lambda _root: None,
    ExitCode.BAD_INPUT: wrong_setting,
    ExitCode.INFEASIBLE: infeasible,
    ExitCode.FAILED: dead,
    ExitCode.BUSY: lambda _root: None,
    ExitCode.INTERRUPTED: lambda _root: KeyboardInterrupt(),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny workbook in the current folder."""
    monkeypatch.chdir(tmp_path)
    return tiny.make_workbook(tmp_path)


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_a_small_fault_gives_the_code(
    root: Path, monkeypatch: pytest.MonkeyPatch, code: ExitCode
) -> None:
    """Of every code of the list; after it, the published revision stands and a run completes."""
    original = runner.run_cycle
    ends: list[Any] = [None]

    def run_tiny(workbook: str, cycle: str, options: Any = None, **given: Any) -> Any:
        def execute(job: Job) -> dict[str, Any]:
            return tiny.pretend(job) if ends[0] is None else notebook(job, ends[0])

        steps = tiny.make_steps()
        return original(
            workbook, cycle, options, **given, steps=steps, execute=execute, finishers=()
        )

    monkeypatch.setattr(runner, "run_cycle", run_tiny)
    assert CliRunner().invoke(cli.app, RUN).exit_code == 0
    published = tiny.contents(root / "cycles" / tiny.CYCLE / "r1")
    ends[0] = FAULTS[code](root)
    lock = root / "cycles" / tiny.CYCLE / "lock"
    held = hold(lock, "a run") if code is ExitCode.BUSY else hold(root / "other", "nothing")
    with held:
        result = CliRunner().invoke(cli.app, [*RUN, "--force"])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert tiny.contents(root / "cycles" / tiny.CYCLE / "r1") == published
    (root / "plan.yaml").write_text("")
    ends[0] = None
    assert CliRunner().invoke(cli.app, [*RUN, "--force"]).exit_code == 0
    tiny.check_whole(root)


def test_the_process_itself_ends_with_the_code(root: Path) -> None:
    """A scheduler sees what the command line decided: a lock that another process holds."""
    with hold(root / "cycles" / tiny.CYCLE / "lock", "a run of tiny"):
        done = subprocess.run(
            [sys.executable, "-m", "planlib", *RUN, "--only", "01_intake"],
            env={**os.environ, "PYTHONPATH": str(DOCUMENT.parent.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == ExitCode.BUSY, done.stderr
    assert f"process {os.getpid()}" in done.stderr
    assert done.stderr.count("\n") == 1


def kinds(base: type[PlanError] = PlanError) -> set[type[PlanError]]:
    """All kinds of errors of the library."""
    return {base}.union(*(kinds(kind) for kind in base.__subclasses__()))


def test_every_error_has_a_code_of_the_list() -> None:
    """No kind of error, also of a module that is loaded later, ends with a number of its own."""
    assert {kind.exit_code for kind in kinds()} <= set(ExitCode)
    assert all(kind.exit_code != ExitCode.DONE for kind in kinds())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("TableError", ExitCode.BAD_INPUT),
        ("InputError", ExitCode.BAD_INPUT),
        ("InfeasibleError", ExitCode.INFEASIBLE),
        ("ZeroDivisionError", ExitCode.FAILED),
        ("", ExitCode.FAILED),
    ],
)
def test_a_failed_step_that_names_an_input_ends_as_bad_input(error: str, code: ExitCode) -> None:
    """Trying again helps only where the step does not say what is wrong with an input."""
    outcome = {"cause": "failed", "cell": 3, "error": error, "message": "accounts: empty"}
    assert as_error("02_segmentation", outcome, None).exit_code == code


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]], ids=" ".join)
def test_the_help_tells_them(arguments: list[str]) -> None:
    """All of them, in the words of the list."""
    output = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "200"}).output
    lines = [line.strip() for line in output.splitlines()]
    assert [line for line in exit_code_lines() if line not in lines] == []


def test_the_document_tells_them() -> None:
    """A row for each, and none for a code that does not exist."""
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    told = {cells[1].strip(): cells[2].strip() for row in rows if len(cells := row.split("|")) > 3}
    numbers = {key: text for key, text in told.items() if key.isdigit()}
    assert numbers == {str(code.value): code.meaning for code in ExitCode}, json.dumps(numbers)
