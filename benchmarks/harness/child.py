"""
Solve one task in a process of its own: ``python -m benchmarks.harness.child`` (used by ``run``).

Reads the task as JSON from standard input and writes two files: ``<stem>.json`` with times, memory
and the result of the check, ``<stem>.npz`` with plan and prices.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness.check import check
from benchmarks.harness.tasks import Answer, Outcome, Task
from benchmarks.harness.usage import cpu_seconds, peak_gigabytes
from benchmarks.peers import SOLVERS


def solve(task: Task, prices: np.ndarray | None) -> tuple[Answer, Outcome]:
    """Call the solver as often as the task says, and measure each call."""
    module, name = SOLVERS[task.solver].split(":")
    instance = task.make()
    extra = {} if prices is None else {"prices": prices}
    before = peak_gigabytes()
    started, used = time.perf_counter(), cpu_seconds()
    solver = getattr(importlib.import_module(module), name)
    calls = []
    for _ in range(1 + task.warm):
        answer = solver(instance, task.limit, **task.options, **extra)
        calls.append((time.perf_counter() - started, cpu_seconds() - used))
        started, used = time.perf_counter(), cpu_seconds()
    calls = list(answer.calls) or calls
    later = calls[1:] or calls
    outcome: Outcome = {
        "cold_wall": calls[0][0], "cold_cpu": calls[0][1],
        "wall": float(np.median([wall for wall, _ in later])),
        "cpu": float(np.median([cpu for _, cpu in later])),
        "worst_wall": max(wall for wall, _ in later),
        "gigabytes": peak_gigabytes(), "gigabytes_before": before,
        "bound": answer.bound, "status": answer.status, "more": answer.more,
    }  # fmt: skip
    return answer, outcome


def main() -> None:
    """Solve, check and write."""
    order: dict[str, Any] = json.load(sys.stdin)
    stem = Path(order["stem"])
    task = Task(**order["task"])
    prices = None
    if order["prices"]:
        with np.load(order["prices"]) as kept:
            prices = kept["prices"]
    answer, outcome = solve(task, prices)
    fresh = task.make()  # made anew: a solver that changes its input does not change the check
    outcome |= {"name": fresh.name, "best": fresh.best, "proven": fresh.proven}
    if answer.plan is None:
        outcome |= {"feasible": False, "excess": float("nan"), "cost": float("nan"),
                    "remark": answer.more.get("remark", "no plan")}  # fmt: skip
    else:
        outcome |= check(fresh, answer.plan, answer.more)
    parts = {"plan": answer.plan, "prices": answer.prices}
    arrays: dict[str, Any] = {name: one for name, one in parts.items() if one is not None}
    np.savez(stem.with_suffix(".npz"), **arrays)
    stem.with_suffix(".json").write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
