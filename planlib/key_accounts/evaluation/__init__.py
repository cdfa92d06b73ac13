"""
Evaluation of key accounts: calendar with three cadences, three checks, burden, cost and return.

What was skipped is shown as skipped; a later rating never fills an earlier period.
"""

from planlib.key_accounts.evaluation.agenda import evaluation_agenda
from planlib.key_accounts.evaluation.burden import plan_ratings
from planlib.key_accounts.evaluation.calendar import (
    combined_ratings,
    ended,
    evaluation_calendar,
    on_time_shares,
)
from planlib.key_accounts.evaluation.checks import check_accounts, check_management, check_sales
from planlib.key_accounts.evaluation.effort import effort_against_score, key_account_returns
from planlib.key_accounts.evaluation.spend import check_spend
from planlib.key_accounts.evaluation.stability import account_owners, account_stability
from planlib.key_accounts.evaluation.three_checks import (
    CHECKS,
    check_note_findings,
    check_totals,
    three_checks,
)

__all__ = [
    "CHECKS",
    "account_owners",
    "account_stability",
    "check_accounts",
    "check_management",
    "check_note_findings",
    "check_sales",
    "check_spend",
    "check_totals",
    "combined_ratings",
    "effort_against_score",
    "ended",
    "evaluation_agenda",
    "evaluation_calendar",
    "key_account_returns",
    "on_time_shares",
    "plan_ratings",
    "three_checks",
]
