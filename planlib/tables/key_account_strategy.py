"""Strategies, landing steps, projects and partners of key accounts; decisions; step 05."""

from functools import partial

from planlib.settings.key_account_lines import LOG_KINDS
from planlib.settings.strategy import TASKS
from planlib.tables.contract import Column, Table
from planlib.tables.declare import output_table, override_table
from planlib.tables.inputs_customers import ACCOUNT_ID
from planlib.tables.key_accounts import STEP

DIRECTIONS = ("create", "expand", "protect", "pursue", "exit")
STEP_STATES = ("not begun", "open", "done", "dropped")
PARTNER_ROLES = ("specified", "recommended", "resold", "delivered", "serviced", "other")

_TASK = Column("task", "category", "Task of ESP+", allowed=TASKS, required=True)
_GOALS = (
    Column("direction", "category", "What is wanted with the account", allowed=DIRECTIONS),
    Column("stage_goal", "text", "Goal of this stage", required=True),
    Column("goal_date", "date", "Day by which it is to be reached"),
    Column("strategy", "text", "How it is to be reached"),
    Column("tactics", "text", "What is done next, and by whom"),
)

_output = partial(output_table, STEP)


def _count(name: str, meaning: str, unit: str) -> Column:
    return Column(name, "int", meaning, unit, ge=0)


TABLES = [
    override_table(
        "account_strategies",
        "A version of the strategy of a key account: goal of the stage, strategy, tactics.",
        ACCOUNT_ID, *_GOALS,
        refs={"account_id": ("accounts", "account_id")},
    ),
    override_table(
        "account_steps",
        "The state of a landing step of a key account.",
        ACCOUNT_ID,
        Column("step", "text", "Key of a landing step of plan.yaml", required=True),
        Column("status", "category", "State", allowed=STEP_STATES, required=True),
        Column("owner_id", "id", "Who does it"),
        Column("due_date", "date", "To be done by"),
        Column("competitor", "text", "Competitor concerned"),
        Column("evidence", "text", "What shows it"),
        refs={"account_id": ("accounts", "account_id"), "owner_id": ("reps", "rep_id")},
    ),
    override_table(
        "director_tasks",
        "The director of the functional line sets a task or gives a training, or notes its end.",
        Column("director_id", "id", "Director", required=True),
        Column("kind", "category", "Kind", allowed=LOG_KINDS, required=True),
        Column("title", "text", "What is to be done or was taught", required=True),
        Column("account_id", "id", "Account concerned; blank: none alone"),
        Column("region", "text", "Region concerned"),
        Column("person_id", "id", "Who does it; blank for a training of many"),
        Column("participants_count", "int", "People who took part", "people", ge=0),
        Column("hours", "number", "Hours of the director", "hours", ge=0),
        Column("start_date", "date", "First day; blank: day of the decision"),
        Column("due_date", "date", "To be done by"),
        Column("status", "category", "State; blank: open",
               allowed=("open", "done", "dropped")),
        Column("effect", "text", "What came of it, in words"),
        refs={"account_id": ("accounts", "account_id"), "director_id": ("reps", "rep_id"),
              "person_id": ("reps", "rep_id")},
    ),
    Table(
        "partner_deals",
        "input",
        "A partner took part in a deal.",
        ("partner_id", "opportunity_id", "role"),
        (
            Column("partner_id", "id", "Partner", required=True),
            Column("opportunity_id", "id", "Deal", required=True),
            Column("role", "category", "What the partner did", allowed=PARTNER_ROLES,
                   required=True),
            Column("noted_date", "date", "Day it was noted", is_past=True),
        ),
        refs={"partner_id": ("partners", "partner_id"),
              "opportunity_id": ("opportunities", "opportunity_id")},
    ),
    _output(
        "strategy_versions",
        "One version of the strategy of a key account, with what changed and why.",
        ("account_id", "version"),
        ACCOUNT_ID,
        Column("version", "int", "1 is the first", required=True, ge=1),
        Column("decision_id", "id", "Decision in overrides/", required=True),
        Column("when", "date", "Day of the version", required=True),
        Column("who", "text", "Who decided", required=True),
        Column("why", "text", "Reason", required=True),
        *_GOALS,
        Column("changed", "text", "What changed against the version before", required=True),
        Column("is_current", "bool", "The last one", required=True),
    ),
    _output(
        "strategy_calls",
        "Why the strategy of a key account should be looked at again.",
        ("account_id", "reason"),
        ACCOUNT_ID,
        Column("rep_id", "id", "Owner"),
        Column("reason", "category", "Why", required=True,
               allowed=("no strategy", "old", "goal passed", "class changed", "closeness moved")),
        Column("detail", "text", "With its numbers", required=True),
        Column("last_date", "date", "Day of the last version; blank: none"),
    ),
    _output(
        "landing_steps",
        "One landing step of one key account, with its state.",
        ("account_id", "step"),
        ACCOUNT_ID,
        _TASK,
        Column("step", "text", "Key of the step", required=True),
        Column("step_order", "int", "Order", required=True, ge=0),
        Column("title", "text", "Step in words", required=True),
        Column("status", "category", "State; not begun where the log is silent",
               allowed=STEP_STATES, required=True),
        Column("owner_id", "id", "Who does it"),
        Column("due_date", "date", "To be done by"),
        Column("is_overdue", "bool", "Open and past its day", required=True),
        Column("competitor", "text", "Competitor concerned"),
        Column("evidence", "text", "What shows it"),
        Column("hint", "text", "What the records say about it; blank: nothing"),
        Column("noted_date", "date", "Day of the last entry"),
    ),
    _output(
        "strategy_findings",
        "A row of an override that could not be used, with the row.",
        ("table", "row_id"),
        Column("table", "text", "Kind of decision", required=True),
        Column("row_id", "text", "Decision", required=True),
        Column("account_id", "id", "Account that it names"),
        Column("detail", "text", "What was found and what was done", required=True),
    ),
    _output(
        "key_account_projects",
        "Number and quality of the projects of a key account in one year.",
        ("account_id", "year"),
        ACCOUNT_ID,
        Column("year", "int", "Calendar year of the decision; the year of the as-of date is "
               "partial", required=True),
        Column("basis", "category", "Projects, or deals where there are no projects",
               allowed=("projects", "deals"), required=True),
        _count("won_count", "Won", "projects"),
        _count("lost_count", "Lost", "projects"),
        Column("won_amount", "amount", "Amount won; blank: none of known amount"),
        Column("win_share", "share", "won_count / (won_count + lost_count)"),
        Column("mean_amount", "amount", "won_amount / won_count of known amount"),
        Column("margin_share", "share", "Margin / amount of won projects with both known", ge=-10,
               le=10),
        Column("is_known", "bool", "The data reach back over the whole year", required=True),
    ),
    _output(
        "partner_coverage",
        "Partners of one kind in one region, against the business there.",
        ("kind", "region"),
        Column("kind", "text", "Kind of partner", required=True),
        Column("region", "text", "Sales region", required=True),
        _count("partners_count", "Partners", "partners"),
        _count("active_count", "Of these, in a deal of the last twelve months", "partners"),
        _count("accounts_count", "Key accounts of the region", "accounts"),
        Column("open_amount", "amount", "Open deals of the region"),
        _count("deals_count", "Deals of the region in which this kind took part", "deals"),
        Column("influenced_amount", "amount", "Won in twelve months with this kind; each deal "
               "once a kind"),
        Column("won_amount", "amount", "Won in the region in twelve months"),
        Column("influenced_share", "share", "influenced_amount / won_amount"),
        Column("is_expected", "bool", "The region should have this kind, as plan.yaml says "
               "(key_account_lines.expected_partners, region_partners)", required=True),
        Column("is_gap", "bool", "Expected, and there is no partner of this kind or none is "
               "active", required=True),
        Column("detail", "text", "In words", required=True),
    ),
    _output(
        "partner_results",
        "What one partner took part in.",
        ("partner_id",),
        Column("partner_id", "id", "Partner", required=True),
        Column("name", "text", "Name"),
        Column("kind", "text", "Kind"),
        Column("region", "text", "Sales region"),
        _count("deals_count", "Deals", "deals"),
        _count("won_count", "Won", "deals"),
        _count("lost_count", "Lost", "deals"),
        Column("won_amount", "amount", "Amount of the won deals; a deal of two partners counts "
               "with both"),
        Column("win_share", "share", "won_count / (won_count + lost_count)"),
        Column("low", "share", "Lower end of the 95 % interval"),
        Column("high", "share", "Upper end of it"),
        Column("is_grey", "bool", "Too few closed deals", required=True),
        Column("last_date", "date", "Last deal opened"),
    ),
    _output(
        "partner_overlaps",
        "Two partners of one kind that take part in the same accounts or deals.",
        ("partner_id", "other_id"),
        Column("partner_id", "id", "Partner", required=True),
        Column("other_id", "id", "The other one", required=True),
        Column("kind", "text", "Kind of both", required=True),
        _count("accounts_count", "Accounts in which both took part", "accounts"),
        _count("deals_count", "Deals in which both took part", "deals"),
        Column("overlap_share", "share", "Shared accounts / accounts of the smaller of the two"),
    ),
    _output(
        "director_log",
        "One task or training of a director with due, done and effect.",
        ("decision_id",),
        Column("decision_id", "id", "Last entry in overrides/", required=True),
        Column("director_id", "id", "Director", required=True),
        Column("kind", "category", "Kind", allowed=LOG_KINDS, required=True),
        Column("title", "text", "What", required=True),
        Column("account_id", "id", "Account concerned"),
        Column("region", "text", "Region concerned"),
        Column("person_id", "id", "Who does it"),
        _count("participants_count", "People who took part", "people"),
        Column("hours", "number", "Hours of the director", "hours", ge=0),
        Column("start_date", "date", "First day", required=True),
        Column("due_date", "date", "To be done by"),
        Column("done_date", "date", "Day on which it was noted as done"),
        Column("status", "category", "State", allowed=("open", "done", "dropped"), required=True),
        Column("is_overdue", "bool", "Open and past its day", required=True),
        Column("effect", "text", "What came of it, as noted"),
        Column("closeness_change", "number", "Closeness of the accounts concerned, three months "
               "on less at the start", "points"),
        Column("others_change", "number", "The same of all other key accounts", "points"),
        _count("accounts_count", "Key accounts behind closeness_change", "accounts"),
        Column("reason", "text", "Reason of a blank change"),
    ),
]  # fmt: skip
