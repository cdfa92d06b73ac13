"""Settings of lead routing and of the simulator that chooses its policy."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting

#: Policies that may route real leads, in the order of the lists.
POLICIES = (
    "best_ranked",
    "ranked_by_grade",
    "weighted",
    "round_robin",
    "least_loaded",
    "geography",
    "thompson",
    "strict_round_robin",
    "cherry_picking",
)
#: Policies that exist for comparison only.
COMPARED_ONLY = ("strict_round_robin", "cherry_picking")
CHAIN = ("account_owner", "named_account", "territory")
RULES = (*CHAIN, "policy")
_CLOCK = re.compile(r"([01]\d|2[0-3]):(00|15|30|45)")


Policy = Literal[
    "best_ranked", "ranked_by_grade", "weighted", "round_robin", "least_loaded", "geography",
    "thompson",
]  # fmt: skip


class RoutingSettings(Section):
    """Which rep gets a lead: the chain of rules, the policy, caps, working hours, grades."""

    policy: Policy = setting("best_ranked", "Policy for leads that no earlier rule has placed")
    unit_policies: dict[str, Policy] = setting(
        {},
        "Policy of single business units, where it differs; it decides straight after account "
        "owner and named account, over the whole unit; geography: within the territory",
    )
    chain: list[Literal["account_owner", "named_account", "territory"]] = setting(
        ["account_owner", "named_account", "territory"],
        "Rules before the policy, in this order; the first that finds a rep decides",
    )
    owner: str = setting("", "Who answers for these rules")
    version: str = setting("1", "Version of these rules")
    review_date: date | None = setting(None, "Day by which the rules are reviewed again")
    roles: list[str] = setting(["AE"], "Roles that get leads; all but managers where none has one")
    open_days: int = setting(
        30, "Leads without an answer that came within these days are routed", "days", ge=1, le=3660
    )
    work_start: str = setting("09:00", "Start of work in the rep's own time zone, by quarter hours")
    work_end: str = setting("17:30", "End of work in the rep's own time zone, by quarter hours")
    customer_start: str = setting("08:00", "From when on a customer may be called, local time")
    customer_end: str = setting("18:00", "Until when a customer may be called, local time")
    wait_hours: int = setting(
        72, "Longest wait for a rep who is not at work; later the lead goes to the catch-all",
        "hours", ge=1, le=336,
    )  # fmt: skip
    owner_wait_hours: int = setting(
        24, "Longest wait for the owner of an account; later the next rule decides", "hours",
        ge=1, le=336,
    )  # fmt: skip
    deadline_minutes: int = setting(
        60, "Time for the first answer, from when the rep is at work", "minutes", ge=5, le=20160
    )
    daily_cap: int | None = setting(25, "Most leads of a rep a day; blank: none", "leads", ge=1)
    open_cap: int | None = setting(
        None, "Most leads of a rep that wait for an answer; blank: none", "leads", ge=1
    )
    rule_caps: dict[str, int] = setting({}, "Most leads of a rep a day by rule, such as territory")
    grade_caps: dict[str, int] = setting({}, "Most leads of a rep a day by grade, such as A")
    ramp_days: int = setting(
        90, "Days after the first day in which a rep gets lower grades only", "days", ge=0, le=730
    )
    ramp_grades: list[str] = setting(["C", "D"], "Grades for new reps; unknown grades count as all")
    tier_weights: dict[str, float] = setting(
        {}, "Weight of a tier in policy weighted, by its name; 1 where a tier is not named"
    )
    floor_share: float = setting(
        0.1,
        "Share of the leads that goes to the rep who is due by turn, whatever the rank: floor for "
        "every rep in policies best_ranked, ranked_by_grade and thompson",
        ge=0,
        le=1,
    )
    skills: Literal["require", "off"] = setting(
        "require", "Whether a lead needs a rep with its industry or product, where some rep has it"
    )
    skill_synonyms: dict[str, str] = setting(
        {}, "Other words for a skill, industry or product: the word as written, then the main word"
    )
    units: Literal["require", "off"] = setting(
        "require",
        "Whether of the reps of a territory (of all where no territory is known) those of the "
        "lead's business unit are asked alone, where there is one: scores are ratios to peers, "
        "mostly of one unit",
    )
    languages: Literal["require", "off"] = setting(
        "require", "Whether a lead needs a rep who speaks its language, where both are known"
    )
    grade_shares: dict[str, float] = setting(
        {"A": 0.1, "B": 0.2, "C": 0.4, "D": 0.3}, "Share of the leads in each grade, best first"
    )
    match_cutoff: float = setting(
        94, "Likeness of names from which a lead belongs to an account", ge=50, le=100
    )
    review_cutoff: float = setting(
        84, "Likeness from which a person is asked whether it does", ge=50, le=100
    )
    duplicate_days: int = setting(
        30, "Days within which the same e-mail address is the same person", "days", ge=0, le=3660
    )
    score_target: Literal["won", "converted"] = setting(
        "converted", "What the lead score foretells; won falls back where few leads were won"
    )
    score_mature_days: int = setting(
        60, "Days after which a lead that did not convert counts as lost", "days", ge=1, le=730
    )
    score_left_out: list[str] = setting(
        [], "Columns that the score must not use, beside those that are known only afterwards"
    )
    closed_statuses: list[str] = setting(
        ["Converted", "Disqualified", "Duplicate", "Nurture", "No answer", "No show", "Deleted"],
        "Statuses of leads that need no answer any more",
    )
    credit_statuses: list[str] = setting(
        ["No show", "Duplicate", "Deleted"], "Statuses for which a rep gets the turn back"
    )

    @field_validator("work_start", "work_end", "customer_start", "customer_end")
    @classmethod
    def _quarter(cls, value: str) -> str:
        if not _CLOCK.fullmatch(value):
            raise ValueError("a time by quarter hours such as 09:00 or 17:30")
        return value

    @model_validator(mode="after")
    def _fits(self) -> RoutingSettings:
        problems = []
        if self.work_end <= self.work_start or self.customer_end <= self.customer_start:
            problems.append("routing: the end of work must come after its start")
        if abs(sum(self.grade_shares.values()) - 1) > 1e-6 or min(self.grade_shares.values()) < 0:
            problems.append("routing.grade_shares must be at least 0 and add up to 1")
        if self.unit_policies and self.units == "off":
            problems.append("routing.unit_policies needs routing.units: require")
        unknown = sorted(set(self.rule_caps) - set(RULES))
        if unknown:
            problems.append(
                f"routing.rule_caps: {', '.join(unknown)} is none of {', '.join(RULES)}"
            )
        strange = sorted((set(self.grade_caps) | set(self.ramp_grades)) - set(self.grade_shares))
        if strange:
            problems.append(f"routing: {', '.join(strange)} is no grade of routing.grade_shares")
        if any(cap < 1 for cap in (*self.rule_caps.values(), *self.grade_caps.values())):
            problems.append("routing: a cap is at least 1")
        if self.tier_weights and (
            min(self.tier_weights.values()) < 0 or max(self.tier_weights.values()) <= 0
        ):
            problems.append("routing.tier_weights must be at least 0, and one above 0")
        if self.review_cutoff > self.match_cutoff:
            problems.append("routing.review_cutoff must not be above routing.match_cutoff")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class SimulatorSettings(Section):
    """What the simulator of routing policies assumes."""

    policies: list[str] = setting(
        ["geography", "strict_round_robin", "round_robin", "cherry_picking", "raw_rank",
         "best_ranked", "ranked_by_grade", "thompson", "true_skill"],
        "Policies to compare",
    )  # fmt: skip
    seeds: int = setting(20, "Sources of chance, the same for every policy", ge=2, le=1000)
    days: int = setting(91, "Days that are simulated", "days", ge=14, le=730)
    leads_per_rep_day: float | None = setting(
        None, "Leads for each rep a day; blank: as in the own history, else 2.5", ge=0.1, le=100
    )
    reps: int | None = setting(None, "Reps; blank: those who get leads, else 24", ge=2, le=5000)
    win_rate: float | None = setting(
        None, "Win rate of an average lead with an average rep, answered at once; blank: as in the "
        "own history, else 0.2", gt=0, lt=1,
    )  # fmt: skip
    skill_sd: float = setting(
        0.35, "Spread of skill over reps: standard deviation of log odds", ge=0, le=3
    )
    quality_sd: float = setting(
        0.7, "Spread of quality over leads: standard deviation of log odds", ge=0, le=3
    )
    score_noise_sd: float = setting(
        0.7, "How far the lead score misses the quality: standard deviation of log odds", ge=0, le=5
    )
    outcome: Literal["logit", "additive", "multiplicative"] = setting(
        "logit", "How quality and skill make the chance to win"
    )
    half_life_hours: float = setting(
        8.0, "Hours of waiting that halve the part of the chance that decays", "hours", gt=0, le=1e6
    )
    lasting_share: float = setting(
        0.6, "Part of the chance that waiting does not touch; 1: no decay", ge=0, le=1
    )
    absence_share: float | None = setting(
        None, "Share of working days away; blank: as in availability, else 0.12", ge=0, le=0.9
    )
    work_minutes: int = setting(45, "Work on a lead, spare capacity", "minutes", ge=1, le=2400)
    tight_work_minutes: int | None = setting(
        None, "Work on a lead, tight capacity; blank: so much that leads fill tight_load",
        "minutes", ge=1, le=20160,
    )  # fmt: skip
    tight_load: float = setting(
        0.9, "Share of the working time of all reps that leads fill, tight capacity", "share", gt=0,
        le=2,
    )  # fmt: skip
    pick_delay_minutes: int = setting(
        120, "Wait of a lead that reps leave lying when they pick", "minutes", ge=0, le=10080
    )
    review_days: int = setting(7, "Days between two reviews of the ranks", "days", ge=1, le=92)
    acv: float | None = setting(
        None, "ACV of a win; blank: mean of deals won from leads, else 10,000", gt=0
    )
    floors: list[float] = setting(
        [0.0, 0.1, 0.25, 0.5], "Floor shares whose cost is shown for policy best_ranked"
    )
    shock_share: float = setting(0.3, "Share of wins that a region loses in a shock", ge=0, le=1)
    band: float = setting(0.2, "Distance from peers at which a tier changes", gt=0, le=1)
    confidence: float = setting(
        0.9, "Certainty that the guarded rule asks for before a tier changes", ge=0.5, lt=1
    )

    @field_validator("policies")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        known = (*POLICIES, "raw_rank", "true_skill")
        unknown = [one for one in value if one not in known]
        if unknown or not value or len(set(value)) < len(value):
            raise ValueError(f"each policy once; known: {', '.join(known)}")
        return value

    @field_validator("floors")
    @classmethod
    def _shares(cls, value: list[float]) -> list[float]:
        if not value or min(value) < 0 or max(value) > 1:
            raise ValueError("shares from 0 to 1")
        return value
