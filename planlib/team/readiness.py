"""
Readiness for the next rung: criteria met beyond noise, by the same test as the ranking's tiers.

A criterion is met when the raw value reaches the minimum and the probability that the true value
does, after shrinkage to peers of the rung, is at least ``team_people.ready_confidence``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.ranking.shrink import Floats
from planlib.ranking.tiers import TierRule, beyond, guarded_moves
from planlib.settings.team_people import Criterion, TeamPeopleSettings
from planlib.team.measures import MEASURES, MeasureInputs, person_sums, shrink_people, units_of
from planlib.team.staff import Staff

_LEAST_PEERS = 4


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """
    What is known of people on the rungs.

    Parameters
    ----------
    criteria
        The criteria of each rung in words, by ladder and order.
    people
        One row per ladder and person on a rung with criteria that could be computed: ``ladder``,
        ``rep_id``, ``is_ready``, ``probability`` (that every criterion is truly reached, as if
        they were independent).
    details
        One row per person and criterion in the shape of ``ladder_people``.
    missing
        Criteria that could not be computed, in words.
    """

    criteria: dict[tuple[str, int], str]
    people: pd.DataFrame = field(repr=False)
    details: pd.DataFrame = field(repr=False)
    missing: tuple[str, ...] = ()


def judge_readiness(staff: Staff, inputs: MeasureInputs, settings: TeamPeopleSettings) -> Readiness:
    """
    Judge who meets the criteria of a rung, and how surely.

    Parameters
    ----------
    staff
        People.
    inputs
        Tables behind the criteria.
    settings
        Ladders and the confidence asked for. Peers are the people of the rung; with fewer than
        four, all people of the role.

    Returns
    -------
    Readiness
        Rows on single people are for counting; only with ``individual_rows`` are they published.
    """
    here = staff.here
    months = (staff.as_of - here["grade_date"]).dt.days / (365.25 / 12)
    here = here.assign(grade_months=months)
    criteria: dict[tuple[str, int], str] = {}
    details: list[pd.DataFrame] = []
    missing: list[str] = []
    for ladder in settings.ladders:
        for order, rung in enumerate(ladder.rungs, start=1):
            role = rung.role or ladder.role
            criteria[ladder.role, order] = "; ".join(
                f"{one.metric.replace('_', ' ')} at least {_number(one.minimum)} "
                f"({one.window_months} months)" for one in rung.criteria
            )  # fmt: skip
            on = (here["role"] == role) & (here["level"] == rung.level)
            if not rung.criteria or not on.any():
                continue
            peers = here[on] if on.sum() >= _LEAST_PEERS else here[here["role"] == role]
            parts = []
            for one in rung.criteria:
                part = _judge(one, peers.reset_index(drop=True), staff, inputs, settings)
                if part is None:
                    missing.append(f"{role} {rung.level}: {one.metric}")
                else:
                    mine = part["rep_id"].isin(here.loc[on, "rep_id"])
                    parts.append(part[mine].assign(ladder=ladder.role, level=rung.level))
            if len(parts) == len(rung.criteria):
                details += parts
    rows = pd.concat(details, ignore_index=True) if details else pd.DataFrame()
    return Readiness(criteria=criteria, people=_together(rows), details=rows,
                     missing=tuple(missing))  # fmt: skip


def _judge(
    one: Criterion, peers: pd.DataFrame, staff: Staff, inputs: MeasureInputs,
    settings: TeamPeopleSettings,
) -> pd.DataFrame | None:  # fmt: skip
    if one.metric not in MEASURES:
        return None
    units = units_of(one.metric, inputs)
    if units is None:
        return None
    first = staff.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=one.window_months)
    sums = person_sums(units, peers, first, staff.as_of)
    raw, posterior, common = shrink_people(one.metric, sums, settings.spread_floor)
    if not common > 0:
        return None
    mean, variance = posterior.moments
    rule = TierRule(up=one.minimum / common, down=-1.0, confidence=settings.ready_confidence)
    sure: Floats = beyond(mean, variance, rule)[0]
    known = np.isfinite(raw)
    ratio = np.where(known, raw / common, -np.inf)
    reached = guarded_moves(ratio, mean, variance, rule) > 0
    return pd.DataFrame({
        "rep_id": peers["rep_id"], "metric": f"{one.metric} over {one.window_months} months",
        "grade_months": peers["grade_months"], "value": raw, "value_shrunk": mean * common,
        "minimum": one.minimum, "reached_probability": sure, "is_ready": reached & known,
    })  # fmt: skip


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame(columns=["ladder", "rep_id", "is_ready", "probability"])
    by = rows.groupby(["ladder", "rep_id"])
    return pd.DataFrame({
        "is_ready": by["is_ready"].all(), "probability": by["reached_probability"].prod(),
    }).reset_index()  # fmt: skip


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"
