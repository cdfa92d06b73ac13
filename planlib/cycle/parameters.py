"""Parameters of a run: checked against the notebooks and the settings before a kernel starts."""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planlib.errors import ParameterError, SettingsError, WorkbookError, nearest
from planlib.plan import Plan
from planlib.steps import Step
from planlib.store.atomic import read_json

Value = str | int | float | bool | None

#: Parameters that a run itself sets in every notebook.
RESERVED = ("workbook", "cycle")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", flags=re.ASCII)
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)", flags=re.ASCII)
_WORDS: dict[str, Value] = {"true": True, "false": False, "none": None}
_LONGEST = 1000
_WHERE = "-p"


def declared_parameters(notebook: Path) -> dict[str, Value]:
    """
    Read the parameters cell of a notebook without running it.

    Returns
    -------
    dict
        Name and default of each parameter; empty when the notebook has no such cell.

    Raises
    ------
    WorkbookError
        If the notebook cannot be read, or the cell holds more than plain assignments.
    """
    found: dict[str, Value] = {}
    for cell in notebook_cells(notebook):
        if "parameters" not in cell.get("metadata", {}).get("tags", []):
            continue
        try:
            for statement in ast.parse(source_of(cell)).body:
                name, default = _assignment(statement)
                found[name] = default
        except (SyntaxError, ValueError) as error:
            raise WorkbookError(
                f"{notebook}: the parameters cell may hold plain values only: {error}"
            ) from None
    return found


def notebook_cells(notebook: Path) -> list[dict[str, Any]]:
    """Give the cells of a notebook file."""
    content = read_json(notebook)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise WorkbookError(f"{notebook} is not a notebook")
    return cells


def source_of(cell: Mapping[str, object]) -> str:
    """Give the text of a cell, whether it is stored as one text or as lines."""
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def resolve_parameters(
    given: Sequence[str],
    notebooks: Mapping[str, Path],
    steps: Mapping[str, Step],
    plan: Plan,
) -> dict[str, dict[str, Value]]:
    """
    Check ``name=value`` texts and give the values for each notebook.

    Parameters
    ----------
    given
        ``tolerance=0.1`` for every selected notebook that declares it, or
        ``03_territories.tolerance=0.1`` for one.
    notebooks
        The selected notebooks by step.
    steps
        Their steps, which name the sections of settings that type the values.
    plan
        The settings; a value must be allowed there.

    Returns
    -------
    dict
        By step, the values by name.

    Raises
    ------
    ParameterError
        With every problem: a malformed or unknown name with the nearest known one, or a value
        that the settings do not allow.
    """
    declared = {step: declared_parameters(path) for step, path in notebooks.items()}
    result: dict[str, dict[str, Value]] = {step: {} for step in notebooks}
    problems: list[str] = []
    for text in given:
        try:
            step, name, value = _split(text)
            targets = _targets(step, name, declared)
            for target in targets:
                result[target][name] = _typed(
                    name, value, declared[target][name], steps[target], plan
                )
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ParameterError(_WHERE, problems)
    return result


def _split(text: str) -> tuple[str | None, str, str]:
    left, sign, value = text.partition("=")
    shown = left[:80]
    if not sign:
        raise ValueError(f"{text[:80]!r} is not name=value")
    step, dot, name = left.rpartition(".")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise ValueError(
            f"{shown!r} is not the name of a parameter; names are lower-case letters, digits and "
            "underscores, as in tolerance=0.1 or 03_territories.tolerance=0.1"
        )
    if name in RESERVED:
        raise ValueError(f"'{name}' is set by the run itself (WORKBOOK and --cycle)")
    if len(value) > _LONGEST:
        raise ValueError(f"the value of '{name}' is longer than {_LONGEST} characters")
    return (step if dot else None), name, value


def _targets(step: str | None, name: str, declared: Mapping[str, Mapping[str, Value]]) -> list[str]:
    if step is not None and step not in declared:
        raise ValueError(f"{step[:80]!r} is not a notebook of this run{_hint(step, declared)}")
    chosen = [step] if step is not None else list(declared)
    found = [one for one in chosen if name in declared[one]]
    if not found:
        known = {one for step in chosen for one in declared[step] if one not in RESERVED}
        place = step or "any notebook of this run"
        raise ValueError(f"'{name}' is not a parameter of {place}{_hint(name, known)}")
    return found


def _hint(word: str, known: Mapping[str, object] | set[str]) -> str:
    near = nearest(word, known)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known: {', '.join(sorted(known)) or 'none'}"


def _typed(name: str, text: str, default: Value, step: Step, plan: Plan) -> Value:
    """Give the value as the settings want it; where no setting has the name, as it looks."""
    if text.lower() == "none":
        return None
    for section in step.settings:
        if name in type(plan.section(section)).model_fields:
            return _by_settings(name, text, section, plan)
    value = _plain(text)
    if isinstance(default, str):
        return text
    if isinstance(default, bool) != isinstance(value, bool) and default is not None:
        raise ValueError(f"{name}={text[:80]}: allowed is a value such as {default}")
    if isinstance(default, int | float) and not isinstance(value, int | float):
        raise ValueError(f"{name}={text[:80]}: allowed is a number such as {default}")
    return value


def _by_settings(name: str, text: str, section: str, plan: Plan) -> Value:
    """Text stays text where the setting takes text, so NO and 010 are never changed."""
    candidates: list[Value] = [text]
    value = _plain(text)
    if not isinstance(value, str):
        candidates.append(value)
    problem = ""
    for candidate in candidates:
        try:
            plan.override(section, **{name: candidate})
            return candidate
        except SettingsError as error:
            problem = "; ".join(error.problems)
    raise ValueError(problem)


def _plain(text: str) -> Value:
    """Read true, false, whole numbers without leading zeros and finite numbers; else text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.fullmatch(text):
        return int(text)
    if not re.fullmatch(r"[-+]?(0|[1-9][0-9]*)?\.?[0-9]*([eE][-+]?[0-9]+)?", text, re.ASCII):
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    if text.lstrip("-+0123456789") and math.isfinite(number):
        return number
    return text


def _assignment(statement: ast.stmt) -> tuple[str, Value]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        raise ValueError(f"line {statement.lineno} is not 'name = value'")
    if not isinstance(target, ast.Name):
        raise ValueError(f"line {statement.lineno} does not assign to a plain name")
    default = ast.literal_eval(value)
    if default is not None and not isinstance(default, str | int | float | bool):
        raise ValueError(f"line {statement.lineno}: '{target.id}' is not a plain value")
    return target.id, default
