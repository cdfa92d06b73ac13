"""What the step on key accounts can compute from the data at hand."""

from __future__ import annotations

#: Name, needs, method, needs of the weaker method, that method, what the rest would add.
KEY_ACCOUNTS: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...] | None, str, str], ...] = (
    ("score", ("ratings", "opportunities.is_won", "accounts.industry"),
     "weighted score with judgements and sales", ("accounts",),
     "score from the factors that are known", "judgement on demonstration and winnability"),
    ("three horizons", ("needs",), "needs register by horizon",
     ("opportunities.close_date",), "open deals by close date", "needs beyond today's deals"),
    ("coverage and duties", ("reps.functional_manager_id", "activities", "partners"),
     "owner, branch manager and director of each key account; duties with status", ("reps",),
     "owner and manager", "the functional line, and what its directors did"),
    ("credit ledger", ("bookings", "splits"),
     "counted once against finance, credited in both lines", ("opportunities.is_won",),
     "won deals count as booked", "credit that ties to bookings, with splits and overlays"),
    ("white space", ("products", "needs.buying_centre", "opportunities"),
     "buying centre x offering with the value of gaps", ("products", "opportunities"),
     "the account as one buying centre", "who in the account could buy what"),
    ("capability", ("needs.skill_hours", "experts.skills"),
     "skill hours of needs against those of experts, month by month", ("needs.skill_hours",),
     "hours asked for, without what is available", "where experts are short"),
    ("closeness", ("activities.contact_id", "contacts", "stakeholders.decision_power"),
     "counted closeness of the seats, by their power to decide",
     ("activities.contact_id", "contacts"), "counted closeness of contacts, weighted by level",
     "who decides and whom we do not know; warnings of silence"),
    ("cost and return", ("activities", "account_spend", "products.margin_share"),
     "hours and money put into key accounts against the margin that follows",
     ("activities", "products.margin_share"), "hours at a stated cost against the margin",
     "money spent on accounts beside the hours, and who got how much of it"),
)  # fmt: skip
