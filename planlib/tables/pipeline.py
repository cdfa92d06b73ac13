"""Tables that step 06_pipeline writes: performance matrix, bridge, series, rates, deals."""

from functools import partial

from planlib.settings.pipeline import CUT_NAMES
from planlib.tables.contract import Column
from planlib.tables.declare import output_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "06_pipeline"

#: Figures in the order of the matrix.
MEASURES = (
    "target",
    "forecast",
    "closed_acv",
    "open_in_period",
    "open_total",
    "weighted",
    "generated",
    "coverage",
    "attainment",
    "win_rate_count",
    "win_rate_amount",
    "commit",
    "most_likely",
    "best_case",
)
REASONS = (
    "start",
    "new",
    "reopened",
    "pulled_in",
    "pushed_in",
    "owner_in",
    "increase",
    "decrease",
    "won",
    "lost",
    "pushed_out",
    "pulled_out",
    "owner_out",
    "deleted",
    "end",
)
STATUSES = ("", "met", "over", "no_target", "not_computed", "truncated")
BASES = ("current", "snapshot", "changes", "reconstructed")
ISSUES = ("past_close_date", "slipped", "largest_effect", "closes_gap")

_PERIOD = Column("period", "text", "Period measured", required=True, example="2026Q1")
_AS_OF = Column("as_of", "date", "Day until which the figures count", required=True)
_CUT = Column(
    "cut",
    "text",
    "Cut: total, one cut such as region, or two crossed",
    required=True,
    example="region",
)
_VALUE = Column(
    "cut_value",
    "text",
    "Value of the cut; all for the total, (unknown) where the deal has none",
    required=True,
    example="EMEA",
)
_DEAL = Column("opportunity_id", "id", "Deal", required=True)
_SERIES = Column(
    "series",
    "category",
    "One bridge over the whole span, or one of week by week",
    allowed=("span", "week"),
    required=True,
)
_SCOPE = Column(
    "scope",
    "category",
    "Open deals that close in the period, or all open deals",
    allowed=("period", "all"),
    required=True,
)
_FROM = Column(
    "from_date", "date", "Start of the bridge: state at the end of this day", required=True
)
_TO = Column("to_date", "date", "End of the bridge: state at the end of this day", required=True)
_REASON = Column("reason", "category", "Why the amount moved", allowed=REASONS, required=True)
_CUTS = tuple(Column(name, "text", f"Value of the cut {name}") for name in CUT_NAMES)

_output = partial(output_table, STEP)

TABLES = [
    _output(
        "performance_matrix",
        "One figure of one cell of the performance matrix.",
        ("period", "cut", "cut_value", "measure"),
        _PERIOD,
        _CUT,
        _VALUE,
        Column("measure", "category", "Figure", allowed=MEASURES, required=True),
        _AS_OF,
        Column("prior_as_of", "date", "The same day of the same period a year before"),
        Column("value", "number", "Figure: money, or a ratio for coverage, attainment, win rate"),
        Column(
            "prior_value",
            "number",
            "Figure a year before, at the same day of the period, as reported: owners and their "
            "managers, regions and units of that day",
        ),
        Column("change", "number", "value - prior_value"),
        Column("change_share", "number", "change / prior_value, blank unless that is above 0"),
        Column(
            "count", "int", "Deals behind the value; decided deals for a win rate", "deals", ge=0
        ),
        Column("prior_count", "int", "Deals behind the prior value", "deals", ge=0),
        Column(
            "restated_value",
            "number",
            "Figure a year before, restated to today's territories: accounts that changed hands "
            "count for today's owner; blank for what hangs on a target, as targets are not "
            "restated",
        ),
        Column("restated_change", "number", "value - restated_value"),
        Column("restated_change_share", "number", "restated_change / restated_value"),
        Column("restated_count", "int", "Deals behind the restated value", "deals", ge=0),
        Column("basis", "text", "What the value rests on, such as a snapshot with its date"),
        Column("prior_basis", "text", "What the prior value rests on"),
        Column(
            "status",
            "category",
            "met: closed at or above target; over: below it, and the period has ended; else why a "
            "value is blank or weak",
            allowed=STATUSES,
        ),
        Column("note", "text", "Reason of a blank or weak value"),
        Column("is_grey", "bool", "Too few deals for a colour"),
        Column("parent_cut", "text", "Cut of the cell into which a small cell rolls"),
        Column("parent_value", "text", "Cell into which a small cell rolls; its colour stands"),
        Column(
            "small_cells",
            "int",
            "Grey cells of this cut with the same parent, for this figure",
            "cells",
            ge=0,
        ),
    ),
    _output(
        "pipeline_bridge",
        "One step of the bridge between two dates, per cell.",
        ("series", "period", "from_date", "to_date", "cut", "cut_value", "reason"),
        _SERIES,
        _PERIOD,
        _SCOPE,
        _FROM,
        _TO,
        _CUT,
        _VALUE,
        _REASON,
        Column("step_order", "int", "Order of the steps, from start to end", required=True, ge=0),
        Column(
            "amount",
            "amount",
            "Signed amount: leaving the pipeline is negative; blank when no deal of the step has "
            "an amount",
        ),
        Column("count", "int", "Deals of this step", "deals", required=True, ge=0),
        Column("basis", "text", "What the two states rest on"),
    ),
    _output(
        "pipeline_moves",
        "One deal that moved between the two dates of a bridge.",
        ("series", "from_date", "to_date", "opportunity_id"),
        _SERIES,
        _PERIOD,
        _FROM,
        _TO,
        _DEAL,
        Column("name", "text", "Name of the deal"),
        Column("account_id", "id", "Account"),
        Column("owner_id", "id", "Owner of the deal, by id"),
        Column("owner", "text", "Owner of the deal"),
        _REASON,
        Column("amount", "amount", "Effect on the open pipeline"),
        Column("from_amount", "amount", "Amount at the start"),
        Column("to_amount", "amount", "Amount at the end"),
        Column("from_close_date", "date", "Close date as it stood at the start"),
        Column("to_close_date", "date", "Close date as it stood at the end"),
    ),
    _output(
        "pipeline_weeks",
        "Open pipeline at the end of a week, by stage.",
        ("week_date", "stage"),
        Column("week_date", "date", "Day on which the pipeline is measured", required=True),
        Column("stage", "text", "Stage by its label", required=True),
        Column("stage_order", "int", "Order of the stages by their mean probability", ge=0),
        Column("amount", "amount", "Open amount, all close dates"),
        Column("count", "int", "Open deals", "deals", ge=0),
        Column("basis", "category", "What the state rests on", allowed=BASES),
    ),
    _output(
        "pipeline_pacing",
        "Closed amount so far by day of the period, this year and the last.",
        ("period", "day_number"),
        _PERIOD,
        Column("day_number", "int", "Day of the period, from 1", "days", required=True, ge=1),
        Column("day_date", "date", "The day", required=True),
        Column("workday_share", "share", "Share of the period's working days passed"),
        Column(
            "closed_amount",
            "amount",
            "Won with close date in the period until this day; blank after the as-of date",
        ),
        Column("prior_closed_amount", "amount", "The same a year before, at this day number"),
        Column("target_amount", "amount", "Target of the period"),
    ),
    _output(
        "pipeline_rates",
        "A win rate or a cycle of one cell, with what it is a share of.",
        ("scope", "cut", "cut_value", "rate"),
        Column("scope", "text", "Deals meant: a period by name, or all data", required=True),
        _CUT,
        _VALUE,
        Column(
            "rate",
            "category",
            "Which figure",
            required=True,
            allowed=(
                "win_rate_decided",
                "win_rate_created",
                "win_rate_amount",
                "cycle_closed_mean",
                "cycle_won_mean",
                "cycle_won_median",
            ),
        ),
        Column("value", "number", "Share, or days"),
        Column("low", "number", "Lower end of the 95 % interval (Wilson), count shares only"),
        Column("high", "number", "Upper end of the 95 % interval (Wilson), count shares only"),
        Column("numerator", "number", "Upper part of the share; sum of days for a mean"),
        Column("denominator", "number", "Lower part of the share; deals for a mean"),
        Column("denominator_name", "text", "What the lower part is", required=True),
        Column("status", "category", "truncated: records begin too late", allowed=STATUSES),
        Column("note", "text", "Reason of a blank or weak value"),
        Column("is_grey", "bool", "Too few deals for a colour"),
    ),
    _output(
        "pipeline_attention",
        "One deal that needs a look, with the reason.",
        ("issue", "opportunity_id"),
        Column("issue", "category", "Why", allowed=ISSUES, required=True),
        _DEAL,
        Column("name", "text", "Name of the deal"),
        Column("account_id", "id", "Account"),
        Column("owner", "text", "Owner of the deal"),
        Column("amount", "amount", "Amount of the deal"),
        Column("close_date", "date", "Close date as it stands"),
        Column(
            "effect_amount",
            "amount",
            "Effect on the gap of the period: what winning closes (above 0), or what leaving "
            "opened (below 0); blank where neither is so, as for open deals once it is over",
        ),
        Column("detail", "text", "What is the matter, in words"),
    ),
    _output(
        "pipeline_deals",
        "One deal behind one figure of the matrix: this period, those ahead, the year before.",
        ("period", "measure", "opportunity_id"),
        _PERIOD,
        Column("measure", "category", "Figure", allowed=(*MEASURES, "lost"), required=True),
        _DEAL,
        Column("name", "text", "Name of the deal"),
        Column("account_id", "id", "Account"),
        Column("amount", "amount", "Amount that counts in the figure; blank: the deal has none"),
        Column("amount_basis", "text", "Where the amount comes from"),
        Column("close_date", "date", "Close date"),
        Column("created_date", "date", "Day the deal was created"),
        Column("stage", "text", "Stage"),
        *_CUTS,
    ),
    _output(
        "pipeline_notes",
        "A definition, a headline, a caution, or what is missing.",
        NOTE_KEY,
        *note_columns(
            "headline", "definition", "caution", "missing", topic="Figure, cut or table concerned"
        ),
    ),
]
