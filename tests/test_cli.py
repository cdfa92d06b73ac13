"""The command line: exit codes, one message per error, and what to open next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import planlib
from planlib import cli
from planlib.cycle import runner
from planlib.errors import InfeasibleError
from tests.faults import tiny


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    """The width of the console does not matter."""
    monkeypatch.setattr(cli.out, "_width", 200)
    monkeypatch.setattr(cli.err, "_width", 200)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A tiny workbook; the command line runs its steps with stand-ins."""
    monkeypatch.chdir(tmp_path)
    root = tiny.make_workbook(tmp_path)
    original = runner.run_cycle

    def run_tiny(workbook, cycle, options=None, **given):
        def write_report(wb):
            (wb.target / "report.html").write_text("fine")

        return original(
            workbook,
            cycle,
            options,
            **{
                "steps": tiny.make_steps(),
                "execute": tiny.pretend,
                "finishers": (write_report,),
                **given,
            },
        )

    monkeypatch.setattr(runner, "run_cycle", run_tiny)
    return root


def call(*arguments):
    """Call the command line in this process."""
    return CliRunner().invoke(cli.app, list(arguments))


def test_a_run_says_each_notebook_and_what_to_open(root):
    """Without a terminal: plain lines, the path of the report, exit 0."""
    result = call("run", "tiny", "--cycle", "2026Q1")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert "01_intake  started (never run)" in lines
    assert any(line.startswith("03_plan  done") for line in lines)
    report = Path("tiny", "cycles", "2026Q1", "r1", "report.html")
    assert f"report     {report}" in lines
    assert "\x1b" not in result.output


def test_a_second_run_says_that_nothing_has_changed(root):
    """And names the revision that stands."""
    call("run", "tiny", "--cycle", "2026Q1")
    result = call("run", "tiny", "--cycle", "2026Q1")
    assert result.exit_code == 0
    assert "nothing has changed since 2026Q1/r1; nothing was run" in result.output
    assert "02_segments  unchanged since r1" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "tiny"], "--cycle"),
        (["run", "nothing", "--cycle", "2026"], "there is no workbook 'nothing'"),
        (["run", "tiny", "--cycle", "[red]x"], r"period '[red]x' is not a period"),
        (["run", "tiny", "--cycle", "2026", "--only", "02_segmentz"], "did you mean '02_segments'"),
        (["run", "tiny", "--cycle", "2026", "-p", "faktor=1"], "did you mean 'factor'"),
        (["run", "tiny", "--cycle", "2026", "-p", "__class__=1"], "not the name of a parameter"),
        (["run", "tiny", "--cycle", "2026", "--as-of", "soon"], "--as-of 'soon' is not a date"),
        (["run", "tiny", "--cycle", "2026", "--workers", "0"], "workers"),
        (["nonsense"], "No such command"),
        (["status", "tiny", "--on", "soon"], "is not a date"),
        (["publish", "tiny", "--cycle", "2026"], "no draft to publish"),
        (["report", "tiny", "--cycle", "2026"], "no published revision yet"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_message(root, arguments, message):
    """No traceback, no markup that swallows text."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "run again to resume"),
        (InfeasibleError("no plan within [0, 1]"), 3, "error: no plan within [0, 1]"),
        (OSError(28, "No space left on device", "x.parquet"), 4, "No space left on device"),
        (ZeroDivisionError("odd"), 4, "unexpected ZeroDivisionError: odd; give --debug"),
    ],
)
def test_every_end_has_its_exit_code(root, monkeypatch, error, code, message):
    """Interrupted, infeasible, full disk, and what nobody thought of."""

    def fail(*_args, **_given):
        raise error

    monkeypatch.setattr(runner, "run_cycle", fail)
    result = call("run", "tiny", "--cycle", "2026Q1")
    assert result.exit_code == code
    assert message in result.output
    assert "Traceback" not in result.output
    assert "Traceback" in call("run", "tiny", "--cycle", "2026Q1", "--debug").output


def test_a_failed_notebook_ends_with_4_and_says_how_to_open_it(root, monkeypatch):
    """Notebook, cell and error in one message; then how to go on."""
    original = runner.run_cycle

    def fail(job):
        if job.step != "02_segments":
            return tiny.pretend(job)
        return {
            "state": "killed",
            "cause": "kernel_died",
            "cell": 5,
            "code": "fit(x)",
            "error": "",
            "message": "Kernel died",
            "seconds": 1.0,
        }

    monkeypatch.setattr(
        runner, "run_cycle", lambda *args, **given: original(*args, **given, execute=fail)
    )
    result = call("run", "tiny", "--cycle", "2026Q1")
    assert result.exit_code == 4
    assert "error: 02_segments kernel died: in code cell 5 (fit(x)): Kernel died" in result.output
    assert "run the same command again to resume" in result.output
    assert "03_plan  blocked: needs 02_segments" in result.output


def test_a_dry_run_writes_nothing(root, monkeypatch):
    """It says what would run and why."""
    from planlib import steps

    monkeypatch.setattr(steps, "STEPS", tiny.make_steps())
    before = sorted(root.rglob("*"))
    result = call("run", "tiny", "--cycle", "2026Q1", "--dry-run")
    assert result.exit_code == 0
    assert "never run" in result.output
    assert sorted(root.rglob("*")) == before


def test_status_shows_cycles_and_steps(root):
    """What is published, and what is due on a day."""
    call("run", "tiny", "--cycle", "2026Q1")
    result = call("status", "tiny", "--on", "2026-04-01")
    assert result.exit_code == 0
    assert "2026Q1" in result.output
    assert "r1" in result.output
    assert "02_segmentation" in result.output


def test_a_report_is_built_anew(root, monkeypatch):
    """As a new revision, which is named."""
    from planlib.cycle import finish

    monkeypatch.setattr(finish, "finishers", lambda: ())
    call("run", "tiny", "--cycle", "2026Q1")
    result = call("report", "tiny", "--cycle", "2026Q1")
    assert result.exit_code == 0
    assert str(Path("2026Q1", "r2", "notebooks")) in result.output


@pytest.fixture
def samples(root, monkeypatch):
    """Let the tiny workbook be the sample."""
    from planlib import resources

    folder = root.parent / "samples"
    folder.mkdir()
    root.rename(folder / "software")
    (folder / "software" / "cycles").mkdir()
    monkeypatch.setattr(resources, "samples_dir", lambda: folder)
    return folder


def test_the_demo_copies_a_sample_and_runs_it(samples):
    """The sample itself is not written; a second demo runs nothing."""
    result = call("demo")
    assert result.exit_code == 0
    assert "copied the sample 'software' to planlib-demo" in result.output
    assert Path("planlib-demo/cycles/2026Q1/r1/report.html").is_file()
    assert list((samples / "software" / "cycles").iterdir()) == []
    assert "nothing was run" in call("demo").output


def test_the_demo_does_not_mix_with_other_files(samples):
    """An unknown sample, or a folder of that name with something else in it, is refused."""
    assert "samples are software" in call("demo", "--sample", "softwear").output
    Path("planlib-demo").mkdir()
    Path("planlib-demo/mine.txt").write_text("mine")
    result = call("demo")
    assert result.exit_code == 2
    assert "is no workbook; move it away" in result.output


def test_check_and_snapshot_are_those_of_intake(root, monkeypatch):
    """The exit code of the check is handed on; a snapshot says what it kept."""
    from planlib import intake

    def checked(workbook, as_of, say, *, details):
        say("bad in detail" if details else "bad")
        return 2

    monkeypatch.setattr(intake, "check_workbook", checked)
    monkeypatch.setattr(intake, "snapshot_workbook", lambda workbook, as_of: None)
    result = call("check", "tiny")
    assert (result.exit_code, result.output.strip()) == (2, "bad")
    assert call("check", "tiny", "--details").output.strip() == "bad in detail"
    assert "nothing new since the last snapshot" in call("snapshot", "tiny").output


def test_a_draft_is_mentioned_after_a_run(root):
    """It hides what was just published from interactive sessions."""
    draft = root / "cycles" / "2026Q1" / "draft" / "tables"
    draft.mkdir(parents=True)
    (draft / "x.parquet").write_bytes(b"")
    assert (
        "Notebooks read the tables of draft/ first"
        in call("run", "tiny", "--cycle", "2026Q1").output
    )


def test_the_version_is_printed():
    """By the command and as a module."""
    assert call("version").output.strip() == planlib.__version__
    done = subprocess.run(
        [sys.executable, "-m", "planlib", "version"], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == planlib.__version__


@pytest.fixture
def heard():
    """Hear Ctrl-C also where a shell has turned it off, as it does for what runs in background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("heard")
def test_an_interrupted_process_ends_with_130(tmp_path, sign):
    """Ctrl-C and the scheduler's polite end both leave a state that can be resumed."""
    root = tiny.make_workbook(tmp_path)
    tiny.make_notebook(root / "notebooks" / "01_intake.ipynb", "import time\ntime.sleep(60)")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "planlib",
            "run",
            str(root),
            "--cycle",
            "2026Q1",
            "--only",
            "01_intake",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = tiny.folder_of(root).building / "run.json"
    until = time.monotonic() + 60
    while not (log.exists() and '"running"' in log.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(sign)
    try:
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, errors
    assert "interrupted" in errors
    assert "Traceback" not in output + errors
    assert '"state": "killed"' in log.read_text()
