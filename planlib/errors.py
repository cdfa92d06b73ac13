"""Errors of planlib: one tree, a stable code and an exit code each, every problem in one go."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """How a command ends, for schedulers; ``meaning`` is what help and documents print."""

    DONE = 0
    BAD_INPUT = 2
    INFEASIBLE = 3
    FAILED = 4
    BUSY = 5
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One line: what happened, and whether the same command may be given again."""
        return _MEANINGS[self.name]


_MEANINGS = {
    "DONE": "done, also where nothing had changed and nothing was run",
    "BAD_INPUT": "bad input, setting, parameter or usage, also where a step finds it: mend what "
    "the message names",
    "INFEASIBLE": "no plan exists within the limits: loosen one that the message names",
    "FAILED": "a step, the disk or planlib failed, and no input is named: the same command resumes",
    "BUSY": "another process holds this cycle: try again when it has ended",
    "INTERRUPTED": "interrupted by Ctrl-C or SIGTERM: the same command resumes",
}


def exit_code_lines() -> list[str]:
    """Give one line for each exit code, for the help texts of the command line."""
    return [f"{code.value} {code.meaning}" for code in ExitCode]


def _listed(problems: Sequence[str]) -> str:
    """One problem inline, several as a list with one line each."""
    if len(problems) == 1:
        return problems[0]
    return f"{len(problems)} problems\n" + "\n".join(f"  - {problem}" for problem in problems)


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """
    Give the known words that look most like a word, for the hint in an error message.

    Parameters
    ----------
    word
        What was found.
    known
        What is allowed.
    count
        How many to give at most.

    Returns
    -------
    list of str
        Best first; empty when nothing is similar.

    Examples
    --------
    >>> nearest("tolerence", ["tolerance", "measures"])
    ['tolerance']
    """
    return difflib.get_close_matches(word, sorted(known), n=count, cutoff=0.6)


class PlanError(Exception):
    """Base of all errors that planlib raises on purpose."""

    code = "plan_error"
    exit_code: int = ExitCode.BAD_INPUT


class ProblemsError(PlanError, ValueError):
    """Base of errors that list problems found at one place, such as a table or a file."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = list(problems)
        super().__init__(where, self.problems)

    def __str__(self) -> str:
        """Say where, then every problem."""
        return f"{self.where}: {_listed(self.problems)}"


class TableError(ProblemsError):
    """A table breaks its contract; ``problems`` lists every breach, ``table`` names the table."""

    code = "bad_table"

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.where


class SettingsError(ProblemsError):
    """plan.yaml or an overridden setting is wrong; ``problems`` lists every key."""

    code = "bad_settings"


class InputError(ProblemsError):
    """An input file, sheet or connection cannot be used; ``problems`` name row and column."""

    code = "bad_input"


class ParameterError(ProblemsError):
    """A parameter of a run is unknown or has a wrong value."""

    code = "bad_parameter"


class PeriodError(PlanError, ValueError):
    """A period's name cannot be read."""

    code = "bad_period"


class WorkbookError(PlanError, ValueError):
    """A workbook folder, or something in it, is not as it should be."""

    code = "bad_workbook"


class MissingTableError(PlanError, LookupError):
    """A table was asked for that nothing has written yet."""

    code = "missing_table"

    def __init__(self, table: str, command: str) -> None:
        self.table = table
        self.command = command
        super().__init__(table, command)

    def __str__(self) -> str:
        """Name the table and the command that makes it."""
        return f"table '{self.table}' does not exist yet; make it with: {self.command}"


class InfeasibleError(PlanError):
    """No plan exists within the stated limits; the message names the limits that conflict."""

    code = "infeasible"
    exit_code: int = ExitCode.INFEASIBLE


class LockedError(PlanError):
    """Another run holds the cycle."""

    code = "locked"
    exit_code: int = ExitCode.BUSY


class RunError(PlanError):
    """A step of a cycle failed; ``state`` is failed, timed_out, kernel_died or incomplete."""

    code = "run_failed"
    exit_code: int = ExitCode.FAILED

    def __init__(self, step: str, state: str, message: str, notebook: Path | None = None) -> None:
        self.step = step
        self.state = state
        self.message = message
        self.notebook = notebook
        super().__init__(step, state, message, notebook)

    def __str__(self) -> str:
        """Name the step, what happened, and the notebook to open."""
        text = f"{self.step} {self.state.replace('_', ' ')}: {self.message}"
        return text if self.notebook is None else f"{text}\nopen {self.notebook} to see it"
