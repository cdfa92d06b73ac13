"""
Key accounts: which accounts are key, why, and what they need over three horizons.

The score is a plain weighted sum that a person can redo: each factor is put on a scale from 0 to
10 within a stratum of comparable accounts, weighted, and multiplied by 10.
"""

from planlib.key_accounts.horizons import account_horizons, horizon_of, horizon_totals
from planlib.key_accounts.review import KeyAccountReview, review_key_accounts

__all__ = [
    "KeyAccountReview",
    "account_horizons",
    "horizon_of",
    "horizon_totals",
    "review_key_accounts",
]
