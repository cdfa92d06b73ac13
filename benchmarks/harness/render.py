"""Write what was measured as one page: quality first, then time, then memory."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

from benchmarks.groups.verdicts import best_bounds, best_costs, chosen, gap, wrong_bounds
from benchmarks.harness.tasks import Group, Outcome

HEAD = """\
# Benchmarks

Written by `make bench` (`BENCH=full make bench` for the long ones); `python -m benchmarks --help`
says how to run parts. Where a full run was made, its figures are shown.

Every measured call runs in a process of its own. A plan counts as feasible only if an independent
check in float64 on the original data finds every limit kept, without any allowance. Gaps are those
to the highest bound of any solver in the run and to the best plan known; medians over the
instances, the worst in brackets. Times are those of a later call in the same process (the first
call stands beside it): seconds on the clock, and of the process on all cores. Memory is the peak of
the process, instance included. A gap is shown only for feasible plans.
"""
COLUMNS = ("size", "who", "limit s", "feasible", "excess %", "gap to bound %", "gap to best %",
           "proven", "seconds", "process s", "first call s", "GB", "remarks")  # fmt: skip
BOUND_ONLY = "bound only"  # the remark of a solver that looks for no plan


def page(sections: Iterable[str]) -> str:
    """Write the page from its sections."""
    return "\n".join([HEAD, *sections])


def kept(text: str) -> dict[str, str]:
    """Give the sections of a page that was written before, by title."""
    parts = text.split("\n## ")[1:]
    return {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in parts}


def section(group: Group, content: dict[str, Any]) -> str:
    """Write a group: what it shows, the targets with what was reached, the table."""
    outcomes: list[Outcome] = content["outcomes"]
    kind = "full run" if content["full"] else "short run, with little time for each solver"
    if not content["complete"]:
        kind += ", stopped before its end"
    lines = [f"## {group.title}", "", group.shows, ""]
    for target in group.targets:
        reached, good = target.judge(outcomes)
        word = "" if good is None else ": **reached**" if good else ": **not reached**"
        lines.append(f"- Target: {target.text}. Found: {reached}{word}.")
    for wrong in wrong_bounds(outcomes):
        lines.append(f"- **Wrong bound**, above the cost of a feasible plan: {wrong}.")
    lines += [""] if group.targets else []
    lines += [table(outcomes), "", f"{kind}; {content['machine']}; {content['versions']}", ""]
    return "\n".join(lines)


def table(outcomes: list[Outcome]) -> str:
    """Write one line for each size and solver."""
    bounds, costs = best_bounds(outcomes), best_costs(outcomes)
    lines = [_line(COLUMNS), _line(["---"] * 2 + ["---:"] * (len(COLUMNS) - 3) + ["---"])]
    for size, who in dict.fromkeys((one["size"], one["who"]) for one in outcomes):
        rows = [one for one in outcomes if (one["size"], one["who"]) == (size, who)]
        lines.append(_line(_cells(rows, bounds, costs)))
    return "\n".join(lines)


def _cells(rows: list[Outcome], bounds: dict[str, float], costs: dict[str, float]) -> list[str]:
    there = chosen(rows)
    first = rows[0]
    head = [first["size"], first["who"], f"{first['limit']:.0f}"]
    if not there:
        return [*head, *["-"] * (len(COLUMNS) - 4), _remarks(rows)]
    good = [one for one in there if one["feasible"]]
    nan = float("nan")
    to_bound = [gap(one["cost"], bounds.get(one["instance"], nan)) for one in good]
    to_best = [gap(one["cost"], costs.get(one["instance"], nan)) for one in good]
    proven = sum(one["bound"] >= one["cost"] - 1e-6 * max(1.0, abs(one["cost"])) for one in good)
    counted = "-" if all(one["remark"] == BOUND_ONLY for one in there) else ""
    return [
        *head, counted or f"{len(good)} of {len(rows)}",
        _spread([100 * one["excess"] for one in there], "{:.3f}"),
        _spread(to_bound, "{:.3f}"), _spread(to_best, "{:.3f}"), f"{proven} of {len(rows)}",
        *(_spread([one[key] for one in there if key in one], "{:.2f}")
          for key in ("wall", "cpu", "cold_wall", "gigabytes")),
        _remarks(rows),
    ]  # fmt: skip


def _spread(values: list[float], form: str) -> str:
    """Write median and, where there are several, the worst."""
    values = [value for value in values if value == value]
    if not values:
        return "-"
    middle = form.format(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({form.format(max(values))})"


def _remarks(rows: list[Outcome]) -> str:
    """Write errors first, then what is not there, then why plans do not count."""
    failed = [f"**failed**: {one['error']}" for one in rows if one.get("error")]
    absent = [one["absent"] for one in rows if "absent" in one]
    missing = (
        [f"{len(absent)} not available: {'; '.join(absent[:3])}"] if len(absent) > 1 else absent
    )
    if len(absent) > 3:
        missing[0] += " ..."
    wrong = [one["remark"] for one in chosen(rows) if one.get("remark")]
    texts = dict.fromkeys([*failed[:2], *missing, *wrong[:2]])
    return "; ".join(text.replace("|", "/").replace("\n", " ") for text in texts)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
