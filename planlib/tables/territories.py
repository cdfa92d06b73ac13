"""Tables that step 03 writes: who owns what, why, how balanced, what moves, what is wrong."""

from planlib.tables.contract import Column, Table

STEP = "03_territories"
PRECISIONS = ("given", "city", "province", "country", "none", "own accounts")
STATUSES = ("optimal", "feasible", "infeasible", "unresolved", "empty")
PROTECTIONS = ("lock", "frozen", "late_stage", "recent_win", "named")
DECISION_STATES = ("applied", "superseded", "not_usable", "no_effect")
PROBLEMS = (
    "out_of_scope", "no_block", "no_rep", "late_stage_kept", "locked", "lock_not_usable",
    "locks_contradict", "family_split", "place", "measure", "lumpy_account", "setting",
    "recent_win_kept", "named_kept", "named_limit", "count_limit", "target", "seat", "scope",
    "skill", "travel", "no_account", "owner_unknown", "decision_not_used",
)  # fmt: skip

_ACCOUNT = Column("account_id", "id", "Account", required=True)
_REP = Column("rep_id", "id", "Rep", required=True)
_REFS = {"account_id": ("accounts", "account_id"), "rep_id": ("reps", "rep_id")}


def _output(name: str, meaning: str, key: tuple[str, ...], columns: tuple[Column, ...]) -> Table:
    names = {column.name for column in columns}
    refs = {column: target for column, target in _REFS.items() if column in names}
    return Table(name, "output", meaning, key, columns, STEP, refs)


TABLES = [
    _output(
        "territory_plan",
        "Who should own an account, why, and what the next best choice costs.",
        ("account_id",),
        (
            _ACCOUNT,
            Column("role_layer", "text", "Layer of owners", required=True),
            Column("block", "text", "Part of the market planned by itself; blank: out of scope"),
            Column("is_in_scope", "bool", "Whether the account was planned", required=True),
            Column("previous_rep_id", "id", "Owner today"),
            Column("rep_id", "id", "Owner in the plan; out of scope: as today"),
            Column("is_moved", "bool", "Whether another rep takes over", required=True),
            Column(
                "move_cause",
                "category",
                "Why it moves",
                allowed=("no owner", "owner left", "owner elsewhere", "plan", "lock"),
            ),
            Column("is_protected", "bool", "Whether its rep was set beforehand", required=True),
            Column("protected_by", "category", "What set it", allowed=PROTECTIONS),
            Column("is_changed", "bool", "Whether a previous plan, where given, had another rep"),
            Column("family_id", "id", "Account at the top of the family that stays together"),
            Column("cost", "number", "Cost of the assignment", "cost units"),
            Column("travel_cost", "number", "Part of the cost: travel", "cost units"),
            Column("misfit_cost", "number", "Part of the cost: misfit of skills", "cost units"),
            Column(
                "complexity_cost",
                "number",
                "Part of the cost: account more complex than the rep's level",
                "cost units",
            ),
            Column("disruption_cost", "number", "Part of the cost: change of owner", "cost units"),
            Column("travel_km", "number", "Great-circle distance to the rep", "km", ge=0),
            Column("next_best_rep_id", "id", "Best other rep at the plan's prices"),
            Column("next_best_cost", "number", "Cost with that rep", "cost units"),
            Column(
                "swap_cost",
                "number",
                "What that rep would cost more, for the family as a whole",
                "cost units",
            ),
            Column(
                "swap_balance_price",
                "number",
                "What balance and budgets would charge for it, at the plan's prices",
                "cost units",
            ),
            Column(
                "stay_cost",
                "number",
                "Cost with today's owner, where the account leaves one who could keep it",
                "cost units",
            ),
            Column(
                "stay_balance_price",
                "number",
                "What balance and budgets would charge for that, at the plan's prices",
                "cost units",
            ),
            Column("swap_limit", "text", "Limit that this single change would break; blank: none"),
            Column("complexity_score", "score", "Complexity of the account"),
            Column("acv", "amount", "Annual contract value"),
            Column("potential", "amount", "Yearly spend possible with us"),
            Column("workload_hours", "number", "Selling hours a year", "hours"),
            Column("open_amount", "amount", "Open pipeline of the account"),
            Column("latitude", "number", "Latitude used", "degrees"),
            Column("longitude", "number", "Longitude used", "degrees"),
            Column(
                "place_precision",
                "category",
                "How precisely the place is known",
                allowed=PRECISIONS,
            ),
            Column("reason", "text", "Why this rep, in one sentence", required=True),
        ),
    ),
    _output(
        "territory_balance",
        "How far a territory is from its target in one measure.",
        ("rep_id", "measure"),
        (
            _REP,
            Column("measure", "text", "Measure that is balanced", required=True),
            Column("block", "text", "Part of the market planned by itself"),
            Column("rep_name", "text", "Name of the rep"),
            Column("before", "number", "Sum of the measure with today's owners"),
            Column("after", "number", "Sum of the measure in the plan", required=True),
            Column("target", "number", "Target of the territory", required=True),
            Column("deviation_before", "number", "before / target - 1", "share"),
            Column("deviation_after", "number", "after / target - 1", "share"),
            Column(
                "tolerance",
                "number",
                "Tolerance asked for, else the tightest that was found",
                "share",
                required=True,
                ge=0,
            ),
            Column("least", "number", "Least within the tolerance"),
            Column("most", "number", "Most within the tolerance"),
            Column("is_within", "bool", "Whether the plan is within that tolerance", required=True),
            Column(
                "price",
                "number",
                "Cost of one more unit: above 0 where the most is reached, below where the least",
                "cost units",
            ),
            Column("excess", "number", "How far outside the tolerance, 0 when within", "share"),
            Column("cause", "text", "What keeps it outside, where that could be found out"),
        ),
    ),
    _output(
        "territory_reps",
        "What the plan means for one rep.",
        ("rep_id",),
        (
            _REP,
            Column("rep_name", "text", "Name of the rep"),
            Column("block", "text", "Part of the market planned by itself"),
            Column("is_open_seat", "bool", "A post that is not filled yet"),
            Column("color", "int", "Number of the colour on maps; near territories differ", ge=0),
            Column("latitude", "number", "Latitude of the rep", "degrees"),
            Column("longitude", "number", "Longitude of the rep", "degrees"),
            Column(
                "place_precision",
                "category",
                "How precisely the place is known",
                allowed=PRECISIONS,
            ),
            Column("before_count", "int", "Accounts in scope today", ge=0),
            Column("after_count", "int", "Accounts in the plan", ge=0),
            Column("gained_count", "int", "Accounts gained", ge=0),
            Column("lost_count", "int", "Accounts lost", ge=0),
            Column("gained_acv", "amount", "ACV gained"),
            Column("lost_acv", "amount", "ACV lost"),
            Column("gained_potential", "amount", "Potential gained"),
            Column("lost_potential", "amount", "Potential lost"),
            Column("gained_open_amount", "amount", "Open pipeline gained"),
            Column("lost_open_amount", "amount", "Open pipeline lost"),
            Column("before_km", "number", "Mean distance to accounts today", "km"),
            Column("after_km", "number", "Mean distance to accounts in the plan", "km"),
            Column(
                "skill_score",
                "score",
                "Share of reps at the same level or below, times 100; an account with a higher "
                "complexity_score is above the rep's level; blank: levels are not known",
            ),
            Column("before_above_count", "int", "Accounts today above the rep's level", ge=0),
            Column("after_above_count", "int", "Accounts in the plan above it", ge=0),
            Column("before_above_potential", "amount", "Potential of those of today"),
            Column("after_above_potential", "amount", "Potential of those in the plan"),
            Column("before_above_cost", "number", "What those of today count", "cost units"),
            Column("after_above_cost", "number", "What those in the plan count", "cost units"),
        ),
    ),
    _output(
        "territory_moves",
        "How much changes its owner, per block and in all.",
        ("block", "move_cause"),
        (
            Column("block", "text", "Part of the market, or all", required=True),
            Column(
                "move_cause",
                "category",
                "Why it moves",
                allowed=("no owner", "owner left", "owner elsewhere", "plan", "lock", "all moves"),
                required=True,
            ),
            Column("moved_count", "int", "Accounts moved", ge=0),
            Column("moved_share", "share", "Accounts moved, of those in scope"),
            Column("moved_acv", "amount", "ACV moved"),
            Column("moved_acv_share", "share", "ACV moved, of the ACV in scope"),
            Column("moved_potential", "amount", "Potential moved"),
            Column("moved_open_amount", "amount", "Open pipeline moved"),
        ),
    ),
    _output(
        "territory_solution",
        "How good the plan of one block is, and how that is known.",
        ("block",),
        (
            Column("block", "text", "Part of the market, or all", required=True),
            Column(
                "status",
                "category",
                "optimal: proven; feasible: within all limits; "
                "infeasible: proven that no plan is within the limits; "
                "unresolved: none found; empty: nothing to plan",
                allowed=STATUSES,
                required=True,
            ),
            Column("account_count", "int", "Accounts planned", ge=0),
            Column("rep_count", "int", "Reps", ge=0),
            Column("cost", "number", "Cost of the plan", "cost units"),
            Column(
                "cost_before", "number", "Cost of today's owners, where all may stay", "cost units"
            ),
            Column(
                "bound", "number", "No plan within the limits is cheaper than this", "cost units"
            ),
            Column(
                "gap",
                "number",
                "(cost - bound) / bound; blank where the bound is not above 0, or the plan does "
                "not keep to the limits",
                "share",
            ),
            Column("tolerance_asked", "share", "Largest tolerance asked for; blank: the tightest"),
            Column("tolerance_used", "number", "Largest tolerance of the plan", "share"),
            Column(
                "tolerance_needed",
                "number",
                "Smallest tolerance found that would do, where the one asked does not",
                "share",
            ),
            Column("is_tightest", "bool", "Whether the tightest tolerance was looked for"),
            Column(
                "tolerance_impossible",
                "number",
                "No plan within the other limits has a smaller one (proven), in whole percent",
                "share",
            ),
            Column(
                "price_tolerance",
                "number",
                "Cost saved by one more percentage point of tolerance, at the margin",
                "cost units",
            ),
            Column(
                "tolerance_reached",
                "number",
                "Largest deviation from a target in the plan",
                "share",
            ),
            Column("budget_acv", "amount", "ACV that may move"),
            Column("moved_acv", "amount", "ACV that moves and counts against it"),
            Column("price_acv", "number", "Cost saved by one more unit of it", "cost units"),
            Column("budget_count", "number", "Accounts that may move", "accounts"),
            Column("moved_count", "number", "Accounts that move and count", "accounts"),
            Column("price_count", "number", "Cost saved by one more account", "cost units"),
            Column("budget_open_amount", "amount", "Open pipeline that may move"),
            Column("moved_open_amount", "amount", "Open pipeline that moves and counts"),
            Column(
                "price_open_amount", "number", "Cost saved by one more unit of it", "cost units"
            ),
            Column("budget_note", "text", "What the budgets are used for, and what more would do"),
            Column("changed_count", "int", "Accounts with another rep than in the previous plan"),
            Column("changed_further_count", "int", "Those of them that no decision set"),
            Column("note", "text", "What the reader should know"),
        ),
    ),
    _output(
        "territory_overrides",
        "What became of a manager's decision, and what it costs.",
        (),
        (
            Column("decision_id", "id", "Decision"),
            _ACCOUNT,
            _REP,
            Column(
                "rule",
                "category",
                "Must own, or must not own",
                allowed=("must", "must_not"),
                required=True,
            ),
            Column("who", "text", "Who decided"),
            Column("when", "date", "Day of the decision"),
            Column("why", "text", "Reason given"),
            Column(
                "state",
                "category",
                "What became of it",
                allowed=DECISION_STATES,
                required=True,
            ),
            Column("otherwise_rep_id", "id", "Rep whom the account would suit better"),
            Column("cost_price", "number", "What it costs more than with that rep", "cost units"),
            Column(
                "balance_price",
                "number",
                "What balance and budgets charge more, at the plan's prices",
                "cost units",
            ),
            Column(
                "price",
                "number",
                "The most that it costs: both together, capped by what all decisions of its part "
                "of the market cost together",
                "cost units",
            ),
            Column(
                "detail", "text", "Why it is not applied, who decided later, or what caps the price"
            ),
        ),
    ),
    _output(
        "territory_problems",
        "What a planner should know about the input of the alignment.",
        (),
        (
            Column("problem", "category", "Kind of problem", allowed=PROBLEMS, required=True),
            Column("account_id", "id", "Account concerned"),
            Column("rep_id", "id", "Rep concerned"),
            Column("detail", "text", "What was found and what was done", required=True),
            Column("amount", "amount", "ACV at stake"),
        ),
    ),
]
