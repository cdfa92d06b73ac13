"""The notebooks keep the rules of the walk-through, and the linter that says so sees breaches."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from planlib.steps import STEPS
from tests.notebooks.lint import problems

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
Notebook = dict[str, Any]

PARAMETERS = """\
workbook = "data_samples/software"  # folder with plan.yaml and inputs/
cycle = "2026Q1"                    # planning period
tolerance = None                    # allowed deviation; None: as in plan.yaml"""


def make_code(cell_id: str, source: str, count: int, **metadata: object) -> dict[str, Any]:
    """Make a code cell with one line of output."""
    output = {"output_type": "stream", "name": "stdout", "text": ["12 accounts\n"]}
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": metadata,
        "execution_count": count,
        "source": source.splitlines(keepends=True),
        "outputs": [output],
    }


def make_notebook() -> Notebook:
    """Make a small notebook that keeps every rule."""
    title = "# Segments\n\nPurpose.\n\nInputs: accounts\n\nDecision taken here: which\n\nOutputs: x"
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "cells": [
            {"cell_type": "markdown", "id": "01-title", "metadata": {}, "source": title},
            make_code("02-parameters", PARAMETERS, 1, tags=["parameters"]),
            make_code("03-look", "wb.read('accounts').head(3)", 2),
            make_code("04-publish", "wb.write('segments', segments)", 3),
        ],
    }


def lint(notebook: Notebook, folder: Path) -> str:
    """Write a notebook, and give the linter's lines as one text."""
    path = folder / "02_made_up.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return "\n".join(problems(path))


def test_a_notebook_that_keeps_the_rules_has_no_problems(tmp_path: Path) -> None:
    """The linter is silent on a good notebook, so that the cases below fail for one reason."""
    assert lint(make_notebook(), tmp_path) == ""


SOURCES = [
    ("def f(x):\n    return x", "defines a function or class"),
    ("double = lambda x: 2 * x", "defines a function or class"),
    ("class Rules:\n    share = 1", "defines a function or class"),
    ("for i, row in accounts.iterrows():\n    total = row", "loops over rows"),
    ("[row.name for row in accounts.itertuples()]", "loops over rows"),
    ("for i in range(len(accounts)):\n    accounts", "loops over rows"),
    ("for value in accounts['acv'].values:\n    value", "loops over rows"),
    ("while True:\n    break", "while loop"),
    ("%pip install pandas", "magic or a shell command"),
    ("!ls", "magic or a shell command"),
    ("accounts?", "magic or a shell command"),
    ("read('/etc/passwd')", "absolute path"),
    ("read('~/plan.yaml')", "absolute path"),
    (r"read('C:\\Users\\me\\plan.yaml')", "absolute path"),
    ("wb.path  # /home/me/acme", "source holds an absolute path"),
    ("open('plan.yaml')", "opens a file"),
    ("\n".join(f"a{number} = {number}" for number in range(13)), "has 13 lines"),
    ("", "is empty"),
    ("axes.plot([1, 2]);", "semicolon"),
    ("a = = 1", "not valid Python"),
    ("wb.write('segments', segments)", "publishes before the last code cell"),
]


@pytest.mark.parametrize(("source", "message"), SOURCES)
def test_code_that_breaks_a_rule_is_found(tmp_path: Path, source: str, message: str) -> None:
    """Each kind of code that does not belong into a notebook is named with its cell."""
    notebook = make_notebook()
    notebook["cells"][2] = make_code("03-look", source, 2)
    assert message in lint(notebook, tmp_path)


ALLOWED = [
    "for name, frame in tables.items():\n    display(name, frame)",
    "[name.title() for name in ('a', 'b')]",
    "share = won / closed  # both counts",
    "accounts['potential per employee'] = 1",
]


@pytest.mark.parametrize("source", ALLOWED)
def test_code_that_belongs_into_a_notebook_is_let_through(tmp_path: Path, source: str) -> None:
    """A loop over a few tables or names, and a slash in text, are no breaches."""
    notebook = make_notebook()
    notebook["cells"][2] = make_code("03-look", source, 2)
    assert lint(notebook, tmp_path) == ""


PARAMETER_CELLS = [
    (
        "workbook = 'a'  # folder\ncycle = '2026'  # period\ntolerance = 0.1  # share",
        "must be None",
    ),
    ("workbook = 'a'  # folder\ncycle = '2026'  # period\nx = None", "has no comment"),
    ("workbook = 'a'  # folder\ncycle = '2026'  # period\nx = None  # None = plan", "holds '='"),
    ("workbook = 'a'  # folder\ncycle = str(2026)  # period", "not 'name = plain value'"),
    ("cycle = '2026'  # period\nworkbook = 'a'  # folder", "must start with workbook and cycle"),
]


@pytest.mark.parametrize(("source", "message"), PARAMETER_CELLS)
def test_a_wrong_parameters_cell_is_found(tmp_path: Path, source: str, message: str) -> None:
    """Parameters are plain values with a comment, and a setting's default is None."""
    notebook = make_notebook()
    notebook["cells"][1] = make_code("02-parameters", source, 1, tags=["parameters"])
    assert message in lint(notebook, tmp_path)


def break_notebook(notebook: Notebook, breach: str) -> None:
    """Break one rule that is not about code."""
    cells = notebook["cells"]
    output = cells[2]["outputs"][0]
    match breach:
        case "first cell must be Markdown":
            cells[0]["source"] = "## Segments"
        case "does not name: Decision":
            cells[0]["source"] = "# Segments\nInputs, Outputs"
        case "second cell, and no other":
            cells[1]["metadata"] = {}
        case "execution counts must be":
            cells[2]["execution_count"] = None
        case "stores no outputs":
            for cell in cells[1:]:
                cell["outputs"] = []
        case "metadata of a run or an editor: papermill":
            notebook["metadata"]["papermill"] = {"parameters": {}}
        case "metadata of a run or an editor: execution":
            cells[2]["metadata"]["execution"] = {"iopub.status.busy": "2026-01-01"}
        case "kernelspec must be python3":
            notebook["metadata"]["kernelspec"]["name"] = "acme"
        case "must not name a version":
            notebook["metadata"]["language_info"]["version"] = "3.11.7"
        case "output holds an absolute path":
            output["text"] = ["saved to /home/me/acme/plan.yaml\n"]
        case "memory address":
            output["text"] = ["<Axes at 0x7f3a5c0b1d90>\n"]
        case "stores an error":
            cells[2]["outputs"] = [{"output_type": "error", "ename": "ValueError"}]
        case "stderr":
            output["name"] = "stderr"
        case "live widget":
            view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}}
            cells[2]["outputs"] = [{"output_type": "display_data", "data": view, "metadata": {}}]
        case "cell ids repeat":
            cells[3]["id"] = cells[2]["id"]
        case "is a random one":
            cells[2]["id"] = "1f0c5a2e"
        case "is not lower-case words":
            del cells[2]["id"]
        case "last code cell must publish":
            cells[3]["source"] = "segments.head()"
        case "bytes; allowed are":
            output["text"] = ["x" * 500_001]
        case _:
            raise ValueError(breach)


BREACHES = [
    "first cell must be Markdown",
    "does not name: Decision",
    "second cell, and no other",
    "execution counts must be",
    "stores no outputs",
    "metadata of a run or an editor: papermill",
    "metadata of a run or an editor: execution",
    "kernelspec must be python3",
    "must not name a version",
    "output holds an absolute path",
    "memory address",
    "stores an error",
    "stderr",
    "live widget",
    "cell ids repeat",
    "is a random one",
    "is not lower-case words",
    "last code cell must publish",
    "bytes; allowed are",
]


@pytest.mark.parametrize("breach", BREACHES)
def test_a_notebook_that_breaks_a_rule_is_found(tmp_path: Path, breach: str) -> None:
    """Each rule on structure, metadata and outputs is reported when it is broken."""
    notebook = copy.deepcopy(make_notebook())
    break_notebook(notebook, breach)
    assert breach in lint(notebook, tmp_path)


def test_a_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    """A notebook that is not JSON gives one line instead of a traceback."""
    path = tmp_path / "cut.ipynb"
    path.write_text(json.dumps(make_notebook())[:-20], encoding="utf-8")
    assert "cut.ipynb: is not JSON" in problems(path)[0]


def test_there_is_one_notebook_for_each_step() -> None:
    """The files in notebooks/ are those that the list of steps names."""
    assert [path.stem for path in NOTEBOOKS] == list(STEPS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_keeps_the_rules(path: Path) -> None:
    """No notebook of the package breaks a rule."""
    assert problems(path) == []
