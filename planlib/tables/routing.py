"""Tables of step 08_routing on leads: routes, state, matches, scores; and meetings of reps."""

from functools import partial
from typing import Literal

from planlib.settings.routing import POLICIES
from planlib.tables.contract import Column, Table
from planlib.tables.declare import output_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "08_routing"
RULES = ("same_person", "account_owner", "named_account", "territory", "policy", "catch_all")
ZONE_SOURCES = ("given", "city", "province", "country", "plan")

_RANK: Literal["rank"] = "rank"  # who gets more leads by rank, or comes first, is ranked higher
_LEAD = Column("lead_id", "id", "Lead", required=True)
_REP = Column("rep_id", "id", "Rep", required=True)

_output = partial(output_table, STEP)

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
        spans=(("start_at", "end_at"),),
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
        Column("reason", "text", "Rules tried, and why this one decided", required=True,
               sensitive=_RANK),
        Column("catch_all_reason", "text", "Why no rep has it; blank where one has"),
        Column("created_at", "timestamp", "When the lead came in"),
        Column("decided_at", "timestamp", "When it is decided: when the lead came in; for one that "
               "had waited longer than the deadline, when its customer can be called next"),
        Column("ready_at", "timestamp", "When the rep is at work and below the caps"),
        Column("respond_by", "timestamp", "Deadline of the first answer; later it is re-assigned"),
        Column("contact_at", "timestamp", "First time at which rep and customer are at work"),
        Column("waiting_minutes", "number", "ready_at - decided_at", "minutes", ge=0),
        Column("second_rep_id", "id", "Rep who would have got it next; blank: nobody else",
               sensitive=_RANK),
        Column("second_is", "text", "What that rep is"),
        Column("account_id", "id", "Account that the lead belongs to"),
        Column("territory", "text", "Sales region of the lead"),
        Column("unit", "text", "Business unit of the lead; blank: not known, or not asked for"),
        Column("grade", "text", "Grade of the lead; blank: no score"),
        Column("chance", "share", "Calibrated chance that the lead converts"),
        Column("tier", "text", "Tier of the rep", sensitive=_RANK),
        Column("time_zone", "text", "Time zone of the person"),
        Column("zone_source", "category", "given, or assumed from", allowed=ZONE_SOURCES),
        Column("same_as", "id", "Earlier lead of the same person"),
        Column("person_key", "text", "Key of the e-mail address, the same for leads of one person; "
               "the address cannot be read from it"),
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
        Column("tier", "text", "Tier", sensitive=_RANK),
        Column("unit", "text", "Business unit"),
        Column("region", "text", "Sales region"),
        Column("time_zone", "text", "Time zone"),
        Column("lead_count", "int", "Leads in the replay", "leads", ge=0, sensitive=_RANK),
        Column("lead_share", "share", "Of all assigned leads", sensitive=_RANK),
        Column("quality_share", "share", "Of the sum of chances of all assigned leads",
               sensitive=_RANK),
        Column("top_grade_count", "int", "Leads of the best grade", "leads", ge=0,
               sensitive=_RANK),
        Column("credited_count", "int", "Leads in the replay whose turn the rep got back, as "
               "nobody came to the meeting", "leads", ge=0, sensitive=_RANK),
        Column("past_count", "int", "Leads that the rep owns of the same ones", "leads", ge=0),
        Column("past_share", "share", "Of all these leads that have an owner"),
    ),
    _output(
        "lead_service",
        "How leads of a grade are followed up: as it was, and in a replay by the policy in force.",
        ("grade",),
        Column("grade", "text", "Grade of the lead", required=True),
        Column("grade_order", "int", "Order; 1: the best", ge=1),
        Column("lead_count", "int", "Leads: the denominator", "leads", ge=0),
        Column("answered_share", "share", "Leads with a first answer / lead_count"),
        Column("due_count", "int", "Leads whose deadline has passed", "leads", ge=0),
        Column("in_time_share", "share", "Answered within routing.deadline_minutes of coming in, "
               "by the clock / due_count"),
        Column("answer_hours", "number", "Median time to the first answer, of those with one",
               "hours"),
        Column("assigned_share", "share", "In the replay: leads with a rep / lead_count"),
        Column("replay_in_time_share", "share", "In the replay: a rep is at work within the "
               "deadline / lead_count"),
        Column("replay_wait_minutes", "number", "In the replay: median wait for the rep", "minutes",
               ge=0),
    ),
    _output(
        "rep_exposure",
        "How much of what a rep is handed comes from one region and from one sector.",
        ("rep_id", "basis"),
        _REP,
        Column("basis", "category", "deals: those that the rep owns; replay: leads that the policy "
               "in force would give", allowed=("deals", "replay"), required=True),
        Column("case_count", "int", "Deals or leads", ge=0, sensitive=_RANK),
        Column("region_known_count", "int", "Of these, with a known region: the denominator", ge=0,
               sensitive=_RANK),
        Column("region", "text", "Region with the most of them; blank below ten"),
        Column("region_share", "share", "Its share"),
        Column("region_concentration", "share", "Sum of squared shares by region; 1: one region"),
        Column("sector_known_count", "int", "Of these, with a known industry: the denominator",
               ge=0, sensitive=_RANK),
        Column("sector", "text", "Industry with the most of them; blank below ten"),
        Column("sector_share", "share", "Its share"),
        Column("sector_concentration", "share", "Sum of squared shares by industry"),
    ),
    _output(
        "routing_tiers",
        "Weekly list for the CRM's own router: tier, weight and grades of a rep.",
        ("rep_id",),
        _REP,
        Column("name", "text", "Name"),
        Column("list_order", "int", "Order; 1: first", ge=1, sensitive=_RANK),
        Column("tier", "text", "Tier", sensitive=_RANK),
        Column("weight", "number", "Weight in a weighted round robin", ge=0, sensitive=_RANK),
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
