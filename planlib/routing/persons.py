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
    found = np.full((2, len(leads)), None, dtype=object)
    mine = leads[["lead_id", "person_key", "created_at"]].assign(place=np.arange(len(leads)))
    others = known[:0]
    if len(known):
        others = known[is_among(known["person_key"], leads["person_key"])
                       & ~is_among(known["lead_id"], leads["lead_id"])]  # fmt: skip
        others = others[["lead_id", "person_key", "created_at"]].drop_duplicates("lead_id")
    rows = pd.concat([mine, others.assign(place=-1)] if len(others) else [mine], ignore_index=True)
    rows = rows.dropna(subset=["person_key", "created_at"])
    rows = rows[rows["person_key"].duplicated(keep=False)].reset_index(drop=True)
    if rows.empty:
        return _linked(found, leads)
    settled = known[known["rep_id"].isin(reps)].drop_duplicates("lead_id").set_index("lead_id")
    rep = rows["lead_id"].map(settled["rep_id"])
    ids, person = pd.factorize(rows["lead_id"], sort=True)[0], pd.factorize(rows["person_key"])[0]
    at = rows["created_at"].astype("datetime64[us]").astype("int64").to_numpy()
    order = np.lexsort((ids, at, person))
    place = rows["place"].to_numpy()[order]
    before, has_rep = _earlier(
        person[order], at[order], rep.notna().to_numpy()[order], place >= 0,
        int(pd.Timedelta(days=days) / pd.Timedelta(microseconds=1)),
    )  # fmt: skip
    hit = (before >= 0) & (place >= 0)
    source = order[before[hit]]
    found[0, place[hit]] = rows["lead_id"].to_numpy(object)[source]
    found[1, place[hit]] = np.where(has_rep[hit], rep.to_numpy(object)[source], None)
    return _linked(found, leads)


def _linked(found: np.ndarray, leads: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"same_as": found[0], "same_rep": found[1]}, index=leads.index, dtype="str")


def is_among(values: pd.Series, others: pd.Series) -> np.ndarray:
    """Tell which values are among many others, NA never is."""
    known = pd.Index(others.dropna().to_numpy(object)).unique()
    return np.asarray(known.get_indexer(pd.Index(values.to_numpy(object))) >= 0)


def _earlier(
    person: np.ndarray, at: np.ndarray, known: np.ndarray, mine: np.ndarray, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the row that each row follows, -1 for none, and whether that one has a rep.

    Rows are in the order of person and time; a gap above the limit begins a new chain.
    """
    here = np.arange(len(person))
    begins = np.ones(len(person), bool)
    begins[1:] = (person[1:] != person[:-1]) | (at[1:] - at[:-1] > limit)
    start = np.maximum.accumulate(np.where(begins, here, 0))
    last = np.r_[-1, np.maximum.accumulate(np.where(known, here, -1))[:-1]]
    fresh = np.where(mine & ~known, here, len(person))
    following = np.minimum.accumulate(fresh[::-1])[::-1]
    has_rep = last >= start
    first = np.where(following[start] < here, following[start], start)
    return np.where(has_rep, last, np.where(first < here, first, -1)), has_rep
