"""The files that a workbook's intake reads, and whether they have changed."""

from __future__ import annotations

from pathlib import Path

from planlib import resources
from planlib.errors import WorkbookError
from planlib.plan import Plan
from planlib.store.content import hash_file

_GLOB = "*?["


def input_files(root: Path, plan: Plan) -> dict[str, Path]:
    """
    Give every file that intake may read: inputs/, the sources of plan.yaml, column maps.

    Parameters
    ----------
    root
        The workbook's folder.
    plan
        Its settings.

    Returns
    -------
    dict
        By the name that messages and the manifest use: relative to the workbook where it lies
        inside, else as plan.yaml names it.
    """
    found: dict[str, Path] = {}
    for path in _below(root / "inputs"):
        found[path.relative_to(root).as_posix()] = path
    for source in plan.inputs.sources:
        for name in (source.path, source.map):
            found |= _named(root, name) if name else {}
    try:
        maps = resources.templates_dir() / "maps"
    except WorkbookError:
        return found
    return found | {f"templates/maps/{path.relative_to(maps).as_posix()}": path
                    for path in _below(maps)}


def hash_inputs(root: Path, plan: Plan) -> dict[str, str]:
    """Give the hash of each input file by its name."""
    return {name: hash_file(path) for name, path in sorted(input_files(root, plan).items())}


def uses_database(plan: Plan) -> bool:
    """Tell whether intake reads a database, whose content cannot be compared beforehand."""
    return any(source.url for source in plan.inputs.sources)


def changed_files(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Give the names of files that were added, removed or changed."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def _named(root: Path, name: str) -> dict[str, Path]:
    pattern = Path(name)
    if any(sign in name for sign in _GLOB):
        base = Path(pattern.anchor) if pattern.is_absolute() else root
        relative = pattern.relative_to(base) if pattern.is_absolute() else pattern
        paths = sorted(base.glob(relative.as_posix()))
    else:
        paths = [root / pattern]
    files = [path for path in paths if path.is_file()]
    return {path.relative_to(root).as_posix() if path.is_relative_to(root) else
            (name if len(files) == 1 else path.name): path for path in files}


def _below(folder: Path) -> list[Path]:
    """Files below a folder; hidden ones and those that Office keeps while open do not count."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file()
                  and not path.name.startswith((".", "~$")))
