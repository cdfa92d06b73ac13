"""Settings of marketing sources and creation credit: windows, links, benchmarks of roles."""

from __future__ import annotations

from typing import Literal

from planlib.settings.base import Section, setting


class MarketingSettings(Section):
    """How marketing sources and creation credit are measured."""

    window_days: int = setting(
        365,
        "Days until the as-of date over which sources are measured beside the period: pipeline "
        "follows cost late, so a quarter alone says little",
        "days",
        ge=28,
        le=1461,
    )
    credit: Literal["first", "last", "even"] = setting(
        "even",
        "Credit that is shown: first touch, last touch, or split evenly over all touches; all "
        "three are written",
    )
    account_link_days: int = setting(
        0,
        "Days before a deal's creation within which a touch of its account alone, of no lead and "
        "no deal, counts for the deal; 0: never",
        "days",
        ge=0,
        le=730,
    )
    handover_days: int = setting(
        90,
        "Days after the hand-over to an account executive after which a deal that is not lost "
        "counts as kept",
        "days",
        ge=1,
        le=730,
    )
    handover_from: tuple[str, ...] = setting(
        ("BDR", "SDR"), "Creating roles that hand their deals over to another owner"
    )
    minimum_count: int = setting(
        20, "Leads or deals below which a share keeps its number and loses its colour", "rows", ge=1
    )
    known_share: float = setting(
        0.8,
        "Share of leads whose group must be known before their conversion is compared by it: a "
        "group that is filled in only on conversion would seem to convert best",
        "share",
        ge=0,
        le=1,
    )
