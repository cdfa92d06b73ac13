"""Run a notebook's cells in this process: no kernel, so that many variants can be tried."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from matplotlib import pyplot

import planlib
from planlib.steps import STEPS
from tests.notebooks.lint import code_cells, source, tags

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run_notebook(step: str, **parameters: object) -> dict[str, Any]:
    """
    Run the code cells of a step's notebook and show what each cell would show.

    Parameters
    ----------
    step
        Name of the step.
    parameters
        Set after the parameters cell, as papermill does.

    Returns
    -------
    dict
        The names that the cells have bound; ``_shown`` holds the text of every output.
    """
    notebook = json.loads((NOTEBOOKS / f"{step}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__", "_shown": []}
    for cell in code_cells(notebook["cells"]):
        _run_cell(source(cell), names)
        if "parameters" in tags(cell):
            unknown = set(parameters) - set(names)
            if unknown:
                raise KeyError(f"{step} has no parameters {sorted(unknown)}")
            names |= parameters
    pyplot.close("all")  # as the end of a kernel does
    return names


def run_cycle(
    workbook: Path, steps: Collection[str], cycle: str = "2026Q1"
) -> dict[str, dict[str, Any]]:
    """
    Run those of some steps that the workbook's tables allow, into the draft, in order.

    Returns
    -------
    dict
        What each notebook bound, by step; a step that cannot be computed is not in it.
    """
    results = {}
    for step in (STEPS[name] for name in STEPS if name in steps):
        wb = planlib.open_workbook(workbook, cycle)
        if all(wb.has(table) for table in step.required):
            results[step.name] = run_notebook(step.name, workbook=str(workbook), cycle=cycle)
    return results


def _run_cell(code: str, names: dict[str, Any]) -> None:
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - our own notebooks
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
        html = getattr(value, "_repr_html_", None)
        names["_shown"] += [repr(value), html() if callable(html) else ""]
