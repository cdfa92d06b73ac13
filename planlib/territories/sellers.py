"""The reps and open seats that may own accounts, with place, skills, capacity and ramp."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.findings import Problems
from planlib.territories.frames import dates, flags, numbers, unique, with_texts
from planlib.territories.places import distances_km, locate

_TEXTS = ("rep_id", "name", "role", "unit", "region", "country", "province", "city", "skills",
          "level", "manager_id")  # fmt: skip
_YEAR = 365


def sellers_of(
    reps: pd.DataFrame,
    seats: pd.DataFrame | None,
    settings: TerritoriesSettings,
    as_of: pd.Timestamp,
    problems: Problems,
) -> pd.DataFrame:
    """
    Give who may own accounts on a day, sorted by ``rep_id``, with places.

    Parameters
    ----------
    reps
        One row per ``rep_id``; people and, by ``is_open_seat``, posts that are not filled yet.
    seats
        More posts, with the columns of ``reps``; ``seat_id`` may stand for ``rep_id``.
    settings
        Roles, open seats and ramp.
    as_of
        People must have started, and not left; open seats may be filled later.
    problems
        Where findings go.

    Returns
    -------
    DataFrame
        Beside the columns of ``reps``: ``is_open_seat``, ``ramp`` (share of a full year's capacity
        in the year from ``as_of``), place and its precision. Without a role column, or where no
        role of the settings occurs, these are all reps who manage nobody; a finding says so.

    Raises
    ------
    TableError
        If ``rep_id`` is missing, blank or repeated.
    """
    sellers = with_texts(_people_and_seats(reps, seats, settings, problems), _TEXTS)
    sellers["name"] = sellers["name"].fillna(sellers["rep_id"])
    wanted = {role.strip().casefold() for role in settings.roles}
    has_role = sellers["role"].str.strip().str.casefold().isin(wanted)
    if not has_role.any() and len(sellers):
        has_role = ~sellers["rep_id"].isin(set(sellers["manager_id"].dropna()))
        found = ", ".join(sorted(set(sellers["role"].dropna()))) or "no roles"
        problems.add("setting", f"none of the roles {', '.join(settings.roles)} occurs in reps "
                     f"(found {found}); all reps who manage nobody take part")  # fmt: skip
    is_seat = sellers["is_open_seat"]
    started = ~(dates(sellers, "hire_date") > as_of) | is_seat
    here = started & ~(dates(sellers, "leave_date") <= as_of)
    here &= ~is_seat | settings.open_seats
    sellers = sellers[has_role & here].reset_index(drop=True)
    sellers["ramp"] = _ramp(sellers, settings, as_of)
    sellers["capacity_hours"] = numbers(sellers, "capacity_hours")
    places = locate("reps", sellers, "rep_id")
    for column in ("latitude", "longitude", "place_precision", "place_problem"):
        sellers[column] = places[column]
    for rep, what in zip(sellers["rep_id"], sellers["place_problem"], strict=True):
        if what and not what.startswith("no coordinates"):
            problems.add("place", what, rep_id=rep)
    return sellers.drop(columns="place_problem")


def _people_and_seats(
    reps: pd.DataFrame,
    seats: pd.DataFrame | None,
    settings: TerritoriesSettings,
    problems: Problems,
) -> pd.DataFrame:
    people = unique("reps", reps, "rep_id")
    people["is_open_seat"] = flags(people, "is_open_seat")
    if seats is None or seats.empty:
        return people.sort_values("rep_id", kind="stable").reset_index(drop=True)
    if "rep_id" not in seats and "seat_id" in seats:
        seats = seats.rename(columns={"seat_id": "rep_id"})
    posts = unique("seats", seats, "rep_id").assign(is_open_seat=True)
    if "role" not in posts:
        posts["role"] = settings.roles[0]
    known = posts["rep_id"].isin(people["rep_id"])
    for seat in sorted(posts.loc[known, "rep_id"]):
        problems.add("seat", "seat is in reps already; the row of reps counts", rep_id=seat)
    both = pd.concat([people, posts[~known]], ignore_index=True)
    both["is_open_seat"] = both["is_open_seat"].astype(bool)
    return both.sort_values("rep_id", kind="stable").reset_index(drop=True)


def _ramp(sellers: pd.DataFrame, settings: TerritoriesSettings, as_of: pd.Timestamp) -> np.ndarray:
    """Give the mean capacity over the coming year, as a share of that of an experienced rep."""
    start = (dates(sellers, "hire_date") - as_of).dt.days.to_numpy(dtype=float)
    seat = sellers["is_open_seat"].to_numpy(dtype=bool)
    start = np.where(np.isnan(start), -np.inf, start)
    start = np.where(seat & (start <= 0), float(settings.seat_fill_days), start)
    days = np.arange(_YEAR) + 0.5
    since = days[None, :] - start[:, None]
    grown = np.clip(since / max(settings.ramp_days, 1e-9), 0.0, 1.0)
    level = settings.ramp_start + (1 - settings.ramp_start) * grown
    return np.asarray(np.where(since >= 0, level, 0.0).mean(axis=1))


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
            if book["latitude"].notna().any():
                problems.add("place", "rep without a place; counted at the mean distance of the "
                             "others", rep_id=rep)  # fmt: skip
            continue
        mine = mine.iloc[:: max(1, len(mine) // 500)]
        north, east = (mine[column].to_numpy(float) for column in ("latitude", "longitude"))
        centre = int(distances_km(north, east, north, east).sum(axis=0).argmin())
        sellers.loc[row, ["latitude", "longitude"]] = [north[centre], east[centre]]
        sellers.loc[row, "place_precision"] = "own accounts"
        problems.add("place", "rep without a place; taken to be amid today's accounts", rep_id=rep)
    return sellers
