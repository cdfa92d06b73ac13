"""Settings of the pipeline: cuts and period of the performance matrix, small cells, colours."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator

from planlib.settings.base import Section, each_once, setting

CutName = Literal[
    "product_family",
    "region",
    "segment",
    "source",
    "creator_role",
    "deal_type",
    "manager",
    "owner",
    "account_owner",
    "unit",
    "product",
    "industry",
    "country",
]

#: Cuts by which deals can be grouped.
CUT_NAMES: tuple[str, ...] = get_args(CutName)


class PipelineSettings(Section):
    """How the pipeline is measured."""

    cuts: tuple[CutName, ...] = setting(
        ("product_family", "region", "segment", "source", "creator_role", "deal_type", "manager"),
        "Cuts of the performance matrix; the first four are shown, all are written",
    )
    two_way: tuple[CutName, ...] = setting(
        (), "Two cuts that are crossed in one more table; blank: none"
    )
    coverage_cut: CutName = setting(
        "deal_type",
        "Cut by which coverage is shown: new business, expansion and renewal need different "
        "coverage; where it has no targets, the first cut that has",
    )
    target_spread: Literal["none", "prior_acv", "equal", "capacity"] = setting(
        "none",
        "How a target that is not set in a cut is spread over its cells: not at all, by their "
        "closed ACV of the whole year-earlier period, equally, or by selling hours of the reps",
    )
    prior_basis: Literal["reported", "restated"] = setting(
        "reported",
        "Year before that changes are shown against: as reported then, or restated to today's "
        "territories; both are written",
    )
    period_kind: Literal["quarter", "month", "year", "cycle"] = setting(
        "quarter",
        "Period that is measured: the one of this kind around the as-of date, or the cycle itself",
    )
    periods_ahead: int = setting(
        1, "Later periods whose target and open pipeline are shown as well", "periods", ge=0, le=8
    )
    minimum_deals: int = setting(
        5, "A cell with fewer deals keeps its numbers and loses its colour", "deals", ge=1
    )
    snapshot_age_days: int = setting(
        10, "Oldest snapshot that still tells what was known on a day", "days", ge=0
    )
    cycle_share: float = setting(
        0.9,
        "Share of closed deals whose cycle must fit between the first deal created and a "
        "period's start; else the period's win rate is marked as truncated",
        "share",
        gt=0,
        lt=1,
    )
    change_band: float = setting(
        0.05, "Change on the year before within which a figure keeps no colour", "share", ge=0
    )
    coverage_floor: float = setting(
        1.0, "Coverage below which the target is missed even if every open deal is won", "x", ge=0
    )
    coverage_goal: float = setting(
        3.0,
        "Coverage that is enough: a rule of thumb, replace it by your own conversion",
        "x",
        gt=0,
    )
    weeks: int = setting(
        26, "Weeks of open pipeline that are kept as a series", "weeks", ge=1, le=260
    )
    attention_deals: int = setting(
        10, "Deals named with the largest effect on the gap to target", "deals", ge=1, le=100
    )

    _once = field_validator("cuts")(each_once("each cut once"))

    @field_validator("two_way")
    @classmethod
    def _two(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value and len(set(value)) != 2:
            raise ValueError("two different cuts, or none")
        return value
