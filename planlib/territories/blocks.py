"""Parts of the market that are planned by themselves: which account and which rep is in which."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from planlib.errors import nearest
from planlib.settings.territories import TerritoriesSettings
from planlib.territories.findings import Problems
from planlib.territories.frames import some

#: Name of the only block where accounts and reps are not separated.
WHOLE_MARKET = "whole market"


def separated_by(
    book: pd.DataFrame, sellers: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> list[str]:
    """
    Give the columns that really separate the market: those of ``settings.within`` in use.

    A column that half of the accounts or reps do not have, or in which none of the accounts'
    values is that of a rep, is left out, and the list of problems says so.
    """
    used = []
    for column in settings.within.split(" and ") if settings.within else []:
        ours, theirs = (table[column].str.strip().str.casefold() for table in (book, sellers))
        filled = min((ours.fillna("") != "").mean(), (theirs.fillna("") != "").mean())
        if len(book) and len(sellers) and (filled < 0.5 or not ours.isin(theirs.dropna()).any()):
            problems.add(
                "setting",
                f"{column} does not link accounts with reps (blank, or nothing "
                "in common); the market is not separated by it",
            )
        else:
            used.append(column)
    return used


def add_scope(
    book: pd.DataFrame,
    sellers: pd.DataFrame,
    columns: list[str],
    settings: TerritoriesSettings,
    problems: Problems,
) -> pd.DataFrame:
    """
    Add ``block`` (blank: out of scope) and ``out_reason``; give the book.

    An account whose own part of the market is blank or has no rep is planned in that of its
    owner, inside the same region where regions separate; each such case is counted.
    """
    book = book.copy()
    own = block_names(book, columns)
    of_rep = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    region_of = dict(zip(sellers["rep_id"], sellers["region"].str.casefold(), strict=True))
    theirs = book["owner"].map(of_rep).astype("str")
    staffed = own.isin(set(of_rep.values()))
    same = book["region"].isna() | (
        book["region"].str.strip().str.casefold() == book["owner"].map(region_of)
    )
    by_owner = ~staffed & theirs.notna() & (same.fillna(value=False) | ("region" not in columns))
    for name, count in sorted(Counter(own[by_owner]).items()):
        detail = f"there is no rep in {name}" if name else f"{' or '.join(columns)} is blank"
        problems.add("no_block", f"{detail}: {count} accounts are planned with the owner's block")
    block = own.mask(by_owner, theirs)
    reason = pd.Series("", index=book.index, dtype="str")
    reason = reason.mask(~staffed & ~by_owner, "no rep in " + own)
    reason = reason.mask(own.eq("") & ~by_owner, f"{' or '.join(columns)} is blank")
    if settings.units:
        wanted = {unit.casefold() for unit in settings.units}
        other = ~book["unit"].str.casefold().isin(wanted).fillna(value=False)
        reason = reason.mask(other, "unit " + book["unit"].fillna("unknown") + " is not aligned")
    for why in sorted(set(reason) - {""}):
        kind = "no_block"
        if why.endswith("is not aligned"):
            kind = "out_of_scope"
        elif why.startswith("no rep"):
            kind = "no_rep"
        problems.add_accounts(kind, f"{why}; keeps today's owner", book, reason.eq(why))
    return book.assign(block=block.mask(reason.ne(""), ""), out_reason=reason)


def name_idle_reps(book: pd.DataFrame, sellers: pd.DataFrame, problems: Problems) -> None:
    """Name the reps in whose part of the market there is no account; they take no part."""
    busy = sorted(set(book["block"]) - {""})
    idle = sellers[~sellers["block"].isin(busy)]
    for rep, name in idle[["rep_id", "block"]].itertuples(index=False):
        if not busy:
            break
        close = nearest(name, busy) if name else []
        hint = f" (did you mean '{close[0]}'?)" if close else f"; there are {some(busy)}"
        what = f"no account is in '{name}'" if name else "the rep's part of the market is blank"
        problems.add("no_account", f"{what}{hint}; the rep takes no part", rep_id=rep)


def block_names(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Give the block of each row; capitals do not matter, blank where a column is blank."""
    if not columns:
        return pd.Series(WHOLE_MARKET, index=frame.index, dtype="str")
    parts = [frame[column].fillna("").str.strip() for column in sorted(columns)]
    blank = pd.concat([part.eq("") for part in parts], axis=1).any(axis=1)
    name = parts[0]
    for part in parts[1:]:
        name = name + " / " + part
    return name.where(~blank, "").astype("str")


def with_blocks(
    sellers: pd.DataFrame, book: pd.DataFrame, columns: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Name the blocks of reps, and spell the accounts' columns as the reps' are spelled."""
    book = book.copy()
    for column in columns:
        first: dict[str, str] = {}
        for word in sellers[column].dropna().str.strip():
            first.setdefault(word.casefold(), word)
        spelled = {}
        for name, frame in (("book", book), ("sellers", sellers)):
            own = frame[column].fillna("").str.strip()
            words = [first.get(word.casefold(), word) or None for word in own]
            spelled[name] = pd.Series(words, index=frame.index, dtype="str")
        book = book.assign(**{column: spelled["book"]})
        sellers = sellers.assign(**{column: spelled["sellers"]})
    return sellers.assign(block=block_names(sellers, columns)), book
