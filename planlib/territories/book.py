"""
The book: one row per account with everything that the alignment needs to know about it.

Owner today, measures, open pipeline, late-stage deals, family and locks; and one row per rep who
may own accounts. What is missing is filled by a named rule, and every such rule leaves a row in
the list of problems.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.settings.territories import TerritoriesSettings
from planlib.tables import require_columns
from planlib.territories.places import distances_km, locate

_FAMILY_DEPTH = 10
_STAND_INS = {
    "potential": ("acv", "accounts"), "workload_hours": ("accounts",), "acv": ("accounts",),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The tables of the step; ``as_of`` is the day on which reps must be there."""

    accounts: pd.DataFrame
    reps: pd.DataFrame
    as_of: pd.Timestamp
    segments: pd.DataFrame | None = None
    territories: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None


@dataclass
class Problems:
    """Collects what a planner should know, as rows of ``territory_problems``."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        problem: str,
        detail: str,
        *,
        account_id: object = None,
        rep_id: object = None,
        amount: object = None,
    ) -> None:
        """Add one finding."""
        self.rows.append(
            {
                "problem": problem,
                "account_id": account_id,
                "rep_id": rep_id,
                "detail": detail,
                "amount": amount,
            }
        )

    def add_accounts(
        self, problem: str, detail: str, book: pd.DataFrame, rows: pd.Series | np.ndarray
    ) -> None:
        """Add the same finding for several accounts of the book."""
        for account, amount in zip(
            book.loc[rows, "account_id"], book.loc[rows, "acv"], strict=True
        ):
            self.add(problem, detail, account_id=account, amount=amount)


def account_book(
    sources: Sources, sellers: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> pd.DataFrame:
    """
    Give the book, sorted by ``account_id``.

    Returns
    -------
    DataFrame
        ``account_id``, ``name``, ``owner``, ``years`` (as owner), the place, ``group`` (industry),
        ``unit`` and what else blocks use, ``acv`` (NA where unknown), ``open_amount``,
        ``is_late``, ``family``, and one column ``load_<measure>`` per measure, never NA.

    Raises
    ------
    TableError
        If a column is missing or an ``account_id`` repeats.
    """
    accounts = _unique("accounts", sources.accounts, "account_id")
    require_columns("accounts", accounts, ["account_id"])
    book = accounts.sort_values("account_id", kind="stable").reset_index(drop=True)
    segments = _by_account(sources.segments, book["account_id"])
    for column in ("name", "region", "country", "province", "parent_id", "industry"):
        if column not in book:
            book[column] = pd.Series(pd.NA, index=book.index, dtype="str")
    book["group"] = _first(segments, book, "industry_group", "industry")
    book["unit"] = _first(segments, book, "unit")
    book["owner"], book["years"] = _owners(sources, book, settings)
    given_acv = _number(book, "acv").fillna(_number(segments, "yearly_spend"))
    book["acv"] = given_acv.where(np.isfinite(given_acv) & (given_acv >= 0))
    _add_pipeline(book, sources, settings, problems)
    book["family"] = _families(book) if settings.keep_families else book["account_id"]
    for measure in settings.measures:
        book[f"load_{measure}"] = _measure(book, segments, measure, problems)
    for measure in ("potential", "workload_hours"):
        book[measure] = _number(segments, measure).fillna(_number(book, measure))
    places = locate("accounts", book, "account_id")
    for column in ("latitude", "longitude", "place_precision", "place_problem"):
        book[column] = places[column]
    names = dict(zip(sellers["rep_id"], sellers["name"], strict=True))
    book["owner_name"] = book["owner"].map(names)
    return book


def sellers_of(
    reps: pd.DataFrame, settings: TerritoriesSettings, as_of: pd.Timestamp, problems: Problems
) -> pd.DataFrame:
    """
    Give the reps who may own accounts on a day, sorted by ``rep_id``, with their places.

    Without a role column, or where no role of the settings occurs, these are all reps who manage
    nobody; the list of problems then says so.
    """
    require_columns("reps", reps, ["rep_id"])
    sellers = _unique("reps", reps, "rep_id").sort_values("rep_id", kind="stable")
    sellers = sellers.reset_index(drop=True)
    for column in (
        "name",
        "role",
        "unit",
        "region",
        "country",
        "province",
        "city",
        "skills",
        "manager_id",
    ):
        if column not in sellers:
            sellers[column] = pd.Series(pd.NA, index=sellers.index, dtype="str")
    sellers["name"] = sellers["name"].fillna(sellers["rep_id"])
    wanted = {role.strip().casefold() for role in settings.roles}
    has_role = sellers["role"].str.strip().str.casefold().isin(wanted)
    if not has_role.any() and len(sellers):
        has_role = ~sellers["rep_id"].isin(set(sellers["manager_id"].dropna()))
        found = ", ".join(sorted(set(sellers["role"].dropna()))) or "no roles"
        problems.add(
            "setting",
            f"none of the roles {', '.join(settings.roles)} occurs in reps "
            f"(found {found}); all reps who manage nobody take part",
        )
    hired, left = _date(sellers, "hire_date"), _date(sellers, "leave_date")
    here = ~(hired > as_of) & ~(left <= as_of)
    sellers = sellers[has_role & here].reset_index(drop=True)
    places = locate("reps", sellers, "rep_id")
    for column in ("latitude", "longitude", "place_precision"):
        sellers[column] = places[column]
    return sellers


def with_places(sellers: pd.DataFrame, book: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """
    Give reps without a place the one of their accounts that is nearest to all of these.

    Reps who own no account with a place stay without; both leave a row in the list of problems.
    """
    sellers = sellers.copy()
    for row in sellers.index[sellers["latitude"].isna()]:
        rep = str(sellers.loc[row, "rep_id"])
        mine = book[book["owner"].eq(rep).fillna(value=False) & book["latitude"].notna()]
        if mine.empty:
            problems.add(
                "place",
                "rep without a place; counted at the mean distance of the others",
                rep_id=rep,
            )
            continue
        north, east = (mine[column].to_numpy(float) for column in ("latitude", "longitude"))
        centre = int(distances_km(north, east, north, east).sum(axis=0).argmin())
        sellers.loc[row, ["latitude", "longitude"]] = [north[centre], east[centre]]
        sellers.loc[row, "place_precision"] = "own accounts"
        problems.add("place", "rep without a place; taken to be amid today's accounts", rep_id=rep)
    return sellers


def _unique(table: str, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    require_columns(table, frame, [key])
    blank, double = frame[key].isna(), frame[key].duplicated(keep=False) & frame[key].notna()
    found = []
    if blank.any():
        found.append(f"column '{key}' is blank in {int(blank.sum())} row(s)")
    if double.any():
        first = ", ".join(sorted(set(frame.loc[double, key]))[:3])
        found.append(f"column '{key}' repeats in {int(double.sum())} rows, first {first}")
    if found:
        raise TableError(table, found)
    return frame.copy()


def _by_account(table: pd.DataFrame | None, ids: pd.Series) -> pd.DataFrame:
    """Bring a table into the order of the book; a missing table has no columns."""
    if table is None:
        return pd.DataFrame(index=ids.index)
    return (
        table.drop_duplicates("account_id")
        .set_index("account_id")
        .reindex(ids)
        .reset_index(drop=True)
    )


def _number(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype("float64")


def _date(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series(pd.NaT, index=frame.index)
    return pd.to_datetime(frame[column])


def _first(segments: pd.DataFrame, book: pd.DataFrame, *columns: str) -> pd.Series:
    """Give the first value that is there: from segments, then from accounts, by column."""
    value = pd.Series(pd.NA, index=book.index, dtype="str")
    for column in columns:
        for table in (segments, book):
            if column in table:
                value = value.fillna(table[column].astype("str"))
    return value


def _owners(
    sources: Sources, book: pd.DataFrame, settings: TerritoriesSettings
) -> tuple[pd.Series, pd.Series]:
    """Give the owner in this layer and for how many years; the layer table wins over accounts."""
    owner = (book["owner_id"] if "owner_id" in book else pd.Series(pd.NA, index=book.index)).astype(
        "str"
    )
    years = pd.Series(np.nan, index=book.index)
    if sources.territories is None or sources.territories.empty:
        return owner, years
    layer = sources.territories
    layer = layer[layer["role_layer"].str.casefold().eq(settings.role_layer.casefold())]
    layer = _by_account(layer, book["account_id"])
    days = (sources.as_of - _date(layer, "since_date")).dt.days
    return layer["rep_id"].astype("str").fillna(owner), (days / 365.25).clip(lower=0)


def _add_pipeline(
    book: pd.DataFrame, sources: Sources, settings: TerritoriesSettings, problems: Problems
) -> None:
    """Add open pipeline and late-stage deals; without opportunities both are unknown."""
    book["open_amount"], book["is_late"] = np.nan, False
    deals = sources.opportunities
    if deals is None or "account_id" not in deals or "is_closed" not in deals:
        problems.add(
            "setting", "no opportunities: open pipeline unknown, no late-stage deal is protected"
        )
        return
    open_deals = deals[~deals["is_closed"].fillna(value=False).astype(bool)]
    amount = _number(open_deals, "amount").groupby(open_deals["account_id"]).sum()
    book["open_amount"] = book["account_id"].map(amount).fillna(0.0).astype("float64")
    if not settings.protect_late_stage:
        return
    late = _number(open_deals, "probability") >= settings.late_stage_probability
    if "forecast_category" in open_deals:
        late |= open_deals["forecast_category"].eq("commit").fillna(value=False)
    book["is_late"] = book["account_id"].isin(set(open_deals.loc[late, "account_id"].dropna()))


def _families(book: pd.DataFrame) -> pd.Series:
    """Give the account at the top of each family; loops of parents end at the smallest id."""
    parent = dict(zip(book["account_id"], book["parent_id"], strict=True))
    parent = {child: top for child, top in parent.items() if top in parent and top != child}

    def top_of(account: str) -> str:
        path = [account]
        while path[-1] in parent and len(path) <= _FAMILY_DEPTH:
            above = parent[path[-1]]
            if above in path:
                return min(path[path.index(above) :])
            path.append(above)
        return path[-1]

    return book["account_id"].map(top_of).astype("str")


def _measure(
    book: pd.DataFrame, segments: pd.DataFrame, measure: str, problems: Problems
) -> pd.Series:
    """Give a measure without gaps: unknown values count as the median of the known ones."""
    used = measure
    for used in (measure, *_STAND_INS.get(measure, ())):
        values = _values(book, segments, used)
        bad = values < 0
        if bad.any():
            problems.add_accounts("measure", f"{used} is negative; counted as unknown", book, bad)
        values = values.where((values >= 0) & np.isfinite(values))
        if values.sum() > 0:
            break
    if used != measure:
        problems.add(
            "measure",
            f"{measure} is not known for any account; balanced by "
            f"{'the number of accounts' if used == 'accounts' else used}",
        )
    unknown = values.isna()
    if unknown.any():
        stand_in = float(values.median())
        problems.add(
            "measure",
            f"{used} is unknown for {int(unknown.sum())} of {len(book)} "
            f"accounts; each counts as the median, {stand_in:,.0f}",
        )
        values = values.fillna(stand_in)
    return values


def _values(book: pd.DataFrame, segments: pd.DataFrame, measure: str) -> pd.Series:
    if measure == "accounts":
        return pd.Series(1.0, index=book.index)
    if measure == "acv":
        return book["acv"]
    values = _number(segments, measure).fillna(_number(book, measure))
    return values.where(np.isfinite(values))
