"""Settings of support: what an expert's hour is worth where, and how the plan is searched."""

from __future__ import annotations

from typing import Literal

from planlib.settings.base import Section, setting


class SupportSettings(Section):
    """How scarce experts are given to projects."""

    near_weeks: int = setting(26, "Weeks that are planned week by week", "weeks", ge=1, le=104)
    far_months: int = setting(
        36, "Months from the as-of date until which longer projects are planned, by month",
        "months",
        ge=1, le=120,
    )  # fmt: skip
    place_rule: Literal["anywhere", "travel", "same_province"] = setting(
        "travel",
        "Whether experts work anywhere, need more hours elsewhere, or work in their province only",
    )
    travel_share: float = setting(
        0.15, "Hours that a request in another province needs beyond those at home", "share", ge=0,
        le=5,
    )  # fmt: skip
    key_account_factor: float = setting(
        1.2, "Strategic factor of requests of key accounts that name none", "x", ge=0, le=10
    )
    small_margin: float | None = setting(
        None,
        "Margin below which a request counts as one of a small account; blank: the lowest third "
        "of the requests of accounts that are not key",
        "currency",
        ge=0,
    )
    small_share: float = setting(
        0.1, "Share of all hours asked for that small accounts get at least, where a plan can",
        "share",
        ge=0, le=1,
    )  # fmt: skip
    odds_ratio: float = setting(
        1.5,
        "How much support raises the odds of winning: an assumption until enough closed projects "
        "with and without support are known",
        "x",
        ge=1,
        le=20,
    )
    deal_share: float = setting(
        0.5,
        "Share of the requests made before a deal that become one: an assumption until enough "
        "older requests are known",
        "share",
        ge=0,
        le=1,
    )
    deal_days: int = setting(
        180, "Days after which a request made before a deal, and naming none, counts as one that "
        "became none", "days", ge=1, le=1095,
    )  # fmt: skip
    minimum_cases: int = setting(
        5, "Won and lost, with and without support: fewer projects of a kind teach nothing",
        "projects",
        ge=2,
    )  # fmt: skip
    whole_requests: int = setting(
        120, "Up to so many requests the best plan is proven, else a good one with a bound",
        "requests",
        ge=0, le=2000,
    )  # fmt: skip
    effort: float = setting(
        1.0,
        "Work of the search as a multiple of the usual; work is counted, not timed, so that the "
        "same data give the same plan",
        "x",
        ge=0.05,
        le=100,
    )
    response_days: int = setting(
        5, "Working days within which a request should be answered", "days", ge=0, le=90
    )
