"""What the structure is built from: tables as they come, and the people by kind of work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.settings.team_structure import CHOSEN, TeamStructureSettings

NO_REGION = "no region"
NO_ROLE = "no role"


@dataclass(frozen=True, kw_only=True)
class StructureInputs:
    """
    Tables of the workbook, each None where it is missing.

    Parameters
    ----------
    reps
        Required; the others improve the answer.
    accounts, segments, opportunities, opportunity_lines, products, splits, leads, activities,
    pay_plans, targets, support_requests
        As their contracts say; ``segments`` is that of step 02.
    """

    reps: pd.DataFrame
    accounts: pd.DataFrame | None = None
    segments: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None
    opportunity_lines: pd.DataFrame | None = None
    products: pd.DataFrame | None = None
    splits: pd.DataFrame | None = None
    leads: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    pay_plans: pd.DataFrame | None = None
    targets: pd.DataFrame | None = None
    support_requests: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Roster:
    """
    Everyone by kind of work.

    Parameters
    ----------
    people
        Every row of reps: ``rep_id``, ``role``, ``kind``, ``region``, ``unit``,
        ``capacity_hours``, ``skills``, ``latitude``, ``longitude``, ``is_here`` (in post on the
        as-of date), ``is_post`` (in post, or an open post), ``is_open``.
    findings
        What is wrong with the rows, by topic.
    """

    people: pd.DataFrame = field(repr=False)
    findings: list[tuple[str, str]]

    @property
    def kind_of(self) -> pd.Series:
        """Kind of work by ``rep_id``."""
        return self.people.set_index("rep_id")["kind"]


def column(frame: pd.DataFrame, name: str, dtype: str = "object") -> pd.Series:
    """Give a column of a table, all NA where the table lacks it."""
    if name in frame.columns:
        return frame[name]
    return pd.Series(pd.NA, index=frame.index, dtype=dtype)


def words(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column of words without blanks around; blank where there is none."""
    return column(frame, name).astype("str").fillna("").str.strip().replace({"<NA>": "", "nan": ""})


def flags(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column of truths, NA taken as false."""
    return column(frame, name).astype("boolean").fillna(False).astype(bool)


def numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column of numbers, NA where there is none."""
    return pd.to_numeric(column(frame, name), errors="coerce").astype("float64")


def days(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column of dates."""
    return pd.to_datetime(column(frame, name), errors="coerce")


def gather_people(reps: pd.DataFrame, settings: TeamStructureSettings, as_of: date) -> Roster:
    """
    Say who does which kind of work, and who is here.

    Parameters
    ----------
    reps
        Table ``reps``.
    settings
        Section ``team_structure``; the first rule that fits a rep gives the kind.
    as_of
        Day on which somebody must be hired and not have left to be here.

    Returns
    -------
    Roster
        A rep without role or with a role that no rule knows is of kind ``other`` and named.
    """
    day = pd.Timestamp(as_of)
    role, unit, level = words(reps, "role"), words(reps, "unit"), words(reps, "level")
    kind = pd.Series("", index=reps.index, dtype="object")
    for rule in settings.rules:
        fits = _among(role, rule.roles) & (kind == "")
        for values, allowed in ((unit, rule.units), (level, rule.levels)):
            if allowed:
                fits &= _among(values, allowed)
        kind = kind.mask(fits, rule.kind)
    hired, left = days(reps, "hire_date"), days(reps, "leave_date")
    is_open = flags(reps, "is_open_seat")
    here = ~is_open & ~(hired > day) & ~(left <= day)
    hours = numbers(reps, "capacity_hours")
    people = pd.DataFrame({
        "rep_id": reps["rep_id"].astype("str"), "role": role.mask(role == "", NO_ROLE),
        "kind": kind.mask(kind == "", "other").astype("str"),
        "region": words(reps, "region").replace({"": NO_REGION}), "unit": unit,
        "capacity_hours": hours.where(hours > 0), "skills": words(reps, "skills"),
        "latitude": numbers(reps, "latitude"), "longitude": numbers(reps, "longitude"),
        "hire_date": hired, "leave_date": left,
        "is_here": here, "is_open": is_open, "is_post": here | (is_open & ~(left <= day)),
    }).sort_values("rep_id", kind="stable", ignore_index=True)  # fmt: skip
    double = people["rep_id"].duplicated()
    return Roster(people=people[~double].reset_index(drop=True), findings=_wrong(people, double))


def _among(values: pd.Series, allowed: tuple[str, ...]) -> pd.Series:
    return values.str.casefold().isin([word.casefold() for word in allowed])


def _wrong(people: pd.DataFrame, double: pd.Series) -> list[tuple[str, str]]:
    posts = people[people["is_post"]]
    nameless = posts[posts["role"] == NO_ROLE]
    strange = posts[(posts["kind"] == "other") & (posts["role"] != NO_ROLE)]
    placeless = posts[(posts["region"] == NO_REGION) & posts["kind"].isin(CHOSEN)]
    idle = posts[posts["capacity_hours"].isna() & posts["kind"].isin(CHOSEN)]
    found = [
        ("rep named twice", people[double],
         "only the first row of each counts"),
        ("rep without role", nameless,
         "kind of work not known: not planned; fill in role in the reps table"),
        ("unknown role", strange,
         "no rule says what kind of work it is: not planned; add it to "
         "team_structure.role_rules"),
        ("rep without region", placeless, "not planned; fill in region in the reps table"),
        ("rep without capacity hours", idle,
         "counts with the mean of the kind; fill in capacity_hours in the reps table"),
    ]  # fmt: skip
    return [(topic, f"{_ids(rows)}: {what}") for topic, rows, what in found if len(rows)]


def _ids(rows: pd.DataFrame, most: int = 8) -> str:
    """Name the reps, with their role where it says more."""
    names = [
        rep if role == NO_ROLE else f"{rep} ({role})"
        for rep, role in zip(rows["rep_id"], rows["role"], strict=True)
    ]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
