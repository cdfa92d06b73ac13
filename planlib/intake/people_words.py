"""Roles, units and regions of tables about people that no person has."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.errors import nearest
from planlib.intake.keys import unknown_values
from planlib.intake.rows import joined

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
    ("targets", "region"): (("reps", "region"), ("accounts", "region")),
}
_SHOWN = 12  # allowed values that are listed


def find_strange_words(
    tables: Mapping[str, pd.DataFrame], origins: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """
    List roles, units and regions that no person and no account has.

    Parameters
    ----------
    tables
        Input tables by name.
    origins
        Where each row came from, same order.

    Returns
    -------
    DataFrame
        Findings with severity "note", one per value, with the values that are allowed and the
        nearest of them; the rows are kept. Nothing is found where no known value is there at all.
    """
    parts = []
    for (name, column), sources in _KNOWN.items():
        frame = tables.get(name)
        if frame is None or column not in frame.columns:
            continue
        known = _values(tables, sources)
        if known.empty:
            continue
        where = f"in {' or '.join(f'{table}.{one}' for table, one in sources if table in tables)}"
        found = unknown_values((name, column), frame, origins[name], known, (where, ""))
        if len(found):
            parts.append(
                found.assign(allowed=[_allowed(str(one), known) for one in found["value"]])
            )
    return joined(parts)


def _values(tables: Mapping[str, pd.DataFrame], sources: tuple[tuple[str, str], ...]) -> pd.Series:
    found = [tables[table][column].dropna().astype("str") for table, column in sources
             if table in tables and column in tables[table].columns]  # fmt: skip
    if not found:
        return pd.Series(dtype="str")
    return pd.Series(sorted(set(pd.concat(found))), dtype="str")


def _allowed(value: str, known: pd.Series) -> str:
    """Say which values are known, the nearest first."""
    near = nearest(value, known)
    hint = f"did you mean '{near[0]}'? " if near else ""
    more = len(known) - _SHOWN
    listed = ", ".join(known.head(_SHOWN)) + (f" and {more} more" if more > 0 else "")
    return f"{hint}known: {listed}; the rows are kept"
