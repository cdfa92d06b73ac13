"""A made-up CRM for tests: it exports, takes load files as a loader would, and gives ids."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from planlib.exchange.crm import Wanted
from planlib.exchange.crm.ids import checksums
from planlib.plan import Plan
from planlib.tables import table

PREFIXES = {
    "Account": "001", "User": "005", "Opportunity": "006", "Territory2Type": "0M5",
    "Territory2Model": "0MA", "Territory2": "0MI", "UserTerritory2Association": "0MU",
    "ObjectTerritory2Association": "0MO", "ForecastingType": "0Db", "ForecastingQuota": "0J9",
}  # fmt: skip
COLUMNS = {
    "Account": ("Id", "Name", "OwnerId", "AccountNumber"),
    "User": ("Id", "Name", "Email", "IsActive", "EmployeeNumber"),
    "Opportunity": ("Id", "AccountId", "IsClosed", "Territory2Id",
                    "IsExcludedFromTerritory2Filter"),
    "Territory2Type": ("Id", "DeveloperName", "MasterLabel", "Priority", "Description"),
    "Territory2Model": ("Id", "DeveloperName", "Name", "State", "Description"),
    "Territory2": ("Id", "Name", "DeveloperName", "Territory2ModelId", "Territory2TypeId",
                   "ParentTerritory2Id", "AccountAccessLevel", "OpportunityAccessLevel",
                   "CaseAccessLevel", "Description"),
    "UserTerritory2Association": ("Id", "UserId", "Territory2Id", "RoleInTerritory2"),
    "ObjectTerritory2Association": ("Id", "ObjectId", "Territory2Id", "AssociationCause"),
    "ForecastingType": ("Id", "DeveloperName", "IsActive", "IsAmount"),
    "ForecastingQuota": ("Id", "QuotaOwnerId", "ForecastingTypeId", "StartDate", "QuotaAmount",
                         "CurrencyIsoCode", "ProductFamily"),
}  # fmt: skip
#: Objects whose records have no key but their id that a user would know.
NAMELESS = ("UserTerritory2Association", "ObjectTerritory2Association", "ForecastingQuota")


def crm_id(name: str, number: int) -> str:
    """Give an id of 18 characters; the letters of its middle make the checksum speak."""
    letters = "".join(chr(65 + number // 26**place % 26) for place in range(4))
    short = f"{PREFIXES[name]}xQ0{letters}{number:05d}"
    return short + str(checksums(pd.Series([short]).to_numpy(dtype="U15"))[0])


class Crm:
    """
    A Salesforce organisation in memory, strict where the real one is.

    It refuses wrong ids, double names, territories without parents, accounts in a model that is
    not active; it knows nothing of planlib.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, dict[str, str]]] = {name: {} for name in COLUMNS}
        self.counts = dict.fromkeys(COLUMNS, 0)
        self.refused: list[str] = []

    def add(self, name: str, **values: str) -> str:
        """Make a record and give its id."""
        self.counts[name] += 1
        number = crm_id(name, self.counts[name])
        self.records[name][number] = {"Id": number, **values}
        return number

    def export(self, folder: Path, names: Iterable[str] = COLUMNS) -> Path:
        """Write what a user would export."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, COLUMNS[name], restval="", extrasaction="ignore")
                writer.writeheader()
                writer.writerows(self.records[name].values())
        return folder

    def load(self, folder: Path) -> int:
        """Load all files of a folder in order; give how many records were written."""
        return sum(self.load_file(path) for path in sorted((folder / "load").glob("*.csv")))

    def load_file(self, path: Path) -> int:
        """Load one file as a loader would."""
        match = re.fullmatch(r"\d+_([A-Za-z0-9]+)_(insert|update|delete)(?:_\d+)?", path.stem)
        assert match, path.name
        name, action = match.groups()
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            assert all(column in COLUMNS[name] for column in row), row
            getattr(self, f"_{action}")(name, dict(row))
        return len(rows)

    def state(self) -> dict[str, list[tuple[tuple[str, str], ...]]]:
        """Give all that a user can see, without the ids of records that have no name."""
        return {
            name: sorted(
                tuple(sorted((key, value) for key, value in record.items()
                             if value and not (key == "Id" and name in NAMELESS)))
                for record in records.values()
            )
            for name, records in self.records.items()
        }  # fmt: skip

    def activate(self) -> None:
        """Make the newest model the active one."""
        last = list(self.records["Territory2Model"])[-1]
        self.records["Territory2Model"][last]["State"] = "Active"

    def _insert(self, name: str, row: dict[str, str]) -> None:
        for column, value in row.items():
            target = self._refers(column)
            if value and target:
                assert value in self.records[target], (name, column, value)
        others = self.records[name].values()
        if "DeveloperName" in row:
            assert row["DeveloperName"] not in {one["DeveloperName"] for one in others}, row
        if name == "ObjectTerritory2Association":
            model = self.records["Territory2"][row["Territory2Id"]]["Territory2ModelId"]
            assert self.records["Territory2Model"][model]["State"] == "Active"
            pair = (row["ObjectId"], row["Territory2Id"])
            assert pair not in {(one["ObjectId"], one["Territory2Id"]) for one in others}
            assert row["AssociationCause"] == "Territory2Manual"
        if name == "Territory2Model":
            row["State"] = "Planning"
        self.add(name, **row)

    def _update(self, name: str, row: dict[str, str]) -> None:
        record = self.records[name][row.pop("Id")]
        for column, value in row.items():
            if value == "#N/A":
                record[column] = ""
            elif value:
                record[column] = value

    def _delete(self, name: str, row: dict[str, str]) -> None:
        number = row["Id"]
        for records in self.records.values():
            for record in records.values():
                assert number not in [value for key, value in record.items() if key != "Id"]
        del self.records[name][number]

    @staticmethod
    def _refers(column: str) -> str:
        return {"ParentTerritory2Id": "Territory2", "Territory2Id": "Territory2",
                "Territory2ModelId": "Territory2Model", "Territory2TypeId": "Territory2Type",
                "UserId": "User", "ObjectId": "Account", "OwnerId": "User",
                "QuotaOwnerId": "User",
                "ForecastingTypeId": "ForecastingType"}.get(column, "")  # fmt: skip


def make_crm(wanted: Wanted, *, inactive: Sequence[str] = ()) -> Crm:
    """Give an organisation with the accounts and reps of a plan; owners as before the plan."""
    crm = Crm()
    crm.add("ForecastingType", DeveloperName="OpportunityRevenue", IsActive="true", IsAmount="true")
    users = {}
    for rep in wanted.reps.to_dict("records"):
        if rep["is_open_seat"] is True:
            continue
        number = rep["rep_id"]
        users[number] = crm.add(
            "User", Name=str(rep["name"]), Email=f"{number.lower()}@example.com",
            IsActive=str(number not in inactive).lower(), EmployeeNumber=number,
        )  # fmt: skip
    first = next(iter(users.values()))
    for account in wanted.owners.to_dict("records"):
        crm.add(
            "Account", Name=str(account["name"]), AccountNumber=account["account_id"],
            OwnerId=users.get(account["previous_rep_id"], first),
        )  # fmt: skip
    return crm


def make_wanted(
    owners: Sequence[tuple[str, str, str]] = (
        ("A-1", "R-1", "R-1"), ("A-2", "R-2", "R-1"), ("A-3", "R-3", "R-3"), ("007", "R-2", "R-2"),
    ),
    reps: Sequence[tuple[str, str, str]] = (
        ("R-1", "Ann Lee", "M-1"), ("R-2", "李雷", "M-1"), ("R-3", "=cmd|' /C calc'!A0", "M-2"),
        ("M-1", "Max", "H-1"), ("M-2", "Mia", "H-1"), ("H-1", "Head", ""),
    ),
    quotas: Sequence[tuple[str, str, float]] = (("R-1", "2026-01-01", 100.5),),
    **settings: object,
) -> Wanted:  # fmt: skip
    """Give a small plan: account, rep, rep before; rep, name, manager; rep, month, amount."""
    plan = Plan()
    plan = plan.model_copy(update={"crm": plan.override("crm", **settings)})
    frame = pd.DataFrame(owners, columns=["account_id", "rep_id", "previous_rep_id"], dtype="str")
    people = pd.DataFrame(reps, columns=["rep_id", "name", "manager_id"], dtype="str")
    people["manager_id"] = people["manager_id"].mask(people["manager_id"] == "")
    money = pd.DataFrame(quotas, columns=["rep_id", "start_date", "amount"])
    return Wanted(
        cycle="2026Q1",
        revision="r1",
        as_of=datetime.date(2026, 3, 31),
        plan=plan,
        owners=frame.assign(name="Firm " + frame["account_id"]),
        reps=table("reps").coerce(people),
        quotas=money.assign(kind="rep", start_date=pd.to_datetime(money["start_date"])),
    )
