"""The command line: thin, one clear message per error, exit codes that a scheduler understands."""

from __future__ import annotations

import datetime
import re
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

import planlib
from planlib import cli_clients, cli_crm, cli_cycles, cli_people, cli_review, resources
from planlib.cli_common import (
    EXIT_CODES,
    AsOf,
    Cycle,
    CycleToRun,
    Debug,
    OneMessage,
    Workbook,
    day_of,
    err,
    out,
    table,
)
from planlib.errors import WorkbookError
from planlib.language import LANGUAGES
from planlib.store.atomic import write_text

DEMO = "planlib-demo"
DEMO_CYCLE = "2026Q1"

app = typer.Typer(
    name="planlib",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Plan segments, territories, key accounts and pipeline of a sales organisation.",
    epilog=EXIT_CODES,
)


@app.command(epilog=EXIT_CODES)
def run(
    workbook: Workbook,
    cycle: CycleToRun,
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
    from planlib.cycle.current import cycle_named
    from planlib.cycle.selection import RunOptions

    with OneMessage(debug):
        cycle = cycle_named(workbook, cycle)
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
    language: Annotated[
        str, typer.Option(help="en or zh; else that of the sample: the industrial one is in zh.")
    ] = "",
    debug: Debug = False,
) -> None:
    """Copy a data sample into ./planlib-demo and run its planning cycle."""
    from planlib.cycle.selection import RunOptions

    with OneMessage(debug):
        target = Path(DEMO)
        known = sorted(
            path.name
            for path in resources.samples_dir().iterdir()
            if (path / "plan.yaml").is_file()
        )
        if sample not in known:
            raise WorkbookError(f"there is no sample '{sample}'; samples are {', '.join(known)}")
        if language not in ("", *LANGUAGES):
            raise WorkbookError(f"there is no language '{language}'; there are en and zh")
        if not (target / "plan.yaml").is_file():
            if target.is_dir() and any(target.iterdir()):
                raise WorkbookError(f"{target} is there already and is no workbook; move it away")
            shutil.copytree(
                resources.samples_dir() / sample,
                target,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("cycles", "history"),
            )
            if language:
                settings = target / "plan.yaml"
                text = re.sub(r"(?m)^language:.*\n", "", settings.read_text(encoding="utf-8"))
                write_text(settings, f"{text.rstrip()}\nlanguage: {language}\n")
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
    """Show what is published, under way, unfinished, due and overdue."""
    from planlib.cycle.status import cycle_status, step_status

    with OneMessage(debug):
        day = day_of(on) if on else datetime.date.today()
        cycles = cycle_status(workbook)
        table(
            "Cycles",
            ["cycle", "published", "as of", "at (UTC)", "run (UTC)", "draft"],
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
        table(
            f"Steps on {day.isoformat()}",
            ["step", "every", "state", "last cycle", "as of"],
            [
                [one.step, one.cadence, one.state, one.last, one.as_of]
                for one in step_status(workbook, day)
            ],
        )


@app.command()
def check(
    workbook: Workbook,
    as_of: AsOf = "",
    details: Annotated[
        bool,
        typer.Option(
            "--details", help="Also every finding, what each section lacks, each blank file."
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    """Say what is wrong with inputs and decisions, and what can be computed."""
    with OneMessage(debug):
        say = _intake("check_workbook")
        raise typer.Exit(say(workbook, as_of or None, out.print, details=details))


@app.command()
def snapshot(workbook: Workbook, as_of: AsOf = "", debug: Debug = False) -> None:
    """Keep the opportunities as they stand, for later cycles; do nothing else."""
    with OneMessage(debug):
        path = _intake("snapshot_workbook")(workbook, as_of or None)
        out.print(f"kept {escape(str(path))}" if path else "nothing new since the last snapshot")


@app.command()
def publish(workbook: Workbook, cycle: Cycle, debug: Debug = False) -> None:
    """Publish what an interactive session has written to the draft."""
    from planlib.cycle.promote import publish_draft

    with OneMessage(debug):
        _say_where(publish_draft(workbook, cycle))


@app.command()
def report(workbook: Workbook, cycle: Cycle, debug: Debug = False) -> None:
    """Build report and Excel files of the published tables anew, as a new revision."""
    from planlib.cycle.promote import rebuild_report

    with OneMessage(debug):
        _say_where(rebuild_report(workbook, cycle))


app.add_typer(cli_cycles.app)
app.add_typer(cli_people.app)
app.add_typer(cli_clients.app)
app.add_typer(cli_crm.app)
app.add_typer(cli_review.app)


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
        err.print(
            "the published revision is as it was; run the same command again to resume. To publish "
            "without a failed step, name it under run: off: in plan.yaml; what is done stays done"
        )
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
    table(
        "What a run would do",
        ["step", "would", "why"],
        [[one.step, one.action, "; ".join(one.reasons)] for one in found],
    )


def _intake(name: str) -> Any:
    return getattr(import_module("planlib.intake"), name)
