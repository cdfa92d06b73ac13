"""The command line: thin, one clear message per error, exit codes that a scheduler understands."""

from __future__ import annotations

import datetime
import shutil
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import planlib
from planlib import resources
from planlib.errors import PlanError, RunError, WorkbookError

if TYPE_CHECKING:
    import pandas as pd

DEMO = "planlib-demo"
DEMO_CYCLE = "2026Q1"
INTERRUPTED = 130

app = typer.Typer(
    name="planlib",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Plan segments, territories, key accounts and pipeline of a sales organisation.",
)
out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

Workbook = Annotated[str, typer.Argument(help="Folder with plan.yaml.", metavar="WORKBOOK")]
Cycle = Annotated[
    str, typer.Option("--cycle", "-c", help="Period: 2026, 2026Q1, 2026-03, 2026W12 or 2026-03-17.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", help="Date on which the data stand; else from plan.yaml or the inputs."
    ),
]


class _OneMessage:
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
            raise typer.Exit(INTERRUPTED)
        if isinstance(error, PlanError):
            err.print(f"[bold red]error:[/] {escape(str(error))}")
            raise typer.Exit(error.exit_code)
        if isinstance(error, OSError):
            err.print(f"[bold red]error:[/] {escape(_about_file(error))}")
            raise typer.Exit(RunError.exit_code)
        hint = "" if self.debug else "; give --debug to see where"
        err.print(
            f"[bold red]unexpected {kind.__name__ if kind else 'error'}:[/] "
            f"{escape(str(error))}{hint}"
        )
        raise typer.Exit(RunError.exit_code)


@app.command()
def run(
    workbook: Workbook,
    cycle: Cycle,
    only: Annotated[
        list[str], typer.Option(help="Run this step alone; may be given again.", metavar="STEP")
    ] = [],  # noqa: B006
    start: Annotated[
        str, typer.Option("--from", help="Run this step and the later ones.", metavar="STEP")
    ] = "",
    parameter: Annotated[
        list[str],
        typer.Option(
            "-p",
            "--parameter",
            metavar="NAME=VALUE",
            help="tolerance=0.1 for every notebook that has it, "
            "03_territories.tolerance=0.1 for one.",
        ),
    ] = [],  # noqa: B006
    as_of: AsOf = "",
    workers: Annotated[int | None, typer.Option(help="Notebooks side by side.", min=1)] = None,
    force: Annotated[bool, typer.Option(help="Run also what has not changed.")] = False,
    restart: Annotated[
        bool, typer.Option(help="Throw an unfinished run away instead of resuming it.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would run and why.")] = False,
    debug: Debug = False,
) -> None:
    """Run what is due in a period and publish it as a new revision."""
    from planlib.cycle.selection import RunOptions

    with _OneMessage(debug):
        options = RunOptions(
            only=tuple(only),
            start=start,
            parameters=tuple(parameter),
            as_of=as_of,
            workers=workers,
            force=force,
            restart=restart,
        )
        if dry_run:
            _explain(workbook, cycle, options)
        else:
            _run(workbook, cycle, options)


@app.command()
def demo(
    sample: Annotated[str, typer.Option(help="software or industrial.")] = "software",
    debug: Debug = False,
) -> None:
    """Copy a data sample into ./planlib-demo and run its planning cycle."""
    from planlib.cycle.selection import RunOptions

    with _OneMessage(debug):
        target = Path(DEMO)
        known = sorted(
            path.name
            for path in resources.samples_dir().iterdir()
            if (path / "plan.yaml").is_file()
        )
        if sample not in known:
            raise WorkbookError(f"there is no sample '{sample}'; samples are {', '.join(known)}")
        if not (target / "plan.yaml").is_file():
            if target.is_dir() and any(target.iterdir()):
                raise WorkbookError(f"{target} is there already and is no workbook; move it away")
            shutil.copytree(
                resources.samples_dir() / sample,
                target,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("cycles", "history"),
            )
            out.print(f"copied the sample '{sample}' to {target}")
        _run(str(target.resolve()), DEMO_CYCLE, RunOptions())


@app.command()
def status(
    workbook: Workbook,
    on: Annotated[
        str, typer.Option("--on", help="Day for which due and overdue are told; today by default.")
    ] = "",
    debug: Debug = False,
) -> None:
    """Show what is published, unfinished, due and overdue."""
    from planlib.cycle.status import cycle_status, step_status

    with _OneMessage(debug):
        day = _day(on) if on else datetime.date.today()
        cycles = cycle_status(workbook)
        _table(
            "Cycles",
            ["cycle", "published", "as of", "at (UTC)", "unfinished run", "draft"],
            [
                [
                    one.cycle,
                    one.revision or "-",
                    one.as_of,
                    one.published_at,
                    one.unfinished,
                    "yes" if one.has_draft else "",
                ]
                for one in cycles
            ],
        )
        _table(
            f"Steps on {day.isoformat()}",
            ["step", "every", "state", "last cycle", "as of"],
            [
                [one.step, one.cadence, one.state, one.last, one.as_of]
                for one in step_status(workbook, day)
            ],
        )


@app.command()
def check(workbook: Workbook, as_of: AsOf = "", debug: Debug = False) -> None:
    """Say what is wrong with the inputs, and what can be computed from them."""
    with _OneMessage(debug):
        raise typer.Exit(_intake("check_workbook")(workbook, as_of or None, out.print))


@app.command()
def snapshot(workbook: Workbook, as_of: AsOf = "", debug: Debug = False) -> None:
    """Keep the opportunities as they stand, for later cycles; do nothing else."""
    with _OneMessage(debug):
        path = _intake("snapshot_workbook")(workbook, as_of or None)
        out.print(f"kept {escape(str(path))}" if path else "nothing new since the last snapshot")


@app.command()
def publish(workbook: Workbook, cycle: Cycle, debug: Debug = False) -> None:
    """Publish what an interactive session has written to the draft."""
    from planlib.cycle.promote import publish_draft

    with _OneMessage(debug):
        _say_where(publish_draft(workbook, cycle))


@app.command()
def report(workbook: Workbook, cycle: Cycle, debug: Debug = False) -> None:
    """Build report and Excel files of the published tables anew, as a new revision."""
    from planlib.cycle.promote import rebuild_report

    with _OneMessage(debug):
        _say_where(rebuild_report(workbook, cycle))


@app.command()
def route(
    workbook: Workbook,
    file: Annotated[
        Path | None, typer.Argument(help="CSV of leads; else the leads that wait.", metavar="FILE")
    ] = None,
    cycle: Cycle = "",
    lead: Annotated[
        list[str],
        typer.Option("--lead", metavar="NAME=VALUE", help="One lead, column by column."),
    ] = [],  # noqa: B006
    policy: Annotated[str, typer.Option(help="Policy; else as in plan.yaml.")] = "",
    why: Annotated[str, typer.Option(help="LEAD:REP: why did this rep not get it?")] = "",
    to: Annotated[Path | None, typer.Option(help="Also write the lead owners to this CSV.")] = None,
    as_of: AsOf = "",
    dry_run: Annotated[bool, typer.Option(help="Decide, but keep nothing.")] = False,
    debug: Debug = False,
) -> None:
    """Decide who gets a lead, a file of leads, or the leads that wait."""
    from planlib.cycle.leads import read_leads, route_leads, shape_text
    from planlib.exchange.leads import owner_csv
    from planlib.store import open_workbook
    from planlib.store.atomic import write_text

    with _OneMessage(debug):
        wb = open_workbook(workbook, cycle or None)
        rows, said = (None, []) if file is None else read_leads(file)
        if lead:
            rows, said = shape_text(_one_lead(lead), "--lead")
        day = _day(as_of) if as_of else wb.as_of if rows is None else datetime.date.today()
        asked = tuple(why.split(":", 1)) if ":" in why else ()
        found = route_leads(wb, rows, day, policy=policy, keep=not dry_run, why=asked)
        shown = found.decisions.astype("object").where(found.decisions.notna(), "").astype(str)
        columns = ["lead_id", "rep_id", "outcome", "ready_at", "grade", "reason"]
        _table("Routes", columns, shown[columns].head(50).to_numpy().tolist())
        if len(shown) > 50:
            out.print(f"and {len(shown) - 50:,} more; --to FILE writes all")
        for line in (*said, *found.refused, *found.findings, found.answer):
            if line:
                out.print(escape(line))
        if to is not None:
            write_text(to, owner_csv(found.decisions))
            out.print(f"owners     {escape(str(to))}")


def _one_lead(fields: list[str]) -> pd.DataFrame:
    import pandas as pd

    pairs = [one.partition("=") for one in fields]
    if not all(sign and name for name, sign, _ in pairs):
        raise WorkbookError("--lead needs NAME=VALUE, such as --lead lead_id=L-1")
    return pd.DataFrame({name.strip(): [value] for name, _, value in pairs}, dtype="str")


@app.command()
def version() -> None:
    """Print the version."""
    out.print(planlib.__version__)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # names in Chinese on an English console
    app()


def _run(workbook: str, cycle: str, options: Any) -> None:
    from planlib.cycle.display import RunDisplay
    from planlib.cycle.runner import run_cycle

    with RunDisplay(out) as display:
        result = run_cycle(workbook, cycle, options, listener=display)
    for failure in result.failures:
        err.print(f"[bold red]error:[/] {escape(str(failure))}")
    if result.failures:
        err.print("the published revision is as it was; run the same command again to resume")
        raise typer.Exit(result.exit_code)
    if result.stale:
        out.print(f"not run, although what they read has changed: {', '.join(result.stale)}")
    if result.revision is None:
        return
    if not result.changed:
        out.print(
            f"nothing has changed since {result.revision.parent.name}/"
            f"{result.revision.name}; nothing was run"
        )
    _say_where(result.revision)
    if any((result.revision.parent / "draft").rglob("*.parquet")):
        out.print(
            "Notebooks read the tables of draft/ first; planlib publish makes them a "
            "revision, removing the folder forgets them."
        )


def _say_where(revision: Path) -> None:
    """Name the report and what to open next."""
    shown = _near(revision)
    if (revision / "report.html").is_file():
        out.print(f"report     {escape(str(shown / 'report.html'))}")
    if (revision / "exchange").is_dir():
        out.print(f"Excel      {escape(str(shown / 'exchange'))}")
    out.print(f"notebooks  {escape(str(shown / 'notebooks'))}")
    out.print(
        "Open the report in a browser; to change a decision, open the notebooks in JupyterLab."
    )


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _explain(workbook: str, cycle: str, options: Any) -> None:
    from planlib.cycle.explain import explain
    from planlib.cycle.prepare import prepare

    found = explain(prepare(workbook, cycle, options, None, None))
    _table(
        "What a run would do",
        ["step", "would", "why"],
        [[one.step, one.action, "; ".join(one.reasons)] for one in found],
    )


def _table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)


def _intake(name: str) -> Any:
    return getattr(import_module("planlib.intake"), name)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise WorkbookError(f"'{text[:40]}' is not a date such as 2026-03-31") from None


def _about_file(error: OSError) -> str:
    place = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{place}; what was published is as it was"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
