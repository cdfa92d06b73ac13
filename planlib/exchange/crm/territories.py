"""Territories of Salesforce: type, model, hierarchy of territories, users and accounts in them."""

from __future__ import annotations

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import FILE, ROW, Export
from planlib.exchange.crm.ids import found_in
from planlib.exchange.crm.keys import Matched
from planlib.exchange.crm.load import CANNOT, LEFT, WAITS, Load
from planlib.exchange.crm.names import labels
from planlib.exchange.crm.nodes import (
    checked_name,
    find_model,
    missing_records,
    plan_nodes,
    territory_records,
)
from planlib.exchange.crm.objects import MANUAL
from planlib.exchange.crm.wanted import Wanted
from planlib.settings.crm import CrmSettings

NEEDS = (
    "Account", "User", "Territory2Type", "Territory2Model", "Territory2",
    "UserTerritory2Association", "ObjectTerritory2Association",
)  # fmt: skip
_OPEN = {"planning", "active"}


def load_territories(
    load: Load, wanted: Wanted, export: Export, accounts: Matched, users: Matched
) -> None:
    """
    Add what brings the territories of the CRM to the plan.

    Territories that cannot be made yet, because type, model or parent have no id, wait for the
    next round; so do accounts until the model is active.

    Raises
    ------
    InputError
        If the model is archived or busy, or a name is none that Salesforce takes.
    """
    settings = wanted.plan.crm
    type_id = _type(load, export, settings)
    model, model_id, is_active = _model(load, export, wanted)
    nodes = territory_records(plan_nodes(wanted, settings.hierarchy), wanted, export)
    _tell_taken(load, nodes, export, model, model_id)
    _territories(load, nodes, export, settings, (type_id, model_id, wanted.cycle))
    _users(load, nodes, export, users, settings)
    _accounts(load, nodes, export, accounts, wanted, is_active=is_active)


def _type(load: Load, export: Export, settings: CrmSettings) -> str:
    """Give the id of the territory type, blank where it has to be made first."""
    records = export.rows("Territory2Type")
    name = settings.territory_type
    if not name and len(records) == 1:
        return str(records["Id"].iloc[0])
    if not name and len(records) > 1:
        known = ", ".join(records["DeveloperName"])
        raise InputError("crm.territory_type", [f"the CRM has several types, name one: {known}"])
    name = checked_name(name or "Sales_Territory", "crm.territory_type")
    found = records[records["DeveloperName"].str.lower() == name.lower()]
    if len(found):
        return str(found["Id"].iloc[0])
    used = pd.to_numeric(records["Priority"], errors="coerce").fillna(0)
    row = {
        "DeveloperName": name, "MasterLabel": name.replace("_", " "),
        "Priority": str(int(used.max()) + 1 if len(used) else 1),
        "Description": "Made from the plan",
    }  # fmt: skip
    load.insert("Territory2Type", pd.DataFrame([row]))
    _made(load, "territory type", name)
    return ""


def _model(load: Load, export: Export, wanted: Wanted) -> tuple[str, str, bool]:
    """Give name and id of the model, and whether it is active."""
    name, found = find_model(export, wanted)
    if not len(found):
        row = {"DeveloperName": name, "Name": name.replace("_", " "),
               "Description": "Made from the plan of " + wanted.cycle}  # fmt: skip
        load.insert("Territory2Model", pd.DataFrame([row]))
        _made(load, "territory model", name)
        return name, "", False
    record = found.iloc[0]
    state = str(record["State"]).lower()
    if state and state not in _OPEN:
        raise InputError(f"{record[FILE]} row {record[ROW]}", [
            f"territory model '{name}' is in state {record['State']}; only a model in state "
            "Planning or Active takes territories; crm.model names another"
        ])  # fmt: skip
    if not state:
        load.notes.append(f"the state of model {name} is not in the export, so it counts as "
                          "Planning; accounts wait")  # fmt: skip
    return name, str(record["Id"]), state == "active"


def _tell_taken(load: Load, nodes: pd.DataFrame, export: Export, model: str, model_id: str) -> None:
    """List names that territories of other models have; note territories that are not planned."""
    records = export.rows("Territory2")
    is_own = (records["Territory2ModelId"] == model_id) & (model_id != "")
    load.refuse(
        nodes.assign(
            planlib_id=nodes["rep_id"],
            reason="a territory of another model has its name "
            + nodes["developer_name"]
            + "; names are unique in the whole organisation",
        )[nodes["is_taken"]],
        "territory", CANNOT,
    )  # fmt: skip
    others = int((~records[is_own]["Id"].isin(nodes["territory_id"])).sum())
    if others:
        load.notes.append(f"{others:,} territories of model {model} are not of the plan; they "
                          "are left alone")  # fmt: skip


def _territories(
    load: Load,
    nodes: pd.DataFrame,
    export: Export,
    settings: CrmSettings,
    about: tuple[str, str, str],
) -> None:
    type_id, model_id, cycle = about
    ids = nodes.set_index("rep_id")["territory_id"]
    parent_id = nodes["parent_rep_id"].map(ids).astype("str").fillna("")
    new = (nodes["territory_id"] == "") & ~nodes["is_taken"]
    has_parent = (nodes["parent_rep_id"] == "") | (parent_id != "")
    ready = new & has_parent & bool(type_id and model_id)
    label = labels(nodes["name"], nodes["rep_id"])
    rows = pd.DataFrame({
        "Name": label, "DeveloperName": nodes["developer_name"], "Territory2ModelId": model_id,
        "Territory2TypeId": type_id, "ParentTerritory2Id": parent_id,
        "AccountAccessLevel": settings.account_access,
        "OpportunityAccessLevel": settings.opportunity_access,
        "CaseAccessLevel": settings.case_access, "Description": "Plan of " + cycle,
    })  # fmt: skip
    load.insert("Territory2", rows[ready])
    what = nodes.assign(planlib_id=nodes["rep_id"], name=label, crm_id="")
    load.change(what.assign(old="", new=nodes["developer_name"])[ready], "territory", "new")
    above, above_waits = missing_records(nodes["parent_rep_id"], nodes)
    reason = above.where(~has_parent, "its type or model has no id yet")
    for is_late, state in ((has_parent | above_waits, WAITS), (~has_parent & ~above_waits, CANNOT)):
        load.refuse(what.assign(reason=reason)[new & ~ready & is_late], "territory", state)
    current = export.rows("Territory2").set_index("Id")["ParentTerritory2Id"]
    current = current[~current.index.duplicated()]
    old = nodes["territory_id"].map(current).astype("str").fillna("")
    moved = (nodes["territory_id"] != "") & (parent_id != "") & (parent_id != old)
    moved &= ~nodes["is_given"]
    target = pd.DataFrame({"Id": nodes["territory_id"], "ParentTerritory2Id": parent_id})
    load.update("Territory2", target[moved], target.assign(ParentTerritory2Id=old)[moved])
    told = what.assign(record_id=nodes["territory_id"], old=old, new=parent_id)
    load.change(told[moved], "territory", "ParentTerritory2Id")
    of_model = int((export.rows("Territory2")["Territory2ModelId"] == model_id).sum())
    after = (of_model if model_id else 0) + int(new.sum())
    if after > settings.most_territories:
        most = settings.most_territories
        load.notes.append(f"the model would have {after:,} territories; crm.most_territories "
                          f"allows {most:,}; ask the vendor first")  # fmt: skip


def _users(
    load: Load, nodes: pd.DataFrame, export: Export, users: Matched, settings: CrmSettings
) -> None:
    """Put the rep of a territory into it."""
    ready = nodes[nodes["territory_id"] != ""]
    user = ready["rep_id"].map(users.ids).astype("str").fillna("")
    what = pd.DataFrame({
        "planlib_id": ready["rep_id"], "name": ready["name"],
        "Territory2Id": ready["territory_id"], "UserId": user,
        "RoleInTerritory2": settings.role_in_territory,
    })  # fmt: skip
    known = what[what["UserId"] != ""]
    there = pair_index(export.rows("UserTerritory2Association"), ("UserId", "Territory2Id"))
    new = known[~pair_index(known, ("UserId", "Territory2Id")).isin(there)]
    load.insert("UserTerritory2Association", new)
    load.change(
        new.assign(old="", new=new["UserId"], record_id=new["Territory2Id"]),
        "user in territory", "UserId",
    )  # fmt: skip


def _accounts(
    load: Load, nodes: pd.DataFrame, export: Export, accounts: Matched, wanted: Wanted, *,
    is_active: bool,
) -> None:  # fmt: skip
    """Put accounts into the territory of their rep, and take them out of the others."""
    ids = nodes.set_index("rep_id")["territory_id"]
    rows = wanted.owners.rename(columns={"account_id": "planlib_id"})
    rows = rows.assign(
        ObjectId=rows["planlib_id"].map(accounts.ids).astype("str").fillna(""),
        Territory2Id=rows["rep_id"].map(ids).astype("str").fillna(""),
        AssociationCause=MANUAL,
    )
    rows = rows[(rows["ObjectId"] != "") & (rows["rep_id"] != "")]
    missing, comes = missing_records(rows["rep_id"], nodes)
    no_record = missing != ""
    waits = no_record | (not is_active)
    reason = missing.where(no_record, "the model is not active; accounts are loaded after it is")
    there = export.rows("ObjectTerritory2Association")
    stands = found_in(
        pair_index(rows, ("ObjectId", "Territory2Id")),
        pair_index(there, ("ObjectId", "Territory2Id")),
    ).set_axis(rows.index)
    told = rows.assign(reason=reason, crm_id=rows["ObjectId"])
    for is_late, state in ((~no_record | comes, WAITS), (no_record & ~comes, CANNOT)):
        load.refuse(told[waits & ~stands & is_late], "account", state)
    if not is_active:
        return
    ready = rows[~no_record]
    new = ready[~stands[~no_record]]
    old = _leaving(load, ready, there, _of_reps(wanted, export) | (set(ids) - {""}))
    load.delete("ObjectTerritory2Association", old)
    load.insert("ObjectTerritory2Association", new)
    _tell_moves(load, new, old, export)


def _of_reps(wanted: Wanted, export: Export) -> set[str]:
    """Give the territories of all reps, also of those who own nothing in the plan any more."""
    ids = set(wanted.reps["rep_id"]) | set(wanted.owners["previous_rep_id"])
    everyone = pd.DataFrame({"rep_id": sorted(ids - {""})}, dtype="str")
    return set(territory_records(everyone, wanted, export)["territory_id"]) - {""}


def _leaving(
    load: Load, ready: pd.DataFrame, there: pd.DataFrame, managed: set[str]
) -> pd.DataFrame:
    """Give associations that the plan ends; those made by a rule are left alone and listed."""
    target = ready.set_index("ObjectId")
    of_plan = there[found_in(there["ObjectId"], target.index)]
    of_plan = of_plan[of_plan["Territory2Id"].isin(managed)]
    ends = of_plan[of_plan["Territory2Id"] != of_plan["ObjectId"].map(target["Territory2Id"])]
    ends = ends.assign(
        planlib_id=ends["ObjectId"].map(target["planlib_id"]),
        name=ends["ObjectId"].map(target["name"]),
        crm_id=ends["ObjectId"],
    )
    by_hand = ends["AssociationCause"] == MANUAL
    load.refuse(
        ends.assign(
            reason="a rule keeps it in territory "
            + ends["Territory2Id"]
            + " and would bring it back; change the rule"
        )[~by_hand],
        "account", LEFT,
    )  # fmt: skip
    return ends[by_hand]


def _tell_moves(load: Load, new: pd.DataFrame, old: pd.DataFrame, export: Export) -> None:
    """Say for every account from which territory it goes to which."""
    names = export.rows("Territory2").set_index("Id")["DeveloperName"]
    names = names[~names.index.duplicated()]

    def named(values: pd.Series) -> pd.Series:
        return values.map(names).astype("str").fillna(values)

    several = old["ObjectId"].duplicated(keep=False)
    alone, many = old[~several], old[several]
    left = pd.concat([
        pd.Series(named(alone["Territory2Id"]).to_numpy(), index=pd.Index(alone["ObjectId"])),
        named(many["Territory2Id"]).groupby(many["ObjectId"]).agg("; ".join),
    ])  # fmt: skip
    told = new.assign(
        record_id=new["ObjectId"],
        old=new["ObjectId"].map(left).astype("str").fillna(""),
        new=named(new["Territory2Id"]),
    )
    load.change(told, "account", "territory")
    only = old[~found_in(old["ObjectId"], new["ObjectId"])]
    load.change(
        only.assign(record_id=only["ObjectId"], old=named(only["Territory2Id"]), new=""),
        "account", "territory",
    )  # fmt: skip


def pair_index(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Index:
    """Give one text for the key of each row."""
    text = rows[columns[0]].astype("str")
    for name in columns[1:]:
        text = text + "|" + rows[name].astype("str")
    return pd.Index(text)


def _made(load: Load, what: str, name: str) -> None:
    row = {"planlib_id": "", "name": name, "record_id": "", "old": "", "new": name}
    load.change(pd.DataFrame([row]), what, "new")
