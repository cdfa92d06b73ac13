"""Settings of projects: lanes, phases, gates, assessment, win probability, ageing of cash."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator

from planlib.settings.base import Section, each_once, setting

Phase = Literal["initiation", "design_institute", "tender", "award", "contract", "acceptance"]
Work = Literal["assessment", "decision_chain", "solution", "price", "strategy", "work_plan"]

#: Phases of project business in order.
PHASES: tuple[Phase, ...] = get_args(Phase)

#: Steps of the work on a project (TAS+) in order.
WORKS: tuple[Work, ...] = get_args(Work)


class ProjectsSettings(Section):
    """How projects are sorted into lanes, judged and followed to the cash."""

    large_amount: float | None = setting(
        None,
        "Amount from which a project takes the large-project process; blank: the amount that only "
        "the share below of the won deals of the last three years reach",
        "currency",
        gt=0,
    )
    large_share: float = setting(
        0.1, "Share of the won deals that counts as large where no amount is set", "share",
        gt=0, le=1,
    )  # fmt: skip
    large_families: tuple[str, ...] = setting(
        (), "Product families that always take the large-project process"
    )
    novelty_share: float = setting(
        0.5,
        "A product family that the account has never bought takes the large-project process from "
        "this share of the large amount; 1: novelty makes no difference",
        "share",
        gt=0,
        le=1,
    )
    stages: dict[str, Phase] = setting(
        {},
        "Phase of project business of each stage of deals and projects, by the stage's label; "
        "usual names in English and Chinese are known without it",
    )
    questions: Literal["four", "three"] = setting(
        "four",
        "Questions of the assessment: is there an opportunity, can we compete, can we win, is it "
        "worth winning; three: without 'can we compete'",
    )
    large_work: tuple[Work, ...] = setting(WORKS, "Steps of the work on a large project")
    fast_work: tuple[Work, ...] = setting(
        ("assessment", "work_plan"), "Steps of the work on a project in the fast lane"
    )
    large_gates: tuple[Phase, ...] = setting(
        ("tender", "contract"), "Phases that a large project enters only after a go by an approver"
    )
    fast_gates: tuple[Phase, ...] = setting(
        (), "Phases that a project in the fast lane enters only after a go"
    )
    fresh_days: int = setting(
        90, "An assessment or rating older than this counts as out of date", "days", ge=1, le=1830
    )
    level_points: float = setting(
        0.5, "We are level with the best competitor within so many points of ten", "0-10", ge=0,
        le=10,
    )  # fmt: skip
    late_days: int = setting(
        60,
        "An open deal that is more than so many days past its close date has the win probability "
        "of deals that were once as late",
        "days",
        ge=1,
        le=1830,
    )
    prior_deals: float = setting(
        10.0,
        "Weight of the wider rate behind a win rate: as many deals as it counts for",
        "deals",
        ge=0,
    )
    minimum_deals: int = setting(5, "A rate of fewer closed deals is shown in grey", "deals", ge=1)
    closeness_limits: tuple[float, float] = setting(
        (30.0, 60.0), "Closeness below the first limit is low, from the second on high: the bands "
        "by which won and lost projects are compared", "0 to 100",
    )  # fmt: skip
    ageing_days: tuple[int, ...] = setting(
        (30, 90, 180), "Limits of the classes of age of overdue payments", "days"
    )

    @property
    def phases(self) -> dict[str, int]:
        """Phases that some stage belongs to, with their place from 1; all where none is mapped."""
        used = set(self.stages.values()) or set(PHASES)
        return {one: place for place, one in enumerate(PHASES, start=1) if one in used}

    @field_validator("ageing_days")
    @classmethod
    def _rising(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or any(one <= 0 for one in value) or list(value) != sorted(set(value)):
            raise ValueError("rising numbers of days above 0")
        return value

    @field_validator("closeness_limits")
    @classmethod
    def _bands(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 < value[0] < value[1] <= 100:
            raise ValueError(f"two rising limits above 0 and up to 100, got {list(value)}")
        return value

    _once = field_validator("large_work", "fast_work", "large_gates", "fast_gates")(
        each_once("each name once")
    )
