"""Tables of support, step 09: who is served by whom, when, why not, and what that teaches."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table, override_table
from planlib.tables.inputs_support import REQUEST_ORIGINS, SUPPORT_LINES
from planlib.tables.projects import STEP

LOCKS = ("must", "must_not", "refuse")
OUTCOMES = ("served", "running", "refused", "ranked", "not rated")
REFUSALS = ("", "no go", "by a person", "window over", "no hours given", "no skill", "no place",
            "no hours in window", "worth less", "no gain", "not rated")  # fmt: skip

_REQUEST = Column("request_id", "id", "Request", required=True)
_EXPERT = Column("expert_id", "id", "Expert", required=True)
_PROJECT = Column("project_id", "id", "Project that asks")
_SKILL = Column("skill", "text", "Skill")
_START = Column("period_start", "date", "First day of the week or month", required=True)
_END = Column("period_end", "date", "Last day", required=True)


def _hours(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, "hours", ge=0)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", meaning, required=True, ge=0)


_output = partial(output_table, STEP)

_FREE = _hours("available_hours", "Hours without holidays and leave")
_PLANNED = _hours("planned_hours", "Hours given to requests")

TABLES = [
    override_table(
        "support_locks",
        "A person gives a request to an expert, forbids it, or refuses the request.",
        Column("request_id", "id", "Request", required=True),
        Column("expert_id", "id", "Expert; blank with refuse"),
        Column("rule", "category", "must: served by the expert; must_not: not by the expert; "
               "refuse: by nobody", allowed=LOCKS, required=True),
    ),
    _output(
        "support_plan",
        "One request: served by whom or why not, what it is worth, and when it changes.",
        ("request_id",),
        _REQUEST, _PROJECT,
        Column("opportunity_id", "id", "Opportunity that asks"),
        Column("account_id", "id", "Account"),
        Column("name", "text", "Name of the project; before there is a deal, of the account"),
        Column("origin", "category", "What asks: a project, a deal, or an account before there is "
               "a deal; deal opened since: the request is older than its deal",
               allowed=REQUEST_ORIGINS),
        Column("requested_by", "id", "Rep who asks"),
        Column("requested_date", "date", "Day of the request"),
        Column("support_line", "category", "Who is asked for", allowed=SUPPORT_LINES),
        _SKILL,
        _hours("hours", "Hours asked for, of all experts together"),
        Column("expert_count", "int", "Experts needed together in the same weeks", ge=1),
        Column("also_skills", "text", "Skills of the further experts, parted by |"),
        Column("needed_from", "date", "Needed from"),
        Column("needed_to", "date", "Needed until"),
        Column("province", "text", "Where the work is done"),
        Column("outcome", "category", "ranked: a queue without a plan", allowed=OUTCOMES,
               required=True),
        Column("expert_id", "id", "Expert who serves it"),
        Column("also_expert_ids", "text", "Further experts who serve it, parted by ;"),
        _hours("planned_hours", "Hours of its experts, with those of the way"),
        Column("rank", "int", "Place by gain per hour", ge=1),
        Column("margin_amount", "amount", "Margin at stake"),
        Column("p_without", "share", "Probability of winning without support"),
        Column("p_with", "share", "Probability of winning with support"),
        Column("probability_basis", "text", "Where the two come from"),
        Column("strategic_factor", "number", "Weight beyond the margin", "x", ge=0),
        Column("gain_amount", "amount", "Margin x (p with - p without) x strategic factor"),
        Column("gain_per_hour", "amount", "gain_amount / hours"),
        Column("is_small", "bool", "Counts for the minimum service of small accounts"),
        Column("change_below", "share", "p without below which the request is served, above which "
               "it is not, all else equal; blank: no value changes it"),
        Column("change_basis", "text", "How that was found"),
        Column("reason_kind", "category", "Kind of reason", allowed=REFUSALS),
        Column("reason", "text", "Reason in words", required=True),
        Column("free_date", "date", "First day from which an expert has the hours; refused only"),
        Column("is_late_answer", "bool", "Not answered within the days of plan.yaml"),
        Column("lock", "text", "Decision of a person that holds"),
    ),
    _output(
        "support_schedule",
        "Hours of an expert for a request in a week or, later on, a month.",
        ("request_id", "expert_id", "period_start"),
        _REQUEST, _EXPERT, _START, _END, _SKILL,
        _PLANNED,
    ),
    _output(
        "support_load",
        "Hours of an expert in a week or month.",
        ("expert_id", "period_start"),
        _EXPERT, _START, _END,
        Column("name", "text", "Name of the expert"),
        Column("skills", "text", "Skills"),
        _FREE, _PLANNED,
    ),
    _output(
        "support_skill_load",
        "Hours for a skill in a week or month.",
        ("skill", "period_start"),
        Column("skill", "text", "Skill", required=True),
        _START, _END,
        _hours("available_hours", "Hours of all who have the skill; who has two counts in both"),
        _hours("planned_hours", "Hours given to requests for the skill"),
        _hours("other_hours", "Hours of the same people given to requests for other skills"),
    ),
    _output(
        "support_values",
        "What one more expert of a skill would be worth.",
        ("skill",),
        Column("skill", "text", "Skill", required=True),
        _count("expert_count", "Experts who have it"),
        _count("request_count", "Requests for it"),
        _count("served_count", "Of these, served or running"),
        _hours("requested_hours", "Hours asked for"),
        _hours("planned_hours", "Hours given"),
        Column("refused_gain_amount", "amount",
               "Gain of the requests refused for lack of hours or people"),
        Column("expert_value_amount", "amount", "Gain of one more expert with this skill alone"),
        Column("hour_value_amount", "amount", "Gain of one more hour in the scarcest week"),
        Column("basis", "text", "How it was found", required=True),
    ),
    _output(
        "support_conflicts",
        "Weeks in which requests that have to find their hours there want more of an expert than "
        "there is.",
        ("expert_id", "first_date", "last_date"),
        _EXPERT,
        Column("name", "text", "Name of the expert"),
        _count("request_count", "Requests whose windows lie inside these weeks"),
        Column("first_date", "date", "First day of these weeks", required=True),
        Column("last_date", "date", "Last day of these weeks", required=True),
        _hours("wanted_hours", "Hours that they want"),
        _hours("available_hours", "Hours of the expert in these weeks"),
        Column("served", "text", "Served by the expert", required=True),
        Column("refused", "text", "Refused, highest gain first", required=True),
        Column("refused_gain_amount", "amount", "Gain of the refused"),
    ),
    _output(
        "support_experience",
        "Win rates of closed projects with and without support: a hypothesis, not a proof.",
        ("topic", "item"),
        Column("topic", "category", "What is compared",
               allowed=("support", "answer", "loss"), required=True),
        Column("item", "text", "All, a lane, or a group", required=True),
        Column("item_order", "int", "Order", required=True, ge=0),
        Column("with_count", "int", "Closed projects with it", ge=0),
        Column("with_won_count", "int", "Won of these", ge=0),
        Column("with_share", "share", "Win rate with it"),
        Column("with_low", "share", "Lower end of its 95 % interval"),
        Column("with_high", "share", "Upper end"),
        Column("without_count", "int", "Closed projects without it", ge=0),
        Column("without_won_count", "int", "Won of these", ge=0),
        Column("without_share", "share", "Win rate without it"),
        Column("without_low", "share", "Lower end of its 95 % interval"),
        Column("without_high", "share", "Upper end"),
        Column("odds_ratio", "number", "Odds of winning with it over those without", "x"),
        Column("low", "number", "Lower end of its 95 % interval", "x"),
        Column("high", "number", "Upper end", "x"),
        Column("is_grey", "bool", "Too few cases"),
        Column("note", "text", "How to read it", required=True),
    ),
    _output(
        "support_parties",
        "Requests by the party that is asked, and of all by fiscal quarter: answers, in place, "
        "outcome.",
        ("support_line", "period"),
        Column("support_line", "category", "Who is asked: a party, all, or not said", required=True,
               allowed=("all", *SUPPORT_LINES, "not said")),
        Column("period", "text", "Fiscal quarter of the request, or all", required=True,
               example="2026Q1"),
        Column("place", "int", "Order", required=True, ge=0),
        _count("request_count", "Requests, without those withdrawn"),
        _count("answered_count", "Of these, with a day of the answer"),
        Column("answer_days", "number", "Median working days until the answer", "days", ge=0),
        _count("judged_count", "Requests with the day of the answer, and open ones that are late: "
               "what may still wait is not judged"),
        Column("in_time_share", "share", "Of these, answered within support.response_days"),
        _count("served_count", "Served or running"),
        _count("refused_count", "Refused"),
        _count("due_count", "Requests whose first day needed has come"),
        _count("in_place_count", "Of these, served and answered by that day"),
        Column("in_place_share", "share", "In place / requests whose day has come"),
        Column("low", "share", "Lower end of its 95 % interval"),
        Column("high", "share", "Upper end"),
        _count("won_count", "Served requests of projects that were won"),
        _count("lost_count", "Served requests of projects that were lost"),
        Column("is_grey", "bool", "Too few requests whose day has come"),
    ),
    _output(
        "support_accounts",
        "Support of an account beside its score as a key account.",
        ("account_id",),
        Column("account_id", "id", "Account", required=True),
        Column("name", "text", "Company name"),
        Column("is_key", "bool", "Key account; blank: no list"),
        Column("score", "score", "Score of step 05"),
        _count("request_count", "Requests"),
        _hours("requested_hours", "Hours asked for"),
        _hours("planned_hours", "Hours given"),
        Column("gain_amount", "amount", "Gain of what is served"),
        Column("hours_share", "share", "Share of all hours given"),
        Column("score_share", "share", "Share of the scores of all accounts that ask"),
    ),
    _output(
        "support_figures",
        "One figure of the support plan.",
        ("figure",),
        Column("figure", "text", "Figure", required=True),
        Column("figure_order", "int", "Order", required=True, ge=0),
        Column("value", "number", "Money, hours, share or count"),
        Column("unit", "text", "Unit", required=True),
        Column("meaning", "text", "What it is, or why it is blank", required=True),
    ),
]  # fmt: skip
