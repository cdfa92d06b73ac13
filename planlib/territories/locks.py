"""Decisions of managers: an account must, or must not, go to a rep. Contradictions are named."""

from __future__ import annotations

import pandas as pd

from planlib.tables import require_columns
from planlib.territories.book import Problems


def add_locks(
    book: pd.DataFrame, sellers: pd.DataFrame, overrides: pd.DataFrame | None, problems: Problems
) -> pd.DataFrame:
    """
    Add ``must`` (rep or NA) and ``barred`` (tuple of reps); a lock also decides the block.

    Later decisions win over earlier ones where two contradict each other; a lock on a rep who
    cannot own accounts is not used. Both leave a row in the list of problems.
    """
    must: list[str | None] = [None] * len(book)
    barred: list[tuple[str, ...]] = [()] * len(book)
    if overrides is None or overrides.empty:
        return book.assign(must=_texts(must, book), barred=_tuples(barred, book))
    require_columns("override_territories", overrides, ["account_id", "rep_id", "rule"])
    row_of = {account: row for row, account in enumerate(book["account_id"])}
    block_of = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    for account, rep, rule in _in_order(overrides):
        row = row_of.get(account)
        if row is None:
            problems.add(
                "lock_not_usable",
                "locked account is not in accounts",
                account_id=account,
                rep_id=rep,
            )
        elif rep not in block_of:
            problems.add(
                "lock_not_usable",
                f"'{rule.replace('_', ' ')}' names a rep who does not own accounts in this plan",
                account_id=account,
                rep_id=rep,
            )
        elif rule == "must":
            _contradiction(must[row], barred[row], account, rep, problems)
            must[row] = rep
            barred[row] = tuple(one for one in barred[row] if one != rep)
        elif must[row] == rep:
            problems.add(
                "locks_contradict",
                f"must go to {rep}, later must not; the later counts",
                account_id=account,
                rep_id=rep,
            )
            must[row], barred[row] = None, (*barred[row], rep)
        else:
            barred[row] = (*barred[row], rep)
    locked = _texts(must, book)
    placed = locked.map(block_of).astype("str").fillna(book["block"])
    book = book.assign(block=placed, must=locked, barred=_tuples(barred, book))
    _barred_by_all(book, barred, block_of, problems)
    return book


def _texts(values: list[str | None], book: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=book.index, dtype="str")


def _tuples(values: list[tuple[str, ...]], book: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=book.index, dtype="object")


def _in_order(overrides: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Give account, rep and rule of each decision, oldest first."""
    by = [column for column in ("when", "decision_id") if column in overrides]
    by += ["account_id", "rep_id", "rule"]
    table = overrides.sort_values(by, kind="stable", na_position="first")
    return list(zip(table["account_id"], table["rep_id"], table["rule"], strict=True))


def _contradiction(
    old: str | None, barred: tuple[str, ...], account: str, rep: str, problems: Problems
) -> None:
    if old is not None and old != rep:
        problems.add(
            "locks_contradict",
            f"must go to {old} and to {rep}; the later counts",
            account_id=account,
            rep_id=rep,
        )
    if rep in barred:
        problems.add(
            "locks_contradict",
            f"must not go to {rep}, later must; the later counts",
            account_id=account,
            rep_id=rep,
        )


def _barred_by_all(
    book: pd.DataFrame, barred: list[tuple[str, ...]], block_of: dict[str, str], problems: Problems
) -> None:
    for account, block, closed in zip(book["account_id"], book["block"], barred, strict=True):
        if (
            closed
            and block
            and all(rep in closed for rep, name in block_of.items() if name == block)
        ):
            problems.add(
                "locks_contradict",
                "must not go to any rep of its block; these locks are not used",
                account_id=account,
            )
