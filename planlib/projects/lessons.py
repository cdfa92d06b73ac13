"""What projects taught about the next three years, and whether the needs register has it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.tables import table


def read_lessons(
    decisions: pd.DataFrame | None,
    accounts_of: pd.Series,
    needs: pd.DataFrame | None,
    as_of: date,
) -> pd.DataFrame:
    """
    Link lessons to needs.

    Parameters
    ----------
    decisions
        Decisions of kind ``project_lessons`` in force.
    accounts_of
        Account by ``project_id``.
    needs
        Table ``needs``, or None.
    as_of
        Later lessons are left out.

    Returns
    -------
    DataFrame
        Table ``project_lesson_log``; horizon, product and value come from the need where the
        lesson names none.
    """
    rows = table("override_project_lessons").coerce(decisions)
    rows = rows[rows["when"] <= pd.Timestamp(as_of)]
    rows = rows.sort_values(["when", "decision_id"], ignore_index=True)
    shape = table("needs")
    known = shape.or_empty(needs)
    known = known.drop_duplicates("need_id").set_index("need_id")
    account = rows["project_id"].map(accounts_of)
    at = rows["need_id"]
    found = at.isin(known.index)
    other = found & account.notna() & (at.map(known["account_id"]) != account)
    state = pd.Series("to be entered", index=rows.index, dtype="str")
    state = state.mask(at.notna(), "need not found").mask(found, "in the register")
    linked = found & ~other
    filled = {
        name: rows[name].where(rows[name].notna(), at.map(known[name]).where(linked))
        for name in ("horizon", "product_id", "value")
    }
    return rows.assign(
        account_id=account,
        state=state.mask(other, "need of another account"),
        day_date=rows["when"],
        **filled,
    )
