"""Everything that a step's result depends on, hashed part by part, so that a change has a name."""

from __future__ import annotations

import datetime
import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from planlib.cycle.inputs import hash_inputs, uses_database
from planlib.cycle.modules import hash_code
from planlib.cycle.parameters import Value, notebook_cells, source_of
from planlib.errors import WorkbookError
from planlib.plan import Plan
from planlib.steps import Step
from planlib.store.content import hash_value
from planlib.store.decisions import in_force, read_decisions
from planlib.store.frames import stored_hash
from planlib.store.history import snapshots
from planlib.store.ledger import batch_hashes
from planlib.store.resolve import Source

Parts = dict[str, Any]

_PACKAGES = (
    "duckdb",
    "great-tables",
    "ipywidgets",
    "matplotlib",
    "numpy",
    "ortools",
    "pandas",
    "pandera",
    "planlib",
    "pyarrow",
    "pydantic",
    "rapidfuzz",
    "scikit-learn",
    "scipy",
)
_DATABASE = "a database is read again in every run"


@dataclass(frozen=True, kw_only=True)
class StepInputs:
    """
    What a run knows about a step before running it.

    Parameters
    ----------
    step, notebook, parameters
        The step, its notebook and the parameters given.
    reads_files
        Whether the step takes in the input files.
    tables, previous
        Where each table comes from, of this cycle and of earlier ones; None where there is none.
    as_of
        Date on which the data stand; None while nothing is known about it.
    given_as_of
        The date that a person gave, which only intake depends on.
    """

    step: Step
    notebook: Path
    parameters: Mapping[str, Value]
    reads_files: bool
    tables: Mapping[str, Source | None]
    previous: Mapping[str, Source | None]
    as_of: datetime.date | None
    given_as_of: datetime.date | None
    versions: Mapping[str, str] = field(default_factory=dict)


@functools.cache
def package_versions() -> Mapping[str, str]:
    """Give the versions of Python and of the packages that results depend on."""
    versions = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def fingerprint(root: Path, plan: Plan, cycle: str, known: StepInputs) -> Parts:
    """
    Give all that a step's result depends on.

    Parameters
    ----------
    root
        The workbook's folder.
    plan
        Its settings.
    cycle
        Name of the period.
    known
        What the run knows about the step.

    Returns
    -------
    dict
        Hashes and values by part. Two equal fingerprints mean equal results.

    Raises
    ------
    InputError
        If a decision file has a malformed row.
    """
    step = known.step
    day = known.given_as_of if known.reads_files else known.as_of
    parts: Parts = {
        "cycle": cycle,
        "as_of": day.isoformat() if day else "",
        "settings": {"general": plan.hash(), **{name: plan.hash(name) for name in step.settings}},
        "overrides": {
            kind: _decisions(root, kind, None if kind in step.ahead else known.as_of)
            for kind in step.overrides
        },
        "tables": {name: _content(source) for name, source in known.tables.items()},
        "previous": {name: _content(source) for name, source in known.previous.items()},
        "history": _history(root, known),
        "parameters": dict(known.parameters),
        "versions": dict(known.versions),
        **_notebook(known.notebook, step),
    }
    if known.reads_files:
        parts["inputs"] = hash_inputs(root, plan)
        if uses_database(plan):
            parts["database"] = _DATABASE
    return parts


def changes(old: Parts | None, new: Parts) -> list[str]:
    """
    Name what differs between two fingerprints.

    Returns
    -------
    list of str
        Such as ``tables: accounts``; empty when both are equal.
    """
    if old is None:
        return ["never run"]
    if "draft" in old:
        return ["the published tables come from a draft"]
    found = []
    for part in sorted({*old, *new}):
        before, after = old.get(part), new.get(part)
        if before == after and part != "database":
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            names = sorted(
                name for name in {*before, *after} if before.get(name, "") != after.get(name, "")
            )
            found.append(f"{part}: {', '.join(names)}")
        else:
            found.append(_DATABASE if part == "database" else part)
    return found


def _notebook(path: Path, step: Step) -> Parts:
    cells = notebook_cells(path)
    kept = [
        [cell.get("cell_type"), source_of(cell), cell.get("metadata", {}).get("tags", [])]
        for cell in cells
    ]
    code = [source_of(cell) for cell in cells if cell.get("cell_type") == "code"]
    modules = [step.module] if step.module else []
    return {"notebook": hash_value(kept), "code": hash_code(code, modules)}


def _content(source: Source | None) -> str | None:
    return None if source is None else stored_hash(source.path)


def _decisions(root: Path, kind: str, as_of: datetime.date | None) -> str:
    """Hash the decisions that hold on a day, or all where no day is given."""
    try:
        found = read_decisions(root / "overrides" / f"{kind}.csv", kind)
    except WorkbookError:
        return ""
    if as_of is not None:
        found = in_force(found, as_of)
    rows = found.astype("object").where(found.notna(), None)
    return hash_value(rows.to_dict("split")["data"])


def _history(root: Path, known: StepInputs) -> dict[str, str]:
    """
    Hash the snapshots of earlier dates for intake, and up to the as-of date for others.

    The step that routes leads goes on from the batches of ``planlib route``.
    """
    if "lead_routes" in known.step.writes and known.as_of is not None:
        return batch_hashes(root, known.as_of)
    if not known.reads_files and "opportunity_history" not in known.step.reads:
        return {}
    if known.as_of is None:
        return {}
    found = snapshots(root / "history" / "opportunities", known.as_of)
    return {
        day.isoformat(): stored_hash(path)
        for day, path in found.items()
        if day < known.as_of or not known.reads_files
    }
