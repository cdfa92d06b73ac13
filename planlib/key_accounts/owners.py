"""Who owns the key accounts today, and who is asked about them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.coverage import is_active, planned_owners
from planlib.notes import count_of
from planlib.tables import require_columns, table

_SHOWN = 5


def key_owners(key_accounts: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """
    Give the key accounts with their owner of today.

    Parameters
    ----------
    key_accounts
        Table ``key_accounts``.
    accounts
        Table ``accounts``: ``owner_id`` and ``region`` where known.

    Returns
    -------
    DataFrame
        ``account_id``, ``rep_id`` (NA: nobody), ``region``, ``score``, ``status``, ``review_date``
        (of the review that gave the status, NA: not known), by account.

    Raises
    ------
    TableError
        If a column is missing.
    """
    require_columns("key_accounts", key_accounts, ["account_id", "is_key", "score", "status"])
    require_columns("accounts", accounts, ["account_id", "owner_id", "region"])
    listed = key_accounts[key_accounts["is_key"].fillna(False).astype(bool)]
    known = accounts.drop_duplicates("account_id").set_index("account_id")
    found = pd.DataFrame(
        {
            "account_id": listed["account_id"],
            "rep_id": listed["account_id"].map(known["owner_id"]).astype("str"),
            "region": listed["account_id"].map(known["region"]).astype("str"),
            "score": listed["score"],
            "status": listed["status"],
            "review_date": listed.get("review_date", pd.Series(pd.NaT, index=listed.index)),
        }
    )
    return found.sort_values("account_id", ignore_index=True)


def people_to_ask(
    keys: pd.DataFrame,
    reps: pd.DataFrame | None,
    as_of: date,
    territory_plan: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give whom to ask about each key account.

    That is the owner of today. Where nobody owns the account, or the owner has left or is an open
    seat, it is the rep to whom the territory plan gives it, who must be there in turn.

    Parameters
    ----------
    keys
        As ``key_owners`` gives them.
    reps
        Table ``reps``, or None: then nobody is known to be gone.
    as_of
        Who works here on that day.
    territory_plan
        ``account_id``, ``rep_id``, or None: no plan.

    Returns
    -------
    DataFrame
        ``keys`` with ``rep_id`` (who is asked, NA: nobody), ``owner_id`` (of today) and ``origin``
        (owner, territory plan, or nobody).
    """
    gone, here = pd.Series(data=False, index=keys.index), set()
    if reps is not None:
        people = table("reps").coerce(reps)
        active = is_active(people, as_of)
        here = set(people.loc[active, "rep_id"])
        gone = keys["rep_id"].isin(set(people["rep_id"]) - here)
    owner = keys["rep_id"].mask(gone)
    planned = planned_owners(keys["account_id"], territory_plan)
    planned = planned.where(planned.isin(here) | (reps is None))
    origin = np.select([owner.notna(), planned.notna()], ["owner", "territory plan"], "nobody")
    return keys.assign(
        rep_id=owner.fillna(planned).astype("str"), owner_id=keys["rep_id"],
        origin=pd.Series(origin, index=keys.index, dtype="str"),
    )  # fmt: skip


def asking_notes(asked: pd.DataFrame, names: pd.Series, rep_names: pd.Series) -> list[str]:
    """
    Say for which key accounts somebody else than the owner is asked, or nobody.

    Parameters
    ----------
    asked
        As ``people_to_ask`` gives them.
    names, rep_names
        Company name by ``account_id``, name by ``rep_id``.

    Returns
    -------
    list of str
        One sentence each; none where all owners are there.
    """
    company, person = (
        asked[key].map(known).astype("str").fillna(asked[key])
        for key, known in (("account_id", names), ("rep_id", rep_names))
    )
    new, lost = asked["origin"].eq("territory plan"), asked["origin"].eq("nobody")
    notes = []
    if new.any():
        pairs = [f"{one} ({who})" for one, who in zip(company[new], person[new], strict=True)]
        notes.append(
            f"{count_of(len(pairs), 'key account')} without an owner who is there; asked is the "
            f"owner in the territory plan: {_first(pairs)}"
        )
    if lost.any():
        left = company[lost].tolist()
        notes.append(
            f"{count_of(len(left), 'key account')} without an owner who is there, today or in a "
            f"territory plan: nobody to ask: {_first(left)}"
        )
    return notes


def _first(names: list[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return shown if more <= 0 else f"{shown} and {more:,} more"
