"""Tables about growth in step 10_team: ladders, moves, posts from inside, trees of KPIs."""

from functools import partial
from typing import Literal

from planlib.settings.team_people import TOPICS
from planlib.tables.contract import Column
from planlib.tables.declare import output_table

STEP = "10_team"
NODES = ("company", "role", "part", "driver", "long_term")

_RETENTION: Literal["retention"] = "retention"
_LOW = "Lower end of its 95 % interval"
_HIGH = "Upper end of that interval"
_ROLE = Column("role", "text", "Role", required=True)
_GREY = Column("is_grey", "bool", "Too little behind it: read as a question", required=True)

_output = partial(output_table, STEP)

TABLES = [
    _output(
        "ladder_rungs",
        "One rung of a ladder: who stands on it, for how long, and who could go on.",
        ("ladder", "rung_order"),
        Column("ladder", "text", "Ladder", required=True),
        Column("rung_order", "int", "Order, first one lowest", required=True, ge=1),
        Column("role", "text", "Role", required=True),
        Column("level", "text", "Level", required=True),
        Column("headcount", "int", "People on the rung on the as-of date", ge=0),
        Column("grade_months", "number", "Median time in grade", "months", ge=0),
        Column("usual_months", "number", "Usual time in grade by the ladder", "months", ge=0),
        Column("moved_count", "int", "Moved on to the next rung or a later one in the window; into "
               "a later role at any level", ge=0),
        Column("moved_months", "number", "Median months until they did", "months", ge=0),
        Column("ready_count", "int", "Meet every criterion beyond noise", ge=0),
        Column("blocked_count", "int", "Ready, and longer in grade than usual", ge=0),
        Column("false_ready", "number", "Of those ready, expected not to be by chance", ge=0),
        Column("criteria", "text", "What opens the way to the next rung"),
        Column("note", "text", "Why figures are blank"),
    ),
    _output(
        "ladder_people",
        "Readiness of one person; empty unless plan.yaml asks for rows on single people.",
        ("rep_id", "metric"),
        Column("rep_id", "id", "Person", required=True, sensitive=_RETENTION),
        Column("metric", "text", "Criterion", required=True, sensitive=_RETENTION),
        Column("ladder", "text", "Ladder", sensitive=_RETENTION),
        Column("level", "text", "Level", sensitive=_RETENTION),
        Column("grade_months", "number", "Time in grade", "months", sensitive=_RETENTION),
        Column("value", "number", "Value in the window", sensitive=_RETENTION),
        Column("value_shrunk", "number", "The same drawn to peers", sensitive=_RETENTION),
        Column("minimum", "number", "To be reached", sensitive=_RETENTION),
        Column("reached_probability", "share", "Chance that the true value is reached",
               sensitive=_RETENTION),
        Column("is_ready", "bool", "Value and chance both suffice", sensitive=_RETENTION),
    ),
    _output(
        "role_moves",
        "Moves of people from one role and level to another in all of the record.",
        ("from_role", "from_level", "to_role", "to_level"),
        Column("from_role", "text", "Role before", required=True),
        Column("from_level", "text", "Level before", required=True),
        Column("to_role", "text", "Role after", required=True),
        Column("to_level", "text", "Level after", required=True),
        Column("moves_count", "int", "Moves", required=True, ge=0),
        Column("kind", "category", "Kind of move", required=True,
               allowed=("step", "role change", "side path")),
        Column("median_months", "number", "Median months in grade before; blank: too few",
               "months", ge=0),
    ),
    _output(
        "role_change_times",
        "How long people of one role take until they move into another.",
        ("from_role", "to_role"),
        Column("from_role", "text", "Role before", required=True),
        Column("to_role", "text", "Role after", required=True),
        Column("people_count", "int", "People who started in the first role", ge=0),
        Column("moved_count", "int", "Of these, moved into the other", ge=0),
        Column("horizon_months", "number", "Horizon of the share", "months", ge=0),
        Column("moved_share", "share", "Moved within the horizon (leaving competes)"),
        Column("low", "share", f"{_LOW}; blank where nobody moved so early"),
        Column("high", "share", f"{_HIGH}; blank where nobody moved so early"),
        Column("median_months", "number", "Median months of those who moved", "months", ge=0),
        _GREY,
    ),
    _output(
        "internal_fills",
        "Posts of a role that were filled in the window, and how many from inside.",
        ("role",),
        Column("role", "text", "Role, or all", required=True),
        Column("window_from", "date", "First day that counts", required=True),
        Column("window_to", "date", "Last day that counts", required=True),
        Column("filled_count", "int", "Posts filled", ge=0),
        Column("inside_count", "int", "Of these, by people of another role", ge=0),
        Column("inside_share", "share", "inside_count / filled_count"),
        Column("low", "share", _LOW + " (Wilson)"),
        Column("high", "share", _HIGH),
        _GREY,
    ),
    _output(
        "kpi_nodes",
        "One node of the tree from the company target to the drivers of a role.",
        ("node_id",),
        Column("node_id", "id", "Node", required=True),
        Column("parent_id", "id", "Node above; blank: the company"),
        Column("node_order", "int", "Order in the tree", required=True, ge=0),
        Column("kind", "category", "Kind of node", required=True, allowed=NODES),
        Column("role", "text", "Role"),
        Column("name", "text", "Name", required=True),
        Column("unit", "text", "Unit"),
        Column("needed", "number", "Value that the target needs"),
        Column("observed", "number", "Value of the last twelve months"),
        Column("low", "number", _LOW),
        Column("high", "number", _HIGH),
        Column("gap_share", "number", "needed / observed - 1"),
        Column("count", "number", "Denominator of the observed value", ge=0),
        Column("is_lever", "bool", "Driver that closes the gap"),
        Column("is_beyond", "bool", "Needed value lies above the interval of the observed one"),
        Column("formula", "text", "How it follows from the nodes below, or how it is observed"),
    ),
    _output(
        "role_expectations",
        "What is written down for a role; blanks are gaps.",
        ("role", "topic"),
        _ROLE,
        Column("topic", "category", "Topic", required=True, allowed=(*TOPICS, "kpis")),
        Column("written", "text", "What is written down"),
        Column("is_gap", "bool", "Nothing is written down", required=True),
    ),
]  # fmt: skip
