"""What ranking and routing can compute from the data at hand, and what would unlock more."""

#: Section, needs and method, weaker needs and method, what it unlocks.
ROUTING = (
    (
        "ranking",
        ("leads.owner_id", "opportunities.lead_id", "opportunities.is_won", "reps.role"),
        "wins of the leads a rep got against what peers make of the same mix",
        ("opportunities.owner_id", "opportunities.is_won"),
        "wins of the deals a rep owns, every owner in one group where reps are missing",
        "a ranking that counts leads which never became a deal",
    ),
    (
        "follow-up of reps",
        ("leads.first_response_at",),
        "share of leads answered in time",
        ("activities.opportunity_id",),
        "share of new deals with an activity within days",
        "who keeps leads waiting",
    ),
    (
        "absence of reps",
        ("availability",),
        "windows that hold as many working days for everybody",
        None,
        "",
        "leave and meetings do not cost a place",
    ),
)
