"""Tables of step 08_routing on leads: routes, state, matches, scores; and meetings of reps."""

from planlib.settings.routing import POLICIES
from planlib.tables.contract import Column, Table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "08_routing"
RULES = ("same_person", "account_owner", "named_account", "territory", "policy", "catch_all")
ZONE_SOURCES = ("given", "city", "province", "country", "plan")

_LEAD = Column("lead_id", "id", "Lead", required=True)
_REP = Column("rep_id", "id", "Rep", required=True)


def _output(name: str, meaning: str, key: tuple[str, ...], *columns: Column) -> Table:
    return Table(name, "output", meaning, key, columns, step=STEP)


TABLES = [
    Table(
        "meetings",
        "input",
        "One meeting in the calendar of a rep.",
        (),
        (
            Column("rep_id", "id", "Rep", required=True, example="R-01"),
            Column("start_at", "timestamp", "Start, in the plan's time zone", required=True),
            Column("end_at", "timestamp", "End, in the plan's time zone", required=True),
            Column("lead_id", "id", "Lead whom the meeting is with", example="Q-070001"),
            Column("outcome", "category", "What became of it; blank: not known, or still to come",
                   allowed=("held", "no_show", "cancelled")),
        ),
        refs={"rep_id": ("reps", "rep_id")},
    ),
    _output(
        "lead_routes",
        "Who gets a lead, by which rule and why; times in the plan's time zone.",
        ("lead_id",),
        _LEAD,
        Column("rep_id", "id", "Rep; blank: catch-all"),
        Column("outcome", "category", "assigned now, kept from an earlier run, or catch_all",
               allowed=("assigned", "kept", "catch_all"), required=True),
        Column("rule", "category", "Rule of the chain that decided", allowed=RULES, required=True),
        Column("reason", "text", "Rules tried, and why this one decided", required=True),
        Column("decided_at", "timestamp", "When it was decided: when the lead came in"),
        Column("ready_at", "timestamp", "When the rep is at work and below the caps"),
        Column("respond_by", "timestamp", "Deadline of the first answer; later it is re-assigned"),
        Column("contact_at", "timestamp", "First time at which rep and customer are at work"),
        Column("waiting_minutes", "number", "ready_at - decided_at", "minutes", ge=0),
        Column("second_rep_id", "id", "Rep who would have got it next; blank: nobody else"),
        Column("second_is", "text", "What that rep is"),
        Column("account_id", "id", "Account that the lead belongs to"),
        Column("territory", "text", "Sales region of the lead"),
        Column("grade", "text", "Grade of the lead; blank: no score"),
        Column("chance", "share", "Calibrated chance that the lead converts"),
        Column("tier", "text", "Tier of the rep", sensitive="rank"),
        Column("time_zone", "text", "Time zone of the person"),
        Column("zone_source", "category", "given, or assumed from", allowed=ZONE_SOURCES),
        Column("same_as", "id", "Earlier lead of the same person"),
        Column("not_rep_id", "id", "Rep whose deadline has passed"),
        Column("policy", "category", "Policy in force", allowed=POLICIES),
        Column("is_credited", "bool", "Whether the rep got the turn back: no-show, or a status of "
               "routing.credit_statuses"),
    ),
    _output(
        "routing_state",
        "What the router remembers of a rep until the next run.",
        ("rep_id",),
        _REP,
        Column("turn", "number", "Turn: the lowest is next; a lead adds 1, or 1 / weight"),
        Column("seen_date", "date", "Day on which the rep was last considered"),
        Column("open_count", "int", "Leads that wait for an answer", "leads", ge=0),
        Column("assigned_count", "int", "Leads assigned in this run", "leads", ge=0),
    ),
    _output(
        "lead_matches",
        "Account that a lead belongs to, or may belong to.",
        ("lead_id",),
        _LEAD,
        Column("account_id", "id", "Account", required=True),
        Column("method", "category", "How it was found", allowed=("given", "domain", "name"),
               required=True),
        Column("similarity", "score", "Likeness; 100: the same"),
        Column("is_used", "bool", "Used for routing; false: a person should look", required=True),
        Column("company", "text", "Company as the lead names it"),
        Column("account_name", "text", "Name of the account"),
        Column("reason", "text", "Why", required=True),
    ),
    _output(
        "lead_completeness",
        "How often a field of the leads is filled, before and after enrichment.",
        ("field",),
        Column("field", "text", "Column of table leads", required=True),
        Column("lead_count", "int", "Leads: the denominator", "leads", ge=0),
        Column("given_count", "int", "Filled as the leads came", "leads", ge=0),
        Column("enriched_count", "int", "Filled from other tables", "leads", ge=0),
        Column("known_count", "int", "Filled in the end", "leads", ge=0),
        Column("known_share", "share", "known_count / lead_count"),
        Column("filled_from", "text", "From what it is filled"),
    ),
    _output(
        "lead_score_quality",
        "How good the lead score is, on leads that came after those it learnt from.",
        ("measure",),
        Column("measure", "text", "Measure", required=True),
        Column("measure_order", "int", "Order", ge=0),
        Column("value", "number", "Value of the score"),
        Column("base_value", "number", "The same without a score, or what came true"),
        Column("lead_count", "int", "Leads on which it was measured", "leads", ge=0),
        Column("from_date", "date", "First day of these leads"),
        Column("until_date", "date", "Last day of these leads"),
        Column("definition", "text", "What it is"),
    ),
    _output(
        "lead_scores",
        "Chance that a lead is won, from what was known when it came in; computed before the "
        "ranking, which adjusts for the mix of leads by it. It sees neither owner nor rank.",
        ("lead_id",),
        _LEAD,
        Column("score", "share", "Calibrated chance; blank: not known"),
        Column("target", "category", "What it foretells", allowed=("won", "converted")),
        Column("reason", "text", "Why there is no score; blank where there is one"),
    ),
    _output(
        "routing_shares",
        "What a rep gets in a replay of past leads, beside what the rep really got.",
        ("rep_id",),
        _REP,
        Column("name", "text", "Name"),
        Column("tier", "text", "Tier", sensitive="rank"),
        Column("unit", "text", "Business unit"),
        Column("region", "text", "Sales region"),
        Column("time_zone", "text", "Time zone"),
        Column("lead_count", "int", "Leads in the replay", "leads", ge=0),
        Column("lead_share", "share", "Of all assigned leads"),
        Column("quality_share", "share", "Of the sum of chances of all assigned leads"),
        Column("top_grade_count", "int", "Leads of the best grade", "leads", ge=0),
        Column("credited_count", "int", "Leads in the replay whose turn the rep got back, as "
               "nobody came to the meeting", "leads", ge=0),
        Column("past_count", "int", "Leads that the rep owns of the same ones", "leads", ge=0),
        Column("past_share", "share", "Of all these leads that have an owner"),
    ),
    _output(
        "routing_tiers",
        "Weekly list for the CRM's own router: tier, weight and grades of a rep.",
        ("rep_id",),
        _REP,
        Column("name", "text", "Name"),
        Column("list_order", "int", "Order; 1: first", ge=1),
        Column("tier", "text", "Tier", sensitive="rank"),
        Column("weight", "number", "Weight in a weighted round robin", ge=0),
        Column("grades", "text", "Grades that the rep may get, separated by ;"),
        Column("daily_cap", "int", "Most leads a day; blank: none", "leads", ge=1),
        Column("time_zone", "text", "Time zone"),
        Column("away_from", "date", "Next day away"),
        Column("away_until", "date", "Last day of that absence"),
    ),
    _output(
        "routing_notes",
        "What a reader must know: headlines, cautions, what is missing, definitions, rules.",
        NOTE_KEY,
        *note_columns("headline", "caution", "missing", "definition", "rule"),
    ),
]  # fmt: skip
