"""First table of the key-account section: who enters, who leaves, and who is at risk."""

from __future__ import annotations

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.notes import percent
from planlib.report import key_account_care
from planlib.report.common import account_names, named
from planlib.report.parts import Listing

_LIKELY = 0.6  # of draws of weights: below, a place in the list is not safe
_MOVES = ("leaves", "enters", "contact at risk", "place is not safe")


def moves(view: AudienceView, listed: pd.DataFrame, *, is_own: bool) -> Listing:
    """
    List who enters, leaves or is at risk; in a first list, and between reviews, only the last.

    Parameters
    ----------
    view
        The cycle as the audience may see it.
    listed
        Table ``key_accounts``.
    is_own
        Whether this cycle reviewed the list itself.
    """
    names = account_names(view)
    is_key = listed["is_key"].fillna(False).astype(bool)
    is_first = bool(listed.loc[is_key, "status"].eq("enters").all())
    moved = listed["status"].isin(["leaves"] if is_first else ["enters", "leaves"])
    risks = listed["account_id"].map(
        key_account_care.threats(view).set_index("account_id")["warning"]
    )
    narrow = listed["in_list_probability"] < _LIKELY
    what = listed["status"].where(moved & is_own).astype("object")
    what = what.mask(what.isna() & is_key & narrow, "place is not safe")
    what = what.mask(what.isna() & is_key & risks.notna(), "contact at risk")
    chance = listed["in_list_probability"].map(
        lambda figure: f"in the list under {percent(figure)} of other weights"
    )
    why = listed["reason"].where(moved, chance.where(narrow))
    why = why.where(risks.isna(), why.fillna("") + "; " + risks.fillna(""))
    rows = listed.assign(
        what=what, why=why.fillna("").str.strip("; "), name=named(listed["account_id"], names)
    )
    rows = (
        rows[what.notna()]
        .assign(order=what.dropna().map(_MOVES.index))
        .sort_values(["order", "sales_amount", "account_id"], ascending=[True, False, True])
    )
    return Listing(
        name="Who enters, leaves, is at risk",
        frame=rows[["name", "what", "why", "sales_amount"]].reset_index(drop=True),
        title="Who enters, who leaves, who is at risk",
        subtitle="all are new in a first list; here are those at risk" if is_first else "",
        labels={"name": "Account", "what": "What", "why": "Why", "sales_amount": "Sales"},
        units={"sales_amount": view.plan.currency},
        notes=["At risk: a champion silent, closeness falling or no contact at all; or less than "
               "sixty in a hundred draws of other weights have the account in the list."],
        missing={"sales_amount": "no deal won in the twelve months"},
        limit=view.plan.report.rows,
        empty="nobody enters or leaves, and no key account is at risk",
    )  # fmt: skip
