"""Settings of the needs of key accounts: white space, proposals, capability over time."""

from __future__ import annotations

from typing import Literal

from planlib.settings.base import Section, setting


class KeyAccountNeedsSettings(Section):
    """How needs over three horizons are proposed, valued and set against own capability."""

    buying_centres: dict[str, tuple[str, ...]] = setting(
        {},
        "Buying centres that may buy an offering, by product id or family; without an entry those "
        "of the needs register count",
    )
    offering_kinds: dict[str, Literal["product", "solution", "service"]] = setting(
        {},
        "Whether an offering is a product, a solution or a service, by product id or family; "
        "without an entry it is not said",
    )
    minimum_pairs: int = setting(
        2,
        "Entries of the needs register, over all accounts, from which a buying centre counts as "
        "one that may buy an offering",
        "needs",
        ge=1,
    )
    minimum_owners: int = setting(
        5,
        "Customers of an industry who bought an offering below which its usual amount is taken "
        "from all industries",
        "accounts",
        ge=1,
    )
    replacement_years: float = setting(
        3.0,
        "Years after the last purchase at which an offering is proposed again: renewal, "
        "replacement, parts",
        "years",
        gt=0,
    )
    proposal_share: float = setting(
        0.02,
        "White space of a cell below this share of the account's potential is not proposed as a "
        "need",
        "share",
        ge=0,
        lt=1,
    )
    capability_months: int = setting(
        12, "Months ahead over which skill hours are compared", "months", ge=1, le=36
    )
