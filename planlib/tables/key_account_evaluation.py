"""Tables of the evaluation of key accounts, written by step 05, and the decisions behind them."""

from functools import partial

from planlib.settings.evaluation import ASPECTS, MONTHS
from planlib.tables.contract import Column, Sensitive, Table
from planlib.tables.declare import output_table, override_table
from planlib.tables.inputs_customers import ACCOUNT_ID, FACTORS
from planlib.tables.key_account_checks import VERDICTS
from planlib.tables.key_accounts import STEP

STATES = ("done", "due", "overdue", "skipped")
RESULTS = ("met", "not met", "not known")
BALANCES = ("too little", "in line", "too much", "not known")

_REP_ID = Column("rep_id", "id", "Owner of the account today; blank: nobody")
_ASPECT = Column("aspect", "category", "What is evaluated", allowed=ASPECTS, required=True)
_GREY = Column("is_grey", "bool", "Too few cases for a conclusion")
_LOW = Column("low", "share", "Lower end of the 95 % interval")
_HIGH = Column("high", "share", "Upper end of the 95 % interval")

_output = partial(output_table, STEP)


def _count(name: str, meaning: str, unit: str) -> Column:
    return Column(name, "int", meaning, unit, ge=0)


def _check(name: str, meaning: str, subject: Column, *, is_people: bool) -> Table:
    hidden: Sensitive = "rank" if is_people else ""
    return _output(
        name,
        meaning,
        (subject.name, "rule"),
        subject,
        Column("rule", "text", "Rule", required=True),
        Column("rule_order", "int", "Order of the rules", required=True, ge=0),
        Column("value", "number", "What was found", sensitive=hidden),
        Column("limit", "number", "What is up to standard", required=True),
        Column("result", "category", "Whether it is up to standard", allowed=RESULTS,
               required=True, sensitive=hidden),
        Column("evidence", "text", "What it rests on", required=True, sensitive=hidden),
        Column("verdict", "category", "What a person says to it", allowed=VERDICTS,
               sensitive=hidden),
        Column("note", "text", "Review note of that person", sensitive=hidden),
        Column("note_by", "text", "Who wrote it", sensitive=hidden),
        Column("note_date", "date", "Day of the note", sensitive=hidden),
    )  # fmt: skip


TABLES = [
    override_table(
        "account_ratings",
        "A person confirms or changes a rating in the rating sheet, or that needs were gone over.",
        ACCOUNT_ID,
        Column("factor", "category", "What is rated; needs: the register was gone over",
               allowed=(*FACTORS, "needs"), required=True),
        Column("rating", "number", "Judgement on the scale 0 to 10; blank for needs", "0-10",
               ge=0, le=10),
        Column("confidence", "share", "How sure the rater is"),
        Column("rating_date", "date", "Day of the judgement", required=True),
        Column("rater_id", "id", "Who judged", required=True),
        refs={"account_id": ("accounts", "account_id"), "rater_id": ("reps", "rep_id")},
    ),
    _output(
        "evaluation_calendar",
        "One evaluation of one aspect of a key account in one period: done, due, overdue, skipped.",
        ("account_id", "aspect", "start_date"),
        ACCOUNT_ID,
        _ASPECT,
        Column("start_date", "date", "First day of the period", required=True),
        Column("end_date", "date", "Last day of the period; to be done by then", required=True),
        _REP_ID,
        Column("status", "category", "done in the period; due: the period runs; overdue: the "
               "last period ended without; skipped: an earlier one did", allowed=STATES,
               required=True),
        Column("done_date", "date", "Last day of the evidence in the period"),
        Column("evidence", "text", "What shows that it was done; else what is missing",
               required=True),
    ),
    _output(
        "evaluation_agenda",
        "What one aspect still asks for until when, and the commands that bring it into a cycle.",
        ("aspect",),
        _ASPECT,
        Column("aspect_order", "int", "Order", required=True, ge=0),
        Column("cadence", "category", "How often it is evaluated", allowed=tuple(MONTHS),
               required=True),
        Column("start_date", "date", "First day of the running period"),
        Column("end_date", "date", "To be done by"),
        _count("accounts_count", "Key accounts", "accounts"),
        _count("done_count", "Of these, done in the running period", "accounts"),
        _count("due_count", "Of these, not yet done in it", "accounts"),
        _count("overdue_count", "Of these, the period before ended without", "accounts"),
        _count("asked_count", "Accounts on this month's rating sheets", "accounts"),
        _count("put_off_count", "Accounts put off by the cap of minutes", "accounts"),
        Column("how", "text", "What a person does", required=True),
        Column("hand_in", "text", "Command that reads the sheets that came back", required=True),
        Column("next_cycle", "text", "Next cycle that takes it up", required=True),
        Column("command", "text", "Command that runs it", required=True),
    ),
    _output(
        "evaluation_on_time",
        "Share of the evaluations done in their period, over the periods that have ended.",
        ("aspect", "cut", "cut_value"),
        _ASPECT,
        Column("cut", "category", "Cut", allowed=("total", "region", "rep"), required=True),
        Column("cut_value", "text", "Value of the cut; all for the total", required=True),
        _count("done_count", "Done in their period", "evaluations"),
        _count("count", "Done, overdue or skipped; the running period does not count",
               "evaluations"),
        Column("share", "share", "done_count / count"),
        _LOW,
        _HIGH,
        _GREY,
    ),
    _check("account_checks", "Check 1: is this account up to standard.", ACCOUNT_ID,
           is_people=False),
    _check("sales_checks", "Check 2: is this owner's work up to standard.",
           Column("rep_id", "id", "Owner of key accounts", required=True), is_people=True),
    _check("management_checks", "Check 3: was the process followed under this manager.",
           Column("manager_id", "id", "Lead of the functional line, else manager", required=True),
           is_people=True),
    _output(
        "rating_burden",
        "Minutes of rating that one person is asked for this month, capped.",
        ("rep_id",),
        Column("rep_id", "id", "Owner of key accounts, or who takes over from one who is gone",
               required=True),
        _count("accounts_count", "Key accounts that the person is asked about", "accounts"),
        _count("asked_count", "Ratings on the sheet", "ratings"),
        _count("put_off_count", "Ratings put off to the next month by the cap", "ratings"),
        Column("asked_minutes", "number", "Minutes for what is on the sheet", "minutes", ge=0),
        Column("minutes_per_account", "number", "asked_minutes / accounts_count", "minutes", ge=0),
    ),
    _output(
        "rating_sheet",
        "One line of a rating sheet: what is asked of whom, with the last known value.",
        ("rep_id", "account_id", "factor"),
        Column("rep_id", "id", "Who is asked", required=True),
        ACCOUNT_ID,
        Column("factor", "category", "What is asked", allowed=(*FACTORS, "needs"), required=True),
        _ASPECT,
        Column("last_rating", "number", "Last rating by this person, 0 to 10", "0-10"),
        Column("last_confidence", "share", "Its confidence"),
        Column("last_date", "date", "Its day"),
        Column("status", "category", "State of the evaluation in the calendar", allowed=STATES,
               required=True),
        Column("minutes", "number", "Minutes it takes", "minutes", ge=0),
        Column("is_asked", "bool", "On the sheet; else put off by the cap", required=True),
    ),
    _output(
        "key_account_returns",
        "Cost of the work on one key account against margin won later; all: their sum.",
        ("account_id",),
        Column("account_id", "id", "Account; all for the sum", required=True),
        Column("hours", "number", "Hours of our people, twelve months until lag_months ago",
               "hours", ge=0),
        Column("hours_cost_amount", "amount", "hours x cost per hour of each role"),
        Column("spend_amount", "amount", "Money put into projects decided, won or lost, in the "
               "last twelve months; blank: no projects are known"),
        _count("projects_count", "Projects behind it", "projects"),
        _count("uncosted_count", "Further projects decided then, without input cost: not in the "
               "sum", "projects"),
        Column("account_spend_amount", "amount", "Money spent on the account itself in the twelve "
               "months of the hours, without what the input cost of a project holds; blank: no "
               "account_spend"),
        Column("cost_amount", "amount", "hours_cost_amount + spend_amount + "
               "account_spend_amount, where known"),
        Column("margin_amount", "amount", "Margin of deals won in the last twelve months"),
        Column("low_amount", "amount", "Lower end of the margin that chance alone allows (95 %)"),
        Column("high_amount", "amount", "Upper end of it"),
        Column("return_ratio", "number", "margin_amount / cost_amount", "x"),
        Column("low", "number", "low_amount / cost_amount", "x"),
        Column("high", "number", "high_amount / cost_amount", "x"),
        _count("wins_count", "Deals won in the last twelve months", "deals"),
        _count("unpriced_count", "Of these, deals without amount or margin: not in the sums",
               "deals"),
        _GREY,
        Column("reason", "text", "Reason of a blank figure, or of a cost without its money"),
    ),
    _output(
        "effort_against_score",
        "Hours and money that a key account got in twelve months, against its share of scores.",
        ("account_id",),
        ACCOUNT_ID,
        _REP_ID,
        Column("score", "score", "Score of the account"),
        Column("hours", "number", "Hours of our people in the last twelve months", "hours", ge=0),
        _count("people_count", "Our people who worked on it", "people"),
        Column("fair_hours", "number", "All hours x score / sum of scores", "hours", ge=0),
        Column("effort_ratio", "number", "hours / fair_hours", "x"),
        Column("spend_amount", "amount", "Money spent on the account in the last twelve months, "
               "projects included"),
        Column("fair_spend_amount", "amount", "All such money x score / sum of scores"),
        Column("spend_ratio", "number", "spend_amount / fair_spend_amount", "x"),
        Column("balance", "category", "Whether effort is in line with the score",
               allowed=BALANCES, required=True),
        Column("reason", "text", "Reason of an unknown balance"),
    ),
    _output(
        "key_account_stability",
        "How steady the sales of a key account are, and how steady its owner.",
        ("account_id",),
        ACCOUNT_ID,
        _count("quarters_count", "Whole quarters looked at", "quarters"),
        _count("wins_count", "Deals won in them", "deals"),
        Column("won_amount", "amount", "Won in them"),
        Column("variation", "number", "Standard deviation / mean of the quarters", "x", ge=0),
        Column("chance_variation", "number", "What single deals of these sizes falling at random "
               "would give", "x", ge=0),
        Column("is_unsteady", "bool", "More than half above what chance gives, with enough deals"),
        Column("short_term_share", "share", "Deals that closed in the last ten days of a "
               "fiscal quarter"),
        Column("is_push", "bool", "Many such deals while closeness falls; blank: one of "
               "both is not known"),
        _count("owner_changes_count", "Changes of owner seen in the extracts", "changes"),
        Column("last_change_date", "date", "Last change seen"),
        Column("reason", "text", "Reason of a blank figure"),
    ),
    _output(
        "key_account_owners",
        "Who owned a key account when: the owner of most of its deals in each month's extract.",
        ("account_id", "from_date"),
        ACCOUNT_ID,
        Column("from_date", "date", "First extract with this owner", required=True),
        Column("to_date", "date", "Last extract with this owner", required=True),
        Column("rep_id", "id", "Owner", required=True),
        Column("basis", "text", "What it rests on", required=True),
    ),
]  # fmt: skip
