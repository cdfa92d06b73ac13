"""
Compile the inner loops of searches to machine code, once per machine, and cache them.

The first call of a compiled function takes seconds, later ones and later processes do not. Where no
folder for the cache can be written, functions are compiled again in each process. They release the
interpreter's lock, so that threads can share the work, and keep the order of additions.

Importing this module loads numba: modules with compiled functions are imported where they are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def compiled(function: _Function) -> _Function:
    """Compile a function of numbers and arrays when it is first called; a decorator."""
    try:
        ready = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder for the cache
        ready = numba.njit(**_OPTIONS)(function)
    return cast(_Function, ready)
