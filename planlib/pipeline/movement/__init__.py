"""
Movement: how deals and projects change over time, and how they end.

``measure_movement`` does all of it; the parts can be called on their own. All of them rest on one
line of states per deal (``read_timeline``), whatever history there is.
"""

from planlib.pipeline.movement.conversion import MATURE, measure_conversion
from planlib.pipeline.movement.durations import measure_ageing, measure_durations
from planlib.pipeline.movement.events import build_event_bridge, check_event_bridge
from planlib.pipeline.movement.findings import find_bad_input
from planlib.pipeline.movement.ladder import history_ladder
from planlib.pipeline.movement.outcomes import measure_incidence, measure_velocity
from planlib.pipeline.movement.project_figures import (
    causes_of_reasons,
    measure_losses,
    measure_projects,
)
from planlib.pipeline.movement.projects import read_projects
from planlib.pipeline.movement.restated import find_restated
from planlib.pipeline.movement.review import MovementReview, measure_movement
from planlib.pipeline.movement.reviews import review_coverage
from planlib.pipeline.movement.slips import count_pushes, measure_pushes, measure_slips
from planlib.pipeline.movement.stages import read_stages, stage_timeline
from planlib.pipeline.movement.survival import cumulative_incidence, kaplan_meier
from planlib.pipeline.movement.timeline import Timeline, read_timeline

__all__ = [
    "MATURE",
    "MovementReview",
    "Timeline",
    "build_event_bridge",
    "causes_of_reasons",
    "check_event_bridge",
    "count_pushes",
    "cumulative_incidence",
    "find_bad_input",
    "find_restated",
    "history_ladder",
    "kaplan_meier",
    "measure_ageing",
    "measure_conversion",
    "measure_durations",
    "measure_incidence",
    "measure_losses",
    "measure_movement",
    "measure_projects",
    "measure_pushes",
    "measure_slips",
    "measure_velocity",
    "read_projects",
    "read_stages",
    "read_timeline",
    "review_coverage",
    "stage_timeline",
]
