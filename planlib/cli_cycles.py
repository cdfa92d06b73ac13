"""Commands on published cycles: print one as PDF, let old ones go."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from planlib.cli_common import Debug, OneMessage, Workbook, day_of, out, table

app = typer.Typer()


@app.command()
def pdf(
    workbook: Workbook,
    cycle: Annotated[
        str, typer.Option("--cycle", "-c", help="Period, or revision as 2026Q1/r1; else the last.")
    ] = "",
    target: Annotated[
        Path | None, typer.Option("--out", help="File to write, else report-CYCLE.pdf here.")
    ] = None,
    paper: Annotated[str, typer.Option(help="A4 or Letter; else report.paper of plan.yaml.")] = "",
    debug: Debug = False,
) -> None:
    """Print a published report as PDF, by a browser that is on this machine."""
    with OneMessage(debug):
        from planlib.cycle.printing import print_report

        path = print_report(workbook, cycle, target, paper=paper)
        out.print(f"written to {escape(str(path))}")


@app.command()
def prune(
    workbook: Workbook,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it is only listed.")] = False,
    target: Annotated[
        Path | None, typer.Option("--to", help="Move to this folder instead of deleting.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also list what stays, and why.")] = False,
    on: Annotated[str, typer.Option("--on", help="Day the rule is for; today by default.")] = "",
    debug: Debug = False,
) -> None:
    """List old cycles that retention.* of plan.yaml lets go; --yes removes them."""
    with OneMessage(debug):
        from planlib.cycle.prune import LOG, plan_pruning
        from planlib.cycle.prune import prune as remove

        now = datetime.datetime.now(datetime.UTC)
        if on:
            now = datetime.datetime.combine(day_of(on), now.timetz())
        found = remove(workbook, now, target) if yes else plan_pruning(workbook, now.date())
        rows = [
            [one.name, f"{found.sizes[one.name] / 1e6:,.1f} MB", one.reason] for one in found.gone
        ]
        if rows:
            table("Removed" if yes else "Would be removed", ["what", "frees", "why"], rows)
        else:
            out.print("the rule lets nothing go")
        if every:
            table("Stays", ["what", "why"], [[one.name, one.reason] for one in found.kept])
        if rows and not yes:
            out.print("nothing was changed; --yes removes it, --yes --to FOLDER moves it there")
        if rows and yes:
            out.print(f"noted in {LOG.as_posix()}")
