"""Check everything that can be checked before a run starts, and hold it together."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from planlib import steps as registry
from planlib.cycle.building import published_steps, read_unfinished
from planlib.cycle.fingerprint import StepInputs, package_versions
from planlib.cycle.parameters import Value, resolve_parameters
from planlib.cycle.pins import pin_previous, pin_tables
from planlib.cycle.selection import (
    RunOptions,
    due_steps,
    find_notebooks,
    select_steps,
    steps_in_use,
)
from planlib.errors import InputError, WorkbookError
from planlib.periods import Period
from planlib.plan import Plan, load_plan
from planlib.steps import Step
from planlib.store.decisions import stray_files
from planlib.store.layout import CycleFolder, all_cycles, cycle_folder, find_workbook
from planlib.store.resolve import published

__all__ = ["Prepared", "Step", "inputs_of", "prepare"]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """
    A run that may start: everything checked, nothing written yet.

    Parameters
    ----------
    root, plan, period, folder
        Workbook, settings, period and the cycle's folder.
    options
        What a person asked for.
    steps
        Steps in use, in order.
    due
        Steps that are due, with the reason.
    selected
        Steps of the run, in order.
    notebooks
        Notebook of every step in use that has one.
    parameters
        Checked values by step.
    option_as_of, given_as_of
        The as-of date of the command line; the same or else that of plan.yaml.
    versions
        Versions of Python and of the packages.
    """

    root: Path
    plan: Plan
    period: Period
    folder: CycleFolder
    options: RunOptions
    steps: Mapping[str, Step]
    due: Mapping[str, str]
    selected: list[str]
    notebooks: Mapping[str, Path]
    parameters: Mapping[str, dict[str, Value]]
    option_as_of: datetime.date | None
    versions: Mapping[str, str]

    @property
    def given_as_of(self) -> datetime.date | None:
        """The as-of date that a person gave."""
        return self.option_as_of or self.plan.as_of

    @property
    def workers(self) -> int:
        """Notebooks side by side."""
        return self.options.workers or self.plan.run.workers


def prepare(
    workbook: str | Path,
    cycle: str | int,
    options: RunOptions,
    steps: Mapping[str, Step] | None,
    notebooks: Mapping[str, Path] | None,
) -> Prepared:
    """
    Check workbook, settings, steps, notebooks and parameters of a run.

    Raises
    ------
    PlanError
        If the run cannot start; nothing has been written then.
    """
    root = find_workbook(workbook)
    plan = load_plan(root)
    stray = stray_files(root / "overrides")
    if stray:
        raise InputError(str(root / "overrides"), stray)
    period = plan.period(cycle)
    folder = cycle_folder(root, period.name, plan.fiscal_year.fiscal_year())
    used = steps_in_use(registry.STEPS if steps is None else steps, plan)
    due = due_steps(used, period, _steps_here(folder), _steps_anywhere(root, plan))
    selected = select_steps(used, due, options)
    found = find_notebooks(root, list(used), notebooks, selected)
    chosen = {name: found[name] for name in selected}
    parameters = resolve_parameters(options.parameters, chosen, used, plan)
    return Prepared(
        root=root,
        plan=plan,
        period=period,
        folder=folder,
        options=options,
        steps=used,
        due=due,
        selected=selected,
        notebooks=found,
        parameters=parameters,
        option_as_of=_day(options.as_of),
        versions=package_versions(),
    )


def inputs_of(prepared: Prepared, name: str, base: Path, as_of: datetime.date | None) -> StepInputs:
    """
    Give what a step of the run depends on, as things stand in a revision.

    Parameters
    ----------
    prepared
        The run.
    name
        The step.
    base
        Folder of the revision that holds the tables of earlier steps.
    as_of
        Date on which the data stand, where it is known.
    """
    others = published(prepared.root, prepared.period, as_of)
    step = prepared.steps[name]
    reads_files = name == next(iter(prepared.steps))
    return StepInputs(
        step=step,
        notebook=prepared.notebooks[name],
        parameters=prepared.parameters.get(name, {}),
        reads_files=reads_files,
        as_of=as_of,
        given_as_of=prepared.given_as_of,
        tables=pin_tables(prepared.steps, name, base, prepared.period.name, others),
        previous=pin_previous(step, prepared.period.start, others),
        versions=prepared.versions,
    )


def _steps_here(folder: CycleFolder) -> set[str]:
    return {*read_unfinished(folder), *published_steps(folder)}


def _steps_anywhere(root: Path, plan: Plan) -> set[str]:
    found: set[str] = set()
    for folder in all_cycles(root, plan.fiscal_year.fiscal_year()):
        found |= set(published_steps(folder))
    return found


def _day(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise WorkbookError(f"--as-of '{text[:40]}' is not a date such as 2026-03-31") from None
