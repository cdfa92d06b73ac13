"""Compare the outputs of two runs of a notebook as strictly as nbval does, without a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from tests.notebooks.lint import code_cells, source, tags
from tools.execute_notebooks import DROPPED_OUTPUTS, STYLE_SHEET

#: The tag of the cell that papermill adds.
_INJECTED = "injected-parameters"


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    """Give the code cells of a notebook file, without the parameters that a run has added."""
    cells = code_cells(nbformat.read(notebook, as_version=4).cells)
    return [cell for cell in cells if _INJECTED not in tags(cell)]


def differences(stored: Path, executed: Path) -> list[str]:
    """
    Say in which code cells an executed notebook differs from the stored one.

    Source, number and kinds of outputs and every text count, pictures only by being there.

    Returns
    -------
    list of str
        One line for each cell that differs or is in one of them only; empty when all agree.
    """
    ours, theirs = (
        {cell["id"]: cell for cell in read_cells(path)} for path in (stored, executed)
    )  # fmt: skip
    found = [f"{stored.name}, cell {name}: not in both" for name in sorted({*ours} ^ {*theirs})]
    for name, cell in ours.items():
        if name not in theirs:
            continue
        other = theirs[name]
        if source(cell) != source(other):
            found.append(f"{stored.name}, cell {name}: another source")
        elif _shown(cell) != _shown(other):
            found.append(f"{stored.name}, cell {name}: {_first(_shown(cell), _shown(other))}")
    return found


def _shown(cell: dict[str, Any]) -> list[tuple[str, str]]:
    shown = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            shown.append((output["name"], output["text"]))
        elif output["output_type"] == "error":
            shown.append(("error", f"{output['ename']}: {output['evalue']}"))
        for kind, value in output.get("data", {}).items():
            if kind.startswith("image/"):
                shown.append((kind, ""))
            elif kind not in DROPPED_OUTPUTS:
                shown.append((kind, STYLE_SHEET.sub("", str(value))))
    return shown


def _first(ours: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> str:
    """Give the first place where the outputs of a cell part."""
    for (kind, text), (other_kind, other) in zip(ours, theirs, strict=False):
        if kind != other_kind:
            return f"{kind} stored, {other_kind} now"
        for place, (one, two) in enumerate(zip(f"{text}\0", f"{other}\0", strict=False)):
            if one != two:
                begin = max(place - 40, 0)
                return f"{text[begin : place + 40]!r} stored, {other[begin : place + 40]!r} now"
    return f"{len(ours)} outputs stored, {len(theirs)} now"
