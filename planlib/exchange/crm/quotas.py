"""Quotas of Salesforce forecasts: owner, forecast type, first day of the period, amount."""

from __future__ import annotations

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import Export, is_true
from planlib.exchange.crm.keys import Matched
from planlib.exchange.crm.load import CANNOT, LEFT, WAITS, Load
from planlib.exchange.crm.nodes import missing_records, plan_nodes, territory_records
from planlib.exchange.crm.territories import pair_index
from planlib.exchange.crm.wanted import Wanted

NEEDS = ("User", "ForecastingType", "ForecastingQuota")
_KEY = ("QuotaOwnerId", "ForecastingTypeId", "StartDate", "Territory2Id")


def load_quotas(load: Load, wanted: Wanted, export: Export, users: Matched) -> None:
    """
    Add quotas that are new or differ from the CRM's.

    Raises
    ------
    InputError
        If the forecast type is not clear, or quotas of the export have no usable date or amount.
    """
    if wanted.quotas is None:
        return
    rows = _wanted_rows(load, wanted, export, users)
    there = known_quotas(export)
    double = pd.Index(pair_index(there, _KEY)).duplicated(keep=False)
    keys = pair_index(rows, _KEY)
    twice = keys.isin(pair_index(there, _KEY)[double])
    load.refuse(
        rows[twice].assign(reason="the CRM has several quotas of this user, type and period"),
        "quota", LEFT,
    )  # fmt: skip
    rows, keys = rows[~twice], keys[~twice]
    single = there[~double].assign(key=pair_index(there, _KEY)[~double]).set_index("key")
    found = pd.Series(keys.isin(single.index), index=rows.index)
    _insert(load, rows[~found])
    _update(load, rows[found], single, keys[found.to_numpy()], wanted.plan.currency)


def known_quotas(export: Export) -> pd.DataFrame:
    """
    Give the CRM's quotas of users without product family, dates on the first of the month.

    Raises
    ------
    InputError
        Naming the rows whose date or amount cannot be read.
    """
    there = export.rows("ForecastingQuota")
    plain = (there["ProductFamily"] == "") & (there["ForecastingGroupItemId"] == "")
    there = there[plain].copy()
    days = pd.to_datetime(there["StartDate"].str[:10], format="%Y-%m-%d", errors="coerce")
    amounts = pd.to_numeric(there["QuotaAmount"].mask(there["QuotaAmount"] == ""), errors="coerce")
    bad_day = days.isna()
    bad_amount = amounts.isna() & (there["QuotaAmount"] != "")
    problems = [
        f"{row['(file)']} row {row['(row)']}, column {column}: '{str(row[column])[:40]}' {allowed}"
        for wrong, column, allowed in (
            (bad_day, "StartDate", "is no day such as 2026-01-01"),
            (bad_amount, "QuotaAmount", "is no number"),
        )
        for row in there[wrong].head(5).to_dict("records")
    ]
    if problems:
        raise InputError("ForecastingQuota", problems)
    return there.assign(StartDate=days.dt.strftime("%Y-%m-01"), cents=(amounts * 100).round())


def _wanted_rows(load: Load, wanted: Wanted, export: Export, users: Matched) -> pd.DataFrame:
    forecast_type = _forecast_type(export, wanted.plan.crm.forecasting_type)
    quotas = wanted.quotas if wanted.quotas is not None else pd.DataFrame()
    names = wanted.reps.drop_duplicates("rep_id").set_index("rep_id")["name"]
    start = quotas["start_date"].dt.strftime("%Y-%m-%d")
    rows = pd.DataFrame({
        "planlib_id": quotas["rep_id"] + " " + start, "name": quotas["rep_id"].map(names),
        "crm_id": "", "record_id": "", "rep_id": quotas["rep_id"], "StartDate": start,
        "QuotaOwnerId": quotas["rep_id"].map(users.ids).astype("str").fillna(""),
        "ForecastingTypeId": forecast_type, "cents": (quotas["amount"] * 100).round(),
        "QuotaAmount": quotas["amount"].map("{:.2f}".format),
        "CurrencyIsoCode": wanted.plan.currency if _has_currency(export) else "",
        "Territory2Id": "",
    })  # fmt: skip
    reason, comes = pd.Series("", index=rows.index, dtype="str"), pd.Series(False, index=rows.index)
    if wanted.plan.crm.quota_of == "territory":
        nodes = territory_records(plan_nodes(wanted, wanted.plan.crm.hierarchy), wanted, export)
        found = rows["rep_id"].map(nodes.set_index("rep_id")["territory_id"]).astype("str")
        rows["Territory2Id"] = found.fillna("")
        reason, comes = missing_records(rows["rep_id"], nodes)
    waits = reason.where(comes, "")
    reason = reason.mask(rows["QuotaOwnerId"] == "", "its rep has no active user in the CRM")
    is_person = quotas["kind"] == "rep"
    reason = reason.mask(~is_person, "it belongs to a post that is not filled: " + quotas["kind"])
    reason = reason.mask(rows["cents"].isna(), "the plan knows no quota")
    is_late = (reason != "") & (reason == waits)  # nothing else is wrong with it
    load.refuse(rows.assign(reason=reason)[is_late], "quota", WAITS)
    load.refuse(rows.assign(reason=reason)[(reason != "") & ~is_late], "quota", CANNOT)
    return rows[reason == ""].reset_index(drop=True)


def _forecast_type(export: Export, name: str) -> str:
    types = export.rows("ForecastingType")
    if name:
        found = types[types["DeveloperName"].str.lower() == name.lower()]
    else:
        active = (types["IsActive"] == "") | is_true(types["IsActive"])
        amount = (types["IsAmount"] == "") | is_true(types["IsAmount"])
        found = types[active & amount]
    if len(found) == 1:
        return str(found["Id"].iloc[0])
    known = ", ".join(types["DeveloperName"]) or "none"
    wrong = f"'{name}' is not there" if name else f"{len(found)} types fit"
    raise InputError("crm.forecasting_type", [f"{wrong}; forecast types of the export are {known}"])


def _has_currency(export: Export) -> bool:
    """Tell whether the organisation has several currencies; only then is the column there."""
    rows = export.rows("ForecastingQuota")
    return bool((rows["CurrencyIsoCode"] != "").any()) or (
        "DefaultCurrencyIsoCode" in export.rows("User").columns
    )


def _insert(load: Load, rows: pd.DataFrame) -> None:
    load.insert("ForecastingQuota", rows)
    load.change(rows.assign(old="", new=rows["QuotaAmount"]), "quota", "QuotaAmount")


def _update(
    load: Load, rows: pd.DataFrame, single: pd.DataFrame, keys: pd.Index, currency: str
) -> None:
    old = single.loc[keys].set_axis(rows.index)
    same = (old["cents"] == rows["cents"]) & (
        (old["CurrencyIsoCode"] == rows["CurrencyIsoCode"]) | (old["CurrencyIsoCode"] == "")
    )
    rows = rows.assign(Id=old["Id"], record_id=old["Id"])
    shown = old["QuotaAmount"] + (" " + old["CurrencyIsoCode"]).where(
        (old["CurrencyIsoCode"] != "") & (old["CurrencyIsoCode"] != currency), ""
    )
    before = old[["Id", "QuotaAmount", "CurrencyIsoCode"]]
    load.update("ForecastingQuota", rows[~same], before[~same])
    told = rows.assign(old=shown, new=rows["QuotaAmount"])
    load.change(told[~same], "quota", "QuotaAmount")
