"""Keep outcomes as JSON: a group's file holds what was measured so far, and on what."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.harness.tasks import Outcome
from benchmarks.peers import ENVIRONMENTS

FOLDER = Path(__file__).resolve().parents[1] / "results"
NUMBERS = ("cost", "bound", "best", "excess", "gigabytes", "wall", "cpu", "cold_wall", "cold_cpu",
           "worst_wall")  # fmt: skip
PACKAGES = ("planlib", "numpy", "numba", "scipy", "ortools")


def file_of(name: str, full: bool) -> Path:
    """Give the file of a group; a short run never overwrites what a long one found."""
    return FOLDER / (f"{name}.json" if full else f"{name}-short.json")


def machine() -> str:
    """Describe the machine as far as results depend on it."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def versions(outcomes: list[Outcome]) -> str:
    """Name the versions of what was measured."""
    own = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    used = {one["solver"] for one in outcomes if "absent" not in one}
    others = [ENVIRONMENTS[name][0].replace("==", " ") for name in ENVIRONMENTS if name in used]
    return ", ".join(own + others)


def write(name: str, full: bool, outcomes: list[Outcome], complete: bool) -> None:
    """Keep the outcomes of a group."""
    FOLDER.mkdir(exist_ok=True)
    content = {
        "full": full, "complete": complete, "machine": machine(), "versions": versions(outcomes),
        "outcomes": [plain(one) for one in outcomes],
    }  # fmt: skip
    file = file_of(name, full)
    partly = file.with_suffix(".partly")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    partly.write_text(text + "\n", encoding="utf-8")
    partly.replace(file)


def read(name: str, full: bool) -> dict[str, Any] | None:
    """Read the results of a group, None where there are none; a missing number becomes nan."""
    file = file_of(name, full)
    if not file.is_file():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    content["outcomes"] = [numbered(one) for one in content["outcomes"]]
    return content


def plain(value: Any) -> Any:
    """Replace what JSON has no word for (nan, infinite) by null, and leave the rest."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key != "forced"}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def numbered(outcome: Outcome) -> Outcome:
    """Read null as nan, where a number belongs."""
    empty = {key: float("nan") for key in NUMBERS if key in outcome and outcome[key] is None}
    return outcome | empty
