"""What the step on projects and support can compute from the data at hand."""

from __future__ import annotations

#: Name, needs, method, needs of the weaker method, that method, what the rest would add.
PROJECTS: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...] | None, str, str], ...] = (
    (
        "lanes and win probability",
        ("projects", "opportunity_history.stage", "opportunities.is_won"),
        "projects by lane and phase, win rates of what came as far",
        ("opportunities.amount", "opportunities.is_won"),
        "large open deals, win rates of their lane",
        "projects with their phase, and what became of deals that came as far",
    ),
    (
        "cash by milestone",
        ("projects.contract_amount", "payments.due_date"),
        "due, received, overdue and its age",
        None,
        "",
        "which milestones of which contracts are overdue",
    ),
    (
        "support plan",
        ("support_requests.hours", "experts.hours_per_week", "experts.skills"),
        "the plan of experts that is worth most, with what one more would bring",
        ("projects.skill_hours",),
        "projects that name a skill and hours; ranked where no expert has hours",
        "which project gets which expert when, and what the refused wait for",
    ),
)
