"""
What each notebook reads, needs, writes and when it is due.

Order, skipping, what is due, and what can be computed from the data at hand come from here; a
test compares it with what the notebooks really read and write.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from planlib.periods import Kind
from planlib.tables import TABLES


@dataclass(frozen=True, kw_only=True)
class Step:
    """
    One notebook of the cycle.

    Parameters
    ----------
    name
        File name of the notebook without its ending.
    title, decides
        For menus, report and documentation.
    required
        The step is computed when all of these tables are there.
    optional
        Tables that improve the step; without them it uses a weaker method or leaves a section out.
    earlier
        Tables of later steps that it reads as an earlier cycle left them.
    carries
        Tables of its own that it makes in some cycles only; in the others it reads them as the
        last cycle that made them left them.
    writes
        Tables the step writes; no other step writes them.
    settings
        Sections of plan.yaml that the step uses.
    overrides
        Kinds of decisions by people that the step applies.
    ahead
        Those of them of which it also applies decisions that begin after the as-of date.
    cadence
        How often the step is due at least.
    module
        The module of the library that computes it.
    """

    name: str
    title: str
    decides: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    writes: tuple[str, ...]
    settings: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    cadence: Kind
    module: str
    earlier: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()

    def missing(self, available: Collection[str]) -> list[str]:
        """Give the required tables that are not among the available ones."""
        return [name for name in self.required if name not in available]

    @property
    def reads(self) -> tuple[str, ...]:
        """All tables that the step reads where they are there."""
        return tuple(dict.fromkeys((*self.required, *self.optional)))


_INPUTS = tuple(name for name, table in TABLES.items() if table.role == "input")


def _written(step: str) -> tuple[str, ...]:
    return tuple(name for name, table in TABLES.items() if table.step == step)


_KEY_ACCOUNT_INPUTS = (
    "opportunities", "segments", "ratings", "needs", "reps", "bookings", "splits", "targets",
    "activities", "availability", "partners", "products", "opportunity_lines", "experts",
    "expert_leave", "contacts", "stakeholders", "projects", "opportunity_history",
    "partner_deals", "account_spend", "support_requests", "territory_plan",
)  # fmt: skip

#: What says more of deals, read wherever the pipeline is measured.
_OF_DEALS = (
    "opportunity_history", "accounts", "reps", "products", "targets", "segments", "campaigns",
    "holidays",
)  # fmt: skip

_LIST = (
    Step(
        name="01_intake",
        title="Intake",
        decides="whether the data are fit, what is set aside, and what can be computed",
        required=(),
        optional=_INPUTS,
        writes=_written("01_intake"),
        settings=("inputs", "hygiene"),
        cadence="day",
        module="intake",
    ),
    Step(
        name="02_segmentation",
        title="Segmentation",
        decides="segment, unit, potential and workload of each account",
        required=("accounts",),
        optional=(
            "opportunities",
            "reps",
            "opportunity_lines",
            "activities",
            "targets",
        ),
        writes=_written("02_segmentation"),
        settings=("segmentation",),
        overrides=("segments",),
        cadence="year",
        module="segmentation",
    ),
    Step(
        name="03_territories",
        title="Territories",
        decides="who owns which account, what it costs and what moves",
        required=("accounts", "reps"),
        optional=(
            "segments",
            "territories",
            "opportunities",
            "activities",
            "contacts",
            "splits",
            "opportunity_teams",
            "travel_times",
            "territory_targets",
            "products",
        ),
        earlier=("key_accounts",),
        writes=_written("03_territories"),
        settings=("territories", "territory_models", "territory_decisions"),
        overrides=(
            "territories",
            "challenges",
            "cascade",
            "judgements",
            "pairings",
            "account_teams",
            "pack_answers",
        ),
        ahead=("territories",),
        cadence="year",
        module="territories",
    ),
    Step(
        name="04_quotas",
        title="Quotas and capacity",
        decides="targets, quotas, head count and pay, checked together with territories",
        required=("reps",),
        optional=(
            "accounts",
            "segments",
            "territories",
            "territory_plan",
            "targets",
            "opportunities",
            "bookings",
            "leads",
            "rep_history",
            "availability",
            "holidays",
            "pay_plans",
            "hiring_plan",
            "products",
            "segment_profile",
            "territory_response",
        ),
        writes=_written("04_quotas"),
        settings=("capacity", "quotas", "pay", "force_size", "plan_check", "report", "team_people"),
        overrides=("quotas", "quota_challenges", "planning_milestones", "releases"),
        ahead=("quotas",),
        cadence="year",
        module="quotas",
    ),
    Step(
        name="05_key_accounts",
        title="Key accounts",
        decides="which accounts are key, and what they need over three horizons",
        required=("accounts",),
        optional=_KEY_ACCOUNT_INPUTS,
        writes=_written("05_key_accounts"),
        settings=(
            "key_accounts",
            "key_account_lines",
            "key_account_needs",
            "closeness",
            "evaluation",
            "strategy",
            "projects",
            "team_people",
        ),
        overrides=(
            "key_accounts",
            "director_duties",
            "need_proposals",
            "account_ratings",
            "account_strategies",
            "account_steps",
            "director_tasks",
            "project_gates",
            "check_notes",
        ),
        cadence="month",
        module="key_accounts",
        carries=(
            "key_accounts",
            "key_account_scores",
            "key_account_scales",
            "key_account_weights",
            "key_account_judgements",
            "key_account_differences",
        ),
    ),
    Step(
        name="06_pipeline",
        title="Pipeline",
        decides="where closed, open and generated amounts stand, and why they moved",
        required=("opportunities",),
        optional=(
            *_OF_DEALS,
            "forecast_calls",
            "projects",
            "payments",
            "rep_history",
            "territories",
            "splits",
            "leads",
            "marketing_touches",
            "contacts",
            "activities",
        ),
        writes=_written("06_pipeline"),
        settings=("pipeline", "forecast", "movement", "marketing"),
        cadence="week",
        module="pipeline",
    ),
    Step(
        name="07_council",
        title="Council",
        decides="which cells are on track, why others are not, and what is done about it",
        required=("performance_matrix", "opportunities"),
        optional=(
            "pacing_curves",
            "required_coverage",
            "forecast",
            *_OF_DEALS,
        ),
        writes=_written("07_council"),
        settings=("council", "pipeline", "forecast", "segmentation"),
        overrides=("council_actions", "council_meetings"),
        cadence="week",
        module="council",
    ),
    Step(
        name="08_routing",
        title="Ranking and routing",
        decides="who is how strong against peers, who moves a tier, and who gets which leads",
        required=("opportunities", "reps"),
        optional=(
            "leads",
            "accounts",
            "territories",
            "campaigns",
            "meetings",
            "availability",
            "holidays",
            "activities",
            "opportunity_lines",
            "products",
            "segments",
            "key_accounts",
        ),
        writes=_written("08_routing"),
        settings=("ranking", "routing", "simulator", "segmentation"),
        overrides=("ranking_reviews",),
        cadence="month",
        module="routing",
    ),
    Step(
        name="09_projects",
        title="Projects",
        decides="which projects go on, and which get the scarce experts",
        required=("opportunities",),
        optional=(
            "opportunity_history",
            "products",
            "accounts",
            "projects",
            "payments",
            "stakeholders",
            "needs",
            "support_requests",
            "experts",
            "expert_leave",
            "reps",
            "availability",
            "holidays",
            "key_accounts",
            "account_closeness",
            "closeness_seats",
            "closeness_projects",
            "closeness_trend",
        ),
        writes=_written("09_projects"),
        settings=("projects", "support", "movement"),
        overrides=(
            "project_gates",
            "project_assessments",
            "project_people",
            "project_plans",
            "project_lessons",
            "support_locks",
        ),
        cadence="month",
        module="projects",
    ),
    Step(
        name="10_team",
        title="Team",
        decides="how many people of which role work where, and how they stay and grow",
        required=("reps",),
        optional=(
            "accounts",
            "segments",
            "opportunities",
            "opportunity_lines",
            "products",
            "splits",
            "leads",
            "campaigns",
            "marketing_touches",
            "contacts",
            "activities",
            "pay_plans",
            "targets",
            "support_requests",
            "rep_history",
            "opportunity_history",
            "meetings",
            "one_on_ones",
            "onboarding",
            "holidays",
        ),
        writes=_written("10_team"),
        settings=(
            "team_structure",
            "channels",
            "team_people",
            "capacity",
            "quotas",
            "key_accounts",
        ),  # fmt: skip
        overrides=("team_remedies",),
        cadence="quarter",
        module="team",
    ),
)

#: The notebooks of a cycle in order.
STEPS: dict[str, Step] = {step.name: step for step in _LIST}
