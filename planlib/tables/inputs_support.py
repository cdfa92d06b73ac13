"""Input tables of support: requests for scarce experts, and days on which experts are away."""

from planlib.tables.contract import Column, Table

SUPPORT_LINES = ("top_management", "solution", "delivery", "product", "test", "expert")
#: What asks for support; the first two are presales: asked for before there was a deal.
REQUEST_ORIGINS = ("before a deal", "deal opened since", "deal", "project")
EARLY = REQUEST_ORIGINS[:2]
REQUEST_STATES = ("open", "running", "served", "refused", "withdrawn")

TABLES = [
    Table(
        "support_requests",
        "input",
        "One request of a project, a deal, or an account before there is a deal, for a scarce "
        "expert, and how it was answered.",
        ("request_id",),
        (
            Column("request_id", "id", "Request", required=True, example="ZC0001"),
            Column("project_id", "id", "Project that asks"),
            Column("opportunity_id", "id", "Opportunity that asks, where there is no project; of a "
                   "request before a deal blank, and filled in once the deal is opened"),
            Column("account_id", "id", "Account; needed before there is a deal"),
            Column(
                "support_line",
                "category",
                "Who is asked for",
                allowed=SUPPORT_LINES,
            ),
            Column("skill", "text", "Skill needed; of several, parted by ;, one expert has all"),
            Column("hours", "number", "Hours needed from now on, of each expert", "hours", ge=0),
            Column("expert_count", "int",
                   "Experts with the skill who are needed together in the same weeks; blank: 1",
                   ge=1, le=10),
            Column("also_skills", "text",
                   "Further experts needed in the same weeks: the skill of each, parted by |"),
            Column("also_hours", "number",
                   "Hours of each of these further experts; blank: those of the first", "hours",
                   ge=0),
            Column("needed_from", "date", "Needed from"),
            Column("needed_to", "date", "Needed until"),
            Column("province", "text", "Where the work is done; blank: the account's province"),
            Column("margin_amount", "amount", "Margin at stake; blank: from project or deal; "
                   "before there is a deal the margin expected, without which it is not rated",
                   below_zero="a loss, so support is worth nothing there"),
            Column("p_without", "share", "Probability of winning without support; blank: derived"),
            Column("p_with", "share", "Probability of winning with support; blank: derived"),
            Column("strategic_factor", "number", "Weight beyond the margin; blank: by rule", "x",
                   ge=0),
            Column("requested_by", "id", "Rep who asks"),
            Column("requested_date", "date", "Day of the request", is_past=True),
            Column("answered_date", "date", "Day of the answer", is_past=True),
            Column(
                "status",
                "category",
                "State: served (over) and running (takes hours now) had an expert; blank: open",
                allowed=REQUEST_STATES,
            ),
            Column("expert_id", "id", "Expert who serves it"),
            Column("also_expert_ids", "text",
                   "Further experts who serve it, parted by ;, where it needs several"),
        ),
        refs={
            "project_id": ("projects", "project_id"),
            "opportunity_id": ("opportunities", "opportunity_id"),
            "account_id": ("accounts", "account_id"),
            "requested_by": ("reps", "rep_id"),
            "expert_id": ("experts", "expert_id"),
        },
        spans=(("needed_from", "needed_to"), ("requested_date", "answered_date")),
    ),
    Table(
        "expert_leave",
        "input",
        "Days on which an expert is away.",
        (),
        (
            Column("expert_id", "id", "Expert", required=True),
            Column("start_date", "date", "First day away", required=True),
            Column("end_date", "date", "Last day away", required=True),
            Column("away_share", "share", "Share of the working time away; blank: all of it"),
            Column("kind", "text", "Why, such as leave or training"),
        ),
        refs={"expert_id": ("experts", "expert_id")},
        spans=(("start_date", "end_date"),),
    ),
]  # fmt: skip
