"""Settings of pay, of the size of the sales force by return, and of the check of the plans."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting

PartName = Literal["territories", "quotas", "pay"]
RuleName = Literal[
    "quota_above_potential",
    "quota_above_capacity",
    "seat_without_capacity",
    "owner_gone",
    "accounts_without_quota",
    "quota_without_accounts",
    "hours_above_capacity",
    "quota_not_of_pay_plan",
    "no_pay_plan",
    "pay_ignores_need",
    "pay_for_now_alone",
    "rarely_reaches_threshold",
    "often_capped",
    "pay_above_budget",
    "quotas_below_target",
    "capacity_below_target",
    "people_against_goal",
]

#: The plans that are checked together and released together.
PARTS: tuple[str, ...] = get_args(PartName)
#: Rules of the check of the plans.
RULES: tuple[str, ...] = get_args(RuleName)


class PayAlternative(Section):
    """A pay plan to compare with today's: what differs; a blank key stays as it is."""

    name: str = setting("", "Name of the alternative", min_length=1)
    roles: tuple[str, ...] = setting((), "Roles that it changes; blank: all with a quota")
    accelerator: float | None = setting(None, "Multiple of the rate above 100 %", "x", ge=0)
    threshold_share: float | None = setting(
        None, "Attainment below which nothing is paid", "share", ge=0
    )
    cap_share: float | None = setting(None, "Attainment above which no more is paid", "share", gt=0)
    no_cap: bool = setting(False, "Whether the cap falls away")
    variable_factor: float = setting(1.0, "Factor on variable pay at 100 %", "x", ge=0, le=10)


_ALTERNATIVES = (
    PayAlternative(name="linear", accelerator=1.0, threshold_share=0.0, no_cap=True),
    PayAlternative(name="accelerator 1.5", accelerator=1.5),
    PayAlternative(name="accelerator 2.0", accelerator=2.0),
)


class PaySettings(Section):
    """What pay costs, and who may see it."""

    minimum_group: int = setting(
        5, "Fewest people of a group whose pay is shown, in sums and shares; smaller groups are "
        "pooled", "people", ge=2,
    )  # fmt: skip
    budget_amount: float | None = setting(
        None, "Budget for base and variable pay of the fiscal year; blank: what everybody costs at "
        "100 % attainment", ge=0,
    )  # fmt: skip
    interval: float = setting(0.80, "Width of intervals of cost and earnings", "share", gt=0, lt=1)
    draw_recovered_share: float = setting(
        1.0, "Share of advances (draws) not earned by the end of the year that people pay back",
        "share", ge=0, le=1,
    )  # fmt: skip
    alternatives: tuple[PayAlternative, ...] = setting(
        _ALTERNATIVES, "Pay plans that are compared with today's"
    )

    @field_validator("alternatives")
    @classmethod
    def _once(cls, value: tuple[PayAlternative, ...]) -> tuple[PayAlternative, ...]:
        names = [one.name for one in value]
        if len(set(names)) < len(names) or "current" in names:
            raise ValueError("each alternative once, and none is called 'current'")
        return value


class ForceSizeSettings(Section):
    """How many people pay for themselves, beside how many the work asks for."""

    roles: tuple[str, ...] = setting((), "Roles that are sized; blank: all roles with a quota")
    margin_share: float | None = setting(
        None, "Margin on one more sale; blank: of the products sold, by amount", "share", gt=0, le=1
    )
    cost_per_person: float | None = setting(
        None, "Cost of one person a year; blank: expected pay with the overhead", gt=0
    )
    overhead_share: float = setting(
        0.25, "Social security, travel and tools on top of pay: an assumption", "share", ge=0, le=5
    )
    elasticity: float | None = setting(
        None, "Percent more sales for one percent more people; blank: that of the territories, "
        "which is fitted from history where that is enough", "x", gt=0, lt=1,
    )  # fmt: skip
    elasticity_range: tuple[float, float] = setting(
        (0.2, 0.5), "Elasticities between which the best size is shown", "x"
    )
    carry_over: tuple[float, float] | None = setting(
        None, "Share of a sale that comes again in the second and in the third year; blank: what "
        "customers bought again", "share",
    )  # fmt: skip
    widest: float = setting(
        2.0, "Sizes from today's divided by this to today's times this are looked at", "x", gt=1,
        le=10,
    )  # fmt: skip
    flat_share: float = setting(
        0.02, "Sizes whose profit is within this share of the best count as equally good", "share",
        gt=0, le=0.5,
    )  # fmt: skip
    right_return: tuple[float, float] = setting(
        (0.5, 1.5), "Three-year return of one more person at which the size is about right", "share"
    )
    selling_hours: float | None = setting(
        None, "Selling hours of a person a year; blank: mean capacity_hours of the roles sized",
        "hours", gt=0,
    )  # fmt: skip

    @model_validator(mode="after")
    def _ranges(self) -> ForceSizeSettings:
        low, high = self.elasticity_range
        if not 0 < low < high < 1:
            raise ValueError("elasticity_range: two numbers between 0 and 1, the smaller first")
        if self.right_return[0] >= self.right_return[1]:
            raise ValueError("right_return: two shares, the smaller first")
        if self.carry_over is not None and not all(0 <= one <= 1 for one in self.carry_over):
            raise ValueError("carry_over: two shares between 0 and 1")
        return self


class MilestoneRule(Section):
    """A milestone that is proposed where people gave none."""

    milestone: str = setting("", "Name of the milestone", min_length=1)
    weeks: int = setting(
        0, "Weeks from the first day of the fiscal year; negative: before", "weeks", ge=-52, le=52
    )
    expectation: str = setting("", "What is there when it is done")


_MILESTONES = (
    MilestoneRule(milestone="Sponsor names goals, owners and dates", weeks=-18,
                  expectation="one page: goals, who decides, what is out of scope"),
    MilestoneRule(milestone="Data are fit and segments agreed", weeks=-14,
                  expectation="notebooks 01 and 02 without open problems"),
    MilestoneRule(milestone="Targets and capacity top-down", weeks=-11,
                  expectation="target by unit, heads and hires, over-assignment"),
    MilestoneRule(milestone="Territories proposed to managers", weeks=-9,
                  expectation="plan, moves and the way to challenge it"),
    MilestoneRule(milestone="Quotas from below", weeks=-7,
                  expectation="managers' quotas, reconciled with the target"),
    MilestoneRule(milestone="Pay plans and their cost", weeks=-6,
                  expectation="cost at simulated attainment against the budget"),
    MilestoneRule(milestone="Three plans checked together", weeks=-4,
                  expectation="no open contradiction that blocks"),
    MilestoneRule(milestone="Challenges decided", weeks=-3,
                  expectation="each with a reason"),
    MilestoneRule(milestone="Territories, quotas and pay released", weeks=-1,
                  expectation="everybody has territory, quota and pay plan in hand"),
    MilestoneRule(milestone="Questions after the release answered", weeks=2,
                  expectation="one person whom everybody may ask; each open question has a name "
                  "and a day"),
    MilestoneRule(milestone="First quarter: changes decided", weeks=13,
                  expectation="starts, leavers and moves pro rata with reasons; territories else "
                  "stay as released"),
    MilestoneRule(milestone="Mid-year review", weeks=26,
                  expectation="changes pro rata, the same check once more"),
    MilestoneRule(milestone="Third quarter: changes decided", weeks=39,
                  expectation="changes pro rata; what was learned goes into the next year's plan"),
)  # fmt: skip


class PlanCheckSettings(Section):
    """When territories, quotas and pay contradict each other, and the timeline of planning."""

    blocking: tuple[RuleName, ...] = setting(
        ("quota_above_potential", "seat_without_capacity", "owner_gone", "accounts_without_quota",
         "no_pay_plan", "pay_above_budget", "quotas_below_target"),
        "Contradictions that keep all three plans from being released; the others warn",
    )  # fmt: skip
    potential_limit: float = setting(
        1.0, "Largest quota as a share of the territory's potential", "share", gt=0, le=10
    )
    capacity_tolerance: float = setting(
        0.10, "How far a quota may exceed what the person can carry", "share", ge=0, le=5
    )
    hours_tolerance: float = setting(
        0.25, "How far the work of a territory may exceed its person's selling hours", "share",
        ge=0, le=5,
    )  # fmt: skip
    quota_tolerance: float = setting(
        0.15, "How far a quota may be from that of the pay plan", "share", ge=0, le=5
    )
    share_gap: float = setting(
        0.10, "Difference of a segment's share of people and share of the goal that is named",
        "share", gt=0, le=1,
    )  # fmt: skip
    unpaid_share: float = setting(
        0.50, "Share of what a role sells by deal types its pay plan does not count", "share",
        gt=0, le=1,
    )  # fmt: skip
    below_threshold_share: float = setting(
        0.25, "Share of simulated years below the threshold of pay from which it is named", "share",
        gt=0, le=1,
    )  # fmt: skip
    capped_share: float = setting(
        0.10, "Share of simulated years above the cap of pay from which it is named", "share",
        gt=0, le=1,
    )  # fmt: skip
    over_budget_share: float = setting(
        0.30, "Probability of a pay cost above the budget from which it is named", "share", gt=0,
        le=1,
    )  # fmt: skip
    milestones: tuple[MilestoneRule, ...] = setting(
        _MILESTONES, "Milestones that are proposed where overrides/planning_milestones.csv has none"
    )

    @field_validator("milestones")
    @classmethod
    def _unlike(cls, value: tuple[MilestoneRule, ...]) -> tuple[MilestoneRule, ...]:
        names = [one.milestone for one in value]
        if len(set(names)) < len(names):
            raise ValueError("each milestone once")
        return value
