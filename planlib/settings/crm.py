"""Settings of CRM load files: keys, territory model, quotas, size of files."""

from __future__ import annotations

from typing import Literal

from planlib.settings.base import Section, setting

Access = Literal["", "None", "Read", "Edit", "All"]


class CrmSettings(Section):
    """How a published plan becomes load files of a CRM."""

    account_key: str = setting(
        "", "Column of the CRM's accounts that holds account_id; blank: the one that fits most"
    )
    user_key: str = setting(
        "", "Column of the CRM's users that holds rep_id; blank: the one that fits most"
    )
    rows_per_file: int = setting(100_000, "Most rows of one load file", "rows", ge=1, le=1_048_575)
    model: str = setting(
        "", "DeveloperName of the territory model; blank: the active one, else a new one"
    )
    territory_type: str = setting(
        "", "DeveloperName of the territory type; blank: the only one there is, else a new one"
    )
    hierarchy: Literal["managers", "flat"] = setting(
        "managers", "Whether territories hang below those of the managers"
    )
    account_access: Access = setting(
        "Edit", "Access to accounts that a territory gives; blank: as the CRM decides"
    )
    opportunity_access: Access = setting(
        "Read", "Access to opportunities that a territory gives; blank: as the CRM decides"
    )
    case_access: Access = setting(
        "", "Access to cases that a territory gives; blank: as the CRM decides"
    )
    role_in_territory: str = setting("", "Role of the rep in the territory; blank: none")
    forecasting_type: str = setting(
        "", "DeveloperName of the forecast type of quotas; blank: the only active one"
    )
    quota_period: Literal["month", "quarter"] = setting("month", "Period of one quota in the CRM")
    quota_of: Literal["user", "territory"] = setting(
        "user", "Whether quotas belong to users, or to users in their territories"
    )
    most_territories: int = setting(
        1000, "Territories that a model may have", "territories", ge=1, le=99_999
    )
