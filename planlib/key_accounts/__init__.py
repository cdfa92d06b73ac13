"""
Key accounts: which accounts are key, why, who leads them, and what they need over three horizons.

The score is a plain weighted sum that a person can redo: each factor is put on a scale from 0 to
10 within a stratum of comparable accounts, weighted, and multiplied by 10.
"""

from planlib.key_accounts.differences import list_checks
from planlib.key_accounts.duties import duty_counts
from planlib.key_accounts.findings import all_findings
from planlib.key_accounts.horizons import account_horizons, horizon_totals
from planlib.key_accounts.lines import LinesReview, review_lines
from planlib.key_accounts.needs import NeedsReview, review_needs
from planlib.key_accounts.register import horizon_of
from planlib.key_accounts.review import KeyAccountReview, list_headline, review_key_accounts
from planlib.key_accounts.standing import (
    importance_basis,
    is_review,
    standing_review,
    standing_tables,
)
from planlib.key_accounts.supply import SUPPLIED, SUPPLY_LABELS
from planlib.key_accounts.white_space import penetration
from planlib.key_accounts.workings import score_workings

__all__ = [
    "SUPPLIED",
    "SUPPLY_LABELS",
    "KeyAccountReview",
    "LinesReview",
    "NeedsReview",
    "account_horizons",
    "all_findings",
    "duty_counts",
    "horizon_of",
    "horizon_totals",
    "importance_basis",
    "is_review",
    "list_checks",
    "list_headline",
    "penetration",
    "review_key_accounts",
    "review_lines",
    "review_needs",
    "score_workings",
    "standing_review",
    "standing_tables",
]
