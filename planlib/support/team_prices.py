"""Teams in the relaxed plan: a team served in part takes the same part of every seat each week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.support.team import Team


@dataclass(frozen=True, kw_only=True, eq=False)
class TeamParts:
    """
    Variables and rows of teams, numbered from 0.

    Parameters
    ----------
    gain
        (variables,) cents of the whole variable; on the first seat of a team alone.
    number
        (variables,) team, where the variable belongs to its first seat; -1: another seat.
    expert, period, minutes
        (variables,) where hours are taken, and how many by all of the team's work.
    small
        (variables,) whether they count for the minimum service of small accounts.
    row, variable, factor
        Entries of the matrix.
    low, high
        (rows,) limits.
    """

    gain: np.ndarray
    number: np.ndarray
    expert: np.ndarray
    period: np.ndarray
    minutes: np.ndarray
    small: np.ndarray
    row: np.ndarray
    variable: np.ndarray
    factor: np.ndarray
    low: np.ndarray
    high: np.ndarray


def team_parts(teams: tuple[Team, ...], room: np.ndarray) -> TeamParts:
    """
    Give the variables and rows of teams: each serves one part of a seat by an expert in a period.

    A team is served once at most; in each period all seats are served in the same part; and no
    expert fills more than one seat.
    """
    variables: list[tuple[float, int, int, int, int, bool]] = []
    entries: list[tuple[int, int, float]] = []
    low: list[float] = []
    for number, team in enumerate(teams):
        once, span = len(low), team.last - team.first + 1
        low.append(-np.inf)
        same = len(low)
        low += [0.0] * (span * (len(team.skills) - 1))
        twice = np.flatnonzero(team.eligible.sum(axis=0) > 1)
        both = {int(one): len(low) + at for at, one in enumerate(twice)}
        low += [-np.inf] * len(both)
        for seat, expert in np.argwhere(team.eligible).tolist():
            for period in range(team.first, team.last + 1):
                if room[expert, period] <= 0:
                    continue
                own, step = len(variables), period - team.first
                minutes = team.parts * int(team.minutes[seat, expert])
                first = seat == 0
                variables.append((team.gain if first else 0.0, number if first else -1, expert,
                                  period, minutes, team.small))  # fmt: skip
                if first:
                    entries.append((once, own, 1.0))
                    entries += [(same + span * other + step, own, 1.0)
                                for other in range(len(team.skills) - 1)]  # fmt: skip
                else:
                    entries.append((same + span * (seat - 1) + step, own, -1.0))
                if expert in both:
                    entries.append((both[expert], own, 1.0))
    gain, number_of, expert_of, period_of, need, small = (
        np.array(variables, dtype="float64").reshape(-1, 6).T
    )
    row, variable, factor = np.array(entries, dtype="float64").reshape(-1, 3).T
    least = np.array(low)
    return TeamParts(
        gain=gain, number=number_of.astype(int), expert=expert_of.astype(int),
        period=period_of.astype(int), minutes=need, small=small.astype(bool), row=row.astype(int),
        variable=variable.astype(int), factor=factor, low=least,
        high=np.where(least == 0.0, 0.0, 1.0),
    )  # fmt: skip
