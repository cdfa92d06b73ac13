"""Guess which column of an unknown export is which column of which table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from planlib.clients.guess_names import is_named, name_score, own_key, says_name
from planlib.clients.guess_values import SHAPES, TYPED, id_fit, unit_factor, value_score
from planlib.intake.columns import DERIVED
from planlib.intake.sheet import Sheet
from planlib.notes import count_of, percent
from planlib.tables import TABLES, Column, Table

SURE, LIKELY = 0.85, 0.7  # confidence from which a guess is sure, or likely; below: doubtful
_LEAST = 0.55  # confidence below which a column is left open
_LEAST_SCORE = 2.5  # a sheet below it is none of our tables
_FIRM_SCORE = 5.0  # below it, and not called like it, a sheet is a table only by a few columns
_NAMED = 5.0  # what it adds that file or sheet is called like the table
_SAMPLE = 400  # rows whose values are looked at
_CLOSE = 0.03  # two headers whose names differ by less fit a column as well
_DOUBTED = 0.84  # most that a guess reaches which another column contests: likely, not sure


@dataclass(frozen=True, kw_only=True)
class Guess:
    """
    One guessed column.

    Parameters
    ----------
    header
        Column of the export.
    column
        Column of the table.
    confidence
        0 to 1.
    why
        What it rests on: the name, the values.
    values
        Words of the export that the table does not know and a person must translate.
    scale
        Factor for numbers, 0.01 where a share is written as 0 to 100.
    looks_up
        Whether names stand where the table has ids.
    """

    header: str
    column: str
    confidence: float
    why: str
    values: tuple[str, ...] = ()
    scale: float = 1.0
    looks_up: bool = False

    @property
    def mark(self) -> str:
        """How sure the guess is, as a word."""
        if self.confidence >= SURE:
            return "sure"
        return "likely" if self.confidence >= LIKELY else "doubtful"


@dataclass(frozen=True, kw_only=True)
class SheetGuess:
    """
    What a sheet may be.

    Parameters
    ----------
    sheet
        The sheet.
    table
        Table that fits best; blank where none does.
    guesses
        Its columns, best first.
    left_open
        Headers for which no column fits.
    missing
        Required columns that no header fits.
    others
        Next best tables.
    """

    sheet: Sheet
    table: str
    guesses: tuple[Guess, ...] = ()
    left_open: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    score: float = field(default=0.0, compare=False)


def guess_sheet(sheet: Sheet, table: str = "") -> SheetGuess:
    """
    Guess table and columns of a sheet.

    Names are compared with those of the tables, of every column map that comes with planlib, and
    with further words; values must be readable as what the column holds. Each header and each
    column is used once, the most certain pair first.

    Parameters
    ----------
    sheet
        The export.
    table
        Its table where a person knows it; blank tries every input table.
    """
    names = [table] if table else [name for name, one in TABLES.items() if one.role == "input"]
    ranked = sorted((_as_table(sheet, TABLES[name]) for name in names), key=_order)
    best = ranked[0]
    others = tuple(one.table for one in ranked[1:3] if one.score > 0.6 * best.score)
    if not table and best.score < _LEAST_SCORE:
        headers = tuple(str(name) for name in sheet.frame.columns)
        return SheetGuess(sheet=sheet, table="", left_open=headers, others=())
    guesses = best.guesses
    if not table and not is_named(sheet, best.table) and (others or best.score < _FIRM_SCORE):
        guesses = tuple(_doubted(guess, f"it may not be {best.table}") for guess in guesses)
    return replace(best, guesses=guesses, others=others)


def _order(found: SheetGuess) -> tuple[float, str]:
    return -found.score, found.table


def _as_table(sheet: Sheet, table: Table) -> SheetGuess:
    headers = [str(name) for name in sheet.frame.columns]
    sample = sheet.frame.head(_SAMPLE)
    named = {
        (header, column.name): found
        for header in headers
        for column in table.columns
        if (found := name_score(header, table.name, column))[0] > 0
    }
    pairs = [
        guess
        for (header, name), found in named.items()
        if (guess := _pair(header, sample[header], table, table.by_name[name], found)) is not None
    ]
    pairs.sort(key=lambda one: (-one.confidence, headers.index(one.header), one.column))
    taken: dict[str, Guess] = {}
    used: set[str] = set()
    for guess in pairs:
        if guess.header not in taken and guess.column not in used:
            taken[guess.header] = guess
            used.add(guess.column)
    names = {pair: found[0] for pair, found in named.items()}
    taken = {header: _contested(guess, taken, names) for header, guess in taken.items()}
    stand_in = _stand_in(table, taken, used)
    used |= {guess.column for guess in stand_in}
    missing = tuple(
        name
        for name in table.required
        if name not in used and name not in DERIVED.get(table.name, ())
    )
    score = sum(guess.confidence**2 for guess in taken.values()) - 1.5 * len(missing)
    return SheetGuess(
        sheet=sheet,
        table=table.name,
        guesses=(*stand_in, *(taken[header] for header in headers if header in taken)),
        left_open=tuple(header for header in headers if header not in taken),
        missing=missing,
        score=score + _NAMED * is_named(sheet, table.name),
    )


def _stand_in(table: Table, taken: Mapping[str, Guess], used: set[str]) -> list[Guess]:
    """Let the name stand in for the id of a thing that has none."""
    key = table.key[0] if len(table.key) == 1 else ""
    by_name = [guess for guess in taken.values() if guess.column == "name"]
    if not key or key in used or not by_name:
        return []
    why = "there is no id; the name stands in for it"
    return [Guess(header=by_name[0].header, column=key, confidence=_LEAST, why=why)]


def _contested(
    guess: Guess, taken: Mapping[str, Guess], names: Mapping[tuple[str, str], float]
) -> Guess:
    """Call a guess likely at most where by name another header, or another column, fits better."""
    if guess.confidence <= _DOUBTED:
        return guess
    name = names[guess.header, guess.column]
    columns = [
        column
        for (header, column), score in names.items()
        if header == guess.header and column != guess.column and score > name
    ]
    headers = [
        header
        for (header, column), score in names.items()
        if column == guess.column
        and header != guess.header
        and score >= name - _CLOSE
        and (header not in taken or names[header, taken[header].column] < score)
    ]
    if not columns and not headers:
        return guess
    rivals = ", ".join(f"'{one}'" for one in (headers or columns))
    return _doubted(guess, f"by name {rivals} fits as well")


def _doubted(guess: Guess, why: str) -> Guess:
    """Call a guess likely where it was sure, and say why."""
    if guess.confidence <= _DOUBTED:
        return guess
    return replace(guess, confidence=_DOUBTED, why=f"{guess.why}; {why}")


def _pair(
    header: str, values: pd.Series, table: Table, column: Column, named: tuple[float, str]
) -> Guess | None:
    name, told = named
    filled = values[values.str.strip() != ""]
    fit, words, scale = value_score(filled, column)
    confidence = name
    why = [told]
    is_shaped = column.kind in TYPED or column.name in SHAPES
    if len(filled) and is_shaped:
        confidence *= 0.35 + 0.65 * fit
        what = column.kind if column.kind in TYPED else f"like {column.name}"
        why.append(f"{percent(fit)} of the values are {what}")
    elif words:
        confidence *= 0.85
        why.append(f"{count_of(len(words), 'word')} to translate")
    elif not len(filled):
        confidence *= 0.9
        why.append("no values")
    if len(filled) and own_key(table.name) == [column.name] and (unique := id_fit(filled)) < 1:
        confidence *= 0.75 + 0.25 * unique
        why.append("an id would differ from row to row and hold no spaces")
    looks_up = _holds_names(filled, table, column)
    if filled.empty or (looks_up and says_name(header)):
        confidence = min(confidence, _DOUBTED)
    if confidence < _LEAST:
        return None
    return Guess(
        header=header,
        column=column.name,
        confidence=round(confidence, 2),
        why="; ".join(why),
        values=words,
        scale=scale * unit_factor(header, column),
        looks_up=looks_up,
    )


def _holds_names(filled: pd.Series, table: Table, column: Column) -> bool:
    if column.kind != "id" or column.name not in table.refs or filled.empty:
        return False
    return bool(filled.str.contains(r"\s|[\u4e00-\u9fff]", regex=True).mean() > 0.5)
