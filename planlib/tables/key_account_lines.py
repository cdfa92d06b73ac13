"""Tables that step 05 writes on the two lines: coverage, credit, duties, boundary."""

from planlib.tables.contract import Column, Table
from planlib.tables.declare import override_table
from planlib.tables.inputs_customers import ACCOUNT_ID
from planlib.tables.key_accounts import STEP

KINDS = ("counted", "overlay", "functional")
LINES = ("administrative", "functional")
PARTS = ("A", "R", "A/R", "C", "I", "-")
_PERIOD = Column("period", "text", "Fiscal quarter", required=True, example="2026Q1")
_DIRECTOR = Column("director_id", "id", "Regional key-account director", required=True)
_DUTY = Column("duty", "text", "Key of the duty in plan.yaml", required=True, example="training")


def _part(name: str, line: str) -> Column:
    return Column(
        name, "category",
        f"{line} line: A answers for it, R does it, C is asked, I is told, - has no part",
        allowed=PARTS, required=True,
    )  # fmt: skip


def _number(name: str, meaning: str, unit: str) -> Column:
    return Column(name, "int", meaning, unit, ge=0)


TABLES = [
    Table(
        "key_account_coverage",
        "output",
        "One key account: who owns it, who leads it in the two lines, who is missing.",
        ("account_id",),
        (
            ACCOUNT_ID,
            Column("owner_id", "id", "Local rep who owns it today, before the territory plan"),
            Column(
                "planned_owner_id", "id", "Rep to whom the territory plan of step 03 gives it"
            ),
            Column("manager_id", "id", "Branch manager (administrative line)"),
            Column("director_id", "id", "Regional key-account director (functional line)"),
            Column(
                "director_origin", "category", "How the director was found",
                allowed=("functional line", "region", "sells in person", ""),
            ),
            Column("gap_count", "int", "Gaps", required=True, ge=0),
            Column("gaps", "text", "Who is missing, or in the wrong place"),
            Column("note", "text", "Reason of what is not known"),
        ),
        step=STEP,
        refs={
            "account_id": ("accounts", "account_id"),
            "owner_id": ("reps", "rep_id"),
            "planned_owner_id": ("reps", "rep_id"),
            "manager_id": ("reps", "rep_id"),
            "director_id": ("reps", "rep_id"),
        },
    ),
    Table(
        "key_account_credit",
        "output",
        "One credit of one rep for what was booked on a deal in a quarter.",
        ("period", "booking_key", "kind", "rep_id"),
        (
            _PERIOD,
            Column("booking_key", "id", "Deal, or booking without a deal", required=True),
            Column("kind", "category", "Counted, overlay split, or functional line",
                   allowed=KINDS, required=True),
            Column("rep_id", "id", "Rep credited", required=True),
            Column("line", "category", "Line of the credit", allowed=LINES, required=True),
            Column("role", "text", "Role of the rep"),
            Column("account_id", "id", "Account"),
            Column("is_key", "bool", "Key account today"),
            Column("booking_date", "date", "Day of the last booking"),
            Column("share", "share", "Share of the bookings", le=10),
            Column("counted_amount", "amount", "Counted: all rows sum up to the bookings once",
                   required=True),
            Column("credited_amount", "amount", "Credited: may exceed the bookings",
                   required=True),
            Column("basis", "category", "What counts as booked",
                   allowed=("bookings", "won deals"), required=True),
        ),
        step=STEP,
    ),
    Table(
        "key_account_credit_bridge",
        "output",
        "One step from the company total to what is credited.",
        ("period", "part"),
        (
            _PERIOD,
            Column(
                "part", "category",
                "company total (bookings, once); counted credit; difference of the two; overlay "
                "splits; functional line; credited",
                allowed=("company total", "counted", "difference", "overlay", "functional",
                         "credited"),
                required=True,
            ),
            Column("place", "int", "Order of the steps", required=True, ge=0),
            Column("amount", "amount", "Amount of the step", required=True),
            Column("key_account_amount", "amount", "Of this, with key accounts"),
        ),
        step=STEP,
    ),
    Table(
        "key_account_rollups",
        "output",
        "Credit of one leader with everybody below, in one of the two lines.",
        ("period", "line", "lead_id"),
        (
            _PERIOD,
            Column("line", "category", "Administrative or functional", allowed=LINES,
                   required=True),
            Column("lead_id", "id", "Leader, or '(outside the line)'", required=True),
            Column("role", "text", "Role of the leader"),
            Column("is_top", "bool", "Nobody above: these rows add up to the ledger",
                   required=True),
            Column("rep_count", "int", "Reps below", "reps", ge=0),
            Column("key_account_count", "int", "Key accounts led, today", ge=0),
            Column("counted_amount", "amount", "Counted credit", required=True),
            Column("credited_amount", "amount", "Credited: counted, overlay, and in the "
                   "functional line its own", required=True),
        ),
        step=STEP,
    ),
    Table(
        "director_duties",
        "output",
        "One duty of one regional key-account director: done, open, or not known.",
        ("director_id", "duty"),
        (
            _DIRECTOR,
            _DUTY,
            Column("place", "int", "Order of the checklist", required=True, ge=0),
            Column("title", "text", "The duty in words", required=True),
            Column("status", "category", "Status", allowed=("done", "open", "not known"),
                   required=True),
            Column("origin", "category", "Who says so: an entry on the duty wins, then the data, "
                   "then the director's log", allowed=("data", "log", "person", "no data"),
                   required=True),
            Column("evidence", "text", "What it rests on", required=True),
            Column("who", "text", "Who entered it"),
            Column("entry_date", "date", "Day of the entry"),
            Column("is_late", "bool", "Said to be done once, too long ago to count, not done now"),
        ),
        step=STEP,
        refs={"director_id": ("reps", "rep_id")},
    ),
    Table(
        "director_supply",
        "output",
        "What one director did in twelve months for the key accounts led, and accounts owned.",
        ("director_id",),
        (
            _DIRECTOR,
            _number("accounts_count", "Key accounts led", "accounts"),
            _number("owned_count", "Accounts owned in person, key or not: a director leads, local "
                    "reps sell", "accounts"),
            _number("judged_count", "Of the key accounts led, rated by the director", "accounts"),
            _number("asked_count", "Requests for support of these accounts", "requests"),
            _number("served_count", "Of these, served or running", "requests"),
            _number("solution_asked_count", "Of the requests, those to the solution line",
                    "requests"),
            _number("solution_served_count", "Of these, served or running", "requests"),
            Column("spend_amount", "amount", "Money spent on these accounts; blank: no "
                   "account_spend"),
            Column("budget_amount", "amount", "Money spent on any account from the director's "
                   "budget (account_spend.approver_id)"),
            _number("tasks_count", "Tasks set, by the log", "entries"),
            _number("guidance_count", "Guidance given, by the log", "entries"),
            _number("trainings_count", "Trainings given, by the log", "entries"),
            _number("support_count", "Support brought in, by the log", "entries"),
            Column("reason", "text", "What is not known"),
        ),
        step=STEP,
        refs={"director_id": ("reps", "rep_id")},
    ),
    Table(
        "line_boundary",
        "output",
        "One step of work: who is responsible in the account, project and support line.",
        ("step",),
        (
            Column("step", "text", "What is done", required=True),
            Column("place", "int", "Order of the steps", required=True, ge=0),
            _part("account_line", "Account"),
            _part("project_line", "Project"),
            _part("support_line", "Support"),
            Column("hand_over", "text", "What passes to the next step, and when"),
            Column("credit_rule", "text", "Who is credited"),
        ),
        step=STEP,
    ),
    override_table(
        "director_duties",
        "A person says that a director did a duty, or that it is open.",
        _DIRECTOR,
        _DUTY,
        Column("is_done", "bool", "Done, or open", required=True),
        refs={"director_id": ("reps", "rep_id")},
    ),
]  # fmt: skip
