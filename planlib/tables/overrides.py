"""Decisions by people, one file per kind in overrides/, append-only."""

from planlib.tables.contract import Column
from planlib.tables.declare import override_table
from planlib.tables.inputs_customers import ACCOUNT_ID, LIFECYCLES

_ACCOUNTS = {"account_id": ("accounts", "account_id")}

TABLES = [
    override_table(
        "segments",
        "A person sets segment, unit, lifecycle, potential or workload of an account.",
        ACCOUNT_ID,
        Column("segment", "text", "Segment"),
        Column("unit", "text", "Business unit"),
        Column("lifecycle", "category", "Lifecycle class", allowed=LIFECYCLES),
        Column("potential", "amount", "Yearly spend possible with us", ge=0),
        Column("workload_hours", "number", "Selling hours a year", "hours", ge=0),
        refs=_ACCOUNTS,
    ),
    override_table(
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
        refs=_ACCOUNTS,
    ),
    override_table(
        "key_accounts",
        "A person admits an account to the key-account list, or keeps it out.",
        ACCOUNT_ID,
        Column("is_key", "bool", "Key account or not", required=True),
        refs=_ACCOUNTS,
    ),
]
