"""Contiguous districts: generated areas, published commercial districts, counties."""

from __future__ import annotations

from typing import Any

from benchmarks.groups.verdicts import Judge, Verdict, all_feasible, best_within, chosen, proven
from benchmarks.harness.tasks import Group, Outcome, Target, Task
from benchmarks.instances import listed

SIZES = {"1,000 / 20": (1000, 20), "33,000 / 500": (33_000, 500)}
SECONDS = {"1,000 / 20": 8.0, "33,000 / 500": 36.0}
TDP = (*(f"2DU60-05-{turn}" for turn in range(1, 21)),
       *(f"2DU80-05-{turn}" for turn in range(1, 21)))  # fmt: skip
TDP_LARGER = ("2DU100-05-1", "2DU120-05-1", "2DU150-05-1", "2DU200-05-1")
STATES = ("ME", "NM", "ID", "AR", "MS", "NE", "IA", "WV", "OK", "LA", "AL", "KS")


def _areas(full: bool) -> list[Task]:
    tasks = []
    for size, (n, k) in SIZES.items() if full else [("1,000 / 20", (1000, 20))]:
        for measures, tolerance in ((2, 0.05), (3, 0.05), (2, 0.02)):
            plain = (measures, tolerance) == (2, 0.05)
            for seed in ((1, 2, 3, 4, 5) if plain else (1, 2)) if full else (1,):
                base: dict[str, Any] = {
                    "size": f"{size}, {measures} measures, {tolerance:.0%}", "family": "areas",
                    "arguments": {"n": n, "k": k, "seed": seed, "measures": measures,
                                  "tolerance": tolerance},
                    "limit": SECONDS[size] if full else 4.0,
                }  # fmt: skip
                tasks.append(
                    Task(who="planlib", solver="planlib districts", warm=int(full), **base)
                )
                if plain and seed <= 2 and full:
                    tasks += _peers(base, small=k <= 20)
    return tasks


def _peers(base: dict[str, Any], *, small: bool) -> list[Task]:
    named = {"gerrychain": "gerrychain", "k-means-constrained": "kmeans", "spopt": "spopt"}
    return [
        Task(who=who, solver=solver, options={"method": solver}, **base)
        for who, solver in named.items()
        if small or solver == "gerrychain"
    ]


def _tdp(full: bool) -> list[Task]:
    names = [*TDP, *(name for name in listed("tdp") if name not in TDP), *TDP_LARGER]
    tasks = []
    for name in dict.fromkeys(names) if full else ("2DU60-05-1",):
        base: dict[str, Any] = {
            "size": name.split("-")[0][3:] + " areas", "family": "tdp", "arguments": {"name": name},
        }  # fmt: skip
        tasks.append(Task(who="planlib", solver="planlib districts", limit=9.5, warm=int(full),
                          options={"prove": True}, **base))  # fmt: skip
    return tasks


def _counties(full: bool) -> list[Task]:
    tasks = []
    for name in STATES if full else ("ME", "ID"):
        base: dict[str, Any] = {"size": "states", "family": "counties",
                                "arguments": {"name": name}}  # fmt: skip
        tasks.append(Task(who="planlib", solver="planlib districts", limit=9.5, warm=int(full),
                          options={"prove": False}, **base))  # fmt: skip
        if full:
            tasks.append(Task(who="planlib, with proof", solver="planlib districts", limit=60.0,
                              options={"prove": True}, **base))  # fmt: skip
            tasks.append(Task(who="gerrychain", solver="gerrychain", limit=60.0,
                              options={"method": "gerrychain"}, **base))  # fmt: skip
    return tasks


def _first_plan(size: str, seconds: float) -> Judge:
    """Judge the seconds until the first plan within all limits, as the call reports it."""

    def judge(outcomes: list[Outcome]) -> Verdict:
        here = [one for one in outcomes if one["size"].startswith(size) and one["who"] == "planlib"]
        rows = chosen(here)
        if not rows:
            return ("failed", False) if here else ("not measured", None)
        times = [one["more"].get("first_plan") for one in rows]
        there = sorted(value for value in times if value is not None)
        if not there:
            return "no plan was reported", False
        complete = len(there) == len(here) and all(one["feasible"] for one in rows)
        text = f"{there[len(there) // 2]:.2f} s median, {there[-1]:.2f} s worst of {len(here)}"
        return text, there[len(there) // 2] <= seconds and complete

    return judge


def _not_above(outcomes: list[Outcome]) -> Verdict:
    """Judge whether no plan lies above the published heuristic's."""
    here = [one for one in outcomes if "absent" not in one]
    rows = chosen(here)
    if not rows:
        return ("failed", False) if here else ("not measured", None)
    level = [bool(one["feasible"]) and one["cost"] <= one["best"] + 1e-3 for one in rows]
    below = sum(bool(one["feasible"]) and one["cost"] < one["best"] - 1e-3 for one in rows)
    return (f"{sum(level)} of {len(here)}, of these {below} below", sum(level) == len(here))


GROUPS = (
    Group(
        name="districts", title="Contiguous districts of generated areas", tasks=_areas,
        kind="districts",
        shows="Every district within the tolerance in every measure and in one part, or the plan "
        "does not count; cost is the weighted mean squared distance from the centroids, km2.",
        targets=(
            Target(text="every plan within limits and contiguous", judge=all_feasible()),
            Target(text="1,000 / 20: first plan in 0.5 s", judge=_first_plan("1,000", 0.5)),
            Target(text="33,000 / 500: first plan in 10 s", judge=_first_plan("33,000", 10.0)),
        ),
    ),
    Group(
        name="tdp", title="Published commercial districts", tasks=_tdp, kind="districts",
        shows="Three measures within 5 %, contiguous, least sum of distances to the centre; the "
        "best known values are proven optima at most of the small ones, else a heuristic's.",
        targets=(
            Target(text="60 areas: all proven in 10 s each", judge=proven(10.0, sizes="60")),
            Target(text="at or below the published value on all", judge=_not_above),
        ),
    ),
    Group(
        name="counties", title="Counties: fewest cut edges", tasks=_counties, kind="districts",
        shows="Contiguous districts of nearly equal population; the best known values are proven "
        "optima.",
        targets=(
            Target(text="all optima in 10 s", judge=best_within(0.0, 10.0)),
            Target(text="all proven in 60 s", judge=proven(60.0, who="planlib, with proof")),
        ),
    ),
)  # fmt: skip
