"""Settings of the evaluation of key accounts: calendar, burden, three checks, cost and return."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator

from planlib.settings.base import Section, setting

Aspect = Literal["importance", "needs", "closeness"]
#: What is evaluated, each at its own pace.
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)
Cadence = Literal["month", "two_months", "quarter", "half_year"]
#: Months of each cadence.
MONTHS: dict[str, int] = {"month": 1, "two_months": 2, "quarter": 3, "half_year": 6}


class EvaluationSettings(Section):
    """When key accounts are evaluated, what that may cost, and what is up to standard."""

    cadences: dict[Aspect, Cadence] = setting(
        {"importance": "half_year", "needs": "two_months", "closeness": "month"},
        "How often each aspect is evaluated",
    )
    months_shown: int = setting(
        12, "Months that the calendar looks back", "months", ge=1, le=36
    )  # fmt: skip
    minutes: dict[Aspect, float] = setting(
        {"importance": 6.0, "needs": 5.0, "closeness": 2.0},
        "Minutes that one evaluation of one account takes: an assumption for the burden",
        "minutes",
    )
    minutes_a_month: float = setting(
        45.0, "Most minutes of rating that one person is asked for in a month", "minutes", gt=0
    )
    on_time_share: float = setting(
        0.8, "Check: evaluations done in their period", "share", ge=0, le=1
    )
    minimum_confidence: float = setting(
        0.4, "Check: confidence of an account's score", "share", ge=0, le=1
    )
    minimum_probability: float = setting(
        0.5, "Check: chance to stay in the list under other weights", "share", ge=0, le=1
    )
    rating_days: int = setting(
        200, "Check: days since importance was last rated", "days", ge=1
    )  # fmt: skip
    strategy_days: int = setting(
        365, "Check: days since the strategy was last revised", "days", ge=1
    )
    single_thread_share: float = setting(
        0.5, "Check: share of a person's key accounts with one thread or none", "share", ge=0, le=1
    )
    known_seats_share: float = setting(
        0.6, "Check: seats of a person's key accounts with somebody known", "share", ge=0, le=1
    )
    overdue_share: float = setting(
        0.2, "Check: tasks of a director's log that are overdue", "share", ge=0, le=1
    )
    owner_change_share: float = setting(
        0.25, "Check: key accounts whose owner changed within a year", "share", ge=0, le=1
    )
    minimum_count: int = setting(
        5, "A share of fewer cases is shown in grey and fails no check", "cases", ge=1
    )
    cost_per_hour: dict[str, float] = setting(
        {"default": 75.0},
        "Cost of an hour by role, in the plan's currency; default for roles that are not named: "
        "an assumption unless finance gave it",
    )
    hours_per_contact: dict[str, float] = setting(
        {"visit": 4.0, "meeting": 1.5, "demo": 2.5, "event": 4.0, "call": 0.4, "message": 0.1,
         "email": 0.2, "task": 0.5, "other": 0.3},
        "Hours of one activity with its preparation where minutes are not logged; with minutes, "
        "the larger of the two",
        "hours",
    )  # fmt: skip
    lag_months: int = setting(
        6, "Months by which margin is expected to follow the work", "months", ge=0, le=36
    )
    minimum_wins: int = setting(
        5, "Deals won below which a return is shown in grey", "deals", ge=1
    )  # fmt: skip
    effort_low: float = setting(
        0.5, "An account with less than this share of its fair hours gets too little", "x", gt=0,
        le=1,
    )  # fmt: skip
    effort_high: float = setting(
        2.0, "An account with more than this multiple of its fair hours gets too much", "x", ge=1
    )
    quarters: int = setting(
        12, "Quarters over which the steadiness of sales is looked at", "quarters", ge=4, le=40
    )

    @field_validator("cost_per_hour")
    @classmethod
    def _default(cls, value: dict[str, float]) -> dict[str, float]:
        if "default" not in value or any(cost < 0 for cost in value.values()):
            raise ValueError("a cost of at least 0 for each role, and one for 'default'")
        return value

    @field_validator("cadences", "minutes")
    @classmethod
    def _every_aspect(cls, value: dict[Aspect, object]) -> dict[Aspect, object]:
        missing = [one for one in ASPECTS if one not in value]
        if missing:
            raise ValueError(f"a value for each of {', '.join(ASPECTS)}; missing: {missing}")
        return value
