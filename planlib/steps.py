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
    writes
        Tables the step writes; no other step writes them.
    settings
        Sections of plan.yaml that the step uses.
    overrides
        Kinds of decisions by people that the step applies.
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
        ),
        writes=_written("03_territories"),
        settings=("territories", "territory_models", "territory_decisions"),
        overrides=("territories", "challenges", "account_teams"),
        cadence="year",
        module="territories",
    ),
    Step(
        name="05_key_accounts",
        title="Key accounts",
        decides="which accounts are key, and what they need over three horizons",
        required=("accounts",),
        optional=(
            "opportunities",
            "segments",
            "ratings",
            "needs",
        ),
        writes=_written("05_key_accounts"),
        settings=("key_accounts",),
        overrides=("key_accounts",),
        cadence="quarter",
        module="key_accounts",
    ),
    Step(
        name="06_pipeline",
        title="Pipeline",
        decides="where closed, open and generated amounts stand, and why they moved",
        required=("opportunities",),
        optional=(
            "opportunity_history",
            "accounts",
            "reps",
            "products",
            "targets",
            "segments",
            "campaigns",
            "holidays",
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
            "opportunity_history",
            "accounts",
            "reps",
            "products",
            "targets",
            "segments",
            "campaigns",
            "holidays",
        ),
        writes=_written("07_council"),
        settings=("council", "pipeline", "forecast"),
        overrides=("council_actions", "council_meetings"),
        cadence="week",
        module="council",
    ),
    Step(
        name="08_routing",
        title="Routing",
        decides="who gets which lead, by which policy, and what that policy would bring",
        required=("reps",),
        optional=(
            "leads",
            "accounts",
            "territories",
            "key_accounts",
            "campaigns",
            "opportunities",
            "availability",
            "holidays",
            "meetings",
        ),
        writes=_written("08_routing"),
        settings=("routing", "simulator"),
        cadence="month",
        module="routing",
    ),
)

#: The notebooks of a cycle in order.
STEPS: dict[str, Step] = {step.name: step for step in _LIST}


def upstream(step: Step) -> list[str]:
    """Give the steps whose tables a step reads, in order; every step but intake needs intake."""
    writers = {TABLES[name].step for name in step.reads if TABLES[name].step}
    if step.name != _LIST[0].name:
        writers.add(_LIST[0].name)
    return [name for name in STEPS if name in writers]
