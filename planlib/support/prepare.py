"""From requests and experts to a market: who could serve whom, and who cannot be planned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.pipeline.presales import BEFORE
from planlib.settings.support import SupportSettings
from planlib.support.decided import (
    MINUTES,
    NO_GO,
    NO_MARGIN,
    NO_RISE,
    REFUSED,
    Decided,
    finding,
    keep,
    read_decisions,
    words,
    worthless,
)
from planlib.support.grid import Grid, expert_minutes, make_grid
from planlib.support.market import Market, Slack
from planlib.support.seats import Asked, add_teams, teams_beyond, with_seats
from planlib.support.team import Team
from planlib.support.team_search import least_service
from planlib.tables import table
from planlib.workdays import WorkCalendar

#: Why a request before a deal cannot be weighed against others.
UNRATED = (
    "asked for before there is a deal, and the request names no margin: it waits in the order of "
    "its day"
)
#: What a request has to say, by its column.
_WORDS = {
    "hours": "hours",
    "needed_from": "first day",
    "needed_to": "last day",
    "skill": "skill",
    "margin_amount": "margin",
    "p_with": "probability with support",
    "p_without": "probability without support",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """
    What can be planned, and what cannot.

    Parameters
    ----------
    requests
        All open and running requests in the order of their ids, with ``gain_amount``,
        ``is_small``, ``reason_kind`` and ``reason`` (blank: in the market), ``lock``,
        ``is_refused`` (by a person).
    experts
        Experts with known hours, in the order of their ids.
    grid, market
        Periods, and the market of the rows ``place`` of ``requests``.
    place
        (requests of the market,) row in ``requests``.
    could
        (requests, experts) int64, minutes where skill, place and people allow it, whatever the
        hours; -1 elsewhere.
    usual
        (periods,) int64, minutes of an expert with the usual (median) hours a week and no leave.
    beyond
        Teams that lack somebody with the skill who may work there: not in the market, but one more
        expert could complete them.
    findings
        Rows of the input that could not be used as they are: table, row_id, column, value,
        finding.
    """

    requests: pd.DataFrame
    experts: pd.DataFrame
    grid: Grid
    market: Market
    place: np.ndarray
    could: np.ndarray
    usual: np.ndarray
    beyond: tuple[Team, ...] = ()
    findings: list[dict[str, object]] = field(default_factory=list)

    @property
    def every_place(self) -> np.ndarray:
        """Give the row of each request of the market, then of each team."""
        places = [team.place for team in self.market.teams]
        every: np.ndarray = np.r_[self.place, np.array(places, dtype=np.int64)]
        return every


def prepare(
    requests: pd.DataFrame,
    experts: pd.DataFrame,
    settings: SupportSettings,
    as_of: date,
    *,
    leave: pd.DataFrame | None = None,
    locks: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    stopped: Collection[str] = (),
) -> Prepared:
    """
    Put requests against experts; parameters as ``allocate`` takes them.

    A request that cannot be planned keeps its row with the reason.
    """
    findings: list[dict[str, object]] = []
    rows = rate(with_seats(requests), settings)
    people = known_experts(experts, findings)
    grid = make_grid(as_of, _last_day(rows), settings)
    away = _leave(leave, people, findings)
    room = expert_minutes(people, away, grid, calendar or WorkCalendar())
    usual = expert_minutes(_usual(people), away.iloc[:0], grid, calendar or WorkCalendar())[0]
    first, last = grid.span(
        rows["needed_from"].fillna(pd.Timestamp(as_of)), rows["needed_to"].fillna(pd.Timestamp(0))
    )
    skill, here = _skills(rows, people), _places(rows, people, settings)
    minutes = _need(rows, skill, here, settings)
    decided = read_decisions(rows, people, locks, findings)
    lost = (rows["status"] == "running") & (decided.held < 0)
    rows["status"] = rows["status"].mask(lost, "open")
    rows = _reasons(rows, last, skill, skill & (here >= 0), (stopped, decided))
    rows = rows.assign(lock=decided.words, is_refused=decided.refused)
    eligible = skill & (here >= 0) & ~decided.forbidden
    is_team = (rows["seats"].map(len) > 0).to_numpy(dtype=bool)
    fixed = np.where((rows["reason_kind"] == "") & ~is_team, decided.held, -1)
    minutes, fixed = keep(rows, people, (first, last), (minutes, fixed, room), findings)
    eligible[fixed >= 0] = False
    eligible[np.flatnonzero(fixed >= 0), fixed[fixed >= 0]] = True
    could = np.where(eligible, minutes, -1)
    rows, eligible = _hours(rows, (first, last), (minutes, fixed, room), eligible)
    place = np.flatnonzero((rows["reason_kind"] == "").to_numpy() & ~is_team)
    gain = rows["gain_amount"].fillna(0.0).to_numpy() * 100
    running = (rows["status"] == "running").to_numpy()
    market = Market(
        gain=np.where(running, 0, np.rint(gain).clip(min=0)).astype(np.int64)[place],
        minutes=minutes[place],
        eligible=eligible[place],
        first=first[place],
        last=last[place],
        room=room,
        small=rows["is_small"].to_numpy(dtype=bool)[place],
        least_small=0,
        fixed=fixed[place],
    )
    asked = Asked(experts=people, first=first, last=last, here=here, decided=decided,
                  travel_share=settings.travel_share)  # fmt: skip
    rows, market = add_teams(rows, asked, market, findings)
    possible = tuple(team for team in market.teams if not rows["reason_kind"].iat[team.place])
    floor = least_service(replace(market, teams=possible), settings.small_share)
    market = replace(market, least_small=floor)
    return Prepared(
        requests=rows, experts=people, grid=grid, market=market, place=place,
        could=could, usual=usual, beyond=teams_beyond(rows, asked, market), findings=findings,
    )  # fmt: skip


def rate(requests: pd.DataFrame, settings: SupportSettings) -> pd.DataFrame:
    """
    Give what serving each request is worth, in the order of the ids.

    Returns
    -------
    DataFrame
        The requests with ``gain_amount`` = margin x (p with - p without) x strategic factor (to
        the cent; blank where a part is not known; never above 0 with a margin that is not),
        ``gain_per_hour``, ``rank`` (who needs no hours first) and ``is_small``.
    """
    rows = requests.sort_values("request_id", ignore_index=True)
    gain = rows["margin_amount"] * (rows["p_with"] - rows["p_without"]) * rows["strategic_factor"]
    gain = gain.mask(rows["margin_amount"] <= 0, gain.clip(upper=0.0))  # to lose a loss is no gain
    per_hour = gain / rows["hours"].where(rows["hours"] > 0)
    ranked = per_hour.mask(rows["hours"] == 0, np.inf).where(gain > 0)
    order = (-ranked).rank(method="first").astype("Int64")
    key = rows["is_key"].fillna(False).astype(bool)
    margin = rows["margin_amount"]
    limit = settings.small_margin
    if limit is None:
        others = margin[~key].dropna()
        limit = float(others.quantile(1 / 3)) if len(others) else 0.0
    return rows.assign(
        gain_amount=gain.round(2),
        gain_per_hour=per_hour.round(2),
        rank=order,
        is_small=(~key & (margin <= limit)).fillna(False).astype(bool),
    )


def known_experts(experts: pd.DataFrame, findings: list[dict[str, object]]) -> pd.DataFrame:
    """Give the experts with hours a week by id; add the others to the findings."""
    contract = table("experts")
    rows = contract.coerce(experts[[name for name in experts if name in contract.by_name]])
    rows = rows.sort_values("expert_id", ignore_index=True)
    known = (rows["hours_per_week"] > 0).fillna(False)
    findings += [
        finding("experts", one, "hours_per_week", None, "no hours a week: cannot be planned")
        for one in rows.loc[~known, "expert_id"]
    ]
    return rows[known].reset_index(drop=True)


def _usual(people: pd.DataFrame) -> pd.DataFrame:
    """Give one more expert with the usual hours a week; 40 where nobody is known."""
    hours = float(people["hours_per_week"].median()) if len(people) else 40.0
    one = {"expert_id": "", "hours_per_week": hours, "available_from": None, "available_to": None}
    return pd.DataFrame([one])


def _leave(
    leave: pd.DataFrame | None, people: pd.DataFrame, findings: list[dict[str, object]]
) -> pd.DataFrame:
    contract = table("expert_leave")
    if leave is None or leave.empty:
        return contract.empty()
    rows = contract.coerce(leave[[name for name in leave if name in contract.by_name]])
    turned = rows["end_date"] < rows["start_date"]
    strange = ~rows["expert_id"].isin(people["expert_id"])
    for is_bad, column, text in (
        (turned, "end_date", "ends before it starts: left out"),
        (strange & ~turned, "expert_id", "no expert with known hours has this id: left out"),
    ):
        findings += [
            finding("expert_leave", str(row["expert_id"]), column, row[column], text)
            for row in rows[is_bad].to_dict("records")
        ]
    return rows[~turned & ~strange]


def _last_day(rows: pd.DataFrame) -> date | None:
    last = rows["needed_to"].max()
    return None if pd.isna(last) else last.date()


def _skills(rows: pd.DataFrame, people: pd.DataFrame) -> np.ndarray:
    """Tell who has every skill that a request names."""
    has, asks = words(people["skills"]), words(rows["skill"])
    found = np.array([[bool(one) and one <= mine for mine in has] for one in asks], dtype=bool)
    return found.reshape(len(rows), len(people))


def _places(rows: pd.DataFrame, people: pd.DataFrame, settings: SupportSettings) -> np.ndarray:
    """Give 1 at home or where a place is not known, 0 elsewhere, -1 where that is not allowed."""
    away = -1 if settings.place_rule == "same_province" else 0
    found = np.ones((len(rows), len(people)), dtype=np.int64)
    if settings.place_rule == "anywhere":
        return found
    for place, one in enumerate(rows["province"]):
        for other, mine in enumerate(people["province"]):
            if pd.notna(one) and pd.notna(mine) and not _same(str(one), str(mine)):
                found[place, other] = away
    return found


def _same(one: str, other: str) -> bool:
    """Tell whether two names mean one province; with and without its ending, such as 省."""
    one, other = one.strip().casefold(), other.strip().casefold()
    return one.startswith(other) or other.startswith(one)


def _need(
    rows: pd.DataFrame, skill: np.ndarray, here: np.ndarray, settings: SupportSettings
) -> np.ndarray:
    hours = rows["hours"].fillna(0.0).to_numpy()[:, None]
    factor = np.where(here == 1, 1.0, 1.0 + settings.travel_share)
    return np.ceil(hours * factor * MINUTES - 1e-6).astype(np.int64) * np.ones_like(
        skill, dtype=np.int64
    )


def _reasons(
    rows: pd.DataFrame,
    last: np.ndarray,
    skill: np.ndarray,
    placed: np.ndarray,
    decided: tuple[Collection[str], Decided],
) -> pd.DataFrame:
    """Give why a request cannot be planned, the first reason that holds; blank: it can."""
    stopped, people = decided
    held = people.held >= 0
    kind = pd.Series("", index=rows.index, dtype="str")
    text = kind.copy()
    missing = rows[["hours", "needed_from", "needed_to", "skill"]].isna()
    names = _named(missing)
    allowed = (placed & ~people.forbidden).any(axis=1)
    parts = rows[["margin_amount", "p_with", "p_without"]].isna()
    unknown = _named(parts)
    gain = rows["gain_amount"]
    checks: list[tuple[Any, str, Any]] = [
        (rows["project_id"].isin(list(stopped)), "no go", NO_GO),
        (people.refused, "by a person", REFUSED),
        (missing.any(axis=1), "no hours given", "not given: " + names),
        (last < 0, "window over",
         "its window is over, ends before it begins, or lies beyond the months that are planned"),
        (~held & rows["margin_amount"].isna() & rows["origin"].eq(BEFORE), "not rated", UNRATED),
        (~held & gain.isna(), "not rated", "not known: " + unknown),
        (~held & (rows["margin_amount"] <= 0), "no gain", NO_MARGIN),
        (~held & (gain <= 0), "no gain", NO_RISE),
        (~held & ~skill.any(axis=1), "no skill",
         "no expert with known hours has the skill " + rows["skill"].fillna("")),
        (~held & ~placed.any(axis=1), "no place",
         "nobody with the skill works in " + rows["province"].fillna("")),
        (~held & ~allowed, "by a person", "people ruled out everybody who has the skill"),
    ]  # fmt: skip
    for holds, name, told in checks:
        new = (kind == "") & pd.Series(np.asarray(holds, dtype=bool), index=rows.index)
        kind = kind.mask(new, name)
        text = text.mask(new, told)
    return rows.assign(reason_kind=kind, reason=text)


def _named(holds: pd.DataFrame) -> pd.Series:
    """Give by row what holds, in words."""
    names = np.array([_WORDS[name] for name in holds.columns])
    words = [", ".join(names[row]) for row in holds.to_numpy(dtype=bool)]
    return pd.Series(words, index=holds.index, dtype="str")


def _hours(
    rows: pd.DataFrame,
    spans: tuple[np.ndarray, np.ndarray],
    parts: tuple[np.ndarray, np.ndarray, np.ndarray],
    eligible: np.ndarray,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rule out pairs for which the expert has too few hours even without the other requests."""
    (first, last), (minutes, fixed, room) = spans, parts
    slack = Slack(room)
    for place in np.flatnonzero(fixed >= 0).tolist():
        expert = int(fixed[place])
        slack.take(expert, int(first[place]), int(last[place]), int(minutes[place, expert]))
    kind, text = rows["reason_kind"].copy(), rows["reason"].copy()
    eligible = eligible.copy()
    gain, margin = (rows[name].to_numpy() for name in ("gain_amount", "margin_amount"))
    single = (rows["seats"].map(len) == 0).to_numpy(dtype=bool)
    for place in np.flatnonzero((kind == "").to_numpy() & (fixed < 0) & single).tolist():
        if not gain[place] > 0:
            kind.iat[place], text.iat[place] = worthless(gain[place], margin[place])
            continue
        able = np.flatnonzero(eligible[place])
        left = slack.rooms(able, int(first[place]), int(last[place]))
        enough = left >= minutes[place, able]
        if not len(able):
            kind.iat[place], text.iat[place] = "no skill", "nobody who may has the skill"
            continue
        eligible[place, able[~enough]] = False
        if not enough.any():
            near = int(np.argmin(minutes[place, able] - left))
            kind.iat[place] = "no hours in window"
            text.iat[place] = (
                f"needs {minutes[place, able[near]] / MINUTES:g} hours, the way included, of the "
                "expert with the skill who comes closest, and who has "
                f"{max(int(left[near]), 0) / MINUTES:g} in its window, leave and running work "
                "taken off"
            )
    return rows.assign(reason_kind=kind, reason=text), eligible
