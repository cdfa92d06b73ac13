"""Decisions behind the three checks: what a person says to a result."""

from planlib.tables.contract import Column
from planlib.tables.declare import override_table

CHECKS = ("accounts", "sales", "management")
VERDICTS = ("confirmed", "accepted", "action")

TABLES = [
    override_table(
        "check_notes",
        "The review note of a person on one of the three checks.",
        Column("check", "category", "Check: of accounts, sales people or management",
               allowed=CHECKS, required=True),
        Column("subject_id", "id", "Account, owner or manager that was checked",
               required=True),
        Column("rule", "text", "Rule of the check; blank: all its rules"),
        Column("verdict", "category", "confirmed: the result is right; accepted: an exception "
               "with a reason; action: something is done about it", allowed=VERDICTS,
               required=True),
    ),
]  # fmt: skip
