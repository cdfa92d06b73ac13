"""SQL of the year before on two bases: as reported then, and restated to today's territories."""

# ruff: noqa: S608 - values are dates and texts that are quoted here; nothing is typed in

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.pipeline.bases import reps_on

_DATED = ("manager_id", "region", "unit", "role")


@dataclass(frozen=True, kw_only=True)
class BasisSql:
    """
    How facts get the owner of a basis.

    Parameters
    ----------
    parts
        Named queries that follow ``facts``; the last one is ``owned``.
    reps
        Name of the query that gives the attributes of owners, ``reps`` for today's.
    """

    parts: str
    reps: str = "reps"


def reported_sql(
    day: date,
    columns: Iterable[str],
    reps: pd.DataFrame,
    rep_history: pd.DataFrame | None,
    *,
    has_reps: bool,
) -> BasisSql:
    """
    Give facts the owner of the last record until a day, and owners their place on that day.

    Parameters
    ----------
    day
        The day.
    columns
        Columns of the deals that facts carry for cuts.
    reps
        Table ``reps``; may be without rows.
    rep_history
        Table ``rep_history``, or None: places are today's.
    has_reps
        Whether any cut comes from ``reps``.
    """
    last = (
        "SELECT n.opportunity_id, n.owner_id FROM (SELECT h.opportunity_id, h.owner_id, "
        "ROW_NUMBER() OVER (PARTITION BY h.opportunity_id ORDER BY h.snapshot_date DESC, "
        "h.sequence DESC, h.owner_id DESC) AS place FROM opportunity_history h "
        "JOIN (SELECT DISTINCT opportunity_id FROM facts) i "
        f"ON i.opportunity_id = h.opportunity_id WHERE h.snapshot_date <= {_text(day)} "
        "AND h.owner_id IS NOT NULL) n WHERE n.place = 1"
    )
    owned = (
        f"SELECT {_kept(columns)}, COALESCE(l.owner_id, f.owner_id) AS owner_id FROM facts f "
        "LEFT JOIN last_owners l ON l.opportunity_id = f.opportunity_id"
    )
    parts = f"last_owners AS ({last}), owned AS ({owned})"
    if rep_history is None or rep_history.empty or not has_reps:
        return BasisSql(parts=parts)
    then = reps_on(rep_history, day)
    today = reps.set_index("rep_id")
    ids = today.index.union(then.index).sort_values()
    blank = pd.Series(index=ids, dtype="str")
    found = {}
    for name in _DATED:
        now = today.get(name, blank).reindex(ids)
        past = then.get(name, blank).reindex(ids)
        found[name] = past.where(past.notna(), now)
    places = pd.DataFrame(found).reset_index(names="rep_id")
    rows = _values(places.itertuples(index=False), len(_DATED) + 1)
    names = ", ".join(("rep_id", *_DATED))
    return BasisSql(parts=f"reps_then({names}) AS ({rows}), {parts}", reps="reps_then")


def restated_sql(
    day: date,
    columns: Iterable[str],
    present: Iterable[str],
    layer: str | None,
    *,
    has_territories: bool,
) -> BasisSql:
    """
    Give facts the owner of today where the account changed hands, or its rep has left.

    Parameters
    ----------
    day
        The past day.
    columns
        Columns of the deals that facts carry for cuts.
    present
        Reps who have not left.
    layer
        Layer of table ``territories`` that owns; None: it has no layers.
    has_territories
        Whether the table is there; else ``accounts.owner_id`` is today's owner.
    """
    here = _values(((rep,) for rep in sorted(present)), 1)
    if has_territories:
        where = "" if layer is None else f"WHERE COALESCE(role_layer, '(unknown)') = {_text(layer)}"
        held = (
            "SELECT n.account_id, n.rep_id, n.since_date FROM (SELECT account_id, rep_id, "
            "since_date, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY rep_id DESC) AS place "
            f"FROM territories {where}) n WHERE n.place = 1"
        )
        changed = f"t.since_date > {_text(day)} OR p.rep_id IS NULL"
    else:
        held = "SELECT account_id, owner_id AS rep_id FROM accounts"
        changed = "p.rep_id IS NULL"
    owned = (
        f"SELECT {_kept(columns)}, CASE WHEN t.rep_id IS NOT NULL AND ({changed}) THEN t.rep_id "
        "ELSE f.owner_id END AS owner_id FROM facts f "
        "LEFT JOIN held t ON t.account_id = f.account_id "
        "LEFT JOIN present p ON p.rep_id = f.owner_id"
    )
    return BasisSql(parts=f"present(rep_id) AS ({here}), held AS ({held}), owned AS ({owned})")


def layers_sql() -> str:
    """Count the accounts of each layer of table territories."""
    return "SELECT role_layer, COUNT(*) AS account_count FROM territories GROUP BY role_layer"


def _kept(columns: Iterable[str]) -> str:
    names = ("part", "opportunity_id", "account_id", "cents", "likely", "is_inside", "category")
    return ", ".join(f"f.{name}" for name in (*names, *columns))


def _values(rows: Iterable[tuple[object, ...]], width: int) -> str:
    texts = ["(" + ", ".join(_text(value) for value in row) + ")" for row in rows]
    if not texts:
        return f"SELECT {', '.join(['NULL'] * width)} WHERE 1 = 0"
    return f"VALUES {', '.join(texts)}"


def _text(value: object) -> str:
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "CAST(NULL AS VARCHAR)"
    return "'" + str(value).replace("'", "''") + "'"
