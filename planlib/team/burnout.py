"""Strain in teams and processes: indicators against limits and the team's own past, risk bands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planlib.disclosure import OTHER, publishable
from planlib.notes import percent
from planlib.settings.team_people import IndicatorName, IndicatorRule, TeamPeopleSettings
from planlib.team.experience import ratio_of_cases
from planlib.team.grouping import ALL
from planlib.team.indicator_words import INDICATORS
from planlib.team.multiplicity import adjust
from planlib.team.process import Parts
from planlib.team.staff import Staff

_NOW_ONLY = ("overdue_share", "time_in_grade")  # known on the as-of date alone
_Z90 = 1.645


@dataclass(frozen=True)
class Value:
    """A ratio of sums with its variance, its denominator and the people behind it."""

    value: float
    variance: float
    count: float
    people: int


class Cells:
    """
    Parts of one indicator as plain arrays, ready for many sums.

    Parameters
    ----------
    rows
        From ``indicators.gather_parts``: ``rep_id``, ``month_date``, ``upper``, ``lower``.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self._person, self._names = pd.factorize(rows["rep_id"], sort=True)
        self._month = rows["month_date"].to_numpy(dtype="datetime64[us]")
        self._upper = rows["upper"].to_numpy(dtype=float)
        self._lower = rows["lower"].to_numpy(dtype=float)

    def value(
        self, people: Collection[str], first: pd.Timestamp, until: pd.Timestamp | None = None,
        *, others: bool = False,
    ) -> Value:  # fmt: skip
        """Give the ratio of some people (or all others) from a month until before another."""
        mine = np.array([(name in people) != others for name in self._names], dtype=bool)
        inside = mine[self._person] & (self._month >= first.to_datetime64())
        if until is not None:
            inside &= self._month < until.to_datetime64()
        upper, lower = self._upper[inside], self._lower[inside]
        seen = self._person[inside][(upper > 0) | (lower > 0)]
        value, variance = ratio_of_cases(upper, lower)
        return Value(value, variance, float(lower.sum()), len(np.unique(seen)))


def team_members(staff: Staff, settings: TeamPeopleSettings) -> pd.DataFrame:
    """
    Give the teams that may be shown, with their present members.

    Returns
    -------
    DataFrame
        ``team_by``, ``team``, ``rep_id``: who is there on the as-of date, by what makes a team in
        ``burnout_by``. Small teams are merged as everywhere.
    """
    here = staff.here
    cuts = list(settings.burnout_by)
    shown = publishable(here.assign(all=ALL), ["all", *cuts], settings.minimum_group)
    found = [
        here[["rep_id"]].assign(team_by=cut, team=here[cut].map(shown[cut]))
        for cut in cuts
        if not shown[cut].empty
    ]
    names = ["team_by", "team", "rep_id"]
    return pd.concat(found, ignore_index=True)[names] if found else pd.DataFrame(columns=names)


def measure_strain(
    parts: Parts, members: pd.DataFrame, staff: Staff, settings: TeamPeopleSettings
) -> pd.DataFrame:
    """
    Compute every indicator of every team, against its limits and the team's own past.

    Parameters
    ----------
    parts
        From ``indicators.gather_parts``.
    members
        From ``team_members``.
    staff
        For the as-of date.
    settings
        Months compared, limits, smallest group, what counts as noise.

    Returns
    -------
    DataFrame
        Rows of ``burnout_indicators``. An alert needs a value beyond the limit and beyond noise
        (months of people are the cases), and beyond chance too when all cells of the way of making
        teams are looked at together: its adjusted p-value is at most ``false_alert_share``. An
        indicator with data of fewer people than ``minimum_group`` is left blank. With a limit
        against peers, what is bad among all others too is no alert of the team; with too few others
        it stays open.
    """
    rows = []
    recent = staff.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=settings.recent_months)
    past = recent - pd.DateOffset(months=settings.past_months)
    cells = {name: Cells(rows) for name, (_, rows) in parts.items()}
    for (team_by, team), group in members.groupby(["team_by", "team"], sort=True):
        for name, rule in settings.indicators.items():
            row: dict[str, Any] = {
                "team_by": team_by, "team": team, "indicator": name, "people_count": len(group),
                "level_limit": rule.level, "change_limit": rule.change,
                "peers_limit": rule.peers,
            }  # fmt: skip
            if name not in parts:
                rows.append({**row, "status": "not known",
                             "reason": f"needs {INDICATORS[name].needs}"})  # fmt: skip
                continue
            method, people = parts[name][0], set(group["rep_id"])
            now = cells[name].value(people, recent)
            before = None if name in _NOW_ONLY else cells[name].value(people, past, recent)
            if now.people < settings.minimum_group:
                rows.append({
                    **row, "status": "too few people" if now.people else "not known",
                    "reason": f"data of {'too few' if now.people else 'no'} people of the team",
                    "method": method,
                })  # fmt: skip
                continue
            if before is not None and before.people < settings.minimum_group:
                before = None
            others = None if rule.peers is None else cells[name].value(people, recent, others=True)
            if others is not None and others.people < settings.minimum_group:
                others = None
            judged = _judge(name, rule, now, before=before, others=others, z=settings.noise_z)
            rows.append({**row, **judged, "method": method})  # fmt: skip
    return _among_all(pd.DataFrame(rows), settings.false_alert_share)


def _among_all(cells: pd.DataFrame, most_false: float) -> pd.DataFrame:
    """
    Take back alerts that chance alone gives when so many cells are looked at.

    Each way of making teams is a family of its own, for all of them cut the same people.
    """
    if cells.empty or "p" not in cells:
        return cells
    by = cells.groupby("team_by")["p"]
    p_adjusted = by.transform(lambda one: pd.Series(adjust(one), index=one.index))
    counted = by.transform("count").astype(int).astype("str")
    is_chance = cells["status"].eq("alert") & (p_adjusted > most_false)
    said = cells["reason"] + "; but within noise when all " + counted
    said += " cells of this cut are looked at together"
    return cells.assign(
        p_adjusted=p_adjusted, status=cells["status"].mask(is_chance, "within limits"),
        reason=cells["reason"].mask(is_chance, said),
    ).drop(columns="p")  # fmt: skip


def band_teams(indicators: pd.DataFrame, settings: TeamPeopleSettings) -> pd.DataFrame:
    """
    Give the risk band of each team from its alerts, with the reasons.

    Returns
    -------
    DataFrame
        Rows of ``burnout_bands``, most alerts first.
    """
    rows = []
    if indicators.empty:
        return pd.DataFrame()
    for (team_by, team), group in indicators.groupby(["team_by", "team"], sort=True):
        known = int(group["status"].isin(["alert", "within limits"]).sum())
        alerts = group[group["status"] == "alert"]
        count = len(alerts)
        band = "unknown" if not known else "low"
        if count >= settings.high_alerts:
            band = "high"
        elif count >= settings.watch_alerts:
            band = "watch"
        said = "; ".join(
            f"{INDICATORS[name].title.lower()}: {reason}"
            for name, reason in zip(alerts["indicator"], alerts["reason"], strict=True)
        )
        none = "no indicator could be computed" if not known else "no indicator beyond its limit"
        rows.append({
            "team_by": team_by, "team": team, "people_count": int(group["people_count"].iloc[0]),
            "band": band, "alerts_count": count, "known_count": known, "reasons": said or none,
        })  # fmt: skip
    found = pd.DataFrame(rows).assign(is_rest=lambda rows: rows["team"] == OTHER)
    found = found.sort_values(
        ["alerts_count", "is_rest", "team_by", "team"], ascending=[False, True, True, True],
        ignore_index=True,
    )  # fmt: skip
    return found.drop(columns="is_rest")


def follow_remedies(
    remedies: pd.DataFrame | None, parts: Parts, members: pd.DataFrame, staff: Staff,
    settings: TeamPeopleSettings,
) -> pd.DataFrame:  # fmt: skip
    """
    Compare the indicator of each remedy before and after its start, beside everybody else.

    Parameters
    ----------
    remedies
        Decisions of kind ``team_remedies`` in force.
    parts, members, staff, settings
        As for ``measure_strain``; a team that is not shown is not measured either.

    Returns
    -------
    DataFrame
        Rows of ``team_remedies``. It is a comparison in time, not an experiment; the change of
        all others in the same months stands beside it.
    """
    if remedies is None or remedies.empty:
        return pd.DataFrame()
    rows = []
    for row in remedies.sort_values(["start_date", "decision_id"]).to_dict("records"):
        team = ALL if pd.isna(row["team"]) else str(row["team"])
        kept = {name: row[name] for name in ("decision_id", "indicator", "remedy", "start_date",
                                             "owner")}  # fmt: skip
        rows.append(
            {
                **kept,
                "team": team,
                **_follow(row, team, parts, members, staff=staff, settings=settings),
            }
        )
    return pd.DataFrame(rows)


def _follow(
    row: dict[Any, Any], team: str, parts: Parts, members: pd.DataFrame, *, staff: Staff,
    settings: TeamPeopleSettings,
) -> dict[str, Any]:  # fmt: skip
    if row["indicator"] not in parts or row["indicator"] in _NOW_ONLY:
        return {"finding": "the indicator is not known by month"}
    own = set(members.loc[members["team"] == team, "rep_id"])
    own = set(staff.here["rep_id"]) if team == ALL else own
    if len(own) < settings.minimum_group:
        return {"finding": "the team is not among those shown: nothing is computed for it"}
    start = row["start_date"].to_period("M").start_time
    end = staff.as_of.to_period("M").start_time
    months = min((end.year - start.year) * 12 + end.month - start.month, settings.past_months)
    if months < 1:
        return {"finding": "too early: the first whole month is not over"}
    first = start + pd.DateOffset(months=1)
    until, back = first + pd.DateOffset(months=months), start - pd.DateOffset(months=months)
    cells = Cells(parts[row["indicator"]][1])
    before, after = cells.value(own, back, start), cells.value(own, first, until)
    if min(before.people, after.people) < settings.minimum_group:
        return {"finding": "data of too few people before or after"}
    change = after.value - before.value
    half = _Z90 * float(np.sqrt(before.variance + after.variance))
    found: dict[str, Any] = {
        "before": before.value, "after": after.value, "change": change, "low": change - half,
        "high": change + half,
    }  # fmt: skip
    others = [cells.value(own, *span, others=True) for span in ((back, start), (first, until))]
    if min(one.people for one in others) >= settings.minimum_group:
        found["others_change"] = others[1].value - others[0].value
    sign = -1 if INDICATORS[row["indicator"]].is_bad_high else 1
    if sign * change - half > 0:
        text = "better, beyond noise"
    elif sign * change + half < 0:
        text = "worse, beyond noise"
    else:
        text = "no change beyond noise"
    return {**found, "finding": f"{text}; {months} months before and after, not an experiment"}


def _judge(
    name: IndicatorName, rule: IndicatorRule, now: Value, *, before: Value | None,
    others: Value | None, z: float,
) -> dict[str, Any]:  # fmt: skip
    found: dict[str, Any] = {"value": now.value, "count": now.count}
    if np.isnan(now.value):
        return {**found, "status": "not known", "reason": "nothing to divide by"}
    sign = 1.0 if INDICATORS[name].is_bad_high else -1.0
    words = ("above", "higher") if sign > 0 else ("below", "lower")
    checks: list[tuple[bool, str]] = []
    chances: list[float] = []  # of each comparison by chance alone
    if rule.level is not None:
        beyond = sign * (now.value - rule.level)
        noise = float(np.sqrt(np.nan_to_num(now.variance)))
        sure = beyond > z * noise
        chances.append(_chance(beyond / noise) if noise > 0 else float(beyond <= 0))
        text = f"{_said(name, now.value)}, {words[0]} the limit of {_said(name, rule.level)}"
        checks.append((beyond > 0 and sure, text))
    if before is not None and before.value > 0:
        change, errors = _against(now, before)
        found |= {"past_value": before.value, "past_count": before.count, "change_share": change,
                  "change_z": errors}  # fmt: skip
        if rule.change is not None:
            worse = sign * change >= rule.change and sign * errors >= z
            chances.append(_chance(sign * errors))
            text = f"{percent(abs(change))} {words[1]} than in the months before"
            checks.append((worse, text))
    if rule.peers is not None and others is not None and others.value > 0:
        change, errors = _against(now, others)
        found["others_value"] = others.value
        worse = sign * change >= rule.peers and sign * errors >= z
        chances.append(_chance(sign * errors))
        checks.append((worse, f"{percent(abs(change))} {words[1]} than among all others"))
    if not checks:
        return {**found, "status": "not known", "reason": "no past of the team to compare with"}
    found["p"] = max(chances)  # all limits must be broken: the weakest comparison counts
    failed = [text for is_failed, text in checks if is_failed]
    wanted = sum(one is not None for one in (rule.level, rule.change, rule.peers))
    if failed and len(failed) == wanted:
        return {**found, "status": "alert", "reason": " and ".join(failed)}
    if failed and rule.peers is not None and "others_value" not in found:
        reason = f"{' and '.join(failed)}, but too few others to compare with"
        return {**found, "status": "not known", "reason": reason}
    return {**found, "status": "within limits", "reason": "within its limits, or within noise"}


def _against(now: Value, other: Value) -> tuple[float, float]:
    """Give the difference as a share of the other value, and in standard errors."""
    noise = float(np.sqrt(now.variance + other.variance))
    errors = (now.value - other.value) / noise if noise > 0 else float("nan")
    return now.value / other.value - 1, errors


def _chance(errors: float) -> float:
    """Give the chance of so many standard errors on the bad side, or more; 1 where not known."""
    from scipy.special import ndtr

    return 1.0 if np.isnan(errors) else float(ndtr(-errors))


def _said(name: IndicatorName, value: float) -> str:
    return percent(value) if INDICATORS[name].unit == "share" else f"{value:,.1f}"
