"""Published instances with known answers: generalised assignment and capacitated p-median."""

from __future__ import annotations

from typing import Any

from benchmarks.groups.verdicts import best_within, proven
from benchmarks.harness.tasks import Group, Target, Task
from benchmarks.instances import listed

# Of the types a to e, those that the literature reports; what is not there is said in the table.
GAP = ("gap1-0", "gap6-0", "gap12-0", "a05100", "a10100", "a20200", "b05100", "b10100", "b20200",
       "c05100", "c05200", "c10100", "c20400", "d05100", "d05200", "d10100", "d20400", "d60900",
       "e05100", "e10100", "e20400", "e60900")  # fmt: skip
CPMP = (*(f"pmedcap1-{turn}" for turn in range(1, 21)), "SJC1", "SJC2", "SJC3a", "SJC4a")


def _kind(name: str) -> str:
    return "type 0" if name.startswith("gap") else f"type {name[0]}"


def _gap(full: bool) -> list[Task]:
    names = [*GAP, *(name for name in listed("gap") if name not in GAP)]
    tasks = []
    for name in names if full else ("a05100", "d05100", "e05100"):
        base: dict[str, Any] = {"size": _kind(name), "family": "gap", "arguments": {"name": name}}
        limit = 58.0 if full else 5.0
        tasks.append(Task(who="planlib", solver="planlib", limit=limit,
                          options={"effort": "thorough"}, **base))  # fmt: skip
        if full:
            tasks.append(Task(who="greedy", solver="greedy", **base))
            tasks.append(Task(who="CP-SAT, all pairs", solver="cp-sat", limit=60.0, **base))
            tasks.append(Task(who="MathOpt SCIP, all pairs", solver="mathopt", limit=60.0, **base))
            tasks.append(Task(who="scipy HiGHS, all pairs", solver="highs", limit=60.0, **base))
    return tasks


def _cpmp(full: bool) -> list[Task]:
    names = [*CPMP, *(name for name in listed("cpmp") if name not in CPMP)]
    tasks = []
    for name in names if full else ("pmedcap1-2", "pmedcap1-5"):
        base: dict[str, Any] = {
            "size": "pmedcap1" if name.startswith("pmedcap1") else "SJC", "family": "cpmp",
            "arguments": {"name": name},
        }  # fmt: skip
        tasks.append(
            Task(who="planlib", solver="planlib seats", limit=600.0 if full else 20.0, **base)
        )
        if full and name in ("pmedcap1-1", "pmedcap1-5", "pmedcap1-11", "pmedcap1-17", "SJC1"):
            tasks.append(Task(who="scipy HiGHS, all pairs", solver="seats model", **base))
    return tasks


GROUPS = (
    Group(
        name="gap", title="Generalised assignment", tasks=_gap,
        shows="Published instances in which every rep needs another load for an account; the best "
        "known values are proven optima.",
        targets=(
            Target(text="within 0.05 % of the proven optimum in 60 s",
                   judge=best_within(0.05, 60.0)),
        ),
    ),
    Group(
        name="cpmp", title="Where to open seats (capacitated p-median)", tasks=_cpmp,
        shows="Which seats open and whom each serves, on published instances; a bound equal to "
        "the cost is a proof.",
        targets=(
            Target(text="proven optimum on pmedcap1 and SJC1-2", judge=proven(600.0)),
            Target(text="the published optimum", judge=best_within(1e-4, 600.0)),
        ),
    ),
)  # fmt: skip
