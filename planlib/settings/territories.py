"""Settings of territories: who takes part, what is balanced, what counts as cost, what is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from planlib.settings.base import Section, setting

Measure = Literal["potential", "workload_hours", "acv", "accounts"]
Within = Literal["", "region", "unit", "country", "province", "unit and region"]


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
    targets: Literal["equal", "capacity", "unit capacity"] = setting(
        "capacity",
        "A territory's target: an equal share, in proportion to capacity_hours, or in that "
        "proportion of what the accounts of the rep's unit hold",
    )
    tolerance: float = setting(
        0.10, "Allowed deviation of a territory from its target, per measure", "share", gt=0, le=1
    )
    tolerances: dict[Measure, float] = setting(
        {}, "Tolerance of single measures, where it differs", "share"
    )
    weight_travel: float = setting(
        1.0, "Weight of travel in the cost; 0 leaves it out", ge=0, le=1000
    )
    weight_misfit: float = setting(
        1.0, "Weight of skills or unit that do not match the account", ge=0, le=1000
    )
    weight_disruption: float = setting(2.0, "Weight of a change of owner", ge=0, le=1000)
    travel_km: float = setting(
        600.0, "Distance that costs as much as a full misfit of skills", "km", gt=0
    )
    disruption_share: float = setting(
        0.25, "Most ACV in a block that may change its owner; reps who left do not count",
        "share", ge=0, le=1,
    )  # fmt: skip
    late_stage_probability: float = setting(
        0.60, "Accounts with an open deal this likely, or committed, keep their owner", "share",
        ge=0, le=1,
    )  # fmt: skip
    protect_late_stage: bool = setting(True, "Whether late-stage deals keep their owner")
    keep_families: bool = setting(
        True, "Whether accounts with the same parent go to one rep, inside a block"
    )
    effort: Literal["quick", "normal", "thorough"] = setting(
        "normal", "How much work the search may do; counted in operations, not seconds"
    )

    @field_validator("measures")
    @classmethod
    def _once(cls, value: tuple[Measure, ...]) -> tuple[Measure, ...]:
        if len(set(value)) < len(value):
            raise ValueError("each measure once")
        return value

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

    def tolerance_of(self, measure: str) -> float:
        """Give the tolerance of a measure."""
        return dict(self.tolerances).get(measure, self.tolerance)  # type: ignore[call-overload, no-any-return]
