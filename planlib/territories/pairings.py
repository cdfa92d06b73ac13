"""Pairs of an owner and a rep of a layer, decided by people; what cannot hold is said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pandas as pd

from planlib.settings.territory_models import LayerRule
from planlib.tables import require_columns
from planlib.territories.columns import day, text


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of one layer: ``rep`` and ``decision`` by owner, and ``findings``."""

    rep: dict[str, str] = field(default_factory=dict)
    decision: dict[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()


def of_layer(people: pd.DataFrame, rule: LayerRule) -> pd.Series:
    """Tell which people have one of the roles of a layer."""
    roles = {role.strip().casefold() for role in rule.roles}
    return people["role"].str.strip().str.casefold().isin(roles)


def usable_pairs(
    pairings: pd.DataFrame | None,
    reps: pd.DataFrame,
    people: pd.DataFrame,
    rules: Collection[LayerRule],
    as_of: pd.Timestamp,
) -> tuple[pd.DataFrame, list[str]]:
    """
    Give the pairs of people who are there, oldest first, and say which others are not used.

    Parameters
    ----------
    pairings
        Decisions of kind pairings that are in force: ``owner_id``, ``rep_id`` and, where there,
        ``decision_id`` and ``when``.
    reps, people
        All reps, and those of them who are there, with ``role``.
    rules
        The layers.
    as_of
        Day on which people must be there.

    Returns
    -------
    tuple
        ``decision_id``, ``owner_id``, ``rep_id``; and one sentence for each fault of a decision.

    Raises
    ------
    TableError
        If a column of ids is missing.
    """
    rows = _in_order(pairings)
    known, here = set(reps["rep_id"]), set(people["rep_id"])
    layered = {rep for rule in rules for rep in people.loc[of_layer(people, rule), "rep_id"]}
    iso = as_of.date().isoformat()
    said, is_used = [], []
    for decision, owner, rep in rows.itertuples(index=False):
        faults = (
            (owner not in known,
             f"pairing {decision} is not used, since owner {owner} is not in reps"),
            (rep not in known, f"pairing {decision} is not used, since rep {rep} is not in reps"),
            (owner in known - here,
             f"pairing {decision} is not used, since owner {owner} is not employed on {iso}"),
            (rep in known - here,
             f"pairing {decision} is not used, since rep {rep} is not employed on {iso}"),
            (rep in here - layered,
             f"pairing {decision} is not used, since the role of rep {rep} is in no layer"),
        )  # fmt: skip
        found = [what for is_so, what in faults if is_so]
        said += found
        is_used.append(not found)
    return rows[pd.Series(is_used, index=rows.index, dtype=bool)].reset_index(drop=True), said


def pairs_in(
    rule: LayerRule, usable: pd.DataFrame, mine: Collection[str], owners: Collection[str]
) -> Pairs:
    """
    Give the pairs of one layer; of two pairs of an owner the later counts, which is said.

    Parameters
    ----------
    rule
        The layer.
    usable
        As ``usable_pairs`` gives them.
    mine
        Reps of the layer.
    owners
        Owners of accounts that the layer serves.
    """
    chosen: dict[str, str] = {}
    by: dict[str, str] = {}
    said = []
    for decision, owner, rep in usable[usable["rep_id"].isin(set(mine))].itertuples(index=False):
        if owner not in owners:
            said.append(
                f"pairing {decision} has no effect in layer {rule.name}, since no account of owner "
                f"{owner} is served there"
            )
            continue
        if chosen.get(owner, rep) != rep:
            earlier = by[owner]
            said.append(
                f"pairing {earlier} is not used in layer {rule.name}, since pairing {decision} of "
                f"owner {owner} is later"
            )
        chosen[owner], by[owner] = rep, decision
    return Pairs(rep=chosen, decision=by, findings=tuple(said))


def past_tolerance(
    rule: LayerRule, pairs: Pairs, pods: pd.DataFrame, without: pd.DataFrame, tolerance: float
) -> list[str]:
    """
    Say where pairs that are kept bring a layer past its tolerance, or further past it.

    Parameters
    ----------
    rule, pairs
        The layer and its pairs.
    pods, without
        Rows of territory_pods with these pairs, and as they would be without any.
    tolerance
        Allowed deviation of a rep from the share of the hours.
    """
    most, free = (float(one["deviation"].fillna(0.0).abs().max()) for one in (pods, without))
    if not (most > tolerance + 1e-9 and most > free + 1e-9):
        return []
    decisions = ", ".join(sorted(pairs.decision.values()))
    return [
        f"layer {rule.name} keeps its pairings {decisions}, with which a rep deviates by up to "
        f"{100 * most:.1f} % from the share of the hours, without them {100 * free:.1f} %, "
        f"tolerance {100 * tolerance:.1f} %"
    ]


def _in_order(pairings: pd.DataFrame | None) -> pd.DataFrame:
    """Give the pairs, oldest first, each with a name: its decision, else the two people."""
    if pairings is None or pairings.empty:
        return pd.DataFrame({name: pd.Series(dtype="str")
                             for name in ("decision_id", "owner_id", "rep_id")})  # fmt: skip
    require_columns("override_pairings", pairings, ["owner_id", "rep_id"])
    owner, rep = text(pairings, "owner_id"), text(pairings, "rep_id")
    named = text(pairings, "decision_id").fillna(owner + "-" + rep)
    rows = pd.DataFrame({"decision_id": named, "owner_id": owner, "rep_id": rep})
    rows["when"] = day(pairings, "when")
    by = ["when", *(["decision_id"] if "decision_id" in pairings else [])]
    rows = rows.sort_values(by, kind="stable", na_position="first", ignore_index=True)
    return rows.drop(columns="when")
