"""Tests of groups that may be shown: no small group follows from what is published."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from planlib.disclosure import OTHER, exposed, publishable


def make_members(seed: int, people: int = 16) -> pd.DataFrame:
    """Make people with two cuts that overlap at random, some of them in two pieces."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"R{who:02d}", f"a{rng.integers(4)}", f"b{min(rng.integers(6), rng.integers(6))}")
        for who in [*range(people), 0, 1]
    ]
    return pd.DataFrame(rows, columns=["rep_id", "a", "b"]).assign(total="all")


def unions(groups: dict[str, set[int]]) -> list[set[int]]:
    """Give every union of groups of a cut."""
    names = sorted(groups)
    return [
        set().union(*(groups[name] for name in chosen))
        for size in range(1, len(names) + 1)
        for chosen in combinations(names, size)
    ]


@pytest.mark.parametrize("seed", range(25))
def test_no_difference_of_shown_sums_is_a_small_group(seed: int) -> None:
    """Brute force: every sum of shown groups less any other inside it has enough people or none."""
    members, minimum = make_members(seed), 4
    shown = publishable(members, ["total", "a", "b"], minimum)
    pieces = members.drop_duplicates().reset_index(drop=True)
    cuts = [
        unions({
            str(name): set(rows.index)
            for name, rows in pieces.groupby(pieces[cut].map(names))
        })
        for cut, names in shown.items()
        if not names.empty
    ]  # fmt: skip
    for ours in cuts:
        for theirs in cuts:
            for one in ours:
                assert pieces.loc[sorted(one), "rep_id"].nunique() >= minimum
                for other in theirs:
                    rest = sorted(one - other)
                    if other <= one and rest:
                        assert pieces.loc[rest, "rep_id"].nunique() >= minimum


def test_large_groups_are_shown_as_they_are() -> None:
    """Nothing is merged where nothing has to be."""
    members = pd.DataFrame({"rep_id": [f"R{at}" for at in range(10)],
                            "team": ["a"] * 5 + ["b"] * 5})  # fmt: skip
    assert publishable(members, ["team"], 5)["team"].to_dict() == {"a": "a", "b": "b"}


def test_one_small_group_takes_the_smallest_large_one_with_it() -> None:
    """Merged alone, the small group would be the rest of the total."""
    members = pd.DataFrame({"rep_id": [f"R{at}" for at in range(18)],
                            "team": ["s"] * 2 + ["m"] * 6 + ["l"] * 10})  # fmt: skip
    shown = publishable(members, ["team"], 5)["team"].to_dict()
    assert shown == {"s": OTHER, "m": OTHER, "l": "l"}


def test_a_cut_of_small_groups_alone_is_left_out() -> None:
    """All merged would be the total under another name."""
    members = pd.DataFrame({"rep_id": ["1", "2", "3", "4"], "team": ["a", "a", "b", "b"]})
    assert publishable(members, ["team"], 3)["team"].empty


def test_nested_cuts_that_leave_one_person_are_named() -> None:
    """A region less the team inside it is one person."""
    people = [str(at) for at in range(11)]
    labels = {"region": ["west"] * 6 + ["east"] * 5, "team": ["t"] * 5 + ["u"] * 6}
    assert exposed(labels, people, 3) == [("region", "team")]
    assert exposed({"region": labels["region"]}, people, 3) == []


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled members give the same groups."""
    members = make_members(3)
    mixed = members.sample(frac=1.0, random_state=1)
    for cut, names in publishable(members, ["a", "b"], 4).items():
        assert names.to_dict() == publishable(mixed, ["a", "b"], 4)[cut].to_dict()
