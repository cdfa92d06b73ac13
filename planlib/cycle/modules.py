"""The library's own modules that a notebook uses, found by reading imports, not by importing."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import planlib
from planlib.store.content import hash_file

_PACKAGE = Path(planlib.__file__).resolve().parent
_DIGITS = 16


def hash_code(sources: Iterable[str], modules: Iterable[str] = ()) -> dict[str, str]:
    """
    Give the hashes of all library files that some code uses, directly or through others.

    Parameters
    ----------
    sources
        Code, such as the cells of a notebook.
    modules
        Modules that count in any case, such as ``segmentation``.
    """
    return {
        path.relative_to(_PACKAGE).as_posix(): _hashed(path, path.stat().st_mtime_ns)
        for path in used_files(sources, modules)
    }


def used_files(sources: Iterable[str], modules: Iterable[str] = ()) -> list[Path]:
    """
    Give the library files that some code uses, in order of their names.

    The package's own ``__init__`` does not count, since it only says where the public names are;
    a public name leads to the module that defines it.
    """
    waiting = [name for source in sources for name in _imports(source, "planlib")]
    waiting += [f"planlib.{name}" for name in modules]
    seen: set[str] = set()
    found: set[Path] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        file = _file(name)
        if file is None:
            continue
        found.add(file)
        waiting += _imports_of(file, file.stat().st_mtime_ns)
        waiting.append(name.rpartition(".")[0])
    return sorted(found)


@functools.lru_cache(maxsize=1024)
def _hashed(path: Path, _changed: int) -> str:
    return hash_file(path)[:_DIGITS]


@functools.lru_cache(maxsize=1024)
def _imports_of(file: Path, _changed: int) -> tuple[str, ...]:
    parts = file.relative_to(_PACKAGE.parent).with_suffix("").parts
    package = parts[:-1]
    return tuple(_imports(file.read_text(encoding="utf-8"), ".".join(package)))


def _imports(source: str, package: str) -> Iterator[str]:
    """Give the dotted names within the library that code imports or reaches as planlib.name."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # such as a line that only a notebook understands
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _ours(alias.name))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            if _ours(base):
                yield base
                yield from (_public(f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute) and _is_package(node.value):
            yield _public(f"planlib.{node.attr}")


def _is_package(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "planlib"


def _ours(name: str) -> bool:
    return name == "planlib" or name.startswith("planlib.")


def _public(name: str) -> str:
    """Give the module behind a public name of the package."""
    last = name.removeprefix("planlib.")
    home = getattr(planlib, "_HOME", {}).get(last)
    return f"planlib.{home}" if home else name


def _file(name: str) -> Path | None:
    if not _ours(name) or name == "planlib":
        return None
    base = _PACKAGE.joinpath(*name.split(".")[1:])
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)
