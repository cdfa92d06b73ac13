"""What can be computed from the data at hand: each section of each step, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from planlib.intake.matrix_key_accounts import KEY_ACCOUNTS
from planlib.intake.matrix_projects import PROJECTS
from planlib.intake.matrix_quotas import QUOTAS
from planlib.intake.matrix_routing import ROUTING
from planlib.intake.matrix_team import TEAM
from planlib.tables import is_filled

#: A need is "table" or "table.column"; alternatives are joined by " or ".
Needs = tuple[str, ...]
_EITHER, _AND = " or ", "; "


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section of a step, what it needs, and what it does with less."""

    step: str
    name: str
    needs: Needs
    method: str
    weaker_needs: Needs | None = None
    weaker: str = ""
    unlocks: str = ""


def _of(step: str, *sections: tuple[str, Needs, str, Needs | None, str, str]) -> list[Section]:
    return [
        Section(
            step=step,
            name=name,
            needs=needs,
            method=method,
            weaker_needs=less,
            weaker=weaker,
            unlocks=unlocks,
        )
        for name, needs, method, less, weaker, unlocks in sections
    ]


SECTIONS: tuple[Section, ...] = (
    *_of(
        "01_intake",
        (
            "account base",
            (
                "accounts.employees",
                "accounts.industry or accounts.sic or accounts.naics or accounts.gbt4754",
                "accounts.country",
                "accounts.updated_date",
            ),
            "completeness, age and contradictions",
            ("accounts",),
            "the checks whose columns are there",
            "age and contradictions of every account",
        ),
        (
            "data rigour",
            (
                "opportunities.is_closed",
                "opportunities.next_step",
                "opportunities.last_activity_date",
                "opportunity_history",
            ),
            "all rules, by owner",
            ("opportunities.is_closed",),
            "the rules whose columns are there",
            "stale next steps, silent deals, pushes",
        ),
        (
            "rigour by manager",
            ("opportunities.owner_id", "reps.manager_id"),
            "share of clean deals by manager",
            None,
            "",
            "which teams keep their deals clean",
        ),
        (
            "tie-out to finance",
            ("controls",),
            "every control figure compared",
            None,
            "",
            "whether the numbers are those that finance has booked",
        ),
    ),
    *_of(
        "02_segmentation",
        (
            "size",
            ("accounts.employees",),
            "size classes by employees",
            ("accounts.revenue",),
            "size classes by revenue band",
            "size classes that say how an account is sold to",
        ),
        (
            "industry groups",
            ("accounts.sic or accounts.naics or accounts.gbt4754",),
            "groups by industry code",
            ("accounts.industry",),
            "groups by the industry's name",
            "groups by the expertise that accounts need",
        ),
        (
            "geography",
            ("accounts.country", "accounts.region"),
            "regions and cut lines per market",
            ("accounts.country or accounts.region or accounts.province",),
            "the places that are known",
            "who can be visited by whom",
        ),
        (
            "lifecycle",
            ("accounts.acv", "opportunities.is_won"),
            "footprint, new customers and prospects",
            ("opportunities.is_won",),
            "customers by deals won",
            "prospects apart from customers",
        ),
        (
            "potential",
            (
                "accounts.employees or accounts.revenue",
                "opportunities.is_won",
                "opportunities.account_id",
            ),
            "spend of look-alikes, shrunk, with interval",
            ("accounts.potential",),
            "potential as given",
            "potential of every account",
        ),
        (
            "workload",
            ("activities.account_id",),
            "touches and hours by segment and lifecycle",
            ("accounts",),
            "hours of plan.yaml by segment",
            "hours as they are really spent",
        ),
    ),
    *_of(
        "03_territories",
        (
            "alignment",
            ("accounts", "reps"),
            "balanced alignment of accounts to reps",
            None,
            "",
            "who owns which account",
        ),
        (
            "travel and map",
            ("accounts.latitude", "accounts.longitude"),
            "distances and map",
            ("accounts.province or accounts.city or accounts.country",),
            "places of provinces and cities",
            "shorter ways, territories that hang together",
        ),
        (
            "moves",
            ("accounts.owner_id or territories.rep_id",),
            "what changes against today's owners",
            None,
            "",
            "the cost of changing owners",
        ),
    ),
    *_of("04_quotas", *QUOTAS),
    *_of("05_key_accounts", *KEY_ACCOUNTS),
    *_of(
        "06_pipeline",
        (
            "performance matrix",
            (
                "opportunities.amount",
                "opportunities.close_date",
                "opportunities.is_won",
                "opportunities.created_date",
            ),
            "closed, open and generated, with the year before",
            ("opportunities.amount", "opportunities.is_closed"),
            "open amounts only",
            "generation and year on year",
        ),
        (
            "bridge",
            ("opportunity_history",),
            "why the pipeline moved, deal by deal",
            None,
            "",
            "pushed, pulled, won and lost between two dates; kept from this intake on",
        ),
        (
            "slips and event bridge",
            ("opportunity_history.close_date",),
            "every move of close dates and amounts",
            ("opportunities.push_count",),
            "win rate by pushes",
            "slip rate, and what moved out and back",
        ),
        (
            "stages and ageing",
            ("opportunity_history.stage", "opportunities.is_won"),
            "conversion by cohort, days in a stage, ageing",
            None,
            "",
            "where deals are left behind, and which are old for their stage",
        ),
        (
            "won and lost by age",
            (
                "opportunities.created_date",
                "opportunities.close_date",
                "opportunities.is_closed",
                "opportunities.is_won",
            ),
            "competing risks, open deals counted in",
            None,
            "",
            "which share is won by which age",
        ),
        (
            "manager reviews",
            ("opportunities.review_status", "reps.manager_id"),
            "share of the pipeline reviewed, by manager",
            ("opportunities.review_status",),
            "share of the pipeline reviewed",
            "which managers have looked at their deals",
        ),
        (
            "project line",
            ("projects.contract_amount", "payments.due_date"),
            "from opportunity to contract to cash",
            ("projects",),
            "contracts and deliveries without the cash",
            "what is collected and what is overdue",
        ),
        (
            "causes of losses",
            ("projects.loss_cause",),
            "relation missing, support missing, or both",
            ("opportunities.loss_reason",),
            "reasons of the CRM that movement.loss_causes explains",
            "whether relations or support lose deals",
        ),
        (
            "coverage",
            ("targets", "opportunities.amount"),
            "open over target left",
            ("opportunities.amount",),
            "open amounts without a target",
            "whether the plan is covered",
        ),
        (
            "cut by region",
            ("accounts.region or reps.region",),
            "matrix by region",
            None,
            "",
            "the matrix by region",
        ),
        (
            "cut by product",
            ("opportunities.product_id or opportunity_lines", "products.family"),
            "matrix by product family",
            None,
            "",
            "the matrix by product family",
        ),
        (
            "sources",
            ("opportunities.source",),
            "generation by source",
            ("opportunities.campaign_id", "campaigns.source"),
            "generation by campaign",
            "which source brings deals",
        ),
    ),
    *_of(
        "07_council",
        (
            "colours",
            ("targets", "opportunities.is_won", "opportunity_history"),
            "attained against the usual share, and required coverage of each cell",
            ("targets", "opportunities.is_won"),
            "attained against the usual share alone, or a straight line by working days",
            "colours that know what coverage each cell needs",
        ),
        (
            "causes and effects",
            ("opportunity_history", "targets"),
            "causes against past periods, effects against untreated cells",
            None,
            "",
            "why a cell is behind, and whether an action helped; kept from this intake on",
        ),
        (
            "reviews",
            ("opportunities.review_status",),
            "open deals of red cells without a manager's review",
            None,
            "",
            "which deals a roll-up should not rest on yet",
        ),
    ),
    *_of("08_routing", *ROUTING),
    *_of("09_projects", *PROJECTS),
    *_of("10_team", *TEAM),
)


def find_computable(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Tell which sections the data allow.

    Parameters
    ----------
    tables
        Input tables by name; a column counts when any row has a value.

    Returns
    -------
    DataFrame
        Table ``computability``: one row per section with the method, what is missing for the
        full one, and what that would add.
    """
    rows = []
    for section in SECTIONS:
        missing = [need for need in section.needs if not _met(need, tables)]
        less = section.weaker_needs
        if not missing:
            can, method = "yes", section.method
        elif less is not None and all(_met(need, tables) for need in less):
            can, method = "weaker", section.weaker
        else:
            can, method = "no", ""
        rows.append(
            {
                "step": section.step,
                "section": section.name,
                "can_compute": can,
                "method": method,
                "missing": _AND.join(missing),
                "unlocks": section.unlocks if missing else "",
            }
        )
    return pd.DataFrame(rows)


def missing_inputs(missing: str) -> frozenset[str]:
    """
    Give the inputs, each ``table`` or ``table.column``, of a value of ``computability.missing``.

    Examples
    --------
    >>> sorted(missing_inputs("targets; accounts.region or reps.region"))
    ['accounts.region', 'reps.region', 'targets']
    """
    needs = missing.split(_AND) if missing else []
    return frozenset(one for need in needs for one in need.split(_EITHER))


def _met(need: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    return any(_there(one, tables) for one in need.split(_EITHER))


def _there(need: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    table, _, column = need.partition(".")
    frame = tables.get(table)
    if frame is None or frame.empty:
        return False
    return not column or is_filled(frame, column)
