"""Tables of step 06_pipeline on credit: who creates pipeline, who hands over, who closes."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table

STEP = "06_pipeline"
CREDITS = ("created", "cohort", "handed_over", "counted", "overlay")

_PERIOD = Column("period", "text", "Period measured", required=True, example="2026Q1")
_ROLE = Column(
    "role", "text", "Role that created the deal, (unknown) without", required=True, example="BDR"
)
_AS_OF = Column("as_of", "date", "Day until which the figures count", required=True)
_GREY = Column("is_grey", "bool", "Too few deals for a colour")
_NOTE = Column("note", "text", "Reason of a blank or weak value")

_output = partial(output_table, STEP)

TABLES = [
    _output(
        "creation_credit",
        "What a role created in the period, and what became of what it created before.",
        ("period", "role"),
        _PERIOD,
        _ROLE,
        _AS_OF,
        Column("generated_amount", "amount", "Created in the period, at the amount at creation"),
        Column("generated_count", "int", "Deals created in the period", "deals", ge=0),
        Column("amount_share", "share", "Share of the generated amount of all roles"),
        Column("prior_amount", "amount", "Generated until the same day a year before"),
        Column("prior_count", "int", "Deals generated until the same day a year before", ge=0),
        Column("benchmark_share", "share", "Share in another firm, as context, not as a target"),
        Column("benchmark", "text", "The same in words"),
        Column("cohort_from", "date", "First day of the cohort whose conversion is measured"),
        Column("cohort_to", "date", "Last day: old enough for most deals to be decided"),
        Column("cohort_count", "int", "Deals of the cohort", "deals", ge=0),
        Column("cohort_amount", "amount", "Their amount at creation"),
        Column("decided_count", "int", "Won and lost deals of the cohort", "deals", ge=0),
        Column("won_count", "int", "Won deals of the cohort", "deals", ge=0),
        Column("won_amount", "amount", "Amount of the won deals, as won"),
        Column("won_share", "share", "Won / all deals of the cohort"),
        Column("low", "share", "Lower end of its 95 % interval (Wilson)"),
        Column("high", "share", "Upper end of its 95 % interval (Wilson)"),
        Column("won_decided_share", "share", "Won / (won + lost) deals of the cohort"),
        Column("won_amount_share", "share", "Won amount / amount at creation", le=1000),
        _GREY,
        _NOTE,
    ),
    _output(
        "handover_credit",
        "How a role hands over the deals it created, and how many the new owner keeps.",
        ("period", "role"),
        _PERIOD,
        _ROLE,
        Column("cohort_from", "date", "First day of creation"),
        Column("cohort_to", "date", "Last day of creation"),
        Column("created_count", "int", "Deals created by the role in the cohort", "deals", ge=0),
        Column("handed_count", "int", "Of these, owned by somebody else since", "deals", ge=0),
        Column("handed_share", "share", "Handed over / created"),
        Column(
            "at_creation_count",
            "int",
            "Of the handed over, those with the new owner in their first record",
            "deals",
            ge=0,
        ),
        Column(
            "handover_days",
            "number",
            "Median days from creation to the first record with the new owner: at most so long",
            "days",
        ),
        Column("judged_count", "int", "Handed over long enough ago to judge", "deals", ge=0),
        Column("kept_count", "int", "Of these, not lost within the days of plan.yaml", ge=0),
        Column("kept_share", "share", "Kept / judged"),
        Column("low", "share", "Lower end of its 95 % interval (Wilson)"),
        Column("high", "share", "Upper end of its 95 % interval (Wilson)"),
        _GREY,
        _NOTE,
    ),
    _output(
        "closing_credit",
        "Credit for closed ACV by role or rep: counted once, and with overlays.",
        ("period", "credit_by", "credit_value"),
        _PERIOD,
        Column(
            "credit_by",
            "category",
            "Grouping: all, role at the close, or rep",
            allowed=("all", "role", "rep"),
            required=True,
        ),
        Column("credit_value", "text", "Role or rep, or all", required=True),
        _AS_OF,
        Column("deal_count", "int", "Deals with counted credit", "deals", ge=0),
        Column("counted_amount", "amount", "Counted credit: adds up to closed ACV once"),
        Column("counted_share", "share", "Share of the counted credit"),
        Column("overlay_amount", "amount", "Overlay credit on top"),
        Column("credited_amount", "amount", "Counted plus overlay; may exceed closed ACV"),
        Column("closed_acv", "amount", "Closed ACV of the matrix, on the row of all"),
        Column("difference_amount", "amount", "Counted - closed ACV: zero, on the row of all"),
        _NOTE,
    ),
    _output(
        "credit_deals",
        "One deal behind one figure of creation, hand-over or closing credit.",
        ("period", "credit", "opportunity_id", "rep_id"),
        _PERIOD,
        Column("credit", "category", "Which credit", allowed=CREDITS, required=True),
        Column("opportunity_id", "id", "Deal", required=True),
        Column("rep_id", "id", "Rep credited; blank where none is known", required=True),
        Column("role", "text", "Role credited"),
        Column("name", "text", "Name of the deal"),
        Column("status", "text", "State of the deal"),
        Column("amount", "amount", "Amount credited"),
        Column("share", "share", "Share of the deal", le=10),
        Column("created_date", "date", "Day the deal was created"),
        Column("close_date", "date", "Close date"),
        Column("handed_date", "date", "First record with the new owner"),
        Column("is_kept", "bool", "Not lost within the days of plan.yaml"),
    ),
    _output(
        "team_predictability",
        "How steady a team's win rate and closed ACV are over past quarters.",
        ("team",),
        Column("team", "text", "Manager of the deals' owners", required=True),
        Column("from_date", "date", "First day of the quarters"),
        Column("to_date", "date", "Last day of the quarters"),
        Column("quarter_count", "int", "Full quarters measured", "quarters", ge=0),
        Column("won_count", "int", "Won deals", "deals", ge=0),
        Column("decided_count", "int", "Won and lost deals", "deals", ge=0),
        Column("win_rate", "share", "Won / decided deals of all quarters"),
        Column("low", "share", "Lower end of its 95 % interval (Wilson)"),
        Column("high", "share", "Upper end of its 95 % interval (Wilson)"),
        Column(
            "shrunk_rate",
            "share",
            "Win rate drawn towards that of all teams: the best of many is partly luck",
        ),
        Column("quarter_low", "share", "Lowest win rate of a quarter"),
        Column("quarter_high", "share", "Highest win rate of a quarter"),
        Column(
            "chance_share",
            "share",
            "How often equal quarters would differ as much by chance (chi-square test)",
        ),
        Column("is_stable", "bool", "Quarters differ no more than chance makes them"),
        Column("acv_mean_amount", "amount", "Mean closed ACV of a quarter"),
        Column("acv_deviation_amount", "amount", "Standard deviation of closed ACV of quarters"),
        Column("acv_variation", "number", "Standard deviation / mean"),
        Column("is_best", "bool", "Highest shrunk win rate of the teams with enough deals"),
        _GREY,
        _NOTE,
    ),
]
