"""Tables of quotas: per rep and level, street quota, gap, changes, decisions (step 04_quotas)."""

from functools import partial

from planlib.tables.contract import Column
from planlib.tables.declare import output_table, override_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "04_quotas"
QUOTA_REASONS = (
    "territory changed", "accounts at risk", "pipeline too thin", "absence", "new in the job",
    "room for more", "wrong data", "other",
)  # fmt: skip

_REP = Column("rep_id", "id", "Rep, open seat or planned hire", required=True)

_output = partial(output_table, STEP)


def _pay(name: str, meaning: str, **limits: float) -> Column:
    return Column(name, "amount", meaning, sensitive="pay", ge=limits.get("ge"))


def _group(name: str, meaning: str) -> Column:
    """Give an amount that is a person's quota where few people stand behind it."""
    return Column(name, "amount", meaning, guard="pay")


TABLES = [
    override_table(
        "quotas",
        "A person sets the yearly quota of a rep, of a manager's team or of a unit.",
        Column("rep_id", "id", "Rep, or manager for the team; blank: the unit"),
        Column("unit", "text", "Unit; blank: the rep"),
        Column("quota_amount", "amount", "Yearly quota", required=True, ge=0, sensitive="pay"),
        refs={"rep_id": ("reps", "rep_id")},
    ),
    override_table(
        "quota_challenges",
        "A manager asks, in the review or in a pack, for another yearly quota of a rep or a team.",
        Column("rep_id", "id", "Rep whose quota it is, or manager for the team",
               required=True),
        Column("wanted_amount", "amount", "Yearly quota that is asked for", required=True,
               ge=0, sensitive="pay"),
        Column("reason_code", "category", "Kind of reason", allowed=QUOTA_REASONS,
               required=True),
        refs={"rep_id": ("reps", "rep_id")},
    ),
    _output(
        "quotas",
        "Quota of one rep, open seat or planned hire for the plan year, part by part.",
        ("rep_id",),
        _REP,
        Column("manager_id", "id", "Manager whose level it belongs to; blank: company"),
        Column("unit", "text", "Business unit"),
        Column("region", "text", "Sales region"),
        Column("role", "text", "Role", required=True),
        Column("kind", "category", "Who carries it",
               allowed=("rep", "open seat", "planned hire"), required=True),
        Column("first_date", "date", "First day, expected where the post is open; blank: unknown"),
        Column("leave_date", "date", "Last day where it is known"),
        Column("ramped_share", "share", "Ramp x presence x productivity, mean of the 12 months",
               le=10.0),
        _pay("quota_full_amount", "Full yearly quota in force, ramp left out"),
        Column("quota_source", "text", "Where the quota in force comes from", sensitive="pay"),
        _pay("ramped_quota_amount", "Quota in force x ramped share"),
        Column("attainment_level", "share", "Usual attainment of the role", le=100.0),
        _pay("potential_part", "Potential of the accounts x capture rate x ramped share"),
        _pay("trend_part", "Won in the last twelve months x growth"),
        _pay("capacity_part", "Ramped quota x usual attainment"),
        _pay("bottom_up_amount", "Weighted mean of the known parts"),
        Column("bottom_up_basis", "text", "Weights of the known parts"),
        _pay("top_down_amount", "Share of the target that comes down the hierarchy"),
        _pay("target_amount", "Blend of top-down and bottom-up; adds up to the target"),
        _pay("quota_amount", "Target part x over-assignment, after decisions: the quota of the "
             "year"),
        Column("stretch", "number", "quota_amount / bottom_up_amount", "x", sensitive="pay"),
        Column("stretch_rank", "int", "Rank of the stretch, 1 the most", sensitive="pay"),
        Column("flag", "category", "Stretch beyond the limits of plan.yaml",
               allowed=("", "stretched", "slack", "unknown"), sensitive="pay"),
        Column("flag_reason", "text", "Why it is flagged", sensitive="pay"),
        Column("decision_id", "id", "Decision of a person that sets it"),
    ),
    _output(
        "quota_levels",
        "Target and quota of one level of the hierarchy: company, manager.",
        ("node_id",),
        Column("node_id", "id", "company, or the manager", required=True),
        Column("parent_id", "id", "Level above"),
        Column("depth", "int", "Steps below the company", required=True, ge=0),
        Column("kind", "category", "Kind of level", allowed=("company", "manager"), required=True),
        Column("name", "text", "Name"),
        Column("carriers_count", "int", "Reps and posts with a quota below it", ge=0),
        Column("is_group", "bool", "Whether enough people stand behind the amounts, also by "
               "subtraction, to show them to audiences that may not see pay", required=True),
        _group("stated_amount", "Target that people have set for it"),
        _group("top_down_amount", "Share of the target that comes down"),
        _group("bottom_up_amount", "Sum of the bottom-up estimates below it"),
        _group("target_amount", "Blended target; the children of a level add up to it"),
        _group("quota_amount", "Sum of the quotas below it (street quota)"),
        _group("ramped_quota_amount", "Sum of ramped quotas in force below it"),
        Column("stretch", "number", "quota_amount / bottom_up_amount", "x", guard="pay"),
    ),
    _output(
        "quota_street",
        "Street quota against the target: quotas in force, and quotas of the plan.",
        ("quota_set",),
        Column("quota_set", "category", "Which quotas", allowed=("in force", "plan"),
               required=True),
        Column("target_amount", "amount", "Target of the year"),
        Column("street_amount", "amount", "Sum of ramped quotas"),
        Column("attainment_factor", "share", "target / street quota", le=1000.0),
        Column("over_assignment", "number", "1 / attainment factor", "x"),
        Column("probability", "share", "Share of simulated years that reach the target"),
        Column("attained_low", "amount", "Attained: one simulated year in ten is below"),
        Column("attained_amount", "amount", "Attained, median of the simulated years"),
        Column("attained_high", "amount", "Attained: one simulated year in ten is above"),
        Column("basis", "text", "What it rests on"),
    ),
    _output(
        "over_assignment_curve",
        "Chance to reach the target at one over-assignment.",
        ("over_assignment",),
        Column("over_assignment", "number", "Street quota / target", "x", required=True, ge=1),
        Column("street_amount", "amount", "Street quota"),
        Column("probability", "share", "Share of simulated years that reach the target"),
        Column("unmoved_probability", "share",
               "The same where attained amounts stay as at the quotas in force"),
        Column("attained_low", "amount", "Attained: one simulated year in ten is below"),
        Column("attained_amount", "amount", "Attained, median"),
        Column("attained_high", "amount", "Attained: one simulated year in ten is above"),
        Column("is_chosen", "bool", "Used for the quotas of the plan", required=True),
    ),
    _output(
        "quota_gap",
        "One way to close the gap between target and bottom-up; a decision, never spread silently.",
        ("option",),
        Column("option_order", "int", "Order", required=True, ge=1),
        Column("option", "category", "What would close it",
               allowed=("hire", "price", "lower the target", "accept the stretch",
                        "raise the target"),
               required=True),
        Column("gap_amount", "amount", "Target less bottom-up"),
        Column("value", "number", "How much of it is needed"),
        Column("unit_of_value", "text", "Unit of the figure"),
        Column("definition", "text", "How it is computed, and what it would mean"),
    ),
    _output(
        "quota_changes",
        "A start, leave or decision within the plan year; all amounts are quotas of the plan.",
        (),
        Column("rep_id", "id", "Rep, post or unit", required=True),
        Column("change", "category", "What happens", allowed=("starts", "leaves", "decision"),
               required=True),
        Column("effective_from", "date", "First day of the new state", required=True),
        _pay("old_amount", "Quota before, at a year's pace: of a leaver year_amount / days there x "
             "days of the year; 0 before a start"),
        _pay("new_amount", "Quota after, at a year's pace, likewise; 0 after a leave"),
        Column("days_before", "int", "Days of the year on which the old one counts, with holdover",
               "days", ge=0),
        _pay("year_amount", "Quota of the plan for the year: old and new by their days"),
        Column("reason", "text", "Days, holdover, ramp"),
    ),
    _output(
        "quota_decisions",
        "What became of a quota that a person set.",
        ("decision_id",),
        Column("decision_id", "id", "Decision in overrides/", required=True),
        Column("who", "text", "Who decided"),
        Column("when", "date", "Day of the decision"),
        Column("why", "text", "Reason"),
        Column("rep_id", "id", "Rep or manager"),
        Column("unit", "text", "Unit"),
        _pay("quota_amount", "Yearly quota decided"),
        _pay("year_amount", "What counts in the plan year"),
        _pay("before_amount", "Quota without the decision"),
        Column("status", "category", "What became of it",
               allowed=("applied", "impossible", "unknown"), required=True),
        Column("reason", "text", "How it counts, or why it cannot be kept", sensitive="pay"),
    ),
    _output(
        "quota_findings",
        "A row of the input that is wrong or cannot be kept, and what is done with it.",
        (),
        Column("table", "text", "Table", required=True),
        Column("row_id", "text", "Row", required=True),
        Column("column", "text", "Column"),
        Column("value", "text", "What was found", sensitive="pay"),
        Column("finding", "text", "What is wrong, and what is done", required=True),
    ),
    _output(
        "quota_notes",
        "What a reader must know: headlines, cautions, what is missing, definitions, rule.",
        NOTE_KEY,
        *note_columns("headline", "caution", "missing", "definition", "rule"),
    ),
]  # fmt: skip
