"""Commands for a client's workbook: from a template, its settings, maps, requests, comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from planlib.cli_common import Debug, OneMessage, Workbook, out, table
from planlib.errors import ExitCode, WorkbookError

app = typer.Typer()


@app.command()
def new(
    folder: Annotated[str, typer.Argument(help="Folder to make.", metavar="DIR")],
    template: Annotated[
        str, typer.Option(help="software, industrial, financial, small or blank.")
    ] = "blank",
    only: Annotated[
        str, typer.Option(help="One part alone: pipeline, territories or key_accounts.")
    ] = "",
    name: Annotated[str, typer.Option(help="Name of the client; else that of the folder.")] = "",
    currency: Annotated[str, typer.Option(help="Currency of the plan, such as EUR.")] = "USD",
    fiscal_start: Annotated[int, typer.Option(help="Month in which the fiscal year starts.")] = 1,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    notebooks: Annotated[
        bool, typer.Option("--notebooks", help="Also copy the notebooks, to be changed.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Make a client's workbook from a template: settings, blank Excel inputs, README."""
    with OneMessage(debug):
        from planlib.clients import check_answers, new_workbook

        answers = check_answers(
            template=template,
            only=only,
            name=name or Path(folder).name,
            currency=currency,
            fiscal_start=fiscal_start,
            language=language,
            notebooks=notebooks,
        )
        path = new_workbook(folder, answers)
        out.print(f"made {escape(str(path))}")
        out.print(
            f'Fill in the Excel files in inputs/, then: planlib check "{escape(folder)}"; '
            "README.md in it has the rest."
        )


@app.command()
def update(
    workbook: Workbook,
    done: Annotated[
        list[str],
        typer.Option(
            "--done",
            help="This file's conflict is settled in it; may be given again.",
            metavar="FILE",
        ),
    ] = [],  # noqa: B006
    debug: Debug = False,
) -> None:
    """Merge the installed version of the template into a client's workbook."""
    with OneMessage(debug):
        from planlib.clients import update_workbook

        changes = update_workbook(workbook, done=tuple(done))
        if not changes:
            out.print("the workbook is up to date; nothing was changed")
            return
        table(
            "Files",
            ["file", "state", "note"],
            [[change.name, change.state, change.note] for change in changes],
        )
        if any(change.state == "conflict" for change in changes):
            raise typer.Exit(ExitCode.BAD_INPUT)


@app.command()
def settings(
    workbook: Workbook,
    excel: Annotated[
        Path | None, typer.Option("--excel", help="Write the settings to this Excel file.")
    ] = None,
    back: Annotated[
        Path | None, typer.Option("--from", help="Read the changed settings from this Excel file.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the settings to an Excel sheet, or read them back from it."""
    with OneMessage(debug):
        from planlib.clients import read_settings_sheet, write_settings_sheet

        if (excel is None) == (back is None):
            raise WorkbookError("give --excel FILE to write a sheet, or --from FILE to read one")
        if excel is not None:
            count = write_settings_sheet(workbook, excel)
            out.print(f"{count} settings in {escape(str(excel))}; change column 'value'")
            return
        if back is not None:
            found = read_settings_sheet(workbook, back)
            for line in found.lines:
                out.print(escape(line))
            if not found.lines:
                out.print("no setting was changed in the sheet; plan.yaml is as it was")


@app.command()
def compare(
    workbook: Workbook,
    before: Annotated[str, typer.Argument(help="Cycle, or revision as 2026Q1/r1.")],
    after: Annotated[str, typer.Argument(help="Cycle, or revision, to compare it with.")],
    file: Annotated[
        list[Path],
        typer.Option("--out", help="Also write it to this .xlsx or .html; may be given again."),
    ] = [],  # noqa: B006
    debug: Debug = False,
) -> None:
    """Say what changed between two published cycles: figures, owners, key accounts, tiers, rows."""
    with OneMessage(debug):
        from planlib.clients import compare_cycles, comparison_lines, write_comparison

        found = compare_cycles(workbook, before, after)
        for line in comparison_lines(found):
            out.print(escape(line))
        for path in file:
            write_comparison(found, path)
            out.print(f"written to {escape(str(path))}")


@app.command("map")
def map_file(
    file: Annotated[Path, typer.Argument(help="Export: CSV, Excel or Parquet.")],
    workbook: Annotated[
        str, typer.Option("--workbook", help="Workbook whose maps/ gets the proposal; else here.")
    ] = "",
    name: Annotated[str, typer.Option("--table", help="Its table, where you know it.")] = "",
    target: Annotated[
        Path | None, typer.Option("--out", help="File for the proposal, else maps/NAME.yaml.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Propose which column of an export is which; written for review, never applied."""
    with OneMessage(debug):
        from planlib.clients import proposal_name, propose_map, write_proposal
        from planlib.store.layout import find_workbook

        found = propose_map(file, name)
        root = find_workbook(workbook) if workbook else Path.cwd()
        path = target or root / "maps" / f"{proposal_name(file)}.yaml"
        write_proposal(found, path)
        for one in found:
            table(
                f"{one.sheet.where}: {one.table or 'no table of planlib'}",
                ["column of the export", "column of the table", "confidence", "why"],
                [
                    [guess.header, guess.column, f"{guess.confidence:.2f} {guess.mark}", guess.why]
                    for guess in one.guesses
                ],
            )
            if one.missing:
                out.print(f"required and not found: {', '.join(one.missing)}")
            out.print(escape(f"left open: {', '.join(one.left_open) or 'none'}"))
        out.print(f"written for review to {escape(str(path))}; nothing uses it yet")


@app.command()
def request(
    workbook: Workbook,
    target: Annotated[
        Path | None, typer.Option("--out", help="Excel file; else data_request.xlsx in it.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the data request for the client, in English and Chinese."""
    with OneMessage(debug):
        from planlib.clients import write_request
        from planlib.store.layout import find_workbook

        path = target or find_workbook(workbook) / "data_request.xlsx"
        count = write_request(workbook, path)
        out.print(f"{count} tables are asked for in {escape(str(path))}")


def _how_to_run(case: str) -> str:
    """Say where the dates of a case went, and the cycle that fits them."""
    from planlib.periods import Period
    from planlib.plan import load_plan

    plan = load_plan(Path(case))
    if plan.as_of is None:
        return f'its dates were moved; planlib check "{escape(case)}" says until when they go'
    cycle = Period.of(plan.as_of, "quarter", plan.fiscal_year.fiscal_year()).name
    told = f"its dates were moved, to {plan.as_of} as the as-of date"
    return f'{told}; run it with: planlib run "{escape(case)}" --cycle {cycle}'


@app.command("anonymise")
def anonymise_workbook(
    workbook: Workbook,
    target: Annotated[str, typer.Argument(help="Folder for the case.", metavar="OUT")],
    key: Annotated[
        str, typer.Option(help="env:NAME of a secret; else a new one, which is thrown away.")
    ] = "",
    debug: Debug = False,
) -> None:
    """Make a case that can be shown: it runs like the client's workbook, and nobody is in it."""
    with OneMessage(debug):
        import os
        import secrets

        from planlib.clients import anonymise

        if key and not key.startswith("env:"):
            raise WorkbookError("--key is env:NAME, so that the secret stands in no command line")
        secret = os.environ.get(key.removeprefix("env:"), "") if key else ""
        if key and not secret:
            raise WorkbookError(f"environment variable {key.removeprefix('env:')} is not set")
        done = anonymise(workbook, target, secret.encode() or secrets.token_bytes(32))
        counts = done.groupby(done["what was done"].str.split(" ").str[0])["values"].sum()
        for what, count in counts.items():
            out.print(f"{count:,} values: {what}")
        out.print(f"written to {escape(target)}; anonymised.csv says what was done by column")
        out.print(_how_to_run(target))
        out.print("Money, counts and dates keep their pattern: read it before you show it.")
