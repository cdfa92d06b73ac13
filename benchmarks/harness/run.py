"""Run the tasks of a group, each in a process of its own, and keep what came out."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.harness import environments
from benchmarks.harness.tasks import Group, Outcome, Task, no_plan
from benchmarks.instances import Missing
from benchmarks.peers import ENVIRONMENTS

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "benchmarks" / ".runs"  # plans and prices of the run; may be deleted at any time


class Stopped(Exception):
    """A process was ended before it had an answer."""


def run_group(
    group: Group, full: bool, known: list[Outcome], keep: Callable[[list[Outcome]], None]
) -> list[Outcome]:
    """
    Run what is not known yet.

    Parameters
    ----------
    group
        Whose tasks are run.
    full
        Whether the long list is run.
    known
        Outcomes of an earlier run; those of the same tasks are not measured again.
    keep
        Called after each task with all outcomes so far.
    """
    done = {outcome["key"]: outcome for outcome in known if not outcome.get("error")}
    outcomes: list[Outcome] = []
    tasks = group.tasks(full)
    for task in tasks:
        outcome = done.get(task.key) or run_task(task, tasks)
        outcomes.append(outcome)
        keep(outcomes)
    return outcomes


def run_task(task: Task, tasks: list[Task]) -> Outcome:
    """Run one task; an error is part of the outcome, never the end of the run."""
    outcome: Outcome = {"key": task.key, "size": task.size, "who": task.who, "solver": task.solver,
                        "instance": task.instance, "limit": task.limit}  # fmt: skip
    try:
        if task.solver in ENVIRONMENTS:
            return outcome | environments.solve(task)
        prices = _prices(task, tasks)
        return outcome | measure(task, stem_of(task), prices)
    except Missing as missing:
        return outcome | {"absent": str(missing)}
    except environments.NotInstalled as reason:
        return outcome | {"absent": str(reason)}
    except Stopped as reason:
        if not task.solver.startswith("planlib"):
            return outcome | no_plan(str(reason))
        return outcome | {"error": str(reason)}
    except (RuntimeError, OSError) as error:
        return outcome | {"error": str(error)}


def stem_of(task: Task) -> Path:
    """Say where plan and prices of a task are kept."""
    RUNS.mkdir(exist_ok=True)
    return RUNS / hashlib.sha256(task.key.encode()).hexdigest()[:24]


def _prices(task: Task, tasks: list[Task]) -> Path | None:
    """Find the prices that say which pairs to keep; they are made first if they are not there."""
    if not task.prices_from:
        return None
    source = next(
        (one for one in tasks if one.who == task.prices_from and one.instance == task.instance),
        None,
    )
    if source is None:
        raise RuntimeError(f"no task of {task.prices_from} on {task.instance} gives prices")
    file = stem_of(source).with_suffix(".npz")
    if not file.is_file():
        measure(source, stem_of(source), None)
    return file


def measure(task: Task, stem: Path, prices: Path | None) -> Outcome:
    """
    Run a task in a process of its own.

    Raises
    ------
    Stopped
        The process did not end in time, or was ended from outside.
    RuntimeError
        The process failed, with the last line that it wrote.
    Missing
        The instance is not available here.
    """
    task_text = {"task": asdict(task), "stem": str(stem), "prices": str(prices or "")}
    longest = 6 * task.limit * (1 + task.warm) + 900
    surroundings = dict(os.environ)
    with tempfile.TemporaryDirectory() as empty:
        if task.options.get("compile"):
            surroundings["NUMBA_CACHE_DIR"] = empty
            options = {key: value for key, value in task.options.items() if key != "compile"}
            task_text["task"] = asdict(task) | {"options": options}
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "benchmarks.harness.child"], input=json.dumps(task_text),
                capture_output=True, text=True, cwd=ROOT, env=surroundings, timeout=longest,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Stopped(f"did not end within {longest:.0f} s") from None
    if ended.returncode < 0:
        raise Stopped(f"ended by signal {-ended.returncode}, as when memory runs out")
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"])[-1]
        if last.startswith("benchmarks.instances.published.Missing"):
            raise Missing(last.split(": ", 1)[-1])
        raise RuntimeError(last)
    outcome: Outcome = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
    return outcome
