"""Settings of closeness: what counts as contact, how it is scored, when the count is trusted."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator

from planlib.settings.base import Section, check_weights, rescaled, setting

Part = Literal["recency", "frequency", "reciprocity", "depth"]
#: Parts of the automatic score of a contact.
PARTS: tuple[Part, ...] = get_args(Part)


class ClosenessSettings(Section):
    """How close we are to the people who decide, counted from the records and rated by people."""

    weights: dict[Part, float] = setting(
        {"recency": 0.35, "frequency": 0.3, "reciprocity": 0.15, "depth": 0.2},
        "Weight of each part in the automatic score of a contact; rescaled to sum to 1",
    )
    half_life_days: float = setting(
        45.0, "Days after which a last contact counts half", "days", gt=0
    )
    window_days: int = setting(
        90, "Days over which contacts are counted for frequency, reciprocity and depth", "days",
        ge=7, le=730,
    )  # fmt: skip
    target_count: int = setting(
        6, "Contacts in the window from which frequency is full", "contacts", ge=1
    )
    target_depth: float = setting(
        3.0, "Sum of the depth of the contacts in the window from which depth is full", "", gt=0
    )
    depths: dict[str, float] = setting(
        {"visit": 1.0, "meeting": 1.0, "demo": 0.8, "event": 0.6, "call": 0.5, "message": 0.2,
         "email": 0.2},
        "Depth of one contact by kind of activity; kinds that are not named are no contact",
    )  # fmt: skip
    two_way: tuple[str, ...] = setting(
        ("visit", "meeting", "demo"),
        "Kinds in which both sides speak: each counts once in either direction",
    )
    complaint_topics: tuple[str, ...] = setting(
        ("complaint", "escalation", "投诉"), "Topics whose traffic is not closeness"
    )
    mass_contacts: int = setting(
        10,
        "A mail or message that one person sent on one day to at least this many contacts under "
        "one topic is mass mail",
        "contacts",
        ge=2,
    )
    thread_score: float = setting(
        30.0, "A contact with at least this automatic score is a thread", "0 to 100", ge=0, le=100
    )
    level_power: dict[str, float] = setting(
        {"executive": 0.5, "manager": 0.3, "staff": 0.15, "unknown": 0.1},
        "Decision power by level, where an account has no seats in table stakeholders",
    )
    champion_attitude: int = setting(
        1, "A seat with at least this attitude is a champion", "-2 to 2", ge=-2, le=2
    )
    silence_days: int = setting(
        30, "Days without contact after which a champion counts as silent", "days", ge=1
    )
    dependence_share: float = setting(
        0.8, "Share of one of our people in the contacts from which dependence is said", "share",
        gt=0, le=1,
    )  # fmt: skip
    dependence_count: int = setting(
        8, "Contacts in the window below which dependence is not judged", "contacts", ge=1
    )
    fall_points: float = setting(
        15.0, "A fall of the automatic score over three months from which it is said", "points",
        gt=0,
    )  # fmt: skip
    logging_weeks: int = setting(
        13, "Weeks over which the logging of a rep is looked at", "weeks", ge=4, le=53
    )
    logging_contacts: int = setting(
        2, "A week counts as logged with at least this many contacts by hand", "contacts", ge=1
    )
    logging_days: int = setting(
        60, "A deal counts as logged with a contact in the account this long before it closed",
        "days", ge=1,
    )  # fmt: skip
    logging_deals: int = setting(
        4, "Closed deals below which a rep is judged by weeks alone", "deals", ge=1
    )
    minimum_logging: float = setting(
        0.6,
        "Logging coverage of the owner below which the automatic part stays blank and silence is "
        "not said",
        "share",
        ge=0,
        le=1,
    )
    rating_days: int = setting(
        190, "A rating of closeness counts for this long", "days", ge=1
    )  # fmt: skip
    factor_days: int = setting(
        365, "A record of what moves a seat (visible and hidden factors) counts as fresh for this "
        "long", "days", ge=1,
    )  # fmt: skip
    trend_months: int = setting(
        24, "Month ends for which closeness is counted again", "months", ge=4, le=60
    )
    project_days: int = setting(
        90, "Days after the contract when closeness is compared with before", "days", ge=1
    )

    _weights = field_validator("weights")(check_weights)

    @field_validator("depths")
    @classmethod
    def _depths(cls, value: dict[str, float]) -> dict[str, float]:
        if not value or any(not 0 <= depth <= 1 for depth in value.values()):
            raise ValueError("depths from 0 to 1, at least one")
        return value

    def shares(self) -> dict[str, float]:
        """Give the weights rescaled to sum to 1; a part that is not named weighs 0."""
        return rescaled(self.weights, PARTS)
