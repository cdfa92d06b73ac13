"""Tables of the models beside the alignment: cascade, layers, unit models, response, curves."""

from planlib.tables.contract import Column, Table

STEP = "03_territories"
MODELS = ("enterprise", "commercial", "small_business")
_STATUS = ("optimal", "feasible", "infeasible", "unresolved")

_ACCOUNT = Column("account_id", "id", "Account", required=True)
_BLOCK = Column("block", "text", "Part of the market planned by itself", required=True)
_MEASURE = Column("measure", "text", "Measure that is balanced", required=True)


def _rep(meaning: str = "Rep", name: str = "rep_id") -> Column:
    return Column(name, "id", meaning)


def _number(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, "number", meaning, unit)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", meaning, ge=0)


def _table(name: str, meaning: str, key: tuple[str, ...], columns: tuple[Column, ...]) -> Table:
    refs = {"account_id": ("accounts", "account_id")}
    names = {column.name for column in columns}
    used = {name: target for name, target in refs.items() if name in names}
    return Table(name, "output", meaning, key, columns, STEP, used)


CASCADE = _table(
    "territory_cascade",
    "What a leader or rep holds in one measure, level by level from the head down.",
    ("leader_id", "measure"),
    (
        Column("leader_id", "id", "Leader or rep", required=True),
        _MEASURE,
        Column("level", "int", "Steps below the head; 0: the head", required=True, ge=0),
        Column("leader_name", "text", "Name"),
        _rep("Leader straight above", "parent_id"),
        Column("is_owner", "bool", "Whether this is a rep who owns accounts", required=True),
        _count("head_count", "Reps who own accounts, at this node and below"),
        _count("account_count", "Accounts at this node and below"),
        _number("target", "Sum of the targets of the reps below"),
        _number("actual", "Sum of what the reps below hold in the plan from the top down"),
        _number("deviation", "actual / target - 1", "share"),
        _number("flat", "The same in the plan of all at once"),
        Column("is_closed", "bool", "Whether it is exactly the sum of those straight below",
               required=True),
        _count("kept_count", "Accounts that a leader's decision keeps below this node"),
    ),
)  # fmt: skip

CASCADE_PLAN = _table(
    "territory_cascade_plan",
    "Rep of an account in the plan from the top down, beside the plan of all at once.",
    ("account_id",),
    (
        _ACCOUNT,
        _rep("Rep in the plan from the top down"),
        _rep("Rep in the plan of all at once", "flat_rep_id"),
        Column("path", "text", "Leaders from the head to the rep's manager"),
        _rep("Leader whose decision keeps the account below", "kept_by_id"),
    ),
)

CASCADE_COST = _table(
    "territory_cascade_cost",
    "What the hierarchy costs against the bound for the whole market.",
    ("plan",),
    (
        Column("plan", "category", "cascade: from the top down, with exchange between neighbouring "
               "teams; strict cascade: without; flat: all at once", required=True,
               allowed=("cascade", "strict cascade", "flat")),
        Column("status", "category", "Whether all limits are met, disruption budgets included",
               allowed=_STATUS, required=True),
        _number("cost", "Cost of the plan", "cost units"),
        _number("bound", "No plan within the limits is cheaper", "cost units"),
        _number("gap", "(cost - bound) / bound; blank where not all limits are met", "share"),
        _number("tolerance_reached", "Largest deviation of a rep from a target", "share"),
        Column("moved_acv", "amount", "ACV that leaves today's owner who could keep it"),
        _number("moved_acv_share", "The same, of all ACV in scope", "share"),
        Column("note", "text", "Which limit is not kept; blank: all are"),
    ),
)  # fmt: skip

LAYERS = _table(
    "territory_layers",
    "Who serves an account in each layer beside its owner.",
    ("account_id", "role_layer"),
    (
        _ACCOUNT,
        Column("role_layer", "text", "Layer", required=True),
        Column("is_overlay", "bool", "Whether it is counted beside the owners, not among them",
               required=True),
        _rep("Rep of the layer; blank: nobody may serve it"),
        _rep("Rep of the layer today", "previous_rep_id"),
        Column("is_moved", "bool", "Whether another rep takes over", required=True),
        _rep("Owner in the plan", "owner_id"),
        Column("reason", "text", "Why this rep, or why nobody", required=True),
    ),
)  # fmt: skip

PODS = _table(
    "territory_pods",
    "What a rep of a layer beside the owners serves.",
    ("role_layer", "rep_id"),
    (
        Column("role_layer", "text", "Layer", required=True),
        Column("rep_id", "id", "Rep of the layer", required=True),
        Column("rep_name", "text", "Name of the rep"),
        Column(
            "pod",
            "text",
            "Region whose reps of the layer are compared; all: where the rep has none",
            required=True,
        ),
        Column("owners", "text", "Owners whose books are served"),
        _count("owner_count", "Owners whose accounts are served"),
        _count("paired_count", "Owners served because a pairing says so"),
        _count("account_count", "Accounts served"),
        _number("workload_hours", "Owners' selling hours of the accounts served", "hours"),
        _number("target_hours", "Share by capacity of the hours that the pod serves", "hours"),
        _number(
            "deviation",
            "workload_hours / target_hours - 1, so against the other reps of the pod",
            "share",
        ),
        Column("potential", "amount", "Potential of the accounts served, counted apart"),
        _count("moved_count", "Accounts that change their rep of this layer"),
    ),
)

UNIT_MODELS = _table(
    "territory_models",
    "One allocation model tried on one unit, by the same figures as the others.",
    ("block", "unit", "model"),
    (
        _BLOCK,
        Column("unit", "text", "Business unit", required=True),
        Column("model", "category", "Allocation model", allowed=MODELS, required=True),
        Column("is_chosen", "bool", "Whether it is the unit's own in territory_model_plan; the "
               "plan of record, territory_plan, keeps to it where it is decided", required=True),
        Column("status", "category", "Whether its limits are met", allowed=_STATUS, required=True),
        _count("account_count", "Accounts of the unit in the block"),
        _count("rep_count", "Reps of the unit in the block"),
        _number("misfit", "Mean misfit of skills, weighted by workload; 0: all fit", "share"),
        _number("complexity_short", "Mean by which accounts exceed their rep's level, weighted by "
                "workload", "share"),
        _number("travel_km", "Mean distance of account and rep, weighted by workload", "km"),
        _count("moved_count", "Accounts that leave today's owner"),
        _number("moved_acv_share", "ACV that leaves today's owner", "share"),
        _number("potential_deviation", "Largest deviation of a rep from target, potential",
                "share"),
        _number("workload_deviation", "Largest deviation of a rep from target, workload", "share"),
        _number("index_deviation", "Largest deviation of a rep from target, opportunity index "
                "times judgement", "share"),
        _number("count_deviation", "Largest deviation of a rep from target, accounts", "share"),
        _number("segment_spread", "Largest difference between reps in accounts of one segment and "
                "score band; 0 or 1: dealt out evenly", "accounts"),
    ),
)  # fmt: skip

MODEL_PLAN = _table(
    "territory_model_plan",
    "Rep of an account by the allocation model of its unit.",
    ("account_id",),
    (
        _ACCOUNT,
        _BLOCK,
        Column("unit", "text", "Business unit", required=True),
        Column("model", "category", "Allocation model of the unit", allowed=MODELS, required=True),
        Column("rep_id", "id", "Rep by that model", required=True),
        _number("opportunity_index", "Weighted mean of rank shares in the unit, 0 to 100"),
        _number("judgement", "Manager's factor on the index; 1: none"),
        Column("band", "text", "Score band of the small-business model; 1 is best"),
        *(_rep(f"Rep by the {name.replace('_', '-')} model", f"{name}_rep_id") for name in MODELS),
    ),
)

RESPONSE = _table(
    "territory_response",
    "Expected sales of one plan of a block: how fair, how profitable.",
    ("block", "plan"),
    (
        _BLOCK,
        Column("plan", "category", "today; fair: the alignment; profitable: most expected sales; "
               "profitable and fair: most expected sales within the tolerance", required=True,
               allowed=("today", "fair", "profitable", "profitable and fair")),
        Column("expected_sales", "amount", "Expected yearly sales with each rep's time divided "
               "best"),
        Column("most", "amount", "No plan of the kind has more expected sales than this"),
        _number("gap", "(most - expected_sales) / most", "share"),
        _number("gain", "Expected sales over those of the fair plan - 1", "share"),
        _number("sales_gini", "Gini coefficient of the reps' expected sales"),
        _number("potential_deviation", "Largest deviation from target, potential", "share"),
        _number("workload_deviation", "Largest deviation from target, workload", "share"),
        _count("moved_count", "Accounts that leave today's owner"),
        _number("moved_acv_share", "ACV that leaves today's owner", "share"),
        _number("elasticity", "Percent more sales for one percent more selling time"),
        Column("assumptions", "text", "What the figures rest on", required=True),
    ),
)  # fmt: skip

RESPONSE_REPS = _table(
    "territory_response_reps",
    "Expected sales and worth of time of one rep in one plan.",
    ("rep_id", "plan"),
    (
        Column("rep_id", "id", "Rep", required=True),
        Column("plan", "text", "Plan, as in territory_response", required=True),
        _BLOCK,
        _number("hours", "Selling time with travel", "hours"),
        Column("expected_sales", "amount", "Expected yearly sales"),
        Column("hour_worth", "amount", "Expected sales that one more hour would add"),
        _count("account_count", "Accounts"),
    ),
)

RESPONSE_ACCOUNTS = _table(
    "territory_response_accounts",
    "Time and expected sales of an account in the fair and in the most profitable plan.",
    ("account_id",),
    (
        _ACCOUNT,
        _BLOCK,
        _rep("Rep in the fair plan", "fair_rep_id"),
        _number("fair_hours", "Time worth spending there", "hours"),
        Column("fair_sales", "amount", "Expected yearly sales there"),
        _rep("Rep in the most profitable plan", "profitable_rep_id"),
        _number("profitable_hours", "Time worth spending there", "hours"),
        Column("profitable_sales", "amount", "Expected yearly sales there"),
    ),
)

TRADE_OFF = _table(
    "territory_trade_off",
    "One plan on the curve over weights, tolerance and disruption budget.",
    ("block", "point"),
    (
        _BLOCK,
        Column("point", "int", "Number of the point; 0 is the settings' own", required=True, ge=0),
        Column("varied", "text", "Setting that differs; blank: the settings as they are"),
        _number("value", "Its value at this point"),
        Column("status", "category", "As in territory_solution", allowed=_STATUS, required=True),
        _number("travel_km", "Mean distance of account and rep, weighted by workload", "km"),
        _number("misfit", "Mean misfit of skills, weighted by workload", "share"),
        _number("complexity_short", "Mean by which accounts exceed their rep's level, weighted by "
                "workload", "share"),
        _count("moved_count", "Accounts that leave today's owner"),
        Column("moved_acv", "amount", "ACV that leaves today's owner"),
        _number("tolerance_reached", "Largest deviation of a rep from a target", "share"),
        _number("own_cost", "Cost at the weights of this point", "cost units"),
        _number("gap", "Gap to the bound at these weights", "share"),
        _number("chosen_cost", "Cost of this plan at the settings' own weights", "cost units"),
        Column("is_efficient", "bool", "Whether no other point is better in one of travel, misfit, "
               "complexity, ACV moved and tolerance, and worse in none", required=True),
        Column("is_chosen", "bool", "Whether these are the settings' own", required=True),
    ),
)  # fmt: skip

SENSITIVITY = _table(
    "territory_sensitivity",
    "How sure an account's rep is when potential moves inside its interval.",
    ("account_id",),
    (
        _ACCOUNT,
        _BLOCK,
        Column("rep_id", "id", "Rep in the plan", required=True),
        Column("kept_share", "share", "Share of the draws in which a new plan keeps that rep",
               required=True),
        _rep("Rep in most of the other draws", "other_rep_id"),
        Column("other_share", "share", "Share of the draws with that rep"),
        Column("is_unstable", "bool", "Kept in fewer draws than the settings ask for",
               required=True),
        Column("potential", "amount", "Potential of the plan"),
        Column("potential_low", "amount", "Lower end of the interval"),
        Column("potential_high", "amount", "Upper end of the interval"),
    ),
)  # fmt: skip

SENSITIVITY_REPS = _table(
    "territory_sensitivity_reps",
    "How far a territory of the plan may turn out to be from its target in potential.",
    ("rep_id",),
    (
        Column("rep_id", "id", "Rep", required=True),
        _BLOCK,
        _number("deviation", "Deviation of potential from target in the plan", "share"),
        _number(
            "deviation_low",
            "The same, plan kept, 10th percentile of the draws; the lowest of fewer than 20",
            "share",
        ),
        _number("deviation_middle", "Median", "share"),
        _number("deviation_high", "90th percentile; the highest of fewer than 20 draws", "share"),
        Column("within_share", "share", "Share of the draws within the tolerance of the plan"),
        _number("tolerance", "Tolerance of the plan", "share"),
        _count("scenario_count", "Draws"),
    ),
)

TABLES = [
    CASCADE, CASCADE_PLAN, CASCADE_COST, LAYERS, PODS, UNIT_MODELS, MODEL_PLAN, RESPONSE,
    RESPONSE_REPS, RESPONSE_ACCOUNTS, TRADE_OFF, SENSITIVITY, SENSITIVITY_REPS,
]  # fmt: skip
