"""Rules that every stored notebook keeps; ``problems`` gives the breaches, one line each."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAX_LINES = 12
MAX_BYTES = 500_000
#: Notebooks with maps, a picture for each base of the pipeline, or all parts of key accounts may be larger.
WIDER = {"03_territories": 650_000, "05_key_accounts": 550_000, "06_pipeline": 650_000}
FIXED_PARAMETERS = ("workbook", "cycle")
FIRST_CELL_WORDS = ("Inputs", "Decision", "Outputs")
ROW_LOOPS = re.compile(
    r"\.(iterrows|itertuples|to_dict|to_numpy|tolist|index)\b|\.values\b(?!\()|\brange\(\s*len\("
)
CELL_ID = re.compile(r"[0-9a-z][0-9a-z_-]{1,63}")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-?[0-9a-f]{12})?")
PUBLISH = re.compile(r"\bwb\.(write|publish)\w*\(")
PATHS = re.compile(
    r"(?<![\w./:<~-])/(?:home|root|Users|tmp|var|private|opt|mnt|media|usr|srv|work|data|app)/\w"
    r"|(?<!\w)[A-Za-z]:\\{1,2}\w|file://"
)
PICTURES = ("image/png", "image/jpeg")
ALLOWED_METADATA = {"kernelspec", "language_info"}
ALLOWED_CELL_METADATA = {"tags"}

Cell = dict[str, Any]


def problems(path: Path) -> list[str]:
    """Give every breach in a notebook file as one line that names file and cell."""
    text = path.read_text(encoding="utf-8")
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        return [f"{path.name}: is not JSON: {error}"]
    found = list(_whole(notebook, len(text.encode()), WIDER.get(path.stem, MAX_BYTES)))
    cells = notebook.get("cells", [])
    found += _opening(cells)
    for number, cell in enumerate(cells, start=1):
        where = f"cell {number} ({cell.get('id', 'no id')})"
        found += [f"{where}: {problem}" for problem in _cell(cell)]
    found += _counts(cells)
    found += _ids(cells)
    found += _publishing(cells)
    return [f"{path.name}: {problem}" for problem in found]


def source(cell: Cell) -> str:
    """Give a cell's source as one text."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def code_cells(cells: list[Cell]) -> list[Cell]:
    """Give the code cells in order."""
    return [cell for cell in cells if cell.get("cell_type") == "code"]


def tags(cell: Cell) -> list[str]:
    """Give a cell's tags."""
    return list(cell.get("metadata", {}).get("tags", []))


def _whole(notebook: dict[str, Any], size: int, allowed: int) -> Iterator[str]:
    if size > allowed:
        yield f"is {size:,} bytes; allowed are {allowed:,}"
    metadata = notebook.get("metadata", {})
    extra = sorted(set(metadata) - ALLOWED_METADATA)
    if extra:
        yield f"has metadata of a run or an editor: {', '.join(extra)}"
    if metadata.get("kernelspec", {}).get("name") != "python3":
        yield "kernelspec must be python3"
    if "version" in metadata.get("language_info", {}):
        yield "language_info must not name a version"


def _opening(cells: list[Cell]) -> Iterator[str]:
    if (
        not cells
        or cells[0].get("cell_type") != "markdown"
        or not re.match(r"# \S", source(cells[0]))
    ):
        yield "first cell must be Markdown that starts with an H1"
    else:
        missing = [
            word for word in FIRST_CELL_WORDS if word.lower() not in source(cells[0]).lower()
        ]
        if missing:
            yield f"first cell does not name: {', '.join(missing)}"
    tagged = [number for number, cell in enumerate(cells) if "parameters" in tags(cell)]
    if tagged != [1] or cells[1].get("cell_type") != "code":
        yield "second cell, and no other, must be code with the tag parameters"
    else:
        yield from _parameters(source(cells[1]))


def _parameters(text: str) -> Iterator[str]:
    tree = _parse(text)
    names = []
    for node in tree.body if tree else []:
        if not (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        ):
            yield f"parameters: line {node.lineno} is not 'name = plain value'"
            continue
        name, value = node.targets[0].id, node.value.value
        names.append(name)
        if name not in FIXED_PARAMETERS and value is not None:
            yield f"parameters: default of {name} must be None (its value stands in plan.yaml)"
        comment = text.splitlines()[node.lineno - 1].partition("#")[2]
        if not comment:
            yield f"parameters: {name} has no comment that says what it is"
        if "=" in comment:  # papermill then drops the parameter from its help
            yield f"parameters: the comment of {name} holds '='"
    if tuple(names[:2]) != FIXED_PARAMETERS:
        yield "parameters must start with workbook and cycle"


def _cell(cell: Cell) -> Iterator[str]:
    extra = sorted(set(cell.get("metadata", {})) - ALLOWED_CELL_METADATA)
    if extra:
        yield f"has metadata of a run or an editor: {', '.join(extra)}"
    if PATHS.search(source(cell)):
        yield "source holds an absolute path"
    if cell.get("cell_type") != "code":
        return
    yield from _code(source(cell))
    yield from _outputs(cell)


def _code(text: str) -> Iterator[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        yield "is empty"
    if len(lines) > MAX_LINES:
        yield f"has {len(lines)} lines; allowed are {MAX_LINES}"
    if any(re.match(r"\s*[%!]", line) or line.rstrip().endswith("?") for line in lines):
        yield "uses a magic or a shell command"
        return
    if any(line.rstrip().endswith(";") for line in lines):
        yield "ends a line with a semicolon, which nbval does not heed; assign the result instead"
    tree = _parse(text)
    if tree is None:
        yield "is not valid Python"
        return
    for node in ast.walk(tree):
        yield from _statement(node, text)


def _statement(node: ast.AST, text: str) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        yield "defines a function or class; it belongs in planlib"
    if isinstance(node, ast.While):
        yield "has a while loop"
    if isinstance(node, ast.For | ast.comprehension):
        over = ast.get_source_segment(text, node.iter) or ""
        if ROW_LOOPS.search(over):
            yield f"loops over rows ({over}); that belongs in planlib"
    if isinstance(node, ast.Constant) and re.match(r"(/|~/|[A-Za-z]:[\\/])\w", str(node.value)):
        yield f"holds an absolute path ({node.value})"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
        yield "opens a file; that belongs in planlib"


def _outputs(cell: Cell) -> Iterator[str]:
    for output in cell.get("outputs", []):
        kind = output.get("output_type")
        if kind == "error":
            yield f"stores an error: {output.get('ename')}"
        if kind == "stream" and output.get("name") == "stderr":
            yield "stores text of stderr (a warning?)"
        data = {key: value for key, value in output.get("data", {}).items() if key not in PICTURES}
        if any("widget-view" in key for key in data):
            yield "stores a live widget, whose id is random"
        text = "\n".join(_strings([*data.values(), output.get("text", "")]))
        if PATHS.search(text):
            yield "output holds an absolute path"
        if re.search(r" at 0x[0-9a-f]{6,}", text):
            yield "output holds a memory address"


def _strings(value: Any) -> Iterator[str]:
    """Give all text inside lists and mappings; a list of lines is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and all(isinstance(line, str) for line in value):
        yield "".join(value)
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _counts(cells: list[Cell]) -> Iterator[str]:
    counts = [cell.get("execution_count") for cell in code_cells(cells)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts must be 1 to {len(counts)} in order; found {counts}"
    if not any(cell.get("outputs") for cell in code_cells(cells)):
        yield "stores no outputs"


def _ids(cells: list[Cell]) -> Iterator[str]:
    ids = [str(cell.get("id", "")) for cell in cells]
    if len(set(ids)) != len(ids):
        yield "cell ids repeat"
    for name in ids:
        if not CELL_ID.fullmatch(name):
            yield f"cell id '{name}' is not lower-case words with hyphens"
        elif RANDOM_ID.fullmatch(name):
            yield f"cell id '{name}' is a random one"


def _publishing(cells: list[Cell]) -> Iterator[str]:
    code = code_cells(cells)
    publishing = [bool(PUBLISH.search(source(cell))) for cell in code]
    if not code or not publishing[-1]:
        yield "last code cell must publish (wb.write or wb.publish)"
    if any(publishing[:-1]):
        yield "publishes before the last code cell"


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None
