"""Settings of intake: where tables come from, and how their values are written."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from planlib.settings.base import Section, setting


class Source(Section):
    """One file, sheet or query that feeds one table (or several, through a map)."""

    table: str = setting("", "Table that is fed; blank where the map says")
    path: str = setting("", "File, relative to the workbook; a duckdb file for a query")
    sheet: str = setting("", "Sheet of an Excel file; blank: the first")
    map: str = setting("", "Column map by name (templates/maps) or file in the workbook")
    url: str = setting("", "SQLAlchemy address as env:NAME, never the address itself")
    query: str = setting("", "SQL that gives the rows")
    encoding: str = setting("", "Encoding of a text file; blank: found out")
    delimiter: str = setting("", "Column separator of a text file; blank: found out")
    decimal: Literal["", ".", ","] = setting("", "Decimal mark; blank: found out by column")
    date_order: Literal["", "ymd", "dmy", "mdy"] = setting(
        "", "Order of day and month; blank: found out by column"
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Source:
        if not self.path and not self.url:
            raise ValueError("a source needs a path or an url")
        if self.url and not self.url.startswith("env:"):
            raise ValueError("url must be env:NAME, so that no password stands in plan.yaml")
        return self


class InputsSettings(Section):
    """Where the tables come from; without sources, every file in inputs/ by its table's name."""

    sources: tuple[Source, ...] = setting((), "Sources beside the files in inputs/")
    near_equal: int = setting(
        92, "Similarity from which two names are offered as the same", "0-100", ge=50, le=100
    )
