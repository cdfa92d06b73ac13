"""Commands that take what people and CRMs hand in: the council's form, rating sheets, leads."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import planlib
from planlib.cli_common import AsOf, Cycle, Debug, OneMessage, Workbook, day_of, out, table
from planlib.errors import InputError, WorkbookError

if TYPE_CHECKING:
    from planlib.cycle.leads import Routed

app = typer.Typer()

_SHOWN = 50  # decisions shown on the screen


@app.command()
def collect(
    workbook: Workbook,
    files: Annotated[
        list[str],
        typer.Argument(
            help="Filled-in packs and forms, such as council_actions.xlsx.", metavar="FILE..."
        ),
    ],
    who: Annotated[str, typer.Option(help="Who decided, for rows that do not say it.")] = "",
    why: Annotated[str, typer.Option(help="The reason, for rows that do not say it.")] = "",
    on: Annotated[str, typer.Option("--on", help="Day of the decisions; today by default.")] = "",
    debug: Debug = False,
) -> None:
    """Read filled-in Excel forms into overrides/: packs of managers, the council's form."""
    with OneMessage(debug):
        read = import_module("planlib.exchange").collect_forms
        found = read(workbook, files, who=who, why=why, when=day_of(on) if on else None)
        for note in found.notes:
            out.print(escape(note))
        for kind, ids in found.ids.items():
            out.print(f"kept in overrides/{kind}.csv: {', '.join(ids)}")
        if found.ids:
            out.print("Run the cycle again to see what comes of it in the report and the forms.")
        else:
            out.print("nothing new was decided; overrides/ is as it was")


@app.command()
def ratings(
    workbook: Workbook,
    cycle: Cycle,
    files: Annotated[list[Path], typer.Argument(help="rating sheets that came back")],
    debug: Debug = False,
) -> None:
    """Read rating sheets of key accounts that came back; confirmed lines are kept, all or none."""
    from planlib.exchange import take_rating_sheets

    with OneMessage(debug):
        wb = planlib.open_workbook(workbook, cycle)
        read, added = take_rating_sheets(wb, files, datetime.date.today())
        for note in read.notes:
            out.print(escape(note))
        out.print(
            f"{read.asked_count:,} lines read, {len(added):,} confirmed ratings kept, "
            f"{read.known_count:,} known before"
        )


@app.command()
def route(
    workbook: Workbook,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV or Excel file of leads; else the leads that wait.", metavar="FILE"
        ),
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
    from planlib.cycle.lead_files import last_moment, lead_of, read_leads
    from planlib.cycle.leads import route_leads
    from planlib.exchange.leads import owner_csv
    from planlib.store import open_workbook
    from planlib.store.atomic import write_text

    with OneMessage(debug):
        wb = open_workbook(workbook, cycle or None)
        is_given = file is not None or bool(lead)
        day = day_of(as_of) if as_of else datetime.date.today() if is_given else wb.as_of
        zone = wb.plan.time_zone
        moment = last_moment(day, zone)
        given = None if file is None else read_leads(file, moment, zone)
        if lead:
            given = lead_of(_one_lead(lead), moment, zone)
        if given is not None and given.rows.empty:
            raise InputError(given.where, ["there is no lead that can be routed", *given.said])
        rows = None if given is None else given.rows
        found = route_leads(wb, rows, day, policy=policy, keep=not dry_run, why=_asked(why))
        _say_routes(found, () if given is None else given.said)
        error = found.unplaced("leads that wait" if given is None else given.where)
        if error is not None:
            raise error
        if to is not None:
            write_text(to, owner_csv(found.decisions, zone))
            out.print(f"owners     {escape(str(to))}")
        for fault in found.faults:
            out.print(f"not placed: {escape(fault)}")
        if found.decisions.empty:
            out.print("no lead waits")


def _asked(why: str) -> tuple[str, ...]:
    """Give lead and rep of the question, or nothing where none was asked."""
    asked = tuple(why.split(":", 1)) if why else ()
    if why and not (len(asked) == 2 and all(asked)):
        raise WorkbookError(f"--why is LEAD:REP, such as --why L-1:R-07; found '{why}'")
    return asked


def _say_routes(found: Routed, said: Sequence[str]) -> None:
    """Show the first decisions, then what was said of the file and what the router found."""
    shown = found.decisions.astype("object").where(found.decisions.notna(), "").astype(str)
    columns = ["lead_id", "rep_id", "outcome", "ready_at", "grade", "reason"]
    table("Routes", columns, shown[columns].head(_SHOWN).to_numpy().tolist())
    if len(shown) > _SHOWN:
        is_placed = found.decisions["rep_id"].notna().any()
        hint = "; --to FILE writes all" if is_placed else ""
        out.print(f"and {len(shown) - _SHOWN:,} more{hint}")
    for line in (*said, *found.refused, *found.findings, found.answer):
        if line:
            out.print(escape(line))


def _one_lead(fields: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in fields]
    if not all(sign and name for name, sign, _ in pairs):
        raise WorkbookError("--lead needs NAME=VALUE, such as --lead lead_id=L-1")
    return {name.strip(): value for name, _, value in pairs}
