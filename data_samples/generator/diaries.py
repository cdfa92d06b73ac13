"""Diaries of the account executives: meetings of the last quarter and of the next two weeks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.write import write_csv

_AS_OF = pd.Timestamp("2026-03-31")
_FROM = pd.Timestamp("2026-01-05")
_UNTIL = pd.Timestamp("2026-04-14")
_ZONE = "America/New_York"  # of the plan
_A_DAY = 0.9  # meetings on a usual day
_STARTS = np.arange(9 * 60, 16 * 60 + 1, 30)  # minutes of the rep's own day
_FULL = ((9 * 60, 120), (11 * 60, 90), (13 * 60, 120), (15 * 60, 60))  # a day of workshops
#: First day and days of the weeks full of meetings, and the units that have them.
_CLUSTERS = (("2026-01-12", 3, ("Enterprise",)), ("2026-02-09", 2, ("Enterprise", "Corporate")),
             ("2026-03-23", 4, ("Enterprise", "Mid-Market", "Small Business")))  # fmt: skip
_MEET = 0.3  # leads with an answer that get a meeting
_MISSED = {"No answer": 0.55, "Disqualified": 0.2, "Converted": 0.0}


def add_diaries(folder: Path, seed: int) -> None:
    """
    Write table ``meetings``.

    Parameters
    ----------
    folder
        The workbook, whose reps and leads are written already.
    seed
        Seed of the sample; the draws have a stream of their own.
    """
    inputs = folder / "inputs"
    reps = pd.read_csv(inputs / "reps.csv", dtype="str")
    leads = pd.read_csv(inputs / "leads.csv", dtype="str")
    rng = fresh(seed, "diaries")
    sellers = reps[(reps["role"] == "AE") & (reps["is_open_seat"] != "true")].sort_values("rep_id")
    rows: list[tuple[object, ...]] = []
    for one in sellers.to_dict("records"):
        rows += _diary(rng, one)
    rows += _first_talks(rng, leads, sellers)
    found = pd.DataFrame(rows, columns=["rep_id", "start_at", "end_at", "lead_id", "outcome"])
    found = found.sort_values(["start_at", "rep_id", "end_at"], ignore_index=True)
    for name in ("start_at", "end_at"):
        found[name] = found[name].dt.strftime("%Y-%m-%d %H:%M")
    write_csv(inputs, "meetings", found, is_text=True)


def _diary(rng: np.random.Generator, rep: dict[str, str]) -> list[tuple[object, ...]]:
    """Give the usual meetings of a rep, and days full of them."""
    rows: list[tuple[object, ...]] = []
    busy = {
        day
        for first, days, units in _CLUSTERS
        if rep["unit"] in units and rng.random() < 0.6
        for day in pd.bdate_range(first, periods=days)
    }
    for day in pd.bdate_range(_FROM, _UNTIL):
        if day in busy:
            rows += [_meeting(rng, rep, day, start, length) for start, length in _FULL]
            continue
        starts = rng.choice(_STARTS, min(4, int(rng.poisson(_A_DAY))), replace=False)
        rows += [_meeting(rng, rep, day, int(start), 30 if rng.random() < 0.5 else 60)
                 for start in sorted(starts)]  # fmt: skip
    return rows


def _meeting(
    rng: np.random.Generator, rep: dict[str, str], day: pd.Timestamp, start: int, length: int,
    lead: tuple[str | None, float] = (None, 0.0),
) -> tuple[object, ...]:  # fmt: skip
    """Give one meeting in the plan's time zone; local times of the rep are whole half hours."""
    local = (day + pd.Timedelta(minutes=start)).tz_localize(rep["time_zone"])
    begin = local.tz_convert(_ZONE).tz_localize(None)
    end = begin + pd.Timedelta(minutes=length)
    chance = rng.random()
    outcome = "no_show" if lead[0] and chance < lead[1] else "held"
    if chance > 0.95:
        outcome = "cancelled"
    return rep["rep_id"], begin, end, lead[0], outcome if day <= _AS_OF else None


def _first_talks(
    rng: np.random.Generator, leads: pd.DataFrame, sellers: pd.DataFrame
) -> list[tuple[object, ...]]:
    """Give first meetings with leads of the quarter; some stay away."""
    created = pd.to_datetime(leads["created_at"], format="%Y-%m-%d %H:%M", errors="coerce")
    asked = leads[(created >= _FROM) & leads["first_response_at"].notna()]
    people = {region: rows.to_dict("records") for region, rows in sellers.groupby("country")}
    everyone = sellers.to_dict("records")
    rows = []
    for one, when in zip(asked.to_dict("records"), created[asked.index], strict=True):
        if rng.random() > _MEET:
            continue
        near = people.get(one["country"], everyone)
        rep = near[int(rng.integers(len(near)))]
        day = when.normalize() + pd.offsets.BDay(int(rng.integers(2, 8)))
        missed = _MISSED.get(str(one["status"]), 0.1)
        if day <= _UNTIL:
            rows.append(_meeting(rng, rep, day, int(rng.choice(_STARTS)), 30,
                                 (one["lead_id"], missed)))  # fmt: skip
    return rows
