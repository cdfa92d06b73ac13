"""Teams in the whole model: seats, parts by week, and the hours that they take."""

from __future__ import annotations

from typing import Any

import numpy as np

from planlib.support.team import Placed, Team


class TeamModel:
    """
    Variables and constraints of teams in a CP-SAT model.

    Parameters
    ----------
    model
        The model; variables and constraints are added to it.
    teams
        Requests for several experts.
    hints
        Where each of them is placed in the plan to start with; None: not served.
    periods
        Number of periods.
    """

    def __init__(
        self,
        model: Any,
        teams: tuple[Team, ...],
        hints: tuple[Placed | None, ...],
        periods: int,
    ) -> None:
        self.teams, self.periods = teams, periods
        self.served = [model.new_bool_var("") for _ in teams]
        self.seats: list[dict[tuple[int, int], Any]] = []
        self.weeks: list[dict[int, Any]] = []
        #: Minutes that teams take of an expert in a period: lists of (minutes, parts).
        self.load: dict[tuple[int, int], list[tuple[int, Any]]] = {}
        for number, (team, hint) in enumerate(zip(teams, hints, strict=True)):
            model.add_hint(self.served[number], int(hint is not None))
            self._add(model, number, team, hint)

    def _add(self, model: Any, number: int, team: Team, hint: Placed | None) -> None:
        served = self.served[number]
        span = range(team.first, team.last + 1)
        weeks = {period: model.new_int_var(0, team.parts, "") for period in span}
        model.add(sum(weeks.values()) == team.parts * served)
        for period, parts in weeks.items():
            model.add_hint(parts, 0 if hint is None else int(hint.weeks[period]))
        seats = {(seat, one): model.new_bool_var("") for seat, one in _pairs(team)}
        for (seat, one), literal in seats.items():
            model.add_hint(literal, int(hint is not None and hint.experts[seat] == one))
        for seat in range(len(team.skills)):
            model.add(sum(seats[pair] for pair in seats if pair[0] == seat) == served)
        for one in {expert for _, expert in seats}:
            mine = [literal for (_, expert), literal in seats.items() if expert == one]
            model.add_at_most_one(mine)
            if one in team.must:
                model.add(sum(mine) == 1)
        for (seat, one), literal in seats.items():
            for period, parts in weeks.items():
                own = model.new_int_var(0, team.parts, "")
                model.add(own >= parts - team.parts * (1 - literal))
                pair = (int(team.minutes[seat, one]), own)
                self.load.setdefault((one, period), []).append(pair)
        self.seats.append(seats)
        self.weeks.append(weeks)

    def minutes(self, expert: int, start: int, end: int) -> Any:
        """Give the minutes that teams take of an expert in a span of periods; 0: none can."""
        return sum(
            part * own
            for period in range(start, end + 1)
            for part, own in self.load.get((expert, period), [])
        )

    def small_minutes(self) -> Any:
        """Give the minutes that teams of small accounts take in all; 0: there are none."""
        return sum(
            team.parts * int(team.minutes[pair]) * literal
            for team, seats in zip(self.teams, self.seats, strict=True)
            if team.small
            for pair, literal in seats.items()
        )

    def placed(self, solver: Any) -> tuple[Placed | None, ...]:
        """Read who serves each team, and when, from a solved model."""
        found: list[Placed | None] = []
        for number in range(len(self.teams)):
            if not solver.boolean_value(self.served[number]):
                found.append(None)
                continue
            chosen = sorted(p for p, literal in self.seats[number].items()
                            if solver.boolean_value(literal))  # fmt: skip
            weeks = np.zeros(self.periods, dtype=np.int64)
            for period, parts in self.weeks[number].items():
                weeks[period] = solver.value(parts)
            found.append(Placed(experts=tuple(one for _, one in chosen), weeks=weeks))
        return tuple(found)


def _pairs(team: Team) -> list[tuple[int, int]]:
    return [(int(seat), int(one)) for seat, one in np.argwhere(team.eligible)]
