"""What capacity and quotas can compute from the data at hand, and what would unlock more."""

#: Section, needs and method, weaker needs and method, what it unlocks.
QUOTAS = (
    (
        "capacity by month",
        ("reps.hire_date", "reps.role", "reps.quota", "opportunities.is_won"),
        "ramp and usual attainment from own hire cohorts, leavers and hires simulated",
        ("reps",),
        "the stated ramp, everybody without a first day taken as ramped",
        "whether there are enough people for the target, month by month",
    ),
    (
        "leavers",
        ("reps.hire_date", "reps.leave_date"),
        "exit hazard by role and tenure from own people",
        ("reps",),
        "the stated yearly turnover",
        "capacity that counts those who will leave",
    ),
    (
        "planned hires",
        ("hiring_plan.start_date",),
        "hires on their day, with their ramp",
        ("reps.is_open_seat",),
        "the open seats alone",
        "what hires of the plan add, and when",
    ),
    (
        "quotas top-down and bottom-up",
        ("targets.target_amount", "reps.quota", "opportunities.is_won", "accounts.potential"),
        "the target down the hierarchy, blended with potential, trend and capacity of each rep",
        ("reps",),
        "a target assumed from what was won or from quotas in force, without the parts that lack",
        "quotas that add up and that reps can believe in",
    ),
    (
        "over-assignment",
        ("reps.quota", "opportunities.is_won", "targets.target_amount"),
        "from the spread of own past attainment",
        ("reps",),
        "the stated spread of attainment",
        "how surely the target is reached",
    ),
)
