"""Stored outputs of the notebooks are what they give today, cell by cell.

A cycle executes every notebook in a kernel, so what it has published is compared with what is
stored: text and tables strictly, pictures not. What a person sees who runs a notebook in a draft is
the same; nbval executes some of them again for that. nbval compares nothing in a cell without an
execution count, and goes on when a cell has a tag that tells it to, so the tests here count what
was really compared.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planlib.store.layout import CycleFolder
from tests.notebooks.compare import differences, read_cells
from tests.notebooks.lint import source, tags
from tools.execute_notebooks import (
    CELL_TIMEOUT,
    CYCLE,
    STARTUP_TIMEOUT,
    STYLE_SHEET,
    Project,
    kernel_environment,
)

#: Comments and tags by which a cell asks nbval for less than a strict comparison.
EXCUSES = ("nbval", "pytest_validate", "raises-exception")

#: Notebooks that nbval executes in a draft: one that reads inputs, one that reads earlier steps,
#: decisions and the history. Those of the cycle show that all others give what is stored.
IN_A_DRAFT = ("02_segmentation", "07_council")


def run_nbval(folder: Path, notebooks: list[Path]) -> tuple[dict[str, str], str]:
    """
    Check notebooks with nbval in a process of its own, one kernel each, in the order given.

    Returns
    -------
    tuple
        The result of every cell, "passed" or what went wrong, and all that pytest printed.
    """
    report, options, left_out = (folder / name for name in ("nbval.xml", "nbval.ini", "nbval.cfg"))
    options.write_text("[pytest]\n", encoding="utf-8")
    styles = f"[styles]\nregex: (?s){STYLE_SHEET.pattern}\nreplace: \n"
    left_out.write_text(styles, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(options),
        "--rootdir",
        str(folder),
        "-q",
        "--color=no",
        "-p",
        "no:cacheprovider",
        "--junitxml",
        str(report),
        "--nbval",
        "--nbval-current-env",
        "--nbval-sanitize-with",
        str(left_out),
        f"--nbval-cell-timeout={CELL_TIMEOUT}",
        f"--nbval-kernel-startup-timeout={STARTUP_TIMEOUT}",
        *map(str, notebooks),
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env=kernel_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if not report.exists():
        return {}, done.stdout + done.stderr
    results = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own file
        wrong = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        results[f"{case.get('classname')}::{case.get('name')}"] = ", ".join(wrong) or "passed"
    return results, done.stdout + done.stderr


def make_notebook(path: Path, code: str, stored: str, count: int | None = 1) -> Path:
    """Write a notebook with one code cell and the text it is said to print."""
    cell = {
        "cell_type": "code",
        "id": "01-code",
        "metadata": {},
        "execution_count": count,
        "source": code,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": stored}],
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "cells": [cell],
        "metadata": {"kernelspec": kernel},
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_changed_value_is_noticed(tmp_path: Path) -> None:
    """A stored output that differs in one digit from what the cell prints now is a failure."""
    right = make_notebook(tmp_path / "right.ipynb", "print(63.15)", "63.15\n")
    wrong = make_notebook(tmp_path / "wrong.ipynb", "print(63.15)", "63.16\n")
    results, printed = run_nbval(tmp_path, [right, wrong])
    assert list(results.values()) == ["passed", "failure"], printed


def test_the_notebooks_ask_for_a_strict_comparison(root: Path) -> None:
    """Every code cell has an execution count, and none tells nbval to look away."""
    lax = []
    for notebook in sorted((root / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(read_cells(notebook), start=1):
            asked = f"{source(cell)} {' '.join(tags(cell))}".lower()
            if cell["execution_count"] is None or any(word in asked for word in EXCUSES):
                lax.append(f"{notebook.name}, code cell {number}")
    assert lax == []


@pytest.fixture(scope="module")
def stored_and_executed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A stored notebook, and a copy of it with the parameters cell that papermill adds."""
    stored = root / "notebooks" / "02_segmentation.ipynb"
    executed = tmp_path_factory.mktemp("executed") / stored.name
    notebook = json.loads(stored.read_text(encoding="utf-8"))
    injected = {
        "cell_type": "code",
        "id": "added",
        "metadata": {"tags": ["injected-parameters"]},
        "execution_count": 2,
        "source": "cycle = '2026Q1'",
        "outputs": [],
    }
    notebook["cells"].insert(2, injected)
    executed.write_text(json.dumps(notebook), encoding="utf-8")
    return stored, executed


def drop_output(cell: dict[str, Any]) -> None:
    """Take the last output away."""
    cell["outputs"].pop()


def change_digit(cell: dict[str, Any]) -> None:
    """Change one digit of the plain text, which is the least that can differ."""
    data = cell["outputs"][0]["data"]
    text = "".join(data["text/plain"])
    place = next(place for place, letter in enumerate(text) if letter.isdigit())
    data["text/plain"] = f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"


def drop_page(cell: dict[str, Any]) -> None:
    """Leave the plain text alone, without the table."""
    del cell["outputs"][0]["data"]["text/html"]


def change_source(cell: dict[str, Any]) -> None:
    """Let another cell have given the same output."""
    cell["source"] = "pass"


def fail(cell: dict[str, Any]) -> None:
    """Let the cell end with an error after it has shown everything."""
    error = {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": []}
    cell["outputs"].append(error)


@pytest.mark.parametrize("change", [drop_output, change_digit, drop_page, change_source, fail])
def test_a_change_in_a_published_notebook_is_noticed(
    stored_and_executed: tuple[Path, Path], tmp_path: Path, change: Callable[..., None]
) -> None:
    """The comparison takes equal notebooks for equal, and names the one cell that differs."""
    stored, executed = stored_and_executed
    assert differences(stored, executed) == []
    notebook = json.loads(executed.read_text(encoding="utf-8"))
    cell = next(
        cell
        for cell in notebook["cells"]
        if any("text/html" in output.get("data", {}) for output in cell.get("outputs", []))
    )
    change(cell)
    changed = tmp_path / stored.name
    changed.write_text(json.dumps(notebook), encoding="utf-8")
    found = differences(stored, changed)
    assert len(found) == 1
    assert f"cell {cell['id']}: " in found[0]


def test_a_cell_that_was_not_published_is_noticed(
    stored_and_executed: tuple[Path, Path], tmp_path: Path
) -> None:
    """A notebook that has lost a cell does not pass for equal."""
    stored, executed = stored_and_executed
    notebook = json.loads(executed.read_text(encoding="utf-8"))
    lost = notebook["cells"].pop()
    while lost["cell_type"] != "code":
        lost = notebook["cells"].pop()
    changed = tmp_path / stored.name
    changed.write_text(json.dumps(notebook), encoding="utf-8")
    assert differences(stored, changed) == [f"{stored.name}, cell {lost['id']}: not in both"]


@pytest.mark.slow
def test_stored_outputs_are_what_a_cycle_gives(software_project: Project) -> None:
    """On the software sample, every code cell of a published cycle shows what is stored."""
    published = CycleFolder(software_project.workbook, CYCLE).current()
    assert published is not None
    found = []
    for notebook in software_project.notebooks:
        found += differences(notebook, published / "notebooks" / notebook.name)
    assert found == []


@pytest.mark.slow
def test_stored_outputs_are_what_a_person_sees(software_project: Project, tmp_path: Path) -> None:
    """In a draft beside the published cycle, every code cell gives what is stored."""
    copied = Project(tmp_path / "project")
    shutil.copytree(software_project.folder, copied.folder)
    chosen = [notebook for notebook in copied.notebooks if notebook.stem in IN_A_DRAFT]
    expected = sum(len(read_cells(notebook)) for notebook in chosen)
    results, printed = run_nbval(copied.folder, chosen)
    assert set(results.values()) == {"passed"}, printed
    assert len(results) == expected
