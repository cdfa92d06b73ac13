"""Answers that managers give in their Excel packs: one log for all that came back."""

from planlib.tables.contract import Column, Table
from planlib.tables.declare import override_table
from planlib.tables.quotas import QUOTA_REASONS
from planlib.tables.territory_decisions import REASON_CODES

TOPICS = ("territory", "territories", "quota", "question")
ANSWERS = ("accepted", "challenged", "yes", "no", "later")

_CODES = tuple(dict.fromkeys((*REASON_CODES, *QUOTA_REASONS)))
_MANAGER = Column("manager_id", "id", "Manager whose pack it was", required=True)


TABLES = [
    override_table(
        "pack_answers",
        "What a manager answered in an Excel pack, row by row.",
        Column("cycle", "text", "Cycle of the pack", required=True, example="2026Q1"),
        _MANAGER,
        Column("topic", "category", "What was answered: one account, all accounts left blank, "
               "a quota, or a question", allowed=TOPICS, required=True),
        Column("subject_id", "text", "Account, rep, manager or question", required=True),
        Column("answer", "category", "Answer", allowed=ANSWERS, required=True),
        Column("rep_id", "id", "Rep who was asked for, or accepted"),
        Column("reason_code", "category", "Kind of reason", allowed=_CODES),
        Column("amount", "amount", "Yearly quota that was asked for", ge=0, sensitive="pay"),
        Column("detail", "text", "What was asked, as it stood in the pack"),
    ),
    Table(
        "territory_acceptance",
        "output",
        "What one manager has said to the territories proposed for the team.",
        ("manager_id",),
        (
            _MANAGER,
            Column("manager_name", "text", "Name of the manager"),
            Column("account_count", "int", "Accounts planned for the team, and those that leave "
                   "it; what moves between two teams is asked of both", "accounts", ge=0,
                   required=True),
            Column("accepted_count", "int", "Accepted in the pack of this cycle", "accounts", ge=0,
                   required=True),
            Column("challenged_count", "int", "Challenged in it", "accounts", ge=0, required=True),
            Column("open_count", "int", "Not answered", "accounts", ge=0, required=True),
            Column("answered_share", "share", "(accepted_count + challenged_count) / "
                   "account_count; blank: no account"),
            Column("last_date", "date", "Day of the last answer; blank: none yet"),
            Column("is_stale", "bool", "An answer is about another owner than the plan now has",
                   required=True),
        ),
        "03_territories",
    ),
]  # fmt: skip
