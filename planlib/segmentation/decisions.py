"""Decisions by people on single accounts; they win over rules and data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Coded, Codes, Flags, Numbers, column
from planlib.tables import require_columns

WORDS = ("segment", "unit", "lifecycle")
NUMBERS = ("potential", "workload_hours")


@dataclass(frozen=True)
class Decisions:
    """Decided values and their reasons by column, one row per account; missing: not decided."""

    words: dict[str, Coded]
    numbers: dict[str, Numbers]
    reasons: dict[str, Coded]
    unknown: tuple[str, ...] = field(default=())

    def any(self) -> Flags:
        """Tell which accounts have any decision."""
        flags = [reason.codes >= 0 for reason in self.reasons.values()]
        return np.asarray(np.any(flags, axis=0), dtype=bool)


def read_decisions(overrides: pd.DataFrame | None, ids: pd.Series) -> Decisions:
    """
    Take the decision in force per account and column: the latest by date, then by its place.

    Parameters
    ----------
    overrides
        Decisions of kind ``segments`` in force, with ``account_id``, ``who``, ``why``.
    ids
        Accounts in order.

    Raises
    ------
    TableError
        If account_id is missing.
    """
    blank = Coded(np.full(len(ids), -1, dtype=np.intp), ())
    no_number = np.full(len(ids), np.nan)
    if overrides is None or not len(overrides):
        return Decisions(
            dict.fromkeys(WORDS, blank),
            dict.fromkeys(NUMBERS, no_number),
            dict.fromkeys((*WORDS, *NUMBERS), blank),
        )
    require_columns("override_segments", overrides, ["account_id"])
    order = column(overrides, "override_segments", "when").argsort(kind="stable")
    made = overrides.iloc[order.to_numpy()].reset_index(drop=True)
    place = pd.Index(ids).get_indexer(pd.Index(column(made, "override_segments", "account_id")))
    unknown = column(made, "override_segments", "account_id")[place < 0]
    why = _reasons(made)
    words, figures, reasons = {}, {}, {}
    for name in (*WORDS, *NUMBERS):
        values = column(made, "override_segments", name)
        decided = values.notna().to_numpy() & (place >= 0)
        last = _last(place, decided, len(ids))
        reasons[name] = Coded(last, tuple(why))
        if name in WORDS:
            said = Coded.of(values)
            words[name] = Coded(np.append(said.codes, -1)[last], said.values)
        else:
            plain = np.append(values.to_numpy(dtype="float64", na_value=np.nan), np.nan)
            figures[name] = plain[last]
    return Decisions(words, figures, reasons, tuple(sorted(set(unknown.dropna()))))


def _last(place: Codes, decided: Flags, size: int) -> Codes:
    """Give the last deciding row of each account; -1 for none."""
    last = np.full(size, -1, dtype=np.intp)
    np.maximum.at(last, place[decided], np.flatnonzero(decided))
    return last


def _reasons(made: pd.DataFrame) -> Sequence[str]:
    who = column(made, "override_segments", "who").fillna("an unnamed person")
    why = column(made, "override_segments", "why").fillna("no reason given")
    name = column(made, "override_segments", "decision_id")
    return [
        f"set by {person}{f' ({one})' if isinstance(one, str) else ''}: {text}"
        for person, one, text in zip(who, name, why, strict=True)
    ]
