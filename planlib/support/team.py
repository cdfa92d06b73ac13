"""A request for several experts together, and where it is placed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Team:
    """
    A request for several experts, one on each seat, who work in the same weeks.

    Its work is cut into equal parts. A week in which a part of it is done takes that part of every
    expert, so all of them have the same share of their hours in each week.

    Parameters
    ----------
    place
        Row of the request.
    gain
        Cents that serving it is worth.
    parts
        Number of parts of the work.
    first, last
        Periods of the window, both included.
    skills
        Skill of each seat.
    minutes
        (seats, experts) int64, minutes that one part takes of the expert, with the way.
    eligible
        (seats, experts) bool: who may have the seat.
    must
        Experts who have to be among those who serve it: set by a person, who wants it served.
    small
        Counts for the minimum service of small accounts.
    """

    place: int
    gain: int
    parts: int
    first: int
    last: int
    skills: tuple[str, ...]
    minutes: np.ndarray
    eligible: np.ndarray
    must: tuple[int, ...] = ()
    small: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Placed:
    """Experts of a team by seat, and the parts that are done in each period."""

    experts: tuple[int, ...]
    weeks: np.ndarray

    def minutes(self, team: Team) -> list[int]:
        """Give the minutes that all parts take of each expert."""
        return [team.parts * int(team.minutes[seat, one]) for seat, one in enumerate(self.experts)]

    def keeps(self, team: Team) -> bool:
        """Tell whether different experts who may fill the seats, in the window and in full."""
        seats = enumerate(self.experts)
        return (
            len(set(self.experts)) == len(team.skills)
            and all(team.eligible[seat, one] for seat, one in seats)
            and set(team.must) <= set(self.experts)
            and int(self.weeks.sum()) == team.parts
            and not self.weeks[: team.first].any()
            and not self.weeks[team.last + 1 :].any()
            and bool((self.weeks >= 0).all())
        )
