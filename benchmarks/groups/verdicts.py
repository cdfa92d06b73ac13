"""Say whether a target is reached, from the outcomes of its group."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

from benchmarks.harness.tasks import Outcome

Verdict = tuple[str, bool | None]
Judge = Callable[[list[Outcome]], Verdict]


def chosen(outcomes: Iterable[Outcome], *, who: str = "", size: str = "") -> list[Outcome]:
    """Give the outcomes that were measured, of one solver, of one size; blank means any."""
    return [
        one
        for one in outcomes
        if (not who or one["who"] == who)
        and (not size or one["size"] == size)
        and "absent" not in one
        and not one.get("error")
    ]


def failed(outcomes: Iterable[Outcome], *, who: str = "", size: str = "") -> int:
    """Count the calls that ended with an error; they count as not reached."""
    return sum(
        bool(one.get("error"))
        for one in outcomes
        if (not who or one["who"] == who) and (not size or one["size"] == size)
    )


def best_bounds(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """Give the highest bound for each instance; published optima are bounds too."""
    found: dict[str, float] = {}
    for one in chosen(outcomes):
        here = one["instance"]
        values = [one["bound"]] + ([one["best"]] if one.get("proven") else [])
        for value in values:
            if value is not None and value == value and abs(value) < float("inf"):
                found[here] = max(found.get(here, value), value)
    return found


def best_costs(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """Give the lowest cost of a feasible plan for each instance, or the published one if lower."""
    found: dict[str, float] = {}
    for one in chosen(outcomes):
        here = one["instance"]
        for value in [one["cost"]] * bool(one["feasible"]) + [one.get("best")]:
            if value is not None and value == value:
                found[here] = min(found.get(here, value), value)
    return found


def gap(cost: float, base: float) -> float:
    """Give the distance of a cost from a base, in percent; nan where the base is not positive."""
    return 100 * (cost - base) / base if base > 0 else float("nan")


def own_gap(one: Outcome) -> float:
    """Give the distance from the solver's own bound; nan without a plan."""
    if not one["feasible"] or one["bound"] is None:
        return float("nan")
    return gap(one["cost"], one["bound"])


def wrong_bounds(outcomes: list[Outcome]) -> list[str]:
    """
    Name the solvers whose bound lies above a feasible plan's cost, which no bound may.

    A published value counts as the cost of a plan too, up to the digits that it was printed with.
    """
    costs = best_costs([one | {"best": None} for one in outcomes])
    return [
        f"{one['who']} on {one['instance']}"
        for one in chosen(outcomes)
        if one["bound"] is not None
        and one["bound"] > _highest_bound(one.get("best"), costs.get(one["instance"]))
    ]


def _highest_bound(published: float | None, found: float | None) -> float:
    """Say what a bound may not exceed, with room for the digits of floats and printed values."""
    highest = float("inf")
    if found is not None:
        highest = found * (1 + 1e-7) + 1e-9
    if published is not None and published == published:
        digits = len(f"{published!r}".partition(".")[2].rstrip("0"))
        unseen = 0.5 * 10**-digits if digits else 1e-9  # whole numbers are printed in full
        highest = min(highest, published * (1 + 1e-7) + unseen)
    return highest


def spread(values: list[float], unit: str = "%") -> str:
    """Give median and worst; a value that is not there is the worst."""
    if not values:
        return "not measured"
    there = [value for value in values if value == value]
    missing = len(values) - len(there)
    if not there:
        return "no plan"
    text = f"{statistics.median(there):.3g} {unit} median, {max(there):.3g} {unit} worst"
    return text + (f", {missing} without" if missing else "")


def all_feasible() -> Judge:
    """Judge whether every instance has a plan within its limits."""

    def judge(outcomes: list[Outcome]) -> Verdict:
        rows = chosen(outcomes, who="planlib")
        lost = failed(outcomes, who="planlib")
        if not rows and not lost:
            return "not measured", None
        good = sum(bool(one["feasible"]) for one in rows)
        whole = len(rows) + lost
        return f"{good} of {whole}", good == whole

    return judge


def gap_within(
    limit: float, seconds: float, *, who: str = "planlib", gigabytes: float = float("inf")
) -> Judge:
    """Judge the median gap to the own bound, the median time on the clock and the memory."""

    def judge(outcomes: list[Outcome]) -> Verdict:
        rows = chosen(outcomes, who=who)
        lost = failed(outcomes, who=who)
        if not rows:
            return ("failed", False) if lost else ("not measured", None)
        gaps = [own_gap(one) for one in rows]
        there = [value for value in gaps if value == value]
        walls = [one["wall"] for one in rows]
        memory = max(one["gigabytes"] for one in rows)
        text = f"{spread(gaps)}; {statistics.median(walls):.1f} s, {memory:.2f} GB"
        good = len(there) == len(gaps) and statistics.median(there) <= limit
        quick = statistics.median(walls) <= seconds
        return text, bool(good and quick and memory < gigabytes and not lost)

    return judge


def best_within(limit: float, seconds: float) -> Judge:
    """Judge the gap to the best value known, over all instances."""

    def judge(outcomes: list[Outcome]) -> Verdict:
        rows = chosen(outcomes, who="planlib")
        lost = failed(outcomes, who="planlib")
        if not rows:
            return ("failed", False) if lost else ("not measured", None)
        gaps = [gap(one["cost"], one["best"]) if one["feasible"] else float("nan") for one in rows]
        there = [value for value in gaps if value == value]
        walls = [one["wall"] for one in rows]
        text = f"{spread(gaps)}; {statistics.median(walls):.1f} s median, {max(walls):.1f} s worst"
        good = len(there) == len(gaps) and max(there) <= limit + 1e-7
        return text, bool(good and statistics.median(walls) <= seconds and not lost)

    return judge


def proven(seconds: float, *, who: str = "planlib", sizes: str = "") -> Judge:
    """Judge whether each optimum was found and proven, in which time."""

    def judge(outcomes: list[Outcome]) -> Verdict:
        rows = [one for one in chosen(outcomes, who=who) if one["size"].startswith(sizes)]
        lost = failed(outcomes, who=who)
        if not rows:
            return ("failed", False) if lost else ("not measured", None)
        good = [
            one["feasible"] and one["bound"] is not None
            and one["bound"] >= one["cost"] - 1e-6 * max(1.0, abs(one["cost"]))
            for one in rows
        ]  # fmt: skip
        walls = [one["wall"] for one in rows]
        text = f"{sum(good)} of {len(rows)} proven; {max(walls):.1f} s worst"
        return text, bool(all(good) and max(walls) <= seconds and not lost)

    return judge


def not_worse(who: str, seconds: float) -> Judge:
    """Judge whether a solver's plans cost no more than the best one of any other solver."""

    def judge(outcomes: list[Outcome]) -> Verdict:
        rows = chosen(outcomes, who=who)
        lost = failed(outcomes, who=who)
        if not rows:
            return ("failed", False) if lost else ("not measured", None)
        others = best_costs(
            [one | {"best": None} for one in outcomes if not one["who"].startswith("planlib")]
        )
        level = [
            one["feasible"] and one["cost"] <= others.get(one["instance"], float("inf")) + 1e-6
            for one in rows
        ]
        walls = [one["wall"] for one in rows]
        text = f"at least level on {sum(level)} of {len(rows)}; {statistics.median(walls):.1f} s"
        return text, bool(all(level) and statistics.median(walls) <= seconds and not lost)

    return judge
