"""Scarce experts to the requests that are worth most: the plan, its reasons and its worth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.presales import BEFORE
from planlib.settings.support import SupportSettings
from planlib.support.decided import (
    NO_GO,
    NO_MARGIN,
    NO_RISE,
    REFUSED,
    one_spelling,
    read_decisions,
)
from planlib.support.exact import Found, search
from planlib.support.loads import expert_load, find_conflicts, schedule, skill_load
from planlib.support.market import Market
from planlib.support.prepare import UNRATED, known_experts, prepare, rate
from planlib.support.prices import Prices, price
from planlib.support.refusals import explain
from planlib.support.seats import join_running, split_running, with_seats
from planlib.support.team_search import baseline
from planlib.support.worth import breakpoints, least_gain, skill_values
from planlib.tables import Table, require_columns, table
from planlib.workdays import WorkCalendar

#: Columns of ``requests`` that ``allocate`` needs; a blank value is allowed in all but the first.
NEEDED = ("request_id", "skill", "hours", "needed_from", "needed_to", "margin_amount",
          "p_without", "p_with")  # fmt: skip
_OPTIONAL = {"project_id": None, "opportunity_id": None, "account_id": None, "name": None,
             "support_line": None, "province": None, "strategic_factor": 1.0, "is_key": False,
             "status": None, "expert_id": None, "requested_date": None, "answered_date": None,
             "probability_basis": None, "expert_count": None, "also_skills": None,
             "also_hours": None, "also_expert_ids": None, "origin": None,
             "requested_by": None}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """
    Who is served by whom, why, and what that is worth.

    Parameters
    ----------
    plan, schedule, load, skill_load, values, conflicts
        Tables ``support_plan``, ``support_schedule``, ``support_load``, ``support_skill_load``,
        ``support_values``, ``support_conflicts``.
    gain_amount
        Gain of the requests served, without those that are running already.
    greedy_amount
        Gain of the readable baseline (gain per hour), never above ``gain_amount``.
    bound_amount
        No plan is worth more than this.
    is_best
        Whether it is proven that no plan is worth more.
    floor_hours, floor_amount
        Hours that small accounts get at least, and the gain that this costs: planned anew without
        it where the plan is proven best, else by the price of the hours.
    findings
        Input that could not be used as it is: table, row_id, column, value, finding.
    queue_reason
        Why there is a ranked queue instead of a plan; blank: there is a plan.
    """

    plan: pd.DataFrame
    schedule: pd.DataFrame
    load: pd.DataFrame
    skill_load: pd.DataFrame
    values: pd.DataFrame
    conflicts: pd.DataFrame
    gain_amount: float = 0.0
    greedy_amount: float = 0.0
    bound_amount: float = 0.0
    is_best: bool = True
    floor_hours: float = 0.0
    floor_amount: float = 0.0
    findings: list[dict[str, object]] = field(default_factory=list)
    queue_reason: str = ""

    @property
    def gap_share(self) -> float:
        """Share of the bound by which a better plan could be better at most."""
        return 0.0 if self.bound_amount <= 0 else 1 - self.gain_amount / self.bound_amount


def allocate(
    requests: pd.DataFrame,
    experts: pd.DataFrame | None,
    settings: SupportSettings,
    *,
    as_of: date,
    leave: pd.DataFrame | None = None,
    locks: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    stopped: Collection[str] = (),
) -> Allocation:
    """
    Give scarce experts to the requests that gain most from them.

    The gain of a request is ``margin_amount x (p_with - p_without) x strategic_factor``. The plan
    with the largest sum is sought in which each request served has one expert who has the skill,
    may work there, and has the hours in its window beside those of the others, without leave and
    holidays; small accounts get their minimum; what people set stays set. A request for several
    experts has all of them, each the same share of the hours in each week, or none; all their
    hours count for the minimum of small accounts.

    Parameters
    ----------
    requests
        ``request_id``, ``skill``, ``hours``, ``needed_from``, ``needed_to``, ``margin_amount``,
        ``p_without``, ``p_with``; where known ``project_id``, ``opportunity_id``, ``account_id``,
        ``name``, ``support_line``, ``province``, ``strategic_factor`` (blank: 1), ``is_key``,
        ``status`` (open or running), ``expert_id`` (who serves what is running),
        ``requested_date``, ``answered_date``, ``probability_basis``. A request that needs several
        experts in the same weeks names ``expert_count`` (of the skill) or ``also_skills`` (of
        further ones, parted by |), ``also_hours`` (blank: those of the first) and, when it is
        running, ``also_expert_ids``.
    experts
        Table ``experts``; None, or nobody with hours a week: a ranked queue instead of a plan.
    settings
        Section ``support`` of plan.yaml.
    as_of
        Planned from the Monday after this day.
    leave
        Table ``expert_leave``.
    locks
        Decisions of kind ``support_locks`` in force.
    calendar
        Working days; None: Monday to Friday.
    stopped
        Projects with a no-go: their requests are refused.

    Raises
    ------
    TableError
        If a needed column is missing or a ``request_id`` is blank or repeats.
    """
    rows = _shaped(requests, settings, as_of, calendar)
    no_hours: list[dict[str, object]] = []
    if experts is None or known_experts(experts, no_hours).empty:
        missing = experts is None or experts.empty
        why = "table experts is missing or empty" if missing else "no expert has hours a week"
        return _queue(rows, settings, why, no_hours, (stopped, locks))
    findings: list[dict[str, object]] = []
    rows, experts = one_spelling(rows, experts)
    rows, added = split_running(rows, findings)
    ready = prepare(rows, experts, settings, as_of, leave=leave, locks=locks, calendar=calendar,
                    stopped=stopped)  # fmt: skip
    prices = price(ready.market)
    found = search(
        ready.market, prices, whole_requests=settings.whole_requests, effort=settings.effort
    )
    limits, basis = least_gain(ready.market, prices, found, settings)
    edge = breakpoints(ready, limits)
    names = ready.requests["request_id"].iloc[ready.every_place]
    plan = explain(ready, found)
    plan["change_below"] = plan["request_id"].map(dict(zip(names, edge, strict=True)))
    plan["change_basis"] = pd.Series(basis, index=plan.index).where(
        plan["change_below"].notna(), None
    )
    plan, hours = join_running(plan, schedule(ready, found), added)
    load = expert_load(ready, hours)
    return Allocation(
        plan=_table("support_plan", plan),
        schedule=_table("support_schedule", hours),
        load=_table("support_load", load),
        skill_load=_table("support_skill_load", skill_load(load, hours)),
        values=_table("support_values", skill_values(ready, prices, found, settings)),
        conflicts=_table("support_conflicts", find_conflicts(ready, found, added)),
        gain_amount=ready.market.worth(found.plan, found.placed) / 100,
        greedy_amount=ready.market.worth(*baseline(ready.market)) / 100,
        bound_amount=found.bound / 100,
        is_best=found.is_best,
        floor_hours=ready.market.least_small / 60,
        floor_amount=_floor_cost(ready.market, found, prices, settings),
        findings=[*findings, *ready.findings],
    )


def _floor_cost(market: Market, found: Found, prices: Prices, settings: SupportSettings) -> float:
    """Give the gain that the plan would have beyond, without the minimum of small accounts."""
    if not (found.is_best and market.least_small and market.requests <= settings.whole_requests):
        return round(prices.small * market.least_small / 100, 2)
    free = market.without_floor()
    other = search(free, price(free), whole_requests=free.requests, effort=settings.effort)
    more = free.worth(other.plan, other.placed) - market.worth(found.plan, found.placed)
    return max(more, 0) / 100


def _shaped(
    requests: pd.DataFrame, settings: SupportSettings, as_of: date, calendar: WorkCalendar | None
) -> pd.DataFrame:
    """Check and complete the requests; leave out those that are over."""
    require_columns("requests", requests, NEEDED)
    double = requests["request_id"].isna() | requests["request_id"].duplicated(keep=False)
    if double.any():
        from planlib.errors import TableError

        first = ", ".join(map(str, requests.loc[double, "request_id"].head(3)))
        raise TableError("requests", [f"request_id is blank or repeats in {int(double.sum())} "
                                      f"rows, first {first}"])  # fmt: skip
    rows = requests.assign(
        **{name: value for name, value in _OPTIONAL.items() if name not in requests}
    )
    for name in ("hours", "margin_amount", "p_without", "p_with", "strategic_factor"):
        rows[name] = pd.to_numeric(rows[name]).astype("float64")
    for name in ("needed_from", "needed_to", "requested_date", "answered_date"):
        rows[name] = pd.to_datetime(rows[name]).astype("datetime64[us]")
    rows["strategic_factor"] = rows["strategic_factor"].fillna(1.0)
    rows["status"] = rows["status"].astype("object").where(rows["status"].notna(), "open")
    return rows[rows["status"].isin(["open", "running"])].assign(
        is_late_answer=is_late(rows, settings, as_of, calendar)
    )


def is_late(
    requests: pd.DataFrame, settings: SupportSettings, as_of: date, calendar: WorkCalendar | None
) -> pd.Series:
    """
    Tell which requests were not answered within the working days of plan.yaml.

    Returns
    -------
    Series
        ``boolean``; missing where the day of the request is not known.
    """
    known = calendar or WorkCalendar()
    found: list[object] = []
    for asked, answered in zip(
        requests["requested_date"], requests["answered_date"], strict=True
    ):  # fmt: skip
        if pd.isna(asked):
            found.append(pd.NA)
            continue
        end = as_of if pd.isna(answered) else answered.date()
        found.append(known.count(asked.date(), end) - 1 > settings.response_days)
    return pd.Series(found, index=requests.index, dtype="boolean")


def _queue(
    rows: pd.DataFrame,
    settings: SupportSettings,
    reason: str,
    findings: list[dict[str, object]],
    decided: tuple[Collection[str], pd.DataFrame | None],
) -> Allocation:
    """
    Rank the requests by gain per hour, or by gain where hours are not given.

    What is running, what a person refused and what belongs to a project with a no go have no rank,
    nor has a request without hours where others give them.
    """
    stopped, locks = decided
    ranked = rate(with_seats(rows), settings)
    free = ranked.assign(status="open")  # who serves what is running does not matter here
    people = read_decisions(free, table("experts").empty(), locks, findings)
    gain = ranked["gain_amount"].where(ranked["gain_amount"] > 0)
    value = ranked["gain_per_hour"].mask(ranked["hours"] == 0, np.inf)
    value = value if value.notna().any() else gain
    states: list[tuple[pd.Series, str, str, str]] = [
        (ranked["status"].eq("running"), "running", "", "is running: its hours are taken"),
        (ranked["project_id"].isin(list(stopped)), "refused", "no go", NO_GO),
        (pd.Series(people.refused, ranked.index), "refused", "by a person", REFUSED),
        (ranked["origin"].eq(BEFORE) & ranked["margin_amount"].isna(), "not rated", "not rated",
         f"not rated: {UNRATED}"),
        (ranked["gain_amount"].isna(), "not rated", "not rated",
         "not rated: margin or a probability is not known"),
        (ranked["margin_amount"] <= 0, "ranked", "no gain", NO_MARGIN),
        (gain.isna(), "ranked", "no gain", NO_RISE),
        (value.isna(), "not rated", "no hours given", "not given: hours"),
    ]  # fmt: skip
    plan = ranked.assign(outcome="ranked", reason_kind="", lock=people.words,
                         reason=f"ranked, not planned: {reason}")  # fmt: skip
    is_free = pd.Series(True, index=ranked.index)
    for holds, *told in reversed(states):
        plan.loc[holds, ["outcome", "reason_kind", "reason"]] = told
        is_free &= ~holds
    plan["rank"] = (-value.where(is_free)).rank(method="first").astype("Int64")
    plan = plan.sort_values(["rank", "request_id"], na_position="last", ignore_index=True)
    return Allocation(
        plan=_table("support_plan", plan),
        schedule=table("support_schedule").empty(),
        load=table("support_load").empty(),
        skill_load=table("support_skill_load").empty(),
        values=table("support_values").empty(),
        conflicts=table("support_conflicts").empty(),
        findings=findings,
        queue_reason=reason,
    )


def _table(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    contract: Table = table(name)
    if frame.empty:
        return contract.empty()
    return contract.coerce(frame[[one for one in frame.columns if one in contract.by_name]])
