"""Settings of what people decide on territories: holdover, challenges, reviews, account teams."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from planlib.settings.base import Section, setting


class TerritoryDecisionsSettings(Section):
    """Rules around the plan of territories."""

    holdover_probability: float = setting(
        0.60, "Open deals at least this likely, or committed, stay with the old rep", "share",
        ge=0, le=1,
    )  # fmt: skip
    holdover_stages: tuple[str, ...] = setting(
        (), "Stages whose open deals stay with the old rep, by label; added to the probability"
    )
    holdover_close_days: int = setting(
        45, "Open deals that close within so many days of the change stay with the old rep", "days",
        ge=0,
    )  # fmt: skip
    holdover_days: int = setting(
        90, "Days from the change in which the old rep keeps such a deal", "days", ge=0
    )
    holdover_old_share: float = setting(
        1.0, "Credit of the old rep for a held deal that is won in that time; the rest is the new "
        "rep's", "share", ge=0, le=1,
    )  # fmt: skip
    challenge_order: Literal["date", "cost"] = setting(
        "date", "Order in which challenges are tried: oldest first, or cheapest for the plan first"
    )
    challenge_room: float = setting(
        0.05, "Where the tolerance of the plan is the tightest found: how much wider accepted "
        "challenges may make it", "share of the target", ge=0, le=1,
    )  # fmt: skip
    scorecard_days: int = setting(
        182, "Days after a decision on which it is judged; two quarters", "days", ge=30
    )
    least_accounts: int = setting(
        10, "Fewer accounts (or reps, in the history) than this are shown in grey", ge=2
    )
    top_account_share: float = setting(
        0.25, "Flag: one account holds more than this share of a territory", "share", gt=0, le=1
    )
    top_industry_share: float = setting(
        0.50, "Flag: one industry holds more than this share of a territory that is not usual "
        "among its peers", "share", gt=0, le=1,
    )  # fmt: skip
    top_region_share: float = setting(
        0.80, "Flag: one province or country holds more than this share of a territory that is not "
        "usual among its peers", "share", gt=0, le=1,
    )  # fmt: skip
    travel_ratio: float = setting(
        1.5, "Flag: mean distance above so many times the median of the peers", ge=1
    )
    changed_share: float = setting(
        0.30, "Flag: more than this share of a territory's accounts is new to its rep", "share",
        gt=0, le=1,
    )  # fmt: skip
    lost_acv_share: float = setting(
        0.20, "Flag: more than this share of a rep's ACV goes to others", "share", gt=0, le=1
    )
    history_years: int = setting(
        3, "Most years of the past in which imbalance is compared with outcomes", "years", ge=1
    )
    history_draws: int = setting(
        1000, "Shuffles and resamples behind intervals", ge=100, le=100_000
    )
    team_targets: int = setting(
        5, "Important targets of each rep: key accounts, then the largest by potential", ge=1
    )
    team_seats: tuple[str, ...] = setting(
        (
            "Account owner", "Executive sponsor", "Sales manager", "Solution consultant",
            "Product specialist", "Inside sales", "Customer success", "Professional services",
            "Marketing", "Legal and contracts", "Finance and pricing", "Partner manager",
        ),
        "Seats in the team of an important target; the executive sponsor is one of them",
        min_length=2,
    )  # fmt: skip
    team_sponsor_seat: str = setting(
        "Executive sponsor", "The seat of the executive sponsor, one of team_seats", min_length=1
    )
    team_roles: dict[str, str] = setting(
        {
            "AE": "Account owner", "manager": "Sales manager", "SVP": "Executive sponsor",
            "VP": "Executive sponsor", "PS": "Professional services", "SE": "Solution consultant",
            "Solution Consultant": "Solution consultant", "Specialist": "Product specialist",
            "BDR": "Inside sales", "SDR": "Inside sales", "ECS": "Customer success",
            "CSM": "Customer success", "Partner": "Partner manager",
        },
        "Seat of a colleague by role; capital letters do not matter",
    )  # fmt: skip
    contact_days: int = setting(
        180, "Window in which contact with a target counts, compared with the one before", "days",
        ge=7,
    )  # fmt: skip
    outlook_spread: float = setting(
        0.20, "A team agrees when its outlooks lie within this of each other", "share", ge=0, le=1
    )

    @field_validator("team_seats")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        folded = [seat.strip().casefold() for seat in value]
        if len(set(folded)) < len(folded) or "" in folded:
            raise ValueError("seats with a name, each once")
        return value
