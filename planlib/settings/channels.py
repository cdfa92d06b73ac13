"""Settings of channels: personas by job title, what a response is, who owns the content."""

from __future__ import annotations

from typing import Literal

from planlib.settings.base import Section, setting

KnownPersona = Literal["c_level", "director", "manager", "staff"]

#: Personas by seniority, highest first.
PERSONAS = ("c_level", "director", "manager", "staff", "unknown")

#: Words of job titles by persona; those of plan.yaml come before them.
DEFAULT_TITLES: dict[str, tuple[str, ...]] = {
    "c_level": (
        "chief", "ceo", "cfo", "cio", "cto", "coo", "cdo", "cmo", "president", "owner", "founder",
        "managing director", "general manager", "董事长", "总裁", "总经理", "首席", "副总裁",
        "副总经理", "分管副总", "总工程师",
    ),
    "director": (
        "vp", "vice president", "director", "head of", "svp", "evp", "总监", "部长", "厂长", "院长",
    ),
    "manager": ("manager", "lead", "controller", "supervisor", "经理", "主任", "主管", "科长"),
    "staff": (
        "analyst", "engineer", "developer", "scientist", "administrator", "buyer", "coordinator",
        "consultant", "specialist", "assistant", "工程师", "采购员", "计划员", "专员", "技术员",
    ),
}  # fmt: skip


class ChannelsSettings(Section):
    """How channels are compared: personas by title, what a response is, who owns the content."""

    window_months: int = setting(
        24, "Months of activities and touches that count", "months", ge=1, le=120
    )
    title_words: dict[KnownPersona, tuple[str, ...]] = setting(
        {},
        "Further words of titles by persona, before the built-in ones; the longest word counts",
    )
    response_days: int = setting(
        14, "A contact responds when it comes to us within so many days of our outreach", "days",
        ge=1, le=365,
    )  # fmt: skip
    conversion_days: int = setting(
        90, "A deal created at the account within so many days counts as converted", "days", ge=1,
        le=730,
    )  # fmt: skip
    face_to_face: tuple[str, ...] = setting(
        ("visit", "event", "field event", "trade fair"), "Channels that are face to face"
    )
    remote: tuple[str, ...] = setting(
        ("call", "email", "message", "demo", "webinar", "paid search", "paid social", "website",
         "content syndication", "account-based ads"),
        "Channels that are remote; meetings may be either, and count for neither",
    )  # fmt: skip
    social: tuple[str, ...] = setting(
        ("message", "paid social", "social", "wechat", "微信"), "Channels that are social"
    )
    buyers: tuple[KnownPersona, ...] = setting(
        ("c_level", "director"), "Personas who decide on a purchase: the right buyers", min_length=1
    )
    answer_hours: float = setting(
        24.0, "A lead counts as answered in time within so many hours", "hours", gt=0, le=720
    )
    worked_months: int = setting(
        12, "A prospect counts as worked when a person reached out within so many months", "months",
        ge=1, le=60,
    )  # fmt: skip
    minimum_cases: int = setting(20, "A rate over fewer people or leads is grey", "cases", ge=1)
    confidence: float = setting(
        0.8, "Probability that intervals are given for", "share", ge=0.5, le=0.99
    )
    content_owners: dict[str, str] = setting(
        {}, "Who owns content, by segment, or by persona where the segment has none; blank: the "
        "owner of the segment",
    )  # fmt: skip
