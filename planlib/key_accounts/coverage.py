"""Coverage: who owns a key account, who leads it in the two lines, who is missing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.findings import circle_findings, cut_circles, rows_found
from planlib.pipeline.lookup import look_up
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.tables import table

LINES = {"administrative": "manager_id", "functional": "functional_manager_id"}


def director_ids(reps: pd.DataFrame, settings: KeyAccountLinesSettings) -> list[str]:
    """
    Give the regional key-account directors.

    They are the reps with a role of ``director_roles`` in any case of letters; where nobody has
    one, those who lead somebody functionally.
    """
    roles = {role.casefold() for role in settings.director_roles}
    mine = reps[reps["role"].astype("str").str.casefold().isin(roles)]
    if mine.empty:
        leads = reps.loc[reps["functional_manager_id"] != reps["rep_id"], "functional_manager_id"]
        mine = reps[reps["rep_id"].isin(leads.dropna())]
    return sorted(mine["rep_id"].unique())


def is_active(reps: pd.DataFrame, as_of: date) -> pd.Series:
    """Tell who works here on the as-of date; an open seat is nobody."""
    gone = reps["leave_date"] < pd.Timestamp(as_of)
    return ~gone.fillna(False) & ~reps["is_open_seat"].fillna(False).astype(bool)


def planned_owners(account_ids: pd.Series, territory_plan: pd.DataFrame | None) -> pd.Series:
    """Give the rep to whom the territory plan gives each account; NA: none, or no plan."""
    if territory_plan is None:
        return pd.Series(index=account_ids.index, dtype="str")
    plan = territory_plan.drop_duplicates("account_id").set_index("account_id")["rep_id"]
    return look_up(account_ids, plan.astype("str"))


def cover_accounts(
    accounts: pd.DataFrame,
    key_accounts: pd.DataFrame,
    settings: KeyAccountLinesSettings,
    as_of: date,
    *,
    reps: pd.DataFrame | None = None,
    territory_plan: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give the three people of each key account: local owner, branch manager, regional director.

    Owners are those of today (``accounts.owner_id``), before a territory plan takes effect; whom
    the plan gives the account stands beside them. The local rep owns the account, the branch
    manager leads (administrative line, ``reps.manager_id``), the regional key-account director
    leads functionally (``reps.functional_manager_id`` of the owner; without it the director of the
    account's region stands in and the gap is named).

    Parameters
    ----------
    accounts
        ``account_id``, ``owner_id``, ``region``.
    key_accounts
        ``account_id``, ``is_key``.
    settings
        ``director_roles``.
    as_of
        As-of date.
    reps
        Table ``reps``, or None: then nobody's line is known.
    territory_plan
        ``account_id``, ``rep_id``, or None: no plan.

    Returns
    -------
    DataFrame
        Table ``key_account_coverage``, accounts with most gaps first.
    """
    contract = table("key_account_coverage")
    keys = key_accounts.loc[key_accounts["is_key"].astype(bool), ["account_id"]]
    own = table("accounts").conform(accounts)
    rows = keys.merge(own[["account_id", "owner_id", "region"]], "left", "account_id")
    rows["planned_owner_id"] = planned_owners(rows["account_id"], territory_plan)
    if reps is None or rows.empty:
        return contract.check(
            rows[["account_id", "owner_id", "planned_owner_id"]].assign(
                gap_count=0,
                gaps="",
                note="" if reps is not None else "no reps: lines and absences are not known",
            )
        )
    people = table("reps").coerce(reps).drop_duplicates("rep_id")
    by_id = people.set_index("rep_id")
    active = set(people.loc[is_active(people, as_of), "rep_id"])
    directors = director_ids(people, settings)
    rows["manager_id"] = look_up(rows["owner_id"], by_id["manager_id"])
    functional = look_up(rows["owner_id"], by_id["functional_manager_id"])
    has_line = bool(functional.notna().any())
    is_director = rows["owner_id"].isin(directors)
    regional = people[people["rep_id"].isin(directors) & people["rep_id"].isin(active)]
    regional = regional.sort_values("rep_id").drop_duplicates("region").set_index("region")
    stands_in = look_up(rows["region"], regional.reset_index().set_index("region")["rep_id"])
    rows["director_id"] = functional.where(functional.notna(), stands_in)
    rows["director_id"] = rows["director_id"].mask(is_director, rows["owner_id"]).astype("str")
    rows["director_origin"] = np.select(
        [is_director, functional.notna(), rows["director_id"].notna()],
        ["sells in person", "functional line", "region"],
        "",
    )
    gaps = _gaps(rows, by_id, active, has_line=has_line or bool(directors))
    rows["gaps"] = gaps.map("; ".join).astype("str")
    rows["gap_count"] = gaps.map(len).astype("Int64")
    note = "" if has_line or directors else "no functional line in reps: nobody leads functionally"
    ordered = rows.assign(note=note).sort_values(
        ["gap_count", "account_id"], ascending=[False, True]
    )
    return contract.check(ordered[[column.name for column in contract.columns]])


def _gaps(
    rows: pd.DataFrame, by_id: pd.DataFrame, active: set[str], *, has_line: bool
) -> pd.Series:
    """Give the list of gaps of each account."""
    region = look_up(rows["director_id"], by_id["region"])
    seat = (
        look_up(rows["owner_id"], by_id["is_open_seat"].astype("boolean"))
        .fillna(False)
        .astype(bool)
    )
    known = rows["owner_id"].isin(by_id.index)
    owned = rows["owner_id"].notna()
    in_person = rows["director_origin"] == "sells in person"
    tests = {
        "no owner": ~owned,
        "owner is not in table reps": owned & ~known,
        "owner is an open seat": seat,
        "owner has left": known & ~seat & ~rows["owner_id"].isin(active),
        "no branch manager": known & rows["manager_id"].isna(),
        "branch manager has left": rows["manager_id"].notna() & ~rows["manager_id"].isin(active),
        "nobody leads functionally": has_line & rows["director_id"].isna(),
        "owner has no functional line": known & (rows["director_origin"] == "region"),
        "director has left": rows["director_id"].notna() & ~rows["director_id"].isin(active),
        "director is of another region": region.notna()
        & rows["region"].notna()
        & (region != rows["region"])
        & (rows["director_origin"] == "functional line"),
        "director owns the account: no local rep": in_person,
    }
    flags = pd.DataFrame({name: test.fillna(False).astype(bool) for name, test in tests.items()})
    return pd.Series(
        [[name for name in flags.columns if flag[name]] for flag in flags.to_dict("records")],
        index=rows.index,
        dtype="object",
    )


def check_lines(reps: pd.DataFrame | None) -> list[pd.DataFrame]:
    """Name circles in the two reporting lines, and leaders who are not in table reps."""
    if reps is None:
        return []
    people = table("reps").coerce(reps).drop_duplicates("rep_id")
    found = []
    for column in LINES.values():
        found.append(circle_findings("reps", people, "rep_id", column))
        lost = people[people[column].notna() & ~people[column].isin(people["rep_id"])]
        lost = lost.assign(row_id=lost["rep_id"], value=lost[column])
        found.append(
            rows_found(
                "unknown leader",
                "reps",
                lost,
                column,
                allowed="a rep of table reps",
                effect="counts as having nobody above",
            )
        )
    return found


def check_directors(
    coverage: pd.DataFrame,
    accounts: pd.DataFrame,
    reps: pd.DataFrame | None,
    settings: KeyAccountLinesSettings,
    as_of: date,
) -> list[pd.DataFrame]:
    """
    Name accounts that a director owns: directors lead, evaluate and supply, local reps sell.

    Parameters
    ----------
    coverage
        Table ``key_account_coverage``.
    accounts
        ``account_id``, ``owner_id``, ``region``.
    reps
        Table ``reps``, or None.
    settings
        ``director_roles``.
    as_of
        Who works here on that day.

    Returns
    -------
    list of DataFrame
        Findings: one for each key account, and one for each director with other accounts. Where no
        local rep works in the region of the account, it counts as filling the gap (duty of the
        director), and the finding says so.
    """
    if reps is None or not {"owner_id", "region"} <= set(accounts.columns):
        return []
    people = table("reps").coerce(reps).drop_duplicates("rep_id")
    directors = director_ids(people, settings)
    rows = accounts[accounts["owner_id"].isin(directors)].sort_values("account_id")
    local = people[is_active(people, as_of) & ~people["rep_id"].isin(directors)]
    owners = local[local["rep_id"].isin(accounts["owner_id"])]
    count = look_up(rows["region"], owners.groupby("region").size()).fillna(0).astype(int)
    is_key = rows["account_id"].isin(coverage["account_id"])
    keys = rows[is_key].assign(row_id=rows["account_id"], value=rows["owner_id"])
    found = []
    allowed = "a local rep owns the account; the director leads, evaluates and supplies"
    for fills, effect in (
        (True, "counts as filling the gap: no local rep owns an account in the region"),
        (False, "is a gap of the coverage: local reps own accounts in the region"),
    ):
        found.append(
            rows_found("director owns a key account", "accounts",
                       keys[(count[is_key] == 0) == fills], "owner_id", allowed=allowed,
                       effect=effect)
        )  # fmt: skip
    others = rows[~is_key].groupby("owner_id").size().rename("value").rename_axis("row_id")
    found.append(
        rows_found("director owns other accounts", "reps", others.reset_index(), "rep_id",
                   allowed=allowed, effect="value is their number; they stay with the director")
    )  # fmt: skip
    return found


def chains(reps: pd.DataFrame, line: str) -> pd.DataFrame:
    """
    Give everybody above a rep in a line, the rep included.

    Parameters
    ----------
    reps
        Table ``reps``.
    line
        "administrative" or "functional".

    Returns
    -------
    DataFrame
        ``rep_id``, ``lead_id``, ``steps`` (0 is the rep). Circles are cut.
    """
    people = table("reps").coerce(reps).drop_duplicates("rep_id")
    parents = cut_circles(people["rep_id"], people[LINES[line]])
    parents = parents.where(parents.isin(people["rep_id"]))
    above = pd.Series(parents.to_numpy(), index=people["rep_id"])
    level = pd.DataFrame({"rep_id": people["rep_id"], "lead_id": people["rep_id"], "steps": 0})
    parts = []
    while len(level):
        parts.append(level)
        up = level.assign(lead_id=look_up(level["lead_id"], above), steps=level["steps"] + 1)
        level = up[up["lead_id"].notna()]
    return pd.concat(parts, ignore_index=True)
