"""The territories that the plan means, and the records that the CRM has for them."""

from __future__ import annotations

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import Export
from planlib.exchange.crm.names import developer_names, fold_name, is_developer_name
from planlib.exchange.crm.wanted import Wanted

_LEVELS = 50  # a deeper hierarchy is a circle


def plan_nodes(wanted: Wanted, hierarchy: str) -> pd.DataFrame:
    """
    Give the territories that the plan means: one for each owner, and those of the managers above.

    Returns
    -------
    DataFrame
        ``rep_id``, ``name``, ``parent_rep_id`` (blank at the top), ``depth``; parents first, then
        by id.
    """
    reps = wanted.reps.drop_duplicates("rep_id").set_index("rep_id")
    above = reps["manager_id"].dropna().astype("str")
    above = above[above.isin(reps.index) & (above != above.index)]
    found = pd.Index(sorted(set(wanted.owners["rep_id"]) - {""}), dtype="str")
    if hierarchy == "flat":
        above = above.iloc[:0]
    ids, level = found, found
    for _ in range(_LEVELS):
        level = pd.Index(sorted(set(above.reindex(level).dropna()) - set(ids)), dtype="str")
        if not len(level):
            break
        ids = ids.append(level)
    parent = above.reindex(ids).astype("str").fillna("")
    depth = pd.Series(-1, index=ids)
    depth[parent == ""] = 0
    for number in range(_LEVELS):
        below = parent.isin(depth.index[depth == number]) & (depth < 0)
        if not below.any():
            break
        depth[below] = number + 1
    parent[depth < 0] = ""  # a circle of managers: each of them stands at the top
    depth[depth < 0] = 0
    names = reps["name"].reindex(ids).astype("str").fillna("")
    nodes = pd.DataFrame({
        "rep_id": ids, "name": names.to_numpy(), "parent_rep_id": parent.to_numpy(),
        "depth": depth.to_numpy(),
    })  # fmt: skip
    return nodes.sort_values(["depth", "rep_id"]).reset_index(drop=True)


def territory_records(nodes: pd.DataFrame, wanted: Wanted, export: Export) -> pd.DataFrame:
    """
    Add the records that the model has for the plan's territories.

    Parameters
    ----------
    nodes
        What ``plan_nodes`` gave.

    Returns
    -------
    DataFrame
        ``nodes`` with ``developer_name``, ``territory_id`` (blank: none yet), ``is_given``
        (whether planlib_ids.csv names the record) and ``is_taken`` (whether a territory of
        another model has its name, so that it cannot be made).
    """
    model, found = find_model(export, wanted)
    model_id = str(found["Id"].iloc[0]) if len(found) else ""
    nodes = nodes.assign(developer_name=developer_names(nodes["rep_id"], model).to_numpy())
    records = export.rows("Territory2")
    own = records[(records["Territory2ModelId"] == model_id) & (model_id != "")]
    by_name = pd.Series(own["Id"].to_numpy(), index=own["DeveloperName"].str.lower(), dtype="str")
    by_name = by_name[~by_name.index.duplicated()]
    given = export.mapping[export.mapping["kind"] == "territory"].set_index("planlib_id")["crm_id"]
    mapped = nodes["rep_id"].map(given[given.isin(own["Id"])]).astype("str")
    named = nodes["developer_name"].str.lower().map(by_name).astype("str")
    found_id = mapped.fillna(named).fillna("")
    elsewhere = records[~records["Id"].isin(own["Id"])]["DeveloperName"].str.lower()
    taken = nodes["developer_name"].str.lower().isin(elsewhere) & (found_id == "")
    return nodes.assign(territory_id=found_id, is_given=mapped.notna(), is_taken=taken)


def missing_records(rep_id: pd.Series, nodes: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """
    Say why the territory of a rep has no record, and whether it only waits for one.

    Parameters
    ----------
    rep_id
        Rep of each row.
    nodes
        What ``territory_records`` gave.

    Returns
    -------
    tuple of Series
        Reason, blank where there is a record; whether the next round brings it.
    """
    by_rep = nodes.set_index("rep_id")
    stuck = by_rep["is_taken"].to_dict()
    for rep, parent, record in zip(  # parents stand first
        nodes["rep_id"], nodes["parent_rep_id"], nodes["territory_id"], strict=True
    ):
        stuck[rep] |= not record and stuck.get(parent, False)
    record = rep_id.map(by_rep["territory_id"]).astype("str")
    is_stuck = pd.Series([bool(stuck.get(one)) for one in rep_id], index=rep_id.index, dtype=bool)
    reason = pd.Series("the territory of ", index=rep_id.index, dtype="str") + rep_id
    reason = (reason + " has no id yet").mask(
        is_stuck, reason + ", or one above it, cannot be made; its own row says why"
    )
    reason = reason.mask(record.isna(), "its rep has no territory in the plan")
    has_none = record.fillna("") == ""
    return reason.where(has_none, ""), has_none & record.notna() & ~is_stuck


def find_model(export: Export, wanted: Wanted) -> tuple[str, pd.DataFrame]:
    """Give the name of the model that the plan goes to, and its record where there is one."""
    records = export.rows("Territory2Model")
    name = wanted.plan.crm.model
    active = records[records["State"].str.lower() == "active"]
    if not name and len(active) == 1:
        name = str(active["DeveloperName"].iloc[0])
    name = checked_name(name or fold_name(wanted.cycle, "planlib"), "crm.model")
    return name, records[records["DeveloperName"].str.lower() == name.lower()].head(1)


def checked_name(name: str, key: str) -> str:
    """Give a name that Salesforce takes, else refuse it; ``key`` is its setting."""
    if not is_developer_name(pd.Series([name])).iloc[0]:
        raise InputError(key, [
            f"'{name[:80]}' is no name that Salesforce takes: letters, digits and single "
            "underscores, a letter first, no underscore last, at most 80 characters"
        ])  # fmt: skip
    return name
