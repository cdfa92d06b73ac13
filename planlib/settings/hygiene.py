"""Settings of data checks: completeness and staleness of accounts, data rigour of deals."""

from __future__ import annotations

from pydantic import model_validator

from planlib.settings.base import Section, setting


class HygieneSettings(Section):
    """Thresholds of the data checks; all are judgements that the user may change."""

    account_stale_days: int = setting(
        365, "An account not checked for longer is stale", "days", ge=1
    )
    outlier_distance: float = setting(
        4.0,
        "Revenue per employee this far from the median is suspicious",
        "robust standard deviations",
        gt=0,
    )
    close_date_unchanged_days: int = setting(
        60, "An open deal's close date is stale when unchanged for longer", "days", ge=1
    )
    next_step_days: int = setting(
        21, "A next step is stale when unchanged for longer", "days", ge=1
    )
    activity_days: int = setting(
        14, "An open deal is silent without activity for longer", "days", ge=1
    )
    single_contact_amount: float = setting(
        100_000, "A deal of at least this amount needs more than one contact", "currency", ge=0
    )
    default_amount_share: float = setting(
        0.05,
        "An amount that at least this share of open deals has is a default",
        "share",
        gt=0,
        le=1,
    )
    push_limit: int = setting(
        3, "Pushes of the close date from which a deal is flagged", "pushes", ge=1
    )
    age_factor: float = setting(
        2.0, "A deal is old at this multiple of the usual age of won deals", "x", gt=0
    )
    late_probability: float = setting(
        0.5,
        "Probability from which a deal is late-stage and must not be omitted",
        "share",
        ge=0,
        le=1,
    )
    period_end_share: float = setting(
        0.5,
        "Share of an owner's deals closing on a quarter's last day that is suspicious",
        "share",
        gt=0,
        le=1,
    )
    good_share: float = setting(0.85, "Share of clean deals that is good", "share", ge=0, le=1)
    poor_share: float = setting(
        0.70, "Share of clean deals below which a forecast is not usable", "share", ge=0, le=1
    )
    minimum_deals: int = setting(10, "Fewer deals than this are shown in grey", "deals", ge=1)
    off: tuple[str, ...] = setting((), "Rules of data rigour that this organisation does not use")

    @model_validator(mode="after")
    def _ordered(self) -> HygieneSettings:
        if self.poor_share > self.good_share:
            raise ValueError("poor_share must not be above good_share")
        return self
