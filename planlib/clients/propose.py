"""Propose a column map for an unknown export: written for review, never applied by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from planlib.clients.guess import Guess, SheetGuess, guess_sheet
from planlib.errors import InputError, WorkbookError, nearest
from planlib.intake.read import read_file
from planlib.intake.sources import INPUT_TABLES
from planlib.settings.inputs import Source
from planlib.settings.keys import yaml_flow
from planlib.store.atomic import write_text
from planlib.tables import TABLES

_HEAD = """\
# Proposed by planlib map from {file}.
# Every line with the mark GUESS is a guess: compare it with the export, correct it, unmark it.
# Nothing uses this file until plan.yaml names it: inputs: {{map: maps/{name}.yaml}}
# Of several exports each has its own: inputs: {{sources: [{{path: FILE, map: maps/{name}.yaml}}]}}
"""
_SHOWN = 12  # words to translate that are listed


def propose_map(file: Path, table: str = "") -> list[SheetGuess]:
    """
    Guess table and columns of every sheet of an export.

    Parameters
    ----------
    file
        CSV, Excel or Parquet.
    table
        Its table where it is known.

    Returns
    -------
    list of SheetGuess
        One for each sheet of the file.

    Raises
    ------
    InputError
        If the file cannot be read.
    WorkbookError
        If there is no such input table.
    """
    if table and table not in INPUT_TABLES:
        near = nearest(table, INPUT_TABLES)
        hint = f"did you mean '{near[0]}'?" if near else f"tables are {', '.join(INPUT_TABLES)}"
        raise WorkbookError(f"there is no input table '{table[:40]}'; {hint}")
    return [guess_sheet(sheet, table) for sheet in read_file(file, Source(path=file.name))]


def write_proposal(found: Sequence[SheetGuess], path: Path) -> None:
    """
    Write the proposal as a column map, each guess marked with its confidence and reason.

    Parameters
    ----------
    found
        Sheets with their guesses, from ``propose_map``.
    path
        New YAML file.

    Raises
    ------
    WorkbookError
        If the file is there already; it may hold what a person has reviewed.
    InputError
        If no sheet looks like a table of planlib, or no column like one of the table that was
        given, so there is nothing to propose.
    """
    if path.exists():
        raise WorkbookError(
            f"{path} is there already and may be reviewed; give another name (--out)"
        )
    if not any(one.table for one in found):
        where = ", ".join(one.sheet.where for one in found)
        told = "looks like no table of planlib; name it with --table, such as --table opportunities"
        raise InputError(where, [f"{told} (tables are {', '.join(INPUT_TABLES)})"])
    if not any(one.guesses for one in found):
        where = ", ".join(one.sheet.where for one in found)
        headers = ", ".join(found[0].left_open)
        told = f"no column looks like one of {found[0].table}; found {_plain(headers) or 'none'}"
        how = "write the map by hand, or name the columns in English, German or Chinese"
        raise InputError(where, [f"{told}; {how}"])
    write_text(path, proposal_text(found, path.stem))


def proposal_text(found: Sequence[SheetGuess], name: str) -> str:
    """Give the proposal as the text of a column map."""
    file = found[0].sheet.file
    lines = [*_HEAD.format(file=_plain(file), name=name).splitlines()]
    lines += [
        f"name: {yaml_flow(name)}",
        f"about: {yaml_flow(f'Proposed from {file}, not reviewed')}",
    ]
    lines.append("tables:")
    done: set[str] = set()
    for one in found:
        if not one.table or one.table in done:
            again = f" (looks like {one.table} again)" if one.table else ""
            lines.append(f"  # {_plain(one.sheet.where)}: left out{again}")
            continue
        done.add(one.table)
        lines += _table_lines(one)
    return "\n".join(lines) + "\n"


def proposal_name(file: Path) -> str:
    """
    Give the name of the map of a file.

    Parameters
    ----------
    file
        An export.

    Returns
    -------
    str
        Letters, digits and hyphens of its name, then ``-proposed``.
    """
    return (
        re.sub(r"[^\w\-]+", "-", file.stem, flags=re.UNICODE).strip("-") or "export"
    ) + "-proposed"


def _table_lines(one: SheetGuess) -> Iterator[str]:
    others = f"; next best: {', '.join(one.others)}" if one.others else ""
    yield f"  {one.table}:  # GUESS from {len(one.guesses)} columns{others}"
    source = one.sheet.sheet or Path(one.sheet.file).stem
    yield f"    from: {yaml_flow([source])}"
    if one.missing:
        yield f"    # required and not found: {', '.join(one.missing)}"
    if one.left_open:
        yield f"    # left open: {_plain(', '.join(one.left_open))}"
    yield "    columns:"
    for guess in one.guesses:
        yield from _column_lines(guess, one.table)


def _column_lines(guess: Guess, table: str) -> Iterator[str]:
    mark = f"  # GUESS {guess.confidence:.2f}, {guess.mark}: {_plain(guess.why)}"
    header = yaml_flow([guess.header])
    if guess.scale != 1:
        yield f"      {guess.column}: {{from: {header}, scale: {guess.scale:g}}}{mark}"
    else:
        yield f"      {guess.column}: {header}{mark}"
    if guess.looks_up:
        other, key = TABLES[table].refs[guess.column]
        if "name" in TABLES[other].by_name:
            yield (
                f"      # holds names; where {other} has ids: {guess.column}: {{from: {header}, "
                f"lookup: {{table: {other}, by: name, take: {key}}}}}"
            )
    if guess.values:
        allowed = ", ".join(filter(None, TABLES[table].by_name[guess.column].allowed))
        words = ", ".join(guess.values[:_SHOWN])
        yield f"      # words to translate (values: {{word: meaning}}): {_plain(words)}"
        yield f"      # allowed meanings: {allowed}"


def _plain(text: str) -> str:
    """Keep a text within its comment."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", text).split())[:600]
