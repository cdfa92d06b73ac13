"""The examples for schedulers parse, and every command, option and path in them exists."""

from __future__ import annotations

import configparser
import contextlib
import datetime
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import jinja2
import pytest
import typer

from planlib import cli, resources
from planlib.cycle.current import WORDS, cycle_named
from planlib.cycle.parameters import notebook_cells
from planlib.errors import ExitCode, PeriodError, PlanError
from planlib.periods import Period

ROOT = Path(__file__).resolve().parent.parent
FOLDER = resources.templates_dir() / "schedules"
DOCUMENT = ROOT / "docs" / "running-each-cycle.md"
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@functools.cache
def command_group() -> Any:
    """Give all commands of the command line; made once, since that takes a while."""
    return typer.main.get_command(cli.app)


def check_command(words: list[str]) -> str:
    """Parse a command as the command line does, without running it; give its name."""
    name, *arguments = words
    command = command_group().get_command(None, name)
    assert command is not None, f"planlib has no command {name}"
    context = command.make_context(name, arguments)
    cycle = context.params.get("cycle") or "2026"
    if cycle not in WORDS:
        Period.parse(cycle.split("/")[0])
    return str(name)


def test_the_check_of_commands_can_fail() -> None:
    """A misspelt command, option or period does not pass."""
    assert check_command(["run", "acme", "--cycle", "last-week"]) == "run"
    for words in (["rum"], ["run", "acme", "--cicle", "2026"], ["run", "--cycle", "2026"]):
        with pytest.raises((AssertionError, Exception), match=r".+"):
            check_command(words)
    with pytest.raises(PlanError):
        check_command(["run", "acme", "--cycle", "last-fortnight"])


def test_the_crontab() -> None:
    """Five fields in their ranges, no bare percent sign, and commands that exist."""
    lines = (FOLDER / "crontab").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and "=" not in line[:15]]
    assert len(jobs) == 5
    names = []
    for job in jobs:
        *fields, command = job.split(maxsplit=5)
        for field, (low, high) in zip(fields, RANGES, strict=True):
            numbers = [int(one) for one in field.split(",") if one != "*"]
            assert all(low <= number <= high for number in numbers)
        assert "%" not in command
        program, *words = shlex.split(command.split(">>")[0])
        if program.endswith("run-cycle.sh"):
            assert (FOLDER / "run-cycle.sh").is_file()
            words = ["run", words[0], "--cycle", *words[1:]]
        else:
            assert program.endswith("/planlib")
        names.append(check_command(words))
    assert names == ["snapshot", "run", "run", "run", "prune"]


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit of systemd."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((FOLDER / name).read_text(encoding="utf-8"))
    return parser


def test_the_units_of_systemd() -> None:
    """They name each other, the command exists, and the exit codes are those of the list."""
    service, timer = unit("planlib.service"), unit("planlib.timer")
    program, *words = shlex.split(service["Service"]["ExecStart"])
    assert program.endswith("/planlib")
    assert check_command(words) == "run"
    assert service["Service"]["Type"] == "oneshot"
    fine = [int(code) for code in service["Service"]["SuccessExitStatus"].split()]
    assert fine == [ExitCode.BUSY, ExitCode.INTERRUPTED]
    final = [int(code) for code in service["Service"]["RestartPreventExitStatus"].split()]
    assert final == [ExitCode.BAD_INPUT, ExitCode.INFEASIBLE]
    assert (FOLDER / service["Unit"]["OnFailure"]).is_file()
    assert (FOLDER / timer["Timer"]["Unit"]).is_file()
    assert re.fullmatch(r"Mon \*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])
    assert "planlib.service" in unit("planlib-failed.service")["Service"]["ExecStart"]


class Recorder:
    """Stands for classes of Airflow and keeps what they are given."""

    made: list[Recorder]

    def __init__(self, name: str = "", **given: Any) -> None:
        self.name, self.given = name, given
        self.before: list[Recorder] = []
        type(self).made.append(self)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def __rshift__(self, other: Recorder) -> Recorder:
        other.before.append(self)
        return other


@pytest.fixture
def dag(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Recorder]]:
    """What the file of DAGs makes, with stand-ins for Airflow, by class."""
    kinds: dict[str, type[Recorder]] = {}
    places = {
        "airflow": (),
        "airflow.providers": (),
        "airflow.providers.papermill": (),
        "airflow.providers.papermill.operators": (),
        "airflow.providers.papermill.operators.papermill": ("PapermillOperator",),
        "airflow.providers.standard": (),
        "airflow.providers.standard.operators": (),
        "airflow.providers.standard.operators.bash": ("BashOperator",),
        "airflow.sdk": ("DAG",),
    }
    for place, names in places.items():
        module = types.ModuleType(place)
        for name in names:
            kinds[name] = type(name, (Recorder,), {"made": []})
            setattr(module, name, kinds[name])
        monkeypatch.setitem(sys.modules, place, module)
    source = (FOLDER / "airflow_dag.py").read_text(encoding="utf-8")
    exec(compile(source, "airflow_dag.py", "exec"), {"__name__": "dag", "__doc__": "x"})  # noqa: S102 - our own file
    return {name: kind.made for name, kind in kinds.items()}


def test_the_dag_runs_commands_that_exist(dag: dict[str, list[Recorder]]) -> None:
    """Its template gives the ISO week of the interval; a held cycle is skipped, not failed."""
    assert [one.name for one in dag["DAG"]] == ["weekly_plan", "pipeline_notebook"]
    assert all(one.given["max_active_runs"] == 1 for one in dag["DAG"])
    run, publish = dag["BashOperator"]
    day = datetime.datetime(2027, 1, 1, 5)  # a Friday of week 53 of the year before
    text = jinja2.Template(run.given["bash_command"]).render(data_interval_start=day)
    command, rest = text.split(" || ")
    assert shlex.split(command)[1:] == ["run", "/srv/plans/acme", "--cycle", "2026W53"]
    assert check_command(shlex.split(command)[1:]) == "run"
    assert f"[ $code -eq {ExitCode.BUSY} ] && exit {run.given['skip_on_exit_code']}" in rest
    assert check_command(shlex.split(publish.given["bash_command"])[1:]) == "publish"
    assert publish.before == dag["PapermillOperator"]


def test_the_dag_gives_a_notebook_its_own_parameters(dag: dict[str, list[Recorder]]) -> None:
    """The notebook exists, and its parameters cell declares each of them."""
    (notebook,) = dag["PapermillOperator"]
    path = resources.notebooks_dir() / Path(notebook.given["input_nb"]).name
    assert set(notebook.given["parameters"]) <= declared(path)
    assert Path(notebook.given["output_nb"]).suffix == ".ipynb"


@pytest.mark.skipif(os.name != "posix", reason="a script of the shell")
@pytest.mark.parametrize(("code", "ends"), [(0, 0), (2, 2), (4, 4), (ExitCode.BUSY, 99)])
def test_the_dag_keeps_the_exit_code(dag: dict[str, list[Recorder]], code: int, ends: int) -> None:
    """What the task ends with for what the command ended with."""
    text = dag["BashOperator"][0].given["bash_command"]
    stand_in = text.replace(text.split(" || ")[0], f"sh -c 'exit {code:d}'")
    done = subprocess.run(["/bin/bash", "-c", stand_in], check=False)
    assert done.returncode == ends


def declared(path: Path) -> set[str]:
    """Names in the parameters cell of a notebook."""
    (cell,) = [
        cell for cell in notebook_cells(path) if "parameters" in cell["metadata"].get("tags", [])
    ]
    return set(re.findall(r"^(\w+) = ", "".join(cell["source"]), re.MULTILINE))


def test_the_job_of_jupyter_scheduler() -> None:
    """Fields that its interface takes (2.12), a notebook that exists, parameters it declares."""
    job = json.loads((FOLDER / "jupyter-scheduler-job.json").read_text(encoding="utf-8"))
    known = {
        "input_uri", "input_filename", "runtime_environment_name", "output_formats", "parameters",
        "runtime_environment_parameters", "tags", "name", "output_filename_template", "schedule",
        "compute_type", "timezone", "package_input_folder",
    }  # fmt: skip
    assert set(job) <= known
    assert {"input_uri", "runtime_environment_name", "schedule"} <= set(job)
    path = FOLDER / Path(job["input_uri"]).name
    assert path.is_file()
    assert set(job["parameters"]) == declared(path)
    assert job["parameters"]["cycle"] in WORDS
    assert len(job["schedule"].split()) == 5


@pytest.mark.parametrize("code", [0, 2, 4, 5])
def test_the_job_fails_when_the_cycle_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    """Its notebook calls the command and raises where that did not end well."""
    called: list[list[str]] = []

    def stand_in(command: list[str], **_given: object) -> types.SimpleNamespace:
        called.append(command)
        return types.SimpleNamespace(returncode=code, stdout="fine", stderr="words")

    monkeypatch.setattr(subprocess, "run", stand_in)
    cells = [
        "".join(cell["source"])
        for cell in notebook_cells(FOLDER / "run_cycle.ipynb")
        if cell["cell_type"] == "code"
    ]
    fails = pytest.raises(RuntimeError, match=f"ended with {code}")
    with fails if code in (2, 4) else contextlib.nullcontext():
        exec("\n".join(cells), {})  # noqa: S102 - our own file
    assert called[0][:3] == [sys.executable, "-m", "planlib"]
    assert check_command(called[0][3:]) == "run"
    assert "words" in capsys.readouterr().out


@pytest.fixture
def script(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A workbook with an awkward name, and the environment with a stand-in for planlib."""
    root = tmp_path / "client 华东 1"
    root.mkdir()
    (root / "plan.yaml").write_text("")
    command = tmp_path / "planlib"
    command.write_text('#!/bin/sh\necho "$@"\n[ -n "$WAIT" ] && sleep "$WAIT"\nexit $CODE\n')
    command.chmod(0o755)
    return root, {**os.environ, "PLANLIB": str(command), "CODE": "0", "WAIT": ""}


def call(*arguments: str, **given: Any) -> subprocess.CompletedProcess[str]:
    """Call the script for cron."""
    command = ["sh", str(FOLDER / "run-cycle.sh"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **given)


@pytest.mark.skipif(os.name != "posix", reason="a script of the shell")
@pytest.mark.parametrize("code", [0, 2, 3, 4, 5, 130])
def test_the_script_for_cron_tells_only_of_failures(
    script: tuple[Path, dict[str, str]], code: int
) -> None:
    """Cron mails what stands on the standard error; the log has all, and the code is kept."""
    root, environment = script
    done = call(str(root), "week", "--workers", "1", env={**environment, "CODE": str(code)})
    (log,) = (root / "logs").glob("*-week.log")
    assert f"run {root} --cycle week --workers 1" in log.read_text(encoding="utf-8")
    assert f"ended with {code}" in log.read_text(encoding="utf-8")
    assert done.stdout == ""
    if code in (ExitCode.DONE, ExitCode.BUSY):
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == code
        assert f"ended with {code}; the end of" in done.stderr
        assert "--workers 1" in done.stderr


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock of util-linux is not installed")
def test_two_runs_by_cron_do_not_overlap(script: tuple[Path, dict[str, str]]) -> None:
    """The second notes that and ends well; when the first has ended, the next one runs."""
    import fcntl

    root, environment = script
    (root / "logs").mkdir()
    with (root / "logs" / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert call(str(root), "week", env=environment).returncode == 0
    (log,) = (root / "logs").glob("*-week.log")
    assert "another run of this workbook is under way" in log.read_text(encoding="utf-8")
    assert "--cycle" not in log.read_text(encoding="utf-8")
    call(str(root), "week", env=environment)
    assert "--cycle week" in log.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="a script of the shell")
def test_the_script_refuses_what_is_no_workbook(tmp_path: Path) -> None:
    """In one line, and with nothing made."""
    done = call(str(tmp_path / "nothing"), "week")
    assert done.returncode == ExitCode.BAD_INPUT
    assert done.stderr.count("\n") == 1
    assert call(str(tmp_path)).returncode == ExitCode.BAD_INPUT
    assert list(tmp_path.iterdir()) == []


def test_words_stand_for_the_period_of_today(tmp_path: Path) -> None:
    """In the fiscal year of the workbook; a period stays as it is."""
    (tmp_path / "plan.yaml").write_text("fiscal_year: {start_month: 2}\n")
    day = datetime.date(2027, 1, 2)
    told = {word: cycle_named(tmp_path, word, day) for word in WORDS}
    assert told["week"] == "2026W53"
    assert told["last-week"] == "2026W52"
    assert told["month"] == "2027-01"
    assert told["last-month"] == "2026-12"
    assert told["quarter"] == "2027Q4"
    assert told["last-quarter"] == "2027Q3"
    assert told["year"] == "2027"
    assert told["last-year"] == "2026"
    assert told["day"] == "2027-01-02"
    assert cycle_named(tmp_path, "2026Q1", day) == "2026Q1"
    with pytest.raises(PeriodError, match="'last-wek' is no period; did you mean 'last-week'?"):
        cycle_named(tmp_path, "last-wek", day)
    assert cycle_named(tmp_path, "nonsense", day) == "nonsense"
    today = cycle_named(tmp_path, "day")
    assert abs((datetime.date.fromisoformat(today) - datetime.date.today()).days) <= 1


def blocks() -> list[str]:
    """Lines of the document's examples."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [line.split("  #")[0].strip() for block in found for line in block.splitlines()]


def test_every_command_of_the_document_exists() -> None:
    """With its options, and periods that can be read; files that it names are there."""
    commands = [shlex.split(line)[1:] for line in blocks() if line.startswith("planlib ")]
    names = {check_command(words) for words in commands}
    assert {"run", "status", "compare", "pdf", "prune", "publish", "snapshot"} <= names
    text = DOCUMENT.read_text(encoding="utf-8")
    named = re.findall(r"\]\((\.\./[^)#]+)\)", text)
    assert len(named) > 5
    assert [name for name in named if not (DOCUMENT.parent / name).exists()] == []


def test_papermill_of_the_document_gives_declared_parameters() -> None:
    """The example on one notebook names parameters that it has."""
    lines = [line for line in blocks() if line.startswith("papermill ")]
    assert lines
    for line in lines:
        words = shlex.split(line)
        names = [words[place + 1] for place, word in enumerate(words) if word == "-p"]
        assert set(names) <= declared(ROOT / words[1])
