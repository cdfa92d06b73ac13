"""Leads of one person: found within a batch, among earlier decisions and among past leads."""

from __future__ import annotations

import numpy as np
import pandas as pd


def person_keys(emails: pd.Series) -> pd.Series:
    """
    Give a key of each e-mail address: the same for the same person, NA for none.

    Case and spaces around do not matter. The address itself cannot be read from the key.

    Examples
    --------
    >>> keys = person_keys(pd.Series(["Ann@firm.com ", "ann@firm.com", None]))
    >>> keys[0] == keys[1], bool(keys.isna()[2])
    (True, True)
    """
    plain = emails.astype("str").str.strip().str.casefold()
    known = plain[plain.notna() & plain.ne("")]
    codes = pd.util.hash_array(known.to_numpy(object), categorize=True)
    keys = pd.Series([f"{one:016x}" for one in codes.tolist()], index=known.index, dtype="str")
    return keys.reindex(emails.index).astype("str")


def link_persons(
    leads: pd.DataFrame,
    known: pd.DataFrame,
    reps: pd.Series,
    days: int,
) -> pd.DataFrame:
    """
    Find the earlier lead of the same person, and its rep where that is settled already.

    Parameters
    ----------
    leads
        Leads of the batch: ``lead_id``, ``person_key``, ``created_at``.
    known
        Other leads, and those of the batch that keep their rep: ``lead_id``, ``person_key``,
        ``created_at``, ``rep_id``.
    reps
        Reps who can get leads; another rep of a known lead does not count.
    days
        Longest time between a lead and the one before it.

    Returns
    -------
    DataFrame
        By the index of ``leads``: ``same_as``, the latest earlier lead with a rep, else the first
        earlier lead of the batch, else of all; and ``same_rep``, its rep where it is settled.
    """
    kept = known.loc[known["rep_id"].isin(reps), ["lead_id", "rep_id"]].drop_duplicates("lead_id")
    settled = kept.set_index("lead_id")["rep_id"]
    mine = leads[["lead_id", "person_key", "created_at"]].assign(place=np.arange(len(leads)))
    others = known[known["person_key"].isin(leads["person_key"].dropna())
                   & ~known["lead_id"].isin(leads["lead_id"])]  # fmt: skip
    others = others[["lead_id", "person_key", "created_at"]].drop_duplicates("lead_id")
    rows = pd.concat([mine, others.assign(place=-1)] if len(others) else [mine], ignore_index=True)
    rows = rows.dropna(subset=["person_key", "created_at"])
    rows = rows.sort_values(["person_key", "created_at", "lead_id"], ignore_index=True)
    near = rows["created_at"] - rows["created_at"].shift() <= pd.Timedelta(days=days)
    again = rows["person_key"].eq(rows["person_key"].shift()) & near
    chain = (~again).cumsum()
    rep = rows["lead_id"].map(settled)
    with_rep = rows["lead_id"].where(rep.notna()).groupby(chain)
    last = with_rep.ffill().groupby(chain).shift()
    fresh = rows["lead_id"].where((rows["place"] >= 0) & rep.isna())
    first = fresh.groupby(chain).transform("first")
    start = rows["lead_id"].groupby(chain).transform("first")
    same_as = last.fillna(first.where(first != rows["lead_id"]))
    same_as = same_as.fillna(start.where(start != rows["lead_id"]))
    found = pd.DataFrame({"same_as": same_as, "same_rep": last.map(settled)}).astype("str")
    found = found[rows["place"] >= 0].set_axis(rows.loc[rows["place"] >= 0, "place"], axis=0)
    return found.reindex(np.arange(len(leads))).set_axis(leads.index, axis=0).astype("str")
