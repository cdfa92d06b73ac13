"""Tables of the project line, written by step 06: from opportunity to contract to cash, losses."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table
from planlib.tables.pipeline import STEP

_CUT = Column("cut", "text", "Cut: total, or one such as region", required=True, example="region")
_VALUE = Column("cut_value", "text", "Value of the cut; all for the total", required=True)
_GREY = Column("is_grey", "bool", "Too few projects for a colour")
_LOW = Column("low", "number", "Lower end of the 95 % interval")
_HIGH = Column("high", "number", "Upper end of the 95 % interval")


def _days(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, "days")


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", meaning, "projects", required=True, ge=0)


_output = partial(output_table, STEP)

TABLES = [
    _output(
        "project_line",
        "One project from opportunity to contract to cash.",
        ("project_id",),
        Column("project_id", "id", "Project", required=True),
        Column("opportunity_id", "id", "Opportunity it grew from"),
        Column("account_id", "id", "Account"),
        Column("name", "text", "Name of the project"),
        Column("stage", "text", "Project stage"),
        Column("outcome", "category", "Outcome", allowed=("open", "won", "lost"), required=True),
        Column("status", "text", "State as given"),
        Column("contract_date", "date", "Day of the contract"),
        Column("promised_date", "date", "Delivery promised"),
        Column("delivered_date", "date", "Delivery accepted"),
        Column("contract_amount", "amount", "Contract amount"),
        Column("collected_amount", "amount", "Received until the as-of date"),
        Column("due_amount", "amount", "Due until the as-of date"),
        Column("overdue_amount", "amount", "Due before the as-of date and not received"),
        Column("outstanding_amount", "amount", "Contract amount less received"),
        Column("margin_amount", "amount", "Contract amount x margin share"),
        Column("margin_share", "share", "Margin share", ge=-10),
        Column("input_cost_amount", "amount", "Cost put in to win it"),
        Column("loss_cause", "text", "Cause of a loss"),
        Column("is_delivered", "bool", "Delivered until the as-of date"),
        Column("is_paid", "bool", "Paid in full until the as-of date"),
        _days("delay_days", "Delivered after the promised day; below 0: before"),
        _days("late_days", "Promised day passed, not delivered"),
        _days("to_contract_days", "From opportunity to contract"),
        _days("to_delivery_days", "From contract to delivery"),
        _days("to_cash_days", "From contract to the last of the cash"),
        _days("whole_days", "From opportunity to the last of the cash"),
    ),
    _output(
        "project_figures",
        "One figure of the project line of one cell.",
        ("cut", "cut_value", "figure"),
        _CUT,
        _VALUE,
        Column("figure", "text", "Figure", required=True),
        Column("figure_order", "int", "Order", required=True, ge=0),
        Column("value", "number", "Money, share or days"),
        _LOW,
        _HIGH,
        Column("count", "int", "Projects behind it", "projects", ge=0),
        Column("meaning", "text", "What it is", required=True),
        Column("note", "text", "Reason of a blank value"),
        _GREY,
    ),
    _output(
        "project_losses",
        "Lost projects of one cell by cause: relation missing, support missing.",
        ("cut", "cut_value", "cause"),
        _CUT,
        _VALUE,
        Column(
            "cause",
            "category",
            "Cause of the loss",
            allowed=("relation", "support", "both", "other", "not coded"),
            required=True,
        ),
        Column("cause_order", "int", "Order", required=True, ge=0),
        _count("count", "Lost with this cause"),
        _count("lost_count", "All lost of the cell"),
        Column("amount", "amount", "Amount lost with this cause"),
        Column("count_share", "share", "count / lost_count"),
        _LOW,
        _HIGH,
        Column("amount_share", "share", "Share of the lost amount"),
        _GREY,
    ),
]
