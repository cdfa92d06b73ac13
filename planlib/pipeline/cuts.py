"""Cuts: the attribute of a deal by which the matrix is split, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import pandas as pd

#: Value of a cut for deals that have none; such deals are shown, never dropped.
UNKNOWN = "(unknown)"
#: Cut and value of the whole.
TOTAL, ALL = "total", "all"
#: Stands between crossed cuts, and between their values.
CROSS = " x "


class DealTables(TypedDict, total=False):
    """Tables that say more of deals; each may be absent or None."""

    accounts: pd.DataFrame | None
    reps: pd.DataFrame | None
    products: pd.DataFrame | None
    segments: pd.DataFrame | None
    campaigns: pd.DataFrame | None
    rep_history: pd.DataFrame | None


@dataclass(frozen=True)
class Lookup:
    """
    Where the values of a cut come from.

    Parameters
    ----------
    table
        Table that holds the values.
    via
        Column of the deal that points into the table.
    column
        Column with the value.
    meaning
        The cut in words, printed with the definitions.
    is_rep
        Whether the value is a rep, shown by name where table ``reps`` has it.
    """

    table: str
    via: str
    column: str
    meaning: str
    is_rep: bool = False


#: Sources of each cut, best first. The first one that has any value is used for all deals.
LOOKUPS: dict[str, tuple[Lookup, ...]] = {
    "product_family": (Lookup("products", "product_id", "family", "family of the main product"),),
    "product": (
        Lookup("products", "product_id", "name", "main product"),
        Lookup("opportunities", "opportunity_id", "product_id", "main product"),
    ),
    "region": (
        Lookup("accounts", "account_id", "region", "region of the account"),
        Lookup("reps", "owner_id", "region", "region of the opportunity owner"),
    ),
    "country": (Lookup("accounts", "account_id", "country", "country of the account"),),
    "industry": (
        Lookup("segments", "account_id", "industry_group", "industry group"),
        Lookup("accounts", "account_id", "industry_group", "industry group"),
        Lookup("accounts", "account_id", "industry", "industry of the account"),
    ),
    "segment": (
        Lookup("segments", "account_id", "segment", "segment of the account (step 02)"),
        Lookup("accounts", "account_id", "segment", "segment of the account as given"),
    ),
    "unit": (
        Lookup("segments", "account_id", "unit", "unit of the account (step 02)"),
        Lookup("accounts", "account_id", "unit", "unit of the account as given"),
        Lookup("reps", "owner_id", "unit", "unit of the opportunity owner"),
    ),
    "source": (
        Lookup("opportunities", "opportunity_id", "source", "source of the deal"),
        Lookup("campaigns", "campaign_id", "source", "source of the deal's campaign"),
    ),
    "creator_role": (
        Lookup("opportunities", "opportunity_id", "creator_role", "role that created the deal"),
        Lookup("reps", "creator_id", "role", "role today of the rep who created the deal"),
    ),
    "deal_type": (Lookup("opportunities", "opportunity_id", "deal_type", "type of the deal"),),
    "owner": (Lookup("opportunities", "owner_id", "owner_id", "opportunity owner", True),),
    "manager": (
        Lookup("reps", "owner_id", "manager_id", "manager of the opportunity owner", True),
    ),
    "account_owner": (
        Lookup(
            "accounts",
            "account_id",
            "owner_id",
            "account owner, who need not own the opportunity",
            True,
        ),
    ),
}

#: Key of each table that gives deals an attribute.
KEYS = {
    "accounts": "account_id",
    "segments": "account_id",
    "reps": "rep_id",
    "products": "product_id",
    "campaigns": "campaign_id",
    "opportunities": "opportunity_id",
}


class CutTables:
    """
    The tables that give deals their attributes, ready for looking up.

    Parameters
    ----------
    tables
        Tables by name, None where the workbook does not have one: ``opportunities``,
        ``accounts``, ``reps``, ``products``, ``segments``, ``campaigns``.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame | None]) -> None:
        self._tables = {
            name: frame.drop_duplicates(KEYS[name]).set_index(KEYS[name])
            for name, frame in tables.items()
            if frame is not None and name in KEYS
        }
        self._names = self._rep_names()

    def resolve(self, cut: str) -> tuple[Lookup | None, str]:
        """
        Find the table that a cut comes from.

        Returns
        -------
        tuple
            The lookup, or None with the reason why the cut cannot be computed.
        """
        reasons = []
        for lookup in LOOKUPS[cut]:
            reason = self._lacks(lookup)
            if not reason:
                return lookup, ""
            reasons.append(reason)
        return None, "; ".join(dict.fromkeys(reasons))

    def attach(self, deals: pd.DataFrame, cuts: Iterable[str]) -> pd.DataFrame:
        """
        Give the value of each cut for each deal.

        Parameters
        ----------
        deals
            Rows with ``opportunity_id``, ``owner_id`` and ``account_id``: those of the day in
            question where they are known. Other attributes are today's.
        cuts
            Names of cuts that can be computed; a cut that cannot is "(unknown)" for all.

        Returns
        -------
        DataFrame
            ``deals`` plus one ``str`` column per cut, without missing values.
        """
        columns = {}
        for cut in cuts:
            lookup, _ = self.resolve(cut)
            values = self._values(deals, lookup) if lookup else None
            if values is None:
                values = pd.Series(UNKNOWN, index=deals.index)
            columns[cut] = values.astype("str").fillna("").replace("", UNKNOWN)
        return deals.assign(**columns)

    def meanings(self, cuts: Iterable[str]) -> dict[str, str]:
        """Say in words what each cut is and which table it comes from."""
        found = {cut: self.resolve(cut)[0] for cut in cuts}
        return {
            f"cut {cut}": f"{lookup.meaning}, from {lookup.table}"
            for cut, lookup in found.items()
            if lookup is not None
        }

    def rep_label(self, rep_ids: pd.Series) -> pd.Series:
        """Give reps by name, with the id behind it where two share a name; else by id."""
        return rep_ids.map(self._names).astype("str").fillna(rep_ids.astype("str"))

    def reps(self) -> pd.DataFrame:
        """Give table reps, empty where there is none."""
        return self._frame("reps")

    def accounts(self) -> pd.DataFrame:
        """Give table accounts, empty where there is none."""
        return self._frame("accounts")

    def _frame(self, name: str) -> pd.DataFrame:
        frame = self._tables.get(name)
        return pd.DataFrame({KEYS[name]: []}) if frame is None else frame.reset_index()

    def reports_to(self) -> dict[str, str]:
        """Give the manager of each rep, empty without table reps."""
        reps = self._tables.get("reps")
        if reps is None or "manager_id" not in reps:
            return {}
        managers = reps["manager_id"].dropna()
        return dict(zip(managers.index, managers, strict=True))

    def _values(self, deals: pd.DataFrame, lookup: Lookup) -> pd.Series:
        if lookup.via == lookup.column:  # the state of the day holds the value itself
            values = deals[lookup.column]
        else:
            via = lookup.via
            keys = deals[via] if via in deals else self._of_deal(deals["opportunity_id"], via)
            values = keys.map(self._tables[lookup.table][lookup.column])
        return self.rep_label(values) if lookup.is_rep else values

    def _of_deal(self, ids: pd.Series, column: str) -> pd.Series:
        return ids.map(self._tables["opportunities"][column])

    def _lacks(self, lookup: Lookup) -> str:
        deals = self._tables["opportunities"]
        if lookup.via != "opportunity_id" and (
            lookup.via not in deals or deals[lookup.via].isna().all()
        ):
            return f"no deal has a {lookup.via}"
        if lookup.via == lookup.column:
            return ""
        source = self._tables.get(lookup.table)
        if source is None:
            return f"table {lookup.table} is missing"
        if lookup.column not in source or source[lookup.column].isna().all():
            return f"{lookup.table}.{lookup.column} is blank in every row"
        return ""

    def _rep_names(self) -> pd.Series:
        reps = self._tables.get("reps")
        if reps is None or "name" not in reps:
            return pd.Series(dtype="str")
        names = reps["name"].dropna()
        shared = names.duplicated(keep=False)
        return names.mask(shared, names + " (" + names.index.to_series() + ")")


def crossed(cuts: tuple[str, ...]) -> str:
    """Give the name of crossed cuts, such as "region x segment"."""
    return CROSS.join(cuts)


def cross(deals: pd.DataFrame, cuts: tuple[str, ...]) -> pd.Series:
    """Join the values of cuts to one, such as "EMEA x Core"; one cut stays as it is."""
    values = deals[cuts[0]]
    for cut in cuts[1:]:
        values = values + CROSS + deals[cut]
    return values


def cut_parts(cut: str) -> tuple[str, ...]:
    """Give the single cuts that a cut's name holds; none for the total."""
    return () if cut == TOTAL else tuple(cut.split(CROSS))
