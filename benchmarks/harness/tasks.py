"""What is measured: tasks, in groups that each answer one question."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from benchmarks import instances

Outcome = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """
    One solver on one instance.

    Parameters
    ----------
    size
        Which rows belong together in the table.
    who
        The solver as the table calls it.
    solver
        A key of ``benchmarks.peers.SOLVERS``.
    family, arguments
        The instance: a name of ``benchmarks.instances`` and what it is called with.
    options
        What the solver is told beside the instance.
    limit
        Seconds on the clock that the solver may take.
    warm
        Further calls in the same process after the first one.
    prices_from
        The ``who`` of the task on the same instance whose prices say which pairs to keep.
    """

    size: str
    who: str
    solver: str
    family: str = "accounts"
    arguments: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    limit: float = 60.0
    warm: int = 0
    prices_from: str = ""

    @property
    def instance(self) -> str:
        """The instance as a text."""
        return f"{self.family} {json.dumps(self.arguments, sort_keys=True)}"

    @property
    def key(self) -> str:
        """The task as a text; a result counts only for exactly the same task."""
        return json.dumps(asdict(self), sort_keys=True)

    def make(self) -> Any:
        """Make the instance."""
        return getattr(instances, self.family)(**self.arguments)


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    What a group has to reach.

    Parameters
    ----------
    text
        The target.
    judge
        Says what was reached, and whether that is enough; None where it was not measured.
    """

    text: str
    judge: Callable[[list[Outcome]], tuple[str, bool | None]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """
    A question with its tasks.

    Parameters
    ----------
    name
        Also of the file with the results.
    title, shows
        Heading, and a sentence on what the table shows.
    tasks
        Gives the tasks of a full or a short run.
    targets
        What is to be reached in a full run.
    kind
        Which columns the table has.
    """

    name: str
    title: str
    shows: str
    tasks: Callable[[bool], list[Task]]
    targets: tuple[Target, ...] = ()
    kind: Literal["plans", "districts", "growth"] = "plans"


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """
    What a solver gives back.

    Parameters
    ----------
    plan
        (n,), or (trials, n) where a task has several; None where there is no plan.
    bound
        What no plan can fall below, nan where the solver has none.
    status
        The solver's own word.
    prices
        (K, m) where the solver has them.
    calls
        Seconds on the clock and of the process, where the solver measures itself.
    more
        Figures that the table or a target needs.
    """

    plan: np.ndarray | None
    bound: float = float("nan")
    status: str = ""
    prices: np.ndarray | None = None
    calls: tuple[tuple[float, float], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


def no_plan(remark: str) -> Outcome:
    """Give the outcome of a peer that was stopped before it had a plan."""
    nan = float("nan")
    times = dict.fromkeys(("wall", "cpu", "cold_wall", "cold_cpu", "worst_wall"), nan)
    return {"feasible": False, "excess": nan, "cost": nan, "bound": nan, "best": nan,
            "proven": False, "gigabytes": nan, "status": "", "more": {}, "remark": remark,
            "name": "", **times}  # fmt: skip
