"""The leadership roll-up: the first page and the key tables as one plain Excel file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from planlib.displays.values import humanize
from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import FOLDER, about
from planlib.exchange.sheets import Sheet, SheetColumn, write_book
from planlib.report.folds import listings_of
from planlib.report.front import ROLLUP, Front
from planlib.report.parts import Line, Listing

NAME = ROLLUP


def write_rollup(view: AudienceView, front: Front) -> Path:
    """
    Write exchange/leadership.xlsx beside the report.

    Parameters
    ----------
    view
        The cycle as the audience may see it.
    front
        What the first page of the report says.
    """
    path = view.workbook.target / FOLDER / NAME
    listings = [listing for _, listing, _ in front.lists if listing is not None]
    if front.finance.listing is not None:
        listings.insert(0, front.finance.listing)
    listings += [one for section in front.sections for one in listings_of(section.blocks)]
    rows = [*about(view, "The plan in short, for leaders"), *front.basis[1:3]]
    write_book(
        path,
        [_summary(front), *(listing_sheet(one) for one in listings), _notes(listings)],
        about=rows,
        created=view.as_of,
        title=f"Plan {front.cycle} of {front.organisation}",
    )
    return path


def listing_sheet(listing: Listing) -> Sheet:
    """Give all rows of a table of the report as a sheet."""
    frame = listing.frame.reset_index(drop=True)
    columns = []
    for name in frame.columns:
        header = listing.labels.get(str(name), humanize(str(name)))
        unit = listing.units.get(str(name), "")
        columns.append(
            SheetColumn(f"{header} ({unit})" if unit else header, _kind(listing, frame, str(name)))
        )
    return Sheet(name=listing.name, columns=columns, frame=frame, keys=1, told="all")


def _kind(listing: Listing, frame: pd.DataFrame, name: str) -> str:
    given = listing.formats.get(name, "")
    values = frame[name]
    if given in ("amount", "number", "share", "score"):
        return given
    if given == "chance":
        return "share"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if pd.api.types.is_bool_dtype(values.dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(values.dtype) or given in ("count", "days"):
        return "int"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return {"share": "share", "rate": "share", "amount": "amount", "score": "score"}.get(
            name.rsplit("_", 1)[-1], "number"
        )
    return "text"


def _summary(front: Front) -> Sheet:
    rows: list[tuple[str, str, str, float | None]] = []
    for section in front.sections:
        rows += [("Key figure", section.title, f"{fact.label}: {fact.written}"
                  + (f" ({fact.note})" if fact.note else ""), None)
                 for fact in section.facts]  # fmt: skip
        rows += _of("Decided", section.title, section.decided)
    for section in front.sections:
        rows += _of("To decide", section.title, section.asks)
    for title, lines in front.changed:
        rows += _of("Changed", f"since {title}", lines)
    rows.append(("Ties to finance", "", front.finance.verdict, None))
    frame = pd.DataFrame(rows, columns=["topic", "section", "text", "amount"])
    frame["amount"] = frame["amount"].astype("float64")
    columns = [SheetColumn("topic"), SheetColumn("section"), SheetColumn("text"),
               SheetColumn("amount", "amount")]  # fmt: skip
    return Sheet(name="Summary", columns=columns, frame=frame, keys=1, told="all")


def _of(topic: str, title: str, lines: Sequence[Line]) -> list[tuple[str, str, str, float | None]]:
    return [(topic, title, line.text, line.amount) for line in lines]


def _notes(listings: Sequence[Listing]) -> Sheet:
    """Give the definitions that stand beneath the tables."""
    rows = [
        (listing.name, listing.title, text)
        for listing in listings
        for text in (listing.subtitle, *listing.notes)
        if text
    ]
    frame = pd.DataFrame(rows, columns=["sheet", "title", "definition"], dtype="object")
    columns = [SheetColumn("sheet"), SheetColumn("title"), SheetColumn("definition")]
    return Sheet(name="Definitions", columns=columns, frame=frame, keys=1, told="all")
