"""Data checks: the account base, and the data rigour of opportunities."""

from planlib.hygiene.accounts import AccountChecks, check_accounts
from planlib.hygiene.rigour import DealChecks, check_opportunities

__all__ = ["AccountChecks", "DealChecks", "check_accounts", "check_opportunities"]
