"""Very many accounts, how time grows with them, and what the first call costs."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.groups.verdicts import Verdict, chosen, gap_within
from benchmarks.harness.tasks import Group, Outcome, Target, Task


def _huge(full: bool) -> list[Task]:
    if not full:
        return []
    tasks = []
    for seed in (1, 2, 3):
        base: dict[str, Any] = {
            "size": "200,000 x 1,000", "arguments": {"n": 200_000, "m": 1000, "seed": seed}
        }  # fmt: skip
        tasks.append(Task(who="planlib", solver="planlib", limit=114.0, **base))
        tasks.append(Task(who="greedy", solver="greedy", limit=114.0, **base))
        if seed == 1:
            tasks.append(Task(who="scipy HiGHS, pruned by our prices", solver="highs", limit=120.0,
                              prices_from="planlib", **base))  # fmt: skip
    return tasks


def _cascade(full: bool) -> list[Task]:
    size, arguments = "2,000 x 40", {"n": 2000, "m": 40, "seed": 1}
    if full:
        size, arguments = "1,000,000 x 5,000", {"n": 1_000_000, "m": 5000, "seed": 1}
    base: dict[str, Any] = {"size": size, "arguments": arguments, "limit": 870.0 if full else 20.0}
    tasks = [Task(who="planlib", solver="planlib cascade", **base)]
    return [*tasks, Task(who="greedy", solver="greedy", **base)] if full else tasks


GRID = ((500, 10), (1000, 20), (2000, 40), (5000, 70), (10_000, 130), (20_000, 200),
        (60_000, 500), (200_000, 1000))  # fmt: skip


def _growth(full: bool) -> list[Task]:
    return [
        Task(size=f"{n:,} x {m:,}", who="planlib", solver="planlib",
             arguments={"n": n, "m": m, "seed": seed}, options={"timed": False}, warm=1)
        for n, m in (GRID if full else GRID[:3])
        for seed in ((1, 2) if full and n * m <= 4_000_000 else (1,))
    ]  # fmt: skip


def exponent(outcomes: list[Outcome]) -> float:
    """
    Give the slope of the logarithm of the time on the logarithm of the number of pairs.

    Parameters
    ----------
    outcomes
        With ``size`` as ``n x m`` and ``cpu`` in seconds.
    """
    points = []
    for one in chosen(outcomes):
        n, m = (int(part.replace(",", "")) for part in one["size"].split(" x "))
        points.append((math.log(n * m), math.log(max(one["cpu"], 1e-3))))
    if len({x for x, _ in points}) < 2:
        return float("nan")
    middle = [sum(values) / len(points) for values in zip(*points, strict=True)]
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
    return float(above / sum((x - middle[0]) ** 2 for x, _ in points))


def _grows(outcomes: list[Outcome]) -> Verdict:
    slope = exponent(outcomes)
    if slope != slope:
        return ("failed", False) if outcomes else ("not measured", None)
    complete = len(chosen(outcomes)) == len(outcomes)
    return f"{slope:.2f} of the process time", slope <= 1 and complete


def _starts(full: bool) -> list[Task]:
    base: dict[str, Any] = {"size": "200 x 8", "solver": "planlib", "warm": 2,
                            "arguments": {"n": 200, "m": 8, "seed": 1}, "limit": 2.0}  # fmt: skip
    tasks = [Task(who="planlib, compiled before", options={"effort": "quick"}, **base)]
    if full:
        options = {"effort": "quick", "compile": True}
        tasks.append(Task(who="planlib, nothing compiled yet", options=options, **base))
    return tasks


GROUPS = (
    Group(
        name="accounts_200000", title="200,000 accounts, 1,000 reps", tasks=_huge,
        shows="Costs are computed while they are needed: 200 million pairs are never stored.",
        targets=(
            Target(text="bound and plan in 2 min, gap <= 0.25 %, < 4 GB",
                   judge=gap_within(0.25, 120.0, gigabytes=4.0)),
        ),
    ),
    Group(
        name="cascade", title="1,000,000 accounts, 5,000 reps, by cascade", tasks=_cascade,
        shows="Head, leaders, managers, reps, each level inside the one above; the gap is that to "
        "the bound of the flat problem.",
        targets=(
            Target(text="plan and flat bound in 15 min, gap <= 1 %, < 12 GB",
                   judge=gap_within(1.0, 900.0, gigabytes=12.0)),
        ),
    ),
    Group(
        name="growth", title="How time grows", tasks=_growth, kind="growth",
        shows="Normal effort without a time limit; the exponent is the slope of the logarithm of "
        "process time on that of accounts x reps.",
        targets=(Target(text="exponent <= 1", judge=_grows),),
    ),
    Group(
        name="starts", title="The first call", tasks=_starts,
        shows="The first call of a process loads and links the inner loops; the very first one on "
        "a machine compiles them.",
    ),
)  # fmt: skip
