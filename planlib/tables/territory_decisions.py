"""Tables of step 03 about decisions of people: changes, dates, holdover, challenges, and inputs."""

from planlib.tables.contract import Column, Table
from planlib.tables.declare import override_table
from planlib.tables.inputs_customers import ACCOUNT_ID

STEP = "03_territories"
CHANGES = ("moved", "first owner", "owner removed", "new account", "account gone")
REASON_CODES = (
    "relation", "open deal", "industry fit", "location", "language", "workload", "account family",
    "wrong data", "strategy", "other",
)  # fmt: skip
DECISIONS = ("accepted", "not accepted", "nothing to do", "not usable")
OBSTACLES = (
    "balance", "minimum", "budget", "lock", "forbidden", "family", "scope", "unknown account",
    "unknown rep", "superseded", "not allowed",
)  # fmt: skip

_REFS = {
    "account_id": ("accounts", "account_id"),
    "opportunity_id": ("opportunities", "opportunity_id"),
}
_ACCOUNTS = {"account_id": ("accounts", "account_id")}
_COMPARISON = Column("comparison", "text", "What is compared, old to new", required=True)

_SIZES = tuple(
    column
    for when, words in (
        ("old", "in the old plan"),
        ("gained", "gained from other reps"),
        ("lost", "lost to other reps"),
        ("new", "in the new plan"),
    )
    for column in (
        Column(f"{when}_count", "int", f"Accounts {words}", ge=0),
        Column(f"{when}_acv", "amount", f"ACV {words}"),
        Column(f"{when}_potential", "amount", f"Potential {words}"),
        Column(f"{when}_open_amount", "amount", f"Open pipeline {words}"),
    )
)

TABLES = [
    Table(
        "opportunity_teams",
        "input",
        "One colleague in the team of a deal, beside its owner.",
        ("opportunity_id", "rep_id"),
        (
            Column("opportunity_id", "id", "Opportunity in the CRM", required=True),
            Column("rep_id", "id", "Colleague", required=True),
            Column("team_role", "text", "Role in the team, such as solution consultant"),
            Column("added_date", "date", "Day the colleague joined the team"),
        ),
        refs={
            "opportunity_id": ("opportunities", "opportunity_id"),
            "rep_id": ("reps", "rep_id"),
        },
    ),
    override_table(
        "challenges",
        "A manager asks for another owner of an account.",
        ACCOUNT_ID,
        Column("rep_id", "id", "Rep who should own it", required=True),
        Column(
            "reason_code",
            "category",
            "Kind of reason",
            allowed=REASON_CODES,
            required=True,
        ),
        refs=_ACCOUNTS,
    ),
    override_table(
        "account_teams",
        "A person fills a seat of an account's team, or says how likely success there is.",
        ACCOUNT_ID,
        Column("seat", "text", "Seat of the team that is filled; blank: an outlook only"),
        Column("rep_id", "id", "Colleague in the seat, where in reps"),
        Column("person_name", "text", "Colleague in the seat, where not in reps"),
        Column("outlook", "share", "How likely the person who decides holds success there"),
        refs=_ACCOUNTS,
    ),
    Table(
        "territory_changes",
        "output",
        "One account that differs between two plans.",
        ("comparison", "account_id", "role_layer"),
        (
            _COMPARISON,
            ACCOUNT_ID,
            Column("role_layer", "text", "Layer of owners", required=True),
            Column("account_name", "text", "Name of the account"),
            Column("customer_id", "id", "Top account of its family"),
            Column("change", "category", "What changes", allowed=CHANGES, required=True),
            Column("old_rep_id", "id", "Owner in the old plan"),
            Column("old_rep_name", "text", "Name of that owner"),
            Column("new_rep_id", "id", "Owner in the new plan"),
            Column("new_rep_name", "text", "Name of that owner"),
            Column("acv", "amount", "Annual contract value"),
            Column("potential", "amount", "Yearly spend possible with us"),
            Column("open_amount", "amount", "Open pipeline of the account"),
            Column("acv_change", "amount", "ACV in the new plan less that in the old one"),
            Column("potential_change", "amount", "Potential in the new plan less the old one"),
        ),
        STEP,
        _ACCOUNTS,
    ),
    Table(
        "territory_change_reps",
        "output",
        "What one rep gains and loses between two plans.",
        ("comparison", "rep_id", "role_layer"),
        (
            _COMPARISON,
            Column("rep_id", "id", "Rep; (no owner): accounts without one", required=True),
            Column("role_layer", "text", "Layer of owners", required=True),
            Column("rep_name", "text", "Name of the rep"),
            *_SIZES,
            Column("changed_share", "share", "Accounts of the new plan that came from others"),
        ),
        STEP,
    ),
    Table(
        "territory_change_customers",
        "output",
        "What two plans mean for one customer (account family) with a change.",
        ("comparison", "customer_id", "role_layer"),
        (
            _COMPARISON,
            Column("customer_id", "id", "Top account of the family", required=True),
            Column("role_layer", "text", "Layer of owners", required=True),
            Column("customer_name", "text", "Name of the top account"),
            Column("account_count", "int", "Accounts of the family in either plan", ge=0),
            Column("moved_count", "int", "Accounts that change owner", ge=0),
            Column("moved_acv", "amount", "ACV that changes owner"),
            Column("moved_potential", "amount", "Potential that changes owner"),
            Column("moved_open_amount", "amount", "Open pipeline that changes owner"),
            Column("old_rep_count", "int", "Reps the customer deals with in the old plan", ge=0),
            Column("new_rep_count", "int", "Reps the customer deals with in the new plan", ge=0),
            Column("kept_rep_count", "int", "Reps of the old plan that remain", ge=0),
            Column("old_reps", "text", "Those of the old plan, id and name"),
            Column("new_reps", "text", "Those of the new plan, id and name"),
        ),
        STEP,
        {"customer_id": ("accounts", "account_id")},
    ),
    Table(
        "territory_change_summary",
        "output",
        "How much moves between two plans, in one measure.",
        ("comparison", "measure"),
        (
            _COMPARISON,
            Column(
                "measure",
                "category",
                "accounts, or the amount",
                allowed=("accounts", "acv", "potential", "open_amount"),
                required=True,
            ),
            Column("total", "number", "Sum over the accounts of both plans"),
            Column("moved", "number", "Sum over accounts that change owner"),
            Column("moved_share", "share", "moved / total"),
            Column("first_owner", "number", "Sum over accounts that had no owner"),
            Column("owner_removed", "number", "Sum over accounts that have no owner any more"),
            Column("new_account", "number", "Sum over accounts of the new plan alone"),
            Column("account_gone", "number", "Sum over accounts of the old plan alone"),
            Column("unknown_count", "int", "Accounts whose amount is not known", ge=0),
        ),
        STEP,
    ),
    Table(
        "territory_pro_rata",
        "output",
        "One stretch of days in which an account has one owner, and what that is worth.",
        ("account_id", "from_date"),
        (
            ACCOUNT_ID,
            Column("from_date", "date", "First day of the stretch", required=True),
            Column("to_date", "date", "Last day of the stretch", required=True),
            Column("rep_id", "id", "Owner; blank: nobody"),
            Column("rep_name", "text", "Name of the owner"),
            Column("day_count", "int", "Days of the stretch", "days", required=True, ge=1),
            Column("day_share", "share", "Days of the stretch, of the period", required=True),
            Column("cause", "text", "Why this owner: the plan, a decision, a last day"),
            Column("acv", "amount", "ACV of the account x share of days"),
            Column("potential", "amount", "Potential of the account x share of days"),
            Column(
                "quota",
                "amount",
                "Quota of the period on the account x share of days",
                sensitive="pay",
            ),
        ),
        STEP,
        _ACCOUNTS,
    ),
    Table(
        "territory_holdover",
        "output",
        "One open deal on an account that changes owner: who works on it, and who is credited.",
        ("opportunity_id",),
        (
            Column("opportunity_id", "id", "Opportunity in the CRM", required=True),
            Column("opportunity_name", "text", "Name of the deal"),
            ACCOUNT_ID,
            Column("account_name", "text", "Name of the account"),
            Column("old_rep_id", "id", "Owner of the account until now"),
            Column("old_rep_name", "text", "Name of that owner"),
            Column("new_rep_id", "id", "Owner of the account in the plan"),
            Column("new_rep_name", "text", "Name of that owner"),
            Column("stage", "text", "Stage by its label"),
            Column("probability", "share", "Probability of winning as the CRM has it"),
            Column("amount", "amount", "Amount of the deal"),
            Column("close_date", "date", "Expected close date"),
            Column("is_held", "bool", "Whether it stays with the old rep", required=True),
            Column("until_date", "date", "Last day with the old rep"),
            Column("old_share", "share", "Credit of the old rep if won by that day"),
            Column("new_share", "share", "Credit of the new rep if won by that day"),
            Column("reason", "text", "Which rule holds it over, or why it goes", required=True),
        ),
        STEP,
        _REFS,
    ),
    Table(
        "territory_challenges",
        "output",
        "One challenge of a manager and what became of it.",
        ("decision_id",),
        (
            Column("decision_id", "id", "Challenge", required=True),
            Column("place", "int", "Place in the order in which challenges were tried", ge=1),
            ACCOUNT_ID,
            Column("account_name", "text", "Name of the account"),
            Column("rep_id", "id", "Rep who was asked for", required=True),
            Column("rep_name", "text", "Name of that rep"),
            Column("planned_rep_id", "id", "Owner in the plan that was challenged"),
            Column("planned_rep_name", "text", "Name of that owner"),
            Column("reason_code", "category", "Kind of reason", allowed=REASON_CODES),
            Column("who", "text", "Who asked"),
            Column("when", "date", "Day of the challenge"),
            Column("why", "text", "Reason in words"),
            Column("decision", "category", "Outcome", allowed=DECISIONS, required=True),
            Column("obstacle", "category", "Kind of obstacle", allowed=OBSTACLES),
            Column("obstacle_measure", "text", "Measure whose limit is in the way"),
            Column("obstacle_rep_id", "id", "Rep whose limit is in the way"),
            Column("obstacle_limit", "number", "That limit, in units of the measure"),
            Column("obstacle_amount", "number", "By how much it would be passed"),
            Column("cost_change", "number", "Cost of the plan with it, less without", "cost units"),
            Column("acv", "amount", "ACV of the account and its family that would move"),
            Column("solved_rep_id", "id", "Owner after solving again with all that was accepted"),
            Column("detail", "text", "Outcome in one sentence", required=True),
        ),
        STEP,
        _ACCOUNTS,
    ),
]
