"""Tables of projects, step 09: lanes, gates, assessment, probability, cash; and its decisions."""

from functools import partial

from planlib.settings.projects import PHASES, WORKS
from planlib.tables.contract import Column
from planlib.tables.declare import output_table, override_table
from planlib.tables.inputs_customers import HORIZONS

STEP = "09_projects"

LANES = ("large", "fast")
GATES = ("go", "no_go", "hold")
QUESTIONS = ("opportunity", "compete", "win", "worth")
STRATEGIES = ("frontal", "flanking", "fragment", "defend", "develop")
ACTION_STATES = ("open", "done", "dropped")
WORK_STATES = ("done", "partial", "out of date", "overdue", "missing")
POSITIONS = ("ahead", "level", "behind", "not assessed")
ORIGINS = ("counted by step 05", "rated for the project", "rated for the account", "not known")
MEASURES = ("counted at the opening", "counted at the decision", "rated before the decision")
BANDS = ("low", "middle", "high", "not known")
MILESTONES = ("advance", "delivery", "acceptance", "retention", "other", "not scheduled",
              "no payments")  # fmt: skip

_PROJECT = Column("project_id", "id", "Project, or the opportunity where there is none",
                  required=True, example="XM01001")  # fmt: skip
_DECISION_ID = Column("decision_id", "id", "Decision in overrides/", required=True)
_NAME = Column("name", "text", "Name of the project")
_LANE = Column("lane", "category", "Large-project process or fast lane", allowed=LANES,
               required=True)  # fmt: skip
_PHASE = Column("phase", "category", "Phase of project business", allowed=PHASES)
_ORDER = Column("phase_order", "int", "Place of the phase", ge=1)
_GREY = Column("is_grey", "bool", "Too few closed deals for a colour")
_LOW = Column("low", "share", "Lower end of the 95 % interval")
_HIGH = Column("high", "share", "Upper end of the 95 % interval")
_DAY = Column("day_date", "date", "Day of the entry")
_WHO = Column("who", "text", "Who entered it")
_POINTS = "0-10"


def _points(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning + "; blank: not assessed", _POINTS, ge=0, le=10)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", meaning, required=True, ge=0)


_output = partial(output_table, STEP)

_CASH = (
    Column("due_amount", "amount", "Agreed amounts of the milestones"),
    Column("due_now_amount", "amount", "Due until the as-of date; blank: not known"),
    Column("received_amount", "amount", "Received until the as-of date; blank: not known"),
    Column(
        "overdue_amount", "amount", "Due before the as-of date and not received; blank: not known"
    ),
)

TABLES = [
    override_table(
        "project_gates",
        "An approver lets a project enter a phase, stops it, or holds it.",
        _PROJECT,
        Column("phase", "category", "Phase that it may enter", allowed=PHASES, required=True),
        Column("gate", "category", "Decision", allowed=GATES, required=True),
        Column("approver", "text", "Who approved; blank: who"),
    ),
    override_table(
        "project_assessments",
        "An answer to one question of the assessment, for us or for a competitor.",
        _PROJECT,
        Column("party", "text", "us, or the name of a competitor", required=True, example="us"),
        Column("question", "category", "Question", allowed=QUESTIONS, required=True),
        _points("rating", "Answer, 10 is best for the party"),
    ),
    override_table(
        "project_people",
        "How close a key person is to us, and whether solution and price are accepted.",
        _PROJECT,
        Column("seat", "text", "Seat of the buying centre, as in stakeholders", required=True),
        _points("closeness", "Closeness to us"),
        _points("solution_acceptance", "Acceptance of our solution"),
        _points("price_acceptance", "Acceptance of our price"),
    ),
    override_table(
        "project_plans",
        "The competitive strategy of a project, or one action of its work plan.",
        _PROJECT,
        Column("strategy", "category", "Strategy against the competitors; blank: an action",
               allowed=STRATEGIES),
        Column("action", "text", "What is done; with a strategy: how"),
        Column("owner", "text", "Who does it"),
        Column("due_date", "date", "To be done by"),
        Column("status", "category", "What became of it; blank: open", allowed=ACTION_STATES),
    ),
    override_table(
        "project_lessons",
        "What a project taught about the account's next three years.",
        _PROJECT,
        Column("lesson", "text", "What was learnt", required=True),
        Column("horizon", "category", "When it matters", allowed=HORIZONS),
        Column("need_id", "id", "Need of the register that it became"),
        Column("product_id", "id", "Product or solution that it calls for"),
        Column("value", "amount", "Value to us", ge=0),
    ),
    _output(
        "project_reviews",
        "One open project: lane, phase, gate, work done, probability.",
        ("project_id",),
        _PROJECT,
        Column("opportunity_id", "id", "Opportunity it grew from"),
        Column("account_id", "id", "Account"),
        _NAME,
        Column("origin", "category", "Where the project is kept",
               allowed=("projects", "open deal"), required=True),
        Column("owner_id", "id", "Rep who owns the deal"),
        _LANE,
        Column("lane_reason", "text", "Which part of the rule put it there", required=True),
        Column("stage", "text", "Stage as given"),
        _PHASE, _ORDER,
        Column("close_date", "date", "Close date of the deal"),
        Column("is_late", "bool", "More than projects.late_days past its close date"),
        Column("amount", "amount", "Amount of the deal"),
        Column("margin_amount", "amount", "Amount x margin share of project or product"),
        Column("gate_phase", "text", "Last phase entered that needs a go; blank: none"),
        Column("gate", "text", "go, no_go, hold, or missing", required=True),
        Column("gate_date", "date", "Day of the decision"),
        Column("approver", "text", "Who approved"),
        _points("our_score", "Mean of our answers"),
        _points("competitor_score", "Mean of the answers of the strongest competitor"),
        Column("best_competitor", "text", "Strongest competitor"),
        Column("position", "category", "Against that competitor", allowed=POSITIONS,
               required=True),
        Column("known_power", "share", "Decision power of the seats that were rated"),
        _points("closeness", "Closeness as rated for the project, weighted by decision power"),
        _points("first_closeness", "Closeness by the first rating of the same seats"),
        Column("closeness_score", "score", "Closeness that holds: as step 05 counts it for the "
               "account, else as rated for the project, else as rated for the account; never a "
               "mix"),
        Column("closeness_origin", "category", "Which of them", allowed=ORIGINS),
        _points("solution_acceptance", "Acceptance of the solution, weighted by decision power"),
        _points("price_acceptance", "Acceptance of the price, weighted by decision power"),
        Column("strategy", "text", "Competitive strategy"),
        _count("done_count", "Steps of the work that are done"),
        _count("work_count", "Steps of the work that the lane asks for"),
        Column("next_action", "text", "Next open action"),
        Column("next_date", "date", "Its due date"),
        Column("stated_probability", "share", "Probability as the seller states it"),
        Column("win_probability", "share", "Probability by evidence"),
        _LOW, _HIGH,
        Column("probability_basis", "text", "What it rests on", required=True),
        _GREY,
    ),
    _output(
        "project_work",
        "One step of the work on an open project (TAS+).",
        ("project_id", "work"),
        _PROJECT,
        Column("work", "category", "Step", allowed=WORKS, required=True),
        _count("work_order", "Place of the step"),
        Column("state", "category", "State", allowed=WORK_STATES, required=True),
        _count("known_count", "Entries that there are"),
        Column("asked_count", "int", "Entries that are asked for; blank: not known", ge=0),
        _DAY, _WHO,
        Column("note", "text", "In words", required=True),
    ),
    _output(
        "project_answers",
        "One answer of the assessment of an open project.",
        ("project_id", "party", "question"),
        _PROJECT,
        Column("party", "text", "us, or a competitor", required=True),
        Column("question", "category", "Question", allowed=QUESTIONS, required=True),
        _points("rating", "Answer"),
        _DAY, _WHO,
        Column("why", "text", "Evidence"),
        Column("is_stale", "bool", "Older than plan.yaml allows"),
    ),
    _output(
        "project_chain",
        "One seat of the decision chain of an open project.",
        ("project_id", "seat"),
        _PROJECT,
        Column("seat", "text", "Seat", required=True),
        Column("contact_id", "id", "Who holds it; blank: unknown"),
        Column("decision_power", "share", "Share of the decision"),
        Column("attitude", "int", "Attitude to us, -2 to 2", ge=-2, le=2),
        _points("closeness", "Closeness to us"),
        _points("solution_acceptance", "Acceptance of our solution"),
        _points("price_acceptance", "Acceptance of our price"),
        _DAY, _WHO,
        Column("is_stale", "bool", "Older than plan.yaml allows"),
        Column("counted_score", "score", "Closeness as step 05 counts it for the seat"),
        Column("counted_reason", "text", "Reason of a blank or zero count"),
    ),
    _output(
        "project_closeness",
        "Closeness before and after one project: counted part and rated part apart.",
        ("project_id",),
        _PROJECT,
        Column("account_id", "id", "Account"),
        _NAME,
        Column("state", "category", "State; after is today where it is open",
               allowed=("open", "won", "lost"), required=True),
        Column("opened_date", "date", "Day the opportunity was opened"),
        Column("counted_before", "score", "Counted part at the month end before it was opened"),
        Column("counted_after", "score", "Counted part today, or some months after the decision"),
        Column("counted_change", "number", "counted_after - counted_before", "points of 100"),
        Column("reason", "text", "Reason of a blank count"),
        _points("rated_before", "First rating of the key people, weighted by decision power"),
        _points("rated_after", "Last rating of the same people"),
        Column("rated_change", "number", "rated_after - rated_before", "points of 10"),
    ),
    _output(
        "project_closeness_results",
        "Decided projects by how close we were: won, lost, and why lost.",
        ("measure", "band"),
        Column("measure", "category", "Which closeness, of which day", allowed=MEASURES,
               required=True),
        _count("measure_order", "Place of the measure"),
        Column("band", "category", "Band of closeness, by the limits of plan.yaml",
               allowed=BANDS, required=True),
        _count("band_order", "Place of the band"),
        Column("from_score", "score", "Lower limit of the band, included"),
        Column("to_score", "score", "Upper limit, left out; that of high is included"),
        _count("won_count", "Won"),
        _count("lost_count", "Lost"),
        _count("closed_count", "Won and lost"),
        Column("win_share", "share", "won_count / closed_count"),
        _LOW, _HIGH,
        Column("relation_count", "int", "Lost since the relation was missing, alone or with "
               "support; blank: no loss has a cause on record", ge=0),
        Column("support_count", "int", "Lost since support was missing, alone or with the "
               "relation; blank: no loss has a cause on record", ge=0),
        _count("coded_count", "Lost with a cause on record"),
        Column("relation_share", "share", "relation_count / coded_count"),
        Column("relation_low", "share", "Lower end of its 95 % interval (Wilson)"),
        Column("relation_high", "share", "Upper end of it"),
        _GREY,
    ),
    _output(
        "project_gate_log",
        "One decision at a gate, with its approver.",
        ("decision_id",),
        _DECISION_ID, _PROJECT, _NAME,
        Column("phase", "category", "Phase", allowed=PHASES, required=True),
        Column("gate", "category", "Decision", allowed=GATES, required=True),
        Column("approver", "text", "Who approved"),
        _DAY, _WHO,
        Column("why", "text", "Reason"),
        Column("amount", "amount", "Amount of the deal"),
    ),
    _output(
        "project_actions",
        "One strategy or action of the work plan of a project.",
        ("decision_id",),
        _DECISION_ID, _PROJECT, _NAME,
        Column("strategy", "category", "Strategy", allowed=STRATEGIES),
        Column("action", "text", "What is done"),
        Column("owner", "text", "Who does it"),
        Column("due_date", "date", "To be done by"),
        Column("status", "category", "State", allowed=ACTION_STATES, required=True),
        Column("is_overdue", "bool", "Open after its due date"),
        _DAY, _WHO,
    ),
    _output(
        "project_win_rates",
        "Win rate of closed deals that reached a phase, by lane and by assessment.",
        ("lane", "phase", "position"),
        Column("lane", "text", "Lane, or all", required=True),
        Column("phase", "text", "Phase reached, or all", required=True),
        Column("position", "text", "Against the best competitor, or all; past its close date: "
               "deals that an extract showed open and late", required=True),
        _ORDER,
        _count("won_count", "Won"),
        _count("closed_count", "Won and lost; past its close date: those still open, too"),
        Column("win_share", "share", "won_count / closed_count"),
        Column("rate", "share", "Win rate drawn to that of the wider group"),
        _LOW, _HIGH, _GREY,
    ),
    _output(
        "project_process",
        "One phase of one lane: what is open there, and what became of what reached it.",
        ("lane", "phase"),
        _LANE,
        Column("phase", "category", "Phase", allowed=PHASES, required=True),
        _ORDER,
        _count("open_count", "Open projects in the phase, and open deals that are none"),
        Column("open_amount", "amount", "Their amount"),
        Column("reached_count", "int", "Closed deals that reached the phase", ge=0),
        Column("won_count", "int", "Won of these", ge=0),
        Column("win_share", "share", "won_count / reached_count"),
        _LOW, _HIGH, _GREY,
        Column("missing_gates_count", "int", "Open projects in it without the go they need", ge=0),
    ),
    _output(
        "project_cash",
        "One milestone of one contract: due, received, overdue.",
        ("project_id", "milestone"),
        _PROJECT, _NAME,
        Column("account_id", "id", "Account"),
        Column("milestone", "category", "Milestone", allowed=MILESTONES, required=True),
        _count("milestone_order", "Place of the milestone"),
        Column("due_date", "date", "Due, the first of several"),
        *_CASH,
        Column("received_date", "date", "Last receipt"),
        Column("overdue_days", "number", "Days since the due date where something is overdue",
               "days", ge=0),
        Column("age_class", "text", "Class of age of what is overdue; blank: nothing is"),
    ),
    _output(
        "project_cash_totals",
        "Money of all contracts by milestone, or overdue money by age.",
        ("topic", "item"),
        Column("topic", "category", "milestone, age, or total",
               allowed=("milestone", "age", "total"), required=True),
        Column("item", "text", "Milestone, class of age, or what is added up", required=True),
        _count("item_order", "Order"),
        _count("project_count", "Contracts behind it"),
        *_CASH,
        Column("note", "text", "What it is, or why it is blank", required=True),
    ),
    _output(
        "project_lesson_log",
        "One thing that a project taught, and whether the needs register has it.",
        ("decision_id",),
        _DECISION_ID, _PROJECT, _NAME,
        Column("account_id", "id", "Account"),
        Column("lesson", "text", "What was learnt", required=True),
        Column("horizon", "category", "When it matters", allowed=HORIZONS),
        Column("need_id", "id", "Need of the register"),
        Column("product_id", "id", "Product"),
        Column("value", "amount", "Value to us; of the need where the lesson names none"),
        Column("state", "category", "Where it stands",
               allowed=("in the register", "to be entered", "need not found",
                        "need of another account"), required=True),
        _DAY, _WHO,
    ),
    _output(
        "project_learning",
        "One large project closed in the last twelve months, and what was recorded of it.",
        ("project_id",),
        _PROJECT, _NAME,
        Column("account_id", "id", "Account"),
        Column("outcome", "category", "How it ended", allowed=("won", "lost"), required=True),
        Column("decided_date", "date", "Day of the decision", required=True),
        Column("amount", "amount", "Amount of the project"),
        Column("lesson_count", "int", "Lessons on the next three years", required=True, ge=0),
        Column("counted_change", "number", "Change of counted closeness; blank: not known"),
        Column("rated_change", "number", "Change of rated closeness; blank: not known"),
        Column("state", "category", "What is recorded", required=True,
               allowed=("nothing recorded", "closeness only", "lesson")),
    ),
    _output(
        "project_findings",
        "One row of the input that could not be used as it is.",
        (),
        Column("table", "text", "Table", required=True),
        Column("row_id", "text", "Which row", required=True),
        Column("column", "text", "Column", required=True),
        Column("value", "text", "What stands there"),
        Column("finding", "text", "What is wrong, and what was done", required=True),
        Column("check", "text", "The kind of finding, without what differs from row to row",
               required=True),
        Column("is_minor", "bool", "Changes little: counted with its kind, not named alone"),
        Column("amount", "amount", "Money it touches"),
    ),
    _output(
        "project_notes",
        "One sentence on projects or support.",
        ("kind", "note_order"),
        Column("kind", "category", "Kind of sentence",
               allowed=("headline", "caution", "missing", "definition", "rule"), required=True),
        _count("note_order", "Order"),
        Column("topic", "text", "What it is about"),
        Column("note", "text", "The sentence", required=True),
        Column("supply", "text", "How to supply what is missing"),
    ),
]  # fmt: skip
