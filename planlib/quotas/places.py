"""Where people and what they won belong: company, managers, units, regions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.quotas.tree import COMPANY, KINDS, Tree

#: What nobody of the hierarchy won.
NOBODY = "not assigned"
CUTS = ("unit", "region")


@dataclass(frozen=True, kw_only=True)
class Places:
    """
    Levels of the year.

    Parameters
    ----------
    rows
        ``cut``, ``cut_value``, ``name``, ``parent_id``, ``depth``, ``carriers_count``.
    inside
        Places x carriers, 1 where a carrier belongs to a place.
    of_person
        By cut, the places of everybody who may have won something: a person stands once for each
        place above.
    """

    rows: pd.DataFrame = field(repr=False)
    inside: npt.NDArray[np.float64] = field(repr=False)
    of_person: pd.DataFrame = field(repr=False)

    def won_by(self, won: pd.Series) -> npt.NDArray[np.float64]:
        """
        Give what was won by place; what belongs to no place of a cut stands under ``NOBODY``.

        Parameters
        ----------
        won
            Amount by person; "" for what names nobody.
        """
        rows = self.of_person.merge(won.rename("amount"), left_on="rep_id", right_index=True)
        by_place = rows.groupby(["cut", "cut_value"])["amount"].sum()
        total = float(won.sum())
        known = self.of_person.groupby("cut")["rep_id"].unique()
        found = []
        for cut, value in zip(self.rows["cut"], self.rows["cut_value"], strict=True):
            if cut == "company":
                found.append(total)
            elif value == NOBODY:
                found.append(total - float(won[won.index.isin(known.get(cut, []))].sum()))
            else:
                found.append(float(by_place.get((cut, value), 0.0)))
        return np.array(found)


def find_places(tree: Tree, people: pd.DataFrame, carriers: pd.DataFrame) -> Places:
    """
    Find the places of carriers and of everybody else.

    Parameters
    ----------
    tree
        The hierarchy of the quotas.
    people
        Everybody: ``rep_id``, ``manager_id``, ``unit``, ``region``; leavers too.
    carriers
        ``rep_id``, ``node_id``, ``unit``, ``region``, in the order of the columns of ``inside``.
    """
    nodes = tree.nodes[tree.nodes["kind"] != KINDS[2]]
    rows = [nodes.assign(cut=nodes["kind"], cut_value=nodes["node_id"])]
    for cut in CUTS:
        values = sorted(set(carriers[cut].dropna().astype("str")) - {""})
        rows.append(pd.DataFrame({"cut": cut, "cut_value": values, "name": values}))
    for cut in ("manager", *CUTS):
        if any(len(one) and (one["cut"] == cut).any() for one in rows):
            rows.append(pd.DataFrame({"cut": [cut], "cut_value": [NOBODY], "name": [NOBODY]}))
    found = pd.concat(rows, ignore_index=True)
    order = found["cut"].map({name: at for at, name in enumerate((COMPANY, "manager", *CUTS))})
    found = found.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    found = found[["cut", "cut_value", "name", "parent_id", "depth"]]
    above = _above(tree, people)
    of_person = pd.concat([
        above,
        *(people.loc[people[cut].notna(), ["rep_id", cut]]
          .rename(columns={cut: "cut_value"}).assign(cut=cut) for cut in CUTS),
    ], ignore_index=True)  # fmt: skip
    known = found[["cut", "cut_value"]]
    of_person = of_person.merge(known, on=["cut", "cut_value"])
    inside = np.zeros((len(found), len(carriers)))
    place = {key: at for at, key in enumerate(zip(found["cut"], found["cut_value"], strict=True))}
    column = {rep: at for at, rep in enumerate(carriers["rep_id"])}
    mine = of_person[of_person["rep_id"].isin(column)]
    at = [place[key] for key in zip(mine["cut"], mine["cut_value"], strict=True)]
    inside[at, [column[rep] for rep in mine["rep_id"]]] = 1.0
    inside[place[COMPANY, COMPANY]] = 1.0
    return Places(rows=found.assign(carriers_count=inside.sum(axis=1).astype("int64")),
                  inside=inside, of_person=of_person)  # fmt: skip


def _above(tree: Tree, people: pd.DataFrame) -> pd.DataFrame:
    """Give every manager above each person, the own team included."""
    managers = set(tree.nodes.loc[tree.nodes["kind"] == KINDS[1], "node_id"])
    boss = dict(zip(people["rep_id"], people["manager_id"], strict=True))
    pairs = []
    for rep in people["rep_id"]:
        at: object = rep
        while isinstance(at, str):
            if at in managers:
                pairs.append((rep, at))
            at = boss.get(at)
    found = pd.DataFrame(pairs, columns=["rep_id", "cut_value"])
    return found.assign(cut="manager")
