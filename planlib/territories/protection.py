"""Accounts that keep their rep: manager's locks, late-stage deals, recent wins, named, frozen."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.findings import Problems
from planlib.territories.frames import some, unique

_SAID = {
    "late_stage": ("late_stage_kept", "with a late-stage deal"),
    "recent_win": ("recent_win_kept", "with a deal won lately"),
    "named": ("named_kept", "on the list of named accounts"),
}


def add_held(book: pd.DataFrame, previous: pd.DataFrame | None) -> pd.DataFrame:
    """
    Add ``held``: the rep in a previous plan (``account_id``, ``rep_id``), missing where none.

    Raises
    ------
    TableError
        If an account has two rows in the previous plan.
    """
    if previous is None or previous.empty:
        return book.assign(held=pd.Series(pd.NA, index=book.index, dtype="str"))
    rep = unique("previous", previous, "account_id").set_index("account_id")["rep_id"]
    return book.assign(held=book["account_id"].map(rep).astype("str"))


def add_protection(
    book: pd.DataFrame,
    sellers: pd.DataFrame,
    settings: TerritoriesSettings,
    scope: Collection[str] | None,
    problems: Problems,
) -> pd.DataFrame:
    """
    Add ``kept`` (the rep who keeps the account, or NA) and ``kept_by`` (why, or blank).

    Parameters
    ----------
    book
        With ``block``, ``must``, ``barred``, ``held``, ``owner`` and what deals say.
    sellers
        With ``block``.
    settings
        Whether named accounts are kept.
    scope
        Accounts that may change; None: all. The others are frozen, which also decides the block.
    problems
        Where findings go.
    """
    block_of = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    kept = book["must"].copy()
    why = pd.Series("", index=book.index, dtype="str").mask(kept.notna(), "lock")
    block = book["block"]
    if scope is not None:
        frozen, kept, block = _frozen(book.assign(kept=kept), block_of, set(scope), problems)
        why = why.mask(frozen, "frozen")
    free = np.array([
        owner in block_of and block_of[owner] == mine and owner not in barred
        for owner, mine, barred in zip(book["owner"], block, book["barred"], strict=True)
    ], dtype=bool)  # fmt: skip
    named = book["is_named"] & settings.keep_named
    for reason, mine in (("late_stage", book["is_late"]), ("recent_win", book["is_win"]),
                         ("named", named)):  # fmt: skip
        new = mine.astype(bool) & why.eq("") & free
        kept, why = kept.mask(new, book["owner"]), why.mask(new, reason)
        _say(reason, book[new], problems)
    return book.assign(block=block, kept=kept, kept_by=why)


def _frozen(
    book: pd.DataFrame, block_of: dict[str, str], scope: set[str], problems: Problems
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Freeze what is outside the scope of this run, where its rep may own accounts."""
    outside = ~book["account_id"].isin(scope) & book["kept"].isna() & book["block"].ne("")
    rep = book["held"].fillna(book["owner"])
    here = rep.isin(list(block_of))
    gone = outside & ~here
    if gone.any():
        problems.add("scope", f"{int(gone.sum())} accounts outside the scope have no rep who may "
                     "own accounts; they are planned too: "
                     f"{some(book.loc[gone, 'account_id'])}")  # fmt: skip
    unknown = sorted(scope - set(book["account_id"]))
    if unknown:
        problems.add("scope", f"{some(unknown)} of the scope are not in accounts")
    frozen = outside & here
    kept = book["kept"].mask(frozen, rep)
    block = book["block"].mask(frozen, rep.map(block_of).astype("str"))
    return frozen, kept, block


def _say(reason: str, rows: pd.DataFrame, problems: Problems) -> None:
    if rows.empty:
        return
    kind, what = _SAID[reason]
    count = f"{len(rows):,} {'account' if len(rows) == 1 else 'accounts'}"
    verb = "keeps its" if len(rows) == 1 else "keep their"
    amount = float(rows["acv"].sum()) if rows["acv"].notna().any() else None
    problems.add(kind, f"{count} {what} {verb} owner", amount=amount)
