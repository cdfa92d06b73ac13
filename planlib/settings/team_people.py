"""Settings of people in the team: retention, onboarding, burn-out, ladders, trees of KPIs."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import model_validator

from planlib.settings.base import Section, setting

IndicatorName = Literal[
    "connect_rate", "touches_per_success", "win_rate", "overdue_share", "after_hours_share",
    "meeting_hours", "sales_trend", "inbound", "lead_quality_share", "manager_contact",
    "time_in_grade", "stage_days", "handoffs", "paperwork_share",
]  # fmt: skip
TeamColumn = Literal["manager", "unit", "region"]

#: Indicators of strain that can be computed.
INDICATORS: tuple[IndicatorName, ...] = get_args(IndicatorName)
#: Topics that are written down for a role.
TOPICS = ("capability", "daily_work", "interests", "support", "goals")


class IndicatorRule(Section):
    """When an indicator of a team is an alert; all limits that are set must be broken."""

    level: float | None = setting(
        None, "Alert when the value is worse than this: above it, or below it where more is better"
    )
    change: float | None = setting(
        None, "Alert when worse than the team's own past by this share, beyond noise", "share",
        gt=0, le=5,
    )  # fmt: skip
    peers: float | None = setting(
        None, "Alert when worse than all other people together by this share, beyond noise: what "
        "is bad everywhere is no alert of one team", "share", gt=0, le=5,
    )  # fmt: skip


class OnboardingVariant(Section):
    """A scenario of onboarding: what it does to turnover; an assumption, never a finding."""

    name: str = setting("", "Name of the variant", min_length=1)
    turnover_share: float | None = setting(
        None, "Share of reps who leave within a year under the variant", "share", ge=0, lt=1
    )
    turnover_ratio: float | None = setting(
        None, "Monthly chance to leave under the variant / as it is", "x", gt=0, le=10
    )
    months: int = setting(
        0, "Months from hire in which it works; 0: for good", "months", ge=0, le=120
    )

    @model_validator(mode="after")
    def _one(self) -> OnboardingVariant:
        if (self.turnover_share is None) == (self.turnover_ratio is None):
            raise ValueError(
                f"onboarding variant '{self.name}': exactly one of turnover_share, turnover_ratio"
            )
        return self


class Criterion(Section):
    """One measurable criterion of a rung."""

    metric: str = setting("", "Metric, such as won_amount or win_rate", min_length=1)
    minimum: float = setting(
        0.0, "To be reached; amounts, counts and activities for a year, shares from 0 to 1", ge=0
    )
    window_months: int = setting(12, "Window before the as-of date", "months", ge=1, le=60)


class Rung(Section):
    """One level of a ladder and what opens the way to the next one."""

    level: str = setting("", "Level, as in table reps", min_length=1)
    role: str = setting("", "Role of the rung where it differs from that of the ladder")
    months: float | None = setting(
        None, "Usual time in grade before the next rung", "months", gt=0, le=240
    )
    criteria: tuple[Criterion, ...] = setting((), "Criteria to move to the next rung")


class Ladder(Section):
    """The path of a role: rungs from first to last, and side paths."""

    role: str = setting("", "Role", min_length=1)
    rungs: tuple[Rung, ...] = setting((), "Rungs, first one lowest", min_length=1)
    side_paths: tuple[str, ...] = setting(
        (), "Roles outside sales management that are open too, such as product or operations"
    )


class Driver(Section):
    """One factor of a role's target."""

    name: str = setting("", "Name that people read", min_length=1)
    metric: str = setting("", "Observed metric behind it; blank: the value below is an assumption")
    value: float | None = setting(None, "Value where no metric is observed", ge=0)
    unit: str = setting("", "Unit")


class KpiTree(Section):
    """How a role's part of the company target comes about: a product of drivers."""

    role: str = setting("", "Role", min_length=1)
    target_share: float = setting(
        1.0, "Part of the company target that this role carries; all trees together: 1", "share",
        ge=0, le=1,
    )  # fmt: skip
    team_share: float = setting(
        0.0, "Part of the role's target that counts as reached by the team together", "share", ge=0,
        le=1,
    )  # fmt: skip
    drivers: tuple[Driver, ...] = setting((), "Factors whose product is the target", min_length=1)
    lever: str = setting("", "Driver that must close the gap; blank: the first one")
    long_term: tuple[str, ...] = setting(
        (), "Metrics that are watched beside the target so that winning now is not all that counts"
    )


class Expectation(Section):
    """What is written down for a role."""

    role: str = setting("", "Role", min_length=1)
    capability: str = setting("", "What a person in the role must be able to do")
    daily_work: str = setting("", "What a day holds")
    interests: str = setting("", "What matters to people in the role")
    support: str = setting("", "Support that the role receives")
    goals: str = setting("", "Goals, and how they follow from the sales process")


_RULES: dict[IndicatorName, IndicatorRule] = {
    "connect_rate": IndicatorRule(change=0.2),
    "touches_per_success": IndicatorRule(change=0.25),
    "win_rate": IndicatorRule(change=0.2),
    "overdue_share": IndicatorRule(level=0.4, peers=0.1),
    "after_hours_share": IndicatorRule(change=0.5),
    "meeting_hours": IndicatorRule(level=20.0),
    "sales_trend": IndicatorRule(change=0.2),
    "inbound": IndicatorRule(change=0.2),
    "lead_quality_share": IndicatorRule(change=0.2),
    "manager_contact": IndicatorRule(level=1.0),
    "time_in_grade": IndicatorRule(level=0.5),
    "stage_days": IndicatorRule(change=0.2),
    "handoffs": IndicatorRule(change=0.5),
    "paperwork_share": IndicatorRule(change=0.25),
}


class TeamPeopleSettings(Section):
    """What is computed about people in the team, for groups of which size, and by which limits."""

    minimum_group: int = setting(
        5, "Smallest number of people in a group that is shown; smaller ones are merged", "people",
        ge=3,
    )  # fmt: skip
    individual_rows: bool = setting(
        False,
        "Write rows on single people (readiness, time in grade); check the law of each country "
        "and the works council first",
    )
    spread_floor: float = setting(
        0.2, "Smallest standard deviation of true ratios between groups that is assumed", "x",
        gt=0, le=2,
    )  # fmt: skip
    fill_window_months: int = setting(
        24, "Trailing window of posts filled and of moves on a ladder", "months", ge=6, le=240
    )
    selling_roles: tuple[str, ...] = setting(
        ("AE",), "Roles whose won deals show the value of experience; none of them: every owner"
    )
    peer_months: int = setting(
        6, "An exit in the same team counts for its peers for so long", "months", ge=1, le=24
    )
    hiring_cost: dict[str, float] = setting(
        {}, "Cost to hire one person by role; default: other roles; none: not known"
    )
    covered_share: float = setting(
        0.0, "Share of a vacant post's sales that colleagues win all the same", "share", ge=0, le=1
    )
    margin_share: float = setting(
        1.0, "Share of lost sales that is lost contribution; 1 counts the sales themselves",
        "share", gt=0, le=1,
    )  # fmt: skip
    onboarding_variants: tuple[OnboardingVariant, ...] = setting(
        (), "Scenarios of onboarding; none is assumed"
    )
    burnout_by: tuple[TeamColumn, ...] = setting(
        ("manager", "region", "unit"), "What makes a team, most important first", min_length=1
    )
    recent_months: int = setting(
        3, "Months that indicators of strain are computed for", "months", ge=1, le=12
    )
    past_months: int = setting(
        12, "Months before these that a team is compared with", "months", ge=3, le=36
    )
    connect_minutes: float = setting(
        5.0, "A call out of at least this length reached someone", "minutes", ge=0
    )
    work_from: int = setting(8, "Hour at which a working day begins for the rep", "hour", ge=0,
                             le=23)  # fmt: skip
    work_to: int = setting(18, "Hour at which it ends", "hour", ge=1, le=24)
    good_lead_score: float = setting(
        60.0, "A lead with at least this score counts as good", "score", ge=0, le=100
    )
    grade_months: float = setting(
        36.0, "Time in grade from which a person counts as waiting, where no ladder says so",
        "months", gt=0,
    )  # fmt: skip
    indicators: dict[IndicatorName, IndicatorRule] = setting(
        _RULES, "Limits of the indicators of strain; one that is left out is not computed"
    )
    noise_z: float = setting(
        1.64, "A value or change counts beyond noise from this many standard errors", "sd", gt=0,
        le=5,
    )  # fmt: skip
    false_alert_share: float = setting(
        0.1, "Most false ones among all alerts of one way of making teams, on average "
        "(Benjamini-Hochberg): many cells side by side give alerts by chance; 1: each cell is "
        "judged alone", "share", gt=0, le=1,
    )  # fmt: skip
    watch_alerts: int = setting(1, "Alerts from which a team is on watch", ge=1, le=10)
    high_alerts: int = setting(3, "Alerts from which its risk band is high", ge=1, le=14)
    ladders: tuple[Ladder, ...] = setting(
        (), "Ladders by role; a role without one shows its observed moves alone"
    )
    ready_confidence: float = setting(
        0.80, "Least probability that each criterion is truly reached", "share", ge=0.5, lt=1
    )
    quick_move_months: float = setting(
        12.0, "Horizon for the share that moved on to another role", "months", gt=0
    )
    kpi_trees: tuple[KpiTree, ...] = setting((), "Trees of KPIs by role; none: no tree is shown")
    expectations: tuple[Expectation, ...] = setting(
        (), "What is written down for each role; a blank is shown as a gap"
    )

    @model_validator(mode="after")
    def _consistent(self) -> TeamPeopleSettings:
        problems = []
        if self.work_to <= self.work_from:
            problems.append(f"work_to {self.work_to} must be after work_from {self.work_from}")
        if self.high_alerts < self.watch_alerts:
            problems.append("high_alerts must not be below watch_alerts")
        below = [role for role, cost in self.hiring_cost.items() if cost < 0]
        if below:
            problems.append(f"hiring_cost of {', '.join(below)} is below 0")
        for name, values in (
            ("onboarding_variants", [one.name for one in self.onboarding_variants]),
            ("ladders", [one.role for one in self.ladders]),
            ("kpi_trees", [one.role for one in self.kpi_trees]),
            ("expectations", [one.role for one in self.expectations]),
        ):
            double = sorted({one for one in values if values.count(one) > 1})
            problems += [f"{name}: {one} stands twice" for one in double]
        if problems:
            raise ValueError("team_people: " + "; ".join(problems))
        return self
