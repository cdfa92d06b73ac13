"""Tables of step 10_team that answer the questions behind a structure: model, lines, leads."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table

STEP = "10_team"
QUESTIONS = (
    "lead_volume", "deal_size", "cycle", "small_customers", "local", "leads_win", "remote_wins",
)  # fmt: skip
ANSWERS = ("more", "less", "no clear difference", "not known")
MODELS = ("field with account plans", "inside led by leads", "inside", "mixed", "not known")
LINE_VERDICTS = ("team of its own", "one team for all", "open")

_SEGMENT = Column("segment", "text", "Segment of the accounts, over all regions", required=True)

_output = partial(output_table, STEP)

TABLES = [
    _output(
        "structure_questions",
        "What a segment is like against all others: the questions that choose a way of selling.",
        ("segment", "question"),
        _SEGMENT,
        Column("question", "category", "Question", allowed=QUESTIONS, required=True),
        Column("question_order", "int", "Order", required=True, ge=1),
        Column("value", "number", "Figure of the segment"),
        Column("others_value", "number", "The same of what it is compared with"),
        Column("ratio", "number", "value / others_value", "x", ge=0),
        Column("low", "number", "Lower end of its 95 % interval", "x", ge=0),
        Column("high", "number", "Upper end of its 95 % interval", "x", ge=0),
        Column("count", "int", "Cases of the segment", ge=0),
        Column("p_adjusted", "share", "p-value of a ratio of 1, allowing for all questions of all "
               "segments (Benjamini-Hochberg)"),
        Column("answer", "category", "more or less where the interval leaves out 1 and p_adjusted "
               "is at most 5 %", allowed=ANSWERS, required=True),
        Column("calls_for", "category", "Way of selling that this calls for; blank: neither",
               allowed=("", "inside", "field")),
        Column("definition", "text", "What the figures are", required=True),
    ),
    _output(
        "structure_models",
        "Way of selling that the answers of a segment call for, and what it asks of others.",
        ("segment",),
        _SEGMENT,
        Column("model", "category", "What lead volume, deal size and cycle call for together",
               allowed=MODELS, required=True),
        Column("field_count", "int", "Answers that call for field", ge=0),
        Column("inside_count", "int", "Answers that call for inside", ge=0),
        Column("known_count", "int", "Questions with an answer", ge=0),
        Column("account_count", "int", "Accounts", ge=0),
        Column("field_heads", "number", "Field heads today", "heads", ge=0),
        Column("inside_heads", "number", "Inside heads today", "heads", ge=0),
        Column("sdr_heads", "number", "SDR heads today", "heads", ge=0),
        Column("relief_hours", "number", "Hours a year that small local accounts of field sellers "
               "need: what inside could take", "hours", ge=0),
        Column("relief_heads", "number", "relief_hours / hours of a field head", "heads", ge=0),
        Column("leads_count", "number", "Leads of the last twelve months", "leads", ge=0),
        Column("leads_before_count", "number", "Leads of the twelve months before", "leads", ge=0),
        Column("leads_growth", "number", "leads_count / leads_before_count - 1"),
        Column("growth_low", "number", "Lower end of its 95 % interval"),
        Column("growth_high", "number", "Upper end of its 95 % interval"),
        Column("needs", "text", "What the model needs beside people", required=True),
        Column("marketing", "text", "What marketing does for it", required=True),
        Column("reason", "text", "Why this model, with the answers", required=True),
    ),
    _output(
        "structure_lines",
        "Whether a business line carries a team of its own: size, shared customers, who wins more.",
        ("line",),
        Column("line", "text", "Business line of the main product", required=True),
        Column("won_count", "int", "Deals won", "deals", ge=0),
        Column("won_amount", "amount", "Amount of these deals"),
        Column("amount_share", "share", "Share of all deals with a line"),
        Column("heads", "number", "Selling heads of today x amount_share", "heads", ge=0),
        Column("account_count", "int", "Accounts that bought the line", "accounts", ge=0),
        Column("shared_share", "share", "Of these, that bought another line too"),
        Column("region_count", "int", "Regions in which the line alone would fill a team",
               "regions", ge=0),
        Column("home_sellers", "int", "Sellers with most of their decided deals in the line",
               "people", ge=0),
        Column("home_win_share", "share", "Won / decided in the line, by these sellers"),
        Column("others_win_share", "share", "Won / decided in the line, by all other sellers"),
        Column("win_difference", "share", "home_win_share - others_win_share", ge=-1),
        Column("low", "share", "Lower end of its 95 % interval (Newcombe)", ge=-1),
        Column("high", "share", "Upper end of its 95 % interval", ge=-1),
        Column("p_adjusted", "share", "p-value of no difference, allowing for all lines "
               "(Benjamini-Hochberg)"),
        Column("cycle_days", "number", "Mean days from creation to close, deals won", "days", ge=0),
        Column("cycle_ratio", "number", "cycle_days / those of all other lines", "x", ge=0),
        Column("cycle_low", "number", "Lower end of its 95 % interval", "x", ge=0),
        Column("cycle_high", "number", "Upper end of its 95 % interval", "x", ge=0),
        Column("workflow", "category", "Whether the line is sold at the pace of the others",
               allowed=("same", "faster", "slower", "not known"), required=True),
        Column("verdict", "category", "What that says", allowed=LINE_VERDICTS, required=True),
        Column("reason", "text", "Why, with the figures", required=True),
    ),
]  # fmt: skip
