"""Settings of quotas: blend, bottom-up parts, spread of attainment, level of certainty, flags."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from planlib.settings.base import Section, setting


class BottomUpWeights(Section):
    """Weight of each bottom-up part; a part that a rep lacks gives its weight to the others."""

    potential: float = setting(0.3, "Potential of the accounts of the rep", ge=0)
    trend: float = setting(0.3, "What the rep won lately, carried on", ge=0)
    capacity: float = setting(0.4, "Ramped quota at the usual attainment", ge=0)

    @model_validator(mode="after")
    def _some(self) -> BottomUpWeights:
        if self.potential + self.trend + self.capacity <= 0:
            raise ValueError("at least one weight above zero")
        return self


class QuotasSettings(Section):
    """How the target becomes quotas, and how sure it is to be reached."""

    year: str = setting("", "Fiscal year that is planned; blank: the one of the cycle")
    target_amount: float | None = setting(
        None, "Target of the year; blank: from table targets, else by the weaker way", ge=0
    )
    growth_share: float = setting(
        0.1, "Without any target: growth on the amount won in the last twelve months", "share",
        ge=-0.9, le=10,
    )  # fmt: skip
    top_down_share: float = setting(
        0.5, "Weight of the top-down spread against the bottom-up estimate", "share", ge=0, le=1
    )
    top_down_by: Literal["capacity", "last quota", "won"] = setting(
        "capacity", "What the target is spread by where lower levels have no target of their own"
    )
    bottom_up: BottomUpWeights = setting(BottomUpWeights(), "Weights of the bottom-up parts")
    certainty: float = setting(
        0.8, "Least probability that all reps together reach the target", "share", gt=0, lt=1
    )
    most_over: float = setting(1.6, "Largest over-assignment that is looked at", "x", gt=1, le=5)
    quota_response: float = setting(
        1.0, "How far attained amounts follow a higher quota: 1 in full, 0 not at all: an "
        "assumption", ge=0, le=1,
    )  # fmt: skip
    simulations: int = setting(4000, "Simulated years", ge=500, le=100_000)
    attainment_level: float = setting(
        0.85, "Attained share of ramped quota, where the past does not tell", "share", gt=0, le=3
    )
    rep_cv: float = setting(
        0.5, "Spread of a rep's attainment around its level, where the past does not tell: "
        "standard deviation / mean", ge=0, le=3,
    )  # fmt: skip
    common_cv: float = setting(
        0.08, "Spread that all reps share in a year, below four past years: standard deviation / "
        "mean", ge=0, le=2,
    )  # fmt: skip
    attainment_prior: float = setting(
        8.0, "Rep-years at which the past counts as much as its fallback", "rep-years", gt=0
    )
    stretch_high: float = setting(1.25, "Quota / bottom-up from which a quota is flagged", "x",
                                  gt=1)  # fmt: skip
    stretch_low: float = setting(0.8, "Quota / bottom-up below which a quota is flagged", "x", gt=0,
                                 lt=1)  # fmt: skip
    holdover_days: int = setting(
        30, "Days for which the old quota still counts after a change within the year", "days",
        ge=0, le=365,
    )  # fmt: skip
    gap_share: float = setting(
        0.02, "Top-down and bottom-up differ by more than this share of the target: a decision is "
        "asked for", "share", ge=0, le=1,
    )  # fmt: skip
