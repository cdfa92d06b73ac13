"""Execute the notebooks on the software sample and store their outputs (``make notebooks``).

The notebooks run in a copy of the project beside a published cycle of the same files and an empty
draft, in their order, so that what is stored depends on committed files alone. Running twice gives
identical files. The tests make the same copy to compare stored outputs with new ones.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from PIL import Image, ImageColor
from traitlets.config import Config

from planlib.charts.base import COLORS, SERIES
from planlib.cycle.explain import explain
from planlib.cycle.prepare import prepare
from planlib.cycle.selection import RunOptions
from planlib.steps import Step
from planlib.store.frames import read_frame
from planlib.store.history import append_snapshot
from planlib.store.layout import CycleFolder
from planlib.store.resolve import revision_as_of, table_path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = "software"
CYCLE = "2026Q1"
CELL_TIMEOUT = 300  # seconds
STARTUP_TIMEOUT = 120  # seconds
COLOURS = 64  # in a stored picture
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

#: A style sheet of a display; stored once in each notebook, and not compared by nbval.
STYLE_SHEET = re.compile(r"<style>.*?</style>\n?", re.DOTALL)

#: Written by runs: these never come along into the copy.
_WRITTEN = ("cycles", "history", ".ipynb_checkpoints")

#: Live widgets have random ids; the plain text beside them is what is stored.
DROPPED_OUTPUTS = ("application/vnd.jupyter.widget-view+json",)


@dataclass(frozen=True)
class Project:
    """A copy of notebooks and one sample, as a user has them after ``make cycle``."""

    folder: Path

    @property
    def workbook(self) -> Path:
        """Folder of the sample."""
        return self.folder / "data_samples" / SAMPLE

    @property
    def notebooks(self) -> list[Path]:
        """Notebooks in the order of the cycle."""
        return sorted((self.folder / "notebooks").glob("*.ipynb"))


def make_project(folder: Path) -> Project:
    """
    Copy notebooks and sample into a folder, and run the planning cycle there once.

    Where the checkout has a published cycle and nothing that it depends on has changed since, that
    cycle is taken over instead: a run would give the same.

    Parameters
    ----------
    folder
        A folder that does not exist yet.

    Raises
    ------
    RuntimeError
        If the cycle fails; the message holds what it printed.
    """
    project = Project(folder)
    ignore = shutil.ignore_patterns(*_WRITTEN)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=ignore)
    shutil.copytree(ROOT / "data_samples" / SAMPLE, project.workbook, ignore=ignore)
    if take_over(CycleFolder(ROOT / "data_samples" / SAMPLE, CYCLE), project.workbook):
        return project
    workbook = project.workbook.relative_to(folder).as_posix()
    command = [sys.executable, "-m", "planlib", "run", workbook, "--cycle", CYCLE]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command[1:])} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return project


def take_over(
    published: CycleFolder, workbook: Path, steps: Mapping[str, Step] | None = None
) -> bool:
    """
    Take over the published revision of another copy of a workbook, where a run would repeat it.

    Parameters
    ----------
    published
        The cycle of the other copy.
    workbook
        Folder of a workbook that has neither cycles nor history yet.
    steps
        Replace the package's steps.

    Returns
    -------
    bool
        False where nothing is published or a step would run; the workbook is then as it was.
    """
    revision = published.current()
    if revision is None:
        return False
    taken = CycleFolder(workbook, published.cycle)
    shutil.copytree(revision, taken.path / "r1")
    taken.point_to(1)
    _leave_snapshot(workbook, taken.path / "r1")
    intentions = explain(prepare(workbook, published.cycle, RunOptions(), steps, None))
    if all(one.action in ("carry over", "leave out") for one in intentions):
        return True
    for written in ("cycles", "history"):
        shutil.rmtree(workbook / written, ignore_errors=True)
    return False


def _leave_snapshot(workbook: Path, revision: Path) -> None:
    """Leave the snapshot of opportunities behind that the intake of a revision leaves."""
    day, stored = revision_as_of(revision), table_path(revision, "opportunities")
    if day is not None and stored.is_file():
        append_snapshot(workbook / "history" / "opportunities", read_frame(stored), day)


def kernel_environment() -> dict[str, str]:
    """Give the environment without what would change pictures or where a notebook writes."""
    left_out = ("MPLBACKEND", "PLANLIB_REVISION", "PYTEST_ADDOPTS")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def execute(path: Path) -> NotebookNode:
    """
    Execute a notebook in a kernel of its own, in its own folder.

    Returns
    -------
    NotebookNode
        With outputs and execution counts, cleaned by ``clean``.

    Raises
    ------
    CellExecutionError, CellTimeoutError, DeadKernelError
        If a cell fails, takes too long, or the kernel dies.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    config = Config()
    config.KernelManager.transport_encryption = "auto"  # else each kernel prints a warning
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        startup_timeout=STARTUP_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
        config=config,
    )
    client.execute(env=kernel_environment())
    return clean(notebook)


def clean(notebook: NotebookNode) -> NotebookNode:
    """
    Keep sources, cell ids, tags, outputs and counts; drop all that differs between runs.

    Parameters
    ----------
    notebook
        An executed notebook; it is not changed.
    """
    cells = [_clean_cell(cell) for cell in notebook.cells]
    _style_once(cells)
    metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    made: NotebookNode = nbformat.from_dict(content)  # type: ignore[no-untyped-call]
    return made


def _style_once(cells: list[dict[str, Any]]) -> None:
    """Keep each style sheet where it first stands: it holds for the whole page."""
    known: set[str] = set()

    def first_only(found: re.Match[str]) -> str:
        repeats = found.group(0) in known
        known.add(found.group(0))
        return "" if repeats else found.group(0)

    for cell in cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                page = STYLE_SHEET.sub(first_only, output["data"]["text/html"])
                output["data"]["text/html"] = page


def _clean_cell(cell: NotebookNode) -> dict[str, object]:
    tags = cell.metadata.get("tags")
    kept: dict[str, object] = {
        "id": cell.id,
        "cell_type": cell.cell_type,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": cell.source,
    }
    if cell.cell_type == "code":
        kept["execution_count"] = cell.execution_count
        kept["outputs"] = [_clean_output(output) for output in cell.outputs]
    return kept


def _clean_output(output: NotebookNode) -> dict[str, object]:
    kept = {key: value for key, value in output.items() if key != "metadata"}
    if "data" in output:
        kept["metadata"] = {}
        kept["data"] = {
            kind: smaller_picture(value) if kind == "image/png" else value
            for kind, value in output.data.items()
            if kind not in DROPPED_OUTPUTS
        }
    return kept


def smaller_picture(picture: str) -> str:
    """
    Store a picture with a palette of colours, which takes a third of the space.

    Parameters
    ----------
    picture
        PNG in base64.

    Returns
    -------
    str
        PNG in base64, of the same size in pixels.
    """
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    reduced = flat.quantize(palette=_palette(flat), dither=Image.Dither.NONE)
    stored = io.BytesIO()
    reduced.save(stored, "PNG", optimize=True)
    return base64.b64encode(stored.getvalue()).decode("ascii")


def _palette(picture: Image.Image) -> Image.Image:
    """
    Give a palette with the colours that mean something and the commonest ones, the rest by cut.

    A rep's colour on a map covers few pixels: by number alone it would become another's grey.
    """
    counted = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)
    common = [color for _, color in counted if isinstance(color, tuple)]
    meant = {ImageColor.getrgb(code) for code in (*SERIES, *COLORS.values())}
    common = sorted(common, key=lambda color: color not in meant)[: COLOURS // 2]
    cut = picture.quantize(COLOURS - len(common), Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for color in common for part in color] + cut)
    return palette


def execute_all(names: list[str]) -> list[str]:
    """
    Execute notebooks in a fresh project and store them in the checkout.

    Parameters
    ----------
    names
        Names or beginnings of names of the notebooks to store; empty stores all. The notebooks
        before them are executed too, because later ones read what they write.

    Returns
    -------
    list of str
        One line for each notebook that failed.
    """
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        print("Running the planning cycle of the software sample ...", flush=True)
        project = make_project(Path(temporary) / "project")
        for path in project.notebooks:
            start = time.perf_counter()
            try:
                notebook = execute(path)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                failed.append(f"{path.name}: {error}")
                continue
            if not names or any(path.stem.startswith(name) for name in names):
                stored = ROOT / "notebooks" / path.name
                nbformat.write(notebook, stored)  # type: ignore[no-untyped-call]
                print(f"{path.name} stored, {time.perf_counter() - start:.0f} s", flush=True)
    return failed


def main() -> int:
    """Read the command line, execute, and say what failed."""
    parser = argparse.ArgumentParser(description="Execute the notebooks and store their outputs.")
    parser.add_argument(
        "names", nargs="*", help="store these only, for example 03 or 03_territories"
    )
    failed = execute_all(parser.parse_args().names)
    for line in failed:
        print(line, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
