"""What the team step can compute from the data at hand, and what would unlock more."""

#: Section, needs and method, weaker needs and method, what it unlocks.
TEAM = (
    (
        "roles",
        ("reps.role", "activities.rep_id", "opportunities.owner_id"),
        "heads, capacity, work and deals of each role",
        ("reps.role",),
        "heads and capacity alone",
        "what each role does every day, carries and lacks",
    ),
    (
        "structure",
        ("reps.region", "accounts.region", "opportunities.amount", "pay_plans"),
        "heads of each kind by segment and region with most margin less cost",
        ("reps.region", "accounts.region", "opportunities.amount"),
        "kinds and places of heads by an index of cost; their number is not judged",
        "what one more head is worth, and where",
    ),
    (
        "inside or field by deal size",
        ("activities.opportunity_id", "opportunities.amount"),
        "chance, hours and margin of deals by size and way of selling",
        None,
        "",
        "a cut-off from own deals, or the finding that there is none",
    ),
    (
        "channels of sales",
        ("activities.contact_id", "activities.direction", "contacts.title"),
        "who comes back to us after which contact, by segment and persona",
        None,
        "",
        "where to reach whom, and who should own the content",
    ),
    (
        "channels of marketing",
        ("marketing_touches.lead_id", "leads.converted_date"),
        "leads that become deals, by channel and persona",
        None,
        "",
        "which campaigns reach the people who decide",
    ),
)
