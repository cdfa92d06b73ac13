"""What the commands share: options, one message per error, exit codes, tables, dates."""

from __future__ import annotations

import datetime
import signal
import traceback
from types import FrameType, TracebackType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from planlib.errors import ExitCode, PlanError, WorkbookError, exit_code_lines

#: Last lines of help texts.
EXIT_CODES = "Exit codes:\n\n" + "\n\n".join(exit_code_lines())

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

Workbook = Annotated[str, typer.Argument(help="Folder with plan.yaml.", metavar="WORKBOOK")]
Cycle = Annotated[
    str, typer.Option("--cycle", "-c", help="Period: 2026, 2026Q1, 2026-03, 2026W12 or 2026-03-17.")
]
CycleToRun = Annotated[
    str,
    typer.Option(
        "--cycle",
        "-c",
        help="Period: 2026, 2026Q1, 2026-03, 2026W12 or 2026-03-17; for schedules also week, "
        "month, quarter, year of today, or last-week and so on.",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", help="Date on which the data stand; else from plan.yaml or the inputs."
    ),
]


class OneMessage:
    """Turn whatever ends a command into one message and an exit code."""

    def __init__(self, debug: bool) -> None:
        self.debug = debug

    def __enter__(self) -> None:
        self.before = signal.signal(signal.SIGTERM, _interrupt)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGTERM, self.before)
        if error is None or isinstance(error, typer.Exit | SystemExit):
            return
        if self.debug:
            err.print(escape("".join(traceback.format_exception(kind, error, trace))))
        if isinstance(error, KeyboardInterrupt):
            err.print("interrupted; the published revision is as it was, run again to resume")
            raise typer.Exit(ExitCode.INTERRUPTED)
        if isinstance(error, PlanError):
            err.print(f"[bold red]error:[/] {escape(str(error))}")
            raise typer.Exit(error.exit_code)
        if isinstance(error, OSError):
            err.print(f"[bold red]error:[/] {escape(_about_file(error))}")
            raise typer.Exit(ExitCode.FAILED)
        hint = "" if self.debug else "; give --debug to see where"
        err.print(
            f"[bold red]unexpected {kind.__name__ if kind else 'error'}:[/] "
            f"{escape(str(error))}{hint}"
        )
        raise typer.Exit(ExitCode.FAILED)


def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print rows under a title."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)


def day_of(text: str) -> datetime.date:
    """Read a day, or say how one is written."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise WorkbookError(f"'{text[:40]}' is not a date such as 2026-03-31") from None


def _about_file(error: OSError) -> str:
    place = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{place}; what was published is as it was"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
