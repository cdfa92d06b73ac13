"""The files that a workbook's intake reads, and whether they have changed."""

from __future__ import annotations

from pathlib import Path

from planlib import resources
from planlib.errors import WorkbookError
from planlib.plan import Plan
from planlib.store.content import hash_file


def input_files(root: Path, plan: Plan) -> dict[str, Path]:
    """
    Give every file that intake may read: sources of plan.yaml or the input folder, column maps.

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
        inside, else relative to the folder of its source, so that no machine's paths are kept.
    """
    folder = root / plan.inputs.folder
    paths = [folder / source.path for source in plan.inputs.sources if source.path]
    files = [path for path in paths if path.is_file()] if paths else _below(folder)
    files += _below(root / "maps")
    named = [root / name for name in (plan.inputs.map, *(one.map for one in plan.inputs.sources))]
    files += [path for path in named if path.is_file()]
    found = {_name(path, root, folder): path for path in files}
    try:
        maps = resources.templates_dir() / "maps"
    except WorkbookError:
        return found
    return found | {
        f"templates/maps/{path.relative_to(maps).as_posix()}": path for path in _below(maps)
    }


def hash_inputs(root: Path, plan: Plan) -> dict[str, str]:
    """Give the hash of each input file by its name."""
    return {name: hash_file(path) for name, path in sorted(input_files(root, plan).items())}


def uses_database(plan: Plan) -> bool:
    """Tell whether intake reads a database, whose content cannot be compared beforehand."""
    return any(source.url for source in plan.inputs.sources)


def changed_files(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Give the names of files that were added, removed or changed."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def _name(path: Path, root: Path, folder: Path) -> str:
    for base in (root, folder):
        if path.resolve().is_relative_to(base.resolve()):
            return path.resolve().relative_to(base.resolve()).as_posix()
    return path.name


def _below(folder: Path) -> list[Path]:
    """Files below a folder; hidden ones and those that Office keeps while open do not count."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith((".", "~$"))
    )
