"""The support part of step 09: one call from the tables to every result."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.periods import CALENDAR_YEAR, FiscalYear
from planlib.pipeline.presales import is_presales
from planlib.settings.support import SupportSettings
from planlib.support.allocation import Allocation, allocate
from planlib.support.experience import learn_support
from planlib.support.parties import support_parties
from planlib.support.presales import Presales, learn_presales
from planlib.support.requests import account_support, gather_requests
from planlib.tables import table
from planlib.tables.inputs_support import SUPPORT_LINES
from planlib.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class SupportReview:
    """
    What was found about support.

    Parameters
    ----------
    tables
        Tables of the step on support by name.
    allocation
        The plan.
    missing, cautions
        What is missing, and what to read with care, by topic.
    findings
        Rows of the input that could not be used as they are.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)
    allocation: Allocation = field(repr=False)
    missing: dict[str, str]
    cautions: dict[str, str]
    findings: list[dict[str, object]]

    @property
    def plan(self) -> pd.DataFrame:
        """Table ``support_plan``."""
        return self.tables["support_plan"]


def plan_support(
    reviews: pd.DataFrame,
    settings: SupportSettings,
    as_of: date,
    *,
    closed: pd.DataFrame,
    stopped: Collection[str] = (),
    support_requests: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    experts: pd.DataFrame | None = None,
    expert_leave: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    accounts: pd.DataFrame | None = None,
    key_accounts: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
    locks: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    fiscal_year: FiscalYear = CALENDAR_YEAR,
) -> SupportReview:
    """
    Plan support for the open projects.

    Parameters
    ----------
    reviews
        What may ask: ``ProjectReview.asking``, or table ``project_reviews`` alone.
    settings
        Section ``support`` of plan.yaml.
    as_of
        Planned from the Monday after this day.
    closed
        Closed projects with ``project_id``, ``is_won``, ``lane``, ``loss_cause``.
    stopped
        Projects with a no-go.
    support_requests, projects, experts, expert_leave, availability, accounts, key_accounts
        Tables, or None. Rows of ``availability`` whose ``rep_id`` is an expert count as leave.
    opportunities, rates
        Table, and table ``project_win_rates``, for requests made before there was a deal; or None.
    locks
        Decisions of kind ``support_locks`` in force.
    calendar, fiscal_year
        Working days, and how fiscal quarters lie in the calendar.
    """
    learnt = learn_support(support_requests, closed, settings, as_of, calendar)
    presales = learn_presales(support_requests, settings, as_of, opportunities=opportunities,
                              projects=projects, rates=rates)  # fmt: skip
    requests, findings = gather_requests(
        support_requests, projects, reviews, settings, learnt, presales=presales,
        accounts=accounts, key_accounts=key_accounts,
    )  # fmt: skip
    found = allocate(
        requests, experts, settings, as_of=as_of, locks=locks, calendar=calendar, stopped=stopped,
        leave=_away(expert_leave, availability, experts),
    )  # fmt: skip
    parties = support_parties(
        support_requests, closed, settings, as_of, calendar, fiscal_year=fiscal_year
    )
    tables = {
        "support_plan": found.plan,
        "support_schedule": found.schedule,
        "support_load": found.load,
        "support_skill_load": found.skill_load,
        "support_values": found.values,
        "support_conflicts": found.conflicts,
        "support_experience": learnt.table,
        "support_parties": parties,
        "support_accounts": account_support(found.plan, accounts, key_accounts),
        "support_figures": _figures(found, presales, settings),
    }
    return SupportReview(
        tables=tables,
        allocation=found,
        missing=_missing(found, support_requests, experts, key_accounts, learnt.basis),
        cautions=_cautions(found, learnt.table) | _not_asked(parties),
        findings=[*findings, *found.findings],
    )


def _away(
    expert_leave: pd.DataFrame | None,
    availability: pd.DataFrame | None,
    experts: pd.DataFrame | None,
) -> pd.DataFrame | None:
    """Put the leave of experts together, that of reps who are experts included."""
    if availability is None or experts is None or availability.empty:
        return expert_leave
    mine = availability[availability["rep_id"].isin(experts["expert_id"])]
    mine = mine.rename(columns={"rep_id": "expert_id"})
    if mine.empty or expert_leave is None or expert_leave.empty:
        return mine if len(mine) else expert_leave
    return pd.concat([expert_leave, mine], ignore_index=True)


def _figures(found: Allocation, presales: Presales, settings: SupportSettings) -> pd.DataFrame:
    plan = found.plan
    early = plan[is_presales(plan["origin"])]
    planned = not found.queue_reason and len(plan) > 0
    count = plan["outcome"].value_counts()
    refused = plan[plan["outcome"] == "refused"]
    blank = found.queue_reason or "no request is open"
    near = found.load["available_hours"].sum() if len(found.load) else None
    rows: list[tuple[str, object, str, str]] = [
        ("requests", len(plan), "count", "open and running requests: the sum of the next four"),
        ("served", int(count.get("served", 0)) if planned else None, "count",
         "requests that get an expert"),
        ("running", int(count.get("running", 0)) if planned else None, "count",
         "requests whose expert is at work already"),
        ("refused", len(refused) if planned else None, "count", "requests that get none"),
        ("not rated", int(count.get("not rated", 0)) if planned else None, "count",
         "requests that lack skill, hours, window, margin or a probability"),
        ("gain", found.gain_amount if planned else None, "money",
         "sum of margin x (chance with support - chance without) x strategic factor of what is "
         "served"),
        ("gain refused", float(refused["gain_amount"].clip(lower=0).sum()) if planned else None,
         "money", "the same of what is refused, where known"),
        ("gain by gain per hour", found.greedy_amount if planned else None, "money",
         "what the plain rule, highest gain per hour first, would bring"),
        ("bound", found.bound_amount if planned else None, "money",
         "no plan within the same rules is worth more"),
        ("gap", found.gap_share if planned else None, "share",
         "a better plan could be better by this share of the bound at most"),
        ("hours asked", float(plan["hours"].sum()), "hours", "hours of all requests"),
        ("hours planned", float(plan["planned_hours"].sum()) if planned else None, "hours",
         "hours given, with those of the way"),
        ("hours available", near if planned else None, "hours",
         "hours of all experts in the time that is planned, leave and holidays taken off"),
        ("hours of small accounts", found.floor_hours if planned else None, "hours",
         "minimum that small accounts get"),
        ("cost of that minimum", found.floor_amount if planned else None, "money",
         "gain that the plan would have beyond, without the minimum"),
        ("answered late", int(plan["is_late_answer"].fillna(False).sum()), "count",
         "open and running requests not answered within the days of plan.yaml"),
        ("presales", len(early), "count",
         "open and running requests that were made before there was a deal"),
        ("presales served", int(early["outcome"].isin(["served", "running"]).sum())
         if planned else None, "count", "of these, requests that have an expert"),
        ("presales not rated", int(early["outcome"].eq("not rated").sum()), "count",
         "of these, requests without a margin or a probability: they wait in the order of their "
         "day"),
        ("presales of the past", presales.asked_count, "count",
         f"requests made before a deal, {settings.deal_days} days ago or longer"),
        ("presales that became a deal", presales.deal_count, "count",
         "of these, requests that name a deal opened since"),
    ]  # fmt: skip
    frame = pd.DataFrame(
        [
            (name, order, value, unit, text if value is not None else f"blank: {blank}")
            for order, (name, value, unit, text) in enumerate(rows)
        ],
        columns=["figure", "figure_order", "value", "unit", "meaning"],
    )
    return table("support_figures").coerce(frame)


def _missing(
    found: Allocation,
    support_requests: pd.DataFrame | None,
    experts: pd.DataFrame | None,
    key_accounts: pd.DataFrame | None,
    basis: str,
) -> dict[str, str]:
    lines: dict[str, str] = {}
    if support_requests is None or support_requests.empty:
        lines["support requests"] = (
            "table support_requests is missing: open projects that name a skill and hours ask for "
            "themselves; answers, what is running and experience are not known"
        )
    if experts is None or experts.empty:
        lines["experts"] = (
            "table experts is missing: requests are ranked by gain, not planned; with skills and "
            "hours a week there is a plan"
        )
    elif found.queue_reason:
        lines["experts"] = f"{found.queue_reason}: requests are ranked by gain, not planned"
    if key_accounts is None or key_accounts.empty:
        lines["key accounts"] = (
            "no list of key accounts (step 05): requests have strategic factor 1 where they name "
            "none, and hours are not set against scores"
        )
    if basis.startswith("assumption"):
        lines["probability with support"] = basis
    return lines


def _not_asked(parties: pd.DataFrame) -> dict[str, str]:
    """Name the parties that no request asks, where requests name parties at all."""
    known = set(parties["support_line"])
    silent = [one.replace("_", " ") for one in SUPPORT_LINES if one not in known]
    if not silent or not known.intersection(SUPPORT_LINES):
        return {}
    return {
        "parties that nobody asked": f"no request asks for {', '.join(silent)}, so nobody knows "
        "how soon they would answer"
    }


def _cautions(found: Allocation, experience: pd.DataFrame) -> dict[str, str]:
    lines: dict[str, str] = {}
    plan = found.plan
    derived = plan["probability_basis"].fillna("").str.startswith("p without: probability")
    if derived.any():
        lines["probability without support"] = (
            f"{int(derived.sum())} of {len(plan)} requests name no probabilities: the one by "
            "evidence stands in for that without support, though it mixes projects with and "
            "without; each request says below which value it is served"
        )
    support = experience[experience["topic"] == "support"]
    if len(support):
        lines["with and without support"] = str(support["note"].iloc[0])
    unknown = int((plan["outcome"] == "not rated").sum())
    if unknown:
        lines["requests not rated"] = (
            f"{unknown} requests lack skill, hours, window, margin or a probability: they are "
            "neither served nor counted as worth nothing"
        )
    return lines
