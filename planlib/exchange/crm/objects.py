"""The objects of the CRMs: columns of exports and load files, what they hold, their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "name", "choice", "whole", "amount", "date", "flag", "email", "number"]
Action = Literal["insert", "update", "delete"]
System = Literal["salesforce", "hubspot"]

SYSTEMS: tuple[System, ...] = ("salesforce", "hubspot")
RULE, MANUAL = "Territory2AssignmentRule", "Territory2Manual"
#: Sets a field to nothing where Salesforce's bulk interface updates a record.
NOTHING = "#N/A"


@dataclass(frozen=True)
class Field:
    """
    One column of an object.

    Parameters
    ----------
    name
        Name in the CRM's interface, which is the header of the column.
    kind
        What its values are.
    required
        Whether a new record needs it.
    longest
        Most characters of a text; 0: no limit that matters.
    allowed
        Allowed values of a choice; empty: known to the organisation alone.
    refers
        Object that an id belongs to.
    """

    name: str
    kind: Kind
    required: bool = False
    longest: int = 0
    allowed: tuple[str, ...] = ()
    refers: str = ""


@dataclass(frozen=True)
class CrmObject:
    """
    One object of a CRM.

    Parameters
    ----------
    name
        Name in the CRM's interface.
    fields
        All columns that planlib reads or writes.
    key
        Columns that tell two records apart beside the id.
    insert, update
        Columns of load files for new records and for changes; empty: planlib never does that.
    export
        Columns that an export must have.
    reads
        Further columns that an export should have; asked for in the query.
    prefix
        First three characters of its ids, where that is documented.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    insert: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    export: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def by_name(self) -> dict[str, Field]:
        """Columns by name."""
        return {field.name: field for field in self.fields}

    @property
    def id_name(self) -> str:
        """Name of the column with the record's id."""
        return self.fields[0].name

    def columns(self, action: str) -> tuple[str, ...]:
        """Give the columns of a load file."""
        return {"insert": self.insert, "update": self.update, "delete": (self.id_name,)}[action]


_ACCESS = ("Read", "Edit", "All")
_DEVELOPER = Field("DeveloperName", "name", required=True, longest=80)


def _id(name: str = "Id", refers: str = "", *, required: bool = False) -> Field:
    return Field(name, "id", required=required, refers=refers)


_SALESFORCE = (
    CrmObject(
        "Territory2Type",
        (_id(), _DEVELOPER, Field("MasterLabel", "text", required=True, longest=80),
         Field("Priority", "whole", required=True, longest=5),
         Field("Description", "text", longest=255)),
        key=("DeveloperName",),
        insert=("DeveloperName", "MasterLabel", "Priority", "Description"),
        export=("Id", "DeveloperName"), reads=("MasterLabel", "Priority"),
    ),
    CrmObject(
        "Territory2Model",
        (_id(), _DEVELOPER, Field("Name", "text", required=True, longest=80),
         Field("Description", "text", longest=255), Field("State", "choice")),
        key=("DeveloperName",),
        insert=("DeveloperName", "Name", "Description"),
        export=("Id", "DeveloperName"), reads=("Name", "State"),
    ),
    CrmObject(
        "Territory2",
        (_id(), Field("Name", "text", required=True, longest=80), _DEVELOPER,
         _id("Territory2ModelId", "Territory2Model", required=True),
         _id("Territory2TypeId", "Territory2Type", required=True),
         _id("ParentTerritory2Id", "Territory2"),
         Field("AccountAccessLevel", "choice", allowed=_ACCESS),
         Field("OpportunityAccessLevel", "choice", allowed=("None", *_ACCESS[:2])),
         Field("CaseAccessLevel", "choice", allowed=("None", *_ACCESS[:2])),
         Field("Description", "text", longest=1000)),
        key=("DeveloperName",),
        insert=("Name", "DeveloperName", "Territory2ModelId", "Territory2TypeId",
                "ParentTerritory2Id", "AccountAccessLevel", "OpportunityAccessLevel",
                "CaseAccessLevel", "Description"),
        update=("Id", "ParentTerritory2Id"),
        export=("Id", "DeveloperName", "Territory2ModelId"),
        reads=("Name", "Territory2TypeId", "ParentTerritory2Id"),
    ),
    CrmObject(
        "UserTerritory2Association",
        (_id(), _id("UserId", "User", required=True),
         _id("Territory2Id", "Territory2", required=True),
         Field("RoleInTerritory2", "choice", longest=255)),
        key=("UserId", "Territory2Id"),
        insert=("UserId", "Territory2Id", "RoleInTerritory2"),
        export=("Id", "UserId", "Territory2Id"), reads=("RoleInTerritory2",),
    ),
    CrmObject(
        "ObjectTerritory2Association",
        (_id(), _id("ObjectId", "Account", required=True),
         _id("Territory2Id", "Territory2", required=True),
         Field("AssociationCause", "choice", required=True, allowed=(MANUAL,))),
        key=("ObjectId", "Territory2Id"),
        insert=("ObjectId", "Territory2Id", "AssociationCause"),
        export=("Id", "ObjectId", "Territory2Id", "AssociationCause"),
    ),
    CrmObject(
        "Opportunity",
        (_id(), _id("AccountId", "Account"), Field("IsClosed", "flag"),
         _id("Territory2Id", "Territory2"), Field("IsExcludedFromTerritory2Filter", "flag")),
        update=("Id", "Territory2Id", "IsExcludedFromTerritory2Filter"),
        export=("Id", "AccountId", "IsClosed", "Territory2Id", "IsExcludedFromTerritory2Filter"),
        prefix="006",
    ),
    CrmObject(
        "ForecastingQuota",
        (_id(), _id("QuotaOwnerId", "User", required=True),
         _id("ForecastingTypeId", "ForecastingType", required=True),
         Field("StartDate", "date", required=True), Field("QuotaAmount", "amount", required=True),
         Field("CurrencyIsoCode", "choice", longest=3), _id("Territory2Id", "Territory2"),
         Field("ProductFamily", "text"), Field("ForecastingGroupItemId", "text")),
        key=("QuotaOwnerId", "ForecastingTypeId", "StartDate", "Territory2Id"),
        insert=("QuotaOwnerId", "ForecastingTypeId", "StartDate", "QuotaAmount",
                "CurrencyIsoCode", "Territory2Id"),
        update=("Id", "QuotaAmount", "CurrencyIsoCode"),
        export=("Id", "QuotaOwnerId", "ForecastingTypeId", "StartDate", "QuotaAmount"),
        reads=("CurrencyIsoCode", "Territory2Id", "ProductFamily"),
    ),
    CrmObject(
        "Account",
        (_id(), Field("Name", "text"), _id("OwnerId", "User")),
        update=("Id", "OwnerId"),
        export=("Id", "OwnerId"), reads=("Name", "AccountNumber"), prefix="001",
    ),
    CrmObject(
        "User",
        (_id(), Field("Name", "text"), Field("IsActive", "flag"), Field("Email", "email")),
        export=("Id", "IsActive"),
        reads=("Name", "Username", "Email", "EmployeeNumber", "FederationIdentifier"),
        prefix="005",
    ),
    CrmObject(
        "ForecastingType",
        (_id(), Field("DeveloperName", "text"), Field("IsActive", "flag"),
         Field("IsAmount", "flag")),
        export=("Id", "DeveloperName"), reads=("IsActive", "IsAmount"),
    ),
)  # fmt: skip

_HUBSPOT = (
    CrmObject(
        "companies",
        (Field("Record ID", "number"), Field("Company name", "text"),
         Field("Company owner", "email")),
        update=("Record ID", "Company owner"),
        export=("Record ID", "Company owner"), reads=("Company name",),
    ),
    CrmObject(
        "users",
        (Field("User ID", "number"), Field("Email", "email"), Field("First name", "text"),
         Field("Last name", "text"), Field("Status", "text")),
        export=("Email",), reads=("User ID", "First name", "Last name", "Status"),
    ),
)  # fmt: skip

#: Objects of each system by name, in the order in which new records are loaded.
OBJECTS: dict[System, dict[str, CrmObject]] = {
    "salesforce": {one.name: one for one in _SALESFORCE},
    "hubspot": {one.name: one for one in _HUBSPOT},
}

#: Order of the load files; deletes before the inserts that take their place.
SEQUENCE: dict[System, tuple[tuple[str, Action], ...]] = {
    "salesforce": (
        ("Territory2Type", "insert"),
        ("Territory2Model", "insert"),
        ("Territory2", "insert"),
        ("Territory2", "update"),
        ("UserTerritory2Association", "insert"),
        ("ObjectTerritory2Association", "delete"),
        ("ObjectTerritory2Association", "insert"),
        ("Opportunity", "update"),
        ("ForecastingQuota", "update"),
        ("ForecastingQuota", "insert"),
        ("Account", "update"),
    ),
    "hubspot": (("companies", "update"),),
}
#: Order of the files that undo: what hangs on a territory goes before the territory.
UNDO_SEQUENCE: dict[System, tuple[tuple[str, Action], ...]] = {
    "salesforce": (
        ("Account", "update"),
        ("ForecastingQuota", "delete"),
        ("ForecastingQuota", "update"),
        ("Opportunity", "update"),
        ("ObjectTerritory2Association", "delete"),
        ("ObjectTerritory2Association", "insert"),
        ("UserTerritory2Association", "delete"),
        ("Territory2", "update"),
        ("Territory2", "delete"),
        ("Territory2Model", "delete"),
        ("Territory2Type", "delete"),
    ),
    "hubspot": (("companies", "update"),),
}
