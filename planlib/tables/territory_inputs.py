"""What people bring to step 03: travel, given targets, judgements, pairs, decisions of leaders."""

from planlib.tables.contract import Column, Table
from planlib.tables.declare import override_table
from planlib.tables.inputs_customers import ACCOUNT_ID

_REP = Column("rep_id", "id", "Rep", required=True)
_REFS = {"account_id": ("accounts", "account_id"), "rep_id": ("reps", "rep_id")}

TABLES = [
    Table(
        "travel_times",
        "input",
        "How long the way from a rep to an account is, where great circles mislead.",
        ("account_id", "rep_id"),
        (
            ACCOUNT_ID,
            _REP,
            Column("travel_hours", "number", "One way", "hours", required=True, ge=0),
        ),
        refs=_REFS,
    ),
    Table(
        "territory_targets",
        "input",
        "What a territory should hold of one measure, for targets of the kind given.",
        ("rep_id", "measure"),
        (
            _REP,
            Column(
                "measure",
                "category",
                "Measure that is balanced",
                allowed=("potential", "workload_hours", "acv", "accounts"),
                required=True,
            ),
            Column("target", "number", "Target, scaled to the accounts' sum", required=True, ge=0),
        ),
        refs={"rep_id": _REFS["rep_id"]},
    ),
    override_table(
        "cascade",
        "A leader keeps an account with the people below, in the plan from the top down.",
        ACCOUNT_ID,
        Column("leader_id", "id", "Leader below whom it stays", required=True),
        refs={"account_id": _REFS["account_id"], "leader_id": _REFS["rep_id"]},
    ),
    override_table(
        "judgements",
        "A manager judges the opportunity of an account, beside its index.",
        ACCOUNT_ID,
        Column(
            "factor",
            "number",
            "Factor on the opportunity index, 0.1 to 10; 1: as computed",
            required=True,
            ge=0.1,
            le=10,
        ),
        refs={"account_id": _REFS["account_id"]},
    ),
    override_table(
        "pairings",
        "A person pairs an owner with a rep of a layer, who serves the owner's accounts there.",
        Column("owner_id", "id", "Owner in the plan", required=True),
        Column("rep_id", "id", "Rep of a layer beside the owners", required=True),
        refs={"owner_id": _REFS["rep_id"], "rep_id": _REFS["rep_id"]},
    ),
]
