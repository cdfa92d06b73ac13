"""Account families: who belongs together, and which families are too large to stay together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.settings.territories import TerritoriesSettings
from planlib.territories.findings import Problems

_DEPTH = 10


def families_of(book: pd.DataFrame) -> pd.Series:
    """Give the account at the top of each family; loops of parents end at the smallest id."""
    linked = book["parent_id"].notna() & book["parent_id"].isin(set(book["account_id"]))
    linked &= book["parent_id"].ne(book["account_id"])
    parent = dict(zip(book.loc[linked, "account_id"], book.loc[linked, "parent_id"], strict=True))

    def top_of(account: str) -> str:
        path = [account]
        while path[-1] in parent and len(path) <= _DEPTH:
            above = parent[path[-1]]
            if above in path:
                return min(path[path.index(above) :])
            path.append(above)
        return path[-1]

    return book["account_id"].map(top_of).astype("str")


def split_large(
    book: pd.DataFrame, sellers: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> pd.DataFrame:
    """
    Take apart families larger than ``split_families_above`` of an average territory of the block.

    First country by country; the parts that are still larger, account by account. Each family that
    is taken apart is named.
    """
    limit = settings.split_families_above
    if limit is None or not settings.keep_families:
        return book
    family = book["family"]
    share = _shares(book, sellers, settings)
    for step, part in (("country by country", book["country"].fillna("")),
                       ("account by account", book["account_id"])):  # fmt: skip
        size = share.groupby([book["block"], family]).transform("sum")
        several = family.groupby([book["block"], family]).transform("size") > 1
        large = size.gt(limit) & several
        apart = family + "\x00" + part
        split = apart.where(large, family)
        for top in sorted(set(family[large & split.groupby(family).transform("nunique").gt(1)])):
            mine = family.eq(top) & large
            problems.add("family_split", f"the family is {percent(size[mine].max())} of an average "
                         f"territory, above {percent(limit)}; its {int(mine.sum())} accounts are "
                         f"planned {step}", account_id=top.split("\x00")[0])  # fmt: skip
        family = split
    return book.assign(family=family)


def _shares(book: pd.DataFrame, sellers: pd.DataFrame, settings: TerritoriesSettings) -> pd.Series:
    """Give each account's share of an average territory of its block, in its largest measure."""
    count = book["block"].map(sellers["block"].value_counts()).fillna(0).to_numpy(dtype=float)
    parts = []
    for measure in settings.measures:
        load = book[f"load_{measure}"]
        total = load.groupby(book["block"]).transform("sum").to_numpy(float)
        parts.append(np.where(total > 0, load * count / np.where(total > 0, total, 1.0), 0.0))
    return pd.Series(np.nanmax(np.stack(parts), axis=0), index=book.index)
