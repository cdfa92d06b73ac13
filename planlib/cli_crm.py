"""Commands for load files of a CRM: write them from a published cycle, check them, undo them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from planlib.cli_common import Debug, OneMessage, Workbook, out, table
from planlib.errors import InputError, ParameterError

if TYPE_CHECKING:
    from planlib.exchange.crm import Result

app = typer.Typer()

_SHOWN = 30  # problems shown on the screen
_FOLDERS = {
    "existing": "--existing: name the folder with the CRM's own export",
    "out": "--out: name a new folder for the files",
}
System = Annotated[str, typer.Option("--system", help="salesforce or hubspot.")]
Existing = Annotated[
    Path | None,
    typer.Option("--existing", help="Folder with the CRM's own export.", metavar="EXPORT_DIR"),
]
Rows = Annotated[
    int | None, typer.Option("--rows", help="Most rows of one load file.", min=1, max=1_048_575)
]
Bom = Annotated[
    bool, typer.Option("--bom/--no-bom", help="Mark load files as UTF-8 for spreadsheets.")
]


@app.command()
def crm(
    workbook: Workbook,
    system: System = "salesforce",
    target: Annotated[
        Path | None, typer.Option("--out", help="New folder for the files.", metavar="DIR")
    ] = None,
    existing: Existing = None,
    cycle: Annotated[
        str, typer.Option("--cycle", "-c", help="Published period; else the latest one.")
    ] = "",
    part: Annotated[
        list[str],
        typer.Option(
            "--load",
            metavar="PART",
            help="territories, opportunities, quotas or owners; may be given again; else what "
            "the export has files for.",
        ),
    ] = [],  # noqa: B006
    audience: Annotated[
        str, typer.Option(help="Audience of plan.yaml that gets the files; quotas are pay.")
    ] = "",
    model: Annotated[str | None, typer.Option(help="DeveloperName of the territory model.")] = None,
    account_key: Annotated[
        str | None, typer.Option(help="Column of the accounts' export with planlib's account_id.")
    ] = None,
    user_key: Annotated[
        str | None, typer.Option(help="Column of the users' export with planlib's rep_id.")
    ] = None,
    rows: Rows = None,
    bom: Bom = False,
    debug: Debug = False,
) -> None:
    """Write load files that bring a CRM to a published plan, and those that undo them."""
    with OneMessage(debug):
        from planlib.exchange.crm import export_queries, system_of, write_crm_files

        name = system_of(system)
        if existing is None:
            out.print("Give the CRM's own export with --existing, so that ids can be found and")
            out.print("nothing is sent that is so already. Put these files into one folder:")
            for line in export_queries(name):
                out.print(f"  {escape(line)}")
            raise typer.Exit(InputError.exit_code)
        (folder,) = _needed("crm", out=target)
        changes: dict[str, object] = {
            "model": model,
            "account_key": account_key,
            "user_key": user_key,
            "rows_per_file": rows,
        }
        result = write_crm_files(
            workbook,
            existing,
            folder,
            name,
            cycle=cycle,
            audience=audience,
            parts=tuple(part),
            bom=bom,
            changes=changes,
        )
        _say(result, folder)


@app.command("crm-check")
def crm_check(
    files: Annotated[
        list[Path],
        typer.Argument(help="Load files, or a folder of them.", metavar="FILE..."),
    ],
    existing: Existing = None,
    system: System = "salesforce",
    rows: Annotated[int, typer.Option("--rows", help="Most rows of one file.", min=0)] = 0,
    territories: Annotated[
        int, typer.Option(help="Territories that a model may have.", min=1)
    ] = 1000,
    target: Annotated[
        Path | None, typer.Option("--out", help="Also write the problems to this CSV file.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Check load files, also edited ones, against the rules and the CRM's own export."""
    with OneMessage(debug):
        from planlib.exchange.crm import check_files, system_of
        from planlib.exchange.crm.files import readable_csv
        from planlib.store.atomic import write_bytes

        (export,) = _needed("crm-check", existing=existing)
        found = check_files(
            files, export, system_of(system), most_rows=rows, most_territories=territories
        )
        problems = found.table()
        shown = problems.head(_SHOWN).astype("str").to_numpy().tolist()
        if len(problems):
            table("Problems", list(problems.columns), shown)
        if len(problems) > _SHOWN:
            out.print(f"and {len(problems) - _SHOWN:,} more; --out FILE writes all")
        if target is not None:
            write_bytes(target, readable_csv(problems))
            out.print(f"problems   {escape(str(target))}")
        warnings = len(problems) - found.error_count
        out.print(f"{found.error_count:,} errors, {warnings:,} warnings")
        if found.error_count:
            raise typer.Exit(InputError.exit_code)


@app.command("crm-undo")
def crm_undo(
    loads: Annotated[
        list[Path],
        typer.Argument(help="Folders of loads, in the order of loading.", metavar="DIR..."),
    ],
    existing: Existing = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="New folder for the files.", metavar="DIR")
    ] = None,
    rows: Rows = None,
    bom: Bom = False,
    debug: Debug = False,
) -> None:
    """Write the files that take loads back, by an export made after them."""
    with OneMessage(debug):
        from planlib.exchange.crm import undo_loads

        export, folder = _needed("crm-undo", existing=existing, out=target)
        result = undo_loads(loads, export, folder, rows=rows or 100_000, bom=bom)
        _say(result, folder)


def _needed(command: str, **given: Path | None) -> tuple[Path, ...]:
    """Give the folders that a command needs; those that were not named are told at once."""
    lacking = [_FOLDERS[name] for name, path in given.items() if path is None]
    if lacking:
        raise ParameterError(command, lacking)
    return tuple(path for path in given.values() if path is not None)


def _say(result: Result, folder: Path) -> None:
    """Name the files, what is left out, and what to read first."""
    if result.files:
        table(
            "Load files, in this order",
            ["file", "object", "action", "rows"],
            [[one.path.name, one.object, one.action, f"{one.rows:,}"] for one in result.files],
        )
    else:
        out.print("nothing is to be loaded: the CRM is as it should be")
    left = result.load.left_counts()
    if left:
        table(
            "Not in the files; not_loaded.csv gives the reasons", ["state", "what", "count"], left
        )
    for note in result.load.notes:
        out.print(escape(note))
    out.print(f"read first {escape(str(folder / 'README.md'))}")
    out.print(f"changes    {escape(str(folder / 'changes.csv'))}")
