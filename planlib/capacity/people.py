"""The people and posts of a plan, and what is wrong with their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.settings.capacity import CapacitySettings
from planlib.tables import require_columns

#: What a row of ``staff`` is.
KINDS = ("rep", "open seat", "planned hire")
FINDING_COLUMNS = ("table", "row_id", "column", "value", "finding")
_TEXTS = ("name", "role", "unit", "region", "manager_id")
NO_ROLE = "no role"


@dataclass(frozen=True, kw_only=True)
class Staff:
    """
    Everybody who counts, and posts to be filled.

    Parameters
    ----------
    people
        One row per person, seat and planned hire: ``rep_id``, ``name``, ``role``, ``unit``,
        ``region``, ``manager_id``, ``hire_date``, ``leave_date``, ``kind``, ``start_date`` (of a
        planned hire), ``quota_amount`` (full yearly quota), ``quota_source``, ``has_quota``.
    findings
        What is wrong with rows: ``table``, ``row_id``, ``column``, ``value``, ``finding``.
    """

    people: pd.DataFrame = field(repr=False)
    findings: pd.DataFrame = field(repr=False)

    @property
    def carriers(self) -> pd.DataFrame:
        """People and posts that carry a quota of their own."""
        return self.people[self.people["has_quota"]].reset_index(drop=True)


def prepare_staff(
    reps: pd.DataFrame, settings: CapacitySettings, as_of: pd.Timestamp, *,
    hiring_plan: pd.DataFrame | None = None, pay_plans: pd.DataFrame | None = None,
    rep_history: pd.DataFrame | None = None,
) -> Staff:  # fmt: skip
    """
    Check people and posts, and give each its yearly quota.

    Parameters
    ----------
    reps
        Table ``reps``; ``rep_id`` is needed, everything else where known.
    settings
        Roles that carry a quota.
    as_of
        Pay plans in force on this day count.
    hiring_plan
        Table ``hiring_plan``: hires stated by people.
    pay_plans
        Quota of a role, where a person has none.
    rep_history
        Tells who has two managers on the same day.

    Returns
    -------
    Staff
        One row per person, seat and planned hire, and findings on rows that are not as they
        should be.

    Raises
    ------
    TableError
        If ``rep_id`` is missing.
    """
    require_columns("reps", reps, ["rep_id"])
    found: list[dict[str, object]] = []
    people = _plain(reps)
    _repeated(people, found)
    people = people.drop_duplicates("rep_id", ignore_index=True)
    seat = people["is_open_seat"].fillna(False).astype(bool)
    people["kind"] = np.where(seat, KINDS[1], KINDS[0])
    _dates(people, found)
    _roles(people, found)
    _managers(people, rep_history, as_of, found)
    people = _with_hires(people, hiring_plan, found)
    _quotas(people, settings, pay_plans, as_of, found)
    columns = ["rep_id", *_TEXTS, "hire_date", "leave_date", "kind", "start_date", "quota_amount",
               "quota_source", "has_quota"]  # fmt: skip
    return Staff(people=people[columns].sort_values("rep_id", ignore_index=True),
                 findings=findings_table(found))  # fmt: skip


def findings_table(found: list[dict[str, object]]) -> pd.DataFrame:
    """Give findings as a table, in the order in which they were found."""
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS))


def finding(table: str, row_id: object, column: str, value: object, text: str) -> dict[str, object]:
    """Give one finding: which row of which table, what was found, what is done."""
    blank = value is None or (not isinstance(value, str) and bool(pd.isna(value)))  # type: ignore[call-overload]
    return {"table": table, "row_id": str(row_id), "column": column,
            "value": None if blank else str(value), "finding": text}  # fmt: skip


def reporting_cycles(managers: dict[str, str]) -> list[list[str]]:
    """
    Find people who are, over some steps, their own manager.

    Parameters
    ----------
    managers
        Manager by person.

    Returns
    -------
    list
        Each circle once, from its smallest id on.

    Examples
    --------
    >>> reporting_cycles({"a": "b", "b": "c", "c": "b", "d": "d"})
    [['b', 'c'], ['d']]
    """
    circles: list[list[str]] = []
    done: set[str] = set()
    for start in sorted(managers):
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in done and at not in path:
            path.append(at)
            at = managers.get(at)
        if at is not None and at in path:
            circle = path[path.index(at) :]
            first = circle.index(min(circle))
            circles.append(circle[first:] + circle[:first])
        done.update(path)
    return sorted(circles)


def _plain(reps: pd.DataFrame) -> pd.DataFrame:
    """Give every column that is used, missing where the table lacks it."""
    frame = pd.DataFrame({"rep_id": reps["rep_id"].astype("str")})
    for name in _TEXTS:
        frame[name] = reps[name].astype("str") if name in reps else pd.Series(pd.NA, dtype="str")
    for name in ("hire_date", "leave_date", "start_date"):
        given = reps[name] if name in reps else pd.Series(pd.NaT, index=reps.index)
        frame[name] = pd.to_datetime(given).astype("datetime64[us]")
    given = reps["quota"] if "quota" in reps else pd.Series(np.nan, index=reps.index)
    frame["quota"] = given.astype("float64")
    seats = reps["is_open_seat"] if "is_open_seat" in reps else pd.Series(False, index=reps.index)
    frame["is_open_seat"] = seats.astype("boolean")
    order = ["rep_id", "manager_id", "role", "hire_date"]
    return frame.sort_values(order, ignore_index=True, na_position="last")


def _repeated(people: pd.DataFrame, found: list[dict[str, object]]) -> None:
    twice = people[people["rep_id"].duplicated(keep=False)]
    for rep, rows in twice.groupby("rep_id", sort=True):
        bosses = _listed(rows["manager_id"].dropna().unique())
        text = f"stands in {len(rows)} rows; the first by manager is used"
        if len(rows["manager_id"].dropna().unique()) > 1:
            text = f"has two managers ({bosses}); the first is used"
        found.append(finding("reps", rep, "manager_id", bosses, text))


def _dates(people: pd.DataFrame, found: list[dict[str, object]]) -> None:
    for rep, hire, leave in _rows(
        people[people["leave_date"] < people["hire_date"]], "rep_id", "hire_date", "leave_date"
    ):
        found.append(finding("reps", rep, "leave_date", f"{leave:%Y-%m-%d}",
                             f"leaves before the first day, {hire:%Y-%m-%d}; taken as here, the "
                             "leave date does not count"))  # fmt: skip
    wrong = people["leave_date"] < people["hire_date"]
    people.loc[wrong, "leave_date"] = pd.NaT
    missing = people["hire_date"].isna() & (people["kind"] == KINDS[0])
    for (rep,) in _rows(people[missing], "rep_id"):
        found.append(finding("reps", rep, "hire_date", None,
                             "no first day; taken as fully ramped"))  # fmt: skip


def _roles(people: pd.DataFrame, found: list[dict[str, object]]) -> None:
    for rep, kind in _rows(people[people["role"].isna()], "rep_id", "kind"):
        found.append(finding("reps", rep, "role", None, f"{kind} without a role; the ramp and the "
                             "exit hazard over all roles are used"))  # fmt: skip
    people["role"] = people["role"].fillna(NO_ROLE)


def _managers(
    people: pd.DataFrame, rep_history: pd.DataFrame | None, as_of: pd.Timestamp,
    found: list[dict[str, object]],
) -> None:  # fmt: skip
    known = set(people["rep_id"])
    strange = people["manager_id"].notna() & ~people["manager_id"].isin(known)
    for rep, boss in _rows(people[strange], "rep_id", "manager_id"):
        found.append(finding("reps", rep, "manager_id", boss,
                             "the manager is not in table reps; counted at the top"))  # fmt: skip
    people.loc[strange, "manager_id"] = None
    given = people.dropna(subset="manager_id")
    for circle in reporting_cycles(dict(zip(given["rep_id"], given["manager_id"], strict=True))):
        way = " > ".join([*circle, circle[0]])
        for rep in circle:
            found.append(finding("reps", rep, "manager_id", way, "the reporting line runs in a "
                                 f"circle; {circle[0]} is put at the top"))  # fmt: skip
        people.loc[people["rep_id"] == circle[0], "manager_id"] = None
    if rep_history is None or "manager_id" not in rep_history:
        return
    day = pd.Timestamp(as_of)
    ends = rep_history.get("effective_to", pd.Series(pd.NaT, index=rep_history.index))
    now = rep_history[(rep_history["effective_from"] <= day)
                      & (ends.isna() | (ends >= day))]  # fmt: skip
    now = now[now["manager_id"].notna()].drop_duplicates(["rep_id", "manager_id"])
    for rep, rows in now[now["rep_id"].duplicated(keep=False)].groupby("rep_id", sort=True):
        found.append(finding("rep_history", rep, "manager_id", _listed(rows["manager_id"]),
                             "has two managers on the same day; that of table reps is "
                             "used"))  # fmt: skip


def _with_hires(
    people: pd.DataFrame, hiring_plan: pd.DataFrame | None, found: list[dict[str, object]]
) -> pd.DataFrame:
    """Add one row for every planned hire."""
    if hiring_plan is None or hiring_plan.empty:
        return people
    known, rows = set(people["rep_id"]), []
    for plan in hiring_plan.sort_values("hire_plan_id").to_dict("records"):
        row_id, role = plan["hire_plan_id"], plan.get("role")
        if role is None or pd.isna(role):
            found.append(finding("hiring_plan", row_id, "role", None, "hire without a role; the "
                                 "ramp and the exit hazard over all roles are used"))  # fmt: skip
        boss = plan.get("manager_id")
        if boss is not None and not pd.isna(boss) and boss not in known:
            found.append(
                finding(
                    "hiring_plan",
                    row_id,
                    "manager_id",
                    boss,
                    "the manager is not in table reps; counted at the top",
                )
            )
            boss = None
        count = plan.get("hires_count")
        for at in range(1 if count is None or pd.isna(count) else int(count)):
            rows.append({
                "rep_id": f"{row_id}#{at + 1}", "name": f"planned hire {row_id}#{at + 1}",
                "role": NO_ROLE if role is None or pd.isna(role) else role,
                "unit": plan.get("unit"), "region": plan.get("region"), "manager_id": boss,
                "start_date": plan["start_date"], "quota": plan.get("quota"),
                "kind": KINDS[2],
            })  # fmt: skip
    hires = pd.DataFrame(rows).reindex(columns=people.columns).astype(people.dtypes)
    everybody = pd.concat([people, hires], ignore_index=True)
    return _with_nearest_manager(everybody)


def _with_nearest_manager(people: pd.DataFrame) -> pd.DataFrame:
    """Give hires without a manager the one whom most people of their unit and region have."""
    lacks = (people["kind"] == KINDS[2]) & people["manager_id"].isna()
    there = people[people["manager_id"].notna() & (people["kind"] == KINDS[0])]
    for keys in (["role", "unit", "region"], ["unit", "region"], ["region"], ["unit"]):
        most = (there.dropna(subset=keys).groupby([*keys, "manager_id"]).size()
                .rename("size").reset_index())  # fmt: skip
        most = most.sort_values(["size", "manager_id"], ascending=[False, True])
        most = most.drop_duplicates(keys).drop(columns="size")
        near = people[keys].merge(most, on=keys, how="left")["manager_id"]
        people["manager_id"] = people["manager_id"].where(
            ~lacks | people["manager_id"].notna(), near.to_numpy()
        )
    return people


def _quotas(
    people: pd.DataFrame, settings: CapacitySettings, pay_plans: pd.DataFrame | None,
    as_of: pd.Timestamp, found: list[dict[str, object]],
) -> None:  # fmt: skip
    """Give every carrier a full yearly quota: own, of the pay plan, of the role, else unknown."""
    for rep, quota in _rows(people[people["quota"] < 0], "rep_id", "quota"):
        found.append(finding("reps", rep, "quota", f"{quota:g}",
                             "a quota below zero is not used"))  # fmt: skip
    own = people["quota"].where(people["quota"] > 0)
    bosses = set(people["manager_id"].dropna())
    plans = _plan_quotas(pay_plans, as_of)
    planned = people["role"].map(plans).astype("float64")
    if settings.quota_roles:
        carries = people["role"].isin(settings.quota_roles)
    elif own.notna().any():
        carries = people["role"].isin(set(people.loc[own.notna(), "role"])) | own.notna()
    else:
        alone = ~people["rep_id"].isin(bosses)
        carries = alone & (planned.notna() if planned[alone].notna().any() else True)
    usual = own.groupby([people["role"], people["unit"].fillna("")]).transform("median")
    by_role = own.groupby(people["role"]).transform("median")
    people["quota_amount"] = (
        own.fillna(usual).fillna(planned).fillna(by_role).where(carries).astype("float64")
    )
    people["quota_source"] = np.select(
        [~carries, own.notna(), usual.notna(), planned.notna(), by_role.notna()],
        ["none", "own", "role in unit", "pay plan", "role"], "unknown",
    )  # fmt: skip
    people["has_quota"] = carries.astype(bool)
    lacks = carries & own.isna() & (people["kind"] != KINDS[2]) & bool(own.notna().any())
    for rep, source in _rows(people[lacks], "rep_id", "quota_source"):
        found.append(finding("reps", rep, "quota", None,
                             f"no quota of its own; taken from: {source}"))  # fmt: skip


def _plan_quotas(pay_plans: pd.DataFrame | None, as_of: pd.Timestamp) -> dict[str, float]:
    if pay_plans is None or "quota" not in pay_plans:
        return {}
    known = pay_plans[(pay_plans["effective_from"] <= as_of) & (pay_plans["quota"] > 0)]
    last = known.sort_values(["role", "effective_from"]).drop_duplicates("role", keep="last")
    return dict(zip(last["role"].astype(str), last["quota"].astype(float), strict=True))


def _rows(frame: pd.DataFrame, *columns: str) -> Iterable[tuple]:  # type: ignore[type-arg]
    return zip(*(frame[name] for name in columns), strict=True)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, values)))
