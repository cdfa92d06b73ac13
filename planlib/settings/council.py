"""Settings of the council: the rule of the colours, causes, catalogue of actions, attendance."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting
from planlib.settings.pipeline import CUT_NAMES

CauseName = Literal[
    "thin_start",
    "too_little_generated",
    "pushed_out",
    "lost_more",
    "low_conversion",
    "late_stage_stuck",
]
EffectName = Literal["generated", "won"]

#: Causes that can be computed.
CAUSES: tuple[str, ...] = get_args(CauseName)


class CouncilAction(Section):
    """One kind of action that a council can take, with what it costs and what it should do."""

    key: str = setting("", "Short name, such as spiff; stored in the log", min_length=1)
    title: str = setting("", "Name that people read; blank: the key")
    unit: str = setting("", "What one unit is, such as one dinner")
    unit_cost: float = setting(0.0, "Cost of one unit in the plan's currency", ge=0)
    most_units: int = setting(1, "Most units that are suggested at once", ge=1)
    unit_deals: int | None = setting(
        None,
        "Deals that one unit takes care of, such as ten in one review: a suggestion has no more "
        "units than the deals behind its cause need; blank: no such limit",
        "deals", ge=1,
    )  # fmt: skip
    effect: EffectName = setting("generated", "What it raises: pipeline generated, or amount won")
    effect_multiple: float = setting(
        1.0, "Expected effect for each unit of money spent: an assumption until the log tells",
        "x", ge=0,
    )  # fmt: skip
    weeks: int = setting(4, "Weeks until the effect can be seen", "weeks", ge=1, le=52)
    causes: tuple[CauseName, ...] = setting((), "Causes against which it is suggested")


_CATALOGUE = (
    CouncilAction(
        key="spiff", title="SPIFF for deals won this period", unit="one team for one month",
        unit_cost=12_000, most_units=3, effect="won", effect_multiple=4, weeks=4,
        causes=("pushed_out", "late_stage_stuck", "low_conversion"),
    ),
    CouncilAction(
        key="enablement", title="Enablement: competitor and demo training",
        unit="one day for one team", unit_cost=6_000, most_units=4, effect="won",
        effect_multiple=5, weeks=6, causes=("lost_more", "low_conversion"),
    ),
    CouncilAction(
        key="prospect_dinners", title="Prospect dinners", unit="one dinner with ten guests",
        unit_cost=5_000, most_units=6, effect="generated", effect_multiple=12, weeks=4,
        causes=("thin_start", "too_little_generated", "late_stage_stuck"),
    ),
    CouncilAction(
        key="paid_media", title="Paid media budget", unit="one month of one campaign",
        unit_cost=20_000, most_units=5, effect="generated", effect_multiple=8, weeks=6,
        causes=("thin_start", "too_little_generated"),
    ),
    CouncilAction(
        key="deal_review", title="Deal review with a sponsor from the leadership",
        unit="one review of ten deals", unit_cost=1_500, most_units=4, unit_deals=10, effect="won",
        effect_multiple=10, weeks=3, causes=("pushed_out", "late_stage_stuck", "lost_more"),
    ),
)  # fmt: skip


class CouncilSettings(Section):
    """How cells are coloured, what is proposed for them, and how effects are read."""

    minimum_deals: int = setting(
        5, "A cell with fewer deals, won or open in the period, is grey", "deals", ge=1
    )
    linear_band: float = setting(
        0.15,
        "Without a past to learn the usual pace from: how far behind a straight line by working "
        "days a cell may be before it counts as below, as a share of the target",
        "share",
        ge=0,
        le=1,
    )
    final_share: float = setting(
        0.95,
        "Once a period is over: share of the target from which a missed cell is yellow, not red",
        "share",
        ge=0,
        le=1,
    )
    colour_weeks: int = setting(
        52, "Weeks for which colours are recomputed as they were known then", "weeks", ge=1, le=260
    )
    past_periods: int = setting(
        4, "Past periods with which the moves of a cell are compared", "periods", ge=1, le=12
    )
    late_probability: float = setting(
        0.5, "Probability from which an open deal counts as late stage", "share", gt=0, le=1
    )
    stuck_quantile: float = setting(
        0.8,
        "A late deal is stuck when it has been longer in its stage than this share of the deals "
        "that were won later",
        "share",
        gt=0,
        lt=1,
    )
    cause_share: float = setting(
        0.05, "Causes with a smaller effect, as a share of the cell's gap, are not named", "share",
        ge=0, le=1,
    )  # fmt: skip
    cause_deals: int = setting(8, "Deals named behind each cause of a cell", "deals", ge=1, le=50)
    due_days: int = setting(14, "Days until a suggested action is due", "days", ge=1, le=180)
    effect_weeks: int = setting(
        4, "Weeks after which colours and effects of an action are compared", "weeks", ge=1, le=13
    )
    minimum_cases: int = setting(
        5, "Actions or cells below which an effect or a share is shown in grey", ge=2
    )
    functions: tuple[str, ...] = setting(
        ("sales", "product", "marketing", "operations"),
        "Functions that must be present in a council",
    )
    owners: dict[str, dict[str, str]] = setting(
        {}, "Who answers for a cell, by cut and cell: a rep_id, or a name; a segment that is left "
        "out has the owner of segmentation.segment_owners, another cell the manager with most of "
        "its amount",
    )  # fmt: skip
    actions: tuple[CouncilAction, ...] = setting(
        _CATALOGUE, "Catalogue of actions; a list here replaces the standard one"
    )

    @property
    def titles(self) -> dict[str, str]:
        """Names of actions that people read, by key."""
        return {one.key: one.title for one in self.actions if one.title}

    @field_validator("functions")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value) or not all(one.strip() for one in value):
            raise ValueError("each function once, none blank")
        return value

    @field_validator("owners")
    @classmethod
    def _cuts(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        unknown = sorted(set(value) - {"total", *CUT_NAMES})
        if unknown:
            known = ", ".join(("total", *CUT_NAMES))
            raise ValueError(f"there is no cut '{unknown[0]}'; cuts are {known}")
        return value

    @model_validator(mode="after")
    def _keys(self) -> CouncilSettings:
        keys = [action.key for action in self.actions]
        double = sorted({key for key in keys if keys.count(key) > 1})
        if double:
            raise ValueError(f"council.actions: key {', '.join(double)} stands twice")
        return self
