"""Decisions by people, one file per kind in overrides/, append-only."""

from planlib.tables.contract import Column, Table
from planlib.tables.inputs_customers import ACCOUNT_ID, LIFECYCLES

DECISION = (
    Column("decision_id", "id", "Decision; unique in its file", required=True),
    Column("who", "text", "Who decided", required=True),
    Column("when", "date", "Day of the decision", required=True),
    Column("why", "text", "Reason", required=True),
    Column("effective_from", "date", "In force from; blank: at once"),
    Column("effective_to", "date", "In force until; blank: until superseded"),
    Column("supersedes", "id", "Decision that this one replaces"),
)


def _override(kind: str, meaning: str, *columns: Column) -> Table:
    return Table(
        f"override_{kind}",
        "override",
        meaning,
        ("decision_id",),
        (*DECISION, *columns),
        refs={"account_id": ("accounts", "account_id")},
    )


TABLES = [
    _override(
        "segments",
        "A person sets segment, unit, lifecycle, potential or workload of an account.",
        ACCOUNT_ID,
        Column("segment", "text", "Segment"),
        Column("unit", "text", "Business unit"),
        Column("lifecycle", "category", "Lifecycle class", allowed=LIFECYCLES),
        Column("potential", "amount", "Yearly spend possible with us", ge=0),
        Column("workload_hours", "number", "Selling hours a year", "hours", ge=0),
    ),
    _override(
        "territories",
        "A person assigns an account to a rep, or forbids it.",
        ACCOUNT_ID,
        Column("rep_id", "id", "Rep", required=True),
        Column(
            "rule",
            "category",
            "Must own, or must not own",
            allowed=("must", "must_not"),
            required=True,
        ),
    ),
    _override(
        "key_accounts",
        "A person admits an account to the key-account list, or keeps it out.",
        ACCOUNT_ID,
        Column("is_key", "bool", "Key account or not", required=True),
    ),
]
