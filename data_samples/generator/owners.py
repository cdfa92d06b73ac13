"""Who owned which account from when: land grabs, hand-overs, accounts that leavers keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import day, fresh
from data_samples.generator.crew import Person
from data_samples.generator.places import distance_km, find_city

Timeline = list[tuple[int, int]]
_START = day("2023-01-02")


def own_accounts(
    seed: int, accounts: pd.DataFrame, crew: Sequence[Person], as_of: int
) -> list[Timeline]:
    """
    Give the owners of each account over time.

    Parameters
    ----------
    seed
        Seed of all draws.
    accounts
        ``region``, ``true_unit``, ``latitude``, ``longitude``, ``true_potential``.
    crew
        Sales people; only AEs own accounts.
    as_of
        Last day of the data.

    Returns
    -------
    list of Timeline
        Per account, pairs of first day and place of the owner in ``crew``, in order of time. The
        owner of an account that nobody owns any more has the place -1.
    """
    rng = fresh(seed, "owners")
    grab = np.exp(rng.normal(0, 0.55, len(crew)))
    lines: list[Timeline] = []
    towns = [find_city(one.country, one.city) for one in crew]
    spots = np.array([[town.latitude, town.longitude] for town in towns])
    for row in accounts.itertuples():
        chosen = _nearest(rng, row, crew, grab, spots)
        lines.append([(_START, chosen)])
    owned = {
        place: [number for number, line in enumerate(lines) if line[-1][1] == place]
        for place in range(len(crew))
    }
    events = [(one.leave, 0, place) for place, one in enumerate(crew) if one.leave is not None]
    events += [
        (one.hire, 1, place)
        for place, one in enumerate(crew)
        if one.role == "AE" and one.hire > _START and not one.is_open
    ]
    for when, kind, place in sorted(events):
        if kind == 0:
            _hand_over(rng, place, when, crew, lines, owned, grab, accounts)
        else:
            _start_new(rng, place, when, crew, lines, owned)
    for number in rng.choice(len(lines), len(lines) // 28, replace=False):
        if rng.random() < 0.8:
            lines[int(number)].append((int(rng.integers(_START + 200, as_of)), -1))
    return [sorted(line) for line in lines]


def _nearest(
    rng: np.random.Generator,
    row: object,
    crew: Sequence[Person],
    grab: np.ndarray,
    spots: np.ndarray,
) -> int:
    region, unit = row.region, row.true_unit  # type: ignore[attr-defined]
    fits = [
        place
        for place, one in enumerate(crew)
        if one.role == "AE"
        and one.region == region
        and not one.is_open
        and one.hire <= _START
        and (one.leave is None or one.leave > _START)
    ]
    if not fits:
        fits = [
            place
            for place, one in enumerate(crew)
            if one.role == "AE" and one.region == region and not one.is_open
        ]
    same = [place for place in fits if crew[place].unit == unit]
    near = {"Enterprise": "Commercial", "Commercial": "Enterprise"}.get(unit, "Commercial")
    pool = same or [place for place in fits if crew[place].unit == near] or fits
    far = distance_km((row.latitude, row.longitude), spots[pool])  # type: ignore[attr-defined]
    weight = grab[pool] * np.exp(-far / 900) + 0.01 * grab[pool]
    return int(pool[int(rng.choice(len(pool), p=weight / weight.sum()))])


def _hand_over(
    rng: np.random.Generator,
    place: int,
    when: int,
    crew: Sequence[Person],
    lines: list[Timeline],
    owned: dict[int, list[int]],
    grab: np.ndarray,
    accounts: pd.DataFrame,
) -> None:
    """One colleague gets most of a leaver's accounts at once; some stay with the leaver."""
    mine = owned[place]
    peers = [
        other
        for other, one in enumerate(crew)
        if other != place
        and one.role == "AE"
        and one.region == crew[place].region
        and one.here(when + 30)
    ]
    if not mine or not peers:
        return
    same = [other for other in peers if crew[other].unit == crew[place].unit] or peers
    main = int(rng.choice(same))
    kept = []
    for number in mine:
        draw = rng.random()
        if draw < 0.22:
            kept.append(number)
            continue
        heir = main if draw < 0.72 else int(rng.choice(peers))
        lines[number].append((when + int(rng.integers(1, 50)), heir))
        owned[heir].append(number)
    owned[place] = kept


def _start_new(
    rng: np.random.Generator,
    place: int,
    when: int,
    crew: Sequence[Person],
    lines: list[Timeline],
    owned: dict[int, list[int]],
) -> None:
    """Give a new colleague part of the fullest territories of the same region and unit."""
    me = crew[place]
    peers = [
        other
        for other, one in enumerate(crew)
        if other != place and one.role == "AE" and one.region == me.region and owned[other]
    ]
    same = [other for other in peers if crew[other].unit == me.unit] or peers
    for other in sorted(same, key=lambda one: -len(owned[one]))[:3]:
        part = 0.35 if crew[other].here(when) else 0.75
        moved = [number for number in owned[other] if rng.random() < part]
        for number in moved:
            lines[number].append((when + int(rng.integers(3, 30)), place))
        owned[place] += moved
        owned[other] = [number for number in owned[other] if number not in set(moved)]


def owner_at(line: Timeline, when: int) -> int:
    """Give the owner of an account on a day; -1 when nobody owns it."""
    owner = line[0][1]
    for start, who in line:
        if start <= when:
            owner = who
    return owner
