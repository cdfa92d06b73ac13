"""Tables that step 02 writes: segments, their profile and coverage, and what they rest on."""

from planlib.tables.contract import Column, Table
from planlib.tables.inputs_customers import ACCOUNT_ID, LIFECYCLES

_STEP = "02_segmentation"
_CLASSES = (*LIFECYCLES, "unknown")
SEGMENTS = Table(
    "segments",
    "output",
    "Segment, unit, potential and workload of each account, with reasons.",
    ("account_id",),
    (
        ACCOUNT_ID,
        Column("segment", "text", "Segment", required=True),
        Column("segment_reason", "text", "Rule and values, or person, that decided the segment"),
        Column("unit", "text", "Business unit that serves the account", required=True),
        Column("unit_reason", "text", "Rule and values, or person, that decided the unit"),
        Column("market", "text", "Market by location", required=True),
        Column(
            "size", "text", "Size class by employees, with the market's cut lines", required=True
        ),
        Column(
            "size_source",
            "category",
            "What the size rests on",
            allowed=("employees", "parent", "revenue", "unknown"),
        ),
        Column("industry_group", "text", "Industry group by needed expertise", required=True),
        Column("industry_source", "text", "Column that the industry group comes from"),
        Column("lifecycle", "category", "Lifecycle class", allowed=_CLASSES, required=True),
        Column("lifecycle_reason", "text", "What the lifecycle class rests on"),
        Column("coverage_model", "text", "How the unit allocates its accounts"),
        Column("support", "text", "Support that the lifecycle class needs"),
        Column("segment_owner_id", "id", "Accountable owner of the segment"),
        Column("owner_id", "id", "Rep who owns the account today"),
        Column("coverage", "text", "Covered, or why not", required=True),
        Column("last_activity_days", "number", "Days since the last activity", "days", ge=0),
        Column("is_customer", "bool", "Whether the account counts as a customer"),
        Column("yearly_spend", "amount", "Contract value in force, else won in the last 365 days"),
        Column("potential", "amount", "Yearly spend possible with us", ge=0),
        Column("potential_low", "amount", "Lower end of the potential's interval", ge=0),
        Column("potential_high", "amount", "Upper end of the potential's interval", ge=0),
        Column(
            "potential_source",
            "category",
            "What the potential rests on",
            allowed=("override", "given", "own spend", "look-alikes", "wider look-alikes", "none"),
        ),
        Column("potential_sample_count", "int", "Look-alike customers behind the potential", ge=0),
        Column("potential_reason", "text", "Look-alikes, or person, behind the potential"),
        Column("workload_hours", "number", "Selling hours needed a year", "hours", ge=0),
        Column(
            "workload_source",
            "category",
            "What the workload rests on",
            allowed=("override", "given", "activities", "rules", "none"),
        ),
        Column("workload_reason", "text", "Rule, logged contacts or person behind the workload"),
        Column(
            "complexity_score", "score", "Mean percentile of business lines and products needed"
        ),
        Column("complexity_basis", "text", "What the complexity score rests on"),
        Column("is_override", "bool", "Whether a person decided anything about the account"),
    ),
    step=_STEP,
    refs={
        "account_id": ("accounts", "account_id"),
        "owner_id": ("reps", "rep_id"),
        "segment_owner_id": ("reps", "rep_id"),
    },
)

PROFILE = Table(
    "segment_profile",
    "output",
    "What each segment, unit, market, size, group or class weighs.",
    ("cut", "cut_value"),
    (
        Column(
            "cut",
            "category",
            "Column by which accounts are cut",
            required=True,
            allowed=("segment", "unit", "market", "size", "industry_group", "lifecycle"),
        ),
        Column("cut_value", "text", "Its value", required=True),
        Column("account_count", "int", "Accounts", ge=0),
        Column("account_share", "share", "Share of all accounts"),
        Column(
            "customer_count",
            "int",
            "Customers (is_customer), also those without yearly spend now",
            ge=0,
        ),
        Column("potential", "amount", "Potential, as far as known", ge=0),
        Column("potential_share", "share", "Share of all known potential"),
        Column("potential_known_count", "int", "Accounts with known potential", ge=0),
        Column("acv", "amount", "Yearly spend, as far as known"),
        Column("acv_share", "share", "Share of all known yearly spend", ge=-10, le=10),
        Column("workload_hours", "number", "Selling hours needed a year", "hours", ge=0),
        Column("workload_share", "share", "Share of all selling hours needed"),
        Column(
            "people_count",
            "number",
            "Owners, each divided over own accounts by workload",
            "people",
            ge=0,
        ),
        Column("people_share", "share", "Share of all owners"),
        Column("captured_share", "share", "Yearly spend over potential", ge=-10, le=1000),
        Column("covered_potential_share", "share", "Share of potential at covered accounts"),
        Column("goal_amount", "amount", "ACV target of the fiscal year where given"),
        Column("goal_share", "share", "Share of the goal", ge=-10, le=10),
        Column("goal_basis", "text", "What the goal is: targets, or potential in their place"),
        Column("people_gap_share", "share", "Share of people less share of goal", ge=-10, le=10),
        Column("segment_owner_id", "id", "Accountable owner, for segments with exactly one"),
    ),
    step=_STEP,
)

COVERAGE = Table(
    "segment_coverage",
    "output",
    "Accounts and potential by segment and coverage state.",
    ("segment", "coverage"),
    (
        Column("segment", "text", "Segment, or all", required=True),
        Column("coverage", "text", "Covered, or why not", required=True),
        Column("is_covered", "bool", "Whether somebody works on these accounts"),
        Column("account_count", "int", "Accounts", ge=0),
        Column("account_share", "share", "Share of the segment's accounts"),
        Column("potential", "amount", "Potential, as far as known", ge=0),
        Column("potential_share", "share", "Share of the segment's known potential"),
        Column(
            "activity_days",
            "int",
            "Days without activity after which an account with an owner is not covered; blank: "
            "activity is not known",
            "days",
            ge=1,
        ),
    ),
    step=_STEP,
)

SIZES = Table(
    "segment_sizes",
    "output",
    "Accounts by market and size, with the cut lines in force.",
    ("market", "size"),
    (
        Column("market", "text", "Market", required=True),
        Column("size", "text", "Size class", required=True),
        Column("employees_from", "number", "Fewest employees of the class", "people", ge=0),
        Column(
            "employees_below",
            "number",
            "Employees from which the next class starts",
            "people",
            ge=0,
        ),
        Column("account_count", "int", "Accounts", ge=0),
        Column("employees_count", "int", "Sized by own employees", ge=0),
        Column("parent_count", "int", "Sized by the parent's employees", ge=0),
        Column("revenue_count", "int", "Sized by revenue", ge=0),
        Column("potential", "amount", "Potential, as far as known", ge=0),
    ),
    step=_STEP,
)

INDUSTRIES = Table(
    "industry_mapping",
    "output",
    "Which industry codes and names led to which group.",
    ("source", "value", "industry_group"),
    (
        Column("source", "text", "Column that decided, or why none did", required=True),
        Column("value", "text", "Code or name", required=True),
        Column("industry_group", "text", "Industry group", required=True),
        Column("account_count", "int", "Accounts", ge=0),
        Column("potential", "amount", "Potential, as far as known", ge=0),
    ),
    step=_STEP,
)

CELLS = Table(
    "potential_cells",
    "output",
    "Look-alike customers behind the potentials, wide to narrow.",
    ("level", "cell"),
    (
        Column("level", "text", "Columns that make accounts alike", required=True),
        Column("cell", "text", "Their values", required=True),
        Column("parent_cell", "text", "Wider cell that the estimate is drawn towards"),
        Column("account_count", "int", "Accounts", ge=0),
        Column("customer_count", "int", "Accounts with yearly spend above 0", ge=0),
        Column("mean_spend", "amount", "Geometric mean of their yearly spend, at maturity 1", ge=0),
        Column("own_weight_share", "share", "Weight of the cell's own mean"),
        Column("potential", "amount", "Potential of such an account, at maturity 1", ge=0),
        Column("potential_low", "amount", "Lower end of its interval", ge=0),
        Column("potential_high", "amount", "Upper end of its interval", ge=0),
        Column("is_grey", "bool", "Too few customers to rest on alone"),
    ),
    step=_STEP,
)

TRACKING = Table(
    "complexity_tracking",
    "output",
    "How well each measure of size tracks account complexity.",
    ("market", "measure"),
    (
        Column("market", "text", "Market, or all", required=True),
        Column("measure", "text", "Measure of size", required=True),
        Column("account_count", "int", "Accounts with measure and complexity", ge=0),
        Column("correlation", "share", "Spearman rank correlation", ge=-1, le=1),
        Column("correlation_low", "share", "Lower end of its 95 % interval", ge=-1, le=1),
        Column("correlation_high", "share", "Upper end of its 95 % interval", ge=-1, le=1),
        Column("is_grey", "bool", "Too few accounts"),
        Column("method", "text", "What complexity rests on"),
        Column("note", "text", "Why a figure is missing"),
    ),
    step=_STEP,
)

RULES = Table(
    "segment_rules",
    "output",
    "How each rule for segment, unit and workload fared.",
    ("rule_list", "rule_number"),
    (
        Column(
            "rule_list",
            "category",
            "List of rules",
            required=True,
            allowed=("segment", "unit", "workload"),
        ),
        Column(
            "rule_number",
            "int",
            "Place in the list; 0: accounts that no rule fits",
            required=True,
            ge=0,
        ),
        Column("rule", "text", "When it holds"),
        Column("gives", "text", "What it gives"),
        Column("fitting_count", "int", "Accounts that fit, whatever stands before", ge=0),
        Column("account_count", "int", "Accounts that it decided", ge=0),
        Column("potential", "amount", "Their potential, as far as known", ge=0),
        Column(
            "status",
            "category",
            "How it fared",
            allowed=("ok", "nothing fits", "decided otherwise", "no rule"),
        ),
        Column("note", "text", "Values that no account has, or what to do"),
    ),
    step=_STEP,
)

CHANGES = Table(
    "segment_changes",
    "output",
    "Accounts that are new, gone or moved since the earlier cycle.",
    ("account_id",),
    (
        ACCOUNT_ID,
        Column(
            "change", "category", "What happened", allowed=("new", "gone", "moved"), required=True
        ),
        Column("segment_before", "text", "Segment in the earlier cycle"),
        Column("segment_after", "text", "Segment now"),
        Column("unit_before", "text", "Unit in the earlier cycle"),
        Column("unit_after", "text", "Unit now"),
        Column("potential", "amount", "Potential now; of the earlier cycle where gone", ge=0),
        Column("reason", "text", "Dimension that changed, decision, or rules"),
    ),
    step=_STEP,
)

FINDINGS = Table(
    "segment_findings",
    "output",
    "Problems, gaps and notes about the segmentation.",
    (),
    (
        Column("topic", "text", "What it is about", required=True),
        Column("subject", "text", "Segment, rule, value or account", required=True),
        Column(
            "severity",
            "category",
            "Wrong, not known, or worth knowing",
            required=True,
            allowed=("problem", "gap", "note"),
        ),
        Column("finding", "text", "What was found", required=True),
        Column("account_count", "int", "Accounts touched", ge=0),
        Column("potential", "amount", "Their potential, as far as known", ge=0),
        Column("remedy", "text", "What to do"),
    ),
    step=_STEP,
)

TABLES = [SEGMENTS, PROFILE, COVERAGE, SIZES, INDUSTRIES, CELLS, TRACKING, RULES, CHANGES, FINDINGS]
