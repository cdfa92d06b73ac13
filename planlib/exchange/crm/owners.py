"""Owners of accounts: Salesforce accounts and opportunities, HubSpot companies."""

from __future__ import annotations

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import Export, is_true
from planlib.exchange.crm.keys import Matched
from planlib.exchange.crm.load import CANNOT, LEFT, WAITS, Load
from planlib.exchange.crm.nodes import (
    find_model,
    missing_records,
    plan_nodes,
    territory_records,
)
from planlib.exchange.crm.wanted import Wanted

#: An e-mail address as a CRM takes it; it never starts like a formula.
EMAIL = r"[A-Za-z0-9_][^@\s,;\"'<>]*@[A-Za-z0-9][A-Za-z0-9.-]*"
_CHANGED = "the CRM has another owner than the plan started from"


def wanted_accounts(load: Load, wanted: Wanted, accounts: Matched) -> pd.DataFrame:
    """
    Give the accounts with an owner in the plan, with their records; list the others.

    Returns
    -------
    DataFrame
        ``planlib_id``, ``name``, ``rep_id``, ``previous_rep_id``, ``record_id``.
    """
    rows = wanted.owners.rename(columns={"account_id": "planlib_id"})
    found = accounts.rows.set_index("planlib_id")
    rows = rows.assign(
        record_id=rows["planlib_id"].map(found["crm_id"]).astype("str").fillna(""),
        reason=rows["planlib_id"].map(found["reason"]).astype("str").fillna(""),
        crm_id="",
    )
    no_rep = rows["rep_id"] == ""
    rows["reason"] = rows["reason"].mask(no_rep, "the plan gives it no owner")
    load.refuse(rows[rows["reason"] != ""], "account", CANNOT)
    return rows[rows["reason"] == ""].drop(columns=["reason", "crm_id"]).reset_index(drop=True)


def active_users(load: Load, users: Matched, export: Export, wanted: Wanted) -> Matched:
    """Keep users that are active; list the others, and reps without a user, with the reason."""
    rows = users.rows.copy()
    reps = wanted.reps.drop_duplicates("rep_id").set_index("rep_id")
    if export.system == "salesforce":
        records = export.rows("User").set_index("Id")
        is_active = is_true(records["IsActive"])
    else:
        records = export.rows("users").set_index("Email")
        state = records["Status"].str.lower() if "Status" in records else pd.Series(dtype="str")
        is_active = ~state.isin({"deactivated", "inactive", "removed"})
    has_user = rows["crm_id"] != ""
    off = has_user & ~rows["crm_id"].map(is_active).eq(True)
    rows["reason"] = rows["reason"].mask(off, "the user " + rows["crm_id"] + " is not active")
    seat = rows["planlib_id"].map(reps["is_open_seat"]).astype("object").eq(True) & ~has_user
    rows["reason"] = rows["reason"].mask(seat, "an open seat has no user yet")
    told = rows.assign(name=rows["planlib_id"].map(reps["name"]))
    load.refuse(told[told["reason"] != ""], "rep", CANNOT)
    return Matched(rows.assign(crm_id=rows["crm_id"].mask(off, "")), users.column)


def load_owners(load: Load, export: Export, rows: pd.DataFrame, users: Matched) -> None:
    """
    Add account owners that differ from the plan, as updates of Salesforce accounts.

    Parameters
    ----------
    rows
        What ``wanted_accounts`` gave.
    users
        Active users by rep.
    """
    records = export.rows("Account").set_index("Id")["OwnerId"]
    ready = _with_owner(load, rows, users)
    old = ready["record_id"].map(records).astype("str").fillna("")
    ready = ready.assign(Id=ready["record_id"], OwnerId=ready["owner"], old=old, new=ready["owner"])
    ready["note"] = _stale(ready, users)
    changed = ready[ready["old"] != ready["new"]]
    load.update("Account", changed, changed.assign(OwnerId=changed["old"]))
    load.change(changed, "account", "OwnerId")


def load_companies(load: Load, export: Export, rows: pd.DataFrame, users: Matched) -> None:
    """
    Add company owners that differ from the plan, as updates of HubSpot companies.

    The export may show an owner by e-mail address or by name; names that two users share are not
    taken as known, so such a company is set anew.
    """
    records = export.rows("companies").set_index("Record ID")["Company owner"]
    emails = _owner_emails(export)
    ready = _with_owner(load, rows, users)
    shown = ready["record_id"].map(records).astype("str").fillna("")
    old = shown.str.lower().map(emails).astype("str").fillna(shown)
    ready = ready.assign(old=old, new=ready["owner"], note=_stale(ready.assign(old=old), users))
    ready["Record ID"], ready["Company owner"] = ready["record_id"], ready["owner"]
    changed = ready[ready["old"].str.lower() != ready["new"].str.lower()]
    before = changed.assign(**{"Company owner": changed["old"]})
    load.update("companies", changed, before)
    load.change(changed, "account", "Company owner")


def load_opportunities(load: Load, wanted: Wanted, export: Export, rows: pd.DataFrame) -> None:
    """
    Add the territory of open opportunities: that of their account in the plan.

    Opportunities that are kept out of automatic assignment stay as they are. All of them wait
    until the model is active, as accounts do.
    """
    nodes = territory_records(plan_nodes(wanted, wanted.plan.crm.hierarchy), wanted, export)
    reason, comes = missing_records(rows["rep_id"], nodes)
    facts = pd.DataFrame({
        "territory": rows["rep_id"].map(nodes.set_index("rep_id")["territory_id"]).to_numpy(),
        "reason": reason.to_numpy(), "comes": comes.to_numpy(),
    }, index=pd.Index(rows["record_id"], dtype="str"))  # fmt: skip
    facts["territory"] = facts["territory"].astype("str").fillna("")
    deals = export.rows("Opportunity")
    deals = deals[~is_true(deals["IsClosed"])]
    deals = deals[deals["AccountId"].isin(facts.index)]
    target, why = (deals["AccountId"].map(facts[name]) for name in ("territory", "reason"))
    kept = is_true(deals["IsExcludedFromTerritory2Filter"])
    differs = (target != "") & (target != deals["Territory2Id"])
    told = deals.assign(
        planlib_id=deals["Id"], record_id=deals["Id"], crm_id=deals["Id"], name="",
        old=deals["Territory2Id"], new=target,
        reason="it is kept out of automatic assignment",
    )  # fmt: skip
    load.refuse(told[differs & kept], "opportunity", LEFT)
    comes = deals["AccountId"].map(facts["comes"]).astype(bool)
    for is_late, state in ((comes, WAITS), (~comes, CANNOT)):
        load.refuse(told.assign(reason=why)[(why != "") & ~kept & is_late], "opportunity", state)
    changed = told[differs & ~kept]
    if not (find_model(export, wanted)[1]["State"].str.lower() == "active").any():
        late = "the model is not active; opportunities are loaded after it is"
        load.refuse(changed.assign(reason=late), "opportunity", WAITS)
        return
    load.update("Opportunity", changed.assign(Territory2Id=changed["new"]), changed)
    load.change(changed, "opportunity", "Territory2Id")


def check_emails(export: Export) -> None:
    """
    Check the e-mail addresses by which HubSpot knows its users.

    Raises
    ------
    InputError
        With file, row and value of each that is none.
    """
    users = export.rows("users")
    wrong = users[~users["Email"].str.fullmatch(EMAIL)]
    problems = [
        f"{row['(file)']} row {row['(row)']}, column Email: '{str(row['Email'])[:40]}' is no "
        "e-mail address"
        for row in wrong.head(20).to_dict("records")
    ]
    if problems:
        raise InputError("users", problems)


def _with_owner(load: Load, rows: pd.DataFrame, users: Matched) -> pd.DataFrame:
    """Add the user of the rep; list accounts whose rep has none."""
    owner = rows["rep_id"].map(users.ids).astype("str").fillna("")
    none = rows[owner == ""]
    load.refuse(
        none.assign(
            crm_id=none["record_id"],
            reason="its rep " + none["rep_id"] + " has no active user in the CRM",
        ),
        "account", CANNOT,
    )  # fmt: skip
    return rows.assign(owner=owner)[owner != ""]


def _stale(ready: pd.DataFrame, users: Matched) -> pd.Series:
    """Say where somebody has changed the owner in the CRM since the plan's inputs were taken."""
    before = ready["previous_rep_id"].map(users.ids).astype("str").fillna("")
    differs = (before != "") & (before.str.lower() != ready["old"].str.lower())
    return pd.Series("", index=ready.index, dtype="str").mask(differs, _CHANGED)


def _owner_emails(export: Export) -> pd.Series:
    """Give the e-mail address by every way in which an export may show an owner."""
    users = export.rows("users")
    name = (users["First name"] + " " + users["Last name"]).str.strip().str.lower()
    single = ~name.duplicated(keep=False) & (name != "")
    number = users["User ID"]
    keys = [users["Email"].str.lower(), name[single], number[number != ""]]
    found = pd.concat([
        pd.Series(users.loc[key.index, "Email"].to_numpy(), index=pd.Index(key, dtype="str"))
        for key in keys
    ])  # fmt: skip
    return found[~found.index.duplicated()]
