"""Pin where a step reads each of its tables, so that one run sees one state of the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planlib.cycle.selection import dependencies, writer_of
from planlib.steps import Step
from planlib.store.resolve import Published, Source, from_before, from_others, table_path

Pins = dict[str, Source | None]


def pin_tables(
    steps: Mapping[str, Step], name: str, base: Path, cycle: str, others: list[Published]
) -> Pins:
    """
    Give the source of each table that a step reads.

    Parameters
    ----------
    steps
        Steps in use, in order.
    name
        The step.
    base
        Folder of this cycle's revision.
    cycle
        Name of the period.
    others
        Published revisions of other cycles, best first.

    Returns
    -------
    dict
        The table of an earlier step comes from this cycle where it has one; all else a step wrote
        comes from another cycle, also a table of its own that it carries; inputs only from this
        one. None where there is no source. The first step takes in files, so it has none.
    """
    order = list(steps)
    pins: Pins = dict.fromkeys(steps[name].reads)
    if name == order[0]:
        return pins
    before = {order[0], *dependencies(steps, name)}
    for table in pins:
        path = table_path(base, table)
        if writer_of(steps, table) in before and path.is_file():
            pins[table] = Source(cycle, base.name, path)
        elif path.parent.name != "inputs":
            pins[table] = from_others(others, table)
    return pins | {table: from_others(others, table) for table in steps[name].carries}


def pin_previous(step: Step, start: Any, others: list[Published]) -> Pins:
    """Give, for each table that a step may read so, its source in an earlier cycle."""
    names = dict.fromkeys((*step.reads, *step.writes, *step.earlier))
    return {table: from_before(others, table, start) for table in names}


def to_json(pins: Mapping[str, Source | None]) -> dict[str, Any]:
    """Give pins as plain values for the notebook's process."""
    return {
        table: None
        if source is None
        else {"cycle": source.cycle, "revision": source.revision, "path": str(source.path)}
        for table, source in pins.items()
    }


def other_revisions(pins: Mapping[str, Source | None], cycle: str) -> dict[str, str]:
    """Give the tables that come from other cycles with their revisions, for the manifest."""
    return {
        table: str(source)
        for table, source in pins.items()
        if source is not None and source.cycle != cycle
    }
