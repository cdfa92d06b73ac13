"""
Peers that need packages of their own: each runs in a virtual environment made when it is needed.

The environments lie in ``benchmarks/.environments`` (or where ``PLANLIB_BENCH_ENVIRONMENTS`` says);
delete the folder to make them anew. What cannot be installed is reported with the reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness.check import check_districts
from benchmarks.harness.tasks import Outcome, Task, no_plan
from benchmarks.peers import ENVIRONMENTS

FOLDER = Path(__file__).resolve().parents[1] / ".environments"
SCRIPT = Path(__file__).resolve().parents[1] / "peers" / "outside.py"


class NotInstalled(Exception):
    """A peer cannot be installed here; the text says why."""


def python_of(name: str) -> Path:
    """
    Give the interpreter of a peer's environment; it is made when it is not there.

    Raises
    ------
    NotInstalled
        With the last line of the installer.
    """
    home = Path(os.environ.get("PLANLIB_BENCH_ENVIRONMENTS") or FOLDER) / name
    python = home / "bin" / "python"
    ready = home / ".ready"
    if ready.is_file():
        return python
    steps = [
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check",
         "--only-binary", ":all:", *ENVIRONMENTS[name]],
    ]  # fmt: skip
    for step in steps:
        ended = subprocess.run(step, capture_output=True, text=True, check=False)
        if ended.returncode:
            lines = (ended.stderr or ended.stdout).strip().splitlines() or ["no reason given"]
            raise NotInstalled(f"not installed: {lines[-1]}")
    ready.touch()
    return python


def solve(task: Task) -> Outcome:
    """
    Run a peer on areas and check its districts.

    Raises
    ------
    NotInstalled
        The environment cannot be made.
    RuntimeError
        The peer failed, with the last line that it wrote, or did not end in time.
    """
    areas = task.make()
    python = python_of(task.solver)
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "areas.npz", Path(folder) / "made"
        np.savez(
            given, place=areas.place, load=areas.load, weight=areas.weight, edges=areas.edges,
            k=areas.k, lower=areas.lower, upper=areas.upper, objective=areas.objective,
        )  # fmt: skip
        order = [str(python), str(SCRIPT), task.options["method"], str(given), str(made),
                 str(task.limit)]  # fmt: skip
        longest = 4 * task.limit + 120
        try:
            ended = subprocess.run(
                order, capture_output=True, text=True, timeout=longest, check=False
            )
        except subprocess.TimeoutExpired:
            return no_plan(f"no plan after {longest:.0f} s")
        if ended.returncode:
            raise RuntimeError((ended.stderr.strip().splitlines() or ["failed"])[-1])
        outcome: Outcome = json.loads(made.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(made.with_suffix(".npz")) as kept:
            plan = kept["plan"]
    outcome |= {"name": areas.name, "best": areas.best, "proven": areas.proven}
    return outcome | check_districts(areas, plan)
