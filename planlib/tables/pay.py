"""Tables of step 04_quotas on pay, size by return, the check of the plans, and the timeline."""

from functools import partial

from planlib.settings.pay import PARTS, RULES
from planlib.tables.contract import Column
from planlib.tables.declare import output_table, override_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "04_quotas"
RELEASE_STATES = ("draft", "agreed", "released")
MILESTONE_STATES = ("planned", "done", "late", "proposed")
PAY_PROBLEMS = (
    "two_plans_on_a_date", "rate_not_above_zero", "quota_not_above_zero", "cap_below_threshold",
    "accelerator_below_zero", "threshold_below_zero", "variable_unknown", "role_without_plan",
    "plan_changes_later", "deal_type_unknown", "alternative_without_role",
    "milestone_without_owner",
    "milestone_without_date", "milestones_out_of_order", "done_in_future", "release_by_nobody",
    "release_in_future", "release_of_unknown_plan",
)  # fmt: skip
SIZE_VERDICTS = ("too few", "about right", "too many", "scenario", "not known")
CLASSES = ("pay", "rank", "retention", "contact")

_CUT = Column("cut", "category", "What is sized", allowed=("total", "unit"), required=True)
_VALUE = Column("cut_value", "text", "Its value; all for the total", required=True)
_ROLE = Column("role", "text", "Role", required=True)
_PLAN = Column("plan", "text", "Pay plan: current, or an alternative of plan.yaml", required=True)
_GROUP = Column("role_group", "text", "Role, other roles where small, or all", required=True)
_REASON = Column("reason", "text", "What a blank or a weaker figure rests on")


def _pay(name: str, meaning: str) -> Column:
    return Column(name, "amount", meaning, sensitive="pay")


def _count(name: str, meaning: str, unit: str = "people") -> Column:
    return Column(name, "int", meaning, unit, ge=0)


def _wide(name: str, meaning: str) -> Column:
    return Column(name, "share", meaning, ge=-1e6, le=1e6)


_output = partial(output_table, STEP)

TABLES = [
    override_table(
        "planning_milestones",
        "A milestone of the planning cycle with its owner, or what became of it.",
        Column("milestone", "text", "Name of the milestone", required=True),
        Column("milestone_order", "int", "Place in the order of work; blank: by due date"),
        Column("sponsor", "text", "Who answers for it before the leadership"),
        Column("owner", "text", "Who does it"),
        Column("due_date", "date", "To be done by"),
        Column("done_date", "date", "Day on which it was done; blank: not yet"),
        Column("expectation", "text", "What is there when it is done"),
    ),
    override_table(
        "releases",
        "Somebody agrees to territories, quotas or pay, or releases them.",
        Column("part", "category", "Which plan", allowed=PARTS, required=True),
        Column("state", "category", "State that it gets", allowed=RELEASE_STATES,
               required=True),
    ),
    _output(
        "pay_cost",
        "Expected pay of a group of people under a pay plan, beside the cost at mean attainment.",
        ("plan", "role_group"),
        _PLAN, _GROUP,
        Column("roles", "text", "Roles in the group"),
        _count("people_count", "People employed in the fiscal year or planned, at least in part"),
        _count("simulated_count", "Of these, with simulated attainment; others at 100 %"),
        _pay("base_amount", "Base pay, pro rata for the part of the year"),
        _pay("target_variable_amount", "Variable pay at 100 % attainment, pro rata"),
        _pay("target_pay_amount", "On-target earnings: base + variable at 100 %"),
        _pay("quota_amount", "Quotas of those with simulated attainment"),
        Column("quota_pay_ratio", "number", "Quota / on-target earnings of the same people", "x",
               ge=0, sensitive="pay"),
        _wide("mean_attainment_share", "Mean attainment over people and draws, by variable pay"),
        Column("at_quota_share", "share", "Simulated years at or above quota"),
        Column("below_threshold_share", "share", "Simulated years below the threshold of pay"),
        Column("capped_share", "share", "Simulated years above the cap of pay"),
        _pay("sales_amount", "Expected sales of the group, in the year"),
        _pay("cost_at_mean_amount", "Base + payout at the mean attainment"),
        _pay("cost_amount", "Expected cost: mean over the draws of base + payout"),
        _pay("cost_low_amount", "Lower end of its interval"),
        _pay("cost_high_amount", "Upper end of its interval"),
        _pay("convexity_amount", "Expected cost - cost at mean attainment: what spread costs"),
        _pay("advance_amount", "Advances (draws) beyond what is earned, expected"),
        _wide("cost_of_sales_share", "Expected cost / expected sales"),
        _pay("budget_amount", "Budget, for all roles together"),
        Column("budget_basis", "text", "What the budget is"),
        Column("over_budget_share", "share", "Probability that the cost exceeds the budget"),
        _pay("earnings_low_amount", "Earnings of a full year: lower end of the interval"),
        _pay("earnings_median_amount", "Earnings of a full year: median over people and draws"),
        _pay("earnings_high_amount", "Earnings of a full year: upper end of the interval"),
        _wide("cost_change_share", "Expected cost against that of the current plan"),
        _REASON,
    ),
    _output(
        "pay_curves",
        "What a role's pay plan pays at an attainment, as a share of variable pay.",
        ("plan", "role", "attainment_share"),
        _PLAN, _ROLE,
        Column("attainment_share", "share", "Attained / quota", le=1e6, required=True),
        Column("payout_share", "share", "Payout / variable pay at 100 %", le=1e6,
               sensitive="pay"),
        _pay("payout_amount", "Payout of a full year"),
    ),
    _output(
        "pay_attainment",
        "How many simulated years of a group end in a band of attainment.",
        ("role_group", "from_share"),
        _GROUP,
        Column("from_share", "share", "Attainment from", le=1e6, required=True),
        Column("to_share", "share", "Attainment below; blank: no end", le=1e6),
        Column("year_share", "share", "Simulated years in the band / all of the group"),
        _count("people_count", "People of the group with simulated attainment"),
    ),
    _output(
        "pay_problems",
        "A row about pay, milestones or releases that is wrong, and what was done with it.",
        (),
        Column("problem", "category", "Kind of problem", allowed=PAY_PROBLEMS, required=True),
        Column("source", "text", "Table of the row", required=True),
        Column("row", "text", "Which row: key, or decision", required=True),
        Column("column", "text", "Column"),
        Column("value", "text", "Value found", sensitive="pay"),
        Column("detail", "text", "What is allowed and what was done", required=True),
    ),
    _output(
        "force_size",
        "How many people pay for themselves, and how many the work asks for.",
        ("cut", "cut_value"),
        _CUT, _VALUE,
        Column("people_count", "number", "Person-years of the roles sized, open seats included",
               "people", ge=0),
        Column("sales_amount", "amount", "Sales of the year that they are sized for"),
        Column("sales_basis", "text", "What these sales are"),
        Column("elasticity", "number", "Percent more sales for one percent more people", "x"),
        Column("elasticity_basis", "text", "Where it comes from"),
        Column("elasticity_low", "number", "Lower elasticity looked at: 80 % interval of a fit, "
               "else force_size.elasticity_range", "x"),
        Column("elasticity_high", "number", "Higher elasticity looked at", "x"),
        _pay("cost_per_person_amount", "C: cost of one person a year"),
        Column("cost_basis", "text", "What that cost is"),
        Column("margin_share", "share", "M: margin on one more sale"),
        Column("margin_basis", "text", "Where M comes from"),
        Column("carry_second_share", "share", "K2: share of a sale that comes again in year 2"),
        Column("carry_third_share", "share", "K3: the same in year 3"),
        Column("carry_basis", "text", "Where K2 and K3 come from"),
        _pay("break_even_amount", "B = C / M: sales that pay for one person"),
        Column("incremental_amount", "amount", "I: sales that one more person brings in year 1"),
        Column("break_even_ratio", "number", "I / B", "x", sensitive="pay"),
        Column("return_share", "share", "(M I + M I K2 + M I K3 - C) / C", ge=-1, le=1e6,
               sensitive="pay"),
        Column("verdict", "category", "What that return says; scenario: the elasticity is assumed, "
               "so that it says nothing yet", allowed=SIZE_VERDICTS, required=True),
        Column("best_count", "int", "Size with the highest three-year profit", "people", ge=0),
        Column("best_edge", "category", "The best is the smallest or largest size looked at; "
               "blank: it lies within", allowed=("", "low", "high")),
        Column("flat_low_count", "int", "Smallest size that is nearly as good", "people", ge=0),
        Column("flat_high_count", "int", "Largest size that is nearly as good", "people", ge=0),
        Column("right_low_count", "int", "Smallest size with a return that is about right",
               "people", ge=0),
        Column("right_high_count", "int", "Largest size with such a return", "people", ge=0),
        Column("best_low_count", "int", "Best size at the lower elasticity", "people", ge=0),
        Column("best_high_count", "int", "Best size at the higher elasticity", "people", ge=0),
        _count("account_count", "Accounts", "accounts"),
        Column("workload_hours", "number", "Selling hours that accounts need a year", "hours",
               ge=0),
        Column("hours_per_person", "number", "Selling hours of a person a year", "hours", ge=0),
        Column("workload_count", "number", "People that the work asks for: hours / hours of one",
               "people", ge=0),
        Column("poor_hours_share", "share", "Hours for accounts whose potential does not pay for "
               "them at margin M, of all hours"),
        Column("explanation", "text", "Why the two sizes differ", required=True),
    ),
    _output(
        "force_size_curve",
        "Sales, cost and three-year profit at a number of people.",
        ("cut", "cut_value", "head_count"),
        _CUT, _VALUE,
        Column("head_count", "int", "People", "people", required=True, ge=0),
        Column("sales_amount", "amount", "Expected sales of the year"),
        Column("incremental_amount", "amount", "Sales that the last of them brings"),
        _pay("cost_amount", "Cost of all of them"),
        _pay("profit_amount", "M x sales x (1 + K2 + K3) - cost"),
        Column("return_share", "share", "Three-year return of the last of them", ge=-1, le=1e6,
               sensitive="pay"),
        Column("is_flat", "bool", "Whether the profit is nearly the best", required=True),
        Column("is_current", "bool", "Whether it is the number of today", required=True),
    ),
    _output(
        "plan_contradictions",
        "Where territories, quotas and pay plan contradict each other, and what is to be decided.",
        ("rule", "subject"),
        Column("rule", "category", "Rule that found it", allowed=RULES, required=True),
        Column("subject", "text", "Rep, role, segment, or all", required=True),
        Column("subject_name", "text", "Its name"),
        Column("severity", "category", "Whether it keeps the plans from being released",
               allowed=("blocks", "warns"), required=True),
        Column("parts", "text", "Plans that contradict each other", required=True),
        Column("statement", "text", "What they say, in one sentence", required=True,
               sensitive="pay"),
        _pay("first_value", "Figure of the first plan"),
        Column("first_meaning", "text", "What it is"),
        _pay("second_value", "Figure of the second plan"),
        Column("second_meaning", "text", "What it is"),
        Column("unit", "text", "Unit of both: amount, hours, share"),
        Column("ratio", "number", "First / second", "x", sensitive="pay"),
        Column("decide", "text", "What to decide", required=True),
        Column("owner", "text", "Who decides"),
    ),
    _output(
        "plan_rules",
        "How often each rule of the check was tested, and what it found.",
        ("rule",),
        Column("rule", "category", "Rule", allowed=RULES, required=True),
        Column("rule_order", "int", "Order", required=True, ge=1),
        Column("meaning", "text", "When it is a contradiction", required=True),
        Column("severity", "category", "What it does", allowed=("blocks", "warns"), required=True),
        _count("tested_count", "Subjects tested", "subjects"),
        _count("found_count", "Contradictions", "subjects"),
        Column("missing", "text", "What is missing for the test; blank: it was made"),
    ),
    _output(
        "plan_releases",
        "State of territories, quotas and pay: none is released alone.",
        ("part",),
        Column("part", "category", "Plan", allowed=PARTS, required=True),
        Column("asked", "category", "State that somebody gave it", allowed=RELEASE_STATES,
               required=True),
        Column("state", "category", "State that it has", allowed=RELEASE_STATES, required=True),
        Column("who", "text", "Who decided"),
        Column("when", "date", "Day of the decision"),
        Column("why", "text", "Reason given"),
        _count("blocking_count", "Open contradictions that block it", "contradictions"),
        Column("reason", "text", "Why it has this state", required=True),
    ),
    _output(
        "planning_timeline",
        "One milestone of the planning cycle.",
        ("milestone_order",),
        Column("milestone_order", "int", "Order of work", required=True, ge=1),
        Column("milestone", "text", "Milestone", required=True),
        Column("sponsor", "text", "Who answers for it before the leadership"),
        Column("owner", "text", "Who does it"),
        Column("due_date", "date", "To be done by"),
        Column("done_date", "date", "Done on"),
        Column("state", "category", "proposed: nobody has confirmed it yet",
               allowed=MILESTONE_STATES, required=True),
        Column("late_days", "int", "Days after the due date, until done or the as-of date", "days",
               ge=0),
        Column("expectation", "text", "What is there when it is done"),
        Column("reason", "text", "Why it has this state", required=True),
    ),
    _output(
        "plan_visibility",
        "What an audience may see of a class of personal data.",
        ("audience", "sensitive_class"),
        Column("audience", "text", "Audience of plan.yaml", required=True),
        Column("sensitive_class", "category", "Class of data", allowed=CLASSES, required=True),
        Column("is_shown", "bool", "Whether the audience sees it", required=True),
        _count("table_count", "Tables with such columns", "tables"),
        _count("column_count", "Such columns", "columns"),
        Column("examples", "text", "The first of them"),
        Column("reason", "text", "What that means", required=True),
    ),
    _output(
        "pay_notes",
        "What a reader must know: headlines, cautions, what is missing, definitions.",
        NOTE_KEY,
        *note_columns("headline", "caution", "missing", "definition"),
    ),
]  # fmt: skip
