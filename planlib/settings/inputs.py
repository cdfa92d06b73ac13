"""Settings of intake: where tables come from, and how their values are written."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting


def _relative(path: str) -> str:
    if path.startswith(("/", "\\", "~")) or ":" in path[:3] or "\x00" in path:
        raise ValueError("a path relative to the workbook")
    return path


class Source(Section):
    """One file, sheet or query that feeds one table (or several, through a map)."""

    table: str = setting("", "Table that is fed; blank where the map or the file's name says")
    path: str = setting("", "File, relative to inputs.folder; a duckdb file for a query")
    sheet: str = setting("", "Sheet of an Excel file; blank: all of them")
    map: str = setting("", "Column map by name (templates/maps) or file in the workbook")
    url: str = setting("", "SQLAlchemy address as env:NAME, never the address itself")
    query: str = setting("", "SQL that gives the rows")
    encoding: str = setting("", "Encoding of a text file; blank: found out")
    delimiter: str = setting("", "Column separator of a text file; blank: found out")
    decimal: Literal["", ".", ","] = setting("", "Decimal mark; blank: found out by column")
    date_order: Literal["", "ymd", "dmy", "mdy"] = setting(
        "", "Order of day and month; blank: found out by column"
    )
    time_zone: str = setting("", "Time zone of times without one, IANA name; blank: the plan's")
    header_row: int = setting(0, "Row of the header; 0: found out", "row", ge=0)
    merged: Literal["refuse", "fill"] = setting(
        "refuse", "Merged Excel cells: refused, or every cell gets the value"
    )
    blanks: tuple[str, ...] = setting((), "Further words that mean no value, such as NULL")

    @model_validator(mode="after")
    def _somewhere(self) -> Source:
        if not self.path and not self.url:
            raise ValueError("a source needs a path or an url")
        if self.url and not self.url.startswith("env:"):
            raise ValueError("url must be env:NAME, so that no password stands in plan.yaml")
        if self.url and not self.query:
            raise ValueError("a source with an url needs a query")
        return self

    @field_validator("path")
    @classmethod
    def _inside(cls, value: str) -> str:
        return _relative(value)


class InputsSettings(Section):
    """Where the tables come from; without sources, every file in the folder by its name."""

    folder: str = setting("inputs", "Folder of the input files, relative to the workbook")
    outside: bool = setting(
        False, "Whether folder and paths may lie outside the workbook; files there are only read"
    )
    map: str = setting("", "Column map of all sources that name none")
    sources: tuple[Source, ...] = setting((), "The sources; empty: every file in the folder")
    near_equal: int = setting(
        92, "Similarity from which two names are offered as the same", "0-100", ge=50, le=100
    )
    tie_tolerance: float = setting(
        0.005, "Deviation from a control figure up to which it counts as tied", "share", ge=0, le=1
    )

    @field_validator("folder")
    @classmethod
    def _inside(cls, value: str) -> str:
        return _relative(value)
