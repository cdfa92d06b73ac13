"""Findings: what is wrong with a row of the inputs, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from planlib.tables import table

_COLUMNS = ("check", "table", "row_id", "column", "value", "allowed", "effect")


def written(values: pd.Series, form: str) -> pd.Series:
    """Write each number in a form such as "{:.1f}"; also of no numbers it gives text."""
    return pd.Series([form.format(value) for value in values], index=values.index, dtype="str")


def finding(
    check: str, name: str, row_id: object, column: str, value: object, *, allowed: str, effect: str
) -> pd.DataFrame:
    """Give one finding as a row of table ``key_account_findings``."""
    row = (check, name, str(row_id), column, str(value), allowed, effect)
    return pd.DataFrame([row], columns=list(_COLUMNS))


def rows_found(
    check: str, name: str, rows: pd.DataFrame, column: str, *, allowed: str, effect: str
) -> pd.DataFrame:
    """
    Give a finding for each row.

    Parameters
    ----------
    check, name, column, allowed, effect
        What was checked, in which table and column, what is allowed, what was done.
    rows
        ``row_id`` and ``value`` of the rows found.
    """
    return pd.DataFrame(
        {
            "check": check,
            "table": name,
            "row_id": rows["row_id"].astype("str"),
            "column": column,
            "value": rows["value"].astype("str").fillna("(blank)"),
            "allowed": allowed,
            "effect": effect,
        }
    )


def all_findings(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put findings together, in the order of check, table and row."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return table("key_account_findings").empty()
    rows = pd.concat(filled, ignore_index=True)
    rows = rows.sort_values(["check", "table", "row_id", "column", "value"], ignore_index=True)
    return table("key_account_findings").check(rows)


def circles(ids: pd.Series, parents: pd.Series) -> list[tuple[str, ...]]:
    """
    Find circles in a hierarchy: somebody who stands above himself over others.

    Parameters
    ----------
    ids, parents
        Each id once, and the one above it or missing; a parent that is the id itself is no
        circle but says that nobody is above.

    Returns
    -------
    list of tuple
        Each circle once, starting at its smallest id.

    Examples
    --------
    >>> circles(pd.Series(["a", "b", "c"]), pd.Series(["b", "a", "a"]))
    [('a', 'b')]
    """
    above = {
        str(key): str(parent)
        for key, parent in zip(ids, parents, strict=True)
        if pd.notna(key) and pd.notna(parent) and str(key) != str(parent)
    }
    done: set[str] = set()
    found = []
    for start in sorted(above):
        path: dict[str, int] = {}
        at = start
        while at in above and at not in done and at not in path:
            path[at] = len(path)
            at = above[at]
        if at in path:
            ring = [key for key, place in path.items() if place >= path[at]]
            first = ring.index(min(ring))
            found.append(tuple(ring[first:] + ring[:first]))
        done |= set(path)
    return found


def cut_circles(ids: pd.Series, parents: pd.Series) -> pd.Series:
    """Give the parents without those of ids in a circle, so that every chain has an end."""
    inside = {key for ring in circles(ids, parents) for key in ring}
    same = ids.astype("str") == parents.astype("str")
    return parents.mask(ids.isin(inside) | same)


def circle_findings(name: str, frame: pd.DataFrame, key: str, column: str) -> pd.DataFrame:
    """Name each circle of a hierarchy with its rows."""
    parts = [
        finding(
            "circle in a hierarchy",
            name,
            ring[0],
            column,
            " > ".join((*ring, ring[0])),
            allowed="nobody above himself, directly or over others",
            effect="the rows of the circle count as having nobody above",
        )
        for ring in circles(frame[key], frame[column])
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_COLUMNS))
