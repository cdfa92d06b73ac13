"""Tables of closeness, written by step 05: logging first, then contacts, seats, accounts, trend."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table
from planlib.tables.inputs_customers import ACCOUNT_ID
from planlib.tables.key_accounts import STEP

CARRIERS = ("automatic", "rated", "none")
ALERTS = ("silence", "single_thread", "no_thread", "dependence", "falling")

_CONTACT_ID = Column("contact_id", "id", "Contact in the CRM", required=True)
_POWER = Column("decision_power", "share", "Share of the decision that lies with the seat", le=10)
_SCORE = Column("score", "score", "Automatic closeness: 100 x weighted sum of the four parts")
_SILENT = Column("silent_days", "int", "Days since the last counted contact; blank: none", "days",
                 ge=0)  # fmt: skip
_LAST = Column("last_date", "date", "Day of the last counted contact; blank: none is logged")
_MONTH = Column("month_date", "date", "Last day of the month, or the as-of date", required=True)

_output = partial(output_table, STEP)


def _count(name: str, meaning: str, unit: str = "contacts") -> Column:
    return Column(name, "int", meaning, unit, ge=0)


TABLES = [
    _output(
        "logging_coverage",
        "How completely one rep logs contact: it says how far counts can be trusted, no more.",
        ("rep_id",),
        Column("rep_id", "id", "Rep who owns a key account", required=True),
        _count("accounts_count", "Key accounts that the rep owns", "accounts"),
        _count("weeks_count", "Weeks in the window at work", "weeks"),
        _count("logged_weeks_count", "Of these, weeks with enough contacts logged", "weeks"),
        _count("deals_count", "Deals of the rep that closed in the window", "deals"),
        _count("logged_deals_count", "Of these, deals with a contact logged before", "deals"),
        Column("week_share", "share", "logged_weeks_count / weeks_count"),
        Column("deal_share", "share", "logged_deals_count / deals_count; blank: too few deals"),
        Column("coverage_share", "share", "The lower of the two; blank: not known"),
        Column("is_low", "bool", "Too low or not known: automatic part blank", required=True),
        Column("reason", "text", "What it rests on", required=True),
    ),
    _output(
        "closeness_left_out",
        "How many activities did not count as contact, by the first reason that applies.",
        ("reason",),
        Column("reason", "text", "Why they do not count; counted: those that do", required=True),
        Column("reason_order", "int", "Order of the reasons", required=True, ge=0),
        _count("rows_count", "Activities of all accounts", "activities"),
        _count("key_count", "Of these, activities of key accounts", "activities"),
        Column("meaning", "text", "The reason in words", required=True),
    ),
    _output(
        "closeness_findings",
        "One row of an input that closeness could not use, with the row.",
        ("finding", "table", "row_id"),
        Column("finding", "text", "What is wrong", required=True),
        Column("table", "text", "Input table", required=True),
        Column("row_id", "text", "Key of the row", required=True),
        Column("account_id", "id", "Account that the row names"),
        Column("contact_id", "id", "Contact that the row names"),
        Column("detail", "text", "What was found and what was done", required=True),
    ),
    _output(
        "closeness_contacts",
        "Automatic closeness of one contact of a key account.",
        ("contact_id",),
        ACCOUNT_ID,
        _CONTACT_ID,
        Column("recency", "share", "2 to the power of -(days since last contact / half-life)"),
        Column("frequency", "share", "Contacts in the window / target, at most 1"),
        Column("reciprocity", "share", "2 x min(in, out) / (in + out); blank: direction unknown"),
        Column("depth", "share", "Sum of depths in the window / target, at most 1"),
        _SCORE,
        _count("events_count", "Counted contacts in the window"),
        _count("in_count", "Of these, started by the customer or two-way"),
        _count("out_count", "Of these, started by us or two-way"),
        _LAST,
        _SILENT,
        Column("is_thread", "bool", "Score of at least the thread score"),
        Column("reason", "text", "Reason of a blank score"),
    ),
    _output(
        "closeness_seats",
        "One seat of the buying centre with who holds it and how close we are.",
        ("account_id", "seat"),
        ACCOUNT_ID,
        Column("seat", "text", "Seat; contact id where no seats are recorded", required=True),
        Column("basis", "category", "Seats as recorded, or contacts weighted by level",
               allowed=("seats", "contacts by level"), required=True),
        Column("contact_id", "id", "Who holds the seat; blank: unknown, counts 0"),
        _POWER,
        Column("attitude", "int", "Attitude to us, -2 (against) to 2 (sponsor)", ge=-2, le=2),
        Column("visible_factor", "text", "Stated reasons behind decisions"),
        Column("hidden_factor", "text", "Unstated reasons behind decisions", sensitive="contact"),
        Column("recorded_date", "date", "Day of the record"),
        Column("confidence", "share", "How sure the recorder is"),
        _SCORE,
        _LAST,
        _SILENT,
        Column("is_thread", "bool", "Whether the holder is a thread"),
        Column("is_champion", "bool", "Attitude of at least that of a champion"),
        Column("reason", "text", "Reason of a blank or zero score"),
    ),
    _output(
        "account_closeness",
        "Closeness of one key account: automatic part and rated part apart, and which one carries.",
        ("account_id",),
        ACCOUNT_ID,
        Column("rep_id", "id", "Owner"),
        Column("automatic_score", "score", "Sum of power x score / sum of power over the seats"),
        Column("automatic_reason", "text", "Reason of a blank automatic part"),
        Column("rated_score", "score", "10 x mean of the raters' latest ratings (0 to 10)"),
        Column("rated_confidence", "share", "Mean confidence of these ratings"),
        Column("rated_date", "date", "Day of the latest of these ratings"),
        _count("raters_count", "Raters", "people"),
        Column("closeness", "score", "The part that carries; never a mix"),
        Column("carried_by", "category", "Which part carries", allowed=CARRIERS, required=True),
        Column("basis", "text", "Seats as recorded, or contacts weighted by level"),
        _count("seats_count", "Seats", "seats"),
        _count("unknown_count", "Of these, seats with nobody known", "seats"),
        _count("thread_count", "Contacts that are threads"),
        Column("authority_share", "share", "Power of seats with a thread / power of all seats"),
        Column("dependence_share", "share", "Share of our most active person in the contacts"),
        Column("dependence_rep_id", "id", "That person"),
        Column("change_score", "number", "Automatic part less that of three months ago", "points"),
        Column("logging_share", "share", "Logging coverage of the owner"),
    ),
    _output(
        "closeness_trend",
        "Closeness of one key account at one month end, counted again with today's seats.",
        ("account_id", "month_date"),
        ACCOUNT_ID,
        _MONTH,
        Column("automatic_score", "score", "Automatic part as of that day"),
        _count("thread_count", "Threads as of that day"),
        Column("rated_score", "score", "Rated part as of that day"),
        Column("reason", "text", "Reason of a blank automatic part"),
    ),
    _output(
        "closeness_alerts",
        "One warning about the closeness of a key account.",
        ("account_id", "alert", "seat"),
        ACCOUNT_ID,
        Column("alert", "category", "What it warns of", allowed=ALERTS, required=True),
        Column("seat", "text", "Seat concerned; all for the account", required=True),
        Column("contact_id", "id", "Contact concerned"),
        Column("rep_id", "id", "Owner of the account"),
        _SILENT,
        Column("detail", "text", "The warning in words", required=True),
    ),
    _output(
        "closeness_projects",
        "Closeness of the account before and after one project of a key account.",
        ("project_id",),
        Column("project_id", "id", "Project", required=True),
        ACCOUNT_ID,
        Column("outcome", "category", "Outcome", allowed=("won", "lost"), required=True),
        Column("decided_date", "date", "Contract, or day of the loss"),
        Column("before_date", "date", "Month end before the opportunity was opened"),
        Column("after_date", "date", "First month end long enough after the decision"),
        Column("before_score", "score", "Automatic part before"),
        Column("after_score", "score", "Automatic part after"),
        Column("change_score", "number", "after_score - before_score", "points"),
        Column("reason", "text", "Reason of a blank change"),
    ),
    _output(
        "seat_insight",
        "For how many decision seats of one key account visible and hidden factors are on record.",
        ("account_id",),
        Column("account_id", "id", "Account; all for the sum", required=True),
        _count("seats_count", "Seats of the buying centre on record; blank: none", "seats"),
        _count("holder_count", "Of these, seats with somebody known", "seats"),
        _count("visible_count", "Of these, seats with stated reasons (visible factors)", "seats"),
        _count("hidden_count", "Of these, seats with unstated reasons (hidden factors)", "seats"),
        _count("both_count", "Of these, seats with both", "seats"),
        Column("visible_share", "share", "visible_count / seats_count"),
        Column("hidden_share", "share", "hidden_count / seats_count"),
        Column("both_share", "share", "both_count / seats_count"),
        Column("low", "share", "Lower end of the 95 % interval of both_share (Wilson)"),
        Column("high", "share", "Upper end of it"),
        Column("both_power_share", "share", "Decision power of seats with both / of all seats"),
        _count("dated_count", "Seats with a factor whose record has a day", "seats"),
        _count("fresh_count", "Of these, seats recorded within closeness.factor_days", "seats"),
        Column("fresh_share", "share", "fresh_count / seats_count"),
        Column("confidence", "share", "Mean confidence of the records, by decision power"),
        Column("first_date", "date", "Oldest record"),
        Column("last_date", "date", "Newest record"),
        Column("reason", "text", "Reason of blank figures"),
    ),
]  # fmt: skip
