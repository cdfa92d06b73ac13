"""Decisions of managers: an account must, or must not, go to a rep. Contradictions are named."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from planlib.tables import require_columns
from planlib.territories.findings import Problems

_SHOWN = ("decision_id", "account_id", "rep_id", "rule", "who", "when", "why")
_RULES = ("must", "must_not")


@dataclass
class _Locks:
    """What is locked so far, by account, and what became of each decision."""

    must: dict[str, tuple[str, int]] = field(default_factory=dict)
    barred: dict[str, dict[str, int]] = field(default_factory=dict)
    state: dict[int, tuple[str, str]] = field(default_factory=dict)


def add_locks(
    book: pd.DataFrame, sellers: pd.DataFrame, overrides: pd.DataFrame | None, problems: Problems
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Add ``must`` (rep or NA) and ``barred`` (tuple of reps); a lock also decides the block.

    Later decisions win over earlier ones where two contradict each other; a lock on a rep who
    cannot own accounts is not used. Both leave a finding.

    Returns
    -------
    tuple
        The book, and the decisions, oldest first, with ``state`` (applied, superseded, not_usable,
        no_effect) and ``detail``.
    """
    locks = _Locks()
    decisions = _in_order(overrides)
    known = set(book["account_id"])
    block_of = dict(zip(sellers["rep_id"], sellers["block"], strict=True))
    for row, account, rep, rule in decisions[["account_id", "rep_id", "rule"]].itertuples():
        locks.state[row] = ("applied", "")
        if rule not in _RULES:
            what = f"rule '{rule}' is unknown; must be {' or '.join(_RULES)}"
            _refuse(locks, row, what, (account, rep), problems)
        elif account not in known:
            _refuse(locks, row, "locked account is not in accounts", (account, rep), problems)
        elif rep not in block_of:
            what = (
                f"'{str(rule).replace('_', ' ')}' names a rep who does not own accounts in "
                "this plan"
            )
            _refuse(locks, row, what, (account, rep), problems)
        elif rule == "must":
            _must(locks, row, account, rep, problems)
        else:
            _must_not(locks, row, account, rep, problems)
    must = book["account_id"].map({name: rep for name, (rep, _) in locks.must.items()})
    must = must.astype("str")
    block = must.map(block_of).astype("str").fillna(book["block"])
    _barred_by_all(book.assign(block=block), locks, block_of, problems)
    barred = [tuple(locks.barred.get(account, {})) for account in book["account_id"]]
    book = book.assign(
        block=block, must=must, barred=pd.Series(barred, index=book.index, dtype="object")
    )
    state = pd.DataFrame([locks.state[row] for row in decisions.index],
                         columns=["state", "detail"], index=decisions.index)  # fmt: skip
    return book, pd.concat([decisions, state], axis=1)


def _in_order(overrides: pd.DataFrame | None) -> pd.DataFrame:
    """Give the decisions, oldest first, with every column that is shown."""
    if overrides is None or overrides.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in _SHOWN})
    require_columns("override_territories", overrides, ["account_id", "rep_id", "rule"])
    by = [column for column in ("when", "decision_id") if column in overrides]
    by += ["account_id", "rep_id", "rule"]
    table = overrides.sort_values(by, kind="stable", na_position="first").reset_index(drop=True)
    blank = {name: pd.Series(pd.NA, index=table.index) for name in _SHOWN if name not in table}
    return table.assign(**blank)[list(_SHOWN)]


def _refuse(
    locks: _Locks, row: int, detail: str, pair: tuple[str, str], problems: Problems
) -> None:
    locks.state[row] = ("not_usable", detail)
    problems.add("lock_not_usable", detail, account_id=pair[0], rep_id=pair[1])


def _must(locks: _Locks, row: int, account: str, rep: str, problems: Problems) -> None:
    old = locks.must.get(account)
    if old is not None:
        if old[0] != rep:
            problems.add("locks_contradict", f"must go to {old[0]} and to {rep}; the later counts",
                         account_id=account, rep_id=rep)  # fmt: skip
        locks.state[old[1]] = ("superseded", f"a later decision gives it to {rep}")
    earlier = locks.barred.get(account, {}).pop(rep, None)
    if earlier is not None:
        problems.add("locks_contradict", f"must not go to {rep}, later must; the later counts",
                     account_id=account, rep_id=rep)  # fmt: skip
        locks.state[earlier] = ("superseded", f"a later decision gives it to {rep}")
    locks.must[account] = (rep, row)


def _must_not(locks: _Locks, row: int, account: str, rep: str, problems: Problems) -> None:
    old = locks.must.get(account)
    if old is not None and old[0] == rep:
        problems.add("locks_contradict", f"must go to {rep}, later must not; the later counts",
                     account_id=account, rep_id=rep)  # fmt: skip
        locks.state[old[1]] = ("superseded", f"a later decision bars it from {rep}")
        del locks.must[account]
    locks.barred.setdefault(account, {})[rep] = row


def _barred_by_all(
    book: pd.DataFrame, locks: _Locks, block_of: dict[str, str], problems: Problems
) -> None:
    """Leave out the bars of accounts that no rep of their block might have."""
    reps_of: dict[str, set[str]] = {}
    for rep, name in block_of.items():
        reps_of.setdefault(name, set()).add(rep)
    blocks = dict(zip(book["account_id"], book["block"], strict=True))
    for account in sorted(locks.barred):
        closed, here = locks.barred[account], reps_of.get(blocks[account], set())
        if not here or not here <= set(closed):
            continue
        detail = "must not go to any rep of its block; these locks are not used"
        problems.add("locks_contradict", detail, account_id=account)
        for row in closed.values():
            locks.state[row] = ("no_effect", detail)
        locks.barred[account] = {}
