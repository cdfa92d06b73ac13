"""Who is paid for which part of the year, whose attainment is simulated, who is shown together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.tables import table

POOLED = "other roles"
_LEVELS = 12  # levels of a hierarchy that are looked through


@dataclass(frozen=True, kw_only=True)
class Attained:
    """
    Simulated attainment of people in a year.

    Parameters
    ----------
    rep_id
        People, each once.
    quota
        Their quotas of the year, pro rata, above 0.
    share
        (people, draws) attained / quota; draws belong together across people.
    basis
        What it rests on, for the reader.
    condition
        At which quotas it was simulated, and how sales follow them.
    sum_of_others
        People whose quota is the sum of those below, so that it is not counted twice.
    """

    rep_id: np.ndarray
    quota: np.ndarray
    share: np.ndarray
    basis: str = ""
    condition: str = ""
    sum_of_others: frozenset[str] = frozenset()

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.share.shape[1])

    @property
    def sales(self) -> float:
        """Expected sales of all, those of managers not counted twice."""
        own = ~np.isin(self.rep_id.astype(str), list(self.sum_of_others))
        return float(np.sum((self.quota * self.share.mean(axis=1))[own]))

    def of(self, people: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Give quota and draws of people in their order; NaN where none is simulated."""
        places = pd.Index(self.rep_id).get_indexer(pd.Index(people))
        quota = np.where(places >= 0, self.quota[places], np.nan)
        share = np.where((places >= 0)[:, None], self.share[places], np.nan)
        return quota, share


def paid_people(reps: pd.DataFrame, year: Period, as_of: date) -> pd.DataFrame:
    """
    Give everybody who is paid in a fiscal year, and for which part of it.

    Parameters
    ----------
    reps
        Table ``reps``.
    year, as_of
        The fiscal year, and the day until which the data count.

    Returns
    -------
    DataFrame
        ``rep_id``, ``role``, ``manager_id``, ``unit``, ``is_open_seat``, ``year_share`` (above 0)
        and ``share_basis``, in order of ``rep_id``.
    """
    people = reps.sort_values("rep_id").reset_index(drop=True)
    is_open = people["is_open_seat"].astype("boolean").fillna(False).astype(bool)
    start, end = pd.Timestamp(year.start), pd.Timestamp(year.end)
    missing = people["hire_date"].isna()
    begin = people["hire_date"].mask(missing & is_open, pd.Timestamp(as_of) + pd.Timedelta(days=1))
    begin = begin.fillna(start)
    begin = begin.where(begin > start, start)
    until = people["leave_date"].fillna(end)
    until = until.where(until < end, end)
    days = ((until - begin).dt.days + 1).clip(lower=0)
    share = days / ((end - start).days + 1)
    basis = pd.Series("days employed", index=people.index).mask(
        missing & is_open, "open seat: from the day after the as-of date"
    )
    found = pd.DataFrame({
        "rep_id": people["rep_id"], "role": people["role"].fillna("no role"),
        "manager_id": people["manager_id"], "unit": people["unit"], "is_open_seat": is_open,
        "year_share": share, "share_basis": basis,
    })  # fmt: skip
    return found[found["year_share"] > 0].reset_index(drop=True)


def with_planned(reps: pd.DataFrame, quotas: pd.DataFrame | None) -> pd.DataFrame:
    """
    Add posts that the quotas plan and ``reps`` does not hold, and days on which posts are filled.

    Parameters
    ----------
    reps
        Table ``reps``.
    quotas
        Table ``quotas``: planned hires become open seats; ``first_date`` is the day on which an
        open seat without hire date is expected to be filled.

    Returns
    -------
    DataFrame
        ``reps`` with first days filled in, then a row for each planned post that is not among
        them; ``reps`` as given without quotas.
    """
    if quotas is None or "first_date" not in quotas:
        return reps
    first = quotas.drop_duplicates("rep_id").set_index("rep_id")["first_date"]
    known = reps.assign(hire_date=reps["hire_date"].fillna(reps["rep_id"].map(first)))
    new = quotas[~quotas["rep_id"].isin(reps["rep_id"])].sort_values("rep_id")
    if new.empty:
        return known
    planned = new[["rep_id", "role", "unit", "manager_id"]].assign(
        name="Planned hire " + new["rep_id"], hire_date=new["first_date"], is_open_seat=True
    )
    return table("reps").coerce(pd.concat([known, planned], ignore_index=True))


def with_managers(attained: Attained, reps: pd.DataFrame) -> Attained:
    """
    Add managers: what all people below sell, over the sum of their quotas.

    Parameters
    ----------
    attained
        Simulated people.
    reps
        Table ``reps`` with ``manager_id``; a manager with a simulated attainment of his own keeps
        it, one with nobody below gets none.

    Returns
    -------
    Attained
        People as given, managers after them; the same where nobody has anybody below.
    """
    above = reps.drop_duplicates("rep_id").set_index("rep_id")["manager_id"].dropna()
    place = pd.Index(attained.rep_id)
    pairs = pd.DataFrame({"below": attained.rep_id, "boss": place.map(above)}).dropna()
    links = [pairs]
    for _ in range(_LEVELS):
        last = links[-1]
        links.append(last.assign(boss=last["boss"].map(above)).dropna())
    link = pd.concat(links, ignore_index=True).drop_duplicates()
    link = link[~link["boss"].isin(set(attained.rep_id))]
    bosses = np.array(sorted(link["boss"].unique()), dtype=object)
    if not len(bosses):
        return attained
    sums = np.zeros((len(bosses), len(place)))
    sums[pd.Index(bosses).get_indexer(pd.Index(link["boss"])),
         place.get_indexer(pd.Index(link["below"]))] = 1.0  # fmt: skip
    quota = sums @ attained.quota
    sales = sums @ (attained.quota[:, None] * attained.share)
    return Attained(
        rep_id=np.concatenate([attained.rep_id, bosses]),
        quota=np.concatenate([attained.quota, quota]),
        share=np.vstack([attained.share, sales / quota[:, None]]),
        basis=attained.basis,
        condition=attained.condition,
        sum_of_others=frozenset(map(str, bosses)),
    )


def pool_roles(people: pd.DataFrame, attained: Attained | None, minimum: int) -> dict[str, str]:
    """
    Put roles together so that neither pay nor attainment of few people is shown.

    A group has nobody with simulated attainment, or ``minimum`` people: else what spreads in its
    sums would be that of few, and their attainment would follow from other sums.

    Parameters
    ----------
    people
        ``rep_id`` and ``role``.
    attained
        Simulated attainment; None: there is none.
    minimum
        Fewest people. Where fewer are simulated in all, only the people of a group are counted.

    Returns
    -------
    dict
        Group by role, as ``pool_small`` gives it.
    """
    groups = pool_small(people["role"].value_counts().to_dict(), minimum)
    if attained is None:
        return groups
    seen = people.loc[people["rep_id"].isin(attained.rep_id), "role"].value_counts()
    if int(seen.sum()) < minimum:
        return groups
    while True:
        count = seen.groupby(seen.index.map(groups)).sum()
        pool = {*count.index[count < minimum]}
        if not pool:
            return groups
        pool.add(POOLED)
        if count[count.index.isin(pool)].sum() < minimum:
            rest = count[~count.index.isin(pool)]
            pool.add(min(rest.index, key=lambda group: (rest[group], group)))
        groups = {role: POOLED if group in pool else group for role, group in groups.items()}


def pool_small(sizes: Mapping[Any, int], minimum: int) -> dict[str, str]:
    """
    Put roles with few people together, so that no sum shows what one person earns.

    Parameters
    ----------
    sizes
        People by role.
    minimum
        Fewest people of a group. A pool that is still smaller takes in the smallest other role;
        where all people together are fewer, every role gets a blank group: nothing is shown.

    Returns
    -------
    dict
        Group by role.

    Examples
    --------
    >>> pool_small({"AE": 30, "SDR": 6, "SVP": 1}, 5)
    {'AE': 'AE', 'SDR': 'other roles', 'SVP': 'other roles'}
    """
    if sum(sizes.values()) < minimum:
        return dict.fromkeys(sizes, "")
    ordered = sorted(sizes, key=lambda role: (sizes[role], role))
    pool = [role for role in ordered if sizes[role] < minimum]
    rest = [role for role in ordered if sizes[role] >= minimum]
    while pool and sum(sizes[role] for role in pool) < minimum and rest:
        pool.append(rest.pop(0))
    return {role: POOLED if role in pool else role for role in sizes}
