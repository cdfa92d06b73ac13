"""Requests for several experts: their seats, what running ones take, and why none can be had."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.support.decided import MINUTES, SEMICOLON, Decided, finding, words, worthless
from planlib.support.market import Market, used
from planlib.support.team import Team
from planlib.support.teams import place_team, take_team

Seat = tuple[str, float]


def with_seats(requests: pd.DataFrame) -> pd.DataFrame:
    """
    Give the seats of requests for several experts, and their hours together.

    Returns
    -------
    DataFrame
        The requests with ``seats`` (skill and hours of each expert; empty: one expert),
        ``expert_count``, and ``hours`` of all seats.
    """
    if "seats" in requests:
        return requests
    rows = requests.copy()
    for name in ("expert_count", "also_hours", "also_skills", "also_expert_ids"):
        if name not in rows:
            rows[name] = None
    count = pd.to_numeric(rows["expert_count"]).fillna(1).astype("int64").clip(lower=1)
    more = pd.to_numeric(rows["also_hours"]).astype("float64").fillna(rows["hours"])
    seats: list[tuple[Seat, ...]] = []
    for skill, hours, number, also, other in zip(
        rows["skill"], rows["hours"], count, rows["also_skills"], more, strict=True
    ):
        further = [] if pd.isna(also) else [one.strip() for one in str(also).split("|")]
        named = "" if pd.isna(skill) else str(skill).strip()
        mine = [(named, float(hours))] * number + [(one, float(other)) for one in further if one]
        seats.append(tuple(mine) if len(mine) > 1 else ())
    rows["seats"] = pd.Series(seats, index=rows.index, dtype="object")
    rows["expert_count"] = [max(len(one), 1) for one in seats]
    together = rows["seats"].map(lambda one: sum(hours for _, hours in one) if one else np.nan)
    is_team = rows["seats"].map(len) > 0
    rows["hours"] = rows["hours"].astype("float64").mask(is_team, together.astype("float64"))
    return rows


def split_running(
    requests: pd.DataFrame, findings: list[dict[str, object]]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """
    Give running requests for several experts one row for each of them.

    Returns
    -------
    tuple of DataFrame and dict
        The requests, and the request of each row that was added.
    """
    rows = with_seats(requests)
    is_split = (rows["status"] == "running") & (rows["seats"].map(len) > 0)
    if not is_split.any():
        return rows, {}
    lines, added = [], {}
    for row in rows[is_split].to_dict("records"):
        name, seats = str(row["request_id"]), row["seats"]
        also = "" if pd.isna(row["also_expert_ids"]) else str(row["also_expert_ids"])
        named = [row["expert_id"], *(one.strip() for one in SEMICOLON.split(also) if one.strip())]
        people = list(dict.fromkeys(one for one in named if pd.notna(one)))
        if len(people) < len(seats):
            findings.append(
                finding("support_requests", name, "also_expert_ids", row["also_expert_ids"],
                        f"is running and needs {len(seats)} experts, but names {len(people)}: "
                        "only these take hours",
                        check="running work names fewer experts than it needs: only these take "
                        "hours")
            )  # fmt: skip
        for at, (skill, hours) in enumerate(seats[: max(len(people), 1)]):
            own = name if at == 0 else f"{name} ({at + 1})"
            lines.append({**row, "request_id": own, "skill": skill, "hours": hours, "seats": (),
                          "expert_id": people[at] if people else None})  # fmt: skip
            if at:
                added[own] = name
    parts = [rows[~is_split], pd.DataFrame(lines).astype(rows.dtypes.to_dict())]
    return pd.concat([one for one in parts if len(one)], ignore_index=True), added


def join_running(
    plan: pd.DataFrame, hours: pd.DataFrame, added: dict[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the rows of ``split_running`` together again, in the plan and in the hours."""
    if not added:
        return plan, hours
    plan = plan.copy()
    own = plan["request_id"].map(added)
    for name, rows in plan[own.notna()].groupby(own[own.notna()]):
        at = plan.index[plan["request_id"] == name][0]
        every = [at, *rows.index]
        for column in ("hours", "planned_hours"):
            plan.at[at, column] = plan.loc[every, column].sum()
        served = rows.sort_values("request_id")["expert_id"].dropna()
        plan.at[at, "also_expert_ids"] = "; ".join(served)
    plan = plan[own.isna()].reset_index(drop=True)
    return plan, hours.assign(request_id=hours["request_id"].replace(added))


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """
    What teams are made from.

    Parameters
    ----------
    experts
        Experts with known hours.
    first, last
        (requests,) periods of the window.
    here
        (requests, experts) 1 at home, 0 elsewhere, -1 not allowed.
    decided
        What people decided.
    travel_share
        Hours beyond those at home.
    """

    experts: pd.DataFrame
    first: np.ndarray
    last: np.ndarray
    here: np.ndarray
    decided: Decided
    travel_share: float


def add_teams(
    rows: pd.DataFrame, asked: Asked, market: Market, findings: list[dict[str, object]]
) -> tuple[pd.DataFrame, Market]:
    """
    Put open requests for several experts into a market, and say why some cannot be served.

    Returns
    -------
    tuple of DataFrame and Market
        The requests with ``reason_kind`` and ``reason`` of those, and the market with teams; one
        that nobody can serve stays in it, so that one more expert can be tried.
    """
    kind, text = rows["reason_kind"].copy(), rows["reason"].copy()
    teams: list[Team] = []
    is_team = (rows["seats"].map(len) > 0) & (kind == "")
    slack = used(market, market.fixed)
    for place in np.flatnonzero(is_team.to_numpy()).tolist():
        team = _set_by_people(_team(rows, place, asked), rows, asked, findings)
        kind.iat[place], text.iat[place] = _why_not(team, market, rows)
        if kind.iat[place]:
            team = replace(team, must=())
        elif team.must:
            where = place_team(team, slack)
            if where is None:
                findings.append(_no_effect(rows, team, asked, "has no hours for it"))
                team = replace(team, must=())
            else:
                take_team(slack, team, where)
        teams.append(team)
    return rows.assign(reason_kind=kind, reason=text), replace(market, teams=tuple(teams))


def teams_beyond(rows: pd.DataFrame, asked: Asked, market: Market) -> tuple[Team, ...]:
    """
    Give the requests for several experts that lack people, and are in no market.

    Nobody has the skill, nobody with it may work there, or people ruled out everybody who has it.
    """
    known = [team.place for team in market.teams]
    lacks = lacks_people(rows) & (rows["seats"].map(len) > 0)
    places = [one for one in np.flatnonzero(lacks.to_numpy()).tolist() if one not in known]
    return tuple(_team(rows, place, asked) for place in places)


def lacks_people(rows: pd.DataFrame) -> pd.Series:
    """Tell which requests are refused for lack of people, whatever their hours."""
    kind = rows["reason_kind"]
    return kind.isin(["no skill", "no place"]) | ((kind == "by a person") & ~rows["is_refused"])


def _team(rows: pd.DataFrame, place: int, asked: Asked) -> Team:
    seats: tuple[Seat, ...] = rows["seats"].to_numpy()[place]
    here, gain = asked.here[place], float(rows["gain_amount"].to_numpy()[place])
    may = (here >= 0) & ~asked.decided.forbidden[place]
    asks, has = words(pd.Series([skill for skill, _ in seats])), words(asked.experts["skills"])
    parts = max(int(np.ceil(max(hours for _, hours in seats) - 1e-9)), 1)
    factor = np.where(here == 1, 1.0, 1.0 + asked.travel_share)
    each = np.array([hours for _, hours in seats])[:, None] * factor[None] * MINUTES / parts
    able = [[bool(ask) and ask <= mine for mine in has] for ask in asks]
    return Team(
        place=place,
        gain=int(np.rint(gain * 100)) if gain > 0 else 0,
        parts=parts,
        first=int(asked.first[place]),
        last=int(asked.last[place]),
        skills=tuple(skill for skill, _ in seats),
        minutes=np.ceil(each - 1e-6).astype(np.int64),
        eligible=np.array(able, dtype=bool).reshape(len(seats), len(has)) & may,
        small=bool(rows["is_small"].to_numpy()[place]),
    )


def _set_by_people(
    team: Team, rows: pd.DataFrame, asked: Asked, findings: list[dict[str, object]]
) -> Team:
    """Add the experts whom people have set; those who fit no seat are findings."""
    musts = asked.decided.musts[team.place]
    able = {one for one in musts if team.eligible[:, one].any()}
    for one in sorted(musts - able):
        stranger = replace(team, must=(one,))
        findings.append(_no_effect(rows, stranger, asked, "fits none of its places"))
    return replace(team, must=tuple(sorted(able)))


def _no_effect(rows: pd.DataFrame, team: Team, asked: Asked, why: str) -> dict[str, object]:
    names = ", ".join(str(asked.experts["expert_id"].iat[one]) for one in team.must)
    request = str(rows["request_id"].iat[team.place])
    text = f"{names} should serve it, but {why}, so the decision has no effect"
    return finding("support_requests", request, "expert_id", names, text,
                   check="a person set an expert who cannot join the others: no "
                   "effect")  # fmt: skip


def _why_not(team: Team, market: Market, rows: pd.DataFrame) -> tuple[str, str]:
    """Give kind and words of the reason why a team cannot be served even alone; blank: it can."""
    lacking = [skill for skill, able in zip(team.skills, team.eligible, strict=True)
               if not able.any()]  # fmt: skip
    if lacking:
        return "no skill", f"no expert who may work there has the skill {lacking[0]}"
    count = _filled(team)
    if count < len(team.skills):
        return "no skill", (
            f"needs {len(team.skills)} experts at the same time; those with the skills fill "
            f"{count} of these places"
        )
    if team.gain <= 0 and not team.must:
        at = rows.iloc[team.place]
        return worthless(float(at["gain_amount"]), float(at["margin_amount"]))
    if place_team(replace(team, must=()), used(market, market.fixed)) is None:
        from planlib.support.exact import places_alone

        if not places_alone(market, replace(team, must=())):
            return "no hours in window", (
                f"needs {len(team.skills)} experts with hours in the same weeks of its window; "
                "there are none, leave and running work taken off"
            )
    return "", ""


def _filled(team: Team) -> int:
    """Give the most seats that different experts can fill."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    match = maximum_bipartite_matching(csr_matrix(team.eligible), perm_type="column")
    return int((match >= 0).sum())
