"""Roles, units and regions that people and accounts have, for tables that name them too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import pandas as pd

from planlib.errors import nearest
from planlib.intake.keys import Known

#: Column of a table, the tables and columns in which its values are known.
_KNOWN: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("hiring_plan", "role"): (("reps", "role"), ("pay_plans", "role")),
    ("hiring_plan", "unit"): (("reps", "unit"), ("accounts", "unit")),
    ("hiring_plan", "region"): (("reps", "region"), ("accounts", "region")),
    ("pay_plans", "role"): (("reps", "role"), ("rep_history", "role"), ("hiring_plan", "role")),
    ("territories", "role_layer"): (("reps", "role"), ("rep_history", "role")),
    ("rep_history", "role"): (("reps", "role"), ("pay_plans", "role")),
    ("rep_history", "unit"): (("reps", "unit"), ("accounts", "unit")),
    ("rep_history", "region"): (("reps", "region"), ("accounts", "region")),
    ("targets", "unit"): (("reps", "unit"), ("accounts", "unit")),
    ("partners", "region"): (("accounts", "region"), ("reps", "region")),
    ("targets", "region"): (("reps", "region"), ("accounts", "region")),
}
_SHOWN = 12  # allowed values that are listed


def known_words(tables: Mapping[str, pd.DataFrame]) -> Iterator[Known]:
    """
    Give the roles, units and regions that people and accounts have, by the column to compare.

    A column is left out where no known value is there at all.
    """
    for (name, column), sources in _KNOWN.items():
        frame = tables.get(name)
        if frame is None or column not in frame.columns:
            continue
        values = _values(tables, sources)
        if not values.empty:
            named = (f"{table}.{one}" for table, one in sources if table in tables)
            yield Known(table=name, column=column, values=values, where=" or ".join(named),
                        allowed=partial(_allowed, values))  # fmt: skip


def _values(tables: Mapping[str, pd.DataFrame], sources: tuple[tuple[str, str], ...]) -> pd.Series:
    found = [tables[table][column].dropna().astype("str") for table, column in sources
             if table in tables and column in tables[table].columns]  # fmt: skip
    if not found:
        return pd.Series(dtype="str")
    return pd.Series(sorted(set(pd.concat(found))), dtype="str")


def _allowed(known: pd.Series, value: str) -> str:
    """Say which values are known, the nearest first."""
    near = nearest(value, known)
    hint = f"did you mean '{near[0]}'? " if near else ""
    more = len(known) - _SHOWN
    listed = ", ".join(known.head(_SHOWN)) + (f" and {more} more" if more > 0 else "")
    return f"{hint}known: {listed}; the rows are kept"
