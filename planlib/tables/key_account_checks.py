"""Decisions behind the three checks: what a person says to a result."""

from planlib.tables.contract import Column, Table
from planlib.tables.overrides import DECISION

CHECKS = ("accounts", "sales", "management")
VERDICTS = ("confirmed", "accepted", "action")

TABLES = [
    Table(
        "override_check_notes",
        "override",
        "The review note of a person on one of the three checks.",
        ("decision_id",),
        (
            *DECISION,
            Column("check", "category", "Check: of accounts, sales people or management",
                   allowed=CHECKS, required=True),
            Column("subject_id", "id", "Account, owner or manager that was checked",
                   required=True),
            Column("rule", "text", "Rule of the check; blank: all its rules"),
            Column("verdict", "category", "confirmed: the result is right; accepted: an exception "
                   "with a reason; action: something is done about it", allowed=VERDICTS,
                   required=True),
        ),
    ),
]  # fmt: skip
