"""Settings of capacity: ramp, leavers, time to fill, simulation, scenarios."""

from __future__ import annotations

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting


class CapacityScenario(Section):
    """One assumption beside the plan; factors of 1 change nothing."""

    name: str = setting("", "Name of the scenario", min_length=1)
    turnover_factor: float = setting(1.0, "Multiple of every monthly exit hazard", "x", ge=0, le=20)
    first_year_factor: float = setting(
        1.0, "Multiple of the exit hazard in the first twelve months of tenure", "x", ge=0, le=20
    )
    ramp_factor: float = setting(1.0, "Multiple of the length of the ramp", "x", gt=0, le=5)
    fill_factor: float = setting(1.0, "Multiple of the time to fill a post", "x", ge=0, le=10)
    hires: bool = setting(True, "Whether open seats and planned hires are filled")
    replaces: bool = setting(True, "Whether leavers are replaced")


_SCENARIOS = (
    CapacityScenario(name="weak onboarding", first_year_factor=1.8),
    CapacityScenario(name="no hires", hires=False, replaces=False),
)


class CapacitySettings(Section):
    """How many effective reps there are in each month, and what they can sell."""

    months: int = setting(
        24, "Months that are planned, from the first month of the plan year", "months", ge=1, le=60
    )
    simulations: int = setting(1000, "Simulated futures", ge=100, le=20_000)
    tenure_bands: tuple[int, ...] = setting(
        (6, 12, 24, 48), "Upper limits of the tenure bands; the last band is open", "months"
    )
    leaver_months: int = setting(
        24, "Months before the as-of date in which leavers and those who stayed are counted",
        "months", ge=3, le=120,
    )  # fmt: skip
    yearly_turnover: float = setting(
        0.2, "Share of people who leave in a year, where the data know no leaver", "share", ge=0,
        lt=1,
    )  # fmt: skip
    hazard_prior: float = setting(
        120.0, "Months at risk at which a role's own exit hazard counts as much as the pooled one",
        "person-months", gt=0,
    )  # fmt: skip
    ramp: dict[str, tuple[float, ...]] = setting(
        {"default": (0.0, 0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0)},
        "Stated ramp by role: share of full productivity in each month of tenure, 1 afterwards; "
        "used where hire cohorts are missing, and what fitted curves are shrunk to",
    )
    ramp_most: int = setting(18, "Longest ramp that is fitted", "months", ge=1, le=48)
    ramp_prior: float = setting(
        48.0, "Rep-months in the ramp at which a fitted curve counts as much as its fallback",
        "rep-months", gt=0,
    )  # fmt: skip
    productivity_prior: float = setting(
        120.0, "Rep-months at which the productivity of a tenure band counts as much as 1",
        "rep-months", gt=0,
    )  # fmt: skip
    fill_days: int = setting(75, "Days from a post falling vacant to the next first day", "days",
                             ge=0, le=730)  # fmt: skip
    fill_from_data: bool = setting(
        True,
        "Whether the time to fill is learnt from leavers and the hires after them, where there "
        "are enough; else it is as stated",
    )
    fill_prior: float = setting(
        5.0, "Filled posts as which the stated time to fill counts", "posts", gt=0
    )
    away_days: int = setting(
        15, "Absences of up to so many days in a row are part of every year and of the quota; only "
        "longer ones take capacity away", "days", ge=0, le=365,
    )  # fmt: skip
    quota_roles: tuple[str, ...] = setting(
        (), "Roles that carry a quota of their own; blank: roles in which somebody has one"
    )
    scenarios: tuple[CapacityScenario, ...] = setting(
        _SCENARIOS, "Scenarios beside the plan; a list here replaces the standard ones"
    )

    @field_validator("tenure_bands")
    @classmethod
    def _rising(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or any(limit < 1 for limit in value) or sorted(set(value)) != list(value):
            raise ValueError("rising numbers of months above zero")
        return value

    @field_validator("ramp")
    @classmethod
    def _curves(cls, value: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        if "default" not in value:
            raise ValueError("a curve named 'default', and more by role where wanted")
        for name, curve in value.items():
            if not curve or list(curve) != sorted(curve) or min(curve) < 0 or max(curve) > 1:
                raise ValueError(f"curve '{name}': shares from 0 to 1 that never fall")
        return value

    @model_validator(mode="after")
    def _names(self) -> CapacitySettings:
        names = [one.name for one in self.scenarios]
        if len(set(names)) < len(names) or "plan" in names:
            raise ValueError("capacity.scenarios: each name once, and none called 'plan'")
        return self
