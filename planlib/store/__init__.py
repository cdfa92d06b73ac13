"""The store: a workbook is a folder, a cycle has revisions, a table is written whole.

The public names load the module behind them at first use, so that a process that only needs
atomic files or a lock does not load pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planlib.store.opening import open_workbook
    from planlib.store.resolve import Source
    from planlib.store.workbook import Workbook

__all__ = ["Source", "Workbook", "open_workbook"]

_HOME = {"Source": "resolve", "Workbook": "workbook", "open_workbook": "opening"}


def __getattr__(name: str) -> Any:
    """Load a public name from the module that defines it."""
    if name not in _HOME:
        raise AttributeError(f"module 'planlib.store' has no attribute '{name}'")
    return getattr(import_module(f"planlib.store.{_HOME[name]}"), name)
