"""Who owns the key accounts today."""

from __future__ import annotations

import pandas as pd

from planlib.tables import require_columns


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
        ``account_id``, ``rep_id`` (NA: nobody), ``region``, ``score``, ``status``, by account.

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
        }
    )
    return found.sort_values("account_id", ignore_index=True)
