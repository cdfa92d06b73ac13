"""
Council: the colour of every cell, why it is behind, what to do, and whether that helped.

``hold_council`` does all of it from the tables of step 06, the past of the forecast, and the log
of actions and meetings.
"""

from planlib.council.agenda import build_agenda, not_reviewed_deals
from planlib.council.cells import colour_matrix, council_periods, gather_cells
from planlib.council.context import Context, cell_context
from planlib.council.effects import action_effects
from planlib.council.log import actions_log, meetings_log
from planlib.council.past import colour_changes, colour_history
from planlib.council.review import CouncilReview, hold_council
from planlib.council.rule import colour_cells, describe_rule
from planlib.council.suggest import EFFECTS, cell_owners, suggest_actions
from planlib.council.words import DEFINITIONS

__all__ = [
    "DEFINITIONS",
    "EFFECTS",
    "Context",
    "CouncilReview",
    "action_effects",
    "actions_log",
    "build_agenda",
    "cell_context",
    "cell_owners",
    "colour_cells",
    "colour_changes",
    "colour_history",
    "colour_matrix",
    "council_periods",
    "describe_rule",
    "gather_cells",
    "hold_council",
    "meetings_log",
    "not_reviewed_deals",
    "suggest_actions",
]
