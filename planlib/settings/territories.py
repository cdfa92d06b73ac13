"""Settings of territories: who takes part, what is balanced, what counts as cost, what is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, each_once, setting

Measure = Literal["potential", "workload_hours", "acv", "accounts"]
Within = Literal["", "region", "unit", "country", "province", "unit and region"]
Target = Literal["equal", "capacity", "unit capacity", "ramp", "given"]


class TerritoriesSettings(Section):
    """How accounts are aligned with reps."""

    role_layer: str = setting("AE", "Name of the layer of owners that is planned", min_length=1)
    roles: tuple[str, ...] = setting(
        ("AE", "Account Executive", "Sales Executive", "客户经理", "销售经理", "销售工程师"),
        "Roles of reps who own accounts; capital letters do not matter", min_length=1,
    )  # fmt: skip
    units: tuple[str, ...] = setting(
        (), "Business units whose accounts are aligned; blank: all of them"
    )
    within: Within = setting(
        "region",
        "Accounts and reps are matched only inside this; blank: everyone with everyone",
    )
    measures: tuple[Measure, ...] = setting(
        ("potential", "workload_hours"), "Measures that are balanced over territories",
        min_length=1, max_length=4,
    )  # fmt: skip
    targets: Target = setting(
        "capacity",
        "A territory's target: an equal share, in proportion to capacity_hours, in that "
        "proportion of what the accounts of the rep's unit hold, in proportion to capacity less "
        "what a new hire or open seat cannot do yet (ramp), or as the targets table says (given)",
    )
    targets_by_measure: dict[Measure, Target] = setting(
        {}, "Kind of target of single measures, where it differs"
    )
    ramp_days: int = setting(180, "Days until a new hire works at full capacity", "days", ge=0)
    ramp_start: float = setting(
        0.25, "Share of full capacity on a new hire's first day", "share", ge=0, le=1
    )
    seat_fill_days: int = setting(
        60, "Days until an open seat without a date is filled, for its ramp", "days", ge=0
    )
    open_seats: bool = setting(True, "Whether open seats are given accounts")
    tolerance: float | None = setting(
        None,
        "Allowed deviation of a territory from its target, per measure; blank: the tightest, in "
        "whole percent, that can be reached within the disruption budget",
        "share", gt=0, le=1,
    )  # fmt: skip
    tolerances: dict[Measure, float] = setting(
        {}, "Tolerance of single measures, where it differs", "share"
    )
    min_accounts: int | None = setting(
        None, "Fewest accounts of a territory; blank: no limit", "accounts", ge=0
    )
    max_accounts: int | None = setting(
        None, "Most accounts of a territory; blank: no limit", "accounts", ge=1
    )
    max_named: int | None = setting(
        None, "Most named (key) accounts of a territory; blank: no limit", "accounts", ge=0
    )
    keep_named: bool = setting(True, "Whether named (key) accounts keep today's owner")
    weight_travel: float = setting(
        1.0, "Weight of travel in the cost; 0 leaves it out", ge=0, le=1000
    )
    weight_misfit: float = setting(
        1.0, "Weight of skills or unit that do not match the account", ge=0, le=1000
    )
    weight_complexity: float = setting(
        0.5, "Weight of an account more complex than the rep's level can serve", ge=0, le=1000
    )
    weight_disruption: float = setting(2.0, "Weight of a change of owner", ge=0, le=1000)
    travel_km: float = setting(
        600.0, "Distance that costs as much as a full misfit of skills", "km", gt=0
    )
    travel_hours: float = setting(
        8.0, "The same for travel times, where these are given", "hours", gt=0
    )
    disruption_share: float | None = setting(
        0.10,
        "Most ACV in a block that may change its owner; owners who left and locks do not count; "
        "blank: no limit",
        "share", ge=0, le=1,
    )  # fmt: skip
    disruption_count_share: float | None = setting(
        None, "Most accounts that may change their owner, counted likewise", "share", ge=0, le=1
    )
    disruption_open_share: float | None = setting(
        None, "Most open pipeline that may change its owner, counted likewise", "share", ge=0, le=1
    )
    change_weight: float = setting(
        2.0, "Cost of another rep than in the previous plan, when one is solved again", ge=0,
        le=1000,
    )  # fmt: skip
    late_stage_probability: float = setting(
        0.60, "Accounts with an open deal this likely, or committed, keep their owner", "share",
        ge=0, le=1,
    )  # fmt: skip
    protect_late_stage: bool = setting(True, "Whether late-stage deals keep their owner")
    recent_win_days: int = setting(
        90, "Accounts with a deal won within so many days keep their owner; 0: not", "days", ge=0
    )
    keep_families: bool = setting(
        True, "Whether accounts with the same parent go to one rep, inside a block"
    )
    split_families_above: float | None = setting(
        None,
        "Families larger than this share of an average territory are planned country by country, "
        "and what is still larger account by account; blank: never",
        "share of a territory", gt=0, le=1000,
    )  # fmt: skip
    effort: Literal["quick", "normal", "thorough"] = setting(
        "normal", "How much work the search may do; counted in operations, not seconds"
    )

    _once = field_validator("measures")(each_once("each measure once"))

    @field_validator("tolerances")
    @classmethod
    def _shares(cls, value: dict[Measure, float]) -> dict[Measure, float]:
        if any(not 0 < tolerance <= 1 for tolerance in value.values()):
            raise ValueError("tolerances above 0 and at most 1")
        return value

    @field_validator("roles", "units")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not name.strip() for name in value):
            raise ValueError("names that are not blank")
        return value

    @model_validator(mode="after")
    def _counts(self) -> TerritoriesSettings:
        if (
            self.min_accounts is not None
            and self.max_accounts is not None
            and self.min_accounts > self.max_accounts
        ):
            raise ValueError("min_accounts at most max_accounts")
        return self

    def tolerance_of(self, measure: str) -> float | None:
        """Give the tolerance of a measure; None: the tightest that can be reached."""
        return dict(self.tolerances).get(measure, self.tolerance)  # type: ignore[call-overload, no-any-return]

    def targets_of(self, measure: str) -> Target:
        """Give the kind of target of a measure."""
        return dict(self.targets_by_measure).get(measure, self.targets)  # type: ignore[call-overload, no-any-return]
