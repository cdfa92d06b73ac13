"""A tiny workbook with four steps: real notebooks that take little, and stand-ins without kernel.

Every table holds the mark that stood in the input file when it was made, so that a mixture of old
and new would show.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.cycle.execute import Job, run_job
from planlib.cycle.runner import RunResult, run_cycle
from planlib.cycle.selection import RunOptions
from planlib.steps import Step
from planlib.store.atomic import read_json, write_json
from planlib.store.frames import stored_hash, write_frame
from planlib.store.layout import CycleFolder

CYCLE = "2026Q1"
AS_OF = "2026-03-31"
READS = {
    "01_intake": (),
    "02_segments": ("accounts",),
    "03_plan": ("accounts", "tiny_segments"),
    "06_pipeline": ("accounts",),
}
WRITES = {
    "01_intake": (),
    "02_segments": ("tiny_segments",),
    "03_plan": ("tiny_plan",),
    "06_pipeline": ("tiny_pipeline",),
}
CADENCES = {"01_intake": "day", "02_segments": "year", "03_plan": "quarter", "06_pipeline": "week"}

#: A cell that does what a step does, without loading the library.
CELL = """
import json, os, pathlib
import pyarrow as pa
import pyarrow.parquet as pq
stage = pathlib.Path(os.environ["PLANLIB_STAGE"])
root = pathlib.Path(os.environ["PLANLIB_WORKBOOK"])
step = os.environ["PLANLIB_STEP"]
sources = json.loads((stage / "sources.json").read_text())["tables"]
"""
TAKE_IN = """
mark = (root / "inputs" / "accounts.csv").read_text().split()[-1]
(stage / "inputs").mkdir()
pq.write_table(pa.table({"account_id": ["007"], "name": [mark]}),
               stage / "inputs" / "accounts.parquet")
(stage / "inputs" / "inputs.json").write_text('{"as_of": "2026-03-31", "facts": {}}')
"""
COMPUTE = """
read = {name: pq.read_table(found["path"]).to_pydict()
        for name, found in sources.items() if found}
mark = read["accounts"]["name"][0]
(stage / "tables").mkdir()
pq.write_table(pa.table({"mark": [mark], "factor": [factor]}),
               stage / "tables" / f"tiny_{step[3:]}.parquet")
"""


def make_steps(**changes: Any) -> dict[str, Step]:
    """Make the four steps; a change replaces ``required`` or other fields of one step."""
    steps = {}
    for name, reads in READS.items():
        fields: dict[str, Any] = {
            "name": name,
            "title": name,
            "decides": "nothing",
            "required": reads[:1],
            "optional": reads[1:],
            "writes": WRITES[name],
            "settings": (),
            "cadence": CADENCES[name],
            "module": "",
        }
        steps[name] = Step(**{**fields, **changes.get(name[3:], {})})
    return steps


def make_notebook(path: Path, *cells: str, parameters: str = "factor = None") -> Path:
    """Write a notebook with a parameters cell and the given code cells."""
    given = f'workbook = "tiny"\ncycle = "{CYCLE}"\n{parameters}'
    sources = [(given, ["parameters"]), *((cell, []) for cell in cells)]
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{place}",
                "metadata": {"tags": tags},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for place, (source, tags) in enumerate(sources)
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, content)
    return path


def make_workbook(folder: Path, mark: str = "old", plan: str = "") -> Path:
    """Make the workbook with its own notebooks; ``mark`` stands in its input file."""
    root = folder / "tiny"
    (root / "inputs").mkdir(parents=True)
    (root / "plan.yaml").write_text(plan, encoding="utf-8")
    set_mark(root, mark)
    for name in READS:
        work = TAKE_IN if name == "01_intake" else COMPUTE
        make_notebook(root / "notebooks" / f"{name}.ipynb", CELL, work)
    return root


def set_mark(root: Path, mark: str) -> None:
    """Change the input file."""
    (root / "inputs" / "accounts.csv").write_text(
        f"account_id,name\n007,{mark}\n", encoding="utf-8"
    )


def pretend(job: Job, pause: float = 0.0) -> dict[str, Any]:
    """Do what the notebook of a step does, without a kernel."""
    stage = Path(job.stage)
    time.sleep(pause)
    if job.step == "01_intake":
        mark = (Path(job.root) / "inputs" / "accounts.csv").read_text().split(",")[-1].strip()
        write_frame(
            stage / "inputs" / "accounts.parquet",
            pd.DataFrame({"account_id": ["007"], "name": [mark]}),
        )
        write_json(stage / "inputs" / "inputs.json", {"as_of": AS_OF, "facts": {}})
    else:
        sources = read_json(stage / "sources.json")["tables"]
        mark = pd.read_parquet(sources["accounts"]["path"])["name"].iloc[0]
        factor = [job.parameters.get("factor")]
        write_frame(
            stage / "tables" / f"tiny_{job.step[3:]}.parquet",
            pd.DataFrame({"mark": [mark], "factor": pd.Series(factor, dtype="float64")}),
        )
    write_json(stage / "notebooks" / f"{job.step}.ipynb", {"cells": [], "metadata": {}})
    return {
        "state": "succeeded",
        "cause": "",
        "cell": 0,
        "code": "",
        "error": "",
        "message": "",
        "seconds": 0.0,
    }


def pretend_slowly(job: Job) -> dict[str, Any]:
    """Do the same in a time that leaves room to be killed."""
    return pretend(job, pause=0.05)


def run(root: Path, options: RunOptions | None = None, **changes: Any) -> RunResult:
    """Run the cycle with stand-ins, unless ``execute`` says otherwise."""
    given = {"steps": make_steps(), "finishers": (), "execute": pretend, **changes}
    return run_cycle(root, given.pop("cycle", CYCLE), options, **given)


def run_slowly(root: str) -> None:
    """Run the cycle in a process that a test kills."""
    run(Path(root), execute=pretend_slowly)


def run_really(root: str) -> None:
    """Run the cycle with real kernels in a process that a test kills."""
    run(Path(root), execute=run_job)


def process_context() -> Any:
    """Give a way to start processes that have the library loaded already, where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.tiny"])
    return context


def folder_of(root: Path, cycle: str = CYCLE) -> CycleFolder:
    """Give the cycle's folder."""
    return CycleFolder(root, cycle)


def marks(revision: Path) -> set[str]:
    """Give the marks that stand in the tables of a revision; more than one is a mixture."""
    found = set()
    for path in sorted(revision.glob("*/*.parquet")):
        frame = pd.read_parquet(path)
        found |= set(frame["name" if "name" in frame else "mark"])
    return found


def contents(revision: Path) -> Mapping[str, str]:
    """Give the content hash of every table of a revision."""
    return {path.stem: stored_hash(path) for path in sorted(revision.glob("*/*.parquet"))}


def check_whole(root: Path) -> Path:
    """Check that the published revision is whole and not mixed, and give it."""
    revision = folder_of(root).current()
    assert revision is not None
    manifest = json.loads((revision / "manifest.json").read_text(encoding="utf-8"))
    assert contents(revision) == {
        name: table["content"] for name, table in manifest["tables"].items()
    }
    assert len(marks(revision)) == 1
    return revision
