"""Settings of account strategies: the landing steps of the three tasks of ESP+."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import model_validator

from planlib.settings.base import Section, setting

Task = Literal["own_advantage", "competitors_out", "opportunities_incubated"]
#: The three tasks of account work, in order.
TASKS: tuple[Task, ...] = get_args(Task)


class LandingStep(Section):
    """One landing step: something that one can see has been done."""

    key: str = setting("", "Short name, stored in the log", min_length=1)
    task: Task = setting("own_advantage", "Task that it serves")
    title: str = setting("", "Step as people read it", min_length=1)


_STEPS = (
    LandingStep(key="map_seats", task="own_advantage",
                title="Every seat of the buying centre has a name, a power and an attitude"),
    LandingStep(key="win_sponsor", task="own_advantage",
                title="A person with power speaks for us when we are not in the room"),
    LandingStep(key="prove_value", task="own_advantage",
                title="A value that the customer has confirmed in figures"),
    LandingStep(key="know_rivals", task="competitors_out",
                title="Each competitor's position, people and weak point are known"),
    LandingStep(key="set_criteria", task="competitors_out",
                title="Criteria of choice or standards follow our strengths"),
    LandingStep(key="lock_in", task="competitors_out",
                title="Frame contract, interface or service that makes a change costly"),
    LandingStep(key="see_plans", task="opportunities_incubated",
                title="Investment plans of the next three years are known"),
    LandingStep(key="shape_need", task="opportunities_incubated",
                title="A need was shaped with the customer before it became a tender"),
    LandingStep(key="first_call", task="opportunities_incubated",
                title="The next project was opened with us first"),
)  # fmt: skip


class StrategySettings(Section):
    """How the way to a closer account is cut into steps, and when a strategy must be revised."""

    steps: tuple[LandingStep, ...] = setting(
        _STEPS, "Landing steps in order; a list here replaces the standard one"
    )
    revise_points: float = setting(
        15.0, "A change of closeness in either direction since the last version that calls for a "
        "new one", "points", gt=0,
    )  # fmt: skip
    plan_years: int = setting(
        4, "Years of projects on an account plan", "years", ge=3, le=10
    )  # fmt: skip

    @model_validator(mode="after")
    def _keys(self) -> StrategySettings:
        keys = [step.key for step in self.steps]
        double = sorted({key for key in keys if keys.count(key) > 1})
        if double:
            raise ValueError(f"strategy.steps: key {', '.join(double)} stands twice")
        return self
