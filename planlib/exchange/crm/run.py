"""From a published cycle and an export to load files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import ParameterError
from planlib.exchange.crm import owners, quotas, territories
from planlib.exchange.crm.exports import Export, query, read_export
from planlib.exchange.crm.files import LoadFile, Shape, new_folder, write_load
from planlib.exchange.crm.keys import match
from planlib.exchange.crm.load import Load
from planlib.exchange.crm.nodes import plan_nodes
from planlib.exchange.crm.objects import OBJECTS, SYSTEMS, System
from planlib.exchange.crm.wanted import Wanted, read_wanted

PARTS = {"salesforce": ("territories", "opportunities", "quotas", "owners"),
         "hubspot": ("owners",)}  # fmt: skip
_NEEDS = {
    "territories": territories.NEEDS,
    "quotas": quotas.NEEDS,
    "owners": ("Account", "User"),
    "opportunities": ("Account", "User", "Opportunity", "Territory2Model", "Territory2"),
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """
    What was written.

    Parameters
    ----------
    files
        Load files in order.
    load
        Operations, changes, what is not loaded, notes.
    parts
        What was asked for, or found to be wanted.
    """

    files: list[LoadFile]
    load: Load
    parts: tuple[str, ...]


def system_of(name: str) -> System:
    """
    Give a CRM by name.

    Raises
    ------
    ParameterError
        If planlib does not know it.
    """
    for system in SYSTEMS:
        if system == name.lower():
            return system
    raise ParameterError(
        "--system", [f"'{name[:40]}' is not known; known are {', '.join(SYSTEMS)}"]
    )


def export_queries(system: System) -> list[str]:
    """Say what to export, object by object."""
    return [f"{name}.csv: {query(system, name)}" for name in OBJECTS[system]]


def make_load(
    wanted: Wanted, export: Export, parts: tuple[str, ...] = ()
) -> tuple[Load, tuple[str, ...]]:
    """
    Find what brings the CRM to the plan.

    Parameters
    ----------
    wanted
        The published plan.
    export
        What the CRM holds.
    parts
        territories, opportunities, quotas, owners; blank: what the export has files for.

    Returns
    -------
    tuple
        The load, and its parts.

    Raises
    ------
    InputError
        If files of the export are missing, or ids cannot be matched.
    ParameterError
        If a part is unknown.
    """
    chosen = parts or _parts_of(export, wanted)
    unknown = [part for part in chosen if part not in PARTS[export.system]]
    if unknown:
        known = ", ".join(PARTS[export.system])
        raise ParameterError("--load", [
            f"'{part}' is not known for {export.system}; known are {known}" for part in unknown
        ])  # fmt: skip
    load = Load(export.system, notes=[*wanted.notes, *export.notes])
    if export.system == "hubspot":
        _hubspot(load, wanted, export)
    else:
        _salesforce(load, wanted, export, chosen)
    return load, chosen


def write_crm_files(
    workbook: str,
    existing: Path,
    out: Path,
    system: System,
    *,
    cycle: str = "",
    audience: str = "",
    parts: tuple[str, ...] = (),
    bom: bool = False,
    changes: dict[str, object] | None = None,
) -> Result:
    """
    Write the load files of a published cycle.

    Parameters
    ----------
    workbook
        Folder with plan.yaml.
    existing
        Folder with the CRM's export.
    out
        New folder for the files.
    cycle
        Period; blank: the latest one that has planned territories.
    audience
        Who gets the files; decides whether quotas are among them.
    parts
        What to load; blank: what the export has files for.
    bom
        Whether load files start with the mark by which spreadsheets know UTF-8.
    changes
        Keys of section ``crm`` that differ from plan.yaml.

    Returns
    -------
    Result
        Files in the order of loading, what is not loaded, and notes.
    """
    new_folder(out)
    wanted = read_wanted(workbook, cycle, audience, changes)
    export = read_export(existing, system)
    load, chosen = make_load(wanted, export, parts)
    shape = Shape(rows=wanted.plan.crm.rows_per_file, bom=bom)
    files = write_load(out, load, shape, about_load(wanted, load, chosen))
    return Result(files=files, load=load, parts=chosen)


def about_load(wanted: Wanted, load: Load, parts: tuple[str, ...]) -> dict[str, Any]:
    """Say what a load is, for its stamp and its first sheet."""
    return {
        "what": "Load files", "system": load.system, "cycle": wanted.cycle,
        "revision": wanted.revision, "as_of": wanted.as_of.isoformat(), "parts": list(parts),
        "currency": wanted.plan.currency,
    }  # fmt: skip


def _parts_of(export: Export, wanted: Wanted) -> tuple[str, ...]:
    """Find out what an organisation uses, by the files of its export."""
    if export.system == "hubspot":
        return ("owners",)
    has_territories = export.has("Territory2") or export.has("Territory2Model")
    found = ["territories"] if has_territories else ["owners"]
    if has_territories and export.has("Opportunity"):
        found.append("opportunities")
    if export.has("ForecastingType") and wanted.quotas is not None:
        found.append("quotas")
    return tuple(found)


def _salesforce(load: Load, wanted: Wanted, export: Export, parts: tuple[str, ...]) -> None:
    for part in parts:
        export.require(_NEEDS[part], part)
    settings = wanted.plan.crm
    needed = _reps(wanted, settings.hierarchy, parts)
    found = match(needed, export, "User", "rep", settings.user_key)
    load.notes.append(f"reps are found by column {found.column} of User")
    users = owners.active_users(load, found, export, wanted)
    if set(parts) - {"quotas"}:
        ids = wanted.owners["account_id"]
        accounts = match(ids, export, "Account", "account", settings.account_key)
        load.notes.append(f"accounts are found by column {accounts.column} of Account")
        rows = owners.wanted_accounts(load, wanted, accounts)
    if "territories" in parts:
        territories.load_territories(load, wanted, export, accounts, users)
    if "opportunities" in parts:
        owners.load_opportunities(load, wanted, export, rows)
    if "quotas" in parts:
        quotas.load_quotas(load, wanted, export, users)
    if "owners" in parts:
        owners.load_owners(load, export, rows, users)


def _hubspot(load: Load, wanted: Wanted, export: Export) -> None:
    export.require(("companies", "users"), "owners")
    owners.check_emails(export)
    settings = wanted.plan.crm
    needed = _reps(wanted, "flat", ("owners",))
    found = match(needed, export, "users", "rep", settings.user_key)
    users = owners.active_users(load, found, export, wanted)
    ids = wanted.owners["account_id"]
    accounts = match(ids, export, "companies", "account", settings.account_key)
    load.notes.append(f"reps are found by column {found.column} of users")
    load.notes.append(f"accounts are found by column {accounts.column} of companies")
    owners.load_companies(load, export, owners.wanted_accounts(load, wanted, accounts), users)


def _reps(wanted: Wanted, hierarchy: str, parts: tuple[str, ...]) -> pd.Series:
    """Give the reps that need a user: owners, managers of territories, those with a quota."""
    found = set(wanted.owners["rep_id"])
    if "territories" in parts:
        found |= set(plan_nodes(wanted, hierarchy)["rep_id"])
    if "quotas" in parts and wanted.quotas is not None:
        is_person = wanted.quotas["kind"] == "rep"
        found |= set(wanted.quotas.loc[is_person, "rep_id"])
    return pd.Series(sorted(found - {""}), dtype="str")
