"""Settings of key accounts: factor weights, share of accounts, strata."""

from __future__ import annotations

from planlib.settings.base import Section, setting


class KeyAccountsSettings(Section):
    """Who is a key account."""

    weights: dict[str, float] = setting(
        {"revenue": 0.25, "potential": 0.35, "demonstration": 0.15, "winnability": 0.25},
        "Weight of each factor in the score; rescaled to sum to 1",
    )
    top_share: float = setting(
        0.05, "Share of the accounts of a stratum that become key accounts", "share", gt=0, le=1
    )
