"""Which steps a run does: what is due in a period, and what a person asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planlib import resources
from planlib.errors import RunError, WorkbookError, nearest
from planlib.periods import Period
from planlib.plan import Plan
from planlib.steps import Step
from planlib.tables import TABLES


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """
    What a person asks of a run.

    Parameters
    ----------
    only
        Run these steps and no others.
    start
        Run this step and all later ones that are due.
    parameters
        Texts such as ``tolerance=0.1`` or ``03_territories.tolerance=0.1``.
    as_of
        Date on which the data stand, as text; blank: from plan.yaml or the inputs.
    workers
        Notebooks side by side; None: from plan.yaml.
    force
        Run also what has not changed.
    restart
        Throw away an unfinished run instead of resuming it.
    """

    only: tuple[str, ...] = ()
    start: str = ""
    parameters: tuple[str, ...] = ()
    as_of: str = ""
    workers: int | None = None
    force: bool = False
    restart: bool = False


def steps_in_use(steps: Mapping[str, Step], plan: Plan) -> dict[str, Step]:
    """Give the steps that the organisation uses, in order."""
    return {name: step for name, step in steps.items() if name not in plan.run.off}


def due_steps(
    steps: Mapping[str, Step], period: Period, here: Collection[str], anywhere: Collection[str]
) -> dict[str, str]:
    """
    Give the steps that are due in a period, with the reason.

    Parameters
    ----------
    steps
        Steps in use.
    period
        The period that is run; it does its own cadence and all finer ones.
    here
        Steps that the cycle's published revision or unfinished run already has.
    anywhere
        Steps that some cycle of the workbook has published.
    """
    cadences = period.cadences()
    due = {}
    for name, step in steps.items():
        if step.cadence in cadences:
            due[name] = f"due every {step.cadence}"
        elif name in here:
            due[name] = "part of this cycle"
        elif name not in anywhere:
            due[name] = "never run before"
    return due


def select_steps(steps: Mapping[str, Step], due: Collection[str], options: RunOptions) -> list[str]:
    """
    Give the steps of a run in order.

    Raises
    ------
    WorkbookError
        If a step that is asked for does not exist or is switched off.
    """
    for name in (*options.only, *([options.start] if options.start else [])):
        if name not in steps:
            near = nearest(name, steps)
            hint = f"did you mean '{near[0]}'?" if near else f"steps are {', '.join(steps)}"
            raise WorkbookError(f"there is no step '{name[:60]}' in this workbook; {hint}")
    if options.only:
        return [name for name in steps if name in options.only]
    order = list(steps)
    first = order.index(options.start) if options.start else 0
    return [name for name in order[first:] if name in due]


def dependencies(steps: Mapping[str, Step], name: str) -> list[str]:
    """
    Give the earlier steps whose tables a step reads; every step needs the first one, intake.

    A table that a later step writes comes from an earlier cycle, so it makes no dependency.
    """
    order = list(steps)
    place = order.index(name)
    reads = set(steps[name].reads)
    return [
        other for other in order[:place] if other == order[0] or reads & set(steps[other].writes)
    ]


def writer_of(steps: Mapping[str, Step], table: str) -> str | None:
    """Give the step that writes a table; inputs are written by the first step."""
    for name, step in steps.items():
        if table in step.writes:
            return name
    is_input = table in TABLES and TABLES[table].role == "input"
    return next(iter(steps)) if is_input else None


def find_notebooks(
    root: Path, steps: Sequence[str], given: Mapping[str, Path] | None, needed: Collection[str]
) -> dict[str, Path]:
    """
    Give the notebook of each step: the workbook's own copy if it has one, else the package's.

    Parameters
    ----------
    root
        The workbook's folder.
    steps
        Steps in use.
    given
        Notebooks that take the place of the package's.
    needed
        Steps whose notebooks must exist.

    Raises
    ------
    RunError
        If a notebook that is needed does not exist.
    """
    found = {}
    for name in steps:
        path = root / "notebooks" / f"{name}.ipynb"
        if not path.is_file():
            path = given[name] if given and name in given else _packaged(name)
        if path.is_file():
            found[name] = path
        elif name in needed:
            raise RunError(name, "failed", f"its notebook {path} does not exist")
    return found


def _packaged(name: str) -> Path:
    return resources.notebooks_dir() / f"{name}.ipynb"
