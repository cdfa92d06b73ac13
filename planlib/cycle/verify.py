"""Tell from an executed notebook whether every cell really ran, and clean it for keeping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planlib.errors import WorkbookError
from planlib.language import language, say
from planlib.store.atomic import read_json

_RUN_KEYS = ("papermill", "execution")
_EXITS = ("SystemExit", "KeyboardInterrupt")
_SHOWN = 60


def find_failure(path: Path, caught: Mapping[str, Any]) -> dict[str, Any]:
    """
    Judge an executed notebook by its cells, not by what its metadata say.

    Parameters
    ----------
    path
        The notebook as the runner left it.
    caught
        What running it raised: ``cell`` (the last one begun, counted among code cells from 1),
        ``cause`` (blank, error, timed_out, kernel_died, not_run), ``error``, ``message``.

    Returns
    -------
    dict
        ``state`` (succeeded, failed, timed_out, killed), ``cause`` (blank, error, timed_out,
        kernel_died, exited_early, incomplete, unreadable, not_run), ``cell``, ``code``,
        ``error``, ``message``.
    """
    outcome = {"state": "succeeded", "cause": "", "cell": 0, "code": "", "error": "", "message": ""}
    try:
        cells = [cell for cell in read_json(path)["cells"] if _counts(cell)]
    except (WorkbookError, KeyError, TypeError) as error:
        cause = str(caught["cause"]) or "unreadable"
        message = caught["message"] or f"the executed notebook cannot be read: {error}"
        return {**outcome, **caught, "state": _state(cause), "cause": cause, "message": message}
    failed = next((place for place, cell in enumerate(cells) if _error(cell)), None)
    undone = next(
        (
            place
            for place, cell in enumerate(cells)
            if not isinstance(cell.get("execution_count"), int)
        ),
        None,
    )
    if failed is not None and caught["cause"] not in ("timed_out", "kernel_died"):
        raised = _error(cells[failed])
        cause = "exited_early" if raised["ename"] in _EXITS else "error"
        outcome |= {"cause": cause, "error": raised["ename"], "message": raised["evalue"]}
        outcome |= _where(cells, failed)
    elif caught["cause"]:
        outcome |= {key: caught[key] for key in ("cause", "error", "message")}
        outcome |= _where(cells, max(0, int(caught["cell"]) - 1))
    elif undone is not None:
        outcome |= {"cause": "incomplete", "message": "the cell was never run"}
        outcome |= _where(cells, undone)
    return {**outcome, "state": _state(str(outcome["cause"]))}


def clean_notebook(path: Path, names: Mapping[str, str]) -> dict[str, Any]:
    """
    Give an executed notebook without traces of the run: no timings, no parameters in metadata.

    Its text is put into the language that is spoken.

    Parameters
    ----------
    path
        The executed notebook.
    names
        Paths of this machine and the names that take their place in outputs.
    """
    notebook: dict[str, Any] = read_json(path)
    for key in _RUN_KEYS:
        notebook["metadata"].pop(key, None)
    for cell in notebook["cells"]:
        for key in _RUN_KEYS:
            cell["metadata"].pop(key, None)
        if "outputs" in cell:
            cell["outputs"] = _renamed(cell["outputs"], names)
        if cell["cell_type"] == "markdown" and language() != "en":
            lines = "".join(cell["source"]).split("\n")
            cell["source"] = "\n".join(say(line.strip()) for line in lines)
    return notebook


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    for long, short in names.items():
        text = text.replace(
            json.dumps(long, ensure_ascii=False)[1:-1], json.dumps(short, ensure_ascii=False)[1:-1]
        )
    return json.loads(text)


def _counts(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell must have been run: code that is not blank and not to be skipped."""
    skipped = "skip-execution" in cell.get("metadata", {}).get("tags", [])
    return cell["cell_type"] == "code" and bool("".join(cell["source"]).strip()) and not skipped


def _error(cell: Mapping[str, Any]) -> Any:
    return next(
        (output for output in cell.get("outputs", ()) if output.get("output_type") == "error"), None
    )


def _where(cells: list[dict[str, Any]], place: int) -> dict[str, Any]:
    if not cells:
        return {}
    cell = cells[min(place, len(cells) - 1)]
    code = "".join(cell["source"]).strip().splitlines()[0]
    return {"cell": min(place, len(cells) - 1) + 1, "code": code[:_SHOWN]}


def _state(cause: str) -> str:
    return {"": "succeeded", "timed_out": "timed_out", "kernel_died": "killed"}.get(cause, "failed")
