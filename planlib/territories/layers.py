"""
Layers of roles beside the owners: one rep per account and layer, pods and pairings kept.

A layer with pods gives whole books of owners to its reps: by pairing where one is stated, else
inside the owner's team, else the region. A layer by account deals accounts out one by one, near
the rep who serves most of the owner's book. Layers are planned one after the other, the owners'
plan first; what overlays hold is counted apart, never added to the owners'.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.settings.territory_models import LayerRule, TerritoryModelsSettings
from planlib.tables import require_columns, table
from planlib.territories.engine.assign import assign
from planlib.territories.frames import dates
from planlib.territories.layer_accounts import (
    customers_of,
    lines_of,
    not_served,
    served_accounts,
)
from planlib.territories.layer_tables import layer_rows, pod_rows
from planlib.territories.pairings import of_layer, pairs_in, past_tolerance, usable_pairs

_WIDER = (1.0, 1.5, 2.5, 5.0)  # times the tolerance, until books fit


@dataclass(frozen=True, kw_only=True)
class Layers:
    """``layers`` (territory_layers), ``pods`` (territory_pods) and what a planner should know."""

    layers: pd.DataFrame
    pods: pd.DataFrame
    findings: tuple[str, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {"territory_layers": self.layers, "territory_pods": self.pods}


@dataclass(frozen=True, kw_only=True)
class Books:
    """Accounts served in a layer, with owner and today's rep of the layer, and its reps."""

    accounts: pd.DataFrame  # account_id, owner_id, today, hours, potential
    people: pd.DataFrame
    owners: pd.DataFrame  # reps who own: rep_id, manager_id, region
    pairings: dict[str, str]


def plan_layers(
    plan: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoryModelsSettings,
    *,
    as_of: pd.Timestamp,
    territories: pd.DataFrame | None = None,
    pairings: pd.DataFrame | None = None,
    customers: Collection[str] | None = None,
    lines: pd.DataFrame | None = None,
    seed: int = 0,
    **tables: pd.DataFrame | None,
) -> Layers:
    """
    Plan every layer of the settings that has reps.

    Parameters
    ----------
    plan
        The owners' plan (territory_plan): ``account_id``, ``rep_id``, ``workload_hours``,
        ``potential``.
    reps
        ``rep_id``, ``role``, and where there ``manager_id``, ``region``, ``capacity_hours``.
    settings
        Layers, their roles and modes, tolerance of pods.
    as_of
        Day on which reps must be there.
    territories
        Reps of layers today: ``account_id``, ``role_layer``, ``rep_id``.
    pairings
        Decisions of kind pairings that are in force: ``owner_id``, ``rep_id``; an owner may have
        one in each layer, the latest counts.
    customers
        Accounts that are customers, for layers that serve only these; None: as ``segments`` say.
    lines
        ``account_id``, ``business_line``: product lines an account buys or has deals on; None: of
        its deals that are won or open.
    seed
        Of the engine.
    tables
        Where there: ``segments`` (``is_customer``), ``opportunities`` and ``products``
        (``business_line``).

    Returns
    -------
    Layers
        Tables ``territory_layers`` and ``territory_pods``, and findings. Where it is not known who
        is a customer all accounts are served; where no deal tells a line, none; both are said. So
        is each pairing that is not used, and pairings that take a layer past its tolerance.

    Raises
    ------
    TableError
        If a needed column is missing.
    """
    require_columns("plan", plan, ["account_id", "rep_id"])
    require_columns("reps", reps, ["rep_id", "role"])
    if customers is None:
        customers = customers_of(tables.get("segments"))
    if lines is None:
        lines = lines_of(tables.get("opportunities"), tables.get("products"))
    people = _filled(reps, as_of)
    rows: list[pd.DataFrame] = []
    pods: list[pd.DataFrame] = []
    usable, findings = usable_pairs(pairings, reps, people, settings.layers, as_of)
    for rule in settings.layers:
        mine = people[of_layer(people, rule)]
        served = served_accounts(plan, rule, customers, lines)
        pairs = pairs_in(rule, usable, set(mine["rep_id"]), set(served["owner_id"]))
        findings += () if mine.empty else not_served(rule, customers, lines)
        findings += pairs.findings
        if mine.empty or served.empty:
            what = "no rep has one of its roles" if mine.empty else "no account is served"
            findings.append(f"layer {rule.name} is left out: {what}")
            continue
        owners = people[people["rep_id"].isin(set(served["owner_id"].dropna()))]
        mine, owners = mine.reset_index(drop=True), owners.reset_index(drop=True)
        accounts = _today(served, mine, territories)
        books = Books(accounts=accounts, people=mine, owners=owners, pairings=pairs.rep)
        chosen = _chosen(rule, books, settings, seed)
        rows.append(layer_rows(rule, books.accounts, chosen, books.pairings))
        pods.append(_pods(rule, books, chosen))
        if pairs.rep and pods[-1]["deviation"].abs().max() > settings.pod_tolerance:
            free = replace(books, pairings={})
            without = _pods(rule, free, _chosen(rule, free, settings, seed))
            findings += past_tolerance(rule, pairs, pods[-1], without, settings.pod_tolerance)
    return Layers(
        layers=table("territory_layers").conform(_joined(rows)),
        pods=table("territory_pods").conform(_joined(pods)), findings=tuple(findings),
    )  # fmt: skip


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _filled(reps: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Give the reps who are there, by id, with blanks and median capacity where unknown."""
    here = ~(dates(reps, "hire_date") > as_of) & ~(dates(reps, "leave_date") <= as_of)
    people = reps[here.to_numpy(bool)].sort_values("rep_id", kind="stable").reset_index(drop=True)
    for column in ("manager_id", "region", "name", "role", "unit"):
        values = people[column] if column in people else pd.Series(pd.NA, index=people.index)
        people[column] = values.astype("object").where(values.notna(), "").astype(str)
    hours = pd.to_numeric(people.get("capacity_hours", pd.Series(np.nan, index=people.index)),
                          errors="coerce")  # fmt: skip
    return people.assign(capacity=hours.where(hours > 0).fillna(hours.median()).fillna(1.0))


def _today(
    served: pd.DataFrame, mine: pd.DataFrame, territories: pd.DataFrame | None
) -> pd.DataFrame:
    """Add the rep of this layer today: a row of territories held by one of its reps."""
    known: dict[str, str] = {}
    if territories is not None and len(territories):
        rows = territories[territories["rep_id"].isin(set(mine["rep_id"]))]
        known = dict(zip(rows["account_id"], rows["rep_id"], strict=True))
    return served.assign(today=served["account_id"].map(known).astype("object"))


def _chosen(
    rule: LayerRule, books: Books, settings: TerritoryModelsSettings, seed: int
) -> pd.Series:
    """Give the rep of the layer for each account, by its mode."""
    chosen = _by_book(books, settings, seed)
    return _by_account(books, chosen, settings, seed) if rule.mode == "accounts" else chosen


def _pods(rule: LayerRule, books: Books, chosen: pd.Series) -> pd.DataFrame:
    return pod_rows(rule, books.accounts, chosen, books.people, books.pairings)


def pods_of(owners: pd.DataFrame, people: pd.DataFrame) -> np.ndarray:
    """
    Tell which rep of a layer may serve which owner, (owners, reps).

    Inside a team (the same manager) where the team has a rep of the layer, else inside the region,
    else nobody; where no region is known at all, anybody.
    """
    ours = owners["manager_id"].to_numpy(str)[:, None]
    region = owners["region"].str.casefold().to_numpy(str)[:, None]
    team = (ours == people["manager_id"].to_numpy(str)) & (ours != "")
    theirs = people["region"].str.casefold().to_numpy(str)
    near = (region == theirs) & (region != "")
    if not (owners["region"].ne("").any() and people["region"].ne("").any()):
        near = np.ones(near.shape, dtype=bool)
    return np.asarray(np.where(team.any(axis=1)[:, None], team, near))


def _by_book(books: Books, settings: TerritoryModelsSettings, seed: int) -> pd.Series:
    """Give whole books to reps of the layer: pairs first, today's rep preferred, time even."""
    owners, people = books.owners, books.people
    place = {rep: j for j, rep in enumerate(people["rep_id"])}
    row = {owner: i for i, owner in enumerate(owners["rep_id"])}
    at = books.accounts["owner_id"].map(row)
    known = at.notna().to_numpy(bool)
    item = at[known].to_numpy(np.int64)
    hours = np.bincount(item, books.accounts["hours"][known], len(owners))
    may = pods_of(owners, people)
    for owner, rep in books.pairings.items():
        if owner in row:
            may[row[owner]] = False
            may[row[owner], place[rep]] = True
    kept = np.zeros(may.shape)
    today = books.accounts["today"][known].map(place)
    np.add.at(kept, (item[today.notna()], today.dropna().to_numpy(np.int64)),
              books.accounts["hours"][known][today.notna()])  # fmt: skip
    cost = hours[:, None] - kept
    able = np.flatnonzero(may.any(axis=1))
    chosen = np.full(len(owners), -1)
    for part in _components(may[able]):
        rows = able[part]
        columns = np.flatnonzero(may[rows].any(axis=0))
        share = people["capacity"].to_numpy(float)[columns]
        block = np.where(may[np.ix_(rows, columns)], cost[np.ix_(rows, columns)], np.inf)
        chosen[rows] = columns[
            _near_even(block, hours[rows], share, (settings.pod_tolerance, seed))
        ]
    served = np.where(known, chosen[at.fillna(0).to_numpy(np.int64)], -1)
    ids = np.array([*people["rep_id"], None], dtype=object)  # the last one: nobody
    return pd.Series(ids[served], index=books.accounts.index, dtype="object")


def _components(may: np.ndarray) -> list[np.ndarray]:
    """Give groups of rows that share columns, directly or through others."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    rows, columns = may.shape
    i, j = np.nonzero(may)
    graph = csr_matrix((np.ones(len(i)), (i, j + rows)), shape=(rows + columns, rows + columns))
    label = connected_components(graph, directed=False)[1][:rows]
    return [np.flatnonzero(label == one) for one in np.unique(label)]


def _near_even(
    cost: np.ndarray, load: np.ndarray, share: np.ndarray, options: tuple[float, int]
) -> np.ndarray:
    """Assign within the tolerance of shares of the load, or the next wider that can be met."""
    tolerance, seed = options
    if cost.shape[1] == 1:
        return np.zeros(len(load), dtype=np.int64)
    target = (load.sum() * share / share.sum())[None, :]
    for factor in _WIDER:
        lower, upper = ((1 + sign * factor * tolerance) * target for sign in (-1, 1))
        found = assign(cost, load[None, :], lower, upper, seed=seed, effort="quick")
        if not found.violations:
            break
    return found.rep


def _by_account(
    books: Books, pod: pd.Series, settings: TerritoryModelsSettings, seed: int
) -> pd.Series:
    """Deal accounts out one by one: today's rep first, then the rep of the owner's book."""
    people, accounts = books.people, books.accounts
    place = {rep: j for j, rep in enumerate(people["rep_id"])}
    row = {owner: i for i, owner in enumerate(books.owners["rep_id"])}
    allowed = pods_of(books.owners, people)
    at = accounts["owner_id"].map(row)
    known = (at.notna() & pod.notna()).to_numpy(bool)
    rows = np.flatnonzero(known)
    if not len(rows):
        return pod
    may = allowed[at[known].to_numpy(np.int64)]
    hours = accounts["hours"].to_numpy(float)[rows]
    cost = np.repeat(2.0 * hours[:, None], len(people), axis=1)
    mine = pod[known].map(place).to_numpy(np.int64)
    cost[np.arange(len(rows)), mine] -= hours
    today = accounts["today"][known].map(place)
    has = np.flatnonzero(today.notna())
    cost[has, today.dropna().to_numpy(np.int64)] -= hours[has]
    for i, owner in enumerate(accounts["owner_id"].to_numpy(object)[rows]):
        if owner in books.pairings:
            may[i] = False
            may[i, place[books.pairings[owner]]] = True
    chosen = pod.copy()
    ids = people["rep_id"].to_numpy(object)
    for part in _components(may):
        columns = np.flatnonzero(may[part].any(axis=0))
        block = np.where(may[np.ix_(part, columns)], cost[np.ix_(part, columns)], np.inf)
        share = people["capacity"].to_numpy(float)[columns]
        found = _near_even(block, hours[part], share, (settings.pod_tolerance, seed))
        chosen.iloc[rows[part]] = ids[columns[found]]
    return chosen
