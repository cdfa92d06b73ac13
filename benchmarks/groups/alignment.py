"""Named accounts for reps: is there always a plan, how near the bound is it, what do peers do."""

from __future__ import annotations

from typing import Any

from benchmarks.groups.verdicts import Verdict, all_feasible, chosen, gap_within, not_worse
from benchmarks.groups.verdicts import proven as is_proven
from benchmarks.harness.tasks import Group, Outcome, Target, Task
from benchmarks.instances import SHAPES

SIZES = {"200 x 8": (200, 8), "2,000 x 40": (2000, 40), "20,000 x 200": (20_000, 200),
         "200,000 x 1,000": (200_000, 1000)}  # fmt: skip
SECONDS = {"200 x 8": 5.0, "2,000 x 40": 20.0, "20,000 x 200": 60.0, "200,000 x 1,000": 240.0}
TOLERANCES = (0.05, 0.02, 0.1)


def drawn(size: str, seed: int, **options: Any) -> dict[str, Any]:
    """Say how an instance of a size is drawn."""
    n, m = SIZES[size]
    return {"n": n, "m": m, "seed": seed, **options}


def _feasibility(full: bool) -> list[Task]:
    counts = {"200 x 8": 50, "2,000 x 40": 50, "20,000 x 200": 50, "200,000 x 1,000": 10}
    if not full:
        counts = {"200 x 8": 5, "2,000 x 40": 2}
    tasks = []
    for size, count in counts.items():
        for turn in range(count):
            shape = list(SHAPES)[turn % len(SHAPES)]
            tolerance = TOLERANCES[turn // len(SHAPES) % len(TOLERANCES)]
            arguments = drawn(size, 100 + turn, shape=shape, tolerance=tolerance,
                              measures=2 + turn // 3 % 3, planted=True)  # fmt: skip
            tasks.append(Task(size=size, who="planlib", solver="planlib", arguments=arguments,
                              limit=SECONDS[size] if full else SECONDS[size] / 3))  # fmt: skip
    return tasks


def _feasible_at(size: str) -> Target:
    def judge(outcomes: list[Outcome]) -> Verdict:
        return all_feasible()([one for one in outcomes if one["size"] == size])

    count = 10 if size == "200,000 x 1,000" else 50
    return Target(text=f"{size}: a plan within tolerance on all {count}", judge=judge)


def peers(size: str, seed: int, limit: float, *, full_models: bool = True) -> list[Task]:
    """Give the peers on one instance; pruned means on the pairs that our prices leave."""
    base: dict[str, Any] = {"size": size, "arguments": drawn(size, seed), "limit": limit}
    tasks = [Task(who="greedy", solver="greedy", **base)]
    solvers = {"CP-SAT": "cp-sat", "MathOpt SCIP": "mathopt", "scipy HiGHS": "highs"}
    for name, solver in solvers.items():
        if full_models:
            tasks.append(Task(who=f"{name}, all pairs", solver=solver, **base))
        tasks.append(
            Task(who=f"{name}, pruned by our prices", solver=solver, prices_from="planlib", **base)
        )
    return tasks


def ours(size: str, seed: int, limit: float, **others: Any) -> Task:
    """Give planlib on one instance, with as much work as the time allows."""
    return Task(
        size=size, who=others.pop("who", "planlib"), solver="planlib",
        arguments=drawn(size, seed), limit=limit, warm=1,
        options={"effort": others.pop("effort", "thorough")}, **others,
    )  # fmt: skip


def _small(full: bool) -> list[Task]:
    size, tasks = "200 x 8", []
    for seed in (1, 2, 3, 4, 5) if full else (1,):
        tasks.append(ours(size, seed, 1.9))
        if full:
            tasks.append(ours(size, seed, 60.0, who="planlib, 60 s"))
        if seed <= 3:
            tasks += peers(size, seed, 60.0 if full else 3.0)
        base: dict[str, Any] = {"size": size, "arguments": drawn(size, seed)}
        tasks.append(Task(who="scipy HiGHS, linear", solver="highs lp", **base))
    return tasks


def _medium(full: bool) -> list[Task]:
    size, tasks = "2,000 x 40", []
    for seed in (1, 2, 3, 4, 5) if full else (1,):
        tasks.append(ours(size, seed, 9.5 if full else 4.5))
        if full:
            tasks.append(ours(size, seed, 60.0, who="planlib, normal effort", effort="normal"))
        if seed <= 3:
            tasks += peers(size, seed, 60.0 if full else 3.0, full_models=full and seed == 1)
        base: dict[str, Any] = {"size": size, "arguments": drawn(size, seed)}
        tasks.append(Task(who="scipy HiGHS, linear", solver="highs lp", **base))
    return tasks


def _large(full: bool) -> list[Task]:
    if not full:
        return []
    size, tasks = "20,000 x 200", []
    for seed in (1, 2, 3, 4, 5):
        tasks.append(ours(size, seed, 19.0))
        tasks.append(ours(size, seed, 58.0, who="planlib, 60 s"))
        if seed <= 2:
            tasks += peers(size, seed, 60.0, full_models=seed == 1)
    return tasks


def _overrides(full: bool) -> list[Task]:
    size = "20,000 x 200" if full else "2,000 x 40"
    return [
        Task(size=size, who="planlib", solver="planlib overrides", arguments=drawn(size, seed),
             options={"trials": 10 if full else 3}, limit=20.0 if full else 3.0)
        for seed in ((1, 2, 3, 4, 5) if full else (1,))
    ]  # fmt: skip


def _few_changes(outcomes: list[Outcome]) -> Verdict:
    rows = chosen(outcomes)
    if not rows:
        return "not measured" if not outcomes else "failed", None if not outcomes else False
    moved = sorted(count for one in rows for count in one["more"]["moved"])
    forced = rows[0]["more"]["count"]
    middle, worst = moved[len(moved) // 2] / forced, moved[-1] / forced
    return f"{middle:.1f} median, {worst:.1f} worst", worst <= 2 and len(rows) == len(outcomes)


def _quick(outcomes: list[Outcome]) -> Verdict:
    rows = chosen(outcomes)
    if not rows:
        return "not measured" if not outcomes else "failed", None if not outcomes else False
    walls = sorted(wall for one in rows for wall in one["more"]["walls"])
    text = f"{walls[len(walls) // 2]:.2f} s median, {walls[-1]:.2f} s worst"
    return text, walls[len(walls) // 2] < 0.5 and len(rows) == len(outcomes)


def _trials(outcomes: list[Outcome]) -> Verdict:
    rows = chosen(outcomes)
    if not rows:
        return "not measured" if not outcomes else "failed", None if not outcomes else False
    good = sum(one["feasible_trials"] for one in rows)
    whole = sum(len(one["more"]["moved"]) for one in rows)
    return f"{good} of {whole}", good == whole and len(rows) == len(outcomes)


GROUPS = (
    Group(
        name="feasibility", title="A plan within tolerance, every time", tasks=_feasibility,
        shows="Each instance hides a plan within all limits, over nine shapes, two to four "
        "measures and tolerances of 2, 5 and 10 %; the table says how often one was found.",
        targets=tuple(_feasible_at(size) for size in SIZES),
    ),
    Group(
        name="accounts_200", title="200 accounts, 8 reps", tasks=_small,
        shows="Small enough for exact solvers: what planlib finds in two seconds beside what they "
        "find in a minute.",
        targets=(
            Target(text="at least the best exact solver, in 2 s", judge=not_worse("planlib", 2.0)),
            Target(text="proven within reach, 60 s", judge=is_proven(60.0, who="planlib, 60 s")),
        ),
    ),
    Group(
        name="accounts_2000", title="2,000 accounts, 40 reps", tasks=_medium,
        shows="Too large for general solvers on all pairs; on pairs pruned by our prices they are "
        "fair opponents.",
        targets=(Target(text="gap <= 0.15 % in 10 s", judge=gap_within(0.15, 10.0)),),
    ),
    Group(
        name="accounts_20000", title="20,000 accounts, 200 reps", tasks=_large,
        shows="A large company's named accounts: four million pairs.",
        targets=(
            Target(text="gap <= 0.15 % in 20 s, below 1 GB",
                   judge=gap_within(0.15, 20.0, gigabytes=1.0)),
            Target(text="gap <= 0.1 % in 60 s, below 1 GB",
                   judge=gap_within(0.1, 60.0, who="planlib, 60 s", gigabytes=1.0)),
        ),
    ),
    Group(
        name="overrides", title="Ten overrides of a plan", tasks=_overrides,
        shows="Ten accounts are forced to their next best rep and the plan is solved again, with "
        "changes against it charged; times and changes are those of one such call.",
        targets=(
            Target(text="< 0.5 s", judge=_quick),
            Target(text="always within tolerance", judge=_trials),
            Target(text="at most 2 further changes an override", judge=_few_changes),
        ),
    ),
)  # fmt: skip
