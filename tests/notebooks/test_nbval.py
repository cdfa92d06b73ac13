"""Stored outputs of the notebooks are what they give today, cell by cell, as nbval sees it.

nbval compares text and tables strictly and leaves pictures out. It compares nothing in a cell
without an execution count, and goes on when a cell has a tag that tells it to, so the tests here
count what was really compared.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.lint import code_cells, source, tags
from tools.execute_notebooks import (
    CELL_TIMEOUT,
    STARTUP_TIMEOUT,
    STYLE_SHEET,
    Project,
    kernel_environment,
)

#: Comments and tags by which a cell asks nbval for less than a strict comparison.
EXCUSES = ("nbval", "pytest_validate", "raises-exception")


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    """Give the code cells of a notebook file."""
    return code_cells(json.loads(notebook.read_text(encoding="utf-8"))["cells"])


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


@pytest.mark.slow
def test_stored_outputs_are_what_the_notebooks_give(
    software_project: Project, tmp_path: Path
) -> None:
    """On a fresh cycle of the software sample, every code cell gives what is stored."""
    copied = Project(tmp_path / "project")
    shutil.copytree(software_project.folder, copied.folder)
    expected = sum(len(read_cells(notebook)) for notebook in copied.notebooks)
    results, printed = run_nbval(copied.folder, copied.notebooks)
    assert set(results.values()) == {"passed"}, printed
    assert len(results) == expected
